//! What is remembered of a write that fails again and again (invariant 9).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Tries to write one and the same thing, one after the other, that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// Digest of what was sent.
    #[serde(alias = "draft")]
    pub sent: String,
    /// How many.
    pub tries: u32,
    /// What the tracker said last.
    pub why: String,
    /// When the first of them failed; none in those that are older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Digest of the facts of its place when it failed last: under other facts it is tried at once. None where they were
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<String>,
    /// Until when it is left alone, once there were enough. Past where nothing tells the write from a tracker that is ill.
    pub until: DateTime<Utc>,
}
