//! What `check --online` proves of a place: that a create would be taken there as the rule sends it, and found again.

use serde_json::{Value, json};

use crate::{
    rig::Rig,
    trouble::{self, CLOUD, DATA_CENTER, GITHUB, PARTIAL, Place, report},
};

fn stage() -> Rig {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 1);
    rig
}

/// Changes the project that a place's rule names.
fn change(rig: &Rig, place: Place, what: &Value) {
    let mut project = what.clone();
    project["key"] = json!(if place.tracker == "jira" { "PLAT" } else { "OPS" });
    rig.control("POST", "/world/add", &json!({ place.tracker: { "projects": [project] } }));
}

/// What is said of the place of a Jira's rule: whether it can be used, and what creates lack there.
fn proven(rig: &Rig, place: Place) -> (bool, Vec<String>) {
    let told = rig.run(&["check", "--online", "--format", "json"]).json();
    let name = format!("→ {} ", place.name);
    let places = told["places"].as_array().unwrap();
    let found = places.iter().find(|found| found["name"].as_str().unwrap().contains(&name)).unwrap();
    let lacks = found["lacks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lacks = lacks.iter().map(|lack| lack.as_str().unwrap().to_owned()).collect();
    (found["well"].as_bool().unwrap(), lacks)
}

#[track_caller]
fn lacks(rig: &Rig, place: Place, is_well: bool, words: &str) {
    let (well, lacks) = proven(rig, place);
    assert!(lacks.iter().any(|lack| lack.contains(words)), "{}: {words}: {lacks:?}", place.name);
    assert_eq!(well, is_well, "{}: {lacks:?}", place.name);
}

#[test]
fn a_place_that_takes_what_is_sent_lacks_nothing() {
    let rig = stage();
    for place in [CLOUD, DATA_CENTER] {
        assert_eq!(proven(&rig, place), (true, Vec::new()), "{}", place.name);
    }
    rig.run(&["check", "--online"]).exits(0);
}

#[test]
fn what_a_create_screen_asks_for_or_does_not_take_is_told_before_anything_is_created() {
    for place in [CLOUD, DATA_CENTER] {
        let rig = stage();
        change(&rig, place, &json!({"off_screen": ["duedate"]}));
        lacks(&rig, place, true, "no due date: issues are created without it");
        change(
            &rig,
            place,
            &json!({"fields": [{"id": "customfield_7", "name": "Risk", "kind": "option", "allowed": ["High", "Low"], "required": true}]}),
        );
        lacks(&rig, place, false, "asks for `Risk` (customfield_7); the rule has to give it");
        let shown = rig.run(&["check", "--online"]).exits(PARTIAL).stdout;
        assert!(shown.contains("    its create screen asks for `Risk` (customfield_7)"), "{shown}");
        let type_and_more = |fields: &str| {
            rig.edit(
                "postmortem-sync.yaml",
                "type: Task, max_tlp",
                &format!("type: Task, fields: {fields}, max_tlp"),
            );
        };
        type_and_more("{ customfield_7: medium }");
        lacks(&rig, place, false, "`Risk` (customfield_7) does not take `medium`; it takes: High, Low");
        rig.edit(
            "postmortem-sync.yaml",
            "customfield_7: medium",
            "customfield_7: \"{{ finding.severity }}\"",
        );
        let (well, told) = proven(&rig, place);
        assert!(well, "what a template comes to is not known yet: {told:?}");
        rig.edit(
            "postmortem-sync.yaml",
            "customfield_7: \"{{ finding.severity }}\"",
            "customfield_7: high, customfield_8: x",
        );
        lacks(&rig, place, false, "no field `customfield_8`, which the rule fills in");
        change(&rig, place, &json!({"off_screen": ["labels"]}));
        lacks(&rig, place, false, "no labels");
        rig.edit("postmortem-sync.yaml", "type: Task", "type: Defect");
        lacks(&rig, place, false, "no issue type `Defect`; it has: ");
        assert_eq!(rig.writes(), Vec::<String>::new());
    }
}

#[test]
fn a_workflow_without_a_way_to_done_and_people_who_cannot_be_assigned_are_told() {
    for place in [CLOUD, DATA_CENTER] {
        let rig = stage();
        change(
            &rig,
            place,
            &json!({"statuses": [{"name": "To Do", "category": "new"}], "transitions": [], "assignable": ["bo"]}),
        );
        lacks(&rig, place, true, "no status of its workflow means done");
        lacks(&rig, place, true, "cannot be assigned there, so their findings have no assignee: ");
        rig.edit("postmortem-sync.yaml", "timeout: 1s }", "timeout: 1s, targets: { done: Shipped } }");
        // GitHub has no targets.
        rig.edit(
            "postmortem-sync.yaml",
            "token: { file: secrets/github }, timeout: 1s, targets: { done: Shipped } }",
            "token: { file: secrets/github }, timeout: 1s }",
        );
        lacks(&rig, place, true, "no status `Shipped`, which `targets` names; it has: To Do");
    }
}

#[test]
fn a_place_that_cannot_be_searched_for_what_is_ours_is_not_well() {
    let rig = stage();
    let refused = json!({"status": {"status": 400, "body": {"errorMessages": ["No search for you."]}}});
    rig.fault(&json!({"tracker": "jira", "path": "/search", "times": null, "action": refused}));
    lacks(&rig, CLOUD, false, "its issues cannot be searched for ours: ");
}
