//! The people directory, `people.yaml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::part::Part;

/// Everybody we know, by the key that documents and `--as` use. Nobody is ever guessed from a display name.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PeopleFile(pub BTreeMap<String, Part<PersonEntry>>);

/// One person.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct PersonEntry {
    /// Name for people to read; never used to match. Two entries of one name count as one human where nobody may decide on their
    /// own work.
    pub name: Option<String>,
    /// E-mail address, as documents may write it.
    pub email: Option<String>,
    /// GitHub login, without `@`.
    pub github: Option<String>,
    /// Jira Cloud account id, such as `557058:f58131cb-b67d-43c7-b30d-6b58d40bd077`.
    pub jira: Option<String>,
    /// Jira Data Center user name.
    pub jira_dc: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Whether this person may verify, reject, extend, waive and dismiss.
    pub reviewer: bool,
}
