//! The sandbox's clock: an injected one plus an offset that the control interface moves.
//!
//! Knows nothing of trackers. Must not read the system's time.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Duration, SecondsFormat, Utc};

/// Where the time comes from.
pub type BaseClock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The injected clock and how far it has been advanced.
#[derive(Clone)]
pub(crate) struct Clock {
    base: BaseClock,
    offset: Duration,
}

impl Clock {
    /// A clock that shows the base time.
    pub(crate) fn new(base: BaseClock) -> Self {
        Self { base, offset: Duration::zero() }
    }

    /// The time now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.base)() + self.offset
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&mut self, ms: i64) {
        self.offset += Duration::milliseconds(ms);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("offset", &self.offset).finish_non_exhaustive()
    }
}

/// As GitHub writes times: whole seconds.
pub(crate) fn seconds(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// As Jira writes times: milliseconds and a numeric offset.
pub(crate) fn jira_time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// As the Date header is written.
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whole seconds since 1970, never negative.
pub(crate) fn epoch(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp()).unwrap_or_default()
}
