//! Reading and creating single issues, and what their timelines say.
//!
//! Knows the rules of a create. Must not know lists or searches.

use serde_json::{Value, json};

use super::{
    Exchange,
    change::Draft,
    data::{Happening, Permission},
    invalid, not_found,
};
use crate::sandbox::{
    clock::seconds,
    wire::{Answer, At, Outcome},
};

/// Longest body, in characters.
pub(crate) const BODY_MAX: usize = 65_536;
/// Longest title, in characters.
const TITLE_MAX: usize = 256;
/// Most assignees of one issue.
pub(crate) const ASSIGNEES_MAX: usize = 10;

impl Exchange<'_> {
    /// POST …/issues.
    pub(crate) fn create_issue(&mut self, repo: u64) -> Outcome {
        self.writable(repo)?;
        let has_issues = self.hub.repos.get(&repo).is_some_and(|repo| repo.has_issues);
        if !has_issues {
            return Err(Answer::message(410, "Issues has been disabled in this repository."));
        }
        let draft = self.draft(repo)?;
        self.create_content()?;
        let hand = self.hand();
        let id = self.hub.open_issue(repo, draft, &hand).ok_or_else(not_found)?;
        let shown = self.lens().issue(self.issue(id)?);
        let url = shown.at("url").as_str().unwrap_or_default().to_owned();
        Ok(Answer::json(201, shown).with("Location", url))
    }

    /// What the request asks to create; without push only title and body count, and nobody is told.
    fn draft(&self, repo: u64) -> Result<Draft, Answer> {
        let body = &self.call.body;
        let title = self.title()?.ok_or_else(|| invalid("title", "missing_field", Value::Null))?;
        let text = self.text()?.flatten();
        let draft = Draft { title, body: text, ..Draft::default() };
        if !self.can_push(repo) {
            return Ok(draft);
        }
        let mut assignees = texts(body.at("assignees")).unwrap_or_default();
        assignees.extend(body.at("assignee").as_str().map(str::to_owned));
        self.check_assignees(repo, &assignees)?;
        let labels = self.labels_given(repo)?.unwrap_or_default();
        Ok(Draft { assignees, labels, kind: body.at("type").as_str().map(str::to_owned), ..draft })
    }

    /// The title in the request, if it has one.
    pub(crate) fn title(&self) -> Result<Option<String>, Answer> {
        let given = match self.call.body.at("title") {
            Value::Null => return Ok(None),
            Value::String(text) => text.clone(),
            // GitHub takes numbers too.
            Value::Number(number) => number.to_string(),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err(invalid("title", "invalid", Value::Null));
            }
        };
        if given.trim().is_empty() {
            return Err(invalid("title", "missing_field", Value::Null));
        }
        if given.chars().count() > TITLE_MAX {
            let message = format!("title is too long (maximum is {TITLE_MAX} characters)");
            return Err(invalid("title", "custom", json!({"message": message})));
        }
        Ok(Some(given))
    }

    /// The body in the request: outer `None` if it says nothing, inner `None` to clear it.
    pub(crate) fn text(&self) -> Result<Option<Option<String>>, Answer> {
        match self.call.body.get("body") {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) if text.chars().count() > BODY_MAX => {
                let message = format!("body is too long (maximum is {BODY_MAX} characters)");
                Err(invalid("body", "custom", json!({"message": message})))
            }
            Some(Value::String(text)) => Ok(Some(Some(text.clone()))),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(invalid("body", "invalid", Value::Null))
            }
        }
    }

    /// 422 for assignees that an issue here cannot have.
    pub(crate) fn check_assignees(&self, repo: u64, logins: &[String]) -> Result<(), Answer> {
        if logins.len() > ASSIGNEES_MAX {
            let message = format!("An issue can have at most {ASSIGNEES_MAX} assignees");
            return Err(invalid("assignees", "custom", json!({"message": message})));
        }
        let repo = self.hub.repos.get(&repo).ok_or_else(not_found)?;
        match logins.iter().find(|login| !repo.is_assignable(login)) {
            Some(login) => Err(invalid("assignees", "invalid", json!({"value": login}))),
            None => Ok(()),
        }
    }

    /// The labels in the request; 422 for one the repository lacks when they are not made on the fly.
    pub(crate) fn labels_given(&self, repo: u64) -> Result<Option<Vec<String>>, Answer> {
        let Some(names) = texts(self.call.body.at("labels")) else { return Ok(None) };
        let repo = self.hub.repos.get(&repo).ok_or_else(not_found)?;
        let missing = names.iter().find(|name| !repo.labels.contains_key(&name.to_lowercase()));
        match missing {
            Some(name) if !self.settings.create_labels => {
                Err(invalid("labels", "invalid", json!({"value": name})))
            }
            Some(_) | None => Ok(Some(names)),
        }
    }

    /// GET …/issues/{number}.
    pub(crate) fn get_issue(&self, id: u64) -> Outcome {
        Ok(Answer::ok(self.lens().issue(self.issue(id)?)))
    }

    /// GET …/issues/{number}/events.
    pub(crate) fn events(&self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        let path = format!("/repositories/{}/issues/{}/events", issue.repo, issue.number);
        Ok(self.page(&issue.events, &path, |event| self.lens().event(issue, event)))
    }

    /// GET …/issues/{number}/timeline: events and comments, oldest first.
    pub(crate) fn timeline(&self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        let lens = self.lens();
        let mut entries: Vec<(String, u64, Value)> = Vec::new();
        for event in &issue.events {
            let mut shown = lens.event(issue, event);
            if let (Happening::Assigned(_) | Happening::Unassigned(_), Some(fields)) =
                (&event.what, shown.as_object_mut())
            {
                fields.remove("assigner");
            }
            entries.push((seconds(event.at), event.id, shown));
        }
        for comment in issue.comments.iter().filter_map(|id| self.hub.comments.get(id)) {
            let mut shown = lens.comment(comment);
            if let Some(fields) = shown.as_object_mut() {
                fields.insert("event".into(), "commented".into());
                fields.insert("actor".into(), lens.user(&comment.author));
            }
            entries.push((seconds(comment.created_at), comment.id, shown));
        }
        entries.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let path = format!("/repositories/{}/issues/{}/timeline", issue.repo, issue.number);
        Ok(self.page(&entries, &path, |entry| entry.2.clone()))
    }

    /// GET a repository.
    pub(crate) fn repo(&self, repo: u64, permission: Permission) -> Outcome {
        let repo = self.hub.repos.get(&repo).ok_or_else(not_found)?;
        Ok(Answer::ok(self.lens().repo(repo, permission)))
    }

    /// GET /user.
    pub(crate) fn me(&self) -> Outcome {
        if self.viewer.installation.is_some() {
            return Err(Answer::message(403, "Resource not accessible by integration"));
        }
        let login = self.viewer.login.as_deref();
        let login = login.ok_or_else(|| Answer::message(401, "Requires authentication"))?;
        self.user(login)
    }

    /// GET /users/{login}.
    pub(crate) fn user(&self, login: &str) -> Outcome {
        let person = self.people.by_login(login).ok_or_else(not_found)?;
        let mut shown = self.lens().user(login);
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("name".into(), person.name.clone().into());
            for name in ["company", "location", "email", "hireable", "bio"] {
                fields.insert(name.into(), Value::Null);
            }
            fields.insert("blog".into(), "".into());
            for name in ["public_repos", "public_gists", "followers", "following"] {
                fields.insert(name.into(), 0.into());
            }
            for name in ["created_at", "updated_at"] {
                fields.insert(name.into(), "2020-01-01T00:00:00Z".into());
            }
        }
        Ok(Answer::ok(shown))
    }
}

/// A list of names, each a string or an object with a `name`.
pub(crate) fn texts(value: &Value) -> Option<Vec<String>> {
    let name = |item: &Value| item.as_str().or_else(|| item.at("name").as_str()).map(str::to_owned);
    Some(value.as_array()?.iter().filter_map(name).collect())
}
