//! Dates, instants and foreign text as people read them.
//!
//! Knows one zone for the whole report. Knows nothing of formats such as HTML or Markdown: those escape for themselves.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// Longest foreign text that is shown in one cell; the register keeps the rest.
const TEXT_CHARS_MAX: usize = 400;

/// `Mon 23 Nov 2026`.
pub(super) fn day(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

/// `Mon 23 Nov 2026 09:00` in the zone.
pub(super) fn instant(zone: Tz, at: DateTime<Utc>) -> String {
    at.with_timezone(&zone).format("%a %-d %b %Y %H:%M").to_string()
}

/// `09:00` if it is on the same local date as `now`, else with its date.
pub(super) fn recent(zone: Tz, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (at, today) = (at.with_timezone(&zone), now.with_timezone(&zone).date_naive());
    let format = if at.date_naive() == today { "%H:%M" } else { "%a %-d %b %Y %H:%M" };
    at.format(format).to_string()
}

/// Foreign text on one line in which nothing is hidden, cut at a length that no layout minds.
pub(super) fn foreign(text: &str) -> String {
    let text = crate::review::inert::visible(text);
    let text = text.trim();
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// An address that may become a link: `http` or `https`, without blanks or hidden characters; else none.
pub(super) fn link(url: &str) -> Option<String> {
    let url = url.trim();
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let known = matches!(scheme.as_deref(), Some("http" | "https"));
    let plain = !url.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"'`\\|".contains(c));
    (known && plain && crate::review::inert::visible(url) == url).then(|| url.to_owned())
}

/// `1 finding`, `2 findings`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
