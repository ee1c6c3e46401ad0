//! Comments on issues.
//!
//! Knows comments only. Must not know the issue's other parts.

use serde_json::{Value, json};

use super::{
    Exchange,
    data::{Access, Comment, Issue},
    errors, no_issue,
};
use crate::sandbox::{
    clock::jira_time,
    wire::{Answer, At, Outcome},
};

impl Exchange<'_> {
    /// A comment.
    fn comment(&self, issue: &Issue, comment: &Comment) -> Value {
        let author = self.user_named(Some(&comment.author));
        let mut shown = json!({
            "self": self.url(&format!("/issue/{}/comment/{}", issue.id, comment.id)),
            "id": comment.id.to_string(),
            "author": author,
            "body": self.rich(&comment.body),
            "updateAuthor": author,
            "created": jira_time(comment.created_at),
            "updated": jira_time(comment.updated_at),
        });
        let expanded = self.call.param("expand").unwrap_or_default();
        if expanded.split(',').any(|part| part == "properties")
            && let Some(shown) = shown.as_object_mut()
        {
            shown.insert("properties".to_owned(), Value::Array(comment.properties.clone()));
        }
        shown
    }

    /// All comments of an issue, as a page.
    pub(crate) fn comment_page(&self, issue: &Issue) -> Value {
        let n_start = self.call.number("startAt", 0);
        let n_max = self.call.number("maxResults", 5000);
        let shown =
            issue.comments.iter().skip(n_start).take(n_max).map(|comment| self.comment(issue, comment));
        let shown: Vec<Value> = shown.collect();
        json!({"comments": shown, "maxResults": n_max, "total": issue.comments.len(), "startAt": n_start})
    }

    /// GET /issue/{id}/comment.
    pub(crate) fn list_comments(&self, id: u64) -> Outcome {
        Ok(Answer::ok(self.comment_page(self.issue(id)?)))
    }

    /// GET /issue/{id}/comment/{comment}.
    pub(crate) fn get_comment(&self, id: u64, comment: &str) -> Outcome {
        let issue = self.issue(id)?;
        let found = issue.comments.iter().find(|known| known.id.to_string() == comment);
        Ok(Answer::ok(self.comment(issue, found.ok_or_else(|| no_comment(comment))?)))
    }

    /// POST /issue/{id}/comment.
    pub(crate) fn add_comment(&mut self, id: u64) -> Outcome {
        self.require(id, Access::Comment)?;
        let text = self.comment_text()?;
        let hand = self.hand();
        let properties = self.call.body.at("properties").as_array().cloned().unwrap_or_default();
        let comment = self.site.comment(id, text, &hand);
        let made = self.site.issues.get_mut(&id).and_then(|issue| issue.comments.last_mut());
        if let Some(made) = made {
            made.properties = properties;
        }
        let shown = self.get_comment(id, &comment.to_string())?;
        Ok(Answer { status: 201, ..shown })
    }

    /// PUT /issue/{id}/comment/{comment}.
    pub(crate) fn edit_comment(&mut self, id: u64, comment: &str) -> Outcome {
        self.own(id, comment)?;
        let text = self.comment_text()?;
        let now = self.now;
        let issue = self.site.issues.get_mut(&id).ok_or_else(no_issue)?;
        let found = issue.comments.iter_mut().find(|known| known.id.to_string() == comment);
        let found = found.ok_or_else(|| no_comment(comment))?;
        found.body = text;
        found.updated_at = now;
        issue.updated_at = now;
        self.get_comment(id, comment)
    }

    /// DELETE /issue/{id}/comment/{comment}.
    pub(crate) fn delete_comment(&mut self, id: u64, comment: &str) -> Outcome {
        self.own(id, comment)?;
        let issue = self.site.issues.get_mut(&id).ok_or_else(no_issue)?;
        issue.comments.retain(|known| known.id.to_string() != comment);
        Ok(Answer::empty(204))
    }

    /// Refuses to touch a comment of somebody else.
    fn own(&self, id: u64, comment: &str) -> Result<(), Answer> {
        let found = self.issue(id)?.comments.iter().find(|known| known.id.to_string() == comment);
        let found = found.ok_or_else(|| no_comment(comment))?;
        let is_own = self.viewer.as_deref() == Some(&found.author);
        if is_own || self.access(self.project_of(id)?) >= Access::Admin {
            return Ok(());
        }
        Err(errors(400, &["You do not have the permission to edit this comment."], []))
    }

    fn comment_text(&self) -> Result<Value, Answer> {
        let given = self.call.body.at("body");
        if given.is_null() || given == "" {
            return Err(errors(400, &[], [("comment", "Comment body can not be empty!")]));
        }
        self.text(given).map_err(|reason| errors(400, &[], [("comment", reason.as_str())]))
    }
}

fn no_comment(id: &str) -> Answer {
    errors(404, &[&format!("Can not find a comment for the id: {id}.")], [])
}
