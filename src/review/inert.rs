//! Foreign text made harmless: it shows what it says and does nothing.
//!
//! Knows which characters act on a reader or on a tracker. Knows nothing of where the text goes; renderers add their own escaping.

/// Text for people in which nothing is hidden: control characters and those that reorder or hide text are spelled out.
///
/// Line breaks and tabs become blanks, because every use of this is one line.
pub fn visible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => clean.push(' '),
            c if acts_on_readers(c) || hides(c) => clean.push_str(&format!("[U+{:04X}]", c as u32)),
            c => clean.push(c),
        }
    }
    clean
}

/// Whether a character does something where it is shown: control characters, and those that reorder what follows.
pub fn acts_on_readers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Zero-width characters, and tags that smuggle text past a reader.
fn hides(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}
