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
#[schemars(rename = "Sections")]
pub struct Sections<L = Vec<FindingKey>, U = Vec<Unrouted>> {
    /// The worst of those that are overdue, ten at most: the most severe first, then the latest.
    pub worst: Vec<FindingKey>,
    /// Overdue, by team, then owner; those without first.
    pub overdue: Vec<Team<L>>,
    /// Claims that a reviewer verifies, the longest waiting first.
    pub verification: L,
    /// Closed in the tracker without being done; a reviewer decides.
    pub declined: L,
    /// Other decisions that people owe the worker.
    pub decisions: Vec<Notes>,
    /// Due within 7, 14 and 30 days.
    pub upcoming: Vec<Upcoming<L>>,
    /// Reviews due.
    pub reviews: L,
    /// Waivers, the first to end first.
    pub waivers: L,
    /// Findings followed up with groups, without an issue.
    pub groups: Vec<Group<L>>,
    /// Without an owner.
    pub unowned: L,
    /// With an owner whom the people directory does not know.
    pub unmapped: L,
    /// Unresolved, with a stated severity that nobody understands, so that it counts as high.
    pub severity_unclear: L,
    /// Without a rule.
    pub unrouted: U,
    /// What the worker could not do, by kind.
    pub sync: Vec<Notes>,
    /// What reading the documents brought up.
    pub intake: Vec<Intake>,
    /// Findings that their documents no longer list.
    pub source_missing: L,
    /// Findings of different postmortems that ask for the same, where one of them at least is unresolved.
    pub repeats: Vec<Vec<FindingKey>>,
    /// Unresolved, running, and due later than 30 days from now or never.
    pub later: L,
    /// Resolved or dismissed within 30 days.
    pub closed: L,
}

impl<L, U> Sections<L, U> {
    /// The same lists in other forms.
    pub(super) fn map<M, V>(self, list: impl Fn(L) -> M, unrouted: impl FnOnce(U) -> V) -> Sections<M, V> {
        let owner = |of: OwnerGroup<L>| OwnerGroup { owner: of.owner, findings: list(of.findings) };
        let team = |of: Team<L>| Team { team: of.team, owners: of.owners.into_iter().map(owner).collect() };
        let bucket = |of: Upcoming<L>| Upcoming { days: of.days, findings: list(of.findings) };
        let group = |of: Group<L>| Group { group: of.group, findings: list(of.findings) };
        Sections {
            worst: self.worst,
            overdue: self.overdue.into_iter().map(team).collect(),
            verification: list(self.verification),
            declined: list(self.declined),
            decisions: self.decisions,
            upcoming: self.upcoming.into_iter().map(bucket).collect(),
            reviews: list(self.reviews),
            waivers: list(self.waivers),
            groups: self.groups.into_iter().map(group).collect(),
            unowned: list(self.unowned),
            unmapped: list(self.unmapped),
            severity_unclear: list(self.severity_unclear),
            unrouted: unrouted(self.unrouted),
            sync: self.sync,
            intake: self.intake,
            source_missing: list(self.source_missing),
            repeats: self.repeats,
            later: list(self.later),
            closed: list(self.closed),
        }
    }
}

/// Overdue findings of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Team")]
pub struct Team<L = Vec<FindingKey>> {
    /// The team; none when neither finding nor owner names one.
    pub team: Option<String>,
    /// Its owners.
    pub owners: Vec<OwnerGroup<L>>,
}

/// Overdue findings of an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "OwnerGroup")]
pub struct OwnerGroup<L = Vec<FindingKey>> {
    /// The owner; none when nobody owns them.
    pub owner: Option<String>,
    /// Worst severity first, then longest overdue.
    pub findings: L,
}

/// Findings due within some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Upcoming")]
pub struct Upcoming<L = Vec<FindingKey>> {
    /// At most this many days from now, more than the bucket before.
    pub days: i64,
    /// The first due first.
    pub findings: L,
}

/// Findings followed up with a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub struct Group<L = Vec<FindingKey>> {
    /// The group.
    pub group: String,
    /// The first due first.
    pub findings: L,
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
