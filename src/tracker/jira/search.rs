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
            issues.append(&mut page.issues);
            let Some(next) = next_token(&page)? else { return Ok(Found { issues, first }) };
            if !seen.insert(next.clone()) {
                return Err(malformed("the search answers with the same page again and again"));
            }
            set(&mut question, "nextPageToken", Value::String(next));
            page = self.channel.ask(&path, &question).await?.parse()?;
        }
        Err(malformed("the search does not end"))
    }

    /// The total may move while the pages are read; only the page that is being read counts.
    async fn search_by_number(&self, jql: &str) -> Result<Found, TrackerError> {
        let (first, mut page) = self.numbered(jql, 0).await?;
        let mut issues = Vec::new();
        for _ in 0..MOST_PAGES {
            let was_empty = page.issues.is_empty();
            issues.append(&mut page.issues);
            if issues.len() >= page.total {
                return Ok(Found { issues, first });
            }
            if was_empty {
                return Err(malformed("the search stops before the total that it names"));
            }
            page = self.numbered(jql, issues.len()).await?.1;
        }
        Err(malformed("the search does not end"))
    }

    /// A whole list that is read by number, in the order of the tracker.
    pub(super) async fn listed<P: wire::Page>(&self, resource: &str) -> Result<Vec<P::Item>, TrackerError> {
        let mut all = Vec::new();
        let joint = if resource.contains('?') { '&' } else { '?' };
        for _ in 0..MOST_PAGES {
            let query = format!("{resource}{joint}startAt={}&maxResults={PAGE}", all.len());
            let (mut items, total) = self.channel.get::<P>(&self.api(&query)).await?.parts();
            let was_empty = items.is_empty();
            all.append(&mut items);
            if was_empty || total.is_some_and(|total| all.len() >= total) {
                return Ok(all);
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
