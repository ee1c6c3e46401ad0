//! Which finding goes where.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ids::{GroupName, PlaceName, RuleName, TrackerName},
    terms::{Class, Kind, Route, Severity, Tlp, Work},
};

/// One rule; of the ordered rules the first match wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub name: RuleName,
    /// What a finding must be.
    pub when: Condition,
    /// What happens to it.
    pub then: Outcome,
}

/// What a finding must be; every member that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Any of these classes.
    pub class: BTreeSet<Class>,
    /// Any of these kinds.
    pub kind: BTreeSet<Kind>,
    /// Any of these routes; a `create` rule that names none matches engineering findings only.
    pub route: BTreeSet<Route>,
    /// Bug, change request, or both.
    pub work: BTreeSet<Work>,
    /// Any of these severities.
    pub severity: BTreeSet<Severity>,
    /// Any of these teams, ignoring case.
    pub team: BTreeSet<String>,
    /// All of these labels.
    pub labels: BTreeSet<String>,
    /// Any of these postmortem ids; `*` stands for any text.
    pub postmortem: BTreeSet<String>,
    /// Any of these sources.
    pub source: BTreeSet<String>,
}

/// What happens to a matched finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An issue is created.
    Create(Destination),
    /// It stays in the register, followed up with a group.
    Register {
        /// The group.
        group: GroupName,
    },
}

/// Where and how an issue is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The tracker.
    pub tracker: TrackerName,
    /// Repository or project.
    pub place: PlaceName,
    /// Labels for every issue.
    pub labels: BTreeSet<String>,
    /// Issue type for bugs.
    pub bug_type: Option<String>,
    /// Issue type for change requests.
    pub change_type: Option<String>,
    /// Further fields by the tracker's field id; values are templates.
    pub fields: BTreeMap<String, String>,
    /// Highest class it may hold.
    pub max_tlp: Tlp,
    /// What is sent of findings of a higher class.
    pub above: Above,
    /// Template of the title, instead of the default.
    pub title: Option<String>,
    /// Template of the body, instead of the default.
    pub body: Option<String>,
    /// Who wins when both sides changed the owner.
    pub owner_conflict: ConflictPolicy,
    /// Who wins when both sides changed the status.
    pub status_conflict: ConflictPolicy,
}

/// What is sent of a finding that is classified above what its place may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Above {
    /// Nothing: it is held.
    #[default]
    Hold,
    /// A neutral title, the deadline and the link to its postmortem, not a word of the finding.
    Minimal,
}

/// Who wins when both sides changed a field to different values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConflictPolicy {
    /// The value.
    #[default]
    Tracker,
    /// The finding's value.
    Finding,
    /// Nobody; it is recorded once and waits for a person.
    Flag,
}

/// What to do when nobody can tell whether a create was applied, after the settle time and complete reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnUnknown {
    /// Create again, same marker, next attempt.
    #[default]
    Retry,
    /// Wait for a person.
    Hold,
}

/// Brakes of one cycle (invariant 6).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Most issues created; the most severe go first, the rest follow in later cycles.
    pub creates: usize,
    /// Most issues closed; beyond it nothing destructive happens.
    pub closes: usize,
    /// Largest share of a tracker's linked issues changed, counted once ten are linked.
    pub changed_share: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { creates: 50, closes: 25, changed_share: 0.3 }
    }
}
