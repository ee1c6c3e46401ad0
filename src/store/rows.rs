//! The register's types as rows: which statement a write is, and what a row of JSON means.
//!
//! Knows the model and the statements. Knows no database: a backend runs the steps and hands back text.

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    StoreError, buckets,
    contents::Contents,
    kept::Kept as _,
    names, seen,
    split::{self, Halves},
    stamps::{self, Column, Table},
    statements, told, versions,
};
use crate::model::{
    citation::CitationRecord,
    finding::Finding,
    history::Anchor,
    ids::FindingKey,
    involvement::{self, Involvement},
    issue::IssueId,
    link::{Intent, Link, LinkKind, Tombstone},
    misfit::RowName,
    register::{OwnAccount, PinnedPlace, Write},
    words::WithWords,
};

/// How many cycle records are kept. Only the newest is ever read; what the others did is in the history,
/// and a record every few minutes with what every document brought up would fill the disk.
pub const KEPT_CYCLES: i64 = 100;

/// A value of a statement.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Text, or nothing.
    Text(Option<String>),
    /// A number.
    Number(i64),
}

/// A statement and its values, in order.
#[derive(Debug)]
pub(super) struct Step {
    /// One of the statements.
    pub(super) sql: &'static str,
    /// `$1` and following.
    pub(super) values: Vec<Value>,
    /// The finding whose intent is taken if this touches no row; none where touching no row is fine.
    pub(super) claims: Option<FindingKey>,
    /// The row that it writes, where rows are stamped.
    pub(super) writes: Option<Written>,
}

/// What a statement makes of a row that is stamped.
#[derive(Debug)]
pub(super) struct Written {
    /// The row.
    pub(super) row: RowName,
    /// Its digest afterwards; none when it is removed.
    pub(super) digest: Option<String>,
    /// What it holds afterwards.
    pub(super) contents: Option<Contents>,
}

/// The statements that make a write, in order. An entry of the history moves `end`, where the chain ends; `seq` is the
/// place that a new row gets in the order of what was recorded, and `version` the number of the transaction.
///
/// The tombstones of a finding are removed one by one, and a row is accepted, by whoever has read what is there.
pub(super) fn steps(
    write: &Write,
    (seq, version): (i64, i64),
    end: &mut Anchor,
) -> Result<Vec<Step>, StoreError> {
    let step = match write {
        Write::Finding(finding) => put_finding(finding, version)?,
        Write::Link(link) => put_link(link, (seq, version))?,
        Write::Unlink { finding, issue } => {
            let key = [finding.as_str(), issue.host.as_str(), issue.id.as_str()];
            return Ok(vec![
                drop_row(&stamps::LINKS, statements::LINK_DROP, &key),
                step(statements::EDIT_DROP, link_key(finding, issue)),
            ]);
        }
        Write::EditIntent(intent) => seen::put_edit(intent)?,
        Write::EditDone { finding, issue } => step(statements::EDIT_DROP, link_key(finding, issue)),
        Write::Intent(intent) => Step { claims: Some(intent.finding.clone()), ..put_intent(intent)? },
        Write::IntentUnclear(intent) => {
            put_row(&stamps::INTENTS, statements::INTENT_AMEND, intent_values(intent)?)
        }
        Write::IntentDone { finding, tracker, place } => {
            let key = [finding.as_str(), tracker.as_str(), place.as_str()];
            drop_row(&stamps::INTENTS, statements::INTENT_DROP, &key)
        }
        Write::Tombstone(tombstone) => put_tombstone(tombstone)?,
        Write::TombstoneCleared { finding, issue } => {
            drop_tombstone(&[finding.as_str(), issue.host.as_str(), issue.id.as_str()])
        }
        Write::Citation(citation) => put_citation(citation)?,
        Write::Sight(state) => seen::put_sight(state)?,
        Write::Place(place) => put_place(place)?,
        Write::Marked(marking) => return seen::put_marks(marking),
        Write::Unmarked { tracker, place_id } => return Ok(seen::forget_marks(tracker, place_id)),
        Write::Issue(sighting) => seen::put_issue(sighting)?,
        Write::Looked(looked) => seen::looked(looked, version)?,
        Write::DocumentsStand => seen::stand_on(version),
        Write::Pause { tracker, until } => seen::pause(tracker, *until)?,
        Write::Note(standing) => seen::put_note(standing, seq)?,
        Write::NoteEnded(name) => seen::drop_note(name)?,
        Write::Document(document) => seen::put_document(document)?,
        Write::DocumentForgotten(key) => seen::forget_document(key),
        Write::Account(account) => put_account(account)?,
        Write::Mapping(mapping) => mapping.put()?,
        Write::Spent(spent) => seen::spent(spent),
        Write::SpentForgotten { before, after } => seen::forget_spent(*before, *after),
        Write::Instance(instance) => {
            put_row(&stamps::META, statements::META_SET, vec![text("instance"), text(instance.as_str())])
        }
        Write::Cycle(cycle) => return seen::put_cycle(cycle, seq),
        Write::History(entry) => told::append(told::row(entry)?, end),
        // Parts are recorded last, with the place where the history stands by then.
        Write::TombstonesCleared(_)
        | Write::Accepted(_)
        | Write::Involvement(_)
        | Write::Moved
        | Write::Unchanged { .. } => return Ok(Vec::new()),
    };
    Ok(vec![step])
}

/// The statement that removes one tombstone.
pub(super) fn drop_tombstone(key: &[&str]) -> Step {
    drop_row(&stamps::TOMBSTONES, statements::TOMBSTONE_DROP, key)
}

/// A statement that writes a row whose columns are its values; what was observed comes after them and is not stamped.
pub(super) fn put_row(table: &Table, sql: &'static str, columns: Vec<Value>) -> Step {
    let key = columns.iter().take(table.keys).map(|column| match column {
        Value::Text(text) => text.clone().unwrap_or_default(),
        Value::Number(number) => number.to_string(),
    });
    let row = RowName { table: table.name.to_owned(), key: key.collect() };
    let written: Vec<Column<'_>> = columns.iter().map(Column::from).collect();
    let (digest, contents) = (Some(stamps::digest(table.name, &written)), Contents::of(table, &written));
    Step { writes: Some(Written { row, digest, contents }), ..step(sql, columns) }
}

/// The same with what was observed.
fn put_halves(table: &Table, sql: &'static str, columns: Vec<Value>, observed: String) -> Step {
    let mut step = put_row(table, sql, columns);
    step.values.push(Value::Text(Some(observed)));
    step
}

fn drop_row(table: &Table, sql: &'static str, key: &[&str]) -> Step {
    let row = RowName::of(table.name, key.iter().copied());
    let values = key.iter().map(|key| text(key)).collect();
    Step { writes: Some(Written { row, digest: None, contents: None }), ..step(sql, values) }
}

/// The statements that record the parts which a write tells of, or which the finding that it writes implies; `seq` is where
/// the history stands once everything else of the transaction is written.
pub(super) fn parts(write: &Write, seq: i64) -> Result<Vec<Step>, StoreError> {
    if let Write::Finding(finding) = write {
        involvement::implied(finding).iter().map(|part| add_part(part, seq)).collect()
    } else if let Write::Involvement(part) = write {
        Ok(vec![add_part(part, seq)?])
    } else {
        Ok(Vec::new())
    }
}

/// Understands the JSON of a row; `row` names it and is only asked when that fails.
pub(super) fn understand<T: DeserializeOwned>(
    data: &str,
    row: impl FnOnce() -> String,
) -> Result<T, StoreError> {
    serde_json::from_str(data).map_err(|why| StoreError::Corrupt { row: row(), why: why.to_string() })
}

/// The statement that inserts or replaces a finding; `version` is the number of the transaction.
pub(super) fn put_finding(finding: &Finding, version: i64) -> Result<Step, StoreError> {
    let name = || format!("finding {}", finding.key);
    let Halves { decided, observed } = halves(&WithWords::from(finding), split::FINDING, name)?;
    let values = vec![
        text(finding.key.as_str()),
        text(finding.stated.postmortem.as_str()),
        text(finding.state.as_str()),
        text(finding.severity.as_str()),
        Value::Text(finding.clock.due.map(|due| due.to_string())),
        millis(finding.changed),
        Value::Text(Some(decided)),
    ];
    let mut step = put_halves(&stamps::FINDINGS, statements::FINDING_PUT, values, observed);
    step.values.extend([Value::Number(version), text(&alike(finding))]);
    Ok(step)
}

/// By what a finding is known to ask for the same as others.
pub(super) fn alike(finding: &Finding) -> String {
    names::alike(&finding.stated.words_inside().title)
}

/// The statement that inserts or replaces a link; `seq` is its place in the order of linking if it is a new one, and
/// `version` the number of the transaction.
pub(super) fn put_link(link: &Link, (seq, version): (i64, i64)) -> Result<Step, StoreError> {
    let name = || format!("link {} {}", link.finding, link.issue.key);
    let Halves { decided, observed } = halves(link, split::LINK, name)?;
    // The partial unique index of the migration names this word.
    let kind = match link.kind {
        LinkKind::Created => "created",
        LinkKind::Cited => "cited",
    };
    let values = vec![
        text(link.finding.as_str()),
        text(link.issue.id.host.as_str()),
        text(&link.issue.id.id),
        text(link.tracker.as_str()),
        text(link.destination.as_str()),
        text(kind),
        millis(link.since),
        Value::Text(Some(decided)),
    ];
    let mut step = put_halves(&stamps::LINKS, statements::LINK_PUT, values, observed);
    step.values.extend([Value::Number(seq), Value::Number(version), json(&versions::shown(link), name)?]);
    Ok(step)
}

/// The statement that inserts an intent, or replaces one of an earlier attempt.
pub(super) fn put_intent(intent: &Intent) -> Result<Step, StoreError> {
    Ok(put_row(&stamps::INTENTS, statements::INTENT_PUT, intent_values(intent)?))
}

pub(super) fn intent_values(intent: &Intent) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        text(intent.finding.as_str()),
        text(intent.tracker.as_str()),
        text(intent.place.as_str()),
        Value::Number(i64::from(intent.attempt)),
        millis(intent.sent),
        json(intent, || format!("intent {}", intent.finding))?,
    ])
}

/// What names a link, and the edit that is open on it.
pub(super) fn link_key(finding: &FindingKey, issue: &IssueId) -> Vec<Value> {
    vec![text(finding.as_str()), text(issue.host.as_str()), text(&issue.id)]
}

/// The statement that inserts or replaces a tombstone.
pub(super) fn put_tombstone(tombstone: &Tombstone) -> Result<Step, StoreError> {
    let values = vec![
        text(tombstone.finding.as_str()),
        text(tombstone.issue.id.host.as_str()),
        text(&tombstone.issue.id.id),
        millis(tombstone.at),
        json(tombstone, || format!("tombstone {}", tombstone.finding))?,
    ];
    Ok(put_row(&stamps::TOMBSTONES, statements::TOMBSTONE_PUT, values))
}

/// The statement that inserts or replaces what became of a citation.
pub(super) fn put_citation(citation: &CitationRecord) -> Result<Step, StoreError> {
    let values = vec![
        text(citation.finding.as_str()),
        text(&citation.written),
        millis(citation.at),
        json(citation, || format!("citation {} {}", citation.finding, citation.written))?,
    ];
    Ok(put_row(&stamps::CITATIONS, statements::CITATION_PUT, values))
}

/// The statement that inserts or replaces a pinned place.
pub(super) fn put_place(place: &PinnedPlace) -> Result<Step, StoreError> {
    let name = || format!("place {} {}", place.tracker, place.place);
    let Halves { decided, observed } = halves(place, split::PLACE, name)?;
    let values = vec![text(place.tracker.as_str()), text(place.place.as_str()), Value::Text(Some(decided))];
    Ok(put_halves(&stamps::PLACES, statements::PLACE_PUT, values, observed))
}

/// The statement that remembers an account that we act as.
pub(super) fn put_account(account: &OwnAccount) -> Result<Step, StoreError> {
    let values = vec![
        text(account.tracker.as_str()),
        text(account.account.as_str()),
        millis(account.since),
        json(account, || format!("account {} {}", account.tracker, account.account))?,
    ];
    Ok(put_row(&stamps::ACCOUNTS, statements::ACCOUNT_PUT, values))
}

/// The statement that records a part; `seq` is where the history stands.
pub(super) fn add_part(part: &Involvement, seq: i64) -> Result<Step, StoreError> {
    let party = part.party.key();
    let values = vec![
        text(part.finding.as_str()),
        Value::Number(i64::from(part.episode)),
        text(part.part.as_str()),
        text(&party),
        millis(part.at),
        json(part, || format!("involvement {} {party}", part.finding))?,
    ];
    let mut step = put_row(&stamps::INVOLVEMENT, statements::INVOLVEMENT_ADD, values);
    step.values.push(Value::Number(seq));
    Ok(step)
}

/// The statement that remembers what the history last says of a row.
pub(super) fn stamped(row: &RowName, digest: Option<&str>, seq: i64) -> Step {
    let mut values = stamp_key(row);
    match digest {
        Some(digest) => {
            values.extend([Value::Number(seq), text(digest)]);
            step(statements::stamped::STAMP_PUT, values)
        }
        None => step(statements::stamped::STAMP_DROP, values),
    }
}

/// The statement that reads what the history last says of a row.
pub(super) fn stamp_of(row: &RowName) -> Step {
    step(statements::stamped::STAMP_READ, stamp_key(row))
}

fn stamp_key(row: &RowName) -> Vec<Value> {
    vec![Value::Number(buckets::of_row(row)), text(&row.table), text(&stamps::key_text(row))]
}

/// The statement that reads one row of a table.
pub(super) fn one(table: &Table, row: &RowName) -> Step {
    step(table.one, row.key.iter().map(|key| text(key)).collect())
}

pub(super) fn step(sql: &'static str, values: Vec<Value>) -> Step {
    Step { sql, values, claims: None, writes: None }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(Some(text.to_owned()))
}

pub(super) fn millis(at: DateTime<Utc>) -> Value {
    Value::Number(at.timestamp_millis())
}

fn halves(
    row: &impl Serialize,
    observed: &[&str],
    name: impl FnOnce() -> String,
) -> Result<Halves, StoreError> {
    split::split(row, observed).map_err(|why| StoreError::Corrupt { row: name(), why: why.to_string() })
}

pub(super) fn json(row: &impl Serialize, name: impl FnOnce() -> String) -> Result<Value, StoreError> {
    match serde_json::to_string(row) {
        Ok(data) => Ok(Value::Text(Some(data))),
        Err(why) => Err(StoreError::Corrupt { row: name(), why: why.to_string() }),
    }
}
