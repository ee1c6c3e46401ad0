//! Reading issues by id and by key, and what they mean in our own terms.
//!
//! Unreadable is never absent: only a 404 to a single request under a credential that was proven afterwards says
//! "missing".

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{
    Jira, PROPERTY,
    call::is_unserved,
    jql,
    place::is_plain,
    search::{FIELDS, PAGE, malformed},
    wire,
};
use crate::{
    model::{
        ids::{Marker, PlaceName},
        issue::{Field, Issue, IssueId, IssueRef},
        observed::Observed,
        terms::Progress,
    },
    tracker::{
        TrackerError,
        shown::{Shown, unseen},
    },
};

/// Data Center reads up to so many issues one by one: that is always fresh, while its search may lag.
const ONE_BY_ONE: usize = 20;

/// Single reads in a row that may go unanswered before the rest is left alone.
const STRIKES: usize = 3;

/// What batches and searches told, by id.
type Batch = BTreeMap<String, Observed<Issue>>;

impl Jira {
    /// The key of a document's reference, if it means this site.
    pub(super) fn own_key(&self, host: Option<&str>, key: &str) -> Option<String> {
        let key = key.trim().to_uppercase();
        let (project, _) = key.rsplit_once('-')?;
        let is_ours = match host {
            Some(host) => host.eq_ignore_ascii_case(self.host.as_str()),
            None => self.settings.projects.iter().any(|own| own.eq_ignore_ascii_case(project)),
        };
        is_ours.then_some(key)
    }

    pub(super) async fn read_all(&self, issues: &[IssueRef]) -> Vec<Observed<Issue>> {
        let ids: BTreeSet<&str> =
            issues.iter().filter(|at| self.can_hold(at)).map(|at| at.id.id.as_str()).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let mut found = Batch::new();
        for chunk in ids.chunks(if self.is_cloud() { PAGE } else { ids.len().max(1) }) {
            found.extend(self.batch(chunk).await);
        }
        let mut strikes = 0;
        for id in ids {
            if !found.contains_key(id) {
                found.insert(id.to_owned(), self.one_more(id, &mut strikes).await);
            }
        }
        let answers = issues.iter().map(|at| match found.get(&at.id.id) {
            Some(seen) if self.can_hold(at) => seen.clone(),
            Some(_) | None => Observed::unknown(format!("{} is not an issue of {}", at.key, self.host)),
        });
        self.proven(answers.collect()).await
    }

    /// A single read, unless the ones before it were not answered: each may take as long as a request may take.
    async fn one_more(&self, id: &str, strikes: &mut usize) -> Observed<Issue> {
        if *strikes >= STRIKES {
            return Observed::unknown("it was not asked for: others were not answered just before");
        }
        let seen = self.single(id).await;
        *strikes = if seen.as_ref().is_err_and(is_about_the_tracker) { *strikes + 1 } else { 0 };
        seen.unwrap_or_else(|error| Observed::unknown(error.to_string()))
    }

    /// What one batch tells. Ids that it leaves out are to be asked for one by one (Jira's REST reference, Bulk fetch issues).
    async fn batch(&self, ids: &[&str]) -> Batch {
        let read = if self.is_cloud() { self.bulkfetch(ids).await } else { self.by_label(ids).await };
        match read {
            Ok(batch) => batch,
            Err(error) if is_unserved(&error) => {
                tracing::warn!(%error, "issues are read one by one, because the batch read is refused");
                Batch::new()
            }
            Err(error) => {
                ids.iter().map(|id| ((*id).to_owned(), Observed::unknown(error.to_string()))).collect()
            }
        }
    }

    pub(super) async fn find_one(&self, key: &str) -> Observed<Issue> {
        let is_key = key.rsplit_once('-').is_some_and(|(project, number)| {
            is_plain(project) && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
        });
        if !is_key {
            return Observed::unknown(format!("`{key}` is not an issue key"));
        }
        let seen = self.single(key).await.unwrap_or_else(|error| Observed::unknown(error.to_string()));
        self.proven(vec![seen]).await.pop().unwrap_or(Observed::Missing)
    }

    /// One issue by id or key, as Jira shows it. Old keys answer with the new one.
    pub(super) async fn fetch(&self, id_or_key: &str) -> Result<wire::Issue, TrackerError> {
        let query = format!("issue/{id_or_key}?fields={}&properties={PROPERTY}", FIELDS.join(","));
        self.channel.issue(&self.api(&query)).await
    }

    /// One issue by id, with what was changed in it last.
    pub(super) async fn fetch_with_history(&self, id: &str) -> Result<wire::Issue, TrackerError> {
        let query = format!("issue/{id}?fields={}&properties={PROPERTY}&expand=changelog", FIELDS.join(","));
        self.channel.issue(&self.api(&query)).await
    }

    /// An issue in our own terms; an error when it has no meaning for us.
    pub(super) fn issue(&self, issue: &wire::Issue) -> Result<Issue, TrackerError> {
        self.translated(issue).map_err(|reason| malformed(&format!("{}: {}", issue.key, reason.words())))
    }

    fn can_hold(&self, at: &IssueRef) -> bool {
        at.id.host == self.host && !at.id.id.is_empty() && at.id.id.chars().all(|c| c.is_ascii_digit())
    }

    async fn bulkfetch(&self, ids: &[&str]) -> Result<Batch, TrackerError> {
        let question = json!({ "issueIdsOrKeys": ids, "fields": FIELDS, "properties": [PROPERTY] });
        let answer = self.channel.ask(&self.api("issue/bulkfetch"), &question).await?;
        let issues = answer.parse::<wire::Fetched>()?.issues.into_iter();
        Ok(issues.filter_map(|listed| self.entry(listed.answered(answer.at))).collect())
    }

    /// Ids never enter a query: one that is gone makes Jira refuse the whole of it. Our label finds our issues, as
    /// long as pages are cheaper than asking for the rest one by one.
    async fn by_label(&self, ids: &[&str]) -> Result<Batch, TrackerError> {
        let mut seen = Batch::new();
        if ids.len() <= ONE_BY_ONE {
            return Ok(seen);
        }
        let query = jql::labelled([self.settings.label_prefix.as_str()]);
        let wanted: BTreeSet<&str> = ids.iter().copied().collect();
        let (mut start, mut listing, mut shown) = (0, self.channel.pace().listing(), BTreeSet::new());
        loop {
            let (answer, page) = self.numbered(&query, start).await?;
            listing.page(answer.bytes())?;
            let (n_shown, n_before) = (page.issues.len(), shown.len());
            start += n_shown;
            for (id, issue) in page.issues.into_iter().filter_map(|one| self.entry(one.answered(answer.at))) {
                if wanted.contains(id.as_str()) {
                    seen.insert(id.clone(), issue);
                }
                shown.insert(id);
            }
            let n_left = ids.iter().filter(|id| !seen.contains_key(**id)).count();
            // A server may send shorter pages than it was asked for, and no total.
            let pages = |total: usize| total.saturating_sub(start).div_ceil(n_shown.max(1));
            let n_pages = page.total.map_or(1, pages);
            if n_pages == 0 || n_pages >= n_left || shown.len() == n_before {
                return Ok(seen);
            }
        }
    }

    /// A listed issue by its id.
    fn entry(&self, listed: wire::Listed) -> Option<(String, Observed<Issue>)> {
        match listed {
            wire::Listed::Issue(issue) => Some((issue.id.clone(), self.observed(&issue))),
            wire::Listed::Odd(id) => {
                Some((id?, Observed::unknown("the answer does not show it as Jira shows issues")))
            }
        }
    }

    /// One issue by id or key. An error is about the request; what is wrong with the issue is unknown, not an error.
    async fn single(&self, id_or_key: &str) -> Result<Observed<Issue>, TrackerError> {
        let is_id = !id_or_key.contains('-');
        match self.fetch(id_or_key).await {
            Ok(issue) if is_id && issue.id != id_or_key => {
                Ok(Observed::unknown(format!("asked for the issue {id_or_key} and was given {}", issue.id)))
            }
            Ok(issue) => Ok(self.observed(&issue)),
            Err(TrackerError::NotFound { .. }) => Ok(Observed::Missing),
            Err(error) => Err(error),
        }
    }

    /// Nothing is missing to somebody who is nobody: a 404 counts only if the credential is honoured.
    async fn proven(&self, mut seen: Vec<Observed<Issue>>) -> Vec<Observed<Issue>> {
        if !seen.contains(&Observed::Missing) {
            return seen;
        }
        if let Err(error) = self.ask_whoami().await {
            for one in seen.iter_mut().filter(|one| **one == Observed::Missing) {
                *one =
                    Observed::unknown(format!("not found, but the credential could not be proven: {error}"));
            }
        }
        seen
    }

    fn observed(&self, issue: &wire::Issue) -> Observed<Issue> {
        self.translated(issue).map_or_else(|reason| Observed::unknown(reason.words()), Observed::Known)
    }

    pub(super) fn translated(&self, issue: &wire::Issue) -> Result<Issue, Unreadable> {
        let progress = self.progress(issue)?;
        self.translated_as(issue, progress)
    }

    /// An issue of which only matters whether it is ours. One whose status nobody mapped counts as open: recognising
    /// it decides nothing about its status, and not recognising it would make a second one.
    pub(super) fn for_recognition(&self, issue: &wire::Issue) -> Result<Issue, TrackerError> {
        let progress = match self.progress(issue) {
            Err(Unreadable::Unmapped(_)) => Ok(Progress::Open),
            known => known,
        };
        let translated = progress.and_then(|progress| self.translated_as(issue, progress));
        translated.map_err(|reason| malformed(&format!("{}: {}", issue.key, reason.words())))
    }

    /// What stands for a status that is not shown means nothing.
    fn progress(&self, issue: &wire::Issue) -> Result<Progress, Unreadable> {
        let fields = &issue.fields;
        let Some(status) = fields.status.as_value() else { return Ok(Progress::Open) };
        let resolution = fields.resolution.as_value().map(|resolution| resolution.name.as_str());
        let meaning = self.settings.statuses.meaning(status, resolution);
        meaning.ok_or_else(|| Unreadable::unmapped(&status.name))
    }

    fn translated_as(&self, issue: &wire::Issue, progress: Progress) -> Result<Issue, Unreadable> {
        let fields = &issue.fields;
        let created = fields.created.as_deref().and_then(wire::instant);
        let updated = fields.updated.as_deref().and_then(wire::instant);
        let updated = updated.ok_or("the answer does not tell when it was changed")?;
        let assignee = match &fields.assignee {
            Shown::Absent => None,
            Shown::Null => Some(None),
            Shown::Value(user) => self.account_of(user).map(Some),
        };
        let is_ended = !progress.is_closed() || !fields.resolution.is_absent();
        let unseen = unseen([
            (Field::Owner, assignee.is_some()),
            (Field::Progress, fields.status.is_value() && is_ended),
            (Field::Labels, fields.labels.is_value()),
            (Field::Due, !fields.duedate.is_absent()),
        ]);
        Ok(Issue {
            at: self.at(issue)?,
            title: fields.summary.clone().unwrap_or_default(),
            progress,
            status_text: fields.status.as_value().map(|status| status.name.clone()).unwrap_or_default(),
            assignees: assignee.flatten().into_iter().collect(),
            labels: fields.labels.as_value().into_iter().flatten().cloned().collect(),
            due: fields.duedate.as_value().map(|text| day(text)).transpose()?,
            author: fields.creator.as_value().and_then(|user| self.account_of(user)),
            closed_by: None,
            updated,
            created: created.unwrap_or(updated),
            read: issue.read,
            marker: marker_of(issue),
            block: None,
            unseen,
            chosen: None,
        })
    }

    fn at(&self, issue: &wire::Issue) -> Result<IssueRef, String> {
        let project = issue.fields.project.as_ref().ok_or("the answer has no project")?;
        Ok(IssueRef {
            id: IssueId { host: self.host.clone(), id: issue.id.clone() },
            node: None,
            key: issue.key.clone(),
            url: self.browse(&issue.key),
            place: PlaceName::new(project.key.as_str()),
            place_id: project.id.clone(),
        })
    }
}

pub(super) fn marker_of(issue: &wire::Issue) -> Option<Marker> {
    issue.properties.get(PROPERTY)?.get("marker").and_then(Value::as_str).map(Marker::new)
}

/// Why an issue has no value in our terms.
pub(super) enum Unreadable {
    /// Nobody said what its status means: a person has to.
    Unmapped(String),
    /// The answer is not an issue as Jira shows them.
    Malformed(String),
}

impl Unreadable {
    fn unmapped(status: &str) -> Self {
        Self::Unmapped(format!(
            "status `{status}` is not mapped; say what it means under `statuses` of this tracker"
        ))
    }

    pub(super) fn words(self) -> String {
        match self {
            Self::Unmapped(why) | Self::Malformed(why) => why,
        }
    }
}

impl From<String> for Unreadable {
    fn from(why: String) -> Self {
        Self::Malformed(why)
    }
}

impl From<&str> for Unreadable {
    fn from(why: &str) -> Self {
        Self::Malformed(why.to_owned())
    }
}

/// A day; some servers add a time to it.
fn day(text: &str) -> Result<NaiveDate, String> {
    let date = text.split('T').next().unwrap_or(text);
    date.parse().map_err(|_| format!("the due date `{text}` is not a date"))
}

/// Whether a failure says nothing of the issue that was asked for.
fn is_about_the_tracker(error: &TrackerError) -> bool {
    match error {
        TrackerError::RateLimited { .. }
        | TrackerError::Expired
        | TrackerError::ClockOff { .. }
        | TrackerError::Unsent { .. }
        | TrackerError::Transient { .. }
        | TrackerError::Unauthorized { .. } => true,
        TrackerError::NotFound { .. }
        | TrackerError::Moved { .. }
        | TrackerError::Gone { .. }
        | TrackerError::Forbidden { .. }
        | TrackerError::Rejected { .. }
        | TrackerError::Malformed { .. } => false,
    }
}
