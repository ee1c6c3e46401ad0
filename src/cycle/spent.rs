//! What is sent with each credential, between the register, which counts it over all processes, and the clients, which send it.

use chrono::{DateTime, Utc};

use super::pauses::Trackers;
use crate::{
    model::{register::Write, spent::Spent},
    net::allowance::MATTERS,
};

/// Hands each client what the register holds of its credential.
pub fn recall(trackers: &Trackers, held: &[Spent]) {
    for tracker in trackers.values() {
        tracker.pace().recall(held);
    }
}

/// What was sent and is not in the register yet.
pub fn unrecorded(trackers: &Trackers) -> Vec<Spent> {
    trackers.values().flat_map(|tracker| tracker.pace().unrecorded()).collect()
}

/// Tells each client what the register holds now: one credential may serve several trackers.
pub fn recorded(trackers: &Trackers, spent: &[Spent]) {
    for tracker in trackers.values().filter(|_| !spent.is_empty()) {
        tracker.pace().spending_recorded(spent);
    }
}

/// Forgets what does not matter any more, if there is any.
pub fn forget(held: &[Spent], now: DateTime<Utc>) -> Option<Write> {
    let (before, after) = (now - MATTERS, now + MATTERS);
    let is_past = |spent: &Spent| spent.at < before || spent.at > after;
    held.iter().any(is_past).then_some(Write::SpentForgotten { before, after })
}
