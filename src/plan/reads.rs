//! What planning a row needs to be read from outside: the other half of the row table.
//!
//! Knows which issues, citations and places the planner asks about, and how far back a place is searched.
//! Knows nothing of how they are read; gathering executes what is said here and has no conditions of its own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    clearance::profile,
    creation::{may_be_sent, wants_issue},
    route::route,
    snapshot::{FindingRow, Row},
};
use crate::model::{
    digest,
    finding::Finding,
    ids::{AccountId, FindingKey, Host, Marker, PlaceName, TrackerName},
    issue::IssueRef,
    link::{Intent, Link, LinkKind},
    marked::Searched,
    register::PinnedPlace,
    rule::{Outcome, Rule},
    terms::Severity,
};

/// How often a place is searched completely for our markers.
pub const SWEEP: TimeDelta = TimeDelta::hours(24);
/// And how often while a double is known there.
const SWEEP_DOUBLED: TimeDelta = TimeDelta::hours(1);

/// What holds for every row: the rules, the clock, and what is known of places and of the register itself.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The cycle's instant.
    pub now: DateTime<Utc>,
    /// From when on the register may know nothing, because a copy from before was put in its place.
    pub put_back: Option<DateTime<Utc>>,
    /// Ordered rules.
    pub rules: &'a [Rule],
    /// Places as first proven, by tracker and name.
    pub places: &'a BTreeMap<(&'a TrackerName, &'a PlaceName), &'a PinnedPlace>,
    /// Which tracker serves a host.
    pub hosts: &'a BTreeMap<&'a Host, &'a TrackerName>,
}

/// What has to be read, by tracker.
pub type ReadSet = BTreeMap<TrackerName, Reads>;

/// What one tracker has to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Linked issues.
    pub issues: BTreeSet<IssueRef>,
    /// Issues that were lost, and are looked for.
    pub lost: BTreeSet<IssueRef>,
    /// Cited issues, by key.
    pub cited: BTreeSet<String>,
    /// Places that something may be created in, was perhaps created in, or is.
    pub places: BTreeMap<PlaceName, PlaceReads>,
    /// Accounts that the register acted as; under one that is not among them, every search looks at everything.
    pub acted_as: BTreeSet<AccountId>,
}

/// What has to be known of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceReads {
    /// Findings that may be created there. None is before everything there was searched for its marker: neither a restored
    /// register nor a document that comes back knows what was created meanwhile (invariant 7).
    pub findings: BTreeSet<FindingKey>,
    /// The marker of each create whose outcome is unknown; it is looked for whatever its finding wants by now.
    pub unclear: BTreeMap<FindingKey, Marker>,
    /// Whether one of the findings was never sent, as far as the register knows.
    pub fresh: bool,
    /// What an earlier search of the whole place showed, where it may be relied on: then only what came after it is searched.
    /// Whoever gathers adds it.
    pub searched: Option<Searched>,
    /// When the oldest of the unclear creates was sent.
    pub oldest_intent: Option<DateTime<Utc>>,
    /// From when on the register does not know what was created for those that it never sent.
    pub put_back: Option<DateTime<Utc>>,
    /// Whether the register does not know the place: what this account wrote there before is looked for.
    pub unknown: bool,
    /// Findings that issues there follow, or followed before the register was put back.
    pub linked: BTreeSet<FindingKey>,
    /// Whether issues of ours are there, also if what follows them is not looked at now.
    pub is_home: bool,
    /// Whether what is linked has to be searched for as well.
    pub sweep: bool,
    /// The most severe of the findings that may be created there: places are searched in this order.
    pub severity: Option<Severity>,
    /// When everything there was last searched.
    pub swept: Option<DateTime<Utc>>,
    /// Whether something was refused there: all that can explain it is asked for, also what this account may do.
    pub refused: bool,
}

/// What planning a row needs.
///
/// | finding | | what is read |
/// |---|---|---|
/// | any | a link | its issue; of a created one also the readers of its place, and now and then all markers there |
/// | any | a link on which something was refused | the facts of its place, which tell whether it still would be |
/// | any | a lost issue | that issue, once a day |
/// | unresolved | a citation that is not settled | the cited issue |
/// | any | an intent | its place, searched for its marker from before it was sent |
/// | wants an issue of ours | no link, no tombstone, no citation | the place, searched for its marker |
/// | wants none, or may not be sent | no issue of ours, and the register may have forgotten one | its place, searched for its marker now and then |
pub fn reads(about: Circumstances<'_>, row: &Row) -> ReadSet {
    let mut set = ReadSet::new();
    for (link, _) in &row.links {
        add_link(&mut set, about, link);
    }
    for member in &row.findings {
        for citation in &member.citations {
            if let Some(tracker) = &citation.tracker {
                set.entry(tracker.clone()).or_default().cited.insert(citation.key.clone());
            }
        }
        add_lost(&mut set, about, member);
        for intent in &member.intents {
            add_intent(&mut set, intent);
        }
        let linked = row.links.iter().any(|(link, _)| link.finding == member.finding.key);
        let wants = !linked && wants_issue(member);
        if let (true, Some((tracker, place))) = (wants, destination(about.rules, &member.finding)) {
            add_create(&mut set, about, member, tracker, place);
        }
        if let Some((tracker, place)) = perhaps_forgotten(about, row, member) {
            let at = set.entry(tracker.clone()).or_default().places.entry(place.clone()).or_default();
            at.is_home = true;
            at.linked.insert(member.finding.key.clone());
            at.unknown |= pinned(about, tracker, place).is_none();
            at.sweep |= member.forgotten;
        }
    }
    set
}

/// Adds what another row needs.
pub fn absorb(set: &mut ReadSet, other: ReadSet) {
    for (tracker, reads) in other {
        let ours = set.entry(tracker).or_default();
        ours.issues.extend(reads.issues);
        ours.lost.extend(reads.lost);
        ours.cited.extend(reads.cited);
        for (place, theirs) in reads.places {
            ours.places.entry(place).or_default().absorb(theirs);
        }
    }
}

impl PlaceReads {
    /// When it was last searched at all: of equally severe places, the one that has waited longest comes first.
    pub fn last_searched(&self) -> Option<DateTime<Utc>> {
        self.swept.into_iter().chain(self.searched.as_ref().map(|known| known.watermark.until)).max()
    }

    fn absorb(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.unclear.extend(other.unclear);
        self.fresh |= other.fresh;
        self.unknown |= other.unknown;
        self.oldest_intent = earliest(self.oldest_intent, other.oldest_intent);
        self.put_back = earliest(self.put_back, other.put_back);
        self.linked.extend(other.linked);
        self.is_home |= other.is_home;
        self.sweep |= other.sweep;
        self.severity = self.severity.into_iter().chain(other.severity).min();
        self.swept = self.swept.into_iter().chain(other.swept).max();
        self.refused |= other.refused;
    }
}

fn earliest(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}

/// The issue of a link. Who can read the place of one of ours is looked at for as long as a finding is followed there, and
/// now and then the place is searched for further issues with the same markers (invariant 7).
fn add_link(set: &mut ReadSet, about: Circumstances<'_>, link: &Link) {
    let reads = set.entry(link.tracker.clone()).or_default();
    reads.issues.insert(link.issue.clone());
    if !link.refused.is_empty() || link.failed_edits.is_some() {
        reads.places.entry(link.issue.place.clone()).or_default().refused = true;
    }
    if link.kind == LinkKind::Created {
        let home = reads.places.entry(link.issue.place.clone()).or_default();
        home.sweep |= sweep_is_due(about, link);
        home.is_home = true;
        home.linked.insert(link.finding.clone());
    }
}

/// Issues that were lost are looked for.
fn add_lost(set: &mut ReadSet, about: Circumstances<'_>, member: &FindingRow) {
    for tombstone in member.tombstones.iter().filter(|tombstone| tombstone.is_sought(about.now)) {
        if let Some(tracker) = about.hosts.get(&tombstone.issue.id.host) {
            set.entry((*tracker).clone()).or_default().lost.insert(tombstone.issue.clone());
        }
    }
}

/// Whether the place of a link is to be searched completely: it never was, or not for a day, or not for an hour while
/// somebody is asked to close a double there.
fn sweep_is_due(about: Circumstances<'_>, link: &Link) -> bool {
    let swept = pinned(about, &link.tracker, &link.issue.place).and_then(|pinned| pinned.swept);
    // A time that is still to come was told by a clock that was ahead.
    swept.is_none_or(|swept| about.now >= next_sweep(link, swept) || swept > about.now)
}

/// When the place of a link is swept again after a sweep. Each place has its own time of the day: places that were first swept
/// together fall due one by one.
pub(super) fn next_sweep(link: &Link, swept: DateTime<Utc>) -> DateTime<Utc> {
    if !link.doubles.is_empty() {
        return swept + SWEEP_DOUBLED;
    }
    next_turn(&format!("{}\n{}", link.issue.id.host, link.issue.place), swept, SWEEP)
}

/// When it is the turn of something again that comes once in a period. Whatever is named has its own time of it: what was first
/// looked at together takes turns.
pub fn next_turn(name: &str, last: DateTime<Utc>, period: TimeDelta) -> DateTime<Utc> {
    let period = period.num_seconds().max(1);
    let digest = digest::of_text(name);
    let own = i64::from_str_radix(digest.get(..8).unwrap_or_default(), 16).unwrap_or_default();
    last + TimeDelta::seconds(period - (last.timestamp() - own).rem_euclid(period))
}

fn add_intent(set: &mut ReadSet, intent: &Intent) {
    let places = &mut set.entry(intent.tracker.clone()).or_default().places;
    let place = places.entry(intent.place.clone()).or_default();
    place.unclear.insert(intent.finding.clone(), intent.marker.clone());
    place.oldest_intent = earliest(place.oldest_intent, Some(intent.sent));
}

fn add_create(
    set: &mut ReadSet,
    about: Circumstances<'_>,
    member: &FindingRow,
    tracker: &TrackerName,
    place: &PlaceName,
) {
    let at = set.entry(tracker.clone()).or_default().places.entry(place.clone()).or_default();
    at.findings.insert(member.finding.key.clone());
    at.severity = at.severity.into_iter().chain([member.finding.severity]).min();
    let known = pinned(about, tracker, place);
    (at.unknown, at.swept) = (at.unknown || known.is_none(), known.and_then(|known| known.swept));
    let is_sent = member.intents.iter().any(|intent| intent.tracker == *tracker && intent.place == *place);
    if !is_sent {
        (at.fresh, at.put_back) = (true, earliest(at.put_back, about.put_back));
    }
}

/// Whether no issue of ours follows the finding, none is under way, and none is known to be lost.
pub(super) fn lacks_issue(row: &Row, member: &FindingRow) -> bool {
    let created = |link: &Link| link.finding == member.finding.key && link.kind == LinkKind::Created;
    !row.links.iter().any(|(link, _)| created(link))
        && member.intents.is_empty()
        && member.tombstones.is_empty()
}

/// Where there may be an issue of ours for a finding that wants none by now: the register was put back, or is new to the
/// place, and may have forgotten what it made.
fn perhaps_forgotten<'a>(
    about: Circumstances<'a>,
    row: &Row,
    member: &FindingRow,
) -> Option<(&'a TrackerName, &'a PlaceName)> {
    let (tracker, place) = home(about.rules, &member.finding)?;
    let knows_all = about.put_back.is_none() && pinned(about, tracker, place).is_some();
    (!knows_all && !may_be_sent(about.rules, member) && lacks_issue(row, member)).then_some((tracker, place))
}

/// Marks the findings whose forgotten issues are looked for now: the first time after the register was put back, and with
/// every sweep of their place.
///
/// `whole` are the places that were searched as a whole since it was put back: no clock tells that, since both times may
/// come from one that was ahead.
pub fn mark_forgotten(about: Circumstances<'_>, whole: &BTreeSet<(&TrackerName, &PlaceName)>, row: &mut Row) {
    let is_due = |member: &FindingRow| {
        let Some((tracker, place)) = perhaps_forgotten(about, row, member) else { return false };
        let swept = pinned(about, tracker, place).and_then(|pinned| pinned.swept);
        let is_recent = |swept: DateTime<Utc>| swept <= about.now && about.now - swept < SWEEP;
        let is_later = about.put_back.is_none() || whole.contains(&(tracker, place));
        !(is_later && swept.is_some_and(is_recent))
    };
    let due: Vec<bool> = row.findings.iter().map(is_due).collect();
    row.findings.iter_mut().zip(due).for_each(|(member, due)| member.forgotten = due);
}

/// When the place of a finding is next searched for an issue of its that the register may have forgotten; at once where it never
/// was since, and none where there is none to look for.
pub fn next_search(about: Circumstances<'_>, row: &Row, member: &FindingRow) -> Option<DateTime<Utc>> {
    let (tracker, place) = perhaps_forgotten(about, row, member)?;
    let swept = pinned(about, tracker, place).and_then(|pinned| pinned.swept);
    Some(swept.map_or(about.now, |swept| swept + SWEEP))
}

fn pinned<'a>(about: Circumstances<'a>, tracker: &TrackerName, place: &PlaceName) -> Option<&'a PinnedPlace> {
    about.places.get(&(tracker, place)).copied()
}

/// The place that a finding's rule names, whatever its class is by now: looking for its marker tells nobody anything.
pub(super) fn home<'a>(rules: &'a [Rule], finding: &Finding) -> Option<(&'a TrackerName, &'a PlaceName)> {
    match &route(rules, finding)?.then {
        Outcome::Create(to) => Some((&to.tracker, &to.place)),
        Outcome::Register { .. } => None,
    }
}

/// The place that a finding would be created in; none where its class keeps it from there.
pub fn destination<'a>(rules: &'a [Rule], finding: &Finding) -> Option<(&'a TrackerName, &'a PlaceName)> {
    match &route(rules, finding)?.then {
        Outcome::Create(to) => profile(finding.stated.tlp, to).ok().map(|_| (&to.tracker, &to.place)),
        Outcome::Register { .. } => None,
    }
}
