//! The register as far as it is about some findings: what was asked for, and what shares an issue with that.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use super::{
    read::{self, Found, Which},
    register::{self, Beside},
    sorted,
};
use crate::{
    model::{
        document::{DocumentKey, DocumentRecord},
        finding::Finding,
        ids::{FindingKey, Host},
        issue::IssueId,
        misfit::RowName,
        note::Standing,
        register::{Register, Versions},
        sighting::Sighting,
    },
    store::{
        StoreError,
        rows::{self, text},
        seen, stamps,
        statements::{self, rows_of},
    },
};

/// Everything about some findings and about all that share an issue with them, without the rows that are not as the history
/// says; with what belongs to no finding.
pub(super) async fn register(
    connection: &mut SqliteConnection,
    database: &str,
    wanted: &BTreeSet<FindingKey>,
) -> Result<Register, StoreError> {
    let related = Related::to(connection, wanted).await?;
    let keys = &related.keys;
    let mut found = Found::default();
    let contents = read::contents(connection, Which::Of(keys), &mut found).await?;
    let account = sorted::account_of(connection, database, keys).await?;
    let beside = Beside {
        edits: each(connection, rows_of::EDITS, keys, "edit_intent").await?,
        issues: issues(connection, &found).await?,
        readings: each(connection, rows_of::READING, keys, "reading").await?,
        notes: notes(connection, keys).await?,
        lost: lost(connection, keys, &found).await?,
        versions: versions(connection, &related).await?,
    };
    let mut register = register::built(connection, (contents, found), &account, beside).await?;
    register.links.sort_by_cached_key(|link| {
        let at = (link.finding.clone(), link.issue.id.clone());
        (related.links.get(&at).map(|mark| mark.seq), link.since, at)
    });
    register.documents = documents(connection, register.findings.values()).await?;
    Ok(register)
}

/// Findings that share issues, with their links as the table has them.
#[derive(Debug, Default)]
struct Related {
    keys: BTreeSet<FindingKey>,
    links: BTreeMap<(FindingKey, IssueId), Mark>,
}

/// What stands beside a link.
#[derive(Debug)]
struct Mark {
    version: i64,
    seq: i64,
}

impl Related {
    /// What was asked for, and whatever shares an issue with that, at any remove.
    async fn to(
        connection: &mut SqliteConnection,
        wanted: &BTreeSet<FindingKey>,
    ) -> Result<Self, StoreError> {
        let (mut related, mut issues) = (Self::default(), BTreeSet::new());
        let mut open: Vec<FindingKey> = wanted.iter().cloned().collect();
        while let Some(key) = open.pop() {
            if !related.keys.insert(key.clone()) {
                continue;
            }
            let links: Vec<(String, String, i64, i64)> =
                sqlx::query_as(rows_of::LINK_MARKS).bind(key.as_str()).fetch_all(&mut *connection).await?;
            for (host, id, version, seq) in links {
                let issue = IssueId { host: Host::new(host), id };
                if issues.insert(issue.clone()) {
                    open.extend(sharing(connection, &issue).await?);
                }
                related.links.insert((key.clone(), issue), Mark { version, seq });
            }
        }
        Ok(related)
    }
}

async fn sharing(
    connection: &mut SqliteConnection,
    issue: &IssueId,
) -> Result<impl Iterator<Item = FindingKey>, StoreError> {
    let query = sqlx::query_scalar(rows_of::SHARING).bind(issue.host.as_str()).bind(&issue.id);
    let keys: Vec<String> = query.fetch_all(connection).await?;
    Ok(keys.into_iter().map(FindingKey::new))
}

/// What a statement reads of each finding, whose last column is JSON.
async fn each<T: DeserializeOwned>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    keys: &BTreeSet<FindingKey>,
    table: &str,
) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    for key in keys {
        all.extend(read::read(connection, sql, vec![text(key.as_str())], table).await?);
    }
    Ok(all)
}

/// How new our last knowledge is of each issue that is or was linked.
async fn issues<T: DeserializeOwned>(
    connection: &mut SqliteConnection,
    found: &Found,
) -> Result<Vec<T>, StoreError> {
    let is_about_issue =
        |row: &&RowName| [stamps::LINKS.name, stamps::TOMBSTONES.name].contains(&&*row.table);
    let rows = found.digests.keys().filter(is_about_issue);
    let issues: BTreeSet<&[String]> = rows.filter_map(|row| row.key.get(1..)).collect();
    let mut all = Vec::new();
    for issue in issues {
        let values = issue.iter().map(|part| text(part)).collect();
        all.extend(read::read(connection, rows_of::ISSUE, values, "issue").await?);
    }
    Ok(all)
}

/// How new our last knowledge of an issue is.
pub(super) async fn sighting(
    connection: &mut SqliteConnection,
    issue: &IssueId,
) -> Result<Option<Sighting>, StoreError> {
    let values = vec![text(issue.host.as_str()), text(&issue.id)];
    Ok(read::read(connection, rows_of::ISSUE, values, "issue").await?.pop())
}

/// A note as it is read: what orders it, and what it says.
type NoteRow = (i64, String, String, String, String, String);

/// What a note about a finding has for its subject.
const OF_FINDING: &str = "finding";

/// What stands of findings, and of what is no finding; the oldest first.
async fn notes(
    connection: &mut SqliteConnection,
    keys: &BTreeSet<FindingKey>,
) -> Result<Vec<Standing>, StoreError> {
    let mut notes: Vec<NoteRow> = Vec::new();
    for sql in [rows_of::NOTES_BELOW, rows_of::NOTES_ABOVE] {
        notes.extend(sqlx::query_as::<_, NoteRow>(sql).bind(OF_FINDING).fetch_all(&mut *connection).await?);
    }
    for key in keys {
        let query = sqlx::query_as::<_, NoteRow>(rows_of::NOTES).bind(OF_FINDING).bind(key.as_str());
        notes.extend(query.fetch_all(&mut *connection).await?);
    }
    notes.sort();
    let understood = |(_, subject, name, code, _, data): NoteRow| {
        rows::understand(&data, || format!("note {subject} {name} {code}"))
    };
    notes.into_iter().map(understood).collect()
}

/// Keys that the history knows and the register has not.
async fn lost(
    connection: &mut SqliteConnection,
    keys: &BTreeSet<FindingKey>,
    found: &Found,
) -> Result<BTreeSet<FindingKey>, StoreError> {
    let mut lost = BTreeSet::new();
    for key in keys {
        if found.digests.contains_key(&RowName::of(stamps::FINDINGS.name, [key.as_str()])) {
            continue;
        }
        let told = read::scalar(connection, rows_of::TOLD, vec![text(key.as_str())]).await?;
        lost.extend(told.map(FindingKey::new));
    }
    Ok(lost)
}

async fn versions(connection: &mut SqliteConnection, related: &Related) -> Result<Versions, StoreError> {
    let mut versions = Versions::default();
    for key in &related.keys {
        let query = sqlx::query_scalar(statements::FINDING_VERSION).bind(key.as_str());
        let version: Option<i64> = query.fetch_optional(&mut *connection).await?;
        versions.findings.extend(version.map(|version| (key.clone(), version)));
    }
    versions.links = related.links.iter().map(|(at, mark)| (at.clone(), mark.version)).collect();
    Ok(versions)
}

/// What is known of the documents in which findings stand.
async fn documents(
    connection: &mut SqliteConnection,
    findings: impl Iterator<Item = &Finding>,
) -> Result<BTreeMap<DocumentKey, DocumentRecord>, StoreError> {
    let places: BTreeSet<(&str, &str)> =
        findings.map(|finding| (finding.stated.source.as_str(), finding.stated.path.as_str())).collect();
    let mut documents = BTreeMap::new();
    for (source, path) in places {
        let query = sqlx::query_as(rows_of::DOCUMENTS).bind(source).bind(path);
        let rows: Vec<seen::DocumentRow> = query.fetch_all(&mut *connection).await?;
        // A row that nobody understands is as none: the next cycle writes it anew.
        let records = rows.into_iter().filter_map(seen::document);
        documents.extend(records.map(|record| (record.key.clone(), record)));
    }
    Ok(documents)
}
