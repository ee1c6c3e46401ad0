//! A write that fails every time: it goes last, is tried a few times, and is then left alone, so that it costs nobody else
//! anything (invariant 9).
//!
//! Something else to write starts anew, and where a create failed, so does a person. After the cool-down it is tried once more, because what
//! refused it may have changed where nobody sees it: a field is not required any more, a repository takes issues again.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::{digest, failures::Failures};

/// Tries after which a write is left alone.
pub const TRIES: u32 = 5;

/// What is remembered after one more try that came to nothing. For how long it is left alone once there were enough, the
/// caller says.
pub fn failed(before: Option<&Failures>, sent: &impl Serialize, why: String, now: DateTime<Utc>) -> Failures {
    let before = same(before, sent);
    let tries = before.map_or(0, |before| before.tries).saturating_add(1);
    let since = before.map_or(Some(now), |before| before.since);
    Failures { sent: digest_of(sent), tries, why, since, facts: None, until: now }
}

/// What is remembered of this very write, if it failed before.
pub fn same<'a>(before: Option<&'a Failures>, write: &impl Serialize) -> Option<&'a Failures> {
    before.filter(|before| before.sent == digest_of(write))
}

/// Why a write that failed before is not tried now, if it failed too often; `what` it is, and what else starts it `anew`.
pub fn left_alone(failed: &Failures, now: DateTime<Utc>, what: &str, anew: &str) -> Option<String> {
    let Failures { tries, why, until, .. } = failed;
    (*tries >= TRIES && now < *until).then(|| {
        format!(
            "{what} failed {tries} times, in the end with: {why}; it is tried again after {}, {anew}",
            until.format("%Y-%m-%d %H:%M:%S UTC")
        )
    })
}

fn digest_of(write: &impl Serialize) -> String {
    digest::of_text(&serde_json::to_string(write).unwrap_or_default())
}
