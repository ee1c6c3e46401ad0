//! How a text can be read: as it stands, and as it is shown once Markdown and HTML have been taken for what they mean.
//!
//! Knows what is invisible and what markup leaves behind. Knows no credential.

use unicode_normalization::UnicodeNormalization as _;

use super::super::inert::BREAK;

/// Longest tag, target of a link or name of a character that is looked at as a whole.
const MARKUP_MAX: usize = 500;

/// Longest comment that is taken for one, in bytes.
const COMMENT_MAX: usize = 16_384;

/// A text in every way in which it may be read.
pub(super) struct Readings {
    /// As it stands, with what is invisible taken away; then as Markdown, if that differs.
    pub(super) plain: Vec<String>,
    /// As Markdown, without any underscore: between words they are emphasis.
    pub(super) bare: Option<String>,
}

/// Reads a text.
pub(super) fn of(text: &str) -> Readings {
    let composed: String = if text.is_ascii() { text.to_owned() } else { text.nfkc().collect() };
    let visible: String = composed.chars().filter(|c| !is_invisible(*c)).collect();
    let mut plain = vec![visible];
    // What is invisible may also be what keeps two words apart.
    if composed.chars().any(|c| is_invisible(c) && c != BREAK) {
        plain.push(composed.chars().map(|c| if is_invisible(c) { ' ' } else { c }).collect());
    }
    let shown = shown(&composed);
    let bare = shown.contains('_').then(|| shown.replace('_', ""));
    if !plain.contains(&shown) {
        plain.push(shown);
    }
    Readings { plain, bare }
}

/// Whether a character is not seen where text is shown: controls, what has no width, what turns the direction of text or
/// chooses a glyph, tags, and fillers (Unicode, `Default_Ignorable_Code_Point`).
fn is_invisible(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        c if c.is_control() => true,
        c => matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'),
    }
}

/// The text that Markdown shows: no emphasis, no code marks, no comments, no tags, no targets of links, and every escape
/// and character reference in its meaning.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (meant, length) = match c {
            '<' => tag(rest),
            '&' => reference(rest),
            '\\' => escape(rest),
            '%' => percent(rest),
            '*' | '`' | '[' => (Meant::Nothing, 1),
            ']' => (Meant::Nothing, 1 + target(rest.get(1..).unwrap_or_default())),
            '~' if rest.starts_with("~~") => (Meant::Nothing, 2),
            c => (Meant::Char(c), c.len_utf8()),
        };
        if let Meant::Char(c) = meant
            && !is_invisible(c)
        {
            out.push(c);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// What a piece of markup stands for.
enum Meant {
    Nothing,
    Char(char),
}

/// A comment or a tag at the beginning of a text is not shown; an address in angle brackets is.
fn tag(text: &str) -> (Meant, usize) {
    if text.starts_with("<!--")
        && let Some(end) = text.get(..COMMENT_MAX).unwrap_or(text).find("-->")
    {
        return (Meant::Nothing, end + 3);
    }
    let begins = text.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    match enclosed(text, '<', '>').filter(|inner| begins && !inner.contains("://") && !inner.contains('@')) {
        // Cells of a table stand apart.
        Some(inner) if ["td", "th"].iter().any(|cell| inner.to_ascii_lowercase().starts_with(cell)) => {
            (Meant::Char('|'), inner.len() + 2)
        }
        Some(inner) => (Meant::Nothing, inner.len() + 2),
        None => (Meant::Char('<'), 1),
    }
}

/// What stands between a pair of brackets with which a text begins, on one line and not too long.
fn enclosed(text: &str, open: char, close: char) -> Option<&str> {
    let inner = text.strip_prefix(open)?;
    let end = inner.char_indices().take(MARKUP_MAX).find(|(_, c)| *c == close || *c == open || *c == '\n');
    end.filter(|(_, c)| *c == close).and_then(|(end, _)| inner.get(..end))
}

/// How long the target of a link is that a text begins with.
fn target(text: &str) -> usize {
    let target = enclosed(text, '(', ')').or_else(|| enclosed(text, '[', ']'));
    target.map_or(0, |inner| inner.len() + 2)
}

/// A backslash before punctuation is not shown; before the end of a line it joins two lines.
fn escape(text: &str) -> (Meant, usize) {
    match text.chars().nth(1) {
        Some('\n') => (Meant::Nothing, 2),
        Some(c) if c.is_ascii_punctuation() => (Meant::Char(c), 2),
        Some(_) | None => (Meant::Char('\\'), 1),
    }
}

/// A character as addresses write it, such as `%5F`.
fn percent(text: &str) -> (Meant, usize) {
    let code = text.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    match code.filter(u8::is_ascii_graphic) {
        Some(code) => (Meant::Char(char::from(code)), 3),
        None => (Meant::Char('%'), 1),
    }
}

/// A character by its number or its name, such as `&#45;`.
fn reference(text: &str) -> (Meant, usize) {
    let name = text.get(1..).unwrap_or_default().chars();
    let name: String = name.take(24).take_while(|c| c.is_ascii_alphanumeric() || *c == '#').collect();
    let is_ended = text.get(1 + name.len()..).is_some_and(|rest| rest.starts_with(';'));
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    });
    let named = || NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
    match number.and_then(char::from_u32).or_else(named).filter(|_| is_ended) {
        Some(c) => (Meant::Char(c), name.len() + 2),
        None => (Meant::Char('&'), 1),
    }
}

/// Names of characters that may stand within a credential, or be put into one (HTML, named character references).
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("lowbar", '_'),
    ("UnderBar", '_'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("period", '.'),
    ("colon", ':'),
    ("equals", '='),
    ("plus", '+'),
    ("sol", '/'),
    ("commat", '@'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("excl", '!'),
    ("ast", '*'),
    ("nbsp", ' '),
    ("shy", '\u{AD}'),
    ("zwj", '\u{200D}'),
    ("zwnj", '\u{200C}'),
    ("ZeroWidthSpace", '\u{200B}'),
    ("NoBreak", '\u{2060}'),
];
