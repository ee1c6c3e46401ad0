//! What a repository is and who can read it.
//!
//! Knows what proves a repository fit for a create (I20). What is not said is never taken for the better case.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    GitHub,
    call::senseless,
    wire::{Home, RestRepository, place_path},
};
use crate::{
    model::{
        ids::PlaceName,
        issue::{PlaceFacts, Visibility},
    },
    tracker::TrackerError,
};

/// How long a repository's number is taken for known when an issue is read by its name.
const KNOWN: TimeDelta = TimeDelta::minutes(1);

/// The numbers of repositories that were read a moment ago, so that many cited issues of one do not ask each time.
#[derive(Debug, Default)]
pub(super) struct Homes(Mutex<BTreeMap<String, (Home, DateTime<Utc>)>>);

impl Homes {
    fn get(&self, place: &PlaceName, now: DateTime<Utc>) -> Option<Home> {
        let homes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (home, read) = homes.get(&place.as_str().to_ascii_lowercase())?;
        (now - *read <= KNOWN).then(|| home.clone())
    }

    fn learn(&self, place: &PlaceName, home: Home, now: DateTime<Utc>) {
        let mut homes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        homes.insert(place.as_str().to_ascii_lowercase(), (home, now));
    }
}

impl GitHub {
    /// Proves a place now. One that has another name now takes nothing until the rule names it so.
    pub(super) async fn place_facts(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        let read = self.pace.now();
        let repository = self.repository(place).await?;
        let visibility = visibility(&repository)?;
        let name = called(&repository).unwrap_or_else(|| place.clone());
        let closed = match closed(&repository).or_else(|| renamed(place, &name)) {
            Some(why) => Some(why),
            None => self.powerless(&repository).await?,
        };
        Ok(PlaceFacts { id: repository.id.to_string(), name, visibility, closed, read })
    }

    /// Reads a repository under whatever name it has now.
    pub(super) async fn repository(&self, place: &PlaceName) -> Result<RestRepository, TrackerError> {
        let (repository, _) = self.follow::<RestRepository>(&place_path(place)?).await?;
        self.homes.learn(place, repository.home(place), self.pace.now());
        Ok(repository)
    }

    /// A repository's name and number, as read within the last minute.
    pub(super) async fn known_home(&self, place: &PlaceName) -> Result<Home, TrackerError> {
        match self.homes.get(place, self.pace.now()) {
            Some(home) => Ok(home),
            None => Ok(self.repository(place).await?.home(place)),
        }
    }

    /// Whether the account may only open bare issues here. In a public repository GitHub lets it do that and drops
    /// labels and assignees without a word (`trackers.md` 1.6). An App's repository permissions do not show what it
    /// may do with issues, so they prove nothing.
    async fn powerless(&self, repository: &RestRepository) -> Result<Option<String>, TrackerError> {
        let is_powerless = repository.permissions.as_ref().is_some_and(|may| may.forbid_triage());
        if !is_powerless || self.me().await?.as_str().ends_with("[bot]") {
            return Ok(None);
        }
        Ok(Some(
            "this account may not set labels, assignees and status there (it needs the triage role)"
                .to_owned(),
        ))
    }
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

/// A new repository can be given the old name any time, so nothing new goes by it.
fn renamed(asked: &PlaceName, now: &PlaceName) -> Option<String> {
    let is_same = asked.as_str().eq_ignore_ascii_case(now.as_str());
    (!is_same).then(|| format!("it is called {now} now; name it so in the rules"))
}

fn closed(repository: &RestRepository) -> Option<String> {
    let reasons = [
        (repository.archived == Some(true), "the repository is archived, so it is read-only"),
        (repository.disabled == Some(true), "the repository is disabled"),
        (repository.has_issues == Some(false), "issues are switched off in the repository"),
    ];
    reasons.into_iter().find(|(is_so, _)| *is_so).map(|(_, why)| why.to_owned())
}
