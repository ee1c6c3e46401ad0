//! What happened, with before and after: one entry for every decision and every outside write.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    change::{Detail, RowChange},
    ids::{AccountId, FindingKey, TrackerName},
    misfit::{Misfit, RowName},
};

/// How it is known who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// Somebody at a command line said so; the system knows whose process it was.
    Shell {
        /// Name of that user of the operating system, as the surroundings tell it.
        user: String,
        /// Number of that user, where the system has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uid: Option<u32>,
        /// Name of the machine.
        host: String,
    },
    /// A tracker said so.
    Tracker {
        /// The tracker.
        tracker: TrackerName,
        /// The account that did it, where the tracker tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<AccountId>,
    },
    /// The worker did it by itself.
    Worker,
}

/// One entry of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// The cycle or command it belongs to.
    pub cycle: String,
    /// Stable word for what happened, such as `issue_created`, `owner_pulled`, `finding_verified`.
    pub event: String,
    /// The finding, when it concerns one.
    pub finding: Option<FindingKey>,
    /// The issue's key, when it concerns one.
    pub issue: Option<String>,
    /// Who: a person's key, `worker`, or an account.
    pub actor: String,
    /// How that is known; absent in entries that are older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_by: Option<KnownBy>,
    /// The field, when one changed.
    pub field: Option<String>,
    /// Value before.
    pub before: Option<String>,
    /// Value after.
    pub after: Option<String>,
    /// Why, for people.
    pub why: String,
}

/// An entry with its place in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its number; grows by one with each entry.
    pub seq: i64,
    /// Hash over it and everything before it.
    pub hash: String,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
    /// What became of rows of the register in the same transaction, where it was asked for: those of the entry's finding, or
    /// those of none. Sealed: whoever prints it opens it.
    #[serde(skip)]
    pub changes: Vec<RowChange>,
}

/// A place in the history and the hash of everything up to there, written `SEQ:HASH`.
///
/// Kept where nobody who can write the register can write, it proves later that nothing up to there was changed, cut
/// off or rewritten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Anchor {
    /// Number of the last entry.
    pub seq: i64,
    /// Its hash: SHA-256 in hexadecimal.
    pub hash: String,
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Anchor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.trim().split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash)));
        match parts {
            Some((seq, hash)) if hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit()) => {
                Ok(Self { seq, hash: hash.to_ascii_lowercase() })
            }
            Some(_) | None => {
                Err("write it as it was printed: a number, a colon and 64 hexadecimal digits".to_owned())
            }
        }
    }
}

impl From<Anchor> for String {
    fn from(anchor: Anchor) -> Self {
        anchor.to_string()
    }
}

impl TryFrom<String> for Anchor {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What became of reading the whole history again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Whether nothing is wrong with it, and the register is as it says.
    pub intact: bool,
    /// How many entries were read.
    pub entries: u64,
    /// Where it ends, by the register's own account.
    pub head: Anchor,
    /// What is wrong with it, first things first.
    pub faults: Vec<String>,
    /// Rows of the register that are not as it says.
    #[serde(skip)]
    pub misfits: Vec<Misfit>,
    /// What differs of them, and what the missing ones were, as far as the history tells. Sealed: whoever prints it opens it.
    #[serde(skip)]
    pub details: BTreeMap<RowName, Detail>,
}
