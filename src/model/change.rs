//! What became of a row of the register, member by member, as its history tells it.
//!
//! Knows rows as JSON, and which of a finding's members are a write-up's own words: those stay sealed until somebody opens
//! them up to a class. Knows nothing of how the history keeps it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{misfit::RowName, terms::Tlp, words};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It was told as it is, with every member: as a new row, or as it was found.
    Whole,
    /// Some of its members changed.
    Changed,
    /// It was removed.
    Removed,
}

/// What became of one member of a row.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberChange {
    /// Where it stands in the row, as a JSON pointer (RFC 6901).
    pub at: String,
    /// What it was; null when it was not there.
    pub before: Value,
    /// What it is; null when it is not there any more.
    pub after: Value,
}

impl fmt::Debug for MemberChange {
    /// Says no value: it may be a write-up's own words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemberChange").field("at", &self.at).finish_non_exhaustive()
    }
}

/// What became of one row in one transaction. Nothing prints or serialises it that did not open it up to a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// The row.
    pub row: RowName,
    /// What became of it.
    pub became: Became,
    /// Its members, as far as they changed.
    pub members: Vec<MemberChange>,
    /// The class of the words among them.
    pub tlp: Tlp,
}

/// What became of a row, for a reader of some class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownChange<'a> {
    #[serde(flatten)]
    row: &'a RowName,
    became: Became,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<ShownMember<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ShownMember<'a> {
    member: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a Value>,
    /// The class that keeps it from being shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Tlp>,
}

impl RowChange {
    /// What became of it, with a write-up's own words up to a class only.
    pub fn up_to(&self, most: Tlp) -> ShownChange<'_> {
        let members = self.members.iter().map(|change| self.member_up_to(change, most)).collect();
        ShownChange { row: &self.row, became: self.became, members }
    }

    fn member_up_to<'a>(&self, change: &'a MemberChange, most: Tlp) -> ShownMember<'a> {
        let MemberChange { at, before, after } = change;
        let withheld = (is_worded(&self.row, at) && self.tlp > most).then_some(self.tlp);
        let shown = |value: &'a Value| (withheld.is_none() && !value.is_null()).then_some(value);
        ShownMember { member: member(at), before: shown(before), after: shown(after), withheld }
    }
}

/// Whether a member of a row holds a write-up's own words.
pub fn is_worded(row: &RowName, at: &str) -> bool {
    let below =
        |words: &&str| at.strip_prefix(*words).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    row.table == "finding" && words::MEMBERS.iter().any(below)
}

/// A member as people read it: `clock.due` for `/clock/due`.
pub fn member(at: &str) -> String {
    let parts = at.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.collect::<Vec<_>>().join(".")
}

/// What a row was that is missing, or what it says beside what the history says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Members that differ, as people read them.
    pub members: Vec<String>,
    /// What a missing row was.
    pub was: Option<Former>,
}

/// What a row was. Its title is sealed.
#[derive(Clone, PartialEq, Eq)]
pub enum Former {
    /// A finding.
    Finding {
        /// Its title.
        title: String,
        /// Its class.
        tlp: Tlp,
    },
    /// Something about an issue, by the issue's key.
    Issue(String),
}

impl fmt::Debug for Former {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Former")
    }
}

impl Former {
    /// What it was, for a reader of some class.
    pub fn up_to(&self, most: Tlp) -> String {
        match self {
            Self::Finding { title, tlp } if *tlp <= most => format!("it was \"{title}\" (TLP:{tlp})"),
            Self::Finding { tlp, .. } => format!("it was a finding whose title is withheld (TLP:{tlp})"),
            Self::Issue(key) => format!("it was about {key}"),
        }
    }
}
