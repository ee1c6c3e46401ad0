//! Edits whose outcome no cycle recorded: what our own steps reached is never a person's word, and one plan settles it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use postmortem_sync::{
    model::{
        cycle::NoteKind,
        digest,
        edit_intent::{EditIntent, Step},
        finding::{Claim, Claimant, Finding, Owner},
        ids::AccountId,
        issue::{Change, Edit, Field, Issue, Overtaken},
        last_change::LastChange,
        link::{Agreed, Link},
        observed::Observed,
        rule::{ConflictPolicy, Outcome},
        terms::{Progress, State},
    },
    plan::{
        action::{Action, EditAction, Plan},
        plan,
        snapshot::{Context, OpenEdit, Row},
    },
};

use crate::{
    build::{
        context, date, destination, finding, issue, jira_issue, jira_link, link, linked, minutes, now,
        owned_by, rule,
    },
    replay::{apply, writes},
};

const KEY: &str = "PM-1/F1";

/// A workflow of a Jira with a way to everywhere, and what each of its statuses means.
const STATUSES: [(&str, Progress); 4] = [
    ("To Do", Progress::Open),
    ("In Progress", Progress::InProgress),
    ("In Review", Progress::InProgress),
    ("Done", Progress::Done),
];

fn policies(policy: ConflictPolicy) -> Context {
    let mut to = destination("jira", "PLAT");
    (to.owner_conflict, to.status_conflict) = (policy, policy);
    Context { rules: vec![rule("platform", Outcome::Create(to))], ..context() }
}

fn at(issue: Issue, (text, progress): (&str, Progress)) -> Issue {
    Issue { progress, status_text: text.to_owned(), ..issue }
}

fn agreed(mut link: Link, progress: Progress) -> Link {
    link.baseline.progress = Some(Agreed { finding: progress, issue: progress });
    link
}

fn in_state(state: State) -> Finding {
    let claim = (state == State::PendingVerification)
        .then(|| Claim { at: minutes(-60), by: Claimant::Person("ana".into()) });
    Finding { state, claim, ..finding(KEY) }
}

/// A row in which an edit is open on its link.
fn amid(mut row: Row, issue: &Issue, edit: &Edit, steps: &[Step]) -> Row {
    let (link, _) = &row.links[0];
    let names = (&link.finding, &link.tracker);
    let mut intent = EditIntent::new(names, issue, edit, Some("J-bot".into()), now());
    for step in steps {
        assert!(intent.takes(step.clone(), now()), "each step is news");
    }
    row.findings[0].edits.push(OpenEdit { intent, changes: BTreeMap::new() });
    row
}

/// A change that an account made so many minutes after the issue was last seen to change.
fn by(account: &str, minutes_after: i64) -> LastChange {
    let at = jira_issue(1).updated + TimeDelta::minutes(minutes_after);
    LastChange { by: Some(account.into()), at, replaced: Vec::new() }
}

fn show(row: &mut Row, issue: Issue) {
    row.links.iter_mut().for_each(|(_, seen)| *seen = Observed::Known(issue.clone()));
}

fn edits(plan: &Plan) -> Vec<&EditAction> {
    plan.actions
        .iter()
        .filter_map(|action| match action {
            Action::Edit(edit) => Some(edit),
            Action::Record { .. }
            | Action::Adopt { .. }
            | Action::Break { .. }
            | Action::Restore { .. }
            | Action::EndIntent { .. }
            | Action::Rekey { .. }
            | Action::Create(_) => None,
        })
        .collect()
}

fn events(plan: &Plan) -> Vec<&str> {
    let entries = plan.actions.iter().filter_map(|action| match action {
        Action::Record { entries, .. } => Some(entries),
        Action::Adopt { .. }
        | Action::Break { .. }
        | Action::Restore { .. }
        | Action::EndIntent { .. }
        | Action::Rekey { .. }
        | Action::Edit(_)
        | Action::Create(_) => None,
    });
    // Whoever is assigned has a part; that takes nothing for anybody's word.
    let entries = entries.flatten().filter(|entry| entry.event != "part_recorded");
    entries.map(|entry| entry.event.as_str()).collect()
}

/// Fails if a plan takes anything for a person's word.
#[track_caller]
fn assert_nobodys_word(plan: &Plan, what: &str) {
    for event in events(plan) {
        assert!(matches!(event, "own_write_found" | "agreed"), "{what}: {event} {plan:#?}");
    }
    let believed =
        |kind: NoteKind| matches!(kind, NoteKind::Conflict | NoteKind::Overruled | NoteKind::Drift);
    assert!(!plan.notes.iter().any(|note| believed(note.kind)), "{what}: {:?}", plan.notes);
    for action in &plan.actions {
        if let Action::Record { becomes: Some(becomes), .. } = action {
            panic!("{what}: the finding becomes {} of {:?}", becomes.state, becomes.owner);
        }
    }
}

/// Fails unless, without a change from outside, a plan of a row leaves nothing to do, and no edit open that says a thing.
#[track_caller]
fn assert_settles(context: &Context, row: &mut Row, what: &str) {
    let first = plan(context, std::slice::from_ref(row));
    apply(context, row, first);
    let second = plan(context, std::slice::from_ref(row));
    assert_eq!(writes(&second), 0, "{what}: {second:#?}");
    apply(context, row, second);
    let later = Context { now: now() + TimeDelta::hours(1), ..context.clone() };
    let third = plan(&later, std::slice::from_ref(row));
    assert_eq!(writes(&third), 0, "{what}: {third:#?}");
    apply(&later, row, third);
}

#[test]
fn whatever_prefix_of_a_way_was_taken_it_is_nobodys_word_and_one_plan_settles_it() {
    let mut n_cases = 0;
    for policy in [ConflictPolicy::Tracker, ConflictPolicy::Finding, ConflictPolicy::Flag] {
        let context = policies(policy);
        for way in ways() {
            for reached in 0..way.len() {
                for state in [
                    State::Open,
                    State::InProgress,
                    State::PendingVerification,
                    State::Resolved,
                    State::RiskAccepted,
                    State::Dismissed,
                ] {
                    let what = format!("{policy:?} {way:?} {reached} {state}");
                    let mut row = halfway(&way, reached, state);
                    let first = plan(&context, std::slice::from_ref(&row));
                    let stayed = reached == 0;
                    if !stayed || in_state(state).progress() != Some(way[0].1) {
                        assert_nobodys_word(&first, &what);
                    }
                    assert_settles(&context, &mut row, &what);
                    let is_silent = matches!(state, State::RiskAccepted | State::Dismissed);
                    assert!(is_silent || row.open_edits().count() == 0, "{what}: it stays open");
                    if let (Some(ours), Observed::Known(issue)) =
                        (in_state(state).progress(), &row.links[0].1)
                    {
                        assert_eq!(issue.progress, ours, "{what}: what is owed was not done");
                    }
                    n_cases += 1;
                }
            }
        }
    }
    assert_eq!(n_cases, 3 * 6 * ways().iter().map(Vec::len).sum::<usize>());
}

/// Ways through the workflow that never visit a status twice.
fn ways() -> Vec<Vec<(&'static str, Progress)>> {
    let mut ways: Vec<Vec<(&str, Progress)>> = STATUSES.iter().map(|status| vec![*status]).collect();
    let mut all = Vec::new();
    while let Some(way) = ways.pop() {
        for next in STATUSES.iter().filter(|status| !way.contains(status)) {
            let longer: Vec<(&str, Progress)> = way.iter().copied().chain([*next]).collect();
            // A write is of another status than before.
            if way[0].1 != next.1 {
                all.push(longer.clone());
            }
            if longer.len() < 4 {
                ways.push(longer);
            }
        }
    }
    all
}

/// A finding that owed its issue the end of a way, when so many steps of it were taken; what it is by now.
fn halfway(way: &[(&str, Progress)], reached: usize, state: State) -> Row {
    let (before, target) = (way[0], way[way.len() - 1]);
    let link = agreed(jira_link(KEY, 1), before.1);
    let mut row = linked(in_state(state), link, at(due(jira_issue(1)), before));
    let edit = Edit { progress: Some(Change { from: before.1, to: target.1 }), ..Edit::default() };
    let between = way.get(1..way.len() - 1).unwrap_or_default();
    let steps: Vec<Step> = between.iter().map(|(text, _)| Step::Status((*text).to_owned())).collect();
    row = amid(row, &at(jira_issue(1), before), &edit, &steps);
    show(&mut row, at(due(jira_issue(1)), way[reached]));
    if state == State::Resolved {
        // Its label is due, and no matter here.
        row.links[0].0.pushed.labels.insert("verified".to_owned());
    }
    if state == State::RiskAccepted {
        row.links[0].0.pushed.labels.insert("risk-accepted".to_owned());
    }
    let labels = row.links[0].0.pushed.labels.clone();
    let mut shown = at(due(jira_issue(1)), way[reached]);
    shown.labels.extend(labels);
    show(&mut row, shown);
    row
}

fn due(issue: Issue) -> Issue {
    Issue { due: Some(date("2026-04-21")), ..issue }
}

#[test]
fn a_status_that_the_history_says_is_somebody_elses_is_a_persons_word() {
    let way = [STATUSES[0], STATUSES[1], STATUSES[3]];
    let context = policies(ConflictPolicy::Tracker);
    for (author, is_pulled) in [("J-ana", true), ("J-bot", false)] {
        let mut row = halfway(&way, 1, State::PendingVerification);
        row.findings[0].edits[0].changes.insert(Field::Progress, Observed::Known(by(author, 0)));
        let plan = plan(&context, &[row]);
        assert_eq!(events(&plan).contains(&"status_pulled"), is_pulled, "{author}: {plan:#?}");
    }
}

/// Done and open again by us, and done again by somebody before any cycle heard of it: the issue is as it was.
#[test]
fn a_status_that_somebody_put_back_after_our_edit_is_their_word() {
    let way = [STATUSES[3], STATUSES[0], STATUSES[1]];
    let context = policies(ConflictPolicy::Tracker);
    for (author, events_are, writes_are) in [
        (Some("J-ana"), &["finding_claimed", "status_pulled"][..], 0),
        (Some("J-bot"), &[], 1),
        (None, &[], 1),
    ] {
        let mut row = halfway(&way, 0, State::InProgress);
        let author = author.map_or(Observed::Missing, |author| Observed::Known(by(author, 0)));
        row.findings[0].edits[0].changes.insert(Field::Progress, author);
        let plan = plan(&context, &[row]);
        assert_eq!((events(&plan).as_slice(), writes(&plan)), (events_are, writes_are), "{plan:#?}");
    }
}

/// The history has our own write, and the read does not: it comes from a replica that is behind.
#[test]
fn an_edit_stays_open_while_the_history_tells_of_a_later_change_than_the_read() {
    let way = [STATUSES[0], STATUSES[1], STATUSES[3]];
    let context = Context { settle: TimeDelta::zero(), ..policies(ConflictPolicy::Tracker) };
    for reached in 0..way.len() {
        for author in ["J-bot", "J-ana"] {
            let mut row = halfway(&way, reached, State::PendingVerification);
            let change = Observed::Known(by(author, 1));
            row.findings[0].edits[0].changes.insert(Field::Progress, change);
            let plan = plan(&context, std::slice::from_ref(&row));
            assert_eq!((events(&plan).len(), writes(&plan)), (0, 0), "{plan:#?}");
            apply(&context, &mut row, plan);
            assert_eq!(row.open_edits().count(), 1);
        }
    }
}

#[test]
fn nothing_follows_from_a_status_whose_author_could_not_be_asked() {
    let way = [STATUSES[0], STATUSES[1], STATUSES[3]];
    let mut row = halfway(&way, 1, State::PendingVerification);
    row.findings[0].edits[0].changes.insert(Field::Progress, Observed::unknown("it hangs"));
    let plan = plan(&policies(ConflictPolicy::Tracker), &[row]);
    assert_eq!((events(&plan).len(), writes(&plan)), (0, 0), "{plan:#?}");
    assert_eq!(plan.notes[0].kind, NoteKind::Unreachable);
}

#[test]
fn a_status_off_the_way_is_a_persons_and_ends_the_edit() {
    let way = [STATUSES[0], STATUSES[1], STATUSES[3]];
    let context = policies(ConflictPolicy::Tracker);
    let mut row = halfway(&way, 1, State::PendingVerification);
    show(&mut row, at(due(jira_issue(1)), ("In Review", Progress::InProgress)));
    let plan = plan(&context, std::slice::from_ref(&row));
    assert!(events(&plan).contains(&"status_pulled"), "{plan:#?}");
    apply(&context, &mut row, plan);
    assert_eq!(row.open_edits().count(), 0);
}

#[test]
fn what_an_unanswered_write_replaced_is_told_once() {
    let way = [STATUSES[0], STATUSES[3]];
    let context = policies(ConflictPolicy::Tracker);
    let mut row = halfway(&way, 1, State::PendingVerification);
    let (person, value) = ("J-chen".to_owned(), "In Review".to_owned());
    let theirs = Overtaken { field: Field::Progress, by: person, value, assignee: None };
    let change = LastChange { replaced: vec![theirs], ..by("J-bot", 0) };
    row.findings[0].edits[0].changes.insert(Field::Progress, Observed::Known(change));
    let first = plan(&context, std::slice::from_ref(&row));
    assert!(events(&first).contains(&"overtaken"), "{first:#?}");
    let told = |plan: &Plan| plan.notes.iter().filter(|note| note.why.contains("`In Review`")).count();
    assert_eq!((told(&first), writes(&first)), (1, 0), "{first:#?}");
    apply(&context, &mut row, first);
    let second = plan(&context, std::slice::from_ref(&row));
    assert_eq!((told(&second), events(&second).len()), (0, 0), "{second:#?}");
}

#[test]
fn an_owner_whom_an_unanswered_write_replaced_holds_where_the_trackers_word_does() {
    for (policy, owner) in [(ConflictPolicy::Tracker, "ben"), (ConflictPolicy::Finding, "ana")] {
        let mut to = destination("github", "acme/payments");
        to.owner_conflict = policy;
        let context = Context { rules: vec![rule("payments", Outcome::Create(to))], ..context() };
        let mut row = reassigned(owned_by("ana"), &["chen-gh"], &[GH], &[]);
        let (person, value) = ("chen-gh".to_owned(), "ben-gh".to_owned());
        let theirs = Overtaken { field: Field::Owner, by: person, value, assignee: Some("ben-gh".into()) };
        let change = LastChange { replaced: vec![theirs], ..by("J-bot", 0) };
        row.findings[0].edits[0].changes.insert(Field::Owner, Observed::Known(change));
        let first = plan(&context, std::slice::from_ref(&row));
        assert!(events(&first).contains(&"overtaken"), "{first:#?}");
        apply(&context, &mut row, first);
        assert_eq!(row.findings[0].finding.owner, owned_by(owner), "{policy:?}");
        let second = plan(&context, std::slice::from_ref(&row));
        let back = policy == ConflictPolicy::Tracker;
        assert_eq!(edits(&second).iter().any(|edit| edit.edit.owner.is_some()), back, "{second:#?}");
    }
}

#[test]
fn every_finding_that_follows_the_issue_knows_of_the_edit_until_all_have_heard() {
    let context = policies(ConflictPolicy::Tracker);
    let mut row = halfway(&[STATUSES[0], STATUSES[1], STATUSES[3]], 1, State::PendingVerification);
    let second = "PM-1/F2";
    let (first, seen) = row.links[0].clone();
    row.findings
        .push(crate::build::member(Finding { key: second.into(), ..in_state(State::PendingVerification) }));
    row.links.push((Link { finding: second.into(), ..first }, seen));
    let plan = plan(&context, std::slice::from_ref(&row));
    assert_nobodys_word(&plan, "two findings");
    let ends: Vec<&str> = plan
        .actions
        .iter()
        .filter(|action| matches!(action, Action::Record { edits, .. } if !edits.is_empty()))
        .map(|action| action.finding().as_str())
        .collect();
    assert_eq!(ends, [second], "the last one ends it");
    assert_settles(&context, &mut row, "two findings");
}

#[test]
fn an_edit_of_which_nothing_shows_is_kept_for_as_long_as_it_may_still_come() {
    let way = [STATUSES[0], STATUSES[3]];
    let row = halfway(&way, 0, State::Open);
    let left = |minutes| {
        let context =
            Context { now: now() + TimeDelta::minutes(minutes), ..policies(ConflictPolicy::Tracker) };
        let mut row = row.clone();
        let plan = plan(&context, std::slice::from_ref(&row));
        apply(&context, &mut row, plan);
        row.open_edits().count()
    };
    assert_eq!((left(0), left(19), left(20)), (1, 1, 0));
}

const GH: &str = "ana-gh";

/// An issue of GitHub whose owner was to become Ana's instead of Ben's, with who is assigned by now.
fn reassigned(owner: Owner, before: &[&str], now: &[&str], steps: &[Step]) -> Row {
    let mut link = link(KEY, 3);
    let ben = owned_by("ben");
    link.baseline.owner = Some(Agreed { finding: ben.clone(), issue: ben });
    let accounts = |all: &[&str]| all.iter().map(|account| AccountId::from(*account)).collect::<Vec<_>>();
    let before = Issue { assignees: accounts(before), ..issue(3) };
    let row = linked(Finding { owner, ..finding(KEY) }, link, before.clone());
    let change = Change { from: Some("ben-gh".into()), to: Some(GH.into()) };
    let mut row = amid(row, &before, &Edit { owner: Some(change), ..Edit::default() }, steps);
    show(&mut row, Issue { assignees: accounts(now), ..issue(3) });
    row
}

/// Who is assigned once everything is settled.
#[track_caller]
fn assigned(row: &mut Row, what: &str) -> Vec<String> {
    let first = plan(&context(), std::slice::from_ref(row));
    assert_nobodys_word(&first, what);
    assert_settles(&context(), row, what);
    assert_eq!(row.open_edits().count(), 0, "{what}");
    let issue = row.links[0].1.known().unwrap();
    issue.assignees.iter().map(AccountId::to_string).collect()
}

#[test]
fn an_owner_whom_we_assigned_is_nobodys_word_whatever_the_finding_says_by_now() {
    let lost = |owner, now: &[&str]| reassigned(owner, &["ben-gh"], now, &[]);
    // Both requests were carried out, one of them, or none.
    for now in [&[GH] as &[&str], &["ben-gh", GH], &["ben-gh"]] {
        for (person, account) in [("ana", GH), ("ben", "ben-gh"), ("rita", "rita-gh")] {
            let what = format!("{now:?} {person}");
            assert_eq!(assigned(&mut lost(owned_by(person), now), &what), [account], "{what}");
        }
    }
    assert_eq!(assigned(&mut lost(Owner::Nobody, &["ben-gh", GH]), "nobody"), Vec::<String>::new());
}

#[test]
fn people_who_were_assigned_by_hand_stay_whatever_became_of_ours() {
    for now in [&["zoe", GH] as &[&str], &["zoe", "ben-gh", GH], &["zoe", "ben-gh"]] {
        for (person, account) in [("ana", GH), ("ben", "ben-gh"), ("rita", "rita-gh")] {
            let mut row = reassigned(owned_by(person), &["zoe", "ben-gh"], now, &[]);
            let mut is = assigned(&mut row, &format!("{now:?} {person}"));
            is.sort();
            assert_eq!(
                is,
                {
                    let mut all = [account, "zoe"];
                    all.sort_unstable();
                    all
                },
                "{now:?} {person}"
            );
        }
    }
}

#[test]
fn an_owner_whom_our_own_step_took_off_is_not_gone() {
    let others: Vec<String> = (0..9).map(|n| format!("by-hand-{n}")).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let before: Vec<&str> = others.iter().copied().chain(["ben-gh"]).collect();
    let step = Step::Assigned(others.iter().map(|account| AccountId::from(*account)).collect());
    for (person, account) in [("ana", GH), ("ben", "ben-gh"), ("rita", "rita-gh")] {
        let mut row = reassigned(owned_by(person), &before, &others, std::slice::from_ref(&step));
        let is = assigned(&mut row, person);
        assert_eq!(is.last().map(String::as_str), Some(account));
        assert_eq!(is.len(), 10);
    }
}

#[test]
fn an_owner_whom_somebody_else_assigned_is_a_persons_word() {
    let mut row = reassigned(owned_by("rita"), &["ben-gh"], &[GH], &[]);
    row.findings[0].edits[0].changes.insert(Field::Owner, Observed::Known(by("zoe", 0)));
    let plan = plan(&context(), &[row]);
    assert!(events(&plan).contains(&"owner_pulled"), "{plan:#?}");
}

#[test]
fn what_a_lost_answer_wrote_to_our_own_fields_is_ours_whatever_is_wanted_by_now() {
    let context = policies(ConflictPolicy::Tracker);
    let overdue = Finding { clock: finding(KEY).clock, ..in_state(State::Open) };
    let before = due(jira_issue(1));
    let edit = Edit {
        add_labels: ["overdue".to_owned()].into(),
        due: Some(Change { from: before.due, to: Some(date("2026-03-05")) }),
        ..Edit::default()
    };
    let mut row = amid(linked(overdue, jira_link(KEY, 1), before.clone()), &before, &edit, &[]);
    let mut shown = Issue { due: Some(date("2026-03-05")), ..before };
    shown.labels.insert("overdue".to_owned());
    show(&mut row, shown);
    let first = plan(&context, std::slice::from_ref(&row));
    assert_nobodys_word(&first, "label and date");
    let edit = &edits(&first)[0].edit;
    assert_eq!(edit.remove_labels, ["overdue".to_owned()].into());
    assert_eq!(edit.due.as_ref().unwrap().to, Some(date("2026-04-21")));
    assert_settles(&context, &mut row, "label and date");
}

#[test]
fn a_label_that_a_lost_answer_took_off_is_put_back_when_it_is_due_again() {
    let context = policies(ConflictPolicy::Tracker);
    let mut link = jira_link(KEY, 1);
    link.pushed.labels.insert("risk-accepted".to_owned());
    let before = due(jira_issue(1));
    let edit = Edit { remove_labels: ["risk-accepted".to_owned()].into(), ..Edit::default() };
    let row = amid(linked(in_state(State::RiskAccepted), link, before.clone()), &before, &edit, &[]);
    let plan = plan(&context, &[row]);
    assert_nobodys_word(&plan, "label");
    assert_eq!(edits(&plan)[0].edit.add_labels, ["risk-accepted".to_owned()].into());
}

#[test]
fn a_description_that_a_lost_answer_wrote_is_not_somebody_elses() {
    let (old, new) = (digest::of_text("old"), digest::of_text("new"));
    let mut link = link(KEY, 3);
    link.pushed.block = Some(old.clone());
    let before = Issue { block: Some(old.clone()), ..issue(3) };
    let edit = Edit { block: Some(Change { from: old, to: "new".to_owned() }), ..Edit::default() };
    let mut row = amid(linked(finding(KEY), link, before.clone()), &before, &edit, &[]);
    show(&mut row, Issue { block: Some(new.clone()), ..before });
    let first = plan(&context(), std::slice::from_ref(&row));
    assert_nobodys_word(&first, "description");
    assert_eq!(edits(&first)[0].edit.block.as_ref().map(|change| &change.from), Some(&new));
    assert_settles(&context(), &mut row, "description");
}

#[test]
fn what_an_answer_does_not_show_says_nothing_of_an_open_edit() {
    let context = policies(ConflictPolicy::Tracker);
    let row = halfway(&STATUSES, 1, State::PendingVerification);
    let mut hidden = row.clone();
    let Observed::Known(issue) = row.links[0].1.clone() else { panic!("it is known") };
    // Whatever stands in the place of what is not shown.
    for shown in [issue.clone(), at(issue, STATUSES[0])] {
        show(&mut hidden, Issue { unseen: Issue::COMPARED.into(), ..shown });
        for minutes in [0, 24 * 60] {
            let context = Context { now: now() + TimeDelta::minutes(minutes), ..context.clone() };
            let plan = plan(&context, std::slice::from_ref(&hidden));
            assert_nobodys_word(&plan, "not shown");
            assert_eq!(edits(&plan).len(), 0, "{plan:?}");
            let closed =
                |action: &Action| matches!(action, Action::Record { edits, .. } if !edits.is_empty());
            assert!(!plan.actions.iter().any(closed), "it stays open: {plan:?}");
        }
    }
}

#[test]
fn labels_and_dates_that_are_not_shown_leave_an_open_edit_as_it_was() {
    let context = policies(ConflictPolicy::Tracker);
    let before = due(jira_issue(1));
    let edit = Edit {
        add_labels: ["overdue".to_owned()].into(),
        remove_labels: ["risk-accepted".to_owned()].into(),
        due: Some(Change { from: before.due, to: Some(date("2026-03-05")) }),
        ..Edit::default()
    };
    let mut link = jira_link(KEY, 1);
    link.pushed.labels.insert("risk-accepted".to_owned());
    let mut row = amid(linked(in_state(State::Open), link.clone(), before.clone()), &before, &edit, &[]);
    let unseen = [Field::Labels, Field::Due].into();
    show(&mut row, Issue { labels: [].into(), due: None, unseen, ..before });
    let plan = plan(&context, &[row]);
    for action in &plan.actions {
        let Action::Record { links, edits, .. } = action else { panic!("nothing is written: {action:?}") };
        assert!(edits.is_empty(), "it stays open: {edits:?}");
        assert!(links.iter().all(|becomes| becomes.pushed == link.pushed), "{links:?}");
    }
}
