//! Deciding: a snapshot in, a plan out. Pure.
//!
//! Knows the planning tables: which finding goes where, what the two sides of a link owe each other,
//! and which brakes hold. Knows nothing of files, databases, wire formats or the time of day, and cannot fail:
//! what is odd comes back as a [`Note`](crate::model::cycle::Note) with a reason.

pub mod action;
pub mod allowed;
pub mod cited;
pub mod clearance;
pub mod creation;
pub mod freshness;
pub mod guard;
pub mod identity;
pub mod inert;
pub mod infer;
pub mod intake;
pub mod linked;
mod lost;
pub mod marked;
pub mod marker;
pub mod merge;
pub mod notes;
pub mod oneway;
pub mod outgoing;
pub mod places;
pub mod poison;
pub mod protocol;
pub mod reads;
pub mod render;
pub mod route;
pub mod row;
pub mod saved;
pub mod secrets;
mod similar;
pub mod snapshot;
mod unclear;
pub mod wake;

use action::Plan;
use snapshot::{Context, Row};

/// Plans every row. The same rows give the same plan, byte for byte, whatever their order (invariant 2).
pub fn plan(context: &Context, rows: &[Row]) -> Plan {
    let mut plan = Plan::default();
    for row in rows {
        let planned = row::plan_row(context, row);
        plan.actions.extend(planned.actions);
        plan.notes.extend(planned.notes);
    }
    let links = rows.iter().flat_map(|row| &row.links).map(|(link, _)| (&link.tracker, &link.issue));
    places::note_unseen(context, links, &mut plan);
    places::note_renamed(context, &mut plan);
    places::withhold_frozen(context, &mut plan);
    plan.sort();
    plan
}
