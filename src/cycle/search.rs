//! Searching a place for our markers: everything there, or what came after an earlier search, with what that one showed.
//!
//! Knows how far back to look. Must not know how a tracker lists issues.

use chrono::{DateTime, TimeDelta, Utc};

use super::marks::News;
use crate::{
    model::{
        ids::{AccountId, Marker, PlaceName},
        issue::{Issue, PlaceFacts},
        marked::{Mark, Searched},
        observed::Observed,
    },
    plan::reads::PlaceReads,
    tracker::{Search, TrackerError, TrackerRead},
};

/// How far before an intent's time its issue is searched, for clocks that differ.
const SEARCH_MARGIN: TimeDelta = TimeDelta::minutes(15);

/// So many issues that an earlier search showed are read one by one; with more, everything is searched.
const SINGLES: usize = 20;

/// What a search came to.
pub(super) struct Found {
    /// Every issue with one of the markers.
    pub(super) issues: Vec<Issue>,
    /// Whether everything that was ever created there was looked at.
    pub(super) whole: bool,
    /// What it showed of all markers, if it showed all of them.
    pub(super) news: Option<News>,
}

/// Who searches where.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    /// The tracker.
    pub(super) tracker: &'a dyn TrackerRead,
    /// The name of the place.
    pub(super) place: &'a PlaceName,
    /// What the place is, as it was proven just now.
    pub(super) facts: &'a PlaceFacts,
    /// The account that looks; none when the register never acted as it, and everything is looked at.
    pub(super) account: Option<&'a AccountId>,
}

/// Searches a place for markers, as far back as is needed.
pub(super) async fn search(
    ground: Ground<'_>,
    needs: &PlaceReads,
    wanted: &[Marker],
) -> Result<Found, TrackerError> {
    let all = needs.sweep || ground.account.is_none();
    let sent = needs.oldest_intent.map(before);
    let holds = |known: &&Searched| {
        let by = ground.account.is_some_and(|account| known.watermark.account.is(account));
        by && known.watermark.place_id == ground.facts.id
    };
    if let Some(known) = needs.searched.as_ref().filter(holds).filter(|_| !all)
        && let Some(found) = after(ground, known, wanted, sent).await?
    {
        return Ok(found);
    }
    let since = sent.filter(|_| !all && !needs.fresh);
    let shown = ground.tracker.search(ground.place, wanted, since).await?;
    let Search { issues, marks, as_of } = shown;
    let news = as_of.filter(|_| since.is_none()).map(|as_of| News { marks: only(marks), as_of, after: None });
    Ok(Found { issues, whole: since.is_none(), news })
}

/// A little before an intent was sent.
pub(super) fn before(sent: DateTime<Utc>) -> DateTime<Utc> {
    sent.checked_sub_signed(SEARCH_MARGIN).unwrap_or(sent)
}

/// What came after an earlier search, and what that one showed, each read again. None where it does not add up: then
/// everything is looked at.
async fn after(
    ground: Ground<'_>,
    known: &Searched,
    wanted: &[Marker],
    sent: Option<DateTime<Utc>>,
) -> Result<Option<Found>, TrackerError> {
    let until = known.watermark.until;
    let since = sent.map_or(until, |sent| sent.min(until));
    let shown = match ground.tracker.search(ground.place, wanted, Some(since)).await {
        Ok(shown) => shown,
        // It may be too long, while everything of ours is not.
        Err(TrackerError::Malformed { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    // A clock that was set back dates what is new before the watermark.
    let Some(as_of) = shown.as_of.filter(|as_of| *as_of >= until) else { return Ok(None) };
    let mut issues = shown.issues;
    let is_listed = |mark: &&Mark| issues.iter().any(|issue| issue.at.id == mark.issue.id);
    let older: Vec<&Mark> =
        known.marks.iter().filter(|mark| wanted.contains(&mark.marker) && !is_listed(mark)).collect();
    if older.len() > SINGLES {
        return Ok(None);
    }
    for mark in older {
        // One that is gone, elsewhere, unreadable or changed is a whole search's to tell.
        match ground.tracker.find(&mark.issue.key).await {
            Observed::Known(issue) if is_still(mark, &issue, ground.facts) => issues.push(issue),
            Observed::Known(_) | Observed::Missing | Observed::Unknown { .. } => return Ok(None),
        }
    }
    let news = News { marks: only(shown.marks), as_of, after: Some(known.watermark.clone()) };
    Ok(Some(Found { issues, whole: false, news: Some(news) }))
}

fn only(marks: Vec<(Mark, DateTime<Utc>)>) -> Vec<Mark> {
    marks.into_iter().map(|(mark, _)| mark).collect()
}

fn is_still(mark: &Mark, issue: &Issue, facts: &PlaceFacts) -> bool {
    issue.at.id == mark.issue.id
        && issue.at.place_id == facts.id
        && issue.marker.as_ref() == Some(&mark.marker)
}
