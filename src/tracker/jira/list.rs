//! Listing issues by query: what changed, what carries a marker, and who closed one.
//!
//! A listing is complete or an error, and an empty one counts only under a credential that was proven afterwards
//! (P-46, P-52).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    Jira, jql,
    read::{Unreadable, marker_of},
    search::malformed,
    wire,
};
use crate::{
    model::{
        ids::{AccountId, Marker, PlaceName},
        issue::Issue,
    },
    tracker::{Changes, Cursor, TrackerError},
};

/// Markers in one query.
const MARKERS: usize = 50;

/// Whose hand created an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Creation {
    /// Ours.
    Ours,
    /// Somebody else's, or a visitor's.
    Foreign,
    /// The answer does not tell.
    Untold,
}

impl Jira {
    pub(super) async fn list_changed(
        &self,
        place: &PlaceName,
        since: Option<&Cursor>,
    ) -> Result<Changes, TrackerError> {
        let now = self.server_now().await?;
        let Some(since) = since else { return Ok(Changes { issues: Vec::new(), next: cursor(now) }) };
        let from = DateTime::parse_from_rfc3339(&since.0)
            .map_err(|_| malformed(&format!("`{}` is not a cursor of this tracker", since.0)))?;
        let query = jql::changed(place.as_str(), &self.settings.label_prefix, from.with_timezone(&Utc), now);
        let found = self.search(&query).await?;
        if found.issues.is_empty() {
            // An expired credential gets empty lists; a cursor must not move over them.
            self.ask_whoami().await?;
        }
        let next = cursor(found.first.at.unwrap_or(now));
        Ok(Changes { issues: self.mapped(&found.issues)?, next })
    }

    /// The present by the tracker's clock, which relative times in queries mean.
    pub(super) async fn server_now(&self) -> Result<DateTime<Utc>, TrackerError> {
        if let Some(now) = self.channel.server_now() {
            return Ok(now);
        }
        self.ask_whoami().await?;
        Ok(self.channel.server_now().unwrap_or(self.channel.pace().now()))
    }

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
        let wanted: BTreeSet<&Marker> = markers.iter().collect();
        let (mut proven, mut likely) = (Vec::new(), Vec::new());
        for issue in found.into_values() {
            let creator = self.creation(&issue, &me);
            if creator == Creation::Foreign {
                // A clone copies labels, and who knows what else, but it is somebody else's issue.
                continue;
            }
            let issue = self.with_property(issue).await?;
            match (marker_of(&issue), creator) {
                (Some(_), _) => proven.push(self.issue(&issue)?),
                (None, Creation::Ours) => likely.extend(labelled(self.issue(&issue)?, &wanted)),
                (None, Creation::Untold | Creation::Foreign) => unclear(&issue, &wanted)?,
            }
        }
        let is_meant = |issue: &Issue| {
            issue.marker.as_ref().is_some_and(|marker| wanted.contains(marker))
                && since.is_none_or(|since| issue.created >= since)
        };
        // Beside the issue that has the proof, one that has the label alone is a copy of it.
        likely.retain(|issue| proven.iter().all(|known| known.marker != issue.marker));
        Ok(proven.into_iter().chain(likely).filter(is_meant).collect())
    }

    /// Every issue that carries one of these markers as its label. A query language that knows no lists is asked for
    /// one after the other.
    async fn carrying(&self, markers: &[Marker]) -> Result<Vec<wire::Issue>, TrackerError> {
        let refused = match self.search(&jql::labelled(markers.iter().map(Marker::as_str))).await {
            Ok(found) => return Ok(found.issues),
            Err(error) => error,
        };
        if !matches!(refused, TrackerError::Rejected { .. }) || markers.len() == 1 {
            return Err(refused);
        }
        let mut issues = Vec::new();
        for marker in markers {
            issues.extend(self.search(&jql::labelled([marker.as_str()])).await?.issues);
        }
        Ok(issues)
    }

    /// Whose hand created an issue.
    fn creation(&self, issue: &wire::Issue, me: &AccountId) -> Creation {
        match &issue.fields.creator {
            None => Creation::Untold,
            Some(None) => Creation::Foreign,
            Some(Some(user)) => match self.account_of(user) {
                None => Creation::Untold,
                Some(account) if account == *me => Creation::Ours,
                Some(_) => Creation::Foreign,
            },
        }
    }

    pub(super) async fn find_closer(&self, issue: &Issue) -> Result<Option<AccountId>, TrackerError> {
        if !issue.progress.is_closed() {
            return Ok(None);
        }
        let histories = self.histories(&issue.at.id.id).await?;
        let mut moves = Vec::new();
        for history in &histories {
            for item in history.items.iter().filter(|item| item.field.as_deref() == Some("status")) {
                let at =
                    wire::instant(&history.created).ok_or_else(|| malformed("a change without a time"))?;
                moves.push((item.to.as_deref() == Some(issue.status_text.as_str()), at, history));
            }
        }
        // A status that was renamed or is shown in another language has no entry of its name: then the newest change
        // is the one that led to where the issue is.
        let newest = moves.into_iter().max_by_key(|(has_name, at, _)| (*has_name, *at));
        Ok(newest.and_then(|(_, _, history)| self.account_of(history.author.as_ref()?)))
    }

    /// The whole changelog of an issue.
    async fn histories(&self, id: &str) -> Result<Vec<wire::History>, TrackerError> {
        if !self.is_cloud() {
            let path = self.api(&format!("issue/{id}?fields=status&expand=changelog"));
            let issue: wire::Issue = self.channel.get(&path).await?;
            return issue
                .changelog
                .map(|log| log.histories)
                .ok_or_else(|| malformed("an issue without its changelog"));
        }
        self.listed::<wire::History>(&format!("issue/{id}/changelog")).await
    }

    /// The issues of a listing. One whose status nobody mapped has no value in our terms: it is left to the read by
    /// id, which reports it.
    fn mapped(&self, issues: &[wire::Issue]) -> Result<Vec<Issue>, TrackerError> {
        let mut mapped = Vec::with_capacity(issues.len());
        for issue in issues {
            match self.translated(issue) {
                Ok(issue) => mapped.push(issue),
                Err(Unreadable::Unmapped(why)) => {
                    tracing::warn!(issue = %issue.key, "{} changed, but its {why}", issue.key);
                }
                Err(Unreadable::Malformed(why)) => return Err(malformed(&format!("{}: {why}", issue.key))),
            }
        }
        Ok(mapped)
    }

    /// Data Center's search shows no properties: the proof is read with the issue itself.
    async fn with_property(&self, issue: wire::Issue) -> Result<wire::Issue, TrackerError> {
        if self.is_cloud() { Ok(issue) } else { self.fetch(&issue.id).await }
    }
}

/// The issue under the marker that its label names.
fn labelled(issue: Issue, wanted: &BTreeSet<&Marker>) -> Option<Issue> {
    let marker = wanted.iter().find(|marker| issue.labels.contains(marker.as_str())).copied()?;
    Some(Issue { marker: Some(marker.clone()), ..issue })
}

/// Refuses to conclude anything from an issue with our label that tells neither its creator nor its proof.
fn unclear(issue: &wire::Issue, wanted: &BTreeSet<&Marker>) -> Result<(), TrackerError> {
    let mut labels = issue.fields.labels.iter().flatten();
    if labels.any(|label| wanted.iter().any(|marker| marker.as_str() == label)) {
        let why = format!("{} carries our label, and nothing tells whether it is ours", issue.key);
        return Err(malformed(&why));
    }
    Ok(())
}

fn cursor(at: DateTime<Utc>) -> Cursor {
    Cursor(at.to_rfc3339())
}
