//! What people do on GitHub. They may do everything.
//!
//! Knows the deeds and their arguments. Must not check permissions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Everything, Refusal,
    act::{Deed, Subject},
    plant::unknown_repo,
};
use crate::sandbox::github::{
    change::{Draft, Hand, contains},
    data::{Permission, Slot},
};

/// What can be done to an issue.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum IssueDeed {
    Close {
        #[serde(default)]
        reason: Option<String>,
    },
    Reopen,
    Assign {
        assignee: String,
    },
    Unassign {
        #[serde(default)]
        assignee: Option<String>,
    },
    Comment {
        body: String,
    },
    EditTitle {
        title: String,
    },
    EditBody {
        #[serde(default)]
        body: Option<String>,
    },
    Label {
        label: String,
    },
    Unlabel {
        label: String,
    },
    Transfer {
        to: String,
    },
    Delete,
    Lock,
    Unlock,
}

/// What can be done to a repository.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum RepoDeed {
    OpenIssue {
        title: String,
        #[serde(default)]
        body: Option<String>,
        #[serde(default)]
        labels: Vec<String>,
        #[serde(default)]
        assignees: Vec<String>,
        #[serde(default)]
        pull_request: bool,
    },
    SetVisibility {
        private: bool,
    },
    Archive,
    Unarchive,
    Rename {
        to: String,
    },
    SetHasIssues {
        enabled: bool,
    },
    SetPermission {
        login: String,
        permission: Permission,
    },
    Delete,
}

const ISSUE_DEEDS: [&str; 13] = [
    "close(reason)",
    "reopen",
    "assign(assignee)",
    "unassign(assignee)",
    "comment(body)",
    "edit_title(title)",
    "edit_body(body)",
    "label(label)",
    "unlabel(label)",
    "transfer(to)",
    "delete",
    "lock",
    "unlock",
];
const REPO_DEEDS: [&str; 8] = [
    "open_issue(title, body, labels, assignees, pull_request)",
    "set_visibility(private)",
    "archive",
    "unarchive",
    "rename(to)",
    "set_has_issues(enabled)",
    "set_permission(login, permission)",
    "delete",
];

impl Everything {
    pub(crate) fn act_on_github(&mut self, deed: Deed) -> Result<Value, Refusal> {
        let hand = Hand { login: deed.login, now: self.clock.now() };
        match deed.subject {
            Subject::Issue(name) => {
                let id = self.github.issue_named(&name);
                let id = id.ok_or_else(|| {
                    Refusal::new(format!(
                        "act: no issue `{name}`, expected owner/name#number in one of these repositories"
                    ))
                    .allowing(self.github.known_names())
                })?;
                let what: IssueDeed = serde_json::from_value(deed.rest)
                    .map_err(|error| Refusal::new(format!("act: {error}")).allowing(ISSUE_DEEDS))?;
                let id = self.act_on_issue(id, what, &hand)?;
                Ok(self
                    .github
                    .issues
                    .get(&id)
                    .map_or_else(|| json!({"deleted": name}), |issue| self.github.issue_state(issue)))
            }
            Subject::Repo(name) => {
                let id = self.repo_id(&name)?;
                let what: RepoDeed = serde_json::from_value(deed.rest)
                    .map_err(|error| Refusal::new(format!("act: {error}")).allowing(REPO_DEEDS))?;
                self.act_on_repo(id, what, &hand)
            }
            Subject::Project(_) => {
                Err(Refusal::new("act: GitHub has no such projects").allowing(["issue", "repo"]))
            }
        }
    }

    fn repo_id(&self, name: &str) -> Result<u64, Refusal> {
        let repo = self.github.repo_named(name).map(|repo| repo.id);
        repo.ok_or_else(|| unknown_repo(name).allowing(self.github.known_names()))
    }

    /// Does it, and returns the id the issue has then.
    fn act_on_issue(&mut self, id: u64, what: IssueDeed, hand: &Hand) -> Result<u64, Refusal> {
        let issue = self.github.issues.get(&id);
        let (mut assignees, mut labels) =
            issue.map(|issue| (issue.assignees.clone(), issue.labels.clone())).unwrap_or_default();
        match what {
            IssueDeed::Close { reason } => self.github.set_state(id, false, reason, hand),
            IssueDeed::Reopen => self.github.set_state(id, true, None, hand),
            IssueDeed::Assign { assignee } => {
                assignees.push(self.known(&assignee)?);
                self.github.set_assignees(id, &assignees, hand);
            }
            IssueDeed::Unassign { assignee } => {
                assignees
                    .retain(|login| assignee.as_ref().is_some_and(|gone| !login.eq_ignore_ascii_case(gone)));
                self.github.set_assignees(id, &assignees, hand);
            }
            IssueDeed::Comment { body } => {
                self.github.add_comment(id, &body, hand);
            }
            IssueDeed::EditTitle { title } => self.github.set_title(id, &title, hand),
            IssueDeed::EditBody { body } => self.github.set_body(id, body, hand),
            IssueDeed::Label { label } => {
                labels.push(label);
                self.github.set_labels(id, &labels, hand);
            }
            IssueDeed::Unlabel { label } => {
                labels.retain(|known| !contains(std::slice::from_ref(&label), known));
                self.github.set_labels(id, &labels, hand);
            }
            IssueDeed::Transfer { to } => {
                let to = self.repo_id(&to)?;
                return self
                    .github
                    .transfer(id, to, hand)
                    .ok_or_else(|| Refusal::new("act: cannot transfer it"));
            }
            IssueDeed::Delete => self.github.delete_issue(id),
            IssueDeed::Lock => self.github.set_locked(id, true, hand),
            IssueDeed::Unlock => self.github.set_locked(id, false, hand),
        }
        Ok(id)
    }

    fn act_on_repo(&mut self, id: u64, what: RepoDeed, hand: &Hand) -> Result<Value, Refusal> {
        if let RepoDeed::OpenIssue { title, body, labels, assignees, pull_request } = what {
            let draft = Draft { title, body, assignees, labels, kind: None, is_pull_request: pull_request };
            let issue = self.github.open_issue(id, draft, hand).and_then(|id| self.github.issues.get(&id));
            return Ok(issue.map(|issue| self.github.issue_state(issue)).unwrap_or_default());
        }
        if let RepoDeed::Rename { to } = &what {
            if to.split('/').count() != 2 || self.github.repo_named(to).is_some_and(|repo| repo.id != id) {
                return Err(Refusal::new(format!("act: `{to}` is not a free owner/name")));
            }
            self.github.rename_repo(id, to);
        }
        let Some(repo) = self.github.repos.get_mut(&id) else { return Ok(Value::Null) };
        match what {
            RepoDeed::SetVisibility { private } => repo.is_private = private,
            RepoDeed::Archive => repo.is_archived = true,
            RepoDeed::Unarchive => repo.is_archived = false,
            RepoDeed::SetHasIssues { enabled } => repo.has_issues = enabled,
            RepoDeed::SetPermission { login, permission } => {
                repo.permissions.insert(login.to_lowercase(), permission);
            }
            RepoDeed::Delete => {
                repo.is_deleted = true;
                let slots = std::mem::take(&mut repo.slots);
                for slot in slots.into_values() {
                    if let Slot::Issue(id) = slot {
                        self.github.issues.remove(&id);
                    }
                }
            }
            RepoDeed::OpenIssue { .. } | RepoDeed::Rename { .. } => {}
        }
        let repo = self.github.repos.get(&id);
        Ok(repo.map(|repo| json!({"full_name": repo.full_name(), "private": repo.is_private, "archived": repo.is_archived, "has_issues": repo.has_issues, "deleted": repo.is_deleted})).unwrap_or_default())
    }
}
