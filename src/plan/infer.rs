//! What a document leaves open, from what its words suggest. Always marked as inferred.

use crate::model::{
    postmortem::DocumentFinding,
    terms::{Class, Kind, Work},
};

/// The class that a document states, else the one its words suggest; a technical lapse when nothing does.
pub fn class(item: &DocumentFinding) -> Class {
    item.class.or(item.hints.class).unwrap_or(Class::TechnicalLapse)
}

/// The kind that a document states, else the one its words suggest.
pub fn kind(item: &DocumentFinding) -> Option<Kind> {
    item.kind.or(item.hints.kind)
}

/// A repair is a bug; everything else is a change request.
pub fn work(item: &DocumentFinding) -> Work {
    item.work.unwrap_or(match kind(item) {
        Some(Kind::Repair) => Work::Bug,
        Some(Kind::Prevent | Kind::Detect | Kind::Mitigate | Kind::Investigate | Kind::Process) | None => {
            Work::ChangeRequest
        }
    })
}
