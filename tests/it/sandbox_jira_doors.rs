//! Jira Cloud's doors as the sandbox plays them: credentials, anonymity, permissions, limits.

use serde_json::{Value, json};

use crate::{
    sandbox_jira::{act, read},
    support::{Auth, sandbox},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_token_is_refused_or_looks_anonymous() {
    let trackers = sandbox().await;
    let wrong = Auth::Basic("bot@acme.example", "wrong");
    trackers.create_jira(json!({"labels": ["pm-1"]})).await;
    let query = json!({"jql": "project = PLAT"});
    assert_eq!(trackers.jira_as(wrong, "POST", "/search/jql", query.clone()).await.status, 401);
    let mixed = Auth::Basic("ana@acme.example", "sandbox-jira-token");
    assert_eq!(
        trackers.jira_as(mixed, "GET", "/myself", Value::Null).await.status,
        401,
        "the address must fit the token"
    );
    trackers.control("POST", "/settings", json!({"jira": {"anonymous_looking": true}})).await;
    let empty = trackers.jira_as(wrong, "POST", "/search/jql", query).await;
    assert_eq!((empty.status, &empty.body["issues"]), (200, &json!([])));
    let projects = trackers.jira_as(wrong, "GET", "/project", Value::Null).await;
    assert_eq!((projects.status, projects.body), (200, json!([])));
    assert_eq!(trackers.jira_as(wrong, "GET", "/myself", Value::Null).await.status, 401, "the probe tells");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_may_be_readable_by_anybody() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    let path = format!("/issue/{key}");
    assert_eq!(trackers.jira_as(Auth::None, "GET", &path, Value::Null).await.status, 404);
    assert_eq!(trackers.jira_as(Auth::None, "GET", "/project/PLAT", Value::Null).await.status, 404);
    act(&trackers, json!({"project": "PLAT", "do": "set_anonymous", "readable": true})).await;
    assert_eq!(trackers.jira_as(Auth::None, "GET", &path, Value::Null).await.status, 200);
    assert_eq!(trackers.jira_as(Auth::None, "GET", "/project/PLAT", Value::Null).await.body["key"], "PLAT");
    let write = trackers.jira_as(Auth::None, "PUT", &path, json!({"fields": {"summary": "x"}})).await;
    assert_eq!(write.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_and_people_are_told() {
    let trackers = sandbox().await;
    let mine = trackers
        .jira(
            "GET",
            "/mypermissions?projectKey=PLAT&permissions=CREATE_ISSUES,ADMINISTER_PROJECTS",
            Value::Null,
        )
        .await
        .body;
    assert_eq!(mine["permissions"]["CREATE_ISSUES"]["havePermission"], true);
    assert_eq!(mine["permissions"]["ADMINISTER_PROJECTS"]["havePermission"], false);
    assert_eq!(trackers.jira("GET", "/mypermissions", Value::Null).await.status, 400);
    let me = trackers.jira("GET", "/myself", Value::Null).await.body;
    assert_eq!((&me["emailAddress"], &me["timeZone"]), (&json!("bot@acme.example"), &json!("Etc/UTC")));
    let strict = trackers.jira("GET", "/user/search?username=ana", Value::Null).await;
    assert_eq!(strict.status, 400);
    trackers.control("POST", "/settings", json!({"jira": {"hide_email": true}})).await;
    assert_eq!(trackers.jira("GET", "/user/search?query=ana@acme", Value::Null).await.body, json!([]));
    assert_eq!(trackers.jira("GET", "/serverInfo", Value::Null).await.body["deploymentType"], "Cloud");
    assert_eq!(trackers.jira("GET", "/resolution", Value::Null).await.body[1]["name"], "Won't Do");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_writes_to_one_issue_are_refused() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    trackers.control("POST", "/settings", json!({"jira": {"issue_writes_per_2s": 2}})).await;
    let mut last = None;
    for n in 0..3 {
        last = Some(
            trackers
                .jira("PUT", &format!("/issue/{key}"), json!({"fields": {"summary": format!("S{n}")}}))
                .await,
        );
    }
    let refused = last.unwrap();
    assert_eq!((refused.status, refused.header("ratelimit-reason")), (429, "jira-per-issue-on-write"));
    assert_eq!(read(&trackers, &key).await["summary"], "S1");
    trackers.control("POST", "/clock", json!({"advance_ms": 2000})).await;
    assert_eq!(
        trackers.jira("PUT", &format!("/issue/{key}"), json!({"fields": {"summary": "S"}})).await.status,
        204
    );
}
