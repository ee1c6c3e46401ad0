//! Finding issues in Jira Cloud as the sandbox plays it: search, bulk reads, changelogs.

use serde_json::{Value, json};

use crate::{
    sandbox_jira::{account, act, create, plat, search},
    support::{Reply, sandbox},
};

#[tokio::test(flavor = "multi_thread")]
async fn bulkfetch_leaves_out_what_is_missing_or_forbidden() {
    let trackers = sandbox().await;
    trackers.control("POST", "/world/add", json!({"jira": {"projects": [{"key": "SEC", "access": {"ana": "write"}, "issues": [{"summary": "hidden"}]}]}})).await;
    let (two, one) = (trackers.create_jira(json!({})).await, trackers.create_jira(json!({})).await);
    trackers.jira("PUT", &format!("/issue/{one}/properties/pm.finding"), json!({"id": 1})).await;
    let body = json!({"issueIdsOrKeys": [one, "PLAT-99", "SEC-1", two], "fields": ["status"], "properties": ["pm.finding"], "expand": ["changelog"]});
    let fetched = trackers.jira("POST", "/issue/bulkfetch", body).await.body;
    assert_eq!(fetched["issueErrors"], json!([]));
    let keys: Vec<&Value> = fetched["issues"].as_array().unwrap().iter().map(|issue| &issue["key"]).collect();
    assert_eq!(keys, ["PLAT-1", "PLAT-2"], "by id, ascending");
    assert_eq!(fetched["issues"][1]["properties"], json!({"pm.finding": {"id": 1}}));
    assert_eq!(fetched["issues"][0]["fields"].as_object().unwrap().len(), 1);
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    assert_eq!(trackers.jira("POST", "/issue/bulkfetch", json!({"issueIdsOrKeys": many})).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn search_answers_ids_only_unless_fields_are_named() {
    let trackers = sandbox().await;
    trackers.create_jira(json!({"labels": ["pm-1"]})).await;
    let bare = trackers.jira("POST", "/search/jql", json!({"jql": "labels = pm-1"})).await.body;
    assert_eq!(bare["issues"][0].as_object().unwrap().len(), 1);
    assert!(bare.get("total").is_none() && bare["isLast"] == true);
    let named =
        search(&trackers, "labels in (\"pm-1\", 'pm-2') AND project = PLAT ORDER BY created DESC").await.body;
    assert_eq!(named["issues"][0]["fields"], json!({"summary": "A finding"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn search_pages_by_token() {
    let trackers = sandbox().await;
    plat(&trackers, json!({"bulk_issues": 250})).await;
    let (mut token, mut sizes) = (Value::Null, Vec::new());
    loop {
        let mut body = json!({"jql": "project = PLAT", "maxResults": 5000, "fields": ["status"]});
        if token.is_string() {
            body["nextPageToken"] = token;
        }
        let page = trackers.jira("POST", "/search/jql", body).await.body;
        sizes.push(page["issues"].as_array().unwrap().len());
        token = page["nextPageToken"].clone();
        if page["isLast"] == true {
            break;
        }
    }
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(token, Value::Null);
    let stale = json!({"jql": "project = PLAT", "nextPageToken": "made-up-5"});
    assert_eq!(trackers.jira("POST", "/search/jql", stale).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn search_lags_but_reads_known_ids_afresh() {
    let trackers = sandbox().await;
    trackers.control("POST", "/settings", json!({"jira": {"search_lag_ms": 30_000}})).await;
    let made = create(&trackers, json!({"labels": ["pm-1"]})).await;
    assert_eq!(search(&trackers, "labels = pm-1").await.body["issues"], json!([]));
    let id: u64 = made.body["id"].as_str().unwrap().parse().unwrap();
    let fresh = json!({"jql": "labels = pm-1", "reconcileIssues": [id]});
    assert_eq!(trackers.jira("POST", "/search/jql", fresh).await.body["issues"].as_array().unwrap().len(), 1);
    assert_eq!(trackers.jira("GET", "/issue/PLAT-1", Value::Null).await.status, 200);
    trackers.control("POST", "/clock", json!({"advance_ms": 30_000})).await;
    assert_eq!(search(&trackers, "labels = pm-1").await.body["issues"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn search_by_time_takes_epoch_relative_and_the_accounts_zone() {
    let trackers = sandbox().await;
    trackers.create_jira(json!({})).await;
    trackers.control("POST", "/clock", json!({"advance_ms": 7_200_000})).await;
    let n = |reply: Reply| reply.body["issues"].as_array().unwrap().len();
    assert_eq!(n(search(&trackers, "updated >= \"-90m\"").await), 0);
    assert_eq!(n(search(&trackers, "updated >= -3h").await), 1);
    assert_eq!(n(search(&trackers, "updated >= 1790000000000").await), 1);
    assert_eq!(n(search(&trackers, "updated >= 1790000000001").await), 0);
    // 1790000000 is 2026-09-21 14:13:20 UTC, which is 16:13 in Stockholm.
    assert_eq!(n(search(&trackers, "updated >= \"2026-09-21 14:13\"").await), 1);
    assert_eq!(n(search(&trackers, "updated >= \"2026-09-21 14:14\"").await), 0);
    let person = json!({"login": "acme-bot", "email": "bot@acme.example", "time_zone": "Europe/Stockholm"});
    trackers.control("POST", "/world/add", json!({"people": [person]})).await;
    assert_eq!(n(search(&trackers, "updated >= \"2026-09-21 16:13\"").await), 1);
    assert_eq!(n(search(&trackers, "updated >= \"2026-09-21 16:14\"").await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_the_search_does_not_know_is_refused_whole() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({})).await;
    for jql in [
        "",
        "ORDER BY created",
        "assignee = ana",
        "labels = a OR labels = b",
        "project = NOPE",
        "labels = \"open",
        &format!("key in ({key}, PLAT-99)"),
        "updated >= yesterday",
    ] {
        assert_eq!(search(&trackers, jql).await.status, 400, "{jql}");
    }
    assert_eq!(search(&trackers, &format!("key in ({key})")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_search_is_gone_from_cloud() {
    let trackers = sandbox().await;
    assert_eq!(trackers.jira("GET", "/search?jql=project=PLAT", Value::Null).await.status, 410);
    assert_eq!(trackers.jira("POST", "/search", json!({"jql": "project = PLAT"})).await.status, 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_changelog_says_who_changed_what() {
    let trackers = sandbox().await;
    let key = trackers.create_jira(json!({"labels": ["a"]})).await;
    act(&trackers, json!({"issue": key, "do": "transition", "to": "In Progress"})).await;
    act(&trackers, json!({"issue": key, "do": "assign", "assignee": "bo"})).await;
    let log = trackers.jira("GET", &format!("/issue/{key}/changelog"), Value::Null).await.body;
    assert_eq!((&log["total"], &log["values"][0]["author"]["displayName"]), (&json!(2), &json!("Ana Ruiz")));
    let step = &log["values"][0]["items"][0];
    assert_eq!(
        (&step["field"], &step["fromString"], &step["toString"]),
        (&json!("status"), &json!("To Do"), &json!("In Progress"))
    );
    assert_eq!(log["values"][1]["items"][0]["to"], json!(account(&trackers, "lind").await));
    let bulk = trackers
        .jira("POST", "/changelog/bulkfetch", json!({"issueIdsOrKeys": [key], "fieldIds": ["status"]}))
        .await
        .body;
    assert_eq!(bulk["issueChangeLogs"][0]["changeHistories"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn search_sorts_as_the_query_says() {
    let trackers = sandbox().await;
    plat(&trackers, json!({"bulk_issues": 10})).await;
    for n in [3, 2] {
        trackers.control("POST", "/clock", json!({"advance_ms": 60_000})).await;
        act(&trackers, json!({"issue": format!("PLAT-{n}"), "do": "label", "label": "late"})).await;
    }
    let keys = async |jql: &str| -> Vec<String> {
        let body = json!({"jql": jql, "maxResults": 3, "fields": ["updated"]});
        let found = trackers.jira("POST", "/search/jql", body).await.body;
        let issues = found["issues"].as_array().unwrap_or_else(|| panic!("{jql}: {found}"));
        issues.iter().map(|issue| issue["key"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(keys("project in (PLAT) ORDER BY updated DESC").await, ["PLAT-2", "PLAT-3", "PLAT-1"]);
    assert_eq!(keys("project = PLAT order by updated").await, ["PLAT-2", "PLAT-3", "PLAT-1"]);
    assert_eq!(keys("project = PLAT ORDER BY updated ASC, key DESC").await, ["PLAT-10", "PLAT-9", "PLAT-8"]);
    assert_eq!(keys("project = PLAT ORDER BY created DESC, key ASC").await, ["PLAT-1", "PLAT-2", "PLAT-3"]);
    assert_eq!(search(&trackers, "project = PLAT ORDER BY updated sideways").await.status, 400);
    trackers.control("POST", "/settings", json!({"jira": {"search_lag_ms": 30_000}})).await;
    let updated = "project in (\"PLAT\") AND updated >= \"-1m\" ORDER BY updated DESC";
    assert_eq!(keys(updated).await, ["PLAT-3"], "the index has not heard of the last change");
}
