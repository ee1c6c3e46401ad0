//! What an account can see of a tracker, for somebody who writes a first configuration.
//!
//! It is no proof of anything: nothing is decided by it.

use crate::model::ids::{AccountId, PlaceName};

/// So many places and people are told at most; whoever has more writes the rest by hand.
pub const MOST: usize = 100;

/// In so many places people are looked for at most.
pub const LOOKED_IN: usize = 20;

/// What an account can see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Places that take issues, in the order in which they were listed.
    pub places: Vec<SeenPlace>,
    /// People who can be assigned there, each once.
    pub people: Vec<Member>,
    /// Whether there are more places than are told.
    pub has_more: bool,
}

/// A place that takes issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenPlace {
    /// What rules call it.
    pub name: PlaceName,
    /// What people call it, where that is another word.
    pub title: Option<String>,
    /// Whether everybody can read it, where the list tells.
    pub is_public: Option<bool>,
    /// Whether this account may do no more than read there, as far as the list tells.
    pub is_read_only: bool,
}

/// Somebody who can be assigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account: AccountId,
    /// Full name, where the tracker tells it.
    pub name: Option<String>,
    /// E-mail address, where the tracker tells it.
    pub email: Option<String>,
}

impl Survey {
    /// Adds people who are not there yet.
    pub(super) fn meet(&mut self, people: impl IntoIterator<Item = Member>) {
        for member in people {
            if self.people.len() < MOST && self.people.iter().all(|known| known.account != member.account) {
                self.people.push(member);
            }
        }
    }
}
