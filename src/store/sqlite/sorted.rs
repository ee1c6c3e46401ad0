//! Last stamps that stand together by finding: what the history says of the rows of a few findings, without reading all others.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sqlx::SqliteConnection;

use super::{
    named,
    stamps::{account, last_root, understood},
};
use crate::{
    model::{finding::Finding, ids::FindingKey, issue::IssueRef},
    store::{
        StoreError,
        buckets::{self, Sums},
        names,
        root::Root,
        rows,
        stamps::Account,
        statements::stamped::{STAMP_PUT, STAMPS_OF, SUM_PUT, SUM_READ, SUMS_READ},
    },
};

/// What the history says of the rows of some findings, and of those that belong to no finding.
pub(super) async fn account_of(
    connection: &mut SqliteConnection,
    database: &str,
    findings: &BTreeSet<FindingKey>,
) -> Result<Account, StoreError> {
    let mut known = match proven(connection, database, findings).await? {
        Some(proven) => proven,
        None => account(connection, database).await?,
    };
    known.retain(|row, _| row.finding().is_none_or(|finding| findings.contains(&finding)));
    Ok(known)
}

/// The same by the list of last stamps, read in the buckets of these findings; none where its sums are not what the last entry
/// says.
async fn proven(
    connection: &mut SqliteConnection,
    database: &str,
    findings: &BTreeSet<FindingKey>,
) -> Result<Option<Account>, StoreError> {
    let sums: Vec<(i64, String)> = sqlx::query_as(SUMS_READ).fetch_all(&mut *connection).await?;
    let sums: Option<BTreeMap<i64, Root>> =
        sums.into_iter().map(|(bucket, sum)| Some((bucket, Root::read(&sum)?))).collect();
    let Some(sums) = sums else { return Ok(None) };
    let total = sums.values().fold(Root::default(), |total, sum| total.plus(*sum));
    if last_root(connection, database).await? != Some(total) {
        return Ok(None);
    }
    let mut account = Account::new();
    let of_findings: BTreeSet<i64> = findings.iter().map(buckets::of).collect();
    for bucket in of_findings.into_iter().chain([buckets::OF_NONE]) {
        let stamps = sqlx::query_as(STAMPS_OF).bind(bucket).fetch_all(&mut *connection).await?;
        let stamps = understood(stamps);
        if sums.get(&bucket).copied().unwrap_or_default() != Root::of(&stamps) {
            return Ok(None);
        }
        account.extend(stamps);
    }
    Ok(Some(account))
}

/// Adds to the sums what changed. One that nobody can read is left as it is: then the list is read as a whole.
pub(super) async fn add(connection: &mut SqliteConnection, sums: Sums) -> Result<(), StoreError> {
    for (bucket, change) in sums {
        let sum: Option<String> =
            sqlx::query_scalar(SUM_READ).bind(bucket).fetch_optional(&mut *connection).await?;
        let sum = sum.map_or(Some(Root::default()), |sum| Root::read(&sum));
        let Some(sum) = sum else { continue };
        let sum = sum.plus(change).text();
        sqlx::query(SUM_PUT).bind(bucket).bind(sum).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Rows that are carried over at once.
const PAGE: i64 = 500;

/// Last stamps of a register of an earlier release.
const UNSORTED: &str = "\
    SELECT kind, key, seq, digest FROM stamp_unsorted WHERE (kind, key) > ($1, $2) ORDER BY kind, key LIMIT $3";
/// Findings as they are found.
const FINDINGS: &str = "SELECT key, data FROM finding WHERE key > $1 ORDER BY key LIMIT $2";
/// Says what a finding asks for.
const ALIKE: &str = "UPDATE finding SET alike = $2 WHERE key = $1";
/// Links, and what ended, as they are found.
const LINKS: &[&str] = &[
    "SELECT finding, host, issue, data FROM link WHERE (finding, host, issue) > ($1, $2, $3) \
     ORDER BY finding, host, issue LIMIT $4",
    "SELECT finding, host, issue, data FROM tombstone WHERE (finding, host, issue) > ($1, $2, $3) \
     ORDER BY finding, host, issue LIMIT $4",
];

/// Carries the rows of an earlier release over.
pub(super) async fn carry_over(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut last = (String::new(), String::new());
    loop {
        let stamps: Vec<(String, String, i64, String)> = sqlx::query_as(UNSORTED)
            .bind(&last.0)
            .bind(&last.1)
            .bind(PAGE)
            .fetch_all(&mut *connection)
            .await?;
        let Some((kind, key, ..)) = stamps.last() else { break };
        last = (kind.clone(), key.clone());
        sort(connection, stamps).await?;
    }
    sqlx::query("DROP TABLE stamp_unsorted").execute(&mut *connection).await?;
    name_findings(connection).await?;
    for sql in LINKS {
        name_links(connection, sql).await?;
    }
    Ok(())
}

async fn sort(
    connection: &mut SqliteConnection,
    stamps: Vec<(String, String, i64, String)>,
) -> Result<(), StoreError> {
    let mut sums = Sums::default();
    for (kind, key, seq, digest) in stamps {
        let one = understood(vec![(kind.clone(), key.clone(), digest.clone())]);
        // What is not understood of the list counts nowhere.
        let bucket = one.keys().next().map_or(buckets::OF_NONE, buckets::of_row);
        one.iter().for_each(|(row, digest)| sums.change(row, None, Some(digest)));
        let put = sqlx::query(STAMP_PUT).bind(bucket).bind(kind).bind(key).bind(seq).bind(digest);
        put.execute(&mut *connection).await?;
    }
    add(connection, sums).await
}

async fn name_findings(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut last = String::new();
    loop {
        let findings: Vec<(String, String)> =
            sqlx::query_as(FINDINGS).bind(&last).bind(PAGE).fetch_all(&mut *connection).await?;
        let Some((key, _)) = findings.last() else { return Ok(()) };
        last.clone_from(key);
        let mut called = BTreeSet::new();
        for (key, data) in findings {
            // What was decided of a finding is all that it is called by.
            let Ok(finding) = serde_json::from_str::<Finding>(&data) else { continue };
            names::of_finding(&finding, &mut called);
            sqlx::query(ALIKE).bind(key).bind(rows::alike(&finding)).execute(&mut *connection).await?;
        }
        named::put(connection, called).await?;
    }
}

/// An issue as a row names it.
#[derive(Deserialize)]
struct Named {
    issue: IssueRef,
    #[serde(default)]
    former_keys: Vec<String>,
}

async fn name_links(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    let mut last = (String::new(), String::new(), String::new());
    loop {
        let query = sqlx::query_as(sql).bind(&last.0).bind(&last.1).bind(&last.2).bind(PAGE);
        let links: Vec<(String, String, String, String)> = query.fetch_all(&mut *connection).await?;
        let Some((finding, host, issue, _)) = links.last() else { return Ok(()) };
        last = (finding.clone(), host.clone(), issue.clone());
        let mut called = BTreeSet::new();
        for (finding, _, _, data) in links {
            let Ok(Named { issue, former_keys }) = serde_json::from_str(&data) else { continue };
            names::of_issue(&FindingKey::new(finding), &issue, &former_keys, &mut called);
        }
        named::put(connection, called).await?;
    }
}
