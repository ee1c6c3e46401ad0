//! Edits of ours whose outcome no cycle recorded: what they reached is ours, and no word of a person.
//!
//! An open edit is evidence and never an order. What it reached is taken into the link, as if its answer had been heard;
//! from there the plan does what the finding owes by now, or nothing. It is over once that is known, once somebody else
//! moved the issue on, or once it is too late for it to be carried out still.

use std::collections::BTreeSet;

use super::{
    Live, Work, owner,
    progress::merged,
    standing::{Standing, has, of_owner, of_status, same, told},
};
use crate::{
    model::{
        cycle::NoteKind,
        edit_intent::{EditIntent, OwnerSent},
        finding::Owner,
        ids::AccountId,
        issue::{Edit, Field, Issue, TrackerKind},
        link::{Agreed, Link, LinkKind},
    },
    plan::{
        action::Plan,
        merge::Merge,
        snapshot::{Context, OpenEdit, Row},
    },
};

/// Fields of which the history is asked for the last change.
///
/// What shows there may be on our way, as before because nothing came of the edit or because somebody undid it, or from a
/// replica that does not have the edit yet.
pub fn doubtful(intent: &EditIntent, issue: &Issue) -> Vec<Field> {
    let fields = [Field::Progress, Field::Owner];
    fields.into_iter().filter(|field| intent.asks(*field) && issue.shows(*field)).collect()
}

/// The owner that is followed on an issue while an edit of ours is open there: nobody, where its own step took the old
/// one off and the new one is not there yet; else as always.
pub fn followed_amid(
    context: &Context,
    kind: TrackerKind,
    link: &Link,
    issue: &Issue,
    open: Option<&EditIntent>,
) -> (Option<AccountId>, Owner) {
    if is_vacant(open, issue) { (None, Owner::Nobody) } else { owner::followed(context, kind, link, issue) }
}

/// Whether our own step took the old owner off, and the new one is not there yet.
fn is_vacant(open: Option<&EditIntent>, issue: &Issue) -> bool {
    open.and_then(|open| open.owner.as_ref()).is_some_and(|sent| {
        let is_gone = sent.from.as_ref().is_some_and(|from| !has(&issue.assignees, from));
        of_owner(sent, issue).0 == Standing::Between && is_gone
    })
}

impl Work<'_> {
    /// Takes into the links what edits reached that no cycle heard of. Comes before anything is merged.
    pub(super) fn take_in_edits(&mut self, row: &Row) {
        for n in 0..self.live.len() {
            let Some(live) = self.live.get(n) else { continue };
            let issue = live.issue;
            for open in row.open_edits().filter(|open| open.intent.issue == issue.at.id) {
                self.take_in_status(n, open);
                if open.intent.finding == self.before.key {
                    self.take_in_owner(n, open);
                    self.take_in_oneway(n, &open.intent);
                }
            }
        }
    }

    /// A status that our own steps led to counts as agreed on both sides: whatever the finding says, it has moved away
    /// from that, and the issue has not.
    fn take_in_status(&mut self, n: usize, open: &OpenEdit) {
        let (Some(sent), Some(ours)) = (&open.intent.status, self.before.progress()) else { return };
        let Some(live) = self.live.get(n) else { return };
        let theirs = live.issue.progress;
        let was = live.link.baseline.progress.as_ref().map(|agreed| agreed.issue);
        match told(self.context, open, (Field::Progress, live.issue), of_status(sent, live.issue, live.kind))
        {
            Standing::Unsure => self.doubt(n, Field::Progress),
            // We wrote what the finding says, as far as the tracker can show it.
            Standing::Between | Standing::Reached
                if merged(&live.link, live.kind, ours, theirs) == Merge::ToFinding
                    && live.kind.shows(ours) == live.kind.shows(theirs) =>
            {
                self.set_progress_baseline(n, ours, theirs);
            }
            Standing::Between | Standing::Reached
                if live.kind.shows(ours) != live.kind.shows(theirs) && was != Some(theirs) =>
            {
                let before = was.map_or("unknown".to_owned(), |was| was.to_string());
                let why = format!(
                    "an earlier write of ours reached `{}`, and no cycle heard of it; what is owed goes on from there",
                    live.issue.status_text
                );
                self.entry(n, "own_write_found", Field::Progress, (before, theirs.to_string()), &why);
                self.set_progress_baseline(n, theirs, theirs);
            }
            // Against what we asked for, it is the issue that moved.
            Standing::Returned => {
                if let Some(asked) = sent.asked.last().copied() {
                    let is_wanted = live.kind.shows(ours) == live.kind.shows(asked);
                    self.set_progress_baseline(n, if is_wanted { ours } else { asked }, asked);
                }
            }
            Standing::Between
            | Standing::Reached
            | Standing::Untouched
            | Standing::Others
            | Standing::Unseen => {}
        }
    }

    /// An owner whom we assigned counts as agreed. While the old one is still there beside the new one nothing is agreed:
    /// the old one is followed, and the new one is taken off unless somebody wants them.
    fn take_in_owner(&mut self, n: usize, open: &OpenEdit) {
        let Some(sent) = &open.intent.owner else { return };
        let Some(live) = self.live.get(n) else { return };
        let (standing, reached) = of_owner(sent, live.issue);
        match told(self.context, open, (Field::Owner, live.issue), standing) {
            Standing::Unsure => return self.doubt(n, Field::Owner),
            Standing::Between => {
                let extra = sent.asked.iter().flatten().filter(|account| has(&live.issue.assignees, account));
                let extra = extra.filter(|account| !has(&sent.before, account)).cloned().collect();
                if let Some(live) = self.live.get_mut(n) {
                    live.unwanted = extra;
                    live.open = Some(open.intent.clone());
                }
                return;
            }
            Standing::Returned => return self.take_in_return(n, sent),
            Standing::Reached => {}
            Standing::Untouched | Standing::Others | Standing::Unseen => return,
        }
        let is = reached
            .as_ref()
            .map_or(Owner::Nobody, |account| self.context.people.owner_of(live.kind, account));
        let followed = owner::followed(self.context, live.kind, &live.link, live.issue).1;
        let agreed = Some(Agreed { finding: is.clone(), issue: is.clone() });
        if (followed == is && self.finding.owner == is) || live.link.baseline.owner == agreed {
            return;
        }
        let was =
            live.link.baseline.owner.as_ref().map_or("unknown".to_owned(), |was| owner::text(&was.issue));
        let why = "an earlier write of ours assigned them, and no cycle heard of it";
        self.entry(n, "own_write_found", Field::Owner, (was, owner::text(&is)), why);
        if let Some(live) = self.live.get_mut(n) {
            live.link.baseline.owner = agreed;
        }
    }

    /// Somebody put the owner back whom we replaced: against the one whom we asked for, it is the issue that moved.
    fn take_in_return(&mut self, n: usize, sent: &OwnerSent) {
        let (Some(asked), Some(live)) = (sent.asked.last(), self.live.get_mut(n)) else { return };
        let is =
            asked.as_ref().map_or(Owner::Nobody, |account| self.context.people.owner_of(live.kind, account));
        live.link.baseline.owner = Some(Agreed { finding: is.clone(), issue: is });
    }

    /// What an edit wrote to the fields that are ours alone is what we wrote last.
    fn take_in_oneway(&mut self, n: usize, sent: &EditIntent) {
        let Some(live) = self.live.get_mut(n) else { return };
        if live.link.kind == LinkKind::Cited {
            return;
        }
        let (pushed, issue) = (&mut live.link.pushed, live.issue);
        if let Some(labels) = sent.labels.as_ref().filter(|_| issue.shows(Field::Labels)) {
            pushed.labels.extend(labels.added.iter().filter(|label| issue.carries(label)).cloned());
            pushed.labels.retain(|label| !labels.removed.contains(label) || issue.carries(label));
        }
        if issue.shows(Field::Due) && sent.due.as_ref().is_some_and(|sent| sent.asked.contains(&issue.due)) {
            pushed.due = issue.due;
        }
        if let (Some(sent), Some(present)) = (&sent.block, &issue.block)
            && sent.asked.contains(present)
        {
            pushed.block = Some(present.clone());
        }
    }

    /// Whoever our own unfinished edit assigned beside the owner is taken off, unless they are wanted by now.
    pub(super) fn take_off_unwanted(&mut self, n: usize, plan: &mut Plan) {
        let Some(live) = self.live.get(n) else { return };
        let wanted = match &self.finding.owner {
            Owner::Person(person) => self.context.people.account(live.kind, person),
            Owner::Nobody | Owner::Unmapped(_) => None,
        };
        let unassign: BTreeSet<AccountId> = live
            .unwanted
            .iter()
            .filter(|account| wanted.is_none_or(|wanted| !same(wanted, account)))
            .cloned()
            .collect();
        let edit = Edit { unassign, ..Edit::default() };
        if live.shared || edit.is_empty() || !self.may_write(n, Field::Owner, &edit, plan) {
            return;
        }
        if let Some(live) = self.live.get_mut(n) {
            live.edit.unassign = edit.unassign;
            live.why.push(
                "an earlier change of the owner stopped halfway, and is not wanted any more".to_owned(),
            );
        }
    }

    /// Who made a field what it is could not be asked: nothing follows from it in this cycle.
    fn doubt(&mut self, n: usize, field: Field) {
        if let Some(live) = self.live.get_mut(n) {
            live.doubtful.insert(field);
        }
    }

    /// Says that nothing follows from a field, if that is so.
    pub(super) fn is_doubtful(&self, n: usize, field: Field, plan: &mut Plan) -> bool {
        let is_doubtful = self.live.get(n).is_some_and(|live| live.doubtful.contains(&field));
        if is_doubtful {
            let why = format!(
                "{}: an earlier write of ours had no answer, and what came of it cannot be told yet",
                field.as_str()
            );
            self.note(n, (NoteKind::Unreachable, field), why, plan);
        }
        is_doubtful
    }
}

impl Live<'_> {
    /// What is still open on it of an owner that is written in several requests.
    pub(super) fn open(&self) -> Option<&EditIntent> {
        self.open.as_ref()
    }
}

/// What is left of the open edits of a row, for those that change. It is recorded with the last finding that listened:
/// until then every other one that follows the same issue needs the evidence, too.
pub(super) fn left(context: &Context, row: &Row, works: &[Work<'_>]) -> Vec<EditIntent> {
    let changed = row.open_edits().filter_map(|open| {
        let listened = heard_by_all(row, works, open)?;
        let rest = rest(context, open, listened);
        (rest != open.intent).then_some(rest)
    });
    changed.collect()
}

/// The issue of an open edit with its kind, if every finding that follows it listened; and whether each of them has a
/// status to say.
struct Listened<'a> {
    issue: &'a Issue,
    kind: TrackerKind,
    all_speak: bool,
}

fn heard_by_all<'a>(row: &Row, works: &'a [Work<'_>], open: &OpenEdit) -> Option<Listened<'a>> {
    let followers = row.links.iter().filter(|(link, _)| link.issue.id == open.intent.issue).count();
    let live = |work: &'a Work<'_>| {
        let live = work.live.iter().find(|live| live.issue.at.id == open.intent.issue);
        live.map(|live| (work, live))
    };
    let heard: Vec<(&Work<'_>, &Live<'_>)> = works.iter().filter_map(live).collect();
    let (_, first) = heard.first()?;
    let all_speak = heard.iter().all(|(work, _)| work.before.progress().is_some());
    (heard.len() == followers).then_some(Listened { issue: first.issue, kind: first.kind, all_speak })
}

/// What of an open edit is not known yet.
fn rest(context: &Context, open: &OpenEdit, Listened { issue, kind, all_speak }: Listened<'_>) -> EditIntent {
    let mut rest = open.intent.clone();
    let age = context.now - rest.sent;
    // A clock that was put back must not keep it for ever.
    let is_late = age >= context.settle || age < -context.settle;
    if let Some(sent) = &open.intent.status {
        match told(context, open, (Field::Progress, issue), of_status(sent, issue, kind)) {
            Standing::Untouched if !is_late => {}
            // While its status is the register's alone to say, what we did is kept for when it is not.
            Standing::Between | Standing::Reached if !all_speak => {}
            Standing::Unsure | Standing::Unseen => {}
            Standing::Untouched
            | Standing::Between
            | Standing::Reached
            | Standing::Others
            | Standing::Returned => rest.status = None,
        }
    }
    if let Some(sent) = &open.intent.owner {
        match told(context, open, (Field::Owner, issue), of_owner(sent, issue).0) {
            Standing::Untouched if !is_late => {}
            Standing::Between | Standing::Unsure | Standing::Unseen => {}
            Standing::Untouched | Standing::Reached | Standing::Others | Standing::Returned => {
                rest.owner = None
            }
        }
    }
    rest_of_oneway(&mut rest, issue, is_late);
    rest
}

fn rest_of_oneway(rest: &mut EditIntent, issue: &Issue, is_late: bool) {
    if let Some(labels) = rest.labels.as_mut().filter(|_| issue.shows(Field::Labels)) {
        labels.added.retain(|label| !is_late && !issue.carries(label));
        labels.removed.retain(|label| !is_late && issue.carries(label));
    }
    rest.labels = rest.labels.take().filter(|sent| !sent.added.is_empty() || !sent.removed.is_empty());
    rest.due =
        rest.due.take().filter(|sent| !issue.shows(Field::Due) || !is_late && issue.due == sent.before);
    rest.block = rest
        .block
        .take()
        .filter(|sent| !is_late && issue.block.as_ref().is_none_or(|present| *present == sent.before));
    if is_late {
        rest.settle(Field::Comment);
    }
}
