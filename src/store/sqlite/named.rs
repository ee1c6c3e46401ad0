//! What findings are called, in the database.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;

use super::read::{self, Found, Which};
use crate::{
    model::{
        finding::Finding,
        ids::{FindingKey, PostmortemId},
        register::Write,
    },
    store::{
        StoreError,
        names::{self, Called},
        rows,
        statements::names::{ALIKE, NAME_ADD, NAMES_AFTER, OF_CASE, OF_FINDINGS, OF_WRITE_UPS},
    },
};

/// Findings that may be called so beside their keys.
pub(super) async fn called(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<BTreeSet<FindingKey>, StoreError> {
    let mut keys = of(connection, OF_CASE, &name.to_ascii_lowercase()).await?;
    for name in names::asked(name) {
        keys.extend(of(connection, OF_FINDINGS, &name).await?);
        keys.extend(of(connection, OF_WRITE_UPS, &name).await?);
    }
    Ok(keys.into_iter().map(FindingKey::new).collect())
}

/// Findings that ask for the same by their titles, the finding among them.
pub(super) async fn alike(
    connection: &mut SqliteConnection,
    finding: &Finding,
) -> Result<BTreeSet<FindingKey>, StoreError> {
    let alike = rows::alike(finding);
    let keys = if alike.is_empty() { Vec::new() } else { of(connection, ALIKE, &alike).await? };
    Ok(keys.into_iter().map(FindingKey::new).collect())
}

async fn of(
    connection: &mut SqliteConnection,
    sql: &'static str,
    name: &str,
) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(sql).bind(name).fetch_all(connection).await?)
}

/// Write-ups and keys after one.
pub(super) async fn after(
    connection: &mut SqliteConnection,
    (write_up, key): (&PostmortemId, &FindingKey),
    most: u32,
) -> Result<Vec<(PostmortemId, FindingKey)>, StoreError> {
    let query = sqlx::query_as(NAMES_AFTER).bind(write_up.as_str()).bind(key.as_str()).bind(most);
    let rows: Vec<(String, String)> = query.fetch_all(connection).await?;
    Ok(rows.into_iter().map(|(write_up, key)| (PostmortemId::new(write_up), FindingKey::new(key))).collect())
}

/// Remembers the names that writes tell, each once.
pub(super) async fn add(connection: &mut SqliteConnection, writes: &[Write]) -> Result<(), StoreError> {
    let mut called = BTreeSet::new();
    writes.iter().for_each(|write| names::of_write(write, &mut called));
    put(connection, called).await
}

/// Remembers the names of a finding whose rows were written by other means.
pub(super) async fn add_of(
    connection: &mut SqliteConnection,
    finding: &FindingKey,
) -> Result<(), StoreError> {
    let of_one = BTreeSet::from([finding.clone()]);
    let contents = read::contents(connection, Which::Of(&of_one), &mut Found::default()).await?;
    let mut called = BTreeSet::new();
    contents.findings.iter().for_each(|(_, finding)| names::of_finding(finding, &mut called));
    for (_, link) in &contents.links {
        names::of_issue(&link.finding, &link.issue, &link.former_keys, &mut called);
    }
    for (_, stone) in &contents.tombstones {
        names::of_issue(&stone.finding, &stone.issue, &[], &mut called);
    }
    put(connection, called).await
}

/// Remembers names.
pub(super) async fn put(
    connection: &mut SqliteConnection,
    called: BTreeSet<Called>,
) -> Result<(), StoreError> {
    for Called { name, finding, write_up } in called {
        let query = sqlx::query(NAME_ADD).bind(name).bind(finding).bind(write_up);
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
