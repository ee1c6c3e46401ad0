//! Owner and status across links: what is pulled, what is pushed, and who wins.

mod cube;
mod quiet;

use chrono::TimeDelta;
use postmortem_sync::{
    model::{
        cycle::NoteKind,
        digest,
        finding::{Claim, Claimant, Finding, Keep, Owner, Verification, Waiver},
        history::Entry,
        issue::{Change, Edit, Field, Issue},
        link::{Agreed, Link, LinkKind, Refusal},
        observed::Observed,
        rule::{ConflictPolicy, Outcome},
        terms::{Progress, State},
    },
    plan::{
        action::{Action, EditAction, Overruled, Plan},
        plan, poison,
        snapshot::{Context, Row},
    },
};

use crate::{
    build::{
        context, date, destination, finding, issue, jira_issue, jira_link, link, linked, member, minutes,
        now, on_record, owned_by, rule,
    },
    replay::{apply, writes},
};

const KEY: &str = "PM-1/F1";
const OTHER: &str = "PM-1/F2";

fn one(row: &Row) -> Plan {
    plan(&context(), std::slice::from_ref(row))
}

/// The usual context, with the rule's policy for conflicts.
fn with_policy(policy: ConflictPolicy) -> Context {
    let mut to = destination("github", "acme/payments");
    (to.owner_conflict, to.status_conflict) = (policy, policy);
    Context { rules: vec![rule("payments", Outcome::Create(to))], ..context() }
}

/// The finding as the plan records it.
fn recorded(plan: &Plan) -> &Finding {
    let mut found = plan.actions.iter().filter_map(|action| match action {
        Action::Record { becomes: Some(becomes), .. } => Some(becomes),
        _ => None,
    });
    found.next().unwrap_or_else(|| panic!("no finding is recorded: {:#?}", plan.actions))
}

fn edits(plan: &Plan) -> Vec<&EditAction> {
    let edits = plan.actions.iter().filter_map(|action| match action {
        Action::Edit(edit) => Some(edit),
        _ => None,
    });
    edits.collect()
}

fn edit(plan: &Plan) -> &EditAction {
    let edits = edits(plan);
    assert_eq!(edits.len(), 1, "{:#?}", plan.actions);
    edits[0]
}

/// What a tracker refuses for an hour.
fn refusal(why: &str, asked: Option<&str>) -> Refusal {
    Refusal { why: why.to_owned(), asked: asked.map(str::to_owned), until: minutes(60), facts: None }
}

fn kinds(plan: &Plan) -> Vec<NoteKind> {
    let overruled = edits(plan).into_iter().flat_map(|edit| &edit.overruled.notes);
    plan.notes.iter().chain(overruled).map(|note| note.kind).collect()
}

fn assigned(number: u64, accounts: &[&str]) -> Issue {
    let assignees = accounts.iter().map(|account| (*account).into()).collect();
    Issue { assignees, chosen: Some(true), ..issue(number) }
}

fn agreed_owner(link: Link, owner: &Owner) -> Link {
    let mut link = link;
    link.baseline.owner = Some(Agreed { finding: owner.clone(), issue: owner.clone() });
    link
}

fn agreed(link: Link, progress: Progress) -> Link {
    let mut link = link;
    link.baseline.progress = Some(Agreed { finding: progress, issue: progress });
    link
}

fn at(issue: Issue, progress: Progress) -> Issue {
    Issue { progress, status_text: progress.to_string(), ..issue }
}

fn pending(key: &str) -> Finding {
    let claim = Claim { at: minutes(-60), by: Claimant::Person("ana".into()) };
    Finding { state: State::PendingVerification, claim: Some(claim), ..finding(key) }
}

fn resolved(key: &str) -> Finding {
    let resolution =
        Verification { by: "rita".into(), at: minutes(-30), evidence: Vec::new(), procedure: None };
    Finding { state: State::Resolved, resolution: Some(resolution), ..pending(key) }
}

fn rejected(key: &str) -> Finding {
    Finding {
        state: State::InProgress,
        rejections: 1,
        pending_comment: Some("the alarm is silent".to_owned()),
        pending_comment_since: Some(minutes(-10)),
        ..finding(key)
    }
}

fn waived(key: &str) -> Finding {
    let waiver = Waiver {
        by: "rita".into(),
        at: minutes(-60),
        reason: "a replacement is on its way".to_owned(),
        expires: date("2026-05-01"),
    };
    Finding { state: State::RiskAccepted, waiver: Some(waiver), ..finding(key) }
}

/// One finding with several issues.
fn several(finding: Finding, links: Vec<(Link, Issue)>) -> Row {
    let links: Vec<_> = links.into_iter().map(|(link, issue)| (link, Observed::Known(issue))).collect();
    Row { findings: vec![on_record(finding, &links)], links }
}

/// Two findings on one issue, with the status that each agreed on.
fn shared(one: Finding, other: Finding, agreed_on: (Progress, Progress), issue: &Issue) -> Row {
    let link_of = |finding: &Finding, agreed_on| Link {
        kind: LinkKind::Cited,
        ..agreed(link(finding.key.as_str(), 3), agreed_on)
    };
    let links = vec![
        (link_of(&one, agreed_on.0), Observed::Known(issue.clone())),
        (link_of(&other, agreed_on.1), Observed::Known(issue.clone())),
    ];
    Row { findings: vec![member(one), member(other)], links }
}

/// Applies plans until nothing more happens, and returns how many writes each took.
fn settle(context: &Context, row: &mut Row) -> Vec<usize> {
    let mut taken = Vec::new();
    for _ in 0..4 {
        let plan = plan(context, std::slice::from_ref(row));
        if plan.actions.is_empty() {
            return taken;
        }
        taken.push(writes(&plan));
        apply(context, row, plan);
    }
    panic!("it does not come to rest: {:#?}", plan(context, std::slice::from_ref(row)).actions);
}

fn state(row: &Row, key: &str) -> State {
    row.findings.iter().find(|member| member.finding.key.as_str() == key).unwrap().finding.state
}

// ---- owner ----------------------------------------------------------------------------------------------------

#[test]
fn an_assignee_who_changed_in_the_tracker_owns_the_finding() {
    let plan = one(&linked(finding(KEY), link(KEY, 3), assigned(3, &["ana-gh"])));
    assert_eq!(recorded(&plan).owner, owned_by("ana"));
    assert_eq!(writes(&plan), 0);
}

#[test]
fn an_assignee_who_was_taken_off_in_the_tracker_owns_it_no_more() {
    let ana = owned_by("ana");
    let owned = Finding { owner: ana.clone(), ..finding(KEY) };
    let plan = one(&linked(owned, agreed_owner(link(KEY, 3), &ana), issue(3)));
    assert_eq!(recorded(&plan).owner, Owner::Nobody);
}

#[test]
fn an_owner_who_changed_in_the_register_is_assigned() {
    let owned = Finding { owner: owned_by("ana"), ..finding(KEY) };
    let plan = one(&linked(owned, link(KEY, 3), issue(3)));
    let edit = edit(&plan);
    assert_eq!(edit.edit.owner, Some(Change { from: None, to: Some("ana-gh".into()) }));
    assert_eq!(edit.owner, Some(owned_by("ana")));
}

#[test]
fn only_the_assignee_who_is_followed_is_replaced() {
    let ana = owned_by("ana");
    let owned = Finding { owner: owned_by("ben"), ..finding(KEY) };
    let helped = assigned(3, &["zoe", "ana-gh"]);
    let plan = one(&linked(owned, agreed_owner(link(KEY, 3), &ana), helped));
    assert_eq!(
        edit(&plan).edit.owner,
        Some(Change { from: Some("ana-gh".into()), to: Some("ben-gh".into()) })
    );
}

#[test]
fn helpers_who_are_assigned_besides_the_owner_change_nothing() {
    let ana = owned_by("ana");
    let owned = Finding { owner: ana.clone(), ..finding(KEY) };
    let plan = one(&linked(owned, agreed_owner(link(KEY, 3), &ana), assigned(3, &["ben-gh", "Ana-GH"])));
    assert_eq!(plan.actions, Vec::new());
}

#[test]
fn an_unmapped_account_is_kept_and_reported() {
    let plan = one(&linked(finding(KEY), link(KEY, 3), assigned(3, &["stranger"])));
    assert_eq!(recorded(&plan).owner, Owner::Unmapped("github:stranger".to_owned()));
    assert_eq!(kinds(&plan), [NoteKind::UnknownPerson]);
    assert_eq!(writes(&plan), 0);
}

#[test]
fn an_unmapped_account_is_never_overwritten_or_cleared() {
    let stranger = Owner::Unmapped("github:stranger".to_owned());
    for owner in [owned_by("ana"), Owner::Nobody] {
        let moved = Finding { owner, ..finding(KEY) };
        let plan = one(&linked(moved, agreed_owner(link(KEY, 3), &stranger), assigned(3, &["stranger"])));
        assert_eq!(writes(&plan), 0, "{:?}", plan.actions);
        assert_eq!(kinds(&plan), [NoteKind::UnknownPerson]);
    }
}

#[test]
fn an_account_that_the_directory_learns_becomes_a_person() {
    let ana = Owner::Unmapped("github:ana-gh".to_owned());
    let owned = Finding { owner: ana.clone(), ..finding(KEY) };
    let plan = one(&linked(owned, agreed_owner(link(KEY, 3), &ana), assigned(3, &["ana-gh"])));
    assert_eq!(recorded(&plan).owner, owned_by("ana"));
}

#[test]
fn a_person_without_an_account_there_is_reported_and_nothing_is_pushed() {
    let owned = Finding { owner: owned_by("ben"), ..finding(KEY) };
    let plan =
        one(&linked(owned, jira_link(KEY, 3), Issue { due: Some(date("2026-04-21")), ..jira_issue(3) }));
    assert_eq!(writes(&plan), 0);
    assert!(plan.notes.iter().any(|note| note.kind == NoteKind::UnknownPerson && note.why.contains("ben")));
}

#[test]
fn an_owner_who_is_only_text_is_reported_and_nothing_is_pushed() {
    let owned = Finding { owner: Owner::Unmapped("the network team".to_owned()), ..finding(KEY) };
    let plan = one(&linked(owned, link(KEY, 3), issue(3)));
    assert_eq!((writes(&plan), kinds(&plan)), (0, vec![NoteKind::UnknownPerson]));
}

#[test]
fn owners_that_changed_apart_follow_the_rules_policy() {
    let owned = Finding { owner: owned_by("ana"), ..finding(KEY) };
    let row = linked(owned, link(KEY, 3), assigned(3, &["ben-gh"]));
    let tracker = plan(&with_policy(ConflictPolicy::Tracker), std::slice::from_ref(&row));
    assert_eq!((recorded(&tracker).owner.clone(), writes(&tracker)), (owned_by("ben"), 0));
    let ours = plan(&with_policy(ConflictPolicy::Finding), std::slice::from_ref(&row));
    assert_eq!(
        edit(&ours).edit.owner,
        Some(Change { from: Some("ben-gh".into()), to: Some("ana-gh".into()) })
    );
    let flag = plan(&with_policy(ConflictPolicy::Flag), &[row]);
    assert_eq!((flag.actions.len(), kinds(&flag)), (0, vec![NoteKind::Conflict]));
    for plan in [tracker, ours] {
        assert_eq!(kinds(&plan), [NoteKind::Overruled], "the loser is listed");
    }
}

#[test]
fn each_field_follows_a_policy_of_its_own() {
    let row = linked(
        Finding { owner: owned_by("ana"), ..pending(KEY) },
        agreed(link(KEY, 3), Progress::InProgress),
        Issue { assignees: vec!["ben-gh".into()], ..at(issue(3), Progress::Declined) },
    );
    let with = |owner, status| {
        let mut to = destination("github", "acme/payments");
        (to.owner_conflict, to.status_conflict) = (owner, status);
        let context = Context { rules: vec![rule("payments", Outcome::Create(to))], ..context() };
        plan(&context, std::slice::from_ref(&row))
    };
    let edited = |plan: &Plan| {
        let changes = edits(plan).into_iter().map(|edit| &edit.edit);
        changes.fold((false, false), |(owner, status), edit| {
            (owner || edit.owner.is_some(), status || edit.progress.is_some())
        })
    };
    assert_eq!(edited(&with(ConflictPolicy::Finding, ConflictPolicy::Tracker)), (true, false));
    assert_eq!(edited(&with(ConflictPolicy::Tracker, ConflictPolicy::Finding)), (false, true));
}

#[test]
fn an_owner_who_loses_to_the_tracker_is_kept_in_the_history() {
    let owned = Finding { owner: owned_by("ana"), ..finding(KEY) };
    let plan = one(&linked(owned, link(KEY, 3), assigned(3, &["ben-gh"])));
    let [Action::Record { entries, .. }] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    assert!(entries.iter().any(|entry| {
        (entry.event.as_str(), entry.before.as_deref(), entry.after.as_deref())
            == ("conflict", Some("ana"), Some("ben"))
            && entry.why.contains("the rule's policy keeps")
    }));
}

/// What entries of the history say: the event, and the values before and after.
fn told(entries: &[Entry]) -> Vec<(&str, &str, &str)> {
    let told = entries.iter().map(|entry| {
        let (before, after) = (entry.before.as_deref(), entry.after.as_deref());
        (entry.event.as_str(), before.unwrap_or_default(), after.unwrap_or_default())
    });
    told.collect()
}

#[test]
fn a_value_that_the_finding_overrules_is_in_the_history_before_it_is_overwritten() {
    let context = with_policy(ConflictPolicy::Finding);
    let owner =
        linked(Finding { owner: owned_by("ana"), ..finding(KEY) }, link(KEY, 3), assigned(3, &["ben-gh"]));
    let status = linked(
        Finding { state: State::InProgress, ..finding(KEY) },
        agreed(jira_link(KEY, 3), Progress::Open),
        at(jira_issue(3), Progress::Done),
    );
    for (mut row, conflict) in
        [(owner, ("conflict", "ben", "ana")), (status, ("conflict", "done", "in_progress"))]
    {
        let first = plan(&context, std::slice::from_ref(&row));
        let overruling = edit(&first);
        assert_eq!(told(&overruling.overruled.entries), [conflict]);
        assert_eq!(overruling.overruled.notes[0].kind, NoteKind::Overruled);
        // It is not sent: nothing was overruled.
        assert_eq!(plan(&context, std::slice::from_ref(&row)).actions, first.actions);
        // It is sent and does not get through: it is tried again, and said once.
        overruling.overruled.agree(&mut row.links[0].0);
        let second = plan(&context, std::slice::from_ref(&row));
        assert_eq!(edit(&second).edit, edit(&first).edit);
        assert_eq!(writes(&second), 1);
        assert_eq!(edit(&second).overruled, Overruled::default());
    }
}

#[test]
fn who_thinks_again_before_an_overruling_write_gets_through_is_heard() {
    let context = with_policy(ConflictPolicy::Finding);
    let owned = Finding { owner: owned_by("ana"), ..finding(KEY) };
    let mut row = linked(owned, link(KEY, 3), assigned(3, &["ben-gh"]));
    let sent = plan(&context, std::slice::from_ref(&row));
    edit(&sent).overruled.agree(&mut row.links[0].0);
    row.findings[0].finding.owner = Owner::Nobody;
    let change = Change { from: Some("ben-gh".into()), to: None };
    assert_eq!(edit(&plan(&context, &[row])).edit.owner, Some(change));
}

#[test]
fn the_first_issue_says_who_owns_it_even_while_it_cannot_be_read() {
    let mut row =
        several(finding(KEY), vec![(link(KEY, 3), issue(3)), (link(KEY, 4), assigned(4, &["ben-gh"]))]);
    row.links[0].1 = Observed::unknown("502");
    assert_eq!(one(&row).actions, Vec::new(), "the second one does not step in");
}

#[test]
fn a_further_issue_follows_the_rules_policy_as_well() {
    let owned = Finding { owner: owned_by("ana"), ..finding(KEY) };
    let ana = agreed_owner(link(KEY, 3), &owned_by("ana"));
    let row = several(owned, vec![(ana, assigned(3, &["ana-gh"])), (link(KEY, 4), assigned(4, &["ben-gh"]))]);
    let ours = plan(&with_policy(ConflictPolicy::Finding), std::slice::from_ref(&row));
    assert_eq!(
        edit(&ours).edit.owner,
        Some(Change { from: Some("ben-gh".into()), to: Some("ana-gh".into()) })
    );
    let flag = plan(&with_policy(ConflictPolicy::Flag), &[row]);
    assert_eq!((flag.actions.len(), kinds(&flag)), (0, vec![NoteKind::Conflict]));
}

#[test]
fn owners_that_changed_to_the_same_person_are_agreed() {
    let owned = Finding { owner: owned_by("ana"), ..finding(KEY) };
    let plan = one(&linked(owned, link(KEY, 3), assigned(3, &["ana-gh"])));
    let [Action::Record { becomes: None, links, entries, .. }] = plan.actions.as_slice() else {
        panic!("{:?}", plan.actions)
    };
    assert_eq!(links[0].baseline.owner, Some(Agreed { finding: owned_by("ana"), issue: owned_by("ana") }));
    assert_eq!((told(entries), plan.notes.len()), (vec![("agreed", "nobody", "ana")], 0));
}

#[test]
fn what_failed_before_is_forgotten_when_nothing_is_left_to_write() {
    let failed = poison::failed(None, &Edit::default(), "502".to_owned(), minutes(-60));
    let mut row = linked(finding(KEY), Link { failed_edits: Some(failed), ..link(KEY, 3) }, issue(3));
    assert_eq!(settle(&context(), &mut row), [0]);
    assert_eq!(row.links[0].0.failed_edits, None);
}

#[test]
fn statuses_that_changed_alike_are_agreed_and_told_where_the_issue_moved() {
    let begun = Finding { state: State::InProgress, ..finding(KEY) };
    for (seen, entries) in [
        (at(issue(3), Progress::InProgress), vec![("agreed", "open", "in_progress")]),
        // GitHub knows no work in progress: the issue shows it already, and nobody wrote.
        (issue(3), vec![]),
    ] {
        let plan = one(&linked(begun.clone(), link(KEY, 3), seen.clone()));
        let [Action::Record { becomes: None, links, entries: made, .. }] = plan.actions.as_slice() else {
            panic!("{:?}", plan.actions)
        };
        let now = Agreed { finding: Progress::InProgress, issue: seen.progress };
        assert_eq!((links[0].baseline.progress.as_ref(), told(made)), (Some(&now), entries));
    }
}

#[test]
fn two_owners_that_never_agreed_are_a_conflict_and_never_an_overwrite() {
    let owned = Finding { owner: owned_by("ana"), ..finding(KEY) };
    let mut cited = link(KEY, 3);
    cited.baseline.owner = None;
    let plan = one(&linked(owned, cited, assigned(3, &["ben-gh"])));
    assert_eq!((plan.actions.len(), kinds(&plan)), (0, vec![NoteKind::Conflict]));
}

/// The first look at an issue of ours on which nothing was agreed yet.
fn first_look(owner: Owner, issue: Issue) -> Row {
    let mut fresh = link(KEY, 3);
    fresh.baseline.owner = None;
    linked(Finding { owner, ..finding(KEY) }, fresh, issue)
}

#[test]
fn an_assignee_whom_nobody_chose_is_not_the_owner_and_is_told_while_it_stands() {
    let default = Issue { chosen: Some(false), ..assigned(3, &["ana-gh"]) };
    let mut row = first_look(Owner::Nobody, default.clone());
    let told = one(&row);
    assert_eq!((writes(&told), kinds(&told)), (0, vec![NoteKind::DefaultOwner]));
    assert!(told.notes[0].why.contains("ana is assigned by the default"), "{}", told.notes[0].why);
    apply(&context(), &mut row, told);
    let (link, finding) = (&row.links[0].0, &row.findings[0].finding);
    assert_eq!(link.baseline.owner, Some(Agreed { finding: Owner::Nobody, issue: owned_by("ana") }));
    assert_eq!(finding.owner, Owner::Nobody);
    let quiet = one(&row);
    assert_eq!((quiet.actions.len(), kinds(&quiet)), (0, vec![NoteKind::DefaultOwner]));

    let mut chosen = row.clone();
    chosen.links[0].1 = Observed::Known(assigned(3, &["ben-gh"]));
    let plan = one(&chosen);
    assert_eq!((&recorded(&plan).owner, kinds(&plan)), (&owned_by("ben"), vec![]), "a person's word");

    row.findings[0].finding.owner = owned_by("ben");
    let change = Change { from: Some("ana-gh".into()), to: Some("ben-gh".into()) };
    assert_eq!(edit(&one(&row)).edit.owner, Some(change), "a person's word in the register");
}

#[test]
fn an_owner_whom_a_create_lost_to_the_default_is_written_again() {
    let default = Issue { chosen: Some(false), ..assigned(3, &["ana-gh"]) };
    let plan = one(&first_look(owned_by("ben"), default));
    let change = Change { from: Some("ana-gh".into()), to: Some("ben-gh".into()) };
    assert_eq!((edit(&plan).edit.owner.clone(), kinds(&plan)), (Some(change), vec![]));
}

#[test]
fn where_no_history_tells_only_an_issue_as_it_was_created_has_its_default() {
    let untold = Issue { chosen: None, ..assigned(3, &["ana-gh"]) };
    assert_eq!(kinds(&one(&first_look(Owner::Nobody, untold.clone()))), [NoteKind::DefaultOwner]);
    let later = Issue { updated: untold.created + TimeDelta::minutes(1), ..untold };
    assert_eq!(recorded(&one(&first_look(Owner::Nobody, later))).owner, owned_by("ana"));
}

#[test]
fn a_cited_issue_has_no_default() {
    let mut row = first_look(Owner::Nobody, Issue { chosen: Some(false), ..assigned(3, &["ana-gh"]) });
    row.links[0].0.kind = LinkKind::Cited;
    assert_eq!(recorded(&one(&row)).owner, owned_by("ana"));
}

#[test]
fn an_issue_that_is_written_again_and_again_is_left_alone_for_a_while() {
    let owned = Finding { owner: owned_by("ana"), ..finding(KEY) };
    let written =
        |times: i64| Link { written: (0..times).map(|n| minutes(-10 * n)).collect(), ..link(KEY, 3) };
    assert_eq!(writes(&one(&linked(owned.clone(), written(5), issue(3)))), 1);
    let row = linked(owned, written(6), issue(3));
    let spent = one(&row);
    assert_eq!((writes(&spent), kinds(&spent)), (0, vec![NoteKind::Held]));
    let later = Context { now: minutes(10), ..context() };
    assert_eq!(writes(&plan(&later, &[row])), 1, "the oldest write is an hour old");
}

/// A finding on which a person ruled about a field.
fn ruled(finding: Finding, field: Field, keep: Keep) -> Finding {
    Finding { rulings: [(field, keep)].into(), ..finding }
}

#[test]
fn a_person_settles_owners_that_nobodys_policy_decides() {
    let context = with_policy(ConflictPolicy::Flag);
    let mut cited = link(KEY, 3);
    cited.baseline.owner = None;
    for link in [link(KEY, 3), cited] {
        let owned = |keep| ruled(Finding { owner: owned_by("ana"), ..finding(KEY) }, Field::Owner, keep);
        let row = |keep| linked(owned(keep), link.clone(), assigned(3, &["ben-gh"]));
        let theirs = plan(&context, &[row(Keep::Tracker)]);
        let settled = Finding { owner: owned_by("ben"), ..finding(KEY) };
        assert_eq!((recorded(&theirs), writes(&theirs)), (&settled, 0), "the ruling is spent");
        let mut row = row(Keep::Finding);
        let ours = plan(&context, std::slice::from_ref(&row));
        let change = Change { from: Some("ben-gh".into()), to: Some("ana-gh".into()) };
        assert_eq!(edit(&ours).edit.owner, Some(change));
        for plan in [theirs, ours.clone()] {
            assert_eq!(kinds(&plan), [NoteKind::Overruled]);
        }
        apply(&context, &mut row, ours);
        let after = plan(&context, std::slice::from_ref(&row));
        assert_eq!((recorded(&after).rulings.len(), writes(&after), kinds(&after)), (0, 0, vec![]));
    }
}

#[test]
fn a_person_settles_a_status_that_nobodys_policy_decides() {
    let context = with_policy(ConflictPolicy::Flag);
    let row = |keep| {
        let finding = ruled(rejected(KEY), Field::Progress, keep);
        linked(finding, agreed(link(KEY, 3), Progress::Done), at(issue(3), Progress::Declined))
    };
    let theirs = plan(&context, &[row(Keep::Tracker)]);
    assert!(recorded(&theirs).declined_upstream && recorded(&theirs).rulings.is_empty());
    let ours = plan(&context, &[row(Keep::Finding)]);
    let change = Change { from: Progress::Declined, to: Progress::InProgress };
    assert_eq!(edit(&ours).edit.progress, Some(change));
}

#[test]
fn a_ruling_says_nothing_about_the_next_conflict() {
    let agreed = ruled(finding(KEY), Field::Owner, Keep::Finding);
    let plan = one(&linked(agreed, link(KEY, 3), issue(3)));
    assert!(recorded(&plan).rulings.is_empty());
}

#[test]
fn the_first_issue_says_who_owns_it_and_the_others_follow() {
    let row = several(finding(KEY), vec![(link(KEY, 3), assigned(3, &["ana-gh"])), (link(KEY, 4), issue(4))]);
    let plan = one(&row);
    assert_eq!(recorded(&plan).owner, owned_by("ana"));
    assert_eq!(edit(&plan).edit.owner, Some(Change { from: None, to: Some("ana-gh".into()) }));
    assert_eq!(edit(&plan).issue.key, "acme/payments#4");
}

#[test]
fn an_assignee_of_a_further_issue_is_left_alone_and_owns_nothing() {
    let mut row =
        several(finding(KEY), vec![(link(KEY, 3), issue(3)), (link(KEY, 4), assigned(4, &["ben-gh"]))]);
    let plan = one(&row);
    assert_eq!((plan.actions.len(), kinds(&plan)), (0, vec![NoteKind::Drift]));
    // Nor when the first issue is given to somebody later.
    row.links[0].1 = Observed::Known(assigned(3, &["ana-gh"]));
    let plan = one(&row);
    assert_eq!((recorded(&plan).owner.clone(), writes(&plan)), (owned_by("ana"), 0));
}

#[test]
fn an_owner_found_on_a_further_new_link_reaches_the_first_issue_at_once() {
    let fresh = |number| Link { baseline: Default::default(), ..link(KEY, number) };
    let mut row = several(finding(KEY), vec![(fresh(3), issue(3)), (fresh(4), assigned(4, &["ben-gh"]))]);
    assert_eq!(settle(&context(), &mut row), [1]);
    assert_eq!(row.findings[0].finding.owner, owned_by("ben"));
}

#[test]
fn where_findings_share_an_issue_its_owner_is_only_read() {
    let owned = Finding { owner: owned_by("ana"), ..finding(KEY) };
    let row = shared(owned, finding(OTHER), (Progress::Open, Progress::Open), &issue(3));
    let plan = one(&row);
    assert_eq!((writes(&plan), kinds(&plan)), (0, vec![NoteKind::Deferred]));
    let row =
        shared(finding(KEY), finding(OTHER), (Progress::Open, Progress::Open), &assigned(3, &["ana-gh"]));
    let plan = one(&row);
    assert_eq!((plan.actions.len(), writes(&plan)), (2, 0), "both findings take the assignee");
}

// ---- status ---------------------------------------------------------------------------------------------------

#[test]
fn closing_an_issue_claims_the_finding_done_in_the_closers_name() {
    let closed = Issue { closed_by: Some("Ana-GH".into()), ..at(issue(3), Progress::Done) };
    let plan = one(&linked(finding(KEY), link(KEY, 3), closed));
    let becomes = recorded(&plan);
    assert_eq!(becomes.state, State::PendingVerification);
    assert_eq!(becomes.claim, Some(Claim { at: now(), by: Claimant::Person("ana".into()) }));
    assert_eq!(writes(&plan), 0);
}

#[test]
fn a_closer_nobody_knows_is_kept_as_an_account() {
    let closed = Issue { closed_by: Some("stranger".into()), ..at(issue(3), Progress::Done) };
    let plan = one(&linked(finding(KEY), link(KEY, 3), closed));
    let by = recorded(&plan).claim.clone().unwrap().by;
    assert_eq!(by, Claimant::Account("stranger".into()));
    let silent = one(&linked(finding(KEY), link(KEY, 3), at(issue(3), Progress::Done)));
    assert_eq!(recorded(&silent).claim.clone().unwrap().by, Claimant::Unknown);
}

#[test]
fn a_claimant_nobody_knew_is_learnt_later() {
    let claim = |by| Some(Claim { at: minutes(-60), by });
    let closed = Issue { closed_by: Some("ana-gh".into()), ..at(issue(3), Progress::Done) };
    for by in [Claimant::Unknown, Claimant::Account("ana-gh".into())] {
        let waiting = Finding { claim: claim(by), ..pending(KEY) };
        let mut row = linked(waiting, agreed(link(KEY, 3), Progress::Done), closed.clone());
        let plan = one(&row);
        assert_eq!(recorded(&plan).claim, claim(Claimant::Person("ana".into())));
        apply(&context(), &mut row, plan);
        assert_eq!(one(&row).actions, Vec::new());
    }
}

#[test]
fn closing_as_not_planned_never_resolves() {
    let plan = one(&linked(finding(KEY), link(KEY, 3), at(issue(3), Progress::Declined)));
    assert_eq!((recorded(&plan).state, recorded(&plan).declined_upstream), (State::Open, true));
    let plan =
        one(&linked(pending(KEY), agreed(link(KEY, 3), Progress::Done), at(issue(3), Progress::Declined)));
    assert_eq!((recorded(&plan).state, recorded(&plan).declined_upstream), (State::InProgress, true));
}

#[test]
fn work_that_begins_in_jira_begins_in_the_register() {
    let begun = Issue { due: Some(date("2026-04-21")), ..at(jira_issue(3), Progress::InProgress) };
    let plan = one(&linked(finding(KEY), jira_link(KEY, 3), begun));
    assert_eq!(recorded(&plan).state, State::InProgress);
}

#[test]
fn a_rejected_claim_reopens_the_issue_with_a_comment() {
    let mut row = linked(rejected(KEY), agreed(link(KEY, 3), Progress::Done), at(issue(3), Progress::Done));
    let plan = one(&row);
    let edit = edit(&plan);
    assert_eq!(edit.edit.progress, Some(Change { from: Progress::Done, to: Progress::InProgress }));
    assert_eq!(edit.edit.comment.as_deref(), Some("the alarm is silent"));
    assert_eq!(settle(&context(), &mut row), [1]);
    assert_eq!(state(&row, KEY), State::InProgress, "GitHub shows it open, and that moves nothing");
}

#[test]
fn a_refused_comment_waits_for_its_cool_down() {
    let mut settled = agreed(link(KEY, 3), Progress::InProgress);
    settled.baseline.progress = Some(Agreed { finding: Progress::InProgress, issue: Progress::Open });
    settled.refused.insert(Field::Comment, refusal("locked", None));
    let row = linked(rejected(KEY), settled.clone(), issue(3));
    let plan = one(&row);
    assert_eq!((writes(&plan), kinds(&plan)), (0, vec![NoteKind::Refused]));
    settled.refused.get_mut(&Field::Comment).unwrap().until = now();
    assert!(edit(&one(&linked(rejected(KEY), settled.clone(), issue(3)))).edit.comment.is_some());
    let written = |refused: &str| {
        settled.refused.insert(Field::Comment, refusal("too long", Some(&digest::of_text(refused))));
        writes(&one(&linked(rejected(KEY), settled.clone(), issue(3))))
    };
    assert_eq!(["the alarm is silent", "another word"].map(written), [0, 1], "another word may be taken");
}

#[test]
fn an_issue_reopened_upstream_reopens_the_finding() {
    for closed in [pending(KEY), resolved(KEY)] {
        let plan = one(&linked(closed, agreed(link(KEY, 3), Progress::Done), issue(3)));
        let becomes = recorded(&plan);
        assert_eq!((becomes.state, &becomes.claim, &becomes.resolution), (State::Open, &None, &None));
        assert_eq!(writes(&plan), 0);
    }
}

#[test]
fn statuses_that_changed_to_the_same_are_agreed() {
    let plan = one(&linked(pending(KEY), link(KEY, 3), at(issue(3), Progress::Done)));
    assert_eq!((writes(&plan), plan.notes.len()), (0, 0));
    let [Action::Record { becomes: None, links, .. }] = plan.actions.as_slice() else {
        panic!("{:?}", plan.actions)
    };
    assert_eq!(links[0].baseline.progress, Some(Agreed { finding: Progress::Done, issue: Progress::Done }));
}

#[test]
fn statuses_that_changed_apart_follow_the_rules_policy() {
    // A reviewer rejected the claim while the issue was closed as not planned.
    let row = linked(rejected(KEY), agreed(link(KEY, 3), Progress::Done), at(issue(3), Progress::Declined));
    let tracker = plan(&with_policy(ConflictPolicy::Tracker), std::slice::from_ref(&row));
    assert!(recorded(&tracker).declined_upstream);
    let ours = plan(&with_policy(ConflictPolicy::Finding), std::slice::from_ref(&row));
    assert_eq!(
        edit(&ours).edit.progress,
        Some(Change { from: Progress::Declined, to: Progress::InProgress })
    );
    let flag = plan(&with_policy(ConflictPolicy::Flag), std::slice::from_ref(&row));
    assert!(edits(&flag).iter().all(|edit| edit.edit.progress.is_none()));
    for plan in [tracker, ours] {
        assert_eq!(kinds(&plan), [NoteKind::Overruled]);
    }
    assert_eq!(kinds(&flag), [NoteKind::Conflict]);
}

#[test]
fn a_conflict_that_waits_for_a_person_is_not_settled_by_another_issue() {
    let context = with_policy(ConflictPolicy::Flag);
    let row = several(
        rejected(KEY),
        vec![
            (agreed(link(KEY, 3), Progress::Done), at(issue(3), Progress::Declined)),
            (agreed(link(KEY, 4), Progress::InProgress), at(issue(4), Progress::Done)),
        ],
    );
    let plan = plan(&context, &[row]);
    for action in &plan.actions {
        if let Action::Record { becomes, links, .. } = action {
            assert!(becomes.is_none(), "{action:#?}");
            let kept = Some(Agreed { finding: Progress::Done, issue: Progress::Done });
            let mut waiting = links.iter().filter(|link| link.issue.key == "acme/payments#3");
            assert!(waiting.all(|link| link.baseline.progress == kept), "{action:#?}");
        }
    }
    assert!(kinds(&plan).contains(&NoteKind::Conflict));
}

#[test]
fn an_issue_that_was_closed_while_another_was_open_counts_once_that_one_is_followed_no_more() {
    let begun = Finding { state: State::InProgress, ..finding(KEY) };
    let heard = Some(Agreed { finding: Progress::InProgress, issue: Progress::Done });
    let mut done = link(KEY, 4);
    done.baseline.progress = heard;
    let open = agreed(link(KEY, 3), Progress::InProgress);
    let mut row = several(begun, vec![(open, issue(3)), (done, at(issue(4), Progress::Done))]);
    assert_eq!(settle(&context(), &mut row), [0]);
    assert_eq!(row.findings[0].finding.state, State::InProgress, "one of them is open");
    row.links.remove(0);
    assert_eq!(settle(&context(), &mut row), [0]);
    assert_eq!(row.findings[0].finding.state, State::PendingVerification);
}

#[test]
fn a_cited_issue_without_a_baseline_says_how_far_it_is() {
    let fresh = Link { baseline: Default::default(), kind: LinkKind::Cited, ..link(KEY, 3) };
    let plan = one(&linked(finding(KEY), fresh, at(issue(3), Progress::Done)));
    assert_eq!((recorded(&plan).state, writes(&plan)), (State::PendingVerification, 0));
}

#[test]
fn github_is_not_told_that_work_has_begun() {
    let begun = Finding { state: State::InProgress, ..finding(KEY) };
    let mut row = linked(begun, link(KEY, 3), issue(3));
    assert_eq!(settle(&context(), &mut row), [0]);
}

#[test]
fn jira_is_told_that_work_has_begun() {
    let begun = Finding { state: State::InProgress, ..finding(KEY) };
    let mut row = linked(begun, jira_link(KEY, 3), Issue { due: Some(date("2026-04-21")), ..jira_issue(3) });
    let plan = one(&row);
    assert_eq!(edit(&plan).edit.progress, Some(Change { from: Progress::Open, to: Progress::InProgress }));
    assert_eq!(settle(&context(), &mut row), [1]);
}

#[test]
fn a_refused_status_is_left_alone_until_its_cool_down_ends() {
    let mut refused = jira_link(KEY, 3);
    let begun = Finding { state: State::InProgress, ..finding(KEY) };
    let seen = Issue { due: Some(date("2026-04-21")), ..jira_issue(3) };
    for asked in [None, Some("in_progress")] {
        refused.refused.insert(Field::Progress, refusal("no transition", asked));
        let row = linked(begun.clone(), refused.clone(), seen.clone());
        let left = one(&row);
        assert_eq!((writes(&left), kinds(&left)[0]), (0, NoteKind::Refused));
        let later = Context { now: minutes(60), ..context() };
        assert_eq!(writes(&plan(&later, &[row])), 1);
    }
    refused.refused.insert(Field::Progress, refusal("no transition", Some("done")));
    assert_eq!(writes(&one(&linked(begun, refused, seen))), 1, "another status may be taken");
}

#[test]
fn a_finding_is_claimed_done_only_when_all_its_issues_are() {
    let mut row =
        several(finding(KEY), vec![(link(KEY, 3), at(issue(3), Progress::Done)), (link(KEY, 4), issue(4))]);
    assert_eq!(settle(&context(), &mut row), [0]);
    assert_eq!(state(&row, KEY), State::InProgress);
    row.links[1].1 = Observed::Known(at(issue(4), Progress::Done));
    assert_eq!(settle(&context(), &mut row), [0]);
    assert_eq!(state(&row, KEY), State::PendingVerification);
}

#[test]
fn issues_closed_partly_as_not_planned_are_declined() {
    let mut row = several(
        finding(KEY),
        vec![(link(KEY, 3), at(issue(3), Progress::Done)), (link(KEY, 4), at(issue(4), Progress::Declined))],
    );
    assert_eq!(settle(&context(), &mut row), [0]);
    let after = &row.findings[0].finding;
    assert!(after.declined_upstream && after.state.is_running());
}

#[test]
fn a_finding_waits_while_one_of_its_issues_cannot_be_read() {
    let mut row =
        several(finding(KEY), vec![(link(KEY, 3), at(issue(3), Progress::Done)), (link(KEY, 4), issue(4))]);
    row.links[1].1 = Observed::unknown("502");
    let plan = one(&row);
    assert!(plan.actions.iter().all(|action| matches!(action, Action::Record { becomes: None, .. })));
    assert_eq!(kinds(&plan), [NoteKind::Unreachable]);
}

#[test]
fn a_shared_issue_is_not_closed_while_one_of_its_findings_is_open() {
    let open = (Progress::Open, Progress::Open);
    let row = shared(pending(KEY), finding(OTHER), open, &issue(3));
    let plan = one(&row);
    assert_eq!((writes(&plan), kinds(&plan)), (0, vec![NoteKind::Deferred]));
    let mut row = shared(pending(KEY), pending(OTHER), open, &issue(3));
    assert_eq!(settle(&context(), &mut row)[0], 1, "one write closes it for both");
    assert_eq!(
        (state(&row, KEY), state(&row, OTHER)),
        (State::PendingVerification, State::PendingVerification)
    );
}

#[test]
fn a_shared_issue_is_not_closed_while_one_of_its_findings_is_being_opened() {
    const THIRD: &str = "PM-1/F3";
    let cited = |key, number| Link { kind: LinkKind::Cited, ..link(key, number) };
    // The third was claimed done, and a further issue of its own is open again.
    let reopened = agreed(cited(THIRD, 5), Progress::Done);
    let links = [cited(KEY, 3), cited(THIRD, 3), cited(KEY, 4), cited(OTHER, 4), reopened];
    let links = links.into_iter().zip([3, 3, 4, 4, 5].map(issue).map(Observed::Known)).collect();
    let row = Row { findings: [KEY, OTHER, THIRD].map(pending).map(member).into(), links };
    let plan = one(&row);
    let closed: Vec<&str> = edits(&plan).iter().map(|edit| edit.issue.key.as_str()).collect();
    assert_eq!(closed, ["acme/payments#4"]);
}

#[test]
fn closing_a_shared_issue_claims_all_its_findings_done() {
    let open = (Progress::Open, Progress::Open);
    let mut row = shared(finding(KEY), finding(OTHER), open, &at(issue(3), Progress::Done));
    assert_eq!(settle(&context(), &mut row), [0]);
    assert_eq!(
        (state(&row, KEY), state(&row, OTHER)),
        (State::PendingVerification, State::PendingVerification)
    );
}

#[test]
fn reopening_a_shared_issue_for_one_finding_leaves_the_others_verified() {
    let done = (Progress::Done, Progress::Done);
    let mut row = shared(rejected(KEY), resolved(OTHER), done, &at(issue(3), Progress::Done));
    assert_eq!(settle(&context(), &mut row)[0], 1);
    assert_eq!((state(&row, KEY), state(&row, OTHER)), (State::InProgress, State::Resolved));
    // Closing it again claims the one, and changes nothing about the other.
    let closed = at(row.links[0].1.known().unwrap().clone(), Progress::Done);
    for (_, seen) in &mut row.links {
        *seen = Observed::Known(closed.clone());
    }
    settle(&context(), &mut row);
    assert_eq!((state(&row, KEY), state(&row, OTHER)), (State::PendingVerification, State::Resolved));
    // Reopening it upstream is about both.
    for (_, seen) in &mut row.links {
        *seen = Observed::Known(issue(3));
    }
    settle(&context(), &mut row);
    assert_eq!((state(&row, KEY), state(&row, OTHER)), (State::Open, State::Open));
}

#[test]
fn a_status_that_a_person_is_to_settle_for_one_finding_is_not_written_for_another() {
    let context = with_policy(ConflictPolicy::Flag);
    let (open, done) = ((Progress::Open, Progress::Open), (Progress::Done, Progress::Done));
    let started = Finding { state: State::InProgress, ..finding(KEY) };
    let closed = at(issue(3), Progress::Done);
    // The one was closed under way: a conflict. The other was claimed done, and is open again.
    let both = |started: Finding| {
        let mut row = shared(started, finding(OTHER), open, &closed);
        row.links[1].0 = agreed(row.links[1].0.clone(), done.0);
        row
    };
    for turned in [false, true] {
        let mut row = both(started.clone());
        if turned {
            row.findings.reverse();
            row.links.reverse();
        }
        let waiting = plan(&context, std::slice::from_ref(&row));
        let mut told = kinds(&waiting);
        told.sort();
        let mut expected = [NoteKind::Conflict, NoteKind::Deferred];
        expected.sort();
        assert_eq!((writes(&waiting), told), (0, expected.to_vec()), "{:#?}", waiting.notes);
    }
    // Once a person has settled it, the other finding's status goes out in the same plan.
    let ruled = |keep| both(ruled(started.clone(), Field::Progress, keep));
    for keep in [Keep::Tracker, Keep::Finding] {
        let settled = plan(&context, &[ruled(keep)]);
        assert_eq!(edit(&settled).edit.progress.as_ref().map(|change| change.from), Some(Progress::Done));
    }
}

#[test]
fn one_write_opens_a_shared_issue_for_findings_that_are_open_in_different_ways() {
    // Both were claimed done, and neither is: the one is under way again, the other has yet to be begun.
    let started = Finding { state: State::InProgress, ..finding(KEY) };
    let closed = at(jira_issue(3), Progress::Done);
    let link_of = |key| agreed(jira_link(key, 3), Progress::Done);
    let links = || [KEY, OTHER].map(|key| (link_of(key), Observed::Known(closed.clone()))).to_vec();
    for policy in [ConflictPolicy::Tracker, ConflictPolicy::Finding, ConflictPolicy::Flag] {
        for turned in [false, true] {
            let mut row =
                Row { findings: vec![member(started.clone()), member(finding(OTHER))], links: links() };
            if turned {
                row.findings.reverse();
            }
            let taken = settle(&with_policy(policy), &mut row);
            assert_eq!(taken.iter().sum::<usize>(), 1, "{policy:?}: {taken:?}");
            assert_eq!(
                (state(&row, KEY), state(&row, OTHER)),
                (State::InProgress, State::Open),
                "{policy:?}"
            );
            let after = plan(&with_policy(policy), &[row]);
            assert!(!kinds(&after).contains(&NoteKind::Conflict), "{:#?}", after.notes);
        }
    }
}

#[test]
fn a_finding_that_is_set_back_leaves_a_shared_issue_to_the_one_that_is_under_way() {
    let begun = at(jira_issue(3), Progress::InProgress);
    let started = Finding { state: State::InProgress, ..finding(KEY) };
    for claimed in [Progress::InProgress, Progress::Done] {
        let agreed_on = |key, finding| {
            let mut link = jira_link(key, 3);
            link.baseline.progress = Some(Agreed { finding, issue: Progress::InProgress });
            (link, Observed::Known(begun.clone()))
        };
        let links = vec![agreed_on(KEY, Progress::InProgress), agreed_on(OTHER, claimed)];
        let mut row = Row { findings: vec![member(started.clone()), member(finding(OTHER))], links };
        assert_eq!(settle(&context(), &mut row), [0], "the issue stays under way");
        assert_eq!((state(&row, KEY), state(&row, OTHER)), (State::InProgress, State::Open));
    }
}

#[test]
fn a_finding_that_is_set_back_takes_a_shared_issue_along_that_no_other_has_begun() {
    let begun = at(jira_issue(3), Progress::InProgress);
    let agreed_on = |key, finding| {
        let mut link = jira_link(key, 3);
        link.baseline.progress = Some(Agreed { finding, issue: Progress::InProgress });
        (link, Observed::Known(begun.clone()))
    };
    let links = vec![agreed_on(KEY, Progress::InProgress), agreed_on(OTHER, Progress::Open)];
    let row = Row { findings: [KEY, OTHER].map(finding).map(member).into(), links };
    assert_eq!(
        edit(&one(&row)).edit.progress,
        Some(Change { from: Progress::InProgress, to: Progress::Open })
    );
}

#[test]
fn a_shared_issue_that_somebody_begins_is_begun_for_each_of_its_findings() {
    let started = Finding { state: State::InProgress, ..finding(OTHER) };
    let begun = Observed::Known(at(jira_issue(3), Progress::InProgress));
    let links = [KEY, OTHER].map(|key| (jira_link(key, 3), begun.clone())).into();
    let mut row = Row { findings: vec![member(finding(KEY)), member(started)], links };
    settle(&context(), &mut row);
    assert_eq!([KEY, OTHER].map(|key| state(&row, key)), [State::InProgress; 2]);
}

#[test]
fn an_issue_that_was_given_up_is_not_called_done_for_one_finding_while_another_takes_that_over() {
    let context = with_policy(ConflictPolicy::Finding);
    let given_up = at(issue(3), Progress::Declined);
    let link_of = |key, finding| {
        let mut link = Link { kind: LinkKind::Cited, ..link(key, 3) };
        link.baseline.progress = Some(Agreed { finding, issue: Progress::Open });
        (link, Observed::Known(given_up.clone()))
    };
    // The one was done before and is told that its issue was given up; the other has just been claimed done.
    let links = vec![link_of(KEY, Progress::Done), link_of(OTHER, Progress::Open)];
    for turned in [false, true] {
        let mut row =
            Row { findings: vec![member(pending(KEY)), member(pending(OTHER))], links: links.clone() };
        if turned {
            row.findings.reverse();
        }
        assert_eq!(settle(&context, &mut row), [0]);
        assert_eq!((state(&row, KEY), state(&row, OTHER)), (State::InProgress, State::PendingVerification));
    }
    // A verified finding takes nothing over, and does not stand in the way.
    let mut row = Row { findings: vec![member(resolved(KEY)), member(pending(OTHER))], links };
    assert_eq!(settle(&context, &mut row)[0], 1);
    assert_eq!((state(&row, KEY), state(&row, OTHER)), (State::Resolved, State::PendingVerification));
}

// ---- what the register alone says -----------------------------------------------------------------------------

#[test]
fn an_accepted_risk_leaves_the_issue_alone_but_for_a_label() {
    let mut row = linked(waived(KEY), link(KEY, 3), issue(3));
    let plan = one(&row);
    let label = Edit { add_labels: ["risk-accepted".to_owned()].into(), ..Edit::default() };
    assert_eq!(edit(&plan).edit, label);
    settle(&context(), &mut row);
    assert_eq!(state(&row, KEY), State::RiskAccepted);
}

#[test]
fn an_issue_closed_during_a_waiver_is_a_claim_once_the_waiver_ends() {
    let mut row = linked(waived(KEY), link(KEY, 3), at(issue(3), Progress::Done));
    settle(&context(), &mut row);
    assert_eq!(state(&row, KEY), State::RiskAccepted);
    let member = &mut row.findings[0].finding;
    (member.state, member.waiver) = (State::Open, None);
    let plan = one(&row);
    assert!(edits(&plan).iter().all(|edit| edit.edit.progress.is_none()), "what is done is not reopened");
    assert_eq!(recorded(&plan).state, State::PendingVerification);
}

#[test]
fn an_issue_given_up_during_a_waiver_is_reopened_once_the_waiver_ends() {
    let mut row = linked(waived(KEY), link(KEY, 3), at(issue(3), Progress::Declined));
    settle(&context(), &mut row);
    let member = &mut row.findings[0].finding;
    (member.state, member.waiver) = (State::Open, None);
    let plan = one(&row);
    assert_eq!(edit(&plan).edit.progress, Some(Change { from: Progress::Declined, to: Progress::Open }));
}

#[test]
fn work_that_went_on_during_a_waiver_is_not_set_back() {
    let begun = agreed(jira_link(KEY, 3), Progress::InProgress);
    let seen = Issue { due: Some(date("2026-04-21")), ..at(jira_issue(3), Progress::InProgress) };
    let mut row = linked(waived(KEY), begun, seen);
    settle(&context(), &mut row);
    let member = &mut row.findings[0].finding;
    (member.state, member.waiver) = (State::Open, None);
    let plan = one(&row);
    assert!(edits(&plan).iter().all(|edit| edit.edit.progress.is_none()));
    assert_eq!(recorded(&plan).state, State::InProgress);
}

#[test]
fn a_dismissed_finding_only_says_why() {
    let dismissed = Finding {
        state: State::Dismissed,
        dismissed: Some("a duplicate".to_owned()),
        pending_comment: Some("a duplicate".to_owned()),
        ..finding(KEY)
    };
    let mut row = linked(dismissed, link(KEY, 3), issue(3));
    let edit_of = edit(&one(&row)).edit.clone();
    let comment_mark = edit_of.comment_mark.clone();
    assert_eq!(comment_mark.as_ref().map(|mark| mark.since), Some(row.findings[0].finding.changed));
    assert_eq!(edit_of, Edit { comment: Some("a duplicate".to_owned()), comment_mark, ..Edit::default() });
    assert_eq!(settle(&context(), &mut row)[0], 1);
    // Taken up again after somebody closed the issue, it is opened there as well.
    row.links[0].1 = Observed::Known(at(issue(3), Progress::Declined));
    settle(&context(), &mut row);
    row.findings[0].finding.state = State::Open;
    assert_eq!(edit(&one(&row)).edit.progress, Some(Change { from: Progress::Declined, to: Progress::Open }));
}

#[test]
fn a_verified_finding_pushes_only_a_label() {
    let mut row = linked(resolved(KEY), agreed(link(KEY, 3), Progress::Done), at(issue(3), Progress::Done));
    let label = Edit { add_labels: ["verified".to_owned()].into(), ..Edit::default() };
    assert_eq!(edit(&one(&row)).edit, label);
    assert_eq!(settle(&context(), &mut row), [1]);
}

#[test]
fn a_dismissed_finding_does_not_hold_a_shared_issue_open() {
    let dismissed = Finding { state: State::Dismissed, ..finding(OTHER) };
    let row = shared(pending(KEY), dismissed, (Progress::Open, Progress::Open), &issue(3));
    assert_eq!(edit(&one(&row)).edit.progress, Some(Change { from: Progress::Open, to: Progress::Done }));
}

#[test]
fn nothing_but_owner_and_status_is_written_to_a_cited_issue() {
    let cited = |link| Link { kind: LinkKind::Cited, ..link };
    let silent = [
        Finding { state: State::Dismissed, pending_comment: Some("a duplicate".to_owned()), ..finding(KEY) },
        waived(KEY),
    ];
    for finding in silent {
        assert_eq!(writes(&one(&linked(finding, cited(link(KEY, 3)), issue(3)))), 0);
    }
    let verified =
        linked(resolved(KEY), cited(agreed(link(KEY, 3), Progress::Done)), at(issue(3), Progress::Done));
    assert_eq!(writes(&one(&verified)), 0);
    // Even the reason of a reopening stays here: nobody said what the place of a cited issue may hold.
    let done = cited(agreed(link(KEY, 3), Progress::Done));
    let plan = one(&linked(rejected(KEY), done, at(issue(3), Progress::Done)));
    assert!(edit(&plan).edit.comment.is_none() && edit(&plan).edit.progress.is_some());
}
