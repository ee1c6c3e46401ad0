//! Reading many GitHub issues where a server lacks GraphQL, forbids it, or cannot answer much at once.

use std::sync::Arc;

use postmortem_sync::{
    model::{issue::IssueRef, observed::Observed},
    net::http::{HttpError, Response},
    tracker::{TrackerRead as _, github::GitHub},
};
use serde_json::{Value, json};

use crate::{
    github_rig::{Canned, Hand, PAYMENTS, by_number, client_over, known, reply, rest_issue, unknown},
    support::start_of_time,
};

type Answer = Result<Response, HttpError>;

fn over(answers: impl IntoIterator<Item = Answer>) -> (Arc<Canned>, GitHub) {
    let canned = Canned::new(answers);
    (canned.clone(), client_over(canned, "https://api.github.com", Hand::at(start_of_time())))
}

fn at(number: u64) -> IssueRef {
    IssueRef { node: Some(format!("I_{number}")), ..by_number(number) }
}

fn all(numbers: std::ops::Range<u64>) -> Vec<IssueRef> {
    numbers.map(at).collect()
}

fn repository() -> Answer {
    reply(200, &[], &json!({"id": 7, "full_name": PAYMENTS, "private": true}))
}

/// How many ids each question in GraphQL was about.
fn asked(canned: &Canned) -> Vec<usize> {
    let asked = canned.asked.lock().unwrap();
    let ids = |body: &Value| {
        let variables = body["variables"].as_object().unwrap();
        variables.values().map(|ids| ids.as_array().unwrap().len()).sum()
    };
    asked.iter().map(|(_, body)| ids(body)).collect()
}

#[tokio::test]
async fn without_graphql_forty_issues_are_one_list_and_only_what_it_does_not_show_is_read_by_itself() {
    for (status, body) in [
        (404, json!({"message": "Not Found"})),
        (403, json!({"message": "Resource not accessible by personal access token"})),
        (405, json!({})),
        (501, json!({})),
        (200, json!({"errors": [{"message": "Unknown query"}]})),
    ] {
        let mut pull = rest_issue(3);
        pull["pull_request"] = json!({});
        let listed: Vec<Value> =
            (1..=38).map(|n| if n == 3 { pull.clone() } else { rest_issue(n) }).collect();
        // A complaint about the question leaves out of it what the server may not know, once.
        let n_questions = if status == 200 || status >= 405 { 2 } else { 1 };
        let questions = (0..n_questions).map(|_| reply(status, &[], &body));
        let then = [
            repository(),
            reply(200, &[], &json!(listed)),
            reply(200, &[], &pull),
            reply(404, &[], &json!({})),
            reply(200, &[], &rest_issue(40)),
        ];
        let (canned, github) = over(questions.chain(then));
        let read = github.read(&all(1..41)).await;
        assert_eq!(canned.lines().len(), n_questions + 5, "{status}: {:?}", canned.lines());
        assert!(canned.lines()[n_questions + 1].contains("labels=postmortem-sync"), "{:?}", canned.lines());
        assert_eq!(read.iter().filter(|issue| issue.known().is_some()).count(), 38, "{status}");
        assert_eq!(known(read[0].clone()).at.id, at(1).id);
        assert!(unknown(&read[2]).contains("pull request"));
        assert_eq!(read[38], Observed::Missing, "by a read of its own, not because no list showed it");
    }
}

#[tokio::test]
async fn a_list_that_a_server_cannot_make_leads_to_single_reads_and_a_failed_one_to_nothing() {
    for (status, n_single) in [(422, 30), (404, 30), (502, 0), (403, 0)] {
        let n_lists = if status == 502 { 2 } else { 1 };
        let lists = (0..n_lists).map(|_| reply(status, &[], &json!({})));
        let answers = [reply(404, &[], &json!({})), repository()].into_iter().chain(lists);
        let singles = (1..31).map(|n| reply(200, &[], &rest_issue(n)));
        let (canned, github) = over(answers.chain(singles));
        let read = github.read(&all(1..31)).await;
        assert_eq!(canned.lines().len(), 2 + n_lists + n_single, "{status}");
        assert_eq!(read.iter().filter(|issue| issue.known().is_some()).count(), n_single, "{status}");
    }
}

#[tokio::test]
async fn a_repository_in_trouble_is_asked_once_for_all_its_issues() {
    for status in [403, 451, 404] {
        let (canned, github) = over([reply(404, &[], &json!({})), reply(status, &[], &json!({}))]);
        let read = github.read(&all(1..20)).await;
        assert_eq!(canned.lines(), ["POST /graphql", "GET /repos/acme/payments"]);
        for issue in read {
            assert_eq!(issue == Observed::Missing, status == 404, "{issue:?}");
        }
    }
}

#[tokio::test]
async fn a_batch_that_was_too_much_is_smaller_the_next_time_and_grows_again() {
    let node = |at: &IssueRef| {
        json!({
            "__typename": "Issue", "id": at.node, "number": 1, "state": "OPEN",
            "createdAt": "2026-09-21T10:00:00Z", "updatedAt": "2026-09-21T10:00:00Z",
            "repository": {"databaseId": 7, "nameWithOwner": PAYMENTS},
        })
    };
    let refs = all(0..300);
    // An answer may show more than was asked for; each issue is recognised by its id.
    let everything = json!({"data": {"nodes": refs.iter().map(node).collect::<Vec<_>>()}});
    let slow = || reply(502, &[], &json!({}));
    let fine = || reply(200, &[], &everything);
    let (canned, github) = over([slow(), slow(), fine(), fine(), fine()]);
    for answer in github.read(&refs).await {
        unknown(&answer);
    }
    for _ in 0..2 {
        for answer in github.read(&refs).await {
            known(answer);
        }
    }
    assert_eq!(asked(&canned), [300, 300, 150, 150, 300]);
}
