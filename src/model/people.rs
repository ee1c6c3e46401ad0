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
    /// Name for people to read; never used to match.
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

/// Everybody we know. Nobody is ever guessed from a display name (P-17, P-20).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People(pub BTreeMap<PersonId, Person>);

impl People {
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
