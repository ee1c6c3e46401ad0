//! The sandbox's own answers, held against the vendors' descriptions.

use serde_json::{Value, json};

use crate::{
    specs::Checker,
    support::{Reply, Trackers, sandbox},
};

/// One of everything on GitHub.
async fn exercise_github(trackers: &Trackers) {
    let issues = "/repos/acme/payments/issues";
    let draft = json!({"title": "T", "body": "b", "labels": ["security"], "assignees": ["ana"]});
    trackers.open_issue("acme/payments", draft).await;
    trackers.github("POST", &format!("{issues}/1/comments"), json!({"body": "c"})).await;
    trackers.github("POST", &format!("{issues}/1/assignees"), json!({"assignees": ["bo"]})).await;
    trackers.github("DELETE", &format!("{issues}/1/assignees"), json!({"assignees": ["bo"]})).await;
    trackers.github("POST", &format!("{issues}/1/labels"), json!({"labels": ["new"]})).await;
    trackers.github("PUT", &format!("{issues}/1/labels"), json!({"labels": ["bug"]})).await;
    trackers
        .github(
            "PATCH",
            &format!("{issues}/1"),
            json!({"title": "U", "state": "closed", "state_reason": "completed"}),
        )
        .await;
    trackers.github("POST", "/repos/acme/payments/labels", json!({"name": "pm", "color": "ff0000"})).await;
    let deed = json!({"as": "ana", "tracker": "github", "repo": "acme/payments", "do": "open_issue", "title": "A PR", "pull_request": true});
    trackers.control("POST", "/act", deed).await;
    for path in [
        "/user",
        "/rate_limit",
        "/repos/acme/payments",
        "/repos/acme/payments/assignees",
        "/repos/acme/payments/labels",
        "/repos/acme/payments/assignees/ana",
        "/repos/acme/payments/labels/pm",
        "/orgs/acme/issues?filter=all&state=all",
        "/repos/acme/payments/collaborators/ana/permission",
        "/search/issues?q=T",
        "/users/ana",
    ] {
        trackers.get(path).await;
    }
    for path in [
        "?state=all&sort=updated",
        "/1",
        "/1/events",
        "/1/timeline",
        "/1/comments",
        "/1/labels",
        "/comments",
        "/99",
    ] {
        trackers.get(&format!("{issues}{path}")).await;
        trackers.get(&format!("/api/v3{issues}{path}")).await;
    }
}

/// One of everything in a Jira; the wording is what differs between the editions.
async fn exercise_jira(trackers: &Trackers, is_cloud: bool) {
    let (project, text) = if is_cloud {
        let paragraph = json!({"type": "paragraph", "content": [{"type": "text", "text": "x"}]});
        ("PLAT", json!({"type": "doc", "version": 1, "content": [paragraph]}))
    } else {
        ("OPS", json!("x"))
    };
    let call = async |method: &str, path: &str, body: Value| {
        if is_cloud { trackers.jira(method, path, body).await } else { trackers.dc(method, path, body).await }
    };
    let fields = json!({"project": {"key": project}, "issuetype": {"name": "Bug"}, "summary": "S", "labels": ["pm"], "description": text});
    let property = json!([{"key": "pm.finding", "value": {"id": "F1"}}]);
    call("POST", "/issue", json!({"fields": fields, "properties": property})).await;
    let issue = format!("/issue/{project}-1");
    call("PUT", &issue, json!({"fields": {"duedate": "2026-12-01"}, "update": {"labels": [{"add": "x"}]}}))
        .await;
    let me = call("GET", "/myself", Value::Null).await.body;
    let person = if is_cloud { json!({"accountId": me["accountId"]}) } else { json!({"name": me["name"]}) };
    call("PUT", &format!("{issue}/assignee"), person).await;
    call("POST", &format!("{issue}/comment"), json!({"body": text})).await;
    call("PUT", &format!("{issue}/properties/k"), json!({"a": 1})).await;
    call(
        "POST",
        &format!("{issue}/remotelink"),
        json!({"globalId": "g", "object": {"url": "https://acme.example", "title": "F"}}),
    )
    .await;
    let done = json!({"transition": {"id": "41"}, "fields": {"resolution": {"name": "Done"}}});
    call("POST", &format!("{issue}/transitions"), done).await;
    for path in [
        "",
        "?expand=changelog&properties=pm.finding",
        "/comment",
        "/properties",
        "/properties/k",
        "/remotelink",
        "/transitions?expand=transitions.fields",
        "/editmeta",
    ] {
        call("GET", &format!("{issue}{path}"), Value::Null).await;
    }
    for path in ["/serverInfo", "/status", "/resolution", "/priority", "/field", "/project"] {
        call("GET", path, Value::Null).await;
    }
    for path in [
        format!("/project/{project}"),
        format!("/project/{project}/statuses"),
        "/issue/NOPE-1".to_owned(),
        format!("/issue/createmeta/{project}/issuetypes"),
        format!("/issue/createmeta/{project}/issuetypes/10001"),
        format!("/mypermissions?projectKey={project}&permissions=CREATE_ISSUES"),
    ] {
        let path = if is_cloud { path } else { path.replace("&permissions=CREATE_ISSUES", "") };
        call("GET", &path, Value::Null).await;
    }
    exercise_jira_parts(&call, &issue, &fields, &text).await;
}

/// What hangs on an issue, one by one, until the issue itself goes.
async fn exercise_jira_parts(
    call: &impl AsyncFn(&str, &str, Value) -> Reply,
    issue: &str,
    fields: &Value,
    text: &Value,
) {
    let second = json!({"fields": {"project": fields["project"], "issuetype": {"name": "Nothing"}}});
    call("POST", "/issue/bulk", json!({"issueUpdates": [{"fields": fields}, second]})).await;
    let comments = call("GET", &format!("{issue}/comment?orderBy=created"), Value::Null).await.body;
    let comment = format!("{issue}/comment/{}", comments["comments"][0]["id"].as_str().unwrap());
    call("PUT", &comment, json!({"body": text})).await;
    call("GET", &comment, Value::Null).await;
    call("DELETE", &comment, Value::Null).await;
    let links = call("GET", &format!("{issue}/remotelink"), Value::Null).await.body;
    let link = format!("{issue}/remotelink/{}", links[0]["id"]);
    call("GET", &link, Value::Null).await;
    call("DELETE", &link, Value::Null).await;
    call("DELETE", &format!("{issue}/properties/k"), Value::Null).await;
    call("DELETE", issue, Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_answers_as_the_descriptions_say() {
    let Some(mut checker) = Checker::load() else { return };
    let trackers = sandbox().await;
    exercise_github(&trackers).await;
    exercise_jira(&trackers, true).await;
    exercise_jira(&trackers, false).await;
    trackers
        .jira(
            "POST",
            "/search/jql",
            json!({"jql": "labels = pm", "fields": ["*all"], "properties": ["pm.finding"], "maxResults": 1}),
        )
        .await;
    let fetch = json!({"issueIdsOrKeys": ["PLAT-1"], "fields": ["*all"], "expand": ["changelog"], "properties": ["pm.finding"]});
    trackers.jira("POST", "/issue/bulkfetch", fetch).await;
    trackers
        .jira("POST", "/changelog/bulkfetch", json!({"issueIdsOrKeys": ["PLAT-1"], "fieldIds": ["status"]}))
        .await;
    trackers.jira("POST", "/search/approximate-count", json!({"jql": "labels = pm"})).await;
    for path in [
        "/issue/PLAT-1/changelog",
        "/user/search?query=ana",
        "/user/assignable/search?project=PLAT",
        "/project/search",
    ] {
        trackers.jira("GET", path, Value::Null).await;
    }
    let me = trackers.jira("GET", "/myself", Value::Null).await.body["accountId"].clone();
    trackers.jira("GET", &format!("/user?accountId={}", me.as_str().unwrap()), Value::Null).await;
    trackers.jira("GET", "/search/jql?jql=labels%20%3D%20pm&fields=summary", Value::Null).await;
    trackers.dc("GET", "/user?username=ana", Value::Null).await;
    trackers.dc("GET", "/search?jql=labels%20%3D%20pm&fields=summary", Value::Null).await;
    trackers.dc("POST", "/search", json!({"jql": "labels = pm", "startAt": 0, "maxResults": 5})).await;
    trackers.dc("GET", "/user/assignable/search?project=OPS&username=ana", Value::Null).await;
    let report = checker.check_log(&trackers.sandbox.world().log());
    report.assert_clean();
    assert!(report.n_requests > 115 && report.n_responses > 110, "{report:?}");
}
