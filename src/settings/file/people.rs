//! The people directory, `people.yaml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::part::Part;

/// Everybody we know, by the key that documents and `--as` use; and their teams. Nobody is ever guessed: a name that two people
/// have is nobody's.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct PeopleFile {
    /// Teams that documents name as owners.
    #[serde(default)]
    pub teams: Part<Vec<Part<TeamEntry>>>,
    /// People.
    #[serde(flatten)]
    pub people: BTreeMap<String, Part<PersonEntry>>,
}

/// A team.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TeamEntry {
    /// Its name, as people and rules write it as `team`; documents write it with or without the word "team".
    pub name: String,
    /// Other names that documents use, such as `@acme/platform`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Keys of the people in it, besides those whose `team` it is.
    #[serde(default)]
    pub members: Vec<String>,
    /// Key of the person who owns the findings that name this team and nobody else.
    pub default: String,
}

/// One person.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct PersonEntry {
    /// Full name, as documents may write it. Two entries of one name count as one human where nobody may decide on their own
    /// work, and a document has to write the key of one.
    pub name: Option<String>,
    /// Other names that documents use, such as a first name.
    pub aliases: Vec<String>,
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
