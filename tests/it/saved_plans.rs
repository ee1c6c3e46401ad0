//! Saved plans: exactly what is in one and would be planned now is done, and nothing that its file says.

use postmortem_sync::model::digest;
use serde_json::{Value, json};

use super::{
    rig::Rig,
    trouble::{self, GITHUB, PARTIAL, assert_one_each, events, notes, report, title_of},
};

/// Exit code when nothing of a plan holds.
const STALE: i32 = 5;

/// Changes what a saved plan does, and gives it the hash of what it says then.
fn forge(rig: &Rig, change: impl FnOnce(&mut Vec<Value>)) {
    let mut file: Value = serde_json::from_str(&rig.read("plan.json")).unwrap();
    change(file["plan"]["actions"].as_array_mut().unwrap());
    file["hash"] = json!("");
    file["hash"] = json!(digest::of_text(&file.to_string()));
    rig.write("plan.json", &file.to_string());
}

fn plan(rig: &Rig) {
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
}

fn apply(rig: &Rig, code: i32) -> Value {
    rig.run(&["apply", "plan.json", "--format", "json"]).exits(code).json()
}

#[test]
fn what_another_mode_would_do_is_shown_before_it_may() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 3);
    rig.edit("postmortem-sync.yaml", "mode: full", "mode: observe");
    let told = rig.run(&["plan"]).exits(0).stdout;
    for said in [
        "3 writes on trackers",
        "mode `observe` and the limits let none of 3 writes through",
        "(held back)",
        "3 actions left for a later cycle: mode `observe` writes nothing to trackers",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let planned = rig.json(&["plan"]);
    assert_eq!(planned["allowed"], json!(["nothing", "nothing", "nothing"]));
    assert_eq!(planned["actions"].as_array().unwrap().len(), 3);
    rig.run(&["plan", "--detailed-exitcode"]).exits(10);
    let explained = rig.run(&["plan", "--mode", "create-only"]).exits(0).stdout;
    assert!(!explained.contains("held back"), "{explained}");
    let told = rig.run(&["plan", "--mode", "full"]).exits(0).stdout;
    assert!(told.contains("3 writes on trackers"), "{told}");
    let told = rig.run(&["plan", "--mode", "sync"]).exits(2).stderr;
    assert!(told.contains("observe, create-only, upsert"), "{told}");
    // A saved plan goes by the configuration's.
    rig.run(&["plan", "--mode", "full", "--out", "plan.json"]).exits(2);
    assert_eq!(rig.writes(), Vec::<String>::new());
}

#[test]
fn nothing_of_a_forged_plan_is_sent() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 3);
    plan(&rig);
    forge(&rig, |actions| {
        assert_eq!(actions.len(), 3);
        actions[0]["draft"]["body"] = json!("FORGED");
        actions[1]["draft"]["title"] = json!("FORGED");
        let mut further = actions[2].clone();
        further["draft"]["place"] = json!("acme/platform");
        actions.push(further);
    });
    let outcome = apply(&rig, PARTIAL);
    assert_eq!(outcome["done"], json!({"created": 1}));
    assert_eq!(notes(&outcome, "stale", GITHUB).len(), 3, "{outcome}");
    assert_eq!(notes(&outcome, "deferred", GITHUB).len(), 2, "{outcome}");
    let titles: Vec<String> = rig.issues().iter().map(|issue| title_of(issue).to_owned()).collect();
    assert_eq!(titles.len(), 1, "{titles:?}");
    assert!(!json!(rig.log()).to_string().contains("FORGED"));
    rig.sync().exits(0);
    assert_one_each(&rig, GITHUB, 1, 3);
}

#[test]
fn a_plan_of_which_nothing_holds_any_more_does_nothing_at_all() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 1);
    plan(&rig);
    forge(&rig, |actions| actions[0]["draft"]["title"] = json!("FORGED"));
    let outcome = apply(&rig, PARTIAL);
    assert_eq!(notes(&outcome, "stale", GITHUB).len(), 1, "{outcome}");
    // The cycle took the finding in, so that the register is another one.
    let refused = rig.run(&["apply", "plan.json"]).exits(STALE);
    assert!(refused.stderr.contains("none of its actions would be planned now"), "{}", refused.stderr);
    assert_eq!(rig.writes(), Vec::<String>::new());
}

#[test]
fn limits_are_lifted_for_what_is_planned_now_alone() {
    let rig = trouble::stage();
    rig.edit("postmortem-sync.yaml", "changed_share: 1.0", "changed_share: 1.0, creates: 1");
    report(&rig, GITHUB, 1, 3);
    plan(&rig);
    forge(&rig, |actions| actions[0]["draft"]["title"] = json!("FORGED"));
    rig.run(&["apply", "plan.json", "--exceed-limits", "--as", "eli"]).exits(PARTIAL);
    assert_eq!(rig.issues().len(), 2);
    assert!(!json!(rig.log()).to_string().contains("FORGED"));
    assert_eq!(events(&rig, "limits_exceeded"), 1);
}

#[test]
fn what_follows_from_a_plan_is_left_for_the_next_cycle() {
    let rig = trouble::stage();
    rig.control(
        "POST",
        "/act",
        &json!({"as": "dara", "tracker": "github", "repo": "acme/platform", "do": "open_issue", "title": "x"}),
    );
    let finding = "{ id: F1, title: Rotate, class: technical_lapse, team: none, owner: bo, tracker: [\"acme/platform#1\"] }";
    let text = format!(
        "format: postmortem/1\nid: PM-1\ntitle: An incident\nincident: {{ severity: high }}\nfindings:\n  - {finding}\n"
    );
    rig.write("postmortems/pm-1.yaml", &text);
    plan(&rig);
    rig.forget();
    let outcome = apply(&rig, 0);
    assert_eq!(outcome["done"], json!({"cited": 1}));
    assert_eq!(rig.writes(), Vec::<String>::new(), "the plan links, and changes no issue");
    rig.sync().exits(0);
    assert_eq!(rig.writes(), ["POST /repos/acme/platform/issues/1/assignees"]);
}

#[test]
fn a_finding_that_changed_since_makes_its_own_action_stale_and_no_other() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 2);
    rig.sync().exits(0);
    for key in ["PM-1/F1", "PM-1/F2"] {
        rig.run(&["finding", "assign", key, "ana", "--as", "eli"]).exits(0);
    }
    plan(&rig);
    rig.run(&["finding", "assign", "PM-1/F2", "bo", "--as", "eli"]).exits(0);
    let outcome = apply(&rig, PARTIAL);
    assert_eq!(outcome["done"], json!({"updated": 1}));
    let assigned = |at| trouble::issue(&rig, GITHUB, 1, at)["assignees"].clone();
    assert_eq!((assigned(1), assigned(2)), (json!(["ana"]), json!([])));
    rig.sync().exits(0);
    assert_eq!(assigned(2), json!(["bo"]));
}
