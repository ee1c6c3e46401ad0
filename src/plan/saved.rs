//! What of a plan that was made earlier still holds: only what would be planned now, word for word.
//!
//! A saved plan is a wish, not an authority. Whoever can write its file could put any text into it, so nothing of the file
//! is ever done: an action of it names one of the present plan, and that one is.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::Value;

use super::action::{Action, Plan};
use crate::model::cycle::{Note, NoteKind};

/// What of an earlier plan still holds.
#[derive(Clone, Debug, PartialEq)]
pub struct StillPlanned {
    /// The present actions that the earlier plan has as well, with the present notes and one for each action that is not in
    /// both.
    pub plan: Plan,
    /// How many actions the earlier plan had.
    pub saved: usize,
    /// How many of them nobody would plan now.
    pub stale: usize,
}

/// The part of the present plan that an earlier one has as well.
pub fn still_planned(saved: &Plan, fresh: Plan) -> StillPlanned {
    let mut wanted: BTreeMap<String, Vec<&Action>> = BTreeMap::new();
    for action in &saved.actions {
        wanted.entry(words(action)).or_default().push(action);
    }
    let mut plan = Plan { actions: Vec::new(), notes: fresh.notes };
    for action in fresh.actions {
        if wanted.get_mut(&words(&action)).and_then(Vec::pop).is_some() {
            plan.actions.push(action);
        } else {
            let why = "the plan that is applied does not have it so; it is left for the next cycle";
            plan.notes.push(note(&action, NoteKind::Deferred, why));
        }
    }
    let stale: Vec<&Action> = wanted.into_values().flatten().collect();
    let why = "it would not be planned so now; make a new plan with `plan --out`";
    plan.notes.extend(stale.iter().map(|action| note(action, NoteKind::Stale, why)));
    plan.sort();
    StillPlanned { plan, saved: saved.actions.len(), stale: stale.len() }
}

fn note(action: &Action, kind: NoteKind, why: &str) -> Note {
    let issue = match action {
        Action::Edit(edit) => Some(edit.issue.key.clone()),
        Action::Adopt { issue, .. } => Some(issue.at.key.clone()),
        Action::Break { tombstone, .. } => Some(tombstone.issue.key.clone()),
        Action::Rekey { becomes, .. } | Action::Restore { becomes, .. } => Some(becomes.issue.key.clone()),
        Action::Record { .. } | Action::EndIntent { .. } | Action::Create(_) => None,
    };
    let note = Note::new(kind, why).of(action.finding());
    Note { tracker: action.writes_to().cloned(), issue, ..note }
}

/// All that an action says, without the instants at which something was read or planned: these differ from plan to plan.
fn words(action: &Action) -> String {
    // Every action serialises. Were there one that did not, it would be none of the other plan's.
    let mut value = serde_json::to_value(action).unwrap_or_default();
    forget_instants(&mut value);
    value.to_string()
}

fn forget_instants(value: &mut Value) {
    match value {
        Value::String(text) if DateTime::parse_from_rfc3339(text).is_ok() => *value = Value::Null,
        Value::Array(items) => items.iter_mut().for_each(forget_instants),
        Value::Object(members) => members.values_mut().for_each(forget_instants),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
