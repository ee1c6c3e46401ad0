//! The product above its ports, with trackers in this process and a clock that only requests and waits move.

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, Method, header::AUTHORIZATION};
use postmortem_sync::{
    app::{self, App, Documents, Unwatched},
    cycle::{
        self,
        outcome::Outcome,
        ports::{Library, Ports, Random, Timer},
    },
    model::{clock::Clock as _, ids::TrackerName, issue::TrackerKind, status::StatusMap},
    net::{
        http::{Http, HttpError, Request, Response},
        pace::Allowances,
    },
    plan::intake::{Listing, altered::Files},
    sandbox::World,
    settings::{Settings, secret::Environment},
    store::{self, Seed},
    tracker::{
        TrackerWrite,
        github::{GitHub, GitHubSettings},
        jira::{Jira, JiraSettings},
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{github_rig::Hand, support::start_of_time};

const GITHUB: &str = "https://github.test";
const JIRA: &str = "https://jira.test";
const GITHUB_TOKEN: &str = "Bearer sandbox-github-token";
const JIRA_TOKEN: &str = "Basic Ym90QGFjbWUuZXhhbXBsZTpzYW5kYm94LWppcmEtdG9rZW4=";
/// How long a request takes, and the documents of a cycle.
const REQUEST: TimeDelta = TimeDelta::milliseconds(50);
const READING: TimeDelta = TimeDelta::milliseconds(700);
/// The places of each tracker.
pub(crate) const REPOSITORY: &str = "acme/payments";
pub(crate) const PROJECT: &str = "PLAT";

const CONFIGURATION: &str = r#"
instance: clockwork
store: sqlite:register.db
mode: full
schedule: { timezone: UTC }
listen: null
sources: [{ name: postmortems, files: ["postmortems/*"] }]
trackers:
  - { name: github, kind: github, url: "https://github.test", token: { env: T } }
  - { name: jira, kind: jira-cloud, email: bot@acme.example, url: "https://jira.test", token: { env: T } }
rules:
  - { name: payments, when: { team: payments }, create: { tracker: github, repository: acme/payments, max_tlp: AMBER } }
  - { name: platform, when: { team: platform }, create: { tracker: jira, project: PLAT, type: Task, max_tlp: AMBER } }
limits: { creates: 100000, changed_share: 1.0 }
people: people.yaml
"#;

const PEOPLE: &str = "\
ana: { name: Ana, github: ana, jira: 5b10a2844c20165700ed1002 }
bo: { name: Bo, github: bo, jira: 5b10a2844c20165700ed1003 }
eli: { name: Eli, reviewer: true }
";

/// What was asked of the trackers.
#[derive(Default)]
pub(crate) struct Asked {
    /// Tracker, method and path of every request.
    pub(crate) lines: Vec<String>,
    /// When each issue was created.
    pub(crate) created: Vec<DateTime<Utc>>,
    /// How many creates were refused.
    pub(crate) refused: usize,
}

/// A tracker, some milliseconds away.
#[derive(Clone)]
struct Line {
    world: World,
    hand: Arc<Hand>,
    tracker: &'static str,
    credential: Option<&'static str>,
    asked: Arc<Mutex<Asked>>,
}

#[async_trait]
impl Http for Line {
    async fn send(&self, mut request: Request) -> Result<Response, HttpError> {
        let line = format!("{} {} {}", self.tracker, request.method(), request.uri().path());
        let is_create = request.method() == Method::POST
            && (line.ends_with("/issues") || line.ends_with("/rest/api/3/issue"));
        if let Some(credential) = self.credential {
            request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static(credential));
        }
        let origin = if self.tracker == "github" { GITHUB } else { JIRA };
        self.hand.advance(REQUEST / 2);
        let at = self.hand.now();
        let answer = self.world.answer(self.tracker, origin, request).unwrap();
        self.hand.advance(REQUEST / 2);
        let mut asked = self.asked.lock().unwrap();
        match (is_create, answer.status().is_success()) {
            (true, true) => asked.created.push(at),
            (true, false) => asked.refused += 1,
            (false, _) => {}
        }
        asked.lines.push(line);
        Ok(answer)
    }
}

/// The published limits, but for reads: their bucket fills in real time.
fn free(allowances: Allowances) -> Allowances {
    Allowances { reads_per_minute: 1_000_000, ..allowances }
}

/// Waits by letting the time pass; ends the worker once enough was created.
struct Waiting {
    hand: Arc<Hand>,
    asked: Arc<Mutex<Asked>>,
    enough: usize,
    stop: CancellationToken,
}

#[async_trait]
impl Timer for Waiting {
    async fn wait(&self, time: Duration) {
        self.hand.advance(TimeDelta::from_std(time).unwrap().max(TimeDelta::milliseconds(1)));
        if self.asked.lock().unwrap().created.len() >= self.enough {
            self.stop.cancel();
        }
    }

    fn stopping(&self) -> bool {
        false
    }
}

/// Documents that take a while to read; each cycle reads them once.
struct Folder {
    documents: Documents,
    hand: Arc<Hand>,
    cycles: Arc<AtomicUsize>,
}

#[async_trait]
impl Library for Folder {
    async fn listings(&self) -> Vec<Listing> {
        self.cycles.fetch_add(1, Ordering::SeqCst);
        self.hand.advance(READING);
        self.documents.listings().await
    }

    async fn read_again(&self, files: &Files) -> Vec<Listing> {
        self.documents.read_again(files).await
    }
}

/// Ids in a row.
struct Counter(AtomicUsize);

impl Random for Counter {
    fn id(&self) -> String {
        format!("{:012x}", self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// The demo world, a folder with documents, and a clock.
pub(crate) struct Stage {
    folder: TempDir,
    pub(crate) hand: Arc<Hand>,
    pub(crate) world: World,
    asked: Arc<Mutex<Asked>>,
    cycles: Arc<AtomicUsize>,
    /// Issues after which a worker ends.
    pub(crate) enough: usize,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hand = Hand::at(start_of_time());
        let clock = Arc::clone(&hand);
        let world = World::detached(Arc::new(move || clock.now()), &Value::Null).unwrap();
        world.change_settings(&json!({"log": {"counts_only": true}})).unwrap();
        fs::write(folder.path().join("main.yaml"), CONFIGURATION).unwrap();
        fs::write(folder.path().join("people.yaml"), PEOPLE).unwrap();
        fs::create_dir(folder.path().join("postmortems")).unwrap();
        let (asked, cycles) = (Arc::default(), Arc::default());
        Self { folder, hand, world, asked, cycles, enough: usize::MAX }
    }

    /// A postmortem of so many findings for a team; its findings are `PM-<n>/F1` and so on. `owners` are theirs, by number.
    pub(crate) fn document(&self, n: usize, team: &str, findings: usize, owners: &BTreeMap<usize, &str>) {
        let finding = |at: usize| {
            let owner = owners.get(&at).map(|owner| format!(", owner: {owner}")).unwrap_or_default();
            format!(
                "  - {{ id: F{at}, title: \"Close gap {n}-{at}\", class: technical_lapse, team: {team}{owner} }}\n"
            )
        };
        let findings: String = (1..=findings).map(finding).collect();
        let text = format!(
            "format: postmortem/1\nid: PM-{n}\ntitle: An incident\ntlp: GREEN\nincident: {{ severity: high }}\nfindings:\n{findings}"
        );
        fs::write(self.folder.path().join(format!("postmortems/pm-{n}.yaml")), text).unwrap();
    }

    /// A process of its own: it knows what the register holds and nothing else.
    pub(crate) async fn process(&self) -> App {
        let environment = Environment::new(|_| Some("secret".to_owned()));
        let settings = Settings::load(&self.folder.path().join("main.yaml"), environment).unwrap();
        let address = format!("sqlite:{}", self.folder.path().join("register.db").display());
        let seed = Seed { database: [7; 16], marker_key: [7; 32] };
        let store = store::open(&address, &settings.instance, &seed, self.hand.now()).await.unwrap();
        let stop = CancellationToken::new();
        let ports = Ports {
            store: Arc::from(store),
            trackers: self.trackers(),
            library: Arc::new(Folder {
                documents: Documents::new(settings.sources.clone(), BTreeMap::new()),
                hand: Arc::clone(&self.hand),
                cycles: Arc::clone(&self.cycles),
            }),
            clock: self.hand.clone(),
            timer: Arc::new(Waiting {
                hand: Arc::clone(&self.hand),
                asked: Arc::clone(&self.asked),
                enough: self.enough,
                stop: stop.clone(),
            }),
            random: Arc::new(Counter(AtomicUsize::new(self.hand.now().timestamp_millis() as usize))),
            progress: Arc::new(Unwatched),
        };
        // What changed is asked for, and not everything read, however little there is.
        let config = cycle::config::Config { read_all_upto: 0, ..app::config(&settings) };
        App { config, settings, ports, stop }
    }

    fn trackers(&self) -> BTreeMap<TrackerName, Arc<dyn TrackerWrite>> {
        let line = |tracker, credential| {
            let (world, hand, asked) = (self.world.clone(), Arc::clone(&self.hand), Arc::clone(&self.asked));
            Arc::new(Line { world, hand, tracker, credential, asked })
        };
        let settings =
            GitHubSettings { allowances: free(Allowances::GITHUB), ..GitHubSettings::new("github", GITHUB) };
        let github = GitHub::new(settings, line("github", Some(GITHUB_TOKEN)), self.hand.clone()).unwrap();
        let settings = JiraSettings {
            name: TrackerName::from("jira"),
            kind: TrackerKind::JiraCloud,
            base_url: JIRA.to_owned(),
            browse_url: JIRA.to_owned(),
            label_prefix: "postmortem-sync".to_owned(),
            projects: vec![PROJECT.to_owned()],
            statuses: StatusMap::default(),
            allowances: free(Allowances::JIRA),
        };
        let (ours, visitor) = (line("jira", Some(JIRA_TOKEN)), line("jira", None));
        let jira = Jira::new(settings, ours, visitor, self.hand.clone());
        BTreeMap::from([
            (TrackerName::from("github"), Arc::new(github) as Arc<dyn TrackerWrite>),
            (TrackerName::from("jira"), Arc::new(jira) as Arc<dyn TrackerWrite>),
        ])
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap()
    }

    /// How many cycles there were.
    pub(crate) fn cycles(&self) -> usize {
        self.cycles.load(Ordering::SeqCst)
    }

    /// One cycle, and what it asked.
    pub(crate) async fn cycle(&self, app: &App) -> (Outcome, Vec<String>) {
        self.asked().lines.clear();
        let outcome = cycle::sync(&app.ports, &app.config).await.unwrap();
        let lines = std::mem::take(&mut self.asked().lines);
        (outcome, lines)
    }
}
