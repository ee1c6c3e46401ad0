//! Reading through what the register remembers: an answer that is older than what was read or written before is unknown.
//!
//! Stands between a cycle and a tracker wherever issues are read, so that no list, search, replica or cache that is behind
//! is taken for what people do. Changes nothing; what it learned is handed on to be recorded.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{
    model::{
        ids::{AccountId, Host, Marker, PlaceName, TrackerName},
        issue::{Field, Issue, IssueId, IssueRef, IssueText, PlaceFacts, TrackerKind},
        last_change::LastChange,
        link::Link,
        observed::Observed,
        postmortem::TrackerRef,
        register::Register,
        sighting::Sighting,
        terms::Progress,
    },
    net::pace::Pace,
    plan::freshness::{Single, Verdict, judge, judge_single, learned, stale},
    tracker::{Changes, Search, TrackerError, TrackerRead},
};

/// How many issues that came back old are read by themselves, for a fresh answer.
const SINGLES: usize = 50;

/// What to do about an issue that stays older than it is known.
const PUT_BACK: &str = "if the tracker was put back from a backup, `link retry` says so";

/// One tracker, held against what is known of its issues.
pub struct Recall<'a> {
    tracker: &'a dyn TrackerRead,
    known: &'a BTreeMap<IssueId, Sighting>,
    heard: Mutex<Heard>,
}

/// What reads taught.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Issues of which something new is known.
    pub sightings: BTreeMap<IssueId, Sighting>,
    /// Issues whose older state counts from now on.
    pub put_back: Vec<PutBack>,
    singles: usize,
}

/// An issue that its tracker shows as it was before, for good.
#[derive(Clone, Debug)]
pub struct PutBack {
    /// The tracker.
    pub tracker: TrackerName,
    /// The issue's key.
    pub issue: String,
    /// When it was last changed, as far as was known.
    pub known: DateTime<Utc>,
    /// When it was last changed, as it is shown.
    pub shown: DateTime<Utc>,
    /// Whether only a person says so, before a day has shown it.
    pub said: bool,
}

impl PutBack {
    /// What it means, for people.
    pub fn why(&self) -> String {
        let time = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        let (shown, known) = (time(self.shown), time(self.known));
        let why = if self.said {
            "a person says so"
        } else {
            "the tracker seems to have been put back from a backup"
        };
        let since = if self.said { "shows it" } else { "has shown it for a day" };
        format!(
            "the tracker {since} as it was at {shown}, though it was changed at {known}: {why}, and what it shows counts from \
             now on"
        )
    }
}

impl Heard {
    /// Takes in what was heard elsewhere.
    pub fn absorb(&mut self, other: Self) {
        self.sightings.extend(other.sightings);
        self.put_back.extend(other.put_back);
    }
}

impl<'a> Recall<'a> {
    /// A tracker, with what is known of issues.
    pub fn new(tracker: &'a dyn TrackerRead, known: &'a BTreeMap<IssueId, Sighting>) -> Self {
        Self { tracker, known, heard: Mutex::default() }
    }

    /// What the reads taught.
    pub fn heard(self) -> Heard {
        self.heard.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn noting(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verdict(&self, issue: &Issue) -> Verdict {
        judge(self.known.get(&issue.at.id), issue)
    }

    fn learn(&self, issue: &Issue) {
        if let Some(news) = learned(self.known.get(&issue.at.id), issue) {
            self.noting().sightings.insert(news.issue.clone(), news);
        }
    }

    /// Whether one more issue may be read by itself.
    fn may_read_singly(&self) -> bool {
        let mut heard = self.noting();
        heard.singles += 1;
        heard.singles <= SINGLES
    }

    /// Reads an issue by itself that came back old.
    async fn again(&self, old: &Issue, known: DateTime<Utc>) -> Observed<Issue> {
        if !self.may_read_singly() {
            return Observed::unknown(stale(old.updated, known));
        }
        match self.tracker.find(&old.at.key).await {
            Observed::Known(issue) if issue.at.id == old.at.id => self.alone(issue),
            Observed::Known(_) | Observed::Missing | Observed::Unknown { .. } => {
                Observed::unknown(stale(old.updated, known))
            }
        }
    }

    /// Holds a read of an issue by itself against what is known of it.
    pub fn alone(&self, issue: Issue) -> Observed<Issue> {
        let known = self.known.get(&issue.at.id);
        // How long a tracker has been showing what is old counts by our clock.
        if let (Some(known), Err(error)) = (known, self.tracker.pace().clock_agrees())
            && issue.updated < known.updated
        {
            return Observed::unknown(format!("{}; {error}", stale(issue.updated, known.updated)));
        }
        match judge_single(known, &issue, self.tracker.pace().now()) {
            Single::Fresh => {
                self.learn(&issue);
                Observed::Known(issue)
            }
            Single::Stale(evidence) => {
                let older = stale(issue.updated, evidence.updated);
                let is_lasting = evidence.older.as_ref().is_some_and(|older| older.reads > 1);
                let why = if is_lasting { format!("{older}; {PUT_BACK}") } else { older };
                if known != Some(&evidence) {
                    self.noting().sightings.insert(evidence.issue.clone(), evidence);
                }
                Observed::unknown(why)
            }
            Single::PutBack { now, said } => {
                let put_back = PutBack {
                    tracker: self.tracker.name().clone(),
                    issue: issue.at.key.clone(),
                    known: known.map_or(now.updated, |known| known.updated),
                    shown: now.updated,
                    said,
                };
                let mut heard = self.noting();
                heard.put_back.push(put_back);
                heard.sightings.insert(now.issue.clone(), now);
                Observed::Known(issue)
            }
        }
    }

    /// What a search found, each as new as it is known. One that stays old leaves the search without an answer.
    async fn found(&self, issues: Vec<Issue>) -> Result<Vec<Issue>, TrackerError> {
        let mut found = Vec::with_capacity(issues.len());
        for issue in issues {
            match self.verdict(&issue) {
                Verdict::Fresh => found.push(issue),
                Verdict::Stale { known } => match self.again(&issue, known).await {
                    Observed::Known(fresh) => {
                        found.push(Issue { marker: fresh.marker.clone().or(issue.marker), ..fresh })
                    }
                    Observed::Missing => {}
                    Observed::Unknown { why } => {
                        return Err(TrackerError::Malformed { why: format!("{}: {why}", issue.at.key) });
                    }
                },
            }
        }
        Ok(found)
    }
}

#[async_trait]
impl TrackerRead for Recall<'_> {
    fn name(&self) -> &TrackerName {
        self.tracker.name()
    }

    fn kind(&self) -> TrackerKind {
        self.tracker.kind()
    }

    fn host(&self) -> &Host {
        self.tracker.host()
    }

    fn pace(&self) -> &Pace {
        self.tracker.pace()
    }

    fn key_of(&self, reference: &TrackerRef) -> Option<String> {
        self.tracker.key_of(reference)
    }

    async fn whoami(&self) -> Result<AccountId, TrackerError> {
        self.tracker.whoami().await
    }

    fn acted_as(&self, accounts: BTreeSet<AccountId>) {
        self.tracker.acted_as(accounts);
    }

    async fn place(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        self.tracker.place(place).await
    }

    async fn readers(&self, places: &[PlaceName]) -> Vec<Result<PlaceFacts, TrackerError>> {
        self.tracker.readers(places).await
    }

    /// Those that come back old are read by themselves, the longest unasked first.
    async fn read(&self, issues: &[IssueRef]) -> Vec<Observed<Issue>> {
        let mut answers = self.tracker.read(issues).await;
        let mut old = Vec::new();
        for (n, answer) in answers.iter().enumerate() {
            let Observed::Known(issue) = answer else { continue };
            match self.verdict(issue) {
                Verdict::Fresh => self.learn(issue),
                Verdict::Stale { known } => {
                    let asked = self.known.get(&issue.at.id).and_then(|known| known.older.as_ref());
                    old.push((asked.map(|older| older.last), n, issue.clone(), known));
                }
            }
        }
        old.sort_by_key(|(asked, n, ..)| (*asked, *n));
        for (_, n, issue, known) in old {
            let fresh = self.again(&issue, known).await;
            if let Some(answer) = answers.get_mut(n) {
                *answer = fresh;
            }
        }
        answers
    }

    async fn find(&self, key: &str) -> Observed<Issue> {
        match self.tracker.find(key).await {
            Observed::Known(issue) => self.alone(issue),
            unread @ (Observed::Missing | Observed::Unknown { .. }) => unread,
        }
    }

    /// Which issues changed is a hint: they are read again by whoever acts on it.
    async fn changes(&self, places: &[PlaceName], since: DateTime<Utc>) -> Result<Changes, TrackerError> {
        self.tracker.changes(places, since).await
    }

    async fn marked(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Issue>, TrackerError> {
        self.found(self.tracker.marked(place, markers, since).await?).await
    }

    async fn search(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Search, TrackerError> {
        let Search { issues, marks, as_of } = self.tracker.search(place, markers, since).await?;
        // A list that is behind does not show all that was there when it was asked for.
        let is_old = |id: &IssueId, updated| self.known.get(id).is_some_and(|known| updated < known.updated);
        let is_behind = marks.iter().any(|(mark, updated)| is_old(&mark.issue.id, *updated));
        Ok(Search { issues: self.found(issues).await?, marks, as_of: as_of.filter(|_| !is_behind) })
    }

    async fn ours(&self, place: &PlaceName) -> Result<Vec<(String, Marker)>, TrackerError> {
        self.tracker.ours(place).await
    }

    async fn unlisted(&self, place: &PlaceName, since: DateTime<Utc>) -> Result<Vec<Issue>, TrackerError> {
        self.found(self.tracker.unlisted(place, since).await?).await
    }

    async fn texts(&self, place: &PlaceName, label: &str) -> Result<Vec<IssueText>, TrackerError> {
        self.tracker.texts(place, label).await
    }

    async fn searched(&self, query: &str) -> Result<Vec<IssueText>, TrackerError> {
        self.tracker.searched(query).await
    }

    async fn is_assigned_by_others(&self, issue: &Issue) -> Result<bool, TrackerError> {
        self.tracker.is_assigned_by_others(issue).await
    }

    async fn last_change(
        &self,
        issue: &Issue,
        field: Field,
        since: DateTime<Utc>,
    ) -> Result<Option<LastChange>, TrackerError> {
        self.tracker.last_change(issue, field, since).await
    }

    async fn closer(&self, issue: &Issue) -> Result<Option<AccountId>, TrackerError> {
        let is_same = |known: &&Sighting| known.updated == issue.updated && known.is_settled();
        let known = self.known.get(&issue.at.id).filter(is_same);
        match known.and_then(|known| known.closer.clone()) {
            Some(closer) => Ok(Some(closer)),
            None => {
                let closer = self.tracker.closer(issue).await?;
                self.learn(&Issue { closed_by: closer.clone(), ..issue.clone() });
                Ok(closer)
            }
        }
    }
}

/// How far each linked issue was when it was last agreed on; of unresolved findings none, so that closers are asked for.
pub(super) fn agreed(register: &Register) -> BTreeMap<IssueId, Progress> {
    let of = |link: &Link| Some((link.issue.id.clone(), link.baseline.progress.as_ref()?.issue));
    let unresolved = |key| register.findings.get(key).is_some_and(|finding| finding.state.is_unresolved());
    let asked = register.links.iter().filter(|link| unresolved(&link.finding));
    let asked: BTreeSet<&IssueId> = asked.map(|link| &link.issue.id).collect();
    register.links.iter().filter(|link| !asked.contains(&link.issue.id)).filter_map(of).collect()
}
