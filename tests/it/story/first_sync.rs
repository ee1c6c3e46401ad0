//! The first cycle: every finding ends up somewhere, and the second cycle writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::{rig::Rig, specs::Checker};
use super::{HELD, STRICT_FINDINGS, followed, notes, stage, synced, with_writeups};

#[test]
fn every_finding_is_created_cited_registered_or_skipped_with_a_reason() {
    let rig = stage();
    if !with_writeups(&rig) {
        return;
    }
    let scanned = rig.json(&["intake", "scan", "strict", "writeups"]);
    let read: usize = scanned
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["findings"].as_array().unwrap().len())
        .sum();
    rig.forget();
    let outcome = rig.sync().exits(HELD).json();
    let census = &outcome["census"];
    let count = |name: &str| usize::try_from(census[name].as_u64().unwrap()).unwrap();
    assert_eq!(count("findings"), read);
    assert!(read > 150, "the real write-ups are there: {read}");
    assert_eq!(count("created") + count("cited") + count("register") + count("skipped"), read);
    assert_eq!(count("created"), ours(&rig).len(), "as many as the trackers hold");
    assert_eq!(count("cited"), 2);
    assert!(count("created") > 60, "{census}");
    for place in ["acme/payments", "PLAT", "OPS"] {
        assert!(ours(&rig).iter().any(|issue| issue["place"] == place), "nothing in {place}");
    }
    let without = without_issue(&rig, &outcome);
    assert_eq!(without.values().filter(|kinds| kinds.contains("register")).count(), count("register"));
    assert_eq!(without.len(), count("register") + count("skipped"));
    for (key, kinds) in &without {
        assert!(!kinds.is_empty(), "{key} has no issue, and nothing says why");
    }
    let second = rig.quiet_sync(HELD).json();
    assert_eq!(second["done"], json!({}));
    assert_eq!(second["census"], *census);
}

#[test]
fn requests_and_answers_are_as_the_vendors_describe_them() {
    let Some(mut checker) = Checker::load() else { return };
    let rig = synced();
    rig.act("ana", &super::issue_of(&rig, "PM-2026-101/F1"), json!({"do": "close", "reason": "completed"}));
    rig.act("chen", &super::issue_of(&rig, "PM-2026-102/F1"), json!({"do": "close", "reason": "Done"}));
    rig.act("dara", &super::issue_of(&rig, "PM-2026-103/F1"), json!({"do": "close", "reason": "Done"}));
    rig.sync().exits(HELD);
    for key in ["PM-2026-101/F1", "PM-2026-102/F1", "PM-2026-103/F1"] {
        rig.json(&["finding", "reject", key, "--reason", "@ana it is not done", "--as", "eli"]);
        rig.json(&["finding", "extend", key, "--due", &super::soon(), "--reason", "holidays", "--as", "eli"]);
        rig.json(&["finding", "assign", key, "bo", "--as", "eli"]);
    }
    rig.sync().exits(HELD);
    let log = Value::Array(rig.log());
    let report = checker.check_log(&log);
    report.assert_clean();
    assert!(report.n_requests > 50 && report.n_responses > 50, "{report:?}");
    let operations: BTreeSet<&str> = report.unchecked.keys().map(String::as_str).collect();
    // That a read may be conditional, GitHub describes for all of them together, and not with each.
    let elsewhere = |operation: &str| operation.ends_with("/graphql") || operation.ends_with(" 304");
    assert!(
        operations.iter().all(|operation| elsewhere(operation)),
        "everything else is described: {operations:?}"
    );
}

#[test]
fn an_issue_says_what_is_asked_and_carries_what_the_rule_says() {
    let rig = synced();
    let issue = followed(&rig, "PM-2026-101/F1");
    assert_eq!(issue["title"], "Mask secrets in every build log");
    assert_eq!(issue["author"], "acme-bot");
    assert_eq!(issue["assignees"], json!(["ana"]));
    assert!(super::labels(&issue).contains(&"security"));
    let body = issue["body"].as_str().unwrap();
    assert!(body.contains("PM-2026-101/F1") && body.contains("pm1-"), "{body}");
    assert!(body.contains("Review deadline") && body.contains("severity high"), "{body}");
    let jira = followed(&rig, "PM-2026-102/F1");
    assert_eq!((&jira["type"], &jira["assignee"]), (&json!("Bug"), &json!("chen")));
    assert_eq!(followed(&rig, "PM-2026-102/F6")["type"], "Story");
    assert!(jira["duedate"].is_string(), "Jira shows the deadline: {jira}");
    let dc = followed(&rig, "PM-2026-103/F2");
    assert_eq!((&dc["place"], &dc["type"], &dc["assignee"]), (&json!("OPS"), &json!("Task"), &json!("dara")));
}

#[test]
fn a_cited_issue_is_adopted_and_nothing_of_ours_is_written_into_it() {
    let rig = stage();
    let before = [rig.issue("acme/platform#1"), rig.issue("PLAT-1")];
    rig.sync().exits(HELD);
    assert_eq!(followed(&rig, "PM-2026-102/F5")["key"], "acme/platform#1");
    assert_eq!(followed(&rig, "PM-2026-102/F4")["key"], "PLAT-1");
    assert_eq!([rig.issue("acme/platform#1"), rig.issue("PLAT-1")], before);
    assert_eq!(
        super::finding(&rig, "PM-2026-102/F5")["owner"],
        json!({"person": "dara"}),
        "taken from the issue"
    );
}

#[test]
fn a_second_cycle_writes_nothing() {
    let rig = synced();
    let before = rig.issues();
    let outcome = rig.quiet_sync(HELD).json();
    assert_eq!(outcome["done"], json!({}));
    assert_eq!(outcome["census"]["findings"], STRICT_FINDINGS);
    assert_eq!(rig.issues(), before);
}

#[test]
fn an_owner_whom_nobody_knows_is_reported_and_never_written() {
    let rig = stage();
    let outcome = rig.sync().exits(HELD).json();
    let issue = followed(&rig, "PM-2026-101/F8");
    assert_eq!(issue["assignees"], json!([]));
    let told = notes(&outcome, "PM-2026-101/F8");
    assert!(told.iter().any(|(kind, why)| kind == "unknown_person" && why.contains("mallory")), "{told:?}");
    assert_eq!(
        super::finding(&rig, "PM-2026-101/F8")["owner"],
        json!({"unmapped": "mallory"}),
        "kept as written"
    );
    assert!(rig.log().iter().all(|entry| !entry["request"].to_string().contains("mallory")));
    let again = notes(&rig.quiet_sync(HELD).json(), "PM-2026-101/F8");
    assert!(again.iter().any(|(kind, _)| kind == "unknown_person"), "it stays in sight: {again:?}");
}

#[test]
fn foreign_text_pings_nobody_and_closes_nothing() {
    let rig = synced();
    let issue = followed(&rig, "PM-2026-101/F9");
    let text = format!("{}\n{}", issue["title"].as_str().unwrap(), issue["body"].as_str().unwrap());
    for live in ["@ana", "@acme", "@bo", "#12", "payments#1", "://github.com", "GH-7", "PLAT-1", "![", "<img"]
    {
        assert!(!text.contains(live), "`{live}` is live in:\n{text}");
    }
    assert_eq!(
        text.matches("<!-- pm1-").count() + text.matches("<!-- postmortem").count(),
        text.matches("<!--").count()
    );
    assert!(text.contains("everybody") && text.contains("fixes"), "readable all the same:\n{text}");
}

#[test]
fn an_edited_title_updates_the_block_and_makes_no_second_issue() {
    let rig = synced();
    let (n_before, key) = (rig.issues().len(), super::issue_of(&rig, "PM-2026-101/F1"));
    let body = |key: &str| rig.issue(key)["body"].as_str().unwrap().to_owned();
    let before = body(&key);
    rig.edit("strict/PM-2026-101.yaml", "Mask secrets in every build log", "Mask every secret in every log");
    rig.sync().exits(HELD);
    assert_eq!(rig.issues().len(), n_before);
    assert!(body(&key).contains("Mask every secret in every log"), "{}", body(&key));
    assert_eq!(
        body(&key).replace("Mask every secret in every log", "Mask secrets in every build log"),
        before,
        "nothing else changed"
    );
    rig.quiet_sync(HELD);
}

/// Issues that the worker's account created.
fn ours(rig: &Rig) -> Vec<Value> {
    let by = |issue: &Value| issue["author"] == "acme-bot" || issue["reporter"] == "acme-bot";
    rig.issues().into_iter().filter(by).collect()
}

/// Findings that no issue follows, each with the kinds of the notes about it.
fn without_issue(rig: &Rig, outcome: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let followed: BTreeSet<String> = rig
        .json(&["link", "list"])
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["finding"].as_str().unwrap().to_owned())
        .collect();
    let all = rig.json(&["finding", "list", "--all"]);
    let keys = all.as_array().unwrap().iter().map(|finding| finding["key"].as_str().unwrap().to_owned());
    keys.filter(|key| !followed.contains(key))
        .map(|key| {
            // Not knowing the owner is no reason to create nothing.
            let kinds = notes(outcome, &key).into_iter().map(|(kind, _)| kind);
            let kinds = kinds.filter(|kind| kind != "unknown_person").collect();
            (key, kinds)
        })
        .collect()
}
