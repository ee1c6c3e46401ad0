//! GitHub as the sandbox plays it: every trap a plain fact.

use serde_json::{Value, json};

use crate::support::{Auth, Trackers, sandbox};

pub(crate) const ISSUES: &str = "/repos/acme/payments/issues";

/// A token of ana's with these rights.
pub(crate) async fn limited(trackers: &Trackers, right: &str) -> Auth<'static> {
    let token = json!({"token": "limited", "login": "ana", "repositories": {"acme/payments": right, "acme/website": right}});
    trackers.control("POST", "/world/add", json!({"github": {"tokens": [token]}})).await;
    Auth::Bearer("limited")
}

pub(crate) async fn act(trackers: &Trackers, deed: Value) -> Value {
    let mut whole = json!({"as": "ana", "tracker": "github"});
    whole.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
    trackers.control("POST", "/act", whole).await
}

pub(crate) async fn first_issue(trackers: &Trackers) -> Value {
    trackers.open_issue("acme/payments", json!({"title": "Rotate keys", "body": "x"})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn assignees_labels_and_type_are_dropped_silently_without_push() {
    let trackers = sandbox().await;
    let reader = limited(&trackers, "read").await;
    let draft =
        json!({"title": "T", "body": "b", "assignees": ["ana"], "labels": ["security"], "type": "Bug"});
    let made = trackers.github_as(reader, "POST", ISSUES, draft).await;
    assert_eq!(made.status, 201);
    assert_eq!(
        (&made.body["assignees"], &made.body["labels"], &made.body["body"]),
        (&json!([]), &json!([]), &json!("b"))
    );
    assert!(made.body.get("type").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_triager_may_close_but_his_assignees_are_dropped() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    let triager = limited(&trackers, "triage").await;
    let change = json!({"state": "closed", "assignees": ["bo"]});
    let closed = trackers.github_as(triager, "PATCH", &format!("{ISSUES}/1"), change).await;
    assert_eq!(
        (closed.status, &closed.body["state"], &closed.body["assignees"]),
        (200, &json!("closed"), &json!([]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_may_not_edit_what_others_opened() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    let reader = limited(&trackers, "read").await;
    let refused = trackers.github_as(reader, "PATCH", &format!("{ISSUES}/1"), json!({"title": "no"})).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.body["message"], "Resource not accessible by personal access token");
    assert_eq!(refused.header("x-accepted-github-permissions"), "issues=write");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignee_without_access_is_dropped_silently() {
    let trackers = sandbox().await;
    act(
        &trackers,
        json!({"repo": "acme/payments", "do": "set_permission", "login": "eli", "permission": "none"}),
    )
    .await;
    first_issue(&trackers).await;
    let given = json!({"assignees": ["eli", "ana"]});
    let reply = trackers.github("POST", &format!("{ISSUES}/1/assignees"), given).await;
    assert_eq!(reply.status, 201);
    let logins: Vec<&Value> =
        reply.body["assignees"].as_array().unwrap().iter().map(|user| &user["login"]).collect();
    assert_eq!(logins, ["ana"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignee_without_access_is_refused_by_patch_and_create() {
    let trackers = sandbox().await;
    act(
        &trackers,
        json!({"repo": "acme/payments", "do": "set_permission", "login": "eli", "permission": "none"}),
    )
    .await;
    first_issue(&trackers).await;
    let refused = trackers.github("PATCH", &format!("{ISSUES}/1"), json!({"assignees": ["eli"]})).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["code"]), (422, &json!("invalid")));
    let refused = trackers.github("POST", ISSUES, json!({"title": "T", "assignees": ["ghost"]})).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["value"]), (422, &json!("ghost")));
}

#[tokio::test(flavor = "multi_thread")]
async fn assignees_are_checked_added_and_removed_one_by_one() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    assert_eq!(trackers.get("/repos/acme/payments/assignees/ana").await.status, 204);
    assert_eq!(trackers.get("/repos/acme/payments/assignees/ghost").await.status, 404);
    let path = format!("{ISSUES}/1/assignees");
    trackers.github("POST", &path, json!({"assignees": ["ana", "bo"]})).await;
    let left = trackers.github("DELETE", &path, json!({"assignees": ["ANA"]})).await;
    assert_eq!((left.status, &left.body["assignee"]["login"]), (200, &json!("bo")));
    assert_eq!(trackers.get("/repos/acme/payments/assignees").await.body.as_array().unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_has_ten_assignees_at_most() {
    let trackers = sandbox().await;
    let people: Vec<Value> = (0..11).map(|n| json!({"login": format!("p{n}")})).collect();
    let permissions: Value =
        (0..11).map(|n| (format!("p{n}"), json!("push"))).collect::<serde_json::Map<_, _>>().into();
    let repo = json!({"full_name": "acme/payments", "permissions": permissions});
    trackers
        .control("POST", "/world/add", json!({"people": people, "github": {"repositories": [repo]}}))
        .await;
    first_issue(&trackers).await;
    let logins: Vec<String> = (0..11).map(|n| format!("p{n}")).collect();
    let refused = trackers.github("PATCH", &format!("{ISSUES}/1"), json!({"assignees": logins})).await;
    assert_eq!(refused.status, 422);
    let taken = trackers.github("PATCH", &format!("{ISSUES}/1"), json!({"assignees": &logins[..10]})).await;
    assert_eq!(taken.body["assignees"].as_array().unwrap().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn pull_requests_are_among_the_issues() {
    let trackers = sandbox().await;
    act(
        &trackers,
        json!({"repo": "acme/payments", "do": "open_issue", "title": "A PR", "pull_request": true}),
    )
    .await;
    first_issue(&trackers).await;
    let list = trackers.get(ISSUES).await.body;
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(list[1]["pull_request"]["url"].is_string() && list[0].get("pull_request").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_counts_only_when_the_state_changes() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    let path = format!("{ISSUES}/1");
    trackers.github("PATCH", &path, json!({"state": "closed"})).await;
    let again =
        trackers.github("PATCH", &path, json!({"state": "closed", "state_reason": "not_planned"})).await;
    assert_eq!(again.body["state_reason"], "completed");
    assert_eq!(again.body["closed_by"]["login"], "acme-bot");
    let reopened =
        trackers.github("PATCH", &path, json!({"state": "open", "state_reason": "completed"})).await;
    assert_eq!(
        (&reopened.body["state_reason"], &reopened.body["closed_by"]),
        (&json!("reopened"), &Value::Null)
    );
    let refused = trackers.github("PATCH", &path, json!({"state": "closed", "state_reason": "bored"})).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_labels_are_made_on_the_fly_unless_told_otherwise() {
    let trackers = sandbox().await;
    let made =
        trackers.open_issue("acme/payments", json!({"title": "T", "labels": ["pm1-abc", "Security"]})).await;
    assert_eq!(made["labels"][0]["color"], "ededed");
    assert_eq!(made["labels"][1]["name"], "security", "the repository's spelling");
    assert_eq!(trackers.get("/repos/acme/payments/labels/PM1-ABC").await.status, 200);
    trackers.control("POST", "/settings", json!({"github": {"create_labels": false}})).await;
    let refused = trackers.github("POST", ISSUES, json!({"title": "T", "labels": ["new"]})).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_made_edited_and_deleted() {
    let trackers = sandbox().await;
    let labels = "/repos/acme/payments/labels";
    let made = trackers.github("POST", labels, json!({"name": "pm two", "color": "ff0000"})).await;
    assert_eq!(made.status, 201);
    let twice = trackers.github("POST", labels, json!({"name": "PM two", "color": "ff0000"})).await;
    assert_eq!((twice.status, &twice.body["errors"][0]["code"]), (422, &json!("already_exists")));
    first_issue(&trackers).await;
    let added = trackers.github("POST", &format!("{ISSUES}/1/labels"), json!({"labels": ["pm two"]})).await;
    assert_eq!((added.status, &added.body[0]["name"]), (200, &json!("pm two")));
    trackers.github("PATCH", &format!("{labels}/pm%20two"), json!({"new_name": "pm3"})).await;
    assert_eq!(trackers.get(&format!("{ISSUES}/1")).await.body["labels"][0]["name"], "pm3");
    assert_eq!(trackers.github("DELETE", &format!("{labels}/pm3"), Value::Null).await.status, 204);
    assert_eq!(trackers.get(&format!("{ISSUES}/1")).await.body["labels"], json!([]));
    let gone = trackers.github("DELETE", &format!("{ISSUES}/1/labels/pm3"), Value::Null).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_open_issues_thirty_at_a_time_with_absolute_links() {
    let trackers = sandbox().await;
    let repo = json!({"full_name": "acme/payments", "bulk_issues": 250, "issues": [{"title": "Shut", "closed": true}]});
    trackers.control("POST", "/world/add", json!({"github": {"repositories": [repo]}})).await;
    assert_eq!(trackers.get(ISSUES).await.body.as_array().unwrap().len(), 30);
    let page = trackers.get(&format!("{ISSUES}?state=all&per_page=500")).await;
    assert_eq!(page.body.as_array().unwrap().len(), 100);
    let (base, link) = (&trackers.sandbox.addresses.github, page.header("link"));
    assert!(
        link.contains(&format!(
            "<{base}/repositories/500001/issues?state=all&per_page=500&page=2>; rel=\"next\""
        )),
        "{link}"
    );
    assert!(link.contains("page=3>; rel=\"last\""), "{link}");
    let enterprise = trackers.get(&format!("/api/v3{ISSUES}")).await;
    assert!(
        enterprise.header("link").contains(&format!("<{base}/api/v3/repositories/")),
        "{}",
        enterprise.header("link")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn since_includes_its_own_second() {
    let trackers = sandbox().await;
    let issue = first_issue(&trackers).await;
    let stamp = issue["updated_at"].as_str().unwrap();
    let list = trackers.get(&format!("{ISSUES}?since={stamp}")).await;
    assert_eq!(list.body.as_array().unwrap().len(), 1);
    trackers.control("POST", "/clock", json!({"advance_ms": 1000})).await;
    let later = trackers.control("GET", "/clock", Value::Null).await;
    let list = trackers.get(&format!("{ISSUES}?since={}", later["now"].as_str().unwrap())).await;
    assert_eq!(list.body, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_filter_by_label_creator_and_assignee() {
    let trackers = sandbox().await;
    trackers
        .open_issue(
            "acme/payments",
            json!({"title": "A", "labels": ["security", "bug"], "assignees": ["ana"]}),
        )
        .await;
    trackers.open_issue("acme/payments", json!({"title": "B", "labels": ["security"]})).await;
    for (query, n) in [
        ("labels=security,bug", 1),
        ("labels=security", 2),
        ("creator=acme-bot", 2),
        ("creator=ana", 0),
        ("assignee=ana", 1),
        ("assignee=none", 1),
    ] {
        assert_eq!(
            trackers.get(&format!("{ISSUES}?{query}")).await.body.as_array().unwrap().len(),
            n,
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_issue_is_invisible_in_lists_and_search_for_a_while() {
    let trackers = sandbox().await;
    let lags = json!({"github": {"list_lag_ms": 5000, "search_lag_ms": 60_000}});
    trackers.control("POST", "/settings", lags).await;
    first_issue(&trackers).await;
    let search = "/search/issues?q=repo:acme/payments+is:issue+Rotate";
    assert_eq!(trackers.get(ISSUES).await.body, json!([]));
    assert_eq!(trackers.get(&format!("{ISSUES}/1")).await.status, 200, "a direct GET sees it at once");
    trackers.control("POST", "/clock", json!({"advance_ms": 5000})).await;
    assert_eq!(trackers.get(ISSUES).await.body.as_array().unwrap().len(), 1);
    assert_eq!(trackers.get(search).await.body["total_count"], 0);
    trackers.control("POST", "/clock", json!({"advance_ms": 55_000})).await;
    assert_eq!(trackers.get(search).await.body["total_count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_refused_in_githubs_words() {
    let trackers = sandbox().await;
    let refused = trackers.github("POST", ISSUES, json!({"title": "T", "body": "é".repeat(65_537)})).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.body["errors"][0]["message"], "body is too long (maximum is 65536 characters)");
    let refused = trackers.github("POST", ISSUES, json!({"body": "no title"})).await;
    assert_eq!(refused.body["errors"][0]["code"], "missing_field");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_close_comment_and_lock_and_the_timeline_says_who() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    for deed in [
        json!({"do": "comment", "body": "on it"}),
        json!({"do": "assign", "assignee": "bo"}),
        json!({"do": "close", "reason": "duplicate"}),
        json!({"do": "lock"}),
    ] {
        let mut deed = deed;
        deed["issue"] = json!("acme/payments#1");
        act(&trackers, deed).await;
    }
    let timeline = trackers.get(&format!("{ISSUES}/1/timeline")).await.body;
    let told: Vec<(&str, &str)> = timeline
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["event"].as_str().unwrap(), event["actor"]["login"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("commented", "ana"), ("assigned", "ana"), ("closed", "ana"), ("locked", "ana")]);
    let events = trackers.get(&format!("{ISSUES}/1/events")).await.body;
    assert_eq!(events[1]["state_reason"], "duplicate");
    let reader = limited(&trackers, "read").await;
    let refused =
        trackers.github_as(reader, "POST", &format!("{ISSUES}/1/comments"), json!({"body": "x"})).await;
    assert_eq!(refused.status, 403);
    let made = trackers.github("POST", &format!("{ISSUES}/1/comments"), json!({"body": "x"})).await;
    let edited = trackers
        .github("PATCH", &format!("{ISSUES}/comments/{}", made.body["id"]), json!({"body": "y"}))
        .await;
    assert_eq!((made.status, edited.status, &edited.body["body"]), (201, 200, &json!("y")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issues_of_an_organization_are_one_list() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    trackers.open_issue("acme/platform", json!({"title": "Other"})).await;
    let list = trackers.get("/orgs/acme/issues?filter=all&state=all").await;
    assert_eq!(list.body.as_array().unwrap().len(), 2);
    assert_eq!(list.body[0]["repository"]["full_name"], "acme/platform");
}
