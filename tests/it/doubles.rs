//! Further issues with the marker of one of ours: found by sweeps, reported until somebody closes them (I2).

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

/// Whether the home of a link is swept, when it was last swept so many hours ago.
fn is_swept(link: Link, hours: Option<i64>) -> bool {
    let swept = hours.map(|hours| now() - TimeDelta::hours(hours));
    let pinned = PinnedPlace { swept, ..place("acme/payments") };
    let places = BTreeMap::from([((&pinned.tracker, &pinned.place), &pinned)]);
    let hosts = BTreeMap::new();
    let about = Circumstances { now: now(), put_back: None, rules: &[], places: &places, hosts: &hosts };
    let reads = reads(about, &linked(finding(KEY), link, issue(3)));
    let home = &reads[&"github".into()].places[&"acme/payments".into()];
    assert_eq!(home.linked, [KEY.into()].into());
    home.sweep
}

#[test]
fn a_place_is_swept_once_a_day_and_every_hour_while_a_double_is_known_there() {
    let doubled = || Link { doubles: vec![issue(8).at], ..link(KEY, 3) };
    assert!(is_swept(link(KEY, 3), None));
    assert_eq!([23, 24].map(|hours| is_swept(link(KEY, 3), Some(hours))), [false, true]);
    assert_eq!([0, 1].map(|hours| is_swept(doubled(), Some(hours))), [false, true]);
}
