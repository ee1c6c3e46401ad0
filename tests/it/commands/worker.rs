//! The scheduled worker: health pages, a cycle, a clean stop.

use std::net::TcpListener;

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
