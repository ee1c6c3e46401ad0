//! What commands share: loading the settings, building the parts, naming the person who decides.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    sync::{Arc, Mutex},
};

use anyhow::anyhow;
use chrono::{DateTime, NaiveDate, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use tracing::warn;

use super::{
    Exit, Failed, Global,
    output::{Output, Tone, harmless, place},
    telemetry::{self, Audience},
};
use crate::{
    app::{App, Reach, SystemClock, Unwatched, open_store},
    cycle::{CycleError, gather::Gathered, pauses, ports::Progress},
    model::{
        clock::Clock as _,
        cycle::{NoteKind, TrackerHealth},
        finding::Owner,
        ids::{PersonId, TrackerName},
        people::People,
        postmortem::{Diagnostic, Level},
    },
    plan::{
        action::{Action, Plan},
        allowed::Allowed,
    },
    review::roles::{Verb, permitted},
    settings::{self, Settings},
    store::{Store, StoreError},
    tracker::TrackerWrite,
};

/// Loads the settings; everything that is wrong is printed with its place.
pub(super) fn settings(global: &Global, output: &Output) -> Result<Settings, Failed> {
    let settings = load(global).map_err(|wrong| unusable(global, output, &wrong))?;
    output.is_about(&settings.store);
    Ok(settings)
}

/// Loads the settings, or tells everything that is wrong.
pub(super) fn load(global: &Global) -> Result<Settings, Vec<Diagnostic>> {
    let loaded = Settings::load(&global.config, settings::environment());
    loaded.map_err(|mut noticed| {
        // While something is wrong, what merely looks odd may only follow from it.
        let is_wrong = |told: &Diagnostic| told.level == Level::Error || told.code == "secret_exposed";
        noticed.retain(is_wrong);
        noticed
    })
}

/// Prints what is wrong with the settings.
pub(super) fn unusable(global: &Global, output: &Output, wrong: &[Diagnostic]) -> Failed {
    output.diagnostics(wrong);
    let path = global.config.display();
    let n_errors = wrong.iter().filter(|told| told.level == Level::Error).count();
    let error = anyhow!("the configuration {path} cannot be used ({})", counted(n_errors, "error"));
    Failed::with(Exit::Configuration, error)
}

/// Loads the settings and builds everything, with logs for people who watch a command.
pub(super) async fn app(global: &Global, output: &Output, reach: Reach) -> Result<App, Failed> {
    let settings = settings(global, output)?;
    telemetry::start(global.log.as_deref(), Some(&settings.log), Audience::Watcher, output);
    let progress: Arc<dyn Progress> =
        if output.is_watched() { Arc::new(Bar::default()) } else { Arc::new(Unwatched) };
    build(settings, reach, progress, output).await
}

/// Builds everything from settings; every secret that is missing is told with its place.
pub(super) async fn build(
    settings: Settings,
    reach: Reach,
    progress: Arc<dyn Progress>,
    output: &Output,
) -> Result<App, Failed> {
    let mut missing = settings.missing_secrets(|tracker| reach.includes(&settings, tracker));
    let mut exposed = settings.exposed_secrets(|tracker| reach.includes(&settings, tracker));
    if matches!(reach, Reach::Trackers) {
        let wrong = settings.wrong_surroundings();
        if !wrong.is_empty() {
            output.diagnostics(&wrong);
            let error = anyhow!("the trackers cannot be asked ({})", counted(wrong.len(), "error"));
            return Err(Failed::with(Exit::Configuration, error));
        }
    }
    if reach.reads_documents() {
        missing.extend(settings.missing_source_secrets());
        exposed.extend(settings.exposed_source_secrets());
    }
    let reads = reach.reads_documents();
    missing.extend(settings.unusable_connections(|tracker| reach.includes(&settings, tracker), reads));
    if !missing.is_empty() {
        output.diagnostics(&missing);
        let what = if settings.sources.iter().any(|source| source.is_remote()) {
            "trackers and sources"
        } else {
            "trackers"
        };
        let error = anyhow!("the {what} cannot be used ({})", counted(missing.len(), "error"));
        return Err(Failed::with(Exit::Configuration, error));
    }
    for exposed in exposed {
        let help = exposed.help.as_deref().unwrap_or_default();
        tracing::warn!(at = %place(&exposed), help, "{}", exposed.message);
    }
    App::build(settings, reach, progress).await.map_err(not_built)
}

/// Opens the register alone, for commands that ask no tracker and read no document.
pub(super) async fn register(settings: &Settings) -> Result<Arc<dyn Store>, Failed> {
    open_store(settings, SystemClock.now()).await.map_err(not_built)
}

/// Records the pauses that trackers asked for while a command talked to them, so that the next process obeys them too.
/// Whoever holds the register hears of them by itself.
pub(super) async fn remember_pauses(
    store: &dyn Store,
    trackers: &BTreeMap<TrackerName, Arc<dyn TrackerWrite>>,
    holder: &str,
) {
    if pauses::unrecorded(trackers, &pauses::Pauses::new()).is_empty() {
        return;
    }
    let remember = async {
        let lease = store.lease(holder).await?;
        let mut held = store.pauses().await?;
        let remembered = pauses::remember(store, trackers, &lease, &mut held).await;
        store.release(lease).await.and(remembered)
    };
    if let Err(error) = remember.await {
        warn!(%error, "a pause that a tracker asked for could not be recorded");
    }
}

/// The code of what was planned and not done: partial as of a cycle that could not read everything, of trackers or documents.
pub(super) fn planned_exit(gathered: &Gathered, plan: &Plan, output: &Output) -> Exit {
    let is_unread = gathered.sources.values().any(|health| health.unreadable > 0)
        || plan.notes.iter().any(|note| note.kind == NoteKind::Unreachable);
    if unasked(&gathered.trackers, output) || is_unread { Exit::Partial } else { Exit::Success }
}

/// What those who judge a plan make of it, in a few words; none where they let all of it through.
pub(super) fn let_through(plan: &Plan, allowed: &[Allowed], judges: &str) -> Option<String> {
    // What ends a link writes to no tracker, and may be held all the same.
    let may_be_held =
        |(action, allowed): &(&Action, &Allowed)| action.writes_to().is_some() || **allowed != Allowed::Whole;
    let writes = || plan.actions.iter().zip(allowed).filter(may_be_held);
    let of = |wanted: Allowed| writes().filter(|(_, allowed)| **allowed == wanted).count();
    let (whole, in_part) = (of(Allowed::Whole), of(Allowed::InPart));
    if allowed.iter().all(|allowed| *allowed == Allowed::Whole) {
        return None;
    }
    let in_part = if in_part == 0 { String::new() } else { format!(", and {in_part} in part") };
    let whole = if whole == 0 { "none".to_owned() } else { whole.to_string() };
    Some(format!("{judges} {whole} of {} through{in_part}", counted(writes().count(), "write")))
}

/// Which trackers could not be asked everything, and why.
pub(super) fn unasked_json(trackers: &BTreeMap<TrackerName, TrackerHealth>) -> BTreeMap<&TrackerName, &str> {
    trackers.iter().filter_map(|(name, health)| Some((name, health.error.as_deref()?))).collect()
}

/// Prints which trackers could not be asked everything, and why; whether there is any.
fn unasked(trackers: &BTreeMap<TrackerName, TrackerHealth>, output: &Output) -> bool {
    let unasked = unasked_json(trackers);
    for (name, why) in unasked.iter().filter(|_| !output.is_json()) {
        output.line(format!("{} {name}: {why}", output.paint(Tone::Bad, "✗")));
    }
    !unasked.is_empty()
}

/// The exit code of what could not be built.
pub(super) fn not_built(error: anyhow::Error) -> Failed {
    match error.downcast_ref::<StoreError>().map(store_exit) {
        Some(exit) => of_register(exit, error),
        None => Failed::with(Exit::Configuration, error),
    }
}

/// The exit code of a cycle that could not be run.
pub(super) fn cycle_failed(error: CycleError) -> Failed {
    let exit = match &error {
        CycleError::Stale { .. } => Exit::Stale,
        CycleError::Store(store) => return store_failed(error_text(store), store),
    };
    Failed::with(exit, error)
}

fn error_text(error: &StoreError) -> anyhow::Error {
    anyhow!("{error}")
}

/// The exit code of a register that could not be used.
pub(super) fn store_failed(text: anyhow::Error, error: &StoreError) -> Failed {
    of_register(store_exit(error), text)
}

/// What keeps a register from being used names it.
fn of_register(exit: Exit, error: anyhow::Error) -> Failed {
    Failed { is_of_register: exit == Exit::Failure, ..Failed::with(exit, error) }
}

/// A file that cannot be written: a folder that is not there, or is somebody else's, is a slip of the pen, and a full disk is not.
pub(super) fn unwritten(error: anyhow::Error) -> Failed {
    let kind = error.root_cause().downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    let is_slip = matches!(
        kind,
        Some(
            ErrorKind::NotFound
                | ErrorKind::PermissionDenied
                | ErrorKind::IsADirectory
                | ErrorKind::NotADirectory
                | ErrorKind::AlreadyExists
        )
    );
    if is_slip { Failed::with(Exit::Configuration, error) } else { Failed::from(error) }
}

/// What does not mend itself is a wrong configuration: a service manager need not try it again.
fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::Locked { .. } => Exit::Locked,
        StoreError::Stale { .. } => Exit::Stale,
        StoreError::Unfit { .. } | StoreError::Copied { .. } => Exit::Held,
        StoreError::Address { .. }
        | StoreError::OtherInstance { .. }
        | StoreError::OtherKey
        | StoreError::Newer { .. } => Exit::Configuration,
        StoreError::LeaseLost { .. }
        | StoreError::IntentTaken { .. }
        | StoreError::NearlyFull { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Database(_)
        | StoreError::Migration(_)
        | StoreError::File { .. } => Exit::Failure,
    }
}

/// Refuses whoever may not decide so, as far as their role goes.
pub(super) fn allowed(app: &App, by: &PersonId, verb: Verb) -> Result<(), Failed> {
    permitted(verb, by, &app.config.people)
        .map_err(|refusal| Failed::with(Exit::Refused, anyhow!("{refusal}")))
}

/// The person who decides, by key, login or address.
pub(super) fn person(people: &People, given: Option<&str>) -> Result<PersonId, Failed> {
    let Some(given) = given else {
        let error = anyhow!("say who decides: `--as PERSON`, or the variable POSTMORTEM_SYNC_AS");
        return Err(Failed::with(Exit::Configuration, error));
    };
    match people.owner_written(given) {
        Owner::Person(person) => Ok(person),
        Owner::Nobody | Owner::Unmapped(_) => {
            let known: Vec<&str> = people.0.keys().map(PersonId::as_str).collect();
            let error = anyhow!("`{given}` is not in the people file; known: {}", known.join(", "));
            Err(Failed::with(Exit::Configuration, error))
        }
    }
}

/// An instant as given on the command line: a date-time with an offset, or a date.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let date = text.parse::<NaiveDate>();
    let date = date.map_err(|_| "write it like 2026-03-04T09:00:00Z or 2026-03-04".to_owned())?;
    Ok(date.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// A day as given on the command line.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "write an existing date as year-month-day, such as 2026-12-31".to_owned())
}

/// What a word on the command line may be.
pub(super) fn choices<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("write one of {}", words.collect::<Vec<_>>().join(", "))
}

/// `1 problem`, `2 problems`.
pub(super) fn counted(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// A progress bar on standard error, drawn once there is something to do.
#[derive(Default)]
struct Bar(Mutex<Option<ProgressBar>>);

impl Progress for Bar {
    fn step(&self, done: usize, total: usize, next: &str) {
        let mut bar = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if total == 0 {
            return;
        }
        let bar = bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{bar:32} {pos}/{len} {eta} {msg}");
            let bar = ProgressBar::new(0);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        bar.set_length(u64::try_from(total).unwrap_or(u64::MAX));
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        bar.set_message(harmless(next, false));
        if done == total {
            bar.finish_and_clear();
        }
    }
}
