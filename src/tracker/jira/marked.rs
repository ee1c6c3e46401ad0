//! Finding our issues again by their markers.
//!
//! Knows what proves an issue to be ours. The result is complete or an error: what is left out may be created again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Jira, jql, read::marker_of, search::malformed, wire};
use crate::{
    model::{
        ids::{AccountId, Marker, PlaceName},
        issue::Issue,
    },
    tracker::{TrackerError, shown::Shown},
};

/// Markers in one query.
const MARKERS: usize = 50;

/// How every marker begins.
pub(super) const MARK: &str = "pm1-";

/// Whose hand created an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Creation {
    /// That of an account of ours, the present one or one of before.
    Ours,
    /// Somebody else's, or a visitor's.
    Foreign,
    /// The answer does not tell.
    Untold,
}

impl Jira {
    pub(super) async fn list_marked(
        &self,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Issue>, TrackerError> {
        if markers.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = BTreeMap::new();
        for chunk in markers.chunks(MARKERS) {
            let issues = self.carrying(chunk).await?;
            found.extend(issues.into_iter().map(|issue| (issue.id.clone(), issue)));
        }
        // Asked after the searches: had the credential died before, they would have found nothing.
        let me = self.ask_whoami().await?;
        let mut candidates: Vec<(wire::Issue, Creation)> = found
            .into_values()
            .map(|issue| {
                let creation = self.creation(&issue, &me);
                (issue, creation)
            })
            .collect();
        // A clone copies labels, and who knows what else, but it is somebody else's issue.
        candidates.retain(|(_, creation)| *creation != Creation::Foreign);
        let wanted: BTreeSet<&Marker> = markers.iter().collect();
        let is_meant = |issue: &Issue| {
            issue.marker.as_ref().is_some_and(|marker| wanted.contains(marker))
                && since.is_none_or(|since| issue.created >= since)
        };
        let ours = self.recognised(candidates, &wanted).await?;
        Ok(ours.into_iter().filter(is_meant).collect())
    }

    /// What this account created in a project with our label and a marker.
    pub(super) async fn list_written(
        &self,
        place: &PlaceName,
    ) -> Result<Vec<(String, Marker)>, TrackerError> {
        let mark = |issue: &wire::Issue| marker_of(issue).or_else(|| marks(issue).next().map(Marker::from));
        let query = jql::labelled_in(place.as_str(), &self.settings.label_prefix);
        // What does not show its labels may carry a marker.
        let is_meant = |issue: &wire::Issue| mark(issue).is_some() || !issue.fields.labels.is_value();
        let found = self.search(&query, &is_meant).await?;
        if let Some(hidden) = found.iter().find(|issue| mark(issue).is_none()) {
            return Err(malformed(&format!(
                "{} was found by our label and does not show its labels",
                hidden.key
            )));
        }
        let me = self.ask_whoami().await?;
        let mut ours = Vec::new();
        for issue in &found {
            match self.creation(issue, &me) {
                Creation::Ours => ours.extend(mark(issue).map(|marker| (issue.key.clone(), marker))),
                Creation::Foreign => {}
                Creation::Untold => {
                    let why =
                        format!("{} carries our label, and nothing tells whether it is ours", issue.key);
                    return Err(malformed(&why));
                }
            }
        }
        Ok(ours)
    }

    /// The candidates that are ours, by their property, or by our hand and the label.
    async fn recognised(
        &self,
        candidates: Vec<(wire::Issue, Creation)>,
        wanted: &BTreeSet<&Marker>,
    ) -> Result<Vec<Issue>, TrackerError> {
        let unproven = self.unproven(&candidates);
        let (mut proven, mut likely) = (Vec::new(), Vec::new());
        for (issue, creation) in candidates {
            let issue = if unproven.contains(&issue.id) { self.fetch(&issue.id).await? } else { issue };
            let marker = marker_of(&issue);
            if marker.is_none() && !issue.fields.labels.is_value() {
                return Err(malformed(&format!(
                    "{} was found by our label and does not show its labels",
                    issue.key
                )));
            }
            match (marker, creation) {
                (Some(_), _) => proven.push(self.for_recognition(&issue)?),
                (None, Creation::Ours) => likely.extend(labelled(self.for_recognition(&issue)?, wanted)),
                (None, Creation::Untold | Creation::Foreign) => unclear(&issue, wanted)?,
            }
        }
        // Beside the issue that has the proof, one that has the label alone is a copy of it.
        likely.retain(|issue| proven.iter().all(|known| known.marker != issue.marker));
        proven.append(&mut likely);
        Ok(proven)
    }

    /// Candidates whose property has to be read with the issue itself, because Data Center's search does not show it:
    /// all but those whose one marker no other candidate carries.
    fn unproven(&self, candidates: &[(wire::Issue, Creation)]) -> BTreeSet<String> {
        if self.is_cloud() {
            return BTreeSet::new();
        }
        let mut carriers: BTreeMap<&str, usize> = BTreeMap::new();
        for label in candidates.iter().flat_map(|(issue, _)| marks(issue)) {
            *carriers.entry(label).or_default() += 1;
        }
        let is_plain = |(issue, creation): &&(wire::Issue, Creation)| {
            let mut marks = marks(issue);
            let only = marks.next().filter(|_| marks.next().is_none());
            *creation == Creation::Ours && only.is_some_and(|mark| carriers.get(mark) == Some(&1))
        };
        candidates.iter().filter(|one| !is_plain(one)).map(|(issue, _)| issue.id.clone()).collect()
    }

    /// Every issue that carries one of these markers. What a server shows beside them is none of ours. A query language that knows no lists is asked for
    /// one after the other.
    async fn carrying(&self, markers: &[Marker]) -> Result<Vec<wire::Issue>, TrackerError> {
        let wanted = |issue: &wire::Issue| {
            let labels = || issue.fields.labels.as_value().into_iter().flatten();
            let proven = marker_of(issue);
            // What does not show its labels may be meant, and leaves the search without an answer later on.
            !issue.fields.labels.is_value()
                || markers.iter().any(|marker| {
                    proven.as_ref() == Some(marker) || labels().any(|label| label == marker.as_str())
                })
        };
        let query = jql::labelled(markers.iter().map(Marker::as_str));
        let refused = match self.search(&query, &wanted).await {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        if !matches!(refused, TrackerError::Rejected { .. }) || markers.len() == 1 {
            return Err(refused);
        }
        let mut issues = Vec::new();
        for marker in markers {
            issues.extend(self.search(&jql::labelled([marker.as_str()]), &wanted).await?);
        }
        Ok(issues)
    }

    /// Whose hand created an issue.
    pub(super) fn creation(&self, issue: &wire::Issue, me: &AccountId) -> Creation {
        match &issue.fields.creator {
            Shown::Absent => Creation::Untold,
            Shown::Null => Creation::Foreign,
            Shown::Value(user) => match self.account_of(user) {
                None => Creation::Untold,
                Some(account) if self.accounts.have(me, &account) => Creation::Ours,
                Some(_) => Creation::Foreign,
            },
        }
    }
}

/// The labels of an issue that are markers.
fn marks(issue: &wire::Issue) -> impl Iterator<Item = &str> {
    issue
        .fields
        .labels
        .as_value()
        .into_iter()
        .flatten()
        .map(String::as_str)
        .filter(|label| label.starts_with(MARK))
}

/// The issue under the marker that its label names.
fn labelled(issue: Issue, wanted: &BTreeSet<&Marker>) -> Option<Issue> {
    let marker = wanted.iter().find(|marker| issue.labels.contains(marker.as_str())).copied()?;
    Some(Issue { marker: Some(marker.clone()), ..issue })
}

/// Refuses to conclude anything from an issue with our label that tells neither its creator nor its proof.
fn unclear(issue: &wire::Issue, wanted: &BTreeSet<&Marker>) -> Result<(), TrackerError> {
    let mut labels = issue.fields.labels.as_value().into_iter().flatten();
    if labels.any(|label| wanted.iter().any(|marker| marker.as_str() == label)) {
        let why = format!("{} carries our label, and nothing tells whether it is ours", issue.key);
        return Err(malformed(&why));
    }
    Ok(())
}
