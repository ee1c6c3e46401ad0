//! The composition root: settings become a store, trackers and documents.
//!
//! The only place that reads the real clock, draws real random numbers and knows every part by its concrete type.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::{
    cycle::{
        config::Config,
        ports::{Library, Ports, Progress, Random, Timer},
    },
    model::{
        clock::Clock,
        finding::Finding,
        ids::{FindingKey, TrackerName},
        issue::TrackerKind,
        observed::Observed,
        register::Register,
        rule::{Outcome, Rule},
    },
    plan::{intake::Listing, route::route, snapshot::Labels},
    report::{self, Input, Options, Report, Routed},
    settings::{
        Settings,
        general::StoreAddress,
        source::SourceSettings,
        tracker::{Credential, PaceSettings, TrackerSettings},
    },
    source::Source,
    store::{self, Seed, Store, StoreError},
    tracker::{
        TrackerWrite,
        github::{GitHub, GitHubSettings, OctocrabHttp},
        http::Timeouts,
        jira::{Jira, JiraSettings, transport},
        pace::Allowances,
    },
};

/// Longest wait for a lane inside a cycle: creates are let through every second or so, an exhausted hour is not waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// Reads the real clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still: for `--now` of commands that only read.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub DateTime<Utc>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// Waits for real, and no longer than until the process is asked to stop.
#[derive(Clone, Debug, Default)]
pub struct StoppableTimer {
    /// Cancelled when the process is asked to stop.
    pub stop: CancellationToken,
}

#[async_trait]
impl Timer for StoppableTimer {
    async fn wait(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.stop.cancelled() => {}
        }
    }

    fn stopping(&self) -> bool {
        self.stop.is_cancelled()
    }
}

/// Ids that sort by time: milliseconds, then random digits.
#[derive(Clone, Copy, Debug)]
struct SystemRandom;

impl Random for SystemRandom {
    fn id(&self) -> String {
        let mut tail = [0; 4];
        // Without random numbers ids still differ by their time.
        let _ = getrandom::fill(&mut tail);
        let millis = SystemClock.now().timestamp_millis();
        format!("{millis:011x}-{}", data_encoding::HEXLOWER.encode(&tail))
    }
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn step(&self, _done: usize, _total: usize, _next: &str) {}
}

/// Everything a command needs, built from the settings.
pub struct App {
    /// The settings.
    pub settings: Settings,
    /// Everything outside.
    pub ports: Ports,
    /// What is asked of a cycle.
    pub config: Config,
    /// Asks a running cycle to stop.
    pub stop: CancellationToken,
}

/// What a command talks to beside the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing: no secret is read.
    Register,
    /// The trackers.
    Trackers,
}

impl App {
    /// Builds everything. Secrets are read here if trackers are in reach, and trackers are not contacted.
    ///
    /// # Errors
    /// A secret cannot be read, a tracker's address or credential is unusable, or the register cannot be opened. The
    /// register is opened last, so that a wrong set-up leaves no file behind.
    pub async fn build(
        settings: Settings,
        reach: Reach,
        progress: Arc<dyn Progress>,
    ) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let timer = StoppableTimer::default();
        let trackers = match reach {
            Reach::Register => BTreeMap::new(),
            Reach::Trackers => trackers(&settings)?,
        };
        let ports = Ports {
            store: open_store(&settings, clock.now()).await?,
            trackers,
            library: Arc::new(Files(settings.sources.clone())),
            clock,
            timer: Arc::new(timer.clone()),
            random: Arc::new(SystemRandom),
            progress,
        };
        Ok(Self { config: config(&settings), settings, ports, stop: timer.stop })
    }
}

/// Opens the register of the settings; it is created on first use.
///
/// # Errors
/// It cannot be opened, or belongs to another instance.
pub async fn open_store(settings: &Settings, now: DateTime<Utc>) -> anyhow::Result<Arc<dyn Store>> {
    let mut seed = Seed { database: [0; 16], marker_key: [0; 32] };
    let drawn = getrandom::fill(&mut seed.database).and_then(|()| getrandom::fill(&mut seed.marker_key));
    drawn.map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
    let address = match &settings.store {
        StoreAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
        StoreAddress::Postgres(address) => address.clone(),
    };
    let opened: Result<_, StoreError> = store::open(&address, &settings.instance, &seed, now).await;
    opened.map(Arc::from).context("the register cannot be opened")
}

/// The name of this machine, or of the container: there, process ids repeat.
fn machine() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = "this machine".to_owned();
    name
}

/// What the settings ask of a cycle.
fn config(settings: &Settings) -> Config {
    let labels = &settings.labels;
    Config {
        instance: settings.instance.clone(),
        digest: settings.digest.clone(),
        holder: format!("pid {} on {}", std::process::id(), machine()),
        mode: settings.mode,
        rules: settings.rules.clone(),
        people: settings.people.clone(),
        policy: settings.policy.clone(),
        labels: Labels {
            ours: labels.general.clone(),
            overdue: labels.overdue.clone(),
            risk_accepted: labels.risk_accepted.clone(),
            verified: labels.verified.clone(),
        },
        limits: settings.limits,
        settle: settings.settle,
        on_unknown: settings.on_unknown,
        cooldown: settings.cooldown,
        patience: PATIENCE,
    }
}

/// The documents of the configured sources.
struct Files(Vec<SourceSettings>);

#[async_trait]
impl Library for Files {
    async fn listings(&self) -> Vec<Listing> {
        listings(&self.0).await
    }
}

/// What every source holds now, in the order of the sources.
pub async fn listings(sources: &[SourceSettings]) -> Vec<Listing> {
    let mut listings = Vec::new();
    for settings in sources {
        let source = source(settings);
        let read = tokio::task::spawn_blocking(move || source.read()).await;
        listings.push(Listing {
            source: settings.name.clone(),
            team: settings.team.clone(),
            documents: read.unwrap_or_else(|error| Observed::unknown(format!("reading stopped: {error}"))),
        });
    }
    listings
}

/// A source as configured.
pub fn source(settings: &SourceSettings) -> Source {
    Source {
        name: settings.name.clone(),
        root: settings.root.clone(),
        files: settings.files.clone(),
        default_repository: settings.default_repository.clone(),
        jira_projects: settings.jira_projects.clone(),
        max_bytes: settings.max_bytes.get(),
    }
}

/// The trackers of the settings, by name. Nothing is sent to them.
///
/// # Errors
/// A secret cannot be read, or a tracker's address or credential is unusable.
pub fn trackers(settings: &Settings) -> anyhow::Result<BTreeMap<TrackerName, Arc<dyn TrackerWrite>>> {
    let clock: &Arc<dyn Clock> = &(Arc::new(SystemClock) as Arc<dyn Clock>);
    let first_github = settings.trackers.iter().find(|tracker| tracker.kind == TrackerKind::Github);
    let first_github = first_github.map(|tracker| &tracker.name);
    let mut trackers: BTreeMap<TrackerName, Arc<dyn TrackerWrite>> = BTreeMap::new();
    for tracker in &settings.trackers {
        let built: Arc<dyn TrackerWrite> = match tracker.kind {
            TrackerKind::Github => {
                Arc::new(github(settings, tracker, first_github == Some(&tracker.name), clock)?)
            }
            TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => Arc::new(jira(settings, tracker, clock)?),
        };
        trackers.insert(tracker.name.clone(), built);
    }
    Ok(trackers)
}

fn github(
    settings: &Settings,
    tracker: &TrackerSettings,
    is_first: bool,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<GitHub> {
    let secret = |reference| settings.secret(reference).map_err(|error| anyhow!("{}", error.message));
    let timeouts = timeouts(tracker);
    let http = match &tracker.credential {
        Credential::Token(token) => OctocrabHttp::token(&tracker.url, &secret(token)?, timeouts),
        Credential::App { id, installation, private_key } => {
            OctocrabHttp::app(&tracker.url, *id, *installation, &secret(private_key)?, timeouts)
        }
        Credential::Basic { .. } => {
            return Err(anyhow!("`{}`: GitHub takes a token or an App", tracker.name));
        }
    };
    let http = http.with_context(|| format!("tracker `{}`", tracker.name))?;
    let mut options = GitHubSettings::new(tracker.name.as_str(), tracker.url.as_str());
    if let Some(version) = &tracker.api_version {
        options.api_version.clone_from(version);
    }
    options.web_host = tracker.browse_url.as_deref().and_then(authority);
    options.label.clone_from(&settings.labels.general);
    options.accepts_short_references = is_first;
    options.allowances = allowances(Allowances::GITHUB, &tracker.pace);
    GitHub::new(options, Arc::new(http), Arc::clone(clock))
        .with_context(|| format!("tracker `{}`", tracker.name))
}

fn timeouts(tracker: &TrackerSettings) -> Timeouts {
    let default = Timeouts::default();
    Timeouts { connect: default.connect.min(tracker.timeout), whole: tracker.timeout }
}

/// `github.com` of `https://github.com/acme`.
fn authority(url: &str) -> Option<String> {
    url.parse::<http::Uri>().ok()?.authority().map(ToString::to_string)
}

fn jira(settings: &Settings, tracker: &TrackerSettings, clock: &Arc<dyn Clock>) -> anyhow::Result<Jira> {
    let secret = |reference| settings.secret(reference).map_err(|error| anyhow!("{}", error.message));
    let credential = match &tracker.credential {
        Credential::Token(token) => transport::Credential::Bearer(secret(token)?),
        Credential::Basic { email, token } => {
            transport::Credential::Basic { email: email.clone(), token: secret(token)? }
        }
        Credential::App { .. } => return Err(anyhow!("`{}`: Jira takes a token", tracker.name)),
    };
    let options = JiraSettings {
        name: tracker.name.clone(),
        kind: tracker.kind,
        base_url: tracker.url.clone(),
        browse_url: tracker.browse_url.clone().unwrap_or_else(|| tracker.url.clone()),
        label_prefix: settings.labels.general.clone(),
        projects: projects(&settings.rules, tracker),
        statuses: tracker.statuses.clone(),
        allowances: allowances(Allowances::JIRA, &tracker.pace),
    };
    Jira::connect(options, &credential, timeouts(tracker), Arc::clone(clock))
        .with_context(|| format!("tracker `{}`", tracker.name))
}

/// Projects of a tracker that rules name; bare issue keys in documents may belong to them.
fn projects(rules: &[Rule], tracker: &TrackerSettings) -> Vec<String> {
    let place = |rule: &Rule| match &rule.then {
        Outcome::Create(to) if to.tracker == tracker.name => Some(to.place.to_string()),
        Outcome::Create(_) | Outcome::Register { .. } => None,
    };
    rules.iter().filter_map(place).collect()
}

fn allowances(published: Allowances, pace: &PaceSettings) -> Allowances {
    Allowances {
        reads_per_minute: pace.reads_per_minute.unwrap_or(published.reads_per_minute),
        writes_per_minute: pace.writes_per_minute.unwrap_or(published.writes_per_minute),
        creates_per_minute: pace.creates_per_minute.unwrap_or(published.creates_per_minute),
        creates_per_hour: pace.creates_per_hour.or(published.creates_per_hour),
    }
}

/// The deadline report of a register, as data.
pub fn report(settings: &Settings, register: &Register, now: DateTime<Utc>, options: Options) -> Report {
    let routed: BTreeMap<FindingKey, Routed> = register
        .findings
        .values()
        .map(|finding| (finding.key.clone(), routed(&settings.rules, finding)))
        .collect();
    let trackers: Vec<(TrackerName, String)> = settings
        .trackers
        .iter()
        .map(|tracker| (tracker.name.clone(), format!("{}, {}", tracker.kind.as_str(), tracker.host)))
        .collect();
    let sources: Vec<_> = settings.sources.iter().map(|source| source.name.clone()).collect();
    report::build(&Input {
        register,
        people: &settings.people,
        policy: &settings.policy,
        routed: &routed,
        trackers: &trackers,
        sources: &sources,
        instance: &settings.instance,
        config: &settings.digest,
        now,
        options,
    })
}

fn routed(rules: &[Rule], finding: &Finding) -> Routed {
    match route(rules, finding).map(|rule| &rule.then) {
        Some(Outcome::Register { group }) => Routed::Group(group.clone()),
        Some(Outcome::Create(to)) => Routed::Destination(format!("{} {}", to.tracker, to.place)),
        None => Routed::Unrouted { why: "no rule matches it; `explain` says why".to_owned() },
    }
}
