//! What the worker could not do, what needs a person, and what reading the documents brought up.
//!
//! Knows notes and diagnostics, and of findings only whose text is withheld.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Input,
    sections::{Intake, NoteLine, Notes},
    text::foreign,
};
use crate::model::{
    cycle::{Note, NoteKind},
    ids::FindingKey,
    misfit::Misfit,
    note::Standing,
    postmortem::{Diagnostic, Level},
    register::Register,
};

/// What stands now, and what happened once in the last cycle; each since when. What does not fit now is told whether or not a
/// cycle has met it.
pub(super) fn told(input: &Input<'_>, misfits: &[Misfit]) -> Vec<Standing> {
    let Register { notes, last_cycle, .. } = input.register;
    let stands = |standing: &&Standing| {
        !standing.is_over(input.now) && (standing.note.kind != NoteKind::Misfit || !misfits.is_empty())
    };
    let mut told: Vec<Standing> = notes.iter().filter(stands).cloned().collect();
    let met = |note: &Note| told.iter().any(|standing| standing.note == *note);
    let unmet: Vec<Note> = misfits.iter().map(Misfit::note).filter(|note| !met(note)).collect();
    told.extend(unmet.into_iter().map(|note| Standing { note, since: input.now, nth: 0 }));
    let events = last_cycle.iter().flat_map(|cycle| cycle.events.iter().map(|event| (event, cycle.started)));
    told.extend(events.map(|(event, since)| Standing { note: event.clone(), since, nth: 0 }));
    told.sort();
    told
}

/// Kinds that the sync list shows: not those that need a person, nor those that have a list of their own.
pub(super) fn is_sync_problem(kind: NoteKind) -> bool {
    match kind {
        NoteKind::Unrouted | NoteKind::Register | NoteKind::SourceMissing => false,
        NoteKind::Waiting
        | NoteKind::Overruled
        | NoteKind::Refused
        | NoteKind::Unreachable
        | NoteKind::Drift
        | NoteKind::Rerouted
        | NoteKind::Renamed
        | NoteKind::Deferred
        | NoteKind::Stale
        | NoteKind::Failed
        | NoteKind::UnknownPerson
        | NoteKind::Clock
        | NoteKind::DefaultOwner
        | NoteKind::PutBack => true,
        NoteKind::Held
        | NoteKind::Misfit
        | NoteKind::Exposed
        | NoteKind::Conflict
        | NoteKind::Quarantined
        | NoteKind::Moved
        | NoteKind::Duplicate => false,
    }
}

/// Notes of the kinds that are taken, kind by kind.
pub(super) fn by_kind(
    withheld: &BTreeSet<FindingKey>,
    notes: &[Standing],
    take: impl Fn(NoteKind) -> bool,
) -> Vec<Notes> {
    let mut kinds: BTreeMap<NoteKind, Vec<&Standing>> = BTreeMap::new();
    for standing in notes.iter().filter(|standing| take(standing.note.kind)) {
        kinds.entry(standing.note.kind).or_default().push(standing);
    }
    kinds
        .into_iter()
        .map(|(kind, mut notes)| {
            notes.sort();
            Notes {
                kind,
                title: title(kind),
                notes: notes.into_iter().map(|note| line(withheld, note)).collect(),
            }
        })
        .collect()
}

fn line(withheld: &BTreeSet<FindingKey>, standing: &Standing) -> NoteLine {
    let Standing { note, since, .. } = standing;
    let withheld = note.finding.as_ref().is_some_and(|finding| withheld.contains(finding));
    NoteLine {
        finding: note.finding.clone(),
        tracker: note.tracker.clone(),
        issue: note.issue.as_deref().map(foreign),
        source: note.source.clone(),
        why: shown(withheld, &note.why),
        since: *since,
        until: note.until,
    }
}

/// A text of a note, unless its finding's text is withheld.
pub(super) fn shown(withheld: bool, text: &str) -> String {
    if withheld { "text withheld; ask the register for this finding".to_owned() } else { foreign(text) }
}

fn title(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Unrouted => "No rule matches",
        NoteKind::Held => "Held back: somebody must decide",
        NoteKind::Exposed => "Can be read by more people than it should be",
        NoteKind::Waiting => "Creation not confirmed yet",
        NoteKind::Conflict => "Both sides changed a field: somebody must decide",
        NoteKind::Overruled => "Both sides changed a field, and the rule decided",
        NoteKind::Refused => "The tracker refused a field",
        NoteKind::Unreachable => "Could not be read",
        NoteKind::Quarantined => "Issue not found, in quarantine",
        NoteKind::Moved => "Issue is somewhere else now",
        NoteKind::Drift => "Changed in the tracker and left alone",
        NoteKind::Duplicate => "Several issues for one finding",
        NoteKind::Rerouted => "The rules now point elsewhere",
        NoteKind::Renamed => "A place has another name now",
        NoteKind::Deferred => "Left for a later cycle",
        NoteKind::Stale => "Changed before it could be written",
        NoteKind::Failed => "A write failed",
        NoteKind::Register => "Tracked in the register only",
        NoteKind::SourceMissing => "Gone from its document",
        NoteKind::Misfit => "The register is not as its history says",
        NoteKind::UnknownPerson => "Somebody the people directory does not know",
        NoteKind::Clock => "Clocks that show another time",
        NoteKind::DefaultOwner => "Assigned by default, owned by nobody",
        NoteKind::PutBack => "The tracker shows an earlier state",
    }
}

/// Errors and warnings; what a document says is withheld with the document's findings.
pub(super) fn intake(secret: &BTreeSet<String>, diagnostics: &[Diagnostic]) -> Vec<Intake> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.level != Level::Info).collect();
    sorted.sort_by_key(|d| (d.level, *d));
    let withheld = |d: &Diagnostic| secret.contains(&d.path);
    sorted
        .into_iter()
        .map(|d| Intake {
            level: d.level,
            place: if withheld(d) { "a document above this report's class".to_owned() } else { place(d) },
            code: foreign(&d.code),
            message: if withheld(d) { "text withheld".to_owned() } else { foreign(&d.message) },
            help: d.help.as_deref().filter(|_| !withheld(d)).map(foreign),
        })
        .collect()
}

fn place(d: &Diagnostic) -> String {
    let path = foreign(&d.path);
    match (d.line, d.column) {
        (0, _) => path,
        (line, 0) => format!("{path}:{line}"),
        (line, column) => format!("{path}:{line}:{column}"),
    }
}
