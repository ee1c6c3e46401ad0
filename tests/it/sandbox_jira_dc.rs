//! Jira Data Center as the sandbox plays it, where it differs from Cloud.

use serde_json::{Value, json};

use crate::support::{CLOUD_BOT, DC_BOT, sandbox};

#[tokio::test(flavor = "multi_thread")]
async fn data_center_names_people_writes_wiki_and_pages_by_number() {
    let trackers = sandbox().await;
    let fields = json!({"project": {"key": "OPS"}, "issuetype": {"name": "Bug"}, "summary": "S", "description": "h1. Why", "assignee": {"name": "ana"}, "labels": ["pm-1"]});
    let made = trackers.dc("POST", "/issue", json!({"fields": fields})).await;
    assert_eq!(made.status, 201);
    let issue = trackers.dc("GET", "/issue/OPS-1", Value::Null).await.body;
    assert_eq!(
        (&issue["fields"]["description"], &issue["fields"]["assignee"]["name"]),
        (&json!("h1. Why"), &json!("ana"))
    );
    assert!(issue["fields"]["assignee"].get("accountId").is_none());
    let found = trackers
        .dc("POST", "/search", json!({"jql": "labels = pm-1", "startAt": 0, "maxResults": 10}))
        .await
        .body;
    assert_eq!((&found["total"], &found["issues"][0]["key"]), (&json!(1), &json!("OPS-1")));
    assert_eq!(trackers.dc("PUT", "/issue/OPS-1/assignee", json!({"name": "ghost"})).await.status, 400);
    assert_eq!(trackers.dc("PUT", "/issue/OPS-1/assignee", json!({"name": null})).await.status, 204);
    let assignable =
        trackers.dc("GET", "/user/assignable/search?project=OPS&username=bo@acme", Value::Null).await.body;
    assert_eq!(assignable[0]["name"], "bo");
    let types = trackers.dc("GET", "/issue/createmeta/OPS/issuetypes", Value::Null).await.body;
    assert_eq!(types["values"][0]["name"], "Bug");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_center_refuses_a_whole_query_for_one_missing_issue() {
    let trackers = sandbox().await;
    trackers
        .control(
            "POST",
            "/world/add",
            json!({"jira_dc": {"projects": [{"key": "OPS", "issues": [{"summary": "One"}]}]}}),
        )
        .await;
    assert_eq!(trackers.dc("GET", "/search?jql=key%20in%20(OPS-1)", Value::Null).await.body["total"], 1);
    assert_eq!(trackers.dc("GET", "/search?jql=key%20in%20(OPS-1,OPS-9)", Value::Null).await.status, 400);
    assert_eq!(trackers.dc("GET", "/search?jql=id%20in%20(10001,5)", Value::Null).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn data_center_has_no_bulkfetch_no_version_three_and_wants_a_bearer() {
    let trackers = sandbox().await;
    assert_eq!(
        trackers.dc("POST", "/issue/bulkfetch", json!({"issueIdsOrKeys": ["OPS-1"]})).await.status,
        404
    );
    let url = format!("{}/rest/api/3/myself", trackers.sandbox.addresses.jira_dc);
    assert_eq!(trackers.request("GET", &url, DC_BOT, &[], None).await.unwrap().status, 404);
    let url = format!("{}/rest/api/2/myself", trackers.sandbox.addresses.jira_dc);
    assert_eq!(trackers.request("GET", &url, CLOUD_BOT, &[], None).await.unwrap().status, 401);
    assert_eq!(trackers.dc("GET", "/myself", Value::Null).await.body["name"], "acme-bot");
}
