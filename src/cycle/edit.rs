//! Changing an issue: read again, write only what still replaces what it names, read back, record.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::info;

use super::{
    CycleError,
    apply::Run,
    create::{refusal, refused},
    intent,
    overtaken::overtaken,
    parts,
    retry::{self, Next},
    withheld::withhold,
};
use crate::{
    model::{
        cycle::{Note, NoteKind},
        digest,
        finding::Finding,
        issue::{Change, Edit, Field, Issue, PlaceFacts, TrackerKind},
        link::{Agreed, Link},
        note::About,
        observed::Observed,
        register::Write,
    },
    plan::{
        action::EditAction,
        freshness::{Verdict, judge, learned},
        linked::{WRITES, followed, followed_amid, owes_word, text},
        outgoing::judge_edit,
    },
    tracker::{Edited, TrackerError, TrackerWrite},
};

/// Changes the issue of one link.
pub(super) async fn edit(run: &mut Run<'_, '_>, mut action: EditAction) -> Result<(), CycleError> {
    let tracker = run.ports.trackers.get(&action.tracker).cloned();
    let link = run.ledger.link(&action.finding, &action.issue.id).cloned();
    let (Some(tracker), Some(link)) = (tracker, link) else {
        stale(run, &action, "its link or its tracker is gone");
        return Ok(());
    };
    if run.is_frozen(&action.tracker, &action.issue) {
        return Ok(());
    }
    let now = run.ports.clock.now();
    let known = &run.ledger.register().issues;
    let read = run.fresh.get(tracker.as_ref(), &action.issue, now, known).await;
    let told = run.ledger.remember(&run.fresh.heard()).await?;
    run.outcome.notes.extend(told);
    let issue = match read {
        Observed::Known(issue) => issue,
        Observed::Missing => {
            stale(run, &action, "it was not found when it was read again");
            return Ok(());
        }
        Observed::Unknown { why } => {
            run.strike(&action.tracker, &why);
            let key = action.issue.key.clone();
            run.note(NoteKind::Unreachable, &action.finding, &action.tracker, Some(&key), why);
            return Ok(());
        }
    };
    let parts = parts::shown(run, tracker.kind(), &issue);
    if !parts.is_empty() {
        run.ledger.record(parts).await?;
    }
    if let Some(why) = moved(run, tracker.kind(), &link, &issue, &action.edit) {
        stale(run, &action, &why);
        return Ok(());
    }
    let planned = action.edit.clone();
    // Whatever the plan comes from.
    if let Err(why) = judge_edit(&mut action.edit) {
        let why = format!("nothing new is written to the issue: {why}");
        run.note(NoteKind::Held, &action.finding, &action.tracker, Some(&link.issue.key), why);
    }
    let sent = send(run, tracker.as_ref(), &link, &issue, &mut action).await?;
    // What was overruled is on record by now.
    let link = run.ledger.link(&action.finding, &action.issue.id).cloned().unwrap_or(link);
    match sent {
        Ok(None) => Ok(()),
        Ok(Some(edited)) => {
            for comment in &edited.unsaid {
                let why = intent::leave_out(&mut action.edit, *comment);
                let about = About::Field(comment.field());
                run.say(Note::of_link(NoteKind::Unreachable, &link, why).about(about));
            }
            let place = match edited.dropped.as_slice() {
                [] => None,
                [..] => run.explain(tracker.as_ref(), &issue.at.place).await,
            };
            record(run, &action, (tracker.kind(), place.as_ref()), link, &issue, edited).await
        }
        Err(error) => {
            let place = match error.is_refusal() {
                true => run.explain(tracker.as_ref(), &issue.at.place).await,
                false => None,
            };
            failed(run, &action, &planned, link, (&error, place.as_ref())).await
        }
    }
}

/// What no longer is as the plan names it; the next cycle plans anew (invariant 4).
fn moved(run: &Run<'_, '_>, kind: TrackerKind, link: &Link, issue: &Issue, edit: &Edit) -> Option<String> {
    let open = run.ledger.open_edit(&link.finding, &link.issue.id);
    let (account, _) = followed_amid(&run.gathered.context, kind, link, issue, open);
    let differs = |field: Field| Some(format!("{} changed since it was planned", field.as_str()));
    if issue.at.id != link.issue.id {
        return Some(format!("it is {} now", issue.at.key));
    }
    if let Some(field) = fields(edit).into_iter().find(|field| !issue.shows(*field)) {
        return Some(format!("its {} was not shown when it was read again", field.as_str()));
    }
    match edit {
        Edit { owner: Some(Change { from, .. }), .. } if *from != account => differs(Field::Owner),
        Edit { progress: Some(Change { from, .. }), .. } if *from != issue.progress => {
            differs(Field::Progress)
        }
        Edit { due: Some(Change { from, .. }), .. } if *from != issue.due => differs(Field::Due),
        _ => None,
    }
}

/// Sends the edit, if there is anything in it that may be sent. Whoever waited proves the place again.
async fn send(
    run: &mut Run<'_, '_>,
    tracker: &dyn TrackerWrite,
    link: &Link,
    issue: &Issue,
    action: &mut EditAction,
) -> Result<Result<Option<Edited>, TrackerError>, CycleError> {
    let mut left = run.config.patience;
    loop {
        withhold(run, tracker, link, action).await;
        if action.edit.is_empty() {
            return Ok(Ok(None));
        }
        let error = match intent::sent(run, tracker, issue, action).await? {
            Ok(edited) => return Ok(Ok(Some(edited))),
            Err(error) => error,
        };
        match retry::next(&error, run.ports.clock.now(), left) {
            Next::Wait(wait) if !run.ports.timer.stopping() => {
                run.ledger.remember_pauses().await?;
                run.ports.timer.wait(wait).await;
                left = left.saturating_sub(wait.max(Duration::from_millis(100)));
            }
            Next::Wait(_) | Next::Pause(_) | Next::Defer(_) | Next::Down(_) | Next::GiveUp(_) => {
                return Ok(Err(error));
            }
        }
    }
}

/// Records what came of it: baselines, what we wrote, what was refused, and the history of each field as read back.
async fn record(
    run: &mut Run<'_, '_>,
    action: &EditAction,
    (kind, place): (TrackerKind, Option<&PlaceFacts>),
    mut link: Link,
    before: &Issue,
    edited: Edited,
) -> Result<(), CycleError> {
    run.well(&action.tracker);
    let now = run.ports.clock.now();
    let known = run.ledger.register().issues.get(&edited.issue.at.id);
    // What is older than the write itself tells nothing of what came of it: the next cycle sees it.
    let issue = match judge(known, &edited.issue) {
        Verdict::Fresh => edited.issue,
        Verdict::Stale { known } => edited.issue.outdated(known),
    };
    let news = learned(known, &issue);
    for field in fields(&action.edit) {
        link.refused.remove(&field);
    }
    for dropped in &edited.dropped {
        let until = now + run.config.cooldown;
        link.refused.insert(dropped.field, refusal(dropped, &action.edit, until, place));
    }
    let was_owner = followed(&run.gathered.context, kind, &link, before).1;
    let on_issue = followed(&run.gathered.context, kind, &link, &issue).1;
    agree(&mut link, action, &issue);
    remember_pushed(&mut link, &action.edit, &issue);
    let stated = run.ledger.open_edit(&action.finding, &link.issue.id).and_then(|open| open.stated);
    link.pushed.stated = stated.or(link.pushed.stated);
    link.failed_edits = None;
    let is_taken = fields(&action.edit).iter().any(|field| !link.refused.contains_key(field));
    let is_written = count(&mut link, &action.edit, now) && is_taken;
    if issue.shows(Field::Progress) {
        link.seen.status_text.clone_from(&issue.status_text);
    }
    link.seen.updated = issue.updated;
    link.seen.at = now;
    let owners = (text(&was_owner), text(&on_issue));
    let mut writes = history(run, action, (before, &issue), owners, &link);
    let sent = (fields(&action.edit), &edited.dropped);
    writes.extend(intent::answered(run, action, &link, (before, &issue), (&sent.0, sent.1)));
    for dropped in &edited.dropped {
        let why = format!("{}: {}", dropped.field.as_str(), dropped.why);
        writes.push(Write::History(run.ledger.entry(
            "field_refused",
            &action.finding,
            Some(&issue.at.key),
            why.clone(),
        )));
        run.say(refused(&link, dropped.field, why));
    }
    if let Some(known) = run.ledger.register().findings.get(&action.finding).cloned() {
        let mut finding = known.clone();
        writes.extend(overtaken(run, (action, &link), kind, &mut finding, &edited.overtaken));
        tell(run, action, &mut finding, &mut link);
        if finding != known {
            writes.push(Write::Finding(Box::new(finding)));
        }
    }
    writes.extend(parts::shown(run, kind, &issue));
    writes.extend(news.map(|news| Write::Issue(Box::new(news))));
    writes.push(Write::Link(Box::new(link)));
    run.ledger.record(writes).await?;
    if is_written {
        run.outcome.count("updated");
        info!(finding.key = %action.finding, issue.key = %issue.at.key, refused = edited.dropped.len(), "issue updated");
    }
    Ok(())
}

/// Counts a write, of which enough are kept to see that something undoes them. Whether it is one: a comment that waits for an
/// earlier answer is none.
fn count(link: &mut Link, edit: &Edit, now: DateTime<Utc>) -> bool {
    if edit.is_empty() {
        return false;
    }
    link.written.push(now);
    let forgotten = link.written.len().saturating_sub(WRITES);
    link.written.drain(..forgotten);
    true
}

/// The waiting comment is told once on each issue; once the last one was told, it is gone from the finding.
fn tell(run: &Run<'_, '_>, action: &EditAction, finding: &mut Finding, link: &mut Link) {
    let Some(mark) = action.edit.comment_mark.as_ref().filter(|_| action.edit.comment.is_some()) else {
        return;
    };
    if link.refused.contains_key(&Field::Comment) {
        return;
    }
    link.told = Some(mark.since);
    let links = run.ledger.register().links.iter();
    let mut others = links.filter(|other| other.finding == link.finding && other.issue.id != link.issue.id);
    // Another decision may have been made meanwhile, whose word nobody was told.
    let is_this = finding.pending_comment_since.is_none_or(|since| since == mark.since);
    if is_this && !others.any(|other| owes_word(&run.gathered.context, finding, other, mark.since)) {
        finding.leave_word(None, run.ports.clock.now());
    }
}

/// What both sides agree on now, as far as the tracker took it and shows it.
fn agree(link: &mut Link, action: &EditAction, issue: &Issue) {
    if let Some(owner) = &action.owner
        && !link.refused.contains_key(&Field::Owner)
        && issue.shows(Field::Owner)
    {
        // Not what is read back: somebody may have assigned another since, and the next cycle has to see that.
        link.baseline.owner = Some(Agreed { finding: owner.clone(), issue: owner.clone() });
    }
    if let Some(progress) = action.progress
        && !link.refused.contains_key(&Field::Progress)
        && issue.shows(Field::Progress)
    {
        link.baseline.progress = Some(Agreed { finding: progress, issue: issue.progress });
    }
}

/// What we wrote to our own fields, unless the tracker refused it.
fn remember_pushed(link: &mut Link, edit: &Edit, issue: &Issue) {
    if !link.refused.contains_key(&Field::Labels) && issue.shows(Field::Labels) {
        link.pushed.labels.extend(edit.add_labels.iter().cloned());
        link.pushed.labels.retain(|label| !edit.remove_labels.contains(label));
    }
    if edit.due.is_some() && !link.refused.contains_key(&Field::Due) && issue.shows(Field::Due) {
        link.pushed.due = issue.due;
    }
    if let Some(block) = &edit.block
        && !link.refused.contains_key(&Field::Block)
    {
        link.pushed.block = Some(digest::of_text(&block.to));
    }
}

/// The fields that an edit writes.
fn fields(edit: &Edit) -> Vec<Field> {
    let labels = !edit.add_labels.is_empty() || !edit.remove_labels.is_empty();
    [
        (edit.owner.is_some() || !edit.unassign.is_empty(), Field::Owner),
        (edit.progress.is_some(), Field::Progress),
        (labels, Field::Labels),
        (edit.due.is_some(), Field::Due),
        (edit.block.is_some(), Field::Block),
        (edit.comment.is_some(), Field::Comment),
    ]
    .into_iter()
    .filter_map(|(written, field)| written.then_some(field))
    .collect()
}

/// One entry for each field that was written, with before and after as read.
fn history(
    run: &Run<'_, '_>,
    action: &EditAction,
    (before, after): (&Issue, &Issue),
    owners: (String, String),
    link: &Link,
) -> Vec<Write> {
    let due = |issue: &Issue| issue.due.map_or("none".to_owned(), |due| due.to_string());
    let labels = |issue: &Issue| issue.labels.iter().cloned().collect::<Vec<_>>().join(", ");
    let values = |field: Field| match field {
        Field::Owner => owners.clone(),
        Field::Progress => (before.status_text.clone(), after.status_text.clone()),
        Field::Labels => (labels(before), labels(after)),
        Field::Due => (due(before), due(after)),
        Field::Block => {
            ("our block as written before".to_owned(), "our block as the finding is now".to_owned())
        }
        Field::Comment => ("none".to_owned(), "one comment".to_owned()),
    };
    let why = action.why.join("; ");
    let written = fields(&action.edit).into_iter().filter(|field| !link.refused.contains_key(field));
    written
        .map(|field| {
            let (was, is) = values(field);
            let is = if after.shows(field) { is } else { "not read back".to_owned() };
            let mut entry =
                run.ledger.entry("issue_changed", &action.finding, Some(&after.at.key), why.clone());
            entry.field = Some(field.as_str().to_owned());
            entry.before = Some(was);
            entry.after = Some(is);
            Write::History(entry)
        })
        .collect()
}

fn stale(run: &mut Run<'_, '_>, action: &EditAction, why: &str) {
    let key = action.issue.key.clone();
    run.note(
        NoteKind::Stale,
        &action.finding,
        &action.tracker,
        Some(&key),
        format!("{why}; the next cycle plans anew"),
    );
}

/// Says what failed, and remembers what may fail every time.
async fn failed(
    run: &mut Run<'_, '_>,
    action: &EditAction,
    planned: &Edit,
    link: Link,
    (error, place): (&TrackerError, Option<&PlaceFacts>),
) -> Result<(), CycleError> {
    // A place that takes no changes is no failure of what was to be changed.
    if place.is_some() && run.is_frozen(&action.tracker, &action.issue) {
        return Ok(());
    }
    let next = retry::next(error, run.ports.clock.now(), Duration::ZERO);
    let failed_edits = run.failures(&action.tracker, link.failed_edits.as_ref(), planned, (error, place));
    let (kind, why) = match next {
        Next::Pause(why) => {
            run.pause(&action.tracker, &why);
            (NoteKind::Deferred, why)
        }
        Next::Down(why) => {
            run.down(&action.tracker, &why);
            (NoteKind::Deferred, why)
        }
        Next::Defer(why) => {
            run.strike(&action.tracker, &why);
            (NoteKind::Failed, why)
        }
        Next::Wait(_) => (NoteKind::Deferred, error.to_string()),
        Next::GiveUp(why) => (NoteKind::Failed, why),
    };
    let until = run.outcome.paused.get(&action.tracker).and_then(|_| run.paused_until(&action.tracker));
    run.say(Note::of_link(kind, &link, why).until(until.filter(|_| kind == NoteKind::Deferred)));
    if failed_edits != link.failed_edits {
        run.ledger.record(vec![Write::Link(Box::new(Link { failed_edits, ..link }))]).await?;
    }
    Ok(())
}
