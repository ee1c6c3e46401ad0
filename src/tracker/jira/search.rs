//! Searches, page by page, complete or an error.
//!
//! Knows both ways of paging and their traps. Knows nothing of what is searched for.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::{Value, json};

use super::{
    Jira, PROPERTY,
    call::{Answer, Channel},
    wire,
};
use crate::{net::pace::Lane, tracker::TrackerError};

/// Issues on a page; servers may send fewer.
pub(super) const PAGE: usize = 100;

/// The fields of an issue that are read.
pub(super) const FIELDS: [&str; 10] = [
    "summary",
    "status",
    "resolution",
    "assignee",
    "creator",
    "labels",
    "duedate",
    "created",
    "updated",
    "project",
];

/// Whether an issue is wanted; what is not, does not stay in memory.
pub(super) type Wanted<'a> = &'a (dyn Fn(&wire::Issue) -> bool + Send + Sync);

impl Jira {
    /// All issues that a query finds and that are wanted.
    pub(super) async fn search(
        &self,
        jql: &str,
        wanted: Wanted<'_>,
    ) -> Result<Vec<wire::Issue>, TrackerError> {
        if self.is_cloud() {
            self.search_by_token(jql, wanted).await
        } else {
            self.search_by_number(jql, wanted).await
        }
    }

    async fn search_by_token(&self, jql: &str, wanted: Wanted<'_>) -> Result<Vec<wire::Issue>, TrackerError> {
        let path = self.api("search/jql");
        let mut question =
            json!({ "jql": jql, "fields": FIELDS, "properties": [PROPERTY], "maxResults": PAGE });
        let (mut issues, mut seen, mut listing) =
            (Vec::new(), BTreeSet::new(), self.channel.pace().listing());
        loop {
            let answer = self.channel.ask(&path, &question).await?;
            listing.page(answer.bytes())?;
            let page: wire::TokenPage = answer.parse()?;
            let next = next_token(&page)?;
            issues.extend(whole(page.issues, answer.at)?.into_iter().filter(wanted).map(only_ours));
            let Some(next) = next else { return Ok(issues) };
            if !seen.insert(next.clone()) {
                return Err(malformed("the search answers with the same page again and again"));
            }
            set(&mut question, "nextPageToken", Value::String(next));
        }
    }

    /// The total may move while the pages are read; only that of the page that is being read counts, and each issue
    /// counts once: a server that repeats a page has not shown all of them.
    async fn search_by_number(
        &self,
        jql: &str,
        wanted: Wanted<'_>,
    ) -> Result<Vec<wire::Issue>, TrackerError> {
        let (mut issues, mut ids, mut start) = (Vec::new(), BTreeSet::new(), 0);
        let mut listing = self.channel.pace().listing();
        loop {
            let (answer, page) = self.numbered(jql, start).await?;
            listing.page(answer.bytes())?;
            let (n_before, was_empty) = (ids.len(), page.issues.is_empty());
            start += page.issues.len();
            let read = whole(page.issues, answer.at)?.into_iter();
            let new = read.filter(|issue| ids.insert(issue.id.clone()));
            issues.extend(new.filter(|issue| wanted(issue)).map(only_ours));
            match page.total {
                Some(total) if ids.len() >= total => return Ok(issues),
                Some(_) if was_empty => {
                    return Err(malformed("the search stops before the total that it names"));
                }
                None if was_empty => return Ok(issues),
                Some(_) | None if ids.len() == n_before => {
                    return Err(malformed("the search answers with the same page again and again"));
                }
                Some(_) | None => {}
            }
        }
    }

    /// A whole list that is read by number, in the order of the tracker. A server that tells neither how much there
    /// is nor how much fits on a page has shown all of it, unless it sent as much as was asked for.
    pub(super) async fn listed<T: wire::Item>(&self, resource: &str) -> Result<Vec<T>, TrackerError> {
        self.listed_to(&self.channel, resource).await
    }

    /// The same as it is shown to whoever stands behind a channel.
    pub(super) async fn listed_to<T: wire::Item>(
        &self,
        channel: &Channel,
        resource: &str,
    ) -> Result<Vec<T>, TrackerError> {
        let (mut all, mut listing) = (Vec::new(), channel.pace().listing());
        let joint = if resource.contains('?') { '&' } else { '?' };
        loop {
            let query = format!("{resource}{joint}startAt={}&maxResults={PAGE}", all.len());
            let answer = channel.call(Lane::Read, Method::GET, &self.api(&query), None).await?;
            listing.page(answer.bytes())?;
            let mut page =
                wire::Page::of(answer.parse()?).ok_or_else(|| malformed("a page without its list"))?;
            let n_items = page.items.len();
            all.append(&mut page.items);
            let is_last = match (page.is_last, page.total) {
                (Some(is_last), _) => is_last,
                (None, Some(total)) => all.len() >= total,
                (None, None) => n_items < page.size.unwrap_or(PAGE),
            };
            let is_untold = page.is_last.is_none() && page.total.is_none() && page.size.is_none();
            // A server that sends more than was asked for has no pages.
            if is_untold && n_items > PAGE {
                return Ok(all);
            }
            if is_untold && n_items == PAGE {
                return Err(malformed("a full page does not tell whether another one follows"));
            }
            if is_last {
                return Ok(all);
            }
            if n_items == 0 {
                return Err(malformed("a list ends before what it says it holds"));
            }
        }
    }

    /// One page of a Data Center search.
    pub(super) async fn numbered(
        &self,
        jql: &str,
        start: usize,
    ) -> Result<(Answer, wire::NumberedPage), TrackerError> {
        let question = json!({ "jql": jql, "fields": FIELDS, "startAt": start, "maxResults": PAGE });
        let answer = self.channel.ask(&self.api("search"), &question).await?;
        let page = answer.parse()?;
        Ok((answer, page))
    }
}

/// An issue without what was not asked for: servers send further properties.
fn only_ours(mut issue: wire::Issue) -> wire::Issue {
    issue.properties.retain(|key, _| key == PROPERTY);
    issue
}

/// The issues of a page, if each of them can be read: one that cannot may be the one that is looked for.
pub(super) fn whole(
    page: Vec<wire::Listed>,
    at: Option<DateTime<Utc>>,
) -> Result<Vec<wire::Issue>, TrackerError> {
    let read = page.into_iter().map(|listed| match listed.answered(at) {
        wire::Listed::Issue(issue) => Ok(*issue),
        wire::Listed::Odd(id) => {
            let id = id.map_or_else(String::new, |id| format!(" (id {id})"));
            Err(malformed(&format!("the search found something that is no issue as Jira shows them{id}")))
        }
    });
    read.collect()
}

/// The token of the next page. A page that is not the last one and does not say how to go on is no complete listing;
/// a token on the last page is stale.
pub(super) fn next_token(page: &wire::TokenPage) -> Result<Option<String>, TrackerError> {
    let next = page.next.clone().filter(|token| !token.is_empty());
    match (page.is_last, next) {
        (None, None) if page.issues.len() == PAGE => {
            Err(malformed("a full page of the search does not tell whether another one follows"))
        }
        (Some(true), _) | (None, None) => Ok(None),
        (Some(false), None) => Err(malformed("the search has further pages and does not say where")),
        (Some(false) | None, Some(token)) => Ok(Some(token)),
    }
}

pub(super) fn malformed(why: &str) -> TrackerError {
    TrackerError::Malformed { why: why.to_owned() }
}

pub(super) fn set(question: &mut Value, key: &str, value: Value) {
    if let Some(map) = question.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}
