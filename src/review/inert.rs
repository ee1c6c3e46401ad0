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

/// Whether a character acts on readers or hides from them: neither trackers nor machines are handed it as it is.
pub fn is_harmful(c: char) -> bool {
    acts_on_readers(c) || hides(c)
}

/// A text without what acts on readers or hides from them; lines and columns stay.
pub fn without_harm(text: &str) -> String {
    let next = text.chars().skip(1).map(Some).chain([None]);
    let stays = |(c, next): &(char, Option<char>)| match c {
        '\n' | '\t' => true,
        '\r' => *next == Some('\n'),
        c => !is_harmful(*c),
    };
    text.chars().zip(next).filter(stays).map(|(c, _)| c).collect()
}

/// JSON in which every such character is an escape. In JSON they stand within strings only, where an escape means the
/// same.
pub fn escaped_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if is_harmful(c) && !matches!(c, '\n' | '\t' | '\r') {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Zero-width characters, fillers that show nothing, and tags that smuggle text past a reader.
fn hides(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{3164}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}' | '\u{FE00}'..='\u{FE0D}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A web address as the target of a Markdown link, out of which nothing breaks; none when it is no web address.
///
/// It is the security team's own, so it stays a link whatever it leads to.
pub fn address(url: &str) -> Option<String> {
    let (scheme, _) = url.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let mut safe = String::with_capacity(url.len());
    for c in url.trim().chars() {
        if c.is_whitespace() || is_harmful(c) || "()<>[]{}|\"\\`".contains(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                safe.push_str(&format!("%{byte:02X}"));
            }
        } else {
            safe.push(c);
        }
    }
    Some(safe)
}
