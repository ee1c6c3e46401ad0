//! How much a register holds and where, without its rows. Must not know how that is counted.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    cycle::NoteKind,
    ids::{Host, PlaceName, TrackerName},
    link::{LinkKind, Tombstone},
};

/// How many findings a register holds, and what is said of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All of them.
    pub findings: usize,
    /// Those that an issue of ours follows.
    pub created: usize,
    /// Those that only cited issues follow.
    pub cited: usize,
    /// Those of which a note says that they are followed up in the register alone.
    pub kept: usize,
    /// How many notes of each kind stand; none where there are none.
    pub notes: BTreeMap<NoteKind, usize>,
}

/// Where the issues are that a register follows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Where links lead, in order.
    pub places: Vec<Whereabouts>,
    /// Links that ended lately.
    pub ended: Vec<Tombstone>,
}

/// How many links of a kind lead to issues in a place, by its name and number as they were last seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whereabouts {
    /// The tracker.
    pub tracker: TrackerName,
    /// Its host.
    pub host: Host,
    /// The place.
    pub place: PlaceName,
    /// Its number; empty where that is not known.
    pub place_id: String,
    /// What the links are.
    pub kind: LinkKind,
    /// How many.
    pub links: usize,
}

impl Outline {
    /// Links of each tracker.
    pub fn linked(&self) -> BTreeMap<TrackerName, usize> {
        let mut linked: BTreeMap<TrackerName, usize> = BTreeMap::new();
        for place in &self.places {
            *linked.entry(place.tracker.clone()).or_default() += place.links;
        }
        linked
    }

    /// The places on a tracker in which links lead to issues: of one kind, or of any.
    pub fn places_of(&self, tracker: &TrackerName, kind: Option<LinkKind>) -> BTreeSet<&PlaceName> {
        let there = self.places.iter().filter(|place| place.tracker == *tracker);
        there.filter(|place| kind.is_none_or(|kind| place.kind == kind)).map(|place| &place.place).collect()
    }
}
