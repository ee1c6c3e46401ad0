//! A finding whose create fails every time: tried a few times, then left alone, so that it costs nobody else anything (I23).
//!
//! Something else to send starts anew, and so does a person. After the cool-down it is tried once more, because what
//! refused it may have changed where nobody sees it: a field is not required any more, a repository takes issues again.

use chrono::{DateTime, Utc};

use crate::model::{
    digest,
    finding::{FailedCreates, Finding},
    issue::Draft,
};

/// Tries after which a finding is left alone.
pub const TRIES: u32 = 5;

/// What is remembered of a finding after one more create that came to nothing; `until` is the end of a cool-down that
/// begins now.
pub fn failed(finding: &Finding, draft: &Draft, why: String, until: DateTime<Utc>) -> FailedCreates {
    let draft = digest_of(draft);
    let before = finding.failed_creates.as_ref().filter(|before| before.draft == draft);
    FailedCreates { tries: before.map_or(0, |before| before.tries).saturating_add(1), draft, why, until }
}

/// Why a create is not sent now, if it failed too often.
pub fn left_alone(finding: &Finding, draft: &Draft, now: DateTime<Utc>) -> Option<String> {
    let failed = finding.failed_creates.as_ref()?;
    if failed.tries < TRIES || now >= failed.until || failed.draft != digest_of(draft) {
        return None;
    }
    let FailedCreates { tries, why, until, .. } = failed;
    Some(format!(
        "its create failed {tries} times, in the end with: {why}; it is tried again after {}, when what it says \
         or its rule changes, or after `link rebind`",
        until.format("%Y-%m-%d %H:%M:%S UTC")
    ))
}

fn digest_of(draft: &Draft) -> String {
    digest::of_text(&serde_json::to_string(draft).unwrap_or_default())
}
