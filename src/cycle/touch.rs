//! Which rows a cycle looks at: those that something touched, and a slice of all others.
//!
//! Each is looked at in full once in the time of an audit, whether or not anybody hinted at it (invariant 16). Knows what
//! touches a row. Reads nothing: what trackers and documents told is handed in. Must not know what a row comes to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::hints::{Hints, Told};
use crate::{
    model::{
        finding::Finding,
        ids::{FindingKey, PlaceName, TrackerName},
        issue::IssueId,
        link::{Link, LinkKind},
        outline::Outline,
        place::PlaceState,
        reading::Reading,
        register::Register,
        terms::Mode,
    },
    plan::{
        creation::wants_issue,
        reads::{self, Circumstances, ReadSet},
        snapshot::{FindingRow, Row, same_place},
    },
    store::Named,
};

/// What rows are held against.
pub(super) struct Signs<'a> {
    /// The register, with the findings as the documents make them now.
    pub(super) register: &'a Register,
    /// The findings as they were recorded.
    pub(super) before: &'a BTreeMap<FindingKey, Finding>,
    /// Findings whose document cannot be read.
    pub(super) unreadable: &'a BTreeMap<FindingKey, String>,
    /// What trackers told.
    pub(super) hints: &'a Hints,
    /// Digest of what holds for all findings.
    pub(super) scope: &'a str,
    /// Rules, places and the clock.
    pub(super) about: Circumstances<'a>,
}

/// Keeps the rows that are looked at. Tells the findings whose trackers hinted at them.
pub(super) fn select(signs: &Signs<'_>, rows: &mut Vec<Row>) -> BTreeSet<FindingKey> {
    let index = Index::new(signs);
    let hinted: Vec<bool> = rows.iter().map(|row| index.is_row_hinted(row)).collect();
    let chosen = rows.iter().zip(&hinted).map(|(row, is_hinted)| *is_hinted || index.is_due(row));
    let mut chosen: Vec<bool> = chosen.collect();
    // Whoever searches a place for the markers of all that is linked there looks at all of it.
    let mut swept: BTreeSet<(TrackerName, PlaceName)> = BTreeSet::new();
    loop {
        let looked = rows.iter().zip(&chosen).filter(|(_, is_chosen)| **is_chosen);
        let due = sweeps(&reads_of(signs.about, looked.map(|(row, _)| row)));
        if due.is_subset(&swept) {
            break;
        }
        swept.extend(due);
        for (row, is_chosen) in rows.iter().zip(&mut chosen) {
            let is_there = |link: &Link| swept.contains(&(link.tracker.clone(), link.issue.place.clone()));
            *is_chosen |= row.links.iter().any(|(link, _)| is_there(link));
        }
    }
    let named = rows.iter().zip(hinted).filter(|(_, is_hinted)| *is_hinted);
    let named = named.flat_map(|(row, _)| row.findings.iter().map(|member| member.finding.key.clone()));
    let named = named.collect();
    let mut chosen = chosen.into_iter();
    rows.retain(|_| chosen.next().unwrap_or(true));
    named
}

/// The places that are searched for the markers of all that is followed there.
pub(super) fn sweeps(reads: &ReadSet) -> BTreeSet<(TrackerName, PlaceName)> {
    let places = reads.iter().flat_map(|(name, reads)| reads.places.iter().map(move |place| (name, place)));
    let swept = places.filter(|(_, (_, needs))| needs.sweep);
    swept.map(|(name, (place, _))| (name.clone(), place.clone())).collect()
}

/// What planning rows needs.
pub(super) fn reads_of<'a>(about: Circumstances<'_>, rows: impl IntoIterator<Item = &'a Row>) -> ReadSet {
    let mut set = ReadSet::new();
    for row in rows {
        reads::absorb(&mut set, reads::reads(about, row));
    }
    set
}

/// Names what trackers hint at: issues, places that are not as they were, and everything on trackers of which all is read.
pub(super) fn name(outline: &Outline, sights: &[PlaceState], hints: &Hints, named: &mut Named) {
    let sights = by_number(sights);
    for told in hints.values() {
        let changes = told.changes.as_ref();
        named.issues.extend(
            changes.into_iter().flat_map(|changes| changes.issues.iter().map(|(issue, _)| issue.clone())),
        );
    }
    for there in &outline.places {
        let is_named = match hints.get(&there.tracker) {
            None => true,
            Some(told) => match &told.changes {
                None => true,
                Some(changes) => {
                    changes.untold.contains(&there.place)
                        || there.kind == LinkKind::Created
                            && is_place_changed(
                                told,
                                &sights,
                                (&there.tracker, &there.place, &there.place_id),
                            )
                }
            },
        };
        if is_named {
            named.places.insert((there.tracker.clone(), there.place.clone()));
        }
    }
}

/// What is remembered of places, by tracker and number.
type Sights<'a> = BTreeMap<(&'a TrackerName, &'a str), &'a PlaceState>;

fn by_number(sights: &[PlaceState]) -> Sights<'_> {
    sights.iter().map(|state| ((&state.tracker, state.id.as_str()), state)).collect()
}

/// Whether a place is not as it was when its issues were looked at, by its name and number then.
fn is_place_changed(
    told: &Told,
    sights: &Sights<'_>,
    (tracker, place, number): (&TrackerName, &PlaceName, &str),
) -> bool {
    let Some(facts) = told.places.get(place).and_then(|facts| facts.known()) else { return true };
    let Some(state) = sights.get(&(tracker, number)) else { return true };
    facts.id != number
        || state.unseen.is_some()
        || !same_place(&facts.name, place)
        || state.facts.as_deref() != Some(&facts.outside())
}

/// Adds to what is read every place of ours: who can read them is looked at in every cycle, and a search that leaves out
/// what is linked there is not one of the whole place.
pub(super) fn add_homes(outline: &Outline, trackers: impl Fn(&TrackerName) -> bool, reads: &mut ReadSet) {
    let homes = outline.places.iter().filter(|place| place.kind == LinkKind::Created);
    for home in homes.filter(|home| trackers(&home.tracker)) {
        let places = &mut reads.entry(home.tracker.clone()).or_default().places;
        places.entry(home.place.clone()).or_default().is_home = true;
    }
}

/// When a row that was looked at in full, with nothing left to do, is looked at again although nobody does anything about it; at
/// once where it waits for something that no list tells, and none where only the clock of its plan, its turn or a deed calls.
pub(super) fn again(
    about: Circumstances<'_>,
    register: &Register,
    row: &Row,
    mode: Mode,
) -> Option<DateTime<Utc>> {
    let linked: BTreeSet<&FindingKey> = row.links.iter().map(|(link, _)| &link.finding).collect();
    let of_member = |member: &FindingRow| {
        let key = &member.finding.key;
        let waits = !member.intents.is_empty()
            || !member.citations.is_empty()
            || register.edits.iter().any(|edit| edit.finding == *key)
            || mode != Mode::Observe
                && !linked.contains(key)
                && wants_issue(member)
                && reads::destination(about.rules, &member.finding).is_some();
        let sought = member.tombstones.iter().filter_map(|stone| stone.next_sought(about.now));
        let searched = reads::next_search(about, row, member);
        sought.chain(searched).chain(waits.then_some(about.now)).min()
    };
    row.findings.iter().filter_map(of_member).min()
}

/// The signs, by what rows ask of it.
struct Index<'a> {
    signs: &'a Signs<'a>,
    /// When each issue changed last, as lists tell.
    changed: BTreeMap<&'a IssueId, DateTime<Utc>>,
    /// What is remembered of places, by tracker and number.
    sights: Sights<'a>,
}

impl<'a> Index<'a> {
    fn new(signs: &'a Signs<'a>) -> Self {
        let mut changed: BTreeMap<&IssueId, DateTime<Utc>> = BTreeMap::new();
        let told = signs.hints.values().filter_map(|told| told.changes.as_ref());
        for (issue, at) in told.flat_map(|changes| &changes.issues) {
            let newest = changed.entry(issue).or_insert(*at);
            *newest = (*newest).max(*at);
        }
        Self { signs, changed, sights: by_number(&signs.register.sights) }
    }

    fn is_row_hinted(&self, row: &Row) -> bool {
        row.links.iter().any(|(link, _)| self.is_hinted(link))
    }

    /// Whether something else than a tracker touched a row, or it is its turn.
    fn is_due(&self, row: &Row) -> bool {
        row.findings.iter().any(|member| self.is_member_due(member))
    }

    fn is_member_due(&self, member: &FindingRow) -> bool {
        let signs = self.signs;
        let key = &member.finding.key;
        let reading = signs.register.readings.get(key);
        signs.before.get(key) != Some(&member.finding)
            || signs.unreadable.contains_key(key)
            || reading.is_none_or(|reading| !self.holds(reading))
    }

    /// Whether what was seen then is not out of date by itself. A time that is still to come was told by a clock that was ahead.
    fn holds(&self, reading: &Reading) -> bool {
        let now = self.signs.about.now;
        reading.scope == self.signs.scope && reading.at <= now && reading.due > now
    }

    /// Whether a tracker hints at the issue of a link, at its place, or at everything.
    fn is_hinted(&self, link: &Link) -> bool {
        let Some(told) = self.signs.hints.get(&link.tracker) else { return true };
        let Some(changes) = &told.changes else { return true };
        changes.untold.contains(&link.issue.place)
            || self.is_newer(&link.issue.id)
            || link.kind == LinkKind::Created
                && is_place_changed(
                    told,
                    &self.sights,
                    (&link.tracker, &link.issue.place, &link.issue.place_id),
                )
    }

    /// Whether an issue changed since it was read, as lists tell.
    fn is_newer(&self, issue: &IssueId) -> bool {
        let Some(changed) = self.changed.get(issue) else { return false };
        let known = self.signs.register.issues.get(issue);
        known.is_none_or(|known| known.updated != *changed || !known.is_settled())
    }
}
