//! Pauses that trackers ask for: recorded when they are heard, obeyed by everybody, and lifted by a person.

use postmortem_sync::net::pace::{Allowances, Lane, Pace};
use serde_json::{Value, json};

use super::{
    build,
    github_rig::Hand,
    rig::Rig,
    trouble::{self, CLOUD, GITHUB, PARTIAL, assert_one_each, events, heal, register, report},
};

fn limited(seconds: u64) -> Value {
    json!({"rate_limit": {"reason": "secondary", "retry_after": seconds}})
}

/// A rig whose GitHub asked for a pause of ten minutes when the second write-up was to be followed there.
fn paused() -> Rig {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    report(&rig, GITHUB, 2, 1);
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": "/issues", "action": limited(600)}));
    rig.sync();
    assert!(register(&rig).pauses.contains_key(&GITHUB.name.into()));
    heal(&rig);
    rig.forget();
    rig
}

#[test]
fn whoever_asks_obeys_a_pause_and_says_until_when() {
    let rig = paused();
    for arguments in [
        ["plan"].as_slice(),
        &["explain", "PM-2/F1"],
        &["check", "--online"],
        &["link", "adopt", "PM-2/F1", "acme/payments#1", "--as", "eli"],
    ] {
        let ran = rig.run(arguments).exits(PARTIAL);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("github") && said.contains("asked to wait until 20"), "{arguments:?}\n{said}");
        assert_eq!(rig.counts()["by_tracker"]["github"], Value::Null, "{arguments:?}");
    }
}

#[test]
fn a_person_can_lift_a_pause() {
    let rig = paused();
    rig.run(&["link", "retry", "--tracker", "nowhere", "--as", "eli"]).exits(2);
    let ran = rig.run(&["link", "retry", "--tracker", "github", "--as", "eli"]).exits(0);
    assert!(ran.stdout.contains("is lifted"), "{}", ran.stdout);
    rig.sync().exits(0);
    assert_one_each(&rig, GITHUB, 2, 1);
    assert_eq!(events(&rig, "pause_lifted"), 1);
    let ran = rig.run(&["link", "retry", "--tracker", "github", "--as", "eli"]).exits(0);
    assert!(ran.stdout.contains("is not paused"), "{}", ran.stdout);
}

#[test]
fn a_pause_that_an_action_heard_survives_a_kill_in_the_next_one() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 1);
    report(&rig, CLOUD, 2, 1);
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": "/issues", "action": limited(600)}));
    let mut cycle = rig.poise(&["sync"]);
    let kill = json!({"kill": {"pid": cycle.id(), "when": "before_apply"}});
    rig.fault(&json!({"tracker": "jira", "method": "POST", "path": CLOUD.create, "action": kill}));
    cycle.go();
    assert_eq!(cycle.wait().code, None);
    assert!(register(&rig).pauses.contains_key(&GITHUB.name.into()));
}

#[test]
fn a_pause_that_a_read_heard_survives_a_kill_while_others_are_still_asked() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 1);
    report(&rig, CLOUD, 2, 1);
    rig.fault(&json!({"tracker": "github", "times": null, "action": limited(600)}));
    rig.fault(&json!({"tracker": "jira", "action": {"delay": {"ms": 700}}}));
    let mut cycle = rig.poise(&["sync"]);
    let kill = json!({"kill": {"pid": cycle.id(), "when": "before_apply"}});
    rig.fault(&json!({"tracker": "jira", "skip": 1, "action": kill}));
    cycle.go();
    assert_eq!(cycle.wait().code, None);
    assert!(register(&rig).pauses.contains_key(&GITHUB.name.into()));
}

#[test]
fn a_pause_that_plan_heard_holds_for_the_next_cycle() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 1);
    rig.fault(&json!({"tracker": "github", "action": limited(600)}));
    rig.run(&["plan"]).exits(PARTIAL);
    rig.forget();
    rig.sync().exits(PARTIAL);
    assert_eq!(rig.counts()["by_tracker"]["github"], Value::Null);
}

#[test]
fn a_pause_ends_early_only_where_it_was_recorded_and_lifted_since() {
    let pace = Pace::new(Allowances::GITHUB, Hand::at(build::now()));
    pace.pause(build::minutes(10));
    pace.restore(None);
    assert!(pace.admit(Lane::Read).is_err(), "it was heard, and could not be recorded");
    pace.recorded(build::minutes(10));
    pace.restore(Some(build::minutes(10)));
    assert_eq!(pace.paused_until(), Some(build::minutes(10)));
    pace.restore(None);
    assert_eq!(pace.admit(Lane::Read), Ok(()), "a person lifted it");
    pace.restore(Some(build::minutes(5)));
    assert_eq!(pace.paused_until(), Some(build::minutes(5)), "another process heard it");
}

#[test]
fn a_pause_that_a_clock_that_was_ahead_dated_is_over_once_the_clock_is_right() {
    let pace = Pace::new(Allowances::GITHUB, Hand::at(build::now()));
    pace.restore(Some(build::minutes(22 * 24 * 60)));
    assert_eq!(pace.paused_until(), None, "no tracker asks for three weeks");
    assert_eq!(pace.admit(Lane::Read), Ok(()));
}
