//! A GitHub client over the sandbox, or over a row of canned answers, with a clock that tests move.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::{
    model::{
        clock::Clock,
        ids::{Host, Marker, PlaceName},
        issue::{Draft, Issue, IssueId, IssueRef},
        observed::Observed,
    },
    net::{
        http::{Http, HttpError, Request, Response, Timeouts},
        pace::Allowances,
    },
    tracker::{
        TrackerRead as _,
        github::{GitHub, GitHubSettings, OctocrabHttp},
    },
};
use serde_json::{Value, json};

use crate::support::{Trackers, sandbox_with, start_of_time};

/// A clock that stands still until it is moved.
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn at(time: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(time.timestamp_millis())))
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Settings whose own pace never gets in the way.
pub(crate) fn settings(api_url: &str) -> GitHubSettings {
    let allowances = Allowances {
        reads_per_minute: 100_000,
        writes_per_minute: 100_000,
        creates_per_minute: 100_000,
        creates_per_hour: None,
    };
    GitHubSettings { allowances, ..GitHubSettings::new("github", api_url) }
}

/// A client with a clock of its own, over any transport.
pub(crate) fn client_over(http: Arc<dyn Http>, api_url: &str, clock: Arc<Hand>) -> GitHub {
    GitHub::new(settings(api_url), http, clock).unwrap()
}

/// A client of the sandbox with the bot's token.
pub(crate) fn client(trackers: &Trackers) -> GitHub {
    client_at(trackers, "sandbox-github-token", Hand::at(start_of_time()))
}

/// A client of the sandbox with a token and a clock.
pub(crate) fn client_at(trackers: &Trackers, token: &str, clock: Arc<Hand>) -> GitHub {
    let url = &trackers.sandbox.addresses.github;
    let http = OctocrabHttp::token(url, &token.into(), Timeouts::default()).unwrap();
    client_over(Arc::new(http), url, clock)
}

/// Answers in a row, and what was asked for them. Anything beyond the row is answered with 500.
#[derive(Default)]
pub(crate) struct Canned {
    answers: Mutex<VecDeque<Result<Response, HttpError>>>,
    pub(crate) asked: Mutex<Vec<(String, Value)>>,
}

impl Canned {
    pub(crate) fn new(answers: impl IntoIterator<Item = Result<Response, HttpError>>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() })
    }

    /// Method and path of everything asked.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(line, _)| line.clone()).collect()
    }
}

#[async_trait]
impl Http for Canned {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let line = format!("{} {}", request.method(), request.uri());
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        self.asked.lock().unwrap().push((line, body));
        self.answers.lock().unwrap().pop_front().unwrap_or_else(|| reply(500, &[], &json!({})))
    }
}

/// A response.
#[expect(clippy::unnecessary_wraps, reason = "it stands in a row with errors")]
pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: &Value) -> Result<Response, HttpError> {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(body.to_string().into()).unwrap())
}

/// An issue as REST shows it.
pub(crate) fn rest_issue(number: u64) -> Value {
    json!({
        "id": 500 + number, "node_id": format!("I_{number}"), "number": number, "title": "A finding",
        "state": "open", "state_reason": null, "assignees": [], "labels": [], "body": null, "html_url": format!("https://github.com/acme/payments/issues/{number}"),
        "repository_url": "https://api.github.com/repos/acme/payments",
        "created_at": "2026-09-21T10:00:00Z", "updated_at": "2026-09-21T10:00:00Z",
    })
}

/// A reference to an issue that only its number leads to.
pub(crate) fn by_number(number: u64) -> IssueRef {
    IssueRef {
        id: IssueId { host: Host::new("api.github.com"), id: (500 + number).to_string() },
        node: None,
        key: format!("acme/payments#{number}"),
        url: String::new(),
        place: PlaceName::new("acme/payments"),
        place_id: "7".to_owned(),
    }
}

/// A draft for `acme/payments`, with that repository's number.
pub(crate) async fn draft(github: &GitHub, name: &str) -> Draft {
    let place = PlaceName::new("acme/payments");
    let place_id = github.place(&place).await.unwrap().id;
    Draft {
        place,
        place_id,
        title: "Rotate the signing keys".to_owned(),
        body: "Our **text**.".to_owned(),
        labels: BTreeSet::from(["security".to_owned()]),
        issue_type: None,
        fields: BTreeMap::new(),
        assignee: None,
        due: None,
        marker: Marker::new(format!("pm1-{name}")),
        before: None,
    }
}

/// Reads one issue.
pub(crate) async fn read(github: &GitHub, at: &IssueRef) -> Observed<Issue> {
    github.read(std::slice::from_ref(at)).await.remove(0)
}

/// What is known of one thing.
pub(crate) fn known<T: std::fmt::Debug>(observed: Observed<T>) -> T {
    match observed {
        Observed::Known(value) => value,
        Observed::Missing | Observed::Unknown { .. } => panic!("not known: {observed:?}"),
    }
}

/// Why something is not known.
pub(crate) fn unknown<T: std::fmt::Debug>(observed: &Observed<T>) -> String {
    match observed {
        Observed::Unknown { why } => why.clone(),
        Observed::Known(_) | Observed::Missing => panic!("expected an unknown: {observed:?}"),
    }
}

/// All issues of a repository, by their numbers.
pub(crate) fn everything(trackers: &Trackers, place: &str) -> Vec<IssueRef> {
    let state = trackers.sandbox.world().state();
    let repositories = state["github"]["repositories"].as_array().unwrap();
    let repository = repositories.iter().find(|repository| repository["full_name"] == place).unwrap();
    let issue = |issue: &Value| IssueRef {
        id: IssueId { host: host(trackers), id: issue["id"].to_string() },
        node: issue["node_id"].as_str().map(str::to_owned),
        key: issue["issue"].as_str().unwrap().to_owned(),
        url: String::new(),
        place: PlaceName::new(place),
        place_id: repository["id"].to_string(),
    };
    repository["issues"].as_array().unwrap().iter().map(issue).collect()
}

/// The half of an issue's identity that is the sandbox's.
pub(crate) fn host(trackers: &Trackers) -> Host {
    client(trackers).host().clone()
}

/// Method and path of all requests to GitHub since the log was cleared, in order.
pub(crate) fn log(trackers: &Trackers) -> Vec<String> {
    let log = trackers.sandbox.world().log();
    let line =
        |entry: &Value| format!("{} {}", entry["method"].as_str().unwrap(), entry["path"].as_str().unwrap());
    log.as_array().unwrap().iter().map(line).collect()
}

/// What people do.
pub(crate) fn act(trackers: &Trackers, deed: Value) -> Value {
    let mut deed = deed;
    deed["tracker"] = json!("github");
    if deed.get("as").is_none() {
        deed["as"] = json!("ana");
    }
    trackers.sandbox.world().act(&deed).unwrap()
}

/// Adds one fault to GitHub.
pub(crate) fn fault(trackers: &Trackers, fault: Value) {
    trackers.sandbox.world().add_faults(&fault).unwrap();
}

/// The repository of most tests.
pub(crate) const PAYMENTS: &str = "acme/payments";

/// Its name.
pub(crate) fn payments() -> PlaceName {
    PlaceName::new(PAYMENTS)
}

/// Its first issue, opened by a person.
pub(crate) async fn one_issue(trackers: &Trackers) -> Issue {
    act(
        trackers,
        json!({"repo": PAYMENTS, "do": "open_issue", "title": "A", "assignees": ["bo", "ana"], "labels": ["security"]}),
    );
    known(client(trackers).find("acme/payments#1").await)
}

/// A sandbox in which it has so many issues.
pub(crate) async fn bulk(n: usize) -> Trackers {
    sandbox_with(json!({
        "people": [{"login": "acme-bot"}, {"login": "ana"}],
        "github": {
            "tokens": [{"token": "sandbox-github-token", "login": "acme-bot"}],
            "repositories": [{"full_name": PAYMENTS, "private": true, "bulk_issues": n}],
        },
    }))
    .await
}
