//! Notes as states: which of those that stood still stand after a cycle, and which begin.
//!
//! Knows what stood, what was looked at and what is said now. A note that is said again keeps its time; silence ends one
//! only where its subject was looked at closely enough to tell. Reads nothing and writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    action::Action,
    snapshot::{Context, Row},
};
use crate::model::{
    cycle::{Note, NoteKind},
    ids::{FindingKey, TrackerName},
    issue::{Field, Issue},
    link::Link,
    note::{About, Nature, NoteName, Standing, Subject},
    observed::Observed,
};

/// What a cycle looked at, and what of it could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Findings that there are, whether or not anything may be decided on them.
    pub known: BTreeSet<FindingKey>,
    /// Findings that were planned.
    pub findings: BTreeSet<FindingKey>,
    /// The trackers of the configuration.
    pub trackers: BTreeMap<TrackerName, Answered>,
    /// What could not be read.
    pub unread: BTreeSet<Part>,
    /// What was to be written and was left for later.
    pub untried: BTreeSet<Part>,
    /// Fields of findings of which a person said whose value holds.
    pub ruled: BTreeSet<(FindingKey, Field)>,
}

/// What a tracker said in a cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// Whether everything that it was asked was read.
    pub whole: bool,
    /// Whether it told its time.
    pub time: bool,
    /// Places whose facts were read, by their ids.
    pub places: BTreeSet<String>,
}

/// A part of what is known about a finding; what is not named is all of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The finding.
    pub finding: FindingKey,
    /// Its part in one tracker.
    pub tracker: Option<TrackerName>,
    /// Its part in one issue.
    pub issue: Option<String>,
    /// One field of it.
    pub about: Option<About>,
}

/// What stands after a cycle, and what that changes in the register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Everything that stands, in order.
    pub standing: Vec<Standing>,
    /// Notes that began, or say something else than before.
    pub put: Vec<Standing>,
    /// Notes that ended.
    pub ended: Vec<NoteName>,
}

/// Holds what stood against what was looked at and what is said now.
///
/// | stood | said now | looked at | |
/// |---|---|---|---|
/// | no | yes | | begins now |
/// | yes | yes | | goes on since when it began, in the words of now |
/// | yes | no | yes | ends |
/// | yes | no | no | stands as it was, unless the clock ended it |
///
/// What happened once is none of this: it never stands.
pub fn reconcile(kept: &[Standing], looked: &Looked, said: &[Note], now: DateTime<Utc>) -> Reconciled {
    let mut groups: BTreeMap<NoteName, (Vec<&Standing>, BTreeSet<&Note>)> = BTreeMap::new();
    for stood in kept {
        groups.entry(NoteName { nth: 0, ..stood.name() }).or_default().0.push(stood);
    }
    for note in said.iter().filter(|note| note.kind.nature() != Nature::Event) {
        let name = Standing { note: note.clone(), since: now, nth: 0 }.name();
        groups.entry(name).or_default().1.insert(note);
    }
    let mut result = Reconciled::default();
    for (stood, notes) in groups.into_values() {
        one(stood, notes, looked, now, &mut result);
    }
    result.standing.sort();
    result
}

/// The same for notes that only their words tell apart: the same words are the same note, others follow one that is left.
fn one(
    mut stood: Vec<&Standing>,
    said: BTreeSet<&Note>,
    looked: &Looked,
    now: DateTime<Utc>,
    into: &mut Reconciled,
) {
    stood.sort_by_key(|stood| stood.nth);
    // The same words twice are one note, which the clock ends when it ends the last of them.
    let said: BTreeMap<&str, &Note> = said.into_iter().map(|note| (note.why.as_str(), note)).collect();
    let (again, mut other): (Vec<&Note>, Vec<&Note>) =
        said.into_values().partition(|note| stood.iter().any(|stood| stood.note.why == note.why));
    let mut used: BTreeSet<u32> = stood.iter().map(|stood| stood.nth).collect();
    let mut left = Vec::new();
    for stood in stood {
        match again.iter().find(|note| note.why == stood.note.why) {
            Some(note) => into.goes_on(stood, note),
            None => left.push(stood),
        }
    }
    other.reverse();
    for stood in left {
        match other.pop() {
            Some(note) => into.goes_on(stood, note),
            None if stood.is_over(now) || looked.settles(&stood.note) => {
                used.remove(&stood.nth);
                into.ended.push(stood.name());
            }
            None => into.standing.push(stood.clone()),
        }
    }
    for note in other.into_iter().rev() {
        let nth = (0..).find(|nth| !used.contains(nth)).unwrap_or_default();
        used.insert(nth);
        into.begins(Standing { note: note.clone(), since: now, nth });
    }
}

impl Reconciled {
    fn goes_on(&mut self, stood: &Standing, note: &Note) {
        let stands = Standing { note: note.clone(), ..stood.clone() };
        if stands != *stood {
            self.put.push(stands.clone());
        }
        self.standing.push(stands);
    }

    fn begins(&mut self, begun: Standing) {
        // Its number may be that of one that ended just now: then its row is replaced and not removed.
        let name = begun.name();
        self.ended.retain(|ended| *ended != name);
        self.put.push(begun.clone());
        self.standing.push(begun);
    }
}

impl Looked {
    /// What was looked at to plan some rows; `said` is all that came of it, also while it was written.
    pub fn at(context: &Context, rows: &[Row], said: &[Note]) -> Self {
        let mut looked = Self::default();
        for name in context.trackers.keys() {
            looked.trackers.entry(name.clone()).or_default();
        }
        for ((tracker, _), facts) in &context.places {
            if let (Some(answered), Some(facts)) = (looked.trackers.get_mut(tracker), facts.known()) {
                answered.places.insert(facts.id.clone());
            }
        }
        for row in rows {
            for member in &row.findings {
                let key = &member.finding.key;
                looked.findings.insert(key.clone());
                looked.ruled.extend(member.finding.rulings.keys().map(|field| (key.clone(), *field)));
            }
            looked.unread.extend(unread(context, row));
        }
        for note in said {
            let Some(finding) = note.finding.clone() else { continue };
            let (tracker, issue, about) = (note.tracker.clone(), note.issue.clone(), note.about.clone());
            let part = Part { finding, tracker, issue, about };
            if note.kind == NoteKind::Unreachable {
                looked.unread.insert(part);
            } else if note.kind == NoteKind::Deferred {
                looked.untried.insert(part);
            }
        }
        looked
    }

    /// Whether saying nothing more of a note ends it: its subject was looked at, as closely as its kind asks.
    pub fn settles(&self, note: &Note) -> bool {
        match note.subject() {
            // Every cycle looks at the whole register, and at every source of the configuration.
            Subject::Register | Subject::Source(_) => true,
            Subject::Finding(finding) => self.settles_finding(&finding, note),
            Subject::Place(tracker, place) => self.trackers.get(&tracker).is_none_or(|answered| {
                note.kind.nature() == Nature::Look || answered.whole || answered.places.contains(&place)
            }),
            Subject::Tracker(tracker) => self.trackers.get(&tracker).is_none_or(|answered| {
                note.kind.nature() == Nature::Look || answered.time || note.kind != NoteKind::Clock
            }),
        }
    }

    fn settles_finding(&self, finding: &FindingKey, note: &Note) -> bool {
        // The whole register is held against its history in every cycle.
        if note.kind == NoteKind::Misfit || !self.known.contains(finding) {
            return true;
        }
        if !self.findings.contains(finding) {
            return false;
        }
        if self.is_ruled(finding, note) {
            return true;
        }
        let of = |parts| parts_of(parts, finding).any(|part| part.holds(note));
        match note.kind.nature() {
            Nature::Event => true,
            // What could not be read is named in every look.
            Nature::Look if note.kind == NoteKind::Unreachable => true,
            // Without its document a finding is not planned.
            Nature::Look => {
                !parts_of(&self.unread, finding).any(|part| part.tracker.is_none() && part.holds(note))
            }
            Nature::Read => !of(&self.unread),
            Nature::Write => !of(&self.unread) && !of(&self.untried),
        }
    }

    /// Whether a note asks for what a person has said since.
    fn is_ruled(&self, finding: &FindingKey, note: &Note) -> bool {
        match &note.about {
            Some(About::Field(field)) if note.kind == NoteKind::Conflict => {
                self.ruled.contains(&(finding.clone(), *field))
            }
            Some(_) | None => false,
        }
    }
}

/// The parts of a finding: sets are in the order of findings, and the whole of one comes first.
fn parts_of<'a>(parts: &'a BTreeSet<Part>, finding: &'a FindingKey) -> impl Iterator<Item = &'a Part> {
    let whole = Part { finding: finding.clone(), tracker: None, issue: None, about: None };
    parts.range(whole..).take_while(move |part| part.finding == *finding)
}

impl Part {
    /// What an action would write; none if it writes to no tracker.
    pub fn written(action: &Action) -> Option<Self> {
        let issue = match action {
            Action::Edit(edit) => Some(edit.issue.key.clone()),
            Action::Create(_)
            | Action::Record { .. }
            | Action::Adopt { .. }
            | Action::Break { .. }
            | Action::Restore { .. }
            | Action::EndIntent { .. }
            | Action::Rekey { .. } => None,
        };
        let tracker = Some(action.writes_to()?.clone());
        Some(Self { finding: action.finding().clone(), tracker, issue, about: None })
    }

    /// Whether a note belongs to it.
    fn holds(&self, note: &Note) -> bool {
        let is = |part: bool, none: bool| none || part;
        note.finding.as_ref() == Some(&self.finding)
            && is(self.tracker == note.tracker, self.tracker.is_none())
            && is(self.issue == note.issue, self.issue.is_none())
            && is(self.about == note.about, self.about.is_none())
    }
}

/// What of a row could not be read, whether each issue was named or its whole place, and what is not known for that.
fn unread(context: &Context, row: &Row) -> Vec<Part> {
    let mut unread = Vec::new();
    for (link, issue) in &row.links {
        let part = Part {
            finding: link.finding.clone(),
            tracker: Some(link.tracker.clone()),
            issue: Some(link.issue.key.clone()),
            about: None,
        };
        // The issues of a finding speak of its status together, or not at all.
        if !speaks(link, issue) {
            let about = Some(About::Field(Field::Progress));
            unread.push(Part { tracker: None, issue: None, about, ..part.clone() });
        }
        let place = context.places.get(&(link.tracker.clone(), link.issue.place.clone()));
        if place.is_none_or(|place| place.known().is_none()) {
            let about = Some(About::Place(link.issue.place_id.clone()));
            unread.push(Part { about, ..part.clone() });
        }
        if is_unread(context, link, issue) {
            unread.push(part);
        }
    }
    unread
}

/// Whether an issue is where its link says, and shows its status.
fn speaks(link: &Link, issue: &Observed<Issue>) -> bool {
    let here = |issue: &Issue| issue.at.id == link.issue.id && issue.at.place_id == link.issue.place_id;
    issue.known().is_some_and(|issue| here(issue) && issue.shows(Field::Progress))
}

/// Whether nothing is known of an issue: what an account that is not honoured cannot see is not missing.
fn is_unread(context: &Context, link: &Link, issue: &Observed<Issue>) -> bool {
    let account = || context.trackers.get(&link.tracker).and_then(|facts| facts.account.known());
    match issue {
        Observed::Known(_) => false,
        Observed::Missing => account().is_none(),
        Observed::Unknown { .. } => true,
    }
}
