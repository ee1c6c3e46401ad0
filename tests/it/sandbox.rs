//! The sandbox as a whole: doors, control interface, log, clock, faults.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Auth, BOT, sandbox};

const ISSUES: &str = "/repos/acme/payments/issues";

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_goes_from_rest_to_state_and_log() {
    let trackers = sandbox().await;
    let draft = json!({"title": "Rotate keys", "labels": ["security"], "assignees": ["ana"]});
    let issue = trackers.open_issue("acme/payments", draft).await;
    assert_eq!(issue["number"], 1);
    let change = json!({"state": "closed", "state_reason": "not_planned"});
    let closed = trackers.github("PATCH", &format!("{ISSUES}/1"), change).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_world_has_its_people_repositories_and_projects() {
    let trackers = sandbox().await;
    let state = trackers.sandbox.world().state();
    assert_eq!(state["people"].as_array().unwrap().len(), 7, "five engineers, the bot and the app");
    let repos: Vec<&Value> =
        state["github"]["repositories"].as_array().unwrap().iter().map(|repo| &repo["full_name"]).collect();
    assert_eq!(repos, ["acme/payments", "acme/platform", "acme/website"]);
    assert_eq!(state["jira"]["projects"][0]["key"], "PLAT");
    assert_eq!(state["jira_dc"]["projects"][0]["key"], "OPS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_world_is_refused_and_the_old_one_stays() {
    let trackers = sandbox().await;
    let bad = json!({"people": [{"login": "zoe"}], "github": {"repositories": [{"name": "x"}]}});
    let refused = trackers.control_raw("POST", "/world", bad).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.body["error"].as_str().unwrap().contains("expected one of `full_name`"),
        "{}",
        refused.body
    );
    let late =
        json!({"people": [{"login": "zoe"}], "github": {"tokens": [{"token": "t", "login": "nobody"}]}});
    let refused = trackers.control_raw("POST", "/world", late).await;
    assert_eq!(refused.body["allowed"], json!(["zoe"]));
    assert_eq!(trackers.get("/repos/acme/payments").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_can_be_replaced_and_added_to() {
    let trackers = sandbox().await;
    let world = json!({
        "people": [{"login": "zoe"}],
        "github": {"tokens": [{"token": "z", "login": "zoe"}], "repositories": [{"full_name": "o/r"}]},
    });
    trackers.control("POST", "/world", world).await;
    let more = json!({"github": {"repositories": [{"full_name": "o/r", "issues": [{"title": "Old", "closed": true}]}]}});
    trackers.control("POST", "/world/add", more).await;
    let list = trackers.github_as(Auth::Bearer("z"), "GET", "/repos/o/r/issues?state=all", Value::Null).await;
    assert_eq!(list.body[0]["title"], "Old");
    assert_eq!(list.body[0]["state"], "closed");
    trackers.control("POST", "/world", Value::Null).await;
    assert_eq!(trackers.get("/repos/acme/payments").await.status, 200, "no body plants the demo world");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_operation_lists_what_there_is() {
    let trackers = sandbox().await;
    let refused = trackers.control_raw("GET", "/nonsense", Value::Null).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body["allowed"].as_array().unwrap().contains(&json!("POST /world")));
    let deed = json!({"as": "ana", "tracker": "github", "repo": "acme/payments", "do": "explode"});
    let refused = trackers.control_raw("POST", "/act", deed).await;
    assert!(refused.body["allowed"].as_array().unwrap().contains(&json!("archive")), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_setting_is_refused_by_name() {
    let trackers = sandbox().await;
    let refused = trackers.control_raw("POST", "/settings", json!({"github": {"lag": 1}})).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body["error"].as_str().unwrap().contains("list_lag_ms"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_moves_only_when_it_is_told_to() {
    let trackers = sandbox().await;
    let before = trackers.control("GET", "/clock", Value::Null).await;
    assert_eq!(before, trackers.control("GET", "/clock", Value::Null).await);
    trackers.control("POST", "/clock", json!({"advance_ms": 90_000})).await;
    let reply = trackers.get("/rate_limit").await;
    assert_ne!(before, trackers.control("GET", "/clock", Value::Null).await);
    let date = reply.header("date");
    assert!(date.ends_with("14:14:50 GMT"), "{date}");
    let refused = trackers.control_raw("POST", "/clock", json!({"advance_ms": -1})).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_can_be_filtered_cleared_and_reduced_to_counts() {
    let trackers = sandbox().await;
    trackers.open_issue("acme/payments", json!({"title": "One"})).await;
    trackers.get(ISSUES).await;
    let writes = trackers.control("GET", "/log?writes=true&tracker=github", Value::Null).await;
    assert_eq!(writes.as_array().unwrap().len(), 1);
    let counts = trackers.control("GET", "/log/counts", Value::Null).await;
    assert_eq!(counts["by_tracker"]["github"], json!({"GET": 1, "POST": 1}));
    assert_eq!(counts["writes_applied"], 1);
    assert_eq!(counts["writes_applied_by_tracker"], json!({"github": 1}));
    trackers.control("POST", "/settings", json!({"log": {"counts_only": true}})).await;
    trackers.control("DELETE", "/log", Value::Null).await;
    trackers.get(ISSUES).await;
    assert_eq!(trackers.sandbox.world().log(), json!([]));
    assert_eq!(trackers.sandbox.world().log_counts()["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_is_logged_by_its_size() {
    let trackers = sandbox().await;
    trackers.control("POST", "/settings", json!({"log": {"body_max": 100}})).await;
    trackers.open_issue("acme/payments", json!({"title": "Long", "body": "x".repeat(500)})).await;
    let log = trackers.sandbox.world().log();
    assert!(log[0]["request"]["omitted_bytes"].as_u64().unwrap() > 500);
    assert!(log[0]["response"]["omitted_bytes"].as_u64().unwrap() > 500);
}

/// Posts an issue under a fault; says whether an answer came and how many issues there are then.
async fn posted_under(action: Value) -> (Option<u16>, usize, Value) {
    let trackers = sandbox().await;
    let fault =
        json!({"tracker": "github", "method": "POST", "path": "/issues", "body": "Rotate", "action": action});
    trackers.control("POST", "/faults", fault).await;
    let url = format!("{}{ISSUES}", trackers.sandbox.addresses.github);
    let reply = trackers.request("POST", &url, BOT, &[], Some(json!({"title": "Rotate"}))).await;
    let state = trackers.sandbox.world().state();
    let n_issues = state["github"]["repositories"][0]["issues"].as_array().unwrap().len();
    (reply.ok().map(|reply| reply.status), n_issues, trackers.sandbox.world().log()[0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn drop_before_answers_nothing_and_does_nothing() {
    let (status, n_issues, entry) = posted_under(json!("drop_before")).await;
    assert_eq!((status, n_issues), (None, 0));
    assert_eq!((&entry["status"], &entry["applied"]), (&Value::Null, &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn drop_after_answers_nothing_but_does_it() {
    let (status, n_issues, entry) = posted_under(json!("drop_after")).await;
    assert_eq!((status, n_issues), (None, 1));
    assert_eq!((&entry["status"], &entry["applied"]), (&Value::Null, &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_answers_an_error_and_does_nothing() {
    let action = json!({"status": {"status": 502, "headers": {"retry-after": "3"}, "body": {"message": "bad gateway"}}});
    let (status, n_issues, entry) = posted_under(action).await;
    assert_eq!((status, n_issues, &entry["applied"]), (Some(502), 0, &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_after_answers_an_error_but_does_it() {
    let (status, n_issues, entry) = posted_under(json!({"status_after": {"status": 504}})).await;
    assert_eq!((status, n_issues, &entry["applied"]), (Some(504), 1, &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn truncate_does_it_and_answers_half() {
    let (status, n_issues, entry) = posted_under(json!("truncate")).await;
    assert_eq!((status, n_issues, &entry["status"]), (None, 1, &json!(201)));
}

#[tokio::test(flavor = "multi_thread")]
async fn delay_only_takes_its_time() {
    let (status, n_issues, _) = posted_under(json!({"delay": {"ms": 5}})).await;
    assert_eq!((status, n_issues), (Some(201), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn hang_never_answers_until_the_sandbox_stops() {
    let trackers = sandbox().await;
    trackers.control("POST", "/faults", json!({"action": "hang"})).await;
    let url = format!("{}{ISSUES}", trackers.sandbox.addresses.github);
    let (client, hung) = (trackers.client.clone(), url.clone());
    let hanging = tokio::spawn(async move { client.get(hung).send().await.is_err() });
    // The log knows the request as soon as it hangs.
    while trackers.sandbox.world().log_counts()["total"] == 0 {
        tokio::task::yield_now().await;
    }
    trackers.sandbox.stop().await;
    assert!(hanging.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_skips_then_fires_so_often_and_counts() {
    let trackers = sandbox().await;
    let fault = json!({"method": "GET", "path": "issues?state=all", "skip": 1, "times": 2, "action": {"status": {"status": 500}}});
    trackers.control("POST", "/faults", fault).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(trackers.get(&format!("{ISSUES}?state=all")).await.status);
        trackers.get(ISSUES).await;
    }
    assert_eq!(statuses, [200, 500, 500, 200]);
    let shown = trackers.control("GET", "/faults", Value::Null).await;
    assert_eq!((&shown[0]["fired"], &shown[0]["seen"]), (&json!(2), &json!(4)));
    trackers.control("DELETE", "/faults", Value::Null).await;
    assert_eq!(trackers.control("GET", "/faults", Value::Null).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_fault_lists_the_actions() {
    let trackers = sandbox().await;
    let refused = trackers.control_raw("POST", "/faults", json!({"action": "explode"})).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body["error"].as_str().unwrap().contains("drop_before"), "{}", refused.body);
    let refused =
        trackers.control_raw("POST", "/faults", json!({"tracker": "gitlab", "action": "hang"})).await;
    assert!(refused.body["error"].as_str().unwrap().contains("jira_dc"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_list_answers_a_read_with_nothing_in_it() {
    let trackers = sandbox().await;
    trackers.open_issue("acme/payments", json!({"title": "One"})).await;
    trackers.create_jira(json!({"labels": ["pm"]})).await;
    trackers.control("POST", "/faults", json!({"times": 2, "action": "empty_list"})).await;
    assert_eq!(trackers.get(ISSUES).await.body, json!([]));
    let search = trackers.jira("POST", "/search/jql", json!({"jql": "labels = pm"})).await;
    assert_eq!(search.body, json!({"issues": [], "isLast": true}));
    assert_eq!(trackers.get(ISSUES).await.body.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_limits_come_on_demand() {
    let trackers = sandbox().await;
    let faults = json!([
        {"tracker": "github", "action": {"rate_limit": {"reason": "secondary"}}},
        {"tracker": "github", "skip": 1, "action": {"rate_limit": {"reason": "primary", "retry_after": 30}}},
        {"tracker": "jira", "action": {"rate_limit": {"reason": "jira-burst-based", "retry_after": 7}}},
    ]);
    trackers.control("POST", "/faults", faults).await;
    let secondary = trackers.get(ISSUES).await;
    assert_eq!((secondary.status, secondary.header("retry-after")), (403, ""));
    assert!(secondary.body["message"].as_str().unwrap().contains("secondary rate limit"));
    let primary = trackers.get(ISSUES).await;
    assert_eq!((primary.status, primary.header("x-ratelimit-remaining")), (403, "0"));
    let jira = trackers.jira("GET", "/myself", Value::Null).await;
    assert_eq!(jira.status, 429);
    assert_eq!((jira.header("retry-after"), jira.header("ratelimit-reason")), ("7", "jira-burst-based"));
}

/// Starts a process, posts an issue under a fault that kills it, and says what was left.
async fn killed_when(when: &str) -> (bool, Option<u16>, usize) {
    let trackers = sandbox().await;
    let mut victim = Command::new("sleep").arg("600").spawn().unwrap();
    let action = json!({"kill": {"pid": victim.id(), "when": when}});
    trackers.control("POST", "/faults", json!({"method": "POST", "action": action})).await;
    let url = format!("{}{ISSUES}", trackers.sandbox.addresses.github);
    let reply = trackers.request("POST", &url, BOT, &[], Some(json!({"title": "Rotate"}))).await;
    let is_killed = !victim.wait().unwrap().success();
    let state = trackers.sandbox.world().state();
    let n_issues = state["github"]["repositories"][0]["issues"].as_array().unwrap().len();
    (is_killed, reply.ok().map(|reply| reply.status), n_issues)
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_strikes_before_the_deed_after_it_or_after_the_answer() {
    assert_eq!(killed_when("before_apply").await, (true, None, 0));
    assert_eq!(killed_when("after_apply").await, (true, None, 1));
    assert_eq!(killed_when("after_answer").await, (true, Some(201), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_issues_are_served_by_id_and_in_pages() {
    let trackers = sandbox().await;
    let more = json!({
        "github": {"repositories": [{"full_name": "acme/payments", "bulk_issues": 5000}]},
        "jira": {"projects": [{"key": "PLAT", "bulk_issues": 5000}]},
    });
    let planted = trackers.control("POST", "/world/add", more).await;
    assert_eq!((&planted["github_issues"], &planted["jira_issues"]), (&json!(5000), &json!(5000)));
    let page = trackers.get(&format!("{ISSUES}?per_page=100&page=50&sort=created&direction=asc")).await;
    assert_eq!(page.body[99]["number"], 5000);
    assert_eq!(trackers.get(&format!("{ISSUES}/4711")).await.body["number"], 4711);
    assert_eq!(trackers.jira("GET", "/issue/PLAT-4711", Value::Null).await.body["key"], "PLAT-4711");
}
