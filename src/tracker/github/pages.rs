//! Reading a listing to its end, page by page, so that nothing is skipped while it changes.
//!
//! Knows how lists are ordered and where they go on, and trusts neither more than it has to. What the entries mean
//! is not known here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::header;
use serde::{Deserialize as _, de::DeserializeOwned};
use serde_json::Value;

use super::{
    GitHub,
    address::encoded,
    call::{Call, parsed, senseless},
    wire::RestIssue,
};
use crate::{
    model::digest,
    net::{http::Response, limits::server_time},
    tracker::TrackerError,
};

/// Entries on a page; the most that GitHub sends.
pub(super) const PAGE: usize = 100;

/// So many pages in a row without anything new are a list that goes round in circles. One is the overlap of two pages.
const BARREN_MAX: usize = 3;

/// A longer id is none of GitHub's, which are numbers.
const ID_MAX: usize = 40;

/// One page of a listing.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// Path of the page after it.
    pub(super) next: Option<String>,
    /// How long its text was.
    pub(super) bytes: usize,
    /// When it was answered, by GitHub's clock.
    pub(super) at: Option<DateTime<Utc>>,
}

/// What a list of issues showed.
pub(super) enum Listed {
    /// An issue.
    Issue(Box<RestIssue>),
    /// A pull request.
    PullRequest,
    /// Something that cannot be read; its own text tells what it may be.
    Odd(String),
}

impl GitHub {
    /// What is wanted of every issue of a repository, by its path, that a filter lets through and that changed since a
    /// time. Pull requests, which are listed among them, are left out. `keep` says what is wanted of each, so that no text
    /// stays in memory that nobody needs.
    ///
    /// Oldest change first, and each page begins at the last change of the one before: an issue that changes
    /// meanwhile moves to the end and one that goes away leaves a gap, and page numbers would skip one at every
    /// border. Where the order does not show, or changes are too close to be told apart, the link
    /// to the page after is followed.
    pub(super) async fn list_issues<T>(
        &self,
        repository: &str,
        filter: &str,
        since: Option<DateTime<Utc>>,
        keep: impl FnMut(Listed) -> Result<Option<T>, TrackerError> + Send,
    ) -> Result<Vec<T>, TrackerError> {
        Ok(self.list_dated(repository, filter, since, keep).await?.0)
    }

    /// The same, with the time at which GitHub answered with the first page, by its clock.
    pub(super) async fn list_dated<T>(
        &self,
        repository: &str,
        filter: &str,
        since: Option<DateTime<Utc>>,
        mut keep: impl FnMut(Listed) -> Result<Option<T>, TrackerError> + Send,
    ) -> Result<(Vec<T>, Option<DateTime<Utc>>), TrackerError> {
        let from = |since: Option<DateTime<Utc>>, page: usize| {
            let since = since.map(|since| format!("&since={}", encoded(&written(since)))).unwrap_or_default();
            let page = if page > 1 { format!("&page={page}") } else { String::new() };
            format!(
                "{repository}/issues?state=all&sort=updated&direction=asc&per_page={PAGE}{filter}{since}{page}"
            )
        };
        let (mut since, mut number, mut path, mut barren) = (since, 1, from(since, 1), 0);
        let (mut seen, mut kept, mut listing) = (BTreeSet::new(), BTreeMap::new(), self.pace.listing());
        let mut begun = None;
        loop {
            let page = self.page::<Value>(&path).await?;
            let begun = *begun.get_or_insert(page.at);
            listing.page(page.bytes)?;
            let (n_items, onward) = (page.items.len(), onward(&page.items, since));
            let n_before = seen.len();
            for (id, listed) in page.items.into_iter().map(|item| entry(item, page.at)) {
                // One that is shown again is a newer look at it.
                match keep(listed)? {
                    Some(wanted) => drop(kept.insert(id.clone(), wanted)),
                    None => drop(kept.remove(&id)),
                }
                seen.insert(id);
            }
            barren = if seen.len() == n_before { barren + 1 } else { 0 };
            if barren >= BARREN_MAX {
                return Err(senseless("the list does not end".to_owned()));
            }
            path = match (onward, page.next) {
                // A server may not know how to link pages: a full one may not be the last.
                (_, None) if n_items < PAGE => return Ok((kept.into_values().collect(), begun)),
                (Some(at), _) => {
                    (since, number) = (Some(at), 1);
                    from(since, 1)
                }
                (None, Some(next)) => next,
                (None, None) if barren > 0 => return Ok((kept.into_values().collect(), begun)),
                (None, None) => {
                    number += 1;
                    from(since, number)
                }
            };
        }
    }

    /// Reads one page of any list.
    pub(super) async fn page<T: DeserializeOwned>(&self, path: &str) -> Result<Page<T>, TrackerError> {
        self.page_in(&self.call(Call::get(path)).await?)
    }

    /// Understands an answer that is a page of a list.
    pub(super) fn page_in<T: DeserializeOwned>(&self, response: &Response) -> Result<Page<T>, TrackerError> {
        let next = match next_link(response) {
            Some(link) => {
                let path = self.address.relative(&link);
                Some(path.ok_or_else(|| senseless("the link to the next page leads elsewhere".to_owned()))?)
            }
            None => None,
        };
        let at = server_time(response.headers());
        Ok(Page { items: parsed(response)?, next, bytes: response.body().len(), at })
    }
}

/// An entry of a page with what tells it from others.
fn entry(item: Value, at: Option<DateTime<Utc>>) -> (String, Listed) {
    let id = item.get("id").map(Value::to_string).filter(|id| id.len() <= ID_MAX);
    let id = id.unwrap_or_else(|| digest::of_text(&item.to_string()));
    if item.get("pull_request").is_some_and(|pull| !pull.is_null()) {
        return (id, Listed::PullRequest);
    }
    let listed = RestIssue::deserialize(&item).map(|issue| Listed::Issue(Box::new(issue.answered(at))));
    (id, listed.unwrap_or_else(|_| Listed::Odd(item.to_string())))
}

/// From when on the list is to be asked for next, if this page shows that it is in order. Its last second is asked
/// for again: servers differ in whether `since` includes it.
fn onward(items: &[Value], since: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let changed = |item: &Value| DateTime::parse_from_rfc3339(item.get("updated_at")?.as_str()?).ok();
    let times: Vec<DateTime<Utc>> =
        items.iter().map(|item| Some(changed(item)?.with_timezone(&Utc))).collect::<Option<_>>()?;
    let (first, last) = (*times.first()?, *times.last()?);
    let next = last - TimeDelta::seconds(1);
    let in_order = times.is_sorted() && first < last;
    (in_order && since.is_none_or(|since| since <= first && since < next)).then_some(next)
}

/// The address of the next page, from the `Link` header.
fn next_link(response: &Response) -> Option<String> {
    let links = response.headers().get_all(header::LINK).into_iter().filter_map(|value| value.to_str().ok());
    // An address may hold commas, but no angle brackets.
    links.flat_map(|line| line.split('<').skip(1)).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        let mut parameters = parameters.split([';', ',']).map(str::trim);
        parameters.any(|part| matches!(part, "rel=\"next\"" | "rel=next")).then(|| target.trim().to_owned())
    })
}

/// A time as GitHub wants it in a query.
pub(super) fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
