//! What a write of ours replaced unseen: it is put on record, and it holds where the tracker's word does (invariant 4).
//!
//! Asked by whoever hears the answer to a write, and by the planner where no answer was heard.

use super::{Work, owner::text};
use crate::{
    model::{
        cycle::{Note, NoteKind},
        edit_intent::EditIntent,
        finding::{Finding, Owner},
        involvement::{Involvement, Part, Party},
        issue::{Field, Overtaken, TrackerKind},
        link::Link,
        note::About,
        observed::Observed,
        rule::ConflictPolicy,
    },
    plan::{
        action::Plan,
        snapshot::{Context, Row},
    },
};

/// What follows from one change that a write of ours replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Replaced {
    /// Entries of the history: the event, with the values before and after.
    pub entries: Vec<(&'static str, [String; 2])>,
    /// Why, for all of them.
    pub why: String,
    /// Who owns the finding from now on, because the rule lets the tracker's word hold; the next cycle writes them back.
    pub owner: Option<Owner>,
    /// What is told.
    pub note: Note,
    /// Whoever was assigned, for however short a time, had the finding.
    pub part: Option<Involvement>,
}

/// What follows from a change that our write to the issue of a link replaced. `yields`: the rule's policy keeps the tracker's
/// word in its field.
pub fn replaced(
    context: &Context,
    (finding, link): (&Finding, &Link),
    kind: TrackerKind,
    yields: bool,
    theirs: &Overtaken,
) -> Replaced {
    let (field, value) = (theirs.field.as_str(), &theirs.value);
    let why = format!("{} changed it to `{value}` in the moment before we wrote", theirs.by);
    let ours = match theirs.field {
        Field::Owner => text(&finding.owner),
        Field::Progress | Field::Labels | Field::Due | Field::Block | Field::Comment => {
            finding.state.to_string()
        }
    };
    let account = theirs.assignee.as_ref();
    let owner = account.filter(|_| yields).map(|account| context.people.owner_of(kind, account));
    let owner = owner.filter(|owner| matches!(owner, Owner::Person(_)));
    let part = account.map(|account| {
        let party = Party::of_account(kind, account, &context.people.owner_of(kind, account));
        Involvement::of(finding, Part::Owned, party, context.now)
    });
    let mut entries = vec![("overtaken", [value.clone(), ours.clone()])];
    entries.extend(owner.as_ref().map(|owner| ("owner_pulled", [ours, text(owner)])));
    let (told, advice) = match &owner {
        Some(_) => (NoteKind::Overruled, "; the rule's policy keeps it, and it is written back"),
        None => (NoteKind::Conflict, ", and it is overwritten; say if that is wrong"),
    };
    let note = Note::of_link(told, link, format!("{field}: {why}{advice}")).about(About::Field(theirs.field));
    Replaced { entries, why, owner, note, part }
}

impl Work<'_> {
    /// Tells what edits replaced of which no cycle heard the answer, once the outcome is known. `left` is what stays open.
    pub(super) fn tell_replaced(&mut self, row: &Row, left: &[EditIntent], plan: &mut Plan) {
        let key = &self.before.key;
        for open in row.open_edits().filter(|open| open.intent.finding == *key) {
            let same = |rest: &&EditIntent| rest.finding == *key && rest.issue == open.intent.issue;
            let Some(rest) = left.iter().find(same) else { continue };
            let Some(n) = self.live.iter().position(|live| live.issue.at.id == open.intent.issue) else {
                continue;
            };
            let is_known = |field| open.intent.asks(field) && !rest.asks(field);
            let replaced = open.changes.values().filter_map(Observed::known).flat_map(|last| &last.replaced);
            for theirs in replaced.filter(|theirs| is_known(theirs.field)) {
                self.take_in_replaced(n, theirs, plan);
            }
        }
    }

    fn take_in_replaced(&mut self, n: usize, theirs: &Overtaken, plan: &mut Plan) {
        let yields = self.policy(theirs.field) == ConflictPolicy::Tracker;
        let Some(live) = self.live.get(n) else { return };
        let found = replaced(self.context, (&self.finding, &live.link), live.kind, yields, theirs);
        for (event, [before, after]) in found.entries {
            self.entry(n, event, theirs.field, (before, after), &found.why);
        }
        if let Some(owner) = found.owner {
            self.finding.owner = owner;
        }
        self.parts.extend(found.part);
        plan.say(found.note);
    }
}
