//! In which encoding a page says that it is.
//!
//! Knows the names of encodings as the Encoding Standard of WHATWG lists them. Anything but UTF-8 is read only where it is declared.

use std::borrow::Cow;

/// How much of a page is looked at, in bytes; browsers look at 1,024.
const BEGINNING: usize = 4 << 10;

/// The characters of Windows-1252 from 0x80 to 0x9F; the others are those of Unicode.
const UPPER: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2C6}',
    '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}', '\u{90}', '\u{2018}',
    '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2DC}', '\u{2122}', '\u{161}',
    '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
];
/// Names that mean Windows-1252.
const WESTERN: [&str; 12] = [
    "windows-1252",
    "cp1252",
    "x-cp1252",
    "iso-8859-1",
    "iso8859-1",
    "iso_8859-1",
    "iso88591",
    "latin1",
    "latin-1",
    "l1",
    "us-ascii",
    "ascii",
];
/// Names that leave a text as it is: UTF-8, and UTF-16, which a text with readable tags cannot be in.
const UNICODE: [&str; 8] =
    ["utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8", "utf-16", "utf-16le", "utf-16be", "unicode"];

/// What a page's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum Encoded<'a> {
    /// Text in an encoding that is declared and is not UTF-8.
    Text(String),
    /// Anything that is read as every other file: UTF-8 and UTF-16 with its mark.
    AsEver,
    /// Text in an encoding of this name, which is not read.
    Foreign(Cow<'a, str>),
}

/// Tells how the bytes of a page are encoded.
pub(in crate::source) fn decode(bytes: &[u8]) -> Encoded<'_> {
    if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) || std::str::from_utf8(bytes).is_ok() {
        return Encoded::AsEver;
    }
    match declared(bytes) {
        None => Encoded::AsEver,
        Some(name) if UNICODE.contains(&name.as_str()) => Encoded::AsEver,
        Some(name) if WESTERN.contains(&name.as_str()) => Encoded::Text(bytes.iter().map(western).collect()),
        Some(name) => Encoded::Foreign(Cow::Owned(name)),
    }
}

/// Bytes as Windows-1252, where they can be that: they are no UTF-8, not even in part, and each of them is a character.
pub(in crate::source) fn as_western(bytes: &[u8]) -> Option<String> {
    let unused = |byte: &u8| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D | 0);
    let mixed =
        String::from_utf8_lossy(bytes).contains(|c: char| !c.is_ascii() && c != char::REPLACEMENT_CHARACTER);
    let utf16 = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    (!mixed && !utf16 && !bytes.iter().any(unused)).then(|| bytes.iter().map(western).collect())
}

fn western(byte: &u8) -> char {
    match byte.checked_sub(0x80).and_then(|upper| UPPER.get(usize::from(upper))) {
        Some(character) => *character,
        None => char::from(*byte),
    }
}

/// The encoding that a page names: `<meta charset="…">`, `content="text/html; charset=…"`, or `<?xml encoding="…"?>`.
fn declared(bytes: &[u8]) -> Option<String> {
    let beginning = bytes.get(..bytes.len().min(BEGINNING))?;
    let text = String::from_utf8_lossy(beginning).to_ascii_lowercase();
    let named = |label: &str, tag: &str| {
        let mut from = 0;
        while let Some(found) = text.get(from..)?.find(tag) {
            let start = from + found;
            let rest = text.get(start..)?;
            let whole = rest.get(..rest.find('>').unwrap_or(rest.len()))?;
            if let Some((_, value)) = whole.split_once(label) {
                let value = value.trim_start().strip_prefix('=')?.trim_start_matches([' ', '"', '\'']);
                let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.:".contains(c));
                return value.get(..end.unwrap_or(value.len())).map(str::to_owned);
            }
            from = start + tag.len();
        }
        None
    };
    named("charset", "<meta").or_else(|| named("encoding", "<?xml")).filter(|name| !name.is_empty())
}
