//! Which places are in sight, and what follows for the issues in them: losing sight of a place is not losing its issues.
//!
//! Knows what was looked at in this cycle and what is remembered. Must not know how a tracker tells any of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::look::{Look, PlaceLook};
use crate::model::{
    ids::{PlaceName, TrackerName},
    issue::{Issue, IssueId, IssueRef, PlaceFacts},
    link::{End, Tombstone},
    observed::Observed,
    outline::Outline,
    place::{PlaceState, Unseen},
    register::{Register, Write},
};

/// What is remembered of places, by tracker and number.
pub type Sights = BTreeMap<(TrackerName, String), PlaceState>;

/// A place that was out of sight for less than this was hardly gone: counting goes on where it was.
const BLINK: TimeDelta = TimeDelta::hours(1);

/// Takes back what reading said of issues that were not found, unless their place was seen in this same look: somebody
/// who cannot see a place finds nothing there.
pub fn hide_unseen<'a>(
    refs: impl IntoIterator<Item = &'a IssueRef>,
    issues: &mut BTreeMap<IssueId, Observed<Issue>>,
    places: &BTreeMap<PlaceName, PlaceLook>,
) {
    for at in refs {
        if issues.get(&at.id) == Some(&Observed::Missing)
            && let Some(why) = unseen(at, places)
        {
            issues.insert(at.id.clone(), Observed::unknown(why));
        }
    }
}

/// Why it is not known whether an issue's place can be seen; none when it was seen.
fn unseen(at: &IssueRef, places: &BTreeMap<PlaceName, PlaceLook>) -> Option<String> {
    let mut seen = places.values().filter_map(|look| look.facts.known());
    if seen.any(|facts| facts.id == at.place_id) {
        return None;
    }
    let place = &at.place;
    Some(match places.get(place).map(|look| &look.facts) {
        Some(Observed::Known(facts)) => {
            format!("{place} is another place now (id {} instead of {})", facts.id, at.place_id)
        }
        Some(Observed::Missing) => format!("{place} does not exist or is not visible to this account"),
        Some(Observed::Unknown { why }) => format!("{place} could not be read: {why}"),
        None => format!("{place} was not looked at"),
    })
}

/// What is to be remembered of places after this look.
pub fn sights(
    (register, outline): (&Register, &Outline),
    looks: &BTreeMap<TrackerName, Look>,
    now: DateTime<Utc>,
) -> Sights {
    let remembered = register.sights.iter();
    let mut sights: Sights =
        remembered.map(|state| ((state.tracker.clone(), state.id.clone()), state.clone())).collect();
    for (tracker, look) in looks {
        // What an account that is not honoured cannot see says nothing about the place.
        if look.account.known().is_none() {
            continue;
        }
        for (name, place) in &look.places {
            match &place.facts {
                Observed::Known(facts) => learn(&mut sights, tracker, name, facts),
                Observed::Missing => {
                    let why = "it does not exist or is not visible to this account";
                    miss(&mut sights, (register, outline), (tracker, name), (now, why));
                }
                Observed::Unknown { why } => {
                    miss(&mut sights, (register, outline), (tracker, name), (now, why));
                }
            }
        }
        for id in seen(look) {
            if let Some(state) = sights.get_mut(&(tracker.clone(), id.to_owned()))
                && let Some(gone) = state.unseen.take()
                && now - gone.since >= BLINK
            {
                state.back = Some(now);
            }
        }
    }
    sights
}

/// Numbers of the places that were seen, by themselves or by an issue in them.
fn seen(look: &Look) -> BTreeSet<&str> {
    let places = look.places.values().filter_map(|place| Some(place.facts.known()?.id.as_str()));
    let issues = look.issues.values().filter_map(|issue| Some(issue.known()?.at.place_id.as_str()));
    places.chain(issues).collect()
}

/// Remembers the facts of a place that was seen.
fn learn(sights: &mut Sights, tracker: &TrackerName, asked: &PlaceName, facts: &PlaceFacts) {
    let key = (tracker.clone(), facts.id.clone());
    let new = || PlaceState::new(tracker.clone(), facts.id.clone(), asked.clone());
    let state = sights.entry(key).or_insert_with(new);
    state.call(&facts.name);
    state.facts = Some(facts.outside());
}

/// Remembers that what a name stood for was not seen.
fn miss(
    sights: &mut Sights,
    (register, outline): (&Register, &Outline),
    (tracker, name): (&TrackerName, &PlaceName),
    (now, why): (DateTime<Utc>, &str),
) {
    for id in ids_of((register, outline), tracker, name) {
        let new = || PlaceState::new(tracker.clone(), id.clone(), name.clone());
        let state = sights.entry((tracker.clone(), id.clone())).or_insert_with(new);
        state.unseen.get_or_insert_with(|| Unseen { since: now, why: why.to_owned() });
    }
}

/// The numbers of the places that a name stands for: of those that our issues are in, and of the one that it was pinned to.
fn ids_of(
    (register, outline): (&Register, &Outline),
    tracker: &TrackerName,
    name: &PlaceName,
) -> BTreeSet<String> {
    let linked = outline.places.iter().filter(|known| known.tracker == *tracker && known.place == *name);
    let pinned = register.places.iter().filter(|pinned| pinned.tracker == *tracker && pinned.place == *name);
    let ids = linked.map(|known| &known.place_id).chain(pinned.map(|pinned| &pinned.id));
    ids.filter(|id| !id.is_empty()).cloned().collect()
}

/// What was observed besides the issues themselves: places that look otherwise than remembered, and lost issues that were
/// looked for.
pub fn observations(
    register: &Register,
    sights: &Sights,
    looks: &BTreeMap<TrackerName, Look>,
    now: DateTime<Utc>,
) -> Vec<Write> {
    let states = sights.values().filter(|state| !register.sights.contains(state));
    let states = states.map(|state| Write::Sight(Box::new(state.clone())));
    let looked = register.tombstones.iter().filter(|tombstone| {
        let observed = looks.values().find_map(|look| look.lost.get(&tombstone.issue.id));
        matches!(observed, Some(Observed::Known(_) | Observed::Missing)) && tombstone.end() == End::Lost
    });
    let looked = looked
        .map(|tombstone| Write::Tombstone(Box::new(Tombstone { looked: Some(now), ..tombstone.clone() })));
    states.chain(looked).collect()
}
