//! A tracker that stops answering is not asked for the rest of a cycle (invariant 9).

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use http::{Request, StatusCode};
use postmortem_sync::{
    app::StoppableTimer,
    cycle::look::{Look, look},
    model::{
        ids::{FindingKey, Marker},
        issue::IssueRef,
        observed::Observed,
    },
    net::{
        breaker::Breaker,
        http::{HttpError, Response, Timeouts},
        pace::{Lane, Pace},
    },
    plan::reads::Reads,
    tracker::{
        TrackerError, TrackerRead as _,
        github::{GitHub, OctocrabHttp},
    },
};
use serde_json::{Value, json};

use crate::{
    github_rig::{Canned, Hand, by_number, client_over, fault, log, reply, settings},
    support::{sandbox, start_of_time},
};

fn lost() -> Result<Response, HttpError> {
    Err(HttpError::Lost("connection reset".to_owned()))
}

/// Sends so many writes, which are never repeated, of which the transport answers as told. Says how each ended.
async fn ends(pace: &Pace, http: &Canned, n: usize) -> Vec<Result<u16, TrackerError>> {
    let mut ends = Vec::new();
    for _ in 0..n {
        let sent = pace.send(http, Lane::Write, Request::new(bytes::Bytes::new())).await;
        ends.push(sent.map(|response| response.status().as_u16()));
    }
    ends
}

fn pace() -> Pace {
    Pace::new(settings("https://api.github.com").allowances, Hand::at(start_of_time()))
}

#[tokio::test]
async fn after_three_requests_without_an_answer_nothing_is_sent_until_the_next_cycle() {
    let canned = Canned::new((0..3).map(|_| lost()));
    let pace = pace();
    let ended = ends(&pace, &canned, 6).await;
    assert_eq!(canned.lines().len(), 3);
    for end in &ended[3..] {
        let error = end.clone().unwrap_err();
        assert!(error.is_certain(), "what was not sent was not done: {error:?}");
        let why = error.to_string();
        assert!(
            why.contains("not asked any more in this cycle") && why.contains("connection reset"),
            "{why}"
        );
    }
    pace.begin();
    assert_eq!(ends(&pace, &canned, 1).await, [Ok(500)], "a new cycle asks again");
}

#[tokio::test]
async fn requests_that_go_astray_between_answers_stop_nothing() {
    let answers = (0..20).map(|n| if n % 3 == 2 { reply(503, &[], &Value::Null) } else { lost() });
    let canned = Canned::new(answers);
    ends(&pace(), &canned, 20).await;
    assert_eq!(canned.lines().len(), 20);
}

#[tokio::test]
async fn a_read_that_fails_quickly_is_sent_once_more_and_nothing_else_is() {
    let failed = |status: u16| reply(status, &[], &Value::Null);
    let paused = || reply(503, &[("retry-after", "60")], &Value::Null);
    let cases: [(Lane, Result<Response, HttpError>, usize); 7] = [
        (Lane::Read, lost(), 2),
        (Lane::Read, failed(502), 2),
        (Lane::Read, failed(404), 1),
        (Lane::Read, failed(429), 1),
        (Lane::Read, paused(), 1),
        (Lane::Write, lost(), 1),
        (Lane::Create, failed(502), 1),
    ];
    for (lane, first, n_sent) in cases {
        let canned = Canned::new([first.clone(), reply(200, &[], &Value::Null)]);
        let sent = pace().send(canned.as_ref(), lane, Request::new(bytes::Bytes::new())).await;
        assert_eq!(canned.lines().len(), n_sent, "{lane:?} {first:?}");
        assert_eq!(sent.is_ok_and(|response| response.status() == 200), n_sent == 2, "{lane:?} {first:?}");
    }
}

#[test]
fn two_long_waits_in_vain_are_enough_even_with_answers_between() {
    let breaker = Breaker::default();
    breaker.unanswered("time-out", Duration::from_secs(30));
    breaker.answered(StatusCode::OK, Duration::from_secs(30));
    assert!(breaker.check().is_ok(), "a slow success is no failure");
    breaker.unanswered("time-out", Duration::from_secs(30));
    breaker.answered(StatusCode::OK, Duration::ZERO);
    assert!(matches!(breaker.check(), Err(TrackerError::Unsent { .. })));
}

#[test]
fn failures_that_take_long_are_enough_after_a_while_and_quick_ones_are_not() {
    let breaker = Breaker::default();
    for _ in 0..100 {
        breaker.answered(StatusCode::BAD_GATEWAY, Duration::from_millis(10));
    }
    assert!(breaker.check().is_ok());
    for _ in 0..5 {
        breaker.answered(StatusCode::BAD_GATEWAY, Duration::from_secs(10));
    }
    assert!(breaker.check().unwrap_err().to_string().contains("takes long to fail"));
}

#[test]
fn a_credential_that_is_refused_three_times_in_a_row_is_not_tried_again() {
    let breaker = Breaker::default();
    for _ in 0..2 {
        breaker.answered(StatusCode::UNAUTHORIZED, Duration::ZERO);
    }
    breaker.answered(StatusCode::FORBIDDEN, Duration::ZERO);
    for _ in 0..2 {
        breaker.answered(StatusCode::UNAUTHORIZED, Duration::ZERO);
    }
    assert!(breaker.check().is_ok(), "an answer between them");
    breaker.answered(StatusCode::UNAUTHORIZED, Duration::ZERO);
    assert!(breaker.check().unwrap_err().to_string().contains("refuses the credential"));
}

fn marker(finding: &FindingKey, place: &str) -> Marker {
    Marker::new(format!("pm1-{finding}-{place}"))
}

async fn looked(github: &GitHub, needs: &Reads) -> Look {
    look(github, needs, &BTreeMap::new(), &marker, &StoppableTimer::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_links_of_a_tracker_that_hangs_cost_three_time_outs() {
    let trackers = sandbox().await;
    let url = &trackers.sandbox.addresses.github;
    let short = Timeouts { whole: Duration::from_millis(80), ..Timeouts::default() };
    let http = OctocrabHttp::token(url, &"sandbox-github-token".into(), short).unwrap();
    let github = client_over(Arc::new(http), url, Hand::at(start_of_time()));
    let at = |n| IssueRef { node: Some(format!("I_{n}")), ..by_number(n) };
    let needs = Reads {
        issues: (0..5000).map(at).collect(),
        lost: Default::default(),
        cited: (0..50).map(|n| format!("acme/payments#{n}")).collect(),
        places: BTreeMap::from([("acme/payments".into(), Default::default())]),
        acted_as: Default::default(),
    };
    fault(&trackers, json!({"path": "graphql", "times": null, "action": "hang"}));
    for _ in 0..2 {
        trackers.sandbox.world().clear_log();
        let look = looked(&github, &needs).await;
        assert_eq!(log(&trackers), ["GET /user", "POST /graphql", "POST /graphql", "POST /graphql"]);
        assert_eq!(look.health.unreadable, 5000);
        assert!(look.health.read.is_none());
        let unknown = look.issues.values().chain(look.cited.values());
        assert!(unknown.into_iter().all(|issue| matches!(issue, Observed::Unknown { .. })));
        assert!(matches!(look.places.values().next().unwrap().facts, Observed::Unknown { .. }));
    }
    assert_eq!(github.pace().paused_until(), None, "silence is no wish to be left alone");
}
