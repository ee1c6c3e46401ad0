//! Whether every row is as the history says, by a sum over what is there: nothing is kept of rows that fit.

use std::collections::BTreeSet;

use futures::TryStreamExt as _;
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{
    read,
    stamps::{last_root, replayed, understood},
};
use crate::{
    model::{
        citation::CitationRecord,
        involvement::Involvement,
        link::{Intent, Tombstone},
        mapping::Mapping,
        misfit::{Difference, Misfit, RowName},
        register::{OwnAccount, PinnedPlace},
    },
    store::{
        StoreError,
        kept::Kept,
        root::{Root, short},
        stamps::{
            self, ACCOUNTS, Account, CITATIONS, INTENTS, INVOLVEMENT, MAPPINGS, PLACES, Present, TOMBSTONES,
            Table,
        },
        statements::stamped::STAMPS_READ,
    },
};

/// Every row that is not as the history says. Findings and links that this program cannot understand are told by whoever reads
/// them, all other rows here.
pub(super) async fn misfits(
    connection: &mut SqliteConnection,
    database: &str,
) -> Result<Vec<Misfit>, StoreError> {
    let tables = read::tables(connection).await?;
    let (mut sum, mut is_odd, mut unreadable) = (Root::default(), false, BTreeSet::new());
    for table in &tables {
        let each = |row: &SqliteRow, name: RowName, digest: Option<String>| {
            match &digest {
                Some(digest) => sum = sum.with(&name, digest),
                None => is_odd = true,
            }
            if !is_understood(table, row, &name) {
                unreadable.insert(name);
            }
        };
        each_row(connection, table, each).await?;
    }
    let misfits = if !is_odd && last_root(connection, database).await? == Some(sum) {
        Vec::new()
    } else {
        differing(connection, database, &tables).await?
    };
    let known: BTreeSet<RowName> = misfits.iter().map(|misfit| misfit.row.clone()).collect();
    let unreadable = unreadable.into_iter().filter(|row| !known.contains(row));
    let unreadable = unreadable.map(|row| Misfit { row, difference: Difference::Unreadable });
    let mut misfits: Vec<Misfit> = misfits.into_iter().chain(unreadable).collect();
    misfits.sort();
    Ok(misfits)
}

/// Reads each row of a table with its name and its digest, in the order in which rows are stored: a sum has no order.
async fn each_row(
    connection: &mut SqliteConnection,
    table: &Table,
    mut each: impl FnMut(&SqliteRow, RowName, Option<String>),
) -> Result<(), StoreError> {
    let stored = table.all.split_once(" ORDER BY ").map_or(table.all, |(stored, _)| stored);
    let mut rows = sqlx::query(stored).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        each(&row, read::name(table, &row), read::digest(table, &row));
    }
    Ok(())
}

/// Reads each entry of the list of last stamps that is understood.
async fn each_stamp(
    connection: &mut SqliteConnection,
    mut each: impl FnMut(RowName, String),
) -> Result<(), StoreError> {
    let mut rows = sqlx::query_as(STAMPS_READ).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        understood(vec![row]).into_iter().for_each(|(name, digest)| each(name, digest));
    }
    Ok(())
}

/// Whether a row of a table that no page has is a value of its type.
fn is_understood(table: &Table, row: &SqliteRow, name: &RowName) -> bool {
    fn holds<T: Kept>(table: &Table, row: &SqliteRow, name: &RowName) -> bool {
        read::text(row, table).is_some_and(|text| read::understood::<T>(name, &text).is_some())
    }
    let holds = if table.name == INTENTS.name {
        holds::<Intent>
    } else if table.name == TOMBSTONES.name {
        holds::<Tombstone>
    } else if table.name == CITATIONS.name {
        holds::<CitationRecord>
    } else if table.name == INVOLVEMENT.name {
        holds::<Involvement>
    } else if table.name == PLACES.name {
        holds::<PinnedPlace>
    } else if table.name == ACCOUNTS.name {
        holds::<OwnAccount>
    } else if table.name == MAPPINGS.name {
        holds::<Mapping>
    } else {
        return true;
    };
    holds(table, row, name)
}

/// The rows that differ, once it is known that some do: what is there and what the history says are told apart by few bytes
/// each, and only what is on one side is looked at by name.
async fn differing(
    connection: &mut SqliteConnection,
    database: &str,
    tables: &[&'static Table],
) -> Result<Vec<Misfit>, StoreError> {
    let replayed =
        if is_listed(connection, database).await? { None } else { Some(replayed(connection).await?) };
    let mut there: Vec<u128> = Vec::new();
    for table in tables {
        let each = |_: &SqliteRow, name, digest: Option<String>| {
            there.extend(digest.map(|digest| short(&name, &digest)));
        };
        each_row(connection, table, each).await?;
    }
    let mut said: Vec<u128> = Vec::new();
    match &replayed {
        Some(account) => said.extend(account.iter().map(|(name, digest)| short(name, digest))),
        None => each_stamp(connection, |name, digest| said.push(short(&name, &digest))).await?,
    }
    there.sort_unstable();
    said.sort_unstable();
    let of_one = |one: &[u128], other: &[u128]| -> BTreeSet<u128> {
        one.iter().filter(|term| other.binary_search(term).is_err()).copied().collect()
    };
    let (only_there, only_said) = (of_one(&there, &said), of_one(&said, &there));
    drop((there, said));
    let mut present = Present::new();
    for table in tables {
        let each = |_: &SqliteRow, name: RowName, digest: Option<String>| {
            if digest.as_ref().is_none_or(|digest| only_there.contains(&short(&name, digest))) {
                present.insert(name, digest);
            }
        };
        each_row(connection, table, each).await?;
    }
    let mut account = Account::new();
    let mut add = |name: RowName, digest: String| {
        if only_said.contains(&short(&name, &digest)) {
            account.insert(name, digest);
        }
    };
    match replayed {
        Some(whole) => whole.into_iter().for_each(|(name, digest)| add(name, digest)),
        None => each_stamp(connection, add).await?,
    }
    Ok(stamps::misfits(&account, &present, &BTreeSet::new()))
}

/// Whether the list of last stamps is the one that the last entry names the sum of.
async fn is_listed(connection: &mut SqliteConnection, database: &str) -> Result<bool, StoreError> {
    let mut sum = Root::default();
    each_stamp(connection, |name, digest| sum = sum.with(&name, &digest)).await?;
    Ok(last_root(connection, database).await? == Some(sum))
}
