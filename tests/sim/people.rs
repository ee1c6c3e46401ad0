//! People who use the trackers while the worker does.

use serde_json::{Value, json};

use crate::{
    gate::Gate,
    oracle::{Deed, issues},
    stage::{ELSEWHERE, OTHER_PROJECT, REPOSITORY},
};

/// Somebody does one thing to one issue.
pub(crate) fn act(gate: &Gate) {
    let issues = issues(&gate.world.state());
    if issues.is_empty() {
        return;
    }
    let issue = &issues[gate.upto(issues.len() as i64 - 1) as usize];
    let who = ["ana", "bo", "chen"][gate.upto(2) as usize];
    let most = if gate.state().reviewed { 8 } else { 6 };
    let (mut deed, kept) = match gate.upto(most) {
        0 | 1 if issue.assignees.len() < 2 => {
            (json!({"do": "assign", "assignee": who}), Some(Deed::Assigned(who.to_owned())))
        }
        2 => (json!({"do": "close"}), Some(Deed::Closed)),
        3 => (json!({"do": "reopen"}), Some(Deed::Opened)),
        4 => (json!({"do": "comment", "body": "Looking into it."}), None),
        5 => (json!({"do": "label", "label": "later"}), None),
        7 if issue.tracker != "github" => {
            (json!({"do": "transition", "to": "In Progress"}), Some(Deed::Opened))
        }
        7 => (json!({"do": "close", "reason": "not_planned"}), Some(Deed::Closed)),
        8 if issue.tracker == "github" && issue.assignees.contains(&who.to_owned()) => {
            (json!({"do": "unassign", "assignee": who}), Some(Deed::Unassigned(who.to_owned())))
        }
        _ => (json!({"do": "edit_title", "title": format!("{} (edited)", issue.title)}), None),
    };
    deed["as"] = json!("dara");
    deed["tracker"] = json!(issue.tracker);
    deed["issue"] = json!(issue.key);
    let done = gate.world.act(&deed);
    let mut state = gate.state();
    state.say(|| format!("  people: {deed} {}", if done.is_ok() { "" } else { "refused" }));
    if let (Ok(_), Some(kept)) = (done, kept) {
        state.oracle.did(issue, kept);
    }
}

/// Somebody deletes an issue.
pub(crate) fn delete(gate: &Gate) {
    let issues = issues(&gate.world.state());
    if issues.is_empty() {
        return;
    }
    let issue = &issues[gate.upto(issues.len() as i64 - 1) as usize];
    let deed = json!({"as": "dara", "tracker": issue.tracker, "issue": issue.key, "do": "delete"});
    let done = gate.world.act(&deed).is_ok();
    let mut state = gate.state();
    state.say(|| format!("  people: {deed}"));
    if done {
        state.oracle.deleted(issue);
    }
}

/// Somebody transfers an issue to a repository, or moves it to a project, in which we create nothing.
pub(crate) fn take_away(gate: &Gate) {
    let issues = issues(&gate.world.state());
    if issues.is_empty() {
        return;
    }
    let issue = &issues[gate.upto(issues.len() as i64 - 1) as usize];
    // Nobody transfers an issue to where it is.
    if issue.key.starts_with(ELSEWHERE) || issue.key.starts_with(OTHER_PROJECT) {
        return;
    }
    let (verb, to) =
        if issue.tracker == "github" { ("transfer", ELSEWHERE) } else { ("move", OTHER_PROJECT) };
    let deed = json!({"as": "dara", "tracker": issue.tracker, "issue": issue.key, "do": verb, "to": to});
    let done = gate.world.act(&deed);
    let mut state = gate.state();
    state.say(|| format!("  people: {deed}"));
    if let Ok(moved) = done {
        let key = moved["issue"].as_str().or_else(|| moved["key"].as_str()).unwrap().to_owned();
        state.oracle.moved(issue, key);
    }
}

/// Somebody opens the repository to everybody, or closes it again.
pub(crate) fn publish(gate: &Gate, public: bool) {
    let deed = json!({"as": "dara", "tracker": "github", "repo": REPOSITORY, "do": "set_visibility", "private": !public});
    let done: Result<Value, _> = gate.world.act(&deed);
    assert!(done.is_ok(), "{deed}");
    let now = gate.time.millis();
    gate.state().oracle.visible(public, now);
}
