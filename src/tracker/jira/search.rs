//! Searches, page by page, complete or an error (P-46).
//!
//! Knows both ways of paging and their traps. Knows nothing of what is searched for.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Jira, PROPERTY, call::Answer, wire};
use crate::tracker::TrackerError;

/// Issues on a page; servers may send fewer.
pub(super) const PAGE: usize = 100;

/// No honest listing of ours is longer; a server that never says "last" is.
const MOST_PAGES: usize = 2000;

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

/// Everything that a search found.
pub(super) struct Found {
    pub(super) issues: Vec<wire::Issue>,
    /// The answer of the first page, for its time.
    pub(super) first: Answer,
}

impl Jira {
    /// All issues that a query finds.
    pub(super) async fn search(&self, jql: &str) -> Result<Found, TrackerError> {
        if self.is_cloud() { self.search_by_token(jql).await } else { self.search_by_number(jql).await }
    }

    async fn search_by_token(&self, jql: &str) -> Result<Found, TrackerError> {
        let path = self.api("search/jql");
        let mut question =
            json!({ "jql": jql, "fields": FIELDS, "properties": [PROPERTY], "maxResults": PAGE });
        let first = self.channel.ask(&path, &question).await?;
        let mut page: wire::TokenPage = first.parse()?;
        let (mut issues, mut seen) = (Vec::new(), BTreeSet::new());
        for _ in 0..MOST_PAGES {
            let next = next_token(&page)?;
            issues.append(&mut whole(page.issues)?);
            let Some(next) = next else { return Ok(Found { issues, first }) };
            if !seen.insert(next.clone()) {
                return Err(malformed("the search answers with the same page again and again"));
            }
            set(&mut question, "nextPageToken", Value::String(next));
            page = self.channel.ask(&path, &question).await?.parse()?;
        }
        Err(malformed("the search does not end"))
    }

    /// The total may move while the pages are read; only that of the page that is being read counts, and each issue
    /// counts once: a server that repeats a page has not shown all of them.
    async fn search_by_number(&self, jql: &str) -> Result<Found, TrackerError> {
        let (first, mut page) = self.numbered(jql, 0).await?;
        let (mut issues, mut ids, mut start) = (Vec::new(), BTreeSet::new(), 0);
        for _ in 0..MOST_PAGES {
            let (n_before, was_empty) = (ids.len(), page.issues.is_empty());
            start += page.issues.len();
            let read = whole(page.issues)?.into_iter();
            issues.extend(read.filter(|issue| ids.insert(issue.id.clone())));
            match page.total {
                Some(total) if ids.len() >= total => return Ok(Found { issues, first }),
                Some(_) if was_empty => {
                    return Err(malformed("the search stops before the total that it names"));
                }
                None if was_empty => return Ok(Found { issues, first }),
                Some(_) | None if ids.len() == n_before => {
                    return Err(malformed("the search answers with the same page again and again"));
                }
                Some(_) | None => page = self.numbered(jql, start).await?.1,
            }
        }
        Err(malformed("the search does not end"))
    }

    /// A whole list that is read by number, in the order of the tracker. A server that tells neither how much there
    /// is nor how much fits on a page has shown all of it.
    pub(super) async fn listed<T: wire::Item>(&self, resource: &str) -> Result<Vec<T>, TrackerError> {
        let mut all = Vec::new();
        let joint = if resource.contains('?') { '&' } else { '?' };
        for _ in 0..MOST_PAGES {
            let query = format!("{resource}{joint}startAt={}&maxResults={PAGE}", all.len());
            let answer = self.channel.get(&self.api(&query)).await?;
            let mut page = wire::Page::of(answer).ok_or_else(|| malformed("a page without its list"))?;
            let n_items = page.items.len();
            all.append(&mut page.items);
            let is_last = match (page.is_last, page.total) {
                (Some(is_last), _) => is_last,
                (None, Some(total)) => all.len() >= total,
                (None, None) => page.size.is_none_or(|size| n_items < size),
            };
            if is_last {
                return Ok(all);
            }
            if n_items == 0 {
                return Err(malformed("a list ends before what it says it holds"));
            }
        }
        Err(malformed("a list does not end"))
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

/// The issues of a page, if each of them can be read: one that cannot may be the one that is looked for.
fn whole(page: Vec<wire::Listed>) -> Result<Vec<wire::Issue>, TrackerError> {
    let read = page.into_iter().map(|listed| match listed {
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
fn next_token(page: &wire::TokenPage) -> Result<Option<String>, TrackerError> {
    let next = page.next.clone().filter(|token| !token.is_empty());
    match (page.is_last, next) {
        (Some(true), _) | (None, None) => Ok(None),
        (Some(false), None) => Err(malformed("the search has further pages and does not say where")),
        (Some(false) | None, Some(token)) => Ok(Some(token)),
    }
}

pub(super) fn malformed(why: &str) -> TrackerError {
    TrackerError::Malformed { why: why.to_owned() }
}

fn set(question: &mut Value, key: &str, value: Value) {
    if let Some(map) = question.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}
