//! Who can read several repositories, in one question: text of ours is there, and whether it is still among the right
//! people is looked at in every cycle (invariant 13).
//!
//! Whatever is not said plainly is asked again about the one repository, by REST.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    GitHub,
    wire::{Permissions, Powers, RestRepository},
};
use crate::{
    model::{ids::PlaceName, issue::PlaceFacts},
    tracker::TrackerError,
};

/// Repositories in one question.
const MOST: usize = 100;

/// What is asked of each.
const FIELDS: &str =
    "databaseId nameWithOwner isPrivate visibility isArchived isDisabled hasIssuesEnabled viewerPermission";

/// A repository as GraphQL shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    database_id: Option<u64>,
    name_with_owner: Option<String>,
    is_private: Option<bool>,
    visibility: Option<String>,
    is_archived: Option<bool>,
    is_disabled: Option<bool>,
    has_issues_enabled: Option<bool>,
    viewer_permission: Option<String>,
}

impl GitHub {
    /// What these repositories are, who can read them and whether they take anything, now.
    pub(super) async fn readers_of(&self, places: &[PlaceName]) -> Vec<Result<PlaceFacts, TrackerError>> {
        let mut answers = Vec::new();
        for places in places.chunks(MOST) {
            let shown = if places.len() > 1 { self.show(places).await } else { Vec::new() };
            for (n, place) in places.iter().enumerate() {
                answers.push(match shown.get(n).cloned().flatten() {
                    Some(facts) => Ok(facts),
                    None => self.place_facts(place).await,
                });
            }
        }
        answers
    }

    /// What one question tells of each; none for those of which it tells nothing, or not enough.
    async fn show(&self, places: &[PlaceName]) -> Vec<Option<PlaceFacts>> {
        let mut variables = Map::new();
        let (mut declared, mut fields) = (Vec::new(), Vec::new());
        for (n, place) in places.iter().enumerate() {
            let (owner, name) = place.as_str().split_once('/').unwrap_or_default();
            variables.insert(format!("o{n}"), json!(owner));
            variables.insert(format!("n{n}"), json!(name));
            declared.push(format!("$o{n}: String!, $n{n}: String!"));
            fields.push(format!("r{n}: repository(owner: $o{n}, name: $n{n}) {{ {FIELDS} }}"));
        }
        let query = format!("query({}) {{ {} }}", declared.join(", "), fields.join(" "));
        let read = self.pace.now();
        let Ok(envelope) = self.graphql(&query, Value::Object(variables)).await else { return Vec::new() };
        let mut facts = Vec::new();
        for (n, place) in places.iter().enumerate() {
            let alias = format!("r{n}");
            // What stands beside an error of its own is not told.
            let told = envelope.data.get(&alias).filter(|_| !envelope.is_troubled(&[json!(alias)]));
            let shown = told.and_then(|shown| Shown::deserialize(shown).ok());
            facts.push(match shown.and_then(Shown::into_repository) {
                Some(repository) => self.facts(&repository, place, read).await.ok(),
                None => None,
            });
        }
        facts
    }
}

impl Shown {
    /// As REST would show it.
    fn into_repository(self) -> Option<RestRepository> {
        let powers = self.viewer_permission.as_deref().and_then(Powers::of_viewer);
        Some(RestRepository {
            id: self.database_id?,
            full_name: self.name_with_owner,
            private: self.is_private,
            visibility: Some(self.visibility?.to_ascii_lowercase()),
            archived: self.is_archived,
            disabled: self.is_disabled,
            has_issues: self.has_issues_enabled,
            permissions: powers.map(Permissions::with),
        })
    }
}
