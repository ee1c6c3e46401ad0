//! Listing GitHub issues: our markers.

use chrono::TimeDelta;
use postmortem_sync::{
    model::ids::Marker,
    tracker::{TrackerError, TrackerRead as _, TrackerWrite as _},
};
use serde_json::{Value, json};

use crate::{
    github_rig::{
        Canned, Hand, PAYMENTS, act, bulk, client, client_over, draft, fault, log, payments, reply,
        rest_issue,
    },
    support::{Trackers, sandbox, sandbox_with, start_of_time},
};

#[tokio::test(flavor = "multi_thread")]
async fn markers_are_found_on_all_pages_in_what_we_wrote_or_labelled() {
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
    let (body, labels) = ("<!-- pm1-m7 -->\nforeign", ["postmortem-sync"]);
    act(
        &trackers,
        json!({"repo": PAYMENTS, "do": "open_issue", "title": "F", "body": body, "labels": labels}),
    );
    act(&trackers, json!({"issue": "acme/payments#230", "do": "close"}));
    let quoted = json!({"title": "Q", "body": "They wrote: <!-- pm1-m8 -->"});
    trackers.open_issue(PAYMENTS, quoted).await;
    trackers.sandbox.world().clear_log();
    let found = github.marked(&payments(), &wanted[..], None).await.unwrap();
    assert_eq!(found.len(), 231, "also what another account wrote and labelled as ours");
    let pages = log(&trackers).iter().filter(|line| line.ends_with("/issues")).count();
    assert_eq!(pages, 4, "three by author, one by label");
    let few = [Marker::new("pm1-m0"), Marker::new("pm1-m229"), Marker::new("pm1-none")];
    let keys: Vec<String> =
        github.marked(&payments(), &few, None).await.unwrap().into_iter().map(|issue| issue.at.key).collect();
    assert_eq!(keys, ["acme/payments#1", "acme/payments#230"]);
}

#[tokio::test]
async fn a_marker_is_shown_with_whoever_wrote_it() {
    let mut issues = [rest_issue(1), rest_issue(2), rest_issue(3)];
    for (issue, login) in
        issues.iter_mut().zip([json!({"login": "mallory"}), json!({"login": "ACME-bot"}), Value::Null])
    {
        issue["user"] = login;
        issue["body"] = json!("<!-- pm1-m -->\ntext");
    }
    let answers =
        [reply(200, &[], &json!({"id": 7, "full_name": PAYMENTS})), reply(200, &[], &json!(issues))];
    let github = client_over(Canned::new(answers), "https://api.github.com", Hand::at(start_of_time()));
    let since = Some(start_of_time());
    let found = github.marked(&payments(), &[Marker::new("pm1-m")], since).await.unwrap();
    let authors: Vec<_> = found.into_iter().map(|issue| issue.author.unwrap().as_str().to_owned()).collect();
    assert_eq!(authors, ["mallory", "ACME-bot", "ghost"]);
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
    fault(&trackers, json!({"path": "page=2", "times": 2, "action": {"status": {"status": 502}}}));
    assert!(github.marked(&payments(), &markers, None).await.is_err());
    fault(&trackers, json!({"path": "creator=", "times": 2, "action": "truncate"}));
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
async fn a_listing_skips_nothing_when_hundreds_change_in_one_second() {
    let issues =
        (0..250).map(|n| json!({"title": "A", "body": format!("<!-- pm1-m{n} -->")})).collect::<Vec<_>>();
    let trackers = sandbox_with(json!({
        "people": [{"login": "acme-bot"}, {"login": "ana"}],
        "github": {
            "tokens": [{"token": "sandbox-github-token", "login": "acme-bot"}],
            "repositories": [{"full_name": PAYMENTS, "private": true, "issues": issues}],
        },
    }))
    .await;
    let github = client(&trackers);
    trackers.sandbox.world().advance(1000);
    act(&trackers, json!({"issue": "acme/payments#7", "do": "close"}));
    let markers: Vec<Marker> = (0..250).map(|n| Marker::new(format!("pm1-m{n}"))).collect();
    let since = Some(start_of_time() - TimeDelta::hours(1));
    assert_eq!(github.marked(&payments(), &markers, since).await.unwrap().len(), 250);
}

#[tokio::test]
async fn a_list_that_goes_round_in_circles_is_an_error_after_a_few_pages() {
    let again = [("link", "<https://api.github.com/repositories/7/issues?page=2>; rel=\"next\"")];
    let repository = reply(200, &[], &json!({"id": 7, "full_name": PAYMENTS}));
    let pages = (0..99).map(|_| reply(200, &again, &json!([rest_issue(1)])));
    let canned = Canned::new([repository].into_iter().chain(pages));
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    let endless = github.marked(&payments(), &[Marker::new("pm1-m")], Some(start_of_time())).await;
    assert!(
        matches!(&endless, Err(TrackerError::Malformed { why }) if why.contains("does not end")),
        "{endless:?}"
    );
    assert!(canned.lines().len() < 10, "{:?}", canned.lines());
}

#[tokio::test]
async fn what_was_taken_elsewhere_or_is_not_listed_yet_is_found_by_its_number() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "B"}));
    let mut keys = Vec::new();
    for name in ["moved", "deleted", "late"] {
        if name == "late" {
            trackers.sandbox.world().change_settings(&json!({"github": {"list_lag_ms": 600_000}})).unwrap();
        }
        keys.push(github.create(&draft(&github, name).await).await.unwrap().at.key);
    }
    act(&trackers, json!({"issue": keys[0], "do": "transfer", "to": "acme/platform"}));
    act(&trackers, json!({"issue": keys[1], "do": "delete"}));
    let since = start_of_time() - TimeDelta::minutes(1);
    let markers = ["moved", "late"].map(|name| Marker::new(format!("pm1-{name}")));
    assert!(
        github.marked(&payments(), &markers, Some(since)).await.unwrap().is_empty(),
        "no list shows them"
    );
    let found = github.unlisted(&payments(), since).await.unwrap();
    let told: Vec<(String, String)> = found
        .into_iter()
        .filter_map(|issue| Some((issue.marker?.as_str().to_owned(), issue.at.place.as_str().to_owned())))
        .collect();
    let expected = [("pm1-moved", "acme/platform"), ("pm1-late", "acme/payments")];
    assert_eq!(told, expected.map(|(marker, place)| (marker.to_owned(), place.to_owned())));
}

/// A sandbox in which somebody opened so many issues just now.
async fn numbered(n: usize) -> Trackers {
    let trackers = sandbox().await;
    for _ in 0..n {
        act(&trackers, json!({"repo": PAYMENTS, "do": "open_issue", "title": "One of many"}));
    }
    trackers
}

#[tokio::test]
async fn numbers_are_walked_from_the_time_on_and_no_answer_is_no_proof() {
    let trackers = numbered(3).await;
    let github = client(&trackers);
    act(&trackers, json!({"issue": "acme/payments#1", "do": "delete"}));
    trackers.sandbox.world().clear_log();
    let later = start_of_time() + TimeDelta::days(365);
    assert!(github.unlisted(&payments(), later).await.unwrap().is_empty());
    let asked = log(&trackers).iter().filter(|line| line.contains("/issues/")).cloned().collect::<Vec<_>>();
    assert_eq!(asked.len(), 10, "nothing that is older, and ten beyond the newest: {asked:?}");
    assert!(asked[0].ends_with("/issues/4"), "{asked:?}");
    fault(
        &trackers,
        json!({"tracker": "github", "path": "/issues/5", "times": 5, "action": {"status": {"status": 503}}}),
    );
    let cut = github.unlisted(&payments(), later).await;
    assert!(matches!(cut, Err(TrackerError::Transient { .. })), "{cut:?}");
}

#[tokio::test]
async fn numbers_are_listed_over_many_pages_and_one_that_comes_again_and_again_is_an_error() {
    let trackers = numbered(230).await;
    let github = client(&trackers);
    act(&trackers, json!({"issue": "acme/payments#7", "do": "delete"}));
    trackers.sandbox.world().clear_log();
    let since = start_of_time() - TimeDelta::minutes(1);
    assert!(github.unlisted(&payments(), since).await.unwrap().is_empty());
    let lines = log(&trackers);
    let asked: Vec<&str> =
        lines.iter().filter_map(|line| line.rsplit_once("/issues/")).map(|(_, n)| n).collect();
    assert_eq!(asked.len(), 1 + 10, "the gap, and ten beyond: {asked:?}");
    assert_eq!((asked[0], asked[1]), ("7", "231"));
    assert_eq!(lines.iter().filter(|line| line.ends_with("/issues")).count(), 3, "{lines:?}");

    let page: Vec<Value> = (1..=100).map(rest_issue).collect();
    let repository = reply(200, &[], &json!({"id": 7, "full_name": "acme/payments", "private": true}));
    let pages = (0..20).map(|_| reply(200, &[], &json!(page)));
    let canned = Canned::new([repository].into_iter().chain(pages));
    let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
    let endless = github.unlisted(&payments(), "2000-01-01T00:00:00Z".parse().unwrap()).await;
    assert!(
        matches!(&endless, Err(TrackerError::Malformed { why }) if why.contains("does not end")),
        "{endless:?}"
    );
    assert!(canned.lines().len() < 10, "{:?}", canned.lines());
}

#[tokio::test]
async fn a_server_on_which_every_number_is_an_issue_is_not_believed() {
    let repository = reply(200, &[], &json!({"id": 7, "full_name": PAYMENTS}));
    let issues = (1..1_100).map(|n| reply(200, &[], &rest_issue(n)));
    let answers = [repository, reply(200, &[], &json!([]))].into_iter().chain(issues);
    let github = client_over(Canned::new(answers), "https://api.github.com", Hand::at(start_of_time()));
    let endless = github.unlisted(&payments(), start_of_time()).await;
    assert!(
        matches!(&endless, Err(TrackerError::Malformed { why }) if why.contains("every number")),
        "{endless:?}"
    );
}

#[tokio::test]
async fn a_search_tells_every_marker_that_it_comes_across_and_when_it_began() {
    let date = ("date", "Mon, 21 Sep 2026 12:00:00 GMT");
    let mut issues: Vec<Value> = (1..=4).map(rest_issue).collect();
    for (issue, body) in
        issues.iter_mut().zip(["<!-- pm1-m -->", "<!-- pm1-other -->", "words", "<!-- pm1-m -->"])
    {
        issue["body"] = json!(body);
    }
    let mut odd = rest_issue(5);
    odd["body"] = json!("<!-- pm1-odd -->");
    odd["state"] = json!(7);
    let search = async |headers: &[(&str, &str)], issues: &[Value]| {
        let repository = reply(200, &[], &json!({"id": 7, "full_name": PAYMENTS}));
        let answers = [repository, reply(200, headers, &json!(issues))];
        let github = client_over(Canned::new(answers), "https://api.github.com", Hand::at(start_of_time()));
        github.search(&payments(), &[Marker::new("pm1-m")], Some(start_of_time())).await.unwrap()
    };
    let shown = search(&[date], &issues).await;
    let marks: Vec<(&str, &str)> =
        shown.marks.iter().map(|(mark, _)| (mark.issue.key.as_str(), mark.marker.as_str())).collect();
    assert_eq!(
        marks,
        [("acme/payments#1", "pm1-m"), ("acme/payments#2", "pm1-other"), ("acme/payments#4", "pm1-m")]
    );
    let keys: Vec<&str> = shown.issues.iter().map(|issue| issue.at.key.as_str()).collect();
    assert_eq!(keys, ["acme/payments#1", "acme/payments#4"]);
    assert_eq!(shown.as_of.unwrap().to_rfc3339(), "2026-09-21T12:00:00+00:00");
    assert_eq!(search(&[], &issues).await.as_of, None, "nothing tells the time");
    issues.push(odd);
    assert_eq!(search(&[date], &issues).await.as_of, None, "one may hold a marker and cannot be read");
}
