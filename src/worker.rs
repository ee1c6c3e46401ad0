//! The scheduled worker: a tick becomes a cycle, missed ticks coalesce, and a stop is clean.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::time::Instant;
use tracing::{error, info, warn};

use crate::{
    app::{App, Reporter},
    cycle::{self, CycleError, outcome::Verdict, ports::Progress},
    model::{
        clock::Clock,
        cycle::TrackerHealth,
        ids::{SourceName, TrackerName},
    },
    report::{self, Options},
    review::schedule::Schedule,
    settings::general::ScheduleSettings,
    store::StoreError,
};

/// How long after its expected wake-up the worker counts as stuck.
const STUCK_AFTER: TimeDelta = TimeDelta::minutes(30);

/// How long after an allowance opens a cycle begins: what was sent in a row comes back in a row, and is not worth a cycle each.
const LULL: TimeDelta = TimeDelta::seconds(1);

/// When a tick comes again that found the register in use: what another process left then is not known here.
const IN_USE: TimeDelta = TimeDelta::minutes(1);

/// How the worker is, for health checks. Cheap to copy, shared with the server.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// When the worker began.
    pub started: DateTime<Utc>,
    /// When the last cycle ended, and how.
    pub last: Option<Ended>,
    /// When the next cycle begins.
    pub next: Option<DateTime<Utc>>,
    /// When the cycle that runs now began.
    pub running_since: Option<DateTime<Utc>>,
    /// When it last began an action.
    pub acted: Option<DateTime<Utc>>,
    /// What was last read of trackers and sources; none of it while no cycle ran.
    #[serde(skip)]
    pub read: Read,
}

/// How every tracker and source of the configuration was last read.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Trackers; none for those that no cycle asked yet.
    pub trackers: BTreeMap<TrackerName, Option<TrackerHealth>>,
    /// Sources, with when their documents were last listed.
    pub sources: BTreeMap<SourceName, Option<DateTime<Utc>>>,
}

/// How a cycle ended.
#[derive(Clone, Debug, Serialize)]
pub struct Ended {
    /// When.
    pub at: DateTime<Utc>,
    /// Its verdict; none when it could not be run at all.
    pub verdict: Option<Verdict>,
    /// Why it could not be run.
    pub error: Option<String>,
}

impl Status {
    /// Whether the worker still does its work: it is neither overdue for its next cycle nor stuck in one.
    pub fn is_alive(&self, now: DateTime<Utc>) -> bool {
        let expected = self.running_since.max(self.acted).or(self.next).unwrap_or(now);
        now - expected < STUCK_AFTER
    }

    /// Why what the worker knows is out of date, or soon will be: a cycle that could not be run, a credential that is refused, and
    /// whatever was not read within a time.
    pub fn reasons(&self, now: DateTime<Utc>, fresh_within: TimeDelta) -> Vec<String> {
        let error = self.last.as_ref().and_then(|last| last.error.as_ref());
        let mut reasons: Vec<String> =
            error.map(|_| "the last cycle could not be run".to_owned()).into_iter().collect();
        let old = |what: String, read: Option<DateTime<Utc>>| match read {
            Some(read) if now - read <= fresh_within => None,
            Some(read) => Some(format!("{what} was last read at {}", read.format("%Y-%m-%d %H:%M:%S UTC"))),
            None => Some(format!("{what} was never read")),
        };
        for (name, health) in &self.read.trackers {
            if health.as_ref().is_some_and(|health| health.refused) {
                reasons.push(format!("tracker {name}: its credential is refused"));
            }
            reasons.extend(old(format!("tracker {name}"), health.as_ref().and_then(|health| health.read)));
        }
        let sources = self.read.sources.iter();
        reasons.extend(sources.filter_map(|(name, read)| old(format!("source {name}"), *read)));
        reasons
    }

    /// Whether the last cycle could be run. Before the first one the worker is ready: its configuration is read and its register open.
    pub fn is_ready(&self) -> bool {
        self.last.as_ref().is_none_or(|last| last.error.is_none())
    }
}

/// The status as it is shared.
pub type SharedStatus = Arc<Mutex<Status>>;

/// A fresh status.
pub fn status(now: DateTime<Utc>) -> SharedStatus {
    let (last, next, running_since, acted) = (None, None, None, None);
    Arc::new(Mutex::new(Status { started: now, last, next, running_since, acted, read: Read::default() }))
}

/// Keeps a status informed of each action, because a long cycle that acts is not stuck.
pub struct Beat {
    /// The status.
    pub status: SharedStatus,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Progress for Beat {
    fn step(&self, _done: usize, _total: usize, _next: &str) {
        update(&self.status, |status| status.acted = Some(self.clock.now()));
    }
}

/// Reads from the register how trackers and sources were last read.
///
/// # Errors
/// The register could not be read.
pub async fn look_up(app: &App, status: &SharedStatus) -> Result<(), StoreError> {
    let last = app.ports.store.rows(&BTreeSet::new()).await?.last_cycle.unwrap_or_default();
    let trackers = app.ports.trackers.keys().map(|name| (name.clone(), last.trackers.get(name).cloned()));
    let sources = app.settings.sources.iter().map(|source| {
        let health = last.sources.get(&source.name);
        (source.name.clone(), health.and_then(|health| health.read))
    });
    let read = Read { trackers: trackers.collect(), sources: sources.collect() };
    update(status, |status| status.read = read);
    Ok(())
}

/// Reads a status; a thread that died while writing it leaves the last value.
pub fn read(status: &SharedStatus) -> Status {
    status.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
}

fn update(status: &SharedStatus, change: impl FnOnce(&mut Status)) {
    change(&mut status.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
}

/// Runs cycles and digests by their schedules until the process is asked to stop. The current action is finished, no
/// further one begun.
///
/// The next tick of each is counted from the beginning of its last one, and those that passed meanwhile become one. What was left
/// because an allowance was used up is not left until the next tick: a cycle begins when more may be sent, just after `opens`.
pub async fn run(app: &App, status: &SharedStatus, mut opens: Option<DateTime<Utc>>) {
    let mut begun = Begun::at(app.ports.clock.now());
    loop {
        let Some(tick) = begun.next(&app.settings.schedule, opens, app.ports.clock.now()) else {
            error!("the schedule never fires again; the worker stops");
            return;
        };
        update(status, |status| status.next = Some(tick.at));
        info!(next = %tick.at, "waiting for the next tick");
        wait_until(app, tick.at).await;
        if app.stop.is_cancelled() {
            info!("asked to stop; the worker ends");
            return;
        }
        if tick.sync {
            begun.sync = app.ports.clock.now().max(tick.at);
            opens = self::tick(app, status).await;
        }
        if tick.review {
            begun.review = app.ports.clock.now().max(tick.at);
            digest(app).await;
        }
    }
}

/// When each job last began: its ticks are counted from there, so that one that falls into the work of another is not lost, and
/// those that passed meanwhile become one.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    /// The last cycle.
    pub sync: DateTime<Utc>,
    /// The last digest.
    pub review: DateTime<Utc>,
}

/// What is done next, and when; a time that is over is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether a cycle is run.
    pub sync: bool,
    /// Whether a digest is told.
    pub review: bool,
}

impl Begun {
    /// Nothing was missed before an instant.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { sync: now, review: now }
    }

    /// The next tick; a cycle comes before its time where something that was left may be sent. None when cycles never come again.
    pub fn next(
        &self,
        schedule: &ScheduleSettings,
        opens: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<Tick> {
        // A clock that was ahead is right again.
        let after = |schedule: &Schedule, begun: DateTime<Utc>| schedule.next(begun.min(now));
        let scheduled = after(&schedule.sync, self.sync)?;
        let sync = opens.map_or(scheduled, |opens| (opens + LULL).max(now).min(scheduled));
        let review = schedule.review.as_ref().and_then(|review| after(review, self.review));
        let at = review.map_or(sync, |review| review.min(sync));
        Some(Tick { at, sync: sync <= at, review: review.is_some_and(|review| review <= at) })
    }
}

/// Tells reviewers in the log how things stand: counts and freshness, never a text of a finding.
async fn digest(app: &App) {
    match verdict(app).await {
        Ok(report::data::Verdict { complete, text, freshness, .. }) => {
            info!(complete, verdict = %text, freshness = %freshness, "review digest");
        }
        Err(error) => error!(error = %error, "the register could not be read for the review digest"),
    }
}

/// How things stand, without a row of the report.
async fn verdict(app: &App) -> Result<report::data::Verdict, StoreError> {
    let now = app.ports.clock.now();
    let mut reporter =
        Reporter::open(&app.settings, app.ports.store.as_ref(), now, Options::default()).await?;
    Ok(reporter.draft().await?.verdict().clone())
}

/// Waits in short steps, because a machine that slept or whose clock was set wakes up at another time than it went by. A
/// clock that was far ahead and is right again does not make it wait until that time comes.
async fn wait_until(app: &App, next: DateTime<Utc>) {
    let begun = Instant::now();
    let planned = (next - app.ports.clock.now()).to_std().unwrap_or_default();
    while !app.stop.is_cancelled() {
        let Ok(left) = (next - app.ports.clock.now()).to_std() else { return };
        if left.is_zero() || begun.elapsed() >= planned {
            return;
        }
        app.ports.timer.wait(left.min(std::time::Duration::from_secs(30))).await;
    }
}

/// One cycle, whatever becomes of it. Returns when another is worth while before its time: something that was left because an
/// allowance was used up may be sent then, or the register may be free.
pub async fn tick(app: &App, status: &SharedStatus) -> Option<DateTime<Utc>> {
    update(status, |status| status.running_since = Some(app.ports.clock.now()));
    let result = cycle::sync(&app.ports, &app.config).await;
    let mut opens = result.as_ref().ok().and_then(|outcome| outcome.opens);
    let (verdict, error) = match result {
        Ok(outcome) => (Some(outcome.verdict()), None),
        Err(CycleError::Store(StoreError::Locked { holder })) => {
            warn!(holder, "the register is in use; this tick comes again in a minute");
            opens = Some(app.ports.clock.now() + IN_USE);
            (None, None)
        }
        Err(error) => {
            error!(error = %error, "the cycle could not be run");
            (None, Some(error.to_string()))
        }
    };
    let at = app.ports.clock.now();
    if let Err(error) = look_up(app, status).await {
        error!(error = %error, "the register could not be read for the status");
    }
    update(status, |status| {
        (status.running_since, status.acted) = (None, None);
        status.last = Some(Ended { at, verdict, error });
    });
    opens
}
