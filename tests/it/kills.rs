//! `kill -9` at the worst moments of a create: one issue for each finding in the end, whatever was lost (invariant 7).
//!
//! The sandbox kills the worker itself, so the moment is exact: before it applies a create, after applying it and
//! before answering, and after the answer was written.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rig::{Rig, until};

/// Findings of the document.
const N_FINDINGS: usize = 70;
/// Kills that each test survives; all seven together more than two hundred.
const N_KILLS: u64 = 29;

/// Where the issues go, and how the sandbox's log names what is asked there.
#[derive(Clone, Copy)]
struct Place {
    tracker: &'static str,
    rule: &'static str,
    /// Part of the path of the first request of a cycle, and of a create.
    first: &'static str,
    create: &'static str,
}

const GITHUB: Place = Place {
    tracker: "github",
    rule: "{ tracker: github, repository: acme/payments, max_tlp: AMBER }",
    first: "/user",
    create: "/issues",
};
const CLOUD: Place = Place {
    tracker: "jira",
    rule: "{ tracker: jira, project: PLAT, type: Task, max_tlp: AMBER }",
    first: "/myself",
    create: "/rest/api/3/issue",
};
const DATA_CENTER: Place = Place {
    tracker: "jira_dc",
    rule: "{ tracker: ops, project: OPS, type: Task, max_tlp: AMBER }",
    first: "/myself",
    create: "/rest/api/2/issue",
};

#[test]
fn a_worker_killed_before_a_github_create_is_applied_creates_it_later() {
    let rig = killed(GITHUB, "before_apply");
    assert_one_issue_each(&rig, GITHUB);
}

#[test]
fn a_worker_killed_after_a_github_create_was_applied_adopts_it() {
    let rig = killed(GITHUB, "after_apply");
    assert_one_issue_each(&rig, GITHUB);
    assert!(recovered(&rig) >= 1);
}

#[test]
fn a_worker_killed_after_github_answered_loses_nothing() {
    let rig = killed(GITHUB, "after_answer");
    assert_one_issue_each(&rig, GITHUB);
}

#[test]
fn a_worker_killed_before_a_jira_create_is_applied_creates_it_later() {
    let rig = killed(CLOUD, "before_apply");
    assert_one_issue_each(&rig, CLOUD);
}

#[test]
fn a_worker_killed_after_a_jira_create_was_applied_adopts_it() {
    let rig = killed(CLOUD, "after_apply");
    assert_one_issue_each(&rig, CLOUD);
    assert!(recovered(&rig) >= 1);
}

#[test]
fn a_worker_killed_after_jira_answered_loses_nothing() {
    let rig = killed(CLOUD, "after_answer");
    assert_one_issue_each(&rig, CLOUD);
}

#[test]
fn a_worker_killed_after_a_data_center_create_was_applied_adopts_it() {
    let rig = killed(DATA_CENTER, "after_apply");
    assert_one_issue_each(&rig, DATA_CENTER);
    assert!(recovered(&rig) >= 1);
}

/// A rig on which workers were killed so often, and a last one was left to finish.
fn killed(place: Place, when: &str) -> Rig {
    let rig = Rig::start();
    rig.configure(&CONFIG.replace("@RULE@", place.rule));
    rig.write("people.yaml", "ana: { github: ana }\n");
    rig.write("postmortems/pm.yaml", &document());
    let lag = json!({"list_lag_ms": 200, "search_lag_ms": 200});
    rig.control(
        "POST",
        "/settings",
        &json!({"github": lag, "jira": {"search_lag_ms": 200}, "jira_dc": {"search_lag_ms": 200}}),
    );
    let mut n_kills = 0;
    while n_kills < N_KILLS {
        n_kills += until("one more worker was killed", || {
            let killed = kill_one(&rig, place, when, n_kills % 3);
            (killed > 0).then_some(killed)
        });
    }
    until("everything is settled", || {
        let ran = rig.sync();
        let created = ran.json()["census"]["created"].as_u64();
        (ran.code == Some(0) && created == Some(N_FINDINGS as u64)).then_some(())
    });
    rig.quiet_sync(0);
    rig
}

/// Runs one worker that is killed at its create number `skip`, if it comes that far. The first answer is held back
/// until the fault, which needs the worker's process id, is in place.
fn kill_one(rig: &Rig, place: Place, when: &str, skip: u64) -> u64 {
    rig.control("DELETE", "/faults", &Value::Null);
    let hold = json!({"tracker": place.tracker, "path": place.first, "action": {"delay": {"ms": 300}}});
    rig.control("POST", "/faults", &hold);
    let worker = rig.spawn(&["sync", "--format", "json"]);
    let kill = json!({"tracker": place.tracker, "method": "POST", "path": place.create, "body": "pm1-", "skip": skip,
        "action": {"kill": {"pid": worker.id(), "when": when}}});
    rig.control("POST", "/faults", &kill);
    worker.wait();
    let fired = rig.control("GET", "/faults", &Value::Null);
    fired
        .as_array()
        .unwrap()
        .iter()
        .filter(|fault| fault["method"] == "POST")
        .map(|fault| fault["fired"].as_u64().unwrap())
        .sum()
}

fn assert_one_issue_each(rig: &Rig, place: Place) {
    let mut by_title: BTreeMap<String, usize> = BTreeMap::new();
    for issue in rig.issues().iter().filter(|issue| issue["tracker"] == place.tracker) {
        let title = issue.get("title").or_else(|| issue.get("summary")).and_then(Value::as_str);
        *by_title.entry(title.unwrap().to_owned()).or_default() += 1;
    }
    let expected: BTreeMap<String, usize> = (1..=N_FINDINGS).map(|n| (title(n), 1)).collect();
    assert_eq!(by_title, expected);
    let links = rig.json(&["link", "list"]);
    assert_eq!(links.as_array().unwrap().len(), N_FINDINGS);
}

/// Issues that were found by their marker instead of being created again.
fn recovered(rig: &Rig) -> usize {
    let history = rig.json(&["audit", "show", "--limit", "1000"]);
    history.as_array().unwrap().iter().filter(|entry| entry["event"] == "issue_recovered").count()
}

fn title(n: usize) -> String {
    format!("Close the gap number {n} in the build network")
}

fn document() -> String {
    let findings: String = (1..=N_FINDINGS)
        .map(|n| format!("  - {{ id: F{n}, title: {}, class: technical_lapse }}\n", title(n)))
        .collect();
    format!(
        "format: postmortem/1\nid: PM-1\ntitle: An incident\nincident: {{ severity: high }}\nfindings:\n{findings}"
    )
}

const CONFIG: &str = r#"
instance: kills
store: sqlite:register.db
mode: full
schedule: { sync: "*/5 * * * *", timezone: UTC }
listen: null
sources: [{ name: postmortems, files: ["postmortems/*"] }]
trackers:
  - name: github
    kind: github
    url: "@GITHUB@"
    token: { file: secrets/github }
    # All kills come within a minute or two.
    pace: { writes_per_minute: 1000, creates_per_minute: 1000, creates_per_hour: 1000 }
  - { name: jira, kind: jira-cloud, url: "@JIRA@", email: bot@acme.example, token: { file: secrets/jira } }
  - { name: ops, kind: jira-dc, url: "@JIRA_DC@", token: { file: secrets/jira-dc } }
rules:
  - { name: everything, when: { class: technical_lapse }, create: @RULE@ }
settle: 1s
people: people.yaml
"#;
