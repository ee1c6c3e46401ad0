//! The history as rows: which statements append to it, and which read it.

use super::{
    HistoryQuery, StoreError,
    chain::{self, Row},
    rows::{Step, Value, step, text},
    stamps, statements,
};
use crate::model::history::{Anchor, Entry};

/// An entry as a row of the history.
pub(super) fn row(entry: &Entry) -> Result<Row, StoreError> {
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
    // No event has an empty name.
    let hidden = text(if query.stamps { "" } else { stamps::EVENT });
    match (&query.finding, &query.cycle) {
        (None, None) => step(statements::HISTORY_READ, vec![limit, hidden]),
        (Some(finding), None) => {
            step(statements::HISTORY_READ_FINDING, vec![limit, hidden, text(finding.as_str())])
        }
        (None, Some(cycle)) => step(statements::HISTORY_READ_CYCLE, vec![limit, hidden, text(cycle)]),
        (Some(finding), Some(cycle)) => {
            let values = vec![limit, hidden, text(finding.as_str()), text(cycle)];
            step(statements::HISTORY_READ_FINDING_CYCLE, values)
        }
    }
}
