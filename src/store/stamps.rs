//! Stamps: entries of the history that name every row which a transaction changed or removed, with its digest.
//!
//! The digest of a row is SHA-256 in hexadecimal over a JSON array of the table's name and the row's columns but for what
//! was observed, in the order in which [`STAMPED`] reads them. The last entry that names a row says what it has to be.
//! A stamp also holds a sum over all rows, so that a register which is as its history says is known by it at once;
//! `audit verify` relies on no sum and replays the whole history.
//!
//! Beside the digest stands what became of the row: all of its members when it is new, each that changed as it was and as
//! it is later on (`store::contents`). So the rows can be built again from the history (`store::replay`).
//!
//! Knows no database: columns and texts in, digests and differences out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    chain::Row,
    contents::{Changes, Contents},
    root::Root,
    rows::Value,
    split,
    statements::{
        ACCOUNT_READ, ACCOUNTS_READ, CITATION_READ, CITATIONS_READ, FINDING_READ, FINDINGS_READ, INTENT_READ,
        INTENTS_READ, INVOLVEMENT_ONE, INVOLVEMENT_READ, LINK_READ, LINKS_READ, MAPPING_READ, MAPPINGS_READ,
        META_ALL, META_ONE, PLACE_READ, PLACES_READ, TOMBSTONE_READ, TOMBSTONES_READ, rows_of,
    },
};
use crate::model::{
    change::{self, Became, RowChange},
    misfit::{Difference, Misfit, RowName},
    terms::Tlp,
};

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
    /// Reads the rows of a finding; none where they belong to no finding.
    pub of: Option<&'static str>,
    /// The fields that were observed.
    pub observed: &'static [&'static str],
}

/// Who the register is.
pub const META: Table =
    Table { name: "meta", keys: 1, all: META_ALL, one: META_ONE, of: None, observed: split::NOTHING };
/// Findings.
pub const FINDINGS: Table = Table {
    name: "finding",
    keys: 1,
    all: FINDINGS_READ,
    one: FINDING_READ,
    of: Some(FINDING_READ),
    observed: split::FINDING,
};
/// The mapping table.
pub const LINKS: Table = Table {
    name: "link",
    keys: 3,
    all: LINKS_READ,
    one: LINK_READ,
    of: Some(rows_of::LINKS),
    observed: split::LINK,
};
/// Creates without a recorded outcome.
pub const INTENTS: Table = Table {
    name: "intent",
    keys: 3,
    all: INTENTS_READ,
    one: INTENT_READ,
    of: Some(rows_of::INTENTS),
    observed: split::NOTHING,
};
/// Links that ended.
pub const TOMBSTONES: Table = Table {
    name: "tombstone",
    keys: 3,
    all: TOMBSTONES_READ,
    one: TOMBSTONE_READ,
    of: Some(rows_of::TOMBSTONES),
    observed: split::NOTHING,
};
/// What became of citations.
pub const CITATIONS: Table = Table {
    name: "citation",
    keys: 2,
    all: CITATIONS_READ,
    one: CITATION_READ,
    of: Some(rows_of::CITATIONS),
    observed: split::NOTHING,
};
/// Who had a part in which finding.
pub const INVOLVEMENT: Table = Table {
    name: "involvement",
    keys: 4,
    all: INVOLVEMENT_READ,
    one: INVOLVEMENT_ONE,
    of: Some(rows_of::INVOLVEMENT),
    observed: split::NOTHING,
};
/// Pinned places.
pub const PLACES: Table =
    Table { name: "place", keys: 2, all: PLACES_READ, one: PLACE_READ, of: None, observed: split::PLACE };
/// Accounts that we acted as.
pub const ACCOUNTS: Table = Table {
    name: "account",
    keys: 2,
    all: ACCOUNTS_READ,
    one: ACCOUNT_READ,
    of: None,
    observed: split::NOTHING,
};
/// Where findings may go, as a person approved it.
pub const MAPPINGS: Table = Table {
    name: "mapping",
    keys: 1,
    all: MAPPINGS_READ,
    one: MAPPING_READ,
    of: None,
    observed: split::NOTHING,
};

/// Every table whose rows are stamped.
pub const STAMPED: &[&Table] = &[
    &META,
    &FINDINGS,
    &LINKS,
    &INTENTS,
    &TOMBSTONES,
    &CITATIONS,
    &INVOLVEMENT,
    &PLACES,
    &ACCOUNTS,
    &MAPPINGS,
];

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
pub(super) fn of_json(value: &impl Serialize) -> [u8; 32] {
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

/// What one entry says: the sum over all rows after it, and the rows that changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stamping {
    /// The sum before.
    before: String,
    /// The sum after.
    after: String,
    /// The first entry of the same transaction, as far as the history tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<i64>,
    /// The rows; one without a digest is gone.
    rows: Vec<Stamped>,
}

/// The sum that an entry names, without its rows.
#[derive(Debug, Deserialize)]
struct Summed {
    after: String,
}

/// What an entry says of one row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stamped {
    /// The row.
    #[serde(flatten)]
    pub(super) row: RowName,
    /// Its digest; none when it is gone.
    pub(super) digest: Option<String>,
    /// All of its members, when it is new, as it was found, or nobody knows what it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) whole: Option<Contents>,
    /// The members that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<Changes>,
    /// The class of the words among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tlp: Option<Tlp>,
}

impl Stamped {
    /// What became of a row that had other contents before, as far as they are known.
    pub(super) fn new(
        row: RowName,
        digest: Option<String>,
        before: Option<&Contents>,
        after: Option<Contents>,
    ) -> Self {
        let stamped = Self { row, digest, whole: None, change: None, tlp: None };
        match (before, after) {
            (_, None) => stamped,
            (None, Some(after)) => Self { whole: Some(after), ..stamped },
            (Some(before), Some(after)) => {
                let change = after.since(before);
                let is_worded = change.any(|at| change::is_worded(&stamped.row, at));
                let tlp = is_worded.then(|| before.tlp().max(after.tlp()));
                Self { change: Some(change), tlp, ..stamped }
            }
        }
    }

    /// As the history's readers see it.
    pub(super) fn shown(&self) -> RowChange {
        let (became, changes) = match (&self.digest, &self.whole, &self.change) {
            (None, ..) => (Became::Removed, Changes::default()),
            (Some(_), _, Some(change)) => (Became::Changed, change.clone()),
            (Some(_), Some(whole), None) => (Became::Whole, whole.whole()),
            (Some(_), None, None) => (Became::Whole, Changes::default()),
        };
        let of_whole = || self.whole.as_ref().map_or(Tlp::Red, Contents::tlp);
        let tlp = self.tlp.unwrap_or_else(of_whole);
        RowChange { row: self.row.clone(), became, members: changes.members(), tlp }
    }
}

impl Stamping {
    /// Understands the JSON of an entry.
    pub(super) fn read(data: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(data)
    }

    /// The sum that the JSON of an entry names.
    pub(super) fn sum(data: &str) -> Option<Root> {
        let summed: Summed = serde_json::from_str(data).ok()?;
        Root::read(&summed.after)
    }

    /// What it says of rows.
    pub(super) fn rows(&self) -> &[Stamped] {
        &self.rows
    }

    /// Whether another entry is of the same transaction.
    pub(super) fn is_with(&self, seq: i64) -> bool {
        self.first.is_some_and(|first| first <= seq)
    }

    /// Carries it over into an account. Whether the sum that it names is the account's then.
    pub(super) fn replay(self, account: &mut Account, root: &mut Root) -> bool {
        let named = Root::read(&self.after);
        for Stamped { row, digest, .. } in self.rows {
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

/// The entry that stamps rows, as a row of the history. It has the fields of every entry, so that it can be shown like one;
/// `first` is the first entry of the same transaction.
pub(super) fn entry(
    (at, cycle): (DateTime<Utc>, &str),
    why: &str,
    (before, after): (Root, Root),
    first: i64,
    rows: &[Stamped],
) -> Row {
    let (before, after) = (before.text(), after.text());
    let data = serde_json::json!({
        "at": at, "cycle": cycle, "event": EVENT, "finding": null, "issue": null, "actor": "register",
        "field": null, "before": before, "after": after, "why": why, "first": first, "rows": rows,
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
