//! Names that people write: of owners and teams in documents, and of findings at the command line.

mod owners;

use serde_json::{Value, json};

use super::{
    rig::Rig,
    story::{HELD, issue_of, stage},
};

const WRITE_UP: &str = "strict/mirror.md";
const TEXT: &str = "\
---
id: PM-2026-301
title: Mirror out of date
date: 2026-11-20
team: payments
tlp: GREEN
---
# Mirror out of date

## Action items

- Compare the mirror with its origin every hour
- Someone could look at [everything that is open](https://github.com/acme/payments/issues?q=is%3Aopen)
";

/// The stage with a write-up of its own, after a cycle.
fn mirrored() -> Rig {
    let rig = stage();
    rig.edit("postmortem-sync.yaml", "\"strict/*.json\"", "\"strict/*.json\", \"strict/*.md\"");
    rig.write(WRITE_UP, TEXT);
    rig.sync().exits(HELD);
    rig
}

#[track_caller]
fn shown(rig: &Rig, name: &str) -> Value {
    rig.json(&["finding", "show", name])["finding"]["key"].clone()
}

#[test]
fn an_accepted_candidate_has_a_key_like_all_others_and_is_found_by_what_it_was_called() {
    let rig = mirrored();
    let waiting = rig.json(&["intake", "list", "--candidates"]);
    let of_mirror = |waits: &&Value| waits["path"] == WRITE_UP;
    let candidate = waiting.as_array().unwrap().iter().find(of_mirror).unwrap()["candidate"].clone();
    let candidate = candidate.as_str().unwrap();
    rig.run(&["finding", "show", candidate]).exits(2);
    let accepted = rig.json(&["intake", "accept", candidate, "--as", "eli"]);
    assert_eq!(accepted[0]["key"], "PM-2026-301/F2");
    let told = rig.run(&["intake", "accept", candidate, "--as", "eli"]).exits(6).stderr;
    assert!(told.contains(&format!("{candidate} was accepted before and is PM-2026-301/F2")), "{told}");
    rig.edit(WRITE_UP, "Someone could look", "Somebody could look");
    rig.sync().exits(HELD);
    assert_eq!(shown(&rig, candidate), "PM-2026-301/F2");
    rig.run(&["finding", "assign", candidate, "bo", "--as", "eli"]).exits(0);
    let history = rig.json(&["audit", "show", candidate]);
    assert!(
        history.as_array().unwrap().iter().any(|entry| entry["event"] == "candidate_accepted"),
        "{history}"
    );
    let owned = rig.json(&["finding", "show", "PM-2026-301/F2"]);
    assert_eq!(owned["finding"]["owner"], json!({ "person": "bo" }));
}

#[test]
fn a_finding_is_found_by_its_issue_and_by_its_write_up() {
    let rig = mirrored();
    let issue = issue_of(&rig, "PM-2026-301/F1");
    let url = rig.json(&["finding", "show", "PM-2026-301/F1"])["links"][0]["issue"]["url"].clone();
    let url = format!("{}?tab=all#comment-1", url.as_str().unwrap());
    let names = [&issue, &issue.to_uppercase(), &url, "pm-2026-301/f1", "PM-2026-301", WRITE_UP, "mirror.md"];
    for name in names {
        assert_eq!(shown(&rig, name), "PM-2026-301/F1", "{name}");
    }
    assert_eq!(shown(&rig, "PLAT-1"), "PM-2026-102/F4");
    let explained = rig.json(&["explain", &issue]);
    assert_eq!(explained["finding"]["key"], "PM-2026-301/F1");
    rig.run(&["finding", "assign", &issue, "bo", "--as", "eli"]).exits(0);
    assert_eq!(rig.json(&["finding", "show", &issue])["finding"]["owner"], json!({ "person": "bo" }));
}

#[test]
fn a_write_up_with_several_findings_names_them_all() {
    let rig = mirrored();
    for verb in [&["finding", "show"][..], &["explain"]] {
        let told = rig.run(&[verb, &["PM-2026-102"]].concat()).exits(2).stderr;
        assert!(told.contains("`PM-2026-102` has 7 findings"), "{told}");
        assert!(told.contains("PM-2026-102/F4  ") && told.contains("Finish the session inventory"), "{told}");
    }
    let told = rig.run(&["finding", "assign", "PM-2026-102", "bo", "--as", "eli"]).exits(2).stderr;
    assert!(told.contains("PM-2026-102/F7"), "{told}");
}

/// Every verb that asks for a finding, with the name in place of `?`.
const VERBS: [&str; 21] = [
    "finding show ?",
    "finding assign ? bo --as eli",
    "finding verify ? --evidence https://ci.example.org/1 --as eli",
    "finding reject ? --reason because --as eli",
    "finding extend ? --due 2027-06-30 --reason because --as eli",
    "finding waive ? --expires 2027-06-30 --reason because --as eli",
    "finding dismiss ? --reason because --as eli",
    "finding reopen ? --reason because --as eli",
    "finding review ? --verdict on_track --as eli",
    "finding settle ? --field owner --keep tracker --as eli",
    "finding classify ? --class process_flaw --as eli",
    "finding reviewer ? eli --as eli",
    "finding claimant ? bo --as eli",
    "explain ?",
    "link adopt ? acme/payments#3 --as eli",
    "link detach ? PLAT-7 --reason because --as eli",
    "link ignore ? acme/old#12 --reason because --as eli",
    "link rebind ? --reason because --as eli",
    "link retry ? --as eli",
    "audit show ?",
    "audit accept ? --reason because --as eli",
];

#[test]
fn every_verb_that_asks_for_a_finding_knows_write_ups_and_lists_what_answers_to_one() {
    let rig = mirrored();
    for verb in VERBS {
        for name in ["PM-2026-102", "pm-2026-102"] {
            let words: Vec<&str> =
                verb.split(' ').map(|word| if word == "?" { name } else { word }).collect();
            let told = rig.run(&words).exits(2).stderr;
            assert!(told.contains(&format!("`{name}` has 7 findings")), "{verb}: {told}");
            assert!(told.contains("PM-2026-102/F7  "), "{verb}: {told}");
        }
    }
    let issue = issue_of(&rig, "PM-2026-301/F1");
    let link = rig.json(&["finding", "show", &issue])["links"][0]["issue"]["url"].clone();
    let names = [
        issue.as_str(),
        link.as_str().unwrap(),
        WRITE_UP,
        "./strict/mirror.md",
        "notes/strict/mirror.md",
        "mirror.md",
        "mirror",
    ];
    for name in names {
        let history = rig.json(&["audit", "show", name]);
        let entries = history.as_array().unwrap();
        assert!(
            !entries.is_empty() && entries.iter().all(|entry| entry["finding"] == "PM-2026-301/F1"),
            "{name}: {history}"
        );
        let review = ["finding", "review", name, "--verdict", "on_track", "--as", "eli"];
        rig.run(&review).exits(0);
    }
}

#[test]
fn nothing_is_suggested_that_is_not_alike() {
    let rig = mirrored();
    for verb in [&["finding", "show"][..], &["explain"]] {
        let told = |name: &str| rig.run(&[verb, &[name]].concat()).exits(2).stderr;
        for name in ["OPS-99", "acme/payments#4711", "c-5e1f00ba", "something else", "x"] {
            let told = told(name);
            assert!(told.contains(&format!("the register has no finding {name}\n")), "{told}");
        }
        let near = told("PM-2026-30/F1");
        assert!(near.contains("did you mean PM-2026-301/F1?"), "{near}");
        let other = told("PM-2026-301/F9");
        assert!(other.contains("its write-up has PM-2026-301/F1"), "{other}");
    }
}
