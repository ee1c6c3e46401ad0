//! Whom a document means by what it writes as an owner: one person, several, or a team.
//!
//! Knows how documents write people and teams. Knows nothing of the accounts that trackers assign, and never guesses: what two
//! entries of the directory answer to is nobody.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::{
    finding::{Finding, Owner},
    ids::{AccountId, PersonId},
    issue::TrackerKind,
    likeness,
    people::{People, Person},
};

/// What an owner's text comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The owner: the first who is named and known.
    pub owner: Owner,
    /// Who is named beside the owner, as written.
    pub others: Vec<String>,
    /// The team that the owner is the default assignee of, where no person is named.
    pub team: Option<String>,
}

/// Words between the names of people, in the languages that write-ups are read in.
const AND: &[&str] = &[
    " and ", " und ", " et ", " y ", " e ", " en ", " och ", " og ", " i ", " with ", " mit ", " oraz ",
    " и ", " sowie ", " plus ",
];

/// Words that a team is called with or without.
const TEAM: &[&str] =
    &["team", "the", "squad", "equipe", "equipo", "el", "le", "la", "l", "das", "チーム", "团队"];

/// The names in a text that may name several people: `ana, bo and chen`.
pub fn names(text: &str) -> Vec<&str> {
    let stops = [',', ';', '/', '&', '|', '\n', '、', '，', '；', '和', '及', '与', '·', '•'];
    let mut parts: Vec<&str> = text.split(stops).collect();
    for word in AND {
        parts = parts.into_iter().flat_map(|part| part.split(word)).collect();
    }
    parts.into_iter().flat_map(apart).map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// The names in what no comma or word separates. Behind a plus an address goes on, and in brackets it may stand.
fn apart(part: &str) -> Vec<&str> {
    let mut words = part.split_whitespace();
    if part.matches('@').nth(1).is_some() && words.all(|word| word.starts_with('@')) {
        return part.split_whitespace().collect();
    }
    if part.contains('@') { vec![part] } else { part.split(['+', '(', ')', '（', '）']).collect() }
}

/// A name without case, marks on letters, width and order of its words; empty where nothing is named.
fn plain(name: &str) -> String {
    let bare: String = name.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let lower = bare.to_lowercase().replace('ß', "ss");
    let mut words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.sort_unstable();
    words.join(" ")
}

/// A team's name without what it may be called with or without: `@acme/platform`, `Platform team`, `platform`.
pub fn team_key(name: &str) -> String {
    let bare = match name.trim().strip_prefix('@') {
        Some(handle) => handle.rsplit('/').next().unwrap_or(handle),
        None => name,
    };
    let words = plain(bare);
    let kept: Vec<&str> = words.split(' ').filter(|word| !TEAM.contains(word)).collect();
    kept.join(" ")
}

impl Person {
    /// Every name that documents may call this person by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.name.iter().chain(&self.aliases).map(String::as_str)
    }

    /// Every account of this person, with the kind of tracker.
    fn accounts(&self) -> impl Iterator<Item = (TrackerKind, &AccountId)> {
        let github = self.github.iter().map(|account| (TrackerKind::Github, account));
        let cloud = self.jira.iter().map(|account| (TrackerKind::JiraCloud, account));
        github.chain(cloud).chain(self.jira_dc.iter().map(|account| (TrackerKind::JiraDataCenter, account)))
    }

    /// Whether a text is an address or an account of this person, or the key, as it is written.
    fn is_exactly(&self, id: &PersonId, text: &str) -> bool {
        let email = self.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(text));
        let login = text.strip_prefix('@').or_else(|| text.strip_prefix("github:")).is_some_and(|login| {
            self.github.as_ref().is_some_and(|known| known.as_str().eq_ignore_ascii_case(login))
        });
        let account = text.strip_prefix("jira:").is_some_and(|account| {
            [&self.jira, &self.jira_dc].into_iter().flatten().any(|known| known.as_str() == account)
        });
        id.as_str() == text || login || account || email
    }

    /// Whether a text is the key, or a name of this person, however it is spelled.
    fn is_called(&self, id: &PersonId, text: &str) -> bool {
        let bare = text.strip_prefix('@').unwrap_or(text);
        let key = plain(bare);
        let named = !key.is_empty() && self.names().any(|name| plain(name) == key);
        id.as_str().eq_ignore_ascii_case(bare) || named
    }
}

impl People {
    /// The owner that a document's text stands for, if it is one person: a key of the directory, a name, an e-mail address,
    /// `@github-login` or `jira:accountId`.
    pub fn owner_written(&self, text: &str) -> Owner {
        let text = text.trim();
        if text.is_empty() {
            return Owner::Nobody;
        }
        let known = self.written_exactly(text).or_else(|| {
            let mut answering = self.answering(text).into_iter();
            answering.next().filter(|_| answering.next().is_none())
        });
        known.map_or_else(|| Owner::Unmapped(text.to_owned()), |id| Owner::Person(id.clone()))
    }

    /// Whose key, address or account a text is, as it is written.
    pub fn written_exactly(&self, text: &str) -> Option<&PersonId> {
        self.0.iter().find(|(id, person)| person.is_exactly(id, text.trim())).map(|(id, _)| id)
    }

    /// Everybody whom a text may name: several where names are shared, or where name and address are not one person's.
    fn answering(&self, text: &str) -> BTreeSet<&PersonId> {
        let pieces = pieces(text);
        let is_piece = |id: &PersonId, person: &Person| {
            pieces.iter().any(|piece| person.is_exactly(id, piece) || person.is_called(id, piece))
        };
        self.0.iter().filter(|(id, person)| is_piece(id, person)).map(|(id, _)| id).collect()
    }

    /// What an owner's text comes to, where it may name several, or a team.
    pub fn owners_written(&self, text: &str) -> Written {
        let text = text.trim();
        let whole = self.owner_written(text);
        if !matches!(whole, Owner::Unmapped(_)) {
            return Written { owner: whole, ..Written::default() };
        }
        if let Some(person) = self.default_of(text) {
            let owner = Owner::Person(person.clone());
            return Written { owner, others: Vec::new(), team: Some(text.to_owned()) };
        }
        let parts = names(text);
        let is_person = |part: &&&str| matches!(self.owner_written(part), Owner::Person(_));
        if let Some(first) = parts.iter().find(is_person) {
            let owner = self.owner_written(first);
            let others = parts.iter().filter(|part| self.owner_written(part) != owner);
            return Written { others: others.map(|part| (*part).to_owned()).collect(), owner, team: None };
        }
        let of_team = parts.iter().find_map(|part| Some((*part, self.default_of(part)?)));
        let Some((team, person)) = of_team else { return Written { owner: whole, ..Written::default() } };
        let others = parts.iter().filter(|part| **part != team).map(|part| (*part).to_owned()).collect();
        Written { owner: Owner::Person(person.clone()), others, team: Some(team.to_owned()) }
    }

    /// What a document states about an owner: somebody, or the default assignee of the team that it names alone.
    pub fn owner_stated(&self, owner: Option<&str>, team: Option<&str>) -> Written {
        match owner.map(str::trim).filter(|owner| !owner.is_empty()) {
            Some(owner) => self.owners_written(owner),
            None => {
                let default = team.and_then(|team| Some((team, self.default_of(team)?)));
                default.map_or_else(Written::default, |(team, person)| Written {
                    owner: Owner::Person(person.clone()),
                    others: Vec::new(),
                    team: Some(team.to_owned()),
                })
            }
        }
    }

    /// The default assignee of a team.
    pub fn default_of(&self, team: &str) -> Option<&PersonId> {
        let key = team_key(team);
        let is_default = |person: &Person| person.default_of.iter().any(|name| team_key(name) == key);
        self.0.iter().find(|(_, person)| !key.is_empty() && is_default(person)).map(|(id, _)| id)
    }

    /// Who is named beside the owner of a finding, as its document writes them.
    pub fn beside(&self, finding: &Finding) -> Vec<String> {
        let stated = &finding.stated;
        let written = stated.owner.as_deref().unwrap_or_default();
        let parts = names(written);
        if matches!(self.owner_written(written), Owner::Person(_) | Owner::Nobody) || parts.len() < 2 {
            return Vec::new();
        }
        let team = self.owners_written(written).team;
        let is_owner = |part: &str| {
            self.owner_written(part) == finding.owner
                || team.as_deref().is_some_and(|team| team == part || team == written)
        };
        parts.into_iter().filter(|part| !is_owner(part)).map(str::to_owned).collect()
    }

    /// The team whose default assignee owns a finding that names no person.
    pub fn by_default_of(&self, finding: &Finding) -> Option<String> {
        let Written { owner, team, .. } =
            self.owner_stated(finding.stated.owner.as_deref(), finding.stated.team.as_deref());
        team.filter(|_| owner == finding.owner)
    }

    /// What to write instead of a text that is nobody's: who is probably meant, if anybody is.
    pub fn advice(&self, text: &str) -> Option<String> {
        let parts = names(text);
        std::iter::once(text.trim())
            .chain(parts.into_iter().filter(|part| *part != text))
            .find_map(|part| self.advice_on(part))
    }

    fn advice_on(&self, text: &str) -> Option<String> {
        let several = self.answering(text);
        if several.len() > 1 {
            let keys: Vec<String> = several.iter().map(|id| format!("`{id}`")).collect();
            return Some(format!(
                "`{text}` may be {}: write the key of the one who is meant",
                keys.join(" or ")
            ));
        }
        let account = self.0.iter().find_map(|(id, person)| {
            let same = |account: &AccountId| account.as_str().eq_ignore_ascii_case(text);
            person.accounts().find(|(_, account)| same(account)).map(|(kind, _)| (id, kind))
        });
        if let Some((id, kind)) = account {
            let what = if kind == TrackerKind::Github { "GitHub login" } else { "Jira account" };
            return Some(format!("`{text}` is the {what} of `{id}`: write `{id}`"));
        }
        let key = team_key(text);
        let of_team = |person: &Person| person.team.as_deref().is_some_and(|team| team_key(team) == key);
        if !key.is_empty() && self.0.values().any(of_team) {
            return Some(format!(
                "`{text}` is a team: name its default assignee under `teams:` in people.yaml"
            ));
        }
        self.alike(text)
    }

    /// The one entry that a text is like: a part of the name, or a slip of the pen away.
    fn alike(&self, text: &str) -> Option<String> {
        let bare = plain(text.split('@').find(|part| !part.trim().is_empty()).unwrap_or(text));
        let named = |person: &Person| {
            let words: Vec<&str> = bare.split(' ').filter(|word| !word.is_empty()).collect();
            let has = |name: &str| {
                let name = plain(name);
                let known: Vec<&str> = name.split(' ').collect();
                words.iter().all(|word| known.contains(word))
            };
            !words.is_empty() && person.names().any(has)
        };
        let parts: Vec<&PersonId> =
            self.0.iter().filter(|(_, person)| named(person)).map(|(id, _)| id).collect();
        let id = match parts.as_slice() {
            [one] => *one,
            [] => {
                let near = |(id, person): (&'_ PersonId, &'_ Person)| {
                    let known = person.names().chain([id.as_str()]).chain(person.email.as_deref());
                    let known: Vec<String> = known.map(plain).collect();
                    likeness::nearest(&plain(text), known.iter().map(String::as_str)).is_some()
                };
                let mut alike = self.0.iter().filter(|(id, person)| near((id, person))).map(|(id, _)| id);
                alike.next().filter(|_| alike.next().is_none())?
            }
            several => {
                let keys: Vec<String> = several.iter().map(|id| format!("`{id}`")).collect();
                return Some(format!(
                    "`{text}` may be {}: write the key of the one who is meant",
                    keys.join(" or ")
                ));
            }
        };
        let name = self.0.get(id).and_then(|person| person.name.as_deref());
        let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
        Some(format!("if `{text}` is `{id}`{name}, write `{id}`, or add `{text}` to the `aliases` of `{id}`"))
    }
}

/// The names and addresses of one person in a text: `Name <address>`, `[Name](mailto:address)`, `Name (address)`.
fn pieces(text: &str) -> Vec<&str> {
    let quotes = ['"', '\'', '`', '*', '_', '“', '”'];
    let is_compound = text.contains('@') || text.contains("://");
    let parts: Vec<&str> =
        if is_compound { text.split(['<', '>', '(', ')', '[', ']', '|']).collect() } else { vec![text] };
    parts
        .into_iter()
        .map(|part| part.trim().trim_matches(quotes).trim())
        .map(|part| part.strip_prefix("mailto:").unwrap_or(part))
        .filter(|part| !part.is_empty() && !part.contains("://"))
        .collect()
}
