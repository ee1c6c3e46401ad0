//! Who had a part in a finding: what is recorded the moment it happens, so that later decisions need not ask what is so by then.
//!
//! Knows the parts and how to tell two apart. Knows nothing of what they keep people from: that is a reviewer's rule.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    digest,
    finding::{Claimant, Finding, Owner},
    ids::{AccountId, FindingKey, PersonId},
    issue::TrackerKind,
    owner::names,
};

/// Somebody who had a part, as they were known when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A person of the directory.
    Person(PersonId),
    /// An account that the directory did not know; whoever it is mapped to later is meant.
    Account {
        /// The kind of tracker.
        kind: TrackerKind,
        /// The account there.
        account: AccountId,
    },
    /// A name as a document or a tracker wrote it.
    Written(String),
}

impl Party {
    /// Who an account on a tracker is: a person if the directory knows it.
    pub fn of_account(kind: TrackerKind, account: &AccountId, owner: &Owner) -> Self {
        match owner {
            Owner::Person(person) => Self::Person(person.clone()),
            Owner::Nobody | Owner::Unmapped(_) => Self::Account { kind, account: account.clone() },
        }
    }

    /// Who owns; nobody has no part.
    pub fn of_owner(owner: &Owner) -> Option<Self> {
        match owner {
            Owner::Nobody => None,
            Owner::Person(person) => Some(Self::Person(person.clone())),
            Owner::Unmapped(text) => Some(Self::of_text(text)),
        }
    }

    /// A text that tells any two apart and holds no name that somebody wrote: it stands in the history.
    pub fn key(&self) -> String {
        match self {
            Self::Person(_) | Self::Account { .. } => self.to_string(),
            Self::Written(text) => format!("written:{}", digest::of_text(text)),
        }
    }

    /// A name, or an account as an unmapped owner is kept: `github:login`.
    fn of_text(text: &str) -> Self {
        let kinds = [TrackerKind::Github, TrackerKind::JiraCloud, TrackerKind::JiraDataCenter];
        let account = kinds.into_iter().find_map(|kind| {
            let account = text.strip_prefix(kind.as_str())?.strip_prefix(':')?;
            Some(Self::Account { kind, account: AccountId::new(account) })
        });
        account.unwrap_or_else(|| Self::Written(text.trim().to_owned()))
    }
}

impl fmt::Display for Party {
    /// For people to read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => write!(f, "{person}"),
            Self::Account { kind, account } => write!(f, "{}:{account}", kind.as_str()),
            Self::Written(text) => write!(f, "`{text}`"),
        }
    }
}

/// What somebody did that keeps them from deciding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Owned the finding, or was assigned to an issue of it.
    Owned,
    /// Claimed it done, or closed an issue of it.
    Claimed,
    /// Wrote the document that claims it done.
    WroteClaim,
    /// Moved the ownership away from themselves.
    MovedAway,
    /// Said who claimed it.
    NamedClaimant,
}

impl Part {
    /// Every part.
    pub const ALL: &[Self] =
        &[Self::Owned, Self::Claimed, Self::WroteClaim, Self::MovedAway, Self::NamedClaimant];

    /// The word by which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owned => "owned",
            Self::Claimed => "claimed",
            Self::WroteClaim => "wrote_claim",
            Self::MovedAway => "moved_away",
            Self::NamedClaimant => "named_claimant",
        }
    }

    /// What they did, behind their name.
    pub fn did(self) -> &'static str {
        match self {
            Self::Owned => "owned this finding or its issue",
            Self::Claimed => "claimed this finding done or closed its issue",
            Self::WroteClaim => "wrote the document that claims this finding done",
            Self::MovedAway => "moved the ownership of this finding away from themselves",
            Self::NamedClaimant => "named the claimant of this finding",
        }
    }
}

/// One part that somebody had in one episode of a finding. The first time counts, and nothing removes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Involvement {
    /// The finding.
    pub finding: FindingKey,
    /// The episode, as [`Finding::episode`] counts them.
    pub episode: u32,
    /// What they did.
    pub part: Part,
    /// Who.
    pub party: Party,
    /// Since when it is on record; for people.
    pub at: DateTime<Utc>,
}

impl Involvement {
    /// A part in the present episode of a finding.
    pub fn of(finding: &Finding, part: Part, party: Party, at: DateTime<Utc>) -> Self {
        Self { finding: finding.key.clone(), episode: finding.episode, part, party, at }
    }

    /// Whether both say the same, whenever each was recorded.
    pub fn is_same(&self, other: &Self) -> bool {
        let Self { finding, episode, part, party, at: _ } = self;
        *finding == other.finding && *episode == other.episode && *part == other.part && *party == other.party
    }
}

/// What a finding itself shows: whoever owns it, and whoever claims it done. The store records these with every write of a
/// finding, so that no way of changing one can forget them.
pub fn implied(finding: &Finding) -> Vec<Involvement> {
    let mut parts: Vec<(Part, Party)> =
        Party::of_owner(&finding.owner).map(|party| (Part::Owned, party)).into_iter().collect();
    let written = names(finding.stated.owner.as_deref().unwrap_or_default());
    if written.len() > 1 {
        parts.extend(written.into_iter().map(|name| (Part::Owned, Party::of_text(name))));
    }
    match finding.claim.as_ref().map(|claim| &claim.by) {
        Some(Claimant::Person(person)) => parts.push((Part::Claimed, Party::Person(person.clone()))),
        Some(Claimant::Account(account)) => {
            parts.push((Part::Claimed, Party::Written(account.as_str().to_owned())));
        }
        Some(Claimant::Document) => {
            let authors = finding.stated.authors.iter().flat_map(|text| names(text));
            parts.extend(authors.map(|name| (Part::WroteClaim, Party::of_text(name))));
        }
        Some(Claimant::Unknown) | None => {}
    }
    parts.into_iter().map(|(part, party)| Involvement::of(finding, part, party, finding.changed)).collect()
}
