//! What was merely seen or begun, as rows: open edits, places, issues as they were read, notes, pauses, cycles, and
//! what credentials were used for. None of it is stamped.

use chrono::{DateTime, Utc};

use super::{
    StoreError, approval,
    rows::{KEPT_CYCLES, Step, Value, json, link_key, millis, step, text},
    statements,
};
use crate::model::{
    cycle::CycleRecord,
    edit_intent::EditIntent,
    ids::TrackerName,
    note::{NoteName, Standing, Subject},
    place::PlaceState,
    sighting::Sighting,
    spent::Spent,
};

pub(super) fn put_edit(intent: &EditIntent) -> Result<Step, StoreError> {
    let mut values = link_key(&intent.finding, &intent.issue);
    values.push(millis(intent.sent));
    values.push(json(intent, || format!("edit_intent {} {}", intent.finding, intent.issue.id))?);
    Ok(step(statements::EDIT_PUT, values))
}

pub(super) fn put_sight(state: &PlaceState) -> Result<Step, StoreError> {
    let data = json(state, || format!("sight {} {}", state.tracker, state.id))?;
    Ok(step(statements::SIGHT_PUT, vec![text(state.tracker.as_str()), text(&state.id), data]))
}

pub(super) fn put_issue(sighting: &Sighting) -> Result<Step, StoreError> {
    let values = vec![
        text(sighting.issue.host.as_str()),
        text(&sighting.issue.id),
        millis(sighting.updated),
        json(sighting, || format!("issue {} {}", sighting.issue.host, sighting.issue.id))?,
    ];
    Ok(step(statements::ISSUE_PUT, values))
}

/// The statement that begins a note or says it in other words; `seq` is the transaction.
pub(super) fn put_note(standing: &Standing, seq: i64) -> Result<Step, StoreError> {
    let mut values = note_key(&standing.name())?;
    values.push(Value::Number(seq));
    values.push(millis(standing.since));
    values.push(Value::Number(seq));
    values.push(Value::Text(standing.note.until.map(|until| until.to_rfc3339())));
    values.push(json(standing, || "note".to_owned())?);
    Ok(step(statements::NOTE_PUT, values))
}

/// The statement that ends a note.
pub(super) fn drop_note(name: &NoteName) -> Result<Step, StoreError> {
    Ok(step(statements::NOTE_DROP, note_key(name)?))
}

/// What names the row of a note.
fn note_key(name: &NoteName) -> Result<Vec<Value>, StoreError> {
    let NoteName { subject, kind, tracker, issue, about, nth } = name;
    let (table, of) = match subject {
        Subject::Finding(key) => ("finding", key.to_string()),
        Subject::Place(tracker, id) => ("place", format!("{tracker}:{id}")),
        Subject::Tracker(tracker) => ("tracker", tracker.to_string()),
        Subject::Source(source) => ("source", source.to_string()),
        Subject::Register => ("register", String::new()),
    };
    let which = json(&(tracker, issue, about, nth), || format!("note {of}"))?;
    Ok(vec![text(table), text(&of), text(kind.as_str()), which])
}

pub(super) fn pause(tracker: &TrackerName, until: Option<DateTime<Utc>>) -> Result<Step, StoreError> {
    let Some(until) = until else {
        return Ok(step(statements::PAUSE_DROP, vec![text(tracker.as_str())]));
    };
    let data = json(&(tracker, until), || format!("pause {tracker}"))?;
    Ok(step(statements::PAUSE_PUT, vec![text(tracker.as_str()), millis(until), data]))
}

pub(super) fn put_cycle(cycle: &CycleRecord, seq: i64) -> Result<Vec<Step>, StoreError> {
    let data = json(cycle, || format!("cycle {}", cycle.id))?;
    let mut steps = vec![
        step(statements::CYCLE_PUT, vec![text(&cycle.id), millis(cycle.started), Value::Number(seq), data]),
        step(statements::CYCLES_DROP, vec![Value::Number(KEPT_CYCLES)]),
    ];
    steps.extend(cycle.mapping.as_ref().map(approval::put));
    Ok(steps)
}

pub(super) fn spent(spent: &Spent) -> Step {
    let values = vec![
        text(&spent.credential),
        text(spent.kind.as_str()),
        millis(spent.at),
        Value::Number(i64::from(spent.n)),
    ];
    step(statements::SPENT_ADD, values)
}
