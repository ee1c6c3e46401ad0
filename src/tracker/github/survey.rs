//! Which repositories an account can see, and who can be assigned in them.
//!
//! Knows that a person's token and an App's are asked differently. One page of each list is enough: nothing is decided by it.

use serde::Deserialize;

use super::{
    GitHub,
    pages::{PAGE, Page},
    wire::Account,
};
use crate::{
    model::ids::{AccountId, PlaceName},
    tracker::{
        TrackerError,
        survey::{LOOKED_IN, MOST, Member, SeenPlace, Survey},
    },
};

/// So many people are asked for their names at most: each takes a request.
const NAMED: usize = 50;

/// What an App's installation may see.
#[derive(Debug, Deserialize)]
struct Installed {
    repositories: Vec<Repository>,
}

/// A repository in a list. What it does not say is taken for the usual.
#[derive(Debug, Deserialize)]
struct Repository {
    full_name: String,
    #[serde(default)]
    private: Option<bool>,
    #[serde(default)]
    archived: Option<bool>,
    #[serde(default)]
    has_issues: Option<bool>,
    #[serde(default)]
    permissions: Option<Permissions>,
}

/// What the account may do in a repository.
#[derive(Debug, Deserialize)]
struct Permissions {
    #[serde(default)]
    push: bool,
    #[serde(default)]
    triage: bool,
}

/// An account's public page.
#[derive(Debug, Deserialize)]
struct Profile {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

impl GitHub {
    /// What this account can see.
    pub(super) async fn seen(&self) -> Result<Survey, TrackerError> {
        let listed = self.page::<Repository>(&format!("/user/repos?sort=pushed&per_page={PAGE}")).await;
        let (repositories, has_more) = match listed {
            Ok(Page { items, next, .. }) => (items, next.is_some()),
            Err(TrackerError::Forbidden { .. } | TrackerError::NotFound { .. }) => {
                let path = format!("/installation/repositories?per_page={PAGE}");
                let installed: Installed = self.get(&path).await?;
                let is_full = installed.repositories.len() >= PAGE;
                (installed.repositories, is_full)
            }
            Err(error) => return Err(error),
        };
        let takes_issues = |repository: &Repository| {
            !repository.archived.unwrap_or(false) && repository.has_issues.unwrap_or(true)
        };
        let repositories = repositories.into_iter().filter(takes_issues).take(MOST);
        let places: Vec<SeenPlace> = repositories
            .map(|repository| SeenPlace {
                name: PlaceName::new(repository.full_name),
                title: None,
                is_public: repository.private.map(|is_private| !is_private),
                is_read_only: repository.permissions.is_some_and(|may| !may.push && !may.triage),
            })
            .collect();
        let me = self.me().await?;
        let mut survey = Survey { places, has_more, ..Survey::default() };
        for place in survey.places.clone().iter().take(LOOKED_IN) {
            let path = format!("/repos/{}/assignees?per_page={PAGE}", place.name);
            // Whoever may not see them writes them by hand.
            let Ok(page) = self.page::<Account>(&path).await else { continue };
            survey.meet(
                page.items
                    .into_iter()
                    .filter_map(Account::id)
                    .filter(|account| !account.is(&me))
                    .map(nameless),
            );
        }
        for member in survey.people.iter_mut().take(NAMED) {
            let path = format!("/users/{}", super::address::encoded(member.account.as_str()));
            if let Ok(profile) = self.get::<Profile>(&path).await {
                (member.name, member.email) = (profile.name, profile.email);
            }
        }
        Ok(survey)
    }
}

fn nameless(account: AccountId) -> Member {
    Member { account, name: None, email: None }
}
