//! What a GitHub holds: repositories, issues, comments, tokens, apps.
//!
//! Knows the data and how it hangs together. Must not know HTTP or JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::budget::Budgets;

/// Everything on GitHub.
#[derive(Debug, Default)]
pub(crate) struct Github {
    pub(crate) repos: BTreeMap<u64, Repo>,
    /// Present and former full names, in lower case.
    pub(crate) names: BTreeMap<String, u64>,
    pub(crate) issues: BTreeMap<u64, Issue>,
    pub(crate) comments: BTreeMap<u64, Comment>,
    pub(crate) tokens: BTreeMap<String, Token>,
    pub(crate) apps: BTreeMap<u64, App>,
    pub(crate) installations: BTreeMap<u64, Installation>,
    pub(crate) budgets: Budgets,
    pub(crate) n_ids: u64,
}

/// What somebody may do in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Permission {
    /// Nothing at all.
    None,
    /// See it.
    #[serde(alias = "pull")]
    Read,
    /// Work with issues.
    Triage,
    /// Write.
    #[serde(alias = "write")]
    Push,
    /// Almost everything.
    Maintain,
    /// Everything.
    Admin,
}

/// A repository.
#[derive(Clone, Debug)]
pub(crate) struct Repo {
    pub(crate) id: u64,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) is_private: bool,
    pub(crate) is_archived: bool,
    pub(crate) has_issues: bool,
    pub(crate) is_deleted: bool,
    /// By login, in lower case.
    pub(crate) permissions: BTreeMap<String, Permission>,
    /// By name, in lower case.
    pub(crate) labels: BTreeMap<String, Label>,
    /// What each issue number stands for.
    pub(crate) slots: BTreeMap<u64, Slot>,
    pub(crate) created_at: DateTime<Utc>,
}

/// What an issue number stands for.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// The issue with that id.
    Issue(u64),
    /// An issue that now lives elsewhere.
    Moved { repo: u64, number: u64 },
    /// Nothing any more.
    Deleted,
}

/// A label of a repository.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) color: String,
    pub(crate) description: Option<String>,
}

/// An issue, or a pull request that looks like one.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) id: u64,
    pub(crate) repo: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) is_open: bool,
    pub(crate) reason: Option<String>,
    pub(crate) author: String,
    pub(crate) assignees: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) kind: Option<String>,
    pub(crate) is_pull_request: bool,
    pub(crate) is_locked: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    pub(crate) closed_by: Option<String>,
    pub(crate) comments: Vec<u64>,
    pub(crate) events: Vec<Event>,
}

/// Something that happened to an issue.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) actor: String,
    pub(crate) what: Happening,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    Assigned(String),
    Unassigned(String),
    Labeled(String),
    Unlabeled(String),
    Closed(Option<String>),
    Reopened,
    Renamed { from: String, to: String },
    Locked,
    Unlocked,
    Transferred,
}

/// A comment on an issue.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) issue: u64,
    pub(crate) author: String,
    pub(crate) body: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A token and what it may do at most.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) login: String,
    /// Rights by repository id; `None` gives the rights of the user.
    pub(crate) rights: Option<BTreeMap<u64, Permission>>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) installation: Option<u64>,
}

/// A GitHub App.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: u64,
    pub(crate) slug: String,
    pub(crate) client_id: String,
}

/// An app in an organization.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub(crate) id: u64,
    pub(crate) app: u64,
    pub(crate) account: String,
    pub(crate) rights: BTreeMap<u64, Permission>,
}

impl App {
    /// The login under which the app acts.
    pub(crate) fn login(&self) -> String {
        format!("{}[bot]", self.slug)
    }
}

impl Repo {
    /// `owner/name`.
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// What that person may do, by the collaborator list alone.
    pub(crate) fn permission(&self, login: &str) -> Permission {
        self.permissions.get(&login.to_lowercase()).copied().unwrap_or(Permission::None)
    }

    /// Whether issues here can be given to that person.
    pub(crate) fn is_assignable(&self, login: &str) -> bool {
        self.permission(login) >= Permission::Read
    }

    /// The highest number used so far, plus one.
    pub(crate) fn next_number(&self) -> u64 {
        self.slots.last_key_value().map_or(1, |(number, _)| number + 1)
    }
}

impl Github {
    /// An id that no other thing on this GitHub has.
    pub(crate) fn fresh_id(&mut self) -> u64 {
        self.n_ids += 1;
        2_000_000_000 + self.n_ids
    }

    /// The repository with that full name; a former name finds it too.
    pub(crate) fn repo_named(&self, full_name: &str) -> Option<&Repo> {
        self.repos.get(self.names.get(&full_name.to_lowercase())?)
    }

    /// The issue that `acme/payments#3` means today.
    pub(crate) fn issue_named(&self, name: &str) -> Option<u64> {
        let (full_name, number) = name.split_once('#')?;
        let (mut repo, mut number) = (self.repo_named(full_name)?, number.parse::<u64>().ok()?);
        loop {
            match repo.slots.get(&number)? {
                Slot::Issue(id) => return Some(*id),
                Slot::Moved { repo: to, number: as_number } => {
                    number = *as_number;
                    repo = self.repos.get(to)?;
                }
                Slot::Deleted => return None,
            }
        }
    }

    /// Every `owner/name#number` of a repository's issues, or all repositories' names when it is unknown.
    pub(crate) fn known_names(&self) -> Vec<String> {
        self.repos.values().filter(|repo| !repo.is_deleted).map(Repo::full_name).collect()
    }
}

/// The opaque-looking id of an issue in GraphQL.
pub(crate) fn issue_node_id(id: u64) -> String {
    format!("I_kwSB{id}")
}

/// The opaque-looking id of a repository in GraphQL.
pub(crate) fn repo_node_id(id: u64) -> String {
    format!("R_kgSB{id}")
}

/// The number within an issue's node id.
pub(crate) fn issue_of_node_id(node_id: &str) -> Option<u64> {
    node_id.strip_prefix("I_kwSB")?.parse().ok()
}
