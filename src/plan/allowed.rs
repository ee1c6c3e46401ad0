//! What mode and limits let through of a plan, action by action.
//!
//! Knows both plans and compares them. Must not know why something is held: the notes of the approved plan say that.

use std::collections::BTreeMap;

use serde::Serialize;

use super::action::{Action, Plan};

/// How much of an action is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowed {
    /// All of it.
    Whole,
    /// Some of its changes.
    InPart,
    /// Nothing.
    Nothing,
}

/// What an action is about, whatever it changes there.
type Subject<'a> = (&'a str, &'a str, &'a str, &'a str);

/// What is let through of each action of a plan, in its order; `approved` is the same plan within mode and limits.
pub fn allowed(plan: &Plan, approved: &Plan) -> Vec<Allowed> {
    let there: BTreeMap<Subject<'_>, &Action> =
        approved.actions.iter().filter_map(|action| Some((subject(action)?, action))).collect();
    let of = |action: &Action| match subject(action).map(|subject| there.get(&subject)) {
        None => Allowed::Whole,
        Some(Some(approved)) if *approved == action => Allowed::Whole,
        Some(Some(_)) => Allowed::InPart,
        Some(None) => Allowed::Nothing,
    };
    plan.actions.iter().map(of).collect()
}

/// What an action is about, if mode or limits may hold it.
fn subject(action: &Action) -> Option<Subject<'_>> {
    match action {
        Action::Create(create) => {
            let (finding, tracker) = (create.finding.as_str(), create.tracker.as_str());
            Some(("create", finding, tracker, create.draft.place.as_str()))
        }
        Action::Edit(edit) => {
            Some(("edit", edit.finding.as_str(), edit.issue.id.host.as_str(), &edit.issue.id.id))
        }
        Action::Break { finding, issue, .. } => {
            Some(("break", finding.as_str(), issue.host.as_str(), &issue.id))
        }
        Action::Record { .. }
        | Action::Adopt { .. }
        | Action::Rekey { .. }
        | Action::EndIntent { .. }
        | Action::Restore { .. } => None,
    }
}
