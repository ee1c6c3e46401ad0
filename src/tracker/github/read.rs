//! Reading issues: many by node id, one by name and number, and following moves.
//!
//! Knows which failures prove that an issue is missing. Everything else leaves it unknown (invariant 3).

use super::{
    GitHub,
    nodes::Node,
    wire::{Home, RestIssue, number_of, place_path},
};
use crate::{
    model::{
        ids::{AccountId, PlaceName},
        issue::{Issue, IssueRef},
        observed::Observed,
    },
    tracker::TrackerError,
};

/// What is known of issues so far; none where more has to be asked.
pub(super) type Answers = Vec<Option<Observed<Issue>>>;

/// An issue as REST shows it, with its repository.
pub(super) struct Found {
    /// The issue.
    pub(super) issue: RestIssue,
    /// Its repository.
    pub(super) home: Home,
}

impl GitHub {
    /// One answer for each reference, in order: batches by node id, then what is told of a whole repository at once, then
    /// single reads.
    pub(super) async fn read_all(&self, issues: &[IssueRef]) -> Vec<Observed<Issue>> {
        let mut answers: Answers = issues.iter().map(|_| None).collect();
        let batched: Vec<usize> =
            issues.iter().enumerate().filter(|(_, at)| at.node.is_some()).map(|(n, _)| n).collect();
        let mut rest = batched.as_slice();
        while !rest.is_empty() {
            let (chunk, further) = rest.split_at(rest.len().min(self.batch()));
            let refs: Vec<&IssueRef> = chunk.iter().filter_map(|n| issues.get(*n)).collect();
            for (n, answer) in chunk.iter().zip(self.read_batch(&refs).await) {
                if let Some(slot) = answers.get_mut(*n) {
                    *slot = answer;
                }
            }
            rest = further;
        }
        self.read_places(issues, &mut answers).await;
        let mut read = Vec::with_capacity(issues.len());
        for (at, answer) in issues.iter().zip(answers) {
            read.push(match answer {
                Some(answer) => answer,
                None => self.read_one(at).await,
            });
        }
        read
    }

    /// None for each issue that only a single read can tell apart.
    async fn read_batch(&self, refs: &[&IssueRef]) -> Vec<Option<Observed<Issue>>> {
        match self.nodes(refs).await {
            Ok(Some(nodes)) => nodes
                .into_iter()
                .map(|node| match node {
                    Node::Issue(issue) => Some(Observed::Known(*issue)),
                    Node::Absent => None,
                    Node::Unreadable(why) => Some(Observed::unknown(why)),
                })
                .collect(),
            Ok(None) => refs.iter().map(|_| None).collect(),
            Err(error) => refs.iter().map(|_| Some(Observed::unknown(error.to_string()))).collect(),
        }
    }

    /// Reads one issue where it was last seen.
    pub(super) async fn read_one(&self, at: &IssueRef) -> Observed<Issue> {
        match path_of(at) {
            Some(path) => self.observed(&path, Some(at)).await,
            None => Observed::unknown(format!("`{}` is no key of a GitHub issue", at.key)),
        }
    }

    /// Reads `owner/repo#n`.
    pub(super) async fn find_key(&self, key: &str) -> Observed<Issue> {
        let path = key.rsplit_once('#').and_then(|(place, number)| {
            let place = place_path(&PlaceName::new(place)).ok()?;
            Some(format!("{place}/issues/{}", number.parse::<u64>().ok()?))
        });
        match path {
            Some(path) => self.observed(&path, None).await,
            None => {
                Observed::unknown(format!("`{key}` is no key of a GitHub issue, such as `acme/payments#3`"))
            }
        }
    }

    /// Reads one issue and says what is known of it.
    async fn observed(&self, path: &str, at: Option<&IssueRef>) -> Observed<Issue> {
        match self.found(path, at).await {
            Ok(found) if found.issue.is_pull_request() => Observed::unknown("is a pull request"),
            Ok(found) => match found.issue.into_issue(&self.host, &found.home) {
                Ok(issue) => Observed::Known(issue),
                Err(why) => Observed::unknown(why),
            },
            Err(TrackerError::NotFound { .. }) => Observed::Missing,
            Err(TrackerError::Gone { why }) if is_deletion(&why) => Observed::Missing,
            Err(error) => Observed::unknown(error.to_string()),
        }
    }

    /// Reads one issue by its path, wherever it moved to. One that did not move has the id that it always had: a
    /// repository's name can be given to another one.
    pub(super) async fn found(&self, path: &str, at: Option<&IssueRef>) -> Result<Found, TrackerError> {
        let (issue, answered) = self.follow(path).await?;
        let Some(at) = at.filter(|_| answered == path) else {
            return self.with_home(issue, &answered).await;
        };
        let home = Home { name: at.place.clone(), id: at.place_id.clone() };
        let same_place = issue.place().is_none_or(|place| same(place.as_str(), at.place.as_str()));
        match (issue.id.to_string() == at.id.id, same_place) {
            (true, true) if !home.id.is_empty() => Ok(Found { issue, home }),
            (false, true) => {
                let why =
                    format!("{} is another issue now (id {} instead of {})", at.key, issue.id, at.id.id);
                Err(TrackerError::Malformed { why })
            }
            // Some servers show a transferred issue under its old address.
            (_, _) => self.with_home(issue, &answered).await,
        }
    }

    /// REST names an issue's repository but numbers it only in the address that a move leads to.
    async fn with_home(&self, issue: RestIssue, answered: &str) -> Result<Found, TrackerError> {
        let id = answered.strip_prefix("/repositories/").and_then(|rest| rest.split('/').next());
        if let (Some(id), Some(name)) = (id, issue.place()) {
            return Ok(Found { issue, home: Home { name, id: id.to_owned() } });
        }
        let named = answered.strip_prefix("/repos/").and_then(|rest| rest.split_once("/issues/"));
        let name = issue.place().or_else(|| Some(PlaceName::new(named?.0)));
        let name =
            name.ok_or_else(|| TrackerError::Malformed { why: "the issue names no repository".to_owned() })?;
        Ok(Found { home: self.known_home(&name).await?, issue })
    }

    /// Who closed an issue: from the batch read, else from a single one.
    pub(super) async fn closed_by(&self, issue: &Issue) -> Result<Option<AccountId>, TrackerError> {
        if issue.closed_by.is_some() || !issue.progress.is_closed() {
            return Ok(issue.closed_by.clone());
        }
        let path = path_of(&issue.at).ok_or_else(|| TrackerError::NotFound { what: issue.at.key.clone() })?;
        let found = self.found(&path, Some(&issue.at)).await?;
        if !found.issue.shows_closer() {
            let why = "a closed issue that does not say who closed it".to_owned();
            return Err(TrackerError::Malformed { why });
        }
        let read = found.issue.into_issue(&self.host, &found.home);
        read.map(|issue| issue.closed_by).map_err(|why| TrackerError::Malformed { why })
    }
}

/// The path of an issue, by its repository's name as GitHub documents it. Who answers there is told by the id.
pub(super) fn path_of(at: &IssueRef) -> Option<String> {
    Some(format!("{}/issues/{}", place_path(&at.place).ok()?, number_of(&at.key)?))
}

/// Whether two names mean the same repository.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// 410 also means that issues are switched off, or that the API version is no longer served (GitHub's REST reference, Get an issue; API versions).
fn is_deletion(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    !why.contains("disabled") && !why.contains("version")
}
