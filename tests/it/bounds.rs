//! Listings that do not end: bytes, pages and time have bounds, and a part is never taken for the whole.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use postmortem_sync::{
    model::{
        ids::{Marker, TrackerName},
        issue::TrackerKind,
        status::StatusMap,
    },
    net::{
        bounds::{Bounds, Spent},
        http::{Http, HttpError, Request, Response},
        pace::Allowances,
    },
    tracker::{
        TrackerError, TrackerRead as _,
        jira::{Jira, JiraSettings},
    },
};
use serde_json::{Value, json};

use super::{
    github_rig::{Hand, PAYMENTS, client_over, payments, reply, rest_issue},
    support::start_of_time,
};

/// Bytes of each page that is served.
const PAGE: usize = 30 * 1024 * 1024;

/// A server whose lists go on for ever, in large pages.
#[derive(Default)]
struct Endless(AtomicUsize);

impl Endless {
    fn pages(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) as u64
    }
}

#[async_trait]
impl Http for Endless {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let path = request.uri().path().to_owned();
        let padding = "x".repeat(PAGE);
        if path.ends_with("/issues") {
            let mut issue = rest_issue(self.next());
            issue["body"] = Value::String(padding);
            let link = "<https://api.github.com/repos/acme/payments/issues?page=2>; rel=\"next\"";
            return reply(200, &[("link", link)], &json!([issue]));
        }
        if path.ends_with("/search/jql") {
            let n = self.next();
            let fields = json!({"summary": padding, "labels": ["postmortem"]});
            let issue = json!({"id": n.to_string(), "key": format!("PLAT-{n}"), "fields": fields});
            return reply(200, &[], &json!({"issues": [issue], "nextPageToken": n.to_string()}));
        }
        if path.ends_with("/search") {
            let n = self.next();
            let fields = json!({"summary": padding, "labels": ["postmortem"]});
            let issue = json!({"id": n.to_string(), "key": format!("OPS-{n}"), "fields": fields});
            return reply(200, &[], &json!({"issues": [issue], "total": 1_000_000}));
        }
        reply(200, &[], &json!({"id": 7, "full_name": PAYMENTS, "login": "acme-bot"}))
    }
}

/// The most pages that one listing may have.
fn most() -> usize {
    Bounds::LISTING.bytes / PAGE + 1
}

#[track_caller]
fn is_beyond<T: std::fmt::Debug>(answer: Result<T, TrackerError>) {
    let told = matches!(&answer, Err(TrackerError::Malformed { why }) if why.contains("a list comes to more than 512 MiB"));
    assert!(told, "{answer:?}");
}

#[tokio::test]
async fn a_github_list_without_an_end_is_no_answer() {
    let endless = Arc::new(Endless::default());
    let github = client_over(endless.clone(), "https://api.github.com", Hand::at(start_of_time()));
    is_beyond(github.marked(&payments(), &[Marker::new("pm1-m")], Some(start_of_time())).await);
    assert!(endless.pages() <= most(), "{}", endless.pages());
}

#[tokio::test]
async fn a_jira_search_without_an_end_is_no_answer() {
    for kind in [TrackerKind::JiraCloud, TrackerKind::JiraDataCenter] {
        let endless = Arc::new(Endless::default());
        let settings = JiraSettings {
            name: TrackerName::from("jira"),
            kind,
            base_url: "https://acme.atlassian.net".to_owned(),
            browse_url: "https://acme.atlassian.net".to_owned(),
            label_prefix: "postmortem".to_owned(),
            projects: Vec::new(),
            statuses: StatusMap::default(),
            allowances: Allowances::JIRA,
        };
        let jira = Jira::new(settings, endless.clone(), endless.clone(), Hand::at(start_of_time()));
        is_beyond(jira.marked(&"PLAT".into(), &[Marker::new("pm1-m")], None).await);
        assert!(endless.pages() <= most(), "{}", endless.pages());
    }
}

#[tokio::test(start_paused = true)]
async fn pages_time_and_the_lists_of_a_cycle_have_bounds_of_their_own() {
    let spent = Spent::default();
    let mut pages = spent.listing();
    let read: BTreeMap<bool, usize> = (0..Bounds::LISTING.pages + 1).fold(BTreeMap::new(), |mut read, _| {
        *read.entry(pages.page(1).is_ok()).or_default() += 1;
        read
    });
    assert_eq!(read, [(true, Bounds::LISTING.pages), (false, 1)].into());
    let mut slow = spent.listing();
    slow.page(1).unwrap();
    tokio::time::advance(Bounds::LISTING.time + Duration::from_secs(1)).await;
    assert!(slow.page(1).is_err());
    spent.reset();
    let half = Bounds::LISTING.bytes / 2;
    let listings = Bounds::CYCLE.bytes / half;
    for _ in 0..listings {
        spent.listing().page(half).unwrap();
    }
    assert!(spent.listing().page(half).is_err(), "all together are too much");
    spent.reset();
    assert!(spent.listing().page(half).is_ok(), "another cycle begins");
}
