//! The same snapshot gives the same plan, byte for byte, whatever the order in which it was read; and a plan that was
//! written down says the same when it is read.

use std::collections::BTreeMap;

use postmortem_sync::{
    model::{
        finding::{Finding, Owner},
        issue::Issue,
        link::{Absence, End, Intent, Link, LinkKind, Refusal, Tombstone},
        observed::Observed,
        rule::Outcome,
        terms::{Progress, Severity, State},
    },
    plan::{
        action::{Action, Plan},
        creation::marker_of,
        plan,
        snapshot::{Citation, Context, FindingRow, Row},
    },
};
use proptest::prelude::*;

use crate::build::{
    context, date, destination, finding, intent, issue, jira_issue, jira_link, link, linked, member, minutes,
    now, owned_by, rule, tombstone, unlinked,
};

pub(crate) fn rules() -> Context {
    let mut to_jira = destination("jira", "PLAT");
    to_jira.fields = [("customfield_1".to_owned(), "{{ finding.key }}".to_owned())].into();
    let mut jira = rule("platform", Outcome::Create(to_jira));
    jira.when.team = ["platform".to_owned()].into();
    let mut context = context();
    context.rules.insert(0, jira);
    context
}

/// Rows that lead to every kind of action, and to many kinds of notes.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (n, severity) in Severity::ALL.iter().enumerate() {
        let mut one = Finding { severity: *severity, ..finding(&format!("PM-1/F{n}")) };
        one.stated.team = Some(if n % 2 == 0 { "platform" } else { "payments" }.to_owned());
        rows.push(unlinked(one));
    }
    rows.push(unlinked(Finding { draft: true, ..finding("PM-2/F1") }));
    rows.push(linked(
        Finding { owner: owned_by("ana"), ..finding("PM-2/F2") },
        link("PM-2/F2", 2),
        Issue { progress: Progress::Done, closed_by: Some("ben-gh".into()), ..issue(2) },
    ));
    let mut refused = jira_link("PM-2/F3", 3);
    let refusal =
        Refusal { why: "not on the screen".to_owned(), asked: None, until: minutes(60), facts: None };
    refused.refused.insert(postmortem_sync::model::issue::Field::Owner, refusal);
    let begun = Finding { state: State::InProgress, owner: owned_by("ana"), ..finding("PM-2/F3") };
    rows.push(linked(begun, refused, Issue { due: Some(date("2026-06-01")), ..jira_issue(3) }));
    rows.extend([missing("PM-2/F4", 4, None), missing("PM-2/F5", 5, Some(2))]);
    let mut moved = issue(6);
    moved.at.id.id = "9996".to_owned();
    rows.push(linked(finding("PM-2/F6"), link("PM-2/F6", 6), moved));
    rows.extend([cited(), found(), held(), lost(), shared()]);
    rows
}

fn missing(key: &str, number: u64, reads: Option<u32>) -> Row {
    let absence = reads.map(|reads| Absence { first: minutes(-1500), last: minutes(-90), reads });
    let absent = Link { absence, ..link(key, number) };
    Row { findings: vec![member(finding(key))], links: vec![(absent, Observed::Missing)] }
}

fn cited() -> Row {
    let citation = Citation {
        written: "acme/payments#7".to_owned(),
        tracker: Some("github".into()),
        key: "acme/payments#7".to_owned(),
        issue: Observed::Known(issue(7)),
    };
    Row {
        findings: vec![FindingRow { citations: vec![citation], ..member(finding("PM-3/F1")) }],
        links: Vec::new(),
    }
}

fn found() -> Row {
    let finding = finding("PM-3/F2");
    let marker = marker_of(&context(), &finding, &"github".into(), "77").unwrap();
    let sent = Intent { marker: marker.clone(), sent: minutes(-5), ..intent("PM-3/F2") };
    let copies = vec![issue(8), Issue { created: minutes(-1), ..issue(9) }];
    let marked = BTreeMap::from([(marker, Observed::Known(copies))]);
    Row { findings: vec![FindingRow { intents: vec![sent], marked, ..member(finding) }], links: Vec::new() }
}

fn held() -> Row {
    let stones = vec![tombstone("PM-3/F3", 10)];
    Row { findings: vec![FindingRow { tombstones: stones, ..member(finding("PM-3/F3")) }], links: Vec::new() }
}

fn lost() -> Row {
    let link = Some(Box::new(link("PM-3/F4", 12)));
    let stone = Tombstone { end: Some(End::Lost), link, ..tombstone("PM-3/F4", 12) };
    let lost = vec![(stone.clone(), "github".into(), Observed::Known(issue(12)))];
    let member = FindingRow { tombstones: vec![stone], lost, ..member(finding("PM-3/F4")) };
    Row { findings: vec![member], links: Vec::new() }
}

fn shared() -> Row {
    let owned = Finding { owner: Owner::Unmapped("somebody".to_owned()), ..finding("PM-4/F2") };
    let cited = |key: &str| Link { kind: LinkKind::Cited, ..link(key, 11) };
    let seen = || Observed::Known(Issue { assignees: vec!["ana-gh".into()], ..issue(11) });
    Row {
        findings: vec![member(finding("PM-4/F1")), member(owned)],
        links: vec![(cited("PM-4/F1"), seen()), (cited("PM-4/F2"), seen())],
    }
}

fn written(plan: &Plan) -> String {
    serde_json::to_string_pretty(plan).unwrap()
}

#[test]
fn the_rows_lead_to_every_kind_of_action() {
    let plan = plan(&rules(), &rows());
    let has = |test: fn(&Action) -> bool| plan.actions.iter().any(test);
    assert!(has(|action| matches!(action, Action::Record { becomes: Some(_), .. })));
    assert!(has(|action| matches!(action, Action::Record { becomes: None, .. })));
    assert!(has(|action| matches!(action, Action::Adopt { .. })));
    assert!(has(|action| matches!(action, Action::Break { .. })));
    assert!(has(|action| matches!(action, Action::Restore { .. })));
    assert!(has(|action| matches!(action, Action::Rekey { .. })));
    assert!(has(|action| matches!(action, Action::Edit(_))));
    assert!(has(|action| matches!(action, Action::Create(_))));
    assert!(plan.notes.len() > 5);
    assert_eq!(now(), rules().now);
}

#[test]
fn a_plan_that_was_written_down_says_the_same() {
    let plan = plan(&rules(), &rows());
    let read: Plan = serde_json::from_str(&written(&plan)).unwrap();
    assert_eq!(read, plan);
    assert_eq!(written(&read), written(&plan));
}

#[test]
fn a_finding_is_planned_alike_whatever_else_is_planned() {
    let (context, rows) = (rules(), rows());
    let mut apart = Plan::default();
    for row in &rows {
        let one = plan(&context, std::slice::from_ref(row));
        apart.actions.extend(one.actions);
        apart.notes.extend(one.notes);
    }
    apart.sort();
    assert_eq!(written(&apart), written(&plan(&context, &rows)));
}

proptest! {
    #[test]
    fn the_order_of_rows_changes_nothing(shuffled in Just(rows()).prop_shuffle()) {
        let context = rules();
        prop_assert_eq!(written(&plan(&context, &shuffled)), written(&plan(&context, &rows())));
    }

    #[test]
    fn a_part_of_the_rows_gives_a_part_of_the_plan(some in proptest::sample::subsequence(rows(), 0..rows().len())) {
        let context = rules();
        let all = plan(&context, &rows());
        let part = plan(&context, &some);
        prop_assert!(part.actions.iter().all(|action| all.actions.contains(action)));
        prop_assert!(part.notes.iter().all(|note| all.notes.contains(note)));
    }
}
