//! Notes are states: each stands since it began, survives a restart, and ends only when its subject was looked at.

use std::collections::BTreeSet;

use postmortem_sync::model::{cycle::NoteKind, note::Standing};
use serde_json::{Value, json};

use super::{
    rig::Rig,
    trouble::{
        CLOUD, GITHUB, HELD, PARTIAL, Place, heal, issue, notes, register, report, shell, stage, sync_until,
    },
};

mod reconcile;

/// The notes of a kind about a tracker or source, with since when each stands.
fn since(outcome: &Value, kind: &str, of: &str) -> Vec<(String, String)> {
    let all = outcome["notes"].as_array().unwrap().iter();
    let of = all.filter(|note| note["kind"] == kind && (note["tracker"] == of || note["source"] == of));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of.map(|note| (text(&note["since"]), text(&note["why"]))).collect()
}

/// The one such note's time.
#[track_caller]
fn one_since(outcome: &Value, kind: &str, of: &str) -> String {
    match since(outcome, kind, of).as_slice() {
        [(since, _)] => since.clone(),
        other => panic!("one {kind} of {of} expected, got {other:?} in {outcome}"),
    }
}

fn silence(rig: &Rig, tracker: &str) {
    let down = json!({"status": {"status": 503, "body": {}}});
    rig.fault(&json!({"tracker": tracker, "times": null, "action": down}));
}

/// Assigns somebody whom people.yaml does not know to the issue of a place.
fn assign_a_stranger(rig: &Rig, place: Place) -> String {
    let key =
        issue(rig, place, if place.name == "github" { 1 } else { 2 }, 1)["key"].as_str().unwrap().to_owned();
    rig.act("ana", &key, json!({"do": "assign", "assignee": "dara"}));
    key
}

/// A finding in each of GitHub and Jira, each assigned to somebody unknown, and a cycle that says so.
fn strangers() -> (Rig, Value) {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    report(&rig, CLOUD, 2, 1);
    rig.sync().exits(0);
    assign_a_stranger(&rig, GITHUB);
    assign_a_stranger(&rig, CLOUD);
    let outcome = rig.sync().exits(0).json();
    (rig, outcome)
}

fn cites(rig: &Rig, issues: &[&str]) {
    let text = format!(
        "format: postmortem/1\nid: PM-1\ntitle: An incident\nincident: {{ severity: high }}\nfindings:\n  - {{ id: F1, \
         title: Rotate the keys, class: technical_lapse, team: none, tracker: {} }}\n",
        json!(issues)
    );
    rig.write("postmortems/pm-1.yaml", &text);
}

#[test]
fn a_citation_that_cannot_be_read_stands_since_the_first_cycle_and_is_gone_when_it_is_settled() {
    let rig = stage();
    let open = json!({"as": "chen", "tracker": "jira", "project": "PLAT", "do": "open_issue", "title": "y", "body": "b", "type": "Task"});
    rig.control("POST", "/act", &open);
    cites(&rig, &["PLAT-1"]);
    silence(&rig, "jira");
    let first = one_since(&rig.sync().exits(PARTIAL).json(), "unreachable", "jira");
    for _ in 0..2 {
        assert_eq!(one_since(&rig.sync().exits(PARTIAL).json(), "unreachable", "jira"), first);
    }
    let explained = rig.run(&["explain", "PM-1/F1", "--format", "json"]).exits(PARTIAL).json();
    assert_eq!(one_since(&explained, "unreachable", "jira"), first);
    let minute = first[..16].replace('T', " ");
    let told = rig.run(&["explain", "PM-1/F1"]).exits(PARTIAL).stdout;
    assert!(told.contains(&format!("(since {minute} UTC)")), "{told}");

    heal(&rig);
    let outcome = rig.sync().exits(0).json();
    assert_eq!(since(&outcome, "unreachable", "jira"), []);
    assert!(register(&rig).notes.iter().all(|standing| standing.note.kind != NoteKind::Unreachable));
}

#[test]
fn a_partial_cycle_replaces_the_notes_of_what_it_read_and_leaves_the_others_with_their_time() {
    let (rig, before) = strangers();
    let (github, jira) =
        (one_since(&before, "unknown_person", "github"), one_since(&before, "unknown_person", "jira"));
    silence(&rig, "jira");
    let partial = rig.sync().exits(PARTIAL).json();
    assert_eq!(one_since(&partial, "unknown_person", "jira"), jira, "nobody looked at it");
    assert_eq!(one_since(&partial, "unknown_person", "github"), github, "it is still so");
    let unreachable = since(&partial, "unreachable", "jira");
    assert!(!unreachable.is_empty() && unreachable.iter().all(|(since, _)| *since > jira), "{unreachable:?}");

    let key = issue(&rig, GITHUB, 1, 1)["key"].as_str().unwrap().to_owned();
    rig.act("ana", &key, json!({"do": "unassign", "assignee": "dara"}));
    let partial = rig.sync().exits(PARTIAL).json();
    assert_eq!(since(&partial, "unknown_person", "github"), [], "it was looked at, and is not so any more");
    assert_eq!(one_since(&partial, "unknown_person", "jira"), jira);
    assert_eq!(since(&partial, "unreachable", "jira"), unreachable);

    let printed = rig.run(&["report", "--format", "json"]).json();
    let lists = printed["sections"]["sync"].as_array().unwrap();
    let list = lists.iter().find(|list| list["kind"] == "unknown_person").unwrap();
    assert_eq!((&list["notes"][0]["tracker"], &list["notes"][0]["since"]), (&json!("jira"), &json!(jira)));

    heal(&rig);
    let key = issue(&rig, CLOUD, 2, 1)["key"].as_str().unwrap().to_owned();
    rig.act("ana", &key, json!({"do": "assign", "assignee": "ana"}));
    let whole = rig.sync().exits(0).json();
    assert_eq!(
        (since(&whole, "unknown_person", "jira"), since(&whole, "unreachable", "jira")),
        (vec![], vec![])
    );
}

#[test]
fn a_note_survives_a_kill_and_is_not_doubled_after_it() {
    let (rig, outcome) = strangers();
    let before = register(&rig).notes;
    assert!(before.len() >= 2);
    let mut cycle = rig.poise(&["sync"]);
    let kill = json!({"kill": {"pid": cycle.id(), "when": "before_apply"}});
    rig.fault(&json!({"tracker": "jira", "action": kill}));
    cycle.go();
    assert_eq!(cycle.wait().code, None);
    assert_eq!(register(&rig).notes, before);
    let again = rig.sync().exits(0).json();
    assert_eq!(again["notes"], outcome["notes"]);
    assert_eq!(register(&rig).notes, before);
}

#[test]
fn a_cycle_in_which_nothing_changes_writes_no_note() {
    let (rig, _) = strangers();
    let written = "CREATE TABLE touched (n BIGINT); \
                   CREATE TRIGGER put AFTER INSERT ON note BEGIN INSERT INTO touched VALUES (1); END; \
                   CREATE TRIGGER changed AFTER UPDATE ON note BEGIN INSERT INTO touched VALUES (1); END; \
                   CREATE TRIGGER gone AFTER DELETE ON note BEGIN INSERT INTO touched VALUES (1); END;";
    shell(&rig, written);
    rig.sync().exits(0);
    // The constraint holds only while no row of `note` was touched.
    shell(
        &rig,
        "CREATE TABLE quiet (n BIGINT CHECK (n = 0)); INSERT INTO quiet SELECT COUNT(*) FROM touched;",
    );
}

#[test]
fn a_write_that_fails_stands_since_it_first_failed_and_tells_until_when_it_is_left_alone() {
    let rig = stage();
    report(&rig, GITHUB, 1, 2);
    rig.sync().exits(0);
    for finding in ["PM-1/F1", "PM-1/F2"] {
        rig.run(&["finding", "assign", finding, "bo", "--as", "eli"]).exits(0);
    }
    let path = format!("/{}/assignee", issue(&rig, GITHUB, 1, 1)["number"]);
    let no = json!({"status": {"status": 500, "headers": {}, "body": {"message": "No"}}});
    rig.fault(&json!({"tracker": "github", "path": path, "times": 1000, "action": no}));
    let first = one_since(&rig.sync().exits(PARTIAL).json(), "failed", "github");
    assert_eq!(one_since(&rig.sync().exits(PARTIAL).json(), "failed", "github"), first);
    let explained = rig.json(&["explain", "PM-1/F1"]);
    assert_eq!(one_since(&explained, "failed", "github"), first, "to explain is not to try again");
    let shown = rig.json(&["finding", "show", "PM-1/F1"]);
    assert_eq!(one_since(&shown, "failed", "github"), first);

    let held = sync_until(&rig, HELD);
    assert_eq!(since(&held, "failed", "github"), []);
    assert!(one_since(&held, "held", "github") > first);
    let mut notes = held["notes"].as_array().unwrap().iter();
    let note = notes.find(|note| note["kind"] == "held").unwrap();
    assert!(note["until"].as_str().unwrap() > first.as_str(), "{note}");
}

#[test]
fn a_source_that_cannot_be_read_whole_is_named_until_it_can() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    let good = rig.read("postmortems/pm-1.yaml");
    rig.write("postmortems/pm-1.yaml", "format: postmortem/1\nid: [");
    let first = rig.sync().exits(PARTIAL).json();
    let begun = one_since(&first, "unreachable", "postmortems");
    assert_eq!(one_since(&rig.sync().exits(PARTIAL).json(), "unreachable", "postmortems"), begun);
    let page = rig.run(&["report", "--format", "markdown"]).stdout;
    assert!(page.contains("source postmortems 1 of its 1 documents could not be read"), "{page}");
    rig.write("postmortems/pm-1.yaml", &good);
    let whole = rig.sync().exits(0).json();
    assert_eq!(since(&whole, "unreachable", "postmortems"), []);
}

#[test]
fn a_register_without_notes_and_with_a_record_of_the_release_before_loses_nothing() {
    let (rig, outcome) = strangers();
    cites(&rig, &["acme/platform#99"]);
    rig.sync();
    let before = register(&rig);
    assert!(!before.notes.is_empty());
    shell(
        &rig,
        "DELETE FROM note; \
         UPDATE cycle SET data = json_set(json_remove(data, '$.events'), '$.notes', json('[{\"kind\":\"held\", \
         \"finding\":\"PM-1/F1\",\"tracker\":null,\"issue\":null,\"why\":\"of before\"}]'))",
    );
    let after = register(&rig);
    assert_eq!(after.notes, Vec::<Standing>::new());
    let kept = |of: &postmortem_sync::model::register::Register| {
        (of.findings.clone(), of.links.clone(), of.citations.clone(), of.places.clone(), of.misfits.len())
    };
    assert_eq!(kept(&after), kept(&before));
    rig.json(&["audit", "verify"]);
    let again = rig.sync().json();
    let reasons = |outcome: &Value, kind| notes(outcome, kind, CLOUD);
    assert_eq!(reasons(&again, "unknown_person"), reasons(&outcome, "unknown_person"));
    assert!(one_since(&again, "unknown_person", "jira") > one_since(&outcome, "unknown_person", "jira"));
}

#[test]
fn what_a_person_has_to_decide_is_in_the_report_while_its_tracker_is_away() {
    let rig = stage();
    cites(&rig, &["PLAT-99"]);
    report(&rig, GITHUB, 2, 1);
    let held = one_since(&rig.sync().exits(HELD).json(), "held", "jira");
    silence(&rig, "jira");
    rig.sync().exits(PARTIAL);
    let decisions = rig.run(&["report", "--format", "json"]).json()["sections"]["decisions"].clone();
    let kinds: BTreeSet<&str> =
        decisions.as_array().unwrap().iter().map(|list| list["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["held"]), "{decisions}");
    assert_eq!(decisions[0]["notes"][0]["since"], json!(held));
}

#[test]
fn what_stands_of_many_findings_is_said_although_none_of_them_is_looked_at() {
    let rig = stage();
    rig.edit("postmortem-sync.yaml", "mode: full", "mode: observe");
    report(&rig, GITHUB, 2, 320);
    cites(&rig, &["PLAT-99"]);
    let first = rig.sync().exits(HELD).json();
    assert_eq!(first["notes"].as_array().unwrap().len(), 320 + 1, "{first}");
    for _ in 0..2 {
        let again = rig.sync().exits(HELD).json();
        assert_eq!((&again["notes"], &again["census"]), (&first["notes"], &first["census"]));
        let told = rig.run(&["sync"]).exits(HELD).stdout;
        assert!(told.contains("320 actions left for a later cycle: mode `observe`"), "{told}");
        assert_eq!(told.matches("PLAT-99").count(), 2, "{told}");
    }
}
