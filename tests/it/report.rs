//! The deadline report tells the truth, all of it, and does nothing to whoever reads it.

use chrono::TimeDelta;
use postmortem_sync::{
    model::{
        cycle::{NoteKind, SourceHealth},
        finding::{Finding, Owner},
        ids::FindingKey,
        link::Absence,
        reading::Reading,
        terms::{Severity, State, Tlp},
    },
    report::{Options, Report, Routed, data::Alarm},
};

use super::{
    build::reword,
    report_build::{World, full, note, rendered},
    review_build::{at, day, due, finding, link, pending_by_carl, waived},
};

/// Texts that say that nothing is overdue, in any format.
fn says_nothing_is_overdue(report: &Report) -> bool {
    let texts = rendered(report).into_iter().chain([report.verdict.text.clone()]);
    texts.map(|text| text.to_lowercase()).any(|text| {
        text.contains("nothing overdue")
            || text.contains("nothing is overdue")
            || text.contains(": 0 overdue")
    })
}

/// Keys of the overdue findings, in the order of the report.
fn overdue(report: &Report) -> Vec<String> {
    let owners = report.sections.overdue.iter().flat_map(|team| &team.owners);
    owners.flat_map(|owner| &owner.findings).map(ToString::to_string).collect()
}

/// A world in which nothing is overdue.
fn calm() -> World {
    World::with(vec![due("PM-1/F1", "2026-06-01")])
}

#[test]
fn when_everything_was_read_the_report_may_say_that_nothing_is_overdue() {
    let report = calm().report();
    assert!(says_nothing_is_overdue(&report));
    assert!(report.verdict.complete);
    assert_eq!(
        report.verdict.text,
        "As of Mon 9 Mar 2026 09:00 Europe/London: nothing overdue, 1 review due."
    );
    assert_eq!(report.verdict.freshness, "github read 08:55; jira read 08:56");
}

#[test]
fn what_lists_of_changes_did_not_name_is_as_old_as_the_oldest_look_at_all_of_it() {
    let mut world = calm();
    let key = FindingKey::from("PM-1/F1");
    let due = at("2026-03-10T08:00:00Z");
    let reading = Reading { finding: key.clone(), at: at("2026-03-08T18:30:00Z"), due, scope: String::new() };
    world.register.links.push(link(key.as_str(), "github", 7));
    world.register.readings.insert(key, reading);
    let report = world.report();
    assert!(report.verdict.complete);
    let told = "github read 08:55 (each of its issues since Sun 8 Mar 2026 18:30); jira read 08:56";
    assert_eq!(report.verdict.freshness, told);
}

#[test]
fn an_unreadable_tracker_never_yields_nothing_overdue() {
    type Break = fn(&mut World);
    let breaks: [(&str, Break); 12] = [
        ("error", |world| world.health("github").error = Some("503".to_owned())),
        ("never", |world| world.health("jira").read = None),
        ("partly", |world| world.health("github").unreadable = 2),
        ("old", |world| world.health("jira").read = Some(at("2026-03-06T17:30:00Z"))),
        ("read by a clock that was ahead", |world| {
            world.health("jira").read = Some(at("2026-03-29T08:56:00Z"));
        }),
        ("a cycle by a clock that was ahead", |world| {
            world.cycle().started = at("2026-03-29T08:54:00Z");
        }),
        ("gone from the record", |world| {
            world.cycle().trackers.clear();
        }),
        ("only linked", |world| world.register.links = vec![link("PM-1/F1", "old-jira", 9)]),
        ("document", |world| {
            let broken = SourceHealth { documents: 3, unreadable: 1, ..SourceHealth::default() };
            world.cycle().sources.insert("postmortems".into(), broken);
        }),
        ("source never", |world| world.sources.push("wiki".into())),
        ("one finding", |world| {
            world.says([note(NoteKind::Unreachable, "PM-1/F1", "502")]);
        }),
        ("killed", |world| {
            world.cycle().finished = None;
            world.cycle().started = at("2026-03-09T06:00:00Z");
        }),
    ];
    for (name, break_it) in breaks {
        let mut world = calm();
        break_it(&mut world);
        let report = world.report();
        assert!(!says_nothing_is_overdue(&report), "{name}");
        assert_eq!((report.verdict.level, report.verdict.complete), (Alarm::Uncertain, false), "{name}");
        assert!(!report.verdict.unknown.is_empty(), "{name}");
        let [_, markdown, html] = rendered(&report);
        for text in [markdown, html] {
            assert!(text.contains("figures may be too low"), "{name}");
        }
    }
}

#[test]
fn the_verdict_says_what_is_unknown_since_when_and_why() {
    let mut world = calm();
    let health = world.health("jira");
    health.read = Some(at("2026-03-06T17:30:00Z"));
    health.error = Some("401: the token has expired".to_owned());
    let report = world.report();
    assert_eq!(
        report.verdict.unknown,
        ["jira not read since Fri 6 Mar 2026 17:30 (401: the token has expired)"]
    );
    assert!(report.verdict.freshness.starts_with("github read 08:55; jira not read since"));
}

#[test]
fn overdue_findings_are_counted_also_when_a_tracker_is_down() {
    let mut world = World::with(vec![due("PM-1/F1", "2026-03-01")]);
    world.health("github").error = Some("503".to_owned());
    let report = world.report();
    assert_eq!((report.verdict.level, report.verdict.complete), (Alarm::Overdue, false));
    assert!(report.verdict.text.contains("1 overdue"), "{}", report.verdict.text);
}

#[test]
fn before_the_first_cycle_there_is_no_data() {
    let mut world = World::with(vec![]);
    world.register.last_cycle = None;
    let report = world.report();
    assert_eq!(report.verdict.level, Alarm::NoData);
    assert!(report.verdict.text.contains("no data yet"), "{}", report.verdict.text);
    assert!(!says_nothing_is_overdue(&report));
}

#[test]
fn a_world_without_anything_to_do_is_clear() {
    let mut finding = due("PM-1/F1", "2026-06-01");
    finding.first_seen = at("2026-03-08T00:00:00Z");
    assert_eq!(World::with(vec![finding]).report().verdict.level, Alarm::Clear);
}

#[test]
fn every_unresolved_finding_is_in_every_format() {
    let world = full();
    let report = world.report();
    for (key, finding) in &world.register.findings {
        if finding.state.is_unresolved() {
            assert!(report.findings.contains_key(key), "{key}");
            for text in rendered(&report) {
                assert!(text.contains(key.as_str()), "{key}");
            }
        }
    }
}

#[test]
fn every_state_and_deadline_has_a_list() {
    for state in State::ALL.iter().filter(|state| state.is_unresolved()) {
        for date in [None, Some("2026-01-01"), Some("2026-03-09"), Some("2026-03-20"), Some("2027-01-01")] {
            for broken in [false, true] {
                let mut finding = match state {
                    State::PendingVerification if !broken => pending_by_carl("PM-1/F1"),
                    State::RiskAccepted if !broken => waived("PM-1/F1", "2026-08-01"),
                    State::Open
                    | State::InProgress
                    | State::PendingVerification
                    | State::Resolved
                    | State::RiskAccepted
                    | State::Dismissed => Finding { state: *state, ..finding("PM-1/F1") },
                };
                finding.clock.due = date.map(day);
                finding.draft = broken;
                let report = World::with(vec![finding]).report();
                assert_eq!(report.findings.len(), 1, "{state} {date:?} {broken}");
            }
        }
    }
}

#[test]
fn the_totals_reconcile() {
    let report = full().report();
    let counts = report.counts;
    assert!(counts.reconciles);
    assert_eq!(counts.all, 13);
    assert_eq!((counts.open, counts.pending_verification, counts.resolved), (8, 2, 1));
    assert_eq!((counts.risk_accepted, counts.dismissed, counts.in_progress), (1, 1, 0));
    assert_eq!(counts.overdue, overdue(&report).len());
    assert_eq!(counts.pending_verification, report.sections.verification.len());
    assert_eq!(counts.reviews_due, report.sections.reviews.len());
    assert_eq!(counts.unowned, report.sections.unowned.len());
}

#[test]
fn overdue_findings_stand_unowned_first_then_by_severity_then_by_days() {
    let mut least = due("PM-1/F1", "2026-01-01");
    least.severity = Severity::Low;
    let newer = due("PM-1/F2", "2026-03-08");
    let older = due("PM-1/F3", "2026-02-08");
    let mut unowned = due("PM-1/F4", "2026-03-08");
    unowned.owner = Owner::Nobody;
    let mut no_team = due("PM-1/F5", "2026-03-08");
    no_team.stated.team = None;
    let report = World::with(vec![least, newer, older, unowned, no_team]).report();
    assert_eq!(overdue(&report), ["PM-1/F5", "PM-1/F4", "PM-1/F3", "PM-1/F2", "PM-1/F1"]);
    assert_eq!(report.findings[&"PM-1/F2".into()].days_overdue, 1);
}

#[test]
fn upcoming_findings_are_in_exactly_one_bucket() {
    let dates =
        ["2026-03-09", "2026-03-16", "2026-03-17", "2026-03-23", "2026-03-24", "2026-04-08", "2026-04-09"];
    let findings = dates.iter().enumerate().map(|(n, date)| due(&format!("PM-1/F{n}"), date)).collect();
    let report = World::with(findings).report();
    let sizes: Vec<_> =
        report.sections.upcoming.iter().map(|bucket| (bucket.days, bucket.findings.len())).collect();
    assert_eq!(sizes, [(7, 2), (14, 2), (30, 2)]);
    assert_eq!(report.sections.later, ["PM-1/F6".into()]);
}

#[test]
fn a_claim_shows_until_when_who_may_and_who_may_not_verify() {
    let mut claimed = pending_by_carl("PM-1/F1");
    reword(&mut claimed, |words| words.criteria = Some("the old key is refused".to_owned()));
    let report = World::with(vec![claimed]).report();
    assert!(rendered(&report).iter().all(|text| text.contains("the old key is refused")));
    let line = report.findings[&"PM-1/F1".into()].verification.clone().unwrap();
    assert_eq!(line.by, Some(day("2026-03-06")));
    assert_eq!(
        (line.may, line.not),
        (vec!["Rita".to_owned(), "Rob".to_owned()], vec!["Olga".to_owned(), "Carl".to_owned()])
    );
    assert!(report.verdict.text.contains("1 waiting for verification (1 for too long)"));
}

#[test]
fn a_waiver_that_ended_counts_as_overdue_before_the_worker_noticed() {
    let mut finding = waived("PM-1/F1", "2026-02-15");
    finding.clock.due = Some(day("2026-02-01"));
    let report = World::with(vec![finding]).report();
    assert_eq!((report.counts.open, report.counts.risk_accepted), (1, 0));
    assert_eq!(report.sections.waivers, ["PM-1/F1".into()]);
    assert_eq!(overdue(&report), ["PM-1/F1"], "the grace of five working days has ended as well");
}

#[test]
fn notes_stand_where_somebody_acts_on_them() {
    let mut world = calm();
    world.says([
        note(NoteKind::Conflict, "PM-1/F1", "a"),
        note(NoteKind::Failed, "PM-1/F1", "b"),
        note(NoteKind::Unrouted, "PM-1/F1", "c"),
        note(NoteKind::Register, "PM-1/F1", "d"),
    ]);
    let sections = world.report().sections;
    assert_eq!(sections.decisions.iter().map(|notes| notes.kind).collect::<Vec<_>>(), [NoteKind::Conflict]);
    assert_eq!(sections.sync.iter().map(|notes| notes.kind).collect::<Vec<_>>(), [NoteKind::Failed]);
    assert_eq!(sections.unrouted.iter().map(|entry| entry.why.as_str()).collect::<Vec<_>>(), ["c"]);
    world.routed.insert("PM-1/F1".into(), Routed::Destination("github acme/infra".to_owned()));
    assert!(world.report().sections.unrouted.is_empty(), "the rules of today decide");
}

#[test]
fn a_note_says_since_when_it_stands_and_is_gone_once_the_clock_ended_it() {
    let mut world = calm();
    let refused = |until| note(NoteKind::Refused, "PM-1/F1", "x").until(Some(at(until)));
    world.says([refused("2026-03-09T09:00:01Z")]);
    let told = world.report();
    assert_eq!(told.sections.sync[0].notes[0].since, at("2026-03-09T08:54:00Z"));
    let [_, markdown, html] = rendered(&told);
    assert!(markdown.contains("x (since "), "{markdown}");
    assert!(html.contains(">since "), "{html}");
    world.register.notes.clear();
    world.says([refused("2026-03-09T09:00:00Z")]);
    assert!(world.report().sections.sync.is_empty());
}

#[test]
fn an_issue_that_was_not_found_is_shown_as_such() {
    let mut world = calm();
    let mut lost = link("PM-1/F1", "github", 4);
    lost.absence =
        Some(Absence { first: at("2026-03-09T07:00:00Z"), last: at("2026-03-09T08:00:00Z"), reads: 2 });
    world.register.links = vec![lost];
    let [_, markdown, html] = rendered(&world.report());
    assert!(markdown.contains("not found since 07:00") && html.contains("not found since 07:00"));
}

#[test]
fn texts_above_the_readers_class_are_withheld_everywhere() {
    let mut world = full();
    let secret = world.register.findings.get_mut(&"PM-2026-008/F1".into()).unwrap();
    reword(secret, |words| words.title = "CANARY-title".to_owned());
    reword(secret, |words| words.postmortem_title = "CANARY-postmortem".to_owned());
    secret.stated.postmortem_url = Some("https://wiki.example.com/CANARY-url".to_owned());
    secret.stated.path = "postmortems/CANARY-path.md".to_owned();
    reword(secret, |words| words.description = Some("CANARY-description".to_owned()));
    let mut diagnostic = world.cycle().diagnostics[0].clone();
    diagnostic.path = "postmortems/CANARY-path.md".to_owned();
    diagnostic.message = "CANARY-message".to_owned();
    world.cycle().diagnostics.push(diagnostic);
    let noted = note(NoteKind::Conflict, "PM-2026-008/F1", "CANARY-note");
    world.says([noted]);
    let report = world.report();
    assert_eq!((report.tlp, report.withheld), (Tlp::Amber, 1));
    for text in rendered(&report) {
        assert!(!text.contains("CANARY"), "{}", text.lines().find(|line| line.contains("CANARY")).unwrap());
        assert!(text.contains("PM-2026-008/F1"));
    }
    world.options = Options { max_tlp: Tlp::Red, ..Options::default() };
    let report = world.report();
    assert_eq!((report.tlp, report.withheld), (Tlp::Red, 0));
    assert!(
        rendered(&report)
            .iter()
            .all(|text| text.contains("CANARY-title") && text.contains("TLP:RED") || text.starts_with('{'))
    );
}

#[test]
fn how_long_a_read_stays_fresh_is_an_option() {
    let mut world = calm();
    world.options.fresh_for = TimeDelta::minutes(4);
    assert_eq!(world.report().verdict.level, Alarm::Uncertain);
}

#[test]
fn a_stated_severity_that_nobody_understands_is_in_the_headline_and_has_a_list() {
    let stated = |key: &str, written: &str| {
        let mut finding = due(key, "2026-06-01");
        finding.severity = Severity::High;
        finding.stated.severity = Some(Severity::High);
        finding.stated.severity_unclear = Some(written.to_owned());
        finding
    };
    let mut over = stated("PM-1/F3", "nasty");
    over.state = State::Dismissed;
    let mut secret = stated("PM-2/F1", "grim");
    secret.stated.tlp = Tlp::Red;
    let mut world =
        World::with(vec![stated("PM-1/F1", "terrifying"), due("PM-1/F2", "2026-06-01"), over, secret]);
    world.options.max_tlp = Tlp::Amber;
    let report = world.report();
    let headline =
        "2 whose stated severity is not understood (counted as high until a person says otherwise)";
    assert!(report.verdict.text.contains(headline), "{}", report.verdict.text);
    assert_eq!(report.verdict.level, Alarm::Attention);
    assert_eq!(report.counts.severity_unclear, 2);
    let listed: Vec<String> = report.sections.severity_unclear.iter().map(ToString::to_string).collect();
    assert_eq!(listed, ["PM-1/F1", "PM-2/F1"]);
    for text in rendered(&report) {
        assert!(text.contains(headline) && text.contains("terrifying"), "{text}");
        assert!(!text.contains("grim") && !text.contains("nasty"), "{text}");
    }
    for text in rendered(&report).iter().filter(|text| !text.starts_with('{')) {
        assert!(text.contains("Severity not understood") && text.contains("words.severities"), "{text}");
    }
    let calm = calm().report();
    assert!(!calm.verdict.text.contains("not understood"), "{}", calm.verdict.text);
}

#[test]
fn the_worst_ten_are_named_first_once_there_are_more() {
    let mut findings: Vec<_> =
        (1..=12).map(|n| due(&format!("PM-1/F{n}"), &format!("2026-02-{:02}", n + 9))).collect();
    findings[10].severity = Severity::Critical;
    let report = World::with(findings.clone()).report();
    let worst: Vec<String> = report.sections.worst.iter().map(ToString::to_string).collect();
    assert_eq!(worst.len(), 10);
    assert_eq!(worst[..3], ["PM-1/F11", "PM-1/F1", "PM-1/F2"], "the most severe, then the latest");
    assert!(rendered(&report)[1..].iter().all(|text| text.contains("The worst first")));
    findings.truncate(10);
    let report = World::with(findings).report();
    assert!(
        rendered(&report)[1..].iter().all(|text| !text.contains("The worst first")),
        "all of them are below"
    );
}

#[test]
fn what_could_not_be_written_or_was_not_read_for_a_day_is_not_clear() {
    for kind in [NoteKind::Failed, NoteKind::Refused, NoteKind::Waiting] {
        let mut world = calm();
        world.says([note(kind, "PM-1/F1", "422")]);
        let report = world.report();
        assert!(!report.verdict.complete && !says_nothing_is_overdue(&report), "{kind:?}");
    }
    let mut world = calm();
    world.cycle().sources.get_mut(&"postmortems".into()).unwrap().read = Some(at("2026-03-08T08:59:00Z"));
    let unknown = world.report().verdict.unknown;
    assert!(unknown[0].starts_with("the source postmortems was last read"), "{unknown:?}");
}
