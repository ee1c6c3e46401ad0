//! The one place where things happen in order: gather, plan, check, apply, record.
//!
//! Knows the sequence and what a failure does to it. Knows no wire format, no SQL and no file format: all of that is
//! behind ports, so that production and simulation run this same code.

pub mod accounts;
pub mod adopt;
pub mod apply;
mod approval;
pub mod config;
pub mod create;
mod created;
pub mod edit;
pub mod gather;
pub mod hints;
mod intent;
pub mod ledger;
pub mod look;
pub mod marks;
pub mod misfits;
pub mod notes;
mod opening;
pub mod outcome;
mod overtaken;
mod parts;
pub mod pauses;
pub mod ports;
pub mod proofs;
pub mod readings;
pub mod recall;
mod relink;
mod remarks;
pub mod reread;
pub mod retry;
pub mod rows;
mod search;
mod sending;
pub mod sight;
mod snapshot;
pub mod spent;
mod strangers;
pub mod touch;
pub mod unsaid;
mod withheld;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use tracing::{Instrument, info, info_span, warn};

use crate::{
    model::{
        cycle::CycleRecord,
        history::{Entry, KnownBy},
        ids::{FindingKey, PersonId},
        involvement::Involvement,
        postmortem::Level,
        register::Write,
    },
    plan::{
        self,
        action::Plan,
        guard::{self, ApprovedPlan},
        saved,
    },
    store::{Lease, StoreError},
};
use approval::{approvals, approved_part, limits_lifted};
pub use approval::{approved_anew, approved_by, unapproved};
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
    let base = ports.store.rows(&BTreeSet::new()).await?;
    pauses::restore(&ports.trackers, &base.pauses);
    let gathered = gather::gather(ports, config, &base, scope).await?;
    let mut plan = planned(&gathered);
    plan.notes.extend(notes::of_sources(&gathered));
    plan.sort();
    Ok((gathered, plan))
}

/// What is planned for everything that may be decided on, and what is left alone.
fn planned(gathered: &Gathered) -> Plan {
    let mut plan = plan::plan(&gathered.context, &gathered.rows);
    gathered.stopped.tell(&mut plan);
    plan
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

/// Exactly an earlier plan, and of it only what would be planned now as well.
///
/// # Errors
/// As for [`sync`]; stale when what the plan was made from has changed, or nothing of it would be planned now.
pub async fn apply_plan(ports: &Ports, config: &Config, saved: SavedPlan<'_>) -> Result<Outcome, CycleError> {
    let lease = ports.store.lease(&config.holder).await?;
    let id = ports.random.id();
    let span = info_span!("cycle", cycle.id = %id);
    let result = under_lease(ports, config, &lease, id, Some(saved)).instrument(span).await;
    ports.store.release(lease).await?;
    result
}

/// A plan that was made earlier, with the test whether what it was made from is still there.
pub struct SavedPlan<'a> {
    /// The plan. None of it is done as it is written here: see [`saved::still_planned`].
    pub plan: Plan,
    /// Transactions of the register that it was made from.
    pub version: i64,
    /// Who lifted the limits for it, and the digest by which it is known; none when nobody did.
    pub lifted: Option<Lifted>,
    /// Who approves with it where a changed configuration sends findings, and how that is known; none when nobody does.
    pub approves: Option<(PersonId, KnownBy)>,
    /// Says what has changed since it was made; none when nothing has.
    pub differs: &'a (dyn Fn(&Gathered) -> Option<String> + Send + Sync),
}

/// That a person lifted the limits for a saved plan.
#[derive(Clone, Debug)]
pub struct Lifted {
    /// Who.
    pub by: PersonId,
    /// How that is known.
    pub known_by: KnownBy,
    /// Digest of the saved plan.
    pub plan: String,
}

/// Holds a plan against mode and limits.
pub fn check(plan: Plan, config: &Config, gathered: &Gathered) -> ApprovedPlan {
    let linked = gathered.linked();
    let plan = guard::hold_ends(plan, &config.limits, &linked, &gathered.ended());
    guard::check(plan, config.mode, &config.limits, &linked)
}

async fn under_lease(
    ports: &Ports,
    config: &Config,
    lease: &Lease,
    id: String,
    saved: Option<SavedPlan<'_>>,
) -> Result<Outcome, CycleError> {
    let base = ports.store.rows(&BTreeSet::new()).await?;
    let mut held = base.pauses.clone();
    pauses::restore(&ports.trackers, &held);
    spent::recall(&ports.trackers, &base.spent);
    let approves = saved.as_ref().and_then(|saved| saved.approves.clone());
    let unapproved = unapproved(&base, config);
    let waits = unapproved.clone().filter(|_| approves.is_none());
    let scope = if config.full || saved.is_some() { Scope::All } else { Scope::Touched };
    let reading = gather::gather(ports, config, &base, &scope);
    let mut gathered = pauses::recording(ports, lease, &mut held, reading).await??;
    gathered.register.pauses = held;
    // Exactly the saved plan is applied: what follows from it is left for the next cycle.
    let goes_on = saved.is_none() && waits.is_none();
    let lifted = saved.as_ref().and_then(|saved| saved.lifted.clone());
    let fresh = planned(&gathered);
    let (busy, missed) = (readings::busy(&fresh, config.mode, goes_on), readings::missed(&gathered));
    let approved = approve(config, &gathered, fresh, saved.as_ref(), waits.as_deref())?;
    let mut ledger = Ledger::new(ports, lease, id.clone(), gathered.register.clone());
    let mut record = begin(&gathered, id, ports, config);
    let copied = ports.store.identity().await?.newest_copy;
    let mut writes = opening(&record, gathered.register.last_cycle.as_ref(), copied);
    writes.extend(accounts::met(&gathered, ports.clock.now()));
    writes.extend(spent::forget(&gathered.register.spent, ports.clock.now()));
    writes.extend(lifted.map(|lifted| limits_lifted(&record, &lifted)));
    if waits.is_none() {
        let approved_now = unapproved.zip(approves);
        writes.extend(approvals(&gathered.register, config, &record, approved_now));
    }
    ledger.record(writes).await?;
    let fits = |part: &Involvement| gathered.stopped.why(&part.finding).is_none();
    ledger.take_parts(gathered.found.iter().filter(|part| fits(part)).cloned().collect()).await?;
    ledger.take_in(&gathered).await?;
    ledger.record(gathered.observed.clone()).await?;
    let told = ledger.remember(&gathered.heard).await?;
    let mut outcome = apply::apply(ports, config, &mut ledger, &gathered, approved).await?;
    outcome.notes.extend(told);
    let touched = std::mem::take(&mut outcome.touched);
    if !touched.is_empty() && goes_on && !ports.timer.stopping() {
        follow_up(ports, config, &mut ledger, &gathered, touched, &mut outcome).await?;
    }
    outcome.missed = missed;
    if missed > 0 {
        warn!(findings = missed, "found changed by the audit, and nothing had hinted at it");
    }
    let looked = Looked { gathered: &gathered, busy: &busy };
    finish(ports, config, &mut ledger, &mut record, looked, &mut outcome).await?;
    Ok(outcome)
}

/// What is to be done, within the limits: the present plan, or as much of it as a saved one has as well.
fn approve(
    config: &Config,
    gathered: &Gathered,
    fresh: Plan,
    saved: Option<&SavedPlan<'_>>,
    waits: Option<&str>,
) -> Result<ApprovedPlan, CycleError> {
    let Some(saved) = saved else { return Ok(check(approved_part(fresh, waits), config, gathered)) };
    if let Some(why) = (saved.differs)(gathered) {
        return Err(CycleError::Stale { why });
    }
    let still = saved::still_planned(&saved.plan, fresh);
    let nothing_holds = still.saved > 0 && still.stale == still.saved;
    if nothing_holds && saved.version != gathered.register.version {
        let why = "the register changed, and none of its actions would be planned now".to_owned();
        return Err(CycleError::Stale { why });
    }
    let plan = approved_part(still.plan, waits);
    Ok(match saved.lifted {
        Some(_) => guard::check_exceeding(plan, config.mode),
        None => check(plan, config, gathered),
    })
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
    if gathered.is_part {
        // What was linked just now may be followed by findings that were not opened.
        let opened = ledger.register().findings.keys().cloned().chain(touched.iter().cloned());
        ledger.reopen(ports.store.rows(&opened.collect()).await?);
    }
    let again = gather::again(ports, gathered, ledger.register(), &touched).await?;
    let told = ledger.remember(&again.heard).await?;
    outcome.notes.extend(told);
    let plan = plan::plan(&again.context, &again.rows);
    let approved = check(plan, config, &again);
    let second = apply::apply(ports, config, ledger, &again, approved).await?;
    outcome.absorb(second);
    Ok(())
}

fn begin(gathered: &Gathered, id: String, ports: &Ports, config: &Config) -> CycleRecord {
    CycleRecord {
        id,
        started: ports.clock.now(),
        finished: None,
        configuration: Some(config.digest.clone()),
        trackers: gathered.trackers.clone(),
        sources: gathered.sources.clone(),
        events: Vec::new(),
        diagnostics: gathered.diagnostics(),
        done: BTreeMap::new(),
    }
}

/// The record of a cycle that begins, and what is another than in the cycle before: the configuration, or the
/// register itself.
fn opening(record: &CycleRecord, before: Option<&CycleRecord>, copied: Option<DateTime<Utc>>) -> Vec<Write> {
    let entry = |event: &str, (before, after): (Option<String>, Option<String>), why: String| {
        Write::History(Entry {
            at: record.started,
            cycle: record.id.clone(),
            event: event.to_owned(),
            finding: None,
            issue: None,
            actor: "worker".to_owned(),
            known_by: None,
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

/// Tells the log which trackers are not well any more, and which are again.
fn tell_health(before: Option<&CycleRecord>, now: &CycleRecord) {
    for (name, health) in &now.trackers {
        let was = before.and_then(|before| before.trackers.get(name)?.error.as_deref());
        match (was, health.error.as_deref()) {
            (was, Some(why)) if was != Some(why) => {
                warn!(tracker.name = %name, refused = health.refused, why, "tracker is not well");
            }
            (Some(_), None) => info!(tracker.name = %name, "tracker is well again"),
            (_, _) => {}
        }
    }
}

/// What was gathered, and the findings that a later cycle has to look at again.
struct Looked<'a> {
    gathered: &'a Gathered,
    busy: &'a BTreeSet<FindingKey>,
}

async fn finish(
    ports: &Ports,
    config: &Config,
    ledger: &mut Ledger<'_>,
    record: &mut CycleRecord,
    Looked { gathered, busy }: Looked<'_>,
    outcome: &mut Outcome,
) -> Result<(), CycleError> {
    ledger.remember_pauses().await?;
    outcome.notes.extend(notes::of_clocks(ports));
    outcome.notes.extend(notes::of_sources(gathered));
    let reconciled = notes::reconciled(ports, gathered, ledger.register(), outcome);
    record.finished = Some(ports.clock.now());
    record.events = notes::events(&outcome.notes);
    record.done = outcome.done.clone();
    let mut writes = notes::writes(&reconciled);
    notes::log(&reconciled, gathered.context.now);
    outcome.settle(gathered, reconciled.standing);
    let errors = record.diagnostics.iter().filter(|noted| noted.level == Level::Error);
    outcome.errors = errors.cloned().collect();
    for (name, tracker) in &ports.trackers {
        let until = tracker.pace().paused_until();
        if until.is_none() && ledger.register().pauses.contains_key(name) {
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
    tell_health(gathered.register.last_cycle.as_ref(), record);
    writes.extend(gathered.swept.iter().cloned().map(Write::Place));
    writes.extend(readings::writes(ports, config, (gathered, ledger.register()), busy, outcome));
    writes.push(Write::Cycle(Box::new(record.clone())));
    ledger.record(writes).await?;
    outcome.sum_up(ports.store.totals().await?);
    let head = ports.store.head().await?;
    let standing: usize = outcome.kinds.values().sum();
    let failed = outcome.notes.iter().filter(|note| note.kind.is_failure()).count();
    let kinds: BTreeMap<&str, usize> = outcome.kinds.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
    info!(cycle.id = %record.id, done = ?record.done, verdict = ?outcome.verdict(), notes = standing, kinds = ?kinds, failed, history.head = %head, "cycle finished");
    outcome.history = Some(head);
    Ok(())
}
