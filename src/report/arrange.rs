//! Which finding belongs in which list, and in what order.
//!
//! Knows rows and notes. Every unresolved finding gets into at least one list; the last one takes what no other takes.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::TimeDelta;

use super::{
    Input, Routed,
    data::Counts,
    row::Row,
    sections::{Group, Intake, NoteLine, Notes, OwnerGroup, Sections, Team, Unrouted, Upcoming},
    text::foreign,
};
use crate::{
    model::{
        cycle::{Note, NoteKind},
        ids::FindingKey,
        misfit::Misfit,
        note::Standing,
        postmortem::{Diagnostic, Level},
        register::Register,
        terms::{Severity, State, Tlp},
    },
    plan::identity::repeats,
    review::flags::Flag,
};

/// Bounds of the lists of what is due next, in days.
const UPCOMING_DAYS: [i64; 3] = [7, 14, 30];

/// Days for which what was resolved or dismissed stays in the report.
const CLOSED_DAYS: i64 = 30;

/// Rows by key.
type Rows = BTreeMap<FindingKey, Row>;

/// All lists.
pub(super) fn sections(input: &Input<'_>, rows: &Rows) -> Sections {
    let recently = input.now - TimeDelta::days(CLOSED_DAYS);
    let cycle = input.register.last_cycle.as_ref();
    // What does not fit now is told whether or not a cycle has met it.
    let notes = told(input);
    let notes = notes.as_slice();
    Sections {
        overdue: overdue(rows),
        verification: keys(rows, by_verification, |row| row.verification.is_some()),
        declined: keys(rows, by_urgency, |row| row.flags.contains(&Flag::DeclinedUpstream)),
        decisions: by_kind(rows, notes, NoteKind::needs_person),
        upcoming: upcoming(rows),
        reviews: keys(rows, |row| (row.next_review, by_urgency(row)), |row| has(row, Flag::ReviewDue)),
        waivers: keys(rows, |row| row.waiver.as_ref().map(|waiver| waiver.expires), waived),
        groups: groups(input, rows),
        unowned: keys(rows, by_urgency, |row| has(row, Flag::Unowned)),
        unmapped: keys(rows, by_urgency, |row| has(row, Flag::UnmappedOwner)),
        severity_unclear: keys(rows, by_urgency, is_unclear),
        unrouted: unrouted(input, rows, notes),
        sync: by_kind(rows, notes, is_sync_problem),
        intake: cycle.map_or_else(Vec::new, |cycle| intake(input, rows, &cycle.diagnostics)),
        source_missing: keys(rows, by_urgency, |row| has(row, Flag::SourceMissing)),
        repeats: repeats(input.register.findings.values())
            .into_iter()
            .filter(|group| group.iter().any(|finding| finding.state.is_unresolved()))
            .map(|group| group.into_iter().map(|finding| finding.key.clone()).collect())
            .collect(),
        later: keys(rows, |row| (row.due.is_none(), row.due, by_urgency(row)), is_later),
        closed: keys(
            rows,
            |row| Reverse(row.closed.as_ref().map(|closed| closed.at)),
            |row| row.closed.as_ref().is_some_and(|closed| closed.at >= recently),
        ),
    }
}

/// What stands now, and what happened once in the last cycle; each since when.
fn told(input: &Input<'_>) -> Vec<Standing> {
    let Register { notes, misfits, last_cycle, .. } = input.register;
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

/// Counts of everything, which add up.
pub(super) fn counts(rows: &Rows) -> Counts {
    let of = |holds: &dyn Fn(&Row) -> bool| rows.values().filter(|row| holds(row)).count();
    let state = |state: State| of(&|row| row.state == state);
    let mut counts = Counts {
        all: rows.len(),
        open: state(State::Open),
        in_progress: state(State::InProgress),
        pending_verification: state(State::PendingVerification),
        resolved: state(State::Resolved),
        risk_accepted: state(State::RiskAccepted),
        dismissed: state(State::Dismissed),
        reconciles: false,
        overdue: of(&|row| has(row, Flag::Overdue)),
        overdue_critical: of(&|row| has(row, Flag::Overdue) && row.severity == Severity::Critical),
        verification_overdue: of(&|row| has(row, Flag::VerificationOverdue)),
        unowned: of(&|row| has(row, Flag::Unowned)),
        severity_unclear: of(&is_unclear),
        reviews_due: of(&|row| has(row, Flag::ReviewDue)),
        waivers_ending: of(&|row| has(row, Flag::WaiverExpired) || has(row, Flag::WaiverExpiring)),
    };
    let working = counts.open + counts.in_progress + counts.pending_verification;
    counts.reconciles = working + counts.resolved + counts.risk_accepted + counts.dismissed == counts.all;
    counts
}

/// Every finding that a list names.
pub(super) fn named(sections: &Sections) -> BTreeSet<FindingKey> {
    let Sections { overdue, upcoming, groups, unrouted, .. } = sections;
    let owners = overdue.iter().flat_map(|team| &team.owners).flat_map(|owner| &owner.findings);
    let lists = [
        &sections.verification,
        &sections.declined,
        &sections.reviews,
        &sections.waivers,
        &sections.unowned,
        &sections.unmapped,
        &sections.severity_unclear,
        &sections.source_missing,
        &sections.later,
        &sections.closed,
    ];
    owners
        .chain(upcoming.iter().flat_map(|bucket| &bucket.findings))
        .chain(groups.iter().flat_map(|group| &group.findings))
        .chain(unrouted.iter().map(|entry| &entry.finding))
        .chain(lists.into_iter().chain(&sections.repeats).flatten())
        .cloned()
        .collect()
}

/// The class of the report: the highest of the texts that it shows. Diagnostics quote documents, which are AMBER by default.
pub(super) fn banner(rows: &Rows, sections: &Sections) -> Tlp {
    let base = if sections.intake.is_empty() { Tlp::Clear } else { Tlp::Amber };
    rows.values().filter(|row| !row.withheld).map(|row| row.tlp).fold(base, Tlp::max)
}

/// Whether its stated severity is not understood, and still matters.
fn is_unclear(row: &Row) -> bool {
    row.severity_unclear.is_some() && row.state.is_unresolved()
}

fn has(row: &Row, flag: Flag) -> bool {
    row.flags.contains(&flag)
}

/// Worst severity first, then longest overdue, then first due.
fn by_urgency(row: &Row) -> impl Ord + use<> {
    (row.severity, Reverse(row.days_overdue), row.due.is_none(), row.due)
}

fn by_verification(row: &Row) -> impl Ord + use<> {
    (row.verification.as_ref().map(|line| line.by), row.severity)
}

/// Keys of the rows for which `take` holds, in the order of `by`, then of their keys.
fn keys<O: Ord>(rows: &Rows, by: impl Fn(&Row) -> O, take: impl Fn(&Row) -> bool) -> Vec<FindingKey> {
    in_order(rows.values().filter(|row| take(row)), by)
}

fn in_order<'a, O: Ord>(rows: impl IntoIterator<Item = &'a Row>, by: impl Fn(&Row) -> O) -> Vec<FindingKey> {
    let mut taken: Vec<(O, &FindingKey)> = rows.into_iter().map(|row| (by(row), &row.key)).collect();
    taken.sort();
    taken.into_iter().map(|(_, key)| key.clone()).collect()
}

fn overdue(rows: &Rows) -> Vec<Team> {
    // `None` sorts first: what nobody owns stands at the top.
    let mut teams: BTreeMap<Option<&String>, BTreeMap<Option<&String>, Vec<&Row>>> = BTreeMap::new();
    for row in rows.values().filter(|row| has(row, Flag::Overdue)) {
        let owners = teams.entry(row.team.as_ref()).or_default();
        owners.entry(row.owner.as_ref()).or_default().push(row);
    }
    let group = |(owner, rows): (Option<&String>, Vec<&Row>)| OwnerGroup {
        owner: owner.cloned(),
        findings: in_order(rows, by_urgency),
    };
    teams
        .into_iter()
        .map(|(team, owners)| Team { team: team.cloned(), owners: owners.into_iter().map(group).collect() })
        .collect()
}

fn upcoming(rows: &Rows) -> Vec<Upcoming> {
    let mut after = -1;
    let bucket = |days: i64| {
        let within = move |row: &Row| {
            row.state.is_running()
                && !has(row, Flag::Overdue)
                && row.days_left.is_some_and(|left| left > after && left <= days)
        };
        let findings = keys(rows, |row| (row.due, by_urgency(row)), within);
        after = days;
        Upcoming { days, findings }
    };
    UPCOMING_DAYS.into_iter().map(bucket).collect()
}

fn is_later(row: &Row) -> bool {
    let last = UPCOMING_DAYS.into_iter().max().unwrap_or_default();
    let waits = row.state.is_running() && row.days_left.is_none_or(|left| left > last);
    // A finding that is unresolved in a way no other list expects is still here.
    let elsewhere = row.state.is_running() || row.verification.is_some() || waived(row);
    waits || row.state.is_unresolved() && !elsewhere
}

/// A waiver in force, or one that ended while nobody has decided anew.
fn waived(row: &Row) -> bool {
    row.state == State::RiskAccepted || has(row, Flag::WaiverExpired)
}

fn groups(input: &Input<'_>, rows: &Rows) -> Vec<Group> {
    let mut groups: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in rows.values().filter(|row| row.state.is_unresolved()) {
        if let Some(Routed::Group(group)) = input.routed.get(&row.key) {
            groups.entry(foreign(group.as_str())).or_default().push(row);
        }
    }
    let first_due = |row: &Row| (row.due.is_none(), row.due, by_urgency(row));
    groups.into_iter().map(|(group, rows)| Group { group, findings: in_order(rows, first_due) }).collect()
}

/// What the rules say now; where they were not asked, what the last cycle noted.
fn unrouted(input: &Input<'_>, rows: &Rows, notes: &[Standing]) -> Vec<Unrouted> {
    let noted: BTreeMap<&FindingKey, &str> = notes
        .iter()
        .map(|standing| &standing.note)
        .filter(|note| note.kind == NoteKind::Unrouted)
        .filter_map(|note| Some((note.finding.as_ref()?, note.why.as_str())))
        .collect();
    let unresolved = rows.values().filter(|row| row.state.is_unresolved());
    let why = |row: &Row| match input.routed.get(&row.key) {
        Some(Routed::Unrouted { why }) => Some(why.as_str()),
        Some(Routed::Group(_) | Routed::Destination(_)) => None,
        None => noted.get(&row.key).copied(),
    };
    unresolved
        .filter_map(|row| Some(Unrouted { finding: row.key.clone(), why: shown(row.withheld, why(row)?) }))
        .collect()
}

/// Kinds that the sync list shows: not those that need a person, nor those that have a list of their own.
fn is_sync_problem(kind: NoteKind) -> bool {
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

fn by_kind(rows: &Rows, notes: &[Standing], take: impl Fn(NoteKind) -> bool) -> Vec<Notes> {
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
                notes: notes.into_iter().map(|note| line(rows, note)).collect(),
            }
        })
        .collect()
}

fn line(rows: &Rows, standing: &Standing) -> NoteLine {
    let Standing { note, since, .. } = standing;
    let withheld =
        note.finding.as_ref().and_then(|finding| rows.get(finding)).is_some_and(|row| row.withheld);
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

fn shown(withheld: bool, text: &str) -> String {
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
fn intake(input: &Input<'_>, rows: &Rows, diagnostics: &[Diagnostic]) -> Vec<Intake> {
    let secret: BTreeSet<&str> = input
        .register
        .findings
        .values()
        .filter(|finding| rows.get(&finding.key).is_some_and(|row| row.withheld))
        .map(|finding| finding.stated.path.as_str())
        .collect();
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.level != Level::Info).collect();
    sorted.sort_by_key(|d| (d.level, *d));
    let withheld = |d: &Diagnostic| secret.contains(d.path.as_str());
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
