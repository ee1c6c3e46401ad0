//! What a repository is and who can read it.
//!
//! Knows what proves a repository fit for a create (I20). What is not said is never taken for the better case.

use super::{GitHub, call::senseless, wire::RestRepository};
use crate::{
    model::{
        ids::{AccountId, PlaceName},
        issue::{PlaceFacts, Visibility},
    },
    tracker::TrackerError,
};

impl GitHub {
    /// Proves a place now. A renamed one is [`TrackerError::Moved`].
    pub(super) async fn place_facts(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        let repository = self.repository(place).await?;
        let visibility = visibility(&repository)?;
        let closed = match closed(&repository) {
            Some(why) => Some(why),
            None => self.powerless(&repository).await?,
        };
        Ok(PlaceFacts {
            id: repository.id.to_string(),
            name: PlaceName::new(repository.full_name),
            visibility,
            closed,
            read: self.pace.now(),
        })
    }

    /// The account we act as, asked for once.
    pub(super) async fn me(&self) -> Result<&AccountId, TrackerError> {
        self.me.get_or_try_init(|| self.viewer()).await
    }

    /// Whether the account may only open bare issues here. In a public repository GitHub lets it do that and drops
    /// labels and assignees without a word (`trackers.md` 1.6). An App's repository permissions do not show what it
    /// may do with issues, so they prove nothing.
    async fn powerless(&self, repository: &RestRepository) -> Result<Option<String>, TrackerError> {
        let is_powerless = repository.permissions.as_ref().is_some_and(|may| !may.can_triage());
        if !is_powerless || self.me().await?.as_str().ends_with("[bot]") {
            return Ok(None);
        }
        Ok(Some(
            "this account may not set labels, assignees and status there (it needs the triage role)"
                .to_owned(),
        ))
    }
}

/// `internal` shows only in `visibility`; older servers send `private` alone.
fn visibility(repository: &RestRepository) -> Result<Visibility, TrackerError> {
    match (repository.visibility.as_deref(), repository.private) {
        (Some("private"), _) => Ok(Visibility::Private),
        (Some("internal"), _) => Ok(Visibility::Internal),
        (Some("public"), _) => Ok(Visibility::Public),
        (None, Some(true)) => Ok(Visibility::Private),
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
