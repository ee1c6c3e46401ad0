//! Further issues with the marker of one of ours: found by sweeps, reported until somebody closes them (invariant 7).

use std::collections::BTreeMap;

use chrono::TimeDelta;
use postmortem_sync::{
    model::{
        cycle::NoteKind, issue::Issue, link::Link, observed::Observed, register::PinnedPlace, terms::Progress,
    },
    plan::{
        action::{Action, Plan},
        creation::marker_of,
        plan,
        reads::{Circumstances, reads},
        snapshot::{Context, Row},
    },
};

use crate::{
    build::{context, finding, issue, link, linked, now, place},
    replay::apply,
};

const KEY: &str = "PM-1/F1";

fn one(context: &Context, row: &Row) -> Plan {
    plan(context, std::slice::from_ref(row))
}

/// What a complete sweep found for the finding of a row.
fn sweep(context: &Context, row: &mut Row, found: Observed<Vec<Issue>>) {
    for member in &mut row.findings {
        let marker = marker_of(context, &member.finding, &"github".into(), "77").unwrap();
        member.marked = [(marker, found.clone())].into();
    }
}

fn reported(plan: &Plan) -> Vec<(NoteKind, Option<&str>, bool)> {
    let told = |note: &postmortem_sync::model::cycle::Note| note.why.contains("acme/payments#8 carries");
    plan.notes.iter().map(|note| (note.kind, note.issue.as_deref(), told(note))).collect()
}

#[test]
fn a_double_is_reported_from_the_sweep_that_finds_it_to_the_one_that_finds_it_closed() {
    let context = context();
    let mut row = linked(finding(KEY), link(KEY, 3), issue(3));
    sweep(&context, &mut row, Observed::Known(vec![issue(3), issue(8)]));
    let double = [(NoteKind::Duplicate, Some("acme/payments#3"), true)];
    let plan = one(&context, &row);
    assert_eq!(reported(&plan), double);
    apply(&context, &mut row, plan);
    row.findings[0].marked.clear();
    let quiet = one(&context, &row);
    assert_eq!(
        (reported(&quiet).as_slice(), quiet.actions.len()),
        (double.as_slice(), 0),
        "not swept, still known"
    );
    let closed = Issue { progress: Progress::Declined, ..issue(8) };
    sweep(&context, &mut row, Observed::Known(vec![issue(3), closed]));
    let plan = one(&context, &row);
    assert_eq!(reported(&plan), []);
    apply(&context, &mut row, plan);
    assert_eq!(row.links[0].0.doubles, []);
}

#[test]
fn an_issue_with_the_marker_of_one_that_was_not_found_is_reported_and_left() {
    let context = context();
    let mut row = linked(finding(KEY), link(KEY, 3), issue(3));
    row.links[0].1 = Observed::Missing;
    sweep(&context, &mut row, Observed::Known(vec![issue(8)]));
    let double = (NoteKind::Duplicate, Some("acme/payments#3"), true);
    let lost = (NoteKind::Quarantined, Some("acme/payments#3"), false);
    let plan = one(&context, &row);
    assert_eq!(reported(&plan), [lost, double]);
    apply(&context, &mut row, plan);
    assert_eq!(row.links[0].0.doubles, [issue(8).at], "and in the cycles that do not search");
    row.findings[0].marked.clear();
    assert_eq!(reported(&one(&context, &row)), [lost, double]);
    // Where another one of ours was found, it is that one's double.
    row.links[0].0.doubles.clear();
    row.links.push((link(KEY, 5), Observed::Known(issue(5))));
    sweep(&context, &mut row, Observed::Known(vec![issue(5), issue(8)]));
    assert_eq!(reported(&one(&context, &row)), [lost, (NoteKind::Duplicate, Some("acme/payments#5"), true)]);
}

#[test]
fn a_sweep_that_is_not_complete_says_nothing_about_doubles() {
    let context = context();
    let doubled = Link { doubles: vec![issue(8).at], ..link(KEY, 3) };
    let mut row = linked(finding(KEY), doubled, issue(3));
    sweep(&context, &mut row, Observed::unknown("502"));
    let plan = one(&context, &row);
    assert_eq!(reported(&plan), [(NoteKind::Duplicate, Some("acme/payments#3"), true)]);
    assert_eq!(plan.actions, []);
}

#[test]
fn a_copy_of_our_marker_by_somebody_else_is_no_double() {
    let context = context();
    let mut row = linked(finding(KEY), link(KEY, 3), issue(3));
    sweep(
        &context,
        &mut row,
        Observed::Known(vec![issue(3), Issue { author: Some("eve".into()), ..issue(8) }]),
    );
    let plan = one(&context, &row);
    assert_eq!((reported(&plan).len(), plan.actions.len()), (0, 0));
}

#[test]
fn the_doubles_of_an_adopted_issue_stay_known() {
    let context = context();
    let mut row = crate::build::unlinked(finding(KEY));
    sweep(&context, &mut row, Observed::Known(vec![issue(3), issue(8)]));
    let plan = one(&context, &row);
    let [Action::Adopt { doubles, .. }] = plan.actions.as_slice() else { panic!("{:#?}", plan.actions) };
    assert_eq!(doubles, &[issue(8).at]);
}

/// Whether the home of a link is swept, when it was last swept so many minutes ago.
fn is_swept(link: Link, minutes: Option<i64>) -> bool {
    let swept = minutes.map(|minutes| now() - TimeDelta::minutes(minutes));
    let pinned = PinnedPlace { swept, ..place(link.issue.place.as_str()) };
    let places = BTreeMap::from([((&pinned.tracker, &pinned.place), &pinned)]);
    let hosts = BTreeMap::new();
    let about = Circumstances { now: now(), put_back: None, rules: &[], places: &places, hosts: &hosts };
    let reads = reads(about, &linked(finding(KEY), link, issue(3)));
    let home = &reads[&"github".into()].places[&pinned.place];
    assert_eq!(home.linked, [KEY.into()].into());
    home.sweep
}

#[test]
fn a_place_is_swept_once_a_day_and_every_hour_while_a_double_is_known_there() {
    let doubled = || Link { doubles: vec![issue(8).at], ..link(KEY, 3) };
    assert!(is_swept(link(KEY, 3), None));
    let due = (0..=24).map(|hours| is_swept(link(KEY, 3), Some(60 * hours))).collect::<Vec<_>>();
    assert!(!due[0] && due[24] && due.is_sorted(), "from some hour of the day on: {due:?}");
    assert_eq!([59, 60].map(|minutes| is_swept(doubled(), Some(minutes))), [false, true]);
}

/// Places that were swept together for the first time do not fall due together: within any five minutes of the day after, few.
#[test]
fn sweeps_that_began_together_spread_over_the_day() {
    let places: Vec<Link> = (0..288)
        .map(|n| {
            let mut link = link(KEY, 3);
            link.issue.place = format!("acme/r{n}").as_str().into();
            link
        })
        .collect();
    let due_after = |minutes| places.iter().filter(|link| is_swept((*link).clone(), Some(minutes))).count();
    let due: Vec<usize> = (0..=288).map(|n| due_after(5 * n)).collect();
    assert_eq!((due[0], due[288]), (0, 288));
    let most = due.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(most <= 8, "{most} at once");
}
