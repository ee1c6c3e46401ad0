//! What a repository is and who can read it.
//!
//! Knows what proves a repository fit for a create (invariant 13). What is not said is never taken for the better case.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, header};

use super::{
    GitHub,
    call::{Call, Conditional, HOPS, parsed, senseless},
    wire::{Home, Permissions, Powers, RestRepository, place_path},
};
use crate::{
    model::{
        ids::PlaceName,
        issue::{PlaceFacts, Visibility},
    },
    net::http::Response,
    tracker::TrackerError,
};

/// How long a repository's number is taken for known when an issue is read by its name.
const KNOWN: TimeDelta = TimeDelta::minutes(1);

/// A repository as it was answered at a path, and what GitHub called that version of it.
type Tagged = (HeaderValue, RestRepository);

/// What was read of repositories: their numbers a moment ago, so that many cited issues of one do not ask each time,
/// and the last version of each.
#[derive(Debug, Default)]
pub(super) struct Homes {
    known: Mutex<BTreeMap<String, (Home, DateTime<Utc>)>>,
    tagged: Mutex<BTreeMap<String, Tagged>>,
}

impl Homes {
    fn get(&self, place: &PlaceName, now: DateTime<Utc>) -> Option<Home> {
        let homes = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (home, read) = homes.get(&place.as_str().to_ascii_lowercase())?;
        (now - *read <= KNOWN).then(|| home.clone())
    }

    fn learn(&self, place: &PlaceName, home: Home, now: DateTime<Utc>) {
        let mut homes = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        homes.insert(place.as_str().to_ascii_lowercase(), (home, now));
    }

    fn tagged(&self, path: &str) -> Option<Tagged> {
        self.tagged.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn tag(&self, path: String, tag: Option<HeaderValue>, repository: &RestRepository) {
        let mut tagged = self.tagged.lock().unwrap_or_else(PoisonError::into_inner);
        match tag {
            Some(tag) => drop(tagged.insert(path, (tag, repository.clone()))),
            None => drop(tagged.remove(&path)),
        }
    }
}

impl GitHub {
    /// Proves a place now, under whatever name it has: a request of its own, answered from what was read before only
    /// where GitHub says that it is still so.
    pub(super) async fn place_facts(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        let read = self.pace.now();
        let repository = self.repository(place).await?;
        self.facts(&repository, place, read).await
    }

    /// What a repository as read at some time is to us.
    pub(super) async fn facts(
        &self,
        repository: &RestRepository,
        asked: &PlaceName,
        read: DateTime<Utc>,
    ) -> Result<PlaceFacts, TrackerError> {
        let visibility = visibility(repository)?;
        let name = called(repository).unwrap_or_else(|| asked.clone());
        let powers = self.powers(repository).await?;
        let powerless = powers.filter(|powers| *powers == Powers::Read).map(|_| POWERLESS.to_owned());
        let closed = closed(repository).or(powerless);
        let powers = powers.map(|powers| powers.as_str().to_owned());
        let frozen = closed.clone();
        Ok(PlaceFacts { id: repository.id.to_string(), name, visibility, closed, frozen, powers, read })
    }

    /// Reads a repository under whatever name it has now. What did not change since it was read last costs no
    /// allowance, and the answer that says so is as new as any.
    pub(super) async fn repository(&self, place: &PlaceName) -> Result<RestRepository, TrackerError> {
        let (mut path, mut moved) = (place_path(place)?, None);
        for _ in 0..=HOPS {
            let known = self.homes.tagged(&path);
            let tag = known.as_ref().map(|(tag, _)| tag.clone());
            match self.call_unless(Call::get(path.clone()), tag).await {
                Ok(Conditional::Same) => {
                    let Some((_, repository)) = known else { break };
                    self.homes.learn(place, repository.home(place), self.pace.now());
                    return Ok(repository);
                }
                Ok(Conditional::Other(response)) => {
                    let repository: RestRepository = parsed(&response)?;
                    self.homes.learn(place, repository.home(place), self.pace.now());
                    self.homes.tag(path, tag_of(&response), &repository);
                    return Ok(repository);
                }
                Err(TrackerError::Moved { to }) => match self.address.relative(&to) {
                    Some(next) => (path, moved) = (next, Some(to)),
                    None => return Err(TrackerError::Moved { to }),
                },
                // The old place has just said that it exists.
                Err(TrackerError::NotFound { what }) => {
                    let unseen = |to| format!("it was moved to {to}, which this account cannot see");
                    let not_found = TrackerError::NotFound { what };
                    return Err(moved.map_or(not_found, |to| TrackerError::Forbidden { why: unseen(to) }));
                }
                Err(error) => return Err(error),
            }
        }
        Err(senseless("it moves again and again".to_owned()))
    }

    /// A repository's name and number, as read within the last minute.
    pub(super) async fn known_home(&self, place: &PlaceName) -> Result<Home, TrackerError> {
        match self.homes.get(place, self.pace.now()) {
            Some(home) => Ok(home),
            None => Ok(self.repository(place).await?.home(place)),
        }
    }

    /// What the account may do here. An App's repository permissions do not show what it may do with issues, so they
    /// prove nothing.
    async fn powers(&self, repository: &RestRepository) -> Result<Option<Powers>, TrackerError> {
        let Some(powers) = repository.permissions.as_ref().and_then(Permissions::powers) else {
            return Ok(None);
        };
        let is_app = self.me().await?.as_str().ends_with("[bot]");
        Ok((!is_app).then_some(powers))
    }
}

/// Why somebody with the role to read gets no issue written: in a public repository GitHub lets them open bare issues,
/// and drops labels and assignees without a word.
const POWERLESS: &str =
    "this account may not set labels, assignees and status there (it needs the triage role)";

/// How a version of an answer is named, where it is.
pub(super) fn tag_of(response: &Response) -> Option<HeaderValue> {
    response.headers().get(header::ETAG).cloned()
}

/// The name that a repository has now.
pub(super) fn called(repository: &RestRepository) -> Option<PlaceName> {
    repository.full_name.as_deref().filter(|name| name.contains('/')).map(PlaceName::new)
}

impl RestRepository {
    /// Its identity, under the name that it was asked for by if it shows none.
    pub(super) fn home(&self, asked: &PlaceName) -> Home {
        Home { name: called(self).unwrap_or_else(|| asked.clone()), id: self.id.to_string() }
    }
}

/// `internal` shows only in `visibility`. Where that is not told, what is not public may be readable in the whole
/// enterprise, and counts as such.
pub(super) fn visibility(repository: &RestRepository) -> Result<Visibility, TrackerError> {
    match (repository.visibility.as_deref(), repository.private) {
        (Some("private" | "internal"), Some(false)) => {
            Err(senseless("the repository says both that it is private and that it is not".to_owned()))
        }
        (Some("private"), _) => Ok(Visibility::Private),
        (Some("internal"), _) => Ok(Visibility::Internal),
        (Some("public"), _) => Ok(Visibility::Public),
        (None, Some(true)) => Ok(Visibility::Internal),
        (None, Some(false)) => Ok(Visibility::Public),
        (Some(_), _) => Err(senseless("the repository has a visibility that we do not know".to_owned())),
        (None, None) => Err(senseless("the repository does not say who can read it".to_owned())),
    }
}

fn closed(repository: &RestRepository) -> Option<String> {
    let reasons = [
        (repository.archived == Some(true), "the repository is archived, so it is read-only"),
        (repository.disabled == Some(true), "the repository is disabled"),
        (repository.has_issues == Some(false), "issues are switched off in the repository"),
    ];
    reasons.into_iter().find(|(is_so, _)| *is_so).map(|(_, why)| why.to_owned())
}
