//! What planning is handed: everything that was read, in our own terms, at one instant.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{
    deadline::Policy,
    edit_intent::EditIntent,
    finding::Finding,
    ids::{AccountId, Host, InstanceName, Marker, PlaceName, TrackerName},
    involvement::Involvement,
    issue::{Field, Issue, IssueRef, PlaceFacts, TrackerKind},
    last_change::LastChange,
    link::{Intent, Link, Tombstone},
    observed::Observed,
    people::People,
    place::PlaceState,
    register::PinnedPlace,
    rule::{OnUnknown, Outcome, Rule},
};

/// What holds for every row: configuration, clock and the state of trackers and places.
#[derive(Clone, Debug)]
pub struct Context {
    /// The cycle's instant.
    pub now: DateTime<Utc>,
    /// This deployment.
    pub instance: InstanceName,
    /// Key of the markers.
    pub marker_key: Vec<u8>,
    /// Ordered rules.
    pub rules: Vec<Rule>,
    /// Who is who.
    pub people: People,
    /// Deadlines.
    pub policy: Policy,
    /// Names of our labels.
    pub labels: Labels,
    /// How long an unclear create is left alone (invariant 7).
    pub settle: TimeDelta,
    /// What happens after that.
    pub on_unknown: OnUnknown,
    /// The trackers of the configuration.
    pub trackers: BTreeMap<TrackerName, TrackerFacts>,
    /// Places that a create may go to, as proven in this cycle.
    pub places: BTreeMap<(TrackerName, PlaceName), Observed<PlaceFacts>>,
    /// Issues of this account with our label and a marker that this register does not know, by place: a place where any are
    /// takes nothing until a person decides.
    pub strangers: BTreeMap<(TrackerName, PlaceName), Observed<Vec<String>>>,
    /// Places as first proven.
    pub pinned: BTreeMap<(TrackerName, PlaceName), PinnedPlace>,
    /// What is remembered of places, by their numbers, as of this cycle.
    pub sights: BTreeMap<(TrackerName, String), PlaceState>,
}

/// One tracker of the configuration.
#[derive(Clone, Debug)]
pub struct TrackerFacts {
    /// What it is.
    pub kind: TrackerKind,
    /// Its host.
    pub host: Host,
    /// The account we act as; unknown while the tracker cannot be used.
    pub account: Observed<AccountId>,
    /// Accounts that the register acted as, at any time: what they wrote is ours.
    pub former: BTreeSet<AccountId>,
}

impl TrackerFacts {
    /// Whether an account is the one that we act as, or one that we acted as before.
    pub fn is_ours(&self, account: &AccountId) -> bool {
        let present = self.account.known();
        present.is_some_and(|ours| ours.is(account)) || self.former.iter().any(|former| former.is(account))
    }
}

/// Names of the labels that are ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// On every issue that we created.
    pub ours: String,
    /// While a finding is overdue.
    pub overdue: String,
    /// While a risk is accepted.
    pub risk_accepted: String,
    /// Once a finding is resolved.
    pub verified: String,
}

/// Findings that share issues, with everything that was read about them; planned on its own (invariant 16).
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The findings, by key.
    pub findings: Vec<FindingRow>,
    /// Their links, in order of linking, each with its issue as read now.
    pub links: Vec<(Link, Observed<Issue>)>,
}

impl Row {
    /// The edits of its issues whose outcome is not recorded.
    pub fn open_edits(&self) -> impl Iterator<Item = &OpenEdit> {
        self.findings.iter().flat_map(|member| &member.edits)
    }
}

/// An edit whose outcome is not recorded, with what the tracker's history says about it.
#[derive(Clone, Debug)]
pub struct OpenEdit {
    /// What was sent.
    pub intent: EditIntent,
    /// The last change of a field since it was planned, where that was asked: absent when the history tells none.
    pub changes: BTreeMap<Field, Observed<LastChange>>,
}

/// One finding with what was read for it.
#[derive(Clone, Debug)]
pub struct FindingRow {
    /// The finding, with what its document says now.
    pub finding: Finding,
    /// Whether its document could be read.
    pub document: Observed<()>,
    /// Creates whose outcome is not recorded.
    pub intents: Vec<Intent>,
    /// Edits of its issues whose outcome is not recorded.
    pub edits: Vec<OpenEdit>,
    /// Whether the register may have forgotten what it made for it, so that its marker is looked for although it wants no issue.
    pub forgotten: bool,
    /// Links of it that ended.
    pub tombstones: Vec<Tombstone>,
    /// Parts that people had in it, as recorded.
    pub parts: Vec<Involvement>,
    /// Those of the links that ended whose issues were lost and looked for now, each with its tracker and what was found.
    pub lost: Vec<(Tombstone, TrackerName, Observed<Issue>)>,
    /// Issues that it cites and that are not settled yet: neither linked nor set aside.
    pub citations: Vec<Citation>,
    /// Issues found by its markers; unknown when the search was not complete, absent when none was made.
    pub marked: BTreeMap<Marker, Observed<Vec<Issue>>>,
}

/// An issue that a finding cites.
#[derive(Clone, Debug)]
pub struct Citation {
    /// The citation as written.
    pub written: String,
    /// The tracker that serves it; none when no configured tracker does.
    pub tracker: Option<TrackerName>,
    /// The issue's key there; empty when no tracker serves it.
    pub key: String,
    /// The issue.
    pub issue: Observed<Issue>,
}

impl Context {
    /// The name by which a rule creates issues in the place that an issue is in: the only places that an issue is
    /// followed to. A place that was renamed is the same place, and another one that took over its name is not.
    pub fn sends_to(&self, tracker: &TrackerName, at: &IssueRef) -> Option<&PlaceName> {
        let places = self.rules.iter().filter_map(|rule| match &rule.then {
            Outcome::Create(to) if to.tracker == *tracker => Some(&to.place),
            Outcome::Create(_) | Outcome::Register { .. } => None,
        });
        let mut meant = places.filter(|place| match self.number(tracker, place) {
            Some(number) => number == at.place_id,
            None => same_place(place, &at.place),
        });
        meant.next()
    }

    /// The number of the place that a name of the configuration means: the one that it was pinned to, or the one that
    /// was read under it in this cycle.
    pub fn number(&self, tracker: &TrackerName, place: &PlaceName) -> Option<&str> {
        let key = (tracker.clone(), place.clone());
        let pinned = self.pinned.get(&key).map(|pinned| pinned.id.as_str());
        pinned.or_else(|| Some(self.places.get(&key)?.known()?.id.as_str()))
    }

    /// What is remembered of the place that an issue is in.
    pub fn sight(&self, tracker: &TrackerName, at: &IssueRef) -> Option<&PlaceState> {
        self.sights.get(&(tracker.clone(), at.place_id.clone()))
    }

    /// The facts of the place that an issue is in, where they were read in this cycle.
    pub fn facts_of(&self, tracker: &TrackerName, at: &IssueRef) -> Option<&PlaceFacts> {
        let read = self.places.get(&(tracker.clone(), at.place.clone()))?.known()?;
        (read.id == at.place_id).then_some(read)
    }
}

/// Whether two names mean one place: no tracker tells repositories or projects apart by the case of their letters.
pub fn same_place(one: &PlaceName, other: &PlaceName) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}
