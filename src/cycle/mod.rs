//! The one place where things happen in order: gather, plan, check, apply, record.
//!
//! Knows the sequence and what a failure does to it. Knows no wire format, no SQL and no file format: all of that is
//! behind ports, so that production and simulation run this same code.

pub mod adopt;
pub mod apply;
pub mod config;
pub mod create;
mod created;
pub mod edit;
pub mod gather;
mod intent;
pub mod ledger;
pub mod look;
pub mod needs;
pub mod outcome;
mod overtaken;
pub mod ports;
pub mod proofs;
pub mod recall;
mod remarks;
pub mod reread;
pub mod retry;
pub mod rows;
pub mod sight;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use tracing::{Instrument, info, info_span, warn};

use crate::{
    model::{
        cycle::{CycleRecord, NoteKind},
        history::Entry,
        ids::FindingKey,
        register::{Register, Write},
        terms::Mode,
    },
    plan::{self, action::Plan, guard},
    store::{Lease, StoreError},
};
use config::Config;
use gather::{Gathered, Scope};
use ledger::Ledger;
use outcome::Outcome;
use ports::Ports;

/// Why a cycle could not be run at all; everything smaller is a note.
#[derive(Debug, thiserror::Error)]
pub enum CycleError {
    /// The register could not be used; nothing more was sent.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plan was made from something else than what is there now; nothing was written.
    #[error("the plan is stale: {why}; make a new one with `plan --out`")]
    Stale {
        /// What differs.
        why: String,
    },
}

/// What would be done now: reads everything, writes nothing, neither to trackers nor to the register.
///
/// # Errors
/// The register could not be read.
pub async fn preview(ports: &Ports, config: &Config, scope: &Scope) -> Result<(Gathered, Plan), CycleError> {
    let register = ports.store.load().await?;
    let gathered = gather::gather(ports, config, register, scope).await?;
    let plan = plan::plan(&gathered.context, &gathered.rows);
    Ok((gathered, plan))
}

/// One whole cycle under a lease.
///
/// # Errors
/// The register is held by somebody else or could not be used. What was recorded until then stays recorded.
pub async fn sync(ports: &Ports, config: &Config) -> Result<Outcome, CycleError> {
    let lease = ports.store.lease(&config.holder).await?;
    let id = ports.random.id();
    let span = info_span!("cycle", cycle.id = %id);
    let result = under_lease(ports, config, &lease, id, None).instrument(span).await;
    ports.store.release(lease).await?;
    result
}

/// Exactly an earlier plan, or nothing: `expected` is called with what is there now and says what differs.
///
/// # Errors
/// As for [`sync`]; stale when anything that the plan was made from has changed.
pub async fn apply_plan(ports: &Ports, config: &Config, saved: SavedPlan<'_>) -> Result<Outcome, CycleError> {
    let lease = ports.store.lease(&config.holder).await?;
    let id = ports.random.id();
    let span = info_span!("cycle", cycle.id = %id);
    let result = under_lease(ports, config, &lease, id, Some(saved)).instrument(span).await;
    ports.store.release(lease).await?;
    result
}

/// A plan that was made earlier, with the test whether it still holds.
pub struct SavedPlan<'a> {
    /// The plan.
    pub plan: Plan,
    /// Whether a person lifted the limits for it.
    pub exceed_limits: bool,
    /// Says what has changed since it was made; none when nothing has.
    pub differs: &'a (dyn Fn(&Gathered) -> Option<String> + Send + Sync),
}

/// What of the configuration has to be approved before anything is written to trackers.
///
/// It is a rule or a tracker that changed since a person last said where findings may go (I12). In `observe` nothing is
/// written anyway, and a register without a cycle has nothing that could go astray.
pub fn unapproved(register: &Register, config: &Config) -> Option<String> {
    let approved = register.last_cycle.as_ref()?.mapping.as_ref()?;
    let departs = || config.mapping.departs_from(approved);
    if config.mode == Mode::Observe { None } else { departs() }
}

/// Holds a plan against mode and limits.
pub fn check(plan: Plan, config: &Config, gathered: &Gathered) -> guard::ApprovedPlan {
    let linked = gathered.linked();
    let plan = guard::hold_ends(plan, &config.limits, &linked, &gathered.ended());
    guard::check(plan, config.mode, &config.limits, &linked)
}

/// A plan as far as the configuration that it comes from is approved.
fn approved_part(plan: Plan, waits: Option<&str>) -> Plan {
    let Some(waits) = waits else { return plan };
    guard::hold(
        plan,
        &format!("{waits}; look at `plan`, then `approve`: until then nothing is written to trackers"),
    )
}

async fn under_lease(
    ports: &Ports,
    config: &Config,
    lease: &Lease,
    id: String,
    saved: Option<SavedPlan<'_>>,
) -> Result<Outcome, CycleError> {
    let register = ports.store.load().await?;
    restore_pauses(ports, &register.pauses);
    // Whoever applies a saved plan has seen it.
    let waits = if saved.is_none() { unapproved(&register, config) } else { None };
    let gathered = gather::gather(ports, config, register, &Scope::All).await?;
    let (plan, lifted) = match saved {
        None => (approved_part(plan::plan(&gathered.context, &gathered.rows), waits.as_deref()), false),
        Some(saved) => match (saved.differs)(&gathered) {
            Some(why) => return Err(CycleError::Stale { why }),
            None => (saved.plan, saved.exceed_limits),
        },
    };
    let approved =
        if lifted { guard::check_exceeding(plan, config.mode) } else { check(plan, config, &gathered) };
    let mut ledger = Ledger::new(ports, lease, id.clone(), gathered.register.clone());
    let mut record = begin(&gathered, id, ports, config);
    if waits.is_some() {
        record.mapping = gathered.register.last_cycle.as_ref().and_then(|last| last.mapping.clone());
    }
    let copied = ports.store.identity().await?.newest_copy;
    ledger.record(opening(&record, gathered.register.last_cycle.as_ref(), copied)).await?;
    ledger.take_in(&gathered).await?;
    ledger.record(gathered.observed.clone()).await?;
    let told = ledger.remember(&gathered.heard).await?;
    let mut outcome = apply::apply(ports, config, &mut ledger, &gathered, approved).await?;
    outcome.notes.extend(told);
    let touched = std::mem::take(&mut outcome.touched);
    if !touched.is_empty() && waits.is_none() {
        follow_up(ports, config, &mut ledger, &gathered, touched, &mut outcome).await?;
    }
    finish(ports, &mut ledger, &mut record, &gathered, &mut outcome).await?;
    Ok(outcome)
}

/// What was linked in this cycle is merged in this cycle, so that the next one has nothing left to write.
async fn follow_up(
    ports: &Ports,
    config: &Config,
    ledger: &mut Ledger<'_>,
    gathered: &Gathered,
    touched: BTreeSet<FindingKey>,
    outcome: &mut Outcome,
) -> Result<(), CycleError> {
    let again = gather::again(ports, gathered, ledger.register(), &touched).await;
    let told = ledger.remember(&again.heard).await?;
    outcome.notes.extend(told);
    let plan = plan::plan(&again.context, &again.rows);
    let approved = check(plan, config, &again);
    let second = apply::apply(ports, config, ledger, &again, approved).await?;
    outcome.absorb(second);
    Ok(())
}

/// Pauses that trackers asked for hold across restarts.
fn restore_pauses(ports: &Ports, pauses: &BTreeMap<crate::model::ids::TrackerName, DateTime<Utc>>) {
    for (name, until) in pauses {
        if let Some(tracker) = ports.trackers.get(name) {
            tracker.pace().pause(*until);
        }
    }
}

fn begin(gathered: &Gathered, id: String, ports: &Ports, config: &Config) -> CycleRecord {
    CycleRecord {
        id,
        started: ports.clock.now(),
        finished: None,
        configuration: Some(config.digest.clone()),
        mapping: Some(config.mapping.clone()),
        trackers: gathered.trackers.clone(),
        sources: gathered.sources.clone(),
        notes: Vec::new(),
        diagnostics: gathered.diagnostics(),
        done: BTreeMap::new(),
    }
}

/// The record of a cycle that begins, and what is another than in the cycle before: the configuration (I33), or the
/// register itself (I4).
fn opening(record: &CycleRecord, before: Option<&CycleRecord>, copied: Option<DateTime<Utc>>) -> Vec<Write> {
    let entry = |event: &str, (before, after): (Option<String>, Option<String>), why: String| {
        Write::History(Entry {
            at: record.started,
            cycle: record.id.clone(),
            event: event.to_owned(),
            finding: None,
            issue: None,
            actor: "worker".to_owned(),
            field: None,
            before,
            after,
            why,
        })
    };
    let mut writes = vec![Write::Cycle(Box::new(record.clone()))];
    // A cycle that ran since has said so already. The register counts milliseconds.
    let untold = |at: &DateTime<Utc>| {
        before.is_none_or(|before| before.started.timestamp_millis() <= at.timestamp_millis())
    };
    if let Some(at) = copied.filter(untold) {
        warn!(since = %at, "the register is a copy from before");
        let why = format!(
            "the register is a copy from before, and knows nothing since {at}; what was created since then is looked for"
        );
        writes.push(entry("register_put_back", (None, None), why));
    }
    let former = before.and_then(|before| before.configuration.clone());
    if former != record.configuration {
        let why = "the text of the configuration differs from the last cycle's; these are its SHA-256";
        let values = (former, record.configuration.clone());
        writes.push(entry("configuration_changed", values, why.to_owned()));
    }
    writes
}

async fn finish(
    ports: &Ports,
    ledger: &mut Ledger<'_>,
    record: &mut CycleRecord,
    gathered: &Gathered,
    outcome: &mut Outcome,
) -> Result<(), CycleError> {
    outcome.settle(gathered, ledger.register());
    record.finished = Some(ports.clock.now());
    record.notes = outcome.notes.clone();
    record.done = outcome.done.clone();
    let mut writes = Vec::new();
    for (name, tracker) in &ports.trackers {
        let until = tracker.pace().paused_until();
        let remembered = ledger.register().pauses.contains_key(name);
        if until.is_some() || remembered {
            writes.push(Write::Pause { tracker: name.clone(), until });
        }
        if let Some(health) = record.trackers.get_mut(name) {
            health.paused_until = until;
            if let Some(why) = outcome.down.get(name) {
                health.error.get_or_insert_with(|| why.clone());
            }
        }
    }
    outcome.trackers = record.trackers.clone();
    writes.extend(gathered.swept.iter().cloned().map(Write::Place));
    writes.push(Write::Cycle(Box::new(record.clone())));
    ledger.record(writes).await?;
    let head = ports.store.head().await?;
    let failed = record.notes.iter().filter(|note| note.kind == NoteKind::Failed).count();
    info!(cycle.id = %record.id, done = ?record.done, notes = record.notes.len(), failed, history.head = %head, "cycle finished");
    outcome.history = Some(head);
    Ok(())
}
