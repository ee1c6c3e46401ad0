//! The brakes: what the mode lets through, and how much one cycle may do.

use std::collections::BTreeMap;

use postmortem_sync::{
    model::{
        cycle::{Note, NoteKind},
        finding::{Finding, Owner},
        ids::{FindingKey, TrackerName},
        issue::{Change, Edit, Field},
        note::About,
        rule::Limits,
        terms::{Mode, Progress, Severity},
    },
    plan::{
        action::{Action, EditAction, Overruled, Plan},
        guard::{check, check_exceeding},
        plan,
        snapshot::Row,
    },
};

use crate::build::{context, finding, issue_ref, unlinked};

/// An edit of an issue of GitHub.
fn edit(number: u64, edit: Edit) -> Action {
    Action::Edit(EditAction {
        finding: FindingKey::from(format!("PM-1/F{number}")),
        severity: Severity::Medium,
        tracker: "github".into(),
        issue: Box::new(issue_ref(number)),
        owner: edit.owner.is_some().then_some(Owner::Nobody),
        progress: edit.progress.as_ref().map(|change| change.to),
        edit,
        again: false,
        first: [].into(),
        overruled: Overruled::default(),
        yields: [].into(),
        why: vec!["a test".to_owned()],
    })
}

fn owner() -> Edit {
    Edit { owner: Some(Change { from: None, to: Some("ana-gh".into()) }), ..Edit::default() }
}

fn status(to: Progress) -> Edit {
    Edit { progress: Some(Change { from: Progress::Open, to }), ..Edit::default() }
}

fn label() -> Edit {
    Edit { add_labels: ["overdue".to_owned()].into(), ..Edit::default() }
}

fn everything() -> Edit {
    Edit {
        owner: owner().owner,
        progress: status(Progress::Done).progress,
        add_labels: label().add_labels,
        comment: Some("a word".to_owned()),
        ..Edit::default()
    }
}

/// Creates of findings of these severities, as they are planned.
fn creates(severities: &[Severity]) -> Vec<Action> {
    let row = |(n, severity): (usize, &Severity)| {
        unlinked(Finding { severity: *severity, ..finding(&format!("PM-1/F{n}")) })
    };
    let rows: Vec<Row> = severities.iter().enumerate().map(row).collect();
    plan(&context(), &rows).actions
}

fn of(actions: Vec<Action>) -> Plan {
    Plan { actions, notes: Vec::new() }
}

/// What remains of a plan under a mode.
fn under(mode: Mode, actions: Vec<Action>) -> Plan {
    check(of(actions), mode, &Limits::default(), &BTreeMap::new()).into_plan()
}

/// What remains of a plan under limits, with so many linked issues on GitHub.
fn within(limits: Limits, linked: usize, actions: Vec<Action>) -> Plan {
    let linked = BTreeMap::from([(TrackerName::from("github"), linked)]);
    check(of(actions), Mode::Full, &limits, &linked).into_plan()
}

fn edits(plan: &Plan) -> Vec<&EditAction> {
    plan.actions
        .iter()
        .filter_map(|action| match action {
            Action::Edit(edit) => Some(edit),
            _ => None,
        })
        .collect()
}

fn kinds(plan: &Plan) -> Vec<NoteKind> {
    plan.notes.iter().map(|note| note.kind).collect()
}

/// What only changes the register.
fn record() -> Action {
    Action::Record {
        finding: "PM-1/F9".into(),
        becomes: None,
        links: Vec::new(),
        entries: Vec::new(),
        parts: Vec::new(),
        edits: Vec::new(),
    }
}

#[test]
fn observe_writes_nothing_but_still_learns() {
    let mut actions = creates(&[Severity::High]);
    actions.extend([edit(3, everything()), record()]);
    let plan = under(Mode::Observe, actions);
    assert_eq!(plan.actions, [record()]);
    assert_eq!(kinds(&plan), [NoteKind::Deferred, NoteKind::Deferred]);
}

#[test]
fn create_only_creates_and_changes_nothing() {
    let mut actions = creates(&[Severity::High]);
    actions.extend([edit(3, everything()), record()]);
    let plan = under(Mode::CreateOnly, actions);
    assert!(matches!(plan.actions.as_slice(), [Action::Record { .. }, Action::Create(_)]));
    assert_eq!(kinds(&plan), [NoteKind::Deferred]);
}

#[test]
fn upsert_writes_everything_but_status() {
    let plan = under(Mode::Upsert, vec![edit(3, everything()), edit(4, status(Progress::Done))]);
    let [kept] = edits(&plan)[..] else { panic!("{:?}", plan.actions) };
    assert_eq!(kept.edit, Edit { progress: None, ..everything() });
    assert_eq!((kept.progress, &kept.owner), (None, &Some(Owner::Nobody)));
    assert_eq!(kinds(&plan), [NoteKind::Deferred, NoteKind::Deferred]);
}

#[test]
fn full_writes_everything() {
    let plan = under(Mode::Full, vec![edit(3, everything())]);
    assert_eq!((plan.actions, plan.notes), (vec![edit(3, everything())], Vec::new()));
}

#[test]
fn beyond_the_cap_the_most_severe_creates_go_first() {
    use Severity::{Critical, High, Low, Medium};
    let limits = Limits { creates: 2, ..Limits::default() };
    let plan = within(limits, 0, creates(&[Low, Critical, Medium, High]));
    let created: Vec<_> = plan
        .actions
        .iter()
        .map(|action| match action {
            Action::Create(create) => create.severity,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(created, [Critical, High]);
    assert_eq!(kinds(&plan), [NoteKind::Deferred, NoteKind::Deferred]);
    let deferred: Vec<_> = plan.notes.iter().map(|note| note.finding.clone().unwrap().to_string()).collect();
    assert_eq!(deferred, ["PM-1/F0", "PM-1/F2"]);
}

#[test]
fn a_cap_of_nothing_creates_nothing() {
    let limits = Limits { creates: 0, ..Limits::default() };
    assert_eq!(within(limits, 0, creates(&[Severity::Critical])).actions, []);
}

#[test]
fn up_to_the_cap_issues_are_closed() {
    let limits = Limits { closes: 2, ..Limits::default() };
    let closing: Vec<_> = (1..=2).map(|n| edit(n, status(Progress::Done))).collect();
    assert_eq!(within(limits, 0, closing.clone()).actions, closing);
}

#[test]
fn beyond_the_cap_nothing_is_closed_and_the_rest_goes_on() {
    let limits = Limits { closes: 2, ..Limits::default() };
    let mut actions: Vec<_> = (1..=3).map(|n| edit(n, everything())).collect();
    actions.push(edit(4, status(Progress::Open)));
    let plan = within(limits, 0, actions);
    let kept: Vec<_> = edits(&plan).iter().map(|edit| edit.edit.clone()).collect();
    assert_eq!(
        kept,
        [label(), label(), label(), status(Progress::Open)],
        "labels go on, a reopening as well"
    );
    assert!(edits(&plan)[..3].iter().all(|edit| edit.owner.is_none() && edit.progress.is_none()));
    assert_eq!(kinds(&plan), [NoteKind::Held; 3]);
}

#[test]
fn declining_counts_as_closing() {
    let limits = Limits { closes: 0, ..Limits::default() };
    assert_eq!(within(limits, 0, vec![edit(1, status(Progress::Declined))]).actions, []);
}

#[test]
fn beyond_the_share_no_issue_of_that_tracker_changes_owner_or_status() {
    let changes = |n: u64| (1..=n).map(|n| edit(n, owner())).chain([edit(9, label())]).collect::<Vec<_>>();
    assert_eq!(within(Limits::default(), 10, changes(3)).actions.len(), 4, "thirty of a hundred may");
    let plan = within(Limits::default(), 10, changes(4));
    assert_eq!(edits(&plan).iter().map(|edit| edit.edit.clone()).collect::<Vec<_>>(), [label()]);
    assert_eq!(kinds(&plan), [NoteKind::Held; 4]);
    assert_eq!(within(Limits::default(), 9, changes(9)).actions.len(), 10, "below ten no share counts");
}

#[test]
fn a_first_agreement_is_no_change_that_counts() {
    let first = |n| match edit(n, owner()) {
        Action::Edit(edit) => Action::Edit(EditAction { first: [Field::Owner].into(), ..edit }),
        other => other,
    };
    let actions: Vec<_> = (1..=12).map(first).collect();
    assert_eq!(edits(&within(Limits::default(), 12, actions)).len(), 12);
    let mut actions: Vec<_> = (1..=6).map(first).collect();
    actions.extend((7..=10).map(|n| edit(n, owner())));
    let plan = within(Limits::default(), 10, actions.clone());
    assert_eq!(plan.actions, actions[..6], "what was agreed before is held by its own share");
}

#[test]
fn what_is_held_overrules_nothing() {
    let about = |field| Note::new(NoteKind::Overruled, "why").about(About::Field(field));
    let edit = match edit(1, everything()) {
        Action::Edit(edit) => EditAction {
            overruled: Overruled {
                owner: Some(Owner::Nobody),
                progress: Some(Progress::Open),
                entries: Vec::new(),
                notes: vec![about(Field::Owner), about(Field::Progress)],
            },
            ..edit
        },
        other => panic!("{other:?} is no edit"),
    };
    let none = BTreeMap::new();
    let left = |mode, limits: &Limits| {
        let planned = of(vec![Action::Edit(edit.clone())]);
        check(planned, mode, limits, &none).into_plan()
    };
    let full = left(Mode::Full, &Limits::default());
    assert_eq!(edits(&full)[0].overruled, edit.overruled);
    let upserted = left(Mode::Upsert, &Limits::default());
    let owner = Overruled { progress: None, notes: vec![about(Field::Owner)], ..edit.overruled.clone() };
    assert_eq!(edits(&upserted)[0].overruled, owner, "the owner is written in that mode");
    let held = left(Mode::Full, &Limits { closes: 0, ..Limits::default() });
    assert_eq!(edits(&held)[0].overruled, Overruled::default());
    assert!(left(Mode::Observe, &Limits::default()).actions.is_empty());
}

#[test]
fn one_trackers_share_holds_no_other() {
    let elsewhere = |n| match edit(n, owner()) {
        Action::Edit(edit) => Action::Edit(EditAction { tracker: "jira".into(), ..edit }),
        other => other,
    };
    let mut actions: Vec<_> = (1..=4).map(|n| edit(n, owner())).collect();
    actions.push(elsewhere(7));
    let linked = BTreeMap::from([(TrackerName::from("github"), 10), (TrackerName::from("jira"), 10)]);
    let plan = check(of(actions), Mode::Full, &Limits::default(), &linked).into_plan();
    assert_eq!(plan.actions, [elsewhere(7)]);
}

#[test]
fn creates_and_labels_are_no_changes_that_count() {
    let actions: Vec<_> = (1..=10).map(|n| edit(n, label())).chain(creates(&[Severity::High; 5])).collect();
    assert_eq!(within(Limits::default(), 10, actions).actions.len(), 15);
}

#[test]
fn a_person_lifts_the_limits_but_not_the_mode() {
    let mut actions: Vec<_> = (1..=60).map(|n| edit(n, status(Progress::Done))).collect();
    actions.extend(creates(&[Severity::Low; 60]));
    let plan = check_exceeding(of(actions.clone()), Mode::Full).into_plan();
    assert_eq!((plan.actions.len(), plan.notes.len()), (120, 0));
    let plan = check_exceeding(of(actions), Mode::CreateOnly).into_plan();
    assert_eq!((plan.actions.len(), plan.notes.len()), (60, 60));
}

#[test]
fn what_passed_is_in_the_order_of_work() {
    let mut actions = creates(&[Severity::Low, Severity::High]);
    actions.extend([edit(3, label()), record()]);
    let plan = within(Limits::default(), 0, actions);
    let order: Vec<_> = plan
        .actions
        .iter()
        .map(|action| match action {
            Action::Record { .. } => "record",
            Action::Edit(_) => "edit",
            Action::Create(create) => create.severity.as_str(),
            _ => "other",
        })
        .collect();
    assert_eq!(order, ["record", "edit", "high", "low"]);
}

#[test]
fn notes_of_the_plan_are_kept() {
    let rows = [unlinked(Finding { draft: true, ..finding("PM-1/F1") })];
    let planned = plan(&context(), &rows);
    let checked = check(planned.clone(), Mode::Observe, &Limits::default(), &BTreeMap::new());
    assert_eq!(checked.plan().notes, planned.notes);
}
