//! Connections: their settings, and what SQLite's errors mean for people.

use std::{future, path::Path, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::store::StoreError;

/// How long a statement waits for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// SQLite's code for "another connection has it".
const BUSY: i32 = 5;

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

/// Connects. Whoever comes while another process creates the file tries again for a second: switching a new file
/// to write-ahead logging is the one thing that SQLite does not wait for.
pub(super) async fn connect(options: &SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
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
pub fn advice(error: &sqlx::Error) -> &'static str {
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
