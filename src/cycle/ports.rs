//! Everything outside, as ports: store, trackers, documents, clock, timer, random numbers.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{
    model::{clock::Clock, ids::TrackerName},
    plan::intake::{
        Listing,
        altered::{Altered, Files},
        documents::Records,
    },
    store::Store,
    tracker::TrackerWrite,
};

/// Lists and reads the documents of every source.
#[async_trait]
pub trait Library: Send + Sync {
    /// Is told which documents the register knows, so that what is not listed any more can be asked for by itself.
    fn know(&self, _documents: &Records) {}

    /// Which documents are not as the register took them in: those that came, went, or may have been edited; `since` is when the
    /// cycle began that last looked. None where that cannot be told without taking in all of them.
    async fn altered(&self, _documents: &Records, _since: DateTime<Utc>) -> Option<Altered> {
        None
    }

    /// Reads everything; what cannot be read comes back as unknown, with the reason.
    async fn listings(&self) -> Vec<Listing>;

    /// Reads some files of those that [`Self::altered`] knows, and nothing else of their sources; each source that is named has a
    /// listing.
    async fn read_again(&self, files: &Files) -> Vec<Listing>;
}

/// Waits.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Returns after `time`, or at once when the process is asked to stop.
    async fn wait(&self, time: Duration);

    /// Whether the process is asked to stop: the current action is finished, no further one is begun.
    fn stopping(&self) -> bool;
}

/// Random numbers.
pub trait Random: Send + Sync {
    /// A fresh id for a cycle.
    fn id(&self) -> String;
}

/// Told what a cycle does while it does it, for people who watch.
pub trait Progress: Send + Sync {
    /// `done` of `total` actions are finished; the next one is described.
    fn step(&self, done: usize, total: usize, next: &str);
}

/// Everything outside.
#[derive(Clone)]
pub struct Ports {
    /// The register.
    pub store: Arc<dyn Store>,
    /// The trackers, by name.
    pub trackers: BTreeMap<TrackerName, Arc<dyn TrackerWrite>>,
    /// The documents.
    pub library: Arc<dyn Library>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Waiting.
    pub timer: Arc<dyn Timer>,
    /// Random numbers.
    pub random: Arc<dyn Random>,
    /// Whoever watches.
    pub progress: Arc<dyn Progress>,
}
