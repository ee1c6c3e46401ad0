//! What somebody writes between our read and our write: it is on record, and it holds where the tracker's word does (invariant 4).

use serde_json::{Value, json};

use super::{
    rig::Rig,
    trouble::{CLOUD, DATA_CENTER, GITHUB, HELD, Place, events, issue, report, stage, sync_until},
};

/// The finding of these tests.
const FINDING: &str = "PM-1/F1";

#[test]
fn an_assignment_in_the_moment_before_ours_is_put_on_record_and_written_back() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let (rig, ran) = overtaken(place, "chen");
        assert!(ran.to_string().contains("in the moment before we wrote"), "{ran}");
        sync_until(&rig, 0);
        let issue = issue(&rig, place, 1, 1);
        let assigned = issue.get("assignee").unwrap_or(&issue["assignees"][0]);
        assert_eq!(assigned, "chen", "{issue}");
        assert_eq!(rig.json(&["finding", "show", FINDING])["finding"]["owner"], json!({"person": "chen"}));
        rig.quiet_sync(0);
    }
}

#[test]
fn an_assignment_to_somebody_unknown_that_was_lost_is_for_a_person() {
    let (rig, ran) = overtaken(DATA_CENTER, "dara");
    assert_eq!(ran["verdict"], "held", "{ran}");
    assert!(ran.to_string().contains("is overwritten; say if that is wrong"), "{ran}");
    rig.quiet_sync(0);
}

#[test]
fn a_state_that_was_lost_on_github_is_for_a_person() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    let key = issue(&rig, GITHUB, 1, 1)["key"].as_str().unwrap().to_owned();
    rig.act("bo", &key, json!({"do": "close", "reason": "completed"}));
    rig.sync();
    rig.run(&["finding", "reject", FINDING, "--reason", "It still leaks.", "--as", "eli"]).exits(0);
    // The sandbox tells seconds: the acts fall into a later one than what was read.
    rig.control("POST", "/clock", &json!({"advance_ms": 2000}));
    let act = |deed: &str, reason: Option<&str>| {
        let tracker = GITHUB.tracker;
        json!({"as": "ana", "tracker": tracker, "issue": key, "do": deed, "reason": reason})
    };
    let acts = json!([act("reopen", None), act("close", Some("not_planned"))]);
    let action = json!({"meanwhile": {"acts": acts}});
    rig.fault(&json!({"tracker": GITHUB.tracker, "method": "PATCH", "path": "/issues/", "action": action}));
    let ran = rig.sync().exits(HELD).json();
    assert!(
        ran.to_string().contains("ana changed it to `closed (not planned)` in the moment before we wrote"),
        "{ran}"
    );
    assert_eq!(events(&rig, "overtaken"), 2, "both are on record");
    rig.quiet_sync(0);
}

#[test]
fn what_somebody_does_to_a_new_issue_before_we_read_it_back_is_taken_over() {
    for (place, key) in [(CLOUD, "PLAT-1"), (DATA_CENTER, "OPS-1")] {
        let rig = stage();
        report(&rig, place, 1, 1);
        let act = |deed: Value| {
            let mut act = json!({"as": "dara", "tracker": place.tracker, "issue": key});
            act.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
            act
        };
        let acts =
            [act(json!({"do": "assign", "assignee": "bo"})), act(json!({"do": "close", "reason": "Done"}))];
        let action = json!({"meanwhile": {"acts": acts}});
        rig.fault(&json!({"tracker": place.tracker, "method": "GET", "path": "/issue/1", "action": action}));
        rig.sync();
        let issue = issue(&rig, place, 1, 1);
        assert_eq!(
            (&issue["key"], &issue["assignee"]),
            (&json!(key), &json!("bo")),
            "in the middle of the create"
        );
        sync_until(&rig, 0);
        let finding = &rig.json(&["finding", "show", FINDING])["finding"];
        assert_eq!(
            (&finding["owner"], &finding["state"]),
            (&json!({"person": "bo"}), &json!("pending_verification"))
        );
        rig.quiet_sync(0);
    }
}

#[test]
fn whoever_only_the_read_back_of_a_create_shows_had_the_finding() {
    for (place, key) in [(CLOUD, "PLAT-1"), (DATA_CENTER, "OPS-1")] {
        let rig = stage();
        report(&rig, place, 1, 1);
        let assign =
            json!({"as": "dara", "tracker": place.tracker, "issue": key, "do": "assign", "assignee": "bo"});
        let action = json!({"meanwhile": {"acts": [assign]}});
        rig.fault(&json!({"tracker": place.tracker, "method": "GET", "path": "/issue/1", "action": action}));
        rig.sync();
        // Before the next cycle looks, it is somebody else's.
        rig.act("dara", key, json!({"do": "assign", "assignee": "chen"}));
        sync_until(&rig, 0);
        assert_eq!(rig.json(&["finding", "show", FINDING])["finding"]["owner"], json!({"person": "chen"}));
        assert!(had_a_part(&rig, "bo"), "{}", rig.json(&["audit", "show", FINDING]));
    }
}

#[test]
fn whoever_only_the_read_before_a_write_shows_had_the_finding() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let rig = stage();
        report(&rig, place, 1, 1);
        rig.sync().exits(0);
        rig.run(&["finding", "assign", FINDING, "ana", "--as", "eli"]).exits(0);
        let key = issue(&rig, place, 1, 1)["key"].as_str().unwrap().to_owned();
        let assign =
            json!({"as": "dara", "tracker": place.tracker, "issue": key, "do": "assign", "assignee": "bo"});
        // The first read is for the plan; what comes after it is about to be changed.
        let read = match place.tracker {
            "github" => "/graphql",
            "jira" => "/bulkfetch",
            _ => "/issue/1",
        };
        let action = json!({"meanwhile": {"acts": [assign]}});
        let fault = json!({"tracker": place.tracker, "path": read, "skip": 1, "action": action});
        rig.fault(&fault);
        rig.sync();
        rig.act("dara", &key, json!({"do": "assign", "assignee": "chen"}));
        rig.sync();
        assert!(had_a_part(&rig, "bo"), "{place:?} {}", rig.json(&["audit", "show", FINDING]));
    }
}

fn had_a_part(rig: &Rig, person: &str) -> bool {
    let history = rig.json(&["audit", "show", FINDING]);
    let mut entries = history.as_array().unwrap().iter();
    entries.any(|entry| entry["event"] == "part_recorded" && entry["after"] == person)
}

/// The register assigns bo, and somebody else takes the issue just before that arrives.
fn overtaken(place: Place, person: &str) -> (Rig, Value) {
    let rig = stage();
    report(&rig, place, 1, 1);
    rig.sync().exits(0);
    rig.run(&["finding", "assign", FINDING, "bo", "--as", "eli"]).exits(0);
    let key = issue(&rig, place, 1, 1)["key"].clone();
    let act =
        json!({"as": person, "tracker": place.tracker, "issue": key, "do": "assign", "assignee": person});
    let action = json!({"meanwhile": {"acts": [act]}});
    let method = if place.tracker == "github" { "POST" } else { "PUT" };
    rig.fault(&json!({"tracker": place.tracker, "method": method, "path": "/assignee", "action": action}));
    let ran = rig.sync().json();
    let history = rig.json(&["audit", "show", FINDING]);
    let lost = history.as_array().unwrap().iter().find(|entry| entry["event"] == "overtaken");
    let lost = lost.unwrap_or_else(|| panic!("{history}"));
    assert_eq!(lost["field"], "owner");
    assert!(lost["before"].as_str().unwrap().to_lowercase().starts_with(person), "{lost}");
    (rig, ran)
}
