//! What is told of many issues of one repository at once, where batches by node id did not tell.
//!
//! Knows that a server may lack GraphQL, and that a repository in trouble is in trouble for all its issues. What a
//! list does not show is not absent (replicas are behind one another): it is left to single reads.

use std::collections::BTreeMap;

use super::{
    GitHub,
    address::encoded,
    pages::Listed,
    read::Answers,
    wire::{Home, place_path},
};
use crate::{
    model::{
        ids::PlaceName,
        issue::{Issue, IssueRef},
        observed::Observed,
    },
    tracker::TrackerError,
};

/// From how many issues on their repository is looked at first.
const MANY: usize = 3;

/// From how many issues on they are looked for in a list. More than are read again before they are written: such a read
/// has to be of the present, and lists lag behind.
const LISTED: usize = 30;

impl GitHub {
    /// Answers what can be told of unanswered issues by their repositories, with one request for each repository or one
    /// for a hundred issues.
    pub(super) async fn read_places(&self, issues: &[IssueRef], answers: &mut Answers) {
        let mut places: BTreeMap<&PlaceName, Vec<usize>> = BTreeMap::new();
        for (n, (at, _)) in
            issues.iter().zip(answers.iter()).enumerate().filter(|(_, (_, answer))| answer.is_none())
        {
            places.entry(&at.place).or_default().push(n);
        }
        for (place, wanted) in places.into_iter().filter(|(_, wanted)| wanted.len() >= MANY) {
            let told = self.read_place(place, wanted.len() >= LISTED).await;
            for n in wanted {
                if let (Some(at), Some(slot)) = (issues.get(n), answers.get_mut(n)) {
                    *slot = told.of(at);
                }
            }
        }
    }

    async fn read_place(&self, place: &PlaceName, is_listed: bool) -> Told {
        let home = match self.repository(place).await {
            Ok(repository) => repository.home(place),
            Err(TrackerError::NotFound { .. }) => return Told::Missing,
            Err(error) => return Told::Unknown(error.to_string()),
        };
        // A comma would make two labels of it.
        if !is_listed || self.settings.label.contains(',') {
            return Told::Each(BTreeMap::new());
        }
        match self.list_labelled(&home).await {
            Ok(listed) => Told::Each(listed),
            Err(error) if is_about_the_list(&error) => Told::Each(BTreeMap::new()),
            Err(error) => Told::Unknown(error.to_string()),
        }
    }

    /// Issues that carry our label, by number. One that cannot be read is left to a read of its own.
    async fn list_labelled(&self, home: &Home) -> Result<BTreeMap<String, Issue>, TrackerError> {
        let labelled = format!("&labels={}", encoded(&self.settings.label));
        let keep = |listed| {
            Ok(match listed {
                Listed::Issue(issue) => issue.into_issue(&self.host, home).ok(),
                Listed::PullRequest | Listed::Odd(_) => None,
            })
        };
        let listed = self.list_issues(&place_path(&home.name)?, &labelled, None, keep).await?;
        Ok(listed.into_iter().map(|issue| (issue.at.id.id.clone(), issue)).collect())
    }
}

/// What was told of a repository's issues.
enum Told {
    /// The repository is not there for us.
    Missing,
    /// It is in trouble.
    Unknown(String),
    /// Something of those that were listed.
    Each(BTreeMap<String, Issue>),
}

impl Told {
    fn of(&self, at: &IssueRef) -> Option<Observed<Issue>> {
        match self {
            Self::Missing => Some(Observed::Missing),
            Self::Unknown(why) => Some(Observed::unknown(why.clone())),
            Self::Each(listed) => listed.get(&at.id.id).cloned().map(Observed::Known),
        }
    }
}

/// Whether only this way of asking failed, so that single reads may do better.
fn is_about_the_list(error: &TrackerError) -> bool {
    match error {
        TrackerError::Rejected { .. }
        | TrackerError::NotFound { .. }
        | TrackerError::Moved { .. }
        | TrackerError::Gone { .. }
        | TrackerError::Malformed { .. } => true,
        TrackerError::RateLimited { .. }
        | TrackerError::Expired
        | TrackerError::ClockOff { .. }
        | TrackerError::Unsent { .. }
        | TrackerError::Transient { .. }
        | TrackerError::Unauthorized { .. }
        | TrackerError::Forbidden { .. } => false,
    }
}
