//! One finding as the report shows it.
//!
//! Knows what a reviewer asks about a finding. Knows nothing of formats.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    model::{
        finding::AnchorKind,
        ids::{FindingKey, PostmortemId, TrackerName},
        link::LinkKind,
        terms::{Class, Route, Severity, State, Tlp, Verdict, Work},
    },
    review::flags::Flag,
};

/// One finding with everything that a reviewer asks about it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    /// Stable key.
    pub key: FindingKey,
    /// Title; the class instead if it is withheld.
    pub title: String,
    /// Whether texts of this finding are withheld.
    pub withheld: bool,
    /// Classification.
    pub tlp: Tlp,
    /// Postmortem.
    pub postmortem: PostmortemId,
    /// Its title.
    pub postmortem_title: Option<String>,
    /// Where people read it; only `http` and `https`.
    pub postmortem_url: Option<String>,
    /// `path:line` of the document.
    pub document: Option<String>,
    /// What went wrong.
    pub class: Class,
    /// Bug or change request.
    pub work: Work,
    /// Where it is followed up.
    pub route: Route,
    /// How bad.
    pub severity: Severity,
    /// Whether the severity was assumed.
    pub severity_assumed: bool,
    /// The severity that its document states, where nobody understands it and it counts as high.
    pub severity_unclear: Option<String>,
    /// Workflow state, as it counts now.
    pub state: State,
    /// The state, for people.
    pub state_text: String,
    /// Derived flags, the most pressing first.
    pub flags: BTreeSet<Flag>,
    /// The flags, for people.
    pub flag_texts: Vec<&'static str>,
    /// Team.
    pub team: Option<String>,
    /// Owner for people; none when nobody owns it.
    pub owner: Option<String>,
    /// The team that is named where no person is, and whose default assignee the owner is.
    pub default_of: Option<String>,
    /// Who is named beside the owner, as the document writes them.
    pub beside: Vec<String>,
    /// Day zero.
    pub anchor: NaiveDate,
    /// What day zero is.
    pub anchor_kind: AnchorKind,
    /// First deadline.
    pub due_original: Option<NaiveDate>,
    /// Deadline in force.
    pub due: Option<NaiveDate>,
    /// Why the deadline is on that day, or why there is none, for people.
    pub due_because: String,
    /// Dates from today to the deadline, negative after it; none while the owner is not to act.
    pub days_left: Option<i64>,
    /// Dates since the deadline; zero while it is not overdue.
    pub days_overdue: i64,
    /// Approved extensions.
    pub extensions: usize,
    /// Days that they added to the first deadline.
    pub extended_days: i64,
    /// Next review.
    pub next_review: Option<NaiveDate>,
    /// Last review.
    pub last_review: Option<ReviewLine>,
    /// What a reviewer needs in order to verify it.
    pub verification: Option<ToVerify>,
    /// Waiver.
    pub waiver: Option<WaiverLine>,
    /// How it ended.
    pub closed: Option<ClosedLine>,
    /// How often a claim was rejected.
    pub rejections: u32,
    /// Its issues.
    pub issues: Vec<IssueLine>,
    /// Where the rules send it, for people.
    pub destination: Option<String>,
    /// When it entered the register.
    pub first_seen: DateTime<Utc>,
    /// When it last changed.
    pub changed: DateTime<Utc>,
}

/// The last review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewLine {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What they thought.
    pub verdict: Verdict,
    /// Why.
    pub note: Option<String>,
}

/// What a reviewer needs in order to verify a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToVerify {
    /// When it was claimed.
    pub claimed: Option<DateTime<Utc>>,
    /// By whom.
    pub claimed_by: String,
    /// Last day to verify.
    pub by: Option<NaiveDate>,
    /// Who may not: owner and claimant, and everybody else with a part in it since it was last opened.
    pub not: Vec<String>,
    /// Reviewers who may, those whom its document names first.
    pub may: Vec<String>,
    /// Why nobody may, if nobody may.
    pub nobody: Option<String>,
    /// How the document says that it will be known to work.
    pub criteria: Option<String>,
    /// What has to be shown.
    pub needs: Vec<String>,
}

/// A waiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaiverLine {
    /// Who approved it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: Option<String>,
    /// Its last day.
    pub expires: NaiveDate,
    /// Dates from today to it.
    pub days_left: i64,
}

/// How a finding ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClosedLine {
    /// Who verified it; none when it was dismissed.
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it was done before its first deadline ended.
    pub in_time: Option<bool>,
    /// Evidence, or the reason for dismissing it.
    pub why: Option<String>,
}

/// An issue of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IssueLine {
    /// The tracker.
    pub tracker: TrackerName,
    /// Key.
    pub key: String,
    /// Page; only `http` and `https`.
    pub url: Option<String>,
    /// Status in the tracker's words.
    pub status: String,
    /// Whether we created it.
    pub kind: LinkKind,
    /// When it was last read.
    pub read: DateTime<Utc>,
    /// When it was last changed.
    pub updated: DateTime<Utc>,
    /// First read that did not find it.
    pub missing_since: Option<DateTime<Utc>>,
}
