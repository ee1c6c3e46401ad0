//! GitHub as the control interface shows it: short, complete, without URLs.
//!
//! Knows shapes only. Must not hide anything from its reader.

use serde_json::{Value, json};

use super::data::{Github, Issue, Repo, Slot, issue_node_id, repo_node_id};
use crate::sandbox::clock::seconds;

impl Github {
    /// Everything, repository by repository.
    pub(crate) fn state(&self) -> Value {
        let repos: Vec<Value> = self.repos.values().map(|repo| self.repo_state(repo)).collect();
        json!({"repositories": repos})
    }

    fn repo_state(&self, repo: &Repo) -> Value {
        let issues = repo.slots.values().filter_map(|slot| match slot {
            Slot::Issue(id) => self.issues.get(id),
            Slot::Moved { .. } | Slot::Deleted => None,
        });
        let labels: Vec<&str> = repo.labels.values().map(|label| label.name.as_str()).collect();
        json!({
            "id": repo.id,
            "node_id": repo_node_id(repo.id),
            "full_name": repo.full_name(),
            "private": repo.is_private,
            "archived": repo.is_archived,
            "has_issues": repo.has_issues,
            "deleted": repo.is_deleted,
            "permissions": repo.permissions,
            "labels": labels,
            "issues": issues.map(|issue| self.issue_state(issue)).collect::<Vec<_>>(),
        })
    }

    /// One issue.
    pub(crate) fn issue_state(&self, issue: &Issue) -> Value {
        let name = self.repos.get(&issue.repo).map(Repo::full_name).unwrap_or_default();
        let comments = issue.comments.iter().filter_map(|id| self.comments.get(id));
        let comments: Vec<Value> = comments
            .map(|comment| {
                json!({
                    "id": comment.id,
                    "author": comment.author,
                    "body": comment.body,
                    "created_at": seconds(comment.created_at),
                    "updated_at": seconds(comment.updated_at),
                })
            })
            .collect();
        let events: Vec<&str> = issue.events.iter().map(|event| event.what.name()).collect();
        json!({
            "issue": format!("{name}#{}", issue.number),
            "id": issue.id,
            "node_id": issue_node_id(issue.id),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "state": if issue.is_open { "open" } else { "closed" },
            "state_reason": issue.reason,
            "author": issue.author,
            "assignees": issue.assignees,
            "labels": issue.labels,
            "type": issue.kind,
            "pull_request": issue.is_pull_request,
            "locked": issue.is_locked,
            "created_at": seconds(issue.created_at),
            "updated_at": seconds(issue.updated_at),
            "closed_at": issue.closed_at.map(seconds),
            "closed_by": issue.closed_by,
            "comments": comments,
            "events": events,
        })
    }
}
