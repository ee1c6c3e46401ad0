//! The register in one SQLite file.
//!
//! Knows SQLite: its settings, its migrations, its error codes and how it locks. Statements and rows are elsewhere,
//! so that a second database needs another file like this one and nothing else.

use std::{
    future,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use futures::TryStreamExt as _;
use serde::de::DeserializeOwned;
use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, SqlSafeStr as _, Sqlite, SqliteConnection, SqlitePool,
    Transaction,
    migrate::{Migration, MigrationType, Migrator},
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow,
        SqliteSynchronous,
    },
};

use super::{
    HistoryQuery, Lease, Seed, Store, StoreError, file,
    rows::{self, Step, Value},
    statements,
};
use crate::model::{
    finding::Finding,
    history::Entry,
    ids::{InstanceName, TrackerName},
    register::{Identity, Register, Write},
};

/// The schema, oldest first. Applied ones are pinned by checksum; changes are appended (I18).
pub const MIGRATIONS: &[(i64, &str, &str)] =
    &[(1, "register", include_str!("../../migrations/sqlite/0001_register.sql"))];

/// How long a statement waits for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// SQLite's code for "another connection has it".
const BUSY: i32 = 5;

/// The register in one SQLite file. Reading never waits for writing, nor writing for reading.
#[derive(Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    path: PathBuf,
    identity: Identity,
}

/// The settings every connection has: what is acknowledged is on the disk (I15), whatever the file's own defaults are.
pub fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .row_buffer_size(500)
        .disable_statement_logging()
}

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
        let pool = connect(&options).await?;
        let identity = match current(&pool, &path, instance).await? {
            Some(identity) => identity,
            None => found(&pool, instance, seed, now).await?,
        };
        Ok(Self { pool, path, identity })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn identity(&self) -> Result<Identity, StoreError> {
        Ok(self.identity.clone())
    }

    async fn lease(&self, holder: &str) -> Result<Lease, StoreError> {
        let lock = file::lock(&self.path, holder)?;
        let mut tx = writing(&self.pool).await?;
        let epoch = sqlx::query_scalar(statements::LEASE_TAKE).bind(holder).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(Lease { epoch, _lock: Some(lock) })
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        drop(lease);
        Ok(())
    }

    async fn load(&self) -> Result<Register, StoreError> {
        let mut tx = self.pool.begin().await?;
        let register = register(&mut tx).await?;
        tx.rollback().await?;
        Ok(register)
    }

    async fn record(&self, lease: &Lease, writes: Vec<Write>) -> Result<(), StoreError> {
        if writes.is_empty() {
            return Ok(());
        }
        // A transaction that is dropped on the way out is rolled back.
        let mut tx = writing(&self.pool).await?;
        let held = sqlx::query(statements::LEASE_USE).bind(lease.epoch).execute(&mut *tx).await?;
        if held.rows_affected() != 1 {
            return Err(StoreError::LeaseLost { ours: lease.epoch });
        }
        for write in &writes {
            for step in rows::steps(write)? {
                run(&mut tx, step).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Entry>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let Step { sql, values, .. } = rows::history(query);
        let mut entries: Vec<Entry> = read(&mut connection, sql, values, "history").await?;
        entries.reverse();
        Ok(entries)
    }
}

/// Connects. Whoever comes while another process creates the file tries again for a second: switching a new file
/// to write-ahead logging is the one thing that SQLite does not wait for.
async fn connect(options: &SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let mut tries = 50;
    loop {
        match pool().connect_with(options.clone()).await {
            Err(error) if tries > 0 && primary_code(&error) == Some(BUSY) => tries -= 1,
            connected => return Ok(connected?),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An idle connection that counts a transaction is one whose transaction SQLite itself ended, as it does when the disk
/// is full (`sqlite.org/lang_transaction.html`): sqlx cannot begin another on it, so it is not used again.
fn pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(4)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(future::ready(Ok(!connection.is_in_transaction()))))
}

/// What to do about an error of SQLite, for people; empty when nothing better can be said than what it says itself.
pub(super) fn advice(error: &sqlx::Error) -> &'static str {
    match primary_code(error) {
        Some(BUSY | 6) => "; another process kept writing to it, try again",
        Some(8) => "; nothing was written, make the file and its directory writable",
        Some(10) => "; the disk failed, check it before going on",
        Some(11) => "; the file is damaged, restore a backup",
        Some(13) => "; nothing was written, make room on the disk",
        Some(14) => "; check that the file and its directory exist and may be used",
        Some(26) => "; the file is something else, check the address of the store",
        Some(_) | None => "",
    }
}

/// SQLite's primary result code: the low byte of the extended one (`sqlite.org/rescode.html`).
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i32>().ok().map(|code| code & 0xff)
}

/// Who the register is, when its schema is up to date. Writes nothing, so that opening waits for nobody.
async fn current(
    pool: &SqlitePool,
    path: &Path,
    instance: &InstanceName,
) -> Result<Option<Identity>, StoreError> {
    let mut tx = pool.begin().await?;
    let known = MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or_default();
    match schema_version(&mut tx, path).await? {
        Some(found) if found > known => return Err(StoreError::Newer { found, known }),
        Some(found) if found == known => {}
        Some(_) | None => return Ok(None),
    }
    // Nothing is left to apply: this compares the checksums.
    migrator().run(&mut *tx).await?;
    let identity = identity(&mut tx, instance).await?;
    tx.rollback().await?;
    Ok(Some(identity))
}

/// Version of the schema; none in an empty file.
async fn schema_version(connection: &mut SqliteConnection, path: &Path) -> Result<Option<i64>, StoreError> {
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut *connection)
        .await?;
    if tables.is_empty() {
        return Ok(None);
    }
    if !tables.iter().any(|table| table == "_sqlx_migrations") {
        let source =
            std::io::Error::other("is the database of another program; check the address of the store");
        return Err(StoreError::File { path: path.display().to_string(), source });
    }
    Ok(sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(connection).await?)
}

/// Brings the schema up to date and writes who the register is, unless that is written already; all or nothing.
/// A second process that opens the same new file waits for the first and then finds everything done.
async fn found(
    pool: &SqlitePool,
    instance: &InstanceName,
    seed: &Seed,
    now: DateTime<Utc>,
) -> Result<Identity, StoreError> {
    let mut tx = writing(pool).await?;
    migrator().run(&mut *tx).await?;
    let facts = [
        ("database", HEXLOWER.encode(&seed.database)),
        ("instance", instance.as_str().to_owned()),
        ("marker_key", HEXLOWER.encode(&seed.marker_key)),
        ("founded", now.to_rfc3339()),
    ];
    for (key, value) in facts {
        sqlx::query(statements::META_ADD).bind(key).bind(value).execute(&mut *tx).await?;
    }
    // Asked before the commit: the schema of another instance's register is not ours to change.
    let identity = identity(&mut tx, instance).await?;
    tx.commit().await?;
    Ok(identity)
}

fn migrator() -> Migrator {
    let migration = |&(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect())
}

/// Reads who the register is, and refuses another instance's.
async fn identity(connection: &mut SqliteConnection, wanted: &InstanceName) -> Result<Identity, StoreError> {
    let facts: Vec<(String, String)> = sqlx::query_as(statements::META_READ).fetch_all(connection).await?;
    let fact = |wanted: &str| {
        let found = facts.iter().find(|(key, _)| key == wanted);
        found.map(|(_, value)| value.clone()).ok_or_else(|| missing(wanted))
    };
    let instance = InstanceName::new(fact("instance")?);
    if instance != *wanted {
        let (found, wanted) = (instance.as_str().to_owned(), wanted.as_str().to_owned());
        return Err(StoreError::OtherInstance { found, wanted });
    }
    let marker_key = HEXLOWER.decode(fact("marker_key")?.as_bytes());
    Ok(Identity {
        database: fact("database")?,
        instance,
        marker_key: marker_key.map_err(|why| corrupt("meta marker_key", why))?,
    })
}

/// Begins a transaction that writes. It takes SQLite's write lock at once: one that reads first and writes later
/// fails, instead of waiting, when another process wrote in between.
async fn writing(pool: &SqlitePool) -> Result<Transaction<'static, Sqlite>, StoreError> {
    Ok(pool.begin_with("BEGIN IMMEDIATE").await?)
}

async fn run(connection: &mut SqliteConnection, step: Step) -> Result<(), StoreError> {
    let done = bound(step.sql, step.values).execute(connection).await?;
    match step.claims {
        Some(finding) if done.rows_affected() == 0 => Err(StoreError::IntentTaken { finding }),
        Some(_) | None => Ok(()),
    }
}

async fn register(connection: &mut SqliteConnection) -> Result<Register, StoreError> {
    let findings: Vec<Finding> = table(connection, statements::FINDINGS_READ, "finding").await?;
    let pauses: Vec<(TrackerName, DateTime<Utc>)> =
        table(connection, statements::PAUSES_READ, "pause").await?;
    Ok(Register {
        findings: findings.into_iter().map(|finding| (finding.key.clone(), finding)).collect(),
        links: table(connection, statements::LINKS_READ, "link").await?,
        intents: table(connection, statements::INTENTS_READ, "intent").await?,
        tombstones: table(connection, statements::TOMBSTONES_READ, "tombstone").await?,
        places: table(connection, statements::PLACES_READ, "place").await?,
        pauses: pauses.into_iter().collect(),
        last_cycle: table(connection, statements::CYCLE_READ, "cycle").await?.pop(),
        version: sqlx::query_scalar(statements::VERSION_READ).fetch_one(connection).await?,
    })
}

async fn table<T: DeserializeOwned>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    name: &str,
) -> Result<Vec<T>, StoreError> {
    read(connection, sql, Vec::new(), name).await
}

/// Reads rows whose last column is JSON and whose other columns name them.
async fn read<T: DeserializeOwned>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    values: Vec<Value>,
    name: &str,
) -> Result<Vec<T>, StoreError> {
    let mut found = bound(sql, values).fetch(connection);
    let mut read = Vec::new();
    while let Some(row) = found.try_next().await? {
        let last = row.len().saturating_sub(1);
        let data: &str = row.try_get(last).map_err(|why| corrupt(&title(&row, name), why))?;
        read.push(rows::understand(data, || title(&row, name))?);
    }
    Ok(read)
}

/// The name of a row: its table and the columns before the last.
fn title(row: &SqliteRow, table: &str) -> String {
    let keys = (0..row.len().saturating_sub(1)).filter_map(|column| row.try_get::<&str, _>(column).ok());
    std::iter::once(table).chain(keys).collect::<Vec<_>>().join(" ")
}

fn bound(sql: &'static str, values: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Number(number) => query.bind(number),
    })
}

fn missing(fact: &str) -> StoreError {
    corrupt(&format!("meta {fact}"), "it is missing")
}

fn corrupt(row: &str, why: impl ToString) -> StoreError {
    StoreError::Corrupt { row: row.to_owned(), why: why.to_string() }
}
