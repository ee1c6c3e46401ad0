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
}

impl Sighting {
    /// What a read of an issue tells.
    pub fn of(issue: &Issue) -> Self {
        Self {
            issue: issue.at.id.clone(),
            updated: issue.updated,
            closer: issue.closed_by.clone(),
            older: None,
        }
    }
}

/// Whether one time of a last change is before another, both by the clock of the same tracker.
///
/// Some databases keep whole seconds of what was told with fractions a moment before: that is the same time.
pub fn is_older(updated: DateTime<Utc>, known: DateTime<Utc>) -> bool {
    let is_cut = updated.timestamp_subsec_nanos() == 0 && updated.timestamp() == known.timestamp();
    updated < known && !is_cut
}
