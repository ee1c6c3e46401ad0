//! Notes as they stand: what is one note and what two, and how each kind of them ends.
//!
//! Knows kinds and subjects. When a note ends in a given cycle is for `plan::notes` to say.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    cycle::{Note, NoteKind},
    ids::{FindingKey, SourceName, TrackerName},
    issue::Field,
    link::Link,
};

/// Which of several notes of one kind about one subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A field of the issue.
    Field(Field),
    /// The class of the finding.
    Class,
    /// A place, by its id.
    Place(String),
    /// Another issue than the one that the note names, by its key.
    Issue(String),
    /// A row of the register.
    Row(String),
}

/// What a note is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A finding, in whatever issue.
    Finding(FindingKey),
    /// A place of a tracker, by its id.
    Place(TrackerName, String),
    /// A tracker.
    Tracker(TrackerName),
    /// A source.
    Source(SourceName),
    /// The register itself.
    Register,
}

/// How a note of a kind ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It happened once. It is told with the cycle that it happened in and never stands.
    Event,
    /// Looking at its subject is enough to know: a look that does not say it again ends it.
    Look,
    /// Only an answer of its tracker tells: while nothing was read of its issue or place, it stands.
    Read,
    /// Only a try to write tells: it stands as long as nothing was read, and as long as the write is left for later.
    Write,
}

impl NoteKind {
    /// The kind as it is written in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unrouted => "unrouted",
            Self::Held => "held",
            Self::Exposed => "exposed",
            Self::Waiting => "waiting",
            Self::Conflict => "conflict",
            Self::Overruled => "overruled",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Quarantined => "quarantined",
            Self::Moved => "moved",
            Self::Drift => "drift",
            Self::Duplicate => "duplicate",
            Self::Rerouted => "rerouted",
            Self::Renamed => "renamed",
            Self::Deferred => "deferred",
            Self::Stale => "stale",
            Self::Failed => "failed",
            Self::Register => "register",
            Self::SourceMissing => "source_missing",
            Self::UnknownPerson => "unknown_person",
            Self::Clock => "clock",
            Self::Misfit => "misfit",
            Self::DefaultOwner => "default_owner",
            Self::PutBack => "put_back",
        }
    }

    /// How notes of the kind end; the one place that says what is a state and what happened once.
    pub fn nature(self) -> Nature {
        match self {
            Self::Overruled | Self::Stale | Self::PutBack => Nature::Event,
            Self::Unrouted
            | Self::Unreachable
            | Self::Register
            | Self::Renamed
            | Self::SourceMissing
            | Self::Misfit => Nature::Look,
            Self::Held
            | Self::Exposed
            | Self::Waiting
            | Self::Conflict
            | Self::Quarantined
            | Self::Moved
            | Self::Drift
            | Self::Duplicate
            | Self::Rerouted
            | Self::Deferred
            | Self::UnknownPerson
            | Self::Clock
            | Self::DefaultOwner => Nature::Read,
            Self::Refused | Self::Failed => Nature::Write,
        }
    }
}

impl Note {
    /// A note that names nothing yet.
    pub fn new(kind: NoteKind, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { kind, finding: None, tracker: None, issue: None, why, source: None, about: None, until: None }
    }

    /// A note about a link.
    pub fn of_link(kind: NoteKind, link: &Link, why: impl Into<String>) -> Self {
        Self::new(kind, why).of(&link.finding).at(&link.tracker).on(link.issue.key.as_str())
    }

    /// Names the finding.
    #[must_use]
    pub fn of(self, finding: &FindingKey) -> Self {
        Self { finding: Some(finding.clone()), ..self }
    }

    /// Names the tracker.
    #[must_use]
    pub fn at(self, tracker: &TrackerName) -> Self {
        Self { tracker: Some(tracker.clone()), ..self }
    }

    /// Names the issue.
    #[must_use]
    pub fn on(self, issue: impl Into<String>) -> Self {
        Self { issue: Some(issue.into()), ..self }
    }

    /// Says which of several it is.
    #[must_use]
    pub fn about(self, about: About) -> Self {
        Self { about: Some(about), ..self }
    }

    /// Says when the clock ends it.
    #[must_use]
    pub fn until(self, until: Option<DateTime<Utc>>) -> Self {
        Self { until, ..self }
    }

    /// What it is about.
    pub fn subject(&self) -> Subject {
        match (&self.finding, &self.source, &self.tracker, &self.about) {
            (Some(finding), ..) => Subject::Finding(finding.clone()),
            (None, Some(source), ..) => Subject::Source(source.clone()),
            (None, None, Some(tracker), Some(About::Place(id))) => {
                Subject::Place(tracker.clone(), id.clone())
            }
            (None, None, Some(tracker), _) => Subject::Tracker(tracker.clone()),
            (None, None, None, _) => Subject::Register,
        }
    }
}

/// What tells one standing note from another; its words may change while it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoteName {
    /// What it is about.
    pub subject: Subject,
    /// Its kind.
    pub kind: NoteKind,
    /// The tracker.
    pub tracker: Option<TrackerName>,
    /// The issue.
    pub issue: Option<String>,
    /// Which of several.
    pub about: Option<About>,
    /// Its number, where even that does not tell them apart.
    pub nth: u32,
}

/// A note that stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Standing {
    /// What is said.
    #[serde(flatten)]
    pub note: Note,
    /// Since when it is so without a break, as far as it was looked at.
    pub since: DateTime<Utc>,
    /// Its number among notes that nothing else tells apart.
    #[serde(default, skip_serializing_if = "is_first")]
    pub nth: u32,
}

impl Standing {
    /// What tells it from others.
    pub fn name(&self) -> NoteName {
        let Note { kind, tracker, issue, about, .. } = &self.note;
        NoteName {
            subject: self.note.subject(),
            kind: *kind,
            tracker: tracker.clone(),
            issue: issue.clone(),
            about: about.clone(),
            nth: self.nth,
        }
    }

    /// Whether the clock has ended it.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.note.until.is_some_and(|until| until <= now)
    }
}

fn is_first(nth: &u32) -> bool {
    *nth == 0
}
