//! The last change of one field of an issue, as the tracker's history tells it. Must not know how it is asked for.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    ids::AccountId,
    issue::{Issue, Overtaken},
};

/// How much later than the issue's own time of change its history may date the same change: trackers write the two one
/// after the other, and GitHub to the second.
const SKEW: TimeDelta = TimeDelta::seconds(1);

/// The last change of a field after some instant, and what it and our changes before it replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastChange {
    /// Who made it; none where the history does not say, or it was an account that is no more.
    pub by: Option<AccountId>,
    /// When, by the tracker's clock.
    pub at: DateTime<Utc>,
    /// What others made of the field in that time and a later change of ours replaced, the oldest first.
    pub replaced: Vec<Overtaken>,
}

impl LastChange {
    /// Whether a read of the issue does not show it yet: the read comes from a replica that is behind the history.
    pub fn is_later_than(&self, read: &Issue) -> bool {
        self.at > read.updated + SKEW
    }
}
