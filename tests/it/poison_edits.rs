//! A change of an issue that fails every time stands in nobody's way, and is left alone after a few tries (invariant 9).

use serde_json::{Value, json};

use super::{
    rig::Rig,
    trouble::{
        CLOUD, DATA_CENTER, GITHUB, HELD, PARTIAL, Place, creates, heal, issue, notes, register, report,
        stage, sync_until, title,
    },
};

const TRIES: usize = 5;

/// So many findings with an issue each, in one report; then each of them is given to Bo.
fn given_away(place: Place, n: usize) -> Rig {
    let rig = stage();
    report(&rig, place, 1, n);
    rig.sync().exits(0);
    for at in 1..=n {
        assign(&rig, at, "bo");
    }
    rig.forget();
    rig
}

fn assign(rig: &Rig, at: usize, owner: &str) {
    rig.run(&["finding", "assign", &format!("PM-1/F{at}"), owner, "--as", "eli"]).exits(0);
}

/// From now on nobody can be assigned to the issue of a finding, or to any.
fn poison(rig: &Rig, place: Place, at: Option<usize>, status: u16) {
    let path = at.map_or("/assignee".to_owned(), |at| path(rig, place, at));
    rig.fault(&json!({"tracker": place.tracker, "path": path, "times": 1000,
        "action": {"status": {"status": status, "headers": {}, "body": {"message": "No"}}}}));
}

fn path(rig: &Rig, place: Place, at: usize) -> String {
    let issue = issue(rig, place, 1, at);
    let id = issue["number"].as_u64().map_or_else(|| text(&issue["id"]), |number| number.to_string());
    format!("/{id}/assignee")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Requests to assign somebody to the issue of a finding.
fn sent(rig: &Rig, place: Place, at: usize) -> usize {
    let path = path(rig, place, at);
    rig.writes().iter().filter(|write| write.contains(&path)).count()
}

#[test]
fn an_edit_that_fails_every_time_is_left_alone_and_says_why() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let rig = given_away(place, 3);
        poison(&rig, place, Some(1), 500);
        for n in 1..=TRIES {
            rig.sync().exits(PARTIAL);
            assert_eq!(sent(&rig, place, 1), n, "{}", place.name);
        }
        for at in [2, 3] {
            assert_eq!(sent(&rig, place, at), 1, "the others are written at once");
        }
        for _ in 0..2 {
            let held = rig.sync().exits(HELD).json();
            let told = notes(&held, "held", place);
            assert!(told.len() == 1 && told[0].contains("failed 5 times"), "{told:?}");
            assert_eq!(sent(&rig, place, 1), TRIES, "{}", place.name);
        }
        for shown in [&["explain", "PM-1/F1"][..], &["report"][..]] {
            let told = rig.run(shown).stdout;
            assert!(told.contains("failed 5 times"), "{shown:?}: {told}");
        }
    }
}

#[test]
fn something_else_to_write_starts_anew() {
    let rig = given_away(GITHUB, 2);
    poison(&rig, GITHUB, Some(1), 500);
    sync_until(&rig, HELD);
    assign(&rig, 1, "chen");
    rig.sync().exits(PARTIAL);
    heal(&rig);
    rig.sync().exits(0);
    assert_eq!(issue(&rig, GITHUB, 1, 1)["assignees"], json!(["chen"]));
    assert!(register(&rig).links.iter().all(|link| link.failed_edits.is_none()));
}

#[test]
fn after_the_cool_down_an_edit_is_tried_again() {
    let rig = given_away(GITHUB, 2);
    rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 1s\ncooldown: 1s");
    poison(&rig, GITHUB, Some(1), 500);
    sync_until(&rig, HELD);
    heal(&rig);
    sync_until(&rig, 0);
    assert_eq!(issue(&rig, GITHUB, 1, 1)["assignees"], json!(["bo"]));
}

#[test]
fn edits_that_fail_every_time_stand_in_nobodys_way() {
    for place in [GITHUB, CLOUD] {
        let rig = given_away(place, 6);
        for at in 1..=5 {
            poison(&rig, place, Some(at), 500);
        }
        report(&rig, place, 2, 1);
        rig.sync().exits(PARTIAL);
        rig.sync().exits(PARTIAL);
        assert_eq!(sent(&rig, place, 6), 1, "{}: the sixth is written", place.name);
        assert_eq!(creates(&rig).get(&title(place, 2, 1)), Some(&1), "{}: and one is created", place.name);
    }
}

#[test]
fn where_a_tracker_takes_no_edit_at_all_none_is_blamed() {
    for place in [GITHUB, DATA_CENTER] {
        let rig = given_away(place, 2);
        poison(&rig, place, None, 500);
        for _ in 0..=TRIES + 1 {
            rig.sync().exits(PARTIAL);
        }
        heal(&rig);
        rig.sync().exits(0);
        for at in [1, 2] {
            assert_eq!(sent(&rig, place, at), TRIES + 3, "{}", place.name);
        }
        rig.quiet_sync(0);
    }
}

/// A finding whose owner GitHub does not let anybody assign.
fn refused(rig: &Rig, is_created_with: bool) {
    rig.edit("people.yaml", "eli:", "stranger: { name: A stranger, github: stranger }\neli:");
    report(rig, GITHUB, 1, 1);
    if !is_created_with {
        rig.sync().exits(0);
    }
    rig.edit("postmortems/pm-1.yaml", "team: payments", "team: payments, owner: stranger");
    let outcome = rig.sync().json();
    let told = notes(&outcome, "refused", GITHUB);
    assert!(told.len() == 1 && told[0].contains("`stranger` cannot be assigned"), "{outcome}");
}

#[test]
fn whoever_cannot_be_assigned_keeps_nobody_else_away() {
    for is_created_with in [true, false] {
        let rig = stage();
        refused(&rig, is_created_with);
        rig.forget();
        rig.sync();
        assert_eq!(rig.writes(), Vec::<String>::new(), "the same owner is not tried again");
        assign(&rig, 1, "chen");
        rig.sync().exits(0);
        assert_eq!(issue(&rig, GITHUB, 1, 1)["assignees"], json!(["chen"]), "{is_created_with}");
        rig.quiet_sync(0);
    }
}
