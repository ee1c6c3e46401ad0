//! Stamps in the database: what the history says of each row, and the entry that a transaction adds to it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::{corrupt, history, read, run};
use crate::{
    model::{history::Anchor, misfit::RowName, register::Write},
    store::{
        StoreError, chain,
        rows::{self, Step, Written},
        stamps::{self, Account, Root, Stamping},
        statements,
    },
};

/// What the history says of every row. The list of last stamps tells it as long as it is the one that the last entry
/// names the sum of; else the whole history is replayed.
pub(super) async fn account(
    connection: &mut SqliteConnection,
    database: &str,
) -> Result<Account, StoreError> {
    let listed = listed(connection).await?;
    let attested = last_root(connection, database).await?;
    if attested.is_some_and(|root| root == Root::of(&listed)) {
        Ok(listed)
    } else {
        replayed(connection).await
    }
}

/// The list of last stamps. What is not understood of it is left out: its sum is another one then.
pub(super) async fn listed(connection: &mut SqliteConnection) -> Result<Account, StoreError> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as(statements::STAMPS_READ).fetch_all(connection).await?;
    let understood = |(table, key, digest): (String, String, String)| {
        Some((RowName { table, key: serde_json::from_str(&key).ok()? }, digest))
    };
    Ok(rows.into_iter().filter_map(understood).collect())
}

/// The same by the history alone.
async fn replayed(connection: &mut SqliteConnection) -> Result<Account, StoreError> {
    let (mut account, mut root) = (Account::new(), Root::default());
    let mut last = i64::MIN;
    loop {
        let page = history::page(connection, statements::HISTORY_WALK, last).await?;
        let Some(newest) = page.last() else { return Ok(account) };
        last = newest.seq;
        let stamped = page.iter().filter(|link| link.row.event == stamps::EVENT);
        for stamping in stamped.filter_map(|link| Stamping::read(&link.row.data).ok()) {
            stamping.replay(&mut account, &mut root);
        }
    }
}

/// The sum that the last stamp names; none when there is no such entry, or it does not follow from the one before.
async fn last_root(connection: &mut SqliteConnection, database: &str) -> Result<Option<Root>, StoreError> {
    let seq: Option<i64> =
        sqlx::query_scalar(statements::STAMPED_LAST).fetch_optional(&mut *connection).await?;
    let Some(seq) = seq else { return Ok(None) };
    let pair = history::pair(connection, seq).await?;
    let at = |seq: i64| pair.iter().find(|link| link.seq == seq);
    let before = match at(seq.saturating_sub(1)) {
        Some(link) => Anchor { seq: link.seq, hash: link.hash.clone() },
        None => chain::genesis(database),
    };
    let follows =
        |link: &&chain::Link| chain::next(&before, &link.row) == (Anchor { seq, hash: link.hash.clone() });
    let stamping = at(seq).filter(follows).and_then(|link| Stamping::read(&link.row.data).ok());
    Ok(stamping.and_then(|stamping| stamping.root()))
}

/// What a transaction makes of the rows that are stamped.
#[derive(Debug, Default)]
pub(super) struct Recording {
    /// What the history says of each row that is written; none where it knows no such row.
    before: BTreeMap<RowName, Option<String>>,
    /// What each becomes; none where it is removed.
    after: BTreeMap<RowName, Option<String>>,
    /// What the history alone says, once somebody had to ask: then the list of last stamps is written anew.
    account: Option<Account>,
}

impl Recording {
    /// Runs a statement, and says whether it touched a row. One that it writes has to be as the history says.
    pub(super) async fn run(
        &mut self,
        connection: &mut SqliteConnection,
        step: Step,
    ) -> Result<bool, StoreError> {
        let Step { sql, values, claims, writes } = step;
        if let Some(Written { row, .. }) = &writes {
            self.check(connection, row).await?;
        }
        let touched = run(connection, Step { sql, values, claims, writes: None }).await?;
        if let (Some(Written { row, digest }), 1..) = (writes, touched) {
            self.after.insert(row, digest);
        }
        Ok(touched > 0)
    }

    async fn check(&mut self, connection: &mut SqliteConnection, row: &RowName) -> Result<(), StoreError> {
        if self.before.contains_key(row) {
            return Ok(());
        }
        let found = present(connection, row).await?;
        let Step { sql, values, .. } = rows::stamp_of(row);
        let listed: Option<String> = read::scalar(connection, sql, values).await?;
        let said = if fits(listed.as_ref(), found.as_ref()) {
            listed
        } else {
            let said = self.account(connection).await?.get(row).cloned();
            if !fits(said.as_ref(), found.as_ref()) {
                return Err(StoreError::Unfit { row: row.clone() });
            }
            said
        };
        self.before.insert(row.clone(), said);
        Ok(())
    }

    /// Takes a row as its value says it, or its absence, whatever the history says: its other columns follow the value.
    pub(super) async fn accept(
        &mut self,
        connection: &mut SqliteConnection,
        row: &RowName,
    ) -> Result<(), StoreError> {
        if present(connection, row).await?.is_some() {
            let anew = read::anew(connection).await?.into_iter().find(|(name, _)| name == row);
            let Some((_, step)) = anew else {
                return Err(corrupt(&row.to_string(), "it is no row of this table; restore a backup"));
            };
            run(connection, step).await?;
        }
        let said = self.account(connection).await?.get(row).cloned();
        self.before.insert(row.clone(), said);
        self.after.insert(row.clone(), present(connection, row).await?.flatten());
        Ok(())
    }

    async fn account(&mut self, connection: &mut SqliteConnection) -> Result<&mut Account, StoreError> {
        let account = match self.account.take() {
            Some(account) => account,
            None => replayed(connection).await?,
        };
        Ok(self.account.insert(account))
    }

    /// Adds the entry that names what changed, if anything did.
    pub(super) async fn seal(
        mut self,
        connection: &mut SqliteConnection,
        database: &str,
        writes: &[Write],
        end: &mut Anchor,
    ) -> Result<(), StoreError> {
        let (before, mut changes) = (std::mem::take(&mut self.before), std::mem::take(&mut self.after));
        let said = |row: &RowName| before.get(row).and_then(Option::as_ref);
        changes.retain(|row, digest| digest.as_ref() != said(row));
        if changes.is_empty() && self.account.is_none() {
            return Ok(());
        }
        let last = if self.account.is_some() { None } else { last_root(connection, database).await? };
        let old = match last {
            Some(root) => root,
            None => Root::of(self.account(connection).await?),
        };
        let mut new = old;
        for (row, digest) in &changes {
            new = said(row).map_or(new, |digest| new.without(row, digest));
            new = digest.as_ref().map_or(new, |digest| new.with(row, digest));
        }
        let (at, cycle) = told(writes);
        let at = match at {
            Some(at) => at,
            None => history::newest(connection).await?,
        };
        let why = format!("rows that were decided on: {}", changes.len());
        add(connection, end, stamps::entry((at, &cycle), &why, (old, new), &changes)).await?;
        if let Some(account) = self.account {
            relist(connection, account, end.seq).await?;
        }
        list(connection, &changes, end.seq).await
    }
}

/// When a transaction was, and for which cycle or command, as far as its writes tell.
fn told(writes: &[Write]) -> (Option<DateTime<Utc>>, String) {
    let told = |write: &Write| {
        if let Write::History(entry) = write {
            Some((Some(entry.at), entry.cycle.clone()))
        } else if let Write::Cycle(cycle) = write {
            Some((Some(cycle.finished.unwrap_or(cycle.started)), cycle.id.clone()))
        } else {
            None
        }
    };
    writes.iter().rev().find_map(told).unwrap_or_default()
}

/// Stamps everything as it is found: in a new register who it is, in one of an earlier release all rows, after what was
/// decided and what was observed were told apart.
pub(super) async fn begin(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
    why: &str,
) -> Result<(), StoreError> {
    for (_, step) in read::anew(connection).await? {
        run(connection, step).await?;
    }
    let present = read::found(connection).await?.digests;
    let rows: BTreeMap<_, _> = present.into_iter().filter(|(_, digest)| digest.is_some()).collect();
    let account = rows.iter().filter_map(|(row, digest)| Some((row.clone(), digest.clone()?))).collect();
    let mut end = history::end(connection).await?;
    let roots = (Root::default(), Root::of(&account));
    add(connection, &mut end, stamps::entry((now, ""), why, roots, &rows)).await?;
    run(connection, rows::moved(&end)).await?;
    list(connection, &rows, end.seq).await
}

async fn add(
    connection: &mut SqliteConnection,
    end: &mut Anchor,
    entry: chain::Row,
) -> Result<(), StoreError> {
    run(connection, rows::append(entry, end)).await.map(drop)
}

/// Carries stamps over into the list of last stamps.
async fn list(
    connection: &mut SqliteConnection,
    changes: &BTreeMap<RowName, Option<String>>,
    seq: i64,
) -> Result<(), StoreError> {
    for (row, digest) in changes {
        run(connection, rows::stamped(row, digest.as_deref(), seq)).await?;
    }
    Ok(())
}

/// Writes the list of last stamps anew.
async fn relist(connection: &mut SqliteConnection, account: Account, seq: i64) -> Result<(), StoreError> {
    sqlx::query(statements::STAMPS_DROP).execute(&mut *connection).await?;
    let rows = account.into_iter().map(|(row, digest)| (row, Some(digest))).collect();
    list(connection, &rows, seq).await
}

/// The digest of a row that is there: none for one that is not, the inner one for columns of other types.
async fn present(
    connection: &mut SqliteConnection,
    row: &RowName,
) -> Result<Option<Option<String>>, StoreError> {
    let Some(table) = stamps::table_of(row) else { return Ok(None) };
    let Step { sql, values, .. } = rows::one(table, row);
    let found = read::bound(sql, values).fetch_optional(connection).await?;
    Ok(found.map(|found| read::digest(table, &found)))
}

fn fits(said: Option<&String>, found: Option<&Option<String>>) -> bool {
    match (said, found) {
        (None, None) => true,
        (Some(said), Some(found)) => found.as_ref() == Some(said),
        (None, Some(_)) | (Some(_), None) => false,
    }
}
