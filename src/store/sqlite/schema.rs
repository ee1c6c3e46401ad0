//! The schema: which version a file has, how it is brought up to date, and whose register it is.

use std::path::Path;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use sqlx::{
    SqlSafeStr as _, SqliteConnection, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
};

use super::{connection, corrupt, history, register, sorted, stamps, writing};
use crate::{
    model::{
        ids::InstanceName,
        misfit::{Misfit, RowName},
        register::Identity,
    },
    store::{Seed, StoreError, file, statements},
};

/// The schema, oldest first. Applied ones are pinned by checksum; changes are appended.
pub const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "register", include_str!("../../../migrations/sqlite/0001_register.sql")),
    (CHAINED, "chain", include_str!("../../../migrations/sqlite/0002_chain.sql")),
    (3, "edit_intent", include_str!("../../../migrations/sqlite/0003_edit_intent.sql")),
    (4, "involvement", include_str!("../../../migrations/sqlite/0004_involvement.sql")),
    (5, "issue", include_str!("../../../migrations/sqlite/0005_issue.sql")),
    (6, "citation", include_str!("../../../migrations/sqlite/0006_citation.sql")),
    (7, "place", include_str!("../../../migrations/sqlite/0007_place.sql")),
    (8, "order", include_str!("../../../migrations/sqlite/0008_order.sql")),
    (9, "home", include_str!("../../../migrations/sqlite/0009_home.sql")),
    (STAMPED, "stamps", include_str!("../../../migrations/sqlite/0010_stamps.sql")),
    (11, "note", include_str!("../../../migrations/sqlite/0011_note.sql")),
    (TOLD, "replay", include_str!("../../../migrations/sqlite/0012_replay.sql")),
    (13, "count", include_str!("../../../migrations/sqlite/0013_count.sql")),
    (14, "document", include_str!("../../../migrations/sqlite/0014_document.sql")),
    (15, "marked", include_str!("../../../migrations/sqlite/0015_marked.sql")),
    (16, "reading", include_str!("../../../migrations/sqlite/0016_reading.sql")),
    (SORTED, "rows", include_str!("../../../migrations/sqlite/0017_rows.sql")),
    (18, "due", include_str!("../../../migrations/sqlite/0018_due.sql")),
    (19, "stood", include_str!("../../../migrations/sqlite/0019_stood.sql")),
    (20, "pages", include_str!("../../../migrations/sqlite/0020_pages.sql")),
    (21, "noted", include_str!("../../../migrations/sqlite/0021_noted.sql")),
];

/// The version from which on the history is a chain.
pub(super) const CHAINED: i64 = 2;

/// The version from which on the history names every row that was decided on.
pub(super) const STAMPED: i64 = 10;

/// The version from which on the history also says what each of them holds.
const TOLD: i64 = 12;

/// The version from which on the last stamps stand together by finding, and findings and issues are found by name.
const SORTED: i64 = 17;

/// Who the register is, when its schema is up to date. Writes nothing, so that opening waits for nobody.
pub(super) async fn current(
    pool: &SqlitePool,
    path: &Path,
    instance: &InstanceName,
) -> Result<Option<Identity>, StoreError> {
    let mut tx = pool.begin().await?;
    let known = newest();
    match schema_version(&mut tx, path).await? {
        Some(found) if found > known => return Err(StoreError::Newer { found, known }),
        Some(found) if found == known => {}
        Some(_) | None => return Ok(None),
    }
    // Nothing is left to apply: this compares the checksums.
    migrator().run(&mut *tx).await?;
    let identity = match identity(&mut tx, instance).await {
        Err(error @ StoreError::OtherInstance { .. }) => {
            return Err(instance_was_changed(&mut tx).await?.unwrap_or(error));
        }
        identity => identity?,
    };
    tx.rollback().await?;
    Ok(Some(identity))
}

/// Whether the register says that it is of another instance than its history says.
async fn instance_was_changed(connection: &mut SqliteConnection) -> Result<Option<StoreError>, StoreError> {
    let facts: Vec<(String, String)> =
        sqlx::query_as(statements::META_READ).fetch_all(&mut *connection).await?;
    let database = facts.into_iter().find(|(key, _)| key == "database").map(|(_, value)| value);
    let register = register::whole(connection, &database.unwrap_or_default()).await?;
    let instance = |misfit: &Misfit| misfit.row == RowName::of("meta", ["instance"]);
    Ok(register.misfits.into_iter().find(instance).map(|misfit| StoreError::Unfit { row: misfit.row }))
}

/// Version of the schema and whose register it is, for a file of any release up to this one.
///
/// # Errors
/// It is no register, of another instance, or of a newer release.
pub(super) async fn belongs(
    connection: &mut SqliteConnection,
    path: &Path,
    instance: &InstanceName,
) -> Result<(i64, Identity), StoreError> {
    match schema_version(connection, path).await? {
        None => {
            Err(StoreError::File { path: path.display().to_string(), why: "is an empty database".to_owned() })
        }
        Some(found) if found > newest() => Err(StoreError::Newer { found, known: newest() }),
        Some(found) => Ok((found, identity(connection, instance).await?)),
    }
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
        let why = "is the database of another program; check the address of the store".to_owned();
        return Err(StoreError::File { path: path.display().to_string(), why });
    }
    Ok(sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(connection).await?)
}

/// Brings the schema up to date, and writes who the register is when it is new; all or nothing.
/// A second process that opens the same new file waits for the first and then finds everything done.
///
/// # Errors
/// [`StoreError::Locked`] while somebody works with the older schema, and whatever the database says.
pub(super) async fn bring_up_to_date(
    pool: &SqlitePool,
    path: &Path,
    instance: &InstanceName,
    seed: &Seed,
    now: DateTime<Utc>,
) -> Result<Identity, StoreError> {
    let mut tx = writing(pool).await?;
    let before = schema_version(&mut tx, path).await?;
    // A worker of an earlier release must not find another schema in the middle of its cycle.
    let _lock = match before {
        Some(before) if before < newest() => Some(file::lock(path, "a process that brings it up to date")?),
        Some(_) | None => None,
    };
    migrator().run(&mut *tx).await?;
    if before.is_none() {
        let facts = [
            ("database", HEXLOWER.encode(&seed.database)),
            ("instance", instance.as_str().to_owned()),
            ("marker_key", HEXLOWER.encode(&seed.marker_key)),
            ("founded", now.to_rfc3339()),
        ];
        for (key, value) in facts {
            sqlx::query(statements::META_ADD).bind(key).bind(value).execute(&mut *tx).await?;
        }
    }
    // Asked before the commit: the schema of another instance's register is not ours to change.
    let identity = identity(&mut tx, instance).await?;
    if before.is_none_or(|before| before < CHAINED) {
        history::begin(&mut tx, &identity.database).await?;
    }
    if before.is_none_or(|before| before < SORTED) {
        sorted::carry_over(&mut tx).await?;
    }
    if before.is_none_or(|before| before < TOLD) {
        let why = if before.is_none() { "the register was founded" } else { "every row as it was found" };
        let is_stamped = before.is_some_and(|before| before >= STAMPED);
        stamps::begin(&mut tx, &identity.database, (now, why), is_stamped).await?;
    }
    tx.commit().await?;
    connection::checkpoint(pool).await;
    Ok(identity)
}

/// The newest version that this program knows.
fn newest() -> i64 {
    MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or_default()
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
        put_back: None,
        newest_copy: None,
    })
}

fn missing(fact: &str) -> StoreError {
    corrupt(&format!("meta {fact}"), "it is missing")
}
