//! What changed in many projects since an instant, by one search.
//!
//! Knows how far such a search is read, and when it does not tell everything: then nothing of it is taken for all. What it
//! names is only a hint, and labels are not asked for: issues that people keep carry none of ours.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Jira, jql,
    place::is_plain,
    search::{PAGE, next_token, set},
    wire,
};
use crate::{
    model::{ids::PlaceName, issue::IssueId},
    tracker::{Changes, TrackerError},
};

/// Projects in one search, and how long their keys may be altogether: searches have a longest query.
const PROJECTS: usize = 100;
const KEYS_MAX: usize = 6_000;

/// Pages that are read at most. Where more changed, reading everything is no more work.
const PAGES: usize = 5;

/// How often a search is asked again without projects that the site does not know.
const ATTEMPTS: usize = 4;

/// What a search told.
#[derive(Default)]
struct Told {
    issues: Vec<(IssueId, DateTime<Utc>)>,
    /// Whether that is all.
    is_whole: bool,
}

impl Jira {
    /// What changed in these projects since an instant of the site's clock, less an overlap.
    pub(super) async fn list_changes(
        &self,
        places: &[PlaceName],
        since: DateTime<Utc>,
    ) -> Result<Changes, TrackerError> {
        let as_of = self.server_now().await?;
        let (fit, unfit): (Vec<&PlaceName>, Vec<&PlaceName>) =
            places.iter().partition(|place| is_plain(place.as_str()) && place.as_str().len() < KEYS_MAX);
        let mut untold: BTreeSet<PlaceName> = unfit.into_iter().cloned().collect();
        let mut issues = Vec::new();
        for chunk in chunks(&fit) {
            self.list_chunk(chunk, since, &mut issues, &mut untold).await?;
        }
        if !fit.is_empty() {
            // An expired credential sees less, or nothing at all. Had it died before the searches, this would tell.
            self.ask_whoami().await?;
        }
        Ok(Changes { issues, untold, as_of })
    }

    /// Searches several projects. Those that the site does not know, or does not show us, are left out of the search: it
    /// refuses the whole query for one of them, and names it.
    async fn list_chunk(
        &self,
        mut places: Vec<&PlaceName>,
        since: DateTime<Utc>,
        issues: &mut Vec<(IssueId, DateTime<Utc>)>,
        untold: &mut BTreeSet<PlaceName>,
    ) -> Result<(), TrackerError> {
        for _ in 0..ATTEMPTS {
            if places.is_empty() {
                return Ok(());
            }
            let keys: Vec<&str> = places.iter().map(|place| place.as_str()).collect();
            let query = jql::updated_in(&keys, since, self.server_now().await?);
            let (field, why) = match self.search_changed(&query).await {
                Ok(told) => {
                    issues.extend(told.issues);
                    untold.extend(places.into_iter().filter(|_| !told.is_whole).cloned());
                    return Ok(());
                }
                Err(TrackerError::Rejected { field, why }) => (field, why),
                Err(error) => return Err(error),
            };
            let (unknown, known): (Vec<_>, Vec<_>) = places.into_iter().partition(|place| names(&why, place));
            if unknown.is_empty() {
                return Err(TrackerError::Rejected { field, why });
            }
            untold.extend(unknown.into_iter().cloned());
            places = known;
        }
        untold.extend(places.into_iter().cloned());
        Ok(())
    }

    async fn search_changed(&self, query: &str) -> Result<Told, TrackerError> {
        if self.is_cloud() { self.changed_by_token(query).await } else { self.changed_by_number(query).await }
    }

    async fn changed_by_token(&self, query: &str) -> Result<Told, TrackerError> {
        let path = self.api("search/jql");
        let mut question = json!({ "jql": query, "fields": ["updated"], "maxResults": PAGE });
        let (mut told, mut listing) =
            (Told { is_whole: true, ..Told::default() }, self.channel.pace().listing());
        for _ in 0..PAGES {
            let answer = self.channel.ask(&path, &question).await?;
            listing.page(answer.bytes())?;
            let page: wire::TokenPage = answer.parse()?;
            let next = next_token(&page)?;
            self.take(&page.issues, &page.warnings, &mut told);
            let Some(next) = next else { return Ok(told) };
            set(&mut question, "nextPageToken", Value::String(next));
        }
        Ok(Told { is_whole: false, ..told })
    }

    /// Each page begins with the last issue of the one before it. What changes while the pages are read moves to the front
    /// and pushes others back, where they are seen twice; what goes away draws others forward, past the page that is read
    /// next, and then that one begins with an issue that was on none before.
    async fn changed_by_number(&self, query: &str) -> Result<Told, TrackerError> {
        let (mut told, mut listing) =
            (Told { is_whole: true, ..Told::default() }, self.channel.pace().listing());
        let (mut seen, mut start) = (BTreeSet::new(), 0);
        for _ in 0..PAGES {
            let question =
                json!({ "jql": query, "fields": ["updated"], "startAt": start, "maxResults": PAGE });
            let answer = self.channel.ask(&self.api("search"), &question).await?;
            listing.page(answer.bytes())?;
            let page: wire::NumberedPage = answer.parse()?;
            self.take(&page.issues, &page.warnings, &mut told);
            let ids: Vec<&str> = page.issues.iter().filter_map(id_of).collect();
            let joins = start == 0 || ids.first().is_some_and(|first| seen.contains(*first));
            let n_before = seen.len();
            seen.extend(ids.into_iter().map(str::to_owned));
            let end = start + page.issues.len();
            let is_last = match page.total {
                Some(total) => end >= total,
                // A server that does not tell how much there is has shown all once it shows nothing new.
                None => seen.len() == n_before,
            };
            if is_last || !joins {
                return Ok(Told { is_whole: told.is_whole && is_last && joins, ..told });
            }
            start = end.saturating_sub(1);
        }
        Ok(Told { is_whole: false, ..told })
    }

    /// Takes in the issues of a page. One that cannot be read, or does not say when it changed, is not told; and where the
    /// site could not make something of the query, what it found may not be all.
    fn take(&self, page: &[wire::Listed], warnings: &[String], told: &mut Told) {
        told.is_whole &= warnings.is_empty();
        for listed in page {
            let changed = match listed {
                wire::Listed::Issue(issue) => {
                    let updated = issue.fields.updated.as_deref().and_then(wire::instant);
                    updated.map(|at| (IssueId { host: self.host.clone(), id: issue.id.clone() }, at))
                }
                wire::Listed::Odd(_) => None,
            };
            told.is_whole &= changed.is_some();
            told.issues.extend(changed);
        }
    }
}

/// Projects that fit into one search each.
fn chunks<'p>(places: &[&'p PlaceName]) -> Vec<Vec<&'p PlaceName>> {
    let (mut chunks, mut chunk, mut length) = (Vec::new(), Vec::new(), 0);
    for place in places {
        if chunk.len() >= PROJECTS || length + place.as_str().len() > KEYS_MAX {
            chunks.push(std::mem::take(&mut chunk));
            length = 0;
        }
        length += place.as_str().len();
        chunk.push(*place);
    }
    chunks.push(chunk);
    chunks
}

/// Whether a refusal names a project, in quotes of any kind.
fn names(why: &str, place: &PlaceName) -> bool {
    let is_quote = |c: char| !c.is_alphanumeric() && c != '_' && !c.is_whitespace();
    let mut parts = why.split(is_quote);
    parts.any(|part| part == place.as_str())
}

fn id_of(listed: &wire::Listed) -> Option<&str> {
    match listed {
        wire::Listed::Issue(issue) => Some(&issue.id),
        wire::Listed::Odd(id) => id.as_deref(),
    }
}
