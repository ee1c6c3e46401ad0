//! What a cycle has to look at, from what the register holds and what the documents say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    model::{
        finding::Finding,
        ids::{FindingKey, Host, PlaceName, TrackerName},
        issue::IssueRef,
        link::{Link, LinkKind},
        postmortem::TrackerRef,
        register::Register,
        rule::{Outcome, Rule},
    },
    plan::{clearance::profile, route::route},
};

/// How often a place is searched completely for our markers, and how often while a double is known there.
const SWEEP: TimeDelta = TimeDelta::hours(24);
const SWEEP_DOUBLED: TimeDelta = TimeDelta::hours(1);

/// What one tracker has to be asked.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Linked issues.
    pub issues: Vec<IssueRef>,
    /// Issues that were lost, and are looked for.
    pub lost: Vec<IssueRef>,
    /// Cited issues, by key.
    pub cited: BTreeSet<String>,
    /// Places that something may be created in.
    pub places: BTreeMap<PlaceName, PlaceNeeds>,
}

/// What has to be known of a place.
#[derive(Clone, Debug, Default)]
pub struct PlaceNeeds {
    /// Findings that may be created there. None is before everything there was searched for its marker: neither a restored
    /// register nor a document that comes back knows what was created meanwhile (I1, I4).
    pub findings: BTreeSet<FindingKey>,
    /// Whether one of them was never sent, as far as the register knows.
    pub fresh: bool,
    /// Oldest intent there; its outcome is looked for.
    pub oldest_intent: Option<DateTime<Utc>>,
    /// From when on the register does not know what was created for those that it never sent.
    pub put_back: Option<DateTime<Utc>>,
    /// Findings that issues there follow.
    pub linked: BTreeSet<FindingKey>,
    /// Whether what is linked has to be searched for as well.
    pub sweep: bool,
}

/// The citations of a finding that mean issues; pull requests and other links are evidence.
pub fn citations(finding: &Finding) -> impl Iterator<Item = &TrackerRef> {
    finding.stated.trackers.iter().filter(|reference| match reference {
        TrackerRef::Github { .. } | TrackerRef::Jira { .. } => true,
        TrackerRef::PullRequest { .. } | TrackerRef::Other { .. } => false,
    })
}

/// Findings that have a link, or had one: nothing is created or adopted for them.
pub fn settled(register: &Register) -> BTreeSet<&FindingKey> {
    let linked = register.links.iter().map(|link| &link.finding);
    linked.chain(register.tombstones.iter().map(|tombstone| &tombstone.finding)).collect()
}

/// When the outstanding creates were sent, by finding, tracker and place.
pub type Sent<'a> = BTreeMap<(&'a FindingKey, &'a TrackerName, &'a PlaceName), DateTime<Utc>>;

/// The outstanding creates of a register.
pub fn sent(register: &Register) -> Sent<'_> {
    register
        .intents
        .iter()
        .map(|intent| ((&intent.finding, &intent.tracker, &intent.place), intent.sent))
        .collect()
}

/// Adds what the links of the register need.
pub fn of_links(register: &Register, wanted: impl Fn(&FindingKey) -> bool) -> BTreeMap<TrackerName, Needs> {
    let mut needs: BTreeMap<TrackerName, Needs> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for link in register.links.iter().filter(|link| wanted(&link.finding)) {
        if seen.insert(&link.issue.id) {
            needs.entry(link.tracker.clone()).or_default().issues.push(link.issue.clone());
        }
    }
    needs
}

/// Adds the places that issues of ours are in: who can read them is looked at as long as a finding is followed there,
/// and now and then they are searched for further issues with the same markers (I2).
pub fn add_homes(
    needs: &mut BTreeMap<TrackerName, Needs>,
    register: &Register,
    wanted: impl Fn(&FindingKey) -> bool,
    now: DateTime<Utc>,
) {
    let ours = register.links.iter().filter(|link| link.kind == LinkKind::Created && wanted(&link.finding));
    for link in ours {
        let places = &mut needs.entry(link.tracker.clone()).or_default().places;
        let home = places.entry(link.issue.place.clone()).or_default();
        home.sweep |= sweep_is_due(register, &link.tracker, &link.issue.place, now, !link.doubles.is_empty());
        home.linked.insert(link.finding.clone());
    }
}

/// Adds the places in which something was refused: whether it still would be, their facts tell.
pub fn add_refusing(
    needs: &mut BTreeMap<TrackerName, Needs>,
    register: &Register,
    wanted: impl Fn(&FindingKey) -> bool,
) {
    let refused = |link: &&Link| !link.refused.is_empty() || link.failed_edits.is_some();
    for link in register.links.iter().filter(|link| wanted(&link.finding)).filter(refused) {
        let places = &mut needs.entry(link.tracker.clone()).or_default().places;
        places.entry(link.issue.place.clone()).or_default();
    }
}

/// Adds the issues that were lost, once a day (`trackers` tells which tracker serves a host).
pub fn add_lost(
    needs: &mut BTreeMap<TrackerName, Needs>,
    register: &Register,
    wanted: impl Fn(&FindingKey) -> bool,
    trackers: &BTreeMap<&Host, &TrackerName>,
    now: DateTime<Utc>,
) {
    let sought = register.tombstones.iter().filter(|tombstone| wanted(&tombstone.finding));
    for tombstone in sought.filter(|tombstone| tombstone.is_sought(now)) {
        let Some(tracker) = trackers.get(&tombstone.issue.id.host) else { continue };
        let lost = &mut needs.entry((*tracker).clone()).or_default().lost;
        if lost.iter().all(|at| at.id != tombstone.issue.id) {
            lost.push(tombstone.issue.clone());
        }
    }
}

/// Whether a place is to be searched completely: it never was, or not for a day, or not for an hour while somebody is
/// asked to close a double there.
fn sweep_is_due(
    register: &Register,
    tracker: &TrackerName,
    place: &PlaceName,
    now: DateTime<Utc>,
    doubled: bool,
) -> bool {
    let every = if doubled { SWEEP_DOUBLED } else { SWEEP };
    let mut known = register.places.iter().filter(|pinned| pinned.tracker == *tracker);
    let swept = known.find(|pinned| pinned.place == *place).and_then(|pinned| pinned.swept);
    swept.is_none_or(|swept| now - swept >= every)
}

/// The place that an unlinked finding would be created in; none when its class keeps it from there.
pub fn destination<'a>(rules: &'a [Rule], finding: &Finding) -> Option<(&'a TrackerName, &'a PlaceName)> {
    if finding.draft || finding.source_missing || !finding.state.is_running() {
        return None;
    }
    match &route(rules, finding)?.then {
        Outcome::Create(to) => profile(finding.stated.tlp, to).ok().map(|_| (&to.tracker, &to.place)),
        Outcome::Register { .. } => None,
    }
}

/// Adds that a finding may be created in a place.
pub fn add_create(
    needs: &mut Needs,
    sent: &Sent<'_>,
    finding: &FindingKey,
    tracker: &TrackerName,
    place: &PlaceName,
    put_back: Option<DateTime<Utc>>,
) {
    let at = needs.places.entry(place.clone()).or_default();
    at.findings.insert(finding.clone());
    match sent.get(&(finding, tracker, place)) {
        Some(sent) => at.oldest_intent = Some(at.oldest_intent.map_or(*sent, |oldest| oldest.min(*sent))),
        None => (at.fresh, at.put_back) = (true, put_back),
    }
}
