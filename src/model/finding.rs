//! A finding as the register keeps it: what the document said, and what was decided since.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    failures::Failures,
    ids::{AccountId, CandidateKey, FindingKey, PersonId, PostmortemId, SourceName},
    issue::Field,
    postmortem::TrackerRef,
    terms::{Claimed, Class, Kind, Priority, Progress, Route, Severity, State, Tlp, Verdict, Work},
    words::Sealed,
};

/// Who a finding or an issue is assigned to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Nobody.
    #[default]
    Nobody,
    /// A person of `people.yaml`.
    Person(PersonId),
    /// Somebody the people directory does not know, kept as written: never overwritten, never cleared, always reported.
    Unmapped(String),
}

/// One finding of the register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable key.
    pub key: FindingKey,
    /// Whether the register allocated the id because the document gives none.
    pub allocated: bool,
    /// What the document says, as last read from it. An unchanged document never reverts a later decision.
    /// Serialised by [`super::words::WithWords`] alone, because it holds the document's words.
    #[serde(skip_serializing)]
    pub stated: Stated,
    /// What went wrong; inferred when the document does not say.
    pub class: Class,
    /// Whether `class` was inferred.
    pub class_inferred: bool,
    /// Bug or change request; inferred when the document does not say.
    pub work: Work,
    /// Whether `work` was inferred.
    pub work_inferred: bool,
    /// Where it is followed up.
    pub route: Route,
    /// How bad; the incident's when the finding does not say, medium when neither does.
    pub severity: Severity,
    /// Whether `severity` was assumed because nothing states it.
    pub severity_assumed: bool,
    /// Workflow state.
    pub state: State,
    /// Who must act on it.
    pub owner: Owner,
    /// Anchor and deadlines.
    pub clock: ClockRecord,
    /// The claim that awaits verification, or was verified.
    pub claim: Option<Claim>,
    /// How it was resolved.
    pub resolution: Option<Verification>,
    /// Set while its issues are closed as won't do, not planned or duplicate: a reviewer must decide.
    pub declined_upstream: bool,
    /// Set while its document no longer lists it; nothing is closed because of that.
    pub source_missing: bool,
    /// Set while the document it comes from is a draft or withdrawn.
    pub draft: bool,
    /// The last review of it.
    pub last_review: Option<Review>,
    /// How often a reviewer rejected a claim.
    pub rejections: u32,
    /// Waiver in force, for `risk_accepted`.
    pub waiver: Option<Waiver>,
    /// Why it was dismissed.
    pub dismissed: Option<String>,
    /// Comment that the next status change pushed to its issues should carry.
    pub pending_comment: Option<String>,
    /// When the decision was made that it tells: what was said before is another one. None in registers that are older
    /// than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_comment_since: Option<DateTime<Utc>>,
    /// Tries to create its issue that came to nothing, since the last one that was another or worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_creates: Option<Failures>,
    /// What a person ruled on fields that both sides changed; each holds until the sides agree again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rulings: BTreeMap<Field, Keep>,
    /// What people said about it that its document does not say.
    #[serde(default, skip_serializing_if = "Told::is_empty")]
    pub told: Told,
    /// How often it was reopened after it had been resolved or dismissed: each time another episode begins, in which other people
    /// have a part. A rejection begins none.
    #[serde(default, skip_serializing_if = "is_first")]
    pub episode: u32,
    /// When it entered the register.
    pub first_seen: DateTime<Utc>,
    /// When anything about it last changed.
    pub changed: DateTime<Utc>,
}

impl Finding {
    /// The class that its document said when it was read last.
    pub fn read_tlp(&self) -> Tlp {
        self.stated.read_tlp.unwrap_or(self.stated.tlp)
    }

    /// The laxer class that its document says, while that waits for a reviewer.
    pub fn laxer(&self) -> Option<Tlp> {
        let read = self.read_tlp();
        let open = self.told.tlp.is_none_or(|ruled| read < ruled.read);
        (read < self.stated.tlp && open && self.told.same_as.is_none()).then_some(read)
    }
}

/// What people said about a finding that its document does not say. Reading the document again changes none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// Who accepted it as a finding, where its document left that open.
    pub accepted: Option<PersonId>,
    /// What it was called while it waited for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<CandidateKey>,
    /// Ids that its document gives it besides the one in its key.
    pub aliases: BTreeSet<String>,
    /// The finding that it turned out to be: nothing in a document is taken for this one any more.
    pub same_as: Option<FindingKey>,
    /// What went wrong, where somebody corrected it.
    pub class: Option<Class>,
    /// Bug or change request, where somebody corrected it.
    pub work: Option<Work>,
    /// People whom a reviewer named to verify it, because every reviewer has a part in it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub reviewers: BTreeSet<PersonId>,
    /// What a reviewer said about its class, until its document becomes stricter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlp: Option<Ruled>,
}

/// The class that a reviewer gave a finding, and what its document said at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruled {
    /// The class.
    pub tlp: Tlp,
    /// The class that its document said.
    pub read: Tlp,
}

impl Told {
    /// Whether nobody said anything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whose value holds where both sides changed a field to different values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The finding's, which is written to the issue.
    Finding,
    /// The issue's, which the finding takes.
    Tracker,
}

/// What a document states about a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    /// The postmortem it belongs to.
    pub postmortem: PostmortemId,
    /// Whether that id was derived from a file's name; absent in registers that are older than this.
    #[serde(default)]
    pub postmortem_derived: bool,
    /// Where people read that postmortem.
    pub postmortem_url: Option<String>,
    /// The source that lists the document.
    pub source: SourceName,
    /// Path of the document.
    pub path: String,
    /// Line it starts on.
    pub line: usize,
    /// Its class: the strictest that its document said, unless a reviewer said otherwise.
    pub tlp: Tlp,
    /// The class that its document says now, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_tlp: Option<Tlp>,
    /// What the action does.
    pub kind: Option<Kind>,
    /// Whether `kind` was inferred.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kind_inferred: bool,
    /// How soon.
    pub priority: Option<Priority>,
    /// Severity as stated, if it is.
    pub severity: Option<Severity>,
    /// That severity as it is written, where nobody understands it: then it counts as high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_unclear: Option<String>,
    /// Owner as written.
    pub owner: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Explicit deadline.
    pub due: Option<NaiveDate>,
    /// Issues it cites.
    pub trackers: Vec<TrackerRef>,
    /// Rule it asks for.
    pub target: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// What it claims.
    pub claimed: Claimed,
    /// Who is asked first to verify, as written; that lets nobody verify.
    pub reviewers: Vec<String>,
    /// Who wrote the document, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Its words, which are serialised by [`super::words::WithWords`] alone.
    #[serde(flatten, skip_serializing)]
    pub words: Sealed,
}

/// Where a deadline is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnchorKind {
    /// The postmortem's publication.
    Published,
    /// First sight, because no publication is stated.
    FirstSeen,
    /// First sight, because publication is more than 30 days before it.
    LateIntake,
}

/// The stored facts that a finding's deadlines are computed from. Editing the document later does not move the anchor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRecord {
    /// Day zero.
    pub anchor: NaiveDate,
    /// What day zero is.
    pub anchor_kind: AnchorKind,
    /// First deadline; none for severities that are never overdue. Never changes.
    pub due_original: Option<NaiveDate>,
    /// Deadline in force: the newest approved extension, else `due_original`; a reclassification brings it forward,
    /// and the end of a waiver leaves what was left of it.
    pub due: Option<NaiveDate>,
    /// Approved extensions, oldest first.
    pub extensions: Vec<Extension>,
}

/// An approved extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The new deadline.
    pub due: NaiveDate,
    /// Why.
    pub reason: String,
    /// Who approved it; never the owner.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Word that a finding is done, from a tracker or from its document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// When it was noticed.
    pub at: DateTime<Utc>,
    /// Who claimed it.
    pub by: Claimant,
}

/// Who claimed a finding done. The claimant may not verify it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claimant {
    /// A person of the directory.
    Person(PersonId),
    /// An account the directory does not know; verification waits until somebody names the person.
    Account(AccountId),
    /// The document.
    Document,
    /// The tracker did not say.
    Unknown,
}

/// How a finding was resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Who verified.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// What shows it: references, one each.
    pub evidence: Vec<String>,
    /// The revised procedure, required for process findings.
    pub procedure: Option<String>,
}

/// One recorded review. A sync is not a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who reviewed.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// What they think.
    pub verdict: Verdict,
    /// Why.
    pub note: Option<String>,
    /// The next review, when they named a date.
    pub next: Option<NaiveDate>,
}

/// An accepted risk, always with an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Who approved it.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// Last day it holds.
    pub expires: NaiveDate,
}

/// Whether it is the first episode, which needs no word.
fn is_first(episode: &u32) -> bool {
    *episode == 0
}

impl Finding {
    /// Leaves word of a decision for its issues, which is told once; or none, which takes back what still waits.
    pub fn leave_word(&mut self, word: Option<String>, decided: DateTime<Utc>) {
        self.pending_comment_since = word.as_ref().map(|_| decided);
        self.pending_comment = word;
    }

    /// Its progress as its issues should show it; none while it is for the register alone to say.
    pub fn progress(&self) -> Option<Progress> {
        match self.state {
            State::Open | State::InProgress if self.declined_upstream => Some(Progress::Declined),
            State::Open => Some(Progress::Open),
            State::InProgress => Some(Progress::InProgress),
            State::PendingVerification | State::Resolved => Some(Progress::Done),
            State::RiskAccepted | State::Dismissed => None,
        }
    }
}
