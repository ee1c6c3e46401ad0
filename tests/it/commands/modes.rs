//! The four modes: what each writes, and what it leaves.

use serde_json::json;

use super::super::{
    rig::Rig,
    story::{HELD, finding, issue_of, stage, synced},
};

fn in_mode(rig: &Rig, mode: &str) {
    rig.edit("postmortem-sync.yaml", "mode: full", &format!("mode: {mode}"));
}

#[test]
fn observe_reads_and_records_and_writes_to_no_tracker() {
    let rig = stage();
    in_mode(&rig, "observe");
    let outcome = rig.quiet_sync(HELD).json();
    assert_eq!(outcome["census"]["created"], 0);
    assert_eq!(outcome["census"]["findings"], rig.json(&["finding", "list"]).as_array().unwrap().len());
    rig.quiet_sync(HELD);
}

#[test]
fn create_only_opens_issues_and_changes_none() {
    let rig = stage();
    in_mode(&rig, "create-only");
    rig.sync().exits(HELD);
    assert!(rig.issues().len() > 10);
    rig.run(&["finding", "assign", "PM-2026-101/F4", "bo", "--as", "eli"]).exits(0);
    rig.act("ana", &issue_of(&rig, "PM-2026-101/F1"), json!({"do": "close", "reason": "completed"}));
    rig.quiet_sync(HELD);
    assert_eq!(
        finding(&rig, "PM-2026-101/F1")["state"],
        "pending_verification",
        "what trackers say is taken in"
    );
    rig.edit("postmortem-sync.yaml", "mode: create-only", "mode: full");
    rig.sync().exits(HELD);
    assert_eq!(rig.issue(&issue_of(&rig, "PM-2026-101/F4"))["assignees"], json!(["bo"]), "it was owed");
    rig.quiet_sync(HELD);
}

#[test]
fn upsert_writes_everything_but_status() {
    let rig = synced();
    in_mode(&rig, "upsert");
    let key = issue_of(&rig, "PM-2026-101/F5");
    rig.act("bo", &key, json!({"do": "close", "reason": "completed"}));
    rig.sync().exits(HELD);
    rig.run(&["finding", "reject", "PM-2026-101/F5", "--reason", "not yet", "--as", "eli"]).exits(0);
    rig.run(&["finding", "assign", "PM-2026-101/F5", "ana", "--as", "eli"]).exits(0);
    rig.sync().exits(HELD);
    let issue = rig.issue(&key);
    assert_eq!((&issue["state"], &issue["assignees"]), (&json!("closed"), &json!(["ana"])));
    rig.quiet_sync(HELD);
    rig.edit("postmortem-sync.yaml", "mode: upsert", "mode: full");
    rig.sync().exits(HELD);
    assert_eq!(rig.issue(&key)["state"], "open", "it was owed");
    rig.quiet_sync(HELD);
}
