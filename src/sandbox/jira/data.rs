//! What a Jira site holds: projects with their workflows and screens, issues, tokens.
//!
//! Knows the data and how it hangs together. Must not know HTTP or JSON shapes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which Jira this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// Jira Cloud: accounts, rich text in v3, token paging.
    Cloud,
    /// Jira Data Center: user names, wiki text, numbered paging.
    Dc,
}

/// One Jira site.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) edition: Edition,
    /// By key.
    pub(crate) projects: BTreeMap<String, Project>,
    pub(crate) issues: BTreeMap<u64, Issue>,
    /// Present keys of projects by the former ones.
    pub(crate) renamed: BTreeMap<String, String>,
    /// Present and former issue keys.
    pub(crate) keys: BTreeMap<String, u64>,
    /// Logins by token.
    pub(crate) tokens: BTreeMap<String, String>,
    pub(crate) resolutions: Vec<String>,
    /// Recent writes to each issue.
    pub(crate) writes: BTreeMap<u64, VecDeque<DateTime<Utc>>>,
    pub(crate) n_ids: u64,
}

/// What somebody may do in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Access {
    /// Nothing at all.
    None,
    /// See it.
    Browse,
    /// See it and comment, but change nothing else: no transitions are offered.
    Comment,
    /// Create, edit, assign, move on.
    Write,
    /// Everything.
    Admin,
}

/// A project.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: u64,
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) is_anonymous: bool,
    /// It can be read and not be changed.
    pub(crate) is_archived: bool,
    /// By login, in lower case.
    pub(crate) access: BTreeMap<String, Access>,
    /// Who may get issues; `None` for everybody who may write.
    pub(crate) assignable: Option<BTreeSet<String>>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) types: Vec<IssueType>,
    pub(crate) fields: Vec<FieldRule>,
    /// PUT of an issue answers 204 and leaves the assignee as it was.
    pub(crate) drops_assignee: bool,
    /// Nobody is not allowed as an assignee.
    pub(crate) requires_assignee: bool,
    /// A create answers 201 and forgets whom it assigns.
    pub(crate) forgets_assignee: bool,
    /// Who gets new issues that nobody is assigned to; no change that anybody made.
    pub(crate) default_assignee: Option<String>,
    pub(crate) n_issues: u64,
}

/// A kind of issue.
#[derive(Clone, Debug)]
pub(crate) struct IssueType {
    pub(crate) id: u64,
    pub(crate) name: String,
}

/// A status of a workflow.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) category: Category,
}

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Category {
    /// Not begun.
    New,
    /// Begun.
    Indeterminate,
    /// Ended.
    Done,
    /// Nobody said; the user interface calls it "No Category".
    Undefined,
}

/// A way from some statuses to one.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transition {
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) name: String,
    /// Statuses it leaves from; any when empty.
    #[serde(default)]
    pub(crate) from: Vec<String>,
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) resolution: Screen,
    /// The field is there but `transitions.fields` does not say so.
    #[serde(default)]
    pub(crate) hides_resolution: bool,
    /// A validator refuses whoever goes this way, with these words.
    #[serde(default)]
    pub(crate) refuses: Option<String>,
}

/// Whether a transition has the resolution on its screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Screen {
    /// It has not, and sending one is an error.
    #[default]
    Absent,
    /// It has.
    Optional,
    /// It has, and nothing goes without.
    Required,
}

/// A field on a project's screens.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldRule {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) kind: FieldKind,
    #[serde(default)]
    pub(crate) required: bool,
    /// The options of an option field.
    #[serde(default)]
    pub(crate) allowed: Vec<String>,
    #[serde(default = "yes")]
    pub(crate) on_create: bool,
    #[serde(default = "yes")]
    pub(crate) on_edit: bool,
}

fn yes() -> bool {
    true
}

/// What a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FieldKind {
    /// One line.
    #[default]
    String,
    /// Rich text.
    Textarea,
    /// One of the options, as `{value}` or `{id}`.
    Option,
    /// `YYYY-MM-DD`.
    Date,
    /// A number.
    Number,
    /// Words without spaces.
    Labels,
    /// A person.
    User,
    /// A priority, as `{name}` or `{id}`.
    Priority,
}

/// An issue.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) id: u64,
    pub(crate) project: String,
    pub(crate) key: String,
    pub(crate) old_keys: Vec<String>,
    pub(crate) kind: String,
    pub(crate) summary: String,
    /// Null, wiki text, or a rich-text document.
    pub(crate) description: Value,
    pub(crate) status: String,
    pub(crate) resolution: Option<String>,
    pub(crate) resolved_at: Option<DateTime<Utc>>,
    pub(crate) assignee: Option<String>,
    pub(crate) reporter: String,
    pub(crate) labels: Vec<String>,
    /// The security level that narrows who may see it.
    pub(crate) security: Option<String>,
    pub(crate) due: Option<String>,
    pub(crate) priority: String,
    pub(crate) custom: BTreeMap<String, Value>,
    pub(crate) properties: BTreeMap<String, Value>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) links: Vec<RemoteLink>,
    pub(crate) history: Vec<Change>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A comment.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) author: String,
    pub(crate) body: Value,
    /// As given when it was made, each with `key` and `value`.
    pub(crate) properties: Vec<Value>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A link to something elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct RemoteLink {
    pub(crate) id: u64,
    pub(crate) global_id: Option<String>,
    pub(crate) given: Value,
}

/// One entry of the changelog.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) id: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) author: String,
    pub(crate) field: String,
    /// Machine value and text, before and after.
    pub(crate) from: (Option<String>, Option<String>),
    pub(crate) to: (Option<String>, Option<String>),
}

impl Project {
    /// What that person may do; `None` is nobody in particular.
    pub(crate) fn access(&self, login: Option<&str>) -> Access {
        let floor = if self.is_anonymous { Access::Browse } else { Access::None };
        let own = login.and_then(|login| self.access.get(&login.to_lowercase())).copied();
        let own = own.unwrap_or(Access::None).max(floor);
        if self.is_archived { own.min(Access::Browse) } else { own }
    }

    /// Whether issues here can be given to that person.
    pub(crate) fn is_assignable(&self, login: &str) -> bool {
        match &self.assignable {
            Some(logins) => logins.contains(&login.to_lowercase()),
            None => self.access(Some(login)) >= Access::Write,
        }
    }

    /// The status with that name.
    pub(crate) fn status(&self, name: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.name.eq_ignore_ascii_case(name))
    }

    /// Transitions that leave from a status.
    pub(crate) fn transitions_from(&self, status: &str) -> Vec<&Transition> {
        let leaves = |transition: &&Transition| {
            transition.from.is_empty() || transition.from.iter().any(|from| from.eq_ignore_ascii_case(status))
        };
        self.transitions.iter().filter(leaves).collect()
    }

    /// The field with that id.
    pub(crate) fn field(&self, id: &str) -> Option<&FieldRule> {
        self.fields.iter().find(|field| field.id == id)
    }
}

impl Site {
    /// A site with nothing on it.
    pub(crate) fn new(edition: Edition) -> Self {
        let resolutions = ["Done", "Won't Do", "Duplicate", "Cannot Reproduce"].map(str::to_owned).to_vec();
        Self {
            edition,
            projects: BTreeMap::new(),
            issues: BTreeMap::new(),
            renamed: BTreeMap::new(),
            keys: BTreeMap::new(),
            tokens: BTreeMap::new(),
            resolutions,
            writes: BTreeMap::new(),
            n_ids: 0,
        }
    }

    /// An id that no other thing on this site has.
    pub(crate) fn fresh_id(&mut self) -> u64 {
        self.n_ids += 1;
        10_000 + self.n_ids
    }

    /// The issue with that id, or with that key, be it a former one.
    pub(crate) fn issue_id(&self, id_or_key: &str) -> Option<u64> {
        let by_id = id_or_key.parse().ok().filter(|id| self.issues.contains_key(id));
        by_id.or_else(|| self.keys.get(&id_or_key.to_uppercase()).copied())
    }

    /// The project with that key or id.
    pub(crate) fn project(&self, key_or_id: &str) -> Option<&Project> {
        let key = key_or_id.to_uppercase();
        let by_key = self.projects.get(&key).or_else(|| self.projects.get(self.renamed.get(&key)?));
        by_key.or_else(|| self.projects.values().find(|project| project.id.to_string() == key_or_id))
    }

    /// Gives a project another key, and all its issues; the old keys go on to lead there.
    pub(crate) fn rename_project(&mut self, from: &str, to: &str) {
        let Some(mut project) = self.projects.remove(from) else { return };
        project.key = to.to_owned();
        self.projects.insert(to.to_owned(), project);
        self.renamed.values_mut().filter(|key| *key == from).for_each(|key| *key = to.to_owned());
        self.renamed.insert(from.to_owned(), to.to_owned());
        for issue in self.issues.values_mut().filter(|issue| issue.project == from) {
            let number = issue.key.rsplit('-').next().unwrap_or_default();
            let key = format!("{to}-{number}");
            let old = std::mem::replace(&mut issue.key, key.clone());
            issue.old_keys.push(old);
            to.clone_into(&mut issue.project);
            self.keys.insert(key, issue.id);
        }
    }

    /// The id of a resolution.
    pub(crate) fn resolution_id(&self, name: &str) -> Option<usize> {
        self.resolutions.iter().position(|known| known == name).map(|n| 10_000 + n)
    }
}
