//! What was gathered, as the planner and the record of a cycle see it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{config::Config, hints::Hints, look::Look, ports::Ports, sight, strangers::strangers};
use crate::{
    model::{
        cycle::{SourceHealth, TrackerHealth},
        document,
        ids::{SourceName, TrackerName},
        observed::Observed,
        outline::Outline,
        register::{PinnedPlace, Register},
    },
    plan::{
        intake::{Intake, Listing},
        snapshot::{Context, TrackerFacts, same_place},
    },
};

/// Configuration, clock, trackers and places.
pub(super) fn context(
    ports: &Ports,
    config: &Config,
    (register, outline): (&Register, &Outline),
    marker_key: Vec<u8>,
    looks: &BTreeMap<TrackerName, Look>,
    now: DateTime<Utc>,
) -> Context {
    let facts = |(name, look): (&TrackerName, &Look)| {
        let tracker = ports.trackers.get(name)?;
        let facts = TrackerFacts {
            kind: tracker.kind(),
            host: tracker.host().clone(),
            account: look.account.clone(),
            former: register.accounts_of(name),
        };
        Some((name.clone(), facts))
    };
    let places = looks.iter().flat_map(|(name, look)| {
        look.places.iter().map(move |(place, look)| ((name.clone(), place.clone()), look.facts.clone()))
    });
    let pinned =
        register.places.iter().map(|pinned| ((pinned.tracker.clone(), pinned.place.clone()), pinned.clone()));
    Context {
        now,
        instance: config.instance.clone(),
        rules: config.rules.clone(),
        people: config.people.clone(),
        policy: config.policy.clone(),
        labels: config.labels.clone(),
        settle: config.settle,
        on_unknown: config.on_unknown,
        trackers: looks.iter().filter_map(facts).collect(),
        places: places.collect(),
        strangers: strangers(config, register, &marker_key, ports, looks),
        marker_key,
        pinned: pinned.collect(),
        sights: sight::sights((register, outline), looks, now),
    }
}

/// Places that were searched completely: pinned by their id from now on.
pub(super) fn swept(
    looks: &BTreeMap<TrackerName, Look>,
    context: &Context,
    now: DateTime<Utc>,
) -> Vec<PinnedPlace> {
    let mut swept = Vec::new();
    for (name, look) in looks {
        let Some(tracker) = context.trackers.get(name) else { continue };
        for (place, look) in look.places.iter().filter(|(_, look)| look.swept) {
            let Observed::Known(facts) = &look.facts else { continue };
            let before = context.pinned.get(&(name.clone(), place.clone()));
            // A place that turned out to be another one is refused, not pinned anew.
            if before.is_some_and(|before| before.id != facts.id) {
                continue;
            }
            // Nor is one that holds what another register made: a person says what that is.
            if context.strangers.contains_key(&(name.clone(), place.clone())) {
                continue;
            }
            // Nor is a name that was never used and leads to a place of another name.
            if before.is_none() && !same_place(place, &facts.name) {
                continue;
            }
            swept.push(PinnedPlace {
                tracker: name.clone(),
                place: place.clone(),
                host: tracker.host.clone(),
                id: facts.id.clone(),
                since: before.map_or(now, |before| before.since),
                swept: Some(now),
            });
        }
    }
    swept
}

/// How trackers answered; one that was not read now keeps the time at which it last was.
pub(super) fn health(
    (register, outline): (&Register, &Outline),
    hints: &Hints,
    looks: &BTreeMap<TrackerName, Look>,
) -> BTreeMap<TrackerName, TrackerHealth> {
    let linked = outline.linked();
    let before = register.last_cycle.as_ref().map(|cycle| &cycle.trackers);
    looks
        .iter()
        .map(|(name, look)| {
            let last = before.and_then(|trackers| trackers.get(name)).and_then(|health| health.read);
            // Also those that its lists did not name are known.
            let links = if hints.contains_key(name) {
                linked.get(name).copied().unwrap_or_default()
            } else {
                look.health.links
            };
            let health = TrackerHealth { read: look.health.read.or(last), links, ..look.health.clone() };
            (name.clone(), health)
        })
        .collect()
}

/// How each source could be read. In part, what is not listed was looked at as well, and is as it was.
pub(super) fn sources(
    (register, is_part): (&Register, bool),
    listings: &[Listing],
    intake: &Intake,
    now: DateTime<Utc>,
) -> BTreeMap<SourceName, SourceHealth> {
    let before = register.last_cycle.as_ref().map(|cycle| &cycle.sources);
    let mut sources = before.filter(|_| is_part).cloned().unwrap_or_default();
    sources.values_mut().for_each(|health| health.read = Some(now));
    for listing in listings {
        let is = SourceHealth::of(&listing.documents, |document| intake.recognised(document));
        let health = match sources.get(&listing.source) {
            Some(all) => {
                let of_source = register
                    .documents
                    .values()
                    .filter(|record| record.key.source == listing.source && record.state.gone.is_none());
                all.without(&document::health(of_source)).with(&is)
            }
            None => is,
        };
        let last = || before.and_then(|sources| sources.get(&listing.source)?.read);
        let read = listing.documents.known().map(|_| now).or_else(last);
        sources.insert(listing.source.clone(), SourceHealth { read, ..health });
    }
    sources
}
