//! Status: the issues of a finding speak together, register changes go to all of them.

use super::{
    Live, Work,
    shared::{Together, held_open},
};
use crate::{
    model::{
        cycle::NoteKind,
        finding::Claimant,
        history::Entry,
        issue::{Change, Edit, Field, IssueId, TrackerKind},
        link::{Agreed, Link},
        rule::ConflictPolicy,
        terms::{Progress, State},
    },
    plan::{
        action::Plan,
        merge::{Merge, merge},
        oneway::free,
        snapshot::{Context, Row},
    },
    review::transition,
};

impl Work<'_> {
    /// Takes what the issues say, together; where the finding has something to say, they are owed its status.
    pub(super) fn hear_progress(&mut self, row: &Row, plan: &mut Plan) {
        let Some(ours) = self.before.progress() else { return self.remember_progress() };
        let (mut pulls, mut pushes, mut waits) = (Vec::new(), Vec::new(), false);
        for n in 0..self.live.len() {
            let Some(live) = self.live.get(n) else { continue };
            if self.is_doubtful(n, Field::Progress, plan) {
                waits = true;
                continue;
            }
            let theirs = live.issue.progress;
            if held_open(row, live, &live.link, ours) {
                self.leave_open(n, (ours, theirs), plan);
                continue;
            }
            let values = (ours.as_str(), theirs.as_str());
            match (merged(&live.link, live.kind, ours, theirs), self.policy(Field::Progress)) {
                (Merge::Same, _) => {}
                (Merge::Agreed, _) => self.agree_progress(n, ours, theirs),
                // Nothing was agreed yet: the tracker knows how far its issue is.
                (Merge::ToFinding | Merge::Unsettled, _) => pulls.push(n),
                (Merge::ToIssue, _) => pushes.push(n),
                (Merge::Conflict, ConflictPolicy::Tracker) => {
                    self.lose(n, Field::Progress, values, plan);
                    pulls.push(n);
                }
                (Merge::Conflict, ConflictPolicy::Finding) => {
                    self.contested.insert(Field::Progress);
                    pushes.push(n);
                }
                (Merge::Conflict, ConflictPolicy::Flag) => {
                    self.note_conflict(n, Field::Progress, values, plan);
                    waits = true;
                }
            }
        }
        // The issues speak together: while one of them waits for a person, none is listened to.
        match (pulls.is_empty(), pushes.is_empty()) {
            (false, _) if waits => {}
            (false, _) => self.pull_progress(&pulls, plan),
            (true, false) => self.owed = pushes,
            (true, true) if !waits && self.is_left_closed(ours) => {
                self.pull_progress(&(0..self.live.len()).collect::<Vec<_>>(), plan);
            }
            (true, true) => self.learn_claimant(),
        }
    }

    /// Whether every issue that is left is closed, as was heard while another one, whose link has ended since, was open.
    fn is_left_closed(&self, ours: Progress) -> bool {
        let was_heard = |live: &Live<'_>| {
            let heard = Agreed { finding: ours, issue: live.issue.progress };
            live.issue.progress.is_closed() && live.link.baseline.progress.as_ref() == Some(&heard)
        };
        !ours.is_closed() && !self.live.is_empty() && self.live.iter().all(was_heard)
    }

    fn leave_open(&mut self, n: usize, (ours, theirs): (Progress, Progress), plan: &mut Plan) {
        let why = "it stays as it is, because another finding that follows this issue is not done";
        self.note(n, (NoteKind::Deferred, Field::Progress), why, plan);
        self.set_progress_baseline(n, ours, theirs);
    }

    /// While a status is the register's alone to say, nothing is agreed: once that ends, the tracker knows how far its
    /// issue is. Only what was given up counts as agreed, so that it is opened again when the finding is.
    fn remember_progress(&mut self) {
        let dismissed = self.before.state == State::Dismissed;
        for live in &mut self.live {
            let theirs = live.issue.progress;
            let given_up = theirs == Progress::Declined || dismissed && theirs == Progress::Done;
            live.link.baseline.progress = given_up.then_some(Agreed { finding: theirs, issue: theirs });
        }
    }

    /// Whether it is known of every closed issue who closed it. Until then nobody is named as the claimant, and nobody
    /// verifies: they might be the one.
    fn knows_closers(&self) -> bool {
        let mut closed = self.live.iter().filter(|live| live.issue.progress.is_closed());
        closed.all(|live| live.issue.closed_by.is_some())
    }

    /// A claimant whom nobody knew gets known: the tracker tells who closed it, or the directory has the account now.
    fn learn_claimant(&mut self) {
        let Some(claim) = self.before.claim.as_ref() else { return };
        if self.before.state != State::PendingVerification {
            return;
        }
        let told = self.live.iter().rev().find(|live| live.issue.closed_by.is_some());
        let told = told.filter(|_| self.knows_closers());
        let claimant = match (told, &claim.by) {
            (Some(live), _) => claimant(self.context, live),
            (None, Claimant::Account(account)) => {
                let mut persons = self.live.iter().filter_map(|live| {
                    let person = self.context.people.of_account(live.kind, account)?;
                    Some(Claimant::Person(person.clone()))
                });
                persons.next().unwrap_or(Claimant::Unknown)
            }
            (None, Claimant::Person(_) | Claimant::Document | Claimant::Unknown) => Claimant::Unknown,
        };
        if let Some(step) = transition::claimed(&self.finding, claimant, self.context.now) {
            let told = self.live.iter().rposition(|live| live.issue.closed_by.is_some());
            let known_by = self.known_by(told.unwrap_or_default(), Field::Progress);
            self.entries.push(Entry { known_by, ..step.entry(self.context.now, "", "tracker") });
            self.finding = step.finding;
        }
    }

    fn pull_progress(&mut self, moved: &[usize], plan: &mut Plan) {
        let together = together(self.live.iter().map(|live| live.issue.progress));
        if together.is_closed() && !self.unsettled.is_empty() {
            return self.wait_for_citations(moved, plan);
        }
        let before = self.finding.state;
        let closer = moved.iter().rev().find_map(|n| self.live.get(*n)).filter(|_| self.knows_closers());
        let closer = closer.map(|live| claimant(self.context, live));
        let claimant = closer.unwrap_or(Claimant::Unknown);
        if let Some(step) = transition::tracker_progress(&self.finding, together, claimant, self.context.now)
        {
            let known_by = moved.last().and_then(|n| self.known_by(*n, Field::Progress));
            self.entries.push(Entry { known_by, ..step.entry(self.context.now, "", "tracker") });
            self.finding = step.finding;
        }
        for n in moved {
            let Some(live) = self.live.get(*n) else { continue };
            let was = live
                .link
                .baseline
                .progress
                .as_ref()
                .map_or("unknown", |agreed| agreed.issue.as_str())
                .to_owned();
            let is = live.issue.progress.to_string();
            let why = format!(
                "the tracker says `{}`; the finding was {before}, is {}",
                live.issue.status_text, self.finding.state
            );
            self.entry(*n, "status_pulled", Field::Progress, (was, is), &why);
        }
        for n in 0..self.live.len() {
            let Some(theirs) = self.live.get(n).map(|live| live.issue.progress) else { continue };
            self.set_progress_baseline(n, self.finding.progress().unwrap_or(theirs), theirs);
        }
    }

    /// Closed issues say nothing for the finding while one that its document cites was not heard.
    fn wait_for_citations(&self, moved: &[usize], plan: &mut Plan) {
        let why = format!(
            "it is closed; that counts once every cited issue is followed, and {} is not",
            self.unsettled.join(", ")
        );
        for n in moved {
            self.note(*n, (NoteKind::Deferred, Field::Progress), why.as_str(), plan);
        }
    }

    fn agree_progress(&mut self, n: usize, ours: Progress, theirs: Progress) {
        let was = self.live.get(n).and_then(|live| live.link.baseline.progress.as_ref());
        match was.map(|agreed| agreed.issue) {
            Some(was) if was != theirs => self.meet(n, Field::Progress, (was.as_str(), theirs.as_str())),
            // Somebody closed it before it was ever read: that is told once, for it may be opened again.
            None if theirs.is_closed() => {
                let why = "the finding says so too; it is the first time that they are compared";
                let values = ("unknown".to_owned(), theirs.to_string());
                self.entry(n, "agreed", Field::Progress, values, why);
            }
            Some(_) | None => {}
        }
        self.set_progress_baseline(n, ours, theirs);
    }

    pub(super) fn set_progress_baseline(&mut self, n: usize, finding: Progress, issue: Progress) {
        if let Some(live) = self.live.get_mut(n) {
            live.link.baseline.progress = Some(Agreed { finding, issue });
        }
    }

    /// The issues that are to be told that work on them has begun.
    pub(super) fn begun(&self) -> impl Iterator<Item = &IssueId> {
        let live = self.owed.iter().filter_map(|n| self.live.get(*n));
        let asked = Some(Progress::InProgress.as_str());
        let told = live.filter(move |live| free(self.context, &live.link, Field::Progress, asked));
        let begun = self.before.progress() == Some(Progress::InProgress);
        told.filter(move |_| begun).map(|live| &live.link.issue.id)
    }

    /// Writes the finding's status to the issues that are owed it, as far as the other findings of the row let it.
    pub(super) fn push_progress(&mut self, together: &Together<'_>, plan: &mut Plan) {
        let Some(ours) = self.before.progress() else { return };
        for n in std::mem::take(&mut self.owed) {
            self.push_one(n, ours, together, plan);
        }
    }

    fn push_one(&mut self, n: usize, ours: Progress, together: &Together<'_>, plan: &mut Plan) {
        let Some(live) = self.live.get(n) else { return };
        if live.shared && ours.is_closed() && !together.may_close(&live.link) {
            let why = "it is not closed, because another finding that follows this issue is not done";
            return self.note(n, (NoteKind::Deferred, Field::Progress), why, plan);
        }
        if live.shared && together.is_pushed(plan, &live.link) {
            return;
        }
        if let Some(other) = together.waiting(self.context, live) {
            let why = format!(
                "it is not written while the status of {other}, which follows this issue too, is to be settled"
            );
            return self.note(n, (NoteKind::Deferred, Field::Progress), why, plan);
        }
        let (state, theirs) = (self.finding.state, live.issue.progress);
        let progress = Some(Change { from: theirs, to: together.shown(&live.link, ours) });
        let edit = Edit { progress, ..Edit::default() };
        if !self.may_write(n, Field::Progress, &edit, plan) {
            return;
        }
        if merged(&live.link, live.kind, ours, theirs) == Merge::Conflict {
            self.win(n, Field::Progress, (ours.as_str(), theirs.as_str()));
            if let Some(live) = self.live.get_mut(n) {
                live.overruled.progress = Some(theirs);
            }
        }
        if let Some(live) = self.live.get_mut(n) {
            live.why.push(format!("the finding is {state} now"));
            live.edit.progress = edit.progress;
            live.progress = Some(ours);
        }
    }
}

/// What the merge of the status of a finding and of one of its issues comes to.
pub(super) fn merged(link: &Link, kind: TrackerKind, ours: Progress, theirs: Progress) -> Merge {
    let alike = |a: &Progress, b: &Progress| kind.shows(*a) == kind.shows(*b);
    merge(link.baseline.progress.as_ref(), &ours, &theirs, alike, |_| false)
}

/// Several issues of one finding: done when all are, declined when all are closed and one is declined.
fn together(progress: impl Iterator<Item = Progress> + Clone) -> Progress {
    let all = |test: fn(Progress) -> bool| progress.clone().all(test);
    if all(|progress| progress == Progress::Done) {
        Progress::Done
    } else if all(Progress::is_closed) {
        Progress::Declined
    } else if all(|progress| progress == Progress::Open) {
        Progress::Open
    } else {
        Progress::InProgress
    }
}

fn claimant(context: &Context, live: &Live<'_>) -> Claimant {
    match &live.issue.closed_by {
        Some(account) => match context.people.of_account(live.kind, account) {
            Some(person) => Claimant::Person(person.clone()),
            None => Claimant::Account(account.clone()),
        },
        None => Claimant::Unknown,
    }
}
