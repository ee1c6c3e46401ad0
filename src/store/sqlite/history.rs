//! The history and the chain over it.

use std::collections::{BTreeMap, BTreeSet};

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
        HistoryQuery, StoreError, chain,
        replay::Replay,
        retirement::{RETIRED, Retirements},
        root::Root,
        rows::{self, Step},
        stamps::{self, Account, EVENT, Stamped, Stamping},
        statements, told,
    },
};

/// Entries that are read at once while the whole chain is walked: one may tell hundreds of rows.
const PAGE: i64 = 100;

/// Reads entries, oldest first.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    query: &HistoryQuery,
) -> Result<Vec<Recorded>, StoreError> {
    let Step { sql, values, .. } = told::history(query);
    let mut found = bound(sql, values).fetch(&mut *connection);
    let mut entries = Vec::new();
    while let Some(row) = found.try_next().await? {
        let seq: i64 = column(&row, 0, "history")?;
        let name = || format!("history {seq}");
        let data: String = column(&row, 2, &name())?;
        let entry = rows::understand(&data, name)?;
        entries.push(Recorded { seq, hash: column(&row, 1, &name())?, entry, changes: Vec::new() });
    }
    drop(found);
    entries.reverse();
    if query.changes {
        tell_changes(connection, &mut entries).await?;
    }
    Ok(entries)
}

/// Says of every entry what became of rows in its transaction, which ends with the entry that stamps them.
async fn tell_changes(connection: &mut SqliteConnection, entries: &mut [Recorded]) -> Result<(), StoreError> {
    let mut last: Option<(i64, Stamping)> = None;
    for Recorded { seq, entry, changes, .. } in entries {
        if last.as_ref().is_none_or(|(at, _)| *at < *seq) {
            let next: Option<(i64, String)> = sqlx::query_as(statements::stamped::STAMPED_NEXT)
                .bind(*seq)
                .fetch_optional(&mut *connection)
                .await?;
            // Past the last one there is nothing to tell.
            let Some((at, data)) = next else { return Ok(()) };
            last = Some((at, rows::understand(&data, || format!("history {at}"))?));
        }
        let Some((_, stamping)) = last.as_ref().filter(|(_, stamping)| stamping.is_with(*seq)) else {
            continue;
        };
        let is_told = |row: &RowName| entry.event == EVENT || row.finding() == entry.finding;
        let told = stamping.rows().iter().filter(|stamped| is_told(&stamped.row));
        changes.extend(told.map(Stamped::shown));
    }
    Ok(())
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
    let (mut account, mut root, mut replay) = (Account::new(), Root::default(), Replay::default());
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
                for row in stamping.iter().flat_map(|stamping| replay.step(stamping)) {
                    faults.push(format!("entry {}: what it says of `{row}` does not follow", link.seq));
                }
                if !stamping.is_some_and(|stamping| stamping.replay(&mut account, &mut root)) {
                    faults.push(format!("entry {} does not name the rows that it stamps", link.seq));
                }
            }
        }
    }
    let mut inspection = walk.end(&head);
    if is_stamped {
        let misfits = misfits(connection, &account, &retirements).await?;
        let differing = differing(connection, &replay).await?;
        let unfit: BTreeSet<&RowName> = misfits.iter().map(|misfit| &misfit.row).collect();
        let odd = differing.iter().filter(|(row, members)| !members.is_empty() && !unfit.contains(row));
        faults.extend(odd.map(|(row, members)| {
            format!("what the history says of `{row}` is not what it stamps: {}", members.join(", "))
        }));
        let detail = |misfit: &Misfit| {
            (misfit.row.clone(), replay.detail(misfit, differing.get(&misfit.row).map(Vec::as_slice)))
        };
        inspection.details = misfits.iter().map(detail).collect();
        inspection.misfits = misfits;
    }
    inspection.faults.extend(faults);
    inspection.intact = inspection.faults.is_empty() && inspection.misfits.is_empty();
    Ok(inspection)
}

/// The members in which each row that is there differs from the history replayed, where it tells; most often none.
async fn differing(
    connection: &mut SqliteConnection,
    replay: &Replay,
) -> Result<BTreeMap<RowName, Vec<String>>, StoreError> {
    let mut differing = BTreeMap::new();
    for table in read::tables(connection).await? {
        let mut found = bound(table.all, Vec::new()).fetch(&mut *connection);
        while let Some(row) = found.try_next().await? {
            let name = read::name(table, &row);
            let columns = read::columns(&row).unwrap_or_default();
            if let Some(members) = replay.differences(table, &name, &columns) {
                differing.insert(name, members);
            }
        }
    }
    Ok(differing)
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
            run(connection, told::append(link.row, &mut end)).await?;
        }
    }
    run(connection, told::moved(&end)).await?;
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
