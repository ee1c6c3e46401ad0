//! Reads that come from a replica that is behind: nothing that we or people did is undone by them, in whatever process.

use serde_json::{Value, json};

use super::{
    rig::Rig,
    trouble::{
        CLOUD, DATA_CENTER, GITHUB, PARTIAL, Place, events, heal, issue, notes, register, report, shell,
        stage, sync_until,
    },
};

const FINDING: &str = "PM-1/F1";
const ALL: [Place; 3] = [GITHUB, CLOUD, DATA_CENTER];

/// A finding with its issue, which is assigned to ana.
fn assigned(place: Place) -> Rig {
    let rig = stage();
    report(&rig, place, 1, 1);
    rig.sync().exits(0);
    rig.run(&["finding", "assign", FINDING, "ana", "--as", "eli"]).exits(0);
    rig.sync().exits(0);
    assert_eq!(assignee(&rig, place), "ana");
    rig
}

fn assignee(rig: &Rig, place: Place) -> Value {
    let issue = issue(rig, place, 1, 1);
    issue.get("assignee").unwrap_or(&issue["assignees"][0]).clone()
}

fn finding(rig: &Rig) -> Value {
    rig.json(&["finding", "show", FINDING])["finding"].clone()
}

/// The replica stops following; whatever happens from now on falls into a later second.
fn stop_following(rig: &Rig) {
    rig.control("POST", "/replica", &Value::Null);
    later(rig);
}

fn later(rig: &Rig) {
    rig.control("POST", "/clock", &json!({"advance_ms": 2000}));
}

/// From now on every answer about issues comes from the replica.
fn fall_behind(rig: &Rig, place: Place) {
    rig.fault(&json!({"tracker": place.tracker, "times": null, "action": "behind"}));
}

/// A cycle in which the tracker's answers are old: it says so, and does nothing.
#[track_caller]
fn unmoved(rig: &Rig, place: Place) {
    rig.forget();
    let ran = rig.sync().exits(PARTIAL).json();
    assert_eq!(rig.writes(), Vec::<String>::new(), "{ran}");
    let said = notes(&ran, "unreachable", place);
    assert!(said.iter().any(|why| why.contains("as it was at")), "{said:?}");
}

#[test]
fn our_own_push_is_not_taken_back_by_a_read_from_before_it() {
    for place in ALL {
        let rig = assigned(place);
        stop_following(&rig);
        rig.run(&["finding", "assign", FINDING, "bo", "--as", "eli"]).exits(0);
        rig.sync().exits(0);
        assert_eq!(assignee(&rig, place), "bo");
        let pulled = events(&rig, "owner_pulled");
        fall_behind(&rig, place);
        unmoved(&rig, place);
        unmoved(&rig, place);
        assert_eq!(finding(&rig)["owner"], json!({"person": "bo"}), "{place:?}");
        assert_eq!(events(&rig, "owner_pulled"), pulled, "{place:?}");
        heal(&rig);
        rig.quiet_sync(0);
        assert_eq!(
            (finding(&rig)["owner"].clone(), assignee(&rig, place)),
            (json!({"person": "bo"}), json!("bo"))
        );
    }
}

#[test]
fn a_rejection_is_not_undone_by_a_read_from_before_it() {
    for place in ALL {
        let rig = assigned(place);
        later(&rig);
        let key = issue(&rig, place, 1, 1)["key"].as_str().unwrap().to_owned();
        rig.act(
            "bo",
            &key,
            json!({"do": "close", "reason": if place.tracker == "github" { "completed" } else { "Done" }}),
        );
        rig.sync().exits(0);
        assert_eq!(finding(&rig)["state"], "pending_verification");
        stop_following(&rig);
        rig.run(&["finding", "reject", FINDING, "--reason", "It still leaks.", "--as", "eli"]).exits(0);
        sync_until(&rig, 0);
        let state = finding(&rig)["state"].clone();
        assert_ne!(state, "pending_verification");
        fall_behind(&rig, place);
        unmoved(&rig, place);
        assert_eq!(finding(&rig)["state"], state, "{place:?}");
        heal(&rig);
        rig.quiet_sync(0);
        assert_eq!(finding(&rig)["state"], state);
    }
}

#[test]
fn a_later_decision_is_not_lost_to_a_read_from_before_it() {
    for place in ALL {
        let rig = assigned(place);
        stop_following(&rig);
        rig.run(&["finding", "assign", FINDING, "bo", "--as", "eli"]).exits(0);
        rig.sync().exits(0);
        rig.run(&["finding", "assign", FINDING, "chen", "--as", "eli"]).exits(0);
        fall_behind(&rig, place);
        unmoved(&rig, place);
        assert_eq!(
            (finding(&rig)["owner"].clone(), events(&rig, "conflict")),
            (json!({"person": "chen"}), 0)
        );
        heal(&rig);
        rig.sync().exits(0);
        assert_eq!(assignee(&rig, place), "chen", "{place:?}");
        rig.quiet_sync(0);
    }
}

#[test]
fn a_search_or_a_batch_that_is_behind_is_asked_again_one_by_one() {
    for (place, batch) in [(GITHUB, "/graphql"), (CLOUD, "/bulkfetch")] {
        let rig = assigned(place);
        stop_following(&rig);
        rig.run(&["finding", "assign", FINDING, "bo", "--as", "eli"]).exits(0);
        rig.sync().exits(0);
        later(&rig);
        let key = issue(&rig, place, 1, 1)["key"].as_str().unwrap().to_owned();
        if place.tracker == "github" {
            rig.act("bo", &key, json!({"do": "unassign", "assignee": "bo"}));
        }
        rig.act("bo", &key, json!({"do": "assign", "assignee": "chen"}));
        rig.fault(&json!({"tracker": place.tracker, "path": batch, "times": null, "action": "behind"}));
        rig.sync().exits(0);
        assert_eq!(
            finding(&rig)["owner"],
            json!({"person": "chen"}),
            "{place:?}: a single read tells the present"
        );
    }
}

#[test]
fn a_read_back_that_is_older_than_the_write_concludes_nothing() {
    for place in ALL {
        let rig = assigned(place);
        stop_following(&rig);
        rig.run(&["finding", "assign", FINDING, "bo", "--as", "eli"]).exits(0);
        rig.sync().exits(0);
        later(&rig);
        rig.run(&["finding", "assign", FINDING, "chen", "--as", "eli"]).exits(0);
        // Reads of the one issue by itself: those after the write, and none before it.
        let one = if place.tracker == "github" { "/issues/1" } else { "expand=changelog" };
        rig.fault(&json!({"tracker": place.tracker, "method": "GET", "path": one, "times": null, "action": "behind"}));
        let ran = rig.sync().json();
        assert_eq!(notes(&ran, "refused", place), Vec::<String>::new(), "{place:?}: nothing was dropped");
        // GitHub's answer to the write shows what came of it, and nothing is read.
        let n_unknown = usize::from(place.tracker != "github");
        assert_eq!(register(&rig).edits.len(), n_unknown, "{place:?}: what came of it is not known");
        heal(&rig);
        rig.quiet_sync(0);
        assert_eq!(register(&rig).edits, [], "{place:?}: now it is");
        assert_eq!(
            (finding(&rig)["owner"].clone(), assignee(&rig, place)),
            (json!({"person": "chen"}), json!("chen"))
        );
    }
}

/// A tracker that shows an issue as it was before our last write, for good, and has done so twice.
fn put_back(place: Place) -> Rig {
    let rig = assigned(place);
    stop_following(&rig);
    rig.run(&["finding", "assign", FINDING, "bo", "--as", "eli"]).exits(0);
    rig.sync().exits(0);
    fall_behind(&rig, place);
    unmoved(&rig, place);
    rig
}

#[test]
fn a_tracker_that_was_put_back_is_believed_after_three_reads_over_a_day_and_told_once() {
    for place in ALL {
        let rig = put_back(place);
        // Twice more, each time some hours later: the register says when the first and the last time was.
        for (reads, since) in [(1, 2), (2, 25)] {
            shell(&rig, &older(since, 2, reads));
            if reads == 1 {
                unmoved(&rig, place);
            }
        }
        let ran = rig.sync().json();
        assert_eq!(notes(&ran, "put_back", place).len(), 1, "{ran}");
        assert_eq!(
            (events(&rig, "issue_put_back"), finding(&rig)["owner"].clone()),
            (1, json!({"person": "ana"}))
        );
        rig.quiet_sync(0);
        assert_eq!(events(&rig, "issue_put_back"), 1, "told once");
    }
}

#[test]
fn a_person_may_say_earlier_that_a_tracker_was_put_back() {
    for place in ALL {
        let rig = put_back(place);
        let said = rig.run(&["link", "retry", FINDING, "--as", "eli"]).exits(0).stdout;
        assert!(said.contains("1 refusal"), "{said}");
        let ran = rig.sync().json();
        let told = notes(&ran, "put_back", place);
        assert!(told.len() == 1 && told[0].contains("a person says so"), "{ran}");
        assert_eq!(
            finding(&rig)["owner"],
            json!({"person": "ana"}),
            "what the tracker shows counts from now on"
        );
        rig.quiet_sync(0);
    }
}

#[test]
fn when_an_answer_was_given_is_kept_beside_the_change_that_it_shows() {
    let rig = assigned(GITHUB);
    later(&rig);
    rig.sync().exits(0);
    let sightings = register(&rig).issues;
    let sighting = sightings.values().next().unwrap();
    assert!(sighting.read.is_some() && sighting.is_settled(), "{sighting:?}");
    rig.sync().exits(0);
    assert_eq!(register(&rig).issues, sightings, "and once it is known, it stays");
}

/// Says in the register that single reads showed older states: the first and the last of them so many hours ago.
fn older(first: u32, last: u32, reads: u32) -> String {
    let ago = |hours: u32| format!("strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{hours} hours')");
    let (first, last) = (ago(first), ago(last));
    format!(
        "UPDATE issue SET data = json_set(data, '$.older', json_object('first', {first}, 'last', {last}, 'reads', {reads}))"
    )
}

#[test]
fn an_assignee_by_default_is_not_the_owner_until_somebody_says_so() {
    for (place, project, login) in [(CLOUD, "PLAT", "ana"), (DATA_CENTER, "OPS", "ana")] {
        let rig = stage();
        rig.control(
            "POST",
            "/world/add",
            &json!({place.tracker: {"projects": [{"key": project, "default_assignee": login}]}}),
        );
        report(&rig, place, 1, 1);
        let ran = rig.sync().exits(0).json();
        assert_eq!(assignee(&rig, place), "ana");
        let said = notes(&ran, "default_owner", place);
        assert!(said.len() == 1 && said[0].contains("ana is assigned by the default"), "{said:?}");
        assert_eq!(finding(&rig)["owner"], "nobody", "{place:?}");
        assert_eq!(events(&rig, "owner_pulled"), 0);
        let again = rig.quiet_sync(0).json();
        assert_eq!(notes(&again, "default_owner", place).len(), 1, "as long as it stands");
        let key = issue(&rig, place, 1, 1)["key"].as_str().unwrap().to_owned();
        later(&rig);
        rig.act("bo", &key, json!({"do": "assign", "assignee": "bo"}));
        let ran = rig.sync().exits(0).json();
        assert_eq!(finding(&rig)["owner"], json!({"person": "bo"}), "a person said so");
        assert_eq!(notes(&ran, "default_owner", place), Vec::<String>::new());
        rig.quiet_sync(0);
    }
}

#[test]
fn an_assignee_by_default_is_recognised_after_a_create_whose_answer_was_lost() {
    for (place, project) in [(CLOUD, "PLAT"), (DATA_CENTER, "OPS")] {
        let rig = stage();
        rig.control(
            "POST",
            "/world/add",
            &json!({place.tracker: {"projects": [{"key": project, "default_assignee": "ana"}]}}),
        );
        report(&rig, place, 1, 1);
        rig.fault(&json!({"tracker": place.tracker, "method": "POST", "path": place.create, "action": "drop_after"}));
        rig.sync();
        sync_until(&rig, 0);
        assert_eq!(
            (finding(&rig)["owner"].clone(), events(&rig, "owner_pulled")),
            (json!("nobody"), 0),
            "{place:?}"
        );
        let again = rig.quiet_sync(0).json();
        assert_eq!(notes(&again, "default_owner", place).len(), 1);
    }
}

#[test]
fn an_assignee_whom_a_create_forgets_is_assigned_in_the_same_cycle() {
    for (place, project) in [(CLOUD, "PLAT"), (DATA_CENTER, "OPS")] {
        for default in [Value::Null, json!("ana")] {
            let rig = stage();
            rig.control(
                "POST",
                "/world/add",
                &json!({place.tracker: {"projects": [
                {"key": project, "forgets_assignee": true, "default_assignee": default}]}}),
            );
            report(&rig, place, 1, 1);
            rig.edit("postmortems/pm-1.yaml", "class: technical_lapse", "owner: bo, class: technical_lapse");
            let ran = rig.sync().exits(0).json();
            assert_eq!(assignee(&rig, place), "bo", "{place:?}");
            assert_eq!(notes(&ran, "refused", place), Vec::<String>::new());
            rig.quiet_sync(0);
            assert_eq!(finding(&rig)["owner"], json!({"person": "bo"}));
        }
    }
}

#[test]
fn an_assignee_who_is_refused_twice_is_left_alone_for_a_day() {
    let rig = stage();
    rig.control(
        "POST",
        "/world/add",
        &json!({"jira_dc": {"projects": [{"key": "OPS", "forgets_assignee": true, "assignable": ["ana"]}]}}),
    );
    report(&rig, DATA_CENTER, 1, 1);
    rig.edit("postmortems/pm-1.yaml", "class: technical_lapse", "owner: bo, class: technical_lapse");
    let ran = rig.sync().json();
    assert_eq!(notes(&ran, "refused", DATA_CENTER).len(), 1, "{ran}");
    let quiet = rig.quiet_sync(PARTIAL).json();
    assert!(notes(&quiet, "refused", DATA_CENTER)[0].contains("not tried again before"), "{quiet}");
}
