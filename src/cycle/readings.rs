//! What a cycle leaves behind of what it looked at, so that the next one leaves alone what nothing touches (invariant 16).
//!
//! Knows when a row was looked at in full with nothing left to do. In doubt it was not, which costs one more look.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    config::Config,
    gather::{Gathered, Scope},
    hints::Hints,
    look::Look,
    outcome::Outcome,
    ports::Ports,
    rows, touch,
};
use crate::{
    model::{
        cycle::NoteKind,
        ids::{FindingKey, TrackerName},
        issue::Issue,
        link::Link,
        observed::Observed,
        reading::{Followed, Looked, Reading},
        register::{Register, Write},
        terms::Mode,
    },
    plan::{
        action::{Action, Plan},
        reads::{self, Circumstances},
        snapshot::{Context, Row},
        wake::wake,
    },
};

/// What a cycle's look was worth.
#[derive(Clone, Debug, Default)]
pub struct Touch {
    /// Digest of what held for all findings.
    pub scope: String,
    /// Up to when what trackers told is complete, by their own clocks.
    pub until: BTreeMap<TrackerName, DateTime<Utc>>,
    /// From when on the register may know nothing, because a copy from before was put in its place.
    pub put_back: Option<DateTime<Utc>>,
    /// The findings whose trackers hinted at them; none where everything was looked at.
    pub hinted: Option<BTreeSet<FindingKey>>,
}

/// Up to when each tracker is known after a look that read everything it was to read.
pub(super) fn until(
    ports: &Ports,
    hints: &Hints,
    looks: &BTreeMap<TrackerName, Look>,
    began: DateTime<Utc>,
) -> BTreeMap<TrackerName, DateTime<Utc>> {
    let of = |(name, look): (&TrackerName, &Look)| {
        look.account.known()?;
        let listed = hints.get(name).and_then(|told| told.changes.as_ref()).map(|changes| changes.as_of);
        let read = || ports.trackers.get(name)?.pace().ahead().map(|ahead| began - ahead);
        Some((name.clone(), listed.or_else(read)?))
    };
    looks.iter().filter_map(of).collect()
}

/// The findings of which a plan leaves something to be done by a later cycle, or to be looked at again. `is_whole`: all of the
/// plan is done; of a part of it nobody knows what was recorded. What the mode holds back waits for another mode only.
pub(super) fn busy(plan: &Plan, mode: Mode, is_whole: bool) -> BTreeSet<FindingKey> {
    let is_left = |action: &&Action| match action {
        Action::Record { .. } => !is_whole,
        Action::Create(_) | Action::Edit(_) => !is_whole || mode != Mode::Observe,
        Action::Adopt { .. }
        | Action::Break { .. }
        | Action::Rekey { .. }
        | Action::EndIntent { .. }
        | Action::Restore { .. } => true,
    };
    plan.actions.iter().filter(is_left).map(|action| action.finding().clone()).collect()
}

/// How many findings have an issue that had changed although nothing hinted at it: what the audit is there for. What changed
/// after the lists of the cycle before may be named by the next ones.
pub(super) fn missed(gathered: &Gathered) -> usize {
    let Some(hinted) = &gathered.touch.hinted else { return 0 };
    let register = &gathered.register;
    let is_missed = |link: &Link, issue: &Observed<Issue>| match issue {
        Observed::Known(issue) => {
            let known = register.issues.get(&link.issue.id).map(|known| known.updated);
            let followed = register.followed.get(&link.tracker).map(|followed| followed.until);
            known < Some(issue.updated) && followed.is_some_and(|until| issue.updated < until)
        }
        Observed::Missing => link.absence.is_none(),
        Observed::Unknown { .. } => false,
    };
    let links = gathered.rows.iter().flat_map(|row| &row.links);
    let missed = links.filter(|(link, issue)| !hinted.contains(&link.finding) && is_missed(link, issue));
    missed.map(|(link, _)| &link.finding).collect::<BTreeSet<_>>().len()
}

/// What is to be recorded of a look, once all that followed from it is done.
pub(super) fn writes(
    ports: &Ports,
    config: &Config,
    (gathered, register): (&Gathered, &Register),
    busy: &BTreeSet<FindingKey>,
    outcome: &Outcome,
) -> Vec<Write> {
    // Whoever is asked to stop may leave anything undone.
    if ports.timer.stopping() {
        return Vec::new();
    }
    let linked = gathered.linked();
    // Where everything is read in every cycle, nobody asks.
    let followed = |name: &TrackerName| linked.get(name).is_some_and(|n| *n > config.read_all_upto);
    let scope = &gathered.touch.scope;
    let until = gathered.touch.until.iter().filter(|(name, _)| followed(name));
    let until = until.map(|(name, until)| {
        let followed = Followed { tracker: name.clone(), until: *until, scope: scope.clone() };
        Write::Looked(Looked::Followed(Box::new(followed)))
    });
    let told = Told::of(outcome, config.mode);
    let is_busy = |key: &FindingKey| busy.contains(key) || told.waiting.contains(key);
    let (looked, unsettled): (Vec<&Row>, Vec<&Row>) =
        gathered.rows.iter().partition(|row| is_settled(row, &is_busy));
    let keys = looked.iter().flat_map(|row| &row.findings).map(|member| member.finding.key.clone());
    let settled = rows::stored(ports, register, &Scope::These(keys.collect()));
    let context = with_swept(gathered);
    let places = context.pinned.values().map(|pinned| ((&pinned.tracker, &pinned.place), pinned)).collect();
    let hosts = ports.trackers.iter().map(|(name, tracker)| (tracker.host(), name)).collect();
    let (at, put_back) = (context.now, gathered.touch.put_back);
    let about = Circumstances { now: at, put_back, rules: &context.rules, places: &places, hosts: &hosts };
    let mut writes: Vec<Write> =
        until.chain([Write::Looked(Looked::Stood { scope: scope.clone() })]).collect();
    writes.extend(unsettled.into_iter().flat_map(|row| unread(register, row)));
    let is_asked = |row: &&Row| row.links.iter().all(|(link, _)| followed(&link.tracker));
    for row in settled.iter().filter(is_asked) {
        let again = touch::again(about, register, row, config.mode);
        let of_row = wake(&context, row).into_iter().chain(again).min();
        for key in row.findings.iter().map(|member| &member.finding.key) {
            let turn = reads::next_turn(key.as_str(), at, config.audit);
            let due = told.until.get(key).copied().into_iter().chain(of_row).fold(turn, DateTime::min);
            if due > at {
                let reading = Reading { finding: key.clone(), at, due, scope: scope.clone() };
                writes.push(Write::Looked(Looked::Reading(Box::new(reading))));
            }
        }
    }
    writes
}

/// What was not looked at in full is looked at again in the next cycle, although whatever touched it is not told twice.
fn unread(register: &Register, row: &Row) -> impl Iterator<Item = Write> {
    let keys = row.findings.iter().map(|member| &member.finding.key);
    keys.filter(|key| register.readings.contains_key(*key))
        .cloned()
        .map(|key| Write::Looked(Looked::Unread(key)))
}

/// The context with the searches of this cycle: the next ones count from there.
fn with_swept(gathered: &Gathered) -> Context {
    let mut context = gathered.context.clone();
    let swept = gathered.swept.iter().cloned();
    context.pinned.extend(swept.map(|place| ((place.tracker.clone(), place.place.clone()), place)));
    context
}

/// Whether all issues of a row were read, and nothing about it waits for another look.
fn is_settled(row: &Row, is_busy: &impl Fn(&FindingKey) -> bool) -> bool {
    row.links.iter().all(|(_, issue)| matches!(issue, Observed::Known(_)))
        && !row.findings.iter().any(|member| is_busy(&member.finding.key))
}

/// What a cycle's notes say of when findings are to be looked at again.
struct Told<'a> {
    /// At once.
    waiting: BTreeSet<&'a FindingKey>,
    /// When the clock ends the first of its notes.
    until: BTreeMap<&'a FindingKey, DateTime<Utc>>,
}

impl<'a> Told<'a> {
    fn of(outcome: &'a Outcome, mode: Mode) -> Self {
        let mut told = Self { waiting: BTreeSet::new(), until: BTreeMap::new() };
        for note in &outcome.notes {
            let Some(key) = &note.finding else { continue };
            // Where nothing is written, nothing is deferred but by the mode.
            let is_held = mode == Mode::Observe && note.kind == NoteKind::Deferred;
            if waits(note.kind) && !is_held {
                told.waiting.insert(key);
            }
            if let Some(until) = note.until {
                let first = told.until.entry(key).or_insert(until);
                *first = (*first).min(until);
            }
        }
        told
    }
}

/// Whether what a note says may be otherwise in the next cycle although nobody does anything about it.
fn waits(kind: NoteKind) -> bool {
    match kind {
        NoteKind::Waiting
        | NoteKind::Unreachable
        | NoteKind::Quarantined
        | NoteKind::Deferred
        | NoteKind::Stale
        | NoteKind::Failed
        | NoteKind::Moved => true,
        NoteKind::Unrouted
        | NoteKind::Held
        | NoteKind::Exposed
        | NoteKind::Conflict
        | NoteKind::Overruled
        | NoteKind::Refused
        | NoteKind::Drift
        | NoteKind::Duplicate
        | NoteKind::Rerouted
        | NoteKind::Renamed
        | NoteKind::Register
        | NoteKind::SourceMissing
        | NoteKind::UnknownPerson
        | NoteKind::Clock
        | NoteKind::Misfit
        | NoteKind::DefaultOwner
        | NoteKind::PutBack => false,
    }
}
