//! The people directory: who is who on which tracker.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::{
    finding::Owner,
    ids::{AccountId, PersonId},
    issue::TrackerKind,
};

/// One person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Full name, as documents may write it; never used to match an account.
    pub name: Option<String>,
    /// Other names that documents use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
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
    /// Names of the teams whose findings this person owns where nobody else is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_of: Vec<String>,
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
        self.names().any(|one| other.names().any(|other| is_same_name(one, other)))
            || alike(self.email.as_deref(), other.email.as_deref())
            || account(|person| person.github.as_ref())
            || account(|person| person.jira.as_ref())
            || account(|person| person.jira_dc.as_ref())
    }
}

/// A text without what tells nobody apart.
///
/// That is case, marks on letters, how many blanks there are, what is not seen, letters of other alphabets that look like
/// Latin ones, and what mail servers leave out behind a plus.
pub fn folded(text: &str) -> String {
    let plain: String = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        let bare = text.nfkd().filter(|c| !is_combining_mark(*c) && (c.is_whitespace() || !is_unseen(*c)));
        bare.collect::<String>().to_lowercase().chars().map(latin).collect()
    };
    let shown = plain.split_whitespace().map(|word| match (word.split_once('+'), word.rsplit_once('@')) {
        (Some((name, _)), Some((_, host))) if !name.is_empty() => format!("{name}@{host}"),
        (_, _) => word.to_owned(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// What two names have in common if they are one, whichever part of them comes first; empty where nothing is named.
pub fn name_key(name: &str) -> String {
    let folded = folded(name);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<&str> = words.collect();
    words.sort_unstable();
    words.join(" ")
}

/// Whether two names are one.
pub fn is_same_name(one: &str, other: &str) -> bool {
    let key = name_key(one);
    !key.is_empty() && key == name_key(other)
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The Latin letter that a small letter looks like (Unicode Technical Standard 39, confusables), as far as names are
/// written with it.
fn latin(c: char) -> char {
    match c {
        'а' | 'α' | 'ɑ' => 'a',
        'в' | 'β' | 'ʙ' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' | 'đ' => 'd',
        'е' | 'ε' | 'є' => 'e',
        'ɡ' => 'g',
        'һ' | 'н' => 'h',
        'і' | 'ι' | 'ı' | 'ɩ' => 'i',
        'ј' | 'ϳ' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' | 'ł' => 'l',
        'м' | 'μ' => 'm',
        'ո' | 'η' => 'n',
        'о' | 'ο' | 'օ' | 'ø' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' | 'ʂ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' => 'y',
        'ʐ' => 'z',
        c => c,
    }
}

/// Everybody we know. Nobody is ever guessed: a name that two entries have is nobody's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People(pub BTreeMap<PersonId, Person>);

impl People {
    /// Every entry that is the same human as this one, itself among them: they share a login, an account, an e-mail address,
    /// a name or a key, or what looks like one. Used to refuse, never to match.
    pub fn same_human<'a>(&'a self, id: &'a PersonId) -> impl Iterator<Item = (&'a PersonId, &'a Person)> {
        self.0.iter().filter(move |(other, _)| self.is_same_human(id, other))
    }

    /// Whether two keys of the directory are one human as far as anybody can tell.
    pub fn is_same_human(&self, one: &PersonId, other: &PersonId) -> bool {
        one == other
            || folded(one.as_str()) == folded(other.as_str())
            || self.0.get(one).zip(self.0.get(other)).is_some_and(|(one, other)| one.is_like(other))
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
}
