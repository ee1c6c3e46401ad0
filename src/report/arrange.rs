//! Which finding belongs in which list, and in what order.
//!
//! Knows rows and notes; a row is looked at once, in the order of keys, and not kept. Every unresolved finding gets into at least one
//! list; the last one takes what no other takes.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{
    Compact, End, Input, Routed,
    data::Counts,
    lists::{Keys, List, Strays, by_day, by_due, by_end, by_urgency, by_verification, by_waiver},
    notes::{by_kind, intake, is_sync_problem, shown, told},
    row::Row,
    sections::{Group, OwnerGroup, Sections, Team, Upcoming},
    text::foreign,
};
use crate::{
    model::{
        cycle::NoteKind,
        finding::Finding,
        ids::FindingKey,
        register::Register,
        terms::{Severity, State, Tlp},
    },
    plan::identity::Repeats,
    review::flags::Flag,
};

/// Bounds of the lists of what is due next, in days.
const UPCOMING_DAYS: [i64; 3] = [7, 14, 30];

/// Days for which what was resolved or dismissed stays in the report.
const CLOSED_DAYS: i64 = 30;

/// How many of the worst are named first.
const WORST: usize = 10;

/// A team or an owner; none sorts first: what nobody owns stands at the top.
type Name = Option<String>;

/// The lists as they grow, and what is known of the rows in them.
#[derive(Debug)]
pub(super) struct Lists {
    recently: DateTime<Utc>,
    /// Findings of which notes tell.
    noted: BTreeSet<FindingKey>,
    /// Why findings are without a rule, as it was noted.
    noted_why: BTreeMap<FindingKey, String>,
    /// Paths of which diagnostics tell.
    diagnosed: BTreeSet<String>,
    keys: Keys,
    counts: Counts,
    /// The worst of those that are overdue.
    worst: BTreeSet<(Severity, Reverse<i64>, FindingKey)>,
    overdue: BTreeMap<Name, BTreeMap<Name, List>>,
    upcoming: [List; UPCOMING_DAYS.len()],
    groups: BTreeMap<String, List>,
    verification: List,
    declined: List,
    reviews: List,
    waivers: List,
    unowned: List,
    unmapped: List,
    severity_unclear: List,
    source_missing: List,
    later: List,
    closed: List,
    unrouted: Vec<(u32, u32)>,
    whys: BTreeMap<String, u32>,
    repeats: Repeats<Repeated>,
    shown: Shown,
    /// Of those that are noted, those whose text is withheld.
    withheld: BTreeSet<FindingKey>,
    /// Of the paths that are diagnosed, those of documents whose text is withheld.
    secret: BTreeSet<String>,
    /// The last day to verify anything.
    last_verification: Option<NaiveDate>,
}

/// What is known of a finding that may ask for the same as another.
#[derive(Debug)]
struct Repeated {
    key: FindingKey,
    is_unresolved: bool,
    is_listed: bool,
    tlp: Tlp,
    withheld: bool,
}

/// What is known of all rows that some list names.
#[derive(Debug)]
pub(super) struct Shown {
    tlp: Tlp,
    /// Those whose text is withheld.
    pub(super) withheld: usize,
}

impl Shown {
    fn add(&mut self, tlp: Tlp, withheld: bool) {
        if withheld {
            self.withheld += 1;
        } else {
            self.tlp = self.tlp.max(tlp);
        }
    }
}

/// All lists, and what follows from them.
#[derive(Debug)]
pub(super) struct Arranged {
    /// The lists.
    pub(super) sections: Compact,
    /// Counts of everything.
    pub(super) counts: Counts,
    /// The class of the report: the highest of the texts that it shows. Diagnostics quote documents, which are AMBER by default.
    pub(super) tlp: Tlp,
    /// Findings whose text is withheld.
    pub(super) withheld: usize,
    /// The last day to verify anything.
    pub(super) last_verification: Option<NaiveDate>,
    /// What some list names: by number, and by being a repeat.
    pub(super) names: (Arc<Keys>, BTreeSet<FindingKey>),
}

impl Lists {
    /// Empty lists.
    pub(super) fn new(input: &Input<'_>) -> Self {
        let Register { notes, misfits, last_cycle, .. } = input.register;
        let events = last_cycle.iter().flat_map(|cycle| &cycle.events);
        let noted = notes.iter().map(|standing| &standing.note).chain(events);
        let of_misfits = misfits.iter().filter_map(|misfit| misfit.row.finding());
        let noted = noted.filter_map(|note| note.finding.clone()).chain(of_misfits).collect();
        let unrouted = told(input, misfits).into_iter().map(|standing| standing.note);
        let unrouted = unrouted.filter(|note| note.kind == NoteKind::Unrouted);
        let diagnostics = last_cycle.iter().flat_map(|cycle| &cycle.diagnostics);
        Self {
            recently: input.now - TimeDelta::days(CLOSED_DAYS),
            noted,
            noted_why: unrouted.filter_map(|note| Some((note.finding?, note.why))).collect(),
            diagnosed: diagnostics.map(|diagnostic| diagnostic.path.clone()).collect(),
            keys: Keys::default(),
            counts: Counts::default(),
            worst: BTreeSet::new(),
            overdue: BTreeMap::new(),
            upcoming: Default::default(),
            groups: BTreeMap::new(),
            verification: List::default(),
            declined: List::default(),
            reviews: List::default(),
            waivers: List::default(),
            unowned: List::default(),
            unmapped: List::default(),
            severity_unclear: List::default(),
            source_missing: List::default(),
            later: List::default(),
            closed: List::default(),
            unrouted: Vec::new(),
            whys: BTreeMap::new(),
            repeats: Repeats::default(),
            shown: Shown { tlp: Tlp::Clear, withheld: 0 },
            withheld: BTreeSet::new(),
            secret: BTreeSet::new(),
            last_verification: None,
        }
    }

    /// Takes the next finding, in the order of keys.
    pub(super) fn take(
        &mut self,
        finding: &Finding,
        row: &Row,
        (routed, is_repeated): (Option<&Routed>, bool),
    ) {
        self.count(row);
        self.remember(finding, row);
        if has(row, Flag::Overdue) {
            self.worst.insert((row.severity, Reverse(row.days_overdue), row.key.clone()));
            if self.worst.len() > WORST {
                self.worst.pop_last();
            }
        }
        let is_listed = self.list(row, routed);
        if is_listed {
            self.keys.add(&row.key);
            self.shown.add(row.tlp, row.withheld);
        }
        if is_repeated {
            let (key, is_unresolved) = (finding.key.clone(), finding.state.is_unresolved());
            let (tlp, withheld) = (row.tlp, row.withheld);
            self.repeats.take(finding, Repeated { key, is_unresolved, is_listed, tlp, withheld });
        }
    }

    /// Puts a row into each list that it belongs in; whether there is one.
    fn list(&mut self, row: &Row, routed: Option<&Routed>) -> bool {
        let n = self.keys.next();
        let mut is_listed = false;
        let mut put = |list: &mut List, place| {
            list.put(place, n);
            is_listed = true;
        };
        let has = |flag| has(row, flag);
        if has(Flag::Overdue) {
            let owners = self.overdue.entry(row.team.clone()).or_default();
            put(owners.entry(row.owner.clone()).or_default(), by_urgency(row));
        }
        if let Some(list) = bucket(row).and_then(|n| self.upcoming.get_mut(n)) {
            put(list, by_day(row.due, row));
        }
        if let Some(Routed::Group(group)) = routed.filter(|_| row.state.is_unresolved()) {
            put(self.groups.entry(foreign(group.as_str())).or_default(), by_due(row));
        }
        if let Some(closed) = row.closed.as_ref().filter(|closed| closed.at >= self.recently) {
            put(&mut self.closed, by_end(closed.at));
        }
        let waiver = row.waiver.as_ref().map(|waiver| waiver.expires);
        for (holds, list, place) in [
            (row.verification.is_some(), &mut self.verification, by_verification(row)),
            (has(Flag::DeclinedUpstream), &mut self.declined, by_urgency(row)),
            (has(Flag::ReviewDue), &mut self.reviews, by_day(row.next_review, row)),
            (waived(row), &mut self.waivers, by_waiver(waiver)),
            (has(Flag::Unowned), &mut self.unowned, by_urgency(row)),
            (has(Flag::UnmappedOwner), &mut self.unmapped, by_urgency(row)),
            (is_unclear(row), &mut self.severity_unclear, by_urgency(row)),
            (has(Flag::SourceMissing), &mut self.source_missing, by_urgency(row)),
            (is_later(row), &mut self.later, by_due(row)),
        ] {
            if holds {
                put(list, place);
            }
        }
        if let Some(why) = self.why(row, routed) {
            let next = u32::try_from(self.whys.len()).unwrap_or(u32::MAX);
            self.unrouted.push((n, *self.whys.entry(why).or_insert(next)));
            is_listed = true;
        }
        is_listed
    }

    /// Why no rule takes it: what the rules say now; where they were not asked, what the last cycle noted.
    fn why(&self, row: &Row, routed: Option<&Routed>) -> Option<String> {
        let why = match routed {
            _ if !row.state.is_unresolved() => None,
            Some(Routed::Unrouted { why }) => Some(why.as_str()),
            Some(Routed::Group(_) | Routed::Destination(_)) => None,
            None => self.noted_why.get(&row.key).map(String::as_str),
        };
        why.map(|why| shown(row.withheld, why))
    }

    fn count(&mut self, row: &Row) {
        let counts = &mut self.counts;
        counts.all += 1;
        *match row.state {
            State::Open => &mut counts.open,
            State::InProgress => &mut counts.in_progress,
            State::PendingVerification => &mut counts.pending_verification,
            State::Resolved => &mut counts.resolved,
            State::RiskAccepted => &mut counts.risk_accepted,
            State::Dismissed => &mut counts.dismissed,
        } += 1;
        let has = |flag| has(row, flag);
        let is_overdue = has(Flag::Overdue);
        counts.overdue += usize::from(is_overdue);
        counts.overdue_critical += usize::from(is_overdue && row.severity == Severity::Critical);
        counts.verification_overdue += usize::from(has(Flag::VerificationOverdue));
        counts.unowned += usize::from(has(Flag::Unowned));
        counts.unmapped += usize::from(has(Flag::UnmappedOwner));
        counts.severity_unclear += usize::from(is_unclear(row));
        counts.reviews_due += usize::from(has(Flag::ReviewDue));
        counts.waivers_ending += usize::from(has(Flag::WaiverExpired) || has(Flag::WaiverExpiring));
    }

    /// Remembers what notes, diagnostics and definitions need to know of a row.
    fn remember(&mut self, finding: &Finding, row: &Row) {
        if row.withheld && self.noted.contains(&row.key) {
            self.withheld.insert(row.key.clone());
        }
        if row.withheld && self.diagnosed.contains(&finding.stated.path) {
            self.secret.insert(finding.stated.path.clone());
        }
        let by = row.verification.as_ref().and_then(|line| line.by);
        self.last_verification = self.last_verification.max(by);
    }

    /// The lists in order, once every finding was taken.
    pub(super) fn arranged(mut self, input: &Input<'_>, end: &End<'_>) -> Arranged {
        let (repeats, only_repeats) = self.repeated();
        let keys = Arc::new(std::mem::take(&mut self.keys));
        let list = |list: List| list.sorted(&keys);
        let owner = |(owner, findings)| OwnerGroup { owner, findings: list(findings) };
        let team = |(team, owners): (Name, BTreeMap<Name, List>)| Team {
            team,
            owners: owners.into_iter().map(owner).collect(),
        };
        let notes = told(input, end.misfits);
        let cycle = input.register.last_cycle.as_ref();
        let mut counts = self.counts;
        let working = counts.open + counts.in_progress + counts.pending_verification;
        counts.reconciles = working + counts.resolved + counts.risk_accepted + counts.dismissed == counts.all;
        let mut whys: Vec<(String, u32)> = self.whys.into_iter().collect();
        whys.sort_by_key(|(_, n)| *n);
        let whys = whys.into_iter().map(|(why, _)| why).collect();
        let sections = Sections {
            worst: self.worst.into_iter().map(|(_, _, key)| key).collect(),
            overdue: self.overdue.into_iter().map(team).collect(),
            verification: list(self.verification),
            declined: list(self.declined),
            decisions: by_kind(&self.withheld, &notes, NoteKind::needs_person),
            upcoming: UPCOMING_DAYS
                .into_iter()
                .zip(self.upcoming)
                .map(|(days, findings)| Upcoming { days, findings: list(findings) })
                .collect(),
            reviews: list(self.reviews),
            waivers: list(self.waivers),
            groups: self
                .groups
                .into_iter()
                .map(|(group, findings)| Group { group, findings: list(findings) })
                .collect(),
            unowned: list(self.unowned),
            unmapped: list(self.unmapped),
            severity_unclear: list(self.severity_unclear),
            unrouted: Strays::of(&keys, self.unrouted, whys),
            sync: by_kind(&self.withheld, &notes, is_sync_problem),
            intake: cycle.map_or_else(Vec::new, |cycle| intake(&self.secret, &cycle.diagnostics)),
            source_missing: list(self.source_missing),
            repeats,
            later: list(self.later),
            closed: list(self.closed),
        };
        let base = if sections.intake.is_empty() { Tlp::Clear } else { Tlp::Amber };
        Arranged {
            counts,
            tlp: base.max(self.shown.tlp),
            withheld: self.shown.withheld,
            last_verification: self.last_verification,
            names: (keys, only_repeats),
            sections,
        }
    }

    /// Findings of different postmortems that ask for the same, where one is unresolved; and those that are in no other list.
    fn repeated(&mut self) -> (Vec<Vec<FindingKey>>, BTreeSet<FindingKey>) {
        let groups = std::mem::take(&mut self.repeats).groups();
        let groups = groups.into_iter().filter(|group| group.iter().any(|known| known.is_unresolved));
        let (mut repeats, mut unlisted) = (Vec::new(), BTreeSet::new());
        for group in groups {
            for known in group.iter().filter(|known| !known.is_listed) {
                self.shown.add(known.tlp, known.withheld);
                unlisted.insert(known.key.clone());
            }
            repeats.push(group.into_iter().map(|known| known.key).collect());
        }
        (repeats, unlisted)
    }
}

/// Whether its stated severity is not understood, and still matters.
fn is_unclear(row: &Row) -> bool {
    row.severity_unclear.is_some() && row.state.is_unresolved()
}

fn has(row: &Row, flag: Flag) -> bool {
    row.flags.contains(&flag)
}

/// Which of the lists of what is due next it belongs in.
fn bucket(row: &Row) -> Option<usize> {
    let left = row.days_left.filter(|left| *left >= 0)?;
    let is_due = row.state.is_running() && !has(row, Flag::Overdue);
    UPCOMING_DAYS.iter().position(|days| is_due && left <= *days)
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
