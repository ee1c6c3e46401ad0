//! The part of a source that says which pages of a Confluence are its documents.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{connection::ProxyEntry, part::Part, tracker::SecretEntry};

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
    /// File with the certificates of authorities that are believed besides the system's, in PEM, relative to this file's folder.
    #[serde(default)]
    pub ca: Option<String>,
    /// Proxy through which it is asked, where that is not left to the environment; `none` asks directly. One with a login is named
    /// by reference.
    #[serde(default)]
    pub proxy: Option<Part<ProxyEntry>>,
    /// Where our own certificate and its private key are kept, both in PEM, for a server that asks for one.
    #[serde(default)]
    pub client_certificate: Option<Part<SecretEntry>>,
    /// How long one request may take.
    #[serde(default = "timeout")]
    pub timeout: String,
}

fn timeout() -> String {
    "30s".to_owned()
}
