//! What became of a citation: an issue that a document names beside a finding.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ids::{FindingKey, PersonId},
    issue::IssueId,
};

/// What became of one citation of a finding. A citation without such a record is not settled yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitationRecord {
    /// The finding.
    pub finding: FindingKey,
    /// The citation, as people read it: `acme/payments#3`, `PLAT-7` or an address.
    pub written: String,
    /// What became of it.
    pub fate: CitationFate,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// What became of a citation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CitationFate {
    /// It led to this issue, which was linked. It is settled for as long as the link, or its tombstone, is there.
    Linked(IssueId),
    /// A reviewer set it aside: nothing waits for it.
    Ignored {
        /// Who.
        by: PersonId,
        /// Why.
        why: String,
    },
}
