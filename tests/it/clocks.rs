//! A machine whose clock is wrong: trackers tell, people are told, and from an hour on nothing is written.

use std::sync::Arc;

use chrono::TimeDelta;
use http::HeaderMap;
use postmortem_sync::{
    net::{
        http::Timeouts,
        pace::Lane,
        skew::{Skew, words},
    },
    tracker::{TrackerError, TrackerRead as _, github::OctocrabHttp},
};
use serde_json::{Value, json};

use super::{
    github_rig::{Canned, Hand, client_over, log, reply},
    rig::Rig,
    support::{sandbox, start_of_time},
    trouble::{self, CLOUD, DATA_CENTER, GITHUB, PARTIAL, report},
};

const PEM: &str = include_str!("../data/app-key.pem");

/// How far ahead our clock seems by an answer of these headers, in seconds; it was asked for at the start of time, and came
/// so many milliseconds later.
fn ahead(headers: &[(&'static str, &str)], took: i64) -> Option<i64> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    let skew = Skew::default();
    skew.learn(&headers, start_of_time(), start_of_time() + TimeDelta::milliseconds(took));
    skew.ahead().map(|ahead| ahead.num_seconds())
}

/// The `Date` of a server whose clock is so many seconds after the start of time.
fn date(seconds: i64) -> String {
    (start_of_time() + TimeDelta::seconds(seconds)).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[test]
fn a_clock_is_as_wrong_as_whole_seconds_and_the_way_of_the_answer_prove() {
    assert_eq!(ahead(&[("date", &date(0))], 400), Some(0));
    assert_eq!(ahead(&[("date", &date(-1))], 0), Some(0), "the second before may have just ended");
    assert_eq!(ahead(&[("date", &date(9))], 20_000), Some(0), "it was told on the way");
    assert_eq!(ahead(&[("date", &date(-120))], 0), Some(119));
    assert_eq!(ahead(&[("date", &date(120))], 2000), Some(-118));
    assert_eq!(ahead(&[("date", &date(-120)), ("age", "120")], 0), None, "it was kept somewhere");
    assert_eq!(ahead(&[("date", &date(-120))], -5000), None, "our own clock was set back meanwhile");
    assert_eq!(ahead(&[("date", "today")], 0), None);
    assert_eq!(words(TimeDelta::days(20)), "20 days ahead of");
    assert_eq!(words(TimeDelta::minutes(-3)), "3 min behind");
}

#[tokio::test]
async fn nothing_is_written_while_the_clocks_are_more_than_an_hour_apart() {
    for (hours, is_refused) in [(2, true), (-2, true), (0, false)] {
        let told = date(-3600 * hours);
        let answer = reply(200, &[("date", &told)], &json!({"login": "acme-bot"}));
        let github = client_over(Canned::new([answer]), "https://api.github.com", Hand::at(start_of_time()));
        github.whoami().await.unwrap();
        for lane in [Lane::Write, Lane::Create] {
            let admitted = github.pace().admit(lane);
            assert_eq!(matches!(admitted, Err(TrackerError::ClockOff { .. })), is_refused, "{admitted:?}");
        }
        assert_eq!(github.pace().admit(Lane::Read), Ok(()));
    }
}

/// A rig with a finding for each tracker, whose clocks are ahead of ours.
fn apart(by: TimeDelta) -> Rig {
    let rig = trouble::stage();
    for (n, place) in [(1, GITHUB), (2, CLOUD), (3, DATA_CENTER)] {
        report(&rig, place, n, 1);
    }
    rig.control("POST", "/clock", &json!({"advance_ms": by.num_milliseconds()}));
    rig
}

fn told(outcome: &Value) -> Vec<&str> {
    let notes = outcome["notes"].as_array().unwrap().iter().filter(|note| note["kind"] == "clock");
    notes.map(|note| note["tracker"].as_str().unwrap()).collect()
}

#[test]
fn a_clock_that_is_minutes_off_is_told_for_every_tracker_and_changes_nothing_else() {
    let rig = apart(TimeDelta::minutes(5));
    let outcome = rig.sync().exits(0).json();
    assert_eq!(told(&outcome), ["github", "jira", "ops"], "{outcome}");
    assert_eq!(rig.issues().len(), 3);
    let right = apart(TimeDelta::seconds(20));
    assert!(told(&right.sync().exits(0).json()).is_empty());
}

/// What such a clock's cycle found in a place did not count, so the next one has to look at all of it.
#[test]
fn a_place_that_was_searched_under_a_wrong_clock_does_not_count_as_searched() {
    let rig = apart(TimeDelta::hours(3));
    rig.sync().exits(PARTIAL);
    assert_eq!(trouble::register(&rig).places, []);
}

#[test]
fn a_clock_that_is_hours_off_keeps_every_write_from_the_trackers() {
    let rig = apart(TimeDelta::hours(3));
    let ran = rig.sync().exits(PARTIAL);
    assert_eq!(told(&ran.json()), ["github", "jira", "ops"]);
    assert!(ran.stdout.contains("this machine's clock is"), "{}", ran.stdout);
    rig.run(&["plan"]).exits(PARTIAL);
    assert_eq!(rig.writes(), Vec::<String>::new());
    assert_eq!(rig.json(&["report"])["verdict"]["complete"], false);
}

#[test]
fn a_clock_that_is_hours_off_keeps_nobody_from_reading() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    rig.control("POST", "/clock", &json!({"advance_ms": TimeDelta::hours(3).num_milliseconds()}));
    rig.act("ana", "acme/payments#1", json!({"do": "assign", "assignee": "bo"}));
    rig.quiet_sync(0);
    assert_eq!(rig.json(&["finding", "show", "PM-1/F1"])["finding"]["owner"]["person"], "bo");
    // What would be written is not, and the exit code says so.
    rig.run(&["finding", "assign", "PM-1/F1", "ana", "--as", "eli"]).exits(0);
    rig.quiet_sync(PARTIAL);
    rig.control("POST", "/act", &json!({"as": "ana", "tracker": "github", "repo": "acme/payments", "do": "set_permission", "login": "acme-bot", "permission": "none"}));
    let outcome = rig.quiet_sync(PARTIAL).json();
    assert_eq!(outcome["done"].get("unlinked"), None, "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apps_own_token_is_dated_by_the_servers_clock() {
    for off in [TimeDelta::zero(), TimeDelta::days(20), TimeDelta::minutes(-30)] {
        let trackers = sandbox().await;
        let settings =
            json!({"github": {"check_jwt_times": true, "installation_token_ms": 3_000_000_000_000_i64}});
        trackers.sandbox.world().change_settings(&settings).unwrap();
        let url = trackers.sandbox.addresses.github.clone();
        let clock = Hand::at(start_of_time() + off);
        let http =
            OctocrabHttp::app(&url, 4242, 77, &PEM.into(), Timeouts::default(), clock.clone()).unwrap();
        let github = client_over(Arc::new(http), &url, clock);
        assert!(github.whoami().await.is_ok(), "{off}");
        let n_mints = log(&trackers).iter().filter(|line| line.ends_with("/access_tokens")).count();
        assert_eq!(n_mints, if off.is_zero() { 1 } else { 2 }, "{off}");
    }
}
