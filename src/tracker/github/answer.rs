//! What a refusal means, from its status, headers and message (GitHub's documentation, Troubleshooting the REST API).
//!
//! Knows the table of refusals. Sends nothing and waits for nothing: a limit becomes a pause of the credential.

use chrono::{DateTime, Utc};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    net::{http::Response, limits, pace::Pace, spoken::spoken},
    tracker::TrackerError,
};

/// Longest piece of a tracker's own words in an error.
const WORDS_MAX: usize = 300;

/// What GitHub says about a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: Option<String>,
    documentation_url: Option<String>,
    /// A list, or one text.
    errors: Value,
}

/// Classifies a response that is not a success, and pauses the credential when it is a limit.
pub(super) fn refusal(response: &Response, what: &str, pace: &Pace) -> TrackerError {
    let refusal = Refusal::read(response);
    let status = response.status();
    let why = refusal.words(status);
    if is_limit(response, &refusal) {
        return TrackerError::RateLimited { until: pause(response, pace), why };
    }
    let field = refusal.field();
    match status.as_u16() {
        301 | 302 | 303 | 307 | 308 => match location(response) {
            Some(to) => TrackerError::Moved { to },
            None => TrackerError::Malformed { why: format!("{status} without a Location") },
        },
        401 => TrackerError::Unauthorized { why },
        403 | 451 => TrackerError::Forbidden { why: with_permission(why, response) },
        404 => TrackerError::NotFound { what: what.to_owned() },
        408 => TrackerError::Transient { why },
        410 => TrackerError::Gone { why },
        // 501 is what a server says of a question that it does not know.
        400..=499 | 501 => TrackerError::Rejected { field, why },
        500..=599 => {
            // The outcome of a write stays unknown, so this is no rate error; the wish to be left alone is kept.
            if let Some(until) = limits::asked_pause(response.headers(), pace.now()) {
                pace.pause(until);
            }
            TrackerError::Transient { why: format!("{status}: {why}") }
        }
        _ => TrackerError::Malformed { why: format!("an answer with status {status}") },
    }
}

/// Whether words of GitHub's speak of too much traffic. The secondary limit is sometimes told by nothing else.
pub(super) fn speaks_of_limit(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["rate limit", "rate-limits", "abuse detection", "submitted too quickly"]
        .iter()
        .any(|words| text.contains(words))
}

/// Pauses the credential as the response asks, or by our own measure when it names no time. What is refused while the
/// allowance is not used up is refused by a secondary limit: from then on we go slower.
pub(super) fn pause(response: &Response, pace: &Pace) -> DateTime<Utc> {
    if !limits::is_used_up(response.headers()) {
        pace.refused();
    }
    let Some(until) = limits::asked_pause(response.headers(), pace.now()) else {
        return pace.pause_unnamed();
    };
    pace.pause(until);
    until
}

/// Text of a foreign origin, short enough for a line.
pub(super) fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect()
}

/// Where a moved thing is now, as the tracker says.
fn location(response: &Response) -> Option<String> {
    response.headers().get(header::LOCATION)?.to_str().ok().map(str::to_owned)
}

/// Whether a response refuses because of too much traffic.
pub(super) fn tells_of_limit(response: &Response) -> bool {
    is_limit(response, &Refusal::read(response))
}

fn is_limit(response: &Response, refusal: &Refusal) -> bool {
    let status = response.status();
    let says_so = refusal.texts().any(speaks_of_limit);
    match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::FORBIDDEN => says_so || limits::names_limit(response.headers()),
        StatusCode::UNPROCESSABLE_ENTITY => says_so,
        _ => false,
    }
}

fn with_permission(why: String, response: &Response) -> String {
    let needed =
        response.headers().get("x-accepted-github-permissions").and_then(|value| value.to_str().ok());
    match needed.filter(|needed| !needed.is_empty()) {
        Some(needed) => format!("{why} (needs the permission {needed})"),
        None => why,
    }
}

impl Refusal {
    /// What a body says. A page for people is no JSON, and GitHub's front tells of limits in one.
    fn read(response: &Response) -> Self {
        let page = || {
            let page = String::from_utf8_lossy(response.body());
            let said = match speaks_of_limit(&page) {
                true => "a page for people that speaks of a rate limit".to_owned(),
                false => spoken(response.status(), response.body()),
            };
            Self { message: Some(said).filter(|_| !page.trim().is_empty()), ..Self::default() }
        };
        serde_json::from_slice(response.body()).unwrap_or_else(|_| page())
    }

    /// GitHub's own sentences, without the values that it quotes: a label may be called "rate limit".
    fn texts(&self) -> impl Iterator<Item = &str> {
        let details = self.details().filter_map(|error| error.get("message").and_then(Value::as_str));
        self.message.as_deref().into_iter().chain(self.documentation_url.as_deref()).chain(details)
    }

    fn words(&self, status: StatusCode) -> String {
        let reason = status.canonical_reason().unwrap_or("an error").to_owned();
        let message = self.message.clone().unwrap_or(reason);
        let details: Vec<String> = self.details().filter_map(detail).collect();
        let words = if details.is_empty() { message } else { format!("{message}: {}", details.join("; ")) };
        cut(&words)
    }

    /// The field of the first error that names one.
    fn field(&self) -> Option<String> {
        self.details().find_map(|error| error.get("field")?.as_str().map(str::to_owned))
    }

    fn details(&self) -> impl Iterator<Item = &Value> {
        let details = match self.errors.as_array() {
            Some(many) => many.as_slice(),
            None => std::slice::from_ref(&self.errors),
        };
        details.iter().filter(|detail| !detail.is_null())
    }
}

fn detail(error: &Value) -> Option<String> {
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    if let Some(message) = text("message").or_else(|| error.as_str()) {
        return Some(message.to_owned());
    }
    Some(format!("{} {}", text("field")?, text("code")?))
}
