//! What planning makes of places: which one is meant, what a refusal was met under, and which links come back.

use postmortem_sync::{
    model::{
        cycle::NoteKind,
        issue::{Issue, PlaceFacts, Visibility},
        link::{End, Refusal, Tombstone},
        observed::Observed,
        place::{PlaceState, Unseen},
        rule::Outcome,
    },
    plan::{
        action::{Action, Plan},
        places::still_refused,
        plan,
        snapshot::{Context, FindingRow, Row},
    },
};

use crate::build::{
    context, destination, facts, finding, issue, issue_ref, link, linked, member, minutes, now, place, rule,
    tombstone,
};

const KEY: &str = "PM-1/F1";

fn one(context: &Context, row: Row) -> Plan {
    plan(context, &[row])
}

/// A context whose rule names `acme/payments`, which was pinned to the number 77 and is called `acme/billing` now.
fn renamed() -> Context {
    let mut context = context();
    let key = ("github".into(), "acme/payments".into());
    context.pinned.insert(key.clone(), place("acme/payments"));
    context
        .places
        .insert(key, Observed::Known(PlaceFacts { name: "acme/billing".into(), ..facts("acme/payments") }));
    let mut state = PlaceState::new("github".into(), "77".to_owned(), "acme/payments".into());
    state.call(&"acme/billing".into());
    context.sights.insert(("github".into(), "77".to_owned()), state);
    context
}

/// Issue 12 of a place with a number.
fn in_place(place: &str, id: &str) -> Issue {
    let mut moved = issue(3);
    moved.at.id.id = "9500".to_owned();
    moved.at.key = format!("{place}#12");
    moved.at.place = place.into();
    moved.at.place_id = id.to_owned();
    moved
}

#[test]
fn a_place_is_the_one_with_its_number_whatever_its_name() {
    let context = renamed();
    let sends = |place: &str, id: &str| context.sends_to(&"github".into(), &in_place(place, id).at).cloned();
    assert_eq!(sends("acme/billing", "77"), Some("acme/payments".into()));
    assert_eq!(sends("acme/payments", "78"), None, "another one took over the name");
    assert_eq!(sends("acme/billing", "78"), None);
    let never_used = Context {
        rules: vec![rule("more", Outcome::Create(destination("github", "acme/more")))],
        ..super::build::context()
    };
    let sends = |place: &str| never_used.sends_to(&"github".into(), &in_place(place, "79").at).is_some();
    assert!(sends("ACME/more") && !sends("acme/less"));
}

#[test]
fn an_issue_that_was_transferred_into_a_renamed_place_goes_by_the_name_of_the_rule() {
    let mut elsewhere = link(KEY, 3);
    elsewhere.issue.place = "acme/platform".into();
    elsewhere.issue.place_id = "70".to_owned();
    let plan = one(&renamed(), linked(finding(KEY), elsewhere, in_place("acme/billing", "77")));
    let followed = plan.actions.iter().find_map(|action| match action {
        Action::Rekey { becomes, .. } => Some(becomes),
        _ => None,
    });
    let followed = followed.expect("it is followed");
    assert_eq!(
        (&followed.destination, &followed.issue.place),
        (&"acme/payments".into(), &"acme/billing".into())
    );
    let told: Vec<&str> = plan
        .notes
        .iter()
        .filter(|note| note.kind == NoteKind::Renamed)
        .map(|note| note.why.as_str())
        .collect();
    assert!(told.len() == 1 && told[0].contains("write the new name"), "{told:?}");
}

#[test]
fn a_refusal_ends_with_its_time_or_with_the_facts_of_its_place() {
    let before = facts("acme/payments");
    let met = |facts: Option<&PlaceFacts>, until| Refusal {
        why: "no".to_owned(),
        asked: None,
        until,
        facts: facts.map(PlaceFacts::digest),
    };
    let archived = PlaceFacts { closed: Some("archived".to_owned()), ..before.clone() };
    let frozen = PlaceFacts { frozen: Some("archived".to_owned()), ..before.clone() };
    let public = PlaceFacts { visibility: Visibility::Public, ..before.clone() };
    let powers = PlaceFacts { powers: Some("push".to_owned()), ..before.clone() };
    let again = PlaceFacts { read: minutes(30), name: "acme/billing".into(), ..before.clone() };
    for (facts, holds) in [
        (&archived, false),
        (&frozen, false),
        (&public, false),
        (&powers, false),
        (&again, true),
        (&before, true),
    ] {
        assert_eq!(still_refused(&met(Some(&before), minutes(60)), Some(facts), now()), holds, "{facts:?}");
        assert!(!still_refused(&met(Some(&before), minutes(-1)), Some(facts), now()), "its time is over");
        assert!(
            still_refused(&met(None, minutes(60)), Some(facts), now()),
            "met under facts that nobody knows"
        );
    }
    assert!(still_refused(&met(Some(&before), minutes(60)), None, now()), "what is unknown ends nothing");
}

#[test]
fn a_place_out_of_sight_is_told_once_with_the_number_of_its_links() {
    let mut context = context();
    let mut state = PlaceState::new("github".into(), "77".to_owned(), "acme/payments".into());
    state.unseen = Some(Unseen { since: minutes(-90), why: "not visible".to_owned() });
    context.sights.insert(("github".into(), "77".to_owned()), state);
    let row = |n: u64| {
        let key = format!("PM-1/F{n}");
        Row {
            findings: vec![member(finding(&key))],
            links: vec![(link(&key, n), Observed::unknown("its place cannot be seen"))],
        }
    };
    let plan = plan(&context, &[row(1), row(2), row(3)]);
    assert_eq!(plan.actions, []);
    let [note] = plan.notes.as_slice() else { panic!("{:?}", plan.notes) };
    assert_eq!((note.kind, &note.finding), (NoteKind::Unreachable, &None));
    assert!(
        note.why.contains("since 2026-03-02 10:30 UTC") && note.why.contains("3 linked issues"),
        "{}",
        note.why
    );
}

/// A finding whose link to issue 3 was lost, with what was found of it.
fn sought(stone: Tombstone, found: Observed<Issue>) -> Row {
    let lost = vec![(stone.clone(), "github".into(), found)];
    Row {
        findings: vec![FindingRow { tombstones: vec![stone], lost, ..member(finding(KEY)) }],
        links: Vec::new(),
    }
}

fn lost() -> Tombstone {
    Tombstone { end: Some(End::Lost), link: Some(Box::new(link(KEY, 3))), ..tombstone(KEY, 3) }
}

#[test]
fn a_lost_link_goes_on_where_it_stopped_and_a_detached_one_does_not() {
    let plan = one(&context(), sought(lost(), Observed::Known(issue(3))));
    let [Action::Restore { becomes, tombstone, .. }] = plan.actions.as_slice() else {
        panic!("{:?}", plan.actions)
    };
    assert_eq!((&**becomes, tombstone), (&link(KEY, 3), &issue_ref(3).id), "with what was agreed");
    assert!(plan.notes.is_empty(), "nobody has to do anything: {:?}", plan.notes);

    for (stone, found) in [
        (lost(), Observed::Missing),
        (lost(), Observed::unknown("down")),
        (lost(), Observed::Known(in_place("acme/elsewhere", "79"))),
        (Tombstone { end: Some(End::Detached), ..lost() }, Observed::Known(issue(3))),
    ] {
        let plan = one(&context(), sought(stone, found));
        assert_eq!(plan.actions, []);
        assert!(plan.notes.iter().any(|note| note.kind == NoteKind::Held), "it waits: {:?}", plan.notes);
    }
}

#[test]
fn a_tombstone_of_the_release_before_is_merged_anew() {
    let old = || Tombstone {
        why: "acme/payments#3 was not found in 3 reads since 2026-02-01 00:00:00 UTC".to_owned(),
        ..tombstone(KEY, 3)
    };
    let text = serde_json::to_value(old()).unwrap();
    assert_eq!(text.as_object().unwrap().len(), 4, "as that release wrote it: {text}");
    let read: Tombstone = serde_json::from_value(text).unwrap();
    assert_eq!((read.end(), tombstone(KEY, 3).end()), (End::Lost, End::Detached));
    let plan = one(&context(), sought(old(), Observed::Known(issue(3))));
    assert!(matches!(plan.actions.as_slice(), [Action::Adopt { .. }]), "{:?}", plan.actions);
}

#[test]
fn a_lost_issue_is_looked_for_once_a_day_for_ninety_days() {
    let stone = |at: i64, looked: Option<i64>| Tombstone {
        at: minutes(-at * 60),
        looked: looked.map(|looked| minutes(-looked * 60)),
        ..lost()
    };
    for (at, looked, is) in [
        (1, None, false),
        (24, None, true),
        (48, Some(1), false),
        (48, Some(24), true),
        (24 * 90, Some(24), true),
        (24 * 90 + 1, Some(24), false),
        // By a clock that was ahead.
        (48, Some(-5), true),
    ] {
        assert_eq!(stone(at, looked).is_sought(now()), is, "{at} {looked:?}");
    }
    assert!(stone(1, Some(0)).to_be_sought().is_sought(now()), "a person asked for it");
    assert!(!Tombstone { end: Some(End::Detached), ..stone(48, None) }.is_sought(now()));
}

#[test]
fn a_finding_that_follows_another_issue_of_ours_by_now_keeps_it() {
    let mut row = sought(lost(), Observed::Known(issue(3)));
    row.links.push((link(KEY, 4), Observed::Known(issue(4))));
    let plan = one(&context(), row);
    assert!(
        plan.actions.iter().all(|action| !matches!(action, Action::Restore { .. })),
        "{:?}",
        plan.actions
    );
}

#[test]
fn a_place_knows_its_names() {
    let mut state = PlaceState::new("github".into(), "77".to_owned(), "acme/payments".into());
    state.call(&"ACME/Payments".into());
    assert!(state.former.is_empty(), "only its letters differ");
    state.call(&"acme/billing".into());
    state.call(&"acme/payments".into());
    assert_eq!(state.name, "acme/payments".into());
    assert_eq!(state.former.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["acme/billing"]);
    assert!(state.is_called(&"Acme/Billing".into()) && !state.is_called(&"acme/other".into()));
}
