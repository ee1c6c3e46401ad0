//! Several findings on one issue: it shows the furthest of those that are open, and is closed once none of them is.

use std::collections::BTreeSet;

use super::{Live, Work, policy::policy, progress::merged};
use crate::{
    model::{
        finding::Finding,
        ids::FindingKey,
        issue::{Field, IssueId},
        link::Link,
        rule::ConflictPolicy,
        terms::{Progress, State},
    },
    plan::{
        action::{Action, Plan},
        merge::Merge,
        snapshot::{Context, Row},
    },
};

/// The findings that follow the issue of a link, each with its own link.
fn followers<'a>(row: &'a Row, link: &Link) -> impl Iterator<Item = (&'a Finding, &'a Link)> {
    let links = row.links.iter().map(|(other, _)| other).filter(|other| other.issue.id == link.issue.id);
    links.filter_map(|other| {
        let member = row.findings.iter().find(|member| member.finding.key == other.finding)?;
        Some((&member.finding, other))
    })
}

/// Whether a finding keeps no issue open: it is claimed done, or is none at all.
fn is_done(finding: &Finding) -> bool {
    finding.progress() == Some(Progress::Done) || finding.state == State::Dismissed
}

/// What the findings of a row say about the issues that they share, once each of them has listened.
pub(super) struct Together<'a> {
    row: &'a Row,
    open: BTreeSet<&'a FindingKey>,
    begun: BTreeSet<IssueId>,
}

impl<'a> Together<'a> {
    pub(super) fn of(row: &'a Row, works: &[Work<'_>]) -> Self {
        let is_open = |finding: &Finding| {
            let work = works.iter().find(|work| work.finding.key == finding.key);
            !is_done(work.map_or(finding, |work| &work.finding))
        };
        let of_row = row.findings.iter().map(|member| &member.finding);
        let open = of_row.filter(|finding| is_open(finding)).map(|finding| &finding.key).collect();
        let begun = works.iter().flat_map(Work::begun).cloned().collect();
        Self { row, open, begun }
    }

    /// Whether an issue may be closed: every finding that follows it is done.
    pub(super) fn may_close(&self, link: &Link) -> bool {
        followers(self.row, link).all(|(finding, _)| !self.open.contains(&finding.key))
    }

    /// What one write shows for all the findings that owe the issue their status.
    pub(super) fn shown(&self, link: &Link, ours: Progress) -> Progress {
        if ours == Progress::Open && self.begun.contains(&link.issue.id) {
            Progress::InProgress
        } else {
            ours
        }
    }

    /// Whether another finding of the row changes the status of the same issue already: one write serves all of them.
    pub(super) fn is_pushed(&self, plan: &Plan, link: &Link) -> bool {
        plan.actions.iter().any(|action| match action {
            Action::Edit(edit) => edit.issue.id == link.issue.id && edit.edit.progress.is_some(),
            Action::Record { .. }
            | Action::Adopt { .. }
            | Action::Break { .. }
            | Action::Restore { .. }
            | Action::Rekey { .. }
            | Action::EndIntent { .. }
            | Action::Create(_) => false,
        })
    }

    /// The finding whose conflict about this issue's status waits for a person, if there is one: a write for another finding
    /// would take away one of the two values that the person is asked about.
    pub(super) fn waiting(&self, context: &Context, live: &Live<'_>) -> Option<&'a FindingKey> {
        let theirs = live.issue.progress;
        let waits = |finding: &Finding, link: &Link| {
            finding.progress().is_some_and(|ours| {
                !held_open(self.row, live, link, ours)
                    && merged(link, live.kind, ours, theirs) == Merge::Conflict
                    && policy(context, finding, Field::Progress) == ConflictPolicy::Flag
            })
        };
        let mut others =
            followers(self.row, &live.link).filter(|(finding, _)| finding.key != live.link.finding);
        others.find(|(finding, link)| waits(finding, link)).map(|(finding, _)| &finding.key)
    }
}

/// Whether an issue is open, or under way, because of another finding that follows it, whoever made it so:
/// that says nothing about this one.
pub(super) fn held_open(row: &Row, live: &Live<'_>, link: &Link, ours: Progress) -> bool {
    let theirs = live.issue.progress;
    let mut followers = followers(row, link);
    match (ours, theirs) {
        (Progress::Done, Progress::Open | Progress::InProgress) => {
            !followers.all(|(finding, _)| is_done(finding))
        }
        (Progress::Open, Progress::InProgress) => {
            let moved = matches!(merged(link, live.kind, ours, theirs), Merge::ToIssue | Merge::Conflict);
            moved && followers.any(|(finding, _)| finding.progress() == Some(theirs))
        }
        (_, Progress::Done | Progress::Declined)
        | (Progress::Open | Progress::InProgress, Progress::Open)
        | (Progress::InProgress, Progress::InProgress)
        | (Progress::Declined, _) => false,
    }
}
