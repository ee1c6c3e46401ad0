//! What is about to be written to an issue is on record before its first request, and so is every step in between.
//!
//! Whatever becomes of the answers, the next cycle then knows its own doing from a person's. Must not know what follows
//! from that: the planner decides it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{CycleError, apply::Run, ledger::Ledger, ports::Ports};
use crate::{
    model::{
        edit_intent::{Comment, EditIntent, Step},
        ids::TrackerName,
        issue::{Dropped, Edit, Field, Issue},
        link::Link,
        observed::Observed,
        register::{Register, Write},
    },
    net::pace::Lane,
    plan::{
        action::EditAction,
        linked::doubtful,
        snapshot::{OpenEdit, Row},
    },
    store::StoreError,
    tracker::{Edited, Steps, TrackerError, TrackerWrite},
};

/// Keeps the record of one edit while it goes on.
struct Recorder<'r, 'l> {
    ledger: &'r mut Ledger<'l>,
    ports: &'r Ports,
    intent: EditIntent,
    /// How long what was sent may take to be seen.
    settle: TimeDelta,
    /// Why the register could not be written: nothing more may be sent.
    broken: Option<StoreError>,
}

#[async_trait]
impl Steps for Recorder<'_, '_> {
    fn may_say(&self, comment: Comment) -> bool {
        !self.intent.may_be_said(comment, self.ports.clock.now(), self.settle)
    }

    async fn next(&mut self, step: Step) -> Result<(), TrackerError> {
        if !self.intent.takes(step, self.ports.clock.now()) {
            return Ok(());
        }
        let write = Write::EditIntent(Box::new(self.intent.clone()));
        self.ledger.record(vec![write]).await.map_err(|error| {
            let why = format!("the step could not be recorded: {error}");
            self.broken = Some(error);
            TrackerError::Unsent { why }
        })
    }
}

/// Records an edit, then sends it.
///
/// # Errors
/// The register could not be written: nothing more is sent. The inner error is the tracker's.
pub(super) async fn sent(
    run: &mut Run<'_, '_>,
    tracker: &dyn TrackerWrite,
    issue: &Issue,
    action: &mut EditAction,
) -> Result<Result<Edited, TrackerError>, CycleError> {
    if let Err(error) = run.reserve(tracker, lane(&action.edit)) {
        return Ok(Err(error));
    }
    let account = run.gathered.context.trackers.get(&action.tracker).and_then(|facts| facts.account.known());
    let names = (&action.finding, &action.tracker);
    let mut intent = EditIntent::new(names, issue, &action.edit, account.cloned(), run.ports.clock.now());
    if let Some(open) = run.ledger.open_edit(&action.finding, &issue.at.id) {
        intent = intent.after(open);
    }
    let stated = run.ledger.link(&action.finding, &issue.at.id).and_then(|link| link.pushed.stated);
    intent.stated = intent.stated.or(stated);
    let mut writes = vec![Write::EditIntent(Box::new(intent.clone()))];
    writes.extend(overruling(run, action));
    run.ledger.record(writes).await?;
    let settle = run.gathered.context.settle;
    let mut recorder = Recorder { ledger: &mut *run.ledger, ports: run.ports, intent, settle, broken: None };
    let result = tracker.edit_by_steps(issue, &action.edit, &mut recorder).await;
    match recorder.broken {
        Some(error) => Err(error.into()),
        None => Ok(result),
    }
}

/// Puts on record what an edit overrules, because its answer may get lost: the value goes into the history, and counts as what was
/// last agreed. Once is enough, however often the edit is sent.
fn overruling(run: &mut Run<'_, '_>, action: &mut EditAction) -> Vec<Write> {
    let overruled = std::mem::take(&mut action.overruled);
    let link = run.ledger.link(&action.finding, &action.issue.id).cloned();
    let Some(mut link) = link.filter(|_| !overruled.entries.is_empty()) else { return Vec::new() };
    overruled.agree(&mut link);
    run.outcome.notes.extend(overruled.notes);
    let entries = overruled.entries.into_iter().map(Write::History);
    entries.chain([Write::Link(Box::new(link))]).collect()
}

/// Takes a comment out of an edit that waits because an earlier one may be there. Why it does.
pub(super) fn leave_out(edit: &mut Edit, comment: Comment) -> &'static str {
    match comment {
        Comment::Block => {
            edit.block = None;
            "block: a comment was made for it a short while ago, and the tracker does not show it yet"
        }
        Comment::Decision => {
            (edit.comment, edit.comment_mark) = (None, None);
            "comment: an earlier write of ours had no answer, and what came of it cannot be told yet"
        }
    }
}

/// What the first request of an edit is for its tracker: to add a comment is to create something.
fn lane(edit: &Edit) -> Lane {
    let says_only =
        edit.comment.is_some() && Edit { comment: None, comment_mark: None, ..edit.clone() }.is_empty();
    if says_only { Lane::Create } else { Lane::Write }
}

/// What is left of the record of an edit that was answered: the fields that the tracker refused on the way, because an
/// issue that stopped there is where our own steps led, those that it seems to have dropped although nothing proves that what
/// was read back is newer than the write, and those that the answer does not show. And what to say of the first in the history.
pub(super) fn answered(
    run: &Run<'_, '_>,
    action: &EditAction,
    link: &Link,
    (before, after): (&Issue, &Issue),
    (written, dropped): (&[Field], &[Dropped]),
) -> Vec<Write> {
    let Some(open) = run.ledger.open_edit(&action.finding, &link.issue.id) else { return Vec::new() };
    let mut rest = open.clone();
    let mut writes = Vec::new();
    for field in written.iter().filter(|field| is_told(**field, after)) {
        let is_dropped = dropped.iter().any(|drop| drop.field == *field);
        // A read that shows no change since the one before the write may come from before the write.
        if is_dropped && after.updated <= before.updated {
            continue;
        }
        match stopped(*field, before, after).filter(|_| is_dropped) {
            Some((was, is)) => {
                let why = "the tracker refused the rest of the way";
                let mut entry = run.ledger.entry("issue_changed", &action.finding, Some(&after.at.key), why);
                entry.field = Some(field.as_str().to_owned());
                (entry.before, entry.after) = (Some(was), Some(is));
                writes.push(Write::History(entry));
            }
            None => rest.settle(*field),
        }
    }
    writes.push(becoming(rest));
    writes
}

/// Whether the read after an edit tells what came of a field. Of our block and our comment no read tells: their own
/// answers do.
fn is_told(field: Field, after: &Issue) -> bool {
    match field {
        Field::Owner | Field::Progress | Field::Labels | Field::Due => after.shows(field),
        Field::Block | Field::Comment => true,
    }
}

/// How a field that takes several requests changed, if it did.
fn stopped(field: Field, before: &Issue, after: &Issue) -> Option<(String, String)> {
    let names = |issue: &Issue| {
        let names: Vec<&str> = issue.assignees.iter().map(|account| account.as_str()).collect();
        names.join(", ")
    };
    let values = match field {
        Field::Progress => (before.status_text.clone(), after.status_text.clone()),
        Field::Owner => (names(before), names(after)),
        Field::Labels | Field::Due | Field::Block | Field::Comment => return None,
    };
    (values.0 != values.1).then_some(values)
}

/// The write that leaves an open edit as it becomes.
pub(super) fn becoming(intent: EditIntent) -> Write {
    if intent.is_over() {
        Write::EditDone { finding: intent.finding, issue: intent.issue }
    } else {
        Write::EditIntent(Box::new(intent))
    }
}

/// Adds to rows the edits that are open on their links. Where an issue shows what such an edit was about, its history is
/// asked who did that: a person may have done the same.
pub(super) async fn add_open(ports: &Ports, register: &Register, rows: &mut [Row]) {
    if register.edits.is_empty() {
        return;
    }
    for row in rows {
        for member in &mut row.findings {
            let of_member = register.edits.iter().filter(|intent| intent.finding == member.finding.key);
            for intent in of_member {
                let linked = |(link, _): &&(Link, Observed<Issue>)| {
                    link.finding == intent.finding && link.issue.id == intent.issue
                };
                let Some((link, issue)) = row.links.iter().find(linked) else { continue };
                let mut open = OpenEdit { intent: intent.clone(), changes: BTreeMap::new() };
                if let Observed::Known(issue) = issue {
                    ask(ports, &link.tracker, issue, &mut open).await;
                }
                member.edits.push(open);
            }
        }
    }
}

async fn ask(ports: &Ports, tracker: &TrackerName, issue: &Issue, open: &mut OpenEdit) {
    let Some(tracker) = ports.trackers.get(tracker) else { return };
    for field in doubtful(&open.intent, issue) {
        let change = match tracker.last_change(issue, field, open.intent.updated).await {
            Ok(change) => change.map_or(Observed::Missing, Observed::Known),
            Err(error) => Observed::unknown(error.to_string()),
        };
        open.changes.insert(field, change);
    }
}
