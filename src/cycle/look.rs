//! Asking one tracker everything that a cycle needs of it. It is handed the reading half only (invariant 14).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, Utc};

use super::{
    hints::Told,
    marks::News,
    ports::Timer,
    search::{self, Found, Ground},
    sight::hide_unseen,
};
use crate::{
    model::{
        cycle::TrackerHealth,
        ids::{AccountId, FindingKey, Marker, PlaceName},
        issue::{Field, Issue, IssueId, IssueRef, PlaceFacts},
        observed::Observed,
        terms::Progress,
    },
    plan::reads::{PlaceReads, Reads},
    tracker::{TrackerError, TrackerRead},
};

/// For how long a cycle waits altogether until a tracker's allowance for reads is there again. What it could not read by then is
/// read by a later cycle, which begins there.
const READS_PATIENCE: Duration = Duration::from_mins(2);

/// Reads that looking at a place and searching it take, about.
const PER_PLACE: u32 = 4;

/// What is left of a cycle's patience with the allowance of one tracker.
struct Patience<'a> {
    tracker: &'a dyn TrackerRead,
    timer: &'a dyn Timer,
    left: Duration,
}

impl Patience<'_> {
    /// Waits until so many reads are allowed, unless that takes longer than it may.
    async fn wait_for(&mut self, reads: u32) {
        let Some(wait) = self.tracker.pace().read_delay(reads).filter(|wait| *wait <= self.left) else {
            return;
        };
        self.left -= wait;
        self.timer.wait(wait).await;
    }
}

/// What one tracker answered.
#[derive(Clone, Debug)]
pub struct Look {
    /// The account we act as.
    pub account: Observed<AccountId>,
    /// Linked issues, by the identity that was asked for.
    pub issues: BTreeMap<IssueId, Observed<Issue>>,
    /// Issues that were lost, and are looked for.
    pub lost: BTreeMap<IssueId, Observed<Issue>>,
    /// Cited issues, by key.
    pub cited: BTreeMap<String, Observed<Issue>>,
    /// Places that something may be created in.
    pub places: BTreeMap<PlaceName, PlaceLook>,
    /// How it answered altogether.
    pub health: TrackerHealth,
}

/// What was learned of a place.
#[derive(Clone, Debug)]
pub struct PlaceLook {
    /// What it is.
    pub facts: Observed<PlaceFacts>,
    /// Issues found by the marker of each finding that was searched for; empty when no search was needed.
    pub marked: BTreeMap<FindingKey, (Marker, Observed<Vec<Issue>>)>,
    /// What this account wrote there with our label and a marker; missing where nobody had to ask.
    pub written: Observed<Vec<(String, Marker)>>,
    /// Whether that search covered everything that was ever created there.
    pub swept: bool,
    /// What it showed of all markers there, if it showed all of them.
    pub news: Option<News>,
}

/// Makes the markers of findings for a place of a given numeric id.
pub type MarkerOf<'a> = &'a (dyn Fn(&FindingKey, &str) -> Marker + Send + Sync);

/// Asks a tracker everything; whatever fails is unknown, and the rest goes on.
pub async fn look(
    tracker: &dyn TrackerRead,
    needs: &Reads,
    known: &BTreeMap<IssueId, Progress>,
    marker: MarkerOf<'_>,
    timer: &dyn Timer,
) -> Look {
    look_after(tracker, (needs, None), known, marker, timer).await
}

/// The same after it told something in this cycle already, which is not asked again.
pub async fn look_after(
    tracker: &dyn TrackerRead,
    (needs, told): (&Reads, Option<&Told>),
    known: &BTreeMap<IssueId, Progress>,
    marker: MarkerOf<'_>,
    timer: &dyn Timer,
) -> Look {
    let mut patience = Patience { tracker, timer, left: READS_PATIENCE };
    let now = tracker.pace().now();
    let account = match told {
        Some(told) => Ok(told.account.clone()),
        None => {
            tracker.pace().begin();
            tracker.whoami().await
        }
    };
    if let Err(error) = &account {
        return unusable(needs, error);
    }
    let linked: Vec<IssueRef> = needs.issues.iter().cloned().collect();
    let mut issues = read(tracker, &linked, known).await;
    let lost: Vec<IssueRef> = needs.lost.iter().cloned().collect();
    let lost = read(tracker, &lost, known).await;
    let mut cited = BTreeMap::new();
    for key in &needs.cited {
        patience.wait_for(1).await;
        cited.insert(key.clone(), tracker.find(key).await);
    }
    let is_known = |account: &&AccountId| {
        needs.acted_as.is_empty() || needs.acted_as.iter().any(|known| known.is(account))
    };
    let known_account = account.as_ref().ok().filter(is_known);
    let mut places = look_at_places(&mut patience, (needs, told), known_account, marker).await;
    look_at_further(tracker, &linked, &issues, &mut places).await;
    hide_unseen(&linked, &mut issues, &places);
    if let Err(error) = tracker.pace().clock_agrees() {
        doubt_times(needs, &error, &mut issues, &mut places);
    }
    let health = health(needs, &issues, &cited, &places, now);
    Look {
        account: account.map_or_else(|error| Observed::unknown(error.to_string()), Observed::Known),
        issues,
        lost,
        cited,
        places,
        health,
    }
}

/// While our clock is far from the tracker's, what counts by it is unknown: for how long an issue has been away, and whether
/// a create that shows nowhere had its time. No place counts as searched.
fn doubt_times(
    needs: &Reads,
    error: &TrackerError,
    issues: &mut BTreeMap<IssueId, Observed<Issue>>,
    places: &mut BTreeMap<PlaceName, PlaceLook>,
) {
    for issue in issues.values_mut().filter(|issue| **issue == Observed::Missing) {
        *issue = Observed::unknown(error.to_string());
    }
    for (place, look) in places {
        let Some(needs) = needs.places.get(place) else { continue };
        (look.news, look.swept) = (None, false);
        for finding in needs.findings.iter().chain(needs.unclear.keys()) {
            if let Some((_, found)) = look.marked.get_mut(finding) {
                *found = Observed::unknown(error.to_string());
            }
        }
    }
}

/// Looks at the places of issues that were not found and whose place nobody asked for: without it, nobody knows whether
/// they are gone.
async fn look_at_further(
    tracker: &dyn TrackerRead,
    refs: &[IssueRef],
    issues: &BTreeMap<IssueId, Observed<Issue>>,
    places: &mut BTreeMap<PlaceName, PlaceLook>,
) {
    let missing = refs.iter().filter(|at| issues.get(&at.id) == Some(&Observed::Missing));
    let further: BTreeSet<&PlaceName> = missing.map(|at| &at.place).collect();
    let further: Vec<PlaceName> =
        further.into_iter().filter(|place| !places.contains_key(*place)).cloned().collect();
    if !further.is_empty() {
        let facts = tracker.readers(&further).await;
        places.extend(further.into_iter().zip(facts.into_iter().map(|facts| unsearched(observed(facts)))));
    }
}

/// Reads issues, and asks who closed those that were closed since they were last agreed on.
pub async fn read(
    tracker: &dyn TrackerRead,
    refs: &[IssueRef],
    known: &BTreeMap<IssueId, Progress>,
) -> BTreeMap<IssueId, Observed<Issue>> {
    let mut issues = BTreeMap::new();
    if refs.is_empty() {
        return issues;
    }
    for (at, mut observed) in refs.iter().zip(tracker.read(refs).await) {
        if let Observed::Known(issue) = &mut observed
            && issue.shows(Field::Progress)
            && issue.progress.is_closed()
            && issue.closed_by.is_none()
            && known.get(&at.id) != Some(&issue.progress)
        {
            match tracker.closer(issue).await {
                Ok(closer) => issue.closed_by = closer,
                // Who may not know the closer sees all the same that it is closed: a person can name the closer.
                Err(error) if error.is_refusal() => {}
                // Whoever closed it may not decide on it, and is not forgotten because an answer was lost (invariant 3).
                Err(error) => {
                    let why = format!("it is closed, and who did that could not be read: {error}");
                    observed = Observed::Unknown { why };
                }
            }
        }
        issues.insert(at.id.clone(), observed);
    }
    issues
}

/// Looks at every place: together at those of which only the readers matter, one by one at those that are searched, the most
/// severe first.
async fn look_at_places(
    patience: &mut Patience<'_>,
    (needs, told): (&Reads, Option<&Told>),
    account: Option<&AccountId>,
    marker: MarkerOf<'_>,
) -> BTreeMap<PlaceName, PlaceLook> {
    let tracker = patience.tracker;
    let is_searched =
        |needs: &PlaceReads| needs.sweep || !needs.findings.is_empty() || !needs.unclear.is_empty();
    let is_home = |needs: &PlaceReads| !needs.refused && !is_searched(needs);
    let homes = needs.places.iter().filter(|(_, needs)| is_home(needs)).map(|(place, _)| place.clone());
    let told = |place: &PlaceName| told.and_then(|told| told.places.get(place)).cloned();
    let (known, homes): (Vec<PlaceName>, Vec<PlaceName>) = homes.partition(|place| told(place).is_some());
    let readers = if homes.is_empty() { Vec::new() } else { tracker.readers(&homes).await };
    let mut places: BTreeMap<PlaceName, PlaceLook> =
        homes.into_iter().zip(readers.into_iter().map(|facts| unsearched(observed(facts)))).collect();
    places.extend(known.into_iter().filter_map(|place| Some((place.clone(), unsearched(told(&place)?)))));
    let mut searched: Vec<_> = needs.places.iter().filter(|(_, needs)| !is_home(needs)).collect();
    searched.sort_by_key(|(_, needs)| (needs.severity.is_none(), needs.severity, needs.last_searched()));
    for (place, wanted) in searched {
        patience.wait_for(PER_PLACE).await;
        places.insert(place.clone(), look_at_place(tracker, place, (wanted, account), marker).await);
    }
    places
}

pub(super) fn observed(facts: Result<PlaceFacts, TrackerError>) -> Observed<PlaceFacts> {
    match facts {
        Ok(facts) => Observed::Known(facts),
        Err(TrackerError::NotFound { .. }) => Observed::Missing,
        Err(error) => Observed::unknown(error.to_string()),
    }
}

fn unsearched(facts: Observed<PlaceFacts>) -> PlaceLook {
    PlaceLook { facts, marked: BTreeMap::new(), written: Observed::Missing, swept: false, news: None }
}

async fn look_at_place(
    tracker: &dyn TrackerRead,
    place: &PlaceName,
    (needs, account): (&PlaceReads, Option<&AccountId>),
    marker: MarkerOf<'_>,
) -> PlaceLook {
    let facts = match observed(tracker.place(place).await) {
        Observed::Known(facts) => facts,
        unproven @ (Observed::Missing | Observed::Unknown { .. }) => return unsearched(unproven),
    };
    // What is linked is searched for by a sweep only: it shows further issues with the same marker.
    let linked = needs.linked.iter().filter(|_| needs.sweep);
    let marker = |finding| needs.unclear.get(finding).cloned().unwrap_or_else(|| marker(finding, &facts.id));
    let wanted = needs.findings.iter().chain(needs.unclear.keys()).chain(linked);
    let markers: BTreeMap<&FindingKey, Marker> = wanted.map(|finding| (finding, marker(finding))).collect();
    let wanted: Vec<Marker> = markers.values().cloned().collect();
    let unknown_since = needs.oldest_intent.into_iter().chain(needs.put_back).min();
    let ground = Ground { tracker, place, facts: &facts, account };
    let (found, whole, news) = match search::search(ground, needs, &wanted).await {
        Ok(Found { issues, whole, news }) => (Ok(issues), whole, news),
        Err(error) => (Err(error), false, None),
    };
    let found = match (found, unknown_since) {
        (Ok(found), Some(unknown)) => {
            with_unlisted(tracker, place, &wanted, found, search::before(unknown)).await
        }
        (found, _) => found,
    };
    // What the lists showed is not all there is before what they may not show yet was looked for.
    let news = news.filter(|_| found.is_ok());
    let swept = whole && (needs.sweep || !needs.is_home) && found.is_ok();
    let found = found.map(by_marker).map_err(|error| error.to_string());
    let marked = markers.into_iter().map(|(finding, marker)| {
        let issues = match &found {
            Ok(issues) => Observed::Known(issues.get(&marker).cloned().unwrap_or_default()),
            Err(why) => Observed::unknown(why.clone()),
        };
        (finding.clone(), (marker, issues))
    });
    let written = match needs.unknown {
        false => Observed::Missing,
        true => match tracker.ours(place).await {
            Ok(written) => Observed::Known(written),
            Err(error) => Observed::unknown(error.to_string()),
        },
    };
    PlaceLook { facts: Observed::Known(facts), marked: marked.collect(), written, swept, news }
}

/// What lists show of an unclear create, and where they do not show all of it, what its place does not list (invariant 7).
async fn with_unlisted(
    tracker: &dyn TrackerRead,
    place: &PlaceName,
    wanted: &[Marker],
    mut found: Vec<Issue>,
    since: DateTime<Utc>,
) -> Result<Vec<Issue>, TrackerError> {
    let is_found = |marker: &Marker| found.iter().any(|issue| issue.marker.as_ref() == Some(marker));
    if wanted.iter().all(is_found) {
        return Ok(found);
    }
    for issue in tracker.unlisted(place, since).await? {
        let is_wanted = issue.marker.as_ref().is_some_and(|marker| wanted.contains(marker));
        if is_wanted && found.iter().all(|known| known.at.id != issue.at.id) {
            found.push(issue);
        }
    }
    Ok(found)
}

fn by_marker(issues: Vec<Issue>) -> BTreeMap<Marker, Vec<Issue>> {
    let mut found: BTreeMap<Marker, Vec<Issue>> = BTreeMap::new();
    for issue in issues {
        if let Some(marker) = issue.marker.clone() {
            found.entry(marker).or_default().push(issue);
        }
    }
    found
}

fn health(
    needs: &Reads,
    issues: &BTreeMap<IssueId, Observed<Issue>>,
    cited: &BTreeMap<String, Observed<Issue>>,
    places: &BTreeMap<PlaceName, PlaceLook>,
    now: DateTime<Utc>,
) -> TrackerHealth {
    let reasons = |observed: &Observed<Issue>| match observed {
        Observed::Unknown { why } => Some(why.clone()),
        Observed::Known(_) | Observed::Missing => None,
    };
    let unreadable: Vec<String> = issues.values().filter_map(reasons).collect();
    let place_error = places.values().find_map(|place| match &place.facts {
        Observed::Unknown { why } => Some(why.clone()),
        Observed::Known(_) | Observed::Missing => place.marked.values().find_map(|(_, found)| match found {
            Observed::Unknown { why } => Some(why.clone()),
            Observed::Known(_) | Observed::Missing => None,
        }),
    });
    let error = unreadable.first().cloned().or_else(|| cited.values().find_map(reasons)).or(place_error);
    TrackerHealth {
        read: error.is_none().then_some(now),
        error,
        refused: false,
        links: needs.issues.len(),
        unreadable: unreadable.len(),
        paused_until: None,
    }
}

/// A tracker whose credential is not honoured, or that does not answer, tells nothing about anything.
fn unusable(needs: &Reads, error: &TrackerError) -> Look {
    let why = error.to_string();
    let unknown = || Observed::unknown(why.clone());
    let place = || unsearched(Observed::unknown(why.clone()));
    Look {
        account: Observed::unknown(why.clone()),
        issues: needs.issues.iter().map(|at| (at.id.clone(), unknown())).collect(),
        lost: BTreeMap::new(),
        cited: needs.cited.iter().map(|key| (key.clone(), unknown())).collect(),
        places: needs.places.keys().map(|name| (name.clone(), place())).collect(),
        health: TrackerHealth {
            read: None,
            error: Some(why.clone()),
            refused: matches!(error, TrackerError::Unauthorized { .. }),
            links: needs.issues.len(),
            unreadable: needs.issues.len(),
            paused_until: None,
        },
    }
}
