//! Stamps: entries of the history that name every row which a transaction changed or removed, with its digest.
//!
//! The digest of a row is SHA-256 in hexadecimal over a JSON array of the table's name and the row's columns but for what
//! was observed, in the order in which [`STAMPED`] reads them. The last entry that names a row says what it has to be.
//! A stamp also holds a sum over all rows, so that a register which is as its history says is known by it at once;
//! `audit verify` relies on no sum and replays the whole history.
//!
//! Knows no database: columns and texts in, digests and differences out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    chain::Row,
    rows::Value,
    split,
    statements::{
        CITATION_READ, CITATIONS_READ, FINDING_READ, FINDINGS_READ, INTENT_READ, INTENTS_READ,
        INVOLVEMENT_ONE, INVOLVEMENT_READ, LINK_READ, LINKS_READ, META_ALL, META_ONE, PLACE_READ,
        PLACES_READ, TOMBSTONE_READ, TOMBSTONES_READ,
    },
};
use crate::model::misfit::{Difference, Misfit, RowName};

/// The event of an entry that holds stamps.
pub const EVENT: &str = "stamped";

/// A table whose rows are stamped. Its statements read the key first, then the other columns, then what was observed.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// How many columns its key has.
    pub keys: usize,
    /// Reads all rows.
    pub all: &'static str,
    /// Reads one row by its key.
    pub one: &'static str,
    /// The fields that were observed.
    pub observed: &'static [&'static str],
}

/// Who the register is.
pub const META: Table =
    Table { name: "meta", keys: 1, all: META_ALL, one: META_ONE, observed: split::NOTHING };
/// Findings.
pub const FINDINGS: Table =
    Table { name: "finding", keys: 1, all: FINDINGS_READ, one: FINDING_READ, observed: split::FINDING };
/// The mapping table.
pub const LINKS: Table =
    Table { name: "link", keys: 3, all: LINKS_READ, one: LINK_READ, observed: split::LINK };
/// Creates without a recorded outcome.
pub const INTENTS: Table =
    Table { name: "intent", keys: 3, all: INTENTS_READ, one: INTENT_READ, observed: split::NOTHING };
/// Links that ended.
pub const TOMBSTONES: Table =
    Table { name: "tombstone", keys: 3, all: TOMBSTONES_READ, one: TOMBSTONE_READ, observed: split::NOTHING };
/// What became of citations.
pub const CITATIONS: Table =
    Table { name: "citation", keys: 2, all: CITATIONS_READ, one: CITATION_READ, observed: split::NOTHING };
/// Who had a part in which finding.
pub const INVOLVEMENT: Table = Table {
    name: "involvement",
    keys: 4,
    all: INVOLVEMENT_READ,
    one: INVOLVEMENT_ONE,
    observed: split::NOTHING,
};
/// Pinned places.
pub const PLACES: Table =
    Table { name: "place", keys: 2, all: PLACES_READ, one: PLACE_READ, observed: split::PLACE };

/// Every table whose rows are stamped.
pub const STAMPED: &[&Table] =
    &[&META, &FINDINGS, &LINKS, &INTENTS, &TOMBSTONES, &CITATIONS, &INVOLVEMENT, &PLACES];

/// The table of a row; none for a name that no table has.
pub(super) fn table_of(row: &RowName) -> Option<&'static Table> {
    STAMPED.iter().find(|table| table.name == row.table).copied()
}

/// A column of a row that was read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Column<'a> {
    /// Text, or nothing.
    Text(Option<&'a str>),
    /// A number.
    Number(i64),
}

impl<'a> From<&'a Value> for Column<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text.as_deref()),
            Value::Number(number) => Self::Number(*number),
        }
    }
}

/// The digest of a row by its columns, without what was observed.
pub(super) fn digest(table: &str, columns: &[Column<'_>]) -> String {
    let mut row = vec![Column::Text(Some(table))];
    row.extend_from_slice(columns);
    HEXLOWER.encode(&of_json(&row))
}

/// SHA-256 of a value as JSON. Texts and numbers always are JSON.
fn of_json(value: &impl Serialize) -> [u8; 32] {
    Sha256::digest(serde_json::to_vec(value).unwrap_or_default()).into()
}

/// The key of a row as the register holds it.
pub(super) fn key_text(row: &RowName) -> String {
    serde_json::json!(row.key).to_string()
}

/// What the history says of every row: its digest.
pub(super) type Account = BTreeMap<RowName, String>;

/// What is there: the digest of every row; none where the columns of one have other types than they should.
pub(super) type Present = BTreeMap<RowName, Option<String>>;

/// A sum over rows and their digests, modulo 2²⁵⁶: the order does not matter, and a row is taken out as it was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Root([u8; 32]);

impl Root {
    /// The sum over an account.
    pub(super) fn of(account: &Account) -> Self {
        account.iter().fold(Self::default(), |root, (row, digest)| root.with(row, digest))
    }

    /// With one more row.
    pub(super) fn with(self, row: &RowName, digest: &str) -> Self {
        let mut carry = 0u16;
        let mut sum = self.0;
        for (to, part) in sum.iter_mut().zip(term(row, digest)).rev() {
            let total = u16::from(*to) + u16::from(part) + carry;
            *to = total.to_le_bytes()[0];
            carry = total >> 8;
        }
        Self(sum)
    }

    /// Without a row that was in it.
    pub(super) fn without(self, row: &RowName, digest: &str) -> Self {
        let mut borrow = 0i16;
        let mut sum = self.0;
        for (to, part) in sum.iter_mut().zip(term(row, digest)).rev() {
            let total = i16::from(*to) - i16::from(part) - borrow;
            *to = total.to_le_bytes()[0];
            borrow = i16::from(total < 0);
        }
        Self(sum)
    }

    /// In hexadecimal.
    pub(super) fn text(self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// From hexadecimal.
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(Self(HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()?))
    }
}

fn term(row: &RowName, digest: &str) -> [u8; 32] {
    of_json(&(&row.table, &row.key, digest))
}

/// What one entry says: the sum over all rows after it, and the rows that changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stamping {
    /// The sum before.
    before: String,
    /// The sum after.
    after: String,
    /// The rows; one without a digest is gone.
    rows: Vec<Stamped>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stamped {
    #[serde(flatten)]
    row: RowName,
    digest: Option<String>,
}

impl Stamping {
    /// Understands the JSON of an entry.
    pub(super) fn read(data: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(data)
    }

    /// The sum that it names.
    pub(super) fn root(&self) -> Option<Root> {
        Root::read(&self.after)
    }

    /// Carries it over into an account. Whether the sum that it names is the account's then.
    pub(super) fn replay(self, account: &mut Account, root: &mut Root) -> bool {
        let named = self.root();
        for Stamped { row, digest } in self.rows {
            if let Some(before) = account.remove(&row) {
                *root = root.without(&row, &before);
            }
            if let Some(digest) = digest {
                *root = root.with(&row, &digest);
                account.insert(row, digest);
            }
        }
        named == Some(*root)
    }
}

/// The entry that stamps rows, as a row of the history. It has the fields of every entry, so that it can be shown like one.
pub(super) fn entry(
    (at, cycle): (DateTime<Utc>, &str),
    why: &str,
    (before, after): (Root, Root),
    rows: &BTreeMap<RowName, Option<String>>,
) -> Row {
    let rows = rows.iter().map(|(row, digest)| Stamped { row: row.clone(), digest: digest.clone() });
    let stamping = Stamping { before: before.text(), after: after.text(), rows: rows.collect() };
    let data = serde_json::json!({
        "at": at, "cycle": cycle, "event": EVENT, "finding": null, "issue": null, "actor": "register",
        "field": null, "before": stamping.before, "after": stamping.after, "why": why, "rows": stamping.rows,
    });
    Row {
        at_ms: at.timestamp_millis(),
        cycle: cycle.to_owned(),
        event: EVENT.to_owned(),
        finding: None,
        data: data.to_string(),
    }
}

/// Every row that is not as the history says; rows that are and cannot be understood are among them.
pub(super) fn misfits(
    account: &Account,
    present: &Present,
    not_understood: &BTreeSet<RowName>,
) -> Vec<Misfit> {
    let names: BTreeSet<&RowName> = account.keys().chain(present.keys()).collect();
    let differs = |row: &RowName| match (account.get(row), present.get(row)) {
        (Some(said), Some(Some(found))) if said == found => {
            not_understood.contains(row).then_some(Difference::Unreadable)
        }
        (Some(_), Some(_)) => Some(Difference::Changed),
        (Some(_), None) => Some(Difference::Missing),
        (None, _) => Some(Difference::Added),
    };
    let misfit = |row: &RowName| Some(Misfit { row: row.clone(), difference: differs(row)? });
    names.into_iter().filter_map(misfit).collect()
}
