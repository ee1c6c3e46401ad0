//! Who can read several projects, in two lists: one as we are shown it, one as a visitor is.
//!
//! Text of ours is there, and whether it is still among the right people is looked at in every cycle (invariant 13). Knows that a
//! project which a whole list for visitors does not hold is private. Whatever the lists do not say plainly is asked again about
//! the one project; what this account may do there is asked only where something is to be created or was refused.

use std::collections::{BTreeMap, BTreeSet};

use super::{Jira, place::is_plain, wire};
use crate::{
    model::{
        ids::PlaceName,
        issue::{PlaceFacts, Visibility},
    },
    tracker::TrackerError,
};

/// From how many projects on the lists cost less: one project alone takes three requests, and Data Center's list of all
/// projects has no pages.
const MANY_ON_CLOUD: usize = 2;
const MANY_ON_DATA_CENTER: usize = 5;

/// Keys in one search for projects, at most (developer.atlassian.com, Get projects paginated).
const KEYS: usize = 50;

impl Jira {
    /// What these projects are and who can read them, now. One answer for each, in order.
    pub(super) async fn readers_of(&self, places: &[PlaceName]) -> Vec<Result<PlaceFacts, TrackerError>> {
        let many = if self.is_cloud() { MANY_ON_CLOUD } else { MANY_ON_DATA_CENTER };
        let shown =
            if places.len() < many { BTreeMap::new() } else { self.show(places).await.unwrap_or_default() };
        let mut answers = Vec::new();
        for place in places {
            answers.push(match shown.get(place.as_str()) {
                Some(facts) => Ok(facts.clone()),
                None => self.prove_place(place).await,
            });
        }
        answers
    }

    /// What the two lists tell of each project that is in ours, by its key.
    async fn show(&self, places: &[PlaceName]) -> Result<BTreeMap<String, PlaceFacts>, TrackerError> {
        let read = self.channel.pace().now();
        if self.settings.is_behind_gateway() {
            self.prove_site().await?;
        }
        let public = self.public().await?;
        let ours = self.our_projects(places).await?;
        let facts = ours.into_iter().filter(|project| !project.archived).map(|project| {
            let is_public = public.contains(&project.id);
            let facts = PlaceFacts {
                visibility: if is_public { Visibility::Public } else { Visibility::Private },
                id: project.id,
                name: PlaceName::new(project.key.clone()),
                closed: None,
                frozen: None,
                powers: None,
                read,
            };
            (project.key, facts)
        });
        Ok(facts.collect())
    }

    /// Those of the projects that this account is shown.
    async fn our_projects(&self, places: &[PlaceName]) -> Result<Vec<wire::Project>, TrackerError> {
        if !self.is_cloud() {
            return self.channel.get(&self.api("project")).await;
        }
        let keys: Vec<&str> = places.iter().map(PlaceName::as_str).filter(|key| is_plain(key)).collect();
        let mut projects = Vec::new();
        for keys in keys.chunks(KEYS) {
            let query = keys.iter().map(|key| format!("keys={key}")).collect::<Vec<_>>().join("&");
            projects.extend(self.listed::<wire::Project>(&format!("project/search?{query}")).await?);
        }
        Ok(projects)
    }

    /// The numbers of all projects that everybody can read. A site that shows visitors nothing at all refuses the question.
    async fn public(&self) -> Result<BTreeSet<String>, TrackerError> {
        let shown = if self.is_cloud() {
            self.listed_to::<wire::Project>(&self.anonymous, "project/search").await
        } else {
            self.anonymous.get(&self.api("project")).await
        };
        match shown {
            Ok(projects) => Ok(projects.into_iter().map(|project| project.id).collect()),
            Err(TrackerError::Unauthorized { .. }) => Ok(BTreeSet::new()),
            Err(error) => Err(error),
        }
    }
}
