//! Exit codes, as the help documents them.

use std::fs;

use serde_json::json;

use super::super::{
    rig::{Rig, until},
    story::{HELD, finding, stage, synced},
};

/// A stage on which nothing waits for a person.
fn calm() -> Rig {
    let rig = stage();
    for name in ["PM-2026-104.yaml", "PM-2026-105.yaml"] {
        fs::remove_file(rig.path("strict").join(name)).unwrap();
    }
    rig
}

#[test]
fn a_cycle_with_nothing_left_over_exits_0() {
    let outcome = calm().sync().exits(0).json();
    assert_eq!(outcome["verdict"], "complete");
}

#[test]
fn a_wrong_command_line_and_a_wrong_configuration_exit_2() {
    let rig = calm();
    assert!(rig.run(&["sink"]).exits(2).stderr.contains("sync"), "the nearest command is suggested");
    rig.run(&["sync", "--format", "html"]).exits(2);
    rig.run(&["sync", "--config", "nowhere.yaml"]).exits(2);
    fs::remove_file(rig.path("secrets/jira")).unwrap();
    let refused = rig.run(&["sync"]).exits(2);
    assert!(refused.stderr.contains("secrets/jira"), "{}", refused.stderr);
    assert_eq!(rig.issues().len(), 2, "nothing was created");
}

#[test]
fn a_tracker_that_fails_exits_3_and_the_others_go_on() {
    let rig = calm();
    rig.fault(&json!({"tracker": "github", "times": null, "action": {"status": {"status": 503}}}));
    let outcome = rig.sync().exits(3).json();
    assert_eq!(outcome["verdict"], "partial");
    assert!(outcome["trackers"]["github"]["error"].is_string(), "{}", outcome["trackers"]);
    let created = |tracker: &str| rig.issues().iter().filter(|issue| issue["tracker"] == tracker).count();
    assert!(created("jira") > 1 && created("jira_dc") > 1 && created("github") == 1);
    rig.control("DELETE", "/faults", &json!(null));
    rig.sync().exits(0);
    assert!(created("github") > 5);
}

#[test]
fn what_waits_for_a_person_exits_4() {
    assert_eq!(stage().sync().exits(HELD).json()["verdict"], "held");
}

#[test]
fn a_refused_decision_exits_6_and_changes_nothing() {
    let rig = synced();
    let before = finding(&rig, "PM-2026-101/F1");
    for decision in [
        vec!["verify", "PM-2026-101/F1", "--evidence", "https://ci.example", "--as", "eli"],
        vec!["extend", "PM-2026-101/F1", "--due", "2099-01-01", "--reason", "mine", "--as", "ana"],
    ] {
        let refused = rig.run(&[&["finding"], &*decision].concat()).exits(6);
        assert!(refused.stderr.contains("PM-2026-101/F1"), "{}", refused.stderr);
    }
    assert_eq!(finding(&rig, "PM-2026-101/F1"), before);
}

#[test]
fn a_decision_without_a_known_person_or_finding_exits_2_and_suggests() {
    let rig = synced();
    let nobody = rig.run(&["finding", "reopen", "PM-2026-101/F1", "--reason", "x"]).exits(2);
    assert!(nobody.stderr.contains("--as PERSON"), "{}", nobody.stderr);
    let stranger = rig.run(&["finding", "reopen", "PM-2026-101/F1", "--reason", "x", "--as", "zoe"]).exits(2);
    assert!(stranger.stderr.contains("`zoe`") && stranger.stderr.contains("eli"), "{}", stranger.stderr);
    let missing = rig.run(&["finding", "show", "PM-2026-101/F99"]).exits(2);
    assert!(missing.stderr.contains("did you mean PM-2026-101/F9"), "{}", missing.stderr);
    rig.run(&["explain", "PM-2026-999/F1"]).exits(2);
}

#[test]
fn a_register_that_another_process_holds_exits_75() {
    let rig = calm();
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": "/issues", "action": "hang"}));
    let busy = rig.spawn(&["sync"]);
    let is_creating =
        || rig.log().iter().any(|entry| entry["fault"] == json!("hang") || entry["method"] == "POST");
    until("the first worker creates", || (is_creating() && rig.path("register.db").exists()).then_some(()));
    let refused = until("the register is held", || Some(rig.sync()).filter(|ran| ran.code == Some(75)));
    assert!(refused.stderr.contains(&format!("pid {}", busy.id())), "it says who: {}", refused.stderr);
    rig.json(&["finding", "list"]);
    drop(busy);
    assert_ne!(rig.sync().code, Some(75), "a killed worker holds nothing");
}
