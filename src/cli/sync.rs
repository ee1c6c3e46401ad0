//! `sync` and `apply`: one cycle, from a fresh plan or from a saved one.

use std::{path::PathBuf, pin::pin};

use anyhow::anyhow;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{
    Done, Exit, Failed, Global,
    context::{allowed, app, counted, cycle_failed, person},
    finding::of_none,
    notes,
    output::{Output, Tone},
    plan_file,
    run::asked_to_stop,
};
use crate::{
    app::{App, Reach, operator},
    cycle::{
        self, CycleError, Lifted, SavedPlan,
        outcome::{Outcome, Verdict},
    },
    review::roles::Verb,
};

/// Arguments of `sync`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  postmortem-sync sync\n  postmortem-sync sync --format json | jq .census\n  postmortem-sync sync --full\n  postmortem-sync sync --held-is-success\n\nExit codes: 0 done; 2 wrong configuration; 3 something could not be read, taken in or written, or SIGTERM or SIGINT stopped it; 4 something waits for a person; 75 another process holds the register"
)]
pub(super) struct Sync {
    /// Look at every finding and every linked issue now; else, of many, at what changed and a part of the others.
    #[arg(long)]
    full: bool,
    /// Exit with 0, and not with 4, where all that is left waits for a person: for schedulers, to which every other code is a failure.
    #[arg(long)]
    held_is_success: bool,
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
    let exit = finished(&app, &outcome, signal, output).await?;
    Ok(if exit == Exit::Held && command.held_is_success { Exit::Success } else { exit })
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
    finished(&app, &outcome, signal, output).await
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
async fn finished(app: &App, outcome: &Outcome, signal: Option<&str>, output: &Output) -> Done {
    print(app, outcome, output).await?;
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
async fn print(app: &App, outcome: &Outcome, output: &Output) -> Result<(), Failed> {
    let store = app.ports.store.as_ref();
    if output.is_json() {
        return notes::as_json(store, outcome, output).await;
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
    output.diagnostics(&outcome.errors);
    notes::of_cycle(store, outcome, output).await?;
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
