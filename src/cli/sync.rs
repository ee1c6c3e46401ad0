//! `sync` and `apply`: one cycle, from a fresh plan or from a saved one.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;

use super::{
    Done, Exit, Failed, Global,
    context::{allowed, app, counted, cycle_failed, person},
    finding::record,
    output::{Output, Tone},
    plan_file,
};
use crate::{
    app::Reach,
    cycle::{
        self, SavedPlan,
        outcome::{Outcome, Verdict},
    },
    model::{
        cycle::{Note, NoteKind},
        history::Entry,
        register::Write,
    },
    review::roles::Verb,
};

/// Arguments of `sync`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  postmortem-sync sync\n  postmortem-sync sync --format json | jq .census\n\nExit codes: 0 done; 2 wrong configuration; 3 something could not be read or written; 4 something waits for a person; 75 another process holds the register"
)]
pub(super) struct Sync {}

/// Arguments of `apply`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  postmortem-sync plan --out plan.json\n  postmortem-sync apply plan.json\n\nExit codes: as of `sync`, and 5 when the plan no longer holds and nothing was written"
)]
pub(super) struct Apply {
    /// A plan saved by `plan --out`.
    file: PathBuf,
    /// Apply it although it exceeds the limits of the configuration; needs --as and is recorded.
    #[arg(long, requires = "person")]
    exceed_limits: bool,
    /// Who decides.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
}

/// Runs one cycle.
pub(super) async fn sync(_command: Sync, global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Trackers).await?;
    let outcome = cycle::sync(&app.ports, &app.config).await.map_err(cycle_failed)?;
    print(&outcome, output)?;
    Ok(exit(&outcome))
}

/// Applies a saved plan.
pub(super) async fn apply(command: Apply, global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Trackers).await?;
    let saved = plan_file::read(&command.file)?;
    if command.exceed_limits {
        let by = person(&app.settings.people, command.person.as_deref())?;
        allowed(&app, &by, Verb::LiftLimits)?;
        let lease =
            app.ports.store.lease(&app.config.holder).await.map_err(|error| cycle_failed(error.into()))?;
        let entry = Entry {
            at: app.ports.clock.now(),
            cycle: saved.hash.clone(),
            event: "limits_exceeded".to_owned(),
            finding: None,
            issue: None,
            actor: by.to_string(),
            known_by: None,
            field: None,
            before: None,
            after: None,
            why: "a person lifted the limits for this plan".to_owned(),
        };
        record(&app, &lease, vec![Write::History(entry)]).await?;
        app.ports.store.release(lease).await.map_err(|error| cycle_failed(error.into()))?;
    }
    let now = app.ports.clock.now();
    // The note about lifted limits is one transaction of its own.
    let expected = saved.version + i64::from(command.exceed_limits);
    let differs =
        |gathered: &cycle::gather::Gathered| saved.differs(gathered, &app.settings.digest, expected, now);
    let plan =
        SavedPlan { plan: saved.plan.clone(), exceed_limits: command.exceed_limits, differs: &differs };
    let outcome = cycle::apply_plan(&app.ports, &app.config, plan).await.map_err(cycle_failed)?;
    print(&outcome, output)?;
    Ok(exit(&outcome))
}

/// The exit code of a cycle.
fn exit(outcome: &Outcome) -> Exit {
    match outcome.verdict() {
        Verdict::Complete => Exit::Success,
        Verdict::Partial => Exit::Partial,
        Verdict::Held => Exit::Held,
    }
}

/// Prints what a cycle came to.
pub(super) fn print(outcome: &Outcome, output: &Output) -> Result<(), Failed> {
    if output.is_json() {
        let mut value = serde_json::to_value(outcome)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("verdict".to_owned(), serde_json::to_value(outcome.verdict())?);
        }
        return Ok(output.json(&value)?);
    }
    let done: Vec<String> = outcome.done.iter().map(|(action, n)| format!("{action} {n}")).collect();
    let done = if done.is_empty() { "nothing to do".to_owned() } else { done.join(", ") };
    let (tone, word) = match outcome.verdict() {
        Verdict::Complete => (Tone::Good, "done"),
        Verdict::Partial => (Tone::Bad, "done in part"),
        Verdict::Held => (Tone::Warning, "done, and something waits for a person"),
    };
    output.line(format!("{}: {done}", output.paint(tone, word)));
    let census = &outcome.census;
    output.line(format!(
        "{}: {} followed by an issue of ours, {} by a cited one, {} in the register, {} without any yet",
        counted(census.findings, "finding"),
        census.created,
        census.cited,
        census.register,
        census.skipped
    ));
    for (name, health) in &outcome.trackers {
        if let Some(error) = &health.error {
            output.line(format!("{} {name}: {error}", output.paint(Tone::Bad, "✗")));
        }
    }
    notes(&outcome.notes, output);
    if let Some(head) = &outcome.history {
        output.line(output.paint(Tone::Faint, format!("history {head}")));
    }
    Ok(())
}

/// From how many notes of one kind and reason on they are told together.
const TOGETHER_FROM: usize = 6;

/// Prints notes, those that need a person first; what only follows from the rules is counted, not listed.
pub(super) fn notes(notes: &[Note], output: &Output) {
    let quiet = |kind: NoteKind| matches!(kind, NoteKind::Register | NoteKind::Deferred);
    let mut alike: BTreeMap<(bool, NoteKind, &str), Vec<&Note>> = BTreeMap::new();
    for note in notes.iter().filter(|note| !quiet(note.kind)) {
        alike.entry((!note.kind.needs_person(), note.kind, &note.why)).or_default().push(note);
    }
    for group in alike.into_values() {
        match group.as_slice() {
            [first, ..] if group.len() >= TOGETHER_FROM => {
                output.line(together_line(first, group.len(), output))
            }
            few => few.iter().for_each(|note| output.line(note_line(note, output))),
        }
    }
    let deferred = notes.iter().filter(|note| note.kind == NoteKind::Deferred).count();
    if deferred > 0 {
        output.line(format!("{} left for a later cycle", counted(deferred, "action")));
    }
}

/// Many notes that say the same.
fn together_line(first: &Note, n: usize, output: &Output) -> String {
    let finding = first.finding.as_ref().map(ToString::to_string).unwrap_or_default();
    let others = counted(n - 1, "other finding");
    format!("  {} {finding} and {others}: {}", kind_word(first, output), first.why)
}

/// A note for people to read.
pub(super) fn note_line(note: &Note, output: &Output) -> String {
    let finding = note.finding.as_ref().map(ToString::to_string).unwrap_or_default();
    let issue = note.issue.as_ref().map(|issue| format!(" ({issue})")).unwrap_or_default();
    format!("  {} {finding}{issue}: {}", kind_word(note, output), note.why)
}

fn kind_word(note: &Note, output: &Output) -> String {
    let tone = if note.kind.needs_person() { Tone::Warning } else { Tone::Faint };
    let kind = serde_json::to_value(note.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    output.paint(tone, kind.unwrap_or_default().replace('_', " "))
}
