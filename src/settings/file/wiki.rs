//! The part of a source that says which pages of a Confluence are its documents.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{part::Part, tracker::SecretEntry};

/// Pages of a Confluence that are write-ups.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ConfluenceEntry {
    /// Address of the site: `https://SITE.atlassian.net/wiki` in the cloud, with the context path on Data Center.
    pub url: String,
    /// Confluence Cloud: e-mail address of the account that the token belongs to.
    #[serde(default)]
    pub email: Option<String>,
    /// The token: an API token in the cloud, a personal access token on Data Center.
    #[serde(default)]
    pub token: Option<Part<SecretEntry>>,
    /// Key of the space whose pages are read; every space when left out.
    #[serde(default)]
    pub space: Option<String>,
    /// The label that every write-up carries.
    #[serde(default)]
    pub label: Option<String>,
    /// A query in CQL that finds the pages, instead of `space` and `label`.
    #[serde(default)]
    pub cql: Option<String>,
    /// How long one request may take.
    #[serde(default = "timeout")]
    pub timeout: String,
}

fn timeout() -> String {
    "30s".to_owned()
}
