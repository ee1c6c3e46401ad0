//! What a cycle has to look at, from what the register holds and what the documents say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::{
    model::{
        finding::Finding,
        ids::{FindingKey, PlaceName, TrackerName},
        issue::IssueRef,
        link::LinkKind,
        postmortem::TrackerRef,
        register::Register,
        rule::{Outcome, Rule},
    },
    plan::route::route,
};

/// What one tracker has to be asked.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Linked issues.
    pub issues: Vec<IssueRef>,
    /// Cited issues, by key.
    pub cited: BTreeSet<String>,
    /// Places that something may be created in.
    pub places: BTreeMap<PlaceName, PlaceNeeds>,
}

/// What has to be known of a place.
#[derive(Clone, Debug, Default)]
pub struct PlaceNeeds {
    /// Findings that may be created there.
    pub findings: BTreeSet<FindingKey>,
    /// Oldest intent there; its outcome is looked for.
    pub oldest_intent: Option<DateTime<Utc>>,
    /// Whether everything there has to be searched for our markers, because it never was.
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

/// Adds the places that issues of ours are in: who can read them is looked at as long as a finding is followed there.
pub fn add_homes(
    needs: &mut BTreeMap<TrackerName, Needs>,
    register: &Register,
    wanted: impl Fn(&FindingKey) -> bool,
) {
    let ours = register.links.iter().filter(|link| link.kind == LinkKind::Created && wanted(&link.finding));
    for link in ours {
        needs.entry(link.tracker.clone()).or_default().places.entry(link.issue.place.clone()).or_default();
    }
}

/// The place that an unlinked finding would be created in.
pub fn destination<'a>(rules: &'a [Rule], finding: &Finding) -> Option<(&'a TrackerName, &'a PlaceName)> {
    if finding.draft || finding.source_missing || !finding.state.is_running() {
        return None;
    }
    match &route(rules, finding)?.then {
        Outcome::Create(to) => Some((&to.tracker, &to.place)),
        Outcome::Register { .. } => None,
    }
}

/// Adds that a finding may be created in a place.
pub fn add_create(
    needs: &mut Needs,
    (register, sent): (&Register, &Sent<'_>),
    finding: &FindingKey,
    tracker: &TrackerName,
    place: &PlaceName,
) {
    let swept = register
        .places
        .iter()
        .any(|pinned| pinned.tracker == *tracker && pinned.place == *place && pinned.swept.is_some());
    let at = needs.places.entry(place.clone()).or_default();
    at.findings.insert(finding.clone());
    at.sweep |= !swept;
    if let Some(sent) = sent.get(&(finding, tracker, place)) {
        at.oldest_intent = Some(at.oldest_intent.map_or(*sent, |oldest| oldest.min(*sent)));
    }
}
