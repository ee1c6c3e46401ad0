//! Rows into values.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

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
        document::{DocumentKey, DocumentRecord},
        finding::Finding,
        ids::{FindingKey, Host, Marker, TrackerName},
        involvement::Involvement,
        issue::{IssueId, IssueRef},
        link::{Intent, Link, Tombstone},
        mapping::Mapping,
        marked::Mark,
        misfit::RowName,
        place::PlaceState,
        reading::{Followed, Reading},
        register::{OwnAccount, PinnedPlace, Register, Versions},
        sighting::Sighting,
        spent::{Spent, Use},
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
struct Contents {
    findings: Vec<(RowName, Finding)>,
    links: Vec<(RowName, Link)>,
    intents: Vec<(RowName, Intent)>,
    tombstones: Vec<(RowName, Tombstone)>,
    citations: Vec<(RowName, CitationRecord)>,
    parts: Vec<(RowName, Involvement)>,
    places: Vec<(RowName, PinnedPlace)>,
    accounts: Vec<(RowName, OwnAccount)>,
    mappings: Vec<(RowName, Mapping)>,
}

/// The whole register, without the rows that are not as the history says.
pub(super) async fn register(
    connection: &mut SqliteConnection,
    database: &str,
) -> Result<Register, StoreError> {
    let mut found = Found::default();
    let Contents { findings, links, intents, tombstones, citations, parts, places, accounts, mappings } =
        contents(connection, &mut found).await?;
    let account = super::stamps::account(connection, database).await?;
    let misfits = stamps::misfits(&account, &found.digests, &found.not_understood);
    let unfit: BTreeSet<&RowName> = misfits.iter().map(|misfit| &misfit.row).collect();
    let findings = fitting(findings, &unfit).into_iter();
    let pauses: Vec<(TrackerName, DateTime<Utc>)> =
        table(connection, statements::PAUSES_READ, "pause").await?;
    let issues: Vec<Sighting> = table(connection, statements::ISSUES_READ, "issue").await?;
    let readings: Vec<Reading> = table(connection, statements::reads::READINGS_READ, "reading").await?;
    let followed: Vec<Followed> = table(connection, statements::reads::FOLLOWED_READ, "followed").await?;
    let mut involvement: BTreeMap<FindingKey, Vec<Involvement>> = BTreeMap::new();
    for part in fitting(parts, &unfit) {
        involvement.entry(part.finding.clone()).or_default().push(part);
    }
    Ok(Register {
        findings: findings.map(|finding| (finding.key.clone(), finding)).collect(),
        links: fitting(links, &unfit),
        intents: fitting(intents, &unfit),
        tombstones: fitting(tombstones, &unfit),
        citations: fitting(citations, &unfit),
        places: fitting(places, &unfit),
        accounts: fitting(accounts, &unfit),
        involvement,
        edits: table(connection, statements::EDITS_READ, "edit_intent").await?,
        sights: sights(connection).await?,
        watermarks: table(connection, statements::reads::WATERMARKS_READ, "watermark").await?,
        readings: readings.into_iter().map(|reading| (reading.finding.clone(), reading)).collect(),
        followed: followed.into_iter().map(|followed| (followed.tracker.clone(), followed)).collect(),
        issues: issues.into_iter().map(|sighting| (sighting.issue.clone(), sighting)).collect(),
        documents: documents(connection).await?,
        pauses: pauses.into_iter().collect(),
        notes: table(connection, statements::NOTES_READ, "note").await?,
        last_cycle: table(connection, statements::CYCLE_READ, "cycle").await?.pop(),
        mapping: fitting(mappings, &unfit).pop(),
        lost: lost(connection).await?,
        spent: spent(connection).await?,
        versions: versions(connection, &unfit).await?,
        version: sqlx::query_scalar(statements::VERSION_READ).fetch_one(&mut *connection).await?,
        misfits,
    })
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

/// The transactions that last changed what readers see of findings and links, as far as these fit.
async fn versions(
    connection: &mut SqliteConnection,
    unfit: &BTreeSet<&RowName>,
) -> Result<Versions, StoreError> {
    let findings: Vec<(String, i64)> =
        sqlx::query_as(statements::FINDING_VERSIONS).fetch_all(&mut *connection).await?;
    let links: Vec<(String, String, String, i64)> =
        sqlx::query_as(statements::LINK_VERSIONS).fetch_all(connection).await?;
    let fits = |table: &str, key: &[&str]| {
        unfit.is_empty() || !unfit.contains(&RowName::of(table, key.iter().copied()))
    };
    let findings = findings.into_iter().filter(|(key, _)| fits(stamps::FINDINGS.name, &[key]));
    let links = links.into_iter().filter(|(key, host, id, _)| fits(stamps::LINKS.name, &[key, host, id]));
    let of_link =
        |(key, host, id, version)| ((FindingKey::new(key), IssueId { host: Host::new(host), id }), version);
    Ok(Versions {
        findings: findings.map(|(key, version)| (FindingKey::new(key), version)).collect(),
        links: links.map(of_link).collect(),
    })
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

/// What credentials were used for. A row that nobody understands counts nothing.
async fn spent(connection: &mut SqliteConnection) -> Result<Vec<Spent>, StoreError> {
    let rows: Vec<(String, String, i64, i64)> =
        sqlx::query_as(statements::SPENT_READ).fetch_all(connection).await?;
    let understood = |(credential, kind, at, n): (String, String, i64, i64)| {
        let (kind, at) = (Use::parse(&kind)?, DateTime::from_timestamp_millis(at)?);
        Some(Spent { credential, kind, at, n: u32::try_from(n).ok()? })
    };
    Ok(rows.into_iter().filter_map(understood).collect())
}

/// What is known of documents. A row that nobody understands is as none: the next cycle writes it anew.
async fn documents(
    connection: &mut SqliteConnection,
) -> Result<BTreeMap<DocumentKey, DocumentRecord>, StoreError> {
    let rows: Vec<seen::DocumentRow> =
        sqlx::query_as(statements::DOCUMENTS_READ).fetch_all(connection).await?;
    let records = rows.into_iter().filter_map(seen::document);
    Ok(records.map(|record| (record.key.clone(), record)).collect())
}

fn fitting<T>(rows: Vec<(RowName, T)>, unfit: &BTreeSet<&RowName>) -> Vec<T> {
    rows.into_iter().filter(|(row, _)| !unfit.contains(row)).map(|(_, value)| value).collect()
}

/// What is there of the rows that are stamped, each understood or not.
pub(super) async fn found(connection: &mut SqliteConnection) -> Result<Found, StoreError> {
    let mut found = Found::default();
    contents(connection, &mut found).await?;
    Ok(found)
}

async fn contents(connection: &mut SqliteConnection, found: &mut Found) -> Result<Contents, StoreError> {
    scan(connection, &stamps::META, found, |_, _| true).await?;
    Ok(Contents {
        findings: stamped(connection, &stamps::FINDINGS, found).await?,
        links: stamped(connection, &stamps::LINKS, found).await?,
        intents: stamped(connection, &stamps::INTENTS, found).await?,
        tombstones: stamped(connection, &stamps::TOMBSTONES, found).await?,
        citations: stamped(connection, &stamps::CITATIONS, found).await?,
        parts: stamped(connection, &stamps::INVOLVEMENT, found).await?,
        places: stamped(connection, &stamps::PLACES, found).await?,
        accounts: stamped(connection, &stamps::ACCOUNTS, found).await?,
        mappings: if tables(connection).await?.iter().any(|table| table.name == stamps::MAPPINGS.name) {
            stamped(connection, &stamps::MAPPINGS, found).await?
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

/// Keys of findings that the history knows and the register has not.
async fn lost(connection: &mut SqliteConnection) -> Result<BTreeSet<FindingKey>, StoreError> {
    let keys: Vec<String> = sqlx::query_scalar(statements::KEYS_LOST).fetch_all(connection).await?;
    Ok(keys.into_iter().map(FindingKey::new).collect())
}

/// The statements that write every row which is understood as its value says, with all its columns.
pub(super) async fn anew(connection: &mut SqliteConnection) -> Result<Vec<(RowName, Step)>, StoreError> {
    let found = &mut Found::default();
    let Contents { findings, links, intents, tombstones, citations, parts, places, accounts, mappings } =
        contents(connection, found).await?;
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
    table: &Table,
    found: &mut Found,
) -> Result<Vec<(RowName, T)>, StoreError> {
    let mut read = Vec::new();
    let understand = |row: &RowName, text: &str| {
        let value = serde_json::from_str(text).ok().filter(|value: &T| value.row() == *row);
        let understood = value.is_some();
        read.extend(value.map(|value| (row.clone(), value)));
        understood
    };
    scan(connection, table, found, understand).await?;
    Ok(read)
}

async fn scan(
    connection: &mut SqliteConnection,
    table: &Table,
    found: &mut Found,
    mut understand: impl FnMut(&RowName, &str) -> bool,
) -> Result<(), StoreError> {
    let mut rows = bound(table.all, Vec::new()).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let name = name(table, &row);
        if !text(&row, table).is_some_and(|text| understand(&name, &text)) {
            found.not_understood.insert(name.clone());
        }
        found.digests.insert(name, digest(table, &row));
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
fn text<'r>(row: &'r SqliteRow, table: &Table) -> Option<Cow<'r, str>> {
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
