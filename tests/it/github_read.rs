//! Reading GitHub issues: batches, single reads, transfers, and what is never taken for missing.

use postmortem_sync::{
    model::{
        ids::{Marker, PlaceName},
        issue::{Issue, IssueRef},
        observed::Observed,
        terms::Progress,
    },
    tracker::{TrackerError, TrackerRead as _},
};
use serde_json::{Value, json};

use crate::{
    github_rig::{
        Canned, Hand, PAYMENTS, act, bulk, by_number, client, client_over, everything, fault, known, log,
        one_issue, payments, read, reply, rest_issue, unknown,
    },
    support::{sandbox, start_of_time},
};

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_issues_are_one_request_and_one_more_makes_it_two() {
    let trackers = bulk(301).await;
    let github = client(&trackers);
    let refs = everything(&trackers, PAYMENTS);
    assert_eq!(refs.len(), 301);
    for (n, n_requests) in [(300, 1), (301, 2)] {
        trackers.sandbox.world().clear_log();
        let read = github.read(&refs[..n]).await;
        assert_eq!(log(&trackers), vec!["POST /graphql"; n_requests]);
        for (at, read) in refs.iter().zip(read) {
            assert_eq!(&known(read).at.id, &at.id, "answers come in the order of the questions");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_interfaces_show_the_same_issue() {
    let trackers = sandbox().await;
    let rest = one_issue(&trackers).await;
    act(&trackers, json!({"issue": "acme/payments#1", "do": "close", "reason": "duplicate", "as": "chen"}));
    let github = client(&trackers);
    let rest_closed = known(github.find("acme/payments#1").await);
    let graphql = known(read(&github, &rest.at).await);
    assert_eq!((graphql.progress, graphql.status_text.as_str()), (Progress::Declined, "closed (duplicate)"));
    assert_eq!(graphql.closed_by.as_ref().unwrap().as_str(), "chen");
    assert_eq!(graphql.assignees.iter().map(|a| a.as_str()).collect::<Vec<_>>(), ["bo", "ana"]);
    assert_eq!(Issue { marker: None, block: None, ..rest_closed }, graphql);
}

#[tokio::test]
async fn every_state_and_reason_has_a_meaning_and_an_unknown_reason_is_never_done() {
    let cases = [
        ("open", Value::Null, Progress::Open, "open"),
        ("open", json!("reopened"), Progress::Open, "open"),
        ("closed", Value::Null, Progress::Done, "closed"),
        ("closed", json!("completed"), Progress::Done, "closed (completed)"),
        ("closed", json!("not_planned"), Progress::Declined, "closed (not planned)"),
        ("closed", json!("duplicate"), Progress::Declined, "closed (duplicate)"),
        ("closed", json!("invented_later"), Progress::Declined, "closed (invented later)"),
    ];
    for (state, reason, progress, text) in cases {
        let mut issue = rest_issue(1);
        (issue["state"], issue["state_reason"]) = (json!(state), reason);
        let github = client_over(
            Canned::new([reply(200, &[], &issue)]),
            "https://api.github.com",
            Hand::at(start_of_time()),
        );
        let read = known(read(&github, &by_number(1)).await);
        assert_eq!((read.progress, read.status_text.as_str()), (progress, text));
    }
    let mut issue = rest_issue(1);
    issue["state"] = json!("archived");
    let github = client_over(
        Canned::new([reply(200, &[], &issue)]),
        "https://api.github.com",
        Hand::at(start_of_time()),
    );
    unknown(&read(&github, &by_number(1)).await);
}

#[tokio::test]
async fn one_odd_issue_hides_no_other() {
    let mut odd = rest_issue(1);
    odd["user"] = Value::Null;
    odd["assignees"] = json!([null, {"login": "ana"}]);
    odd["labels"] = json!(["old-form", {"name": "security", "color": null}, {"name": null}]);
    odd["title"] = Value::Null;
    let mut plain = rest_issue(2);
    for issue in [&mut odd, &mut plain] {
        issue["body"] = json!("<!-- pm1-m -->");
    }
    let answers =
        [reply(200, &[], &json!({"id": 7, "full_name": PAYMENTS})), reply(200, &[], &json!([odd, plain]))];
    let github = client_over(Canned::new(answers), "https://api.github.com", Hand::at(start_of_time()));
    let issues = github.marked(&payments(), &[Marker::new("pm1-m")], Some(start_of_time())).await.unwrap();
    assert_eq!(issues.len(), 2);
    assert_eq!(issues[0].author, Some("ghost".into()), "an account that is no more was not ours");
    assert_eq!(issues[1].author, None, "an answer that names no author tells nothing");
    assert!(issues[0].labels.contains("old-form") && issues[0].labels.contains("security"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_followed_once_and_the_issue_has_its_new_identity() {
    let trackers = sandbox().await;
    let old = one_issue(&trackers).await;
    act(&trackers, json!({"issue": "acme/payments#1", "do": "transfer", "to": "acme/platform"}));
    let new = known(read(&client(&trackers), &old.at).await);
    assert_eq!((new.at.key.as_str(), new.at.place.as_str()), ("acme/platform#1", "acme/platform"));
    assert_ne!(new.at.id, old.at.id);
    assert_ne!(new.at.place_id, old.at.place_id);
    assert_eq!(known(client(&trackers).find("acme/payments#1").await).at, new.at);
    assert_eq!(known(read(&client(&trackers), &new.at).await).at, new.at);
}

#[tokio::test]
async fn a_transfer_to_a_place_we_cannot_see_is_not_missing() {
    let to = [("location", "https://api.github.com/repositories/9/issues/4")];
    let answers = [reply(301, &to, &json!({})), reply(404, &[], &json!({}))];
    let canned = Canned::new(answers);
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    let why = unknown(&read(&github, &by_number(1)).await);
    assert!(why.contains("repositories/9/issues/4"), "{why}");
    assert_eq!(canned.lines(), ["GET /repos/acme/payments/issues/1", "GET /repositories/9/issues/4"]);
}

#[tokio::test]
async fn a_move_that_moves_again_or_leads_elsewhere_is_not_followed_for_ever() {
    let loops = [("location", "/repositories/9/issues/4")];
    let elsewhere = [("location", "https://evil.example/login")];
    for (headers, n_requests) in [(&loops, 4), (&elsewhere, 1)] {
        let canned = Canned::new((0..9).map(|_| reply(301, headers, &json!({}))));
        let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
        unknown(&read(&github, &by_number(1)).await);
        assert_eq!(canned.lines().len(), n_requests);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_keeps_its_issues() {
    let trackers = sandbox().await;
    let old = one_issue(&trackers).await;
    act(&trackers, json!({"repo": PAYMENTS, "do": "rename", "to": "acme/billing"}));
    let now = known(read(&client(&trackers), &old.at).await);
    assert_eq!((now.at.key.as_str(), &now.at.id), ("acme/billing#1", &old.at.id));
    let by_number = IssueRef { node: None, ..old.at };
    assert_eq!(known(read(&client(&trackers), &by_number).await).at, now.at);
    assert_eq!(known(client(&trackers).find("acme/payments#1").await).at, now.at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_503_leaves_issues_unknown_and_never_missing() {
    let trackers = sandbox().await;
    let at = one_issue(&trackers).await.at;
    let github = client(&trackers);
    let down = json!({"times": null, "action": {"status": {"status": 503, "body": {"message": "down"}}}});
    fault(&trackers, down);
    let by_number = IssueRef { node: None, ..at.clone() };
    for answer in github.read(&[at, by_number]).await {
        unknown(&answer);
    }
    unknown(&github.find("acme/payments#1").await);
}

#[tokio::test]
async fn nothing_but_a_proven_absence_is_missing() {
    let missing = [
        (404, json!({"message": "Not Found"})),
        (410, json!({"message": "This issue was deleted"})),
        (410, json!({})),
    ];
    for (status, body) in missing {
        let github = client_over(
            Canned::new([reply(status, &[], &body)]),
            "https://api.github.com",
            Hand::at(start_of_time()),
        );
        assert_eq!(read(&github, &by_number(1)).await, Observed::Missing, "{status}");
    }
    let unknown_ones = [
        (410, json!({"message": "Issues are disabled for this repo"})),
        (410, json!({"message": "This API version is no longer supported"})),
        (401, json!({})),
        (403, json!({})),
        (429, json!({})),
        (500, json!({})),
        (200, json!([])),
        (204, json!({})),
        (301, json!({})),
    ];
    for (status, body) in unknown_ones {
        let github = client_over(
            Canned::new([reply(status, &[], &body)]),
            "https://api.github.com",
            Hand::at(start_of_time()),
        );
        unknown(&read(&github, &by_number(1)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_issue_is_missing_and_the_others_of_its_batch_are_known() {
    let trackers = sandbox().await;
    let first = one_issue(&trackers).await.at;
    act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "B"}));
    let github = client(&trackers);
    let second = known(github.find("acme/payments#2").await).at;
    act(&trackers, json!({"issue": "acme/payments#1", "do": "delete"}));
    let read = github.read(&[first, second.clone()]).await;
    assert_eq!(read[0], Observed::Missing);
    assert_eq!(known(read[1].clone()).at, second);
}

#[tokio::test]
async fn a_batch_that_was_not_answered_completely_is_unknown_where_it_was_not() {
    let at = |n| IssueRef { node: Some(format!("I_{n}")), ..by_number(n) };
    let error = |n: usize, kind: &str| json!({"type": kind, "path": ["nodes", n], "message": "no"});
    let answers = [
        json!({"data": {"nodes": [null]}, "errors": [error(0, "FORBIDDEN")]}),
        json!({"data": {"nodes": []}}),
        json!({"data": {}}),
        json!({"data": null, "errors": [{"message": "timeout"}]}),
        json!({"data": {"nodes": null}, "errors": [{"path": ["nodes"], "message": "Something went wrong"}]}),
        json!({"data": {"nodes": [{"__typename": "Discussion"}]}}),
        json!({"data": {"nodes": [{"__typename": "Issue", "id": "I_1"}]}}),
        json!({}),
    ];
    for answer in answers {
        let canned = Canned::new([reply(200, &[], &answer)]);
        let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
        unknown(&read(&github, &at(1)).await);
        assert_eq!(canned.lines().len(), 1, "{answer}: no single reads follow");
    }
    let absent = json!({"data": {"nodes": [null]}, "errors": [error(0, "NOT_FOUND")]});
    let canned = Canned::new([reply(200, &[], &absent), reply(200, &[], &rest_issue(1))]);
    let github = client_over(canned, "https://api.github.com", Hand::at(start_of_time()));
    known(read(&github, &at(1)).await);
}

#[tokio::test]
async fn an_enterprise_server_with_an_older_schema_is_asked_in_its_own_words() {
    let at = IssueRef { node: Some("I_1".to_owned()), ..by_number(1) };
    let refused =
        json!({"errors": [{"message": "Field 'stateReason' doesn't accept argument 'enableDuplicate'"}]});
    let node = json!({"data": {"nodes": [{
        "__typename": "Issue", "id": "I_1", "number": 1, "title": "A", "state": "CLOSED", "stateReason": "NOT_PLANNED",
        "url": "https://ghe/acme/payments/issues/1", "createdAt": "2026-09-21T10:00:00Z", "updatedAt": "2026-09-21T10:00:00Z",
        "databaseId": 501, "author": null, "assignees": {"nodes": []}, "labels": {"nodes": [null]},
        "repository": {"databaseId": 7, "nameWithOwner": PAYMENTS}, "timelineItems": {"nodes": []},
    }]}});
    let canned = Canned::new([reply(200, &[], &refused), reply(200, &[], &node), reply(200, &[], &node)]);
    let github = client_over(canned.clone(), "https://ghe.acme.example/api/v3", Hand::at(start_of_time()));
    for _ in 0..2 {
        assert_eq!(known(read(&github, &at).await).at.id.id, "501");
    }
    let asked = canned.asked.lock().unwrap();
    let with_argument =
        asked.iter().map(|(_, body)| body["query"].as_str().unwrap().contains("enableDuplicate"));
    assert_eq!(with_argument.collect::<Vec<_>>(), [true, false, false], "asked once, then remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_is_no_issue_to_follow() {
    let trackers = sandbox().await;
    act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "P", "pull_request": true}));
    let github = client(&trackers);
    assert!(unknown(&github.find("acme/payments#1").await).contains("is a pull request"));
    let changes = github.changes(&[payments()], start_of_time()).await.unwrap();
    assert!(changes.issues.is_empty() && changes.untold.is_empty(), "{changes:?}");
    assert_eq!(github.find("acme/payments#2").await, Observed::Missing);
}

#[tokio::test]
async fn keys_that_would_change_the_path_are_not_asked_for() {
    let canned = Canned::new([]);
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    for key in [
        "acme/payments",
        "acme#1",
        "acme/../x#1",
        "../user#1",
        "a/b/c#1",
        "acme/pay?x#1",
        "acme/p#x",
        "PLAT-7",
        "/#1",
        "",
    ] {
        unknown(&github.find(key).await);
    }
    assert!(matches!(github.place(&PlaceName::new("acme/..")).await, Err(TrackerError::Rejected { .. })));
    assert!(canned.lines().is_empty());
}

#[tokio::test]
async fn who_closed_an_issue_is_not_known_where_no_answer_tells() {
    let at = by_number(1);
    let shown = |closed_by: Option<Value>| {
        let mut issue = rest_issue(1);
        (issue["state"], issue["state_reason"]) = (json!("closed"), json!("completed"));
        match closed_by {
            Some(closer) => issue["closed_by"] = closer,
            None => drop(issue.as_object_mut().unwrap().remove("closed_by")),
        }
        reply(200, &[], &issue)
    };
    let told = async |closed_by: Option<Value>| {
        let canned = Canned::new([shown(closed_by.clone()), shown(closed_by)]);
        let github = client_over(canned, "https://api.github.com", Hand::at(start_of_time()));
        let closed = Issue { closed_by: None, ..known(read(&github, &at).await) };
        github.closer(&closed).await
    };
    assert_eq!(told(Some(json!({"login": "chen", "id": 7}))).await.unwrap(), Some("chen".into()));
    assert_eq!(told(Some(json!(null))).await.unwrap(), None, "an account that is no more");
    assert!(told(None).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closed_an_issue_comes_from_the_read_or_else_from_one_more() {
    let trackers = sandbox().await;
    let open = one_issue(&trackers).await;
    act(&trackers, json!({"issue": "acme/payments#1", "do": "close", "as": "chen"}));
    let github = client(&trackers);
    assert_eq!(github.closer(&open).await.unwrap(), None);
    let closed = known(read(&github, &open.at).await);
    trackers.sandbox.world().clear_log();
    assert_eq!(github.closer(&closed).await.unwrap(), Some("chen".into()));
    assert!(log(&trackers).is_empty());
    let silent = Issue { closed_by: None, ..closed };
    assert_eq!(github.closer(&silent).await.unwrap(), Some("chen".into()));
    assert_eq!(log(&trackers).len(), 1);
}

#[tokio::test]
async fn an_address_by_number_names_no_repository() {
    let mut issue = rest_issue(1);
    issue["repository_url"] = json!("https://ghe.acme.example/api/v3/repositories/7");
    let canned = Canned::new([reply(200, &[], &issue)]);
    let github = client_over(canned, "https://ghe.acme.example/api/v3", Hand::at(start_of_time()));
    let at = known(read(&github, &by_number(1)).await).at;
    assert_eq!((at.place.as_str(), at.key.as_str()), (PAYMENTS, "acme/payments#1"));
}
