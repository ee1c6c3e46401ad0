//! Reading issues by id and by key, and what they mean in our own terms.
//!
//! Unreadable is never absent: only a 404 to a single request under a credential that was proven afterwards says
//! "missing" (P-41, P-52).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::{
    Jira, PROPERTY, jql,
    place::is_plain,
    search::{FIELDS, PAGE, malformed},
    wire,
};
use crate::{
    model::{
        ids::{AccountId, Marker, PlaceName},
        issue::{Issue, IssueId, IssueRef},
        observed::Observed,
    },
    tracker::TrackerError,
};

/// Data Center reads up to so many issues one by one: that is always fresh, while its search may lag.
const ONE_BY_ONE: usize = 20;

/// What batches and searches found, by id.
type Batch = BTreeMap<String, wire::Issue>;

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
        let ids: Vec<&str> =
            issues.iter().filter(|at| self.can_hold(at)).map(|at| at.id.id.as_str()).collect();
        let mut found = BTreeMap::new();
        for chunk in ids.chunks(if self.is_cloud() { PAGE } else { ids.len().max(1) }) {
            let batch =
                if self.is_cloud() { self.bulkfetch(chunk).await } else { self.by_label(chunk).await };
            for id in chunk {
                let one = match &batch {
                    Ok(batch) => batch.get(*id).cloned().map(Ok),
                    Err(error) => Some(Err(error.clone())),
                };
                found.insert((*id).to_owned(), one);
            }
        }
        let mut seen = Vec::with_capacity(issues.len());
        for at in issues {
            seen.push(match found.get(&at.id.id) {
                _ if !self.can_hold(at) => {
                    Observed::unknown(format!("{} is not an issue of {}", at.key, self.host))
                }
                Some(Some(Ok(issue))) => self.observed(issue),
                Some(Some(Err(error))) => Observed::unknown(error.to_string()),
                Some(None) | None => self.single(&at.id.id).await,
            });
        }
        self.proven(seen).await
    }

    pub(super) async fn find_one(&self, key: &str) -> Observed<Issue> {
        let is_key = key.rsplit_once('-').is_some_and(|(project, number)| {
            is_plain(project) && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
        });
        if !is_key {
            return Observed::unknown(format!("`{key}` is not an issue key"));
        }
        let seen = self.single(key).await;
        self.proven(vec![seen]).await.pop().unwrap_or(Observed::Missing)
    }

    /// One issue by id or key, as Jira shows it. Old keys answer with the new one.
    pub(super) async fn fetch(&self, id_or_key: &str) -> Result<wire::Issue, TrackerError> {
        let query = format!("issue/{id_or_key}?fields={}&properties={PROPERTY}", FIELDS.join(","));
        self.channel.get(&self.api(&query)).await
    }

    /// An issue in our own terms; an error when it has no meaning for us.
    pub(super) fn issue(&self, issue: &wire::Issue) -> Result<Issue, TrackerError> {
        self.translated(issue).map_err(|reason| malformed(&format!("{}: {}", issue.key, reason.words())))
    }

    fn can_hold(&self, at: &IssueRef) -> bool {
        at.id.host == self.host && !at.id.id.is_empty() && at.id.id.chars().all(|c| c.is_ascii_digit())
    }

    /// Absent ids are simply left out, so they are asked for one by one (`trackers.md` 2.3).
    async fn bulkfetch(&self, ids: &[&str]) -> Result<Batch, TrackerError> {
        let question = json!({ "issueIdsOrKeys": ids, "fields": FIELDS, "properties": [PROPERTY] });
        let fetched: wire::Fetched =
            self.channel.ask(&self.api("issue/bulkfetch"), &question).await?.parse()?;
        Ok(fetched.issues.into_iter().map(|issue| (issue.id.clone(), issue)).collect())
    }

    /// Ids never enter a query: one that is gone makes Jira refuse the whole of it. Our label finds our issues, as
    /// long as pages are cheaper than asking for the rest one by one.
    async fn by_label(&self, ids: &[&str]) -> Result<Batch, TrackerError> {
        let mut batch = Batch::new();
        let query = jql::labelled([self.settings.label_prefix.as_str()]);
        let mut start = 0;
        let mut left = ids.len();
        while left > ONE_BY_ONE {
            let (_, page) = self.numbered(&query, start).await?;
            start += page.issues.len();
            let (was_empty, n_more) = (page.issues.is_empty(), page.total.saturating_sub(start));
            let wanted = page.issues.into_iter().filter(|issue| ids.contains(&issue.id.as_str()));
            batch.extend(wanted.map(|issue| (issue.id.clone(), issue)));
            left = ids.len().saturating_sub(batch.len());
            if was_empty || n_more == 0 || n_more.div_ceil(PAGE) >= left {
                break;
            }
        }
        Ok(batch)
    }

    async fn single(&self, id_or_key: &str) -> Observed<Issue> {
        let is_id = !id_or_key.contains('-');
        match self.fetch(id_or_key).await {
            Ok(issue) if is_id && issue.id != id_or_key => {
                Observed::unknown(format!("asked for the issue {id_or_key} and was given {}", issue.id))
            }
            Ok(issue) => self.observed(&issue),
            Err(TrackerError::NotFound { .. }) => Observed::Missing,
            Err(error) => Observed::unknown(error.to_string()),
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
        let fields = &issue.fields;
        let status = fields.status.as_ref().ok_or("the answer has no status")?;
        let resolution = fields.resolution.as_ref().map(|resolution| resolution.name.as_str());
        let progress = self
            .settings
            .statuses
            .meaning(status, resolution)
            .ok_or_else(|| Unreadable::unmapped(&status.name))?;
        let assignees = match &fields.assignee {
            Some(user) => vec![self.account_of(user).ok_or("the assignee has no account id")?],
            None => Vec::new(),
        };
        Ok(Issue {
            at: self.at(issue)?,
            title: fields.summary.clone().unwrap_or_default(),
            progress,
            status_text: status.name.clone(),
            assignees,
            labels: fields.labels.iter().flatten().cloned().collect(),
            due: fields.duedate.as_deref().map(day).transpose()?,
            author: self.creator(issue),
            closed_by: None,
            updated: time(fields.updated.as_deref(), "updated")?,
            created: time(fields.created.as_deref(), "created")?,
            marker: marker_of(issue),
            block: None,
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

    pub(super) fn creator(&self, issue: &wire::Issue) -> Option<AccountId> {
        self.account_of(issue.fields.creator.as_ref()?)
    }
}

pub(super) fn marker_of(issue: &wire::Issue) -> Option<Marker> {
    issue.properties.get(PROPERTY)?.get("marker").and_then(Value::as_str).map(Marker::new)
}

/// Why an issue has no value in our terms.
pub(super) enum Unreadable {
    /// Nobody said what its status means: a person has to (P-27).
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

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| format!("the due date `{text}` is not a date"))
}

fn time(text: Option<&str>, field: &str) -> Result<DateTime<Utc>, String> {
    text.and_then(wire::instant).ok_or_else(|| format!("the answer has no time `{field}`"))
}
