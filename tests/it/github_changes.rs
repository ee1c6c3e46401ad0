//! What changed in many GitHub repositories since an instant: few questions, and whatever is not told plainly is untold.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::{
    model::ids::PlaceName,
    tracker::{Changes, TrackerError, TrackerRead as _, github::GitHub},
};
use serde_json::{Value, json};

use crate::{
    github_rig::{
        Canned, Hand, PAYMENTS, act, client, client_at, client_over, everything, fault, log, payments, reply,
        rest_issue,
    },
    support::{Trackers, sandbox, sandbox_with, start_of_time},
};

fn places(names: &[&str]) -> Vec<PlaceName> {
    names.iter().map(|name| PlaceName::new(*name)).collect()
}

/// So many private repositories with so many issues each.
async fn many(n_repositories: usize, n_issues: usize) -> (Trackers, Vec<PlaceName>) {
    let names: Vec<String> = (0..n_repositories).map(|n| format!("acme/r{n}")).collect();
    let repositories: Vec<Value> = names
        .iter()
        .map(|name| json!({"full_name": name, "private": true, "bulk_issues": n_issues, "permissions": {"ana": "push", "acme-bot": "push"}}))
        .collect();
    let trackers = sandbox_with(json!({
        "people": [{"login": "acme-bot"}, {"login": "ana"}],
        "github": {
            "tokens": [{"token": "sandbox-github-token", "login": "acme-bot"}],
            "repositories": repositories,
        },
    }))
    .await;
    let places = names.iter().map(PlaceName::new).collect();
    (trackers, places)
}

async fn changes(github: &GitHub, places: &[PlaceName], since: DateTime<Utc>) -> Changes {
    github.changes(places, since).await.unwrap()
}

/// The ids of what is named.
fn ids(changes: &Changes) -> BTreeSet<String> {
    changes.issues.iter().map(|(issue, _)| issue.id.clone()).collect()
}

fn untold(changes: &Changes) -> Vec<&str> {
    changes.untold.iter().map(PlaceName::as_str).collect()
}

/// How many repositories each question to GraphQL was about.
fn sizes(trackers: &Trackers) -> Vec<usize> {
    let log = trackers.sandbox.world().log();
    let asked = log.as_array().unwrap().iter().filter_map(|entry| entry["request"]["query"].as_str());
    asked.map(|query| query.matches("repository(").count()).collect()
}

fn without_graphql(trackers: &Trackers) {
    fault(
        trackers,
        json!({"path": "/graphql", "times": null, "action": {"status": {"status": 404, "body": {"message": "Not Found"}}}}),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_question_names_what_changed_in_several_repositories_by_the_id_that_reads_show() {
    for is_rest in [false, true] {
        let trackers = sandbox().await;
        let github = client(&trackers);
        for repo in ["acme/payments", "acme/platform", "acme/payments"] {
            act(&trackers, json!({"repo": repo, "do": "open_issue", "title": "Old"}));
        }
        act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "P", "pull_request": true}));
        github.whoami().await.unwrap();
        trackers.sandbox.world().advance(7_200_000);
        let since = start_of_time() + TimeDelta::hours(1);
        act(&trackers, json!({"issue": "acme/payments#2", "do": "close"}));
        act(&trackers, json!({"issue": "acme/payments#3", "do": "close"}));
        act(&trackers, json!({"issue": "acme/platform#1", "do": "label", "label": "late"}));
        if is_rest {
            without_graphql(&trackers);
        }
        trackers.sandbox.world().clear_log();
        let all = places(&["acme/payments", "acme/platform", "acme/website"]);
        let told = changes(&github, &all, since).await;
        assert_eq!(log(&trackers).len(), if is_rest { 4 } else { 1 }, "{:?}", log(&trackers));
        let expected: BTreeSet<String> = ["acme/payments#2", "acme/platform#1"]
            .into_iter()
            .map(|key| {
                let all = everything(&trackers, key.split('#').next().unwrap());
                all.into_iter().find(|at| at.key == key).unwrap().id.id
            })
            .collect();
        assert_eq!((ids(&told), untold(&told)), (expected, vec![]), "and no pull request");
        let read = github.find("acme/payments#2").await.known().cloned().unwrap();
        let named = told.issues.iter().find(|(id, _)| *id == read.at.id).unwrap();
        assert_eq!(named.1, read.updated);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_repositories_are_three_questions_and_questions_grow_to_forty() {
    let (trackers, all) = many(60, 1).await;
    let github = client(&trackers);
    let long_ago = start_of_time() - TimeDelta::days(1);
    let told = changes(&github, &all, long_ago).await;
    assert_eq!((told.issues.len(), untold(&told)), (60, vec![]));
    assert_eq!(sizes(&trackers), [25, 26, 9]);
    for _ in 0..12 {
        changes(&github, &all, long_ago).await;
    }
    trackers.sandbox.world().clear_log();
    changes(&github, &all, long_ago).await;
    assert_eq!(sizes(&trackers), [40, 20]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_changes_are_told_and_of_more_the_repository_is_untold() {
    let (trackers, all) = many(2, 50).await;
    act(&trackers, json!({"repo": "acme/r1", "do": "open_issue", "title": "One more"}));
    let told = changes(&client(&trackers), &all, start_of_time()).await;
    assert_eq!((told.issues.len(), untold(&told)), (100, vec!["acme/r1"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_not_shown_is_untold_and_hides_no_other() {
    for is_rest in [false, true] {
        let trackers = sandbox().await;
        let github = client(&trackers);
        act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "A"}));
        act(
            &trackers,
            json!({"repo": "acme/platform", "do": "set_permission", "login": "acme-bot", "permission": "none"}),
        );
        if is_rest {
            without_graphql(&trackers);
        }
        let all = places(&["acme/platform", "acme/nowhere", PAYMENTS, "no name", "acme/../x"]);
        let told = changes(&github, &all, start_of_time()).await;
        assert_eq!(told.issues.len(), 1);
        assert_eq!(untold(&told), ["acme/../x", "acme/nowhere", "acme/platform", "no name"]);
    }
}

/// The answer of a server that shows these nodes of the first repository and nothing of the second.
fn shown(nodes: Value, page: Value) -> Value {
    let quiet = json!({"issues": {"nodes": [], "pageInfo": {"hasNextPage": false}}});
    json!({"data": {"r0": {"issues": {"nodes": nodes, "pageInfo": page}}, "r1": quiet}})
}

#[tokio::test]
async fn whatever_is_absent_from_a_list_leaves_its_repository_untold() {
    let node = json!({"databaseId": 501, "fullDatabaseId": "501", "updatedAt": "2026-09-21T10:00:00Z"});
    let without = |name: &str| {
        let mut node = node.clone();
        node.as_object_mut().unwrap().remove(name);
        node
    };
    let last = json!({"hasNextPage": false});
    let with_error = |path: Value| {
        let mut answer = shown(json!([node]), last.clone());
        answer["errors"] = json!([{"type": "FORBIDDEN", "path": path, "message": "no"}]);
        answer
    };
    let mut null = shown(json!([]), last.clone());
    null["data"]["r0"] = Value::Null;
    let mut absent = null.clone();
    absent["data"].as_object_mut().unwrap().remove("r0");
    let both = vec!["acme/payments", "acme/platform"];
    let cases = [
        (shown(json!([node]), last.clone()), vec![], 1),
        (shown(json!([without("databaseId")]), last.clone()), vec![], 1),
        (shown(json!([without("fullDatabaseId")]), last.clone()), vec![], 1),
        (shown(json!([without("updatedAt")]), last.clone()), vec![PAYMENTS], 0),
        (shown(json!([{"updatedAt": "2026-09-21T10:00:00Z"}]), last.clone()), vec![PAYMENTS], 0),
        (shown(json!([node, Value::Null]), last.clone()), vec![PAYMENTS], 1),
        (shown(json!([node]), json!({"hasNextPage": true})), vec![PAYMENTS], 1),
        (shown(json!([node]), json!({"hasNextPage": null})), vec![PAYMENTS], 1),
        (shown(json!([node]), json!({})), vec![PAYMENTS], 1),
        (shown(json!([node]), Value::Null), vec![PAYMENTS], 1),
        (shown(Value::Null, last.clone()), vec![PAYMENTS], 0),
        (shown(json!("many"), last.clone()), vec![PAYMENTS], 0),
        (null, vec![PAYMENTS], 0),
        (absent, vec![PAYMENTS], 0),
        (with_error(json!(["r0"])), vec![PAYMENTS], 0),
        (with_error(json!(["r0", "issues", "nodes", 0])), vec![PAYMENTS], 0),
        (with_error(json!([])), both.clone(), 0),
        (with_error(json!(["r7"])), both, 0),
    ];
    for (answer, expected, n_named) in cases {
        let canned = Canned::new([reply(200, &[], &answer)]);
        let github = client_over(canned, "https://api.github.com", Hand::at(start_of_time()));
        let told = changes(&github, &places(&[PAYMENTS, "acme/platform"]), start_of_time()).await;
        assert_eq!((untold(&told), told.issues.len()), (expected, n_named), "{answer}");
        assert!(ids(&told).iter().all(|id| id == "501"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_from_the_servers_time_at_its_start_and_looks_back_ten_minutes_more() {
    for is_rest in [false, true] {
        let trackers = sandbox().await;
        act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "A"}));
        let wrong = Hand::at(start_of_time() + TimeDelta::days(400));
        let github = client_at(&trackers, "sandbox-github-token", wrong);
        if is_rest {
            without_graphql(&trackers);
        }
        trackers.sandbox.world().advance(11 * 60_000);
        let past = start_of_time() + TimeDelta::minutes(11);
        let told = changes(&github, &[payments()], past).await;
        assert_eq!((told.issues.len(), told.as_of), (0, past), "by the clock of the server");
        let edge = start_of_time() + TimeDelta::minutes(10);
        assert_eq!(changes(&github, &[payments()], edge).await.issues.len(), 1);
        trackers.sandbox.world().change_settings(&json!({"github": {"list_lag_ms": 60_000}})).unwrap();
        act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "Late"}));
        let first = changes(&github, &[payments()], past).await;
        assert_eq!(first.issues.len(), 0, "the list is behind");
        trackers.sandbox.world().advance(60_000);
        assert_eq!(changes(&github, &[payments()], first.as_of).await.issues.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_takes_too_long_is_halved_and_what_was_told_is_not_asked_again() {
    let (trackers, all) = many(30, 1).await;
    let github = client(&trackers);
    // Each of them is repeated once by itself.
    fault(&trackers, json!({"path": "/graphql", "times": 4, "action": {"status": {"status": 502}}}));
    let told = changes(&github, &all, start_of_time()).await;
    assert_eq!((told.issues.len(), untold(&told)), (30, vec![]));
    assert_eq!(sizes(&trackers), [25, 25, 12, 12, 6, 7, 8, 9]);
    trackers.sandbox.world().clear_log();
    changes(&github, &all, start_of_time()).await;
    assert_eq!(sizes(&trackers), [10, 11, 9], "and grows slowly");

    let limit = |path: Value| json!([{"type": "RESOURCE_LIMITS_EXCEEDED", "path": path, "message": "Resource limits for this query exceeded."}]);
    let quiet = json!({"issues": {"nodes": [], "pageInfo": {"hasNextPage": false}}});
    let partial = json!({"data": {"r0": quiet, "r1": null}, "errors": limit(json!(["r1"]))});
    let timeout = json!({"data": null, "errors": [{"message": "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."}]});
    let whole = json!({"data": {"r0": quiet}});
    let canned =
        Canned::new([&partial, &whole, &timeout, &whole, &whole].map(|answer| reply(200, &[], answer)));
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    let two = places(&["acme/a", "acme/b"]);
    for n_asked in [2, 5] {
        assert_eq!(untold(&changes(&github, &two, start_of_time()).await), Vec::<&str>::new());
        assert_eq!(canned.lines().len(), n_asked);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_whose_list_always_takes_too_long_is_untold_and_a_server_in_trouble_is_an_error() {
    let (trackers, all) = many(4, 1).await;
    let github = client(&trackers);
    fault(
        &trackers,
        json!({"path": "/graphql", "body": "\"r2\"", "times": null, "action": {"status": {"status": 504}}}),
    );
    let told = changes(&github, &all, start_of_time()).await;
    assert_eq!((told.issues.len(), untold(&told)), (3, vec!["acme/r2"]));
    trackers.sandbox.world().clear_faults();
    fault(&trackers, json!({"path": "/graphql", "times": null, "action": {"status": {"status": 503}}}));
    trackers.sandbox.world().clear_log();
    let down = client(&trackers).changes(&all, start_of_time()).await;
    assert!(matches!(down, Err(TrackerError::Transient { .. })), "{down:?}");
    assert_eq!(sizes(&trackers), [4, 4, 2, 2, 1, 1, 1, 1], "and it is not asked on and on");
    let one = client(&trackers).changes(&all[..1], start_of_time()).await;
    assert!(matches!(one, Err(TrackerError::Transient { .. })), "{one:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hits_everything_is_an_error() {
    let trackers = sandbox().await;
    let wrong = client_at(&trackers, "wrong", Hand::at(start_of_time()));
    let refused = wrong.changes(&[payments()], start_of_time()).await;
    assert!(matches!(refused, Err(TrackerError::Unauthorized { .. })), "{refused:?}");
    for is_rest in [false, true] {
        let github = client(&trackers);
        if is_rest {
            without_graphql(&trackers);
        }
        let path = if is_rest { "/issues" } else { "/graphql" };
        fault(&trackers, json!({"path": path, "action": {"rate_limit": {"reason": "secondary"}}}));
        let limited = github.changes(&[payments()], start_of_time()).await;
        assert!(matches!(limited, Err(TrackerError::RateLimited { .. })), "{limited:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_graphql_each_list_is_read_and_one_that_did_not_change_costs_no_allowance() {
    let (trackers, all) = many(3, 2).await;
    let github = client(&trackers);
    github.whoami().await.unwrap();
    without_graphql(&trackers);
    trackers.sandbox.world().advance(3_600_000);
    let since = start_of_time() + TimeDelta::minutes(30);
    changes(&github, &all, since).await;
    act(&trackers, json!({"issue": "acme/r1#2", "do": "close"}));
    trackers.sandbox.world().clear_log();
    let told = changes(&github, &all, since + TimeDelta::minutes(5)).await;
    assert_eq!((told.issues.len(), untold(&told)), (1, vec![]));
    let log = trackers.sandbox.world().log();
    let statuses: Vec<u64> =
        log.as_array().unwrap().iter().filter_map(|entry| entry["status"].as_u64()).collect();
    assert_eq!(statuses, [304, 200, 304], "and GraphQL is not asked again in this cycle: {log}");
    let told = changes(&github, &all, start_of_time()).await;
    assert_eq!(told.issues.len(), 6, "what is known of a list is known of all of it");
    github.whoami().await.unwrap();
    trackers.sandbox.world().clear_faults();
    trackers.sandbox.world().clear_log();
    changes(&github, &all, since).await;
    assert_eq!(sizes(&trackers), [3], "with the next cycle it has another chance");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_page_of_a_list_tells_as_much_as_it_shows() {
    let (trackers, all) = many(1, 120).await;
    let github = client(&trackers);
    without_graphql(&trackers);
    assert_eq!(untold(&changes(&github, &all, start_of_time()).await), ["acme/r0"]);
    trackers.sandbox.world().advance(3_600_000);
    for n in 1..=99 {
        act(&trackers, json!({"issue": format!("acme/r0#{n}"), "do": "close"}));
    }
    let since = start_of_time() + TimeDelta::minutes(30);
    let told = changes(&github, &all, since).await;
    assert_eq!((told.issues.len(), untold(&told)), (99, vec![]), "the last on the page is older");
    act(&trackers, json!({"issue": "acme/r0#100", "do": "close"}));
    let told = changes(&github, &all, since).await;
    assert_eq!((told.issues.len(), untold(&told)), (100, vec!["acme/r0"]), "there may be more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_is_listed_by_either_name() {
    for is_rest in [false, true] {
        let trackers = sandbox().await;
        let github = client(&trackers);
        act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "A"}));
        act(&trackers, json!({"repo": PAYMENTS, "do": "rename", "to": "acme/money"}));
        if is_rest {
            without_graphql(&trackers);
        }
        for name in [PAYMENTS, "acme/money"] {
            let told = changes(&github, &places(&[name]), start_of_time()).await;
            assert_eq!((told.issues.len(), untold(&told)), (1, vec![]), "{name}");
        }
    }
}

#[tokio::test]
async fn an_older_server_is_asked_more_plainly_and_batches_of_issues_lose_nothing_by_it() {
    let unknown = |what: &str| json!({"errors": [{"message": format!("Field '{what}' doesn't exist on type 'Issue'")}]});
    let node = json!({"databaseId": 501, "updatedAt": "2026-09-21T14:13:20Z"});
    let answer = json!({"data": {"r0": {"issues": {"nodes": [node], "pageInfo": {"hasNextPage": false}}}}});
    let canned = Canned::new([
        reply(200, &[], &unknown("fullDatabaseId")),
        reply(200, &[], &answer),
        reply(
            200,
            &[],
            &json!({"errors": [{"message": "Field 'issues' doesn't accept argument 'filterBy'"}]}),
        ),
        reply(200, &[], &json!([rest_issue(1)])),
        reply(200, &[], &json!({"data": {"nodes": [null]}})),
        reply(404, &[], &json!({})),
    ]);
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    assert_eq!(changes(&github, &[payments()], start_of_time()).await.issues.len(), 1);
    let since = start_of_time() - TimeDelta::days(1);
    let told = changes(&github, &[payments()], since).await;
    assert_eq!((told.issues.len(), untold(&told)), (1, vec![]), "by REST");
    let at = postmortem_sync::model::issue::IssueRef {
        node: Some("I_1".to_owned()),
        ..crate::github_rig::by_number(1)
    };
    github.read(&[at]).await;
    let asked = canned.asked.lock().unwrap();
    let query = |n: usize| asked[n].1["query"].as_str().unwrap_or_default().to_owned();
    assert!(query(0).contains("fullDatabaseId") && !query(1).contains("fullDatabaseId"));
    assert!(asked[3].0.contains("/repos/acme/payments/issues?"), "{:?}", asked[3]);
    assert!(query(4).contains("nodes(") && query(4).contains("enableDuplicate"), "{:?}", asked[4]);
}
