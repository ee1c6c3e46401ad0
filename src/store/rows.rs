//! The register's types as rows: which statement a write is, and what a row of JSON means.
//!
//! Knows the model and the statements. Knows no database: a backend runs the steps and hands back text.

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    HistoryQuery, StoreError,
    chain::{self, Row},
    statements,
};
use crate::model::{
    cycle::CycleRecord,
    edit_intent::EditIntent,
    finding::Finding,
    history::{Anchor, Entry},
    ids::{FindingKey, TrackerName},
    issue::IssueId,
    link::{Intent, Link, LinkKind, Tombstone},
    place::PlaceState,
    register::{PinnedPlace, Write},
    sighting::Sighting,
    words::WithWords,
};

/// How many cycle records are kept. Only the newest is ever read; what the others did is in the history,
/// and a record every few minutes with a note for every finding would fill the disk.
pub const KEPT_CYCLES: i64 = 100;

/// A value of a statement.
#[derive(Debug)]
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
}

/// The statements that make a write, in order. An entry of the history moves `end`, where the chain ends.
pub(super) fn steps(write: &Write, end: &mut Anchor) -> Result<Vec<Step>, StoreError> {
    let step = match write {
        Write::Finding(finding) => put_finding(finding)?,
        Write::Link(link) => put_link(link)?,
        Write::Unlink { finding, issue } => {
            return Ok(vec![
                step(statements::LINK_DROP, link_key(finding, issue)),
                step(statements::EDIT_DROP, link_key(finding, issue)),
            ]);
        }
        Write::EditIntent(intent) => put_edit(intent)?,
        Write::EditDone { finding, issue } => step(statements::EDIT_DROP, link_key(finding, issue)),
        Write::Intent(intent) => Step {
            claims: Some(intent.finding.clone()),
            ..step(statements::INTENT_PUT, intent_values(intent)?)
        },
        Write::IntentUnclear(intent) => step(statements::INTENT_AMEND, intent_values(intent)?),
        Write::IntentDone { finding, tracker, place } => step(
            statements::INTENT_DROP,
            vec![text(finding.as_str()), text(tracker.as_str()), text(place.as_str())],
        ),
        Write::Tombstone(tombstone) => put_tombstone(tombstone)?,
        Write::TombstonesCleared(finding) => step(statements::TOMBSTONES_DROP, vec![text(finding.as_str())]),
        Write::TombstoneCleared { finding, issue } => step(
            statements::TOMBSTONE_DROP,
            vec![text(finding.as_str()), text(issue.host.as_str()), text(&issue.id)],
        ),
        Write::Sight(state) => put_sight(state)?,
        Write::Place(place) => put_place(place)?,
        Write::Issue(sighting) => put_issue(sighting)?,
        Write::Pause { tracker, until } => pause(tracker, *until)?,
        Write::Cycle(cycle) => return put_cycle(cycle),
        Write::History(entry) => append(row(entry)?, end),
    };
    Ok(vec![step])
}

/// An entry as a row of the history.
fn row(entry: &Entry) -> Result<Row, StoreError> {
    let data = serde_json::to_string(entry).map_err(|why| StoreError::Corrupt {
        row: format!("history {} {}", entry.cycle, entry.event),
        why: why.to_string(),
    })?;
    Ok(Row {
        at_ms: entry.at.timestamp_millis(),
        cycle: entry.cycle.clone(),
        event: entry.event.clone(),
        finding: entry.finding.as_ref().map(|finding| finding.as_str().to_owned()),
        data,
    })
}

/// The statement that appends a row where the chain ends, which is behind it afterwards.
pub(super) fn append(row: Row, end: &mut Anchor) -> Step {
    *end = chain::next(end, &row);
    let values = vec![
        Value::Number(end.seq),
        Value::Number(row.at_ms),
        Value::Text(Some(row.cycle)),
        Value::Text(Some(row.event)),
        Value::Text(row.finding),
        Value::Text(Some(row.data)),
        Value::Text(Some(end.hash.clone())),
    ];
    step(statements::HISTORY_ADD, values)
}

/// The statement that remembers where the chain ends.
pub(super) fn moved(end: &Anchor) -> Step {
    step(statements::CHAIN_MOVE, vec![Value::Number(end.seq), text(&end.hash)])
}

/// The statement that reads the history, newest first.
pub(super) fn history(query: &HistoryQuery) -> Step {
    let limit = Value::Number(query.limit.map_or(i64::MAX, i64::from));
    match (&query.finding, &query.cycle) {
        (None, None) => step(statements::HISTORY_READ, vec![limit]),
        (Some(finding), None) => step(statements::HISTORY_READ_FINDING, vec![limit, text(finding.as_str())]),
        (None, Some(cycle)) => step(statements::HISTORY_READ_CYCLE, vec![limit, text(cycle)]),
        (Some(finding), Some(cycle)) => {
            step(statements::HISTORY_READ_FINDING_CYCLE, vec![limit, text(finding.as_str()), text(cycle)])
        }
    }
}

/// Understands the JSON of a row; `row` names it and is only asked when that fails.
pub(super) fn understand<T: DeserializeOwned>(
    data: &str,
    row: impl FnOnce() -> String,
) -> Result<T, StoreError> {
    serde_json::from_str(data).map_err(|why| StoreError::Corrupt { row: row(), why: why.to_string() })
}

fn put_finding(finding: &Finding) -> Result<Step, StoreError> {
    let values = vec![
        text(finding.key.as_str()),
        text(finding.stated.postmortem.as_str()),
        text(finding.state.as_str()),
        text(finding.severity.as_str()),
        Value::Text(finding.clock.due.map(|due| due.to_string())),
        millis(finding.changed),
        json(&WithWords::from(finding), || format!("finding {}", finding.key))?,
    ];
    Ok(step(statements::FINDING_PUT, values))
}

fn put_link(link: &Link) -> Result<Step, StoreError> {
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
        json(link, || format!("link {} {}", link.finding, link.issue.key))?,
    ];
    Ok(step(statements::LINK_PUT, values))
}

fn intent_values(intent: &Intent) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        text(intent.finding.as_str()),
        text(intent.tracker.as_str()),
        text(intent.place.as_str()),
        Value::Number(i64::from(intent.epoch)),
        millis(intent.sent),
        json(intent, || format!("intent {}", intent.finding))?,
    ])
}

/// What names a link, and the edit that is open on it.
fn link_key(finding: &FindingKey, issue: &IssueId) -> Vec<Value> {
    vec![text(finding.as_str()), text(issue.host.as_str()), text(&issue.id)]
}

fn put_edit(intent: &EditIntent) -> Result<Step, StoreError> {
    let mut values = link_key(&intent.finding, &intent.issue);
    values.push(millis(intent.sent));
    values.push(json(intent, || format!("edit_intent {} {}", intent.finding, intent.issue.id))?);
    Ok(step(statements::EDIT_PUT, values))
}

fn put_tombstone(tombstone: &Tombstone) -> Result<Step, StoreError> {
    let values = vec![
        text(tombstone.finding.as_str()),
        text(tombstone.issue.id.host.as_str()),
        text(&tombstone.issue.id.id),
        millis(tombstone.at),
        json(tombstone, || format!("tombstone {}", tombstone.finding))?,
    ];
    Ok(step(statements::TOMBSTONE_PUT, values))
}

fn put_place(place: &PinnedPlace) -> Result<Step, StoreError> {
    let data = json(place, || format!("place {} {}", place.tracker, place.place))?;
    Ok(step(statements::PLACE_PUT, vec![text(place.tracker.as_str()), text(place.place.as_str()), data]))
}

fn put_sight(state: &PlaceState) -> Result<Step, StoreError> {
    let data = json(state, || format!("sight {} {}", state.tracker, state.id))?;
    Ok(step(statements::SIGHT_PUT, vec![text(state.tracker.as_str()), text(&state.id), data]))
}

fn put_issue(sighting: &Sighting) -> Result<Step, StoreError> {
    let values = vec![
        text(sighting.issue.host.as_str()),
        text(&sighting.issue.id),
        millis(sighting.updated),
        json(sighting, || format!("issue {} {}", sighting.issue.host, sighting.issue.id))?,
    ];
    Ok(step(statements::ISSUE_PUT, values))
}

fn pause(tracker: &TrackerName, until: Option<DateTime<Utc>>) -> Result<Step, StoreError> {
    let Some(until) = until else {
        return Ok(step(statements::PAUSE_DROP, vec![text(tracker.as_str())]));
    };
    let data = json(&(tracker, until), || format!("pause {tracker}"))?;
    Ok(step(statements::PAUSE_PUT, vec![text(tracker.as_str()), millis(until), data]))
}

fn put_cycle(cycle: &CycleRecord) -> Result<Vec<Step>, StoreError> {
    let data = json(cycle, || format!("cycle {}", cycle.id))?;
    Ok(vec![
        step(statements::CYCLE_PUT, vec![text(&cycle.id), millis(cycle.started), data]),
        step(statements::CYCLES_DROP, vec![Value::Number(KEPT_CYCLES)]),
    ])
}

fn step(sql: &'static str, values: Vec<Value>) -> Step {
    Step { sql, values, claims: None }
}

fn text(text: &str) -> Value {
    Value::Text(Some(text.to_owned()))
}

fn millis(at: DateTime<Utc>) -> Value {
    Value::Number(at.timestamp_millis())
}

fn json(row: &impl Serialize, name: impl FnOnce() -> String) -> Result<Value, StoreError> {
    match serde_json::to_string(row) {
        Ok(data) => Ok(Value::Text(Some(data))),
        Err(why) => Err(StoreError::Corrupt { row: name(), why: why.to_string() }),
    }
}
