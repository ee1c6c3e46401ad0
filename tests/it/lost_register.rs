//! A register that was lost: nothing is made a second time in silence.

use std::fs;

use super::{
    rig::Rig,
    trouble::{CLOUD, DATA_CENTER, GITHUB, HELD, Place, creates, events, notes, report, stage},
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

#[test]
fn a_person_says_that_what_is_there_is_another_matter() {
    for (place, at) in [(GITHUB, "github:acme/payments"), (CLOUD, "jira:PLAT"), (DATA_CENTER, "ops:OPS")] {
        let rig = stage();
        rig.edit("people.yaml", "eli:", "gus: { name: Gus }\neli:");
        report(&rig, place, 1, 1);
        rig.sync().exits(0);
        lose(&rig);
        rig.forget();
        rig.sync().exits(HELD);
        let accept = |at: &str, by: &str| {
            rig.run(&["place", "accept", at, "--reason", "of the tool before", "--as", by])
        };
        accept(at, "gus").exits(6);
        accept("nowhere:x", "eli").exits(2);
        accept(&format!("{}:elsewhere", place.name), "eli").exits(2);
        rig.sync().exits(HELD);
        assert!(accept(&at.to_lowercase(), "eli").exits(0).stdout.contains("accepted"));
        assert!(accept(at, "eli").exits(0).stdout.contains("nothing to do"));
        assert!(rig.writes().is_empty(), "{:?}", rig.writes());
        assert_eq!(events(&rig, "place_accepted"), 1);
        rig.sync().exits(0);
        assert_eq!(creates(&rig).values().sum::<usize>(), 1);
        rig.quiet_sync(0);
        rig.run(&["audit", "verify"]).exits(0);
    }
}

/// A write-up that gives its findings no ids.
fn write_up(rig: &Rig, place: Place, titles: &[&str]) {
    let items: String = titles.iter().map(|title| format!("- {title}\n")).collect();
    let team = place.team;
    let text =
        format!("---\nid: PM-1\nteam: {team}\nseverity: high\n---\n\n# Outage\n\n## Action items\n\n{items}");
    rig.write("postmortems/pm-1.md", &text);
}

/// A rig whose register, which gave the ids, was lost, and whose new one has the key of the markers.
fn lost_with_key(place: Place, titles: &[&str]) -> Rig {
    let rig = stage();
    write_up(&rig, place, titles);
    rig.sync().exits(0);
    assert_eq!(creates(&rig).len(), titles.len(), "{:?}", creates(&rig));
    rig.run(&["store", "key", "export", "marker.key"]).exits(0);
    rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 1s\nmarker_key: { file: marker.key }");
    lose(&rig);
    rig.forget();
    rig
}

const TITLES: [&str; 2] = ["Rotate the signing keys every quarter", "Alert on failed backups within an hour"];

#[test]
fn ids_that_a_lost_register_gave_are_taken_again_where_the_titles_agree() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let rig = lost_with_key(place, &TITLES);
        rig.sync().exits(0);
        assert_eq!(rig.json(&["link", "list"]).as_array().unwrap().len(), TITLES.len());
        assert!(creates(&rig).is_empty(), "{:?}", creates(&rig));
        rig.quiet_sync(0);
    }
}

#[test]
fn ids_that_a_lost_register_gave_to_something_else_wait_for_a_person() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let rig = lost_with_key(place, &TITLES);
        write_up(&rig, place, &[TITLES[1], TITLES[0], "Write down who may approve a release"]);
        for _ in 0..2 {
            let outcome = rig.sync().exits(HELD).json();
            let told = notes(&outcome, "held", place);
            let other = told.iter().filter(|why| why.contains("has another title; `link adopt` it")).count();
            assert_eq!(other, TITLES.len(), "{outcome}");
        }
        assert_eq!(rig.json(&["link", "list"]).as_array().unwrap().len(), 1);
        let sent = creates(&rig);
        assert!(sent.len() == 1 && sent.keys().all(|title| title.contains("approve a release")), "{sent:?}");
    }
}
