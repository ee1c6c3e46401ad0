//! Making foreign text inert: it pings nobody, links nothing, closes nothing and cannot pose as our own markup.

use crate::review::inert::without_harm;

/// Invisible and without width; breaks the patterns that trackers react to and leaves the text readable.
pub(super) const BREAK: char = '\u{2060}';

/// Longest part of a commit hash that is left in one piece: trackers react from seven digits on.
const HASH_PART: usize = 6;

/// Longest address that is looked at as a whole; what is longer is an address to nobody.
const ADDRESS_MAX: usize = 2048;

/// The text, without what is invisible or turns its direction, in which nothing does anything.
///
/// Every mention, issue reference, commit hash, tracker link, image, character reference and HTML tag is broken. Without
/// the breaks it reads as it was shown.
///
/// With the references broken, closing keywords (`fixes #1`) have nothing left to close.
pub fn inert(text: &str) -> String {
    let text = without_harm(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let length = hash_length(&out, rest).unwrap_or(c.len_utf8());
        let (piece, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        for (n, part) in piece.chars().enumerate() {
            if n > 0 && n % HASH_PART == 0 {
                out.push(BREAK);
            }
            out.push(part);
        }
        if must_break(c, &out, tail) {
            out.push(BREAK);
        }
        rest = tail;
    }
    out
}

/// The text on one line, inert: for titles.
pub fn inert_line(text: &str) -> String {
    inert(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether the character just written starts something that a tracker would react to.
fn must_break(c: char, written: &str, tail: &str) -> bool {
    let next = tail.chars().next();
    let digit = next.is_some_and(|c| c.is_ascii_digit());
    match c {
        '@' => next.is_some_and(|c| c.is_alphanumeric() || c == '[' || c == '{'),
        '#' => digit,
        '-' => digit && ends_with_key(written),
        '<' => next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')),
        '!' => next == Some('['),
        '[' => next == Some('~'),
        '&' => is_character_reference(tail),
        ':' => tail.starts_with("//") && points_at_an_issue(tail),
        '/' => digit && PATHS.iter().any(|path| ends_with(written, path)),
        _ => false,
    }
}

/// Parts of addresses after which trackers expect something that they cross-link.
const PATHS: &[&str] = &["/issues/", "/pull/", "/commit/", "/discussions/", "/browse/"];

/// Whether the text ends in what may be the letters of an issue key, `GH-` or `PLAT-`; Markdown drops a backslash.
fn ends_with_key(written: &str) -> bool {
    let stem = written.strip_suffix('-').unwrap_or(written).trim_end_matches('\\');
    let letters =
        || stem.chars().rev().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_');
    ends_with(stem, "gh") || letters().count() >= 2 && letters().any(|c| c.is_ascii_uppercase())
}

/// Whether a text ends in another, ignoring the case of ASCII letters.
fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|start| text.get(start..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// Whether what follows `&` makes it a character that Markdown puts in its place, such as `&#64;` for `@`.
fn is_character_reference(tail: &str) -> bool {
    let name = tail.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#');
    name.len() < tail.len() && name.starts_with(';')
}

/// Whether the rest of an address leads to something that trackers cross-link.
fn points_at_an_issue(tail: &str) -> bool {
    let address = tail.chars().take(ADDRESS_MAX).take_while(|c| !c.is_whitespace());
    let address = address.collect::<String>().to_ascii_lowercase();
    PATHS.iter().any(|path| address.contains(path))
}

/// Length of the commit hash that starts here, if one does: 7 to 40 hexadecimal digits with a digit and a letter
/// among them, standing alone.
fn hash_length(written: &str, rest: &str) -> Option<usize> {
    let stands_alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-');
    if !stands_alone(written.chars().next_back()) {
        return None;
    }
    let length = rest.chars().take_while(char::is_ascii_hexdigit).count();
    let (hash, after) = rest.split_at_checked(length)?;
    let mixed = hash.chars().any(|c| c.is_ascii_digit()) && hash.chars().any(|c| c.is_ascii_alphabetic());
    ((7..=40).contains(&length) && mixed && stands_alone(after.chars().next())).then_some(length)
}
