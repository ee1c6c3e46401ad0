//! Rows into values.

use std::{borrow::Cow, collections::BTreeSet};

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
    model::{
        citation::CitationRecord,
        finding::Finding,
        ids::{FindingKey, Marker, TrackerName},
        involvement::Involvement,
        issue::{IssueId, IssueRef},
        link::{Intent, Link, Tombstone},
        mapping::Mapping,
        marked::Mark,
        misfit::RowName,
        place::PlaceState,
        register::{OwnAccount, PinnedPlace},
    },
    store::{
        StoreError,
        kept::Kept,
        rows::{self, Step, Value},
        seen, split,
        stamps::{self, Column, Present, Table},
        statements,
    },
};

/// What is there of the rows that are stamped.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The digest of every row.
    pub(super) digests: Present,
    /// Rows that are no value of their type.
    pub(super) not_understood: BTreeSet<RowName>,
}

/// Rows that are stamped, as far as they are understood.
#[derive(Debug)]
pub(super) struct Contents {
    /// Findings.
    pub(super) findings: Vec<(RowName, Finding)>,
    /// The mapping table.
    pub(super) links: Vec<(RowName, Link)>,
    /// Creates without a recorded outcome.
    pub(super) intents: Vec<(RowName, Intent)>,
    /// Links that ended.
    pub(super) tombstones: Vec<(RowName, Tombstone)>,
    /// What became of citations.
    pub(super) citations: Vec<(RowName, CitationRecord)>,
    /// Who had a part in which finding.
    pub(super) parts: Vec<(RowName, Involvement)>,
    /// Pinned places.
    pub(super) places: Vec<(RowName, PinnedPlace)>,
    /// Accounts that we acted as.
    pub(super) accounts: Vec<(RowName, OwnAccount)>,
    /// What a person approved.
    pub(super) mappings: Vec<(RowName, Mapping)>,
}

/// Whose rows are read; what belongs to no finding always is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which<'a> {
    /// Those of all findings.
    All,
    /// Those of some findings.
    Of(&'a BTreeSet<FindingKey>),
}

impl Which<'_> {
    /// The statements that read them.
    fn steps(self, table: &Table) -> Vec<Step> {
        match (self, table.of) {
            (Self::Of(keys), Some(sql)) => {
                keys.iter().map(|key| rows::step(sql, vec![rows::text(key.as_str())])).collect()
            }
            (Self::All, _) | (Self::Of(_), None) => vec![rows::step(table.all, Vec::new())],
        }
    }
}

/// What is remembered of places.
pub(super) async fn sights(connection: &mut SqliteConnection) -> Result<Vec<PlaceState>, StoreError> {
    table(connection, statements::SIGHTS_READ, "sight").await
}

/// The issues of a place that carried one of these markers.
pub(super) async fn marked(
    connection: &mut SqliteConnection,
    (tracker, place_id): (&TrackerName, &str),
    markers: &[Marker],
) -> Result<Vec<Mark>, StoreError> {
    let mut marks = Vec::new();
    for marker in markers {
        let values = seen::mark_key(tracker, place_id, marker);
        let issues: Vec<IssueRef> = read(connection, statements::reads::MARKED_OF, values, "marked").await?;
        marks.extend(issues.into_iter().map(|issue| Mark { marker: marker.clone(), issue }));
    }
    Ok(marks)
}

/// Refuses a decision that was made on another version of a finding than the one that is there.
pub(super) async fn unchanged(
    connection: &mut SqliteConnection,
    finding: &FindingKey,
    version: i64,
) -> Result<(), StoreError> {
    let query = sqlx::query_scalar(statements::FINDING_VERSION).bind(finding.as_str());
    let found: Option<i64> = query.fetch_optional(connection).await?;
    if found == Some(version) { Ok(()) } else { Err(StoreError::Stale { finding: finding.clone() }) }
}

/// What is there of the rows that are stamped, each understood or not.
pub(super) async fn found(connection: &mut SqliteConnection) -> Result<Found, StoreError> {
    let mut found = Found::default();
    contents(connection, Which::All, &mut found).await?;
    Ok(found)
}

/// The rows that are stamped, as far as they are understood; what is there is noted.
pub(super) async fn contents(
    connection: &mut SqliteConnection,
    which: Which<'_>,
    found: &mut Found,
) -> Result<Contents, StoreError> {
    scan(connection, (&stamps::META, which), found, |_, _| true).await?;
    Ok(Contents {
        findings: stamped(connection, (&stamps::FINDINGS, which), found).await?,
        links: stamped(connection, (&stamps::LINKS, which), found).await?,
        intents: stamped(connection, (&stamps::INTENTS, which), found).await?,
        tombstones: stamped(connection, (&stamps::TOMBSTONES, which), found).await?,
        citations: stamped(connection, (&stamps::CITATIONS, which), found).await?,
        parts: stamped(connection, (&stamps::INVOLVEMENT, which), found).await?,
        places: stamped(connection, (&stamps::PLACES, which), found).await?,
        accounts: stamped(connection, (&stamps::ACCOUNTS, which), found).await?,
        mappings: if tables(connection).await?.iter().any(|table| table.name == stamps::MAPPINGS.name) {
            stamped(connection, (&stamps::MAPPINGS, which), found).await?
        } else {
            Vec::new()
        },
    })
}

/// The tables whose rows are stamped, as far as the register has them: a backup of an earlier release is read as it is.
pub(super) async fn tables(connection: &mut SqliteConnection) -> Result<Vec<&'static Table>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(connection)
        .await?;
    let there = |table: &&&Table| names.iter().any(|name| name == table.name);
    Ok(stamps::STAMPED.iter().filter(there).copied().collect())
}

/// The statements that write every row which is understood as its value says, with all its columns.
pub(super) async fn anew(connection: &mut SqliteConnection) -> Result<Vec<(RowName, Step)>, StoreError> {
    let found = &mut Found::default();
    let Contents { findings, links, intents, tombstones, citations, parts, places, accounts, mappings } =
        contents(connection, Which::All, found).await?;
    let of_findings = puts(&findings).chain(puts(&links)).chain(puts(&intents)).chain(puts(&tombstones));
    of_findings
        .chain(puts(&citations))
        .chain(puts(&parts))
        .chain(puts(&places))
        .chain(puts(&accounts))
        .chain(puts(&mappings))
        .collect()
}

fn puts<T: Kept>(rows: &[(RowName, T)]) -> impl Iterator<Item = Result<(RowName, Step), StoreError>> {
    rows.iter().map(|(row, value)| Ok((row.clone(), value.put()?)))
}

/// Reads a table whose rows are stamped, and notes what is there. A row that is no value of its type stops no other.
pub(super) async fn stamped<T: Kept>(
    connection: &mut SqliteConnection,
    of: (&Table, Which<'_>),
    found: &mut Found,
) -> Result<Vec<(RowName, T)>, StoreError> {
    let mut read = Vec::new();
    let understand = |row: &RowName, text: &str| {
        let value = understood(row, text);
        let understood = value.is_some();
        read.extend(value.map(|value| (row.clone(), value)));
        understood
    };
    scan(connection, of, found, understand).await?;
    Ok(read)
}

/// The value that the JSON of a row is; none where it is no value of its type, or another row's.
pub(super) fn understood<T: Kept>(row: &RowName, text: &str) -> Option<T> {
    serde_json::from_str(text).ok().filter(|value: &T| value.row() == *row)
}

async fn scan(
    connection: &mut SqliteConnection,
    (table, which): (&Table, Which<'_>),
    found: &mut Found,
    mut understand: impl FnMut(&RowName, &str) -> bool,
) -> Result<(), StoreError> {
    for Step { sql, values, .. } in which.steps(table) {
        let mut rows = bound(sql, values).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            let name = name(table, &row);
            if !text(&row, table).is_some_and(|text| understand(&name, &text)) {
                found.not_understood.insert(name.clone());
            }
            found.digests.insert(name, digest(table, &row));
        }
    }
    Ok(())
}

fn key_part(row: &SqliteRow, at: usize) -> String {
    match column(row, at) {
        Some(Column::Text(Some(text))) => text.to_owned(),
        Some(Column::Number(number)) => number.to_string(),
        Some(Column::Text(None)) | None => "?".to_owned(),
    }
}

/// The digest of a row; none where a column holds what no column should.
pub(super) fn digest(table: &Table, row: &SqliteRow) -> Option<String> {
    Some(stamps::digest(table.name, &columns(row)?))
}

/// The columns of a row without what was observed; none where one holds what no column should.
pub(super) fn columns(row: &SqliteRow) -> Option<Vec<Column<'_>>> {
    (0..row.len().saturating_sub(1)).map(|at| column(row, at)).collect()
}

/// The name of a row of a table.
pub(super) fn name(table: &Table, row: &SqliteRow) -> RowName {
    RowName { table: table.name.to_owned(), key: (0..table.keys).map(|at| key_part(row, at)).collect() }
}

fn column(row: &SqliteRow, at: usize) -> Option<Column<'_>> {
    match row.try_get(at) {
        Ok(text) => Some(Column::Text(text)),
        Err(_) => row.try_get(at).ok().map(Column::Number),
    }
}

/// The JSON of a row, of what was decided and what was observed together.
pub(super) fn text<'r>(row: &'r SqliteRow, table: &Table) -> Option<Cow<'r, str>> {
    let decided = row.try_get(row.len().checked_sub(2)?).ok()?;
    let observed = row.try_get(row.len().checked_sub(1)?).ok()?;
    split::merge(decided, observed, table.observed).ok()
}

/// The one value that a statement reads.
pub(super) async fn scalar(
    connection: &mut SqliteConnection,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<Option<String>, StoreError> {
    let row = bound(sql, values).fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// How many transactions were recorded, and when the register was last used: when a cycle began, or when it was founded.
pub(super) async fn standing(connection: &mut SqliteConnection) -> Result<(i64, DateTime<Utc>), StoreError> {
    let (version, used, founded): (i64, Option<i64>, Option<String>) =
        sqlx::query_as(statements::STANDING_READ).fetch_one(connection).await?;
    let founded = || Some(DateTime::parse_from_rfc3339(&founded?).ok()?.with_timezone(&Utc));
    let used = used.and_then(DateTime::from_timestamp_millis).or_else(founded);
    Ok((version, used.unwrap_or(DateTime::UNIX_EPOCH)))
}

/// The place of a link in the order of linking; none when it is not there.
pub(super) async fn place(
    connection: &mut SqliteConnection,
    finding: &FindingKey,
    issue: &IssueId,
) -> Result<Option<i64>, StoreError> {
    let query = sqlx::query_scalar(statements::LINK_SEQ);
    let query = query.bind(finding.as_str()).bind(issue.host.as_str()).bind(&issue.id);
    Ok(query.fetch_optional(connection).await?)
}

/// Reads a whole table whose last column is JSON and whose other columns name its rows.
pub(super) async fn table<T: DeserializeOwned>(
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
