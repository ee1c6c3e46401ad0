//! A configuration that changed says other things than a person approved: until somebody approves it, cycles only plan (invariant 6).

use postmortem_sync::model::mapping::Mapping;
use serde_json::json;

use super::{
    rig::Rig,
    settings::{BASE, load},
    trouble::{GITHUB, HELD, events, notes, report, shell, stage},
};

const PAYMENTS: &str = "repository: acme/payments, max_tlp: AMBER";
const PLATFORM: &str = "repository: acme/platform, max_tlp: AMBER";

/// A mapping of rules that are written as `name team repository`, in order.
fn mapping(rules: &[&str]) -> Mapping {
    let mut main = BASE.to_owned();
    for rule in rules {
        let [name, team, repository] = rule.split(' ').collect::<Vec<_>>()[..] else { panic!("{rule}") };
        main.push_str(&format!(
            "  - {{ name: {name}, when: {{ team: {team} }}, create: {{ tracker: github, repository: {repository}, max_tlp: AMBER }} }}\n"
        ));
    }
    let settings = load(&main).unwrap();
    postmortem_sync::app::config(&settings).mapping
}

#[test]
fn what_is_only_added_departs_from_nothing_and_all_else_does() {
    let approved = mapping(&["a pay acme/a", "b web acme/b"]);
    let departs = |rules: &[&str]| mapping(rules).departs_from(&approved);
    assert_eq!(departs(&["a pay acme/a", "b web acme/b"]), None);
    assert_eq!(departs(&["a pay acme/a", "b web acme/b", "c ops acme/c"]), None);
    for (rules, told) in [
        (&["a pay acme/a"][..], "the rule `b` is gone"),
        (&["b web acme/b", "a pay acme/a"], "the rule `a` has another place among the rules"),
        (&["a pay acme/a", "c ops acme/c", "b web acme/b"], "the rule `b` has another place among the rules"),
        (&["a pay acme/z", "b web acme/b"], "the rule `a` has changed"),
    ] {
        assert_eq!(departs(rules).as_deref(), Some(told));
    }
    let mut elsewhere = approved.clone();
    elsewhere.trackers.insert("more".into(), "github, git.acme.example".to_owned());
    assert_eq!(elsewhere.departs_from(&approved), None, "a tracker more");
    elsewhere.trackers.insert("github".into(), "github, git.acme.example".to_owned());
    assert_eq!(
        elsewhere.departs_from(&approved).as_deref(),
        Some("the tracker `github` is github, git.acme.example and was github, api.github.com")
    );
    elsewhere.trackers.clear();
    assert_eq!(elsewhere.departs_from(&approved).as_deref(), Some("the tracker `github` is gone"));
}

/// One finding that is followed, and then another one, under a rule that sends it elsewhere.
fn changed() -> Rig {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    report(&rig, GITHUB, 1, 2);
    rig.act("ana", "acme/payments#1", json!({"do": "assign", "assignee": "ana"}));
    rig.edit("postmortem-sync.yaml", PAYMENTS, PLATFORM);
    rig
}

fn places(rig: &Rig) -> Vec<String> {
    rig.issues().iter().map(|issue| issue["place"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_rule_that_changed_writes_nothing_until_a_person_approves_it() {
    let rig = changed();
    let told = rig.run(&["plan"]).exits(0).stdout;
    assert!(told.contains("not approved yet: the rule `payments` has changed"), "{told}");
    for _ in 0..2 {
        let outcome = rig.quiet_sync(HELD).json();
        let held = notes(&outcome, "held", GITHUB);
        assert!(held.iter().any(|why| why.contains("the rule `payments` has changed")), "{outcome}");
    }
    assert_eq!(places(&rig), ["acme/payments"]);
    let nobody = rig.run(&["approve"]).exits(2).stderr;
    assert!(nobody.contains("say who decides"), "{nobody}");
    let approved = rig.run(&["approve", "--as", "eli"]).exits(0).stdout;
    assert!(approved.contains("approved: the rule `payments` has changed"), "{approved}");
    rig.sync().exits(0);
    assert_eq!(places(&rig), ["acme/payments", "acme/platform"]);
    assert_eq!(events(&rig, "configuration_approved"), 1);
    assert!(rig.run(&["approve", "--as", "eli"]).exits(0).stdout.contains("nothing waits"));
    rig.run(&["audit", "verify"]).exits(0);
}

#[test]
fn going_back_to_what_was_approved_needs_no_approval() {
    let rig = changed();
    rig.quiet_sync(HELD);
    rig.edit("postmortem-sync.yaml", PLATFORM, PAYMENTS);
    rig.sync().exits(0);
    assert_eq!(places(&rig), ["acme/payments", "acme/payments"]);
}

#[test]
fn a_reviewer_who_applies_a_saved_plan_approves_where_it_goes_and_nobody_else_does() {
    let rig = changed();
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    rig.forget();
    let held = rig.run(&["apply", "plan.json"]).exits(HELD).stdout;
    assert!(held.contains("the rule `payments` has changed"), "{held}");
    let refused = rig.run(&["apply", "plan.json", "--as", "bo"]).exits(6).stderr;
    assert!(refused.contains("a reviewer does"), "{refused}");
    assert_eq!(rig.writes(), Vec::<String>::new());
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    rig.run(&["apply", "plan.json", "--as", "eli"]).exits(0);
    assert_eq!(places(&rig), ["acme/payments", "acme/platform"]);
    assert_eq!(events(&rig, "configuration_approved"), 1);
    rig.quiet_sync(0);
    rig.run(&["audit", "verify"]).exits(0);
}

/// Ways of putting words into a reviewer's mouth.
const FORGED: &[&str] = &[
    "UPDATE mapping SET data = replace(data, 'acme/payments', 'acme/platform')",
    "UPDATE mapping SET data = '{broken'",
    "UPDATE mapping SET name = 'another'",
    "INSERT INTO mapping SELECT 'another', replace(data, 'acme/payments', 'acme/platform') FROM mapping",
    "INSERT INTO mapping VALUES ('another', '{broken')",
    "DELETE FROM mapping",
    "DELETE FROM mapping; DELETE FROM cycle",
    "DELETE FROM mapping; DELETE FROM stamp WHERE kind = 'mapping'",
];

#[test]
fn an_approval_that_nobody_gave_lets_nothing_happen() {
    for sql in FORGED {
        let rig = changed();
        shell(&rig, sql);
        let named = rig.run(&["audit", "verify"]).exits(HELD).stdout;
        assert!(named.contains("`mapping a") && named.contains("does not fit its history"), "{sql}: {named}");
        for _ in 0..2 {
            let outcome = rig.quiet_sync(HELD).json();
            assert!(outcome.to_string().contains("does not fit"), "{sql}: {outcome}");
        }
        for row in ["mapping approved", "mapping another"] {
            rig.run(&["audit", "accept", row, "--reason", "x", "--as", "eli"]).exits(6);
        }
        rig.run(&["approve", "--as", "eli"]).exits(0);
        rig.run(&["audit", "verify"]).exits(0);
        rig.sync().exits(0);
        assert_eq!(places(&rig), ["acme/payments", "acme/platform"], "{sql}");
    }
}

#[test]
fn a_reviewer_who_applies_a_saved_plan_replaces_what_stands_for_an_approval() {
    for sql in FORGED {
        let rig = changed();
        shell(&rig, sql);
        rig.run(&["plan", "--out", "plan.json"]).exits(0);
        rig.run(&["apply", "plan.json", "--as", "eli"]).exits(HELD);
        assert_eq!(places(&rig), ["acme/payments", "acme/platform"], "{sql}");
        rig.run(&["audit", "verify"]).exits(0);
        rig.quiet_sync(0);
    }
}

#[test]
fn an_approval_whose_last_stamp_was_changed_stays_and_the_stamp_is_accepted() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    shell(&rig, "UPDATE stamp SET digest = '00' WHERE kind = 'mapping'");
    rig.run(&["audit", "verify"]).exits(HELD);
    rig.run(&["audit", "accept", "mapping approved", "--reason", "x", "--as", "eli"]).exits(0);
    rig.run(&["audit", "verify"]).exits(0);
    rig.edit("postmortem-sync.yaml", PAYMENTS, PLATFORM);
    report(&rig, GITHUB, 1, 2);
    let held = rig.quiet_sync(HELD).json().to_string();
    assert!(held.contains("the rule `payments` has changed"), "{held}");
}

#[test]
fn a_rule_behind_all_others_works_at_once() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    rig.edit("postmortem-sync.yaml", "limits:", "  - { name: rest, register: { group: security } }\nlimits:");
    report(&rig, GITHUB, 1, 2);
    rig.sync().exits(0);
    assert_eq!(places(&rig), ["acme/payments", "acme/payments"]);
}
