//! What GraphQL can see: issues and repositories as objects of its schema.
//!
//! Knows shapes only. Must not know the query.

use serde_json::{Value, json};

use super::{
    Exchange,
    data::{Happening, Issue, Permission, Repo, issue_node_id, repo_node_id},
};
use crate::sandbox::clock::seconds;

impl Exchange<'_> {
    /// An issue with every field that can be asked for.
    pub(crate) fn issue_node(&self, issue: &Issue) -> Value {
        let repo = self.hub.repos.get(&issue.repo);
        let full_name = repo.map(Repo::full_name).unwrap_or_default();
        let assignees: Vec<Value> = issue.assignees.iter().map(|login| self.actor(login)).collect();
        let labels: Vec<Value> =
            issue.labels.iter().map(|name| json!({"__typename": "Label", "name": name})).collect();
        let closings: Vec<Value> = issue
            .events
            .iter()
            .filter_map(|event| match &event.what {
                Happening::Closed(reason) => Some(json!({
                    "__typename": "ClosedEvent",
                    "id": format!("CE_lASB{}", event.id),
                    "actor": self.actor(&event.actor),
                    "createdAt": seconds(event.at),
                    "stateReason": reason.as_deref().map(str::to_uppercase),
                })),
                Happening::Assigned(_)
                | Happening::Unassigned(_)
                | Happening::Labeled(_)
                | Happening::Unlabeled(_)
                | Happening::Reopened
                | Happening::Renamed { .. }
                | Happening::Locked
                | Happening::Unlocked
                | Happening::Transferred => None,
            })
            .collect();
        json!({
            "__typename": if issue.is_pull_request { "PullRequest" } else { "Issue" },
            "id": issue_node_id(issue.id),
            "databaseId": issue.id,
            "fullDatabaseId": issue.id.to_string(),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body.clone().unwrap_or_default(),
            "state": if issue.is_open { "OPEN" } else { "CLOSED" },
            "stateReason": issue.reason.as_deref().map(str::to_uppercase),
            "closed": !issue.is_open,
            "url": format!("{}/{full_name}/issues/{}", self.call.origin, issue.number),
            "createdAt": seconds(issue.created_at),
            "updatedAt": seconds(issue.updated_at),
            "closedAt": issue.closed_at.map(seconds),
            "locked": issue.is_locked,
            "activeLockReason": null,
            "author": self.actor(&issue.author),
            "assignees": connection(assignees),
            "labels": connection(labels),
            "milestone": null,
            "repository": repo.map(|repo| self.repo_node(repo)),
            "timelineItems": connection(closings),
            "comments": connection(self.comment_nodes(issue)),
        })
    }

    /// A repository with every field that can be asked for.
    pub(crate) fn repo_node(&self, repo: &Repo) -> Value {
        json!({
            "__typename": "Repository",
            "id": repo_node_id(repo.id),
            "databaseId": repo.id,
            "name": repo.name,
            "nameWithOwner": repo.full_name(),
            "owner": {"__typename": "Organization", "login": repo.owner},
            "visibility": if repo.is_private { "PRIVATE" } else { "PUBLIC" },
            "isPrivate": repo.is_private,
            "isArchived": repo.is_archived,
            "isDisabled": false,
            "hasIssuesEnabled": repo.has_issues,
            "viewerPermission": match self.permission(repo.id) {
                Permission::None => Value::Null,
                Permission::Read => "READ".into(),
                Permission::Triage => "TRIAGE".into(),
                Permission::Push => "WRITE".into(),
                Permission::Maintain => "MAINTAIN".into(),
                Permission::Admin => "ADMIN".into(),
            },
            "url": format!("{}/{}", self.call.origin, repo.full_name()),
        })
    }

    fn comment_nodes(&self, issue: &Issue) -> Vec<Value> {
        let comments = issue.comments.iter().filter_map(|id| self.hub.comments.get(id));
        let shown = comments.map(|comment| {
            json!({
                "__typename": "IssueComment",
                "databaseId": comment.id,
                "author": self.actor(&comment.author),
                "body": comment.body,
                "createdAt": seconds(comment.created_at),
                "updatedAt": seconds(comment.updated_at),
            })
        });
        shown.collect()
    }

    /// A user or a bot. GraphQL leaves the `[bot]` off a bot's login.
    fn actor(&self, login: &str) -> Value {
        let Some(person) = self.people.by_login(login) else { return Value::Null };
        json!({
            "__typename": if person.login.ends_with("[bot]") { "Bot" } else { "User" },
            "id": format!("U_kgSB{}", person.id),
            "login": person.login.trim_end_matches("[bot]"),
            "databaseId": person.id,
            "name": person.name,
        })
    }
}

fn connection(nodes: Vec<Value>) -> Value {
    let page = json!({"__typename": "PageInfo", "hasNextPage": false, "endCursor": null});
    json!({"__typename": "Connection", "totalCount": nodes.len(), "nodes": nodes, "pageInfo": page})
}
