//! Which findings are looked at next, and how much there is: answered by indices, without a row being read.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::{corrupt, read};
use crate::{
    model::{
        cycle::NoteKind,
        ids::{FindingKey, Host, PlaceName, TrackerName},
        link::LinkKind,
        outline::{Outline, Totals, Whereabouts},
    },
    store::{
        Named, StoreError,
        rows::{Value, millis, text},
        statements::{reads, rows_of},
    },
};

/// How many findings the register holds.
pub(super) async fn totals(connection: &mut SqliteConnection) -> Result<Totals, StoreError> {
    let created = count(connection, reads::CREATED_COUNT).await?;
    let linked = count(connection, reads::LINKED_COUNT).await?;
    let findings = count(connection, reads::FINDINGS_COUNT).await?;
    let register = NoteKind::Register.as_str();
    let kept: i64 = sqlx::query_scalar(reads::KEPT_COUNT).bind(register).fetch_one(&mut *connection).await?;
    let counted: Vec<(String, i64)> = sqlx::query_as(reads::NOTES_COUNT).fetch_all(connection).await?;
    let known = |(code, n): (String, i64)| {
        let kind: NoteKind = serde_json::from_value(code.as_str().into())
            .map_err(|why| corrupt(&format!("note {code}"), why))?;
        Ok((kind, number(n)))
    };
    let notes = counted.into_iter().map(known).collect::<Result<_, StoreError>>()?;
    Ok(Totals { findings, created, cited: linked.saturating_sub(created), kept: number(kept), notes })
}

/// Where the issues are that the register follows.
pub(super) async fn outline(
    connection: &mut SqliteConnection,
    since: DateTime<Utc>,
) -> Result<Outline, StoreError> {
    Ok(Outline {
        places: places(connection).await?,
        ended: read::read(connection, reads::ENDED_READ, vec![millis(since)], "tombstone").await?,
    })
}

async fn count(connection: &mut SqliteConnection, sql: &'static str) -> Result<usize, StoreError> {
    Ok(number(sqlx::query_scalar(sql).fetch_one(connection).await?))
}

fn number(n: i64) -> usize {
    usize::try_from(n).unwrap_or_default()
}

/// How many links lead to issues in each place.
pub(super) async fn places(connection: &mut SqliteConnection) -> Result<Vec<Whereabouts>, StoreError> {
    let rows: Vec<(String, String, String, String, String, i64)> =
        sqlx::query_as(reads::WHEREABOUTS_READ).fetch_all(connection).await?;
    let understood = |(tracker, host, place, place_id, kind, links): (_, _, _, String, String, i64)| {
        let title = || format!("whereabouts {tracker} {place}");
        let kind: LinkKind = serde_json::from_value(kind.into()).map_err(|why| corrupt(&title(), why))?;
        let links = usize::try_from(links).unwrap_or_default();
        let (tracker, host, place) = (TrackerName::new(tracker), Host::new(host), PlaceName::new(place));
        Ok(Whereabouts { tracker, host, place, place_id, kind, links })
    };
    rows.into_iter().map(understood).collect()
}

/// The findings whose next look is due.
pub(super) async fn due(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
    scope: &str,
) -> Result<BTreeSet<FindingKey>, StoreError> {
    keys(connection, reads::DUE, vec![millis(now), text(scope)]).await
}

/// The findings that follow what is named.
pub(super) async fn followers(
    connection: &mut SqliteConnection,
    named: &Named,
) -> Result<BTreeSet<FindingKey>, StoreError> {
    let mut found = BTreeSet::new();
    for issue in &named.issues {
        let key = vec![text(issue.host.as_str()), text(&issue.id)];
        found.extend(keys(connection, rows_of::SHARING, key).await?);
    }
    for (tracker, place) in &named.places {
        let key = vec![text(tracker.as_str()), text(place.as_str())];
        found.extend(keys(connection, reads::FOLLOWERS_IN, key).await?);
    }
    for id in &named.write_ups {
        found.extend(keys(connection, reads::OF_WRITE_UP, vec![text(id.as_str())]).await?);
    }
    Ok(found)
}

async fn keys(
    connection: &mut SqliteConnection,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<BTreeSet<FindingKey>, StoreError> {
    let rows = read::bound(sql, values).fetch_all(connection).await?;
    let keys: Result<Vec<String>, sqlx::Error> = rows.iter().map(|row| sqlx::Row::try_get(row, 0)).collect();
    Ok(keys?.into_iter().map(FindingKey::new).collect())
}
