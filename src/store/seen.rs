//! What was merely seen or begun, as rows: open edits, places, issues and documents as they were read, notes, pauses,
//! cycles, what credentials were used for, what searches showed, and where the register stands. None of it is stamped.

use chrono::{DateTime, Utc};

use super::{
    StoreError,
    home::Home,
    rows::{KEPT_CYCLES, Step, Value, json, link_key, millis, step, text},
    statements,
};
use crate::model::{
    cycle::CycleRecord,
    document::{DocumentKey, DocumentRecord, FileStat, Sameness},
    edit_intent::EditIntent,
    ids::{Marker, PostmortemId, SourceName, TrackerName},
    marked::{Mark, Marking, Watermark},
    note::{NoteName, Standing, Subject},
    place::PlaceState,
    reading::{Looked, Reading},
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

/// The statements that add what a search showed. One that looked at everything replaces what was known.
pub(super) fn put_marks(marking: &Marking) -> Result<Vec<Step>, StoreError> {
    let Marking { watermark, marks, whole } = marking;
    let Watermark { tracker, place_id, .. } = watermark;
    let mut steps = if *whole { forget_marks(tracker, place_id) } else { Vec::new() };
    for Mark { marker, issue } in marks {
        let mut values = mark_key(tracker, place_id, marker);
        values.push(text(&issue.id.id));
        values.push(json(issue, || format!("marked {tracker} {place_id} {marker}"))?);
        steps.push(step(statements::reads::MARKED_PUT, values));
    }
    let data = json(watermark, || format!("watermark {tracker} {place_id}"))?;
    let values = vec![text(tracker.as_str()), text(place_id), data];
    steps.push(step(statements::reads::WATERMARK_PUT, values));
    Ok(steps)
}

/// The statements that forget what searches showed in a place.
pub(super) fn forget_marks(tracker: &TrackerName, place_id: &str) -> Vec<Step> {
    let place = || vec![text(tracker.as_str()), text(place_id)];
    vec![step(statements::reads::MARKED_DROP, place()), step(statements::reads::WATERMARK_DROP, place())]
}

/// What names the rows of a marker in a place.
pub(super) fn mark_key(tracker: &TrackerName, place_id: &str, marker: &Marker) -> Vec<Value> {
    vec![text(tracker.as_str()), text(place_id), text(marker.as_str())]
}

/// `version` is the transaction.
pub(super) fn looked(looked: &Looked, version: i64) -> Result<Step, StoreError> {
    Ok(match looked {
        Looked::Reading(reading) => put_reading(reading)?,
        Looked::Unread(finding) => step(statements::reads::READING_BACK, vec![text(finding.as_str())]),
        Looked::Followed(followed) => {
            let data = json(followed, || format!("followed {}", followed.tracker))?;
            step(statements::reads::FOLLOWED_PUT, vec![text(followed.tracker.as_str()), data])
        }
        Looked::Stood { scope } => {
            step(statements::reads::STOOD_PUT, vec![Value::Number(version), text(scope)])
        }
    })
}

fn put_reading(reading: &Reading) -> Result<Step, StoreError> {
    let values = vec![
        text(reading.finding.as_str()),
        millis(reading.due),
        millis(reading.at),
        text(&reading.scope),
        json(reading, || format!("reading {}", reading.finding))?,
    ];
    Ok(step(statements::reads::READING_PUT, values))
}

/// The statement that says that a transaction recorded nothing that documents are held against.
pub(super) fn stand_on(version: i64) -> Step {
    let before = Value::Number(version.saturating_sub(1));
    step(statements::reads::STOOD_ON, vec![Value::Number(version), before])
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

/// What names the row of a note: its subject, kind and name, and which of several it is.
pub(super) fn note_key(name: &NoteName) -> Result<Vec<Value>, StoreError> {
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
    Ok(vec![
        step(statements::CYCLE_PUT, vec![text(&cycle.id), millis(cycle.started), Value::Number(seq), data]),
        step(statements::CYCLES_DROP, vec![Value::Number(KEPT_CYCLES)]),
    ])
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

pub(super) fn forget_spent(before: DateTime<Utc>, after: DateTime<Utc>) -> Step {
    step(statements::SPENT_DROP, vec![millis(before), millis(after)])
}

/// The statement that remembers where the register stands.
pub(super) fn put_home(here: &Home) -> Step {
    step(statements::HOME_PUT, vec![text(&here.path), text(&here.inode), text(&here.filesystem)])
}

/// The columns of a document as they are read, in order.
pub(super) type DocumentRow = (String, String, String, i64, i64, i64, String, String, String, String);

pub(super) fn put_document(document: &DocumentRecord) -> Result<Step, StoreError> {
    let DocumentRecord { key, same, state } = document;
    let stat = same.stat.unwrap_or_default();
    let size = i64::try_from(stat.size).unwrap_or(i64::MAX);
    let inode = same.stat.map_or_else(String::new, |stat| stat.inode.to_string());
    let mut values = document_key(key);
    values.extend([Value::Number(size), Value::Number(stat.modified_ns), Value::Number(stat.changed_ns)]);
    values.extend([text(&inode), text(&same.digest), text(same.revision.as_deref().unwrap_or_default())]);
    values.push(text(&state.class.map(|class| class.to_string()).unwrap_or_default()));
    values.push(text(state.coverage.as_str()));
    values.push(json(state, || format!("document {} {}", key.source, key.path))?);
    Ok(step(statements::DOCUMENT_PUT, values))
}

pub(super) fn forget_document(key: &DocumentKey) -> Step {
    step(statements::DOCUMENT_DROP, document_key(key))
}

fn document_key(key: &DocumentKey) -> Vec<Value> {
    let id = key.id.as_ref().map(PostmortemId::as_str).unwrap_or_default();
    vec![text(key.source.as_str()), text(&key.path), text(id)]
}

/// A document as a row has it; none for one that nobody understands.
pub(super) fn document(row: DocumentRow) -> Option<DocumentRecord> {
    let (source, path, id, size, modified_ns, changed_ns, inode, digest, revision, data) = row;
    let stat = if inode.is_empty() {
        None
    } else {
        Some(FileStat {
            size: u64::try_from(size).ok()?,
            modified_ns,
            changed_ns,
            inode: inode.parse().ok()?,
        })
    };
    let id = Some(id).filter(|id| !id.is_empty()).map(PostmortemId::new);
    Some(DocumentRecord {
        key: DocumentKey { source: SourceName::new(source), path, id },
        same: Sameness { stat, digest, revision: Some(revision).filter(|revision| !revision.is_empty()) },
        state: serde_json::from_str(&data).ok()?,
    })
}
