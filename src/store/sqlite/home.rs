//! Where the register says that it stands.

use std::path::Path;

use sqlx::SqliteConnection;

use super::run;
use crate::store::{StoreError, home::Home, seen, statements};

/// Refuses a copy of a register that stands elsewhere. One that was moved, put back or never told remembers where it is.
pub(super) async fn prove(connection: &mut SqliteConnection, file: &Path) -> Result<(), StoreError> {
    let Some(here) = Home::of(file) else { return Ok(()) };
    match read_home(connection).await? {
        Some(home) if home == here => Ok(()),
        Some(home) if here.is_copy_of(&home) => Err(StoreError::Copied { home: home.path, here: here.path }),
        Some(_) | None => settle(connection, &here).await,
    }
}

/// Remembers that the register stands here, whatever it said before.
pub(super) async fn move_here(connection: &mut SqliteConnection, file: &Path) -> Result<(), StoreError> {
    match Home::of(file) {
        Some(here) => settle(connection, &here).await,
        None => Ok(()),
    }
}

async fn settle(connection: &mut SqliteConnection, here: &Home) -> Result<(), StoreError> {
    run(connection, seen::put_home(here)).await.map(drop)
}

async fn read_home(connection: &mut SqliteConnection) -> Result<Option<Home>, StoreError> {
    let row: Option<(String, String, String)> =
        sqlx::query_as(statements::HOME_READ).fetch_optional(connection).await?;
    Ok(row.map(|(path, inode, filesystem)| Home { path, inode, filesystem }))
}
