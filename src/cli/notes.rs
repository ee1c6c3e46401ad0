//! Notes for people and for machines, part by part: there may be some for each finding.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    Failed,
    context::counted,
    finding::store_error,
    long::{AT_ONCE, indented},
    output::{Output, Tone},
};
use crate::{
    cycle::outcome::Outcome,
    model::{
        cycle::{Note, NoteKind},
        note::{Nature, Standing},
    },
    review::inert::escaped_json,
    store::Store,
};

/// From how many notes of one kind and reason on they are told together.
const TOGETHER_FROM: usize = 6;

/// Notes that are to be told, those that need a person first; what only follows from the rules is counted, not listed.
#[derive(Default)]
struct Told {
    alike: BTreeMap<(bool, NoteKind, String), Alike>,
    /// What is left for later, by its reasons.
    left: BTreeMap<String, usize>,
}

/// Notes of one kind and reason, of which few are kept.
#[derive(Default)]
struct Alike {
    first: Vec<Note>,
    n: usize,
}

impl Told {
    fn take(&mut self, note: &Note) {
        let (kind, why) = (note.kind, note.why.clone());
        if kind == NoteKind::Deferred {
            *self.left.entry(why).or_default() += 1;
        } else if is_told(kind) {
            let group = self.alike.entry((!kind.needs_person(), kind, why)).or_default();
            group.n += 1;
            if group.first.len() < TOGETHER_FROM {
                group.first.push(note.clone());
            }
        }
    }

    fn print(self, output: &Output) {
        for Alike { first, n } in self.alike.into_values() {
            match first.as_slice() {
                [first, ..] if n >= TOGETHER_FROM => output.line(together_line(first, n, output)),
                few => few.iter().for_each(|note| output.line(note_line(note, output))),
            }
        }
        let why = match self.left.keys().collect::<Vec<_>>().as_slice() {
            [] => return,
            [why] => format!(": {why}"),
            [_, ..] => String::new(),
        };
        output.line(format!("{} left for a later cycle{why}", counted(self.left.values().sum(), "action")));
    }
}

/// Prints the notes of a plan.
pub(super) fn of_plan(notes: &[Note], output: &Output) {
    let mut told = Told::default();
    notes.iter().for_each(|note| told.take(note));
    told.print(output);
}

/// Prints for people what stands after a cycle, and what happened once in it.
pub(super) async fn of_cycle(store: &dyn Store, outcome: &Outcome, output: &Output) -> Result<(), Failed> {
    let mut told = Told::default();
    each(store, outcome, is_told, |some| {
        some.iter().for_each(|standing| told.take(&standing.note));
        Ok(())
    })
    .await?;
    told.print(output);
    Ok(())
}

/// Prints a cycle for machines: what it came to, with its notes among it.
pub(super) async fn as_json(store: &dyn Store, outcome: &Outcome, output: &Output) -> Result<(), Failed> {
    let mut object = Map::new();
    if let Value::Object(of_outcome) = serde_json::to_value(outcome)? {
        for (name, value) in of_outcome {
            let is_first = object.is_empty();
            object.insert(name, value);
            if is_first {
                object.insert("notes".to_owned(), json!([]));
            }
        }
    }
    object.insert("verdict".to_owned(), serde_json::to_value(outcome.verdict())?);
    let text = serde_json::to_string_pretty(&object)?;
    let (before, after) = text.split_once("\n  \"notes\": []").unwrap_or((&text, ""));
    output.part(&escaped_json(&format!("{before}\n  \"notes\": [")));
    let mut n_told = 0;
    each(
        store,
        outcome,
        |_| true,
        |some| {
            let mut part = String::new();
            for standing in some {
                part.push_str(if n_told == 0 { "" } else { "," });
                n_told += 1;
                part.push_str(&indented(standing, "    ")?);
            }
            output.part(&escaped_json(&part));
            Ok(())
        },
    )
    .await?;
    output.part(&escaped_json(&format!("{}]{after}\n", if n_told == 0 { "" } else { "\n  " })));
    Ok(())
}

/// What follows from the rules is not told to people.
fn is_told(kind: NoteKind) -> bool {
    kind != NoteKind::Register
}

/// Reads the notes of some kinds, kind by kind, with what happened once in a cycle.
async fn each(
    store: &dyn Store,
    outcome: &Outcome,
    is_wanted: impl Fn(NoteKind) -> bool,
    mut take: impl FnMut(&[Standing]) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let is_event = |standing: &&Standing| standing.note.kind.nature() == Nature::Event;
    let events: Vec<Standing> = outcome.standing.iter().filter(is_event).cloned().collect();
    let kinds = outcome.kinds.keys().copied().chain(events.iter().map(|event| event.note.kind));
    let kinds: BTreeSet<NoteKind> = kinds.filter(|kind| is_wanted(*kind)).collect();
    let mut view = store.view().await.map_err(store_error)?;
    for kind in kinds {
        let mut last = None;
        loop {
            let some = view.noted(kind, last.as_ref(), AT_ONCE).await.map_err(store_error)?;
            let Some(end) = some.last() else { break };
            take(&some)?;
            last = Some(end.name());
        }
        let once: Vec<Standing> = events.iter().filter(|event| event.note.kind == kind).cloned().collect();
        take(&once)?;
    }
    Ok(())
}

/// Many notes that say the same.
fn together_line(first: &Note, n: usize, output: &Output) -> String {
    let finding = first.finding.as_ref().map(ToString::to_string).unwrap_or_default();
    let others = counted(n - 1, "other finding");
    format!("  {} {finding} and {others}: {}", kind_word(first, output), first.why)
}

/// A note for people to read.
fn note_line(note: &Note, output: &Output) -> String {
    let finding = note.finding.as_ref().map(ToString::to_string);
    let source = || note.source.as_ref().map(|source| format!("source {source}"));
    let finding = finding.or_else(source).or_else(|| note.tracker.as_ref().map(ToString::to_string));
    let finding = finding.unwrap_or_default();
    let issue = note.issue.as_ref().map(|issue| format!(" ({issue})")).unwrap_or_default();
    format!("  {} {finding}{issue}: {}", kind_word(note, output), note.why)
}

/// A note that stands, with since when.
pub(super) fn standing_line(standing: &Standing, output: &Output) -> String {
    let since = format!("(since {})", standing.since.format("%Y-%m-%d %H:%M UTC"));
    format!("{} {}", note_line(&standing.note, output), output.paint(Tone::Faint, since))
}

fn kind_word(note: &Note, output: &Output) -> String {
    let tone = if note.kind.needs_person() { Tone::Warning } else { Tone::Faint };
    output.paint(tone, note.kind.as_str().replace('_', " "))
}
