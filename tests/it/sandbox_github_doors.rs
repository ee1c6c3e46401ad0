//! GitHub's doors as the sandbox plays them: limits, entity tags, versions, tokens, apps.

use serde_json::{Value, json};

use crate::{
    sandbox_github::{ISSUES, act, first_issue, limited},
    support::{Auth, BOT, Reply, Trackers, sandbox},
};

async fn with_header(trackers: &Trackers, path: &str, header: (&str, &str)) -> Reply {
    let url = format!("{}{path}", trackers.sandbox.addresses.github);
    trackers.request("GET", &url, BOT, &[header], None).await.unwrap()
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
