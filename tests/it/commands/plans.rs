//! Plans: they write nothing, say the same twice, and are applied exactly or not at all.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use super::super::{
    rig::Rig,
    story::{HELD, finding, followed, issue_of, notes, stage, synced},
};

#[test]
fn a_plan_writes_nothing_and_says_the_same_twice() {
    let rig = stage();
    let first = rig.json(&["plan"]);
    let second = rig.json(&["plan"]);
    assert_eq!(first, second);
    assert!(first["actions"].as_array().unwrap().len() > 10);
    assert_eq!(rig.writes(), Vec::<String>::new());
    assert_eq!(rig.json(&["report"])["register_version"], 0, "no transaction but its creation");
    assert_eq!(rig.json(&["audit", "show"]), json!([]));
    let text = rig.run(&["plan"]).exits(0).stdout;
    assert!(
        text.contains("create PM-2026-101/F1 in acme/payments `Mask secrets in every build log`"),
        "{text}"
    );
    assert!(text.contains("link PM-2026-102/F4 ↔ PLAT-1"), "{text}");
}

#[test]
fn a_saved_plan_is_applied_exactly() {
    let rig = stage();
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    let plan: Value = serde_json::from_str(&rig.read("plan.json")).unwrap();
    let actions = plan["plan"]["actions"].as_array().unwrap();
    let planned: BTreeSet<String> =
        actions.iter().filter_map(|action| action["draft"]["title"].as_str().map(str::to_owned)).collect();
    rig.run(&["apply", "plan.json"]).exits(HELD);
    let name = |issue: &Value| issue["title"].as_str().or(issue["summary"].as_str()).unwrap().to_owned();
    let ours = |issue: &&Value| issue["author"] == "acme-bot" || issue["reporter"] == "acme-bot";
    let created: BTreeSet<String> = rig.issues().iter().filter(ours).map(name).collect();
    assert_eq!(created, planned);
    rig.quiet_sync(HELD);
}

#[test]
fn a_plan_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let rig = stage();
    rig.write("plan.json", "an older file, open to all");
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    let mode = fs::metadata(rig.path("plan.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!rig.path("plan.part").exists());
}

#[test]
fn a_plan_from_other_documents_or_another_configuration_is_stale() {
    for (why, change) in [
        (
            "a document changed",
            Box::new(|rig: &Rig| rig.edit("strict/PM-2026-101.yaml", "Mask", "Hide")) as Box<dyn Fn(&Rig)>,
        ),
        (
            "a document changed",
            Box::new(|rig: &Rig| fs::remove_file(rig.path("strict/PM-2026-103.yaml")).unwrap()),
        ),
        (
            "the configuration changed",
            Box::new(|rig: &Rig| rig.edit("postmortem-sync.yaml", "Task,", "Bug,")),
        ),
        ("the configuration changed", Box::new(|rig: &Rig| rig.edit("people.yaml", "Ana Ruiz", "Ana R."))),
    ] {
        let rig = synced();
        rig.edit("strict/PM-2026-101.yaml", "Tidy the colours", "Choose the colours");
        rig.run(&["finding", "assign", "PM-2026-101/F1", "bo", "--as", "eli"]).exits(0);
        rig.run(&["plan", "--out", "plan.json"]).exits(0);
        change(&rig);
        rig.forget();
        let stale = rig.run(&["apply", "plan.json"]).exits(5);
        assert!(stale.stderr.contains(why), "{why}: {}", stale.stderr);
        assert_eq!(rig.writes(), Vec::<String>::new(), "{why}");
    }
}

#[test]
fn what_somebody_changes_between_plan_and_write_is_left_alone() {
    let rig = synced();
    for (key, person, other) in [("PM-2026-101/F4", "bo", "chen"), ("PM-2026-102/F6", "chen", "bo")] {
        rig.run(&["finding", "assign", key, person, "--as", "eli"]).exits(0);
        rig.run(&["plan", "--out", "plan.json"]).exits(0);
        let issue = issue_of(&rig, key);
        for was in assignees(&followed(&rig, key)) {
            rig.act("ana", &issue, json!({"do": "unassign", "assignee": was}));
        }
        rig.act("ana", &issue, json!({"do": "assign", "assignee": other}));
        rig.forget();
        let applied = rig.run(&["apply", "plan.json", "--format", "json"]).exits(3).json();
        assert!(notes(&applied, key).iter().any(|(kind, _)| kind == "stale"), "{applied}");
        assert_eq!(rig.writes(), Vec::<String>::new(), "{key}");
        assert_eq!(assignees(&followed(&rig, key)), [other], "{key}");
        rig.sync();
        assert_eq!(assignees(&followed(&rig, key)), [other], "the tracker wins a conflict by default");
        assert_eq!(finding(&rig, key)["owner"], json!({"person": other}));
        rig.quiet_sync(HELD);
    }
}

/// Who an issue of either tracker is assigned to.
fn assignees(issue: &Value) -> Vec<String> {
    let listed = issue["assignees"].as_array().cloned().unwrap_or_else(|| vec![issue["assignee"].clone()]);
    listed.iter().filter_map(|login| login.as_str().map(str::to_owned)).collect()
}

#[test]
fn a_plan_that_was_applied_is_stale() {
    let rig = stage();
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    rig.run(&["apply", "plan.json"]).exits(HELD);
    rig.forget();
    rig.run(&["apply", "plan.json"]).exits(5);
    assert_eq!(rig.writes(), Vec::<String>::new());
}

#[test]
fn a_plan_that_somebody_changed_is_refused() {
    let rig = stage();
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    rig.edit("plan.json", "Mask secrets", "Print secrets");
    let refused = rig.run(&["apply", "plan.json"]).exits(2);
    assert!(refused.stderr.contains("changed after it was made"), "{}", refused.stderr);
    rig.write("plan.json", "{}");
    assert!(rig.run(&["apply", "plan.json"]).exits(2).stderr.contains("not a saved plan"));
    assert_eq!(rig.writes(), Vec::<String>::new());
}

#[test]
fn creates_beyond_the_limit_follow_in_later_cycles_and_a_person_may_lift_it() {
    let rig = stage();
    rig.edit("postmortem-sync.yaml", "creates: 500", "creates: 3");
    rig.sync();
    assert_eq!(rig.issues().len(), 2 + 3);
    rig.sync();
    assert_eq!(rig.issues().len(), 2 + 6);
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    rig.run(&["apply", "plan.json", "--exceed-limits"]).exits(2);
    rig.run(&["apply", "plan.json", "--exceed-limits", "--as", "eli"]);
    assert!(rig.issues().len() > 2 + 9, "{}", rig.issues().len());
    let entries = rig.json(&["audit", "show", "--limit", "1000"]);
    let lifted = entries.as_array().unwrap().iter().find(|entry| entry["event"] == "limits_exceeded");
    assert_eq!(lifted.unwrap()["actor"], "eli");
}
