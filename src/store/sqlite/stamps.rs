//! Stamps in the database: what the history says of each row, and the entry that a transaction adds to it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{corrupt, history, read, run, sorted};
use crate::{
    model::{history::Anchor, mapping::Mapping, misfit::RowName, register::Write},
    store::{
        StoreError,
        buckets::Sums,
        chain,
        contents::Contents,
        kept::{self, Kept as _},
        root::Root,
        rows::{self, Step, Written},
        stamps::{self, Account, Stamped, Stamping, Table},
        statements, told,
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
    Ok(understood(sqlx::query_as(statements::stamped::STAMPS_READ).fetch_all(connection).await?))
}

/// Last stamps as they stand in the list.
pub(super) fn understood(rows: Vec<(String, String, String)>) -> Account {
    let understood = |(table, key, digest): (String, String, String)| {
        Some((RowName { table, key: serde_json::from_str(&key).ok()? }, digest))
    };
    rows.into_iter().filter_map(understood).collect()
}

/// The same by the history alone.
pub(super) async fn replayed(connection: &mut SqliteConnection) -> Result<Account, StoreError> {
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
pub(super) async fn last_root(
    connection: &mut SqliteConnection,
    database: &str,
) -> Result<Option<Root>, StoreError> {
    let seq: Option<i64> =
        sqlx::query_scalar(statements::stamped::STAMPED_LAST).fetch_optional(&mut *connection).await?;
    let Some(seq) = seq else { return Ok(None) };
    let pair = history::pair(connection, seq).await?;
    let at = |seq: i64| pair.iter().find(|link| link.seq == seq);
    let before = match at(seq.saturating_sub(1)) {
        Some(link) => Anchor { seq: link.seq, hash: link.hash.clone() },
        None => chain::genesis(database),
    };
    let follows =
        |link: &&chain::Link| chain::next(&before, &link.row) == (Anchor { seq, hash: link.hash.clone() });
    Ok(at(seq).filter(follows).and_then(|link| Stamping::sum(&link.row.data)))
}

/// How a row stands: its digest, and what it holds as far as that is known.
#[derive(Debug)]
struct Stand {
    digest: String,
    contents: Option<Contents>,
}

/// What a transaction makes of the rows that are stamped.
#[derive(Debug, Default)]
pub(super) struct Recording {
    /// What the history says of each row that is written; none where it knows no such row.
    before: BTreeMap<RowName, Option<Stand>>,
    /// What each becomes; none where it is removed.
    after: BTreeMap<RowName, Option<Stand>>,
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
        if let (Some(Written { row, digest, contents }), 1..) = (writes, touched) {
            self.after.insert(row, digest.map(|digest| Stand { digest, contents }));
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
        if !fits(listed.as_ref(), found.as_ref()) {
            let said = self.account(connection).await?.get(row);
            if !fits(said, found.as_ref()) {
                return Err(StoreError::Unfit { row: row.clone() });
            }
        }
        self.before.insert(row.clone(), found.flatten());
        Ok(())
    }

    /// Takes a row as its value says it, or its absence, whatever the history says: its other columns follow the value.
    pub(super) async fn accept(
        &mut self,
        connection: &mut SqliteConnection,
        row: &RowName,
    ) -> Result<(), StoreError> {
        let said = self.account(connection).await?.get(row).cloned();
        let found = present(connection, row).await?;
        if row.table == stamps::MAPPINGS.name {
            // Nothing is approved by being found: whoever accepts it approves anew.
            if !fits(said.as_ref(), found.as_ref()) {
                run(connection, kept::drop_mapping(row)).await?;
            }
        } else if found.is_some() {
            let anew = read::anew(connection).await?.into_iter().find(|(name, _)| name == row);
            let Some((_, step)) = anew else {
                return Err(corrupt(&row.to_string(), "it is no row of this table; restore a backup"));
            };
            run(connection, step).await?;
        }
        self.before.insert(row.clone(), said.map(|digest| Stand { digest, contents: None }));
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
        (first, end): (i64, &mut Anchor),
    ) -> Result<(), StoreError> {
        let (before, mut changes) = (std::mem::take(&mut self.before), std::mem::take(&mut self.after));
        let was = |row: &RowName| before.get(row).and_then(Option::as_ref);
        changes.retain(|row, is| digest_of(is.as_ref()) != digest_of(was(row)));
        if changes.is_empty() && self.account.is_none() {
            return Ok(());
        }
        let last = if self.account.is_some() { None } else { last_root(connection, database).await? };
        let old = match last {
            Some(root) => root,
            None => Root::of(self.account(connection).await?),
        };
        let (mut new, mut stamped, mut sums) = (old, Vec::new(), Sums::default());
        for (row, is) in changes {
            let was = was(&row);
            sums.change(&row, digest_of(was), digest_of(is.as_ref()));
            new = was.map_or(new, |was| new.without(&row, &was.digest));
            new = is.as_ref().map_or(new, |is| new.with(&row, &is.digest));
            let (digest, contents) = is.map(|is| (is.digest, is.contents)).unzip();
            let known = was.and_then(|was| was.contents.as_ref());
            stamped.push(Stamped::new(row, digest, known, contents.flatten()));
        }
        let (at, cycle) = told(writes);
        let at = match at {
            Some(at) => at,
            None => history::newest(connection).await?,
        };
        let why = format!("rows that were decided on: {}", stamped.len());
        add(connection, end, stamps::entry((at, &cycle), &why, (old, new), first, &stamped)).await?;
        if let Some(account) = self.account {
            relist(connection, account, end.seq).await?;
        }
        list(connection, &stamped, sums, end.seq).await
    }
}

fn digest_of(stand: Option<&Stand>) -> Option<&String> {
    stand.map(|stand| &stand.digest)
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

/// How many rows one entry tells whole.
const TOLD_AT_ONCE: usize = 500;

/// Tells every row as it is found: in a new register who it is, in one of an earlier release all rows, after what was
/// decided and what was observed were told apart. In a register that is stamped already, all rows that fit: the others stay
/// as their history says, and stay told apart by it.
pub(super) async fn begin(
    connection: &mut SqliteConnection,
    database: &str,
    (now, why): (DateTime<Utc>, &str),
    is_stamped: bool,
) -> Result<(), StoreError> {
    let known = if is_stamped { account(connection, database).await? } else { Account::new() };
    let approved = approved(connection).await?;
    if !is_stamped {
        for (_, step) in read::anew(connection).await? {
            run(connection, step).await?;
        }
    }
    let mut rows = read::found(connection).await?.digests;
    rows.retain(|row, digest| {
        let fits = !is_stamped || known.get(row) == digest.as_ref() || approved.as_ref() == Some(row);
        fits && digest.is_some()
    });
    let rows: Vec<RowName> = rows.into_keys().collect();
    let (mut end, mut root) = (history::end(connection).await?, Root::of(&known));
    for rows in rows.chunks(TOLD_AT_ONCE) {
        let (before, told) = (root, whole(connection, rows).await?);
        let mut sums = Sums::default();
        for Stamped { row, digest, .. } in &told {
            sums.change(row, known.get(row), digest.as_ref());
            root = known.get(row).map_or(root, |digest| root.without(row, digest));
            root = digest.as_ref().map_or(root, |digest| root.with(row, digest));
        }
        let first = end.seq.saturating_add(1);
        add(connection, &mut end, stamps::entry((now, ""), why, (before, root), first, &told)).await?;
        list(connection, &told, sums, end.seq).await?;
    }
    run(connection, told::moved(&end)).await.map(drop)
}

/// Gives what was approved a row of its own: it stood in the record of the newest cycle.
async fn approved(connection: &mut SqliteConnection) -> Result<Option<RowName>, StoreError> {
    let cycle: Option<(String, String)> =
        sqlx::query_as(statements::CYCLE_READ).fetch_optional(&mut *connection).await?;
    let Some(mapping) = cycle.and_then(|(_, data)| mapping_in(&data)) else { return Ok(None) };
    run(connection, mapping.put()?).await?;
    Ok(Some(mapping.row()))
}

/// What the record of a cycle by an earlier release says was approved.
fn mapping_in(cycle: &str) -> Option<Mapping> {
    let record: serde_json::Value = serde_json::from_str(cycle).ok()?;
    serde_json::from_value(record.get("mapping")?.clone()).ok()
}

/// Rows with all that they hold.
async fn whole(connection: &mut SqliteConnection, rows: &[RowName]) -> Result<Vec<Stamped>, StoreError> {
    let mut told = Vec::new();
    for row in rows {
        let is = present(connection, row).await?.flatten();
        told.extend(is.map(|is| Stamped::new(row.clone(), Some(is.digest), None, is.contents)));
    }
    Ok(told)
}

async fn add(
    connection: &mut SqliteConnection,
    end: &mut Anchor,
    entry: chain::Row,
) -> Result<(), StoreError> {
    run(connection, told::append(entry, end)).await.map(drop)
}

/// Carries stamps over into the list of last stamps, and what changed of its sums.
async fn list(
    connection: &mut SqliteConnection,
    stamped: &[Stamped],
    sums: Sums,
    seq: i64,
) -> Result<(), StoreError> {
    for Stamped { row, digest, .. } in stamped {
        run(connection, rows::stamped(row, digest.as_deref(), seq)).await?;
    }
    sorted::add(connection, sums).await
}

/// Writes the list of last stamps anew.
async fn relist(connection: &mut SqliteConnection, account: Account, seq: i64) -> Result<(), StoreError> {
    sqlx::query(statements::stamped::STAMPS_DROP).execute(&mut *connection).await?;
    sqlx::query(statements::stamped::SUMS_DROP).execute(&mut *connection).await?;
    let mut sums = Sums::default();
    for (row, digest) in account {
        sums.change(&row, None, Some(&digest));
        run(connection, rows::stamped(&row, Some(&digest), seq)).await?;
    }
    sorted::add(connection, sums).await
}

/// How a row stands that is there: none for one that is not, the inner one for columns of other types.
async fn present(
    connection: &mut SqliteConnection,
    row: &RowName,
) -> Result<Option<Option<Stand>>, StoreError> {
    let Some(table) = stamps::table_of(row) else { return Ok(None) };
    let Step { sql, values, .. } = rows::one(table, row);
    let found = read::bound(sql, values).fetch_optional(connection).await?;
    Ok(found.map(|found| stand(table, &found)))
}

fn stand(table: &Table, row: &SqliteRow) -> Option<Stand> {
    let columns = read::columns(row)?;
    let digest = stamps::digest(table.name, &columns);
    Some(Stand { digest, contents: Contents::told(table, &columns) })
}

fn fits(said: Option<&String>, found: Option<&Option<Stand>>) -> bool {
    match (said, found) {
        (None, None) => true,
        (Some(said), Some(found)) => digest_of(found.as_ref()) == Some(said),
        (None, Some(_)) | (Some(_), None) => false,
    }
}
