//! What searches for our markers showed of a place is remembered, so that a create asks only for what came after them.
//!
//! Knows when that may be relied on and when it is forgotten: in doubt it is, which costs one whole search. Must not know how
//! a tracker lists issues or how the register keeps what they showed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;

use super::{
    config::Config,
    look::{Look, PlaceLook},
    ports::Ports,
    recall::Heard,
    sight::Sights,
};
use crate::{
    model::{
        digest,
        ids::{AccountId, FindingKey, Host, Marker, PlaceName, TrackerName},
        link::Link,
        marked::{Mark, Marking, Searched, Watermark},
        register::{Identity, PinnedPlace, Register, Write},
    },
    plan::{
        marker::marker,
        reads::{PlaceReads, ReadSet, SWEEP},
    },
    store::StoreError,
};

/// How far a watermark stays behind the tracker's clock. It covers lists that lag behind, of which minutes were seen, and a
/// clock that was ahead: beyond an hour from ours nothing is taken from it.
const OVERLAP: TimeDelta = TimeDelta::hours(2);

/// What a search showed of all markers in its place.
#[derive(Clone, Debug)]
pub struct News {
    /// Every issue with a marker of our form.
    pub marks: Vec<Mark>,
    /// When the search began, by the tracker's clock.
    pub as_of: DateTime<Utc>,
    /// The watermark that it went on from; none when it looked at everything.
    pub after: Option<Watermark>,
}

/// Digest of everything but the account that what is known of markers hangs on.
pub(super) fn scope(config: &Config, identity: &Identity, host: &Host) -> String {
    let key = HEXLOWER.encode(&identity.marker_key);
    let copied = identity.newest_copy.map(|at| at.to_rfc3339()).unwrap_or_default();
    let parts =
        [host.as_str(), config.instance.as_str(), config.labels.ours.as_str(), key.as_str(), copied.as_str()];
    digest::of_text(&parts.join("\n"))
}

/// Places of which all markers were read, under the same key, and since the register was put back if it was.
pub(super) fn whole<'a>(
    ports: &Ports,
    config: &Config,
    identity: &Identity,
    register: &'a Register,
) -> BTreeSet<(&'a TrackerName, &'a PlaceName)> {
    let is_whole = |pinned: &&PinnedPlace| {
        let host = ports.trackers.get(&pinned.tracker).map(|tracker| tracker.host());
        let scope = host.map(|host| scope(config, identity, host));
        watermark(register, &pinned.tracker, &pinned.id)
            .is_some_and(|known| Some(&known.scope) == scope.as_ref())
    };
    let places = register.places.iter().filter(is_whole);
    places.map(|pinned| (&pinned.tracker, &pinned.place)).collect()
}

/// Adds what is known of the markers of each place in which something may be created, as far as it may be relied on.
pub(super) async fn add_known(
    ports: &Ports,
    config: &Config,
    identity: &Identity,
    register: &Register,
    now: DateTime<Utc>,
    reads: &mut ReadSet,
) -> Result<(), StoreError> {
    for (name, reads) in reads {
        let Some(host) = ports.trackers.get(name).map(|tracker| tracker.host()) else { continue };
        let scope = scope(config, identity, host);
        for (place, needs) in reads.places.iter_mut().filter(|(_, needs)| needs.fresh && !needs.sweep) {
            let known = known(register, (name, place), now).filter(|known| known.scope == scope);
            let Some(watermark) = known else { continue };
            let of = |finding: &FindingKey| {
                marker(&identity.marker_key, &config.instance, finding, host, &watermark.place_id)
            };
            let markers = wanted(needs, &of);
            match ports.store.marked(name, &watermark.place_id, &markers).await {
                Ok(marks) => needs.searched = Some(Searched { watermark: watermark.clone(), marks }),
                // A whole search replaces it.
                Err(StoreError::Corrupt { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// The markers of everything that a create may come to there.
fn wanted(needs: &PlaceReads, of: &dyn Fn(&FindingKey) -> Marker) -> Vec<Marker> {
    let markers: BTreeSet<Marker> =
        needs.findings.iter().map(of).chain(needs.unclear.values().cloned()).collect();
    markers.into_iter().collect()
}

/// The watermark of a place that was pinned, is in sight, and was looked at as a whole within the last day.
fn known<'a>(
    register: &'a Register,
    (tracker, place): (&TrackerName, &PlaceName),
    now: DateTime<Utc>,
) -> Option<&'a Watermark> {
    let mut pinned = register.places.iter().filter(|known| known.tracker == *tracker);
    let id = &pinned.find(|known| known.place == *place)?.id;
    let mut sights = register.sights.iter().filter(|state| state.tracker == *tracker && state.id == *id);
    if sights.any(|state| state.unseen.is_some()) {
        return None;
    }
    let watermark = watermark(register, tracker, id)?;
    // A time to come was told by a clock that was ahead.
    let is_recent = watermark.swept <= now && now - watermark.swept < SWEEP;
    is_recent.then_some(watermark)
}

fn watermark<'a>(register: &'a Register, tracker: &TrackerName, id: &str) -> Option<&'a Watermark> {
    register.watermarks.iter().find(|known| known.tracker == *tracker && known.place_id == id)
}

/// What is remembered and forgotten after a look.
pub(super) fn writes(
    (ports, config, identity): (&Ports, &Config, &Identity),
    register: &Register,
    (looks, heard, sights): (&BTreeMap<TrackerName, Look>, &Heard, &Sights),
    now: DateTime<Utc>,
) -> Vec<Write> {
    let mut writes = Vec::new();
    for (name, look) in looks {
        let Some(tracker) = ports.trackers.get(name) else { continue };
        let Some(account) = look.account.known() else { continue };
        let scope = scope(config, identity, tracker.host());
        let put_back = heard.put_back.iter().any(|put_back| put_back.tracker == *name);
        let about = About { tracker: name, account, scope: &scope, put_back, register, sights };
        let known = register.watermarks.iter().filter(|known| known.tracker == *name);
        let doubted = known.filter(|known| about.is_doubted(known, look));
        writes.extend(doubted.map(|known| Write::Unmarked {
            tracker: known.tracker.clone(),
            place_id: known.place_id.clone(),
        }));
        // By a clock that is off, nobody knows what came after what.
        if tracker.pace().clock_agrees().is_ok() {
            let places = look.places.values();
            writes.extend(
                places.filter_map(|place| about.marking(place, now)).map(Box::new).map(Write::Marked),
            );
        }
    }
    writes
}

/// What a tracker's watermarks are held against.
struct About<'a> {
    tracker: &'a TrackerName,
    account: &'a AccountId,
    scope: &'a str,
    put_back: bool,
    register: &'a Register,
    sights: &'a Sights,
}

impl About<'_> {
    /// Whether something happened since that nobody can see through: another account or key, a register or a tracker that
    /// was put back, a place that was out of sight or whose name leads elsewhere.
    fn is_doubted(&self, known: &Watermark, look: &Look) -> bool {
        let sight = self.sights.get(&(self.tracker.clone(), known.place_id.clone()));
        let mut pinned = self
            .register
            .places
            .iter()
            .filter(|pinned| pinned.tracker == *self.tracker && pinned.id == known.place_id);
        let leads_elsewhere = pinned.any(|pinned| {
            let facts = look.places.get(&pinned.place).and_then(|place| place.facts.known());
            facts.is_some_and(|facts| facts.id != known.place_id)
        });
        !known.account.is(self.account)
            || known.scope != self.scope
            || self.put_back
            || leads_elsewhere
            || sight.is_some_and(|state| state.unseen.is_some())
    }

    /// What a search adds. It goes on from what it relied on, or begins anew.
    fn marking(&self, place: &PlaceLook, now: DateTime<Utc>) -> Option<Marking> {
        let (facts, news) = (place.facts.known()?, place.news.clone()?);
        let until = news.as_of.checked_sub_signed(OVERLAP)?;
        let whole = news.after.is_none();
        let watermark = match news.after {
            Some(_) if self.put_back => return None,
            Some(before) => Watermark { until: until.max(before.until), ..before },
            None => Watermark {
                tracker: self.tracker.clone(),
                place_id: facts.id.clone(),
                account: self.account.clone(),
                scope: self.scope.to_owned(),
                until,
                swept: now,
            },
        };
        Some(Marking { watermark, marks: news.marks, whole })
    }
}

/// What remembers an issue that was just created, where the markers of its place are known: no list has to show it first.
pub(super) fn created(register: &Register, link: &Link, place_id: &str, marker: &Marker) -> Option<Write> {
    let watermark = watermark(register, &link.tracker, place_id)?.clone();
    let marks = vec![Mark { marker: marker.clone(), issue: link.issue.clone() }];
    Some(Write::Marked(Box::new(Marking { watermark, marks, whole: false })))
}
