//! What somebody who wrote an unknown name probably meant.

use std::fmt::Write as _;

/// Advice for an unknown name: the nearest known one, else all of them.
pub(super) fn advice<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(text, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let mut names = String::new();
    for (n, name) in known.iter().take(8).enumerate() {
        let comma = if n == 0 { "" } else { ", " };
        // Writing to a text cannot fail.
        let _ = write!(names, "{comma}`{name}`");
    }
    let more = known.len().saturating_sub(8);
    match (known.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(format!("known: {names}")),
        (false, more) => Some(format!("known: {names} and {more} more")),
    }
}

/// The nearest known name, ignoring case, when it is near enough to be a slip.
pub(super) fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = text.to_lowercase();
    let slips = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= slips)
        .min()
        .map(|(_, name)| name)
}
