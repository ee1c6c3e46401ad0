//! The people directory: every account belongs to one person.

use std::{collections::BTreeMap, path::Path};

use super::{
    file::{
        PEOPLE,
        main::MainFile,
        part::Part,
        people::{PeopleFile, PersonEntry, TeamEntry},
    },
    literal,
    reading::{MISSING, Reading, member},
    suggest::advice,
};
use crate::model::{
    ids::{AccountId, PersonId},
    owner::team_key,
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
    for (key, entry) in &file.people {
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
    teams(page, file, &mut people);
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
        let at = member("", id.as_str());
        let name = person.name.iter().map(|name| (format!("{at}/name"), name));
        let aliases = person.aliases.iter().enumerate().map(|(n, name)| (format!("{at}/aliases/{n}"), name));
        for (pointer, written) in name.chain(aliases) {
            let name = name_key(written);
            let first = *seen.entry(name.clone()).or_insert(id);
            if name.is_empty() || first == id {
                continue;
            }
            let message = format!(
                "`{id}` has the name of `{first}`: both count as one human, and neither verifies what the other had a part in"
            );
            let help =
                "if they are two people, write names that tell them apart; if not, keep one entry".to_owned();
            page.warn(&pointer, "duplicate_name", message, Some(help));
        }
    }
}

/// Takes the teams in: who is in one, and whose the findings are that name nobody else.
fn teams(page: &mut Reading, file: &PeopleFile, people: &mut BTreeMap<PersonId, Person>) {
    let mut seen = BTreeMap::new();
    for (at, team) in page.items("/teams", &file.teams) {
        let names = std::iter::once(&team.name).chain(&team.aliases);
        for name in names {
            let key = team_key(name);
            if key.is_empty() {
                page.error(&at, "people", format!("`{name}` says no team's name"), None);
            } else if let Some(first) = seen.insert(key, at.clone()).filter(|first| *first != at) {
                let message = format!("`{name}` names the team on line {} already", page.line(&first));
                page.error(&at, "duplicate_team", message, Some("name each team once".to_owned()));
            }
        }
        take_team(page, &at, team, people);
    }
}

fn take_team(page: &mut Reading, at: &str, team: &TeamEntry, people: &mut BTreeMap<PersonId, Person>) {
    let known: Vec<String> = people.keys().map(ToString::to_string).collect();
    let members = team.members.iter().enumerate().map(|(n, key)| (format!("{at}/members/{n}"), key));
    let default = (format!("{at}/default"), &team.default);
    for (pointer, key) in members.chain([default]) {
        let Some(person) = people.get_mut(&PersonId::new(key.as_str())) else {
            let message = format!("there is no person `{key}`");
            let help = advice(key, known.iter().map(String::as_str));
            page.error(&pointer, "unknown_person", message, help);
            continue;
        };
        person.team.get_or_insert_with(|| team.name.clone());
        if pointer.ends_with("/default") {
            person.default_of.extend(std::iter::once(&team.name).chain(&team.aliases).cloned());
        }
    }
}

fn person(entry: &PersonEntry) -> Person {
    let account = |text: &Option<String>| text.as_ref().map(|text| AccountId::new(text.clone()));
    Person {
        name: entry.name.clone(),
        aliases: entry.aliases.clone(),
        email: entry.email.clone(),
        github: entry.github.as_ref().map(|login| AccountId::new(login.to_lowercase())),
        jira: account(&entry.jira),
        jira_dc: account(&entry.jira_dc),
        team: entry.team.clone(),
        default_of: Vec::new(),
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
