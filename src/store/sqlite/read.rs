//! Rows into values.

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use serde::de::DeserializeOwned;
use sqlx::{
    Row as _, Sqlite, SqliteConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::corrupt;
use crate::{
    model::{finding::Finding, ids::TrackerName, register::Register, sighting::Sighting},
    store::{
        StoreError,
        rows::{self, Value},
        statements,
    },
};

/// The whole register.
pub(super) async fn register(connection: &mut SqliteConnection) -> Result<Register, StoreError> {
    let findings: Vec<Finding> = table(connection, statements::FINDINGS_READ, "finding").await?;
    let pauses: Vec<(TrackerName, DateTime<Utc>)> =
        table(connection, statements::PAUSES_READ, "pause").await?;
    let issues: Vec<Sighting> = table(connection, statements::ISSUES_READ, "issue").await?;
    Ok(Register {
        findings: findings.into_iter().map(|finding| (finding.key.clone(), finding)).collect(),
        links: table(connection, statements::LINKS_READ, "link").await?,
        intents: table(connection, statements::INTENTS_READ, "intent").await?,
        edits: table(connection, statements::EDITS_READ, "edit_intent").await?,
        tombstones: table(connection, statements::TOMBSTONES_READ, "tombstone").await?,
        places: table(connection, statements::PLACES_READ, "place").await?,
        sights: table(connection, statements::SIGHTS_READ, "sight").await?,
        issues: issues.into_iter().map(|sighting| (sighting.issue.clone(), sighting)).collect(),
        pauses: pauses.into_iter().collect(),
        last_cycle: table(connection, statements::CYCLE_READ, "cycle").await?.pop(),
        version: sqlx::query_scalar(statements::VERSION_READ).fetch_one(connection).await?,
    })
}

/// How many transactions were recorded, and when the register was last used: when a cycle began, or when it was founded.
pub(super) async fn standing(connection: &mut SqliteConnection) -> Result<(i64, DateTime<Utc>), StoreError> {
    let (version, used, founded): (i64, Option<i64>, Option<String>) =
        sqlx::query_as(statements::STANDING_READ).fetch_one(connection).await?;
    let founded = || Some(DateTime::parse_from_rfc3339(&founded?).ok()?.with_timezone(&Utc));
    let used = used.and_then(DateTime::from_timestamp_millis).or_else(founded);
    Ok((version, used.unwrap_or(DateTime::UNIX_EPOCH)))
}

async fn table<T: DeserializeOwned>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    name: &str,
) -> Result<Vec<T>, StoreError> {
    read(connection, sql, Vec::new(), name).await
}

/// Reads rows whose last column is JSON and whose other columns name them.
pub(super) async fn read<T: DeserializeOwned>(
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

/// A statement with its values.
pub(super) fn bound(sql: &'static str, values: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Number(number) => query.bind(number),
    })
}
