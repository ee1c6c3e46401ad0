//! The row table (`plan::plan_row`), line by line: one finding with what was read about it in, actions and notes out.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use postmortem_sync::{
    model::{
        cycle::NoteKind,
        failures::Failures,
        finding::{Finding, Owner},
        ids::Marker,
        issue::{Issue, Visibility},
        link::{Absence, Intent, Link, LinkKind},
        observed::Observed,
        register::PinnedPlace,
        rule::{OnUnknown, Outcome},
        terms::{Class, Progress, Route, Severity, State, Tlp},
    },
    plan::{
        action::{Action, CreateAction, Plan},
        clearance::is_home,
        creation::marker_of,
        plan, poison,
        snapshot::{Citation, Context, FindingRow, Row},
    },
};
use serde_json::json;

use crate::build::{
    context, destination, facts, finding, intent, issue, issue_ref, jira_issue, link, linked, member,
    minutes, now, place, reword, rule, tombstone, unlinked,
};

const KEY: &str = "PM-1/F1";

/// Plans one row.
fn one(context: &Context, row: Row) -> Plan {
    plan(context, &[row])
}

/// Plans one unlinked finding under the usual rules.
fn alone(finding: Finding) -> Plan {
    one(&context(), unlinked(finding))
}

/// Plans the usual finding in a place and class.
fn classified(tlp: Tlp, visibility: Visibility, max: Tlp) -> Plan {
    let mut context = context();
    let mut to = destination("github", "acme/payments");
    to.max_tlp = max;
    context.rules = vec![rule("payments", Outcome::Create(to))];
    let mut seen = facts("acme/payments");
    seen.visibility = visibility;
    context.places.insert(("github".into(), "acme/payments".into()), Observed::Known(seen));
    let mut finding = finding(KEY);
    finding.stated.tlp = tlp;
    one(&context, unlinked(finding))
}

fn marker(context: &Context) -> Marker {
    marker_of(context, &finding(KEY), &"github".into(), "77").unwrap()
}

/// A finding whose create was sent so many minutes ago; its issue was searched for with this result.
fn sent(context: &Context, ago: i64, found: Option<Observed<Vec<Issue>>>) -> Row {
    let sent = Intent { sent: minutes(-ago), marker: marker(context), ..intent(KEY) };
    let marked = found.map(|found| (sent.marker.clone(), found)).into_iter().collect();
    let member = FindingRow { intents: vec![sent], marked, ..member(finding(KEY)) };
    Row { findings: vec![member], links: Vec::new() }
}

fn found(context: &Context, issues: Vec<Issue>) -> Row {
    let marked = BTreeMap::from([(marker(context), Observed::Known(issues))]);
    Row { findings: vec![FindingRow { marked, ..member(finding(KEY)) }], links: Vec::new() }
}

fn cites(finding: Finding, tracker: Option<&str>, issue: Observed<Issue>) -> Row {
    let citation = Citation {
        written: "acme/payments#7".to_owned(),
        tracker: tracker.map(Into::into),
        key: "acme/payments#7".to_owned(),
        issue,
    };
    Row { findings: vec![FindingRow { citations: vec![citation], ..member(finding) }], links: Vec::new() }
}

fn create(plan: &Plan) -> &CreateAction {
    match plan.actions.as_slice() {
        [Action::Create(create)] => create,
        other => panic!("one create expected, got {other:#?} and {:#?}", plan.notes),
    }
}

fn adopted(plan: &Plan) -> (&Issue, LinkKind) {
    match plan.actions.as_slice() {
        [Action::Adopt { issue, kind, .. }] => (issue, *kind),
        other => panic!("one adoption expected, got {other:#?} and {:#?}", plan.notes),
    }
}

/// Nothing is done, and one note of a kind says why.
fn left(plan: &Plan, kind: NoteKind, word: &str) {
    assert_eq!(plan.actions, Vec::new());
    noted(plan, kind, word);
}

/// One note of a kind says so.
fn noted(plan: &Plan, kind: NoteKind, word: &str) {
    let of_kind: Vec<_> = plan.notes.iter().filter(|note| note.kind == kind).collect();
    assert_eq!(of_kind.len(), 1, "{:#?}", plan.notes);
    assert!(of_kind[0].why.contains(word), "`{}` does not say `{word}`", of_kind[0].why);
}

// ---- no link --------------------------------------------------------------------------------------------------

#[test]
fn a_finding_without_a_rule_is_unrouted() {
    let context = Context { rules: Vec::new(), ..context() };
    left(&one(&context, unlinked(finding(KEY))), NoteKind::Unrouted, "no rule");
}

#[test]
fn a_register_rule_keeps_a_finding_in_the_register() {
    let to = Outcome::Register { group: "security-response".into() };
    let context = Context { rules: vec![rule("process", to)], ..context() };
    left(&one(&context, unlinked(finding(KEY))), NoteKind::Register, "security-response");
}

#[test]
fn a_finding_without_an_issue_gets_one() {
    let plan = alone(finding(KEY));
    let create = create(&plan);
    assert_eq!((create.attempt, create.rule.as_str(), create.draft.place_id.as_str()), (1, "payments", "77"));
    assert_eq!(create.draft.marker, marker(&context()));
    assert_eq!(create.draft.labels, ["postmortem".to_owned()].into());
    assert_eq!(create.draft.issue_type.as_deref(), Some("Bug"));
    assert_eq!(create.why, "rule `payments`: it has no issue yet");
    assert_eq!(plan.notes, Vec::new());
}

#[test]
fn a_cited_issue_is_adopted_and_no_second_one_is_created() {
    let plan = one(&context(), cites(finding(KEY), Some("github"), Observed::Known(issue(7))));
    assert_eq!(adopted(&plan), (&issue(7), LinkKind::Cited));
}

#[test]
fn a_citation_that_cannot_be_read_waits() {
    let row = cites(finding(KEY), Some("github"), Observed::unknown("timed out"));
    left(&one(&context(), row), NoteKind::Unreachable, "timed out");
}

#[test]
fn a_citation_that_does_not_exist_is_held_and_nothing_is_created_instead() {
    let row = cites(finding(KEY), Some("github"), Observed::Missing);
    left(&one(&context(), row), NoteKind::Held, "correct the document");
}

#[test]
fn a_citation_that_no_tracker_serves_is_held_and_nothing_is_created_instead() {
    let row = cites(finding(KEY), None, Observed::Missing);
    left(&one(&context(), row), NoteKind::Held, "no configured tracker serves");
}

#[test]
fn a_citation_is_adopted_without_any_rule() {
    let context = Context { rules: Vec::new(), ..context() };
    let plan = one(&context, cites(finding(KEY), Some("github"), Observed::Known(issue(7))));
    assert_eq!(adopted(&plan).1, LinkKind::Cited);
}

#[test]
fn a_claim_of_the_document_is_held_against_the_cited_issue() {
    let claimed = Finding { state: State::PendingVerification, ..finding(KEY) };
    let plan = one(&context(), cites(claimed, Some("github"), Observed::Known(issue(7))));
    assert_eq!(adopted(&plan).1, LinkKind::Cited);
}

#[test]
fn an_issue_with_our_marker_is_adopted_even_if_nothing_remembers_it() {
    let context = context();
    let plan = one(&context, found(&context, vec![issue(7)]));
    assert_eq!(adopted(&plan), (&issue(7), LinkKind::Created));
}

#[test]
fn an_issue_with_our_marker_is_adopted_while_its_create_is_still_unclear() {
    let context = context();
    let plan = one(&context, sent(&context, 1, Some(Observed::Known(vec![issue(7)]))));
    assert_eq!(adopted(&plan), (&issue(7), LinkKind::Created));
}

#[test]
fn of_several_issues_with_our_marker_the_oldest_is_adopted_and_the_rest_reported() {
    let context = context();
    let older = Issue { created: minutes(-5), ..issue(8) };
    let plan = one(&context, found(&context, vec![issue(7), older.clone(), issue(9)]));
    assert_eq!(adopted(&plan).0, &older);
    let reported: Vec<_> = plan.notes.iter().map(|note| (note.kind, &note.why)).collect();
    assert_eq!(reported.len(), 2);
    assert!(reported.iter().all(|(kind, why)| *kind == NoteKind::Duplicate && why.contains("#8")));
}

#[test]
fn of_two_issues_of_the_same_second_the_lower_number_is_the_older() {
    let context = context();
    let (mut low, mut high) = (issue(1), issue(2));
    low.at.id.id = "9999".to_owned();
    high.at.id.id = "10000".to_owned();
    let plan = one(&context, found(&context, vec![high, low.clone()]));
    assert_eq!(adopted(&plan).0, &low);
}

#[test]
fn a_copy_of_our_marker_by_somebody_else_is_never_ours() {
    let context = context();
    let copy = Issue { author: Some("mallory".into()), ..issue(7) };
    let plan = one(&context, found(&context, vec![copy.clone()]));
    left(&plan, NoteKind::Held, "mallory");
    let plan = one(&context, found(&context, vec![Issue { created: minutes(-5), ..copy }, issue(8)]));
    assert_eq!(adopted(&plan).0, &issue(8), "ours is adopted although the copy is older");
}

#[test]
fn an_unclear_create_waits_inside_the_settle_time() {
    let context = context();
    let row = sent(&context, 19, Some(Observed::Known(Vec::new())));
    left(&one(&context, row), NoteKind::Waiting, "unknown");
}

#[test]
fn an_unclear_create_is_sent_again_after_the_settle_time_with_the_next_epoch() {
    let context = context();
    let plan = one(&context, sent(&context, 20, Some(Observed::Known(Vec::new()))));
    let create = create(&plan);
    assert_eq!((create.attempt, &create.draft.marker), (2, &marker(&context)));
    assert_eq!(create.why, "rule `payments`: attempt 1 left no issue behind after complete searches");
}

#[test]
fn by_policy_an_unclear_create_is_left_to_a_person() {
    let context = Context { on_unknown: OnUnknown::Hold, ..context() };
    let row = sent(&context, 60, Some(Observed::Known(Vec::new())));
    left(&one(&context, row), NoteKind::Held, "on_unknown: hold");
}

#[test]
fn an_incomplete_search_never_leads_to_a_create() {
    let context = context();
    let incomplete = || Observed::unknown("the second page was not answered");
    left(&one(&context, sent(&context, 60, Some(incomplete()))), NoteKind::Waiting, "second page");
    let marked = BTreeMap::from([(marker(&context), incomplete())]);
    let row = Row { findings: vec![FindingRow { marked, ..member(finding(KEY)) }], links: Vec::new() };
    left(&one(&context, row), NoteKind::Unreachable, "second page");
}

#[test]
fn an_unclear_create_is_not_sent_again_without_a_search() {
    let context = context();
    left(&one(&context, sent(&context, 60, None)), NoteKind::Waiting, "not made");
}

#[test]
fn the_settle_time_begins_when_the_answer_was_given_up() {
    let context = context();
    let mut row = sent(&context, 600, Some(Observed::Known(Vec::new())));
    let intent = &mut row.findings[0].intents[0];
    intent.given_up = Some(context.now - context.settle + TimeDelta::seconds(1));
    left(&one(&context, row.clone()), NoteKind::Waiting, "unknown");
    row.findings[0].intents[0].given_up = Some(context.now - context.settle);
    assert_eq!(create(&one(&context, row)).attempt, 2);
}

#[test]
fn an_unclear_create_in_another_place_holds_a_create_here() {
    let context = context();
    let elsewhere = Intent { place: "acme/old".into(), sent: minutes(-600), ..intent(KEY) };
    let unclear = FindingRow { intents: vec![elsewhere.clone()], ..member(finding(KEY)) };
    let row = |marked| Row { findings: vec![FindingRow { marked, ..unclear.clone() }], links: Vec::new() };
    let plan = one(&context, row(BTreeMap::new()));
    assert_eq!(plan.actions, Vec::new(), "it was not searched for");
    assert!(plan.notes.iter().all(|note| note.kind == NoteKind::Waiting), "{:?}", plan.notes);
    let searched = |found| one(&context, row(BTreeMap::from([(elsewhere.marker.clone(), found)])));
    assert!(matches!(searched(Observed::Known(Vec::new())).actions.as_slice(), [Action::EndIntent { .. }]));
    assert_eq!(searched(Observed::unknown("502")).actions, Vec::new());
    assert!(matches!(searched(Observed::Known(vec![issue(9)])).actions.as_slice(), [Action::Adopt { .. }]));
}

#[test]
fn an_unclear_create_is_looked_for_whatever_its_finding_wants_by_now() {
    let context = context();
    let old = Intent { sent: minutes(-600), ..intent(KEY) };
    let wishes = [
        Finding { state: State::Dismissed, ..finding(KEY) },
        Finding { state: State::Resolved, ..finding(KEY) },
        Finding { draft: true, ..finding(KEY) },
        Finding { source_missing: true, ..finding(KEY) },
        Finding { state: State::PendingVerification, ..finding(KEY) },
    ];
    for finding in wishes {
        let known = [(old.marker.clone(), Observed::Known(vec![issue(9)]))].into();
        let member = FindingRow { intents: vec![old.clone()], marked: known, ..member(finding.clone()) };
        let plan = one(&context, Row { findings: vec![member], links: Vec::new() });
        assert_eq!(adopted(&plan).1, LinkKind::Created, "{finding:?}");
    }
}

/// A finding whose create failed so often with what it would send now, the last time now; the cool-down is an hour.
fn failing(tries: u32) -> Finding {
    let draft = create(&alone(finding(KEY))).draft.clone();
    (0..tries).fold(finding(KEY), |finding, _| {
        let before = finding.failed_creates.as_ref();
        let failed = poison::failed(before, &draft, "labels are full".to_owned(), now());
        Finding { failed_creates: Some(Failures { until: minutes(60), ..failed }), ..finding }
    })
}

#[test]
fn a_create_that_failed_five_times_is_held_until_the_cool_down_is_over() {
    for tries in 1..5 {
        assert_eq!(create(&alone(failing(tries))).attempt, 1, "after {tries}");
    }
    for tries in 5..7 {
        left(
            &alone(failing(tries)),
            NoteKind::Held,
            &format!("failed {tries} times, in the end with: labels are full"),
        );
    }
    let at = |now| one(&Context { now, ..context() }, unlinked(failing(5)));
    left(&at(minutes(60) - TimeDelta::seconds(1)), NoteKind::Held, "tried again after");
    assert_eq!(create(&at(minutes(60))).attempt, 1);
}

#[test]
fn failures_that_an_older_register_remembers_count() {
    let failed = failing(5).failed_creates.unwrap();
    let older =
        json!({"draft": failed.sent, "tries": failed.tries, "why": failed.why, "until": failed.until});
    let older = Finding { failed_creates: serde_json::from_value(older).unwrap(), ..finding(KEY) };
    left(&alone(older), NoteKind::Held, "failed 5 times");
}

#[test]
fn a_create_that_failed_before_comes_after_the_others() {
    let lesser = Finding { severity: Severity::Low, ..finding("PM-1/F2") };
    let rows = [unlinked(failing(1)), unlinked(lesser)];
    let order: Vec<String> =
        plan(&context(), &rows).actions.iter().map(|action| action.finding().to_string()).collect();
    assert_eq!(order, ["PM-1/F2", KEY], "although it is more severe");
}

#[test]
fn a_create_that_is_another_than_the_one_that_failed_is_sent() {
    let mut other = failing(5);
    reword(&mut other, |words| words.title = "Page sooner".to_owned());
    let sent = create(&alone(other.clone())).draft.clone();
    let before = other.failed_creates.as_ref();
    let counted = poison::failed(before, &sent, "still full".to_owned(), minutes(1));
    assert_eq!((counted.tries, counted.why.as_str()), (1, "still full"), "and is counted from one");
    assert_eq!(counted.since, Some(minutes(1)));
    let mut context = context();
    let mut to = destination("github", "acme/payments");
    to.labels.insert("gap".to_owned());
    context.rules = vec![rule("payments", Outcome::Create(to))];
    assert_eq!(create(&one(&context, unlinked(failing(5)))).attempt, 1, "by another rule");
}

#[test]
fn an_unclear_create_that_failed_five_times_is_still_adopted_when_it_is_found() {
    let context = context();
    let mut row = sent(&context, 600, Some(Observed::Known(Vec::new())));
    row.findings[0].finding.failed_creates = failing(5).failed_creates;
    left(&one(&context, row.clone()), NoteKind::Held, "failed 5 times");
    row.findings[0].marked = found(&context, vec![issue(7)]).findings[0].marked.clone();
    assert!(matches!(one(&context, row).actions.as_slice(), [Action::Adopt { .. }]));
}

#[test]
fn a_tombstone_stops_creation_and_the_adoption_of_its_issue() {
    let bare = FindingRow { tombstones: vec![tombstone(KEY, 3)], ..member(finding(KEY)) };
    let row = Row { findings: vec![bare], links: Vec::new() };
    left(&one(&context(), row), NoteKind::Held, "link rebind");
    let cites_after = |number| {
        let mut row = cites(finding(KEY), Some("github"), Observed::Known(issue(7)));
        row.findings[0].tombstones = vec![tombstone(KEY, number)];
        one(&context(), row).actions
    };
    assert_eq!(cites_after(7), Vec::new(), "a person ended this very link");
    assert!(matches!(cites_after(3).as_slice(), [Action::Adopt { .. }]), "another issue is cited by now");
}

#[test]
fn a_tombstone_asks_for_nobody_once_the_finding_is_closed() {
    for state in [State::Resolved, State::Dismissed, State::RiskAccepted] {
        let closed =
            FindingRow { tombstones: vec![tombstone(KEY, 3)], ..member(Finding { state, ..finding(KEY) }) };
        let plan = one(&context(), Row { findings: vec![closed], links: Vec::new() });
        assert!(plan.notes.iter().all(|note| !note.kind.needs_person()), "{:?}", plan.notes);
    }
}

#[test]
fn a_draft_creates_and_adopts_nothing() {
    let draft = || Finding { draft: true, ..finding(KEY) };
    left(&alone(draft()), NoteKind::Deferred, "not published");
    let row = cites(draft(), Some("github"), Observed::Known(issue(7)));
    left(&one(&context(), row), NoteKind::Deferred, "not published");
}

#[test]
fn what_is_claimed_done_gets_no_issue_unless_it_is_rejected() {
    left(
        &alone(Finding { state: State::PendingVerification, ..finding(KEY) }),
        NoteKind::Register,
        "claimed done",
    );
    let rejected = alone(Finding { state: State::InProgress, rejections: 1, ..finding(KEY) });
    assert_eq!(create(&rejected).attempt, 1);
}

#[test]
fn what_is_closed_gets_no_issue_and_adopts_none() {
    for state in [State::Resolved, State::Dismissed, State::RiskAccepted] {
        let closed = || Finding { state, ..finding(KEY) };
        assert_eq!(alone(closed()).actions, Vec::new(), "{state}");
        let row = cites(closed(), Some("github"), Observed::Known(issue(7)));
        let adopts = !one(&context(), row).actions.is_empty();
        assert_eq!(adopts, state.is_unresolved(), "{state}: an accepted risk is not resolved");
    }
}

#[test]
fn a_finding_that_is_overdue_when_its_issue_is_created_says_so_at_once() {
    let mut late = finding(KEY);
    late.clock.due = Some(crate::build::date("2026-02-28"));
    let plan = alone(late);
    assert!(create(&plan).draft.labels.contains("overdue"));
}

// ---- where it may go ------------------------------------------------------------------------------------------

#[test]
fn red_never_leaves_the_register() {
    left(&classified(Tlp::Red, Visibility::Private, Tlp::Red), NoteKind::Held, "RED never leaves");
}

#[test]
fn a_class_above_the_clearance_is_held() {
    left(&classified(Tlp::Amber, Visibility::Private, Tlp::Clear), NoteKind::Held, "max_tlp");
    left(&classified(Tlp::AmberStrict, Visibility::Private, Tlp::Amber), NoteKind::Held, "max_tlp");
}

#[test]
fn a_public_place_holds_only_what_is_clear() {
    assert_eq!(classified(Tlp::Clear, Visibility::Public, Tlp::Amber).actions.len(), 1);
    left(&classified(Tlp::Green, Visibility::Public, Tlp::Amber), NoteKind::Held, "everybody");
    left(&classified(Tlp::Amber, Visibility::Public, Tlp::Amber), NoteKind::Held, "everybody");
}

#[test]
fn an_internal_place_holds_up_to_green() {
    assert_eq!(classified(Tlp::Green, Visibility::Internal, Tlp::Amber).actions.len(), 1);
    left(&classified(Tlp::Amber, Visibility::Internal, Tlp::Amber), NoteKind::Held, "enterprise");
}

#[test]
fn a_private_place_holds_what_its_rule_allows() {
    assert_eq!(classified(Tlp::AmberStrict, Visibility::Private, Tlp::AmberStrict).actions.len(), 1);
}

#[test]
fn a_closed_place_takes_nothing() {
    let mut context = context();
    let mut archived = facts("acme/payments");
    archived.closed = Some("archived".to_owned());
    context.places.insert(("github".into(), "acme/payments".into()), Observed::Known(archived));
    left(&one(&context, unlinked(finding(KEY))), NoteKind::Held, "archived");
}

#[test]
fn a_place_with_another_numeric_id_than_pinned_is_another_place() {
    let mut context = context();
    let pinned = PinnedPlace { id: "66".to_owned(), ..place("acme/payments") };
    context.pinned.insert(("github".into(), "acme/payments".into()), pinned);
    left(&one(&context, unlinked(finding(KEY))), NoteKind::Held, "another place");
}

#[test]
fn a_place_that_could_not_be_proven_takes_nothing() {
    let mut context = context();
    let key = ("github".into(), "acme/payments".into());
    context.places.insert(key.clone(), Observed::unknown("502"));
    left(&one(&context, unlinked(finding(KEY))), NoteKind::Unreachable, "502");
    context.places.insert(key.clone(), Observed::Missing);
    left(&one(&context, unlinked(finding(KEY))), NoteKind::Held, "not visible");
    context.places.remove(&key);
    left(&one(&context, unlinked(finding(KEY))), NoteKind::Unreachable, "not proven");
}

#[test]
fn a_tracker_that_is_not_configured_takes_nothing() {
    let mut context = context();
    context.trackers.clear();
    left(&one(&context, unlinked(finding(KEY))), NoteKind::Held, "not a configured tracker");
}

// ---- linked ---------------------------------------------------------------------------------------------------

#[test]
fn a_settled_link_needs_nothing() {
    let plan = one(&context(), linked(finding(KEY), link(KEY, 3), issue(3)));
    assert_eq!((plan.actions, plan.notes), (Vec::new(), Vec::new()));
}

#[test]
fn a_link_goes_on_without_any_rule_and_says_so() {
    let context = Context { rules: Vec::new(), ..context() };
    let plan =
        one(&context, linked(finding(KEY), link(KEY, 3), Issue { progress: Progress::Done, ..issue(3) }));
    assert!(matches!(plan.actions.as_slice(), [Action::Record { becomes: Some(_), .. }]));
    noted(&plan, NoteKind::Rerouted, "link rebind");
}

#[test]
fn a_link_keeps_merging_when_its_rule_points_elsewhere() {
    let mut context = context();
    context.rules = vec![rule("platform", Outcome::Create(destination("jira", "PLAT")))];
    let done = Issue { progress: Progress::Done, ..issue(3) };
    let plan = one(&context, linked(finding(KEY), link(KEY, 3), done));
    assert!(matches!(plan.actions.as_slice(), [Action::Record { becomes: Some(_), .. }]));
    noted(&plan, NoteKind::Rerouted, "acme/payments");
}

#[test]
fn a_place_that_was_renamed_is_still_the_place() {
    let mut context = context();
    context.rules = vec![rule("payments", Outcome::Create(destination("github", "acme/billing")))];
    let mut renamed = issue(3);
    renamed.at.place = "acme/billing".into();
    renamed.at.key = "acme/billing#3".to_owned();
    let plan = one(&context, linked(finding(KEY), link(KEY, 3), renamed.clone()));
    assert_eq!(plan.notes, Vec::new());
    let [Action::Record { links, .. }] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    assert_eq!(links[0].issue, renamed.at);
    assert_eq!(links[0].former_keys, vec!["acme/payments#3".to_owned()]);
}

#[test]
fn the_home_of_a_link_is_its_place_on_its_tracker_under_either_name() {
    let renamed = Link { destination: "acme/wallet".into(), ..link(KEY, 3) };
    for (tracker, place, is) in [
        ("github", "acme/payments", true),
        ("github", "acme/wallet", true),
        ("github", "acme/platform", false),
        ("ghes", "acme/payments", false),
        ("ghes", "acme/platform", false),
    ] {
        assert_eq!(is_home(&destination(tracker, place), &renamed), is, "{tracker} {place}");
    }
}

#[test]
fn an_owner_whom_nobody_knows_is_reported_before_there_is_an_issue() {
    let unmapped = Finding { owner: Owner::Unmapped("Zoë".to_owned()), ..finding(KEY) };
    noted(&alone(unmapped.clone()), NoteKind::UnknownPerson, "`Zoë` is not in people.yaml");
    let closed = alone(Finding { state: State::Dismissed, ..unmapped });
    assert!(closed.notes.iter().all(|note| note.kind != NoteKind::UnknownPerson), "{:?}", closed.notes);
}

#[test]
fn a_place_written_in_other_letters_is_the_same_place() {
    let mut context = context();
    context.rules = vec![rule("payments", Outcome::Create(destination("github", "Acme/Payments")))];
    let plan = one(&context, linked(finding(KEY), link(KEY, 3), issue(3)));
    assert_eq!(plan.notes, Vec::new());
}

#[test]
fn an_unreachable_issue_does_nothing() {
    let row = Row {
        findings: vec![member(Finding { state: State::Resolved, ..finding(KEY) })],
        links: vec![(link(KEY, 3), Observed::unknown("503"))],
    };
    left(&one(&context(), row), NoteKind::Unreachable, "503");
}

fn missing(absence: Option<Absence>) -> Row {
    let link = Link { absence, ..link(KEY, 3) };
    Row { findings: vec![member(finding(KEY))], links: vec![(link, Observed::Missing)] }
}

fn absent(first: i64, last: i64, reads: u32) -> Option<Absence> {
    Some(Absence { first: now() - TimeDelta::hours(first), last: now() - TimeDelta::hours(last), reads })
}

#[test]
fn a_missing_issue_goes_into_quarantine() {
    let plan = one(&context(), missing(None));
    noted(&plan, NoteKind::Quarantined, "nothing is closed");
    let [Action::Record { becomes: None, links, .. }] = plan.actions.as_slice() else {
        panic!("{:?}", plan.actions)
    };
    assert_eq!(links[0].absence, absent(0, 0, 1));
}

#[test]
fn reads_within_an_hour_count_once() {
    let row = Row {
        links: vec![(Link { absence: absent(0, 0, 1), ..link(KEY, 3) }, Observed::Missing)],
        ..missing(None)
    };
    left(&one(&context(), row), NoteKind::Quarantined, "nothing is closed");
}

#[test]
fn a_link_is_given_up_after_three_reads_over_a_day() {
    for kept in [absent(23, 2, 2), absent(48, 2, 1)] {
        let plan = one(&context(), missing(kept));
        assert!(matches!(plan.actions.as_slice(), [Action::Record { .. }]), "{:?}", plan.actions);
    }
    let plan = one(&context(), missing(absent(24, 2, 2)));
    let [Action::Break { finding, issue, tombstone }] = plan.actions.as_slice() else {
        panic!("{:?}", plan.actions)
    };
    assert_eq!((finding.as_str(), issue, &tombstone.issue), (KEY, &issue_ref(3).id, &issue_ref(3)));
    noted(&plan, NoteKind::Quarantined, "given up");
}

#[test]
fn nothing_counts_as_missing_while_the_account_is_unknown() {
    let mut context = context();
    context.trackers.get_mut(&"github".into()).unwrap().account = Observed::unknown("401");
    left(&one(&context, missing(absent(24, 2, 2))), NoteKind::Unreachable, "401");
}

#[test]
fn an_issue_that_is_found_again_leaves_quarantine() {
    let back = Link { absence: absent(24, 2, 2), ..link(KEY, 3) };
    let plan = one(&context(), linked(finding(KEY), back, issue(3)));
    let [Action::Record { links, .. }] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    assert_eq!(links[0].absence, None);
}

fn moved_to(place: &str, id: &str) -> Issue {
    let mut moved = issue(3);
    moved.at.place = place.into();
    moved.at.place_id = id.to_owned();
    moved.at.id.id = "9500".to_owned();
    moved.at.key = format!("{place}#12");
    moved
}

#[test]
fn an_issue_that_moved_inside_the_allowed_places_is_followed() {
    let mut context = context();
    context.rules.push(rule("platform", Outcome::Create(destination("github", "acme/platform"))));
    let plan = one(&context, linked(finding(KEY), link(KEY, 3), moved_to("acme/platform", "78")));
    let [Action::Rekey { from, becomes, .. }] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    assert_eq!(from, &issue_ref(3).id);
    assert_eq!(becomes.issue, moved_to("acme/platform", "78").at);
    assert_eq!(becomes.former_keys, vec!["acme/payments#3".to_owned()]);
    assert_eq!(becomes.destination.as_str(), "acme/platform");
    assert_eq!(becomes.baseline, link(KEY, 3).baseline);
}

#[test]
fn an_issue_that_moved_anywhere_else_is_flagged() {
    let row = linked(finding(KEY), link(KEY, 3), moved_to("acme/elsewhere", "79"));
    left(&one(&context(), row), NoteKind::Moved, "acme/elsewhere#12");
}

#[test]
fn what_its_document_dropped_goes_on_if_it_is_linked() {
    let gone = Finding { source_missing: true, ..finding(KEY) };
    let done = Issue { progress: Progress::Done, ..issue(3) };
    let plan = one(&context(), linked(gone, link(KEY, 3), done));
    let [Action::Record { becomes: Some(becomes), .. }] = plan.actions.as_slice() else {
        panic!("{:?}", plan.actions)
    };
    assert_eq!(becomes.state, State::PendingVerification);
    noted(&plan, NoteKind::SourceMissing, "no longer lists it");
}

#[test]
fn nothing_is_created_for_what_its_document_dropped() {
    left(&alone(Finding { source_missing: true, ..finding(KEY) }), NoteKind::SourceMissing, "no longer");
    let mut row = unlinked(finding(KEY));
    row.findings[0].document = Observed::Missing;
    left(&one(&context(), row), NoteKind::SourceMissing, "no longer");
}

#[test]
fn an_unreadable_document_does_nothing() {
    let mut row = unlinked(finding(KEY));
    row.findings[0].document = Observed::unknown("not UTF-8");
    left(&one(&context(), row), NoteKind::Unreachable, "not UTF-8");
    let mut row = linked(finding(KEY), link(KEY, 3), Issue { progress: Progress::Done, ..issue(3) });
    row.findings[0].document = Observed::unknown("not UTF-8");
    left(&one(&context(), row), NoteKind::Unreachable, "not UTF-8");
}

#[test]
fn a_link_of_a_tracker_that_is_not_configured_any_more_does_nothing() {
    let mut context = context();
    context.trackers.remove(&"github".into());
    let row = linked(finding(KEY), link(KEY, 3), Issue { progress: Progress::Done, ..issue(3) });
    left(&one(&context, row), NoteKind::Unreachable, "not a configured tracker");
}

// ---- what a new issue says ------------------------------------------------------------------------------------

#[test]
fn a_new_issue_takes_owner_type_and_due_date_as_its_tracker_can_hold_them() {
    let mut context = context();
    let owned = Finding { owner: crate::build::owned_by("ana"), ..finding(KEY) };
    let github = one(&context, unlinked(owned.clone()));
    assert_eq!(create(&github).draft.assignee, Some("ana-gh".into()));
    assert_eq!(create(&github).draft.due, None, "GitHub has no due date");
    context.rules = vec![rule("platform", Outcome::Create(destination("jira", "PLAT")))];
    let jira = one(&context, unlinked(owned));
    assert_eq!(create(&jira).draft.assignee, Some("J-ana".into()));
    assert_eq!(create(&jira).draft.due, Some(crate::build::date("2026-04-21")));
    assert_ne!(create(&jira).draft.marker, create(&github).draft.marker);
    assert_eq!(jira_issue(1).at.place_id, create(&jira).draft.place_id);
}

#[test]
fn an_owner_without_an_account_there_leaves_a_new_issue_unassigned() {
    let mut context = context();
    context.rules = vec![rule("platform", Outcome::Create(destination("jira", "PLAT")))];
    let plan = one(&context, unlinked(Finding { owner: crate::build::owned_by("ben"), ..finding(KEY) }));
    assert_eq!(create(&plan).draft.assignee, None);
    assert_eq!(create(&plan).owner, crate::build::owned_by("ben"));
}

#[test]
fn a_process_finding_stays_out_of_trackers_unless_a_rule_names_its_route() {
    let process = Finding { class: Class::ProcessFlaw, route: Route::Process, ..finding(KEY) };
    left(&alone(process), NoteKind::Unrouted, "no rule");
}

#[test]
fn nothing_is_created_before_it_was_searched_for() {
    let row = Row { findings: vec![member(finding("PM-1/F1"))], links: Vec::new() };
    let plan = one(&context(), row);
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
    assert_eq!(plan.notes[0].kind, NoteKind::Waiting);
    assert!(plan.notes[0].why.contains("the search for its issue was not made"), "{:?}", plan.notes);
}
