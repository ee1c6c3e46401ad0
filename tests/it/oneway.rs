//! What only we write on issues of ours: labels, the due date and our block of the body.

use postmortem_sync::{
    model::{
        cycle::NoteKind,
        digest,
        finding::Finding,
        issue::{Change, Edit, Field, Issue, PlaceFacts, Visibility},
        link::{Link, LinkKind, Pushed, Refusal},
        observed::Observed,
        rule::{Above, Destination, Outcome},
        terms::{Progress, State, Tlp},
    },
    plan::{
        action::{Action, Plan},
        plan,
        render::{former_body, render},
        snapshot::{Context, Row},
    },
};

use crate::{
    build::{
        context, date, destination, facts, finding, issue, jira_issue, jira_link, link, linked, minutes, now,
        reword, rule,
    },
    replay::{apply, writes},
};

const KEY: &str = "PM-1/F1";

fn one(row: &Row) -> Plan {
    plan(&context(), std::slice::from_ref(row))
}

/// Plans a row whose issue is in Jira, where the rule sends it.
fn on_jira(row: &Row) -> Plan {
    let rules = vec![rule("platform", Outcome::Create(destination("jira", "PLAT")))];
    plan(&Context { rules, ..context() }, std::slice::from_ref(row))
}

/// The one edit of a plan; none when nothing is written.
fn edit(plan: &Plan) -> Option<&Edit> {
    let mut edits = plan.actions.iter().filter_map(|action| match action {
        Action::Edit(edit) => Some(&edit.edit),
        _ => None,
    });
    let found = edits.next();
    assert!(edits.next().is_none());
    found
}

fn kinds(plan: &Plan) -> Vec<NoteKind> {
    plan.notes.iter().map(|note| note.kind).collect()
}

fn overdue() -> Finding {
    let mut finding = finding(KEY);
    finding.clock.due = Some(date("2026-03-01"));
    finding
}

fn labelled(number: u64, labels: &[&str]) -> Issue {
    Issue { labels: labels.iter().map(|label| (*label).to_owned()).collect(), ..issue(number) }
}

fn wrote(labels: &[&str]) -> Link {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    Link { pushed: Pushed { labels, ..Pushed::default() }, ..link(KEY, 3) }
}

fn refused(link: Link, field: Field) -> Link {
    let mut link = link;
    link.refused.insert(
        field,
        Refusal { why: "not on the screen".to_owned(), asked: None, until: minutes(10), facts: None },
    );
    link
}

/// A created link whose block says what the finding says.
fn with_block(finding: &Finding) -> (Link, Issue) {
    let body = render(&destination("github", "acme/payments"), finding, &context().policy).unwrap().body;
    let block = Some(digest::of_text(&body));
    let link = Link { pushed: Pushed { block: block.clone(), ..Pushed::default() }, ..link(KEY, 3) };
    (link, Issue { block, ..issue(3) })
}

fn jira(due: Option<&str>) -> Issue {
    Issue { due: due.map(date), ..jira_issue(3) }
}

#[test]
fn an_overdue_finding_gets_its_label_once() {
    let mut row = linked(overdue(), link(KEY, 3), issue(3));
    let plan = one(&row);
    assert_eq!(edit(&plan).unwrap().add_labels, ["overdue".to_owned()].into());
    apply(&context(), &mut row, plan);
    assert_eq!(one(&row).actions, Vec::new());
}

#[test]
fn the_overdue_label_goes_when_the_deadline_is_met_or_moved() {
    let done = Finding { state: State::PendingVerification, ..overdue() };
    let mut agreed = wrote(&["overdue"]);
    agreed.baseline.progress.as_mut().unwrap().finding = Progress::Done;
    agreed.baseline.progress.as_mut().unwrap().issue = Progress::Done;
    let closed = Issue { progress: Progress::Done, ..labelled(3, &["overdue", "theirs"]) };
    for row in
        [linked(done, agreed, closed), linked(finding(KEY), wrote(&["overdue"]), labelled(3, &["overdue"]))]
    {
        let plan = one(&row);
        assert_eq!(edit(&plan).unwrap().remove_labels, ["overdue".to_owned()].into());
    }
}

#[test]
fn a_person_who_takes_our_label_off_is_not_argued_with() {
    let plan = one(&linked(overdue(), wrote(&["overdue"]), labelled(3, &["theirs"])));
    assert_eq!((edit(&plan), kinds(&plan)), (None, vec![NoteKind::Drift]));
}

#[test]
fn a_label_that_the_tracker_writes_in_other_letters_is_ours_all_the_same() {
    let plan = one(&linked(overdue(), wrote(&["overdue"]), labelled(3, &["Overdue"])));
    assert_eq!((edit(&plan), kinds(&plan)), (None, Vec::new()));
}

#[test]
fn a_label_that_is_not_there_any_more_is_forgotten_without_a_write() {
    let mut row = linked(finding(KEY), wrote(&["overdue"]), labelled(3, &["theirs"]));
    let plan = one(&row);
    assert_eq!(edit(&plan), None);
    apply(&context(), &mut row, plan);
    assert!(row.links[0].0.pushed.labels.is_empty());
    // The next time that it is overdue, it gets the label again.
    row.findings[0].finding = overdue();
    assert!(edit(&one(&row)).is_some());
}

#[test]
fn labels_of_people_are_never_touched() {
    let plan = one(&linked(finding(KEY), link(KEY, 3), labelled(3, &["theirs", "overdue"])));
    assert_eq!(plan.actions, Vec::new(), "a label that we did not write is not ours to remove");
}

#[test]
fn the_due_date_is_pushed_where_the_tracker_has_one() {
    let mut row = linked(finding(KEY), jira_link(KEY, 3), jira(Some("2026-04-21")));
    assert_eq!(on_jira(&row).actions, Vec::new());
    row.findings[0].finding.clock.due = Some(date("2026-05-05"));
    let plan = on_jira(&row);
    let change = Change { from: Some(date("2026-04-21")), to: Some(date("2026-05-05")) };
    assert_eq!(edit(&plan).unwrap().due, Some(change));
    apply(&context(), &mut row, plan);
    assert_eq!(on_jira(&row).actions, Vec::new());
    let mut github = linked(finding(KEY), link(KEY, 3), issue(3));
    github.findings[0].finding.clock.due = Some(date("2026-05-05"));
    assert_eq!(one(&github).actions, Vec::new());
}

#[test]
fn a_due_date_that_a_person_changed_is_left_alone() {
    let mut row = linked(finding(KEY), jira_link(KEY, 3), jira(Some("2026-06-01")));
    row.findings[0].finding.clock.due = Some(date("2026-05-05"));
    let plan = on_jira(&row);
    assert_eq!((edit(&plan), kinds(&plan)), (None, vec![NoteKind::Drift]));
    assert!(plan.notes[0].why.contains("2026-06-01"));
    row.links[0].1 = Observed::Known(jira(None));
    assert_eq!(kinds(&on_jira(&row)), [NoteKind::Drift], "taking it off is a change as well");
}

#[test]
fn a_due_date_that_a_person_set_as_we_would_is_no_drift() {
    let mut row = linked(finding(KEY), jira_link(KEY, 3), jira(Some("2026-05-05")));
    row.findings[0].finding.clock.due = Some(date("2026-05-05"));
    let plan = on_jira(&row);
    assert_eq!((edit(&plan), kinds(&plan)), (None, Vec::new()));
    apply(&context(), &mut row, plan);
    // From then on it is ours again.
    row.findings[0].finding.clock.due = Some(date("2026-05-15"));
    assert!(edit(&on_jira(&row)).is_some());
}

#[test]
fn our_block_is_refreshed_when_what_it_says_changes() {
    let changes: [fn(&mut Finding); 3] = [
        |finding| reword(finding, |words| words.title = "Rotate every key".to_owned()),
        |finding| reword(finding, |words| words.criteria = Some("an alert fires".to_owned())),
        |finding| finding.clock.due = Some(date("2026-05-05")),
    ];
    for change in changes {
        let mut after = finding(KEY);
        let (link, issue) = with_block(&after);
        let from = link.pushed.block.clone().unwrap();
        change(&mut after);
        let mut row = linked(after, link, issue);
        let plan = one(&row);
        assert_eq!(edit(&plan).unwrap().block.as_ref().unwrap().from, from);
        apply(&context(), &mut row, plan);
        assert_eq!(one(&row).actions, Vec::new());
    }
}

#[test]
fn our_block_is_left_alone_while_it_says_the_same() {
    let (link, issue) = with_block(&finding(KEY));
    assert_eq!(one(&linked(finding(KEY), link, issue)).actions, Vec::new());
}

#[test]
fn a_block_in_the_words_of_before_is_written_anew_only_with_news() {
    let (mut link, mut issue) = with_block(&finding(KEY));
    let to = destination("github", "acme/payments");
    let before = former_body(&to, &finding(KEY), &context().policy).unwrap();
    assert_eq!(
        former_body(
            &Destination { body: Some("{{ finding.key }}".to_owned()), ..to },
            &finding(KEY),
            &context().policy
        ),
        None
    );
    link.pushed.block = Some(digest::of_text(&before));
    issue.block = link.pushed.block.clone();
    assert_eq!(one(&linked(finding(KEY), link.clone(), issue.clone())).actions, Vec::new());
    let mut after = finding(KEY);
    reword(&mut after, |words| words.title = "Rotate every key".to_owned());
    let plan = one(&linked(after, link, issue));
    assert!(edit(&plan).unwrap().block.as_ref().unwrap().to.contains("### How to finish"));
}

#[test]
fn a_block_that_a_person_edited_is_left_alone() {
    let (link, mut issue) = with_block(&finding(KEY));
    issue.block = Some(digest::of_text("what we wrote, and a remark"));
    let mut after = finding(KEY);
    reword(&mut after, |words| words.title = "Rotate every key".to_owned());
    let plan = one(&linked(after, link, issue));
    assert_eq!((edit(&plan), kinds(&plan)), (None, vec![NoteKind::Drift]));
}

#[test]
fn nothing_of_ours_is_written_to_a_cited_issue() {
    let mut after = overdue();
    let (link, issue) = with_block(&finding(KEY));
    reword(&mut after, |words| words.title = "Rotate every key".to_owned());
    let cited = Link { kind: LinkKind::Cited, ..link };
    assert_eq!(one(&linked(after.clone(), cited, issue)).actions, Vec::new());
    let cited = Link { kind: LinkKind::Cited, ..jira_link(KEY, 3) };
    assert_eq!(one(&linked(after, cited, jira(Some("2026-04-21")))).actions, Vec::new());
}

#[test]
fn a_refused_field_is_left_alone_until_its_cool_down_ends() {
    let mut renamed = finding(KEY);
    let (blocked, seen) = with_block(&renamed);
    reword(&mut renamed, |words| words.title = "Rotate every key".to_owned());
    let mut later = finding(KEY);
    later.clock.due = Some(date("2026-05-05"));
    let rows = [
        linked(overdue(), refused(link(KEY, 3), Field::Labels), issue(3)),
        linked(later, refused(jira_link(KEY, 3), Field::Due), jira(Some("2026-04-21"))),
        linked(renamed, refused(blocked, Field::Block), seen),
    ];
    for row in rows {
        assert_eq!(writes(&one(&row)), 0);
        let after = Context { now: minutes(10), ..context() };
        assert_eq!(writes(&plan(&after, &[row])), 1, "not before, but then");
    }
}

#[test]
fn a_refused_field_holds_back_no_other() {
    let mut late = overdue();
    late.clock.due = Some(date("2026-03-01"));
    let row = linked(late, refused(jira_link(KEY, 3), Field::Due), jira(Some("2026-04-21")));
    let plan = on_jira(&row);
    let edit = edit(&plan).unwrap();
    assert!(edit.due.is_none() && !edit.add_labels.is_empty());
}

/// A link whose block is out of date, of a document of a class, in a place that is seen so now.
fn renamed(tlp: Tlp, place: Option<Visibility>) -> Plan {
    let mut after = finding(KEY);
    let (link, issue) = with_block(&after);
    reword(&mut after, |words| words.title = "Rotate every key".to_owned());
    after.stated.tlp = tlp;
    let mut context = context();
    let key = ("github".into(), "acme/payments".into());
    match place {
        Some(visibility) => {
            let facts = PlaceFacts { visibility, ..facts("acme/payments") };
            context.places.insert(key, Observed::Known(facts));
        }
        None => drop(context.places.insert(key, Observed::unknown("502"))),
    }
    plan(&context, &[linked(after, link, issue)])
}

#[test]
fn nothing_new_is_written_to_a_place_below_the_class_of_the_document() {
    assert!(edit(&renamed(Tlp::Amber, Some(Visibility::Private))).is_some());
    for plan in
        [renamed(Tlp::Red, Some(Visibility::Private)), renamed(Tlp::AmberStrict, Some(Visibility::Private))]
    {
        assert_eq!((edit(&plan), kinds(&plan)), (None, vec![NoteKind::Held]));
    }
    let plan = renamed(Tlp::Amber, None);
    assert_eq!((edit(&plan), kinds(&plan)), (None, vec![NoteKind::Unreachable]));
}

#[test]
fn a_place_that_more_people_can_read_now_gets_nothing_new_and_is_reported() {
    for visibility in [Visibility::Public, Visibility::Internal] {
        let plan = renamed(Tlp::Amber, Some(visibility));
        assert_eq!((edit(&plan), kinds(&plan)), (None, vec![NoteKind::Held, NoteKind::Exposed]));
    }
    assert_eq!(kinds(&renamed(Tlp::Green, Some(Visibility::Internal))), []);
}

#[test]
fn a_finding_that_rises_above_its_place_is_reduced_to_the_minimal_text_and_no_word_follows() {
    let minimal = Destination { above: Above::Minimal, ..destination("github", "acme/payments") };
    let context = Context { rules: vec![rule("payments", Outcome::Create(minimal))], ..context() };
    let mut after = finding(KEY);
    let (link, issue) = with_block(&after);
    after.stated.tlp = Tlp::AmberStrict;
    after.pending_comment = Some("look at the vault".to_owned());
    let plan = plan(&context, &[linked(after, link, issue)]);
    let edit = edit(&plan).unwrap();
    assert!(edit.block.as_ref().unwrap().to.contains("Security follow-up PM-1/F1"));
    assert_eq!((&edit.comment, kinds(&plan)), (&None, vec![NoteKind::Held]));
}

#[test]
fn an_issue_that_is_exposed_is_reported_though_nothing_is_to_be_written() {
    let public = PlaceFacts { visibility: Visibility::Public, ..facts("acme/payments") };
    let mut context = context();
    context.places.insert(("github".into(), "acme/payments".into()), Observed::Known(public));
    let ours = plan(&context, &[linked(finding(KEY), link(KEY, 3), issue(3))]);
    assert_eq!(kinds(&ours), [NoteKind::Exposed]);
    let cited = Link { kind: LinkKind::Cited, ..link(KEY, 3) };
    assert_eq!(kinds(&plan(&context, &[linked(finding(KEY), cited, issue(3))])), []);
}

#[test]
fn the_labels_of_a_state_come_and_go_with_it() {
    let waived = Finding { state: State::RiskAccepted, ..finding(KEY) };
    let mut row = linked(waived, link(KEY, 3), issue(3));
    let plan = one(&row);
    assert_eq!(edit(&plan).unwrap().add_labels, ["risk-accepted".to_owned()].into());
    apply(&context(), &mut row, plan);
    row.findings[0].finding.state = State::Open;
    let plan = one(&row);
    assert_eq!(edit(&plan).unwrap().remove_labels, ["risk-accepted".to_owned()].into());
    assert_eq!(now(), context().now);
}
