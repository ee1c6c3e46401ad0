//! How fresh the data is, and what may be said about it.
//!
//! Knows the record of the last cycle. It never lets the report say that nothing is overdue while something could not be read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{
    Compact, End, Input,
    data::{Alarm, Counts, Definition, SourceFreshness, TrackerFreshness, Verdict},
    text::{count, foreign, instant, recent},
};
use crate::{
    model::{
        cycle::{CycleRecord, NoteKind},
        ids::TrackerName,
        misfit::Misfit,
    },
    review::calendar::{local_date, uncovered_years},
};

/// A cycle that has not finished after this long was killed.
const CYCLE_HOURS_MAX: i64 = 1;

/// How far in the future a time that a cycle recorded may lie: clocks of two machines differ a little. What is later was
/// told by a clock that was wrong, and proves nothing of now.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(1);

/// Whether a time that was recorded lies in the future.
fn is_ahead(input: &Input<'_>, at: DateTime<Utc>) -> bool {
    at - input.now > AHEAD_MAX
}

/// Every tracker that is configured or linked to.
pub(super) fn trackers(
    input: &Input<'_>,
    links: &BTreeMap<TrackerName, usize>,
    end: &End<'_>,
) -> Vec<TrackerFreshness> {
    let described: BTreeMap<&TrackerName, &str> =
        input.trackers.iter().map(|(name, description)| (name, description.as_str())).collect();
    let names: BTreeSet<&TrackerName> = described.keys().copied().chain(links.keys()).collect();
    let fresh = |name: &TrackerName| {
        let linked = links.get(name).copied().unwrap_or(0);
        TrackerFreshness {
            in_full_since: end.looked_at.get(name).copied().filter(|_| linked > 0),
            ..tracker(input, name, linked, described.get(name))
        }
    };
    names.into_iter().map(fresh).collect()
}

/// Every configured source.
pub(super) fn sources(input: &Input<'_>) -> Vec<SourceFreshness> {
    let cycle = input.register.last_cycle.as_ref();
    let read = |name| cycle.and_then(|cycle| cycle.sources.get(name));
    let unnamed = cycle.into_iter().flat_map(|cycle| cycle.sources.keys());
    let names: BTreeSet<_> = input.sources.iter().chain(unnamed).collect();
    names
        .into_iter()
        .map(|name| {
            let health = read(name).cloned().unwrap_or_default();
            SourceFreshness {
                name: name.clone(),
                read: read(name).is_some(),
                documents: health.documents,
                unreadable: health.unreadable,
                empty: health.empty,
                candidates_only: health.candidates_only,
                findings: health.findings,
                candidates: health.candidates,
            }
        })
        .collect()
}

/// What there is to know first.
pub(super) fn verdict(
    input: &Input<'_>,
    (counts, sections): (&Counts, &Compact),
    (trackers, sources): (&[TrackerFreshness], &[SourceFreshness]),
    misfits: &[Misfit],
) -> Verdict {
    let unknown = unknown(input, (trackers, sources), misfits);
    let complete = unknown.is_empty();
    let never = input.register.last_cycle.is_none();
    let level = match (counts.overdue, complete) {
        _ if never => Alarm::NoData,
        (1.., _) => Alarm::Overdue,
        (0, false) => Alarm::Uncertain,
        (0, true) if waits_for_somebody(counts, sections) => Alarm::Attention,
        (0, true) => Alarm::Clear,
    };
    let zone = input.policy.zone;
    let when = format!("As of {} {}", instant(zone, input.now), zone.name());
    let figures = figures(counts, sections, complete && !never);
    let text = if never {
        let held = match counts.all {
            0 => String::new(),
            all => format!(" The register holds {}: {figures}.", count(all, "finding", "findings")),
        };
        format!("{when}: no data yet, because no cycle has run.{held}")
    } else {
        format!("{when}: {figures}.")
    };
    let freshness: Vec<String> = trackers.iter().map(|tracker| spoken(input, tracker)).collect();
    Verdict { level, text, freshness: freshness.join("; "), complete, unknown }
}

/// What the words mean, and what the reader should know about the calendar.
pub(super) fn definitions(input: &Input<'_>, last_verification: Option<NaiveDate>) -> Vec<Definition> {
    let policy = input.policy;
    let mut definitions: Vec<Definition> = [
        (
            "Overdue",
            "the deadline's local day has ended and somebody is still to act; due today is not overdue"
                .to_owned(),
        ),
        ("Due", "the newest approved extension, else the first deadline, which never changes".to_owned()),
        (
            "Waiting for verification",
            format!(
                "claimed done; a reviewer who neither owns nor claimed it has {} to verify or reject",
                count(policy.verify_business_days as usize, "business day", "business days")
            ),
        ),
        (
            "Declined upstream",
            "its issues were closed without being done, which never resolves a finding".to_owned(),
        ),
        (
            "Stale",
            format!(
                "no change of the finding or its issues for {} days; a sync is no change",
                policy.stale_days
            ),
        ),
        (
            "Totals",
            "open + in progress + waiting for verification + resolved + risk accepted + dismissed = all"
                .to_owned(),
        ),
    ]
    .into_iter()
    .map(|(term, text)| Definition { term: term.to_owned(), text })
    .collect();
    let today = local_date(policy.zone, input.now);
    let last = last_verification.map_or(today, |last| last.max(today));
    for year in uncovered_years(&policy.calendar, today, last) {
        let text = format!(
            "the calendar `{}` lists no holidays for {year}: business days of that year may be too early",
            foreign(&policy.calendar.name)
        );
        definitions.push(Definition { term: "Calendar".to_owned(), text });
    }
    definitions
}

fn tracker(
    input: &Input<'_>,
    name: &TrackerName,
    links: usize,
    description: Option<&&str>,
) -> TrackerFreshness {
    let cycle = input.register.last_cycle.as_ref();
    let health = cycle.and_then(|cycle| cycle.trackers.get(name)).cloned().unwrap_or_default();
    let paused = input.register.pauses.get(name).copied().or(health.paused_until);
    let recent =
        health.read.is_some_and(|read| input.now - read <= input.options.fresh_for && !is_ahead(input, read));
    TrackerFreshness {
        name: name.clone(),
        description: description.map_or_else(
            || "not in the configuration any more".to_owned(),
            |description| foreign(description),
        ),
        read: health.read,
        in_full_since: None,
        complete: recent && health.error.is_none() && health.unreadable == 0,
        error: health.error.as_deref().map(foreign),
        links,
        unreadable: health.unreadable,
        paused_until: paused.filter(|until| *until > input.now),
    }
}

/// Everything that could not be read, since when and why.
fn unknown(
    input: &Input<'_>,
    (trackers, sources): (&[TrackerFreshness], &[SourceFreshness]),
    misfits: &[Misfit],
) -> Vec<String> {
    let misfits = misfits.iter().map(ToString::to_string);
    let Some(cycle) = &input.register.last_cycle else {
        let nothing = "nothing has been read yet: no cycle has run".to_owned();
        return misfits.chain([nothing]).collect();
    };
    let ahead = is_ahead(input, cycle.started).then(|| {
        "the last cycle ran with a clock that was ahead: what it says was read and when cannot be told"
            .to_owned()
    });
    let killed = cycle.finished.is_none() && input.now - cycle.started > TimeDelta::hours(CYCLE_HOURS_MAX);
    let unfinished = killed.then(|| {
        format!("the cycle begun {} did not finish", recent(input.policy.zone, cycle.started, input.now))
    });
    let trackers = trackers.iter().filter(|tracker| !tracker.complete).map(|tracker| spoken(input, tracker));
    let sources = sources.iter().filter_map(|source| match (source.read, source.unreadable) {
        (false, _) => Some(format!("the source {} was never read", source.name)),
        (true, 0) => None,
        (true, n) => Some(format!(
            "{n} of {} of the source {} could not be read",
            count(source.documents.max(n), "document", "documents"),
            source.name
        )),
    });
    let notes = input.register.notes.iter().map(|standing| &standing.note);
    let of = |kinds: &[NoteKind]| {
        let said = notes.clone().filter(|note| kinds.contains(&note.kind));
        said.filter_map(|note| note.finding.as_ref()).collect::<BTreeSet<_>>().len()
    };
    let told = |n: usize, what: &str| (n > 0).then(|| format!("{} {what}", count(n, "finding", "findings")));
    let unread = told(of(&[NoteKind::Unreachable]), "could not be looked at in the last cycle");
    let unwritten = [NoteKind::Failed, NoteKind::Refused, NoteKind::Waiting];
    let unwritten = told(of(&unwritten), "could not be written to the tracker as it should be");
    let stale = stale_sources(input, cycle);
    let of_sources = stale.into_iter().chain(sources);
    misfits
        .chain(ahead)
        .chain(unfinished)
        .chain(trackers)
        .chain(unread)
        .chain(unwritten)
        .chain(of_sources)
        .collect()
}

/// Sources whose documents were last listed too long ago.
fn stale_sources(input: &Input<'_>, cycle: &CycleRecord) -> Vec<String> {
    let read = cycle.sources.iter().filter_map(|(name, health)| Some((name, health.read?)));
    let stale = read.filter(|(_, read)| input.now - *read > input.options.fresh_for);
    stale
        .map(|(name, read)| {
            format!("the source {name} was last read {}", recent(input.policy.zone, read, input.now))
        })
        .collect()
}

/// A tracker's freshness in words.
fn spoken(input: &Input<'_>, tracker: &TrackerFreshness) -> String {
    let when = |at: DateTime<Utc>| recent(input.policy.zone, at, input.now);
    let name = &tracker.name;
    let why = tracker.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
    let paused =
        tracker.paused_until.map(|until| format!(", paused until {}", when(until))).unwrap_or_default();
    match tracker.read {
        Some(read) if tracker.complete => {
            let older = tracker.in_full_since.filter(|since| *since < read);
            let full =
                older.map(|since| format!(" (each of its issues since {})", when(since))).unwrap_or_default();
            format!("{name} read {}{full}{paused}", when(read))
        }
        None => format!("{name} was never read{why}{paused}"),
        Some(read) if is_ahead(input, read) => {
            format!("{name} read by a clock that was ahead, so nobody knows when{why}{paused}")
        }
        Some(read) if tracker.unreadable > 0 && tracker.error.is_none() => format!(
            "{name} read {}, but {} of {} could not be read{paused}",
            when(read),
            tracker.unreadable,
            count(tracker.links.max(tracker.unreadable), "linked issue", "linked issues"),
        ),
        Some(read) => format!("{name} not read since {}{why}{paused}", when(read)),
    }
}

fn waits_for_somebody(counts: &Counts, sections: &Compact) -> bool {
    let counted = [
        counts.pending_verification,
        counts.unowned,
        counts.unmapped,
        counts.severity_unclear,
        counts.reviews_due,
        counts.waivers_ending,
    ];
    counted.into_iter().any(|n| n > 0)
        || !(sections.declined.len() == 0 && sections.decisions.is_empty() && sections.unrouted.len() == 0)
}

/// The figures in words. Only a complete read may say that nothing is overdue.
fn figures(counts: &Counts, sections: &Compact, complete: bool) -> String {
    let overdue = match (counts.overdue, counts.overdue_critical) {
        (0, _) if complete => "nothing overdue".to_owned(),
        (0, _) => "no finding known to be overdue (not everything could be read or written)".to_owned(),
        (n, 0) => format!("{n} overdue"),
        (n, critical) => format!("{n} overdue ({critical} critical)"),
    };
    let late = match counts.verification_overdue {
        0 => String::new(),
        n => format!(" ({n} for too long)"),
    };
    let decisions: usize = sections.decisions.iter().map(|notes| notes.notes.len()).sum();
    let rest = [
        (
            counts.pending_verification,
            format!("{} waiting for verification{late}", counts.pending_verification),
        ),
        (sections.declined.len(), format!("{} declined upstream", sections.declined.len())),
        (decisions, format!("{decisions} to decide")),
        (
            counts.waivers_ending,
            format!("{} ending or ended", count(counts.waivers_ending, "waiver", "waivers")),
        ),
        (counts.reviews_due, format!("{} due", count(counts.reviews_due, "review", "reviews"))),
        (counts.unowned, format!("{} without an owner", counts.unowned)),
        (counts.unmapped, format!("{} whose owner people.yaml does not know", counts.unmapped)),
        (
            counts.severity_unclear,
            format!(
                "{} whose stated severity is not understood (counted as high until a person says otherwise)",
                counts.severity_unclear
            ),
        ),
        (sections.unrouted.len(), format!("{} unrouted", sections.unrouted.len())),
    ];
    let rest = rest.into_iter().filter(|(n, _)| *n > 0).map(|(_, what)| what);
    std::iter::once(overdue).chain(rest).collect::<Vec<_>>().join(", ")
}
