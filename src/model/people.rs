//! The people directory: who is who on which tracker.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    finding::Owner,
    ids::{AccountId, PersonId},
    issue::TrackerKind,
};

/// One person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name for people to read; never used to match an account or an owner.
    pub name: Option<String>,
    /// E-mail address, as documents may write it.
    pub email: Option<String>,
    /// GitHub login, in lower case.
    pub github: Option<AccountId>,
    /// Jira Cloud account id.
    pub jira: Option<AccountId>,
    /// Jira Data Center user name.
    pub jira_dc: Option<AccountId>,
    /// Team.
    pub team: Option<String>,
    /// Whether this person may verify, reject, extend, waive and dismiss.
    pub reviewer: bool,
}

impl Person {
    /// Whether both entries are one human as far as anybody can tell.
    pub fn is_like(&self, other: &Self) -> bool {
        let alike = |one: Option<&str>, other: Option<&str>| {
            one.zip(other).is_some_and(|(one, other)| !one.trim().is_empty() && folded(one) == folded(other))
        };
        let account = |of: fn(&Self) -> Option<&AccountId>| {
            alike(of(self).map(AccountId::as_str), of(other).map(AccountId::as_str))
        };
        alike(self.name.as_deref(), other.name.as_deref())
            || alike(self.email.as_deref(), other.email.as_deref())
            || account(|person| person.github.as_ref())
            || account(|person| person.jira.as_ref())
            || account(|person| person.jira_dc.as_ref())
    }
}

/// A text without what tells nobody apart: case, and how many blanks there are.
pub fn folded(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Everybody we know. Nobody is ever guessed from a display name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People(pub BTreeMap<PersonId, Person>);

impl People {
    /// Every entry that is the same human as this one, itself among them: they share a login, an account, an e-mail address, or,
    /// whatever its case, a name. Used to refuse, never to match.
    pub fn same_human<'a>(&'a self, id: &'a PersonId) -> impl Iterator<Item = (&'a PersonId, &'a Person)> {
        let one = self.0.get(id);
        self.0
            .iter()
            .filter(move |(other, person)| *other == id || one.is_some_and(|one| one.is_like(person)))
    }

    /// Who an account on a tracker belongs to. GitHub logins ignore case; Jira ids do not.
    pub fn of_account(&self, kind: TrackerKind, account: &AccountId) -> Option<&PersonId> {
        self.0
            .iter()
            .find(|(_, person)| match kind {
                TrackerKind::Github => person
                    .github
                    .as_ref()
                    .is_some_and(|login| login.as_str().eq_ignore_ascii_case(account.as_str())),
                TrackerKind::JiraCloud => person.jira.as_ref() == Some(account),
                TrackerKind::JiraDataCenter => person.jira_dc.as_ref() == Some(account),
            })
            .map(|(id, _)| id)
    }

    /// The account that a person has on a kind of tracker.
    pub fn account(&self, kind: TrackerKind, person: &PersonId) -> Option<&AccountId> {
        let person = self.0.get(person)?;
        match kind {
            TrackerKind::Github => person.github.as_ref(),
            TrackerKind::JiraCloud => person.jira.as_ref(),
            TrackerKind::JiraDataCenter => person.jira_dc.as_ref(),
        }
    }

    /// The owner that an account stands for.
    pub fn owner_of(&self, kind: TrackerKind, account: &AccountId) -> Owner {
        match self.of_account(kind, account) {
            Some(person) => Owner::Person(person.clone()),
            None => Owner::Unmapped(format!("{}:{account}", kind.as_str())),
        }
    }

    /// The owner that a document's text stands for: a key of the directory, an e-mail address, `@github-login` or `jira:accountId`.
    pub fn owner_written(&self, text: &str) -> Owner {
        let text = text.trim();
        if text.is_empty() {
            return Owner::Nobody;
        }
        let found = self.0.iter().find(|(id, person)| {
            let login = text.strip_prefix('@').is_some_and(|login| {
                person.github.as_ref().is_some_and(|known| known.as_str().eq_ignore_ascii_case(login))
            });
            let account = text.strip_prefix("jira:").is_some_and(|account| {
                [&person.jira, &person.jira_dc].into_iter().flatten().any(|known| known.as_str() == account)
            });
            let email = person.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(text));
            id.as_str() == text || login || account || email
        });
        match found {
            Some((id, _)) => Owner::Person(id.clone()),
            None => Owner::Unmapped(text.to_owned()),
        }
    }
}
