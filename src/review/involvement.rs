//! What is on record about who had a part in a finding, and whether that is the person who decides.
//!
//! Knows the people directory and the parts of an episode. Knows nothing of which verbs ask (`roles`). Nothing here asks how things
//! stand at present: whoever had a part in an episode keeps it until the finding is reopened.

use crate::model::{
    finding::{Finding, Owner},
    ids::{AccountId, PersonId},
    involvement::{Involvement, Part, Party, implied},
    people::{People, Person, folded, is_same_name},
    register::Register,
};

/// The parts of the present episode: what was recorded, and what the finding itself shows.
pub fn present(finding: &Finding, recorded: &[Involvement]) -> Vec<Involvement> {
    let of_episode = recorded.iter().filter(|part| part.finding == finding.key);
    let mut parts: Vec<Involvement> =
        of_episode.filter(|part| part.episode == finding.episode).cloned().collect();
    for part in implied(finding) {
        if !parts.iter().any(|known| known.is_same(&part)) {
            parts.push(part);
        }
    }
    parts
}

/// A part that this person had in the present episode, under whatever name.
pub fn part_of(
    finding: &Finding,
    recorded: &[Involvement],
    people: &People,
    person: &PersonId,
) -> Option<Involvement> {
    present(finding, recorded).into_iter().find(|part| means(&part.party, people, person))
}

/// Whether somebody on record is this person, or another entry of the directory for the same human.
///
/// Doubt says so: whom the directory does not know, or does not know any more, may be anybody who is called so.
pub fn means(party: &Party, people: &People, person: &PersonId) -> bool {
    let known = match party {
        Party::Person(known) => Some(known.clone()).filter(|known| people.0.contains_key(known)),
        Party::Account { kind, account } => people.of_account(*kind, account).cloned(),
        Party::Written(text) => people.written_exactly(text).cloned(),
    };
    let text = match party {
        Party::Person(id) => id.as_str(),
        Party::Account { account, .. } => account.as_str(),
        Party::Written(text) => text,
    };
    match known {
        Some(known) => people.is_same_human(&known, person),
        None => {
            let named = people.owner_written(text);
            matches!(named, Owner::Person(known) if people.is_same_human(&known, person))
                || people.same_human(person).any(|(id, entry)| could_be(text, id, entry))
        }
    }
}

/// Whether a text that the directory could not map may nevertheless mean this person. Used to refuse, never to match.
fn could_be(text: &str, id: &PersonId, person: &Person) -> bool {
    let accounts = [&person.github, &person.jira, &person.jira_dc];
    let accounts = accounts.into_iter().flatten().map(AccountId::as_str);
    // What stands before the host is how people are called, too.
    let email = person.email.as_deref();
    let mailbox = email.and_then(|email| email.split(['@', '+']).next());
    let texts = accounts.chain([email, mailbox].into_iter().flatten()).chain([id.as_str()]);
    let known: Vec<String> = texts.map(folded).collect();
    let is_named = |reading: &str| person.names().any(|name| is_same_name(name, reading));
    readings(text).iter().any(|reading| known.contains(reading) || is_named(reading))
}

/// What a text may name: `@login`, `jira:account`, `Name <address>`, `Name (login)`, `[Name](mailto:address)`.
fn readings(text: &str) -> Vec<String> {
    let behind_kind = text.split_once(':').map_or(text, |(_, account)| account);
    let parts = text.split(['<', '>', '(', ')', '[', ']', '|']);
    let addresses = text.split(|c: char| c.is_whitespace() || "<>()[]|:;,".contains(c));
    parts
        .chain(addresses.filter(|word| word.contains('@')))
        .chain([text, behind_kind])
        .map(|part| folded(part.trim().trim_start_matches("mailto:").trim_start_matches('@')))
        .filter(|part| !part.is_empty())
        .collect()
}

/// Parts that a register of an earlier release shows and nobody recorded: present owners and claimants, and whoever the issues
/// were last agreed to be assigned to.
pub fn missing(register: &Register) -> Vec<Involvement> {
    let mut found: Vec<Involvement> = register.findings.values().flat_map(implied).collect();
    for link in &register.links {
        let Some(finding) = register.findings.get(&link.finding) else { continue };
        let assigned = link.baseline.owner.as_ref().and_then(|agreed| Party::of_owner(&agreed.issue));
        let part = assigned.map(|party| Involvement::of(finding, Part::Owned, party, link.since));
        found.extend(part.filter(|_| finding.state.is_unresolved()));
    }
    found.retain(|part| !register.parts(&part.finding).iter().any(|known| known.is_same(part)));
    found
}

/// The parts of a finding that turned out to be another one, for that other one: both are the same work.
pub fn inherited(from: &Finding, recorded: &[Involvement], to: &Finding) -> Vec<Involvement> {
    let parts = present(from, recorded).into_iter();
    parts.map(|part| Involvement { finding: to.key.clone(), episode: to.episode, ..part }).collect()
}
