//! How long a tracker asks us to wait, read from the headers of a response.
//!
//! Knows the spellings of GitHub and Jira. Knows nothing of which responses refuse (that is each tracker's own
//! classification) and does not wait.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use http::{HeaderMap, header};

/// How long to stay away after a refusal for too much traffic that names no time.
///
/// GitHub's secondary limit sometimes comes without a header, and its documentation asks for a minute then (Rate limits
/// for the REST API).
pub const UNNAMED: TimeDelta = TimeDelta::minutes(1);

/// No header stops a credential for longer: published windows are an hour, so anything beyond a day is a mistake.
pub const LONGEST: TimeDelta = TimeDelta::days(1);

/// When the tracker wants to hear from us again: `Retry-After` first, then an exhausted allowance.
/// None when the response names no time.
pub fn asked_pause(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    retry_after(headers, now).or_else(|| exhausted(headers, now))
}

/// When the allowance comes back, if this response used it up: `X-RateLimit-Remaining: 0` with `X-RateLimit-Reset`.
///
/// A successful answer can carry this too; the next request would be refused. A time that has passed is none: our
/// clock may be ahead of one that the response does not show.
pub fn exhausted(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !is_used_up(headers) {
        return None;
    }
    let wait = instant(text(headers, "x-ratelimit-reset")?)? - server_time(headers).unwrap_or(now);
    (wait > TimeDelta::zero()).then(|| now + waiting(wait))
}

/// Whether headers alone tell that a refusal is about too much traffic, with a usable time or without.
pub fn names_limit(headers: &HeaderMap) -> bool {
    headers.contains_key(header::RETRY_AFTER) || is_used_up(headers)
}

/// Whether headers tell that the allowance is used up.
pub fn is_used_up(headers: &HeaderMap) -> bool {
    text(headers, "x-ratelimit-remaining").and_then(|left| left.parse::<u64>().ok()) == Some(0)
}

/// The server's own clock. Times in its headers are compared with this and not with ours, which may be wrong.
pub fn server_time(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    http_date(text(headers, header::DATE.as_str())?)
}

fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let value = text(headers, header::RETRY_AFTER.as_str())?;
    let wait = match value.parse::<u64>() {
        Ok(seconds) => i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or(LONGEST),
        Err(_) => http_date(value)? - server_time(headers).unwrap_or(now),
    };
    Some(now + waiting(wait))
}

/// A wait is at least a second, so that a pause is never already over when it is announced.
fn waiting(wait: TimeDelta) -> TimeDelta {
    wait.clamp(TimeDelta::seconds(1), LONGEST)
}

/// Unix seconds (GitHub) or ISO 8601, with or without seconds (Jira).
fn instant(value: &str) -> Option<DateTime<Utc>> {
    if let Ok(seconds) = value.parse::<i64>() {
        return DateTime::from_timestamp(seconds, 0);
    }
    let full = DateTime::parse_from_rfc3339(value).map(|at| at.with_timezone(&Utc));
    let short = || NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%MZ").map(|at| at.and_utc());
    full.or_else(|_| short()).ok()
}

/// `Mon, 23 Nov 2026 10:00:00 GMT`, the one form that servers may send (RFC 9110, 5.6.7).
fn http_date(value: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(value).ok().map(|at| at.with_timezone(&Utc))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}
