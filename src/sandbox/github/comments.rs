//! Comments on issues.
//!
//! Knows comments only. Must not know the issue's other parts.

use serde_json::Value;

use super::{
    Exchange,
    data::{Comment, Permission, Slot},
    invalid,
    issues::BODY_MAX,
    not_found,
};
use crate::sandbox::{
    clock::seconds,
    wire::{Answer, At, Outcome},
};

impl Exchange<'_> {
    /// GET …/issues/{number}/comments.
    pub(crate) fn list_comments(&self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        let since = self.call.param("since").unwrap_or_default();
        let comments: Vec<&Comment> =
            issue.comments.iter().filter_map(|id| self.hub.comments.get(id)).collect();
        let recent: Vec<&Comment> =
            comments.into_iter().filter(|comment| seconds(comment.updated_at) >= since).collect();
        let path = format!("/repositories/{}/issues/{}/comments", issue.repo, issue.number);
        Ok(self.page(&recent, &path, |comment| self.lens().comment(comment)))
    }

    /// GET …/issues/comments of a repository.
    pub(crate) fn repo_comments(&self, repo: u64) -> Outcome {
        let since = self.call.param("since").unwrap_or_default();
        let found = self.hub.repos.get(&repo).ok_or_else(not_found)?;
        let ids = found.slots.values().filter_map(|slot| match slot {
            Slot::Issue(id) => self.hub.issues.get(id),
            Slot::Moved { .. } | Slot::Deleted => None,
        });
        let comments = ids.flat_map(|issue| &issue.comments).filter_map(|id| self.hub.comments.get(id));
        let recent: Vec<&Comment> = comments.filter(|comment| seconds(comment.updated_at) >= since).collect();
        let path = format!("/repositories/{repo}/issues/comments");
        Ok(self.page(&recent, &path, |comment| self.lens().comment(comment)))
    }

    /// GET …/issues/comments/{id}.
    pub(crate) fn get_comment(&self, id: &str) -> Outcome {
        let comment = id.parse().ok().and_then(|id: u64| self.hub.comments.get(&id)).ok_or_else(not_found)?;
        Ok(Answer::ok(self.lens().comment(comment)))
    }

    /// POST …/issues/{number}/comments.
    pub(crate) fn create_comment(&mut self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        let (repo, is_locked) = (issue.repo, issue.is_locked);
        self.writable(repo)?;
        if is_locked && !self.can_push(repo) {
            return Err(Answer::message(403, "Unable to create comment because issue is locked."));
        }
        let text = self.comment_text()?;
        self.create_content()?;
        let hand = self.hand();
        let comment = self.hub.add_comment(id, &text, &hand);
        let shown = self.get_comment(&comment.to_string())?;
        Ok(Answer { status: 201, ..shown })
    }

    /// PATCH …/issues/comments/{id}.
    pub(crate) fn edit_comment(&mut self, repo: u64, id: &str) -> Outcome {
        self.own_comment(repo, id)?;
        let text = self.comment_text()?;
        let now = self.now;
        let comment =
            id.parse().ok().and_then(|id: u64| self.hub.comments.get_mut(&id)).ok_or_else(not_found)?;
        comment.body = text;
        comment.updated_at = now;
        self.get_comment(id)
    }

    /// DELETE …/issues/comments/{id}.
    pub(crate) fn delete_comment(&mut self, repo: u64, id: &str) -> Outcome {
        self.own_comment(repo, id)?;
        let id: u64 = id.parse().map_err(|_| not_found())?;
        let comment = self.hub.comments.remove(&id).ok_or_else(not_found)?;
        if let Some(issue) = self.hub.issues.get_mut(&comment.issue) {
            issue.comments.retain(|known| *known != id);
        }
        Ok(Answer::empty(204))
    }

    /// Refuses to touch a comment of somebody else without push.
    fn own_comment(&self, repo: u64, id: &str) -> Result<(), Answer> {
        let comment = id.parse().ok().and_then(|id: u64| self.hub.comments.get(&id)).ok_or_else(not_found)?;
        if self.viewer.login.as_deref() == Some(&comment.author) {
            return self.writable(repo);
        }
        self.require(repo, Permission::Push)
    }

    fn comment_text(&self) -> Result<String, Answer> {
        let text = self.call.body.at("body").as_str().filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| invalid("body", "missing_field", Value::Null))?;
        if text.chars().count() > BODY_MAX {
            let message = format!("body is too long (maximum is {BODY_MAX} characters)");
            return Err(invalid("body", "custom", serde_json::json!({"message": message})));
        }
        Ok(text.to_owned())
    }
}
