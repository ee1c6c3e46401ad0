//! How far this machine's clock is from a tracker's, by the `Date` of its answers (RFC 9110, 6.6.1).
//!
//! Knows how exactly such a header tells the time. Knows nothing of what is done about it.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, header};

use super::limits::server_time;

/// From how far on people are told.
pub const WORTH_A_WORD: TimeDelta = TimeDelta::minutes(1);

/// From how far on nothing is written to a tracker: what is due, overdue or settled would be decided by a wrong clock.
pub const TOO_FAR: TimeDelta = TimeDelta::hours(1);

/// What stands there before the first answer.
const UNTOLD: i64 = i64::MIN;

/// By how many milliseconds this machine's clock is ahead of the tracker's, as the last answer told.
#[derive(Debug)]
pub struct Skew(AtomicI64);

impl Default for Skew {
    fn default() -> Self {
        Self(AtomicI64::new(UNTOLD))
    }
}

impl Skew {
    /// Learns from an answer to a request that was sent and answered at these times of ours. One that was kept somewhere on
    /// its way (`Age`, RFC 9111, 5.1) tells an old time, and one during which our own clock was set back tells nothing.
    pub fn learn(&self, headers: &HeaderMap, sent: DateTime<Utc>, answered: DateTime<Utc>) {
        let kept = headers.get(header::AGE).is_some_and(|age| age.as_bytes() != b"0");
        let Some(told) = server_time(headers).filter(|_| !kept && answered >= sent) else { return };
        // The header has whole seconds: the server's clock showed something between this and the next one.
        let (least, most) = (sent - (told + TimeDelta::seconds(1)), answered - told);
        let ahead = TimeDelta::zero().clamp(least, most);
        self.0.store(ahead.num_milliseconds(), Ordering::Release);
    }

    /// How far ahead of the tracker's clock this machine's is; negative when it is behind. None before the first answer.
    pub fn ahead(&self) -> Option<TimeDelta> {
        let ahead = self.0.load(Ordering::Acquire);
        (ahead != UNTOLD).then(|| TimeDelta::milliseconds(ahead))
    }
}

/// A difference of clocks in words: `20 days ahead of`, `3 min behind`.
pub fn words(ahead: TimeDelta) -> String {
    let side = if ahead < TimeDelta::zero() { "behind" } else { "ahead of" };
    let off = ahead.abs();
    let size = match (off.num_days(), off.num_hours(), off.num_minutes()) {
        (2.., _, _) => format!("{} days", off.num_days()),
        (_, 2.., _) => format!("{} h", off.num_hours()),
        (_, _, 2..) => format!("{} min", off.num_minutes()),
        (_, _, _) => format!("{} s", off.num_seconds()),
    };
    format!("{size} {side}")
}
