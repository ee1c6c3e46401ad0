//! The demo's clock: it begins some days ago and catches up, so that what is left behind is of today.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{app::SystemClock, model::clock::Clock};

/// A clock that is behind by some days.
#[derive(Debug)]
pub(super) struct StoryClock(AtomicI64);

impl StoryClock {
    /// One that is so many days behind.
    pub(super) fn new(days: i64) -> Self {
        Self(AtomicI64::new(days))
    }

    /// Lets so many days pass.
    pub(super) fn pass(&self, days: i64) {
        self.0.fetch_sub(days, Ordering::Relaxed);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() - TimeDelta::days(self.0.load(Ordering::Relaxed))
    }
}
