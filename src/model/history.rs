//! What happened, with before and after: one entry for every decision and every outside write.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::FindingKey;

/// One entry of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// The cycle or command it belongs to.
    pub cycle: String,
    /// Stable word for what happened, such as `issue_created`, `owner_pulled`, `finding_verified`.
    pub event: String,
    /// The finding, when it concerns one.
    pub finding: Option<FindingKey>,
    /// The issue's key, when it concerns one.
    pub issue: Option<String>,
    /// Who: a person's key, `worker`, or an account.
    pub actor: String,
    /// The field, when one changed.
    pub field: Option<String>,
    /// Value before.
    pub before: Option<String>,
    /// Value after.
    pub after: Option<String>,
    /// Why, for people.
    pub why: String,
}
