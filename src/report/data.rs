//! The deadline report as data: everything a renderer or a machine needs, nothing to compute any more.
//!
//! Sections name findings by key; [`Report::findings`] holds each of them once. All foreign text is on one line and shows
//! hidden characters, but is not escaped: that is each format's own.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{row::Row, sections::Sections};
use crate::model::{
    ids::{FindingKey, InstanceName, SourceName, TrackerName},
    terms::Tlp,
};

/// The format's name and version, first member of the JSON.
pub const FORMAT: &str = "postmortem-sync-report/1";

/// The deadline report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Report")]
pub struct Report<S = Sections, F = BTreeMap<FindingKey, Row>> {
    /// [`FORMAT`].
    pub format: &'static str,
    /// The instant everything is computed for.
    pub as_of: DateTime<Utc>,
    /// Zone that all dates and times are shown in.
    pub zone: String,
    /// The deployment.
    pub instance: InstanceName,
    /// Digest of the configuration.
    pub config: String,
    /// Number of transactions the register had recorded.
    pub register_version: i64,
    /// Name of the review policy.
    pub policy: String,
    /// Name of the calendar.
    pub calendar: String,
    /// Highest class of the text that is shown.
    pub tlp: Tlp,
    /// Findings whose text is withheld because its class is above the report's limit.
    pub withheld: usize,
    /// What there is to know first.
    pub verdict: Verdict,
    /// How fresh the data of each tracker is.
    pub trackers: Vec<TrackerFreshness>,
    /// How each source could be read.
    pub sources: Vec<SourceFreshness>,
    /// Counts of all findings of the register.
    pub counts: Counts,
    /// Lists of findings, by what has to happen.
    pub sections: S,
    /// Every finding that a section names.
    pub findings: F,
    /// What the words and figures mean.
    pub definitions: Vec<Definition>,
}

/// How bad it is, in one word. Ordered from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// No cycle has run.
    NoData,
    /// At least one finding is overdue.
    Overdue,
    /// Nothing known is overdue, but not everything could be read or written.
    Uncertain,
    /// Nothing is overdue; somebody has to decide something.
    Attention,
    /// Nothing is overdue and nobody has to decide anything.
    Clear,
}

/// What there is to know first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verdict {
    /// How bad it is.
    pub level: Alarm,
    /// The figures in one sentence, beginning with the time.
    pub text: String,
    /// How fresh the data is, in one sentence.
    pub freshness: String,
    /// Whether everything could be read and written; if not, figures may be too low.
    pub complete: bool,
    /// What is not known, since when and why.
    pub unknown: Vec<String>,
}

/// How fresh a tracker's data is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TrackerFreshness {
    /// The tracker.
    pub name: TrackerName,
    /// What it is, such as `GitHub, api.github.com`.
    pub description: String,
    /// Last time everything asked of it was read completely; none if never.
    pub read: Option<DateTime<Utc>>,
    /// Since when each of the findings linked there was looked at in full, whether or not its lists named it; none where all are in
    /// every cycle.
    pub in_full_since: Option<DateTime<Utc>>,
    /// Whether that is complete and recent.
    pub complete: bool,
    /// What is wrong.
    pub error: Option<String>,
    /// Links into it.
    pub links: usize,
    /// Linked issues that could not be read.
    pub unreadable: usize,
    /// Nothing is sent to it before.
    pub paused_until: Option<DateTime<Utc>>,
}

/// How a source could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceFreshness {
    /// The source.
    pub name: SourceName,
    /// Whether it was read at all.
    pub read: bool,
    /// Documents listed.
    pub documents: usize,
    /// Documents that could not be read.
    pub unreadable: usize,
    /// Documents in which nothing was found.
    pub empty: usize,
    /// Documents with nothing but candidates.
    pub candidates_only: usize,
    /// Findings in them.
    pub findings: usize,
    /// Candidates that wait for a person.
    pub candidates: usize,
}

/// Counts that add up: the states' counts sum to `all`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Every finding of the register.
    pub all: usize,
    /// Accepted, not started.
    pub open: usize,
    /// Under way.
    pub in_progress: usize,
    /// Claimed done.
    pub pending_verification: usize,
    /// Verified.
    pub resolved: usize,
    /// Under a waiver that holds.
    pub risk_accepted: usize,
    /// Dismissed.
    pub dismissed: usize,
    /// Whether the sum of the states is `all`.
    pub reconciles: bool,
    /// Overdue.
    pub overdue: usize,
    /// Overdue and critical.
    pub overdue_critical: usize,
    /// Claims past the reviewers' own deadline.
    pub verification_overdue: usize,
    /// Without an owner.
    pub unowned: usize,
    /// With an owner whom the people directory does not know, such as a team or two names: nobody is assigned for them.
    pub unmapped: usize,
    /// Unresolved, with a stated severity that nobody understands.
    pub severity_unclear: usize,
    /// Reviews due.
    pub reviews_due: usize,
    /// Waivers that end within two weeks, or have ended.
    pub waivers_ending: usize,
}

/// A word or figure, and its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Definition {
    /// The word.
    pub term: String,
    /// Its meaning.
    pub text: String,
}
