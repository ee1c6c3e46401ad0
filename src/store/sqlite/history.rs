//! The history and the chain over it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{
    corrupt,
    read::{self, bound},
    run,
};
use crate::{
    model::{
        history::{Anchor, Inspection, Recorded},
        misfit::{Difference, Misfit, RowName},
    },
    store::{
        HistoryQuery, StoreError,
        approval::{RETIRED, Retirements},
        chain,
        rows::{self, Step},
        stamps::{self, Account, EVENT, Root, Stamping},
        statements,
    },
};

/// Rows that are read at once while the whole chain is walked.
const PAGE: i64 = 1000;

/// Reads entries, oldest first.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    query: &HistoryQuery,
) -> Result<Vec<Recorded>, StoreError> {
    let Step { sql, values, .. } = rows::history(query);
    let mut found = bound(sql, values).fetch(connection);
    let mut entries = Vec::new();
    while let Some(row) = found.try_next().await? {
        let seq: i64 = column(&row, 0, "history")?;
        let name = || format!("history {seq}");
        let data: String = column(&row, 2, &name())?;
        let entry = rows::understand(&data, name)?;
        entries.push(Recorded { seq, hash: column(&row, 1, &name())?, entry });
    }
    entries.reverse();
    Ok(entries)
}

/// Where the chain ends, by the register's own account.
pub(super) async fn end(connection: &mut SqliteConnection) -> Result<Anchor, StoreError> {
    let row = sqlx::query(statements::CHAIN_READ).fetch_optional(connection).await?;
    let row = row.ok_or_else(|| corrupt("chain", "it is missing"))?;
    Ok(Anchor { seq: column(&row, 0, "chain")?, hash: column(&row, 1, "chain")? })
}

/// Walks along the whole chain, and compares what it says of the rows with what is there; a release that stamped none has
/// the chain alone. To be asked within a transaction, so that nothing is added meanwhile.
pub(super) async fn inspect(
    connection: &mut SqliteConnection,
    database: &str,
    anchors: &[Anchor],
    is_stamped: bool,
) -> Result<Inspection, StoreError> {
    let head = end(connection).await?;
    let mut walk = chain::Walk::new(database, anchors);
    let (mut account, mut root) = (Account::new(), Root::default());
    let (mut faults, mut retirements) = (Vec::new(), Retirements::default());
    let mut last = i64::MIN;
    loop {
        let page = page(connection, statements::HISTORY_WALK, last).await?;
        let Some(newest) = page.last() else { break };
        last = newest.seq;
        for link in &page {
            walk.step(link);
            if link.row.event == RETIRED {
                retirements.hear(rows::understand(&link.row.data, || format!("history {}", link.seq))?);
            }
            if link.row.event == EVENT {
                let stamping = Stamping::read(&link.row.data).ok();
                if !stamping.is_some_and(|stamping| stamping.replay(&mut account, &mut root)) {
                    faults.push(format!("entry {} does not name the rows that it stamps", link.seq));
                }
            }
        }
    }
    let mut inspection = walk.end(&head);
    if is_stamped {
        inspection.misfits = misfits(connection, &account, &retirements).await?;
    }
    inspection.faults.extend(faults);
    inspection.intact = inspection.faults.is_empty() && inspection.misfits.is_empty();
    Ok(inspection)
}

/// Rows that are not as the whole history says, and last stamps that are not either.
async fn misfits(
    connection: &mut SqliteConnection,
    account: &Account,
    retirements: &Retirements,
) -> Result<Vec<Misfit>, StoreError> {
    let found = read::found(connection).await?;
    let mut misfits = stamps::misfits(account, &found.digests, &found.not_understood);
    let listed = super::stamps::listed(connection).await?;
    let names: BTreeSet<&RowName> = listed.keys().chain(account.keys()).collect();
    let changed = names.into_iter().filter(|row| listed.get(row) != account.get(row));
    misfits.extend(changed.map(|row| Misfit { row: row.clone(), difference: Difference::Stamp }));
    let last = read::last_cycle(connection).await?;
    misfits.extend(read::approval(connection, last.as_ref()).await?);
    misfits.extend(retirements.misfits(&read::sights(connection).await?));
    misfits.sort();
    Ok(misfits)
}

/// When the newest entry was made.
pub(super) async fn newest(connection: &mut SqliteConnection) -> Result<DateTime<Utc>, StoreError> {
    let end = end(connection).await?;
    let last = pair(connection, end.seq).await?.pop();
    let newest = last.and_then(|link| DateTime::from_timestamp_millis(link.row.at_ms));
    Ok(newest.unwrap_or(DateTime::UNIX_EPOCH))
}

/// Begins the chain, and takes in the history of a release that had none.
pub(super) async fn begin(connection: &mut SqliteConnection, database: &str) -> Result<(), StoreError> {
    let mut end = chain::genesis(database);
    let begun = sqlx::query(statements::CHAIN_BEGIN).bind(end.seq).bind(&end.hash);
    begun.execute(&mut *connection).await?;
    let mut last = i64::MIN;
    loop {
        let page = page(connection, UNCHAINED, last).await?;
        let Some(newest) = page.last() else { break };
        last = newest.seq;
        for link in page {
            run(connection, rows::append(link.row, &mut end)).await?;
        }
    }
    run(connection, rows::moved(&end)).await?;
    sqlx::query("DROP TABLE history_unchained").execute(connection).await?;
    Ok(())
}

/// Reads entries of a release that had no chain.
const UNCHAINED: &str = "\
    SELECT seq, at_ms, cycle, event, finding, data, '' FROM history_unchained WHERE seq > $1 ORDER BY seq LIMIT $2";

/// Reads as many entries after a number as a walk reads at once, oldest first.
pub(super) async fn page(
    connection: &mut SqliteConnection,
    sql: &'static str,
    last: i64,
) -> Result<Vec<chain::Link>, StoreError> {
    entries(connection, sql, last, PAGE).await
}

/// Reads an entry and the one before it.
pub(super) async fn pair(
    connection: &mut SqliteConnection,
    seq: i64,
) -> Result<Vec<chain::Link>, StoreError> {
    entries(connection, statements::HISTORY_WALK, seq.saturating_sub(2), 2).await
}

async fn entries(
    connection: &mut SqliteConnection,
    sql: &'static str,
    last: i64,
    limit: i64,
) -> Result<Vec<chain::Link>, StoreError> {
    let rows = sqlx::query(sql).bind(last).bind(limit).fetch_all(connection).await?;
    rows.iter().map(link).collect()
}

fn link(row: &SqliteRow) -> Result<chain::Link, StoreError> {
    let seq: i64 = column(row, 0, "history")?;
    let name = format!("history {seq}");
    let columns = chain::Row {
        at_ms: column(row, 1, &name)?,
        cycle: column(row, 2, &name)?,
        event: column(row, 3, &name)?,
        finding: column(row, 4, &name)?,
        data: column(row, 5, &name)?,
    };
    Ok(chain::Link { seq, row: columns, hash: column(row, 6, &name)? })
}

fn column<'r, T>(row: &'r SqliteRow, at: usize, name: &str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(at).map_err(|why| corrupt(name, why))
}
