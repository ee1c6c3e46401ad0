//! The record of one cycle: how fresh the data is and what stayed undone, for reports between cycles.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ids::{FindingKey, SourceName, TrackerName},
    note::About,
    observed::Observed,
    postmortem::{Diagnostic, Document},
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
    /// What happened once in it; what stands is kept as notes of its own.
    #[serde(default)]
    pub events: Vec<Note>,
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
    /// Whether its credential is not honoured.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
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
    /// Last time that its documents could be listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<DateTime<Utc>>,
    /// Documents listed.
    pub documents: usize,
    /// Documents that could not be read, are invalid, or cannot be told from another one.
    pub unreadable: usize,
    /// Documents in which nothing was found, although they do not say that there is nothing.
    pub empty: usize,
    /// Documents with nothing but candidates.
    #[serde(default)]
    pub candidates_only: usize,
    /// Documents that say that there is nothing to do.
    #[serde(default)]
    pub none_stated: usize,
    /// Findings in them.
    pub findings: usize,
    /// Candidates in them that wait for a person.
    pub candidates: usize,
}

/// What reading one document came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// It could not be read, is invalid, or cannot be told from another one.
    Unreadable,
    /// Nothing was found in it, and it does not say that there is nothing.
    Nothing,
    /// It holds candidates and no finding.
    CandidatesOnly,
    /// It says that there is nothing to do.
    NoneStated,
    /// It holds findings.
    Findings,
}

impl Coverage {
    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Nothing => "nothing",
            Self::CandidatesOnly => "candidates_only",
            Self::NoneStated => "none_stated",
            Self::Findings => "findings",
        }
    }

    /// What a document came to; `accepted` of its candidates are findings by a person's word, and none where it was not taken in.
    pub fn of(document: &Document, accepted: Option<usize>) -> Self {
        let (Some(postmortem), Some(accepted)) = (document.postmortem.known(), accepted) else {
            return Self::Unreadable;
        };
        let says_none = || document.diagnostics.iter().any(|noted| noted.code == "explicit_none");
        match (postmortem.findings.len() + accepted, postmortem.candidates.len()) {
            (0, 0) if says_none() => Self::NoneStated,
            (0, 0) => Self::Nothing,
            (0, _) => Self::CandidatesOnly,
            (..) => Self::Findings,
        }
    }
}

impl SourceHealth {
    /// Counts what the documents of a source came to; `accepted` says how many candidates of one are findings, and none where it
    /// was not taken in.
    pub fn of(documents: &Observed<Vec<Document>>, accepted: impl Fn(&Document) -> Option<usize>) -> Self {
        let mut health = Self::default();
        let Observed::Known(documents) = documents else { return Self { unreadable: 1, ..health } };
        for document in documents {
            let accepted = accepted(document);
            health.count(Coverage::of(document, accepted));
            if let (Some(postmortem), Some(accepted)) = (document.postmortem.known(), accepted) {
                health.findings += postmortem.findings.len() + accepted;
                health.candidates += postmortem.candidates.len().saturating_sub(accepted);
            }
        }
        health
    }

    /// Counts one more document.
    pub(super) fn count(&mut self, coverage: Coverage) {
        self.documents += 1;
        match coverage {
            Coverage::Unreadable => self.unreadable += 1,
            Coverage::Nothing => self.empty += 1,
            Coverage::CandidatesOnly => self.candidates_only += 1,
            Coverage::NoneStated => self.none_stated += 1,
            Coverage::Findings => {}
        }
    }

    /// Both together.
    pub fn with(&self, other: &Self) -> Self {
        self.each(other, usize::saturating_add)
    }

    /// What is left without some of the documents.
    pub fn without(&self, some: &Self) -> Self {
        self.each(some, usize::saturating_sub)
    }

    fn each(&self, other: &Self, by: impl Fn(usize, usize) -> usize) -> Self {
        Self {
            read: self.read.max(other.read),
            documents: by(self.documents, other.documents),
            unreadable: by(self.unreadable, other.unreadable),
            empty: by(self.empty, other.empty),
            candidates_only: by(self.candidates_only, other.candidates_only),
            none_stated: by(self.none_stated, other.none_stated),
            findings: by(self.findings, other.findings),
            candidates: by(self.candidates, other.candidates),
        }
    }

    /// Documents with findings.
    pub fn covered(&self) -> usize {
        let others = self.unreadable + self.empty + self.candidates_only + self.none_stated;
        self.documents.saturating_sub(others)
    }
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
    /// The source, when it concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceName>,
    /// Which of several notes of its kind it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// When the clock ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
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
    /// A place has another name now than the rules give it; it is the same place, and everything goes on there.
    Renamed,
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
    /// This machine's clock shows another time than a tracker's.
    Clock,
    /// The register's row is not as its history says.
    Misfit,
    /// Somebody is assigned by a place's own default; nobody chose them, and they are not the owner.
    DefaultOwner,
    /// A tracker shows an older state for good: it was put back from a backup, and that state counts from now on.
    PutBack,
}

impl NoteKind {
    /// Whether something could not be read or written: the next cycle tries again.
    pub fn is_failure(self) -> bool {
        match self {
            Self::Unreachable | Self::Failed | Self::Waiting | Self::Stale | Self::Refused => true,
            Self::Unrouted
            | Self::Held
            | Self::Exposed
            | Self::Conflict
            | Self::Overruled
            | Self::Quarantined
            | Self::Moved
            | Self::Drift
            | Self::Duplicate
            | Self::Rerouted
            | Self::Renamed
            | Self::Deferred
            | Self::Register
            | Self::SourceMissing
            | Self::UnknownPerson
            | Self::Clock
            | Self::Misfit
            | Self::DefaultOwner
            | Self::PutBack => false,
        }
    }

    /// Whether somebody has to do something about it before the worker can go on.
    pub fn needs_person(self) -> bool {
        match self {
            Self::Held
            | Self::Misfit
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
            | Self::Renamed
            | Self::Deferred
            | Self::Stale
            | Self::Failed
            | Self::Register
            | Self::SourceMissing
            | Self::UnknownPerson
            | Self::Clock
            | Self::DefaultOwner
            | Self::PutBack => false,
        }
    }
}
