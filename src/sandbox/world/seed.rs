//! The world as a document: what `POST /world` takes.
//!
//! Knows the format and its defaults. Must not build anything.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::sandbox::{
    github::data::Permission,
    jira::data::{Access, Category, FieldRule, Transition},
};

/// A whole world, or an addition to one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Seed {
    pub(crate) people: Vec<PersonSeed>,
    pub(crate) github: GithubSeed,
    pub(crate) jira: JiraSeed,
    pub(crate) jira_dc: JiraSeed,
}

/// A person.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PersonSeed {
    pub(crate) login: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) account_id: Option<String>,
    pub(crate) bot: bool,
    pub(crate) inactive: bool,
    pub(crate) time_zone: Option<String>,
}

/// A GitHub.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GithubSeed {
    pub(crate) tokens: Vec<TokenSeed>,
    pub(crate) apps: Vec<AppSeed>,
    pub(crate) repositories: Vec<RepoSeed>,
}

/// A token; `repositories` limits it to fewer rights than its user has.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TokenSeed {
    pub(crate) token: String,
    pub(crate) login: String,
    pub(crate) repositories: Option<BTreeMap<String, Permission>>,
}

/// A GitHub App with one installation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AppSeed {
    pub(crate) id: u64,
    pub(crate) slug: String,
    pub(crate) client_id: Option<String>,
    pub(crate) installation: u64,
    pub(crate) account: String,
    pub(crate) repositories: BTreeMap<String, Permission>,
}

/// A repository. One that exists already is changed and gets the issues besides its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RepoSeed {
    pub(crate) full_name: String,
    pub(crate) private: Option<bool>,
    pub(crate) archived: Option<bool>,
    pub(crate) has_issues: Option<bool>,
    /// By login; everybody may push when left out.
    pub(crate) permissions: Option<BTreeMap<String, Permission>>,
    pub(crate) labels: Vec<String>,
    pub(crate) issues: Vec<IssueSeed>,
    /// So many more issues with made-up titles.
    pub(crate) bulk_issues: usize,
}

/// A GitHub issue.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IssueSeed {
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) assignees: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) closed: bool,
    pub(crate) state_reason: Option<String>,
    pub(crate) pull_request: bool,
    pub(crate) locked: bool,
    /// How long ago it was opened.
    pub(crate) age_ms: i64,
}

/// A Jira site.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct JiraSeed {
    pub(crate) tokens: Vec<JiraTokenSeed>,
    pub(crate) resolutions: Option<Vec<String>>,
    pub(crate) projects: Vec<ProjectSeed>,
}

/// An API token (Cloud, used with the person's e-mail address) or a personal access token (Data Center).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct JiraTokenSeed {
    pub(crate) token: String,
    pub(crate) login: String,
}

/// A project. One that exists already is changed and gets the issues besides its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProjectSeed {
    pub(crate) key: String,
    pub(crate) name: Option<String>,
    pub(crate) anonymous: Option<bool>,
    /// By login; everybody may write when left out.
    pub(crate) access: Option<BTreeMap<String, Access>>,
    pub(crate) assignable: Option<Vec<String>>,
    pub(crate) statuses: Option<Vec<StatusSeed>>,
    pub(crate) transitions: Option<Vec<Transition>>,
    pub(crate) types: Option<Vec<String>>,
    /// Fields besides the usual ones; one with a usual id replaces that.
    pub(crate) fields: Vec<FieldRule>,
    /// Usual fields that are on no screen.
    pub(crate) off_screen: Vec<String>,
    pub(crate) drops_assignee: Option<bool>,
    pub(crate) requires_assignee: Option<bool>,
    pub(crate) forgets_assignee: Option<bool>,
    pub(crate) default_assignee: Option<String>,
    pub(crate) issues: Vec<JiraIssueSeed>,
    /// So many more issues with made-up summaries.
    pub(crate) bulk_issues: usize,
}

/// A status; the first of a project is the one new issues get.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusSeed {
    pub(crate) name: String,
    pub(crate) category: Category,
}

/// A Jira issue.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct JiraIssueSeed {
    pub(crate) summary: String,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) description: Value,
    pub(crate) status: Option<String>,
    pub(crate) resolution: Option<String>,
    pub(crate) assignee: Option<String>,
    pub(crate) reporter: Option<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) duedate: Option<String>,
    pub(crate) properties: BTreeMap<String, Value>,
    /// How long ago it was created.
    pub(crate) age_ms: i64,
}
