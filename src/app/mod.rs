//! The composition root: settings become a store, trackers and documents.
//!
//! The only place that reads the real clock, draws real random numbers and knows every part by its concrete type.

mod documents;
mod reports;
mod trackers;
mod wikis;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

pub use self::{
    documents::{Documents, folder},
    reports::{ReportError, Reporter},
    trackers::trackers,
    wikis::wikis,
};

use crate::{
    cycle::{
        config::Config,
        ports::{Ports, Progress, Random, Timer},
    },
    model::{
        clock::Clock,
        finding::Finding,
        history::KnownBy,
        ids::TrackerName,
        mapping::Mapping,
        register::Register,
        rule::{Outcome, Rule},
    },
    plan::{route::route, snapshot::Labels},
    report::{self, Input, Options, Report, Routed},
    settings::{self, Settings, general::StoreAddress, tracker::TrackerSettings},
    store::{
        self, Seed, Store, StoreError,
        sqlite::backup::{self, Backup, Restored},
    },
};

/// Longest wait inside a cycle for what a tracker asks, or for a read or an edit to be allowed; creates wait for nothing.
const PATIENCE: Duration = Duration::from_secs(15);

/// Up to so many linked issues of a tracker are all read in every cycle: that takes one request of a GitHub and three of a Jira.
const READ_ALL_UPTO: usize = 300;

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
    /// The trackers in which documents are, if any are.
    Documents,
    /// The trackers.
    Trackers,
}

impl Reach {
    /// Whether a tracker is talked to.
    pub fn includes(self, settings: &Settings, tracker: &TrackerName) -> bool {
        match self {
            Self::Register => false,
            Self::Documents => settings.sources.iter().any(|source| source.tracker() == Some(tracker)),
            Self::Trackers => true,
        }
    }

    /// Whether documents are read, wherever they are.
    pub fn reads_documents(self) -> bool {
        self != Self::Register
    }
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
        Self::build_by(settings, reach, progress, Arc::new(SystemClock)).await
    }

    /// The same by another clock than the system's.
    ///
    /// # Errors
    /// As for [`Self::build`].
    pub async fn build_by(
        settings: Settings,
        reach: Reach,
        progress: Arc<dyn Progress>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let timer = StoppableTimer::default();
        let trackers = trackers(&settings, reach, &clock)?;
        let library = Documents::new(settings.sources.clone(), trackers.clone());
        let library = library.knowing(&settings.people).with_wikis(wikis(&settings, reach)?);
        let ports = Ports {
            store: open_store(&settings, clock.now()).await?,
            library: Arc::new(library),
            trackers,
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
    let given = marker_key(settings)?;
    seed.marker_key = given.unwrap_or(seed.marker_key);
    open_with(settings, &seed, given, now).await.context("the register cannot be opened")
}

async fn open_with(
    settings: &Settings,
    seed: &Seed,
    key: Option<[u8; 32]>,
    now: DateTime<Utc>,
) -> Result<Arc<dyn Store>, StoreError> {
    let store = store::open(&address(settings), &settings.instance, seed, now).await?;
    match key {
        Some(key) if store.identity().await?.marker_key != key => Err(StoreError::OtherKey),
        Some(_) | None => Ok(Arc::from(store)),
    }
}

/// The key of the markers that the settings name; none when they leave it to the register.
fn marker_key(settings: &Settings) -> anyhow::Result<Option<[u8; 32]>> {
    let Some(reference) = &settings.marker_key else { return Ok(None) };
    let secret = settings.secret(reference).map_err(|told| {
        let help = told.help.map(|help| format!("; {help}")).unwrap_or_default();
        anyhow!("{}:{}: {}{help}", told.path, told.line, told.message)
    })?;
    let digits = secret.expose_secret().to_ascii_lowercase();
    let key = data_encoding::HEXLOWER.decode(digits.as_bytes()).ok().and_then(|key| key.try_into().ok());
    key.map(Some)
        .ok_or_else(|| anyhow!("`marker_key`: the {} holds no key of 64 hexadecimal digits", reference.kept))
}

/// Writes the key of the markers to a new file that only its owner can read.
///
/// # Errors
/// There is no register yet, it cannot be opened, or the file cannot be written.
pub async fn export_key(settings: &Settings, to: &Path, now: DateTime<Utc>) -> anyhow::Result<()> {
    if let StoreAddress::Sqlite(path) = &settings.store
        && !path.exists()
    {
        return Err(anyhow!("there is no register at {} yet, and so no key", path.display()));
    }
    let identity = open_store(settings, now).await?.identity().await?;
    Ok(store::export_key(to, &identity.marker_key)?)
}

/// Writes a backup of the register to a new file.
///
/// # Errors
/// As [`store::back_up`].
pub async fn back_up(settings: &Settings, to: &Path) -> Result<Backup, StoreError> {
    store::back_up(&address(settings), to, &settings.instance).await
}

/// Proves that a backup can be put back.
///
/// # Errors
/// What is wrong with it.
pub async fn verify_backup(settings: &Settings, from: &Path) -> Result<Backup, StoreError> {
    backup::check(from, &settings.instance).await
}

/// Puts a backup in the place of the register.
///
/// # Errors
/// As [`store::restore`].
pub async fn restore(settings: &Settings, from: &Path, now: DateTime<Utc>) -> Result<Restored, StoreError> {
    store::restore(&address(settings), from, &settings.instance, &holder(), now).await
}

fn address(settings: &Settings) -> String {
    match &settings.store {
        StoreAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
        StoreAddress::Postgres(address) => address.clone(),
    }
}

/// This process, for whoever finds the register in use.
fn holder() -> String {
    format!("pid {} on {}", std::process::id(), machine())
}

/// Who sits at the command line, as the system tells it.
pub fn operator() -> KnownBy {
    let environment = settings::environment();
    let named = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| environment.get(name));
    let user = named.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "unknown".to_owned());
    #[cfg(unix)]
    let uid = Some(rustix::process::getuid().as_raw());
    #[cfg(not(unix))]
    let uid = None;
    KnownBy::Shell { user, uid, host: machine() }
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
pub fn config(settings: &Settings) -> Config {
    let labels = &settings.labels;
    Config {
        instance: settings.instance.clone(),
        digest: settings.digest.clone(),
        holder: holder(),
        mode: settings.mode,
        mapping: mapping(settings),
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
        audit: settings.audit,
        full: false,
        read_all_upto: READ_ALL_UPTO,
        patience: PATIENCE,
    }
}

/// Which finding goes where, as the settings say it.
fn mapping(settings: &Settings) -> Mapping {
    let trackers = settings.trackers.iter();
    let trackers = trackers.map(|tracker| (tracker.name.clone(), at(tracker))).collect();
    Mapping { trackers, rules: settings.rules.clone() }
}

/// What a tracker is and where, for people.
fn at(tracker: &TrackerSettings) -> String {
    format!("{}, {}", tracker.kind.as_str(), tracker.host)
}

/// The deadline report of a register of few findings, as data.
pub fn report(settings: &Settings, register: &Register, now: DateTime<Utc>, options: Options) -> Report {
    let findings = register.findings.values();
    let routed = findings.map(|finding| (finding.key.clone(), routed(&settings.rules, finding))).collect();
    let trackers: Vec<(TrackerName, String)> =
        settings.trackers.iter().map(|tracker| (tracker.name.clone(), at(tracker))).collect();
    let sources: Vec<_> = settings.sources.iter().map(|source| source.name.clone()).collect();
    let input = Input {
        register,
        people: &settings.people,
        policy: &settings.policy,
        trackers: &trackers,
        sources: &sources,
        instance: &settings.instance,
        config: &settings.digest,
        now,
        options,
    };
    report::build(input, register, &routed)
}

fn routed(rules: &[Rule], finding: &Finding) -> Routed {
    match route(rules, finding).map(|rule| &rule.then) {
        Some(Outcome::Register { group }) => Routed::Group(group.clone()),
        Some(Outcome::Create(to)) => Routed::Destination(format!("{} {}", to.tracker, to.place)),
        None => Routed::Unrouted { why: "no rule matches it; `explain` says why".to_owned() },
    }
}
