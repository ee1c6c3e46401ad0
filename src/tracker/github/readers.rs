//! Who can read several repositories, in one question: text of ours is there, and whether it is still among the right
//! people is looked at in every cycle (I20).
//!
//! Whatever is not said plainly is asked again about the one repository, by REST.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    GitHub,
    place::{called, visibility},
    wire::RestRepository,
};
use crate::{
    model::{ids::PlaceName, issue::PlaceFacts},
    tracker::TrackerError,
};

/// Repositories in one question.
const MOST: usize = 100;

/// A repository as GraphQL shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    database_id: Option<u64>,
    name_with_owner: Option<String>,
    is_private: Option<bool>,
    visibility: Option<String>,
}

impl GitHub {
    /// What these repositories are and who can read them now; whether anything can be created there is not looked at.
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
            let shown = "{ databaseId nameWithOwner isPrivate visibility }";
            fields.push(format!("r{n}: repository(owner: $o{n}, name: $n{n}) {shown}"));
        }
        let query = format!("query({}) {{ {} }}", declared.join(", "), fields.join(" "));
        let read = self.pace.now();
        let Ok(envelope) = self.graphql(&query, Value::Object(variables)).await else { return Vec::new() };
        let facts = |(n, place): (usize, &PlaceName)| {
            // What stands beside an error of its own is not told.
            if envelope.is_troubled(&[json!(format!("r{n}"))]) {
                return None;
            }
            let shown = Shown::deserialize(envelope.data.get(format!("r{n}"))?).ok()?;
            let repository = RestRepository {
                id: shown.database_id?,
                full_name: shown.name_with_owner,
                private: shown.is_private,
                visibility: Some(shown.visibility?.to_ascii_lowercase()),
                archived: None,
                disabled: None,
                has_issues: None,
                permissions: None,
            };
            Some(PlaceFacts {
                id: repository.id.to_string(),
                name: called(&repository).unwrap_or_else(|| place.clone()),
                visibility: visibility(&repository).ok()?,
                closed: None,
                read,
            })
        };
        places.iter().enumerate().map(facts).collect()
    }
}
