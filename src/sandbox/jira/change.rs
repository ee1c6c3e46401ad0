//! Everything that can happen to issues in Jira, whoever asks for it.
//!
//! Knows what a change does and what it leaves in the changelog. Must not know who may make it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::data::{Category, Change, Comment, Issue, Site};

/// Who changes something, and when.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    pub(crate) login: String,
    pub(crate) now: DateTime<Utc>,
}

/// A machine value with its text, either of which may be missing.
type Told = (Option<String>, Option<String>);

/// What a new issue starts with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) project: String,
    pub(crate) kind: String,
    pub(crate) summary: String,
    pub(crate) description: Value,
}

impl Site {
    /// Creates an issue and returns its id.
    pub(crate) fn create(&mut self, draft: Draft, hand: &Hand) -> Option<u64> {
        let id = self.fresh_id();
        let project = self.projects.get_mut(&draft.project)?;
        project.n_issues += 1;
        let key = format!("{}-{}", project.key, project.n_issues);
        let status = project.statuses.first()?.name.clone();
        let issue = Issue {
            id,
            project: draft.project,
            key: key.clone(),
            old_keys: Vec::new(),
            kind: draft.kind,
            summary: draft.summary,
            description: draft.description,
            status,
            resolution: None,
            resolved_at: None,
            assignee: None,
            reporter: hand.login.clone(),
            labels: Vec::new(),
            security: None,
            due: None,
            priority: "Medium".to_owned(),
            custom: Default::default(),
            properties: Default::default(),
            comments: Vec::new(),
            links: Vec::new(),
            history: Vec::new(),
            created_at: hand.now,
            updated_at: hand.now,
        };
        self.keys.insert(key, id);
        self.issues.insert(id, issue);
        Some(id)
    }

    /// Notes a change in the changelog, if it is one.
    pub(crate) fn note(&mut self, id: u64, field: &str, from: Told, to: Told, hand: &Hand) {
        if from == to {
            return;
        }
        let change = Change {
            id: self.fresh_id(),
            at: hand.now,
            author: hand.login.clone(),
            field: field.to_owned(),
            from,
            to,
        };
        if let Some(issue) = self.issues.get_mut(&id) {
            issue.history.push(change);
            issue.updated_at = hand.now;
        }
    }

    /// Gives an issue to somebody, or to nobody.
    pub(crate) fn assign(&mut self, id: u64, login: Option<String>, hand: &Hand) {
        let Some(issue) = self.issues.get_mut(&id) else { return };
        let before = std::mem::replace(&mut issue.assignee, login.clone());
        self.note(id, "assignee", (before.clone(), before), (login.clone(), login), hand);
    }

    /// Moves an issue to a status of its workflow. Leaving the done category clears the resolution.
    pub(crate) fn set_status(&mut self, id: u64, to: &str, resolution: Option<String>, hand: &Hand) {
        let Some(issue) = self.issues.get_mut(&id) else { return };
        let Some(project) = self.projects.get(&issue.project) else { return };
        let Some(status) = project.status(to) else { return };
        let told =
            |name: &str| (project.status(name).map(|status| status.id.to_string()), Some(name.to_owned()));
        let (from, to) = (told(&issue.status), told(&status.name));
        let before = issue.resolution.clone();
        issue.status.clone_from(&status.name);
        if status.category == Category::Done {
            issue.resolution = resolution.or(issue.resolution.take());
        } else {
            issue.resolution = None;
        }
        let after = issue.resolution.clone();
        issue.resolved_at = after.as_ref().map(|_| hand.now);
        issue.updated_at = hand.now;
        self.note(id, "status", from, to, hand);
        self.note(id, "resolution", (None, before), (None, after), hand);
    }

    /// Gives an issue exactly these labels.
    pub(crate) fn set_labels(&mut self, id: u64, labels: Vec<String>, hand: &Hand) {
        let Some(issue) = self.issues.get_mut(&id) else { return };
        let before = std::mem::replace(&mut issue.labels, labels.clone());
        self.note(id, "labels", (None, Some(before.join(" "))), (None, Some(labels.join(" "))), hand);
    }

    /// Changes the due date.
    pub(crate) fn set_due(&mut self, id: u64, due: Option<String>, hand: &Hand) {
        let Some(issue) = self.issues.get_mut(&id) else { return };
        let before = std::mem::replace(&mut issue.due, due.clone());
        self.note(id, "duedate", (before.clone(), before), (due.clone(), due), hand);
    }

    /// Changes the summary.
    pub(crate) fn set_summary(&mut self, id: u64, summary: &str, hand: &Hand) {
        let Some(issue) = self.issues.get_mut(&id) else { return };
        let before = std::mem::replace(&mut issue.summary, summary.to_owned());
        self.note(id, "summary", (None, Some(before)), (None, Some(summary.to_owned())), hand);
    }

    /// Changes the description.
    pub(crate) fn set_description(&mut self, id: u64, description: Value, hand: &Hand) {
        let Some(issue) = self.issues.get_mut(&id) else { return };
        let before = std::mem::replace(&mut issue.description, description.clone());
        self.note(id, "description", (None, Some(plain(&before))), (None, Some(plain(&description))), hand);
    }

    /// Adds a comment and returns its id.
    pub(crate) fn comment(&mut self, id: u64, body: Value, hand: &Hand) -> u64 {
        let comment = Comment {
            id: self.fresh_id(),
            author: hand.login.clone(),
            body,
            properties: Vec::new(),
            created_at: hand.now,
            updated_at: hand.now,
        };
        let comment_id = comment.id;
        if let Some(issue) = self.issues.get_mut(&id) {
            issue.comments.push(comment);
            issue.updated_at = hand.now;
        }
        comment_id
    }

    /// Moves an issue to another project: new key, same id, first status if the old one is unknown there.
    pub(crate) fn move_to(&mut self, id: u64, project: &str, hand: &Hand) -> Option<String> {
        let target = self.projects.get_mut(project)?;
        let issue = self.issues.get_mut(&id)?;
        target.n_issues += 1;
        let key = format!("{}-{}", target.key, target.n_issues);
        if target.status(&issue.status).is_none() {
            issue.status.clone_from(&target.statuses.first()?.name);
            issue.resolution = None;
        }
        let old = std::mem::replace(&mut issue.key, key.clone());
        issue.old_keys.push(old.clone());
        project.clone_into(&mut issue.project);
        self.keys.insert(key.clone(), id);
        self.note(id, "Key", (None, Some(old)), (None, Some(key.clone())), hand);
        Some(key)
    }

    /// Deletes an issue.
    pub(crate) fn delete(&mut self, id: u64) {
        self.issues.remove(&id);
        self.keys.retain(|_, known| *known != id);
    }
}

/// Rich text as plain text; paragraphs become lines.
pub(crate) fn plain(text: &Value) -> String {
    match text {
        Value::String(text) => text.clone(),
        Value::Object(node) => {
            let own = node.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
            let children =
                node.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let separator = if node.get("type").and_then(Value::as_str) == Some("doc") { "\n" } else { "" };
            own + &children.iter().map(plain).collect::<Vec<_>>().join(separator)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => String::new(),
    }
}
