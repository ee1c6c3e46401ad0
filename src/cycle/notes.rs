//! What a cycle says beside its plan, and what of all that was said stands afterwards.
//!
//! Knows what was gathered and how each tracker answered. What begins, goes on and ends is for `plan::notes` to say.

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{debug, info, warn};

use super::{gather::Gathered, outcome::Outcome, ports::Ports};
use crate::{
    model::{
        cycle::{Note, NoteKind},
        note::{Nature, Standing, Subject},
        observed::Observed,
        register::{Register, Write},
    },
    net::skew,
    plan::{
        action::Plan,
        notes::{Looked, Part, Reconciled, reconcile},
    },
};

/// A word for each tracker whose clock shows another time than ours.
pub(super) fn of_clocks(ports: &Ports) -> Vec<Note> {
    let mut notes = Vec::new();
    for (name, tracker) in &ports.trackers {
        let is_off = |ahead: &TimeDelta| ahead.abs() > skew::WORTH_A_WORD;
        let Some(ahead) = tracker.pace().ahead().filter(is_off) else { continue };
        let off = skew::words(ahead);
        warn!(tracker.name = %name, ahead.seconds = ahead.num_seconds(), "this machine's clock is wrong, or the tracker's is");
        let why = format!(
            "this machine's clock is {off} that of {name}: deadlines and waiting times are counted by it; set it right, as \
             by NTP (nothing is written to {name} while they are more than an hour apart)"
        );
        notes.push(Note::new(NoteKind::Clock, why).at(name));
    }
    notes
}

/// A word for each source that could not be read completely.
pub(super) fn of_sources(gathered: &Gathered) -> Vec<Note> {
    if gathered.is_part {
        let standing = gathered.register.notes.iter().map(|standing| &standing.note);
        return standing.filter(|note| note.source.is_some()).cloned().collect();
    }
    let said = gathered.listings.iter().filter_map(|listing| {
        let unreadable = gathered.sources.get(&listing.source).map_or(0, |health| health.unreadable);
        let why = match &listing.documents {
            Observed::Unknown { why } => format!("its documents could not be listed: {why}"),
            Observed::Missing => "it is not there".to_owned(),
            Observed::Known(_) if unreadable == 0 => return None,
            Observed::Known(documents) => format!(
                "{unreadable} of its {} documents could not be read or not be taken in, and what they say is unknown; `check` \
                 names them, and says why",
                documents.len()
            ),
        };
        let source = Some(listing.source.clone());
        Some(Note { source, ..Note::new(NoteKind::Unreachable, why) })
    });
    said.collect()
}

/// What stands once all of this is said, held against what stood before.
pub(super) fn reconciled(
    ports: &Ports,
    gathered: &Gathered,
    register: &Register,
    outcome: &Outcome,
) -> Reconciled {
    let looked = looked(ports, gathered, register, outcome);
    reconcile(&register.notes, &looked, &outcome.notes, gathered.context.now)
}

fn looked(ports: &Ports, gathered: &Gathered, register: &Register, outcome: &Outcome) -> Looked {
    let mut looked = Looked::at(&gathered.context, &gathered.rows, &outcome.notes);
    looked.known.extend(register.findings.keys().cloned());
    if gathered.is_part {
        looked.known.extend(register.notes.iter().filter_map(|standing| standing.note.finding.clone()));
    }
    looked.known.extend(register.misfits.iter().filter_map(|misfit| misfit.row.finding()));
    for (name, answered) in &mut looked.trackers {
        let health = gathered.trackers.get(name);
        let is_well = health.is_some_and(|health| health.error.is_none() && health.unreadable == 0);
        answered.whole = is_well && !outcome.down.contains_key(name);
        answered.time = ports.trackers.get(name).is_some_and(|tracker| tracker.pace().ahead().is_some());
    }
    looked
}

/// What the log says of a note, under names that stay: why a finding is noted may quote its document, and is left to `explain`.
struct Line {
    kind: &'static str,
    finding: String,
    issue: String,
    tracker: String,
    source: String,
    why: String,
}

macro_rules! tell {
    ($level:ident, $line:expr, $what:literal) => {{
        let Line { kind, finding, issue, tracker, source, why } = $line;
        $level!(
            note.kind = kind,
            finding.key = finding,
            issue.key = issue,
            tracker.name = tracker,
            source.name = source,
            why,
            $what
        );
    }};
}

/// Tells the log which notes begin and which end: what needs a person or did not work as a warning, and what follows from the
/// rules to whoever asks for details.
pub(super) fn log(reconciled: &Reconciled, since: DateTime<Utc>) {
    for Standing { note, .. } in reconciled.put.iter().filter(|put| put.since == since) {
        let line = Line {
            kind: note.kind.as_str(),
            finding: shown(note.finding.as_ref()),
            issue: shown(note.issue.as_ref()),
            tracker: shown(note.tracker.as_ref()),
            source: shown(note.source.as_ref()),
            why: if note.finding.is_none() { note.why.clone() } else { String::new() },
        };
        if note.kind.needs_person() || note.kind.is_failure() {
            tell!(warn, line, "note begins");
        } else if matches!(note.kind, NoteKind::Register | NoteKind::Deferred) {
            tell!(debug, line, "note begins");
        } else {
            tell!(info, line, "note begins");
        }
    }
    for name in &reconciled.ended {
        let (finding, source) = match &name.subject {
            Subject::Finding(finding) => (finding.to_string(), String::new()),
            Subject::Source(source) => (String::new(), source.to_string()),
            Subject::Place(..) | Subject::Tracker(_) | Subject::Register => (String::new(), String::new()),
        };
        let line = Line {
            kind: name.kind.as_str(),
            finding,
            issue: shown(name.issue.as_ref()),
            tracker: shown(name.tracker.as_ref()),
            source,
            why: String::new(),
        };
        tell!(info, line, "note ends");
    }
}

fn shown(name: Option<&impl ToString>) -> String {
    name.map(ToString::to_string).unwrap_or_default()
}

/// What the register has to be told for that.
pub(super) fn writes(reconciled: &Reconciled) -> Vec<Write> {
    let ended = reconciled.ended.iter().cloned().map(|name| Write::NoteEnded(Box::new(name)));
    let put = reconciled.put.iter().cloned().map(|standing| Write::Note(Box::new(standing)));
    ended.chain(put).collect()
}

/// What happened once in a cycle.
pub(super) fn events(said: &[Note]) -> Vec<Note> {
    said.iter().filter(|note| note.kind.nature() == Nature::Event).cloned().collect()
}

/// What stands once a plan is made and nothing of it was tried: what it says, each since when, and what it does not settle.
pub fn after(ports: &Ports, gathered: &Gathered, plan: &Plan) -> Vec<Standing> {
    let (said, register) = (plan.notes.clone(), &gathered.register);
    let outcome = Outcome { notes: said, ..Outcome::default() };
    let mut looked = looked(ports, gathered, register, &outcome);
    looked.untried.extend(plan.actions.iter().filter_map(Part::written));
    reconcile(&register.notes, &looked, &outcome.notes, gathered.context.now).standing
}
