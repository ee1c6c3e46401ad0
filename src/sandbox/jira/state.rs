//! Jira as the control interface shows it: short, complete, without URLs.
//!
//! Knows shapes only. Must not hide anything from its reader.

use serde_json::{Value, json};

use super::data::{Issue, Project, Site};
use crate::sandbox::clock::jira_time;

impl Site {
    /// Everything, project by project.
    pub(crate) fn state(&self) -> Value {
        let projects: Vec<Value> =
            self.projects.values().map(|project| self.project_state(project)).collect();
        json!({"projects": projects})
    }

    fn project_state(&self, project: &Project) -> Value {
        let issues = self.issues.values().filter(|issue| issue.project == project.key);
        json!({
            "id": project.id.to_string(),
            "key": project.key,
            "name": project.name,
            "anonymous": project.is_anonymous,
            "access": project.access,
            "statuses": project.statuses.iter().map(|status| status.name.as_str()).collect::<Vec<_>>(),
            "issues": issues.map(|issue| self.issue_state(issue)).collect::<Vec<_>>(),
        })
    }

    /// One issue.
    pub(crate) fn issue_state(&self, issue: &Issue) -> Value {
        let status = self.projects.get(&issue.project).and_then(|project| project.status(&issue.status));
        let comments = issue.comments.iter().map(|comment| {
            json!({
                "id": comment.id.to_string(),
                "author": comment.author,
                "body": comment.body,
                "created": jira_time(comment.created_at),
                "updated": jira_time(comment.updated_at),
            })
        });
        let links: Vec<&Value> = issue.links.iter().map(|link| &link.given).collect();
        json!({
            "id": issue.id.to_string(),
            "key": issue.key,
            "old_keys": issue.old_keys,
            "type": issue.kind,
            "summary": issue.summary,
            "description": issue.description,
            "status": issue.status,
            "category": status.map(|status| status.category),
            "resolution": issue.resolution,
            "assignee": issue.assignee,
            "reporter": issue.reporter,
            "labels": issue.labels,
            "duedate": issue.due,
            "priority": issue.priority,
            "fields": issue.custom,
            "properties": issue.properties,
            "comments": comments.collect::<Vec<_>>(),
            "remotelinks": links,
            "created": jira_time(issue.created_at),
            "updated": jira_time(issue.updated_at),
        })
    }
}
