//! What a tracker does not take with a create stays owed: it is left alone for the cool-down, and then tried again.

use serde_json::{Value, json};

use super::{
    rig::{Rig, until},
    trouble::{GITHUB, issue, notes, stage, title},
};

const KEY: &str = "acme/payments#1";

/// A finding of Bo's, who may or may not be assigned there.
fn created(cooldown: &str, permission: &str) -> Rig {
    let rig = stage();
    rig.edit("postmortem-sync.yaml", "settle: 1s", &format!("settle: 1s\ncooldown: {cooldown}"));
    permit(&rig, permission);
    let finding = format!(
        "{{ id: F1, title: {}, class: technical_lapse, team: payments, owner: \"@bo\" }}",
        title(GITHUB, 1, 1)
    );
    let text = format!(
        "format: postmortem/1\nid: PM-1\ntitle: An incident\nincident: {{ severity: high }}\nfindings:\n  - {finding}\n"
    );
    rig.write("postmortems/pm-1.yaml", &text);
    rig.sync();
    rig
}

fn permit(rig: &Rig, permission: &str) {
    let deed = json!({"as": "ana", "tracker": "github", "repo": "acme/payments", "do": "set_permission",
        "login": "bo", "permission": permission});
    rig.control("POST", "/act", &deed);
}

fn assignees(rig: &Rig) -> Value {
    issue(rig, GITHUB, 1, 1)["assignees"].clone()
}

fn owner(rig: &Rig) -> Value {
    rig.json(&["finding", "show", "PM-1/F1"])["finding"]["owner"].clone()
}

#[test]
fn an_owner_who_is_taken_with_the_create_is_agreed() {
    let rig = created("1h", "write");
    assert_eq!(assignees(&rig), json!(["bo"]));
    rig.quiet_sync(0);
    rig.act("ana", KEY, json!({"do": "unassign", "assignee": "bo"}));
    rig.sync().exits(0);
    assert_eq!(owner(&rig), json!("nobody"), "who was agreed on and taken off is nobody's");
}

#[test]
fn an_owner_who_is_not_taken_with_the_create_is_left_alone_for_the_cool_down_and_stays_the_owner() {
    let rig = created("1h", "none");
    assert_eq!(assignees(&rig), json!([]));
    permit(&rig, "write");
    rig.forget();
    let again = rig.sync().json();
    assert!(rig.writes().is_empty(), "{:?}", rig.writes());
    assert!(!notes(&again, "refused", GITHUB).is_empty(), "{again}");
    assert_eq!(owner(&rig), json!({"person": "bo"}), "that nobody is assigned is no word of the tracker's");
}

#[test]
fn an_owner_who_is_not_taken_with_the_create_is_assigned_after_the_cool_down() {
    let rig = created("1s", "none");
    permit(&rig, "write");
    until("the owner is assigned", || {
        rig.sync();
        (assignees(&rig) == json!(["bo"])).then_some(())
    });
    rig.quiet_sync(0);
}
