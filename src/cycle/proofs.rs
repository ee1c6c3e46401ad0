//! Who can read a place, as proven a moment ago: asked again before anything of a finding is sent there (I20).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::gather::Gathered;
use crate::{
    model::{
        cycle::NoteKind,
        ids::{PlaceName, TrackerName},
        issue::PlaceFacts,
        observed::Observed,
    },
    plan::clearance::Withheld,
    tracker::TrackerWrite,
};

/// How old the proof of a place may be when something is sent there.
const PROOF_AGE: TimeDelta = TimeDelta::seconds(60);

/// Until when something may be sent on a proof.
pub fn good_until(facts: &PlaceFacts) -> DateTime<Utc> {
    facts.read + PROOF_AGE
}

/// What is known of places, as last proven.
pub struct Proofs(BTreeMap<(TrackerName, PlaceName), PlaceFacts>);

impl Proofs {
    /// The proofs that were gathered.
    pub fn new(gathered: &Gathered) -> Self {
        let known = |(key, facts): (&(TrackerName, PlaceName), &Observed<PlaceFacts>)| {
            Some((key.clone(), facts.known()?.clone()))
        };
        Self(gathered.context.places.iter().filter_map(known).collect())
    }

    /// What a place is, from a proof that is at most a minute old, or from a new one.
    pub async fn fresh(
        &mut self,
        tracker: &dyn TrackerWrite,
        place: &PlaceName,
        now: DateTime<Utc>,
    ) -> Result<PlaceFacts, Withheld> {
        let key = (tracker.name().clone(), place.clone());
        if let Some(facts) = self.0.get(&key)
            && now <= good_until(facts)
        {
            return Ok(facts.clone());
        }
        let facts = tracker.place(place).await.map_err(|error| {
            (NoteKind::Unreachable, format!("who can read {place} could not be proven: {error}"))
        })?;
        self.0.insert(key, facts.clone());
        Ok(facts)
    }
}
