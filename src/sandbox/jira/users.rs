//! Looking people up.
//!
//! Knows how each edition names people. Must not know issues.

use super::{
    Exchange,
    data::{Access, Project},
    errors,
};
use crate::sandbox::{
    people::Person,
    wire::{Answer, Outcome},
};

impl Exchange<'_> {
    /// GET /user.
    pub(crate) fn get_user(&self) -> Outcome {
        let found = if self.is_cloud() {
            self.call.param("accountId").and_then(|account| self.people.by_account(&account))
        } else {
            self.call.param("username").and_then(|name| self.people.by_login(&name))
        };
        Ok(Answer::ok(self.user(found.ok_or_else(no_user)?)))
    }

    /// GET /user/search: empty for nobody in particular, and that is no error.
    pub(crate) fn search_users(&self) -> Outcome {
        self.check_parameters()?;
        let wanted = self.query().to_lowercase();
        let account = self.call.param("accountId");
        let hides = self.settings.hide_email;
        let fits = |person: &&Person| {
            let words = person.name.to_lowercase();
            let by_name =
                words.split(' ').any(|word| word.starts_with(&wanted)) || words.starts_with(&wanted);
            let by_email = !hides && person.email.to_lowercase().starts_with(&wanted);
            let by_login = !self.is_cloud() && person.login.to_lowercase().starts_with(&wanted);
            match &account {
                Some(account) => person.account_id == *account,
                None => wanted == "." || !wanted.is_empty() && (by_name || by_email || by_login),
            }
        };
        let found = self.people.all().filter(|_| self.viewer.is_some()).filter(fits);
        Ok(self.page_of(found))
    }

    /// GET /user/assignable/search.
    pub(crate) fn assignable_users(&self) -> Outcome {
        self.check_parameters()?;
        let project = self.assignable_scope()?;
        let wanted = self.query().to_lowercase();
        let account = self.call.param("accountId");
        let fits = |person: &&Person| {
            let text =
                format!("{} {}", person.name, if self.settings.hide_email { "" } else { &person.email })
                    .to_lowercase();
            let by_text = text.split(' ').any(|word| word.starts_with(&wanted)) || text.starts_with(&wanted);
            let by_login = !self.is_cloud() && person.login.to_lowercase().starts_with(&wanted);
            let is_wanted =
                account.as_ref().map_or(by_text || by_login, |account| person.account_id == *account);
            is_wanted && person.is_active && project.is_assignable(&person.login)
        };
        let may_look = self.access(project) >= Access::Browse && self.viewer.is_some();
        Ok(self.page_of(self.people.all().filter(|_| may_look).filter(fits)))
    }

    fn assignable_scope(&self) -> Result<&Project, Answer> {
        if let Some(key) = self.call.param("project") {
            return self.visible_project(&key);
        }
        if let Some(key) = self.call.param("issueKey").or_else(|| self.call.param("issueId")) {
            return self.project_of(self.visible_issue(&key)?);
        }
        Err(errors(400, &["Either 'project' or 'issueKey' is required."], []))
    }

    /// Cloud refuses to look people up by name; Data Center knows no accounts.
    fn check_parameters(&self) -> Result<(), Answer> {
        if self.is_cloud() && self.call.param("username").is_some() {
            let message =
                "'accountId' must be the only user identifying query parameter in GDPR strict mode.";
            return Err(errors(400, &[message], []));
        }
        Ok(())
    }

    fn query(&self) -> String {
        let name = if self.is_cloud() { "query" } else { "username" };
        self.call.param(name).unwrap_or_default()
    }

    fn page_of<'p>(&self, people: impl Iterator<Item = &'p Person>) -> Answer {
        let (n_start, n_max) = (self.call.number("startAt", 0), self.call.number("maxResults", 50));
        Answer::ok(people.skip(n_start).take(n_max.min(1000)).map(|person| self.user(person)).collect())
    }
}

fn no_user() -> Answer {
    errors(404, &["The user does not exist or you do not have permission to see them."], [])
}
