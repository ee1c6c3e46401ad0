//! The scheduled worker: health pages, a cycle, a clean stop.

use std::net::TcpListener;

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use postmortem_sync::{
    model::cycle::TrackerHealth,
    review::schedule::Schedule,
    settings::general::ScheduleSettings,
    worker::{self, Begun, Tick},
};
use serde_json::{Value, json};

use super::super::{
    rig::{Rig, until},
    story::stage,
};

/// A stage whose worker serves health pages; returns their address. Its schedule does not come round during a test.
fn with_pages() -> (Rig, String) {
    let rig = stage();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    rig.edit("postmortem-sync.yaml", "listen: null", &format!("listen: {address}"));
    rig.edit("postmortem-sync.yaml", "{ timezone: UTC }", "{ sync: \"0 0 1 1 *\", timezone: UTC }");
    (rig, format!("http://{address}"))
}

#[test]
fn the_worker_runs_a_cycle_serves_its_health_and_stops_cleanly() {
    let (rig, pages) = with_pages();
    let worker = rig.spawn(&["run", "--now"]);
    let ready = until("a cycle has ended", || {
        let (status, page) = rig.get(&format!("{pages}/readyz"))?;
        (status == 200 && !page["worker"]["last"].is_null()).then_some(page)
    });
    assert_eq!(ready["worker"]["last"]["verdict"], "held");
    assert!(rig.issues().len() > 10);
    let (status, health) = rig.get(&format!("{pages}/healthz")).unwrap();
    assert_eq!((status, &health["ok"]), (200, &json!(true)));
    worker.terminate();
    let ran = worker.wait().exits(0);
    assert!(ran.stderr.contains("cycle finished"), "{}", ran.stderr);
    assert!(
        !ran.stderr.contains("sandbox-github-token") && !ran.stderr.contains("Mask secrets"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_stop_finishes_the_current_action_and_begins_no_other() {
    let (rig, _) = with_pages();
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": "/issues", "times": null, "action": {"delay": {"ms": 200}}}));
    let creates = || rig.writes().iter().filter(|write| write.ends_with("/issues")).count();
    let worker = rig.spawn(&["run", "--now"]);
    until("the first issue is created", || (creates() > 0).then_some(()));
    worker.terminate();
    worker.wait().exits(0);
    let n_github = rig.issues().iter().filter(|issue| issue["place"] == "acme/payments").count();
    assert!((1..10).contains(&n_github), "it stopped in between: {n_github}");
    let links = rig.json(&["link", "list"]);
    let linked =
        links.as_array().unwrap().iter().filter(|link| link["destination"] == "acme/payments").count();
    assert_eq!(linked, n_github, "every issue that was created is recorded");
    rig.control("DELETE", "/faults", &json!(null));
    rig.sync();
    assert_eq!(rig.issues().iter().filter(|issue| issue["place"] == "acme/payments").count(), 10);
}

#[test]
fn a_port_that_is_taken_is_told_at_once() {
    let (rig, pages) = with_pages();
    let _taken = TcpListener::bind(pages.trim_start_matches("http://")).unwrap();
    let refused = rig.run(&["run", "--now"]);
    assert!(refused.code.is_some_and(|code| code != 0));
    assert!(refused.stderr.contains("cannot listen on"), "{}", refused.stderr);
    assert_eq!(rig.issues().len(), 2, "nothing was begun");
}

#[test]
fn each_line_of_a_json_log_is_one_object_with_its_fields_side_by_side() {
    let (rig, _) = with_pages();
    rig.edit("postmortem-sync.yaml", "mode: full", "log: { format: json, level: debug }\nmode: full");
    let worker = rig.spawn(&["run", "--now"]);
    until("an issue is created", || (!rig.writes().is_empty()).then_some(()));
    worker.terminate();
    let log = worker.wait().exits(0).stderr;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for line in &lines {
        let members: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members[..3], ["timestamp", "level", "message"], "{line}");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(line.as_object().unwrap().values().all(|value| !value.is_object()), "{line}");
    }
    let finished = lines.iter().find(|line| line["message"] == "cycle finished");
    assert!(finished.is_some_and(|line| line["cycle.id"].is_string()), "{log}");
}

#[test]
fn the_status_names_what_is_refused_or_was_not_read_and_readiness_does_not_hang_on_it() {
    let (rig, pages) = with_pages();
    rig.edit("postmortem-sync.yaml", "mode: full", "log: { format: json }\nmode: full");
    let ended = || {
        let (code, page) = rig.get(&format!("{pages}/status"))?;
        (!page["worker"]["last"].is_null()).then_some((code, page))
    };
    rig.fault(&json!({"tracker": "github", "times": null, "action": {"status": {"status": 401}}}));
    let worker = rig.spawn(&["run", "--now"]);
    let (code, page) = until("a cycle has ended", ended);
    let reasons = json!(["tracker github: its credential is refused", "tracker github was never read"]);
    assert_eq!((code, &page["reasons"]), (503, &reasons));
    assert_eq!(rig.get(&format!("{pages}/readyz")).unwrap().0, 200);
    worker.terminate();
    let log = worker.wait().exits(0).stderr;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let begun = |line: &&Value| line["message"] == "note begins" && line["note.kind"] == "unreachable";
    let noted = lines.iter().find(begun).unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&noted["level"], &noted["tracker.name"]), (&json!("WARN"), &json!("github")));
    assert!(noted["finding.key"].as_str().unwrap().starts_with("PM-"), "{noted}");
    assert_eq!(noted["why"], "", "what may quote a document is not in the log");
    let unwell = lines.iter().find(|line| line["message"] == "tracker is not well").unwrap();
    assert!(unwell["why"].as_str().unwrap().contains("refused") && unwell["refused"] == true, "{unwell}");
    rig.control("DELETE", "/faults", &json!(null));
    let worker = rig.spawn(&["run", "--now"]);
    let (code, page) = until("another cycle has ended", ended);
    assert_eq!((code, &page["reasons"]), (200, &json!([])), "{page}");
    worker.terminate();
    let log = worker.wait().exits(0).stderr;
    let ended = |line: &str| line.contains("\"note ends\"") && line.contains("\"unreachable\"");
    assert!(log.lines().any(ended), "{log}");
}

#[test]
fn what_was_read_too_long_ago_is_named() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(400);
    let status = worker::status(now);
    let health =
        |hours: i64| TrackerHealth { read: Some(now - TimeDelta::hours(hours)), ..TrackerHealth::default() };
    let mut read = worker::read(&status);
    read.read.trackers = [("fresh".into(), Some(health(24))), ("old".into(), Some(health(25)))].into();
    read.read.sources = [("wiki".into(), Some(now - TimeDelta::hours(25))), ("files".into(), None)].into();
    let reasons = read.reasons(now, TimeDelta::hours(24));
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    for (reason, name) in reasons.iter().zip([
        "tracker old was last read at",
        "source files was never read",
        "source wiki was last",
    ]) {
        assert!(reason.starts_with(name), "{reason}");
    }
}

#[test]
fn a_long_cycle_that_acts_is_alive_and_one_that_stands_still_is_not() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(400);
    let mut status = worker::read(&worker::status(now));
    status.running_since = Some(now - TimeDelta::hours(3));
    assert!(!status.is_alive(now));
    status.acted = Some(now - TimeDelta::minutes(5));
    assert!(status.is_alive(now));
    assert!(!status.is_alive(now + TimeDelta::minutes(30)));
}

#[test]
fn a_tick_that_falls_into_other_work_comes_after_it_and_those_that_passed_become_one() {
    let at = |minute: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
    let every = |minutes: &str| Schedule::parse(&format!("*/{minutes} * * * *"), Tz::UTC).unwrap();
    let schedule = ScheduleSettings { sync: every("5"), review: Some(every("30")), zone: Tz::UTC };
    let mut begun = Begun::at(at(26));
    let next = |begun: Begun, now| begun.next(&schedule, None, at(now)).unwrap();
    assert_eq!(next(begun, 26), Tick { at: at(30), sync: true, review: true });
    // The cycle began late, at 29, and ended at 42: the digest of half past is due at once, and one cycle for two.
    begun.sync = at(29);
    assert_eq!(next(begun, 42), Tick { at: at(30), sync: true, review: true });
    (begun.sync, begun.review) = (at(42), at(42));
    assert_eq!(next(begun, 42), Tick { at: at(45), sync: true, review: false });
    // A digest that was missed while a cycle ran from 57 to 63.
    begun.sync = at(57);
    begun.review = at(42);
    assert_eq!(next(begun, 63), Tick { at: at(60), sync: true, review: true });
    // A clock that was a day ahead is right again.
    begun.sync = at(57 + 24 * 60);
    assert_eq!(next(begun, 63).at, at(60));
    // What was left may be sent before the next tick.
    let early = Begun::at(at(61)).next(&schedule, Some(at(62)), at(61)).unwrap();
    assert_eq!((early.at, early.sync), (at(62) + TimeDelta::seconds(1), true));
}
