//! People who use the trackers while the worker does.

use serde_json::{Value, json};

use crate::{
    gate::Gate,
    oracle::{Deed, Issue, issues, lives::By},
    stage::{ELSEWHERE, OTHER_PROJECT, REPOSITORY},
};

/// Somebody does one thing to one issue.
pub(crate) fn act(gate: &Gate) {
    let issues = issues(&gate.world.state());
    if issues.is_empty() {
        return;
    }
    let issue = &issues[gate.upto(issues.len() as i64 - 1) as usize];
    let who = somebody(gate);
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
    let is_deep = gate.state().deep;
    let by = if is_deep { somebody(gate) } else { "dara" };
    if is_deep && issue.tracker != "github" && deed["do"] == "transition" {
        let to = ["In Progress", "In Review", "Done"][gate.upto(2) as usize];
        deed["to"] = json!(to);
        if to == "Done" {
            deed["resolution"] = json!("Done");
            return perform(gate, issue, (by, deed), Some(Deed::Closed));
        }
    }
    perform(gate, issue, (by, deed), kept);
}

/// One of those who work with the trackers.
fn somebody(gate: &Gate) -> &'static str {
    let most = if gate.state().deep { 3 } else { 2 };
    ["ana", "bo", "chen", "eli"][gate.upto(most) as usize]
}

/// Somebody does this to an issue, and the judge takes it down.
pub(crate) fn perform(gate: &Gate, issue: &Issue, (by, mut deed): (&str, Value), kept: Option<Deed>) {
    let is_walked = issue.tracker != "github" && deed["do"] == "close" && issue.open && gate.state().deep;
    for to in ["Chosen", "In Progress", "In Review"].into_iter().filter(|_| is_walked) {
        let step =
            json!({"do": "transition", "to": to, "as": by, "tracker": issue.tracker, "issue": issue.key});
        // Not every workflow has every step.
        let _ = gate.world.act(&step);
        let (after, now) = (gate.world.state(), gate.time.millis());
        gate.state().oracle.look(&after, now, By::Others);
        gate.time.pass(gate.upto(3_000));
    }
    deed["as"] = json!(by);
    deed["tracker"] = json!(issue.tracker);
    deed["issue"] = json!(issue.key);
    let done = gate.world.act(&deed);
    let (after, now) = (gate.world.state(), gate.time.millis());
    let mut state = gate.state();
    state.say(|| format!("  people: {deed} {}", if done.is_ok() { "" } else { "refused" }));
    state.oracle.look(&after, now, By::Others);
    if let (Ok(_), Some(kept)) = (done, kept) {
        state.oracle.did(issue, kept, by);
    }
}

/// Somebody gives an issue to somebody else, and closes it a moment later.
pub(crate) fn hand_over(gate: &Gate) {
    let (who, other) = (somebody(gate), somebody(gate));
    let all = issues(&gate.world.state());
    let open: Vec<&Issue> = all.iter().filter(|issue| issue.open && issue.assignees.len() < 2).collect();
    if open.is_empty() {
        return;
    }
    let key = open[gate.upto(open.len() as i64 - 1) as usize].key.clone();
    let find = || issues(&gate.world.state()).into_iter().find(|issue| issue.key == key);
    let Some(issue) = find() else { return };
    if issue.tracker == "github" && issue.assignees.contains(&who.to_owned()) {
        perform(
            gate,
            &issue,
            (who, json!({"do": "unassign", "assignee": who})),
            Some(Deed::Unassigned(who.to_owned())),
        );
    }
    gate.time.pass(gate.upto(5_000));
    if let Some(issue) = find() {
        perform(
            gate,
            &issue,
            (who, json!({"do": "assign", "assignee": other})),
            Some(Deed::Assigned(other.to_owned())),
        );
    }
    gate.time.pass(gate.upto(5_000));
    if let Some(issue) = find() {
        perform(gate, &issue, (who, json!({"do": "close"})), Some(Deed::Closed));
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
    let now = gate.time.millis();
    if let Ok(moved) = done {
        let key = moved["issue"].as_str().or_else(|| moved["key"].as_str()).unwrap().to_owned();
        state.oracle.moved(issue, key, now);
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
