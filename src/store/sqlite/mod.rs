//! The register in one SQLite file.
//!
//! Knows SQLite: its settings, its migrations, its error codes and how it locks. Statements and rows are elsewhere,
//! so that a second database needs another folder like this one and nothing else.

mod asked;
pub mod backup;
pub mod connection;
mod few;
mod history;
mod home;
mod named;
mod proof;
mod read;
mod register;
mod rows_of;
pub mod schema;
mod sorted;
mod stamps;
mod turns;
mod view;

use std::{collections::BTreeMap, path::PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction, sqlite::SqliteConnectOptions};

use self::stamps::Recording;
use super::{
    Commits, HistoryQuery, Lease, Leases, Seed, StoreError, Told, file,
    lineage::Lineage,
    rows::{self, Step},
    statements, told, versions,
};
use crate::model::{
    history::{Anchor, Inspection, Recorded},
    ids::{FindingKey, InstanceName},
    misfit::RowName,
    register::{Identity, Write},
};

/// The register in one SQLite file. Reading never waits for writing, nor writing for reading.
#[derive(Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    path: PathBuf,
    identity: Identity,
    lineage: Lineage,
    reserve: u64,
}

/// MiB that have to be free before anything is begun.
const RESERVE: u64 = 64;

impl SqliteStore {
    /// Opens the file that the settings name, brings its schema up to date and checks whose it is.
    /// The file must be there: [`file::prepare`] creates it.
    ///
    /// # Errors
    /// As [`super::open`].
    pub async fn open(
        options: SqliteConnectOptions,
        instance: &InstanceName,
        seed: &Seed,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let path = options.get_filename().to_owned();
        let pool = connection::connect(&options).await?;
        let identity = match schema::current(&pool, &path, instance).await? {
            Some(identity) => identity,
            None => schema::bring_up_to_date(&pool, &path, instance, seed, now).await?,
        };
        // What stands beside it is read first: it is written after a transaction, and is never ahead of it.
        let known = Lineage::beside(&path);
        let (version, used) = read::standing(&mut *pool.acquire().await?).await?;
        let lineage = known.seen(version, used);
        if (lineage.put_back(), lineage.newest_copy()) != (known.put_back(), known.newest_copy()) {
            lineage.keep(&path);
        }
        let identity =
            Identity { put_back: lineage.put_back(), newest_copy: lineage.newest_copy(), ..identity };
        Ok(Self { pool, path, identity, lineage, reserve: RESERVE })
    }

    /// Keeps another number of MiB in reserve than 64.
    pub fn reserving(self, reserve: u64) -> Self {
        Self { reserve, ..self }
    }

    async fn taken(&self, holder: &str, anywhere: bool) -> Result<Lease, StoreError> {
        let lock = file::lock(&self.path, holder)?;
        if let Some(free) = file::free(&self.path).filter(|free| *free < self.reserve) {
            return Err(StoreError::NearlyFull { free, needed: self.reserve });
        }
        let mut tx = writing(&self.pool).await?;
        if !anywhere {
            home::prove(&mut tx, &self.path).await?;
        }
        let token = sqlx::query_scalar(statements::LEASE_TAKE).bind(holder).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(Lease { token, _lock: Some(lock) })
    }
}

#[async_trait]
impl Leases for SqliteStore {
    async fn identity(&self) -> Result<Identity, StoreError> {
        Ok(self.identity.clone())
    }

    async fn lease(&self, holder: &str) -> Result<Lease, StoreError> {
        self.taken(holder, false).await
    }

    async fn lease_anywhere(&self, holder: &str) -> Result<Lease, StoreError> {
        self.taken(holder, true).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        connection::checkpoint(&self.pool).await;
        drop(lease);
        Ok(())
    }
}

#[async_trait]
impl Commits for SqliteStore {
    async fn record(&self, lease: &Lease, writes: Vec<Write>) -> Result<(), StoreError> {
        if writes.is_empty() {
            return Ok(());
        }
        // A transaction that is dropped on the way out is rolled back.
        let mut tx = writing(&self.pool).await?;
        let held: Option<i64> =
            sqlx::query_scalar(statements::LEASE_USE).bind(lease.token).fetch_optional(&mut *tx).await?;
        let Some(version) = held else { return Err(StoreError::LeaseLost { ours: lease.token }) };
        add(&mut tx, &self.identity.database, &writes, version).await?;
        if writes.contains(&Write::Moved) {
            home::move_here(&mut tx, &self.path).await?;
        }
        tx.commit().await?;
        self.lineage.at(version).keep(&self.path);
        Ok(())
    }
}

#[async_trait]
impl Told for SqliteStore {
    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Recorded>, StoreError> {
        history::read(&mut *self.pool.acquire().await?, query).await
    }

    async fn head(&self) -> Result<Anchor, StoreError> {
        history::end(&mut *self.pool.acquire().await?).await
    }

    async fn inspect(&self, anchors: &[Anchor]) -> Result<Inspection, StoreError> {
        let mut tx = self.pool.begin().await?;
        let inspection = history::inspect(&mut tx, &self.identity.database, anchors, true).await?;
        tx.rollback().await?;
        Ok(inspection)
    }
}

/// Adds writes to a transaction, stamps the rows that they change, and moves the end of the chain behind what all this
/// adds to the history. The transaction has the number `version`.
///
/// A link that replaces one of the same finding in the same transaction takes its place in the order of linking: the
/// issue was moved, and is no later one.
async fn add(
    connection: &mut SqliteConnection,
    database: &str,
    writes: &[Write],
    version: i64,
) -> Result<(), StoreError> {
    let before = history::end(connection).await?;
    let mut end = before.clone();
    let mut recording = Recording::default();
    let mut vacated: BTreeMap<&FindingKey, i64> = BTreeMap::new();
    for write in writes {
        let taken = if let Write::Link(link) = write { vacated.remove(&link.finding) } else { None };
        let seq = taken.unwrap_or(version);
        if let Write::Unlink { finding, issue } = write
            && let Some(seq) = read::place(connection, finding, issue).await?
        {
            vacated.insert(finding, seq);
        }
        for step in rows::steps(write, (seq, version), &mut end)? {
            recording.run(connection, step).await?;
        }
        match write {
            Write::TombstonesCleared(finding) => {
                for key in tombstones(connection, finding).await? {
                    let key: Vec<&str> = key.iter().map(String::as_str).collect();
                    recording.run(connection, rows::drop_tombstone(&key)).await?;
                }
            }
            Write::Accepted(row) => accept(connection, &mut recording, row, version).await?,
            Write::Unchanged { finding, version } => read::unchanged(connection, finding, *version).await?,
            Write::Finding(_)
            | Write::Link(_)
            | Write::Unlink { .. }
            | Write::Intent(_)
            | Write::IntentUnclear(_)
            | Write::IntentDone { .. }
            | Write::EditIntent(_)
            | Write::EditDone { .. }
            | Write::Tombstone(_)
            | Write::TombstoneCleared { .. }
            | Write::Sight(_)
            | Write::Marked(_)
            | Write::Unmarked { .. }
            | Write::Looked(_)
            | Write::Issue(_)
            | Write::Citation(_)
            | Write::Involvement(_)
            | Write::Place(_)
            | Write::Document(_)
            | Write::DocumentForgotten(_)
            | Write::Account(_)
            | Write::Mapping(_)
            | Write::Instance(_)
            | Write::Moved
            | Write::DocumentsStand
            | Write::Pause { .. }
            | Write::Note(_)
            | Write::NoteEnded(_)
            | Write::Spent(_)
            | Write::SpentForgotten { .. }
            | Write::Cycle(_)
            | Write::History(_) => {}
        }
    }
    named::add(connection, writes).await?;
    add_parts(connection, &mut recording, writes, (end.seq, version)).await?;
    recording.seal(connection, database, writes, (before.seq.saturating_add(1), &mut end)).await?;
    if end == before { Ok(()) } else { run(connection, told::moved(&end)).await.map(drop) }
}

/// Takes a row as it is. What readers see of it changes with that.
async fn accept(
    connection: &mut SqliteConnection,
    recording: &mut Recording,
    row: &RowName,
    version: i64,
) -> Result<(), StoreError> {
    recording.accept(connection, row).await?;
    if let Some(finding) = row.finding() {
        named::add_of(connection, &finding).await?;
    }
    match versions::touch(row, version) {
        Some(step) => run(connection, step).await.map(drop),
        None => Ok(()),
    }
}

/// Adds the parts that writes tell of or imply, where the history stands at `seq`. Who had a part in a finding is what readers
/// see of it.
async fn add_parts(
    connection: &mut SqliteConnection,
    recording: &mut Recording,
    writes: &[Write],
    (seq, version): (i64, i64),
) -> Result<(), StoreError> {
    for write in writes {
        for step in rows::parts(write, seq)? {
            let of = step.writes.as_ref().and_then(|written| written.row.finding());
            let is_new = recording.run(connection, step).await?;
            let row = of.filter(|_| is_new).map(|of| RowName::of("finding", [of.as_str()]));
            if let Some(step) = row.and_then(|row| versions::touch(&row, version)) {
                run(connection, step).await?;
            }
        }
    }
    Ok(())
}

/// The keys of a finding's tombstones.
async fn tombstones(
    connection: &mut SqliteConnection,
    finding: &FindingKey,
) -> Result<Vec<[String; 3]>, StoreError> {
    let found: Vec<(String, String, String)> =
        sqlx::query_as(statements::TOMBSTONES_OF).bind(finding.as_str()).fetch_all(connection).await?;
    Ok(found.into_iter().map(|(finding, host, issue)| [finding, host, issue]).collect())
}

/// Begins a transaction that writes. It takes SQLite's write lock at once: one that reads first and writes later
/// fails, instead of waiting, when another process wrote in between.
async fn writing(pool: &SqlitePool) -> Result<Transaction<'static, Sqlite>, StoreError> {
    Ok(pool.begin_with("BEGIN IMMEDIATE").await?)
}

/// Runs a statement; how many rows it touched.
async fn run(connection: &mut SqliteConnection, step: Step) -> Result<u64, StoreError> {
    let done = read::bound(step.sql, step.values).execute(connection).await?;
    match step.claims {
        Some(finding) if done.rows_affected() == 0 => Err(StoreError::IntentTaken { finding }),
        Some(_) | None => Ok(done.rows_affected()),
    }
}

fn corrupt(row: &str, why: impl ToString) -> StoreError {
    StoreError::Corrupt { row: row.to_owned(), why: why.to_string() }
}
