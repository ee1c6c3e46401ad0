//! Answers of trackers: whatever they say, reading ends, an error is an error, and no name of ours leaves its place in a request.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use postmortem_sync::{
    model::{
        clock::Clock,
        edit_intent::{Comment, Step},
        ids::{AccountId, Host, Marker, PlaceName},
        issue::{Change, CommentMark, Draft, Edit, Issue, IssueId, IssueRef, TrackerKind},
        status::StatusMap,
        terms::Progress,
    },
    net::{
        http::{Http, HttpError, Request, Response},
        pace::Allowances,
    },
    tracker::{
        Steps, TrackerError, TrackerWrite,
        github::{GitHub, GitHubSettings},
        jira::{Jira, JiraSettings},
    },
};

/// More requests than any single question to a tracker needs for the few answers that an input holds.
const ENOUGH: usize = 400;
const ADDRESS: &str = "https://tracker.example";

pub(super) struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }
}

/// The answers of an input in a row, the last one again and again, and the addresses that were asked.
pub(super) struct Canned {
    answers: Mutex<VecDeque<(u16, Vec<u8>)>>,
    pub(super) asked: Mutex<Vec<String>>,
}

impl Canned {
    /// Answers, each a status in a line of its own and a body, with `~` between two of them; and whether all of them are failures.
    pub(super) fn of(bytes: &[u8]) -> (Arc<Self>, bool) {
        let answers: VecDeque<(u16, Vec<u8>)> = bytes.split(|byte| *byte == b'~').map(answer).collect();
        let failed = answers.iter().all(|(status, _)| !(200..300).contains(status));
        (Arc::new(Self { answers: Mutex::new(answers), asked: Mutex::default() }), failed)
    }
}

#[async_trait]
impl Http for Canned {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(request.uri().to_string());
        assert!(asked.len() < ENOUGH, "asked on and on: {:?}", &asked[..8]);
        let mut answers = self.answers.lock().unwrap();
        let (status, body) = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
            .unwrap_or((500, Vec::new()));
        if status == 0 {
            return Err(HttpError::Lost("the connection ended".to_owned()));
        }
        let mut response = Response::new(body.into());
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        Ok(response)
    }
}

pub(super) fn github(bytes: &[u8]) {
    converse(bytes, false);
}

pub(super) fn jira(bytes: &[u8]) {
    converse(bytes, true);
}

/// An input is a question's number, then answers: a status in a line of its own, a body, and `~` between two of them.
fn converse(bytes: &[u8], jira: bool) {
    let Some((question, answers)) = bytes.split_first() else { return };
    let (http, failed) = Canned::of(answers);
    let tracker = client(Arc::clone(&http) as Arc<dyn Http>, jira);
    let learned = run(ask(&*tracker, *question, "acme/payments#3"));
    assert!(!(learned && failed), "learned something from nothing but errors");
}

fn answer(bytes: &[u8]) -> (u16, Vec<u8>) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, body) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    let status = std::str::from_utf8(line).ok().and_then(|line| line.trim().parse().ok()).unwrap_or(200);
    (if status == 0 || (100..600).contains(&status) { status } else { 200 }, body.to_vec())
}

/// Names that people gave, in the requests that are made of them.
pub(super) fn queries(bytes: &[u8]) {
    let name = String::from_utf8_lossy(bytes);
    for jira in [false, true] {
        let http = Arc::new(Canned {
            answers: Mutex::new(VecDeque::from([(200, b"{}".to_vec())])),
            asked: Mutex::default(),
        });
        let tracker = client(Arc::clone(&http) as Arc<dyn Http>, jira);
        for question in 0..9 {
            let _ = run(ask(&*tracker, question, &name));
        }
        for address in http.asked.lock().unwrap().iter() {
            let path = address.split('?').next().unwrap_or_default();
            assert!(path.starts_with('/') && !path.starts_with("//"), "{address} for {name:?}");
            assert!(path.split('/').all(|part| part != "." && part != ".."), "{address} for {name:?}");
            assert!(path.split('/').count() <= 10, "{address} for {name:?}");
        }
    }
}

fn client(http: Arc<dyn Http>, jira: bool) -> Arc<dyn TrackerWrite> {
    let allowances = Allowances {
        reads_per_minute: 1_000_000,
        writes_per_minute: 1_000_000,
        creates_per_minute: 1_000_000,
        creates_per_hour: None,
    };
    if !jira {
        let settings = GitHubSettings { allowances, ..GitHubSettings::new("github", ADDRESS) };
        return Arc::new(GitHub::new(settings, http, Arc::new(Still)).unwrap());
    }
    let settings = JiraSettings {
        name: "jira".into(),
        kind: TrackerKind::JiraCloud,
        base_url: ADDRESS.to_owned(),
        browse_url: ADDRESS.to_owned(),
        label_prefix: "postmortem".to_owned(),
        projects: vec!["PLAT".to_owned()],
        statuses: StatusMap::default(),
        allowances,
    };
    Arc::new(Jira::new(settings, Arc::clone(&http), http, Arc::new(Still)))
}

/// Whom no step interests.
struct Deaf;

#[async_trait]
impl Steps for Deaf {
    fn may_say(&self, _: Comment) -> bool {
        true
    }

    async fn next(&mut self, _: Step) -> Result<(), TrackerError> {
        Ok(())
    }
}

/// Asks one question, and says whether anything came back as known.
async fn ask(tracker: &dyn TrackerWrite, question: u8, name: &str) -> bool {
    let place = PlaceName::new(name.split('#').next().unwrap_or_default());
    let marker = Marker::new("pm1-abc");
    match question % 9 {
        0 => tracker.whoami().await.is_ok(),
        1 => tracker.place(&place).await.is_ok(),
        2 => tracker.read(&[at(name)]).await.iter().any(|issue| issue.known().is_some()),
        3 => tracker.find(name).await.known().is_some(),
        4 => {
            let places = [place, PlaceName::new("acme/platform"), PlaceName::new("OPS")];
            let changes = tracker.changes(&places, Still.now()).await;
            changes.is_ok_and(|changes| !changes.issues.is_empty())
        }
        5 => tracker.marked(&place, &[marker], None).await.is_ok(),
        6 => tracker.closer(&issue(name)).await.is_ok_and(|closer| closer.is_some()),
        7 => tracker.create(&draft(place)).await.is_ok(),
        _ => tracker.edit_by_steps(&issue(name), &edit(), &mut Deaf).await.is_ok(),
    }
}

fn at(name: &str) -> IssueRef {
    IssueRef {
        id: IssueId { host: Host::new("tracker.example"), id: "503".to_owned() },
        node: Some("I_3".to_owned()),
        key: name.to_owned(),
        url: String::new(),
        place: PlaceName::new(name.split('#').next().unwrap_or_default()),
        place_id: "7".to_owned(),
    }
}

fn issue(name: &str) -> Issue {
    Issue {
        at: at(name),
        title: "A finding".to_owned(),
        progress: Progress::Open,
        status_text: "open".to_owned(),
        assignees: Vec::new(),
        labels: BTreeSet::new(),
        due: None,
        author: None,
        closed_by: None,
        updated: Still.now(),
        created: Still.now(),
        read: None,
        marker: None,
        block: None,
        unseen: BTreeSet::new(),
        chosen: None,
    }
}

fn edit() -> Edit {
    Edit {
        owner: Some(Change { from: None, to: Some(AccountId::new("ana")) }),
        comment: Some("For the record.".to_owned()),
        comment_mark: Some(CommentMark { id: "abc".to_owned(), since: Still.now() }),
        ..Edit::default()
    }
}

fn draft(place: PlaceName) -> Draft {
    Draft {
        place,
        place_id: "7".to_owned(),
        title: "Rotate the keys".to_owned(),
        body: "Our text.".to_owned(),
        labels: BTreeSet::from(["security".to_owned()]),
        issue_type: None,
        fields: BTreeMap::new(),
        assignee: None,
        due: None,
        marker: Marker::new("pm1-abc"),
        before: None,
    }
}

/// Nothing waits for anything outside: the clock stands still and answers are there.
pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}
