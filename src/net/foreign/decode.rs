//! Taking the disguise off a text that somebody else repeats: escapes of JSON, addresses and HTML, and what is invisible.
//!
//! Knows notations.

use crate::review::inert::is_harmful;

/// How often a text may have been wrapped.
const LAYERS: usize = 3;

/// The text as somebody meant it, on one line.
pub(super) fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..LAYERS {
        let next = once(&text);
        if next == text {
            break;
        }
        text = next;
    }
    let one_line = text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c });
    one_line.filter(|c| !is_harmful(*c)).collect()
}

fn once(text: &str) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let known = match c {
            '\\' => escape(rest),
            '%' => percent(rest),
            '&' => reference(rest),
            _ => None,
        };
        let mut plain = [0; 4];
        match known {
            Some((Meant::Byte(byte), length)) => {
                out.push(byte);
                rest = rest.get(length..).unwrap_or_default();
            }
            Some((Meant::Char(c), length)) => {
                out.extend_from_slice(c.encode_utf8(&mut plain).as_bytes());
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                out.extend_from_slice(c.encode_utf8(&mut plain).as_bytes());
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

enum Meant {
    Byte(u8),
    Char(char),
}

/// JSON: `\n`, `\"`, `\u002d`.
fn escape(text: &str) -> Option<(Meant, usize)> {
    let c = match text.chars().nth(1)? {
        'n' | 'r' | 't' => ' ',
        c @ ('"' | '\\' | '/') => c,
        'u' => {
            let code = u32::from_str_radix(text.get(2..6)?, 16).ok()?;
            // Half of a pair is nothing for people.
            return Some((Meant::Char(char::from_u32(code).unwrap_or(' ')), 6));
        }
        _ => return None,
    };
    Some((Meant::Char(c), 2))
}

/// Addresses: `%2D`, a byte of UTF-8.
fn percent(text: &str) -> Option<(Meant, usize)> {
    let digits = text.get(1..3).filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()))?;
    Some((Meant::Byte(u8::from_str_radix(digits, 16).ok()?), 3))
}

/// HTML: `&#45;`, `&quot;`.
fn reference(text: &str) -> Option<(Meant, usize)> {
    let name: String = text.chars().skip(1).take(10).take_while(|c| *c != ';').collect();
    let c = match name.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    text.get(name.len() + 1..)?.starts_with(';').then_some((Meant::Char(c), name.len() + 2))
}
