//! GitHub as the sandbox plays it: every trap a plain fact.

use serde_json::{Value, json};

use crate::support::{Auth, BOT, Reply, Trackers, sandbox};

const ISSUES: &str = "/repos/acme/payments/issues";

/// A token of ana's with these rights.
async fn limited(trackers: &Trackers, right: &str) -> Auth<'static> {
    let token = json!({"token": "limited", "login": "ana", "repositories": {"acme/payments": right, "acme/website": right}});
    trackers.control("POST", "/world/add", json!({"github": {"tokens": [token]}})).await;
    Auth::Bearer("limited")
}

async fn act(trackers: &Trackers, deed: Value) -> Value {
    let mut whole = json!({"as": "ana", "tracker": "github"});
    whole.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
    trackers.control("POST", "/act", whole).await
}

async fn first_issue(trackers: &Trackers) -> Value {
    trackers.open_issue("acme/payments", json!({"title": "Rotate keys", "body": "x"})).await
}

async fn with_header(trackers: &Trackers, path: &str, header: (&str, &str)) -> Reply {
    let url = format!("{}{path}", trackers.sandbox.addresses.github);
    trackers.request("GET", &url, BOT, &[header], None).await.unwrap()
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
async fn the_primary_limit_is_told_and_enforced() {
    let trackers = sandbox().await;
    trackers
        .control("POST", "/settings", json!({"github": {"primary_limit": 2, "primary_status": 429}}))
        .await;
    let first = trackers.get(ISSUES).await;
    assert_eq!((first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")), ("2", "1"));
    assert_eq!(first.header("x-ratelimit-resource"), "core");
    trackers.get(ISSUES).await;
    let refused = trackers.get(ISSUES).await;
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (429, "0"));
    assert_eq!(trackers.get("/rate_limit").await.body["rate"]["remaining"], 0, "asking is free");
    trackers.control("POST", "/clock", json!({"advance_ms": 3_600_000})).await;
    assert_eq!(trackers.get(ISSUES).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_too_fast_meets_the_secondary_limit() {
    let trackers = sandbox().await;
    trackers.control("POST", "/settings", json!({"github": {"content_per_minute": 1}})).await;
    first_issue(&trackers).await;
    let refused = trackers.github("POST", ISSUES, json!({"title": "T"})).await;
    assert_eq!((refused.status, refused.header("retry-after")), (403, "60"));
    trackers.control("POST", "/settings", json!({"github": {"secondary_retry_after": null}})).await;
    let refused = trackers.github("POST", &format!("{ISSUES}/1/comments"), json!({"body": "c"})).await;
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (403, ""),
        "headers really are sometimes absent"
    );
    trackers.control("POST", "/clock", json!({"advance_ms": 60_000})).await;
    assert_eq!(trackers.github("POST", ISSUES, json!({"title": "T"})).await.status, 201);
    trackers
        .control(
            "POST",
            "/settings",
            json!({"github": {"content_per_minute": null, "content_per_hour": null}}),
        )
        .await;
    assert_eq!(trackers.github("POST", ISSUES, json!({"title": "T"})).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_answer_is_a_304_for_the_same_token_only_and_free() {
    let trackers = sandbox().await;
    first_issue(&trackers).await;
    let first = trackers.get(ISSUES).await;
    let (etag, left) = (first.header("etag"), first.header("x-ratelimit-remaining"));
    let second = with_header(&trackers, ISSUES, ("if-none-match", etag)).await;
    assert_eq!((second.status, second.header("x-ratelimit-remaining")), (304, left));
    let other = limited(&trackers, "push").await;
    let theirs = trackers.github_as(other, "GET", ISSUES, Value::Null).await;
    assert_ne!(theirs.header("etag"), etag);
    trackers.github("PATCH", &format!("{ISSUES}/1"), json!({"title": "New"})).await;
    assert_eq!(with_header(&trackers, ISSUES, ("if-none-match", etag)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_api_version_is_refused_and_the_new_one_has_no_single_assignee() {
    let trackers = sandbox().await;
    trackers.open_issue("acme/payments", json!({"title": "T", "assignees": ["ana"]})).await;
    let refused = with_header(&trackers, ISSUES, ("x-github-api-version", "2019-01-01")).await;
    assert_eq!(refused.status, 400);
    let new = with_header(&trackers, ISSUES, ("x-github-api-version", "2026-03-10")).await;
    assert!(new.body[0].get("assignee").is_none() && new.body[0]["assignees"][0]["login"] == "ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_token_is_refused_and_nobody_sees_only_public_things() {
    let trackers = sandbox().await;
    let refused = trackers.github_as(Auth::Bearer("wrong"), "GET", "/user", Value::Null).await;
    assert_eq!((refused.status, &refused.body["message"]), (401, &json!("Bad credentials")));
    let private = trackers.github_as(Auth::None, "GET", "/repos/acme/payments", Value::Null).await;
    let public = trackers.github_as(Auth::None, "GET", "/repos/acme/website", Value::Null).await;
    assert_eq!((private.status, public.status), (404, 200));
    act(&trackers, json!({"repo": "acme/website", "do": "set_visibility", "private": true})).await;
    let hidden = trackers.github_as(Auth::None, "GET", "/repos/acme/website", Value::Null).await;
    assert_eq!(hidden.status, 404);
    let anonymous = trackers.github_as(Auth::None, "GET", "/user", Value::Null).await;
    assert_eq!(anonymous.status, 401);
    assert_eq!(trackers.get("/user").await.body["login"], "acme-bot");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_trades_a_jwt_for_an_installation_token() {
    let trackers = sandbox().await;
    let claims =
        data_encoding::BASE64URL_NOPAD.encode(br#"{"iss":"4242","iat":1790000000,"exp":1790000540}"#);
    let jwt = format!("e30.{claims}.c2ln");
    let signed = Auth::Bearer(&jwt);
    let found = trackers.github_as(signed, "GET", "/repos/acme/payments/installation", Value::Null).await;
    assert_eq!(found.status, 404, "an app sees a private repository only through an installation");
    let installations = trackers.github_as(signed, "GET", "/app/installations", Value::Null).await;
    assert_eq!(installations.body[0]["id"], 77);
    let minted = trackers.github_as(signed, "POST", "/app/installations/77/access_tokens", Value::Null).await;
    assert_eq!(minted.status, 201);
    let secret = minted.body["token"].as_str().unwrap().to_owned();
    assert!(secret.len() > 500 && secret.matches('.').count() == 2);
    let token = Auth::Bearer(&secret);
    let made = trackers.github_as(token, "POST", ISSUES, json!({"title": "T", "assignees": ["ana"]})).await;
    assert_eq!(made.body["user"]["login"], "postmortem-sync[bot]");
    assert_eq!(made.body["assignees"][0]["login"], "ana");
    let repos = trackers.github_as(token, "GET", "/installation/repositories", Value::Null).await;
    assert_eq!(repos.body["total_count"], 2);
    assert_eq!(trackers.github_as(token, "GET", "/user", Value::Null).await.status, 403);
    trackers.control("POST", "/clock", json!({"advance_ms": 3_600_000})).await;
    assert_eq!(trackers.github_as(token, "GET", ISSUES, Value::Null).await.status, 401, "it lives one hour");
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
