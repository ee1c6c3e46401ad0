//! Citations: each of an unresolved finding is linked, or named in every cycle until it is settled.

use serde_json::{Value, json};

use super::{
    rig::Rig,
    trouble::{CLOUD, GITHUB, HELD, PARTIAL, heal, notes, register, stage},
};

/// A finding of nobody's team that cites these issues.
fn cites(rig: &Rig, issues: &[&str]) {
    let text = format!(
        "format: postmortem/1\nid: PM-1\ntitle: An incident\nincident: {{ severity: high }}\nfindings:\n  - {{ id: F1, \
         title: Rotate the keys, class: technical_lapse, team: none, tracker: {} }}\n",
        json!(issues)
    );
    rig.write("postmortems/pm-1.yaml", &text);
}

/// A GitHub issue and a Jira issue that people opened: `acme/platform#1` and `PLAT-1`.
fn opened() -> Rig {
    let rig = stage();
    let open = |act: Value| drop(rig.control("POST", "/act", &act));
    open(
        json!({"as": "ana", "tracker": "github", "repo": "acme/platform", "do": "open_issue", "title": "x", "body": "b", "assignees": []}),
    );
    open(
        json!({"as": "chen", "tracker": "jira", "project": "PLAT", "do": "open_issue", "title": "y", "body": "b", "type": "Task"}),
    );
    rig
}

fn silence_jira(rig: &Rig) {
    let down = json!({"status": {"status": 503, "body": {}}});
    rig.fault(&json!({"tracker": "jira", "times": null, "action": down}));
}

fn linked(rig: &Rig) -> Vec<String> {
    register(rig).links.iter().map(|link| link.issue.key.clone()).collect()
}

fn state(rig: &Rig) -> String {
    rig.json(&["finding", "show", "PM-1/F1"])["finding"]["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_citation_that_could_not_be_read_is_named_until_it_is_linked_and_one_added_later_is_linked() {
    let rig = opened();
    cites(&rig, &["acme/platform#1", "PLAT-1"]);
    silence_jira(&rig);
    for _ in 0..2 {
        let outcome = rig.sync().exits(PARTIAL).json();
        assert!(notes(&outcome, "unreachable", CLOUD)[0].contains("it cites PLAT-1"), "{outcome}");
        assert_eq!(linked(&rig), ["acme/platform#1"]);
    }
    heal(&rig);
    rig.sync().exits(0);
    assert_eq!(linked(&rig), ["acme/platform#1", "PLAT-1"]);
    rig.quiet_sync(0);

    let more = json!({"as": "ana", "tracker": "github", "repo": "acme/payments", "do": "open_issue", "title": "z", "body": "b", "assignees": []});
    rig.control("POST", "/act", &more);
    cites(&rig, &["acme/platform#1", "PLAT-1", "acme/payments#1"]);
    rig.sync().exits(0);
    assert_eq!(linked(&rig), ["acme/platform#1", "PLAT-1", "acme/payments#1"]);
    rig.quiet_sync(0);
}

#[test]
fn nothing_is_claimed_done_while_a_cited_issue_was_not_heard() {
    let rig = opened();
    cites(&rig, &["acme/platform#1", "PLAT-1"]);
    silence_jira(&rig);
    rig.sync().exits(PARTIAL);
    rig.act("ana", "acme/platform#1", json!({"do": "close", "reason": "completed"}));
    let outcome = rig.sync().exits(PARTIAL).json();
    assert!(notes(&outcome, "deferred", GITHUB)[0].contains("PLAT-1"), "{outcome}");
    assert_eq!(state(&rig), "open");
    heal(&rig);
    rig.sync().exits(0);
    assert_eq!(state(&rig), "in_progress", "one of two is done");
    rig.act("chen", "PLAT-1", json!({"do": "transition", "to": "Done", "resolution": "Done"}));
    rig.sync().exits(0);
    assert_eq!(state(&rig), "pending_verification");
}

#[test]
fn a_citation_that_leads_nowhere_is_told_in_every_cycle_until_somebody_sets_it_aside() {
    let rig = opened();
    cites(&rig, &["acme/platform#1", "acme/platform#99"]);
    for _ in 0..2 {
        let outcome = rig.sync().exits(HELD).json();
        assert!(notes(&outcome, "held", GITHUB)[0].contains("acme/platform#99"), "{outcome}");
    }
    rig.act("ana", "acme/platform#1", json!({"do": "close", "reason": "completed"}));
    rig.sync().exits(HELD);
    assert_eq!(state(&rig), "open", "the other one may be open");
    let ignore =
        ["link", "ignore", "PM-1/F1", "acme/platform#99", "--reason", "a typing mistake", "--as", "eli"];
    rig.run(&ignore).exits(0);
    rig.sync().exits(0);
    assert_eq!(state(&rig), "pending_verification");
    rig.quiet_sync(0);
    let unknown = ["link", "ignore", "PM-1/F1", "acme/platform#7", "--reason", "x", "--as", "eli"];
    let refused = rig.run(&unknown).exits(2);
    assert!(refused.stderr.contains("it cites acme/platform#1, acme/platform#99"), "{}", refused.stderr);
}

#[test]
fn a_citation_that_somebody_detached_is_not_linked_again() {
    let rig = opened();
    cites(&rig, &["acme/platform#1", "PLAT-1"]);
    rig.sync().exits(0);
    rig.run(&["link", "detach", "PM-1/F1", "PLAT-1", "--reason", "another matter", "--as", "eli"]).exits(0);
    rig.quiet_sync(0);
    assert_eq!(linked(&rig), ["acme/platform#1"]);
    rig.run(&["link", "rebind", "PM-1/F1", "--reason", "anew", "--as", "eli"]).exits(0);
    rig.sync().exits(0);
    assert_eq!(linked(&rig).len(), 2);
}

#[test]
fn whoever_closed_one_of_several_issues_is_asked_for_until_they_are_known() {
    let rig = opened();
    cites(&rig, &["acme/platform#1", "PLAT-1"]);
    rig.sync().exits(0);
    let down = json!({"status": {"status": 503, "body": {}}});
    rig.fault(&json!({"tracker": "jira", "path": "changelog", "times": null, "action": down}));
    rig.act("ana", "acme/platform#1", json!({"do": "close", "reason": "completed"}));
    rig.act("bo", "PLAT-1", json!({"do": "close", "reason": "Done"}));
    let claimant = || rig.json(&["finding", "show", "PM-1/F1"])["finding"]["claim"]["by"].clone();
    for _ in 0..2 {
        let told = rig.sync().exits(PARTIAL).json()["notes"].to_string();
        assert!(told.contains("it is closed, and who did that could not be read"), "{told}");
        assert_eq!(state(&rig), "open", "whoever closed it may not decide on it");
    }
    heal(&rig);
    rig.sync();
    assert_eq!(state(&rig), "pending_verification");
    let history = rig.json(&["audit", "show", "PM-1/F1"]);
    let is_on_record = |person: &str| {
        let mut entries = history.as_array().unwrap().iter();
        entries.any(|entry| entry["event"] == "part_recorded" && entry["after"] == person)
            || claimant() == json!({"person": person})
    };
    assert!(is_on_record("ana") && is_on_record("bo"), "{history}");
}

#[test]
fn a_closer_that_may_not_be_read_is_unknown_and_keeps_nobody_from_seeing_the_claim() {
    let rig = opened();
    cites(&rig, &["PLAT-1"]);
    rig.sync().exits(0);
    let refused = json!({"status": {"status": 403, "body": {}}});
    rig.fault(&json!({"tracker": "jira", "path": "changelog", "times": null, "action": refused}));
    rig.act("bo", "PLAT-1", json!({"do": "close", "reason": "Done"}));
    rig.sync().exits(0);
    let finding = rig.json(&["finding", "show", "PM-1/F1"])["finding"].clone();
    assert_eq!(
        (&finding["state"], &finding["claim"]["by"]),
        (&json!("pending_verification"), &json!("unknown"))
    );
}
