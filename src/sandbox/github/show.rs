//! GitHub's JSON: how repositories, issues, people and events look on the wire.
//!
//! Knows shapes only. Must not decide who may see them.

use serde_json::{Map, Value, json};

use super::data::{
    Comment, Event, Github, Happening, Issue, Label, Permission, Repo, issue_node_id, repo_node_id,
};
use crate::sandbox::{clock::seconds, people::People};

/// What the shapes need besides the thing itself.
pub(crate) struct Lens<'a> {
    pub(crate) hub: &'a Github,
    pub(crate) people: &'a People,
    /// Where the REST API begins.
    pub(crate) base: &'a str,
    /// Where the pages for people begin.
    pub(crate) origin: &'a str,
}

impl Lens<'_> {
    /// A user, as they appear inside other things.
    pub(crate) fn user(&self, login: &str) -> Value {
        let Some(person) = self.people.by_login(login) else { return Value::Null };
        let url = format!("{}/users/{}", self.base, person.login);
        json!({
            "login": person.login,
            "id": person.id,
            "node_id": format!("U_kgSB{}", person.id),
            "avatar_url": format!("{}/avatars/{}", self.origin, person.id),
            "gravatar_id": "",
            "url": url,
            "html_url": format!("{}/{}", self.origin, person.login),
            "followers_url": format!("{url}/followers"),
            "following_url": format!("{url}/following{{/other_user}}"),
            "gists_url": format!("{url}/gists{{/gist_id}}"),
            "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
            "subscriptions_url": format!("{url}/subscriptions"),
            "organizations_url": format!("{url}/orgs"),
            "repos_url": format!("{url}/repos"),
            "events_url": format!("{url}/events{{/privacy}}"),
            "received_events_url": format!("{url}/received_events"),
            "type": if person.is_bot { "Bot" } else { "User" },
            "user_view_type": "public",
            "site_admin": false,
        })
    }

    /// The organization that owns a repository.
    pub(crate) fn owner(&self, owner: &str) -> Value {
        let known = self.user(owner);
        if !known.is_null() {
            return known;
        }
        let url = format!("{}/users/{owner}", self.base);
        let mut shown = Map::new();
        shown.insert("login".into(), owner.into());
        shown.insert("id".into(), 900.into());
        shown.insert("node_id".into(), "O_kgSB900".into());
        for name in ["avatar", "html", "followers", "following", "gists", "starred", "subscriptions"]
            .into_iter()
            .chain(["organizations", "repos", "events", "received_events"])
        {
            shown.insert(format!("{name}_url"), format!("{url}/{name}").into());
        }
        shown.insert("gravatar_id".into(), "".into());
        shown.insert("url".into(), url.into());
        shown.insert("type".into(), "Organization".into());
        shown.insert("site_admin".into(), false.into());
        Value::Object(shown)
    }

    /// A label.
    pub(crate) fn label(&self, repo: &Repo, label: &Label) -> Value {
        json!({
            "id": label.id,
            "node_id": format!("LA_kwSB{}", label.id),
            "url": format!("{}/repos/{}/labels/{}", self.base, repo.full_name(), label.name.replace(' ', "%20")),
            "name": label.name,
            "color": label.color,
            "default": false,
            "description": label.description,
        })
    }

    /// The labels of an issue.
    pub(crate) fn labels(&self, issue: &Issue) -> Value {
        let Some(repo) = self.hub.repos.get(&issue.repo) else { return json!([]) };
        let labels = issue.labels.iter().filter_map(|name| repo.labels.get(&name.to_lowercase()));
        labels.map(|label| self.label(repo, label)).collect()
    }

    /// An issue, complete.
    pub(crate) fn issue(&self, issue: &Issue) -> Value {
        let Some(repo) = self.hub.repos.get(&issue.repo) else { return Value::Null };
        let repo_url = format!("{}/repos/{}", self.base, repo.full_name());
        let url = format!("{repo_url}/issues/{}", issue.number);
        let page = if issue.is_pull_request { "pull" } else { "issues" };
        let html_url = format!("{}/{}/{page}/{}", self.origin, repo.full_name(), issue.number);
        let assignees: Vec<Value> = issue.assignees.iter().map(|login| self.user(login)).collect();
        let mut shown = json!({
            "url": url,
            "repository_url": repo_url,
            "labels_url": format!("{url}/labels{{/name}}"),
            "comments_url": format!("{url}/comments"),
            "events_url": format!("{url}/events"),
            "html_url": html_url,
            "id": issue.id,
            "node_id": issue_node_id(issue.id),
            "number": issue.number,
            "title": issue.title,
            "user": self.user(&issue.author),
            "labels": self.labels(issue),
            "state": if issue.is_open { "open" } else { "closed" },
            "locked": issue.is_locked,
            "assignee": assignees.first(),
            "assignees": assignees,
            "milestone": null,
            "comments": issue.comments.len(),
            "created_at": seconds(issue.created_at),
            "updated_at": seconds(issue.updated_at),
            "closed_at": issue.closed_at.map(seconds),
            "author_association": "MEMBER",
            "active_lock_reason": null,
            "body": issue.body,
            "closed_by": issue.closed_by.as_deref().map(|login| self.user(login)),
            "reactions": reactions(&url),
            "timeline_url": format!("{url}/timeline"),
            "performed_via_github_app": null,
            "state_reason": issue.reason,
        });
        if let (Some(kind), Some(fields)) = (&issue.kind, shown.as_object_mut()) {
            fields.insert(
                "type".into(),
                json!({"id": 1, "node_id": "IT_kwSB1", "name": kind, "description": null}),
            );
        }
        if let (true, Some(fields)) = (issue.is_pull_request, shown.as_object_mut()) {
            let pull = format!("{repo_url}/pulls/{}", issue.number);
            let links = json!({"url": pull, "html_url": html_url, "diff_url": format!("{html_url}.diff"), "patch_url": format!("{html_url}.patch")});
            fields.insert("pull_request".into(), links);
        }
        shown
    }

    /// A comment.
    pub(crate) fn comment(&self, comment: &Comment) -> Value {
        let Some(issue) = self.hub.issues.get(&comment.issue) else { return Value::Null };
        let Some(repo) = self.hub.repos.get(&issue.repo) else { return Value::Null };
        let repo_url = format!("{}/repos/{}", self.base, repo.full_name());
        let url = format!("{repo_url}/issues/comments/{}", comment.id);
        let page = format!("{}/{}/issues/{}", self.origin, repo.full_name(), issue.number);
        json!({
            "id": comment.id,
            "node_id": format!("IC_kwSB{}", comment.id),
            "html_url": format!("{page}#issuecomment-{}", comment.id),
            "issue_url": format!("{repo_url}/issues/{}", issue.number),
            "user": self.user(&comment.author),
            "reactions": reactions(&url),
            "url": url,
            "body": comment.body,
            "created_at": seconds(comment.created_at),
            "updated_at": seconds(comment.updated_at),
            "author_association": "MEMBER",
            "performed_via_github_app": null,
        })
    }

    /// Something that happened to an issue.
    pub(crate) fn event(&self, issue: &Issue, event: &Event) -> Value {
        let Some(repo) = self.hub.repos.get(&issue.repo) else { return Value::Null };
        let mut shown = json!({
            "id": event.id,
            "node_id": format!("EV_kwSB{}", event.id),
            "url": format!("{}/repos/{}/issues/events/{}", self.base, repo.full_name(), event.id),
            "actor": self.user(&event.actor),
            "event": event.what.name(),
            "commit_id": null,
            "commit_url": null,
            "created_at": seconds(event.at),
            "performed_via_github_app": null,
        });
        let Some(fields) = shown.as_object_mut() else { return shown };
        match &event.what {
            Happening::Assigned(login) | Happening::Unassigned(login) => {
                fields.insert("assignee".into(), self.user(login));
                fields.insert("assigner".into(), self.user(&event.actor));
            }
            Happening::Labeled(name) | Happening::Unlabeled(name) => {
                let color = repo.labels.get(&name.to_lowercase()).map_or("ededed", |label| &label.color);
                fields.insert("label".into(), json!({"name": name, "color": color}));
            }
            Happening::Closed(reason) => {
                fields.insert("state_reason".into(), reason.clone().into());
            }
            Happening::Renamed { from, to } => {
                fields.insert("rename".into(), json!({"from": from, "to": to}));
            }
            Happening::Locked | Happening::Unlocked => {
                fields.insert("lock_reason".into(), Value::Null);
            }
            Happening::Reopened | Happening::Transferred => {}
        }
        shown
    }

    /// A repository, complete.
    pub(crate) fn repo(&self, repo: &Repo, permission: Permission) -> Value {
        let full_name = repo.full_name();
        let url = format!("{}/repos/{full_name}", self.base);
        let page = format!("{}/{full_name}", self.origin);
        let n_open = self.n_open(repo);
        let mut shown = json!({
            "id": repo.id,
            "node_id": repo_node_id(repo.id),
            "name": repo.name,
            "full_name": full_name,
            "private": repo.is_private,
            "visibility": if repo.is_private { "private" } else { "public" },
            "owner": self.owner(&repo.owner),
            "html_url": page,
            "description": null,
            "fork": false,
            "url": url,
            "archived": repo.is_archived,
            "disabled": false,
            "has_issues": repo.has_issues,
            "has_projects": false,
            "has_downloads": false,
            "has_wiki": false,
            "has_pages": false,
            "has_discussions": false,
            "permissions": permissions(permission),
            "default_branch": "main",
            "clone_url": format!("{page}.git"),
            "git_url": format!("git:{page}.git"),
            "ssh_url": format!("ssh:{page}.git"),
            "svn_url": page,
            "homepage": null,
            "language": null,
            "mirror_url": null,
            "license": null,
            "topics": [],
            "size": 0,
            "created_at": seconds(repo.created_at),
            "updated_at": seconds(repo.created_at),
            "pushed_at": seconds(repo.created_at),
        });
        if let Some(fields) = shown.as_object_mut() {
            for name in REPO_URLS {
                fields.insert(format!("{name}_url"), format!("{url}/{name}").into());
            }
            for name in REPO_COUNTS {
                fields.insert((*name).into(), 0.into());
            }
            fields.insert("open_issues".into(), n_open.into());
            fields.insert("open_issues_count".into(), n_open.into());
        }
        shown
    }

    fn n_open(&self, repo: &Repo) -> usize {
        let ids = repo.slots.values().filter_map(|slot| match slot {
            super::data::Slot::Issue(id) => Some(id),
            super::data::Slot::Moved { .. } | super::data::Slot::Deleted => None,
        });
        ids.filter_map(|id| self.hub.issues.get(id)).filter(|issue| issue.is_open).count()
    }
}

/// The links of a repository that nobody here follows.
const REPO_URLS: &[&str] = &[
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
];

/// The counts of a repository that are always nought here.
const REPO_COUNTS: &[&str] = &[
    "forks",
    "forks_count",
    "stargazers_count",
    "watchers",
    "watchers_count",
    "network_count",
    "subscribers_count",
];

impl Happening {
    /// The name in the timeline.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Assigned(_) => "assigned",
            Self::Unassigned(_) => "unassigned",
            Self::Labeled(_) => "labeled",
            Self::Unlabeled(_) => "unlabeled",
            Self::Closed(_) => "closed",
            Self::Reopened => "reopened",
            Self::Renamed { .. } => "renamed",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::Transferred => "transferred",
        }
    }
}

fn permissions(permission: Permission) -> Value {
    json!({
        "admin": permission >= Permission::Admin,
        "maintain": permission >= Permission::Maintain,
        "push": permission >= Permission::Push,
        "triage": permission >= Permission::Triage,
        "pull": permission >= Permission::Read,
    })
}

fn reactions(url: &str) -> Value {
    json!({
        "url": format!("{url}/reactions"), "total_count": 0, "+1": 0, "-1": 0, "laugh": 0, "hooray": 0,
        "confused": 0, "heart": 0, "rocket": 0, "eyes": 0,
    })
}
