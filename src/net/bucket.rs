//! How many reads may be sent: a bucket that fills steadily.
//!
//! Never waits: it says how long to.

use std::{
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, QuantaClock},
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::{InMemoryState, NotKeyed},
};
use tokio::time::Instant;

/// Reads come together at the start of a cycle, so half of their allowance may be used at once.
const BURST: u32 = 2;

/// The reads that are allowed with one credential.
pub(super) struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, QuantaClock, StateInformationMiddleware>,
    /// The time in which one more read is allowed, and how many are after a rest.
    each: Duration,
    burst: u32,
    /// What the last read left, and when; none before it.
    left: Mutex<Option<(u32, Instant)>>,
}

impl Bucket {
    /// A full bucket. Its steady rate and its burst together stay below the limit: it lets both through in its first minute.
    pub(super) fn new(per_minute: u32) -> Self {
        let burst = at_least_one(per_minute / BURST);
        let rate = at_least_one(per_minute.saturating_sub(burst.get()));
        let quota = Quota::per_minute(rate).allow_burst(burst);
        Self {
            limiter: RateLimiter::direct(quota).with_middleware(),
            each: quota.replenish_interval(),
            burst: burst.get(),
            left: Mutex::default(),
        }
    }

    /// Takes one read, or says how long to wait for it.
    pub(super) fn take(&self) -> Result<(), Duration> {
        let checked = self.limiter.check();
        let left = checked.as_ref().map_or(0, StateSnapshot::remaining_burst_capacity);
        *self.left() = Some((left, Instant::now()));
        checked.map(drop).map_err(|busy| busy.wait_time_from(QuantaClock::default().now()))
    }

    /// How long to wait until so many reads are allowed; none when they are now.
    pub(super) fn delay(&self, n: u32) -> Option<Duration> {
        let (left, since) = (*self.left())?;
        let lacking = self.each * n.min(self.burst).saturating_sub(left);
        let wait = lacking.saturating_sub(since.elapsed());
        (!wait.is_zero()).then_some(wait)
    }

    fn left(&self) -> MutexGuard<'_, Option<(u32, Instant)>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn at_least_one(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}
