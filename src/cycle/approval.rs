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
        misfit::{Misfit, RowName},
        register::{Register, Write},
        terms::Mode,
    },
    plan::{action::Plan, guard},
};

/// What of the configuration has to be approved before anything is written to trackers.
///
/// It is a rule or a tracker that changed since a person last said where findings may go (I12), or what they said is not as
/// the history says. In `observe` nothing is written anyway, and a register without a cycle has nothing that could go astray.
pub fn unapproved(register: &Register, config: &Config) -> Option<String> {
    if config.mode == Mode::Observe {
        return None;
    }
    if register.misfits.iter().any(Misfit::is_of_approval) {
        return Some("which rules were approved does not fit the history".to_owned());
    }
    let approved = register.last_cycle.as_ref()?.mapping.as_ref()?;
    config.mapping.departs_from(approved)
}

/// Whether what the register holds of approvals can be relied on: else nothing takes its place but a person's word.
pub(super) fn is_proven(register: &Register) -> bool {
    let fact = RowName::of("meta", ["mapping"]);
    !register.misfits.iter().any(|misfit| misfit.is_of_approval() || misfit.row == fact)
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
