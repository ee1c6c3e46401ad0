//! `sync` and `apply`: one cycle, from a fresh plan or from a saved one.

use std::{collections::BTreeMap, path::PathBuf, pin::pin};

use anyhow::anyhow;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{
    Done, Exit, Failed, Global,
    context::{allowed, app, counted, cycle_failed, person},
    finding::of_none,
    output::{Output, Tone},
    plan_file,
    run::asked_to_stop,
};
use crate::{
    app::{Reach, operator},
    cycle::{
        self, CycleError, Lifted, SavedPlan,
        outcome::{Outcome, Verdict},
    },
    model::{
        cycle::{Note, NoteKind},
        note::Standing,
    },
    review::roles::Verb,
};

/// Arguments of `sync`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  postmortem-sync sync\n  postmortem-sync sync --format json | jq .census\n  postmortem-sync sync --full\n\nExit codes: 0 done; 2 wrong configuration; 3 something could not be read or written, or SIGTERM or SIGINT stopped it; 4 something waits for a person; 75 another process holds the register"
)]
pub(super) struct Sync {
    /// Look at every finding and every linked issue now; else, of many, at what changed and a part of the others.
    #[arg(long)]
    full: bool,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  postmortem-sync plan --out plan.json\n  postmortem-sync apply plan.json\n\nExit codes: as of `sync`, and 5 when the plan no longer holds and nothing was written. Of a plan that holds, an action that would not be planned so now is not done, and what the plan does not have is left for the next cycle."
)]
pub(super) struct Apply {
    /// A plan saved by `plan --out`.
    file: PathBuf,
    /// Apply it although it exceeds the limits of the configuration; needs --as and is recorded.
    #[arg(long, requires = "person")]
    exceed_limits: bool,
    /// Who decides; a reviewer who names themselves also approves a changed configuration with the plan.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
}

/// Runs one cycle.
pub(super) async fn sync(command: Sync, global: &Global, output: &Output) -> Done {
    let mut app = app(global, output, Reach::Trackers).await?;
    app.config.full = command.full;
    let (outcome, signal) = stoppable(&app.stop, cycle::sync(&app.ports, &app.config)).await?;
    finished(&outcome, signal, output)
}

/// Applies a saved plan.
pub(super) async fn apply(command: Apply, global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Trackers).await?;
    let saved = plan_file::read(&command.file)?;
    let lifted = if command.exceed_limits {
        let by = person(&app.settings.people, command.person.as_deref())?;
        allowed(&app, &by, Verb::LiftLimits)?;
        Some(Lifted { by, known_by: operator(), plan: saved.hash.clone() })
    } else {
        None
    };
    let waits = cycle::unapproved(&of_none(&app).await?, &app.config).is_some();
    let approves = match command.person.as_deref() {
        Some(given) if waits => {
            let by = person(&app.settings.people, Some(given))?;
            allowed(&app, &by, Verb::ApproveConfiguration)?;
            Some((by, operator()))
        }
        Some(_) | None => None,
    };
    let now = app.ports.clock.now();
    let differs = |gathered: &cycle::gather::Gathered| saved.differs(gathered, &app.settings.digest, now);
    let plan =
        SavedPlan { plan: saved.plan.clone(), version: saved.version, lifted, approves, differs: &differs };
    let (outcome, signal) = stoppable(&app.stop, cycle::apply_plan(&app.ports, &app.config, plan)).await?;
    finished(&outcome, signal, output)
}

/// Runs a cycle to its end, or until its current action is finished when the process is asked to stop. Asked twice, it
/// ends at once, as by a kill: the next cycle looks for what was under way. Also returns the signal.
async fn stoppable(
    stop: &CancellationToken,
    cycle: impl Future<Output = Result<Outcome, CycleError>>,
) -> Result<(Outcome, Option<&'static str>), Failed> {
    let mut cycle = pin!(cycle);
    let signal = tokio::select! {
        outcome = &mut cycle => return Ok((outcome.map_err(cycle_failed)?, None)),
        signal = asked_to_stop() => signal,
    };
    stop.cancel();
    tokio::select! {
        outcome = &mut cycle => Ok((outcome.map_err(cycle_failed)?, Some(signal))),
        again = asked_to_stop() => {
            let why = anyhow!("ended at once by a second signal, {again}; the next cycle looks for what was under way");
            Err(Failed::with(Exit::Partial, why))
        }
    }
}

/// Prints what a cycle came to, and chooses the exit code: one that was stopped did not do everything.
fn finished(outcome: &Outcome, signal: Option<&str>, output: &Output) -> Done {
    print(outcome, output)?;
    let Some(signal) = signal else { return Ok(exit(outcome)) };
    output.aside(format!(
        "stopped by {signal}; {} left for the next cycle",
        match outcome.unbegun {
            1 => "1 action is".to_owned(),
            n => format!("{n} actions are"),
        }
    ));
    Ok(Exit::Partial)
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
    if outcome.missed > 0 {
        output.line(format!(
            "{} changed and no list of changes had named; the audit found it",
            counted(outcome.missed, "finding")
        ));
    }
    let standing: Vec<Note> = outcome.standing.iter().map(|standing| standing.note.clone()).collect();
    notes(&standing, output);
    if let Some(opens) = outcome.opens {
        output.line(format!(
            "a limit of a tracker is reached: the first of what was left may be sent at {}; `run` goes on then, and so does another `sync`",
            opens.format("%Y-%m-%d %H:%M:%S UTC")
        ));
    }
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
    let deferred: Vec<&str> =
        notes.iter().filter(|note| note.kind == NoteKind::Deferred).map(|note| note.why.as_str()).collect();
    if let [first, ..] = deferred.as_slice() {
        let why = if deferred.iter().all(|why| why == first) { format!(": {first}") } else { String::new() };
        output.line(format!("{} left for a later cycle{why}", counted(deferred.len(), "action")));
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
