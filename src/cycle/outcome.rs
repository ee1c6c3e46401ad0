//! What a cycle came to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{gather::Gathered, notes};
use crate::model::{
    cycle::{Note, NoteKind, TrackerHealth},
    history::Anchor,
    ids::{FindingKey, TrackerName},
    note::Standing,
    observed::Observed,
    outline::Totals,
    postmortem::Diagnostic,
};

/// What a cycle came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Counts of what was done, by action.
    pub done: BTreeMap<String, usize>,
    /// What was not done in it, with reasons.
    #[serde(skip)]
    pub notes: Vec<Note>,
    /// What stands now of what was looked at and of no finding, each since when, and what happened once in this cycle.
    #[serde(skip)]
    pub standing: Vec<Standing>,
    /// How many notes of each kind stand now, of everything.
    #[serde(skip)]
    pub kinds: BTreeMap<NoteKind, usize>,
    /// What each document of this cycle's findings came to: every finding is counted once.
    pub census: Census,
    /// How each tracker answered.
    pub trackers: BTreeMap<TrackerName, TrackerHealth>,
    /// Sources that could not be read completely.
    pub unreadable_sources: usize,
    /// What keeps documents from being read or taken in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Diagnostic>,
    /// Findings that an audit found changed although nothing had hinted at it.
    #[serde(skip_serializing_if = "is_none")]
    pub missed: usize,
    /// Where the history ended when the cycle did: an anchor for whoever keeps it elsewhere.
    pub history: Option<Anchor>,
    /// Actions on trackers that were not begun because the process was asked to stop.
    pub unbegun: usize,
    /// When the first of what was left because an allowance was used up may be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<DateTime<Utc>>,
    /// Findings that were linked in this cycle and want another look.
    #[serde(skip)]
    pub touched: BTreeSet<FindingKey>,
    /// Trackers that stopped answering while the plan was applied.
    #[serde(skip)]
    pub down: BTreeMap<TrackerName, String>,
    /// Trackers that are left alone for a while because a limit is reached; that is no failure.
    #[serde(skip)]
    pub paused: BTreeMap<TrackerName, String>,
}

/// Where every finding of the register is, each counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Census {
    /// Findings in the register.
    pub findings: usize,
    /// Followed by an issue that we created.
    pub created: usize,
    /// Followed by an issue that was cited.
    pub cited: usize,
    /// Followed up in the register.
    pub register: usize,
    /// Followed by nothing yet, each with a note that says why.
    pub skipped: usize,
}

/// How a cycle ended, for whoever has to react; the number is the exit code of `sync`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything was read and done.
    Complete = 0,
    /// Something could not be read or written; the rest was done, and the next cycle tries again.
    Partial = 3,
    /// Something waits for a person's decision.
    Held = 4,
}

impl Outcome {
    /// Counts one more of an action.
    pub fn count(&mut self, action: &str) {
        *self.done.entry(action.to_owned()).or_default() += 1;
    }

    /// Remembers when something that was left may be sent; the earliest counts.
    pub fn opens(&mut self, at: DateTime<Utc>) {
        self.opens = Some(self.opens.map_or(at, |known| known.min(at)));
    }

    /// Takes in what a second pass came to. Its notes replace the first pass's on the same findings.
    pub fn absorb(&mut self, other: Self) {
        for (action, n) in other.done {
            *self.done.entry(action).or_default() += n;
        }
        self.notes.extend(other.notes);
        self.down.extend(other.down);
        self.paused.extend(other.paused);
        self.unbegun += other.unbegun;
        if let Some(at) = other.opens {
            self.opens(at);
        }
    }

    /// Brings notes into order, with those that stand now.
    pub fn settle(&mut self, gathered: &Gathered, standing: Vec<Standing>) {
        self.notes.sort();
        self.notes.dedup();
        let since = gathered.context.now;
        let events = notes::events(&self.notes).into_iter();
        self.standing = standing;
        self.standing.extend(events.map(|note| Standing { note, since, nth: 0 }));
        self.standing.sort();
        self.unreadable_sources = gathered.sources.values().filter(|source| source.unreadable > 0).count()
            + gathered
                .listings
                .iter()
                .filter(|listing| !matches!(listing.documents, Observed::Known(_)))
                .count();
    }

    /// Counts where every finding of the register is now, and what is said of it.
    pub fn sum_up(&mut self, totals: Totals) {
        let Totals { findings, created, cited, kept: register, notes } = totals;
        let skipped = findings.saturating_sub(created).saturating_sub(cited).saturating_sub(register);
        self.census = Census { findings, created, cited, register, skipped };
        self.kinds = notes;
    }

    /// The kinds of what was said in it, and of what stands after it.
    fn said(&self) -> impl Iterator<Item = NoteKind> {
        self.notes.iter().map(|note| note.kind).chain(self.kinds.keys().copied())
    }

    /// How it ended.
    pub fn verdict(&self) -> Verdict {
        let unwell = self.trackers.values().any(|health| health.error.is_some());
        if unwell
            || !self.down.is_empty()
            || self.unreadable_sources > 0
            || self.said().any(NoteKind::is_failure)
        {
            Verdict::Partial
        } else if self.said().any(NoteKind::needs_person) {
            Verdict::Held
        } else {
            Verdict::Complete
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(n: &usize) -> bool {
    *n == 0
}
