//! The report of one register, byte for byte: whoever reads it by machine or compares it with the last one relies on that.

use std::{collections::BTreeSet, fs, path::PathBuf};

use chrono::TimeDelta;
use postmortem_sync::model::{
    cycle::NoteKind,
    finding::Finding,
    ids::FindingKey,
    link::Absence,
    misfit::{Difference, Misfit, RowName},
    reading::Reading,
    terms::{Severity, State},
};

use super::{
    build::reword,
    report_build::{World, full, note, rendered},
    review_build::{at, due, link, waived},
};

/// A world in which every list, table and line has something to say.
fn everything() -> World {
    let mut world = full();
    for (key, title, state) in [
        ("PM-2026-009/F1", "Watch the age of backups", State::Open),
        ("PM-2026-010/F1", "watch the age of BACKUPS", State::Resolved),
        ("PM-2026-010/F2", "watch the age of BACKUPS!", State::Open),
        ("PM-2026-011/F1", "Rotate whatever was shared", State::Resolved),
        ("PM-2026-012/F1", "Rotate whatever was shared", State::Dismissed),
    ] {
        let mut finding = due(key, "2026-03-30");
        finding.state = state;
        finding.changed = at("2025-12-01T10:00:00Z");
        reword(&mut finding, |words| words.title = title.to_owned());
        add(&mut world, finding);
    }
    for (n, severity) in
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low].iter().enumerate()
    {
        for (m, date) in
            ["2026-01-05", "2026-03-09", "2026-03-11", "2026-03-24", "2026-09-01"].iter().enumerate()
        {
            let mut finding = due(&format!("PM-2026-020/F{}", n * 5 + m + 1), date);
            finding.severity = *severity;
            finding.stated.team = Some(["payments", "platform"][m % 2].to_owned());
            finding.first_seen = at("2026-02-20T09:00:00Z") + TimeDelta::days(n as i64);
            if m == 4 {
                finding.clock.due = None;
            }
            add(&mut world, finding);
        }
    }
    add(&mut world, waived("PM-2026-021/F1", "2026-03-01"));
    let mut unclear = due("PM-2026-021/F2", "2026-06-01");
    unclear.stated.severity_unclear = Some("nasty".to_owned());
    add(&mut world, unclear);
    let mut gone = link("PM-2026-020/F3", "old-jira", 4);
    gone.absence =
        Some(Absence { first: at("2026-03-09T07:00:00Z"), last: at("2026-03-09T08:00:00Z"), reads: 2 });
    world.register.links.push(gone);
    world.register.links.insert(0, link("PM-2026-004/F2", "jira", 3));
    for (key, when) in
        [("PM-2026-004/F1", "2026-03-08T18:30:00.123456Z"), ("PM-2026-006/F1", "2026-03-09T08:50:00Z")]
    {
        let (finding, due) = (FindingKey::from(key), at("2026-03-10T08:00:00Z"));
        let reading = Reading { finding: finding.clone(), at: at(when), due, scope: String::new() };
        world.register.readings.insert(finding, reading);
    }
    world.register.pauses.insert("github".into(), at("2026-03-09T09:30:00Z"));
    let row = RowName::of("link", ["PM-2026-004/F3", "github.com", "99"]);
    world.register.misfits.push(Misfit { row, difference: Difference::Missing });
    world.says([
        note(NoteKind::Unreachable, "PM-2026-020/F1", "502"),
        note(NoteKind::Unrouted, "PM-2026-020/F2", "no rule names the team"),
        note(NoteKind::Duplicate, "PM-2099-001/F1", "of a finding that is not there"),
        note(NoteKind::Held, "PM-2026-008/F1", "its text is withheld"),
    ]);
    world.health("jira").unreadable = 1;
    world.cycle().events =
        vec![note(NoteKind::Stale, "PM-2026-020/F4", "changed before it could be written")];
    let mut secret = world.cycle().diagnostics[0].clone();
    secret.path = world.register.findings[&"PM-2026-008/F1".into()].stated.path.clone();
    world.cycle().diagnostics.push(secret);
    world
}

fn add(world: &mut World, finding: Finding) {
    world.register.findings.insert(finding.key.clone(), finding);
}

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/report").join(name)
}

#[test]
fn the_report_of_a_register_is_the_same_byte_for_byte_as_it_was_in_releases_before() {
    let report = everything().report();
    for (name, text) in ["everything.json", "everything.md", "everything.html"].iter().zip(rendered(&report))
    {
        let path = golden(name);
        assert!(fs::read_to_string(&path).unwrap() == text, "{name} is another one");
    }
}

#[test]
fn each_finding_has_one_place_in_the_page_that_links_lead_to() {
    let page = fs::read_to_string(golden("everything.html")).unwrap();
    let named = |before: &str| -> Vec<String> {
        let parts = page.split(before).skip(1);
        parts.filter_map(|part| Some(part.split_once('"')?.0.to_owned())).collect()
    };
    let ids = named(" id=\"");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let linked = named("<a class=\"key\" href=\"#");
    assert!(linked.len() > 20, "{linked:?}");
    let dead: Vec<&String> = linked.iter().filter(|key| !unique.contains(key)).collect();
    assert!(dead.is_empty(), "{dead:?}");
}
