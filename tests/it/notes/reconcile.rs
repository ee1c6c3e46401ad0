//! Whatever stood, was looked at and is said: the rule by which notes begin, go on and end.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use postmortem_sync::{
    model::{
        cycle::{Note, NoteKind},
        issue::Field,
        note::{About, Nature, NoteName, Standing, Subject},
    },
    plan::notes::{Answered, Looked, Part, Reconciled, reconcile},
    plan::plan,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::{
    build::{minutes, now},
    plan_stability::{rows, rules},
};

const KINDS: [NoteKind; 24] = [
    NoteKind::Unrouted,
    NoteKind::Held,
    NoteKind::Exposed,
    NoteKind::Waiting,
    NoteKind::Conflict,
    NoteKind::Overruled,
    NoteKind::Refused,
    NoteKind::Unreachable,
    NoteKind::Quarantined,
    NoteKind::Moved,
    NoteKind::Drift,
    NoteKind::Duplicate,
    NoteKind::Rerouted,
    NoteKind::Renamed,
    NoteKind::Deferred,
    NoteKind::Stale,
    NoteKind::Failed,
    NoteKind::Register,
    NoteKind::SourceMissing,
    NoteKind::UnknownPerson,
    NoteKind::Clock,
    NoteKind::Misfit,
    NoteKind::DefaultOwner,
    NoteKind::PutBack,
];

fn about() -> impl Strategy<Value = Option<About>> {
    let about = [About::Field(Field::Owner), About::Place("7".to_owned()), About::Issue("X-9".to_owned())];
    option::of(select(about.to_vec()))
}

/// A note of few kinds, so that many have one name.
fn note() -> impl Strategy<Value = Note> {
    let of = (option::of(select(vec!["PM-1/F1", "PM-1/F2"])), option::of(select(vec!["github", "jira"])));
    let rest = (option::of(Just("X-1".to_owned())), about(), select(vec!["a", "b", "c"]), any::<bool>());
    (select(KINDS.to_vec()), of, rest, any::<bool>()).prop_map(
        |(kind, (finding, tracker), (issue, about, why, ends), of_source)| Note {
            finding: finding.map(Into::into),
            tracker: tracker.map(Into::into),
            issue,
            source: (of_source && finding.is_none()).then(|| "postmortems".into()),
            about,
            until: ends.then(|| minutes(15)),
            ..Note::new(kind, why)
        },
    )
}

fn part() -> impl Strategy<Value = Part> {
    let tracker = option::of(select(vec!["github", "jira"]));
    (select(vec!["PM-1/F1", "PM-1/F2"]), tracker, option::of(Just("X-1".to_owned())), about()).prop_map(
        |(finding, tracker, issue, about)| Part {
            finding: finding.into(),
            tracker: tracker.map(Into::into),
            issue,
            about,
        },
    )
}

fn looked() -> impl Strategy<Value = Looked> {
    let findings = || proptest::sample::subsequence(vec!["PM-1/F1", "PM-1/F2"], 0..=2);
    let answered = (any::<bool>(), any::<bool>(), option::of(Just("7".to_owned())))
        .prop_map(|(whole, time, place)| Answered { whole, time, places: place.into_iter().collect() });
    let parts = || vec(part(), 0..3);
    (findings(), findings(), option::of(answered), parts(), parts()).prop_map(
        |(known, planned, answered, unread, untried)| Looked {
            known: known.into_iter().map(Into::into).collect(),
            findings: planned.into_iter().map(Into::into).collect(),
            trackers: answered.into_iter().map(|answered| ("github".into(), answered)).collect(),
            unread: unread.into_iter().collect(),
            untried: untried.into_iter().collect(),
            ruled: BTreeSet::new(),
        },
    )
}

fn states(said: &[Note]) -> BTreeSet<&Note> {
    said.iter().filter(|note| note.kind.nature() != Nature::Event).collect()
}

/// A name without its number.
fn group(standing: &Standing) -> NoteName {
    NoteName { nth: 0, ..standing.name() }
}

/// The register's rows after what a cycle says of notes is written: what ended first.
fn written(kept: &[Standing], result: &Reconciled) -> Vec<Standing> {
    let mut rows: BTreeMap<NoteName, Standing> =
        kept.iter().map(|standing| (standing.name(), standing.clone())).collect();
    for name in &result.ended {
        assert!(rows.remove(name).is_some(), "only what stood can end: {name:?}");
    }
    rows.extend(result.put.iter().map(|standing| (standing.name(), standing.clone())));
    let mut rows: Vec<Standing> = rows.into_values().collect();
    rows.sort();
    rows
}

fn check(kept: &[Standing], looked: &Looked, said: &[Note], at: DateTime<Utc>) -> Result<(), TestCaseError> {
    let result = reconcile(kept, looked, said, at);
    let standing = &result.standing;
    let names: BTreeSet<NoteName> = standing.iter().map(Standing::name).collect();
    prop_assert_eq!(names.len(), standing.len(), "each has a name of its own");
    prop_assert_eq!(&written(kept, &result), standing, "the rows are what stands");
    for note in states(said) {
        let name = group(&Standing { note: note.clone(), since: at, nth: 0 });
        let is_it = |standing: &&Standing| standing.note.why == note.why && group(standing) == name;
        let stands: Vec<&Standing> = standing.iter().filter(is_it).collect();
        prop_assert_eq!(stands.len(), 1, "what is said stands once: {:?}", note);
        let same = |old: &&Standing| old.note.why == note.why && group(old) == group(stands[0]);
        let since: Vec<DateTime<Utc>> = kept.iter().filter(same).map(|old| old.since).collect();
        prop_assert!(since.is_empty() || since.contains(&stands[0].since), "said again, it keeps its time");
    }
    prop_assert!(standing.iter().all(|standing| standing.note.kind.nature() != Nature::Event));
    for old in kept {
        let same =
            |note: &&&Note| group(&Standing { note: (**note).clone(), since: at, nth: 0 }) == group(old);
        if states(said).iter().any(|note| same(&note)) {
            continue;
        }
        let stands = standing.contains(old);
        prop_assert_eq!(stands, !old.is_over(at) && !looked.settles(&old.note), "{:?}", old);
    }
    let begun: BTreeSet<DateTime<Utc>> = kept.iter().map(|old| old.since).chain([at]).collect();
    prop_assert!(standing.iter().all(|standing| begun.contains(&standing.since)));
    Ok(())
}

/// The same as a cycle later, if nothing was said that was not said before.
fn quiet(looked: &Looked, said: &[Note], before: &[Standing]) -> Result<(), TestCaseError> {
    let once = reconcile(before, looked, said, minutes(1)).standing;
    let again = reconcile(&once, looked, said, minutes(2));
    prop_assert_eq!((&again.standing, again.put.len(), again.ended.len()), (&once, 0, 0));
    Ok(())
}

proptest! {
    #[test]
    fn notes_begin_go_on_and_end_by_the_rule(
        looks in vec((looked(), vec(note(), 0..8)), 1..5),
    ) {
        let mut kept = Vec::new();
        for (n, (looked, said)) in looks.iter().enumerate() {
            let at = minutes(10 * i64::try_from(n).unwrap());
            check(&kept, looked, said, at)?;
            quiet(looked, said, &[])?;
            kept = reconcile(&kept, looked, said, at).standing;
        }
    }
}

#[test]
fn what_was_not_looked_at_stands_and_what_was_looked_at_ends() {
    let kept: Vec<Standing> = ["github", "jira"]
        .map(|tracker| Note::new(NoteKind::Drift, "x").of(&"PM-1/F1".into()).at(&tracker.into()).on("X-1"))
        .map(|note| Standing { note, since: now(), nth: 0 })
        .to_vec();
    let unread = Part {
        finding: "PM-1/F1".into(),
        tracker: Some("jira".into()),
        issue: Some("X-1".to_owned()),
        about: None,
    };
    let looked = Looked {
        known: ["PM-1/F1".into()].into(),
        findings: ["PM-1/F1".into()].into(),
        unread: [unread].into(),
        ..Looked::default()
    };
    let result = reconcile(&kept, &looked, &[], minutes(5));
    assert_eq!((result.standing, result.put.len()), (vec![kept[1].clone()], 0));
    assert_eq!(result.ended, [kept[0].name()]);
}

#[test]
fn a_conflict_that_a_person_settled_ends_although_its_issue_cannot_be_read() {
    let conflict = |field: Field| {
        let note = Note::new(NoteKind::Conflict, "x").of(&"PM-1/F1".into()).at(&"jira".into()).on("X-1");
        Standing { note: note.about(About::Field(field)), since: now(), nth: 0 }
    };
    let kept = [conflict(Field::Owner), conflict(Field::Progress)];
    let looked = Looked {
        known: ["PM-1/F1".into()].into(),
        findings: ["PM-1/F1".into()].into(),
        unread: [Part { finding: "PM-1/F1".into(), tracker: None, issue: None, about: None }].into(),
        ruled: [("PM-1/F1".into(), Field::Owner)].into(),
        ..Looked::default()
    };
    let result = reconcile(&kept, &looked, &[], minutes(5));
    assert_eq!((result.standing, result.ended), (vec![kept[1].clone()], vec![kept[0].name()]));
}

#[test]
fn a_note_in_other_words_is_the_same_note() {
    let said = |why: &str| Note::new(NoteKind::Held, why).of(&"PM-1/F1".into());
    let kept = [Standing { note: said("of 11 issues"), since: now(), nth: 0 }];
    let looked = Looked::default();
    let result = reconcile(&kept, &looked, &[said("of 12 issues")], minutes(5));
    assert_eq!(result.standing, [Standing { note: said("of 12 issues"), since: now(), nth: 0 }]);
    assert_eq!((result.put.len(), result.ended.len()), (1, 0));
}

#[test]
fn the_planner_says_no_two_things_by_one_name() {
    let said = plan(&rules(), &rows()).notes;
    let result = reconcile(&[], &Looked::default(), &said, now());
    assert!(result.standing.iter().all(|standing| standing.nth == 0), "{:#?}", result.standing);
    let of_findings = result.standing.iter().filter(|s| matches!(s.note.subject(), Subject::Finding(_)));
    assert!(of_findings.count() > 5);
}

#[test]
fn a_kind_is_written_as_it_is_told() {
    for kind in KINDS {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}
