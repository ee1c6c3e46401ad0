//! What was read when: of each finding, and of each tracker's lists of changes. A cycle leaves alone what nothing touched since.
//!
//! Knows instants and what they hold for. Must not know how anything is read, nor what follows from it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{FindingKey, TrackerName};

/// That a finding was looked at in full, with all its issues, and that nothing was left to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The finding.
    pub finding: FindingKey,
    /// When, by our clock.
    pub at: DateTime<Utc>,
    /// When it is looked at again although nobody does anything: the clock alone may make something of it, or it is its turn.
    pub due: DateTime<Utc>,
    /// Digest of the configuration and of everything else that holds for all findings.
    pub scope: String,
}

/// Up to when the lists of changes of a tracker were followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// The tracker.
    pub tracker: TrackerName,
    /// Whatever changed before this is known; by the tracker's clock.
    pub until: DateTime<Utc>,
    /// Digest of the configuration and of everything else that it holds for.
    pub scope: String,
}

/// That a cycle took in what documents say, and up to when nothing was recorded that they are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// That transaction.
    pub version: i64,
    /// Digest of the configuration and of everything else that it holds for.
    pub scope: String,
}

/// What is said of looking at things, to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// A finding was looked at in full with nothing left to do; a later write about it takes that back.
    Reading(Box<Reading>),
    /// Takes it back.
    Unread(FindingKey),
    /// Up to when the lists of changes of a tracker were followed.
    Followed(Box<Followed>),
    /// What documents say was taken in under this scope, and nothing is recorded yet that they are held against.
    Stood {
        /// Digest of whatever holds for all findings.
        scope: String,
    },
}
