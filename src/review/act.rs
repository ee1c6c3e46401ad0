//! Who decides, and what the finding itself says about that person.
//!
//! Knows the people directory, owners and claimants. Knows nothing of what a decision changes, and leaves roles to `roles`.

use chrono::{DateTime, NaiveDate, Utc};

use super::{calendar::local_date, involvement::means, refusal::Refusal};
use crate::model::{
    deadline::Policy,
    finding::{Claimant, Finding},
    ids::PersonId,
    involvement::{Involvement, Party},
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
    /// The parts that people had in the finding, as recorded.
    pub parts: &'a [Involvement],
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

    /// An owner kept as text counts as this person if anything about them reads like it: doubt refuses.
    pub(super) fn not_owner(&self, finding: &Finding, verb: &'static str) -> Result<(), Refusal> {
        let owns = Party::of_owner(&finding.owner).is_some_and(|party| means(&party, self.people, self.by));
        if owns { Err(Refusal::IsOwner { by: self.by.clone(), verb }) } else { Ok(()) }
    }

    pub(super) fn not_claimant(&self, finding: &Finding) -> Result<(), Refusal> {
        match finding.claim.as_ref().map(|claim| &claim.by) {
            Some(Claimant::Document) => Ok(()),
            Some(Claimant::Person(person)) if self.is_me(person) => {
                Err(Refusal::IsClaimant { by: self.by.clone() })
            }
            Some(Claimant::Person(_)) => Ok(()),
            Some(Claimant::Account(account)) => {
                Err(Refusal::ClaimantUnnamed { account: Some(account.clone()) })
            }
            Some(Claimant::Unknown) | None => Err(Refusal::ClaimantUnnamed { account: None }),
        }
    }

    /// Whether a person of the directory is whoever decides, by this entry or by another.
    pub(super) fn is_me(&self, person: &PersonId) -> bool {
        means(&Party::Person(person.clone()), self.people, self.by)
    }

    pub(super) fn later_than_today(&self, given: NaiveDate) -> Result<(), Refusal> {
        let today = self.today();
        if given > today { Ok(()) } else { Err(Refusal::NotLater { given, today }) }
    }
}
