//! The part of the main file that says where issues are created, and how secrets are named.

use std::{borrow::Cow, collections::BTreeMap, num::NonZeroU32};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{connection::ProxyEntry, part::Part};
use crate::model::{issue::TrackerKind, terms::Progress};

/// One tracker. Which keys it needs depends on `kind`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TrackerEntry {
    /// Its name, as rules and reports call it.
    pub name: String,
    /// What it is.
    pub kind: TrackerKind,
    /// Base address of its API: `https://api.github.com` (also the default for GitHub), `https://SITE.atlassian.net`.
    #[serde(default)]
    pub url: Option<String>,
    /// The token: a GitHub token, a Jira Cloud API token, a Jira Data Center personal access token.
    #[serde(default)]
    pub token: Option<Part<SecretEntry>>,
    /// GitHub App to act as, instead of a token.
    #[serde(default)]
    pub app: Option<Part<AppEntry>>,
    /// Jira Cloud: e-mail address of the account that the token belongs to.
    #[serde(default)]
    pub email: Option<String>,
    /// GitHub: version of the REST API, such as `2022-11-28`.
    #[serde(default)]
    pub api_version: Option<String>,
    /// How fast this credential may go, where it differs from the published limits.
    #[serde(default)]
    pub pace: Part<PaceEntry>,
    /// Jira: what a status means, where its category says something else. `In Review: in_progress`.
    #[serde(default)]
    pub statuses: BTreeMap<String, Part<Progress>>,
    /// Jira: the status that an issue is moved to.
    #[serde(default)]
    pub targets: Part<TargetsEntry>,
    /// Jira: the resolution that is set when an issue is closed.
    #[serde(default)]
    pub resolutions: Part<ResolutionsEntry>,
    /// Jira: resolutions that mean won't do, not planned or duplicate. Left out: the usual names of those.
    #[serde(default)]
    pub declined_resolutions: Option<Vec<String>>,
    /// Address under which people open issues, where it differs from `url`.
    #[serde(default)]
    pub browse_url: Option<String>,
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
    /// How long one request may take; then its outcome is unknown.
    #[serde(default = "timeout")]
    pub timeout: String,
}

fn timeout() -> String {
    "30s".to_owned()
}

/// Where a secret is kept; never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SecretEntry {
    /// Name of an environment variable.
    Env(String),
    /// Path of a file, relative to the main file's folder. Blanks and line ends around the secret do not count.
    File(String),
}

impl JsonSchema for SecretEntry {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "env": {
                    "type": "string",
                    "description": "Name of the environment variable that holds the secret.",
                },
                "file": {
                    "type": "string",
                    "description": "Path of the file that holds the secret, relative to this file's folder.",
                },
            },
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        })
    }
}

/// A GitHub App installation to act as.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AppEntry {
    /// App id.
    #[schemars(range(min = 1))]
    pub id: u64,
    /// Installation id.
    #[schemars(range(min = 1))]
    pub installation: u64,
    /// The App's private key, in PEM.
    pub private_key: SecretEntry,
}

/// How fast one credential may go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct PaceEntry {
    /// Reads a minute.
    pub reads_per_minute: Option<NonZeroU32>,
    /// Writes a minute, creates included.
    pub writes_per_minute: Option<NonZeroU32>,
    /// Creates a minute.
    pub creates_per_minute: Option<NonZeroU32>,
    /// Creates an hour.
    pub creates_per_hour: Option<NonZeroU32>,
}

/// The status that an issue is moved to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct TargetsEntry {
    /// When it is to be open.
    pub open: Option<String>,
    /// When work has begun.
    pub in_progress: Option<String>,
    /// When it is closed as done.
    pub done: Option<String>,
    /// When it is closed as won't do.
    pub declined: Option<String>,
}

/// The resolution that is set when an issue is closed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ResolutionsEntry {
    /// When it is closed as done.
    pub done: Option<String>,
    /// When it is closed as won't do.
    pub declined: Option<String>,
}
