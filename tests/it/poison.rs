//! A finding whose create fails every time hurts only itself, and is left alone after a few tries (invariant 9).

use serde_json::{Value, json};

use super::{
    rig::{Rig, until},
    trouble::{
        CLOUD, DATA_CENTER, GITHUB, HELD, PARTIAL, Place, assert_one_each, creates, events, heal, notes,
        register, report, stage, sync_until, title,
    },
};

const TRIES: usize = 5;

/// How a tracker fails a create for ever.
fn failures() -> [(&'static str, Value); 3] {
    let status =
        |status: u16| json!({"status": {"status": status, "headers": {}, "body": {"message": "No"}}});
    [("refused", status(422)), ("gone", status(410)), ("not applied, which is not clear", status(500))]
}

/// From now on this create fails.
fn poison(rig: &Rig, place: Place, at: usize, action: &Value) {
    let title = title(place, 1, at);
    rig.fault(&json!({"tracker": place.tracker, "method": "POST", "path": place.create, "body": title,
        "times": 1000, "action": action}));
}

fn sent(rig: &Rig, place: Place, at: usize) -> usize {
    creates(rig).get(&title(place, 1, at)).copied().unwrap_or_default()
}

/// A stage whose second of three findings can never be created, after the tries that it gets.
fn quarantined(place: Place, action: &Value) -> Rig {
    let rig = stage();
    report(&rig, place, 1, 3);
    poison(&rig, place, 2, action);
    rig.sync().exits(PARTIAL);
    assert_eq!(rig.issues().len(), 2, "the others are created at once");
    try_until(&rig, place, TRIES);
    rig
}

/// Cycles, until the second finding was sent so often.
fn try_until(rig: &Rig, place: Place, times: usize) {
    until(&format!("it was sent {times} times"), || {
        let before = sent(rig, place, 2);
        assert!(before <= times, "sent {before} times");
        (before == times).then_some(()).or_else(|| {
            rig.sync();
            None
        })
    });
}

#[test]
fn a_create_that_fails_every_time_is_left_alone_and_says_why() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        // What is not clear takes a settle time for each try: one tracker is enough for that.
        for (what, action) in failures().into_iter().take(if place.name == GITHUB.name { 3 } else { 1 }) {
            let rig = quarantined(place, &action);
            for _ in 0..2 {
                let held = sync_until(&rig, HELD);
                let told = notes(&held, "held", place);
                assert!(told.len() == 1 && told[0].contains("failed 5 times"), "{what}: {told:?}");
                assert_eq!(sent(&rig, place, 2), TRIES, "{what}");
            }
            for shown in [&["explain", "PM-1/F2"][..], &["report"][..]] {
                let told = rig.run(shown).stdout;
                assert!(told.contains("failed 5 times"), "{shown:?}: {told}");
            }
        }
    }
}

#[test]
fn the_first_to_fail_is_told_from_a_tracker_that_is_ill_by_what_was_taken_after_it() {
    let rig = stage();
    report(&rig, GITHUB, 1, 2);
    poison(&rig, GITHUB, 1, &failures()[2].1);
    let held = sync_until(&rig, HELD);
    assert!(notes(&held, "held", GITHUB)[0].contains("failed 5 times"), "{held}");
    assert_eq!((sent(&rig, GITHUB, 1), sent(&rig, GITHUB, 2)), (TRIES, 1));
}

#[test]
fn where_a_tracker_takes_no_create_at_all_none_is_blamed() {
    let page = json!({"status": {"status": 200, "headers": {}, "body": "Maintenance"}});
    for action in [&failures()[2].1, &page] {
        let rig = stage();
        report(&rig, GITHUB, 1, 2);
        for at in [1, 2] {
            poison(&rig, GITHUB, at, action);
        }
        until("both were sent more often than one that is to blame", || {
            rig.sync().exits(PARTIAL);
            (1..=2).all(|at| sent(&rig, GITHUB, at) > TRIES).then_some(())
        });
        heal(&rig);
        sync_until(&rig, 0);
        assert_one_each(&rig, GITHUB, 1, 2);
    }
}

#[test]
fn another_text_starts_anew() {
    let rig = quarantined(GITHUB, &failures()[0].1);
    rig.edit("postmortems/pm-1.yaml", &title(GITHUB, 1, 2), "Close the second gap");
    rig.sync().exits(0);
    assert_eq!(rig.issues().len(), 3);
}

#[test]
fn another_rule_starts_anew() {
    let rig = quarantined(GITHUB, &failures()[0].1);
    heal(&rig);
    rig.sync().exits(HELD);
    rig.edit(
        "postmortem-sync.yaml",
        "repository: acme/payments,",
        "repository: acme/payments, labels: [gap],",
    );
    rig.run(&["approve", "--as", "eli"]).exits(0);
    rig.sync().exits(0);
    assert_one_each(&rig, GITHUB, 1, 3);
}

#[test]
fn a_person_starts_anew() {
    let rig = quarantined(GITHUB, &failures()[0].1);
    rig.sync().exits(HELD);
    heal(&rig);
    rig.run(&["link", "rebind", "PM-1/F2", "--reason", "the repository takes it now", "--as", "eli"])
        .exits(0);
    rig.sync().exits(0);
    assert_one_each(&rig, GITHUB, 1, 3);
}

#[test]
fn after_the_cool_down_it_is_tried_again() {
    let rig = stage();
    rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 1s\ncooldown: 1s");
    report(&rig, GITHUB, 1, 2);
    poison(&rig, GITHUB, 2, &failures()[0].1);
    try_until(&rig, GITHUB, TRIES + 2);
    assert_eq!(events(&rig, "create_refused"), TRIES + 2);
    heal(&rig);
    sync_until(&rig, 0);
    assert_one_each(&rig, GITHUB, 1, 2);
    assert!(register(&rig).findings.values().all(|finding| finding.failed_creates.is_none()));
}

#[test]
fn a_tracker_that_cannot_be_used_counts_against_no_finding() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    let unauthorised =
        json!({"status": {"status": 401, "headers": {}, "body": {"message": "Bad credentials"}}});
    poison(&rig, GITHUB, 1, &unauthorised);
    for _ in 0..=TRIES {
        rig.sync().exits(PARTIAL);
    }
    heal(&rig);
    rig.sync().exits(0);
    assert_one_each(&rig, GITHUB, 1, 1);
}
