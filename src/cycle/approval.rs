//! Whether a person approved where the configuration sends findings, and what waits until somebody does.
//!
//! Knows what the register holds of approvals. Must not know who may approve.

use chrono::{DateTime, Utc};

use super::{Lifted, config::Config};
use crate::{
    model::{
        cycle::CycleRecord,
        history::{Entry, KnownBy},
        ids::PersonId,
        register::{Register, Write},
        terms::Mode,
    },
    plan::{action::Plan, guard},
};

/// What of the configuration has to be approved before anything is written to trackers.
///
/// It is a rule or a tracker that changed since a person last said where findings may go (invariant 6), or what they said is not as
/// the history says. In `observe` nothing is written anyway, and a register without a cycle has nothing that could go astray.
pub fn unapproved(register: &Register, config: &Config) -> Option<String> {
    if config.mode == Mode::Observe {
        return None;
    }
    if let Some(misfit) = register.unfit_mapping().next() {
        return Some(misfit.to_string());
    }
    config.mapping.departs_from(register.mapping.as_ref()?)
}

/// What a cycle records of approvals when nothing waits for one: what a person said now, or where findings may go from here
/// on, where it is another than before. Nothing but a person's word takes the place of one that is not as the history says.
pub(super) fn approvals(
    register: &Register,
    config: &Config,
    record: &CycleRecord,
    approved_now: Option<(String, (PersonId, KnownBy))>,
) -> Vec<Write> {
    if let Some((why, by)) = approved_now {
        let entry = approved_by((record.started, &record.id), by, config, &why);
        return approved_anew(register, config).chain([Write::History(entry)]).collect();
    }
    let is_proven = register.unfit_mapping().next().is_none();
    let is_news = register.mapping.as_ref() != Some(&config.mapping);
    if is_proven && is_news { vec![approved(config)] } else { Vec::new() }
}

/// What a person's word makes of what was approved: whatever is there by other means is replaced.
pub fn approved_anew(register: &Register, config: &Config) -> impl Iterator<Item = Write> {
    let unfit = register.unfit_mapping().map(|misfit| Write::Accepted(misfit.row.clone()));
    unfit.chain([approved(config)])
}

fn approved(config: &Config) -> Write {
    Write::Mapping(Box::new(config.mapping.clone()))
}

/// A plan as far as the configuration that it comes from is approved.
pub(super) fn approved_part(plan: Plan, waits: Option<&str>) -> Plan {
    let Some(waits) = waits else { return plan };
    guard::hold(
        plan,
        &format!("{waits}; look at `plan`, then `approve`: until then nothing is written to trackers"),
    )
}

/// The history's entry about a configuration that a person approved.
pub fn approved_by(
    (at, cycle): (DateTime<Utc>, &str),
    (by, known_by): (PersonId, KnownBy),
    config: &Config,
    why: &str,
) -> Entry {
    Entry {
        at,
        cycle: cycle.to_owned(),
        event: "configuration_approved".to_owned(),
        finding: None,
        issue: None,
        actor: by.to_string(),
        known_by: Some(known_by),
        field: None,
        before: None,
        after: Some(config.digest.clone()),
        why: why.to_owned(),
    }
}

/// The history's entry about limits that a person lifted.
pub(super) fn limits_lifted(record: &CycleRecord, lifted: &Lifted) -> Write {
    Write::History(Entry {
        at: record.started,
        cycle: record.id.clone(),
        event: "limits_exceeded".to_owned(),
        finding: None,
        issue: None,
        actor: lifted.by.to_string(),
        known_by: Some(lifted.known_by.clone()),
        field: None,
        before: None,
        after: Some(lifted.plan.clone()),
        why: "a person lifted the limits for the saved plan with this SHA-256".to_owned(),
    })
}
