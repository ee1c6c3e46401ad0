//! What people change on either side arrives on the other, nothing is overwritten silently, and then all is quiet.

use serde_json::{Value, json};

use super::{super::rig::Rig, HELD, finding, followed, history, issue_of, labels, notes, soon, synced};

#[test]
fn what_engineers_and_reviewers_do_arrives_on_the_other_side() {
    let rig = synced();
    engineers(&rig);
    rig.run(&["finding", "assign", "PM-2026-101/F4", "bo", "--as", "eli"]).exits(0);
    rig.run(&["finding", "assign", "PM-2026-102/F6", "chen", "--as", "eli"]).exits(0);
    let first = rig.sync().exits(HELD).json();
    assert_eq!(first["verdict"], "held");
    let state = |key: &str| finding(&rig, key)["state"].as_str().unwrap().to_owned();
    assert_eq!(state("PM-2026-101/F1"), "pending_verification");
    assert_eq!(finding(&rig, "PM-2026-101/F1")["claim"]["by"], json!({"person": "ana"}), "ana closed it");
    assert_eq!(finding(&rig, "PM-2026-101/F2")["owner"], json!({"person": "ana"}));
    let declined = finding(&rig, "PM-2026-101/F3");
    assert_eq!((&declined["state"], &declined["declined_upstream"]), (&json!("open"), &json!(true)));
    assert_eq!(state("PM-2026-102/F1"), "in_progress");
    assert_eq!(finding(&rig, "PM-2026-102/F2")["declined_upstream"], true);
    assert_eq!(state("PM-2026-103/F1"), "pending_verification");
    assert_eq!(followed(&rig, "PM-2026-101/F4")["assignees"], json!(["bo"]));
    assert_eq!(followed(&rig, "PM-2026-102/F6")["assignee"], "chen");
    let arrived = |key: &str, field: &str, before: &str, after: &str| {
        let entries = history(&rig, key);
        let found = entries.iter().any(|[_, at, was, is]| (&**at, &**was, &**is) == (field, before, after));
        assert!(found, "{key} {field} {before} → {after} is not in {entries:?}");
    };
    arrived("PM-2026-101/F2", "owner", "bo", "ana");
    arrived("PM-2026-101/F4", "owner", "ana", "bo");
    arrived("PM-2026-101/F1", "state", "open", "pending_verification");
    rig.quiet_sync(HELD);
    reviewers(&rig);
    rig.quiet_sync(HELD);
}

/// Engineers close, reassign, decline and start.
fn engineers(rig: &Rig) {
    let act = |person: &str, finding: &str, deed: Value| rig.act(person, &issue_of(rig, finding), deed);
    act("ana", "PM-2026-101/F1", json!({"do": "close", "reason": "completed"}));
    act("bo", "PM-2026-101/F2", json!({"do": "unassign", "assignee": "bo"}));
    act("bo", "PM-2026-101/F2", json!({"do": "assign", "assignee": "ana"}));
    act("ana", "PM-2026-101/F3", json!({"do": "close", "reason": "not_planned"}));
    act("bo", "PM-2026-101/F5", json!({"do": "close", "reason": "completed"}));
    act("bo", "PM-2026-101/F6", json!({"do": "close", "reason": "completed"}));
    act("chen", "PM-2026-102/F1", json!({"do": "transition", "to": "In Progress"}));
    act("chen", "PM-2026-102/F2", json!({"do": "close", "reason": "Won't Do"}));
    act("dara", "PM-2026-103/F1", json!({"do": "close", "reason": "Done"}));
}

/// A reviewer rejects in both kinds of tracker, verifies, and extends.
fn reviewers(rig: &Rig) {
    let reason = "a planted token was still printed, @bo; see #1";
    for key in ["PM-2026-101/F5", "PM-2026-103/F1"] {
        rig.run(&["finding", "reject", key, "--reason", reason, "--as", "eli"]).exits(0);
    }
    rig.run(&["finding", "verify", "PM-2026-101/F6", "--evidence", "https://ci.example/8812", "--as", "eli"])
        .exits(0);
    rig.run(&["finding", "reopen", "PM-2026-101/F3", "--reason", "an alert is still needed", "--as", "eli"])
        .exits(0);
    rig.sync().exits(HELD);
    let reopened = followed(rig, "PM-2026-101/F5");
    assert_eq!(reopened["state"], "open");
    let comments = reopened["comments"].as_array().unwrap();
    assert_eq!(comments.len(), 1, "the reason is said once: {comments:?}");
    let said = comments[0]["body"].as_str().unwrap();
    assert!(said.contains("still printed") && !said.contains("@bo") && !said.contains("#1"), "{said}");
    let reopened = followed(rig, "PM-2026-103/F1");
    assert_ne!(reopened["category"], "done", "{reopened}");
    assert_eq!(reopened["resolution"], Value::Null);
    assert_eq!(reopened["comments"].as_array().unwrap().len(), 1);
    let verified = followed(rig, "PM-2026-101/F6");
    assert_eq!(verified["state"], "closed");
    assert!(labels(&verified).contains(&"postmortem-verified"), "{verified}");
    assert_eq!(finding(rig, "PM-2026-101/F6")["state"], "resolved");
    assert_eq!(followed(rig, "PM-2026-101/F3")["state"], "open");
    assert_eq!(finding(rig, "PM-2026-101/F5")["rejections"], 1);
}

#[test]
fn who_closed_a_jira_issue_is_asked_once_and_is_the_claimant() {
    let rig = synced();
    let (key, issue) = ("PM-2026-102/F1", issue_of(&rig, "PM-2026-102/F1"));
    rig.act("chen", &issue, json!({"do": "close", "reason": "Done"}));
    rig.forget();
    rig.sync().exits(HELD);
    assert_eq!(finding(&rig, key)["claim"]["by"], json!({"person": "chen"}));
    let asked = || {
        let asks = |entry: &&Value| entry["path"].as_str().unwrap().contains("changelog");
        rig.log().iter().filter(asks).count()
    };
    assert_eq!(asked(), 1, "{:#?}", rig.log());
    rig.sync().exits(HELD);
    assert_eq!(asked(), 1, "what is known is not asked again");
}

/// The engineers give the issue of PM-2026-101/F10 to chen, and a reviewer the finding to bo.
fn give_to_two(rig: &Rig, key: &str) {
    rig.act("bo", key, json!({"do": "unassign", "assignee": "ana"}));
    rig.act("bo", key, json!({"do": "assign", "assignee": "chen"}));
    rig.run(&["finding", "assign", "PM-2026-101/F10", "bo", "--as", "eli"]).exits(0);
}

#[test]
fn a_field_that_both_sides_changed_keeps_the_tracker_and_remembers_what_is_lost() {
    let rig = synced();
    let key = issue_of(&rig, "PM-2026-101/F10");
    give_to_two(&rig, &key);
    let outcome = rig.sync().exits(HELD).json();
    assert_eq!(rig.issue(&key)["assignees"], json!(["chen"]), "the tracker's value stays");
    assert_eq!(finding(&rig, "PM-2026-101/F10")["owner"], json!({"person": "chen"}));
    let told = notes(&outcome, "PM-2026-101/F10");
    assert!(told.iter().any(|(kind, why)| kind == "overruled" && why.contains("`bo` is lost")), "{told:?}");
    let entries = history(&rig, "PM-2026-101/F10");
    let lost = entries.iter().find(|[event, ..]| event == "conflict");
    assert_eq!(lost.unwrap()[1..], ["owner", "bo", "chen"], "{entries:?}");
    rig.quiet_sync(HELD);
}

#[test]
fn both_sides_may_change_to_the_same_value() {
    let rig = synced();
    let key = issue_of(&rig, "PM-2026-102/F6");
    rig.act("dara", &key, json!({"do": "assign", "assignee": "chen"}));
    rig.run(&["finding", "assign", "PM-2026-102/F6", "chen", "--as", "eli"]).exits(0);
    let outcome = rig.quiet_sync(HELD).json();
    assert!(notes(&outcome, "PM-2026-102/F6").is_empty(), "{:?}", notes(&outcome, "PM-2026-102/F6"));
    assert_eq!(finding(&rig, "PM-2026-102/F6")["owner"], json!({"person": "chen"}));
}

#[test]
fn a_cited_issue_syncs_owner_and_status_and_nothing_else() {
    let rig = synced();
    rig.act("dara", "acme/platform#1", json!({"do": "close", "reason": "completed"}));
    rig.run(&["finding", "assign", "PM-2026-102/F4", "chen", "--as", "eli"]).exits(0);
    rig.run(&["finding", "extend", "PM-2026-102/F4", "--due", &soon(), "--reason", "agreed", "--as", "eli"])
        .exits(0);
    rig.sync().exits(HELD);
    assert_eq!(finding(&rig, "PM-2026-102/F5")["state"], "pending_verification");
    let cited = rig.issue("PLAT-1");
    assert_eq!(cited["assignee"], "chen");
    assert_eq!((&cited["duedate"], &cited["labels"]), (&Value::Null, &json!([])));
    rig.quiet_sync(HELD);
}

#[test]
fn a_rejected_claim_reopens_a_cited_issue_without_a_word_of_ours() {
    let rig = synced();
    rig.act("dara", "acme/platform#1", json!({"do": "close", "reason": "completed"}));
    rig.sync().exits(HELD);
    rig.run(&["finding", "reject", "PM-2026-102/F5", "--reason", "it still fails", "--as", "eli"]).exits(0);
    let outcome = rig.sync().exits(HELD).json();
    let cited = rig.issue("acme/platform#1");
    assert_eq!((&cited["state"], &cited["comments"]), (&json!("open"), &json!([])));
    let told = notes(&outcome, "PM-2026-102/F5");
    assert!(
        told.iter().any(|(kind, why)| kind == "held" && why.contains("tell its owner yourself")),
        "{told:?}"
    );
    let entries = history(&rig, "PM-2026-102/F5");
    assert!(
        entries
            .iter()
            .any(|[event, _, before, _]| event == "comment_withheld" && before.contains("it still fails"))
    );
    let after = rig.quiet_sync(HELD).json();
    assert!(notes(&after, "PM-2026-102/F5").is_empty(), "it is told once");
}

#[test]
fn nobody_verifies_what_they_closed_or_own() {
    let rig = synced();
    rig.edit("people.yaml", "team: payments }", "team: payments, reviewer: true }");
    rig.act("ana", &issue_of(&rig, "PM-2026-101/F6"), json!({"do": "close", "reason": "completed"}));
    rig.sync().exits(HELD);
    for person in ["ana", "bo"] {
        let refused = rig
            .run(&["finding", "verify", "PM-2026-101/F6", "--evidence", "https://x.example", "--as", person])
            .exits(6);
        assert!(refused.stderr.contains("PM-2026-101/F6"), "{}", refused.stderr);
    }
    assert_eq!(finding(&rig, "PM-2026-101/F6")["state"], "pending_verification");
}

#[test]
fn a_label_that_somebody_takes_off_is_reported_and_not_put_back() {
    let rig = synced();
    let key = issue_of(&rig, "PM-2026-101/F7");
    rig.act("ana", &key, json!({"do": "unlabel", "label": "postmortem-overdue"}));
    let outcome = rig.quiet_sync(HELD).json();
    assert!(notes(&outcome, "PM-2026-101/F7").iter().any(|(kind, _)| kind == "drift"));
    assert!(!labels(&rig.issue(&key)).contains(&"postmortem-overdue"));
}

#[test]
fn text_that_people_write_into_an_issue_is_never_touched() {
    let rig = synced();
    let key = issue_of(&rig, "PM-2026-101/F1");
    let body = rig.issue(&key)["body"].as_str().unwrap().to_owned();
    let mine = format!("Before, by ana.\n\n{body}\n\nAfter, by ana.");
    rig.act("ana", &key, json!({"do": "edit_body", "body": mine}));
    rig.act("ana", &key, json!({"do": "edit_title", "title": "ana's own title"}));
    rig.quiet_sync(HELD);
    rig.edit("strict/PM-2026-101.yaml", "Mask secrets in every build log", "Mask all secrets");
    rig.sync().exits(HELD);
    let issue = rig.issue(&key);
    let body = issue["body"].as_str().unwrap();
    assert!(body.starts_with("Before, by ana.") && body.ends_with("After, by ana."), "{body}");
    assert!(body.contains("Mask all secrets"), "{body}");
    assert_eq!(issue["title"], "ana's own title");
}

#[test]
fn news_for_a_jira_issue_go_into_one_comment_that_is_edited_in_place() {
    let rig = synced();
    let (cloud, dc) = (issue_of(&rig, "PM-2026-102/F1"), issue_of(&rig, "PM-2026-103/F1"));
    let described = rig.issue(&cloud)["description"].clone();
    let (mut old, mut n_before) = ("Revoke sessions on logout".to_owned(), rig.issues().len());
    for new in ["End every session on logout", "End all sessions of a person on logout"] {
        rig.edit("strict/PM-2026-102.yaml", &old, new);
        rig.edit("strict/PM-2026-103.yaml", "every host", "every host of ours");
        rig.sync().exits(HELD);
        let issue = rig.issue(&cloud);
        let comments = issue["comments"].as_array().unwrap();
        assert_eq!(comments.len(), 1, "{comments:?}");
        assert!(comments[0].to_string().contains(new), "{comments:?}");
        assert_eq!(issue["description"], described, "the description is written once");
        assert_eq!(rig.issues().len(), n_before);
        rig.quiet_sync(HELD);
        (old, n_before) = (new.to_owned(), rig.issues().len());
    }
    assert_eq!(rig.issue(&dc)["comments"].as_array().unwrap().len(), 1);
}

#[test]
fn a_conflict_that_the_rule_leaves_to_people_overwrites_neither_side() {
    let rig = synced();
    rig.edit(
        "postmortem-sync.yaml",
        "labels: [security], max_tlp: AMBER }\n  - name: platform",
        "labels: [security], max_tlp: AMBER, on_conflict: { owner: flag } }\n  - name: platform",
    );
    let key = issue_of(&rig, "PM-2026-101/F10");
    give_to_two(&rig, &key);
    for _ in 0..2 {
        let outcome = rig.quiet_sync(HELD).json();
        let told = notes(&outcome, "PM-2026-101/F10");
        assert!(
            told.iter()
                .any(|(kind, why)| kind == "conflict" && why.contains("`bo`") && why.contains("`chen`")),
            "{told:?}"
        );
    }
    assert_eq!(finding(&rig, "PM-2026-101/F10")["owner"], json!({"person": "bo"}));
    assert_eq!(rig.issue(&key)["assignees"], json!(["chen"]));
    rig.run(&["finding", "assign", "PM-2026-101/F10", "chen", "--as", "eli"]).exits(0);
    let settled = rig.quiet_sync(HELD).json();
    assert!(notes(&settled, "PM-2026-101/F10").is_empty(), "once they agree it is over");
}

#[test]
fn a_conflict_that_the_finding_wins_is_not_used_up_while_nothing_is_written() {
    let rig = synced();
    rig.edit(
        "postmortem-sync.yaml",
        "labels: [security], max_tlp: AMBER }\n  - name: platform",
        "labels: [security], max_tlp: AMBER, on_conflict: { owner: finding } }\n  - name: platform",
    );
    rig.edit("postmortem-sync.yaml", "mode: full", "mode: observe");
    let (finding, key) = ("PM-2026-101/F10", issue_of(&rig, "PM-2026-101/F10"));
    give_to_two(&rig, &key);
    let is_told = |entries: &[[String; 4]]| entries.iter().any(|entry| entry[0] == "conflict");
    for _ in 0..2 {
        let outcome = rig.quiet_sync(HELD).json();
        assert!(notes(&outcome, finding).iter().all(|(kind, _)| kind != "overruled"), "{outcome}");
    }
    assert!(!is_told(&history(&rig, finding)), "nothing was overruled");
    rig.edit("postmortem-sync.yaml", "mode: observe", "mode: full");
    let outcome = rig.sync().exits(HELD).json();
    assert!(notes(&outcome, finding).iter().any(|(kind, _)| kind == "overruled"), "{outcome}");
    assert_eq!(rig.issue(&key)["assignees"], json!(["bo"]));
    assert!(is_told(&history(&rig, finding)));
    rig.quiet_sync(HELD);
}

#[test]
fn a_conflict_that_is_left_to_people_is_settled_by_one() {
    let rig = synced();
    rig.edit(
        "postmortem-sync.yaml",
        "labels: [security], max_tlp: AMBER }\n  - name: platform",
        "labels: [security], max_tlp: AMBER, on_conflict: { owner: flag } }\n  - name: platform",
    );
    rig.run(&["approve", "--as", "eli"]).exits(0);
    let key = issue_of(&rig, "PM-2026-101/F10");
    let settle = |keep| {
        rig.run(&["finding", "settle", "PM-2026-101/F10", "--field", "owner", "--keep", keep, "--as", "eli"])
    };
    let nothing = settle("finding").exits(6).stderr;
    assert!(nothing.contains("there is nothing to settle"), "{nothing}");
    let moves = [("ana", "chen", "bo", "finding", "bo"), ("bo", "dara", "ana", "tracker", "dara")];
    for (was, on_issue, in_register, keep, settled) in moves {
        rig.act("bo", &key, json!({"do": "unassign", "assignee": was}));
        rig.act("bo", &key, json!({"do": "assign", "assignee": on_issue}));
        rig.run(&["finding", "assign", "PM-2026-101/F10", in_register, "--as", "eli"]).exits(0);
        rig.quiet_sync(HELD);
        settle(keep).exits(0);
        let outcome = rig.sync().exits(HELD).json();
        assert!(notes(&outcome, "PM-2026-101/F10").iter().any(|(kind, _)| kind == "overruled"));
        assert_eq!(rig.issue(&key)["assignees"], json!([settled]));
        assert_eq!(finding(&rig, "PM-2026-101/F10")["owner"], json!({"person": settled}));
        let after = rig.quiet_sync(HELD).json();
        assert!(notes(&after, "PM-2026-101/F10").is_empty(), "the ruling is spent");
    }
}

#[test]
fn what_is_reopened_in_the_tracker_is_open_again_even_when_it_was_verified() {
    let rig = synced();
    let (github, jira) = (issue_of(&rig, "PM-2026-101/F6"), issue_of(&rig, "PM-2026-102/F1"));
    rig.act("bo", &github, json!({"do": "close", "reason": "completed"}));
    rig.act("chen", &jira, json!({"do": "close", "reason": "Done"}));
    rig.sync().exits(HELD);
    for key in ["PM-2026-101/F6", "PM-2026-102/F1"] {
        rig.run(&["finding", "verify", key, "--evidence", "https://ci.example/1", "--as", "eli"]).exits(0);
    }
    rig.sync().exits(HELD);
    rig.quiet_sync(HELD);
    rig.act("ana", &github, json!({"do": "reopen"}));
    rig.act("chen", &jira, json!({"do": "reopen"}));
    rig.sync().exits(HELD);
    for key in ["PM-2026-101/F6", "PM-2026-102/F1"] {
        let reopened = finding(&rig, key);
        assert!(["open", "in_progress"].contains(&reopened["state"].as_str().unwrap()), "{reopened}");
        assert!(!labels(&followed(&rig, key)).contains(&"postmortem-verified"));
    }
    rig.quiet_sync(HELD);
}

#[test]
fn findings_that_share_an_issue_are_done_together_and_read_its_owner() {
    let rig = synced();
    rig.edit(
        "strict/PM-2026-103.yaml",
        "class: manual_error, team: Operations, owner: \"jira:dara\"",
        "class: manual_error, team: Operations, tracker: [\"acme/platform#1\"]",
    );
    rig.edit("strict/PM-2026-103.yaml", "id: F2", "id: F3");
    rig.sync().exits(HELD);
    assert_eq!(followed(&rig, "PM-2026-103/F3")["key"], "acme/platform#1");
    rig.run(&["finding", "assign", "PM-2026-102/F5", "chen", "--as", "eli"]).exits(0);
    rig.quiet_sync(HELD);
    assert_eq!(rig.issue("acme/platform#1")["assignees"], json!(["dara"]), "read from the tracker only");
    rig.act("dara", "acme/platform#1", json!({"do": "close", "reason": "completed"}));
    rig.sync().exits(HELD);
    for key in ["PM-2026-103/F3", "PM-2026-102/F5"] {
        assert_eq!(finding(&rig, key)["state"], "pending_verification", "{key}");
    }
    rig.run(&["finding", "reject", "PM-2026-102/F5", "--reason", "not yet", "--as", "eli"]).exits(0);
    rig.sync().exits(HELD);
    assert_eq!(rig.issue("acme/platform#1")["state"], "open", "it is open while any of them is");
    rig.quiet_sync(HELD);
}
