//! Refusals for too many requests, as each tracker words them, made to order.
//!
//! Knows headers and bodies of such refusals. Must not count anything.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::json;

use super::{
    clock::epoch,
    fault::RateLimit,
    github::access::secondary_limit,
    settings::Settings,
    wire::{Answer, Tracker},
};

/// The refusal that a fault asks for.
pub(crate) fn rate_limited(
    tracker: Tracker,
    limit: &RateLimit,
    now: DateTime<Utc>,
    settings: &Settings,
) -> Answer {
    let seconds = limit.retry_after;
    let reset = now + Duration::seconds(i64::try_from(seconds.unwrap_or(60)).unwrap_or(60));
    match tracker {
        Tracker::Github if limit.reason == "secondary" => secondary_limit(seconds),
        Tracker::Github => {
            Answer::message(settings.github.primary_status, "API rate limit exceeded for installation.")
                .with("x-ratelimit-limit", settings.github.primary_limit.to_string())
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-used", settings.github.primary_limit.to_string())
                .with("x-ratelimit-reset", epoch(reset).to_string())
                .with("x-ratelimit-resource", "core")
        }
        Tracker::Jira | Tracker::JiraDc => jira(limit, reset),
    }
}

/// 429 in Jira's words.
fn jira(limit: &RateLimit, reset: DateTime<Utc>) -> Answer {
    let body = json!({"errorMessages": ["Rate limit exceeded."], "errors": {}});
    let mut refusal = Answer::json(429, body)
        .with("RateLimit-Reason", limit.reason.clone())
        .with("X-RateLimit-Remaining", "0")
        .with("X-RateLimit-Reset", reset.to_rfc3339_opts(SecondsFormat::Secs, true));
    if let Some(seconds) = limit.retry_after {
        refusal = refusal.with("Retry-After", seconds.to_string());
    }
    refusal
}

/// 429 for too many writes to one issue.
pub(crate) fn jira_per_issue(now: DateTime<Utc>) -> Answer {
    let limit = RateLimit { reason: "jira-per-issue-on-write".to_owned(), retry_after: Some(2) };
    jira(&limit, now + Duration::seconds(2))
}
