//! `check`: what it says about rules, people, secrets, sources and calendars before anything is written.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::rig::{Ran, spawn};

const MAIN: &str = "\
instance: acme
mode: full
sources:
  - { name: docs, files: [\"docs/*\"] }
trackers:
  - { name: github, kind: github, token: { file: token } }
rules:
  - name: payments
    when: { team: payments }
    create: { tracker: github, repository: acme/payments, max_tlp: GREEN }
  - name: process
    when: { route: process }
    register: { group: operations }
";

const PEOPLE: &str = "ana: { github: ana, team: payments, reviewer: true }\n";

const DOCUMENT: &str = "\
format: postmortem/1
id: PM-1
title: A leak
incident: { id: INC-1, severity: high }
findings:
  - { id: F1, title: Mend it, class: technical_lapse, team: payments, owner: ana }
  - { id: F2, title: Write it down, class: procedural_failure, owner: zoe }
  - { id: F3, title: Find it, class: technical_lapse, team: website, owner: zoe }
";

/// A folder with a configuration that is right, one document and a token.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("docs")).unwrap();
    for (name, text) in [
        ("postmortem-sync.yaml", MAIN),
        ("people.yaml", PEOPLE),
        ("docs/PM-1.yaml", DOCUMENT),
        ("token", "sandbox-github-token\n"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn replace(folder: &Path, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    assert!(text.contains(from), "{name} has no `{from}`");
    fs::write(folder.join(name), text.replacen(from, to, 1)).unwrap();
}

#[track_caller]
fn check(folder: &Path, code: i32) -> Ran {
    spawn(folder, &["check"]).wait().exits(code)
}

#[test]
fn a_check_says_where_the_rules_send_what_is_found() {
    let folder = folder();
    let checked = spawn(folder.path(), &["check", "--format", "json"]).wait().exits(0).json();
    assert_eq!(
        checked["rules"],
        json!([
            {"rule": "payments", "to": "github acme/payments", "findings": 1, "held": 1, "max_tlp": "GREEN"},
            {"rule": "process", "to": "the register, with operations", "findings": 1, "held": 0, "max_tlp": null},
        ])
    );
    assert_eq!((&checked["unrouted"], &checked["ok"]), (&json!(["PM-1/F3"]), &json!(true)));
    let text = check(folder.path(), 0).stdout;
    for line in [
        "payments → github acme/payments: 1 finding; 1 of them held, classified above GREEN (`max_tlp`)",
        "process → the register, with operations: 1 finding",
        "no rule matches 1 finding, such as PM-1/F3; `explain PM-1/F3` says why",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    assert!(!folder.path().join("postmortem-sync.db").exists(), "nothing is stored");
}

#[test]
fn findings_that_are_sent_without_their_text_are_not_counted_as_held() {
    let folder = folder();
    replace(folder.path(), "postmortem-sync.yaml", "GREEN }", "GREEN, above_max_tlp: minimal }");
    let checked = spawn(folder.path(), &["check", "--format", "json"]).wait().exits(0).json();
    assert_eq!((&checked["rules"][0]["findings"], &checked["rules"][0]["held"]), (&json!(1), &json!(0)));
}

#[test]
fn an_owner_whom_nobody_knows_is_told_once_for_each_document() {
    let told = check(folder().path(), 0).stderr;
    let strangers: Vec<&str> = told.lines().filter(|line| line.contains("nobody of the people")).collect();
    assert_eq!(
        strangers,
        ["docs/PM-1.yaml:7: warning[owner_unresolved]: the owner `zoe` is nobody of the people directory"]
    );
}

#[test]
fn a_missing_secret_is_a_warning_until_it_is_needed() {
    let folder = folder();
    fs::remove_file(folder.path().join("token")).unwrap();
    let place = "postmortem-sync.yaml:6:42: ";
    let told = check(folder.path(), 0).stderr;
    assert!(told.contains(&format!("{place}warning[secret]: ")) && told.contains("is not there"), "{told}");
    for command in [&["check", "--online"][..], &["sync"], &["plan"], &["explain", "PM-1/F1"], &["run"]] {
        let told = spawn(folder.path(), command).wait().exits(2).stderr;
        assert!(told.contains(&format!("{place}error[secret]: ")), "{command:?}: {told}");
        assert!(!folder.path().join("postmortem-sync.db").exists(), "{command:?} leaves no file behind");
    }
}

#[test]
fn commands_that_ask_no_tracker_need_no_secret() {
    let folder = folder();
    fs::remove_file(folder.path().join("token")).unwrap();
    for command in [&["finding", "list"][..], &["link", "list"], &["report"], &["audit", "show"]] {
        spawn(folder.path(), command).wait().exits(0);
    }
}

#[test]
fn a_source_without_files_is_told_where_its_patterns_are() {
    let folder = folder();
    replace(folder.path(), "postmortem-sync.yaml", "docs/*", "dcos/*");
    let told = check(folder.path(), 2).stderr;
    assert!(
        told.contains("postmortem-sync.yaml:4:26: error[source_unreadable]: the source `docs`: no file in `"),
        "{told}"
    );
    assert!(told.contains("help: correct `files` or `root` of this source"), "{told}");
    replace(folder.path(), "postmortem-sync.yaml", "files: [\"dcos/*\"]", "root: nowhere, files: [\"*\"]");
    let told = check(folder.path(), 2).stderr;
    assert!(
        told.contains("postmortem-sync.yaml:4:25: error[source]: there is no folder `nowhere`"),
        "{told}"
    );
}

#[test]
fn a_calendar_that_ends_is_told_in_time() {
    let folder = folder();
    let calendar = "deadlines: { calendar: { holidays: [2020-01-01] } }\n";
    replace(folder.path(), "postmortem-sync.yaml", "rules:", &format!("{calendar}rules:"));
    let told = check(folder.path(), 0).stderr;
    assert!(
        told.contains(
            "postmortem-sync.yaml:7:24: warning[calendar]: the calendar `inline` lists no holidays for 20"
        ),
        "{told}"
    );
}

#[test]
fn the_printed_schemas_are_schemas() {
    for name in ["config", "people", "postmortem", "report"] {
        let printed: Value = spawn(Path::new("."), &["schema", name]).wait().exits(0).json();
        assert!(jsonschema::meta::is_valid(&printed) && printed["title"].is_string(), "{name}");
    }
}

#[test]
fn a_configuration_that_cannot_be_used_is_told_to_machines_too() {
    let folder = folder();
    replace(folder.path(), "postmortem-sync.yaml", "mode: full", "mode: ful");
    let told = spawn(folder.path(), &["check", "--format", "json"]).wait().exits(2).json();
    assert_eq!((&told["ok"], &told["diagnostics"][0]["line"]), (&json!(false), &json!(2)));
    assert_eq!(told["diagnostics"][0]["message"], "`ful` is not a mode");
}

#[test]
fn a_document_that_asks_for_a_rule_which_is_not_there_is_told() {
    let folder = folder();
    replace(folder.path(), "docs/PM-1.yaml", "team: website", "target: paymnets");
    let told = check(folder.path(), 0).stderr;
    assert!(
        told.contains("docs/PM-1.yaml:8: warning[target_unknown]: PM-1/F3 asks for the rule `paymnets`, which does not exist\n    help: name one of payments, process, or take `target` out"),
        "{told}"
    );
}

#[test]
fn a_store_that_cannot_be_used_yet_is_told_with_its_place() {
    let folder = folder();
    replace(folder.path(), "postmortem-sync.yaml", "mode: full", "mode: full\nstore: postgres://u@db/pm");
    let told = check(folder.path(), 2).stderr;
    assert!(told.contains("postmortem-sync.yaml:3:8: error[store]: PostgreSQL cannot be used yet"), "{told}");
}

#[test]
fn an_empty_register_says_how_it_is_filled() {
    let folder = folder();
    let listed = spawn(folder.path(), &["finding", "list"]).wait().exits(0).stdout;
    assert_eq!(listed.trim(), "the register holds no finding yet; `sync` reads the documents, in every mode");
    let shown = spawn(folder.path(), &["finding", "show", "PM-1/F1"]).wait().exits(2).stderr;
    assert!(shown.contains("the register holds no finding yet"), "{shown}");
}

#[test]
fn a_day_that_does_not_exist_is_told_how_to_write_one() {
    for day in ["01.02.2027", "2027-02-30", "tomorrow"] {
        let extend = ["finding", "extend", "PM-1/F1", "--due", day, "--reason", "late", "--as", "ana"];
        let told = spawn(folder().path(), &extend).wait().exits(2).stderr;
        assert!(told.contains("write an existing date as year-month-day, such as 2026-12-31"), "{told}");
    }
}
