//! Status: the issues of a finding speak together, register changes go to all of them.

use super::{Live, Work};
use crate::{
    model::{
        cycle::NoteKind,
        finding::Claimant,
        ids::FindingKey,
        issue::{Change, Field},
        link::{Agreed, Link},
        terms::Progress,
    },
    plan::{
        action::Plan,
        merge::{Merge, merge},
        snapshot::{Context, Row},
    },
    review::transition,
};

impl Work<'_> {
    /// Status: the issues speak together, register changes go to all of them.
    pub(super) fn merge_progress(&mut self, row: &Row, plan: &mut Plan) {
        let Some(ours) = self.before.progress() else { return self.agree_progress() };
        let mut pulls = Vec::new();
        let mut pushes = Vec::new();
        for n in 0..self.live.len() {
            let Some(live) = self.live.get(n) else { continue };
            let (kind, theirs) = (live.kind, live.issue.progress);
            let agreed = live.link.baseline.progress.as_ref();
            let alike = |a: &Progress, b: &Progress| kind.shows(*a) == kind.shows(*b);
            let mut result = merge(agreed, &ours, &theirs, alike, |_| false);
            if result == Merge::Conflict {
                result = self.settle(n, Field::Progress, (ours.as_str(), theirs.as_str()), plan);
            }
            match result {
                Merge::Same | Merge::Conflict => {}
                Merge::Agreed => self.set_progress_baseline(n, ours, theirs),
                // Nothing was agreed yet: the tracker knows how far its issue is.
                Merge::ToFinding | Merge::Unsettled => pulls.push(n),
                Merge::ToIssue => pushes.push(n),
            }
        }
        if pulls.is_empty() {
            for n in pushes {
                self.push_progress(n, ours, row, plan);
            }
        } else {
            self.pull_progress(&pulls);
        }
    }

    /// While a status is the register's alone to say, what the issue does is only remembered.
    fn agree_progress(&mut self) {
        for live in &mut self.live {
            let theirs = live.issue.progress;
            if live.link.baseline.progress.as_ref().is_none_or(|agreed| agreed.issue != theirs) {
                live.link.baseline.progress = Some(Agreed { finding: theirs, issue: theirs });
            }
        }
    }

    fn pull_progress(&mut self, moved: &[usize]) {
        let together = together(self.live.iter().map(|live| live.issue.progress));
        let before = self.finding.state;
        let closer =
            moved.iter().rev().find_map(|n| self.live.get(*n)).map(|live| claimant(self.context, live));
        let claimant = closer.unwrap_or(Claimant::Unknown);
        if let Some(step) = transition::tracker_progress(&self.finding, together, claimant, self.context.now)
        {
            self.entries.push(step.entry(self.context.now, "", "tracker"));
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

    fn set_progress_baseline(&mut self, n: usize, finding: Progress, issue: Progress) {
        if let Some(live) = self.live.get_mut(n) {
            live.link.baseline.progress = Some(Agreed { finding, issue });
        }
    }

    fn push_progress(&mut self, n: usize, ours: Progress, row: &Row, plan: &mut Plan) {
        let Some(live) = self.live.get(n) else { return };
        if live.shared && ours.is_closed() && !all_done(row, &live.link) {
            return self.note(
                n,
                NoteKind::Deferred,
                "another finding that follows this issue is still open",
                plan,
            );
        }
        if !self.may_write(n, Field::Progress, plan) {
            return;
        }
        let state = self.finding.state;
        if let Some(live) = self.live.get_mut(n) {
            live.why.push(format!("the finding is {state} now"));
            live.edit.progress = Some(Change { from: live.issue.progress, to: ours });
            live.progress = Some(ours);
        }
    }
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

/// Several findings on one issue: it may be closed when all of them are claimed done.
fn all_done(row: &Row, link: &Link) -> bool {
    let followers: Vec<&FindingKey> = row
        .links
        .iter()
        .filter(|(other, _)| other.issue.id == link.issue.id)
        .map(|(other, _)| &other.finding)
        .collect();
    row.findings
        .iter()
        .filter(|member| followers.contains(&&member.finding.key))
        .all(|member| member.finding.progress() == Some(Progress::Done))
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
