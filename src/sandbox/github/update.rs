//! PATCH of an issue, and locking.
//!
//! Knows which parts of an update count for whom. Must not know how a change is recorded.

use serde_json::Value;

use super::{Exchange, data::Permission, invalid, issues::texts};
use crate::sandbox::wire::{Answer, At, Outcome};

/// The reasons an update may give.
const REASONS: [&str; 4] = ["completed", "not_planned", "duplicate", "reopened"];

impl Exchange<'_> {
    /// PATCH …/issues/{number}.
    pub(crate) fn update_issue(&mut self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        let (repo, is_author) = (issue.repo, self.viewer.login.as_deref() == Some(&issue.author));
        if is_author {
            self.writable(repo)?
        } else {
            self.require(repo, Permission::Triage)?
        }
        let (title, text, state) = (self.title()?, self.text()?, self.state()?);
        let push = self.can_push(repo);
        let assignees = if push { self.assignees_given()? } else { None };
        if let Some(logins) = &assignees {
            self.check_assignees(repo, logins)?;
        }
        let labels = if push { self.labels_given(repo)? } else { None };
        let hand = self.hand();
        if let Some(title) = title {
            self.hub.set_title(id, &title, &hand);
        }
        if let Some(text) = text {
            self.hub.set_body(id, text, &hand);
        }
        if let Some(labels) = labels {
            self.hub.set_labels(id, &labels, &hand);
        }
        if let Some(logins) = assignees {
            self.hub.set_assignees(id, &logins, &hand);
        }
        if let (true, Some(issue)) = (push, self.hub.issues.get_mut(&id)) {
            set_kind(&mut issue.kind, self.call.body.get("type"));
        }
        if let Some((open, reason)) = state {
            self.hub.set_state(id, open, reason, &hand);
        }
        self.get_issue(id)
    }

    fn assignees_given(&self) -> Result<Option<Vec<String>>, Answer> {
        let body = &self.call.body;
        match body.get("assignees") {
            Some(list) => texts(list).map(Some).ok_or_else(|| invalid("assignees", "invalid", Value::Null)),
            None => Ok(body.at("assignee").as_str().map(|login| vec![login.to_owned()])),
        }
    }

    /// The state asked for, with its reason. A reason without a state is ignored, as GitHub ignores it.
    fn state(&self) -> Result<Option<(bool, Option<String>)>, Answer> {
        let body = &self.call.body;
        let reason = body.at("state_reason").as_str().map(str::to_owned);
        if reason.as_deref().is_some_and(|reason| !REASONS.contains(&reason)) {
            return Err(invalid("state_reason", "invalid", Value::Null));
        }
        match body.at("state").as_str() {
            None => Ok(None),
            Some("open") => Ok(Some((true, None))),
            Some("closed") => Ok(Some((false, reason.filter(|reason| reason != "reopened")))),
            Some(_) => Err(invalid("state", "invalid", Value::Null)),
        }
    }

    /// PUT and DELETE …/lock.
    pub(crate) fn lock(&mut self, id: u64, locked: bool) -> Outcome {
        let repo = self.issue(id)?.repo;
        self.require(repo, Permission::Push)?;
        let hand = self.hand();
        self.hub.set_locked(id, locked, &hand);
        Ok(Answer::empty(204))
    }
}

fn set_kind(kind: &mut Option<String>, given: Option<&Value>) {
    if let Some(given) = given {
        *kind = given.as_str().map(str::to_owned);
    }
}
