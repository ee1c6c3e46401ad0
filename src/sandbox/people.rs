//! The people of the sandbox; everybody exists on every tracker.
//!
//! Knows names and ids. Must not know who may do what: that belongs to repositories and projects.

use std::collections::BTreeMap;

/// One person, or a bot.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The numeric id on GitHub.
    pub(crate) id: u64,
    /// The login on GitHub and the user name in Jira Data Center.
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// The account id in Jira Cloud.
    pub(crate) account_id: String,
    pub(crate) is_bot: bool,
    pub(crate) is_active: bool,
    pub(crate) time_zone: String,
}

/// Everybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    by_login: BTreeMap<String, Person>,
    logins_by_account: BTreeMap<String, String>,
}

impl People {
    /// Adds a person, or replaces the one with that login.
    pub(crate) fn add(&mut self, person: Person) {
        self.logins_by_account.insert(person.account_id.clone(), person.login.clone());
        self.by_login.insert(person.login.to_lowercase(), person);
    }

    /// The next free numeric id.
    pub(crate) fn next_id(&self) -> u64 {
        1001 + self.by_login.len() as u64
    }

    /// The person with that login, whatever the case.
    pub(crate) fn by_login(&self, login: &str) -> Option<&Person> {
        self.by_login.get(&login.to_lowercase())
    }

    /// The person with that Jira Cloud account.
    pub(crate) fn by_account(&self, account: &str) -> Option<&Person> {
        self.by_login(self.logins_by_account.get(account)?)
    }

    /// Everybody, by login.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Person> {
        self.by_login.values()
    }

    /// Every login, for messages.
    pub(crate) fn logins(&self) -> Vec<String> {
        self.all().map(|person| person.login.clone()).collect()
    }
}
