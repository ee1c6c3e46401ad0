//! The register as one value.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::read::{self, Contents, Found, Which, table};
use crate::{
    model::{
        document::{DocumentKey, DocumentRecord},
        edit_intent::EditIntent,
        ids::{FindingKey, Host, TrackerName},
        involvement::Involvement,
        issue::IssueId,
        misfit::RowName,
        note::Standing,
        reading::{Followed, Reading, Stood},
        register::{Register, Versions},
        sighting::Sighting,
        spent::{Spent, Use},
    },
    store::{
        StoreError, seen,
        stamps::{self, Account},
        statements,
    },
};

/// What was observed of findings, and is not stamped.
#[derive(Debug)]
pub(super) struct Beside {
    /// Edits without a recorded outcome.
    pub(super) edits: Vec<EditIntent>,
    /// How new our last knowledge of issues is.
    pub(super) issues: Vec<Sighting>,
    /// When findings were last looked at.
    pub(super) readings: Vec<Reading>,
    /// What stands, the oldest first.
    pub(super) notes: Vec<Standing>,
    /// Keys that the history knows and the register has not.
    pub(super) lost: BTreeSet<FindingKey>,
    /// When what readers see last changed, also of rows that do not fit.
    pub(super) versions: Versions,
}

/// The whole register, without the rows that are not as the history says.
pub(super) async fn whole(connection: &mut SqliteConnection, database: &str) -> Result<Register, StoreError> {
    let mut found = Found::default();
    let contents = read::contents(connection, Which::All, &mut found).await?;
    let account = super::stamps::account(connection, database).await?;
    let beside = Beside {
        edits: table(connection, statements::EDITS_READ, "edit_intent").await?,
        issues: table(connection, statements::ISSUES_READ, "issue").await?,
        readings: table(connection, statements::reads::READINGS_READ, "reading").await?,
        notes: notes(connection).await?,
        lost: lost(connection).await?,
        versions: versions(connection).await?,
    };
    let mut register = built(connection, (contents, found), &account, beside).await?;
    register.documents = documents(connection).await?;
    Ok(register)
}

/// What is known of documents. A row that nobody understands is as none: the next cycle writes it anew.
pub(super) async fn documents(
    connection: &mut SqliteConnection,
) -> Result<BTreeMap<DocumentKey, DocumentRecord>, StoreError> {
    let rows: Vec<seen::DocumentRow> =
        sqlx::query_as(statements::DOCUMENTS_READ).fetch_all(connection).await?;
    let records = rows.into_iter().filter_map(seen::document);
    Ok(records.map(|record| (record.key.clone(), record)).collect())
}

/// What stands, the oldest first.
pub(super) async fn notes(connection: &mut SqliteConnection) -> Result<Vec<Standing>, StoreError> {
    table(connection, statements::NOTES_READ, "note").await
}

/// The register out of what was read of findings, and of what belongs to none; documents are still to come.
pub(super) async fn built(
    connection: &mut SqliteConnection,
    (contents, found): (Contents, Found),
    account: &Account,
    beside: Beside,
) -> Result<Register, StoreError> {
    let Contents { findings, links, intents, tombstones, citations, parts, places, accounts, mappings } =
        contents;
    let Beside { edits, issues, readings, notes, lost, mut versions } = beside;
    let misfits = stamps::misfits(account, &found.digests, &found.not_understood);
    let unfit: BTreeSet<&RowName> = misfits.iter().map(|misfit| &misfit.row).collect();
    let findings = fitting(findings, &unfit).into_iter();
    keep_fitting(&mut versions, &unfit);
    let pauses = pauses(connection).await?;
    let followed: Vec<Followed> = table(connection, statements::reads::FOLLOWED_READ, "followed").await?;
    let stood = stood(connection).await?;
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
        edits,
        sights: read::sights(connection).await?,
        watermarks: table(connection, statements::reads::WATERMARKS_READ, "watermark").await?,
        readings: readings.into_iter().map(|reading| (reading.finding.clone(), reading)).collect(),
        followed: followed.into_iter().map(|followed| (followed.tracker.clone(), followed)).collect(),
        stood,
        issues: issues.into_iter().map(|sighting| (sighting.issue.clone(), sighting)).collect(),
        documents: BTreeMap::new(),
        pauses,
        notes,
        last_cycle: table(connection, statements::CYCLE_READ, "cycle").await?.pop(),
        mapping: fitting(mappings, &unfit).pop(),
        lost,
        spent: spent(connection).await?,
        versions,
        version: sqlx::query_scalar(statements::VERSION_READ).fetch_one(&mut *connection).await?,
        misfits,
    })
}

/// What documents came to.
async fn stood(connection: &mut SqliteConnection) -> Result<Option<Stood>, StoreError> {
    let row: Option<(i64, String)> =
        sqlx::query_as(statements::reads::STOOD_READ).fetch_optional(connection).await?;
    Ok(row.map(|(version, scope)| Stood { version, scope }))
}

/// Pauses that trackers asked for.
pub(super) async fn pauses(
    connection: &mut SqliteConnection,
) -> Result<BTreeMap<TrackerName, DateTime<Utc>>, StoreError> {
    let pauses: Vec<(TrackerName, DateTime<Utc>)> =
        table(connection, statements::PAUSES_READ, "pause").await?;
    Ok(pauses.into_iter().collect())
}

fn fitting<T>(rows: Vec<(RowName, T)>, unfit: &BTreeSet<&RowName>) -> Vec<T> {
    rows.into_iter().filter(|(row, _)| !unfit.contains(row)).map(|(_, value)| value).collect()
}

fn keep_fitting(versions: &mut Versions, unfit: &BTreeSet<&RowName>) {
    if unfit.is_empty() {
        return;
    }
    let fits = |row: &RowName| !unfit.contains(row);
    versions.findings.retain(|key, _| fits(&RowName::of(stamps::FINDINGS.name, [key.as_str()])));
    versions.links.retain(|(key, issue), _| {
        fits(&RowName::of(stamps::LINKS.name, [key.as_str(), issue.host.as_str(), &issue.id]))
    });
}

/// The transactions that last changed what readers see of findings and links.
async fn versions(connection: &mut SqliteConnection) -> Result<Versions, StoreError> {
    let findings: Vec<(String, i64)> =
        sqlx::query_as(statements::FINDING_VERSIONS).fetch_all(&mut *connection).await?;
    let links: Vec<(String, String, String, i64)> =
        sqlx::query_as(statements::LINK_VERSIONS).fetch_all(connection).await?;
    let of_link =
        |(key, host, id, version)| ((FindingKey::new(key), IssueId { host: Host::new(host), id }), version);
    Ok(Versions {
        findings: findings.into_iter().map(|(key, version)| (FindingKey::new(key), version)).collect(),
        links: links.into_iter().map(of_link).collect(),
    })
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

/// Keys of findings that the history knows and the register has not.
async fn lost(connection: &mut SqliteConnection) -> Result<BTreeSet<FindingKey>, StoreError> {
    let keys: Vec<String> = sqlx::query_scalar(statements::KEYS_LOST).fetch_all(connection).await?;
    Ok(keys.into_iter().map(FindingKey::new).collect())
}
