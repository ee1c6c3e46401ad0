//! `intake documents`: what the register knows of each document, without reading any.

use serde_json::{Value, json};

use super::{
    Done, Exit, Global,
    context::{app, counted},
    finding::store_error,
    output::Output,
};
use crate::{
    app::Reach,
    model::{
        cycle::Coverage,
        document::{DocumentRecord, DocumentState},
    },
};

/// Lists what the last cycles learned of documents.
pub(super) async fn list(global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Register).await?;
    let documents = app.ports.store.documents().await.map_err(store_error)?;
    if output.is_json() {
        output.json(&documents.values().map(value).collect::<Vec<_>>())?;
        return Ok(Exit::Success);
    }
    let n_gone = documents.values().filter(|record| record.state.gone.is_some()).count();
    let gone = if n_gone == 0 { String::new() } else { format!(", {n_gone} of them gone") };
    output.heading(counted(documents.len(), "document") + &gone);
    let header = ["source", "path", "write-up", "class", "came to", "found", "last change"];
    output.table(&header, documents.values().map(row));
    Ok(Exit::Success)
}

fn value(record: &DocumentRecord) -> Value {
    let DocumentRecord { key, same, state } = record;
    json!({
        "source": key.source, "path": key.path, "id": key.id, "class": state.class, "laxer": state.laxer,
        "coverage": state.coverage, "findings": state.findings, "candidates": state.candidates,
        "items": state.items, "set_aside": state.set_aside, "taken_in": state.taken_in, "since": state.since,
        "changed": state.changed, "gone": state.gone, "digest": same.digest, "revision": same.revision,
    })
}

fn row(record: &DocumentRecord) -> Vec<String> {
    let DocumentRecord { key, state, .. } = record;
    let laxer =
        state.laxer.map(|laxer| format!(" (says {laxer}; a reviewer must agree)")).unwrap_or_default();
    vec![
        key.source.to_string(),
        key.path.clone(),
        key.id.as_ref().map(ToString::to_string).unwrap_or_default(),
        state.class.map(|class| format!("TLP:{class}{laxer}")).unwrap_or_default(),
        came_to(state).to_owned(),
        found(state),
        state.changed.format("%Y-%m-%d %H:%M").to_string(),
    ]
}

fn came_to(state: &DocumentState) -> &'static str {
    if state.gone.is_some() {
        return "gone";
    }
    if !state.taken_in && state.coverage != Coverage::Unreadable {
        return "not taken in";
    }
    match state.coverage {
        Coverage::Unreadable => "unreadable",
        Coverage::Nothing => "nothing found",
        Coverage::CandidatesOnly => "candidates only",
        Coverage::NoneStated => "says there is nothing to do",
        Coverage::Findings => "findings",
    }
}

fn found(state: &DocumentState) -> String {
    let counts = [
        (state.findings, counted(state.findings, "finding")),
        (state.candidates, counted(state.candidates, "candidate")),
        (state.set_aside, format!("{} of {} set aside", state.set_aside, counted(state.items, "item"))),
    ];
    let some = counts.into_iter().filter(|(n, _)| *n > 0).map(|(_, text)| text);
    some.collect::<Vec<_>>().join(", ")
}
