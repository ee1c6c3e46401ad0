//! Who can read a place, asked again for each create and each text just before it is sent (invariant 13), and what a place is when
//! it refused something.
//!
//! Knows how old a proof may be. Keeps none for the next write: a repository can turn public between two of them.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use super::apply::Run;
use crate::{
    model::{
        cycle::{Note, NoteKind},
        ids::{PlaceName, TrackerName},
        issue::{IssueRef, PlaceFacts},
        note::About,
    },
    plan::clearance::Withheld,
    tracker::{TrackerError, TrackerWrite},
};

/// How old the proof of a place may be when what it was read for is sent: recording and reads that come first take time.
const PROOF_AGE: TimeDelta = TimeDelta::seconds(60);

/// Longest wait for the read that proves a place.
const MOMENT: Duration = Duration::from_secs(2);

/// Until when something may be sent on a proof.
pub fn good_until(facts: &PlaceFacts) -> DateTime<Utc> {
    facts.read + PROOF_AGE
}

/// What a place is and who can read it, from a request of its own.
pub async fn fresh(tracker: &dyn TrackerWrite, place: &PlaceName) -> Result<PlaceFacts, Withheld> {
    tracker.proof(place).await.map_err(|error| {
        // Not asking yet is no failure.
        let waits = matches!(error, TrackerError::RateLimited { .. });
        let kind = if waits { NoteKind::Deferred } else { NoteKind::Unreachable };
        (kind, format!("who can read {place} could not be proven: {error}"))
    })
}

/// What places were found to be after they refused something.
pub type Explained = BTreeMap<(TrackerName, PlaceName), PlaceFacts>;

impl Run<'_, '_> {
    /// Waits the moment until one more read is allowed: each create takes one, and they come back steadily. A pause is not
    /// waited for.
    pub(super) async fn await_read(&self, tracker: &dyn TrackerWrite) {
        let wait = tracker.pace().read_delay(1).filter(|wait| *wait <= MOMENT);
        if let Some(wait) = wait {
            self.ports.timer.wait(wait).await;
        }
    }

    /// Remembers when a tracker may be asked again, for what was left because it could not be.
    pub(super) fn opens_for_reads(&mut self, tracker: &dyn TrackerWrite) {
        let after = |wait| TimeDelta::from_std(wait).ok().map(|wait| self.ports.clock.now() + wait);
        let until =
            self.paused_until(tracker.name()).or_else(|| tracker.pace().read_delay(1).and_then(after));
        until.into_iter().for_each(|until| self.outcome.opens(until));
    }

    /// What a place is, now that it may have refused something; asked once for each in a cycle, none where it could not be
    /// read.
    pub(super) async fn explain(
        &mut self,
        tracker: &dyn TrackerWrite,
        place: &PlaceName,
    ) -> Option<PlaceFacts> {
        let key = (tracker.name().clone(), place.clone());
        if let Some(facts) = self.explained.get(&key) {
            return Some(facts.clone());
        }
        let facts = tracker.place(place).await.ok()?;
        self.explained.insert(key, facts.clone());
        Some(facts)
    }

    /// Whether an issue's place was found to take no changes since the plan was made; says so once for the place.
    pub(super) fn is_frozen(&mut self, tracker: &TrackerName, at: &IssueRef) -> bool {
        let Some(facts) = self.explained.get(&(tracker.clone(), at.place.clone())) else { return false };
        let Some(why) = facts.frozen.as_ref().filter(|_| facts.id == at.place_id) else { return false };
        let why = format!("{} takes no changes: {why}; what is owed there waits for it", at.place);
        let place = About::Place(at.place_id.clone());
        self.say(Note::new(NoteKind::Held, why).at(tracker).about(place));
        true
    }
}
