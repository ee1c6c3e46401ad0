//! What is overdue is flagged where engineers see it, once per crossing, and the flag goes when a reviewer extends.

use serde_json::json;

use super::{HELD, days_ago, finding, followed, history, issue_of, labels, soon, stage, synced};

const OVERDUE: &str = "postmortem-overdue";

#[test]
fn what_is_overdue_is_flagged_once_and_the_flag_goes_when_it_is_extended() {
    let rig = synced();
    let (github, jira) = ("PM-2026-101/F7", "PM-2026-102/F3");
    assert!(labels(&followed(&rig, github)).contains(&OVERDUE), "{}", followed(&rig, github));
    assert!(!labels(&followed(&rig, "PM-2026-101/F1")).contains(&OVERDUE));
    assert_eq!(followed(&rig, jira)["duedate"], days_ago(3).to_string());
    assert!(labels(&followed(&rig, jira)).contains(&OVERDUE));
    rig.quiet_sync(HELD);
    for key in [github, jira] {
        rig.run(&["finding", "extend", key, "--due", &soon(), "--reason", "vendor is late", "--as", "eli"])
            .exits(0);
    }
    rig.sync().exits(HELD);
    assert!(!labels(&followed(&rig, github)).contains(&OVERDUE));
    let body = followed(&rig, github)["body"].as_str().unwrap().to_owned();
    assert!(body.contains(&soon()), "{body}");
    assert!(!labels(&followed(&rig, jira)).contains(&OVERDUE));
    assert_eq!(followed(&rig, jira)["duedate"], soon());
    assert_eq!(
        finding(&rig, github)["clock"]["due_original"],
        days_ago(3).to_string(),
        "the first one stays on record"
    );
    assert!(history(&rig, github).iter().any(|[event, ..]| event.contains("extended")));
    rig.quiet_sync(HELD);
}

#[test]
fn a_claim_takes_the_overdue_flag_off() {
    let rig = synced();
    let key = issue_of(&rig, "PM-2026-101/F7");
    rig.act("ana", &key, json!({"do": "close", "reason": "completed"}));
    rig.sync().exits(HELD);
    assert!(!labels(&rig.issue(&key)).contains(&OVERDUE));
    rig.quiet_sync(HELD);
}

#[test]
fn a_due_date_that_somebody_moves_in_jira_is_reported_and_left_alone() {
    let rig = synced();
    let key = issue_of(&rig, "PM-2026-102/F1");
    rig.act("chen", &key, json!({"do": "set_due", "due": "2030-01-01"}));
    let outcome = rig.quiet_sync(HELD).json();
    assert!(
        super::notes(&outcome, "PM-2026-102/F1")
            .iter()
            .any(|(kind, why)| kind == "drift" && why.contains("2030-01-01"))
    );
    assert_eq!(rig.issue(&key)["duedate"], "2030-01-01");
}

#[test]
fn an_old_write_up_that_is_seen_late_is_not_overdue_at_once() {
    let rig = stage();
    rig.edit("strict/PM-2026-101.yaml", &format!("published: {}", days_ago(20)), "published: 2019-03-01");
    rig.sync().exits(HELD);
    assert_eq!(finding(&rig, "PM-2026-101/F1")["clock"]["anchor_kind"], "late_intake");
    assert!(!labels(&followed(&rig, "PM-2026-101/F1")).contains(&OVERDUE));
    let report = rig.json(&["report"]);
    let overdue = report["sections"]["overdue"].to_string();
    assert!(overdue.contains("PM-2026-103/F1") && !overdue.contains("PM-2026-101/F1\""), "{overdue}");
}
