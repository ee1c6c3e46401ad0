//! Who decides, and what that person may decide.
//!
//! Knows the people directory, owners and claimants. Knows nothing of what a decision changes.

use chrono::{DateTime, NaiveDate, Utc};

use super::{calendar::local_date, refusal::Refusal};
use crate::model::{
    deadline::Policy,
    finding::{Claimant, Finding, Owner},
    ids::PersonId,
    people::{People, Person},
};

/// Who decides, when, and what they are bound by.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Who decides.
    pub by: &'a PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// Everybody we know.
    pub people: &'a People,
    /// The review policy.
    pub policy: &'a Policy,
}

/// Whether a person may verify the finding as far as their role goes: a reviewer of the directory, or one its document names.
pub fn is_verifier(finding: &Finding, people: &People, person: &PersonId) -> bool {
    let listed = people.0.get(person);
    listed.is_some_and(|known| known.reviewer)
        || listed.is_some()
            && finding
                .stated
                .reviewers
                .iter()
                .any(|text| people.owner_written(text) == Owner::Person(person.clone()))
}

/// Whether this person may verify the finding: a reviewer, not its owner, not whoever claimed it.
pub fn may_verify(finding: &Finding, act: Act<'_>) -> Result<(), Refusal> {
    act.as_verifier(finding, "verify")?;
    act.not_owner(finding, "verify")?;
    act.not_claimant(finding)
}

impl Act<'_> {
    pub(super) fn today(&self) -> NaiveDate {
        local_date(self.policy.zone, self.at)
    }

    pub(super) fn changed(&self, finding: &Finding) -> Finding {
        Finding { changed: self.at, ..finding.clone() }
    }

    pub(super) fn person(&self) -> Result<&Person, Refusal> {
        self.people.0.get(self.by).ok_or_else(|| Refusal::UnknownPerson(self.by.to_string()))
    }

    pub(super) fn known(&self, person: &PersonId) -> Result<(), Refusal> {
        self.people.0.get(person).map(|_| ()).ok_or_else(|| Refusal::UnknownPerson(person.to_string()))
    }

    /// Reviewers of the directory only: a document may name verifiers, but not who grants more time.
    pub(super) fn as_reviewer(&self, verb: &'static str) -> Result<(), Refusal> {
        if self.person()?.reviewer {
            return Ok(());
        }
        Err(Refusal::NotReviewer { by: self.by.clone(), verb })
    }

    pub(super) fn as_verifier(&self, finding: &Finding, verb: &'static str) -> Result<(), Refusal> {
        self.person()?;
        if is_verifier(finding, self.people, self.by) {
            return Ok(());
        }
        Err(Refusal::NotReviewer { by: self.by.clone(), verb })
    }

    pub(super) fn as_approver(&self, finding: &Finding, verb: &'static str) -> Result<(), Refusal> {
        self.as_reviewer(verb)?;
        self.not_owner(finding, verb)
    }

    /// An owner kept as text counts as this person if anything about them reads like it: doubt refuses.
    pub(super) fn not_owner(&self, finding: &Finding, verb: &'static str) -> Result<(), Refusal> {
        let owns = match &finding.owner {
            Owner::Nobody => false,
            Owner::Person(owner) => owner == self.by,
            Owner::Unmapped(text) => could_be(text, self.by, self.person()?),
        };
        if owns { Err(Refusal::IsOwner { by: self.by.clone(), verb }) } else { Ok(()) }
    }

    pub(super) fn not_claimant(&self, finding: &Finding) -> Result<(), Refusal> {
        match finding.claim.as_ref().map(|claim| &claim.by) {
            Some(Claimant::Document) => Ok(()),
            Some(Claimant::Person(person)) if person == self.by => {
                Err(Refusal::IsClaimant { by: self.by.clone() })
            }
            Some(Claimant::Person(_)) => Ok(()),
            Some(Claimant::Account(account)) => {
                Err(Refusal::ClaimantUnnamed { account: Some(account.clone()) })
            }
            Some(Claimant::Unknown) | None => Err(Refusal::ClaimantUnnamed { account: None }),
        }
    }

    pub(super) fn later_than_today(&self, given: NaiveDate) -> Result<(), Refusal> {
        let today = self.today();
        if given > today { Ok(()) } else { Err(Refusal::NotLater { given, today }) }
    }
}

/// Whether a text that the directory could not map may nevertheless mean this person. Used to refuse, never to match.
fn could_be(text: &str, id: &PersonId, person: &Person) -> bool {
    let bare = text.trim().trim_start_matches('@');
    let bare = bare.split_once(':').map_or(bare, |(_, account)| account);
    let accounts = [&person.github, &person.jira, &person.jira_dc];
    let names = [person.name.as_deref(), person.email.as_deref(), Some(id.as_str())];
    accounts
        .into_iter()
        .flatten()
        .map(|account| account.as_str())
        .chain(names.into_iter().flatten())
        .any(|known| known.eq_ignore_ascii_case(bare))
}
