//! Reading, listing and creating on GitHub, against the sandbox over real HTTP.

use chrono::TimeDelta;
use postmortem_sync::{
    model::{
        ids::{Marker, PlaceName},
        issue::{Draft, Field, Issue, IssueRef, Visibility},
        observed::Observed,
        terms::Progress,
    },
    tracker::{Cursor, TrackerError, TrackerRead as _, TrackerWrite as _},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    github_rig::{
        Canned, Hand, act, by_number, client, client_over, draft, everything, fault, known, log, reply,
        rest_issue, unknown,
    },
    support::{Trackers, sandbox, sandbox_with, start_of_time},
};

const PAYMENTS: &str = "acme/payments";

fn payments() -> PlaceName {
    PlaceName::new(PAYMENTS)
}

async fn one_issue(trackers: &Trackers) -> Issue {
    act(
        trackers,
        json!({"repo": PAYMENTS, "do": "open_issue", "title": "A", "assignees": ["bo", "ana"], "labels": ["security"]}),
    );
    known(client(trackers).find("acme/payments#1").await)
}

async fn bulk(n: usize) -> Trackers {
    sandbox_with(json!({
        "people": [{"login": "acme-bot"}, {"login": "ana"}],
        "github": {
            "tokens": [{"token": "sandbox-github-token", "login": "acme-bot"}],
            "repositories": [{"full_name": PAYMENTS, "private": true, "bulk_issues": n}],
        },
    }))
    .await
}

fn n_of(lines: &[String], line: &str) -> usize {
    lines.iter().filter(|known| known.as_str() == line).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_issues_are_one_request_and_one_more_makes_it_two() {
    let trackers = bulk(301).await;
    let github = client(&trackers);
    let refs: Vec<IssueRef> = everything(&github, PAYMENTS).await.into_iter().map(|issue| issue.at).collect();
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
    let graphql = known(github.read(&[rest.at.clone()]).await.remove(0));
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
        let read = known(github.read(&[by_number(1)]).await.remove(0));
        assert_eq!((read.progress, read.status_text.as_str()), (progress, text));
    }
    let mut issue = rest_issue(1);
    issue["state"] = json!("archived");
    let github = client_over(
        Canned::new([reply(200, &[], &issue)]),
        "https://api.github.com",
        Hand::at(start_of_time()),
    );
    unknown(&github.read(&[by_number(1)]).await[0]);
}

#[tokio::test]
async fn one_odd_issue_hides_no_other() {
    let mut odd = rest_issue(1);
    odd["user"] = Value::Null;
    odd["assignees"] = json!([null, {"login": "ana"}]);
    odd["labels"] = json!(["old-form", {"name": "security", "color": null}, {"name": null}]);
    odd["title"] = Value::Null;
    odd["body"] = Value::Null;
    let answers = [
        reply(200, &[], &json!({"id": 7, "full_name": PAYMENTS})),
        reply(200, &[], &json!([odd, rest_issue(2)])),
    ];
    let github = client_over(Canned::new(answers), "https://api.github.com", Hand::at(start_of_time()));
    let issues = everything(&github, PAYMENTS).await;
    assert_eq!(issues.len(), 2);
    assert_eq!(issues[0].author, None);
    assert!(issues[0].labels.contains("old-form") && issues[0].labels.contains("security"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_followed_once_and_the_issue_has_its_new_identity() {
    let trackers = sandbox().await;
    let old = one_issue(&trackers).await;
    act(&trackers, json!({"issue": "acme/payments#1", "do": "transfer", "to": "acme/platform"}));
    let new = known(client(&trackers).read(&[old.at.clone()]).await.remove(0));
    assert_eq!((new.at.key.as_str(), new.at.place.as_str()), ("acme/platform#1", "acme/platform"));
    assert_ne!(new.at.id, old.at.id);
    assert_ne!(new.at.place_id, old.at.place_id);
    assert_eq!(known(client(&trackers).find("acme/payments#1").await).at, new.at);
    assert_eq!(known(client(&trackers).read(&[new.at.clone()]).await.remove(0)).at, new.at);
}

#[tokio::test]
async fn a_transfer_to_a_place_we_cannot_see_is_not_missing() {
    let to = [("location", "https://api.github.com/repositories/9/issues/4")];
    let answers = [reply(301, &to, &json!({})), reply(404, &[], &json!({}))];
    let canned = Canned::new(answers);
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    let why = unknown(&github.read(&[by_number(1)]).await[0]);
    assert!(why.contains("repositories/9/issues/4"), "{why}");
    assert_eq!(canned.lines(), ["GET /repositories/7/issues/1", "GET /repositories/9/issues/4"]);
}

#[tokio::test]
async fn a_move_that_moves_again_or_leads_elsewhere_is_not_followed_for_ever() {
    let loops = [("location", "/repositories/9/issues/4")];
    let elsewhere = [("location", "https://evil.example/login")];
    for (headers, n_requests) in [(&loops, 2), (&elsewhere, 1)] {
        let canned = Canned::new((0..9).map(|_| reply(301, headers, &json!({}))));
        let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
        unknown(&github.read(&[by_number(1)]).await[0]);
        assert_eq!(canned.lines().len(), n_requests);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_keeps_its_issues() {
    let trackers = sandbox().await;
    let old = one_issue(&trackers).await;
    act(&trackers, json!({"repo": PAYMENTS, "do": "rename", "to": "acme/billing"}));
    let read = known(client(&trackers).read(&[old.at.clone()]).await.remove(0));
    assert_eq!((read.at.key.as_str(), &read.at.id), ("acme/billing#1", &old.at.id));
    let by_number = IssueRef { node: None, ..old.at };
    assert_eq!(known(client(&trackers).read(&[by_number]).await.remove(0)).at, read.at);
    assert_eq!(known(client(&trackers).find("acme/payments#1").await).at, read.at);
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
        assert_eq!(github.read(&[by_number(1)]).await, [Observed::Missing], "{status}");
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
        unknown(&github.read(&[by_number(1)]).await[0]);
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
    let error = |n: usize, kind: &str| json!({"type": kind, "path": ["n0", n], "message": "no"});
    let answers = [
        json!({"data": {"n0": [null]}, "errors": [error(0, "FORBIDDEN")]}),
        json!({"data": {"n0": []}}),
        json!({"data": {}}),
        json!({"data": null, "errors": [{"message": "timeout"}]}),
        json!({"data": {"n0": null}, "errors": [{"path": ["n0"], "message": "Something went wrong"}]}),
        json!({"data": {"n0": [{"__typename": "Discussion"}]}}),
        json!({"data": {"n0": [{"__typename": "Issue", "id": "I_1"}]}}),
        json!({}),
    ];
    for answer in answers {
        let canned = Canned::new([reply(200, &[], &answer)]);
        let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
        unknown(&github.read(&[at(1)]).await[0]);
        assert_eq!(canned.lines().len(), 1, "{answer}: no single reads follow");
    }
    let absent = json!({"data": {"n0": [null]}, "errors": [error(0, "NOT_FOUND")]});
    let canned = Canned::new([reply(200, &[], &absent), reply(200, &[], &rest_issue(1))]);
    let github = client_over(canned, "https://api.github.com", Hand::at(start_of_time()));
    known(github.read(&[at(1)]).await.remove(0));
}

#[tokio::test]
async fn an_enterprise_server_with_an_older_schema_is_asked_in_its_own_words() {
    let at = IssueRef { node: Some("I_1".to_owned()), ..by_number(1) };
    let refused =
        json!({"errors": [{"message": "Field 'stateReason' doesn't accept argument 'enableDuplicate'"}]});
    let node = json!({"data": {"n0": [{
        "__typename": "Issue", "id": "I_1", "number": 1, "title": "A", "state": "CLOSED", "stateReason": "NOT_PLANNED",
        "url": "https://ghe/acme/payments/issues/1", "createdAt": "2026-09-21T10:00:00Z", "updatedAt": "2026-09-21T10:00:00Z",
        "databaseId": 501, "author": null, "assignees": {"nodes": []}, "labels": {"nodes": [null]},
        "repository": {"databaseId": 7, "nameWithOwner": PAYMENTS}, "timelineItems": {"nodes": []},
    }]}});
    let canned = Canned::new([reply(200, &[], &refused), reply(200, &[], &node), reply(200, &[], &node)]);
    let github = client_over(canned.clone(), "https://ghe.acme.example/api/v3", Hand::at(start_of_time()));
    for _ in 0..2 {
        assert_eq!(known(github.read(&[at.clone()]).await.remove(0)).at.id.id, "501");
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
    assert!(everything(&github, PAYMENTS).await.is_empty());
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

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_proven_with_its_number_and_visibility() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let facts = github.place(&payments()).await.unwrap();
    assert_eq!((facts.visibility, facts.closed, facts.name.as_str()), (Visibility::Private, None, PAYMENTS));
    let public = github.place(&PlaceName::new("acme/website")).await.unwrap();
    assert_eq!(public.visibility, Visibility::Public);
    assert!(public.closed.unwrap().contains("triage"), "acme-bot can only read there");
    act(&trackers, json!({"repo": PAYMENTS, "do": "set_has_issues", "enabled": false}));
    assert!(github.place(&payments()).await.unwrap().closed.unwrap().contains("switched off"));
    act(&trackers, json!({"repo": PAYMENTS, "do": "archive"}));
    assert!(github.place(&payments()).await.unwrap().closed.unwrap().contains("archived"));
    act(&trackers, json!({"repo": PAYMENTS, "do": "rename", "to": "acme/billing"}));
    assert!(matches!(github.place(&payments()).await, Err(TrackerError::Moved { .. })));
    assert!(matches!(github.place(&PlaceName::new("acme/none")).await, Err(TrackerError::NotFound { .. })));
}

#[tokio::test]
async fn visibility_is_never_assumed() {
    let cases = [
        (json!({"visibility": "internal", "private": true}), Some(Visibility::Internal)),
        (json!({"private": true}), Some(Visibility::Private)),
        (json!({"private": false}), Some(Visibility::Public)),
        (json!({"visibility": "secret", "private": true}), None),
        (json!({}), None),
    ];
    for (mut repository, expected) in cases {
        (repository["id"], repository["full_name"]) = (json!(7), json!(PAYMENTS));
        let github = client_over(
            Canned::new([reply(200, &[], &repository)]),
            "https://api.github.com",
            Hand::at(start_of_time()),
        );
        let facts = github.place(&payments()).await;
        assert_eq!(facts.as_ref().ok().map(|facts| facts.visibility), expected, "{repository}: {facts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_issue_carries_marker_block_labels_and_assignee() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let draft = Draft { assignee: Some("ana".into()), ..draft(&github, "one").await };
    trackers.sandbox.world().clear_log();
    let created = github.create(&draft).await.unwrap();
    assert!(created.dropped.is_empty(), "{:?}", created.dropped);
    assert_eq!(log(&trackers).iter().filter(|line| line.starts_with("POST")).count(), 1);
    let issue = known(created.issue);
    assert_eq!(issue.marker.as_ref(), Some(&draft.marker));
    assert_eq!(issue.block, Some(postmortem_sync::tracker::block::digest(&draft.body)));
    assert_eq!((issue.assignees, issue.labels), (vec!["ana".into()], draft.labels));
    let body = trackers.get("/repos/acme/payments/issues/1").await.body["body"].as_str().unwrap().to_owned();
    assert_eq!(
        body,
        "<!-- pm1-one -->\n<!-- postmortem-sync:begin -->\nOur **text**.\n<!-- postmortem-sync:end -->"
    );
    assert_eq!(github.find("acme/payments#1").await.known().unwrap().at, created.at);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignee_who_cannot_be_assigned_is_dropped_and_does_not_prevent_the_issue() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let draft = Draft { assignee: Some("stranger".into()), ..draft(&github, "one").await };
    let created = github.create(&draft).await.unwrap();
    assert_eq!(created.dropped.iter().map(|dropped| dropped.field).collect::<Vec<_>>(), [Field::Owner]);
    assert!(created.dropped[0].why.contains("`stranger` cannot be assigned"), "{:?}", created.dropped);
    assert_eq!(known(created.issue).assignees, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_github_drops_without_a_word_is_an_outcome() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let website = PlaceName::new("acme/website");
    let place_id = github.place(&website).await.unwrap().id;
    let draft =
        Draft { place: website, place_id, assignee: Some("ana".into()), ..draft(&github, "one").await };
    let created = github.create(&draft).await.unwrap();
    let fields: Vec<Field> = created.dropped.iter().map(|dropped| dropped.field).collect();
    assert_eq!(fields, [Field::Owner, Field::Labels], "acme-bot can only read there");
    assert!(created.dropped.iter().all(|dropped| dropped.why.contains("without a word")));
    assert_eq!(created.at.place.as_str(), "acme/website");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_is_sent_once_whatever_the_answer_and_its_outcome_stays_unknown() {
    for action in [
        json!({"status": {"status": 502}}),
        json!({"status_after": {"status": 500}}),
        json!("drop_before"),
        json!("drop_after"),
        json!("truncate"),
        json!({"status_after": {"status": 201, "body": {"id": "?"}}}),
        json!({"status_after": {"status": 200, "body": []}}),
    ] {
        let trackers = sandbox().await;
        let github = client(&trackers);
        let draft = draft(&github, "one").await;
        fault(&trackers, json!({"method": "POST", "path": "/issues", "action": action.clone()}));
        trackers.sandbox.world().clear_log();
        let error = github.create(&draft).await.unwrap_err();
        assert!(
            matches!(error, TrackerError::Transient { .. }) && !error.is_certain(),
            "{action}: {error:?}"
        );
        assert_eq!(log(&trackers).len(), 1, "{action}");
    }
}

#[tokio::test]
async fn a_failed_question_before_a_create_leaves_no_doubt_about_the_create() {
    let canned = Canned::new([
        reply(200, &[], &json!({"id": 7, "full_name": PAYMENTS, "private": true})),
        reply(502, &[], &json!({})),
    ]);
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    let draft = Draft { assignee: Some("ana".into()), ..draft(&github, "one").await };
    let error = github.create(&draft).await.unwrap_err();
    assert!(matches!(error, TrackerError::Unsent { .. }), "{error:?}");
    assert_eq!(canned.lines(), ["GET /repos/acme/payments", "GET /repositories/7/assignees/ana"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_took_over_a_name_gets_nothing() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let draft = draft(&github, "one").await;
    act(&trackers, json!({"repo": PAYMENTS, "do": "rename", "to": "acme/old"}));
    let newcomer = json!({"full_name": PAYMENTS, "private": false});
    trackers.sandbox.world().add(&json!({"github": {"repositories": [newcomer]}})).unwrap();
    assert_ne!(github.place(&payments()).await.unwrap().id, draft.place_id);
    let created = github.create(&draft).await.unwrap();
    assert_eq!(created.at.place.as_str(), "acme/old");
    assert!(everything(&github, PAYMENTS).await.is_empty());
    act(&trackers, json!({"repo": "acme/old", "do": "delete"}));
    let error = github.create(&draft).await.unwrap_err();
    assert!(matches!(error, TrackerError::NotFound { .. }) && error.is_certain(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_beyond_the_limits_are_cut_between_graphemes_and_keep_their_marker() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let family = "👩‍👩‍👧‍👦";
    let draft =
        Draft { title: family.repeat(300), body: family.repeat(20_000), ..draft(&github, "one").await };
    let issue = known(github.create(&draft).await.unwrap().issue);
    assert!(issue.title.chars().count() <= 256);
    let whole = issue.title.strip_suffix('…').unwrap();
    assert_eq!(whole.replace(family, ""), "", "no family is torn apart");
    assert_eq!(issue.marker, Some(draft.marker));
    assert!(issue.block.is_some(), "the end of our block is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn markers_are_found_on_all_pages_and_only_in_our_own_issues() {
    let trackers = bulk(0).await;
    let github = client(&trackers);
    let mut wanted = Vec::new();
    trackers
        .sandbox
        .world()
        .change_settings(&json!({"github": {"content_per_minute": null, "content_per_hour": null}}))
        .unwrap();
    for n in 0..230 {
        let draft = draft(&github, &format!("m{n}")).await;
        github.create(&draft).await.unwrap();
        wanted.push(draft.marker);
    }
    let forged = "<!-- pm1-m7 -->\nforged";
    act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "F", "body": forged}));
    act(&trackers, json!({"issue": "acme/payments#230", "do": "close"}));
    let quoted = json!({"title": "Q", "body": "They wrote:\n<!-- pm1-m8 -->"});
    trackers.open_issue(PAYMENTS, quoted).await;
    trackers.sandbox.world().clear_log();
    let found = github.marked(&payments(), &wanted[..], None).await.unwrap();
    assert_eq!(found.len(), 230);
    assert_eq!(n_of(&log(&trackers), &format!("GET /repositories/{}/issues", found[0].at.place_id)), 3);
    let few = [Marker::new("pm1-m0"), Marker::new("pm1-m229"), Marker::new("pm1-none")];
    let keys: Vec<String> =
        github.marked(&payments(), &few, None).await.unwrap().into_iter().map(|issue| issue.at.key).collect();
    assert_eq!(keys, ["acme/payments#1", "acme/payments#230"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_search_that_is_not_complete_is_an_error() {
    let trackers = bulk(0).await;
    let github = client(&trackers);
    trackers
        .sandbox
        .world()
        .change_settings(&json!({"github": {"content_per_minute": null, "content_per_hour": null}}))
        .unwrap();
    for n in 0..101 {
        github.create(&draft(&github, &format!("m{n}")).await).await.unwrap();
    }
    let markers = [Marker::new("pm1-m0")];
    fault(&trackers, json!({"path": "page=2", "action": {"status": {"status": 502}}}));
    assert!(github.marked(&payments(), &markers, None).await.is_err());
    fault(&trackers, json!({"path": "creator=", "action": "truncate"}));
    assert!(github.marked(&payments(), &markers, None).await.is_err());
    fault(
        &trackers,
        json!({"path": "creator=", "action": {"status": {"status": 200, "body": {"message": "maintenance"}}}}),
    );
    assert!(github.marked(&payments(), &markers, None).await.is_err());
    assert_eq!(github.marked(&payments(), &markers, None).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_search_looks_back_as_far_as_it_is_told() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let old = draft(&github, "old").await;
    github.create(&old).await.unwrap();
    trackers.sandbox.world().advance(3_600_000);
    let new = draft(&github, "new").await;
    github.create(&new).await.unwrap();
    let both = [old.marker, new.marker.clone()];
    let since = Some(start_of_time() + TimeDelta::minutes(30));
    let found = github.marked(&payments(), &both, since).await.unwrap();
    assert_eq!(found.into_iter().map(|issue| issue.marker.unwrap()).collect::<Vec<_>>(), [new.marker]);
    assert_eq!(github.marked(&payments(), &both, None).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_listing_skips_nothing_when_hundreds_change_in_one_second() {
    let trackers = bulk(250).await;
    let github = client(&trackers);
    trackers.sandbox.world().advance(1000);
    act(&trackers, json!({"issue": "acme/payments#7", "do": "close"}));
    assert_eq!(everything(&github, PAYMENTS).await.len(), 250);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cursor_is_the_servers_time_at_the_start_less_an_overlap() {
    let trackers = sandbox().await;
    one_issue(&trackers).await;
    let github = client_over_wrong_clock(&trackers);
    let first = github.changed(&payments(), None).await.unwrap();
    assert!(first.issues.is_empty(), "from now on");
    trackers.sandbox.world().advance(3_600_000);
    act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "B"}));
    let second = github.changed(&payments(), Some(&first.next)).await.unwrap();
    assert!(second.issues.iter().any(|issue| issue.title == "B"));
    let third = github.changed(&payments(), Some(&second.next)).await.unwrap();
    assert_eq!(
        third.issues.into_iter().map(|issue| issue.title).collect::<Vec<_>>(),
        ["B"],
        "the overlap repeats"
    );
    trackers.sandbox.world().advance(3_600_000);
    let quiet = github.changed(&payments(), Some(&third.next)).await.unwrap();
    let later = github.changed(&payments(), Some(&quiet.next)).await.unwrap();
    assert!(later.issues.is_empty());
    assert!(github.changed(&payments(), Some(&Cursor("yesterday".to_owned()))).await.is_err());
}

fn client_over_wrong_clock(trackers: &Trackers) -> postmortem_sync::tracker::github::GitHub {
    let wrong = Hand::at(start_of_time() + TimeDelta::days(400));
    crate::github_rig::client_at(trackers, "sandbox-github-token", wrong)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closed_an_issue_comes_from_the_read_or_else_from_one_more() {
    let trackers = sandbox().await;
    let open = one_issue(&trackers).await;
    act(&trackers, json!({"issue": "acme/payments#1", "do": "close", "as": "chen"}));
    let github = client(&trackers);
    assert_eq!(github.closer(&open).await.unwrap(), None);
    let closed = known(github.read(&[open.at]).await.remove(0));
    trackers.sandbox.world().clear_log();
    assert_eq!(github.closer(&closed).await.unwrap(), Some("chen".into()));
    assert!(log(&trackers).is_empty());
    let silent = Issue { closed_by: None, ..closed };
    assert_eq!(github.closer(&silent).await.unwrap(), Some("chen".into()));
    assert_eq!(log(&trackers).len(), 1);
}

proptest! {
    #[test]
    fn replacing_our_block_keeps_every_byte_outside_it(before in any::<String>(), after in any::<String>(), old in "[a-z \n]{0,40}", new in "[a-z \n]{0,40}") {
        use postmortem_sync::tracker::block;
        let body = format!("{before}{}\n{old}\n{}{after}", block::BEGIN, block::END);
        let changed = block::with_block(&body, &new).unwrap();
        let (start, end) = (format!("{before}{}", block::BEGIN), format!("{}{after}", block::END));
        prop_assert!(changed.starts_with(&start) && changed.ends_with(&end));
        prop_assert_eq!(block::digest(block::block_of(&changed).unwrap()), block::digest(&new));
        prop_assert_eq!(block::with_block(&changed, &new).unwrap(), changed);
    }
}
