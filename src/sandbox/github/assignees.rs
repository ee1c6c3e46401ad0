//! Assignees of repositories and issues.
//!
//! Knows who can be assigned, and that GitHub drops the others without a word. Must not know updates.

use serde_json::{Value, json};

use super::{
    Exchange,
    change::contains,
    data::{Permission, Repo},
    invalid,
    issues::{ASSIGNEES_MAX, texts},
    not_found,
};
use crate::sandbox::wire::{Answer, At, Outcome};

impl Exchange<'_> {
    /// GET …/assignees.
    pub(crate) fn list_assignees(&self, repo: u64) -> Outcome {
        let found = self.hub.repos.get(&repo).ok_or_else(not_found)?;
        let people = self.people.all().filter(|person| found.is_assignable(&person.login));
        let logins: Vec<&str> = people.map(|person| person.login.as_str()).collect();
        Ok(self.page(&logins, &format!("/repositories/{repo}/assignees"), |login| self.lens().user(login)))
    }

    /// GET …/assignees/{login}.
    pub(crate) fn check_assignee(&self, repo: u64, login: &str) -> Outcome {
        let is_assignable = self.hub.repos.get(&repo).is_some_and(|repo| repo.is_assignable(login));
        if is_assignable { Ok(Answer::empty(204)) } else { Err(not_found()) }
    }

    /// GET …/issues/{number}/assignees/{login}.
    pub(crate) fn check_issue_assignee(&self, issue: u64, login: &str) -> Outcome {
        self.check_assignee(self.issue(issue)?.repo, login)
    }

    /// POST …/issues/{number}/assignees.
    pub(crate) fn add_assignees(&mut self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        let repo = issue.repo;
        self.writable(repo)?;
        let mut wanted = issue.assignees.clone();
        let given = self.names_given()?;
        let assignable = |repo: &Repo, login: &String| repo.is_assignable(login);
        let Some(found) = self.hub.repos.get(&repo).filter(|_| self.can_push(repo)) else {
            return self.get_issue(id).map(created);
        };
        wanted.extend(given.into_iter().filter(|login| assignable(found, login)));
        let n_wanted = wanted
            .iter()
            .enumerate()
            .filter(|(n, login)| !contains(wanted.get(..*n).unwrap_or_default(), login))
            .count();
        if n_wanted > ASSIGNEES_MAX {
            let message = format!("An issue can have at most {ASSIGNEES_MAX} assignees");
            return Err(invalid("assignees", "custom", json!({"message": message})));
        }
        let hand = self.hand();
        self.hub.set_assignees(id, &wanted, &hand);
        self.get_issue(id).map(created)
    }

    /// DELETE …/issues/{number}/assignees.
    pub(crate) fn remove_assignees(&mut self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        let repo = issue.repo;
        self.writable(repo)?;
        let given = self.names_given()?;
        let mut wanted = issue.assignees.clone();
        wanted.retain(|login| !contains(&given, login));
        if self.permission(repo) >= Permission::Push {
            let hand = self.hand();
            self.hub.set_assignees(id, &wanted, &hand);
        }
        self.get_issue(id)
    }

    fn names_given(&self) -> Result<Vec<String>, Answer> {
        let given = self.call.body.at("assignees");
        let one = given.as_str().map(|login| vec![login.to_owned()]);
        texts(given).or(one).ok_or_else(|| invalid("assignees", "missing_field", Value::Null))
    }
}

fn created(answer: Answer) -> Answer {
    Answer { status: 201, ..answer }
}
