//! The people directory: every account belongs to one person.

use std::{collections::BTreeMap, path::Path};

use super::{
    file::{
        PEOPLE,
        main::MainFile,
        part::Part,
        people::{PeopleFile, PersonEntry},
    },
    literal,
    reading::{MISSING, Reading, member},
};
use crate::model::{
    ids::{AccountId, PersonId},
    people::{People, Person, name_key},
};

/// The directory that is read when the main file names none.
const DEFAULT: &str = "people.yaml";

/// Reads the people directory of the main file.
pub(super) fn people(page: &mut Reading, file: &MainFile) -> People {
    let named = match &file.people {
        Some(named) => page.part("/people", named).cloned(),
        None => None,
    };
    let path = page.beside(named.as_deref().unwrap_or(DEFAULT));
    if named.is_none() && (file.people.is_some() || !path.exists()) {
        if file.people.is_none() {
            let message =
                "there is no people directory: nobody can be assigned, and nobody may verify".to_owned();
            page.warn("", "people", message, Some(format!("create `{DEFAULT}` beside this file")));
        }
        return People::default();
    }
    directory(page, &path).unwrap_or_default()
}

fn directory(page: &mut Reading, path: &Path) -> Option<People> {
    let mut other = match Reading::open(path) {
        Ok(other) => other,
        Err(error) if error.code == MISSING => {
            let message = format!("there is no people directory `{}`", error.path);
            let help = "paths are relative to this file's folder".to_owned();
            page.error("/people", "people", message, Some(help));
            return None;
        }
        Err(error) => {
            page.notice([error]);
            return None;
        }
    };
    other.check(&PEOPLE);
    let file: Part<PeopleFile> = other.parse();
    let people = match other.part("", &file) {
        Some(file) => entries(&mut other, file),
        None => People::default(),
    };
    literal::refuse_all(&mut other);
    page.consulted(other.text());
    page.notice(other.into_noticed());
    Some(people)
}

fn entries(page: &mut Reading, file: &PeopleFile) -> People {
    let mut people = BTreeMap::new();
    let mut accounts = Accounts::default();
    for (key, entry) in &file.0 {
        let at = member("", key);
        let Some(entry) = page.part(&at, entry) else { continue };
        if key.trim().is_empty() || key.trim() != key || key.chars().any(char::is_whitespace) {
            page.error_at_key(
                &at,
                "people",
                format!("`{key}` is not a key for a person: it has blanks"),
                None,
            );
        }
        check_accounts(page, &at, entry, &mut accounts);
        people.insert(PersonId::new(key.clone()), person(entry));
    }
    check_names(page, &people);
    if !people.values().any(|person: &Person| person.reviewer) {
        let message = "nobody is a reviewer, so no finding can ever be resolved".to_owned();
        page.warn("", "people", message, Some("add `reviewer: true` to whoever verifies".to_owned()));
    }
    People(people)
}

/// Two entries of one name are most likely one human: they count as such where nobody may decide on their own work.
fn check_names(page: &mut Reading, people: &BTreeMap<PersonId, Person>) {
    let mut seen: BTreeMap<String, &PersonId> = BTreeMap::new();
    for (id, person) in people {
        let Some(name) = person.name.as_deref().map(name_key).filter(|name| !name.is_empty()) else {
            continue;
        };
        let Some(first) = seen.get(&name) else {
            seen.insert(name, id);
            continue;
        };
        let message = format!(
            "`{id}` has the name of `{first}`: both count as one human, and neither verifies what the other had a part in"
        );
        let help =
            "if they are two people, write names that tell them apart; if not, keep one entry".to_owned();
        page.warn(&format!("{}/name", member("", id.as_str())), "duplicate_name", message, Some(help));
    }
}

fn person(entry: &PersonEntry) -> Person {
    let account = |text: &Option<String>| text.as_ref().map(|text| AccountId::new(text.clone()));
    Person {
        name: entry.name.clone(),
        email: entry.email.clone(),
        github: entry.github.as_ref().map(|login| AccountId::new(login.to_lowercase())),
        jira: account(&entry.jira),
        jira_dc: account(&entry.jira_dc),
        team: entry.team.clone(),
        reviewer: entry.reviewer,
    }
}

/// Where each account was first seen, by field and text.
type Accounts = BTreeMap<(&'static str, String), String>;

/// Every account belongs to one person: otherwise an assignee would stand for two.
fn check_accounts(page: &mut Reading, at: &str, entry: &PersonEntry, seen: &mut Accounts) {
    let fields = [
        ("email", entry.email.as_ref().map(|text| text.to_lowercase())),
        ("github", entry.github.as_ref().map(|text| text.to_lowercase())),
        ("jira", entry.jira.clone()),
        ("jira_dc", entry.jira_dc.clone()),
    ];
    for (field, text) in fields {
        let Some(text) = text else { continue };
        let pointer = format!("{at}/{field}");
        if let Some((what, help)) = misshapen(field, &text) {
            page.error(&pointer, "people", format!("this is not {what}"), Some(help.to_owned()));
        }
        if let Some(first) = seen.get(&(field, text.clone())) {
            let person = first.trim_start_matches('/');
            let message = format!(
                "this {field} account belongs to `{person}` already, on line {}",
                page.line(&format!("{first}/{field}"))
            );
            page.error(
                &pointer,
                "duplicate_account",
                message,
                Some("each account belongs to one person".to_owned()),
            );
            continue;
        }
        seen.insert((field, text), at.to_owned());
    }
}

/// What a text should have been, when it is not an account of its field.
fn misshapen(field: &str, text: &str) -> Option<(&'static str, &'static str)> {
    let is_login = |text: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '[' | ']'))
    };
    match field {
        "email" if !text.contains('@') => Some(("an e-mail address", "write it like `alice@acme.example`")),
        "github" if !is_login(text) => Some(("a GitHub login", "write it without `@`, such as `alice-acme`")),
        _ if text.trim().is_empty() => Some(("an account", "leave the key out instead")),
        _ => None,
    }
}
