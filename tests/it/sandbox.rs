//! The sandbox as a whole: doors, control interface, faults.

use serde_json::{Value, json};

use crate::support::sandbox;

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_goes_from_rest_to_state_and_log() {
    let trackers = sandbox().await;
    let issue = trackers.open_issue("acme/payments", json!({"title": "Rotate keys", "labels": ["security"], "assignees": ["ana"]})).await;
    assert_eq!(issue["number"], 1);
    let closed = trackers.github("PATCH", "/repos/acme/payments/issues/1", json!({"state": "closed", "state_reason": "not_planned"})).await;
    assert_eq!((closed.status, &closed.body["state_reason"]), (200, &json!("not_planned")));
    let state = trackers.control("GET", "/state", Value::Null).await;
    let seen = &state["github"]["repositories"][0]["issues"][0];
    assert_eq!(seen["assignees"], json!(["ana"]));
    assert_eq!(seen["state"], "closed");
    let log = trackers.control("GET", "/log", Value::Null).await;
    assert_eq!(log[0]["method"], "POST");
    assert_eq!(log[0]["user"], "acme-bot");
    assert_eq!(log[0]["applied"], true);
    assert_eq!(log[0]["headers"]["authorization"], "(not logged)");
    trackers.sandbox.stop().await;
}
