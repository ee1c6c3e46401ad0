//! What a failure does next: wait within the cycle, leave it for a later one, or give it up.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::tracker::TrackerError;

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Wait that long, then send again: the request was certainly not executed.
    Wait(Duration),
    /// Leave it for a later cycle.
    Defer(String),
    /// The tracker asks for a pause, or our own allowance is used up: leave everything for it to a later cycle.
    Pause(String),
    /// The tracker cannot be used now: leave everything for it to a later cycle.
    Down(String),
    /// It will not work without a change; say so.
    GiveUp(String),
}

/// Decides from the error alone. `patience` bounds the wait inside a cycle.
pub fn next(error: &TrackerError, now: DateTime<Utc>, patience: Duration) -> Next {
    match error {
        TrackerError::RateLimited { until, .. } => {
            let wait = (*until - now).to_std().unwrap_or(Duration::ZERO);
            if wait <= patience { Next::Wait(wait) } else { Next::Pause(error.to_string()) }
        }
        // The tracker is slow: it is proven and tried once more after a second.
        TrackerError::Expired if !patience.is_zero() => Next::Wait(Duration::from_secs(1).min(patience)),
        TrackerError::Expired => Next::Pause(error.to_string()),
        TrackerError::Unauthorized { .. } | TrackerError::Unsent { .. } | TrackerError::ClockOff { .. } => {
            Next::Down(error.to_string())
        }
        TrackerError::Transient { .. } => Next::Defer(error.to_string()),
        TrackerError::NotFound { .. }
        | TrackerError::Moved { .. }
        | TrackerError::Gone { .. }
        | TrackerError::Forbidden { .. }
        | TrackerError::Rejected { .. }
        | TrackerError::Malformed { .. } => Next::GiveUp(error.to_string()),
    }
}
