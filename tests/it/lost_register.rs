//! A register that was lost: nothing is made a second time in silence.

use std::fs;

use super::{
    rig::Rig,
    trouble::{CLOUD, DATA_CENTER, GITHUB, HELD, Place, creates, notes, report, stage},
};

fn lose(rig: &Rig) {
    for entry in fs::read_dir(rig.path(".")).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("register.db") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
}

fn is_not_made_twice(place: Place) {
    let rig = stage();
    report(&rig, place, 1, 2);
    rig.sync().exits(0);
    lose(&rig);
    rig.forget();
    for _ in 0..2 {
        let outcome = rig.sync().exits(HELD).json();
        let told = notes(&outcome, "held", place);
        assert!(told.len() == 2 && told[0].contains("markers of another register"), "{outcome}");
    }
    assert!(creates(&rig).is_empty(), "{:?}", creates(&rig));
}

#[test]
fn a_lost_register_makes_no_github_issue_twice_in_silence() {
    is_not_made_twice(GITHUB);
}

#[test]
fn a_lost_register_makes_no_jira_issue_twice_in_silence() {
    is_not_made_twice(CLOUD);
}

#[test]
fn a_lost_register_makes_no_data_center_issue_twice_in_silence() {
    is_not_made_twice(DATA_CENTER);
}

#[test]
fn what_others_wrote_or_what_carries_no_marker_holds_nothing() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    // Another label: the issues of an instance that shares the account and says so.
    rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 1s\nlabel: another-team");
    lose(&rig);
    rig.sync().exits(0);
    assert_eq!(
        creates(&rig).values().sum::<usize>(),
        2,
        "two instances follow it, each with an issue of its own"
    );
}
