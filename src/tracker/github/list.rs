//! What carries our markers in a repository.
//!
//! Knows where issues of ours can be. A search that is not complete is an error, never a shorter list.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    GitHub,
    address::encoded,
    call::senseless,
    pages::Listed,
    wire::{Home, place_path},
};
use crate::{
    model::{
        ids::{AccountId, Marker, PlaceName},
        issue::{Field, Issue},
        marked::Mark,
    },
    tracker::{Search, TrackerError},
};

/// How every marker of ours begins.
const MARK: &str = "pm1-";

impl GitHub {
    /// Every issue that carries one of these markers, whoever wrote it: whether a copy of a marker is ours is not for
    /// a client to say. What else carries a marker of our form is told by the way.
    ///
    /// A bounded search looks at all issues. An unbounded one looks at what our accounts wrote, this one and those
    /// of before, and at what carries our label; a repository may have hundreds of thousands
    /// of others.
    pub(super) async fn list_marked(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Search, TrackerError> {
        // Whoever searches a place has just looked at it.
        let home = self.known_home(place).await?;
        let wanted: BTreeSet<&Marker> = markers.iter().collect();
        let (shown, begun) = match since {
            // An issue is never created after it was last changed, so a bound on the change bounds the creation. The
            // bound may be by our clock.
            Some(since) => {
                let since = since.checked_sub_signed(self.ahead().max(TimeDelta::zero())).unwrap_or(since);
                let path = place_path(&home.name)?;
                let keep = |listed| self.with_marker(listed, &home, &wanted);
                self.list_dated(&path, "", Some(since), keep).await?
            }
            None => self.list_ours(&home, &wanted).await?,
        };
        Ok(searched(shown, begun))
    }

    async fn list_ours(&self, home: &Home, wanted: &BTreeSet<&Marker>) -> Result<Dated, TrackerError> {
        let path = place_path(&home.name)?;
        let keep = |listed| self.with_marker(listed, home, wanted);
        let me = self.me().await?;
        let by = |account: &AccountId| format!("&creator={}", encoded(account.as_str()));
        let by_us = self.list_dated(&path, &by(&me), None, keep).await;
        // A server that cannot look for an author is asked for everything, as for a label that would read as two.
        if matches!(by_us, Err(TrackerError::Rejected { .. })) || self.settings.label.contains(',') {
            return self.list_dated(&path, "", None, keep).await;
        }
        let labelled = format!("&labels={}", encoded(&self.settings.label));
        let (mut listed, begun) = by_us?;
        for former in self.accounts.former(&me) {
            match self.list_issues(&path, &by(&former), None, keep).await {
                Ok(found) => listed.extend(found),
                // An account that is gone: what it wrote is found by its label.
                Err(TrackerError::Rejected { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        listed.extend(self.list_issues(&path, &labelled, None, keep).await?);
        Ok((listed, begun))
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

    /// What an entry shows of markers. One that cannot be read and names a marker that is looked for leaves the search
    /// without an answer.
    fn with_marker(
        &self,
        entry: Listed,
        home: &Home,
        wanted: &BTreeSet<&Marker>,
    ) -> Result<Option<Carrier>, TrackerError> {
        match entry {
            Listed::PullRequest => Ok(None),
            Listed::Odd(text)
                if is_hidden(&text) || wanted.iter().any(|marker| text.contains(marker.as_str())) =>
            {
                Err(senseless("an issue that may hold our marker cannot be read".to_owned()))
            }
            Listed::Odd(text) => Ok(text.contains(MARK).then_some(Carrier::Odd)),
            Listed::Issue(issue) if !issue.shows_body() => {
                Err(senseless("an issue is listed without its body, which may hold our marker".to_owned()))
            }
            Listed::Issue(issue) => {
                let Some(marker) = issue.marker() else { return Ok(None) };
                let issue = issue.into_issue(&self.host, home);
                if wanted.contains(&marker) {
                    return issue.map(|issue| Some(Carrier::Wanted(Box::new(issue)))).map_err(senseless);
                }
                let other = |issue: Issue| Carrier::Other(Mark { marker, issue: issue.at }, issue.updated);
                Ok(Some(issue.map_or(Carrier::Odd, other)))
            }
        }
    }
}

/// What was listed, and since when.
type Dated = (Vec<Carrier>, Option<DateTime<Utc>>);

/// What an entry of a list shows of markers.
enum Carrier {
    /// An issue with a marker that is looked for.
    Wanted(Box<Issue>),
    /// An issue with another marker of our form, and when it was last changed.
    Other(Mark, DateTime<Utc>),
    /// Something that may hold a marker and cannot be read.
    Odd,
}

/// What was listed, each issue as it was shown last. While something cannot be read, nobody knows all markers.
fn searched(shown: Vec<Carrier>, begun: Option<DateTime<Utc>>) -> Search {
    let (mut issues, mut marks, mut as_of) = (BTreeMap::new(), BTreeMap::new(), begun);
    for carrier in shown {
        let (id, mark, issue) = match carrier {
            Carrier::Odd => {
                as_of = None;
                continue;
            }
            Carrier::Other(mark, updated) => (mark.issue.id.clone(), Some((mark, updated)), None),
            Carrier::Wanted(issue) => {
                let mark = issue.marker.clone().map(|marker| Mark { marker, issue: issue.at.clone() });
                (issue.at.id.clone(), mark.map(|mark| (mark, issue.updated)), Some(*issue))
            }
        };
        issues.remove(&id);
        marks.extend(mark.map(|mark| (id.clone(), mark)));
        issues.extend(issue.map(|issue| (id, issue)));
    }
    Search { issues: issues.into_values().collect(), marks: marks.into_values().collect(), as_of }
}

/// Whether an entry that cannot be read does not even show its text.
fn is_hidden(entry: &str) -> bool {
    !entry.contains("\"body\":")
}
