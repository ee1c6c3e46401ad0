//! Issues with a label as texts, over real HTTP: all of them, nothing else, or an error.

use postmortem_sync::{
    model::{ids::PlaceName, issue::IssueText},
    tracker::{TrackerError, TrackerRead as _, TrackerWrite as _},
};
use serde_json::json;

use super::{
    github_rig::{PAYMENTS, act, client, draft, fault, log, payments},
    support::{Trackers, sandbox},
};

fn open(trackers: &Trackers, title: &str, labels: &[&str]) {
    act(
        trackers,
        json!({"repo": PAYMENTS, "do": "open_issue", "title": title, "body": format!("About {title}."), "labels": labels}),
    );
}

fn keys(texts: &[IssueText]) -> Vec<&str> {
    texts.iter().map(|text| text.key.as_str()).collect()
}

#[tokio::test]
async fn open_and_closed_issues_with_the_label_are_told_in_order() {
    let trackers = sandbox().await;
    open(&trackers, "one", &["postmortem", "later"]);
    open(&trackers, "two", &["later"]);
    open(&trackers, "three", &["Postmortem"]);
    act(
        &trackers,
        json!({"repo": PAYMENTS, "do": "open_issue", "title": "a pull", "labels": ["postmortem"], "pull_request": true}),
    );
    act(&trackers, json!({"issue": "acme/payments#1", "do": "close", "reason": "completed"}));
    let github = client(&trackers);
    let texts = github.texts(&payments(), "postmortem").await.unwrap();
    assert_eq!(keys(&texts), ["acme/payments#1", "acme/payments#3"]);
    assert_eq!((texts[0].title.as_str(), texts[0].body.as_str()), ("one", "About one."));
    assert!(texts[0].url.ends_with("/acme/payments/issues/1"), "{}", texts[0].url);
    assert!(github.texts(&payments(), "nothing").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_label_with_a_comma_is_one_label() {
    let trackers = sandbox().await;
    open(&trackers, "one", &["incident, closed"]);
    open(&trackers, "two", &["incident", "closed"]);
    let texts = client(&trackers).texts(&payments(), "incident, closed").await.unwrap();
    assert_eq!(keys(&texts), ["acme/payments#1"]);
}

#[tokio::test]
async fn what_a_worker_made_is_no_document() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let made = github.create(&draft(&github, "abc").await).await.unwrap();
    act(&trackers, json!({"issue": made.at.key, "do": "label", "label": "postmortem"}));
    open(&trackers, "two", &["postmortem"]);
    assert_eq!(keys(&github.texts(&payments(), "postmortem").await.unwrap()), ["acme/payments#2"]);
}

#[tokio::test]
async fn a_list_over_many_pages_is_complete_or_an_error() {
    let trackers = sandbox().await;
    for n in 0..130 {
        open(&trackers, &format!("number {n}"), &["postmortem"]);
    }
    let github = client(&trackers);
    assert_eq!(github.texts(&payments(), "postmortem").await.unwrap().len(), 130);
    trackers.sandbox.world().clear_log();
    fault(
        &trackers,
        json!({"tracker": "github", "path": "/issues", "skip": 1, "times": 5, "action": {"status": {"status": 503}}}),
    );
    let cut = github.texts(&payments(), "postmortem").await;
    assert!(matches!(cut, Err(TrackerError::Transient { .. })), "{cut:?}\n{:?}", log(&trackers));
}

#[tokio::test]
async fn a_repository_that_was_renamed_keeps_the_keys_of_its_issues() {
    let trackers = sandbox().await;
    open(&trackers, "one", &["postmortem"]);
    act(&trackers, json!({"repo": PAYMENTS, "do": "rename", "to": "acme/money"}));
    let texts = client(&trackers).texts(&payments(), "postmortem").await.unwrap();
    assert_eq!(keys(&texts), ["acme/payments#1"]);
    let gone = client(&trackers).texts(&PlaceName::new("acme/nowhere"), "postmortem").await;
    assert!(matches!(gone, Err(TrackerError::NotFound { .. })), "{gone:?}");
}
