//! A stage: documents, settings and a register in a folder, trackers in this process, and the product above its ports.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::{
    app::{self, Documents, Unwatched},
    cycle::{
        self, CycleError,
        config::Config,
        gather::Scope,
        outcome::Outcome,
        ports::{Library, Ports, Random, Timer},
    },
    model::{
        clock::Clock,
        finding::Finding,
        history::{Anchor, Inspection, Recorded},
        ids::{FindingKey, Marker, PostmortemId, TrackerName},
        issue::{IssueId, TrackerKind},
        marked::Mark,
        outline::{Outline, Totals},
        register::{Identity, Register, Write},
        sighting::Sighting,
        status::StatusMap,
    },
    net::pace::Allowances,
    plan::intake::{
        Listing,
        altered::{Altered, Files},
        documents::Records,
    },
    report::{Options, json},
    sandbox::World,
    settings::{Settings, secret::Environment},
    store::{
        self, Commits, HistoryQuery, Lease, Leases, Named, Names, Pages, Rows, Seed, Store, StoreError, Told,
        Turns, view::View,
    },
    tracker::{
        TrackerWrite,
        github::{GitHub, GitHubSettings},
        jira::{Jira, JiraSettings},
    },
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    deep::{DEEP, Deep},
    fault::Fault,
    gate::{Gate, Time},
    line::Line,
    oracle::{AMBER, RED, lives::By},
    seeds::heard,
};

pub(crate) const GITHUB: &str = "https://github.test";
pub(crate) const JIRA: &str = "https://jira.test";
pub(crate) const REPOSITORY: &str = "acme/payments";
/// Where people take issues, and no rule creates any.
pub(crate) const ELSEWHERE: &str = "acme/platform";
pub(crate) const OTHER_PROJECT: &str = "SEC";
/// The register that the worker works with.
const REGISTER: &str = "register.db";
/// How long a create may be on its way.
pub(crate) const SETTLE: TimeDelta = TimeDelta::minutes(20);
/// What both shared issues are called.
pub(crate) const SHARED: &str = "What several findings follow";
/// From here on, reviewers play a part in a seed, rules have a policy, and several findings follow one issue. Those below
/// stay as they are, so that the corpus goes on telling what it once told.
pub(crate) const REVIEWED: u64 = 1_000_000;
/// How often a register that somebody still has open is tried.
const TRIES: usize = 2_000;

const SETTINGS: &str = r#"
instance: sim
store: sqlite:register.db
mode: full
schedule: { timezone: UTC }
listen: null
sources: [{ name: postmortems, files: ["postmortems/*"] }]
trackers:
  - { name: github, kind: github, url: "https://github.test", token: { env: T } }
  - { name: jira, kind: KIND, url: "https://jira.test", token: { env: T } }
rules:
  - { name: payments, when: { team: payments }, create: { tracker: github, repository: acme/payments, max_tlp: AMBER, on_conflict: { owner: POLICY, status: POLICY } } }
  - { name: platform, when: { team: platform }, create: { tracker: jira, project: PROJECT, type: Task, max_tlp: AMBER, on_conflict: { owner: POLICY, status: POLICY } } }
  - { name: rest, register: { group: security } }
limits: { creates: CREATES, changed_share: 1.0 }
settle: 20m
on_unknown: UNKNOWN
people: people.yaml
"#;
const PEOPLE: &str = "\
ana: { name: Ana, github: ana, jira: 5b10a2844c20165700ed1002, jira_dc: ana }
bo: { name: Bo, github: bo, jira: 5b10a2844c20165700ed1003, jira_dc: bo }
chen: { name: Chen, github: chen, jira: 5b10a2844c20165700ed1004, jira_dc: chen }
eli: { name: Eli, reviewer: true }
";
/// Those of the deeper world, in which somebody who reviews is given issues as well.
const MORE_PEOPLE: &str = "\
ana: { name: Ana, github: ana, jira: 5b10a2844c20165700ed1002, jira_dc: ana }
bo: { name: Bo, github: bo, jira: 5b10a2844c20165700ed1003, jira_dc: bo }
chen: { name: Chen, github: chen, jira: 5b10a2844c20165700ed1004, jira_dc: chen }
eli: { name: Eli, reviewer: true, github: eli, jira: 5b10a2844c20165700ed1006, jira_dc: eli }
fay: { name: Fay, reviewer: true }
";
/// What nothing that is told may hold: the words of findings, and the credentials.
pub(crate) const SECRETS: [&str; 5] = [
    RED,
    AMBER,
    "sandbox-github-token",
    "sandbox-dc-token",
    "Ym90QGFjbWUuZXhhbXBsZTpzYW5kYm94LWppcmEtdG9rZW4=",
];
const BASIC: &str = "Basic Ym90QGFjbWUuZXhhbXBsZTpzYW5kYm94LWppcmEtdG9rZW4=";

/// How a run of the process ended.
pub(crate) enum End {
    Done(Box<Outcome>),
    Failed(CycleError),
    Died,
}

/// What is different from seed to seed, besides what happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cast {
    /// Whether reviewers play a part, and findings share issues.
    pub(crate) reviewed: bool,
    /// Whether the world is the deeper one.
    pub(crate) deep: bool,
    /// Whether a person decides on creates without a clear answer.
    pub(crate) held: bool,
    /// Whether cycles look at what lists of changes name, and not at everything.
    pub(crate) follows: bool,
    policy: &'static str,
    /// Most issues that a cycle may create.
    creates: usize,
    jira: Edition,
}

/// A kind of Jira, and what it is called where.
#[derive(Clone, Copy, Debug)]
struct Edition {
    kind: TrackerKind,
    /// Its name in the sandbox.
    tracker: &'static str,
    project: &'static str,
    credential: &'static str,
}

const CLOUD: Edition =
    Edition { kind: TrackerKind::JiraCloud, tracker: "jira", project: "PLAT", credential: BASIC };
const DATA_CENTER: Edition = Edition {
    kind: TrackerKind::JiraDataCenter,
    tracker: "jira_dc",
    project: "OPS",
    credential: "Bearer sandbox-dc-token",
};

impl Cast {
    fn of(seed: u64) -> Self {
        if seed < REVIEWED {
            return Self {
                reviewed: false,
                deep: false,
                held: false,
                follows: false,
                policy: "tracker",
                creates: 50,
                jira: CLOUD,
            };
        }
        let policy = ["tracker", "finding", "flag"][(seed % 3) as usize];
        let jira = if (seed / 3).is_multiple_of(2) { CLOUD } else { DATA_CENTER };
        Self {
            reviewed: true,
            deep: seed >= DEEP,
            held: (seed / 6).is_multiple_of(4),
            follows: seed >= DEEP && !seed.is_multiple_of(2),
            policy,
            creates: 3,
            jira,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Stage {
    folder: Arc<TempDir>,
    settings: Settings,
    pub(crate) config: Config,
    pub(crate) cast: Cast,
    pub(crate) gate: Gate,
    pub(crate) deep: Arc<Mutex<Deep>>,
    /// The register, below the folder.
    register: &'static str,
}

impl Stage {
    pub(crate) fn new(seed: u64) -> Self {
        let shm = PathBuf::from("/dev/shm");
        let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
        let time = Time::beginning();
        let clock = time.clone();
        let world = World::detached(Arc::new(move || clock.now()), &Value::Null).unwrap();
        let free = serde_json::json!({
            "github": {"content_per_minute": null, "content_per_hour": null},
            "jira": {"issue_writes_per_2s": null},
            "jira_dc": {"issue_writes_per_2s": null},
            "log": {"counts_only": true},
        });
        world.change_settings(&free).unwrap();
        let cast = Cast::of(seed);
        let unknown = if cast.held { "hold" } else { "retry" };
        let kind = match cast.jira.kind {
            TrackerKind::JiraDataCenter => "jira-dc",
            _ => "jira-cloud, email: bot@acme.example",
        };
        let settings = SETTINGS.replace("POLICY", cast.policy).replace("UNKNOWN", unknown);
        let settings = settings.replace("KIND", kind).replace("PROJECT", cast.jira.project);
        let settings = settings.replace("CREATES", &cast.creates.to_string());
        fs::write(folder.path().join("main.yaml"), settings).unwrap();
        let people = if cast.deep { MORE_PEOPLE } else { PEOPLE };
        fs::write(folder.path().join("people.yaml"), people).unwrap();
        fs::create_dir(folder.path().join("postmortems")).unwrap();
        let secret = Environment::new(|_| Some("secret".to_owned()));
        let settings = Settings::load(&folder.path().join("main.yaml"), secret).unwrap();
        let config = app::config(&settings);
        let read_all_upto = if cast.follows { 0 } else { config.read_all_upto };
        let config = Config { holder: "the worker".to_owned(), read_all_upto, ..config };
        let gate = Gate::new(seed, world, time);
        gate.state().reviewed = cast.reviewed;
        gate.state().deep = cast.deep;
        let deep = Arc::new(Mutex::new(Deep::new(7)));
        let stage = Self { folder: Arc::new(folder), settings, config, cast, gate, deep, register: REGISTER };
        if cast.reviewed {
            stage.plant();
        }
        if cast.deep {
            stage.plant_workflow(seed);
            stage.plant_more();
        }
        stage.write_documents("");
        stage
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn documents(&self) -> PathBuf {
        self.folder.path().join("postmortems")
    }

    /// Jira's name in the sandbox, and the project there.
    pub(crate) fn jira(&self) -> (&'static str, &'static str) {
        (self.cast.jira.tracker, self.cast.jira.project)
    }

    /// The time by the worker's clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock().now()
    }

    fn clock(&self) -> Own {
        Own { time: self.gate.time.clone(), deep: Arc::clone(&self.deep) }
    }

    /// The findings that have to become issues, with their titles.
    pub(crate) fn wanted() -> Vec<(String, String)> {
        let title = |n: usize, at: usize| (format!("PM-{n}/F{at}"), format!("Close gap {n}-{at} {AMBER}"));
        vec![title(1, 1), title(1, 2), title(2, 1), title(2, 2)]
    }

    /// A project to which issues can be moved, and issues that several findings follow.
    fn plant(&self) {
        let jira = self.cast.jira;
        let elsewhere = serde_json::json!({jira.tracker: {"projects": [{"key": OTHER_PROJECT}]}});
        self.gate.world.add(&elsewhere).unwrap();
        for (tracker, kind, place) in
            [("github", "repo", REPOSITORY), (jira.tracker, "project", jira.project)]
        {
            let deed = serde_json::json!({"as": "dara", "tracker": tracker, kind: place, "do": "open_issue", "title": SHARED});
            self.gate.world.act(&deed).unwrap();
        }
        let now = self.gate.time.millis();
        self.gate.state().oracle.look(&self.gate.world.state(), now, By::Others);
    }

    /// How many findings there are.
    pub(crate) fn findings(&self) -> usize {
        if self.cast.reviewed { 8 } else { 6 }
    }

    /// Three write-ups: for each tracker one, and one that never leaves. `edit` goes into their descriptions.
    pub(crate) fn write_documents(&self, edit: &str) {
        for (n, team, tlp, word) in
            [(1, "payments", "AMBER", AMBER), (2, "platform", "AMBER", AMBER), (3, "payments", "RED", RED)]
        {
            let finding = |at: usize| {
                format!(
                    "  - {{ id: F{at}, title: \"Close gap {n}-{at} {word}\", description: \"As told {word}{edit}\", \
                     class: technical_lapse, team: {team} }}\n"
                )
            };
            let mut cited = match n {
                1 if self.cast.reviewed => vec!["acme/payments#1".to_owned()],
                2 if self.cast.reviewed => {
                    vec!["acme/payments#1".to_owned(), format!("{}-1", self.cast.jira.project)]
                }
                _ => Vec::new(),
            };
            if self.cast.deep && !cited.is_empty() {
                cited.extend(self.more_cited(n));
            }
            self.deep.lock().unwrap().cited.insert(format!("PM-{n}/F3"), cited.clone());
            let cited = Some(cited.join(", ")).filter(|cited| !cited.is_empty());
            let cited = cited.map_or(String::new(), |issues| {
                format!(
                    "  - {{ id: F3, title: \"Watch what others do {n} {word}\", class: technical_lapse, team: {team}, \
                     tracker: [{issues}] }}\n"
                )
            });
            let text = format!(
                "format: postmortem/1\nid: PM-{n}\ntitle: An incident {word}\ntlp: {tlp}\nincident: {{ severity: high }}\n\
                 findings:\n{}{}{cited}",
                finding(1),
                finding(2)
            );
            fs::write(self.documents().join(format!("pm-{n}.yaml")), text).unwrap();
        }
    }

    /// Lets a document say something else once.
    pub(crate) fn rewrite(&self, write_up: &str, from: &str, to: &str) {
        let path = self.documents().join(format!("{}.yaml", write_up.to_lowercase()));
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Lets a document say more.
    pub(crate) fn write_more(&self, write_up: &str, more: &str) {
        self.rewrite(write_up, "findings:\n", &format!("findings:\n{more}"));
    }

    fn address(&self) -> String {
        format!("sqlite:{}", self.folder.path().join(self.register).display())
    }

    async fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        let key = self.deep.lock().unwrap().key;
        let seed = Seed { database: [key; 16], marker_key: [key; 32] };
        store::open(&self.address(), &self.settings.instance, &seed, self.now()).await
    }

    /// What documents say now, whoever asks.
    pub(crate) fn library(&self) -> Documents {
        Documents::new(self.settings.sources.clone(), BTreeMap::new())
    }

    fn ports(&self, store: Box<dyn Store>) -> Ports {
        let gate = &self.gate;
        Ports {
            store: Arc::new(Gated { inner: store, gate: gate.clone() }),
            trackers: self.trackers(),
            library: Arc::new(Folder { documents: self.library(), gate: gate.clone() }),
            clock: Arc::new(self.clock()),
            timer: Arc::new(Waiting(gate.clone())),
            random: Arc::new(Chance(gate.clone())),
            progress: Arc::new(Unwatched),
        }
    }

    fn trackers(&self) -> BTreeMap<TrackerName, Arc<dyn TrackerWrite>> {
        let gate = &self.gate;
        let allowances = Allowances {
            reads_per_minute: 1_000_000,
            writes_per_minute: 1_000_000,
            creates_per_minute: 1_000_000,
            creates_per_hour: None,
        };
        let clock = Arc::new(self.clock());
        let settings = GitHubSettings { allowances, ..GitHubSettings::new("github", GITHUB) };
        let line = Line::new(gate, "github", Some("Bearer sandbox-github-token"));
        let github = GitHub::new(settings, line, clock.clone()).unwrap();
        let settings = JiraSettings {
            name: TrackerName::from("jira"),
            kind: self.cast.jira.kind,
            base_url: JIRA.to_owned(),
            browse_url: JIRA.to_owned(),
            label_prefix: self.settings.labels.general.clone(),
            projects: vec![self.cast.jira.project.to_owned()],
            statuses: StatusMap::default(),
            allowances,
        };
        let Edition { tracker, credential, .. } = self.cast.jira;
        let (line, visitor) = (Line::new(gate, tracker, Some(credential)), Line::new(gate, tracker, None));
        let jira = Jira::new(settings, line, visitor, clock);
        BTreeMap::from([
            (TrackerName::from("github"), Arc::new(github) as Arc<dyn TrackerWrite>),
            (TrackerName::from("jira"), Arc::new(jira) as Arc<dyn TrackerWrite>),
        ])
    }

    /// The same process, when it is told to look at everything.
    pub(crate) fn full(&self) -> Self {
        self.told(|config| config.full = true)
    }

    /// The same process under another configuration.
    pub(crate) fn told(&self, what: impl FnOnce(&mut Config)) -> Self {
        let mut other = self.clone();
        what(&mut other.config);
        other
    }

    /// One process that does one cycle, until it ends or dies. Another one may begin in its middle.
    pub(crate) async fn run(&self) -> End {
        self.gate.state().note("a cycle begins");
        let now = self.gate.time.millis();
        {
            let mut state = self.gate.state();
            let harsh = state.harsh;
            state.oracle.begins(self.cast.creates, now, harsh);
        }
        let before = self.gate.state().oracle.ties.clone();
        let other = self.of_another(self.register);
        self.gate.state().second = Some(Box::new(move || {
            other.gate.state().note("another worker begins");
            other.gate.state().oracle.may_create += other.cast.creates;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let died = matches!(runtime.block_on(other.live()), End::Died);
            other.gate.state().oracle.told("the log of another worker", &heard(), &SECRETS);
            died
        }));
        let end = self.live().await;
        self.gate.state().second = None;
        self.inspect(&before, &end).await;
        end
    }

    /// The stage for another process, with a register below the folder.
    pub(crate) fn of_another(&self, register: &'static str) -> Self {
        Self { register, gate: self.gate.of_another(), ..self.clone() }
    }

    /// The life of a process.
    pub(crate) async fn live(&self) -> End {
        let end = tokio::select! {
            biased;
            () = self.gate.died.notified() => End::Died,
            ended = self.sync() => match ended {
                Ok(outcome) => End::Done(Box::new(outcome)),
                Err(error) => End::Failed(error),
            },
        };
        self.gate.buries();
        self.judge(&end);
        end
    }

    /// Whether this is a copy of the register that the worker works with.
    fn is_copy(&self) -> bool {
        self.register != REGISTER
    }

    async fn sync(&self) -> Result<Outcome, CycleError> {
        let ports = self.ports(self.open().await?);
        cycle::sync(&ports, &self.config).await
    }

    /// The findings that an explanation of one looks at.
    pub(crate) async fn explained(&self, key: &str) -> BTreeSet<FindingKey> {
        let ports = self.ports(self.open_alone().await);
        let scope = Scope::Only(key.into());
        let (gathered, _) = cycle::preview(&ports, &self.config, &scope).await.unwrap();
        gathered.register.findings.into_keys().collect()
    }

    /// What a cycle says outside names no finding by its text.
    fn judge(&self, end: &End) {
        let mut state = self.gate.state();
        let is_held = matches!(end, End::Failed(CycleError::Store(StoreError::Copied { .. })));
        match (self.is_copy(), end) {
            (true, End::Done(_)) => state.oracle.broken.push("a copy of the register was used".to_owned()),
            (false, _) if is_held => state.oracle.broken.push("the register is taken for a copy".to_owned()),
            _ => {}
        }
        match end {
            End::Done(outcome) => {
                let told = serde_json::to_string(outcome).unwrap();
                let words: &[&str] = if self.cast.deep { &SECRETS } else { &[RED] };
                state.oracle.told("the outcome of a cycle", &told, words);
                state.note(&format!("a cycle ends: {:?} {:?}", outcome.done, outcome.verdict()));
            }
            End::Failed(error) => {
                let told = format!("{error} {error:?}");
                state.oracle.told("an error", &told, &SECRETS);
                // Each time it is played, a seed has another folder.
                let why = error.to_string().replace(&*self.folder().to_string_lossy(), "");
                state.note(&format!("a cycle fails: {why}"));
            }
            End::Died => state.note("a cycle dies"),
        }
    }

    /// The register, opened by somebody else than the worker.
    pub(crate) async fn open_alone(&self) -> Box<dyn Store> {
        for _ in 0..TRIES {
            match self.open().await {
                // Connections of a process that died close in their own time.
                Err(StoreError::Locked { .. }) => tokio::time::sleep(Duration::from_millis(1)).await,
                opened => return opened.unwrap(),
            }
        }
        panic!("the register stays in use");
    }

    /// The register and its history, read by a process of its own to which nothing happens.
    pub(crate) async fn look(&self) -> (Register, Vec<Recorded>) {
        let store = self.open().await.unwrap();
        let history = store.history(&HistoryQuery::default()).await.unwrap();
        let inspection = store.inspect(&[]).await.unwrap();
        assert!(inspection.intact, "{:?} {:?}", inspection.faults, inspection.misfits);
        (store.load().await.unwrap(), history)
    }

    /// The report for readers up to AMBER.
    pub(crate) fn report(&self, register: &Register) -> String {
        let report = app::report(&self.settings, register, self.gate.time.now(), Options::default());
        json::render(&report).unwrap()
    }

    /// A copy of the register, put back later by [`Stage::put_back`].
    pub(crate) async fn copy(&self, name: &str) -> PathBuf {
        let to = self.folder.path().join(name);
        store::back_up(&self.address(), &to, &self.settings.instance).await.unwrap();
        to
    }

    pub(crate) async fn put_back(&self, from: &Path) {
        let now = self.gate.time.now();
        for _ in 0..TRIES {
            match store::restore(&self.address(), from, &self.settings.instance, "the operator", now).await {
                // Connections of a process that died close in their own time.
                Err(StoreError::Locked { .. }) => tokio::time::sleep(Duration::from_millis(1)).await,
                done => return drop(done.unwrap()),
            }
        }
        panic!("the register stays in use");
    }

    /// Lets so much time pass that nothing can be on its way any more.
    pub(crate) fn settle(&self) {
        self.gate.time.pass(2 * SETTLE.num_milliseconds());
        self.gate.follow();
    }
}

/// The register behind the gate.
struct Gated {
    inner: Box<dyn Store>,
    gate: Gate,
}

impl Gated {
    /// Goes in through the gate, where the register may fail before anything is done.
    async fn enter(&self, what: &str) -> Result<(), StoreError> {
        self.gate.pass(what).await;
        if self.gate.strikes(Fault::StoreFails, 25) {
            return Err(failing());
        }
        Ok(())
    }
}

fn failing() -> StoreError {
    StoreError::File { path: "register.db".to_owned(), why: "disk I/O error".to_owned() }
}

#[async_trait]
impl Leases for Gated {
    async fn identity(&self) -> Result<Identity, StoreError> {
        self.inner.identity().await
    }

    async fn lease(&self, holder: &str) -> Result<Lease, StoreError> {
        self.enter("store: lease").await?;
        self.inner.lease(holder).await
    }

    async fn lease_anywhere(&self, holder: &str) -> Result<Lease, StoreError> {
        self.enter("store: lease").await?;
        self.inner.lease_anywhere(holder).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.gate.pass("store: release").await;
        self.inner.release(lease).await
    }
}

#[async_trait]
impl Rows for Gated {
    async fn load(&self) -> Result<Register, StoreError> {
        self.enter("store: load").await?;
        self.gate.state().whole += 1;
        self.inner.load().await
    }

    async fn rows(&self, wanted: &BTreeSet<FindingKey>) -> Result<Register, StoreError> {
        self.enter("store: rows").await?;
        self.inner.rows(wanted).await
    }

    async fn documents(&self) -> Result<Records, StoreError> {
        self.inner.documents().await
    }

    async fn pauses(&self) -> Result<BTreeMap<TrackerName, DateTime<Utc>>, StoreError> {
        self.inner.pauses().await
    }

    async fn sighting(&self, issue: &IssueId) -> Result<Option<Sighting>, StoreError> {
        self.inner.sighting(issue).await
    }

    async fn marked(
        &self,
        tracker: &TrackerName,
        place_id: &str,
        markers: &[Marker],
    ) -> Result<Vec<Mark>, StoreError> {
        self.enter("store: marked").await?;
        self.inner.marked(tracker, place_id, markers).await
    }
}

#[async_trait]
impl Turns for Gated {
    async fn totals(&self) -> Result<Totals, StoreError> {
        self.inner.totals().await
    }

    async fn outline(&self, since: DateTime<Utc>) -> Result<Outline, StoreError> {
        self.inner.outline(since).await
    }

    async fn due(&self, now: DateTime<Utc>, scope: &str) -> Result<BTreeSet<FindingKey>, StoreError> {
        self.enter("store: due").await?;
        self.inner.due(now, scope).await
    }

    async fn followers(&self, named: &Named) -> Result<BTreeSet<FindingKey>, StoreError> {
        self.enter("store: followers").await?;
        self.inner.followers(named).await
    }
}

#[async_trait]
impl Names for Gated {
    async fn called(&self, name: &str) -> Result<BTreeSet<FindingKey>, StoreError> {
        self.inner.called(name).await
    }

    async fn alike(&self, finding: &Finding) -> Result<BTreeSet<FindingKey>, StoreError> {
        self.inner.alike(finding).await
    }

    async fn names(
        &self,
        after: (&PostmortemId, &FindingKey),
        most: u32,
    ) -> Result<Vec<(PostmortemId, FindingKey)>, StoreError> {
        self.inner.names(after, most).await
    }
}

#[async_trait]
impl Pages for Gated {
    async fn view(&self) -> Result<Box<dyn View>, StoreError> {
        self.inner.view().await
    }
}

#[async_trait]
impl Commits for Gated {
    async fn record(&self, lease: &Lease, writes: Vec<Write>) -> Result<(), StoreError> {
        self.enter(&format!("store: record {}", writes.len())).await?;
        self.inner.record(lease, writes).await?;
        self.gate.pass("store: recorded").await;
        if self.gate.strikes(Fault::StoreUnsure, 40) { Err(failing()) } else { Ok(()) }
    }
}

#[async_trait]
impl Told for Gated {
    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Recorded>, StoreError> {
        self.inner.history(query).await
    }

    async fn head(&self) -> Result<Anchor, StoreError> {
        self.inner.head().await
    }

    async fn inspect(&self, anchors: &[Anchor]) -> Result<Inspection, StoreError> {
        self.inner.inspect(anchors).await
    }
}

/// The worker's own clock.
#[derive(Debug)]
struct Own {
    time: Time,
    deep: Arc<Mutex<Deep>>,
}

impl Clock for Own {
    fn now(&self) -> DateTime<Utc> {
        self.time.now() + TimeDelta::milliseconds(self.deep.lock().unwrap().skew)
    }
}

/// The documents behind the gate.
struct Folder {
    documents: Documents,
    gate: Gate,
}

#[async_trait]
impl Library for Folder {
    /// The file system's clock is none of the simulated ones: two writes within one of its ticks are told apart by what was written.
    async fn altered(&self, documents: &Records, _since: DateTime<Utc>) -> Option<Altered> {
        self.gate.pass("documents: altered").await;
        let settled = DateTime::from_timestamp(7_258_118_400, 0).unwrap();
        let mut altered = self.documents.altered(documents, settled).await?;
        let listings = self.documents.listings().await;
        for document in listings.iter().filter_map(|listing| listing.documents.known()).flatten() {
            let (source, path) = (&document.source, &document.path);
            let of_file =
                documents.values().filter(|record| (&record.key.source, &record.key.path) == (source, path));
            for record in of_file.filter(|record| record.same.digest != document.hash) {
                altered.files.entry(source.clone()).or_default().insert(path.clone());
                altered.known.insert(record.key.clone(), record.clone());
            }
        }
        Some(altered)
    }

    async fn read_again(&self, files: &Files) -> Vec<Listing> {
        self.gate.pass("documents: read again").await;
        self.documents.read_again(files).await
    }

    async fn listings(&self) -> Vec<Listing> {
        self.gate.pass("documents: list").await;
        let listings = self.documents.listings().await;
        self.gate.pass("documents: read").await;
        listings
    }
}

/// Waits by letting the simulated time pass.
struct Waiting(Gate);

#[async_trait]
impl Timer for Waiting {
    async fn wait(&self, time: Duration) {
        self.0.pass("timer: wait").await;
        self.0.time.pass(time.as_millis() as i64);
    }

    fn stopping(&self) -> bool {
        false
    }
}

/// Random ids from the seed.
struct Chance(Gate);

impl Random for Chance {
    fn id(&self) -> String {
        format!("{:016x}", self.0.state().dice.next())
    }
}
