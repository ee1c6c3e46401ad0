//! What changed in many repositories since an instant, in few questions.
//!
//! Knows how several lists are asked for at once, and how many of them the server takes. What a list does not say plainly is
//! not told: nothing that is absent is ever an empty list. Where there is no GraphQL, each list is read by itself, over REST.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::atomic::{AtomicUsize, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{GitHub, graphql::Envelope, nodes::number, pages::written, wire::place_path};
use crate::{
    model::{ids::PlaceName, issue::IssueId},
    tracker::{Changes, TrackerError},
};

/// How far a change listing looks back further than it is asked to: lists lag behind by seconds, at times by minutes.
/// Eight were seen. What is listed twice does no harm.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// Repositories in one question, at first and at most. GitHub gives up a question after ten seconds.
const AT_FIRST: usize = 25;
const AT_MOST: usize = 40;

/// Issues that are listed of each. Where more changed, reading them all is no more work than listing them.
const ISSUES: usize = 50;

/// So many questions about one repository each that fail in a row are no trouble of these repositories: before the first
/// answer, and after it.
const IN_A_ROW: usize = 2;
const IN_A_ROW_AFTERWARDS: usize = 10;

/// An issue that changed, and when.
pub(super) type Changed = (IssueId, DateTime<Utc>);

/// How lists are asked for, as the server's answers taught it.
#[derive(Debug)]
pub(super) struct Lists {
    at_once: AtomicUsize,
}

impl Default for Lists {
    fn default() -> Self {
        Self { at_once: AtomicUsize::new(AT_FIRST) }
    }
}

impl Lists {
    /// How many repositories to ask for at once.
    fn at_once(&self) -> usize {
        self.at_once.load(Ordering::Relaxed).max(1)
    }

    /// So many at once were answered well. A question that was smaller than it might have been proves nothing.
    fn grow(&self, asked: usize) {
        if asked >= self.at_once() {
            self.at_once.store((asked + 1).min(AT_MOST), Ordering::Relaxed);
        }
    }

    /// So many at once were too many.
    fn halve(&self, asked: usize) {
        self.at_once.store((asked / 2).clamp(1, AT_MOST), Ordering::Relaxed);
    }
}

/// What was told so far.
#[derive(Default)]
pub(super) struct Told {
    pub(super) issues: Vec<Changed>,
    pub(super) untold: BTreeSet<PlaceName>,
    /// Questions about one repository each that failed in a row.
    in_a_row: usize,
    /// Whether any question was answered at all.
    is_answered: bool,
}

impl Told {
    /// The server answered a question.
    pub(super) fn answered(&mut self) {
        (self.in_a_row, self.is_answered) = (0, true);
    }

    /// A question about one repository found the server in trouble. Where others are not answered either, it is no trouble
    /// of the repository.
    pub(super) fn fail(&mut self, place: &PlaceName, is_last: bool, why: String) -> Result<(), TrackerError> {
        self.untold.insert(place.clone());
        self.in_a_row += 1;
        let most = if self.is_answered { IN_A_ROW_AFTERWARDS } else { IN_A_ROW };
        if self.in_a_row >= most || is_last && !self.is_answered {
            return Err(TrackerError::Transient { why });
        }
        Ok(())
    }
}

/// What came of one question about several repositories.
enum Asked {
    /// An answer.
    Answered(Envelope),
    /// The server could not answer in time, or not all of it.
    TooMuch(Option<Envelope>, String),
    /// The server does not answer such questions, or not this one.
    Unserved,
}

/// A repository as far as its list is asked for.
///
/// | member | not there | null |
/// |---|---|---|
/// | `issues`, its `nodes`, one of them, its `updatedAt`, all its ids | not everything is told | the same |
/// | `pageInfo`, its `hasNextPage` | nobody knows whether that is all | the same |
#[derive(Debug, Deserialize)]
struct ListNode {
    issues: Option<Connection>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    nodes: Option<Vec<Option<ChangedNode>>>,
    page_info: Option<PageInfo>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangedNode {
    database_id: Option<Value>,
    full_database_id: Option<Value>,
    updated_at: Option<DateTime<Utc>>,
}

impl GitHub {
    /// What changed in these repositories since an instant of GitHub's clock, less an overlap.
    pub(super) async fn list_changes(
        &self,
        places: &[PlaceName],
        since: DateTime<Utc>,
    ) -> Result<Changes, TrackerError> {
        let begun = self.pace.now();
        let since = since.checked_sub_signed(OVERLAP).unwrap_or(since);
        let (fit, unfit): (Vec<&PlaceName>, Vec<&PlaceName>) =
            places.iter().partition(|place| place_path(place).is_ok());
        let mut told = Told { untold: unfit.into_iter().cloned().collect(), ..Told::default() };
        let mut rest = VecDeque::from(fit);
        self.list_together(&mut rest, since, &mut told).await?;
        self.list_alone(rest, since, &mut told).await?;
        // What answers told of the clock since then counts for the beginning, too.
        Ok(Changes { issues: told.issues, untold: told.untold, as_of: begun - self.ahead() })
    }

    /// Asks for several lists at once, for as long as the server answers such questions.
    async fn list_together(
        &self,
        rest: &mut VecDeque<&PlaceName>,
        since: DateTime<Utc>,
        told: &mut Told,
    ) -> Result<(), TrackerError> {
        while !rest.is_empty() && self.lacks.has_lists() {
            let chunk: Vec<&PlaceName> = rest.drain(..rest.len().min(self.lists.at_once())).collect();
            match (self.ask_lists(&chunk, since).await?, chunk.as_slice()) {
                (Asked::Answered(envelope), _) => {
                    let untold = self.take(&envelope, &chunk, told);
                    told.untold.extend(untold.into_iter().cloned());
                    told.answered();
                    self.lists.grow(chunk.len());
                }
                (Asked::TooMuch(_, why), [place]) => told.fail(place, rest.is_empty(), why)?,
                (Asked::TooMuch(envelope, _), _) => {
                    let take = |envelope| self.take(&envelope, &chunk, told);
                    let again = envelope.map_or_else(|| chunk.clone(), take);
                    again.into_iter().rev().for_each(|place| rest.push_front(place));
                    self.lists.halve(chunk.len());
                }
                (Asked::Unserved, _) => chunk.into_iter().rev().for_each(|place| rest.push_front(place)),
            }
        }
        Ok(())
    }

    async fn ask_lists(&self, places: &[&PlaceName], since: DateTime<Utc>) -> Result<Asked, TrackerError> {
        let (query, variables) = question(places, since, self.lacks.has_full_ids());
        match self.graphql(&query, variables).await {
            Ok(envelope) if envelope.is_too_much() => {
                let why = envelope.complaint();
                Ok(Asked::TooMuch(Some(envelope), why))
            }
            Ok(envelope) if !envelope.data.is_null() || envelope.is_about_absence() => {
                Ok(Asked::Answered(envelope))
            }
            Ok(envelope) if envelope.is_about_the_question() => Ok(self.misunderstood(&envelope.text())),
            Ok(envelope) => Ok(Asked::TooMuch(None, envelope.complaint())),
            Err(TrackerError::Transient { why }) => Ok(Asked::TooMuch(None, why)),
            Err(TrackerError::Rejected { why, .. }) => Ok(self.misunderstood(&why)),
            // Some tokens may use REST and not this.
            Err(
                TrackerError::NotFound { .. } | TrackerError::Forbidden { .. } | TrackerError::Gone { .. },
            ) => {
                self.lacks.forget_interface();
                Ok(Asked::Unserved)
            }
            Err(error) => Err(error),
        }
    }

    /// The question is asked more plainly the next time, or not any more.
    fn misunderstood(&self, complaint: &str) -> Asked {
        if self.lacks.has_full_ids() && complaint.contains("fullDatabaseId") {
            self.lacks.forget_full_ids();
        } else {
            self.lacks.forget_lists();
        }
        Asked::Unserved
    }

    /// Takes in what an answer tells of each repository. Those of which it does not tell everything are returned.
    fn take<'p>(&self, envelope: &Envelope, places: &[&'p PlaceName], told: &mut Told) -> Vec<&'p PlaceName> {
        let mut untold = Vec::new();
        for (n, place) in places.iter().enumerate() {
            let alias = format!("r{n}");
            // What stands beside an error of its own is not told.
            let shown = envelope.data.get(&alias).filter(|_| !envelope.is_troubled(&[json!(alias)]));
            let list = shown.and_then(|shown| ListNode::deserialize(shown).ok()).and_then(|node| node.issues);
            let is_whole = list.is_some_and(|list| self.take_list(list, &mut told.issues));
            if !is_whole {
                untold.push(*place);
            }
        }
        untold
    }

    /// Takes in what a list names, and says whether that is all.
    fn take_list(&self, list: Connection, issues: &mut Vec<Changed>) -> bool {
        let mut is_whole = list.page_info.and_then(|page| page.has_next_page) == Some(false);
        let Some(nodes) = list.nodes else { return false };
        for node in nodes {
            let changed = node.and_then(|node| {
                let ids = [node.full_database_id, node.database_id];
                Some((ids.into_iter().flatten().find_map(|id| number(&id))?, node.updated_at?))
            });
            is_whole &= changed.is_some();
            issues.extend(changed.map(|(id, at)| (IssueId { host: self.host.clone(), id }, at)));
        }
        is_whole
    }
}

/// One question about several repositories, and its variables.
fn question(places: &[&PlaceName], since: DateTime<Utc>, has_full_ids: bool) -> (String, Value) {
    let full_id = if has_full_ids { " fullDatabaseId" } else { "" };
    let list = format!(
        "issues(first: {ISSUES}, filterBy: {{since: $since}}, orderBy: {{field: UPDATED_AT, direction: DESC}}) \
         {{ nodes {{ databaseId{full_id} updatedAt }} pageInfo {{ hasNextPage }} }}"
    );
    let mut variables = Map::from_iter([("since".to_owned(), json!(written(since)))]);
    let (mut declared, mut fields) = (vec!["$since: DateTime!".to_owned()], Vec::new());
    for (n, place) in places.iter().enumerate() {
        let (owner, name) = place.as_str().split_once('/').unwrap_or_default();
        variables.insert(format!("o{n}"), json!(owner));
        variables.insert(format!("n{n}"), json!(name));
        declared.push(format!("$o{n}: String!, $n{n}: String!"));
        fields.push(format!("r{n}: repository(owner: $o{n}, name: $n{n}) {{ {list} }}"));
    }
    let query = format!("query({}) {{ {} }}", declared.join(", "), fields.join(" "));
    (query, Value::Object(variables))
}
