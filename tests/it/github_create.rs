//! Proving a GitHub repository and creating issues in it.

use chrono::TimeDelta;
use postmortem_sync::{
    model::{
        ids::PlaceName,
        issue::{Draft, Field, Visibility},
    },
    tracker::{TrackerError, TrackerRead as _, TrackerWrite as _},
};
use serde_json::json;

use crate::{
    github_rig::{
        Canned, Hand, PAYMENTS, act, client, client_at, client_over, draft, fault, known, log, payments,
        reply, rest_issue,
    },
    support::{sandbox, start_of_time},
};

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
    let renamed = github.place(&payments()).await.unwrap();
    assert_eq!((renamed.id, renamed.name.as_str()), (facts.id, "acme/billing"));
    assert!(renamed.closed.is_some(), "the old name may be another repository's tomorrow");
    assert!(matches!(github.place(&PlaceName::new("acme/none")).await, Err(TrackerError::NotFound { .. })));
}

#[tokio::test]
async fn visibility_is_never_assumed() {
    let cases = [
        (json!({"visibility": "internal", "private": true}), Some(Visibility::Internal)),
        (json!({"private": true}), Some(Visibility::Internal)),
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
    assert_eq!(issue.block, Some(postmortem_sync::model::digest::of_text(&draft.body)));
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

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_assignee_costs_one_more_create_and_is_left_out_for_ten_minutes() {
    let trackers = sandbox().await;
    let clock = Hand::at(start_of_time());
    let github = client_at(&trackers, "sandbox-github-token", clock.clone());
    let created = || log(&trackers).iter().filter(|line| line.starts_with("POST")).count();
    let owned = |draft| Draft { assignee: Some("stranger".into()), ..draft };
    for (name, n_creates, minutes) in [("one", 2, 0), ("two", 3, 11), ("three", 5, 0)] {
        let draft = owned(draft(&github, name).await);
        let dropped = github.create(&draft).await.unwrap().dropped;
        assert_eq!(dropped.iter().map(|dropped| dropped.field).collect::<Vec<_>>(), [Field::Owner]);
        assert_eq!(created(), n_creates, "{name}");
        clock.advance(TimeDelta::minutes(minutes));
    }
    let assignable = Draft { assignee: Some("ana".into()), ..draft(&github, "four").await };
    assert_eq!(github.create(&assignable).await.unwrap().dropped, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_in_a_repository_that_is_not_there_any_more_is_certainly_none() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let draft = draft(&github, "one").await;
    act(&trackers, json!({"repo": PAYMENTS, "do": "rename", "to": "acme/old"}));
    let error = github.create(&draft).await.unwrap_err();
    assert!(matches!(error, TrackerError::Moved { .. }) && error.is_certain(), "{error:?}");
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

#[tokio::test]
async fn an_apps_repository_permissions_say_nothing_about_issues() {
    let nothing = json!({"admin": false, "maintain": false, "push": false, "triage": false, "pull": false});
    let repository = json!({"id": 7, "full_name": PAYMENTS, "private": true, "permissions": nothing});
    for (login, is_closed) in [("pm-app[bot]", false), ("acme-bot", true)] {
        let user = match login.strip_suffix("[bot]") {
            Some(_) => reply(403, &[], &json!({"message": "Resource not accessible by integration"})),
            None => reply(200, &[], &json!({"login": login})),
        };
        let viewer = reply(200, &[], &json!({"data": {"viewer": {"login": login}}}));
        let answers = [reply(200, &[], &repository), user, viewer];
        let github = client_over(Canned::new(answers), "https://api.github.com", Hand::at(start_of_time()));
        assert_eq!(github.place(&payments()).await.unwrap().closed.is_some(), is_closed, "{login}");
    }
}

#[tokio::test]
async fn only_201_says_that_an_issue_was_created() {
    let repository = json!({"id": 7, "full_name": PAYMENTS, "private": true});
    let answers = [reply(200, &[], &repository), reply(200, &[], &rest_issue(1))];
    let github = client_over(Canned::new(answers), "https://api.github.com", Hand::at(start_of_time()));
    let error = github.create(&draft(&github, "one").await).await.unwrap_err();
    assert!(matches!(error, TrackerError::Transient { .. }), "{error:?}");
}

#[tokio::test]
async fn labels_that_github_cannot_make_do_not_prevent_the_issue() {
    let repository = json!({"id": 7, "full_name": PAYMENTS, "private": true});
    let too_long = json!({"message": "Validation Failed", "errors": [{"resource": "Label", "field": "name", "code": "custom", "message": "name is too long"}]});
    let mut issue = rest_issue(1);
    issue["body"] = json!("<!-- pm1-one -->");
    let answers = [reply(200, &[], &repository), reply(422, &[], &too_long), reply(201, &[], &issue)];
    let canned = Canned::new(answers);
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    let created = github.create(&draft(&github, "one").await).await.unwrap();
    assert_eq!(created.dropped.iter().map(|dropped| dropped.field).collect::<Vec<_>>(), [Field::Labels]);
    assert_eq!(canned.asked.lock().unwrap()[2].1.get("labels"), None);
}
