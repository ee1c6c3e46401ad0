//! Things on GitHub that move, close or vanish, as the sandbox plays them.

use serde_json::{Value, json};

use crate::{
    sandbox_github::{ISSUES, act, first_issue},
    support::{Auth, sandbox},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_transferred_issue_redirects_and_has_new_ids() {
    let trackers = sandbox().await;
    let old = trackers
        .open_issue("acme/payments", json!({"title": "T", "labels": ["security", "only-here"]}))
        .await;
    let new =
        act(&trackers, json!({"issue": "acme/payments#1", "do": "transfer", "to": "acme/platform"})).await;
    assert_ne!((&new["id"], &new["node_id"]), (&old["id"], &old["node_id"]));
    assert_eq!(new["labels"], json!(["security"]), "only labels that the target has");
    for (method, path) in [("GET", format!("{ISSUES}/1")), ("PATCH", format!("{ISSUES}/1"))] {
        let moved = trackers.github(method, &path, json!({"title": "x"})).await;
        assert_eq!(moved.status, 301);
        let base = &trackers.sandbox.addresses.github;
        assert_eq!(moved.header("location"), format!("{base}/repositories/500002/issues/1"));
    }
    let found = trackers.get("/repositories/500002/issues/1").await;
    assert_eq!((&found.body["id"], &found.body["title"]), (&new["id"], &json!("T")));
    let query = "query($ids:[ID!]!){nodes(ids:$ids){id}}";
    let nodes = trackers.graphql(query, json!({"ids": [old["node_id"], new["node_id"]]})).await;
    assert_eq!(nodes.body["data"]["nodes"], json!([null, {"id": new["node_id"]}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_out_of_sight_is_a_404() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    act(
        &trackers,
        json!({"repo": "acme/platform", "do": "set_permission", "login": "acme-bot", "permission": "none"}),
    )
    .await;
    act(&trackers, json!({"issue": "acme/payments#1", "do": "transfer", "to": "acme/platform"})).await;
    assert_eq!(trackers.get(&format!("{ISSUES}/1")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_redirects() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    act(&trackers, json!({"repo": "acme/payments", "do": "rename", "to": "acme/billing"})).await;
    let moved = trackers.get(&format!("{ISSUES}/1")).await;
    assert_eq!(moved.status, 301);
    assert!(moved.header("location").ends_with("/repositories/500001/issues/1"));
    let found = trackers.get("/repos/acme/billing/issues/1").await;
    assert!(found.body["repository_url"].as_str().unwrap().ends_with("/repos/acme/billing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_issue_is_gone_for_readers_and_absent_for_strangers() {
    let trackers = sandbox().await;
    trackers.open_issue("acme/payments", json!({"title": "T"})).await;
    act(&trackers, json!({"issue": "acme/payments#1", "do": "delete"})).await;
    assert_eq!(trackers.get(&format!("{ISSUES}/1")).await.status, 410);
    let stranger = trackers.github_as(Auth::None, "GET", &format!("{ISSUES}/1"), Value::Null).await;
    assert_eq!(stranger.status, 404);
    let next = first_issue(&trackers).await;
    assert_eq!(next["number"], 2, "a number is never used twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_issues_are_gone_on_create() {
    let trackers = sandbox().await;
    act(&trackers, json!({"repo": "acme/payments", "do": "set_has_issues", "enabled": false})).await;
    let refused = trackers.github("POST", ISSUES, json!({"title": "T"})).await;
    assert_eq!(refused.status, 410);
    assert_eq!(trackers.get("/repos/acme/payments").await.body["has_issues"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_repository_is_read_only() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    act(&trackers, json!({"repo": "acme/payments", "do": "archive"})).await;
    let refused = trackers.github("PATCH", &format!("{ISSUES}/1"), json!({"state": "closed"})).await;
    assert_eq!(
        (refused.status, &refused.body["message"]),
        (403, &json!("Repository was archived so is read-only."))
    );
    assert_eq!(trackers.get(&format!("{ISSUES}/1")).await.status, 200);
}
