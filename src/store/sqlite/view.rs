//! The register in parts, within one transaction that only reads.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{Row as _, Sqlite, SqliteConnection, SqlitePool, Transaction, sqlite::SqliteRow};

use super::{few::few, proof, read, register, rows_of, turns};
use crate::{
    model::{
        cycle::NoteKind,
        ids::{FindingKey, Host, TrackerName},
        involvement::Involvement,
        issue::IssueId,
        link::Link,
        misfit::{Difference, Misfit, RowName},
        note::{NoteName, Standing},
        page::Page,
        reading::Reading,
        register::Register,
        terms::State,
    },
    store::{
        StoreError,
        kept::Kept,
        rows::{self, Value, text},
        seen,
        stamps::{FINDINGS, INVOLVEMENT, LINKS, Table},
        statements::pages::{
            BY_DUE, BY_KEY, DUE_OF, FINDINGS_PAGE, LEFT_BY_DUE, LEFT_BY_KEY, LEFT_WITHOUT_DUE, LINK_PLACE,
            LINKS_BETWEEN, LINKS_LEFT, LINKS_PAGE, LOOKED_AT, NOTES_PAGE, REPEATED, STATE_COUNT, WITHOUT_DUE,
        },
        view::{FindingQuery, LinkPlace, Order, View},
    },
};

/// Text after which none comes.
const LAST: &str = "\u{10FFFF}\u{10FFFF}";

/// A transaction that reads, and what it found out.
struct SqliteView {
    tx: Transaction<'static, Sqlite>,
    database: String,
    unfit: BTreeSet<RowName>,
}

/// The register as it is now.
pub(super) async fn of(pool: &SqlitePool, database: &str) -> Result<Box<dyn View>, StoreError> {
    let tx = pool.begin().await?;
    Ok(Box::new(SqliteView { tx, database: database.to_owned(), unfit: BTreeSet::new() }))
}

#[async_trait]
impl View for SqliteView {
    async fn states(&mut self) -> Result<BTreeMap<State, usize>, StoreError> {
        let mut states = BTreeMap::new();
        for state in State::ALL {
            let n = count(&mut self.tx, STATE_COUNT, vec![text(state.as_str())]).await?;
            states.insert(*state, n);
        }
        Ok(states)
    }

    async fn some(
        &mut self,
        query: &FindingQuery,
        after: Option<&FindingKey>,
        most: u32,
    ) -> Result<Page, StoreError> {
        let from = Start::of(&mut self.tx, query, after).await?;
        let keys = from.keys(&mut self.tx, query, most).await?;
        few(&mut self.tx, &self.database, &keys).await
    }

    async fn these(&mut self, keys: &[FindingKey]) -> Result<Page, StoreError> {
        few(&mut self.tx, &self.database, keys).await
    }

    async fn remaining(
        &mut self,
        query: &FindingQuery,
        after: Option<&FindingKey>,
    ) -> Result<usize, StoreError> {
        let from = Start::of(&mut self.tx, query, after).await?;
        let mut n = 0;
        for state in &query.states {
            for Part { values, left, .. } in from.parts(query, *state) {
                n += count(&mut self.tx, left, values).await?;
            }
        }
        Ok(n)
    }

    async fn prove(&mut self) -> Result<Vec<Misfit>, StoreError> {
        let misfits = proof::misfits(&mut self.tx, &self.database).await?;
        self.unfit = misfits.iter().map(|misfit| misfit.row.clone()).collect();
        Ok(misfits)
    }

    async fn page(&mut self, after: Option<&FindingKey>, most: u32) -> Result<Page, StoreError> {
        let after = after.map(FindingKey::as_str).unwrap_or_default();
        let mut page = Page::default();
        let values = vec![text(after), Value::Number(most.into())];
        let rows = read::bound(FINDINGS_PAGE, values).fetch_all(&mut *self.tx).await?;
        page.last = rows.last().map(|row| FindingKey::new(read::name(&FINDINGS, row).key.concat()));
        page.findings = self.fitting(&FINDINGS, &rows, &mut page.misfits);
        drop(rows);
        // Behind the last finding stand links of findings that are gone.
        let until = page.last.as_ref().map_or(LAST, FindingKey::as_str);
        let rows =
            read::bound(LINKS_BETWEEN, vec![text(after), text(until)]).fetch_all(&mut *self.tx).await?;
        page.links = self.fitting(&LINKS, &rows, &mut page.misfits);
        let pending = page.findings.iter().filter(|finding| finding.state == State::PendingVerification);
        let keys: Vec<FindingKey> = pending.map(|finding| finding.key.clone()).collect();
        for key in keys {
            let Some(sql) = INVOLVEMENT.of else { continue };
            let rows = read::bound(sql, vec![text(key.as_str())]).fetch_all(&mut *self.tx).await?;
            page.parts.extend(self.fitting::<Involvement>(&INVOLVEMENT, &rows, &mut page.misfits));
        }
        Ok(page)
    }

    async fn links(
        &mut self,
        after: Option<&LinkPlace>,
        most: u32,
    ) -> Result<Vec<(LinkPlace, Option<Link>)>, StoreError> {
        let mut values = after.map_or_else(first_place, values_of);
        values.push(Value::Number(most.into()));
        let rows = read::bound(LINKS_PAGE, values).fetch_all(&mut *self.tx).await?;
        let mut links = Vec::with_capacity(rows.len());
        for row in &rows {
            let (finding, host, id) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let (finding, host): (String, String) = (finding, host);
            let issue = IssueId { host: Host::new(host), id };
            let at = LinkPlace {
                seq: row.try_get(3)?,
                since_ms: row.try_get(4)?,
                finding: FindingKey::new(finding),
                issue,
            };
            let link = self.fitting(&LINKS, std::slice::from_ref(row), &mut Vec::new()).pop();
            links.push((at, link));
        }
        Ok(links)
    }

    async fn place_of(
        &mut self,
        finding: &FindingKey,
        issue: &IssueId,
    ) -> Result<Option<LinkPlace>, StoreError> {
        let values = rows::link_key(finding, issue);
        let Some(row) = read::bound(LINK_PLACE, values).fetch_optional(&mut *self.tx).await? else {
            return Ok(None);
        };
        let (finding, issue) = (finding.clone(), issue.clone());
        Ok(Some(LinkPlace { seq: row.try_get(0)?, since_ms: row.try_get(1)?, finding, issue }))
    }

    async fn links_remaining(&mut self, after: &LinkPlace) -> Result<usize, StoreError> {
        count(&mut self.tx, LINKS_LEFT, values_of(after)).await
    }

    async fn noted(
        &mut self,
        kind: NoteKind,
        after: Option<&NoteName>,
        most: u32,
    ) -> Result<Vec<Standing>, StoreError> {
        let mut values = vec![text(kind.as_str())];
        match after.map(seen::note_key).transpose()?.as_deref() {
            Some([subject, name, _, which]) => {
                values.extend([subject, name, which].map(Value::clone));
            }
            Some(_) | None => values.extend([text(""), text(""), text("")]),
        }
        values.push(Value::Number(most.into()));
        read::read(&mut self.tx, NOTES_PAGE, values, "note").await
    }

    async fn beside(&mut self) -> Result<Register, StoreError> {
        let mut beside = rows_of::register(&mut self.tx, &self.database, &BTreeSet::new()).await?;
        beside.notes = register::notes(&mut self.tx).await?;
        Ok(beside)
    }

    async fn repeated(&mut self) -> Result<BTreeSet<FindingKey>, StoreError> {
        let keys: Vec<String> = sqlx::query_scalar(REPEATED).fetch_all(&mut *self.tx).await?;
        Ok(keys.into_iter().map(FindingKey::new).collect())
    }

    async fn looked_at(&mut self) -> Result<BTreeMap<TrackerName, DateTime<Utc>>, StoreError> {
        let places = turns::places(&mut self.tx).await?;
        let trackers: BTreeSet<TrackerName> = places.into_iter().map(|place| place.tracker).collect();
        let mut looked_at = BTreeMap::new();
        for tracker in trackers {
            let values = vec![text(tracker.as_str())];
            let readings: Vec<Reading> = read::read(&mut self.tx, LOOKED_AT, values, "reading").await?;
            looked_at.extend(readings.into_iter().map(|reading| (tracker.clone(), reading.at)));
        }
        Ok(looked_at)
    }
}

impl SqliteView {
    /// The values of rows, without those that do not fit; what cannot be understood is told.
    fn fitting<T: Kept>(&self, table: &Table, rows: &[SqliteRow], misfits: &mut Vec<Misfit>) -> Vec<T> {
        let mut fitting = Vec::with_capacity(rows.len());
        for row in rows {
            let name = read::name(table, row);
            if self.unfit.contains(&name) {
                continue;
            }
            match read::text(row, table).and_then(|text| read::understood(&name, &text)) {
                Some(value) => fitting.push(value),
                None => misfits.push(Misfit { row: name, difference: Difference::Unreadable }),
            }
        }
        fitting
    }
}

/// What tells a place in the order of linking.
fn values_of(place: &LinkPlace) -> Vec<Value> {
    let LinkPlace { seq, since_ms, finding, issue } = place;
    let numbers = [Value::Number(*seq), Value::Number(*since_ms)];
    numbers.into_iter().chain(rows::link_key(finding, issue)).collect()
}

/// The place before all links.
fn first_place() -> Vec<Value> {
    let before = || Value::Number(i64::MIN);
    vec![before(), before(), text(""), text(""), text("")]
}

/// After which finding a list goes on.
struct Start {
    key: FindingKey,
    /// Its deadline; the inner one is none where it has none, the outer one at the beginning of the list.
    due: Option<Option<String>>,
}

/// A part of what is asked for: findings in one state, with a deadline or without one.
struct Part {
    /// Reads the next keys.
    sql: &'static str,
    /// Counts them.
    left: &'static str,
    /// What both are given.
    values: Vec<Value>,
    /// Whether a deadline stands before each key.
    is_due: bool,
}

impl Start {
    async fn of(
        connection: &mut SqliteConnection,
        query: &FindingQuery,
        after: Option<&FindingKey>,
    ) -> Result<Self, StoreError> {
        let Some(key) = after.filter(|_| query.order != Order::Key) else {
            return Ok(Self { key: after.cloned().unwrap_or_default(), due: None });
        };
        let due: Option<Option<String>> =
            sqlx::query_scalar(DUE_OF).bind(key.as_str()).fetch_optional(connection).await?;
        Ok(Self { key: key.clone(), due: Some(due.flatten()) })
    }

    /// The parts of what comes after this, in a state.
    fn parts(&self, query: &FindingQuery, state: State) -> Vec<Part> {
        let key = || text(self.key.as_str());
        let state = || text(state.as_str());
        let (after, until, without) = match &query.order {
            Order::Key => {
                let values = vec![state(), key()];
                return vec![Part { sql: BY_KEY, left: LEFT_BY_KEY, values, is_due: false }];
            }
            Order::Due => (None, LAST.to_owned(), true),
            Order::DueBetween { after, until } => (after.as_ref(), until.to_string(), false),
        };
        let from = match &self.due {
            Some(Some(due)) => Some(vec![text(due), key()]),
            Some(None) => None,
            None => Some(
                after
                    .map_or_else(|| vec![text(""), text("")], |day| vec![text(&day.to_string()), text(LAST)]),
            ),
        };
        let with = from.map(|from| {
            let values = [state()].into_iter().chain(from).chain([text(&until)]).collect();
            Part { sql: BY_DUE, left: LEFT_BY_DUE, values, is_due: true }
        });
        let key = if matches!(self.due, Some(None)) { key() } else { text("") };
        let rest =
            Part { sql: WITHOUT_DUE, left: LEFT_WITHOUT_DUE, values: vec![state(), key], is_due: false };
        with.into_iter().chain(without.then_some(rest)).collect()
    }

    /// The next keys, of all states in one order.
    async fn keys(
        &self,
        connection: &mut SqliteConnection,
        query: &FindingQuery,
        most: u32,
    ) -> Result<Vec<FindingKey>, StoreError> {
        let mut found: Vec<(Option<String>, String)> = Vec::new();
        for state in &query.states {
            for Part { sql, mut values, is_due, .. } in self.parts(query, *state) {
                values.push(Value::Number(most.into()));
                for row in read::bound(sql, values).fetch_all(&mut *connection).await? {
                    found.push(if is_due {
                        (row.try_get(0)?, row.try_get(1)?)
                    } else {
                        (None, row.try_get(0)?)
                    });
                }
            }
        }
        found.sort_by(|(due, key), (other, later)| {
            (due.is_none(), due, key).cmp(&(other.is_none(), other, later))
        });
        found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(found.into_iter().map(|(_, key)| FindingKey::new(key)).collect())
    }
}

async fn count(
    connection: &mut SqliteConnection,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<usize, StoreError> {
    let n: i64 = read::bound(sql, values).fetch_one(connection).await?.try_get(0)?;
    Ok(usize::try_from(n).unwrap_or_default())
}
