//! Addresses with a password in them, of whatever scheme.

use std::{borrow::Cow, ops::Range};

use super::{REMOVED, value::is_placeholder};

/// What an address with a password is called.
const NAME: &str = "an address with a password";

/// Longest part of an address that is looked at.
const LONGEST: usize = 1024;

/// An address with a password.
pub(super) fn found(text: &str) -> Option<&'static str> {
    let with_scheme =
        text.match_indices("://").any(|(at, _)| has_scheme(text, at) && is_credential(text, at + 3));
    // Oracle's short form: `jdbc:oracle:thin:user/password@host`.
    let oracle = text.match_indices("jdbc:oracle:").any(|(at, _)| {
        let rest = stretch(text.get(at + 12..).unwrap_or_default());
        let user = rest.split_once('@').map_or("", |(user, _)| user);
        user.split_once('/').is_some_and(|(_, password)| is_password(password))
    });
    (with_scheme || oracle).then_some(NAME)
}

fn has_scheme(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '+')
}

/// Whether what follows `://` is a name, a password and a host.
fn is_credential(text: &str, at: usize) -> bool {
    password(text, at).is_some()
}

/// Where the password stands in what follows `://`, if there is a name, a password and a host.
fn password(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = stretch(text.get(at..).unwrap_or_default());
    let within = |name: &str, password: &str| {
        let start = at + name.len() + 1;
        is_password(password).then(|| start..start + password.len())
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((user, _)) = authority.rsplit_once('@') {
        return user.split_once(':').and_then(|(name, password)| within(name, password));
    }
    // A password may hold a slash that nobody escaped; then what follows the colon is no port.
    let (user, host) = rest.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let port = password.split(['/', '?', '#']).next().unwrap_or_default();
    let is_port = port.chars().all(|c| c.is_ascii_digit());
    let is_one = !is_port && !name.contains(['/', '?', '#']) && !host.is_empty();
    if is_one { within(name, password) } else { None }
}

/// The text with [`REMOVED`] in the place of every password in an address.
pub(super) fn without_passwords(text: &str) -> Cow<'_, str> {
    let mut passwords = text
        .match_indices("://")
        .filter(|(at, _)| has_scheme(text, *at))
        .filter_map(|(at, _)| password(text, at + 3))
        .peekable();
    if passwords.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let (mut clean, mut kept) = (String::with_capacity(text.len()), 0);
    for Range { start, end } in passwords.filter(|range| range.start != range.end) {
        // Two addresses may overlap: one was the password of the other.
        if start >= kept {
            clean.push_str(text.get(kept..start).unwrap_or_default());
            clean.push_str(REMOVED);
            kept = end;
        }
    }
    clean.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(clean)
}

/// What may belong to one address.
fn stretch(text: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || "\"'`<>|)".contains(c);
    let end = text.char_indices().take(LONGEST).find(|(_, c)| ends(*c)).map_or(text.len(), |(at, _)| at);
    let end = end.min(text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at));
    text.get(..end).unwrap_or_default()
}

fn is_password(text: &str) -> bool {
    !text.is_empty() && !is_placeholder(text)
}
