//! A tracker that fails in any way hurts only itself: nothing is closed, unlinked or created again, and nobody is told
//! that all is well (invariants 3, 9 and 10).

use serde_json::{Value, json};

use super::rig::Rig;

/// Exit code of a cycle that did only part of its work.
const PARTIAL: i32 = 3;

#[test]
fn a_tracker_that_answers_503_hurts_only_itself() {
    let rig = synced();
    broken(
        &rig,
        "github",
        &json!([{"tracker": "github", "times": null, "action": {"status": {"status": 503}}}]),
    );
    healed(&rig);
}

#[test]
fn a_tracker_that_hangs_hurts_only_itself() {
    let rig = synced();
    broken(&rig, "github", &json!([{"tracker": "github", "times": null, "action": "hang"}]));
    healed(&rig);
}

#[test]
fn a_tracker_that_answers_with_nothing_hurts_only_itself() {
    let rig = synced();
    let nothing = json!({"status": {"status": 200, "body": []}});
    broken(&rig, "github", &json!([{"tracker": "github", "times": null, "action": nothing}]));
    healed(&rig);
}

#[test]
fn a_tracker_that_refuses_the_credential_hurts_only_itself() {
    let rig = synced();
    let refused = json!({"status": {"status": 401, "body": {"message": "Bad credentials"}}});
    broken(&rig, "github", &json!([{"tracker": "github", "times": null, "action": refused}]));
    healed(&rig);
}

#[test]
fn a_jira_that_answers_503_hurts_only_itself() {
    let rig = synced();
    broken(&rig, "jira", &json!([{"tracker": "jira", "times": null, "action": {"status": {"status": 503}}}]));
    healed(&rig);
}

#[test]
fn a_jira_that_takes_us_for_nobody_hurts_only_itself() {
    let rig = synced();
    let nobody = json!({"status": {"status": 200, "body": {}}});
    broken(&rig, "jira", &json!([{"tracker": "jira", "times": null, "action": nobody}]));
    healed(&rig);
}

#[test]
fn a_pause_that_a_tracker_asks_for_holds_across_processes() {
    let rig = synced();
    rig.write("postmortems/new.yaml", &document("PM-2", 2));
    let limited = json!({"rate_limit": {"reason": "secondary", "retry_after": 600}});
    rig.fault(
        &json!({"tracker": "github", "method": "POST", "path": "/issues", "body": "pm1-", "action": limited}),
    );
    let ran = rig.sync();
    let deferred =
        ran.json()["notes"].as_array().unwrap().iter().filter(|note| note["kind"] == "deferred").count();
    assert!(deferred >= 1, "{}", ran.stdout);
    rig.forget();
    rig.sync().exits(PARTIAL);
    assert_eq!(
        rig.counts()["by_tracker"]["github"],
        Value::Null,
        "nothing is asked of it before the pause ends"
    );
}

/// Two findings on each tracker, followed by issues.
fn synced() -> Rig {
    let rig = Rig::start();
    rig.configure(CONFIG);
    rig.write("people.yaml", "ana: { github: ana }\n");
    rig.write("postmortems/one.yaml", &document("PM-1", 2));
    rig.sync().exits(0);
    assert_eq!(rig.issues().len(), 4);
    rig
}

/// While `tracker` fails, an engineer closes one issue on each side and a new finding comes up for each side.
fn broken(rig: &Rig, tracker: &str, faults: &Value) {
    rig.write("postmortems/two.yaml", &document("PM-2", 1));
    rig.act("ana", "acme/payments#1", json!({"do": "close", "reason": "completed"}));
    rig.act("ana", "PLAT-1", json!({"do": "transition", "to": "Done", "resolution": "Done"}));
    let before = on(rig, tracker);
    rig.control("POST", "/faults", faults);
    let ran = rig.sync().exits(PARTIAL);
    assert_eq!(on(rig, tracker), before, "nothing changes on a tracker that fails\n{}", ran.stdout);
    let (well, other_claim, its_claim) = match tracker {
        "github" => ("jira", "PM-1/J1", "PM-1/G1"),
        _ => ("github", "PM-1/G1", "PM-1/J1"),
    };
    assert_eq!(on(rig, well).len(), 3, "the other tracker gets its new issue\n{}", ran.stdout);
    assert_eq!(state(rig, other_claim), "pending_verification");
    assert_eq!(state(rig, its_claim), "open");
    assert_eq!(rig.json(&["link", "list"]).as_array().unwrap().len(), 5, "no link is lost");
    let verdict = &rig.json(&["report"])["verdict"];
    assert_eq!(verdict["complete"], false, "{verdict}");
    assert!(!verdict["text"].as_str().unwrap().contains("nothing overdue"), "{verdict}");
    assert!(verdict["unknown"].to_string().contains(tracker), "{verdict}");
}

/// Once it is well again the next cycle catches up, and the one after writes nothing.
fn healed(rig: &Rig) {
    rig.control("DELETE", "/faults", &Value::Null);
    rig.sync().exits(0);
    assert_eq!(rig.issues().len(), 6);
    for key in ["PM-1/G1", "PM-1/J1"] {
        assert_eq!(state(rig, key), "pending_verification");
    }
    assert_eq!(rig.json(&["report"])["verdict"]["complete"], true);
    rig.quiet_sync(0);
}

/// What a tracker holds: key and status of every issue.
fn on(rig: &Rig, tracker: &str) -> Vec<(Value, Value)> {
    let issues = rig.issues().into_iter().filter(|issue| issue["tracker"] == tracker);
    issues
        .map(|issue| {
            (issue["key"].clone(), issue.get("state").or_else(|| issue.get("status")).cloned().unwrap())
        })
        .collect()
}

fn state(rig: &Rig, key: &str) -> String {
    rig.json(&["finding", "show", key])["finding"]["state"].as_str().unwrap().to_owned()
}

/// A postmortem with so many findings for each tracker.
fn document(id: &str, n: usize) -> String {
    let findings: String = (1..=n)
        .flat_map(|n| [("G", "payments", n), ("J", "platform", n)])
        .map(|(letter, team, n)| {
            format!("  - {{ id: {letter}{n}, title: {id} gap {letter}{n}, class: technical_lapse, team: {team} }}\n")
        })
        .collect();
    format!(
        "format: postmortem/1\nid: {id}\ntitle: An incident\nincident: {{ severity: high }}\nfindings:\n{findings}"
    )
}

const CONFIG: &str = r#"
instance: outages
store: sqlite:register.db
mode: full
schedule: { sync: "*/5 * * * *", timezone: UTC }
listen: null
sources: [{ name: postmortems, files: ["postmortems/*"] }]
trackers:
  - { name: github, kind: github, url: "@GITHUB@", token: { file: secrets/github }, timeout: 1s }
  - { name: jira, kind: jira-cloud, url: "@JIRA@", email: bot@acme.example, token: { file: secrets/jira }, timeout: 1s }
rules:
  - { name: payments, when: { team: payments }, create: { tracker: github, repository: acme/payments, max_tlp: AMBER } }
  - { name: platform, when: { team: platform }, create: { tracker: jira, project: PLAT, type: Task, max_tlp: AMBER } }
settle: 1s
people: people.yaml
"#;
