//! The record of one cycle: how fresh the data is and what stayed undone, for reports between cycles.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ids::{FindingKey, SourceName, TrackerName},
    postmortem::Diagnostic,
};

/// The record of one cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleRecord {
    /// Its id.
    pub id: String,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended; none while it runs or if it was killed.
    pub finished: Option<DateTime<Utc>>,
    /// Digest of the configuration that it ran under; none in records of the first release.
    #[serde(default)]
    pub configuration: Option<String>,
    /// How each tracker answered.
    pub trackers: BTreeMap<TrackerName, TrackerHealth>,
    /// How each source could be read.
    pub sources: BTreeMap<SourceName, SourceHealth>,
    /// Everything that was not done, or needs a person.
    pub notes: Vec<Note>,
    /// What reading the documents brought up.
    pub diagnostics: Vec<Diagnostic>,
    /// Counts of what was done, by action.
    pub done: BTreeMap<String, usize>,
}

/// How a tracker answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerHealth {
    /// Last time that everything asked of it was read completely.
    pub read: Option<DateTime<Utc>>,
    /// What is wrong now; none when it is well.
    pub error: Option<String>,
    /// How many linked issues it holds.
    pub links: usize,
    /// How many of them could not be read in this cycle.
    pub unreadable: usize,
    /// Nothing is sent to it before, because it asked for a pause.
    pub paused_until: Option<DateTime<Utc>>,
}

/// How a source could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHealth {
    /// Documents listed.
    pub documents: usize,
    /// Documents that could not be read or are invalid.
    pub unreadable: usize,
    /// Documents in which nothing was found.
    pub empty: usize,
    /// Findings in them.
    pub findings: usize,
    /// Candidates in them.
    pub candidates: usize,
}

/// Something that was not done, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// What kind: decides where a report lists it.
    pub kind: NoteKind,
    /// The finding, when it concerns one.
    pub finding: Option<FindingKey>,
    /// The tracker, when it concerns one.
    pub tracker: Option<TrackerName>,
    /// The issue's key, when it concerns one.
    pub issue: Option<String>,
    /// What, why and what to do, for people.
    pub why: String,
}

/// Kinds of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// No rule matches it.
    Unrouted,
    /// Not sent: classification, visibility or a person must decide.
    Held,
    /// Issues that hold text of a finding can be read by more people than its class allows.
    Exposed,
    /// A create whose outcome is not known yet.
    Waiting,
    /// Both sides changed a field to different values, and a person must say which one holds.
    Conflict,
    /// Both sides changed a field to different values, and the rule's policy decided; the loser is in the history.
    Overruled,
    /// The tracker refused or silently dropped a field.
    Refused,
    /// The tracker could not be read.
    Unreachable,
    /// The issue was not found; in quarantine.
    Quarantined,
    /// The issue is now somewhere else.
    Moved,
    /// A person changed one of our one-way fields; it is left alone.
    Drift,
    /// Several issues carry one marker.
    Duplicate,
    /// The rules now point elsewhere; the existing link goes on.
    Rerouted,
    /// Left for a later cycle: a cap, a mode or a pause.
    Deferred,
    /// What was planned no longer held when it was about to be written.
    Stale,
    /// A write failed.
    Failed,
    /// Tracked in the register only.
    Register,
    /// The document it came from no longer lists it.
    SourceMissing,
    /// An account or a name that the people directory does not know.
    UnknownPerson,
}

impl NoteKind {
    /// Whether somebody has to do something about it before the worker can go on.
    pub fn needs_person(self) -> bool {
        match self {
            Self::Held
            | Self::Exposed
            | Self::Conflict
            | Self::Duplicate
            | Self::Moved
            | Self::Quarantined => true,
            Self::Unrouted
            | Self::Waiting
            | Self::Overruled
            | Self::Refused
            | Self::Unreachable
            | Self::Drift
            | Self::Rerouted
            | Self::Deferred
            | Self::Stale
            | Self::Failed
            | Self::Register
            | Self::SourceMissing
            | Self::UnknownPerson => false,
        }
    }
}
