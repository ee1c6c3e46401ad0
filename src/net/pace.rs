//! How fast one credential may go: our own ceilings below the published limits, the pauses that the tracker asks for, and
//! no further at all once it does not answer.
//!
//! Nothing here sleeps: a lane that is not free says until when, and the caller waits or defers.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{sync::Notify, time::Instant};

use super::{
    NetError,
    allowance::{Full, Tally},
    bounds::{Listing, Spent},
    breaker::Breaker,
    bucket::Bucket,
    foreign::{Door, Known},
    http::{Http, HttpError, Request, Response},
    limits::{LONGEST, UNNAMED, asked_pause},
    skew::{self, Skew},
};
use crate::model::{clock::Clock, spent};

/// What a request is, for pacing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Changes nothing.
    Read,
    /// Changes something that exists.
    Write,
    /// Creates an issue or a comment.
    Create,
}

/// How much may be sent with a credential.
///
/// Reads are spread by a bucket whose rate plus burst stays below the published limit, because it lets both through in its
/// first window. Creates and writes are counted: within any time no more are sent than it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowances {
    /// Reads a minute.
    pub reads_per_minute: u32,
    /// Writes a minute, creates included.
    pub writes_per_minute: u32,
    /// Creates a minute.
    pub creates_per_minute: u32,
    /// Creates an hour; none where the tracker publishes no such limit.
    pub creates_per_hour: Option<u32>,
}

impl Allowances {
    /// GitHub.com: 80 content-creating requests a minute and 500 an hour, 900 points a minute, of which a read
    /// takes one and a write five (GitHub's documentation, Rate limits for the REST API).
    pub const GITHUB: Self = Self {
        reads_per_minute: 450,
        writes_per_minute: 80,
        creates_per_minute: 80,
        creates_per_hour: Some(500),
    };

    /// Jira: 100 requests a second in bursts; far more than a worker needs (developer.atlassian.com, Rate limiting).
    pub const JIRA: Self = Self {
        reads_per_minute: 1200,
        writes_per_minute: 600,
        creates_per_minute: 600,
        creates_per_hour: None,
    };

    /// How long `creates` issues take at these allowances, from an idle start.
    pub fn eta(&self, creates: usize) -> Duration {
        let before_last = u64::try_from(creates.saturating_sub(1)).unwrap_or(u64::MAX);
        let per = |limit: u32, window: u64| (before_last / u64::from(limit.max(1))).saturating_mul(window);
        let hourly = self.creates_per_hour.map_or(0, |limit| per(limit, 3600));
        Duration::from_secs(per(self.creates_per_minute, 60).max(hourly))
    }
}

/// How quickly a read has to fail to be sent once more. What takes longer is trouble that a moment does not mend.
const QUICK: Duration = Duration::from_secs(2);

/// The pace of one credential.
pub struct Pace {
    allowances: Allowances,
    reads: Bucket,
    /// What tells its credential apart.
    credential: String,
    /// Creates and writes.
    tally: Tally,
    /// Unix milliseconds before which nothing may be sent, by the tracker's word.
    paused_until: AtomicI64,
    /// The pause that the register is known to hold; 0 when it is known to hold none.
    recorded: AtomicI64,
    /// Told when the tracker asks for a longer pause than before.
    heard: Notify,
    /// Refusals without a named time since the last write that was taken.
    refusals: AtomicU32,
    /// Whether the tracker answers at all.
    breaker: Breaker,
    /// How far our clock is from the tracker's.
    skew: Skew,
    /// What the listings of this cycle came to.
    spent: Spent,
    /// Words that no answer may repeat.
    known: Mutex<Arc<Known>>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace")
            .field("allowances", &self.allowances)
            .field("paused_until", &self.paused_until())
            .finish_non_exhaustive()
    }
}

impl Pace {
    /// A fresh pace.
    pub fn new(allowances: Allowances, clock: Arc<dyn Clock>) -> Self {
        Self {
            allowances,
            reads: Bucket::new(allowances.reads_per_minute),
            credential: String::new(),
            tally: Tally::default(),
            paused_until: AtomicI64::new(0),
            recorded: AtomicI64::new(0),
            heard: Notify::new(),
            refusals: AtomicU32::new(0),
            breaker: Breaker::default(),
            skew: Skew::default(),
            spent: Spent::default(),
            known: Mutex::default(),
            clock,
        }
    }

    /// The pace of a credential that [`allowance::credential`](super::allowance::credential) tells apart.
    pub fn of(self, credential: impl Into<String>) -> Self {
        Self { credential: credential.into(), ..self }
    }

    /// The present instant, by the injected clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The allowances it keeps to.
    pub fn allowances(&self) -> &Allowances {
        &self.allowances
    }

    /// A cycle begins: a tracker that did not answer in the last one is asked again.
    pub fn begin(&self) {
        self.breaker.reset();
        self.spent.reset();
    }

    /// A listing begins; it counts against what one may come to, and all of a cycle.
    pub fn listing(&self) -> Listing<'_> {
        self.spent.listing()
    }

    /// Is told the words of findings, which the tracker's issues hold: from now on no answer brings them back as an error.
    pub fn guard(&self, known: Arc<Known>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// How far ahead of the tracker's clock ours is, as its last answer told; none before the first.
    pub fn ahead(&self) -> Option<TimeDelta> {
        self.skew.ahead()
    }

    /// Refuses what depends on the time while our clock is far from the tracker's.
    ///
    /// # Errors
    /// [`NetError::ClockOff`].
    pub fn clock_agrees(&self) -> Result<(), NetError> {
        match self.ahead() {
            Some(ahead) if ahead.abs() > skew::TOO_FAR => Err(NetError::ClockOff { ahead }),
            Some(_) | None => Ok(()),
        }
    }

    /// Sends one request, if it may be sent now. A read that fails quickly is sent once more, because reading twice does
    /// no harm and a cycle has to do without what it could not read; a write never is.
    ///
    /// # Errors
    /// [`NetError::RateLimited`] and [`NetError::Unsent`] when it was not sent, [`NetError::Transient`] when
    /// no answer came.
    pub async fn send(&self, http: &dyn Http, lane: Lane, request: Request) -> Result<Response, NetError> {
        let again = (lane == Lane::Read).then(|| request.clone());
        let begun = Instant::now();
        let sent = self.send_once(http, lane, request).await;
        match again {
            Some(request) if begun.elapsed() < QUICK && self.may_pass(&sent) => {
                self.send_once(http, lane, request).await
            }
            Some(_) | None => sent,
        }
    }

    /// Whether the same question may be answered better in a moment, and the tracker does not ask to be left alone.
    fn may_pass(&self, sent: &Result<Response, NetError>) -> bool {
        match sent {
            Ok(response) => {
                let is_trouble = matches!(response.status().as_u16(), 500 | 502 | 503 | 504);
                is_trouble && asked_pause(response.headers(), self.now()).is_none()
            }
            Err(error) => matches!(error, NetError::Transient { .. } | NetError::Unsent { .. }),
        }
    }

    async fn send_once(&self, http: &dyn Http, lane: Lane, request: Request) -> Result<Response, NetError> {
        self.breaker.check()?;
        self.admit(lane)?;
        let what = format!("{} {}", request.method(), request.uri().path());
        let (begun, asked) = (Instant::now(), self.now());
        let known = Arc::clone(&*self.known.lock().unwrap_or_else(PoisonError::into_inner));
        let door = Door::of(&request, lane != Lane::Read, http.held(), &known);
        let sent = http.send(request).await;
        if lane != Lane::Read {
            self.answered();
        }
        let sent = sent.map(|response| door.let_in(response)).map_err(|error| door.failed(error));
        match &sent {
            Ok(response) => {
                self.skew.learn(response.headers(), asked, self.now());
                self.breaker.answered(response.status(), begun.elapsed());
            }
            Err(error) => self.breaker.unanswered(&error.to_string(), begun.elapsed()),
        }
        sent.map_err(|error| match error {
            HttpError::Unsent(why) => NetError::Unsent { why: format!("{what}: {why}") },
            HttpError::Lost(why) => NetError::Transient { why: format!("{what}: {why}") },
        })
    }

    /// Takes one permit of a lane, or says until when to wait.
    ///
    /// # Errors
    /// [`NetError::RateLimited`] with the time at which the lane is free again; [`NetError::ClockOff`] for what
    /// changes something while our clock is far from the tracker's.
    pub fn admit(&self, lane: Lane) -> Result<(), NetError> {
        match lane {
            Lane::Read => {}
            Lane::Write | Lane::Create => self.clock_agrees()?,
        }
        if let Some(until) = self.paused_until() {
            return Err(NetError::RateLimited { until, why: "the tracker asked for a pause".to_owned() });
        }
        if lane == Lane::Read {
            return self.reads.take().map_err(|wait| NetError::RateLimited {
                until: self.now() + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1)),
                why: "the allowance of this credential is used up for now".to_owned(),
            });
        }
        Ok(self.tally.send(lane, &self.allowances, self.now())?)
    }

    /// How long to wait until so many reads are allowed; none when they are now, or when the tracker asked for a pause, which
    /// nobody waits for.
    pub fn read_delay(&self, n: u32) -> Option<Duration> {
        self.reads.delay(n).filter(|_| self.paused_until().is_none())
    }

    /// Counts a create or a write that is about to be put on record and then sent.
    ///
    /// # Errors
    /// [`NetError::RateLimited`] when a ceiling is reached.
    pub fn reserve(&self, lane: Lane) -> Result<(), NetError> {
        Ok(self.tally.reserve(lane, &self.allowances, self.now())?)
    }

    /// What was sent last to create or change something is answered, or given up.
    pub fn answered(&self) {
        self.tally.answered(self.now());
    }

    /// The tracker refused something because of too much traffic, beyond the allowance that it tells: every ceiling is
    /// halved for an hour.
    pub fn refused(&self) {
        self.tally.refused(self.now());
    }

    /// Takes over what the register holds of its credential.
    pub fn recall(&self, held: &[spent::Spent]) {
        self.tally.recall(&self.credential, held);
    }

    /// What was sent and the register does not hold yet.
    pub fn unrecorded(&self) -> Vec<spent::Spent> {
        self.tally.unrecorded(&self.credential)
    }

    /// The register holds these now, whichever tracker they were sent to.
    pub fn spending_recorded(&self, rows: &[spent::Spent]) {
        self.tally.recorded(&self.credential, rows);
    }

    /// Refuses what would be sent too late: reads that have to come first may take long.
    ///
    /// # Errors
    /// [`NetError::Expired`].
    pub fn in_time(&self, before: Option<DateTime<Utc>>) -> Result<(), NetError> {
        if before.is_some_and(|before| self.now() > before) { Err(NetError::Expired) } else { Ok(()) }
    }

    /// Remembers that nothing may be sent before `until`; never shortens a pause.
    pub fn pause(&self, until: DateTime<Utc>) {
        let until = until.timestamp_millis();
        if self.paused_until.fetch_max(until, Ordering::AcqRel) < until {
            self.heard.notify_one();
        }
    }

    /// Returns when the tracker asks for a longer pause than before.
    pub async fn heard(&self) {
        self.heard.notified().await;
    }

    /// Remembers that the register holds the pause until that time.
    pub fn recorded(&self, until: DateTime<Utc>) {
        self.recorded.store(until.timestamp_millis(), Ordering::Release);
    }

    /// Takes over what the register holds: a pause that was heard by another process, or, of one that was recorded, that a
    /// person lifted it since. What was heard and could not be recorded stays.
    pub fn restore(&self, held: Option<DateTime<Utc>>) {
        let held = held.map_or(0, |until| until.timestamp_millis());
        let recorded = self.recorded.swap(held, Ordering::AcqRel);
        let lifted = self.paused_until.compare_exchange(recorded, held, Ordering::AcqRel, Ordering::Acquire);
        if lifted.is_err() {
            self.paused_until.fetch_max(held, Ordering::AcqRel);
        }
    }

    /// Pauses after a refusal that named no time: a minute at first, then twice as long each time, an hour at most.
    /// Returns the end of the pause.
    pub fn pause_unnamed(&self) -> DateTime<Utc> {
        let before = self.refusals.fetch_add(1, Ordering::AcqRel).min(6);
        let until = self.now() + (UNNAMED * (1 << before)).min(TimeDelta::hours(1));
        self.pause(until);
        until
    }

    /// Remembers that the tracker takes writes again, so that the next unnamed refusal starts at a minute.
    pub fn write_taken(&self) {
        self.refusals.store(0, Ordering::Release);
    }

    /// The end of the pause that is in force. One that ends later than any tracker may ask for was heard while this machine's
    /// clock was ahead: it is over.
    pub fn paused_until(&self) -> Option<DateTime<Utc>> {
        let until = DateTime::from_timestamp_millis(self.paused_until.load(Ordering::Acquire))?;
        let left = until - self.now();
        (left > TimeDelta::zero() && left <= LONGEST).then_some(until)
    }
}

impl From<Full> for NetError {
    fn from(full: Full) -> Self {
        Self::RateLimited { until: full.until, why: full.why }
    }
}
