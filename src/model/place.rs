//! What is remembered of a repository or project from one cycle to the next: whether it was in sight, how it was called,
//! and whether a person gave it up.
//!
//! Knows a place by its number, which it keeps for as long as it exists. Must not know how a place is read.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{PersonId, PlaceName, TrackerName};

/// One place, as it was last looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceState {
    /// The tracker.
    pub tracker: TrackerName,
    /// Its numeric id on that tracker.
    pub id: String,
    /// The name under which it was seen last.
    pub name: PlaceName,
    /// Names that it was known by before.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub former: BTreeSet<PlaceName>,
    /// Digest of what everybody who looks at it sees, when it was seen last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<String>,
    /// Since when it is out of sight; none while it is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
    /// When it last came back into sight: what was counted before does not add up with what is counted since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<DateTime<Utc>>,
    /// That a person gave it up for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Retired>,
}

/// A place that this account cannot see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// Since when, by the first look that did not see it.
    pub since: DateTime<Utc>,
    /// What the tracker said.
    pub why: String,
}

/// A place that a person gave up for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

impl PlaceState {
    /// A place of which nothing is remembered yet.
    pub fn new(tracker: TrackerName, id: String, name: PlaceName) -> Self {
        Self {
            tracker,
            id,
            name,
            former: BTreeSet::new(),
            facts: None,
            unseen: None,
            back: None,
            retired: None,
        }
    }

    /// Whether it is, or was, called so. No tracker tells names apart by the case of their letters.
    pub fn is_called(&self, name: &PlaceName) -> bool {
        let same = |other: &PlaceName| other.as_str().eq_ignore_ascii_case(name.as_str());
        same(&self.name) || self.former.iter().any(same)
    }

    /// Learns another name of it.
    pub fn call(&mut self, name: &PlaceName) {
        if !self.name.as_str().eq_ignore_ascii_case(name.as_str()) {
            let former = std::mem::replace(&mut self.name, name.clone());
            self.former.insert(former);
        }
        self.former.retain(|former| !former.as_str().eq_ignore_ascii_case(name.as_str()));
    }
}
