//! Reading issues: many by node id, one by number, and following a transfer once.
//!
//! Knows which failures prove that an issue is missing. Everything else leaves it unknown (invariant 3).

use super::{
    GitHub,
    address::encoded,
    graphql::{IDS_PER_REQUEST, Node},
    wire::{RestIssue, RestRepository, number_of, place_path},
};
use crate::{
    model::{
        ids::{AccountId, PlaceName},
        issue::{Issue, IssueRef},
        observed::Observed,
    },
    tracker::TrackerError,
};

/// An issue as REST shows it, with the numeric id of its repository.
pub(super) struct Found {
    /// The issue.
    pub(super) issue: RestIssue,
    /// Numeric id of its repository.
    pub(super) place_id: String,
}

impl GitHub {
    /// One answer for each reference, in order: batches by node id, then single reads for what has none or was
    /// not found by it.
    pub(super) async fn read_all(&self, issues: &[IssueRef]) -> Vec<Observed<Issue>> {
        let mut answers: Vec<Option<Observed<Issue>>> = issues.iter().map(|_| None).collect();
        let batched: Vec<usize> =
            issues.iter().enumerate().filter(|(_, at)| at.node.is_some()).map(|(n, _)| n).collect();
        for chunk in batched.chunks(IDS_PER_REQUEST) {
            let refs: Vec<&IssueRef> = chunk.iter().filter_map(|n| issues.get(*n)).collect();
            for (n, answer) in chunk.iter().zip(self.read_batch(&refs).await) {
                if let Some(slot) = answers.get_mut(*n) {
                    *slot = answer;
                }
            }
        }
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
            Ok(nodes) => nodes
                .into_iter()
                .map(|node| match node {
                    Node::Issue(issue) => Some(Observed::Known(*issue)),
                    Node::Absent => None,
                    Node::Unreadable(why) => Some(Observed::unknown(why)),
                })
                .collect(),
            Err(error) => refs.iter().map(|_| Some(Observed::unknown(error.to_string()))).collect(),
        }
    }

    async fn read_one(&self, at: &IssueRef) -> Observed<Issue> {
        match path_of(at) {
            Some(path) => self.observed(&path, Some(&at.place_id)).await,
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
    async fn observed(&self, path: &str, place_id: Option<&str>) -> Observed<Issue> {
        match self.found(path, place_id).await {
            Ok(found) if found.issue.is_pull_request() => Observed::unknown("is a pull request"),
            Ok(found) => match found.issue.into_issue(&self.host, &found.place_id) {
                Ok(issue) => Observed::Known(issue),
                Err(why) => Observed::unknown(why),
            },
            Err(TrackerError::NotFound { .. }) => Observed::Missing,
            Err(TrackerError::Gone { why }) if is_deletion(&why) => Observed::Missing,
            Err(error) => Observed::unknown(error.to_string()),
        }
    }

    /// Reads one issue by its path, following one move. At the new place "not found" means "not visible to us":
    /// the old place has just said that it exists.
    pub(super) async fn found(&self, path: &str, place_id: Option<&str>) -> Result<Found, TrackerError> {
        let moved = match self.get::<RestIssue>(path).await {
            Ok(issue) => return self.with_place(issue, place_id).await,
            Err(TrackerError::Moved { to }) => to,
            Err(error) => return Err(error),
        };
        let Some(path) = self.address.relative(&moved) else { return Err(TrackerError::Moved { to: moved }) };
        let place_id = path.strip_prefix("/repositories/").and_then(|rest| rest.split('/').next());
        match self.get::<RestIssue>(&path).await {
            Ok(issue) => self.with_place(issue, place_id).await,
            Err(TrackerError::NotFound { .. } | TrackerError::Gone { .. }) => Err(TrackerError::Forbidden {
                why: format!("it was moved to {moved}, which this account cannot see"),
            }),
            Err(error) => Err(error),
        }
    }

    /// REST names an issue's repository but does not number it.
    async fn with_place(&self, issue: RestIssue, place_id: Option<&str>) -> Result<Found, TrackerError> {
        if let Some(id) = place_id.filter(|id| !id.is_empty()) {
            return Ok(Found { issue, place_id: id.to_owned() });
        }
        let place = issue
            .place()
            .ok_or_else(|| TrackerError::Malformed { why: "the issue names no repository".to_owned() })?;
        let repository = self.repository(&place).await?;
        Ok(Found { issue, place_id: repository.id.to_string() })
    }

    /// Reads a repository by name.
    pub(super) async fn repository(&self, place: &PlaceName) -> Result<RestRepository, TrackerError> {
        self.get(&place_path(place)?).await
    }

    /// Who closed an issue: from the batch read, else from a single one.
    pub(super) async fn closed_by(&self, issue: &Issue) -> Result<Option<AccountId>, TrackerError> {
        if issue.closed_by.is_some() || !issue.progress.is_closed() {
            return Ok(issue.closed_by.clone());
        }
        let path = path_of(&issue.at).ok_or_else(|| TrackerError::NotFound { what: issue.at.key.clone() })?;
        let found = self.found(&path, Some(&issue.at.place_id)).await?;
        let read = found.issue.into_issue(&self.host, &found.place_id);
        read.map(|issue| issue.closed_by).map_err(|why| TrackerError::Malformed { why })
    }
}

/// The path of an issue: by its repository's number, which a rename does not change and a new repository of the
/// same name does not take over (P-43). By name only where the number is not known.
pub(super) fn path_of(at: &IssueRef) -> Option<String> {
    let number = number_of(&at.key)?;
    if !at.place_id.is_empty() {
        return Some(format!("/repositories/{}/issues/{number}", encoded(&at.place_id)));
    }
    Some(format!("{}/issues/{number}", place_path(&at.place).ok()?))
}

/// 410 also means that issues are switched off, or that the API version is no longer served (`trackers.md` 1.2).
fn is_deletion(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    !why.contains("disabled") && !why.contains("version")
}
