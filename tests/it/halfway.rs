//! An edit of several requests that stops halfway: what it reached is ours, and the next cycle does the rest.
//!
//! The project `LONG` knows no way from `To Do` to `Done` but through `In Progress`, and none back but to `To Do`.

use std::fs;

use serde_json::{Value, json};

use super::{
    rig::{Rig, until},
    trouble::{
        CLOUD, DATA_CENTER, GITHUB, HELD, PARTIAL, Place, events, heal, issue, notes, register, report,
        shell, stage,
    },
};

const FINDING: &str = "PM-1/F1";
const PLACES: [Place; 2] = [CLOUD, DATA_CENTER];
const POLICIES: [&str; 3] = ["", ", on_conflict: { status: flag }", ", on_conflict: { status: finding }"];

/// A rig whose Jira projects have the long workflow, and whose rules say who wins where both sides change a status.
fn long(policy: &str) -> Rig {
    let rig = stage();
    let statuses = json!([
        {"name": "To Do", "category": "new"},
        {"name": "In Progress", "category": "indeterminate"},
        {"name": "Done", "category": "done"},
    ]);
    let step = |id: &str, from: &str, to: &str| json!({"id": id, "name": format!("To {to}"), "from": [from], "to": to, "resolution": "absent"});
    let ways =
        [step("11", "To Do", "In Progress"), step("21", "In Progress", "Done"), step("31", "Done", "To Do")];
    let project = json!({"key": "LONG", "name": "Long", "statuses": statuses, "transitions": ways});
    let projects = json!({"projects": [project]});
    rig.control("POST", "/world/add", &json!({"jira": projects, "jira_dc": projects}));
    let path = rig.path("postmortem-sync.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("project: PLAT", "project: LONG").replace("project: OPS", "project: LONG");
    let to = "type: Task, max_tlp: AMBER";
    fs::write(path, text.replace(to, &format!("{to}{policy}"))).unwrap();
    rig
}

/// The document claims that its finding is done.
fn claim(rig: &Rig, place: Place) {
    report(rig, place, 1, 1);
    let path = rig.path("postmortems/pm-1.yaml");
    let team = format!("team: {} }}", place.team);
    let text = fs::read_to_string(&path).unwrap();
    let claimed = format!("team: {}, initial_status: done_claimed }}", place.team);
    fs::write(path, text.replace(&team, &claimed)).unwrap();
}

/// The nth transition from now on ends like this.
fn transition(rig: &Rig, place: Place, skip: usize, action: &Value) {
    let fault = json!({
        "tracker": place.tracker, "method": "POST", "path": "/transitions", "skip": skip, "times": 1, "action": action,
    });
    rig.fault(&fault);
}

fn answers(status: u16) -> Value {
    json!({"status": {"status": status, "body": {"errorMessages": ["A validator refuses this."], "errors": {}}}})
}

fn state(rig: &Rig) -> String {
    rig.json(&["finding", "show", FINDING])["finding"]["state"].as_str().unwrap().to_owned()
}

fn status(rig: &Rig, place: Place) -> String {
    issue(rig, place, 1, 1)["status"].as_str().unwrap().to_owned()
}

/// Fails if anything was taken for a person's word.
#[track_caller]
fn assert_nobodys_word(rig: &Rig, what: &str) {
    for event in ["conflict", "status_pulled", "owner_pulled", "state_changed"] {
        assert_eq!(events(rig, event), 0, "{what}: {event}");
    }
}

#[test]
fn a_move_whose_second_step_got_no_answer_is_finished_by_the_next_cycle() {
    for place in PLACES {
        for policy in POLICIES {
            let rig = long(policy);
            report(&rig, place, 1, 1);
            rig.sync().exits(0);
            claim(&rig, place);
            transition(&rig, place, 1, &answers(502));
            rig.sync().exits(PARTIAL);
            assert_eq!(status(&rig, place), "In Progress", "half of it");
            heal(&rig);
            rig.sync().exits(0);
            assert_eq!(
                (state(&rig).as_str(), status(&rig, place).as_str()),
                ("pending_verification", "Done")
            );
            assert_nobodys_word(&rig, policy);
            assert_eq!(register(&rig).edits, [], "nothing is open");
            rig.quiet_sync(0);
        }
    }
}

#[test]
fn a_move_whose_second_step_is_refused_says_so_in_each_cycle_and_pulls_nothing() {
    for place in PLACES {
        let rig = long("");
        report(&rig, place, 1, 1);
        rig.sync().exits(0);
        claim(&rig, place);
        transition(&rig, place, 1, &answers(400));
        let ran = rig.sync().json();
        assert_eq!(notes(&ran, "refused", place).len(), 1, "{ran}");
        heal(&rig);
        for _ in 0..2 {
            rig.forget();
            let ran = rig.sync().json();
            assert_eq!(notes(&ran, "refused", place).len(), 1, "{ran}");
            assert_eq!((state(&rig).as_str(), rig.writes()), ("pending_verification", vec![]));
        }
        assert_eq!(status(&rig, place), "In Progress");
        assert_nobodys_word(&rig, "refused");
        assert_eq!(register(&rig).edits, [], "the link knows it by now");
    }
}

#[test]
fn a_move_that_was_killed_at_any_step_is_finished_by_the_next_cycle() {
    for place in PLACES {
        for policy in POLICIES {
            for (skip, when) in [
                (0, "before_apply"),
                (0, "after_apply"),
                (1, "before_apply"),
                (1, "after_apply"),
                (1, "after_answer"),
            ] {
                let rig = long(policy);
                report(&rig, place, 1, 1);
                rig.sync().exits(0);
                claim(&rig, place);
                let mut worker = rig.poise(&["sync", "--format", "json"]);
                transition(&rig, place, skip, &json!({"kill": {"pid": worker.id(), "when": when}}));
                worker.go();
                worker.wait();
                heal(&rig);
                assert_eq!(register(&rig).edits.len(), 1, "it is on record");
                let what = format!("{} {policy} {skip} {when}", place.name);
                until(&what, || (rig.sync().code == Some(0)).then_some(()));
                assert_eq!(
                    (state(&rig).as_str(), status(&rig, place).as_str()),
                    ("pending_verification", "Done"),
                    "{what}"
                );
                assert_nobodys_word(&rig, &what);
                assert_eq!(register(&rig).edits, [], "{what}");
                rig.quiet_sync(0);
            }
        }
    }
}

#[test]
fn a_rejection_that_stops_halfway_ends_in_progress_with_one_comment() {
    for place in PLACES {
        for action in [answers(502), json!("drop_after")] {
            let rig = long("");
            report(&rig, place, 1, 1);
            rig.sync().exits(0);
            let key = issue(&rig, place, 1, 1)["key"].as_str().unwrap().to_owned();
            for to in ["In Progress", "Done"] {
                rig.act("ana", &key, json!({"do": "transition", "to": to}));
            }
            rig.sync().exits(0);
            rig.run(&["finding", "reject", FINDING, "--reason", "It still leaks.", "--as", "eli"]).exits(0);
            transition(&rig, place, 1, &action);
            rig.sync().exits(PARTIAL);
            heal(&rig);
            rig.sync().exits(0);
            assert_eq!((state(&rig).as_str(), status(&rig, place).as_str()), ("in_progress", "In Progress"));
            assert_eq!(issue(&rig, place, 1, 1)["comments"].as_array().unwrap().len(), 1);
            assert_eq!((events(&rig, "conflict"), events(&rig, "status_pulled")), (0, 1), "the claim alone");
            rig.quiet_sync(0);
        }
    }
}

#[test]
fn what_a_person_does_after_half_a_move_is_their_word() {
    for place in PLACES {
        let rig = long("");
        report(&rig, place, 1, 1);
        rig.sync().exits(0);
        claim(&rig, place);
        // It is not carried out; then somebody takes the same step.
        transition(&rig, place, 0, &json!("drop_before"));
        rig.sync().exits(PARTIAL);
        heal(&rig);
        let key = issue(&rig, place, 1, 1)["key"].as_str().unwrap().to_owned();
        rig.act("ana", &key, json!({"do": "transition", "to": "In Progress"}));
        rig.sync();
        assert_eq!((state(&rig).as_str(), status(&rig, place).as_str()), ("in_progress", "In Progress"));
        assert_eq!(events(&rig, "conflict"), 1, "the history of the issue names her");
    }
}

#[test]
fn a_finding_that_wants_something_else_by_now_ends_an_unanswered_move() {
    for place in PLACES {
        let rig = long("");
        report(&rig, place, 1, 1);
        rig.sync().exits(0);
        claim(&rig, place);
        transition(&rig, place, 1, &answers(502));
        rig.sync().exits(PARTIAL);
        heal(&rig);
        rig.run(&["finding", "reject", FINDING, "--reason", "It still leaks.", "--as", "eli"]).exits(0);
        rig.sync().exits(0);
        assert_eq!((state(&rig).as_str(), status(&rig, place).as_str()), ("in_progress", "In Progress"));
        assert_eq!((events(&rig, "conflict"), events(&rig, "status_pulled")), (0, 0));
        rig.quiet_sync(0);
    }
}

#[test]
fn an_owner_who_was_replaced_by_half_or_without_an_answer_is_no_persons_word() {
    for (place, method, skips) in
        [(GITHUB, "POST", 0), (GITHUB, "DELETE", 0), (CLOUD, "PUT", 0), (DATA_CENTER, "PUT", 0)]
    {
        for action in ["drop_before", "drop_after"] {
            for last in ["chen", "bo", "ana"] {
                let what = format!("{} {method} {action} {last}", place.name);
                let rig = stage();
                report(&rig, place, 1, 1);
                rig.sync().exits(0);
                rig.run(&["finding", "assign", FINDING, "ana", "--as", "eli"]).exits(0);
                rig.sync().exits(0);
                rig.run(&["finding", "assign", FINDING, "bo", "--as", "eli"]).exits(0);
                rig.fault(&json!({
                    "tracker": place.tracker, "method": method, "path": "/assignee", "skip": skips, "times": 1,
                    "action": action,
                }));
                rig.sync().exits(PARTIAL);
                heal(&rig);
                if last != "bo" {
                    rig.run(&["finding", "assign", FINDING, last, "--as", "eli"]).exits(0);
                }
                rig.sync().exits(0);
                let issue = issue(&rig, place, 1, 1);
                let assigned = issue.get("assignees").cloned().unwrap_or_else(|| json!([issue["assignee"]]));
                assert_eq!(assigned, json!([last]), "{what}");
                let owner = &rig.json(&["finding", "show", FINDING])["finding"]["owner"];
                assert_eq!(*owner, json!({"person": last}), "{what}");
                assert_nobodys_word(&rig, &what);
                rig.quiet_sync(0);
            }
        }
    }
}

#[test]
fn a_word_whose_answer_was_lost_is_told_once_however_late_the_next_cycle_is() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let rig = stage();
        report(&rig, place, 1, 1);
        rig.sync().exits(0);
        let key = issue(&rig, place, 1, 1)["key"].as_str().unwrap().to_owned();
        let reason = if place.tracker == "github" { "completed" } else { "Done" };
        rig.act("ana", &key, json!({"do": "close", "reason": reason}));
        rig.sync().exits(0);
        rig.run(&["finding", "reject", FINDING, "--reason", "It still leaks.", "--as", "eli"]).exits(0);
        let lost =
            json!({"tracker": place.tracker, "method": "POST", "path": "/comment", "action": "drop_after"});
        rig.fault(&lost);
        rig.sync().exits(PARTIAL);
        heal(&rig);
        rig.control("POST", "/clock", &json!({"advance_ms": 3_540_000}));
        rig.sync().exits(0);
        let comments = issue(&rig, place, 1, 1)["comments"].clone();
        assert_eq!(comments.as_array().unwrap().len(), 1, "{comments}");
        // A second rejection in the same words is another decision.
        rig.act("ana", &key, json!({"do": "close", "reason": reason}));
        rig.sync().exits(0);
        rig.run(&["finding", "reject", FINDING, "--reason", "It still leaks.", "--as", "eli"]).exits(0);
        rig.sync().exits(0);
        let comments = issue(&rig, place, 1, 1)["comments"].clone();
        assert_eq!(comments.as_array().unwrap().len(), 2, "{comments}");
        rig.quiet_sync(0);
    }
}

#[test]
fn a_word_is_told_once_while_a_list_of_comments_is_behind() {
    let refused = json!({"status": {"status": 403, "body": {"message": "Not yet"}}});
    // After the comment was taken, an error is the answer, or all that Jira is asked for next.
    for (place, method, path, action) in [
        (GITHUB, "POST", "/comments", json!("drop_after")),
        (CLOUD, "POST", "/comment", json!("drop_after")),
        (CLOUD, "GET", "expand=changelog", refused.clone()),
        (DATA_CENTER, "GET", "expand=changelog", refused.clone()),
    ] {
        let rig = stage();
        rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 20m");
        report(&rig, place, 1, 1);
        rig.sync().exits(0);
        rig.run(&["finding", "dismiss", FINDING, "--reason", "It is none.", "--as", "eli"]).exits(0);
        rig.control("POST", "/replica", &Value::Null);
        let comments = || issue(&rig, place, 1, 1)["comments"].as_array().unwrap().len();
        rig.fault(
            &json!({"tracker": place.tracker, "method": method, "path": path, "times": 1, "action": action}),
        );
        rig.sync().exits(PARTIAL);
        assert_eq!(comments(), 1, "{}: it is told", place.name);
        heal(&rig);
        rig.fault(&json!({
            "tracker": place.tracker, "method": "GET", "path": "/comment", "times": null, "action": "behind",
        }));
        // However often it is looked for: only what was sent is a write that something may undo.
        for _ in 0..10 {
            let ran = rig.sync().exits(PARTIAL).json();
            assert_eq!(comments(), 1, "{}: an old list shows it not", place.name);
            assert_eq!(ran["done"], json!({}), "{ran}");
            let said = ran["notes"].to_string();
            assert!(said.contains("comment: an earlier write of ours had no answer"), "{said}");
        }
        heal(&rig);
        rig.sync().exits(0);
        assert_eq!((comments(), register(&rig).edits.len()), (1, 0), "{}: it is found", place.name);
        rig.quiet_sync(0);
    }
}

#[test]
fn a_block_is_in_one_comment_while_a_list_of_comments_is_behind() {
    let taken = json!("drop_after");
    for (place, is_answered) in [(CLOUD, true), (CLOUD, false), (DATA_CENTER, true), (DATA_CENTER, false)] {
        let rig = stage();
        rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 20m");
        report(&rig, place, 1, 1);
        let asks = |was: &str, is: &str| rig.edit("postmortems/pm-1.yaml", was, is);
        asks("class: technical_lapse", "class: technical_lapse, description: Draft one");
        rig.sync().exits(0);
        rig.control("POST", "/replica", &Value::Null);
        let comments = || issue(&rig, place, 1, 1)["comments"].as_array().unwrap().clone();
        if !is_answered {
            let fault =
                json!({"tracker": place.tracker, "method": "POST", "path": "/comment", "action": taken});
            rig.fault(&fault);
        }
        asks("Draft one", "Draft two");
        rig.sync().exits(if is_answered { 0 } else { PARTIAL });
        heal(&rig);
        assert_eq!(comments().len(), 1, "{}: the description stays as it was", place.name);
        rig.fault(&json!({
            "tracker": place.tracker, "method": "GET", "path": "/comment", "times": null, "action": "behind",
        }));
        asks("Draft two", "Draft three");
        for _ in 0..3 {
            let ran = rig.sync().exits(PARTIAL).json();
            assert_eq!(comments().len(), 1, "{}: an old list shows it not", place.name);
            assert_eq!(ran["done"], json!({}), "{ran}");
            let said = ran["notes"].to_string();
            assert!(said.contains("block: a comment was made for it a short while ago"), "{said}");
        }
        heal(&rig);
        rig.sync().exits(0);
        let now = json!(comments()).to_string();
        assert_eq!((comments().len(), register(&rig).edits.len()), (1, 0), "{}: it is found", place.name);
        assert!(now.contains("Draft three"), "{now}");
        rig.quiet_sync(0);
        // Whoever deletes it, it is made again once no list can be behind any more.
        rig.fault(&json!({
            "tracker": place.tracker, "method": "GET", "path": "/comment", "times": null, "action": "behind",
        }));
        rig.edit("postmortem-sync.yaml", "settle: 20m", "settle: 1s");
        asks("Draft three", "Draft four");
        until("what no list shows after that time is gone", || {
            rig.sync();
            (comments().len() == 2).then_some(())
        });
    }
}

#[test]
fn a_move_that_stopped_halfway_is_ours_even_after_its_issue_was_lost_and_found_again() {
    let place = DATA_CENTER;
    let rig = long("");
    report(&rig, place, 1, 1);
    rig.sync().exits(0);
    claim(&rig, place);
    transition(&rig, place, 1, &answers(502));
    rig.sync().exits(PARTIAL);
    assert_eq!(status(&rig, place), "In Progress", "half of it");
    heal(&rig);
    let id = issue(&rig, place, 1, 1)["id"].as_str().unwrap().to_owned();
    let nobody = json!({"status": {"status": 404, "body": {"errorMessages": ["Issue Does Not Exist"]}}});
    let path = format!("/rest/api/2/issue/{id}");
    rig.fault(
        &json!({"tracker": place.tracker, "method": "GET", "path": path, "times": null, "action": nobody}),
    );
    for _ in 0..3 {
        rig.sync().exits(HELD);
        shell(
            &rig,
            "UPDATE link SET observed = json_replace(observed, '$.absence.first', '2026-01-01T00:00:00Z', \
             '$.absence.last', '2026-01-02T00:00:00Z')",
        );
    }
    assert_eq!((register(&rig).links.len(), register(&rig).edits.len()), (0, 1), "it is lost");
    heal(&rig);
    rig.run(&["link", "retry", FINDING, "--as", "eli"]).exits(0);
    rig.sync().exits(0);
    assert_eq!((state(&rig).as_str(), status(&rig, place).as_str()), ("pending_verification", "Done"));
    assert_nobodys_word(&rig, "found again");
    assert_eq!(register(&rig).edits, [], "nothing is open");
    rig.quiet_sync(0);
}
