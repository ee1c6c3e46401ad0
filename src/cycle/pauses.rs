//! Pauses that trackers ask for: the register remembers each as soon as it is heard, so that neither a kill nor another
//! process forgets it.

use std::{collections::BTreeMap, future::Future, pin::pin, sync::Arc};

use chrono::{DateTime, Utc};
use futures::future::{pending, select_all};

use super::{ports::Ports, spent};
use crate::{
    model::{ids::TrackerName, register::Write},
    store::{Lease, Store, StoreError},
    tracker::TrackerWrite,
};

/// Pauses by tracker, as the register holds them.
pub type Pauses = BTreeMap<TrackerName, DateTime<Utc>>;

/// Trackers by name.
pub(super) type Trackers = BTreeMap<TrackerName, Arc<dyn TrackerWrite>>;

/// Takes over what the register holds.
pub fn restore(trackers: &Trackers, held: &Pauses) {
    for (name, tracker) in trackers {
        tracker.pace().restore(held.get(name).copied());
    }
}

/// What was heard and is not in the register yet.
pub fn unrecorded(trackers: &Trackers, held: &Pauses) -> Pauses {
    let heard =
        trackers.iter().filter_map(|(name, tracker)| Some((name.clone(), tracker.pace().paused_until()?)));
    // The register counts milliseconds.
    let is_new = |name: &TrackerName, until: &DateTime<Utc>| {
        held.get(name).is_none_or(|held| held.timestamp_millis() < until.timestamp_millis())
    };
    heard.filter(|(name, until)| is_new(name, until)).collect()
}

/// Records what was heard and what was sent, as far as that is not in the register yet.
///
/// # Errors
/// Nothing was written.
pub async fn remember(
    store: &dyn Store,
    trackers: &Trackers,
    lease: &Lease,
    held: &mut Pauses,
) -> Result<(), StoreError> {
    let heard = unrecorded(trackers, held);
    let write = |(name, until): (&TrackerName, &DateTime<Utc>)| Write::Pause {
        tracker: name.clone(),
        until: Some(*until),
    };
    let sent = spent::unrecorded(trackers);
    let writes = heard.iter().map(write).chain(sent.iter().cloned().map(Write::Spent));
    store.record(lease, writes.collect()).await?;
    spent::recorded(trackers, &sent);
    for (name, until) in heard {
        if let Some(tracker) = trackers.get(&name) {
            tracker.pace().recorded(until);
        }
        held.insert(name, until);
    }
    Ok(())
}

/// Does some work that talks to trackers, and records every pause while it goes on.
///
/// # Errors
/// A pause could not be recorded; the work is given up.
pub async fn recording<T>(
    ports: &Ports,
    lease: &Lease,
    held: &mut Pauses,
    work: impl Future<Output = T>,
) -> Result<T, StoreError> {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => {
                remember(ports.store.as_ref(), &ports.trackers, lease, held).await?;
                return Ok(done);
            }
            () = heard(ports) => remember(ports.store.as_ref(), &ports.trackers, lease, held).await?,
        }
    }
}

/// Returns when any tracker asks for a longer pause than before.
async fn heard(ports: &Ports) {
    let trackers: Vec<_> = ports
        .trackers
        .values()
        .map(|tracker| Box::pin(async move { tracker.pace().heard().await }))
        .collect();
    if trackers.is_empty() {
        return pending().await;
    }
    select_all(trackers).await;
}
