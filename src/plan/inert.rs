//! Making foreign text inert: it pings nobody, links nothing, closes nothing and cannot pose as our own markup (P-56).

/// Invisible and without width; breaks the patterns that trackers react to and leaves the text readable.
const BREAK: char = '\u{2060}';

/// The text with every mention, issue reference, commit hash, tracker link, image and HTML tag broken.
///
/// With the references broken, closing keywords (`fixes #1`) have nothing left to close.
pub fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (n, line) in text.lines().enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let mut first = true;
        for word in line.split(' ') {
            if !first {
                out.push(' ');
            }
            first = false;
            push_word(&mut out, word);
        }
    }
    out
}

/// The text on one line, inert: for titles.
pub fn inert_line(text: &str) -> String {
    inert(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn push_word(out: &mut String, word: &str) {
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        let (head, tail) = rest.split_at(c.len_utf8());
        if let Some(length) = hash_length(out, rest) {
            let (start, end) = rest.split_at(4);
            let (end, after) = end.split_at(length - 4);
            out.push_str(start);
            out.push(BREAK);
            out.push_str(end);
            rest = after;
            continue;
        }
        out.push_str(head);
        if must_break(c, out, tail) {
            out.push(BREAK);
        }
        rest = tail;
    }
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
        ':' => tail.starts_with("//") && points_at_an_issue(tail),
        _ => false,
    }
}

/// Whether the text ends in what may be the letters of an issue key, `GH-` or `PLAT-`.
fn ends_with_key(written: &str) -> bool {
    let stem = written.strip_suffix('-').unwrap_or(written);
    let letters =
        stem.chars().rev().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_');
    letters.filter(char::is_ascii_uppercase).count() >= 2
}

/// Whether the rest of a URL leads to something that trackers cross-link.
fn points_at_an_issue(tail: &str) -> bool {
    const PATHS: &[&str] = &["/issues/", "/pull/", "/commit/", "/discussions/", "/browse/"];
    PATHS.iter().any(|path| tail.contains(path))
}

/// Length of the commit hash that starts here, if one does: 7 to 40 hexadecimal digits with a digit and a letter
/// among them, standing alone.
fn hash_length(written: &str, rest: &str) -> Option<usize> {
    let stands_alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != BREAK && c != '-');
    if !stands_alone(written.chars().next_back()) {
        return None;
    }
    let length = rest.chars().take_while(char::is_ascii_hexdigit).count();
    let (hash, after) = rest.split_at_checked(length)?;
    let mixed = hash.chars().any(|c| c.is_ascii_digit()) && hash.chars().any(|c| c.is_ascii_alphabetic());
    ((7..=40).contains(&length) && mixed && stands_alone(after.chars().next())).then_some(length)
}
