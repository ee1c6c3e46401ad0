//! Connections: their settings, and what SQLite's errors mean for people.

use std::{future, path::Path, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::store::StoreError;

/// How long a statement waits for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// SQLite's code for "another connection has it".
const BUSY: i32 = 5;

/// Settings on which the promises stand, as SQLite reads them back.
const PROVEN: &[(&str, &str)] = &[("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")];

/// The settings every connection has: what is acknowledged is on the disk, whatever the file's own defaults are.
pub fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // On macOS a plain fsync stops at the drive's cache; elsewhere this says nothing.
        .pragma("fullfsync", "on")
        .row_buffer_size(500)
        .disable_statement_logging()
}

/// Connects, and proves on a first connection what all of them are set to.
pub(super) async fn connect(options: &SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let mut first = first(options).await?;
    prove(&mut first).await?;
    first.close().await?;
    Ok(pool().connect_lazy_with(options.clone()))
}

/// One connection. Whoever comes while another process creates the file tries again for a second: switching a new file to write-ahead
/// logging is the one thing that SQLite does not wait for.
pub(super) async fn first(options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    let mut tries = 50;
    loop {
        match options.connect().await {
            Err(error) if tries > 0 && is_busy(&error) => tries -= 1,
            connected => return Ok(connected?),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every connection proves its settings before it is used for the first time; one that cannot is never handed out.
///
/// An idle connection that counts a transaction is one whose transaction SQLite itself ended, as it does when the disk
/// is full (`sqlite.org/lang_transaction.html`): sqlx cannot begin another on it, so it is not used again.
fn pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(4)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(prove(connection)))
        .before_acquire(|connection, _| Box::pin(future::ready(Ok(!connection.is_in_transaction()))))
}

/// Brings the write-ahead log into the file and empties it, so that the file is whole by itself while nothing runs: a copy
/// of it alone would otherwise be an old register, or an empty one, and a file that is put in its place would be read
/// together with what the log still says.
pub(super) async fn checkpoint(pool: &SqlitePool) {
    // Nothing is lost when it fails, or when a reader stays in the way: the log keeps the rest.
    let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await;
}

/// Reads back what a connection was set to: SQLite keeps the old setting without a word where it cannot have the new one,
/// such as write-ahead logging on a file system without shared memory.
async fn prove(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for (setting, wanted) in PROVEN {
        let sql = AssertSqlSafe(format!("PRAGMA {setting}"));
        let row = sqlx::query(sql).fetch_one(&mut *connection).await?;
        let found = row.try_get_unchecked::<String, _>(0)?;
        if found != *wanted {
            let why = format!("its `{setting}` is `{found}` and cannot be made `{wanted}`; use a local disk");
            return Err(sqlx::Error::Configuration(why.into()));
        }
    }
    Ok(())
}

/// What an error says, without the names of the layers that it came through.
pub fn told(error: &sqlx::Error) -> String {
    if let sqlx::Error::Configuration(why) = error {
        return why.to_string();
    }
    match (error.as_database_error(), primary_code(error)) {
        (Some(database), Some(code)) => format!("{} (SQLite {code})", database.message()),
        (Some(database), None) => database.message().to_owned(),
        (None, _) => error.to_string(),
    }
}

/// What to do about an error of SQLite, for people; empty when nothing better can be said than what it says itself.
pub fn advice(error: &sqlx::Error) -> &'static str {
    match primary_code(error) {
        Some(BUSY | 6) => "; another process kept writing to it, try again",
        Some(8) => "; nothing was written, make the file and its directory writable",
        Some(10) => "; the disk failed or a limit was reached, look into it before going on",
        Some(11) => "; the file is damaged, restore a backup",
        Some(13) => "; nothing was written, make room on the disk",
        Some(14) => "; check that the file and its directory exist and may be used",
        Some(26) => "; the file is something else, check the address of the store",
        Some(_) | None => "",
    }
}

/// Whether somebody else has what is asked for.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(BUSY)
}

/// SQLite's primary result code: the low byte of the extended one (`sqlite.org/rescode.html`).
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i32>().ok().map(|code| code & 0xff)
}
