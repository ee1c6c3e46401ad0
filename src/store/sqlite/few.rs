//! A few findings of many, each row held against what the list of last stamps says of it.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use super::{
    read::{self, Found, Which},
    sorted, stamps,
};
use crate::{
    model::{finding::Finding, ids::FindingKey, link::Link, misfit::RowName, page::Page},
    store::{
        StoreError, buckets,
        stamps::{self as stamped, Account, FINDINGS, LINKS},
        statements::stamped::STAMPS_AT,
    },
};

/// A few findings with their links, in the order of keys that is given, each row held against what the list of last stamps
/// says of it; where that is something else, against what the history says.
pub(super) async fn few(
    connection: &mut SqliteConnection,
    database: &str,
    keys: &[FindingKey],
) -> Result<Page, StoreError> {
    let wanted: BTreeSet<FindingKey> = keys.iter().cloned().collect();
    let mut found = Found::default();
    let findings: Vec<(RowName, Finding)> =
        read::stamped(connection, (&FINDINGS, Which::Of(&wanted)), &mut found).await?;
    let links: Vec<(RowName, Link)> =
        read::stamped(connection, (&LINKS, Which::Of(&wanted)), &mut found).await?;
    let mut said = Account::new();
    for key in &wanted {
        said.extend(listed(connection, key).await?);
    }
    let mut misfits = stamped::misfits(&said, &found.digests, &found.not_understood);
    if !misfits.is_empty() {
        said = sorted::account_of(connection, database, &wanted).await?;
        let is_here = |row: &RowName| [FINDINGS.name, LINKS.name].contains(&row.table.as_str());
        said.retain(|row, _| is_here(row));
        misfits = stamped::misfits(&said, &found.digests, &found.not_understood);
    }
    let unfit: BTreeSet<&RowName> = misfits.iter().map(|misfit| &misfit.row).collect();
    let mut findings: BTreeMap<FindingKey, Finding> = findings
        .into_iter()
        .filter(|(row, _)| !unfit.contains(row))
        .map(|(_, finding)| (finding.key.clone(), finding))
        .collect();
    let links = links.into_iter().filter(|(row, _)| !unfit.contains(row)).map(|(_, link)| link);
    let links = ordered(connection, links.collect()).await?;
    Ok(Page {
        findings: keys.iter().filter_map(|key| findings.remove(key)).collect(),
        links,
        parts: Vec::new(),
        misfits,
        last: keys.last().cloned(),
    })
}

/// Links by findings, those of one in order of linking.
async fn ordered(connection: &mut SqliteConnection, links: Vec<Link>) -> Result<Vec<Link>, StoreError> {
    let mut counts: BTreeMap<FindingKey, usize> = BTreeMap::new();
    for link in &links {
        *counts.entry(link.finding.clone()).or_default() += 1;
    }
    let mut ordered: Vec<(FindingKey, i64, Link)> = Vec::with_capacity(links.len());
    for link in links {
        let is_one = counts.get(&link.finding) == Some(&1);
        let seq = if is_one { None } else { read::place(connection, &link.finding, &link.issue.id).await? };
        ordered.push((link.finding.clone(), seq.unwrap_or_default(), link));
    }
    ordered.sort_by(|(finding, seq, link), (other, later, next)| {
        (finding, seq, link.since, &link.issue.id).cmp(&(other, later, next.since, &next.issue.id))
    });
    Ok(ordered.into_iter().map(|(_, _, link)| link).collect())
}

/// What the list of last stamps says of a finding and its links.
async fn listed(connection: &mut SqliteConnection, key: &FindingKey) -> Result<Account, StoreError> {
    let quoted = serde_json::json!(key).to_string();
    let mut account = Account::new();
    // A key of one column ends with a bracket, one of more goes on with a comma; `-` and `^` come next.
    for (table, from, until) in [(FINDINGS.name, "]", "^"), (LINKS.name, ",", "-")] {
        let rows = sqlx::query_as(STAMPS_AT)
            .bind(buckets::of(key))
            .bind(table)
            .bind(format!("[{quoted}{from}"))
            .bind(format!("[{quoted}{until}"))
            .fetch_all(&mut *connection)
            .await?;
        account.extend(stamps::understood(rows));
    }
    Ok(account)
}
