//! The lists of the report, by what has to happen.
//!
//! Knows their order and contents as data. Knows nothing of formats; `arrange` fills them.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{
    cycle::NoteKind,
    ids::{FindingKey, SourceName, TrackerName},
    postmortem::Level,
};

/// Lists of findings, by what has to happen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sections {
    /// Overdue, by team, then owner; those without first.
    pub overdue: Vec<Team>,
    /// Claims that a reviewer verifies, the longest waiting first.
    pub verification: Vec<FindingKey>,
    /// Closed in the tracker without being done; a reviewer decides.
    pub declined: Vec<FindingKey>,
    /// Other decisions that people owe the worker.
    pub decisions: Vec<Notes>,
    /// Due within 7, 14 and 30 days.
    pub upcoming: Vec<Upcoming>,
    /// Reviews due.
    pub reviews: Vec<FindingKey>,
    /// Waivers, the first to end first.
    pub waivers: Vec<FindingKey>,
    /// Findings followed up with groups, without an issue.
    pub groups: Vec<Group>,
    /// Without an owner.
    pub unowned: Vec<FindingKey>,
    /// With an owner whom the people directory does not know.
    pub unmapped: Vec<FindingKey>,
    /// Unresolved, with a stated severity that nobody understands, so that it counts as high.
    pub severity_unclear: Vec<FindingKey>,
    /// Without a rule.
    pub unrouted: Vec<Unrouted>,
    /// What the worker could not do, by kind.
    pub sync: Vec<Notes>,
    /// What reading the documents brought up.
    pub intake: Vec<Intake>,
    /// Findings that their documents no longer list.
    pub source_missing: Vec<FindingKey>,
    /// Findings of different postmortems that ask for the same, where one of them at least is unresolved.
    pub repeats: Vec<Vec<FindingKey>>,
    /// Unresolved, running, and due later than 30 days from now or never.
    pub later: Vec<FindingKey>,
    /// Resolved or dismissed within 30 days.
    pub closed: Vec<FindingKey>,
}

/// Overdue findings of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Team {
    /// The team; none when neither finding nor owner names one.
    pub team: Option<String>,
    /// Its owners.
    pub owners: Vec<OwnerGroup>,
}

/// Overdue findings of an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OwnerGroup {
    /// The owner; none when nobody owns them.
    pub owner: Option<String>,
    /// Worst severity first, then longest overdue.
    pub findings: Vec<FindingKey>,
}

/// Findings due within some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Upcoming {
    /// At most this many days from now, more than the bucket before.
    pub days: i64,
    /// The first due first.
    pub findings: Vec<FindingKey>,
}

/// Findings followed up with a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Group {
    /// The group.
    pub group: String,
    /// The first due first.
    pub findings: Vec<FindingKey>,
}

/// A finding without a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unrouted {
    /// The finding.
    pub finding: FindingKey,
    /// Why no rule matched.
    pub why: String,
}

/// Notes of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Notes {
    /// Which kind.
    pub kind: NoteKind,
    /// The kind, for people.
    pub title: &'static str,
    /// The notes.
    pub notes: Vec<NoteLine>,
}

/// One note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoteLine {
    /// The finding.
    pub finding: Option<FindingKey>,
    /// The tracker.
    pub tracker: Option<TrackerName>,
    /// The issue.
    pub issue: Option<String>,
    /// The source.
    pub source: Option<SourceName>,
    /// What, why and what to do.
    pub why: String,
    /// Since when it is so without a break, as far as it was looked at.
    pub since: DateTime<Utc>,
    /// When the clock ends it.
    pub until: Option<DateTime<Utc>>,
}

/// One diagnostic of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Intake {
    /// How much it matters.
    pub level: Level,
    /// `path:line:column`, as far as known.
    pub place: String,
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}
