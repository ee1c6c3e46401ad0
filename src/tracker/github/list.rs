//! Listing issues of one repository: what changed, and what carries our markers.
//!
//! Knows how to page so that nothing is skipped. A list that is not complete is an error, never a shorter list.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::header;
use serde::de::DeserializeOwned;

use super::{
    GitHub,
    address::encoded,
    call::{Call, parsed, senseless},
    wire::{RestIssue, RestRepository, place_path},
};
use crate::{
    model::{
        ids::{Marker, PlaceName},
        issue::Issue,
    },
    tracker::{Changes, Cursor, TrackerError, http::Response, limits},
};

/// How far a change listing looks back behind the server's clock: lists lag behind by seconds, at times by minutes
/// (`trackers.md` 1.4). What is listed twice does no harm.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// One page of a listing.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// Path of the page after it.
    pub(super) next: Option<String>,
}

impl GitHub {
    /// Every issue of ours that carries one of these markers. GitHub shifts what is behind a page border only
    /// forward here (newest first), so reading all pages misses nothing that was there at the start.
    pub(super) async fn list_marked(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Issue>, TrackerError> {
        let me = self.me().await?.clone();
        let (place_id, _) = self.numbered(place).await?;
        let wanted: BTreeSet<&Marker> = markers.iter().collect();
        // An issue is never created after it was last changed, so a bound on the change bounds the creation.
        let since = since.map(|since| format!("&since={}", encoded(&written(since)))).unwrap_or_default();
        let mut next = Some(format!(
            "/repositories/{place_id}/issues?state=all&creator={}&sort=created&direction=desc&per_page=100{since}",
            encoded(me.as_str())
        ));
        let mut marked = BTreeMap::new();
        while let Some(path) = next {
            let page = self.page::<RestIssue>(&path).await?;
            for issue in page.items.into_iter().filter(|issue| !issue.is_pull_request()) {
                let issue = issue.into_issue(&self.host, &place_id).map_err(senseless)?;
                let is_marked = issue.marker.as_ref().is_some_and(|marker| wanted.contains(marker));
                let is_ours =
                    issue.author.as_ref().is_some_and(|by| by.as_str().eq_ignore_ascii_case(me.as_str()));
                if is_marked && is_ours {
                    marked.insert(issue.at.id.clone(), issue);
                }
            }
            next = page.next;
        }
        Ok(marked.into_values().collect())
    }

    /// What changed since a cursor. The cursor is the server's time at the start, less an overlap.
    pub(super) async fn list_changed(
        &self,
        place: &PlaceName,
        since: Option<&Cursor>,
    ) -> Result<Changes, TrackerError> {
        let (place_id, server_time) = self.numbered(place).await?;
        let next = Cursor(written(server_time - OVERLAP));
        let Some(since) = since else { return Ok(Changes { issues: Vec::new(), next }) };
        let since = DateTime::parse_from_rfc3339(&since.0)
            .map_err(|_| senseless(format!("`{}` is no cursor of a GitHub listing", since.0)))?;
        let issues = self.list_since(&place_id, since.with_timezone(&Utc)).await?;
        Ok(Changes { issues, next })
    }

    /// Oldest change first, and each page begins at the last change of the one before: an issue that changes
    /// meanwhile moves to the end, and page numbers would skip one at every border (`trackers.md` 1.4). Only within
    /// one second, where changes cannot be told apart, the page after is asked for.
    async fn list_since(&self, place_id: &str, since: DateTime<Utc>) -> Result<Vec<Issue>, TrackerError> {
        let path_since = |since: DateTime<Utc>| {
            let since = encoded(&written(since));
            format!(
                "/repositories/{place_id}/issues?state=all&sort=updated&direction=asc&per_page=100&since={since}"
            )
        };
        let (mut since, mut changed) = (since, BTreeMap::new());
        let mut path = path_since(since);
        loop {
            let page = self.page::<RestIssue>(&path).await?;
            let last = page.items.iter().map(|issue| issue.updated_at).max();
            for issue in page.items.into_iter().filter(|issue| !issue.is_pull_request()) {
                let issue = issue.into_issue(&self.host, place_id).map_err(senseless)?;
                changed.insert(issue.at.id.clone(), issue);
            }
            let Some(next) = page.next else { return Ok(changed.into_values().collect()) };
            path = match last.filter(|last| *last > since) {
                Some(last) => {
                    since = last;
                    path_since(last)
                }
                None => next,
            };
        }
    }

    pub(super) async fn page<T: DeserializeOwned>(&self, path: &str) -> Result<Page<T>, TrackerError> {
        let response = self.call(Call::get(path)).await?;
        let next = match next_link(&response) {
            Some(link) => {
                let path = self.address.relative(&link);
                Some(path.ok_or_else(|| senseless("the link to the next page leads elsewhere".to_owned()))?)
            }
            None => None,
        };
        Ok(Page { items: parsed(&response)?, next })
    }

    /// A place's number and the server's time. Lists go by number: a name may since belong to another repository.
    async fn numbered(&self, place: &PlaceName) -> Result<(String, DateTime<Utc>), TrackerError> {
        let response = self.call(Call::get(place_path(place)?)).await?;
        let time = limits::server_time(response.headers()).unwrap_or_else(|| self.pace.now());
        parsed::<RestRepository>(&response).map(|repository| (repository.id.to_string(), time))
    }
}

/// The address of the next page, from the `Link` header.
fn next_link(response: &Response) -> Option<String> {
    let links = response.headers().get_all(header::LINK).into_iter().filter_map(|value| value.to_str().ok());
    links.flat_map(|line| line.split(',')).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        let is_next = parameters.split(';').any(|part| matches!(part.trim(), "rel=\"next\"" | "rel=next"));
        is_next.then(|| target.trim().trim_start_matches('<').to_owned())
    })
}

/// A time as GitHub wants it in a query.
pub(super) fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
