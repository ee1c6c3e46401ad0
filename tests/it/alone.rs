//! What is asked of one finding, or decided on it, reads no row of any other: a register may hold a million.

use std::fs;

use serde_json::json;

use super::{
    rig::Rig,
    story::{HELD, issue_of, synced},
    trouble::shell,
};

/// A row of a finding that nothing follows, which nobody understands: whoever reads it fails.
const DAMAGE: &str = "INSERT INTO edit_intent (finding, host, issue, sent_ms, data) \
                      SELECT key, 'api.github.com', '1', 0, '{' FROM finding WHERE key = 'PM-2026-103/F1'";

/// The finding that is asked about.
const KEY: &str = "PM-2026-101/F1";

/// Runs a verb on the finding, and on what it is called besides; whether it was done, and not refused by a rule.
#[track_caller]
fn is_done(rig: &Rig, verb: &str, issue: &str) -> bool {
    let words: Vec<&str> = verb
        .split(' ')
        .map(|word| match word {
            "?" => KEY,
            "#" => issue,
            word => word,
        })
        .collect();
    let said = rig.run(&words);
    assert!(matches!(said.code, Some(0 | 6)), "{verb}: {:?} {}", said.code, said.stderr);
    assert!(!said.stderr.contains("edit_intent"), "{verb}: {}", said.stderr);
    said.code == Some(0)
}

#[test]
fn one_finding_is_shown_and_decided_on_without_reading_any_other() {
    let rig = synced();
    let issue = issue_of(&rig, KEY);
    shell(&rig, DAMAGE);
    let told = rig.run(&["plan"]).exits(1).stderr;
    assert!(told.contains("edit_intent PM-2026-103/F1"), "a full read meets the row: {told}");
    rig.run(&["finding", "list"]).exits(0);
    rig.run(&["finding", "list", "--limit", "1"]).exits(0);
    let verbs = [
        "finding show ?",
        "finding show #",
        "finding show pm-2026-101/f1",
        "audit show ?",
        "finding assign ? bo --as eli",
        "finding assign # nobody --as eli",
        "finding review ? --verdict on_track --as eli",
        "finding classify ? --class process_flaw --as eli",
        "finding extend ? --due 2030-06-30 --reason because --as eli",
        "finding waive ? --expires 2030-06-30 --reason because --as eli",
        "finding reopen ? --reason because --as eli",
        "finding verify ? --evidence https://ci.example.org/1 --as eli",
        "finding dismiss ? --reason because --as eli",
        "link retry ? --as eli",
        "link detach ? # --reason because --as eli",
        "link adopt ? # --as eli",
        "link rebind ? --reason because --as eli",
        "link retry --tracker github --as eli",
        "approve --as eli",
    ];
    let n_done = verbs.iter().filter(|verb| is_done(&rig, verb, &issue)).count();
    assert!(n_done >= 12, "only {n_done} of {} were done", verbs.len());
    let told = rig.run(&["finding", "show", "PM-2026-101/F77"]).exits(2).stderr;
    assert!(told.contains("the register has no finding PM-2026-101/F77"), "{told}");
    shell(&rig, "DELETE FROM edit_intent WHERE finding = 'PM-2026-103/F1'");
    rig.sync().exits(HELD);
}

/// An issue that nothing follows, and that nobody understands: whoever reads everything fails.
const STRAY: &str =
    "INSERT INTO issue (host, issue, updated_ms, data) VALUES ('api.github.com', '1', 0, '{')";

/// Takes everything in, and leaves a row in the register that a full read meets, and nothing else does.
#[track_caller]
fn with_a_stray(rig: &Rig) {
    rig.sync().exits(0);
    shell(rig, STRAY);
    assert!(rig.run(&["sync", "--full"]).exits(1).stderr.contains("issue"), "a full read meets the row");
    shell(rig, "DELETE FROM issue");
    rig.sync().exits(0);
    shell(rig, STRAY);
}

/// Findings that stay in the register, forty in each document.
fn kept(rig: &Rig, document: usize, owner: &str) {
    let finding = |n| {
        format!("  - {{ id: F{n}, title: Mend part {document}-{n}, class: process_flaw, owner: {owner} }}\n")
    };
    let findings: String = (1..=40).map(finding).collect();
    let text = format!(
        "format: postmortem/1\nid: PM-{document}\ntitle: An incident\nincident: {{ severity: high }}\nfindings:\n{findings}"
    );
    rig.write(&format!("postmortems/pm-{document}.yaml"), &text);
}

#[test]
fn a_document_that_comes_goes_or_is_edited_reads_no_other_and_no_finding_of_another() {
    for mode in ["observe", "full"] {
        let rig = Rig::start();
        rig.configure(&format!(
            "instance: kept\nstore: sqlite:register.db\nmode: {mode}\nlisten: null\nsources: [{{ name: notes, files: [\"postmortems/*\"] }}]\n\
             people: people.yaml\nrules: [{{ name: all, register: {{ group: security }} }}]\n"
        ));
        rig.write("people.yaml", "eli: { name: Eli, reviewer: true }\nana: { name: Ana }\n");
        (0..10).for_each(|document| kept(&rig, document, "eli"));
        with_a_stray(&rig);
        rig.sync().exits(0);
        kept(&rig, 3, "ana");
        let ran = rig.sync().exits(0).json();
        assert_eq!(ran["census"]["findings"], 400, "{ran}");
        let shown = rig.json(&["finding", "show", "PM-3/F7"]);
        assert_eq!(shown["finding"]["owner"]["person"], "ana", "{mode}");
        rig.run(&["finding", "assign", "PM-3/F7", "eli", "--as", "eli"]).exits(0);
        rig.sync().exits(0);
        kept(&rig, 11, "eli");
        let ran = rig.sync().exits(0).json();
        assert_eq!(ran["census"]["findings"], 440, "a document came: {ran}");
        fs::remove_file(rig.path("postmortems/pm-11.yaml")).unwrap();
        rig.sync().exits(0);
        let gone = rig.json(&["finding", "show", "PM-11/F7"]);
        assert_eq!(gone["finding"]["source_missing"], true, "a document went: {gone}");
        rig.write("postmortems/broken.yaml", "format: {");
        assert!(rig.sync().exits(1).stderr.contains("issue"), "what nobody understands may be any of them");
    }
}

/// Ten documents of which nobody waits for anything.
fn library() -> Rig {
    let rig = Rig::start();
    rig.configure(
        "instance: kept\nstore: sqlite:register.db\nmode: full\nlisten: null\n\
         sources: [{ name: notes, files: [\"postmortems/*\"] }, { name: more, files: [\"more/*\"] }]\n\
         people: people.yaml\nrules: [{ name: all, register: { group: security } }]\n",
    );
    rig.write("people.yaml", "eli: { name: Eli, reviewer: true }\nana: { name: Ana }\n");
    (0..10).for_each(|document| kept(&rig, document, "eli"));
    rig.write("more/notes.md", "# Notes\n\nNothing happened.\n");
    rig.sync();
    rig
}

/// Something that happened to a library.
type Event = fn(&Rig);

#[test]
fn where_documents_may_depend_on_more_everything_is_read() {
    let withdrawn = |rig: &Rig| {
        (4..8).for_each(|n| fs::remove_file(rig.path(&format!("postmortems/pm-{n}.yaml"))).unwrap())
    };
    let renumbered = |rig: &Rig| rig.edit("postmortems/pm-5.yaml", "id: PM-5", "id: PM-55");
    let unreadable = |rig: &Rig| rig.write("postmortems/broken.yaml", "format: {");
    let moved =
        |rig: &Rig| fs::rename(rig.path("postmortems/pm-5.yaml"), rig.path("more/pm-5.yaml")).unwrap();
    let before: [(&str, Event, bool); 4] = [
        ("nothing", |_| (), false),
        ("so much went at once that nobody believes it", withdrawn, true),
        ("a write-up calls itself another", renumbered, true),
        ("a document that cannot be read may be any of them", unreadable, true),
    ];
    let after: [(&str, Event, bool); 2] =
        [("one is edited", |rig| kept(rig, 3, "ana"), false), ("one moves to another source", moved, true)];
    let stories = before.iter().map(|event| (event, &after[0])).chain([(&before[0], &after[1])]);
    for ((earlier, first, opens), (later, then, opens_by_itself)) in stories {
        let rig = library();
        first(&rig);
        rig.sync();
        shell(&rig, STRAY);
        then(&rig);
        let ran = rig.sync();
        let is_met = ran.code == Some(1) && ran.stderr.contains("issue");
        assert_eq!(is_met, *opens || *opens_by_itself, "{earlier}; {later}: {:?} {}", ran.code, ran.stderr);
    }
}

/// A write-up of forty findings in an issue.
fn reported(rig: &Rig, issue: usize) {
    let body: String = (1..=40).map(|n| format!("- [ ] Mend part {issue}-{n} of all that broke\n")).collect();
    let deed = json!({
        "as": "dara", "tracker": "github", "repo": "acme/platform", "do": "open_issue", "title": format!("Outage {issue}"),
        "body": format!("It broke.\n\n## Action items\n\n{body}"), "labels": ["postmortem"],
    });
    rig.control("POST", "/act", &deed);
}

#[test]
fn issues_that_are_documents_are_taken_in_one_by_one() {
    let rig = Rig::start();
    rig.configure(
        "instance: kept\nstore: sqlite:register.db\nmode: full\nlisten: null\n\
         sources: [{ name: incidents, issues: { tracker: github, repository: acme/platform, label: postmortem } }]\n\
         trackers: [{ name: github, kind: github, url: \"@GITHUB@\", token: { file: secrets/github } }]\n\
         people: people.yaml\nrules: [{ name: all, register: { group: security } }]\n",
    );
    rig.write("people.yaml", "eli: { name: Eli, reviewer: true }\n");
    (0..9).for_each(|issue| reported(&rig, issue));
    with_a_stray(&rig);
    let findings = |rig: &Rig| rig.sync().exits(0).json()["census"]["findings"].clone();
    assert_eq!(findings(&rig), 360, "nothing happened");
    let body = "It broke.\n\n## Action items\n\n- [x] Mend part 2-1 of all that broke\n";
    let rest: String = (2..=40).map(|n| format!("- [ ] Mend part 2-{n} of all that broke\n")).collect();
    rig.act("dara", "acme/platform#3", json!({"do": "edit_body", "body": format!("{body}{rest}")}));
    assert_eq!(findings(&rig), 360);
    let listed = rig.json(&["finding", "list", "--state", "pending_verification"]);
    assert_eq!(listed.as_array().unwrap().len(), 1, "a tick is a claim: {listed}");
    reported(&rig, 9);
    assert_eq!(findings(&rig), 400, "an issue came");
}
