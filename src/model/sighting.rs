//! How new our last knowledge of each issue is, by the tracker's own clock.
//!
//! Kept for every issue apart from its links: whoever reads it, in whatever process, holds an answer against it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ids::AccountId,
    issue::{Issue, IssueId},
};

/// The newest that was read or written of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The issue.
    pub issue: IssueId,
    /// When it was last changed, as the newest answer to a read or to a write of ours says.
    pub updated: DateTime<Utc>,
    /// When the tracker gave the newest answer that is known of that change, by its own clock, where it told the time. Not
    /// moved on once it shows that nothing more can have happened within the second of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<DateTime<Utc>>,
    /// Who had closed it by then, where the tracker said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closer: Option<AccountId>,
    /// Single reads since that showed it as it was before; none once one shows it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<Older>,
}

/// Reads of one issue by itself that were all older than what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Older {
    /// The first of them.
    pub first: DateTime<Utc>,
    /// The last of them.
    pub last: DateTime<Utc>,
    /// How many, not counting what was read soon after another.
    pub reads: u32,
    /// Whether a person says that this is how it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub believed: bool,
}

impl Sighting {
    /// What a read of an issue tells.
    pub fn of(issue: &Issue) -> Self {
        Self {
            issue: issue.at.id.clone(),
            updated: issue.updated,
            read: issue.read,
            closer: issue.closed_by.clone(),
            older: None,
        }
    }
}

impl Sighting {
    /// The same, with a person's word that the older state that the tracker shows is how it is; none where it shows none.
    pub fn believed(&self) -> Option<Self> {
        let older = self.older.as_ref().filter(|older| !older.believed)?;
        Some(Self { older: Some(Older { believed: true, ..older.clone() }), ..self.clone() })
    }

    /// Whether everything is known that happened up to the time of the last change: that time is told with fractions, or
    /// the issue was read later than in its second, by the tracker's own clock.
    pub fn is_settled(&self) -> bool {
        is_settled(self.updated, self.read)
    }
}

/// Whether an answer of that time shows everything that happened within the second of the last change.
pub fn is_settled(updated: DateTime<Utc>, read: Option<DateTime<Utc>>) -> bool {
    updated.timestamp_subsec_nanos() != 0 || read.is_some_and(|read| read.timestamp() > updated.timestamp())
}

/// Whether one time of a last change is before another, both by the clock of the same tracker.
///
/// Some databases keep whole seconds of what was told with fractions a moment before: that is the same time.
pub fn is_older(updated: DateTime<Utc>, known: DateTime<Utc>) -> bool {
    let is_cut = updated.timestamp_subsec_nanos() == 0 && updated.timestamp() == known.timestamp();
    updated < known && !is_cut
}
