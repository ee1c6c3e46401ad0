//! The scheduled worker: a tick becomes a cycle, missed ticks coalesce, and a stop is clean.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::time::Instant;
use tracing::{error, info, warn};

use crate::{
    app::{App, Reporter},
    cycle::{self, CycleError, outcome::Verdict},
    report::{self, Options},
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
        let expected = self.running_since.or(self.next).unwrap_or(now);
        now - expected < STUCK_AFTER
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
    Arc::new(Mutex::new(Status { started: now, last: None, next: None, running_since: None }))
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
/// The next tick is counted from the end of the work before it, so ticks that passed meanwhile become one. What was left
/// because an allowance was used up is not left until the next tick: a cycle begins when more may be sent, just after `opens`.
pub async fn run(app: &App, status: &SharedStatus, mut opens: Option<DateTime<Utc>>) {
    let schedule = &app.settings.schedule;
    loop {
        let now = app.ports.clock.now();
        let Some(scheduled) = schedule.sync.next(now) else {
            error!("the schedule never fires again; the worker stops");
            return;
        };
        let sync = opens.map_or(scheduled, |opens| (opens + LULL).max(now).min(scheduled));
        let review = schedule.review.as_ref().and_then(|review| review.next(now));
        let next = review.map_or(sync, |review| review.min(sync));
        update(status, |status| status.next = Some(next));
        info!(next = %next, "waiting for the next tick");
        wait_until(app, next).await;
        if app.stop.is_cancelled() {
            info!("asked to stop; the worker ends");
            return;
        }
        if sync <= next {
            opens = tick(app, status).await;
        }
        if review.is_some_and(|review| review <= next) {
            digest(app).await;
        }
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
    update(status, |status| {
        status.running_since = None;
        status.last = Some(Ended { at, verdict, error });
    });
    opens
}
