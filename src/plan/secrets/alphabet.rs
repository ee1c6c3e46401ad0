//! The alphabets and check digits of credentials.
//!
//! Knows characters and sums. Knows no maker.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

/// Capitals and digits.
pub(super) fn upper(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

/// Small letters and digits.
pub(super) fn lower(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Letters and digits.
pub(super) fn alnum(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// Hexadecimal digits in small letters.
pub(super) fn hex(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

/// Base64 for addresses.
pub(super) fn word(c: char) -> bool {
    alnum(c) || matches!(c, '_' | '-')
}

/// Several parts of [`word`].
pub(super) fn dotted(c: char) -> bool {
    word(c) || c == '.'
}

/// Base64 of either kind, with its filling, also as addresses write it.
pub(super) fn based(c: char) -> bool {
    word(c) || matches!(c, '+' | '/' | '=' | '%')
}

/// Capitals, digits and hyphens.
pub(super) fn grouped(c: char) -> bool {
    upper(c) || c == '-'
}

/// Parts of the path of an address.
pub(super) fn path(c: char) -> bool {
    dotted(c) || matches!(c, '/' | '@')
}

/// Whether there is a digit as well as a letter.
pub(super) fn is_mixed(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit()) && text.chars().any(|c| c.is_ascii_alphabetic())
}

/// What base64 of either kind, with or without its filling, holds.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=').as_bytes();
    // What ends in the middle of a group still says what came before.
    let whole = bare.get(..bare.len() - bare.len() % 4)?;
    let lenient =
        |bytes: &[u8]| BASE64_NOPAD.decode(bytes).ok().or_else(|| BASE64URL_NOPAD.decode(bytes).ok());
    lenient(bare).or_else(|| lenient(whole))
}

/// Whether base64 holds a name and a password, as `Authorization: Basic` sends them.
pub(super) fn is_basic(text: &str) -> bool {
    let decoded = decoded(text).and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    pair.is_some_and(|(name, password)| {
        password.len() >= 3 && name.chars().chain(password.chars()).all(|c| !c.is_control())
    })
}

/// Whether the last six characters are the CRC-32 of those before in base 62, as in tokens of GitHub and npm
/// ("Behind GitHub's new authentication token formats", GitHub engineering blog, 2021).
pub(super) fn has_check_digits(body: &str) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let Some((entropy, told)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return false;
    };
    let mut left = crc32(entropy.as_bytes());
    told.bytes().rev().all(|digit| {
        let wanted = DIGITS.get(usize::try_from(left % 62).unwrap_or_default());
        left /= 62;
        wanted == Some(&digit)
    }) && left == 0
}

/// CRC-32 as in Ethernet and ZIP files.
fn crc32(bytes: &[u8]) -> u32 {
    let step =
        |sum: u32, byte: &u8| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 }
            })
        };
    !bytes.iter().fold(u32::MAX, step)
}
