//! What waits for a person in the documents, and what they decide about it.

use std::fs;

use serde_json::{Value, json};

use super::super::{
    rig::{Ran, Rig},
    story::{HELD, finding, followed, issue_of, stage},
};

const DOCUMENT: &str = "strict/tokens.md";
const TEXT: &str = "\
---
id: PM-2026-201
title: Tokens in logs
date: 2026-11-20
team: payments
tlp: GREEN
---
# Tokens in logs

## Action items

- Mask the secrets in every build log
- Rotate the signing key of the gateway each quarter
- Someone could look at [everything that is open](https://github.com/acme/payments/issues?q=is%3Aopen)
";

/// The stage with a Markdown document beside the strict ones; one item of it is a candidate.
fn written() -> Rig {
    let rig = stage();
    rig.edit("postmortem-sync.yaml", "\"strict/*.json\"", "\"strict/*.json\", \"strict/*.md\"");
    rig.write(DOCUMENT, TEXT);
    rig.sync().exits(HELD);
    rig
}

fn waiting(rig: &Rig) -> Vec<Value> {
    let all = rig.json(&["intake", "list", "--candidates"]);
    all.as_array().unwrap().iter().filter(|waits| waits["path"] == DOCUMENT).cloned().collect()
}

fn name(waits: &Value) -> &str {
    waits["candidate"].as_str().unwrap()
}

/// A deciding verb of `intake`, by a reviewer.
fn decide(rig: &Rig, arguments: &[&str]) -> Ran {
    rig.run(&[&["intake"], arguments, &["--as", "eli"]].concat())
}

/// How many issues the worker opened.
fn opened(rig: &Rig) -> usize {
    let ours = |issue: &&Value| issue["author"] == "acme-bot" || issue["reporter"] == "acme-bot";
    rig.issues().iter().filter(ours).count()
}

#[test]
fn a_candidate_creates_no_issue_until_somebody_accepts_it() {
    let rig = written();
    let before = opened(&rig);
    let waits = waiting(&rig);
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert_eq!((&waits[0]["reason"], &waits[0]["line"]), (&json!("collection_link"), &json!(14)));
    decide(&rig, &["accept", name(&waits[0])]).exits(0);
    assert_eq!(waiting(&rig), Vec::<Value>::new());
    rig.sync().exits(HELD);
    assert_eq!(opened(&rig), before + 1);
    let followed = followed(&rig, "PM-2026-201/F3");
    assert!(followed["title"].as_str().unwrap().starts_with("Someone could look"), "{followed}");
    let history = rig.json(&["audit", "show", "PM-2026-201/F3"]);
    let accepted = history.as_array().unwrap().iter().find(|entry| entry["event"] == "candidate_accepted");
    assert_eq!(accepted.unwrap()["actor"], "eli");
    rig.quiet_sync(HELD);
    rig.edit(DOCUMENT, "- Someone could", "- Somebody could");
    rig.sync().exits(HELD);
    assert_eq!(opened(&rig), before + 1, "an accepted candidate stays that finding when it is edited");
}

#[test]
fn a_reworded_finding_that_somebody_links_keeps_its_key_and_its_issue() {
    let rig = written();
    let (before, issue) = (opened(&rig), issue_of(&rig, "PM-2026-201/F2"));
    let due = finding(&rig, "PM-2026-201/F2")["clock"].clone();
    rig.edit(
        DOCUMENT,
        "Rotate the signing key of the gateway each quarter",
        "Renew what the gateway signs with",
    );
    rig.sync();
    let taken: Vec<String> = rig
        .json(&["finding", "list"])
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["stated"]["title"] == "Renew what the gateway signs with")
        .map(|finding| finding["key"].as_str().unwrap().to_owned())
        .collect();
    let new = waiting(&rig)
        .iter()
        .find(|waits| waits["text"] == "Renew what the gateway signs with")
        .map_or_else(|| taken[0].clone(), |waits| name(waits).to_owned());
    decide(&rig, &["link", "PM-2026-201/F2", &new]).exits(0);
    rig.sync().exits(HELD);
    let linked = finding(&rig, "PM-2026-201/F2");
    assert_eq!(linked["stated"]["title"], "Renew what the gateway signs with");
    assert_eq!((&linked["source_missing"], &linked["clock"]), (&json!(false), &due));
    assert_eq!(issue_of(&rig, "PM-2026-201/F2"), issue);
    assert_eq!(opened(&rig), before + taken.len(), "nothing beyond what was taken for a finding of its own");
    for other in taken {
        assert_eq!(finding(&rig, &other)["state"], "dismissed");
    }
    rig.quiet_sync(HELD);
}

#[test]
fn what_vanished_at_once_is_gone_only_when_somebody_says_so() {
    let rig = written();
    for entry in fs::read_dir(rig.path("strict")).unwrap() {
        let path = entry.unwrap().path();
        let keeps = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("PM-2026-106"));
        if !keeps {
            fs::remove_file(path).unwrap();
        }
    }
    rig.sync();
    assert_eq!(finding(&rig, "PM-2026-101/F1")["source_missing"], false, "held");
    decide(&rig, &["approve", "strict"]).exits(0);
    let gone = finding(&rig, "PM-2026-101/F1");
    assert_eq!((&gone["source_missing"], &gone["state"]), (&json!(true), &json!("open")));
    decide(&rig, &["approve", "strict"]).exits(6);
    rig.sync();
    assert_eq!(followed(&rig, "PM-2026-101/F1")["state"], "open", "nothing is closed");
}

#[test]
fn a_decision_on_what_does_not_wait_changes_nothing() {
    let rig = written();
    let history = rig.json(&["audit", "show", "--limit", "1000"]);
    let told = decide(&rig, &["accept", "PM-2026-201/c-00000000"]).exits(2).stderr;
    assert!(told.contains("`intake list --candidates` shows what does"), "{told}");
    let told = decide(&rig, &["link", "PM-2026-201/F1", "PM-2026-201/F2"]).exits(6).stderr;
    assert!(told.contains("PM-2026-201/F1 is still on line 12 of strict/tokens.md"), "{told}");
    decide(&rig, &["link", "PM-2026-201/F9", "PM-2026-201/F2"]).exits(2);
    decide(&rig, &["link", "PM-2026-201/F1", "PM-2026-201/F1"]).exits(6);
    decide(&rig, &["approve", "strict"]).exits(6);
    assert_eq!(rig.json(&["audit", "show", "--limit", "1000"]), history);
}

#[test]
fn a_class_that_somebody_corrects_outlasts_the_document() {
    let rig = written();
    assert_eq!(finding(&rig, "PM-2026-201/F1")["class_inferred"], true);
    let classify = ["finding", "classify", "PM-2026-201/F1", "--class", "process_flaw", "--as", "eli"];
    rig.run(&classify).exits(0);
    rig.run(&classify).exits(6);
    rig.sync().exits(HELD);
    let corrected = finding(&rig, "PM-2026-201/F1");
    assert_eq!((&corrected["class"], &corrected["class_inferred"]), (&json!("process_flaw"), &json!(false)));
    assert_eq!(corrected["route"], "process", "a route that nobody stated follows the class");
    rig.edit(DOCUMENT, "Mask the secrets", "Mask all the secrets");
    rig.sync().exits(HELD);
    assert_eq!(finding(&rig, "PM-2026-201/F1")["class"], "process_flaw");
}

#[test]
fn a_scan_fails_on_what_is_denied_and_says_what_the_documents_came_to() {
    let rig = written();
    rig.write("strict/nothing.md", "# All is well\n\nNothing happened.\n");
    let scanned = rig.run(&["intake", "scan", "strict"]).exits(0).stdout;
    assert!(scanned.contains("8 documents: 7 with findings, 1 with nothing found"), "{scanned}");
    let told = rig.run(&["intake", "scan", "strict", "--deny=no_action_section,too_large"]).exits(2).stderr;
    assert!(told.contains("denied and noticed: no_action_section"), "{told}");
    rig.run(&["intake", "scan", "strict", "--deny=too_large"]).exits(0);
    rig.run(&["intake", "scan", "strict", "--deny"]).exits(2);
    rig.run(&["intake", "scan", "strict/PM-2026-101.yaml", "--deny"]).exits(0);
}
