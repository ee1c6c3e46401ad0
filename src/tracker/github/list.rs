//! What changed in a repository, and what carries our markers there.
//!
//! Knows where issues of ours can be. A search that is not complete is an error, never a shorter list.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    GitHub,
    address::encoded,
    call::senseless,
    pages::{Listed, written},
    wire::{Home, place_path},
};
use crate::{
    model::{
        ids::{AccountId, Marker, PlaceName},
        issue::{Field, Issue},
    },
    tracker::{Changes, Cursor, TrackerError},
};

/// How far a change listing looks back behind the server's clock: lists lag behind by seconds, at times by minutes.
/// Eight were seen. What is listed twice does no harm.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// How every marker of ours begins.
const MARK: &str = "pm1-";

impl GitHub {
    /// Every issue that carries one of these markers, whoever wrote it: whether a copy of a marker is ours is not for
    /// a client to say.
    ///
    /// A bounded search looks at all issues. An unbounded one looks at what our accounts wrote, this one and those
    /// of before, and at what carries our label; a repository may have hundreds of thousands
    /// of others.
    pub(super) async fn list_marked(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Issue>, TrackerError> {
        let home = self.repository(place).await?.home(place);
        let wanted: BTreeSet<&Marker> = markers.iter().collect();
        let found = match since {
            // An issue is never created after it was last changed, so a bound on the change bounds the creation. The
            // bound is by our clock.
            Some(since) => {
                let since = since.checked_sub_signed(self.ahead().max(TimeDelta::zero())).unwrap_or(since);
                let path = place_path(&home.name)?;
                let keep = |listed| self.with_marker(listed, &home, &wanted);
                self.list_issues(&path, "", Some(since), keep).await?
            }
            None => self.list_ours(&home, &wanted).await?,
        };
        let marked: BTreeMap<_, _> = found.into_iter().map(|issue| (issue.at.id.clone(), issue)).collect();
        Ok(marked.into_values().collect())
    }

    async fn list_ours(&self, home: &Home, wanted: &BTreeSet<&Marker>) -> Result<Vec<Issue>, TrackerError> {
        let path = place_path(&home.name)?;
        let keep = |listed| self.with_marker(listed, home, wanted);
        let me = self.me().await?;
        let by = |account: &AccountId| format!("&creator={}", encoded(account.as_str()));
        let by_us = self.list_issues(&path, &by(&me), None, keep).await;
        // A server that cannot look for an author is asked for everything, as for a label that would read as two.
        if matches!(by_us, Err(TrackerError::Rejected { .. })) || self.settings.label.contains(',') {
            return self.list_issues(&path, "", None, keep).await;
        }
        let labelled = format!("&labels={}", encoded(&self.settings.label));
        let mut listed = by_us?;
        for former in self.accounts.former(&me) {
            match self.list_issues(&path, &by(&former), None, keep).await {
                Ok(found) => listed.extend(found),
                // An account that is gone: what it wrote is found by its label.
                Err(TrackerError::Rejected { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        listed.extend(self.list_issues(&path, &labelled, None, keep).await?);
        Ok(listed)
    }

    /// What our accounts wrote in a repository with our label and a marker.
    pub(super) async fn list_written(
        &self,
        place: &PlaceName,
    ) -> Result<Vec<(String, Marker)>, TrackerError> {
        let home = self.repository(place).await?.home(place);
        let me = self.me().await?;
        // A label with a comma would read as two.
        let label = &self.settings.label;
        let filter = if label.contains(',') { String::new() } else { format!("&labels={}", encoded(label)) };
        let keep = |listed| match listed {
            Listed::Issue(issue) if !issue.shows_body() => {
                Err(senseless("an issue is listed without its body, which may hold a marker".to_owned()))
            }
            Listed::Issue(issue) => {
                let issue = issue.into_issue(&self.host, &home).map_err(senseless)?;
                let Some(marker) = issue.marker.as_ref() else { return Ok(None) };
                let Some(author) = issue.author.as_ref().filter(|_| issue.shows(Field::Labels)) else {
                    return Err(senseless(format!(
                        "{} has a marker, and nothing tells whose it is",
                        issue.at.key
                    )));
                };
                let by_us = self.accounts.have(&me, author) && issue.labels.contains(label);
                Ok(by_us.then(|| (issue.at.key.clone(), marker.clone())))
            }
            Listed::Odd(text) if is_hidden(&text) || text.contains(MARK) => {
                Err(senseless("an issue that may hold a marker cannot be read".to_owned()))
            }
            Listed::PullRequest | Listed::Odd(_) => Ok(None),
        };
        self.list_issues(&place_path(&home.name)?, &filter, None, keep).await
    }

    /// The issue, if it carries a marker that is looked for. One that cannot be read and names such a marker leaves
    /// the search without an answer.
    fn with_marker(
        &self,
        entry: Listed,
        home: &Home,
        wanted: &BTreeSet<&Marker>,
    ) -> Result<Option<Issue>, TrackerError> {
        match entry {
            Listed::PullRequest => Ok(None),
            Listed::Odd(text)
                if is_hidden(&text) || wanted.iter().any(|marker| text.contains(marker.as_str())) =>
            {
                Err(senseless("an issue that may hold our marker cannot be read".to_owned()))
            }
            Listed::Odd(_) => Ok(None),
            Listed::Issue(issue) if !issue.shows_body() => {
                Err(senseless("an issue is listed without its body, which may hold our marker".to_owned()))
            }
            Listed::Issue(issue) if issue.marker().is_some_and(|marker| wanted.contains(&marker)) => {
                issue.into_issue(&self.host, home).map(Some).map_err(senseless)
            }
            Listed::Issue(_) => Ok(None),
        }
    }

    /// What changed since a cursor. The cursor is the server's time at the start, less an overlap.
    pub(super) async fn list_changed(
        &self,
        place: &PlaceName,
        since: Option<&Cursor>,
    ) -> Result<Changes, TrackerError> {
        let home = self.repository(place).await?.home(place);
        let next = Cursor(written(self.server_now() - OVERLAP));
        let Some(since) = since else { return Ok(Changes { issues: Vec::new(), next }) };
        let since = DateTime::parse_from_rfc3339(&since.0)
            .map_err(|_| senseless(format!("`{}` is no cursor of a GitHub listing", since.0)))?;
        let keep = |listed| match listed {
            Listed::PullRequest => Ok(None),
            Listed::Odd(_) => Err(senseless("a changed issue cannot be read".to_owned())),
            Listed::Issue(issue) => issue.into_issue(&self.host, &home).map(Some).map_err(senseless),
        };
        let path = place_path(&home.name)?;
        let listed = self.list_issues(&path, "", Some(since.with_timezone(&Utc)), keep).await?;
        let changed: BTreeMap<_, _> = listed.into_iter().map(|issue| (issue.at.id.clone(), issue)).collect();
        Ok(Changes { issues: changed.into_values().collect(), next })
    }
}

/// Whether an entry that cannot be read does not even show its text.
fn is_hidden(entry: &str) -> bool {
    !entry.contains("\"body\":")
}
