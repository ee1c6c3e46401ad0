//! The same through the real program: what people try in turn, and what the history says of it.

use serde_json::{Value, json};

use crate::{
    rig::Rig,
    story::{HELD, finding, issue_of, synced},
    trouble::shell,
};

/// Unowned payments finding of the story, of high severity.
const FREE: &str = "PM-2026-101/F3";
/// One that ana owns.
const ANAS: &str = "PM-2026-101/F4";

/// The story after its first cycle; ana, bo and eli review.
fn reviewed() -> Rig {
    let rig = synced();
    rig.edit("people.yaml", "team: payments }\nbo", "team: payments, reviewer: true }\nbo");
    rig.edit("people.yaml", "jira_dc: bo, team: payments }", "jira_dc: bo, team: payments, reviewer: true }");
    rig
}

#[track_caller]
fn refused(rig: &Rig, arguments: &[&str], why: &str) {
    let ran = rig.run(arguments).exits(6);
    assert!(ran.stderr.contains(why), "{why} is not in {}", ran.stderr);
}

fn verify<'a>(key: &'a str, by: &'a str) -> [&'a str; 7] {
    ["finding", "verify", key, "--evidence", "https://ci.example/1", "--as", by]
}

fn close(rig: &Rig, by: &str, key: &str) {
    rig.act(by, &issue_of(rig, key), json!({"do": "close", "reason": "completed"}));
}

#[test]
fn who_gave_the_finding_away_before_it_was_closed_does_not_verify_it() {
    let rig = reviewed();
    rig.run(&["finding", "assign", ANAS, "nobody", "--as", "ana"]).exits(0);
    rig.sync().exits(HELD);
    close(&rig, "bo", ANAS);
    rig.sync().exits(HELD);
    assert_eq!(finding(&rig, ANAS)["owner"], "nobody");
    refused(&rig, &verify(ANAS, "ana"), "ana owned this finding or its issue");
    for verb in [&["dismiss"][..], &["extend", "--due", "2999-01-01"]] {
        let all = [&["finding", verb[0], ANAS], &verb[1..], &["--reason", "x", "--as", "ana"]].concat();
        refused(&rig, &all, "ana owned this finding or its issue");
    }
    refused(&rig, &verify(ANAS, "bo"), "bo claimed this finding done");
    let shown = rig.json(&["finding", "show", ANAS]);
    let parts: Vec<&str> =
        shown["parts"].as_array().unwrap().iter().map(|part| part["part"].as_str().unwrap()).collect();
    assert!(parts.contains(&"moved_away") && parts.contains(&"claimed"), "{shown}");
    rig.run(&verify(ANAS, "eli")).exits(0);
    assert_eq!(finding(&rig, ANAS)["state"], "resolved");
}

#[test]
fn who_was_assigned_in_the_tracker_before_somebody_else_closed_it_does_not_verify_it() {
    let rig = reviewed();
    let issue = issue_of(&rig, FREE);
    for person in ["ana", "bo"] {
        rig.act("bo", &issue, json!({"do": "assign", "assignee": person}));
    }
    rig.sync().exits(HELD);
    for person in ["ana", "bo"] {
        rig.act("bo", &issue, json!({"do": "unassign", "assignee": person}));
    }
    close(&rig, "chen", FREE);
    rig.sync().exits(HELD);
    assert_eq!(finding(&rig, FREE)["owner"], "nobody");
    refused(&rig, &verify(FREE, "ana"), "ana owned this finding or its issue");
    refused(&rig, &verify(FREE, "bo"), "bo owned this finding or its issue");
    rig.quiet_sync(HELD);
    rig.run(&verify(FREE, "eli")).exits(0);
}

#[test]
fn who_names_the_claimant_does_not_verify_and_where_nobody_is_left_somebody_is_named() {
    let rig = reviewed();
    rig.edit("people.yaml", "dara: {", "dara: { name: Dara Okafor }\nnobody-else: {");
    rig.edit("people.yaml", "chen: { name: Chen Wei, github: chen", "chen: { name: Chen Wei, github: chen-x");
    for person in ["ana", "bo"] {
        rig.run(&["finding", "assign", FREE, person, "--as", "eli"]).exits(0);
    }
    rig.sync().exits(HELD);
    close(&rig, "chen", FREE);
    rig.sync().exits(HELD);
    refused(&rig, &verify(FREE, "eli"), "nobody knows who claimed");
    rig.run(&["finding", "claimant", FREE, "chen", "--as", "eli"]).exits(0);
    refused(&rig, &verify(FREE, "eli"), "eli named the claimant of this finding");
    let shown = rig.run(&["finding", "show", FREE]).exits(0).stdout;
    assert!(shown.contains("nobody may verify: "), "{shown}");
    let report = rig.run(&["report", "--format", "markdown"]).exits(0).stdout;
    assert!(report.contains("nobody may verify: ana owned this finding"), "{report}");
    refused(&rig, &["finding", "reviewer", FREE, "eli", "--as", "eli"], "may not name themselves");
    rig.run(&["finding", "reviewer", FREE, "dara", "--as", "eli"]).exits(0);
    rig.run(&verify(FREE, "dara")).exits(0);
}

#[test]
fn a_document_names_no_reviewer_and_says_in_the_history_whom_it_names() {
    let rig = synced();
    close(&rig, "bo", FREE);
    rig.edit("strict/PM-2026-101.yaml", "reviewers: [eli]", "reviewers: [chen, eli]");
    rig.sync().exits(HELD);
    refused(&rig, &verify(FREE, "chen"), "chen may not verify this finding");
    let history = rig.json(&["audit", "show", FREE, "--limit", "100"]);
    let changed = |entry: &&Value| entry["field"] == "reviewers" && entry["after"] == "chen, eli";
    assert!(history.as_array().unwrap().iter().any(|entry| changed(&entry)), "{history}");
}

#[test]
fn the_author_of_a_document_that_says_done_does_not_verify_it() {
    let rig = reviewed();
    rig.edit("strict/PM-2026-101.yaml", "reviewers: [eli]", "authors: [ana]\nreviewers: [eli]");
    let text = "id: F3, title: Alert on a deploy token used from outside,";
    rig.edit("strict/PM-2026-101.yaml", text, &format!("{text} initial_status: done_claimed,"));
    rig.sync().exits(HELD);
    assert_eq!(finding(&rig, FREE)["claim"]["by"], "document");
    refused(&rig, &verify(FREE, "ana"), "wrote the document that claims this finding done");
    rig.run(&verify(FREE, "bo")).exits(0);
}

#[test]
fn who_was_assigned_when_an_issue_was_adopted_does_not_verify_it() {
    let rig = reviewed();
    rig.run(&["link", "detach", FREE, &issue_of(&rig, FREE), "--reason", "x", "--as", "eli"]).exits(0);
    let issue = issue_of(&rig, ANAS);
    rig.act("chen", &issue, json!({"do": "assign", "assignee": "bo"}));
    rig.run(&["link", "adopt", FREE, &issue, "--as", "eli"]).exits(0);
    let history = rig.json(&["audit", "show", FREE]);
    let mut entries = history.as_array().unwrap().iter();
    let told = |entry: &Value| {
        entry["event"] == "part_recorded" && entry["why"] == "bo owned this finding or its issue"
    };
    assert!(entries.any(told), "{history}");
    rig.act("chen", &issue, json!({"do": "unassign", "assignee": "bo"}));
    close(&rig, "chen", ANAS);
    rig.sync().exits(HELD);
    assert_eq!(finding(&rig, FREE)["state"], "pending_verification");
    refused(&rig, &verify(FREE, "bo"), "bo owned this finding or its issue");
    rig.run(&verify(FREE, "eli")).exits(0);
}

#[test]
fn a_second_entry_of_the_same_name_is_told_and_is_the_same_human() {
    let rig = reviewed();
    rig.edit("people.yaml", "eli: {", "ana2: { name: ana RUIZ, reviewer: true }\neli: {");
    let told = rig.run(&["check"]);
    assert!(told.stderr.contains("`ana2` has the name of `ana`"), "{}{}", told.stdout, told.stderr);
    close(&rig, "bo", ANAS);
    rig.sync().exits(HELD);
    refused(&rig, &verify(ANAS, "ana2"), "ana2 owns this finding");
    rig.run(&["finding", "assign", ANAS, "nobody", "--as", "eli"]).exits(0);
    refused(&rig, &verify(ANAS, "ana2"), "ana2 (as ana) owned this finding");
}

#[test]
fn verbs_that_change_where_findings_go_need_a_reviewer() {
    let rig = synced();
    let issue = issue_of(&rig, FREE);
    for arguments in [
        &["approve"][..],
        &["link", "detach", FREE, &issue, "--reason", "x"],
        &["link", "rebind", FREE, "--reason", "x"],
        &["link", "adopt", FREE, "acme/platform#1"],
        &["intake", "accept", "PM-2026-101/c-00000000"],
        &["intake", "link", FREE, ANAS],
        &["intake", "approve", "strict"],
    ] {
        refused(&rig, &[arguments, &["--as", "bo"]].concat(), "a reviewer does");
    }
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    refused(&rig, &["apply", "plan.json", "--exceed-limits", "--as", "bo"], "a reviewer does");
    rig.run(&["link", "detach", FREE, &issue, "--reason", "x", "--as", "eli"]).exits(0);
}

#[test]
fn the_history_names_whose_process_said_who_decides() {
    let rig = synced();
    rig.run(&["finding", "assign", FREE, "bo", "--as", "eli"]).exits(0);
    close(&rig, "bo", FREE);
    rig.sync().exits(HELD);
    let history = rig.json(&["audit", "show", FREE, "--limit", "100"]);
    let entry = |event: &str| {
        let mut entries = history.as_array().unwrap().iter();
        entries.find(|entry| entry["event"] == event).unwrap()["known_by"].clone()
    };
    let assigned = entry("owner_assigned");
    assert!(assigned["shell"]["uid"].is_u64(), "{assigned}");
    assert!(!assigned["shell"]["host"].as_str().unwrap().is_empty(), "{assigned}");
    assert_eq!(entry("finding_claimed"), json!({"tracker": {"tracker": "github", "account": "bo"}}));
    assert_eq!(entry("finding_entered"), "worker");
    assert_eq!(rig.json(&["audit", "verify"])["intact"], true);
}

#[test]
fn a_register_of_an_earlier_release_forgets_nobody_who_had_a_part_when_it_was_taken_over() {
    let rig = reviewed();
    close(&rig, "bo", FREE);
    rig.sync().exits(HELD);
    // As the release before left it: nobody had recorded anything.
    shell(&rig, "DELETE FROM involvement");
    for finding in [FREE, ANAS] {
        rig.run(&["audit", "accept", finding, "--reason", "as the release before left it", "--as", "eli"])
            .exits(0);
    }
    rig.run(&["finding", "assign", ANAS, "nobody", "--as", "ana"]).exits(0);
    close(&rig, "chen", ANAS);
    rig.sync().exits(HELD);
    refused(&rig, &verify(ANAS, "ana"), "ana moved the ownership of this finding away");
    let shown = rig.json(&["finding", "show", ANAS])["parts"].to_string();
    assert!(shown.contains(r#""part":"owned","party":{"person":"ana"}"#), "{shown}");
    rig.act("chen", &issue_of(&rig, FREE), json!({"do": "reopen"}));
    rig.sync().exits(HELD);
    refused(
        &rig,
        &["finding", "waive", FREE, "--expires", "2999-01-01", "--reason", "x", "--as", "bo"],
        "bo claimed",
    );
    let found = |rig: &Rig| {
        let entries = rig.json(&["audit", "show", "--limit", "10000"]);
        entries.as_array().unwrap().iter().filter(|entry| entry["event"] == "parts_found").count()
    };
    assert_eq!(found(&rig), 1);
    rig.quiet_sync(HELD);
    assert_eq!(found(&rig), 1);
}

/// Second entries in `people.yaml` that somebody may write to verify what ana had a part in.
const DISGUISES: &[&str] = &[
    "ana2: { name: \"\u{410}na Ruiz\", reviewer: true }",
    "ana2: { name: \"An\u{200B}a R\u{FF55}iz\", reviewer: true }",
    "ana2: { name: \"Ruiz, An\u{E1}\", reviewer: true }",
    "ana2: { name: \"ANA  RU\u{131}Z\", reviewer: true }",
    "ana2: { email: ana+second@acme.example, reviewer: true }",
    "ana2: { email: ANA@ACME.EXAMPLE, reviewer: true, name: Somebody }",
    "Ana: { reviewer: true }",
    "\"\u{430}na\": { reviewer: true }",
];

#[test]
fn no_second_entry_of_a_person_verifies_what_the_first_had_a_part_in() {
    let rig = synced();
    close(&rig, "bo", ANAS);
    rig.sync().exits(HELD);
    rig.run(&["finding", "assign", ANAS, "nobody", "--as", "eli"]).exits(0);
    rig.edit("people.yaml", "name: Ana Ruiz,", "name: Ana Ruiz, email: ana+first@acme.example,");
    let people = rig.read("people.yaml");
    for entry in DISGUISES {
        // Two entries of one address are refused as a whole.
        let one = people.replace("ana+first@", if entry.contains("ANA@") { "ana+x@" } else { "ana+first@" });
        rig.write("people.yaml", &format!("{one}{entry}\n"));
        let by = entry.split(':').next().unwrap().trim_matches('"');
        refused(&rig, &verify(ANAS, by), "owned this finding");
    }
    // A key that was renamed is still the person of that login.
    rig.write("people.yaml", &people.replace("ana: {", "ruiz: { reviewer: true,"));
    refused(&rig, &verify(ANAS, "ruiz"), "owned this finding");
    rig.write("people.yaml", &people);
    rig.run(&verify(ANAS, "eli")).exits(0);
}

#[test]
fn neither_a_second_account_nor_one_that_is_mapped_later_nor_a_group_decides() {
    let rig = synced();
    let issue = issue_of(&rig, FREE);
    rig.act("bo", &issue, json!({"do": "assign", "assignee": "dara"}));
    rig.sync().exits(HELD);
    rig.act("bo", &issue, json!({"do": "unassign", "assignee": "dara"}));
    close(&rig, "chen", FREE);
    rig.sync().exits(HELD);
    // dara's login is given to another entry afterwards, and chen becomes a reviewer.
    rig.edit(
        "people.yaml",
        "dara: { name: Dara Okafor, github: dara,",
        "dara: { name: Dara Okafor, reviewer: true,",
    );
    rig.edit("people.yaml", "eli: {", "zoe: { name: Zoe, github: dara, reviewer: true }\neli: {");
    rig.edit("people.yaml", "chen: {", "chen: { reviewer: true,");
    refused(&rig, &verify(FREE, "dara"), "dara owned this finding");
    refused(&rig, &verify(FREE, "chen"), "chen claimed this finding done");
    for nobody in ["payments", "@acme/payments", "postmortem-bot", "reviewers", "*", ""] {
        rig.run(&verify(FREE, nobody)).exits(2);
    }
    rig.run(&verify(FREE, "eli")).exits(0);
}

/// Every command of the table in `config/README.md` for a finding that somebody claimed done, and whether a person whom a
/// reviewer named for it may say it.
const COMMANDS: &[(&[&str], bool)] = &[
    (&["finding", "verify", "KEY", "--evidence", "x"], true),
    (&["finding", "reject", "KEY", "--reason", "x"], true),
    (&["finding", "extend", "KEY", "--due", "2999-01-01", "--reason", "x"], false),
    (&["finding", "dismiss", "KEY", "--reason", "x"], false),
    (&["finding", "review", "KEY", "--verdict", "on_track"], true),
    (&["finding", "classify", "KEY", "--class", "manual_error"], true),
    (&["finding", "classify", "KEY", "--tlp", "RED"], true),
    (&["finding", "classify", "KEY", "--tlp", "CLEAR"], false),
    (&["finding", "claimant", "KEY", "bo"], true),
    (&["finding", "reviewer", "KEY", "bo"], false),
    (&["link", "adopt", "KEY", "ISSUE"], false),
    (&["link", "detach", "KEY", "ISSUE", "--reason", "x"], false),
    (&["link", "rebind", "KEY", "--reason", "x"], false),
    (&["link", "ignore", "KEY", "acme/payments#99", "--reason", "x"], false),
    (&["link", "retry", "KEY"], false),
    (&["link", "retry", "--tracker", "github"], false),
    (&["link", "retry", "--place", "github:acme/payments"], false),
    (&["place", "accept", "github:acme/payments", "--reason", "x"], false),
    (&["place", "retire", "github:acme/payments", "--reason", "x"], false),
    (&["approve"], false),
    (&["intake", "accept", "PM-2026-101/c-00000000"], false),
    (&["intake", "link", "KEY", "PM-2026-101/F4"], false),
    (&["intake", "approve", "strict"], false),
    (&["intake", "approve", "PM-2026-101"], false),
    (&["audit", "accept", "KEY", "--reason", "x"], false),
    (&["store", "moved"], false),
];

#[test]
fn every_command_of_the_table_asks_who_says_it() {
    let rig = synced();
    close(&rig, "bo", FREE);
    rig.sync().exits(HELD);
    let issue = issue_of(&rig, FREE);
    let run = |arguments: &[&str], by: &[&str]| {
        let all: Vec<&str> = arguments
            .iter()
            .map(|word| match *word {
                "KEY" => FREE,
                "ISSUE" => &issue,
                word => word,
            })
            .chain(by.iter().copied())
            .collect();
        rig.run(&all)
    };
    let before = rig.json(&["finding", "show", FREE])["finding"].clone();
    for (arguments, _) in COMMANDS {
        assert!(run(arguments, &["--as", "dara"]).exits(6).stderr.contains("dara may not"), "{arguments:?}");
        run(arguments, &["--as", "stranger"]).exits(2);
        run(arguments, &[]).exits(2);
    }
    assert_eq!(rig.json(&["finding", "show", FREE])["finding"], before, "nothing was done");
    // Whom a reviewer named for it may do what is theirs, and nothing more.
    rig.run(&["finding", "assign", FREE, "eli", "--as", "eli"]).exits(0);
    rig.run(&["finding", "reviewer", FREE, "dara", "--as", "eli"]).exits(0);
    for (arguments, _) in COMMANDS.iter().filter(|(_, named)| !named) {
        assert!(run(arguments, &["--as", "dara"]).exits(6).stderr.contains("dara may not"), "{arguments:?}");
    }
    rig.run(&["finding", "review", FREE, "--verdict", "on_track", "--as", "dara"]).exits(0);
    rig.run(&["finding", "classify", FREE, "--tlp", "AMBER+STRICT", "--as", "dara"]).exits(0);
    rig.run(&verify(FREE, "dara")).exits(0);
}
