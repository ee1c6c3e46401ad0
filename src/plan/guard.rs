//! The brakes: what the mode allows and how much one cycle may do. A plan that passed is a type of its own.

use std::collections::BTreeMap;

use super::action::{Action, CreateAction, EditAction, Plan};
use crate::model::{
    cycle::{Note, NoteKind},
    ids::TrackerName,
    issue::{Edit, Field},
    rule::Limits,
    terms::Mode,
};

/// How many linked issues from which on shares count.
const SHARE_FROM: usize = 10;

/// How many links of a tracker may end by themselves within a day, whatever the share: people delete a few issues, and
/// whatever takes more at once is more likely a lost right.
const ENDS_MOST: usize = 5;

/// A plan within mode and limits; the only thing that can be applied (invariant 6).
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovedPlan {
    plan: Plan,
}

impl ApprovedPlan {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Gives the plan out to be applied.
    pub fn into_plan(self) -> Plan {
        self.plan
    }
}

/// Holds a plan against mode and limits. What may not be done becomes a note; everything else stays.
///
/// `linked` counts the linked issues of each tracker.
pub fn check(plan: Plan, mode: Mode, limits: &Limits, linked: &BTreeMap<TrackerName, usize>) -> ApprovedPlan {
    let mut checked = Plan { actions: Vec::new(), notes: plan.notes };
    for action in plan.actions {
        allow(action, mode, &mut checked);
    }
    cap_closes(&mut checked, limits);
    cap_changes(&mut checked, limits, linked);
    cap_creates(&mut checked, limits);
    checked.sort();
    ApprovedPlan { plan: checked }
}

/// Takes out of a plan everything that would be written to trackers, for one reason.
pub fn hold(plan: Plan, why: &str) -> Plan {
    let mut held = Plan { actions: Vec::new(), notes: plan.notes };
    for action in plan.actions {
        match action {
            Action::Create(create) => held.say(of_create(NoteKind::Held, &create, why)),
            Action::Edit(edit) => hold_edit(&mut held, &edit, NoteKind::Held, why),
            Action::Record { .. }
            | Action::Adopt { .. }
            | Action::Break { .. }
            | Action::Rekey { .. }
            | Action::EndIntent { .. }
            | Action::Restore { .. } => held.actions.push(action),
        }
    }
    held
}

/// Beyond the share of changed issues of a tracker, or beyond a few, no link of it ends.
///
/// It looks as if something else were wrong, and a person is asked. `ended` counts those that ended by themselves within
/// the last day.
pub fn hold_ends(
    mut plan: Plan,
    limits: &Limits,
    linked: &BTreeMap<TrackerName, usize>,
    ended: &BTreeMap<TrackerName, usize>,
) -> Plan {
    let count =
        |counts: &BTreeMap<TrackerName, usize>, of: &TrackerName| counts.get(of).copied().unwrap_or(0);
    let mut ends: BTreeMap<TrackerName, usize> = BTreeMap::new();
    for tracker in plan.actions.iter().filter_map(ends_at) {
        *ends.entry(tracker.clone()).or_default() += 1;
    }
    for (tracker, planned) in ends {
        let before = count(ended, &tracker);
        let (n, of) = (planned + before, count(linked, &tracker) + before);
        #[expect(clippy::cast_precision_loss, reason = "counts of issues are far below 2^52")]
        let is_share = of >= SHARE_FROM && n as f64 / of as f64 > limits.changed_share;
        if is_share || n > ENDS_MOST {
            let why = format!(
                "{n} of {of} links on {tracker} would have ended within a day because their issues are not found; none \
                 is ended. If they are gone indeed, `link detach` each or `place retire` their place"
            );
            hold_ends_of(&mut plan, &tracker, &why);
        }
    }
    plan
}

/// The tracker of a link that would end.
fn ends_at(action: &Action) -> Option<&TrackerName> {
    match action {
        Action::Break { tombstone, .. } => tombstone.link.as_deref().map(|link| &link.tracker),
        Action::Create(_)
        | Action::Edit(_)
        | Action::Record { .. }
        | Action::Adopt { .. }
        | Action::Restore { .. }
        | Action::EndIntent { .. }
        | Action::Rekey { .. } => None,
    }
}

fn hold_ends_of(plan: &mut Plan, tracker: &TrackerName, why: &str) {
    for action in std::mem::take(&mut plan.actions) {
        match &action {
            Action::Break { finding, tombstone, .. } if ends_at(&action) == Some(tracker) => {
                let key = Some(&tombstone.issue.key);
                let is_its =
                    |note: &Note| note.finding.as_ref() == Some(finding) && note.issue.as_ref() == key;
                plan.notes.retain(|note| note.kind != NoteKind::Quarantined || !is_its(note));
                let note = Note::new(NoteKind::Held, why).of(finding).at(tracker);
                plan.say(note.on(tombstone.issue.key.as_str()));
            }
            Action::Break { .. }
            | Action::Create(_)
            | Action::Edit(_)
            | Action::Record { .. }
            | Action::Adopt { .. }
            | Action::Restore { .. }
            | Action::EndIntent { .. }
            | Action::Rekey { .. } => plan.actions.push(action),
        }
    }
}

/// A plan whose limits a person lifted, with the mode still in force.
pub fn check_exceeding(plan: Plan, mode: Mode) -> ApprovedPlan {
    let unlimited = Limits { creates: usize::MAX, closes: usize::MAX, changed_share: f64::INFINITY };
    check(plan, mode, &unlimited, &BTreeMap::new())
}

/// The mode as a filter over changes, not as an `if` inside the writer.
fn allow(action: Action, mode: Mode, checked: &mut Plan) {
    match action {
        Action::Create(create) if mode == Mode::Observe => {
            let why = "mode `observe` writes nothing to trackers";
            checked.say(of_create(NoteKind::Deferred, &create, why));
        }
        Action::Edit(edit) => allow_edit(edit, mode, checked),
        Action::Create(_)
        | Action::Record { .. }
        | Action::Adopt { .. }
        | Action::Break { .. }
        | Action::Rekey { .. }
        | Action::EndIntent { .. }
        | Action::Restore { .. } => checked.actions.push(action),
    }
}

fn allow_edit(mut edit: EditAction, mode: Mode, checked: &mut Plan) {
    match mode {
        Mode::Full => {}
        Mode::Upsert if edit.edit.progress.is_none() => {}
        Mode::Upsert => {
            let why = "mode `upsert` does not write status";
            hold_edit(checked, &edit, NoteKind::Deferred, why);
            edit.withhold(Field::Progress);
        }
        Mode::Observe | Mode::CreateOnly => {
            let why = format!("mode `{mode}` does not change existing issues");
            hold_edit(checked, &edit, NoteKind::Deferred, &why);
            edit.edit = Edit::default();
        }
    }
    if !edit.edit.is_empty() {
        checked.actions.push(Action::Edit(edit));
    }
}

/// Beyond the cap on closes nothing is closed at all: it looks like a mistake, and a person must say that it is none.
fn cap_closes(plan: &mut Plan, limits: &Limits) {
    let closes = |edit: &EditAction| edit.edit.progress.as_ref().is_some_and(|change| change.to.is_closed());
    let n_closes = edits(plan).filter(|edit| closes(edit)).count();
    if n_closes <= limits.closes {
        return;
    }
    let why = format!(
        "this cycle would close {n_closes} issues, more than the limit of {}; nothing is closed",
        limits.closes
    );
    hold_edits(plan, &why, closes);
}

/// Beyond the cap on changed issues of one tracker, none of its issues is changed. A first agreement is no change: whoever begins
/// to follow many issues that nobody is assigned to is told nothing new by them.
fn cap_changes(plan: &mut Plan, limits: &Limits, linked: &BTreeMap<TrackerName, usize>) {
    for (tracker, n_linked) in linked.iter().filter(|(_, n)| **n >= SHARE_FROM) {
        let shared = |edit: &EditAction| edit.tracker == *tracker && edit.changes_agreed();
        let n_changed = edits(plan).filter(|edit| shared(edit)).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of issues are far below 2^52")]
        let share = n_changed as f64 / *n_linked as f64;
        if share > limits.changed_share {
            let why = format!(
                "this cycle would change owner or status of {n_changed} of {n_linked} issues on {tracker}, more than \
                 the limit of {:.0} %; none is changed",
                limits.changed_share * 100.0
            );
            hold_edits(plan, &why, shared);
        }
    }
}

/// Creates beyond the cap are not an error: the most severe go first, the rest follow in later cycles.
fn cap_creates(plan: &mut Plan, limits: &Limits) {
    plan.sort();
    let mut left = limits.creates;
    let mut kept = Vec::new();
    for action in std::mem::take(&mut plan.actions) {
        match &action {
            Action::Create(create) if left == 0 => {
                let why = format!(
                    "the limit of {} new issues a cycle is reached; it follows in a later one",
                    limits.creates
                );
                plan.say(of_create(NoteKind::Deferred, create, why));
                continue;
            }
            Action::Create(_) => left -= 1,
            Action::Record { .. }
            | Action::Adopt { .. }
            | Action::Break { .. }
            | Action::Restore { .. }
            | Action::Rekey { .. }
            | Action::EndIntent { .. }
            | Action::Edit(_) => {}
        }
        kept.push(action);
    }
    plan.actions = kept;
}

fn edits(plan: &Plan) -> impl Iterator<Item = &EditAction> {
    plan.actions.iter().filter_map(|action| match action {
        Action::Edit(edit) => Some(edit),
        Action::Create(_)
        | Action::Record { .. }
        | Action::Adopt { .. }
        | Action::Break { .. }
        | Action::Rekey { .. }
        | Action::EndIntent { .. }
        | Action::Restore { .. } => None,
    })
}

/// Takes owner and status out of the edits that a brake holds; labels and dates of ours go on.
fn hold_edits(plan: &mut Plan, why: &str, held: impl Fn(&EditAction) -> bool) {
    let mut kept = Vec::new();
    for action in std::mem::take(&mut plan.actions) {
        let Action::Edit(mut edit) = action else {
            kept.push(action);
            continue;
        };
        if held(&edit) {
            hold_edit(plan, &edit, NoteKind::Held, why);
            [Field::Owner, Field::Progress, Field::Comment]
                .into_iter()
                .for_each(|field| edit.withhold(field));
        }
        if !edit.edit.is_empty() {
            kept.push(Action::Edit(edit));
        }
    }
    plan.actions = kept;
}

fn hold_edit(plan: &mut Plan, edit: &EditAction, kind: NoteKind, why: &str) {
    plan.say(Note::new(kind, why).of(&edit.finding).at(&edit.tracker).on(edit.issue.key.as_str()));
}

fn of_create(kind: NoteKind, create: &CreateAction, why: impl Into<String>) -> Note {
    Note::new(kind, why).of(&create.finding).at(&create.tracker)
}
