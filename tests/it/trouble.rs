//! What the stories of faults share: three trackers, findings for each of them, and short times.

use std::collections::{BTreeMap, BTreeSet};

use postmortem_sync::{
    model::{ids::InstanceName, register::Register},
    store::{self, sqlite::connection},
};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};

use super::{
    rig::{Rig, until},
    support::start_of_time,
};

/// Exit codes of `sync`.
pub(crate) const PARTIAL: i32 = 3;
pub(crate) const HELD: i32 = 4;

/// One tracker as rules, sandbox and faults call it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// In the configuration.
    pub(crate) name: &'static str,
    /// In the sandbox.
    pub(crate) tracker: &'static str,
    /// Team whose findings go there.
    pub(crate) team: &'static str,
    /// Part of the path of a create.
    pub(crate) create: &'static str,
}

pub(crate) const GITHUB: Place =
    Place { name: "github", tracker: "github", team: "payments", create: "/issues" };
pub(crate) const CLOUD: Place =
    Place { name: "jira", tracker: "jira", team: "platform", create: "/rest/api/3/issue" };
pub(crate) const DATA_CENTER: Place =
    Place { name: "ops", tracker: "jira_dc", team: "operations", create: "/rest/api/2/issue" };

/// A rig with a configuration for three trackers, and no findings yet.
pub(crate) fn stage() -> Rig {
    let rig = Rig::start();
    rig.configure(CONFIG);
    rig.write("people.yaml", PEOPLE);
    rig
}

/// A postmortem of so many findings for the team of a place; its findings are `PM-<n>/F1` and so on.
pub(crate) fn report(rig: &Rig, place: Place, n: usize, n_findings: usize) {
    let findings: String = (1..=n_findings)
        .map(|at| {
            let title = title(place, n, at);
            format!("  - {{ id: F{at}, title: {title}, class: technical_lapse, team: {} }}\n", place.team)
        })
        .collect();
    let text = format!(
        "format: postmortem/1\nid: PM-{n}\ntitle: An incident\nincident: {{ severity: high }}\nfindings:\n{findings}"
    );
    rig.write(&format!("postmortems/pm-{n}.yaml"), &text);
}

/// Title of a finding.
pub(crate) fn title(place: Place, n: usize, at: usize) -> String {
    format!("Close gap {n}-{at} of {}", place.team)
}

/// The title of an issue of any tracker.
pub(crate) fn title_of(issue: &Value) -> &str {
    issue["title"].as_str().or_else(|| issue["summary"].as_str()).unwrap()
}

/// The one issue of a finding; fails when there are several or none, by title and by marker.
#[track_caller]
pub(crate) fn issue(rig: &Rig, place: Place, n: usize, at: usize) -> Value {
    let wanted = title(place, n, at);
    let issues = rig.issues();
    let mut found = issues.iter().filter(|issue| title_of(issue).contains(&wanted));
    let issue = found.next().unwrap_or_else(|| panic!("there is no issue `{wanted}`"));
    assert_eq!(found.next(), None, "one issue `{wanted}`");
    let mine = markers(issue);
    assert_eq!(mine.len(), 1, "one marker in {issue}");
    assert_eq!(issues.iter().filter(|other| markers(other) == mine).count(), 1, "one issue of {mine:?}");
    issue.clone()
}

/// Fails unless there is exactly one issue for each of so many findings, and the register has nothing open.
#[track_caller]
pub(crate) fn assert_one_each(rig: &Rig, place: Place, n: usize, n_findings: usize) {
    let issues: BTreeSet<String> =
        (1..=n_findings).map(|at| issue(rig, place, n, at)["key"].as_str().unwrap().to_owned()).collect();
    assert_eq!(issues.len(), n_findings);
    assert_eq!(intents(rig), Vec::<String>::new(), "no create is left unclear");
}

/// Markers in an issue.
fn markers(issue: &Value) -> BTreeSet<String> {
    let text = issue.to_string();
    let marker =
        |at: usize| text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    text.match_indices("pm1-").map(|(at, _)| marker(at)).collect()
}

/// Findings with a create whose outcome is unknown.
pub(crate) fn intents(rig: &Rig) -> Vec<String> {
    register(rig).intents.iter().map(|intent| intent.finding.to_string()).collect()
}

/// The register as it is.
pub(crate) fn register(rig: &Rig) -> Register {
    let address = format!("sqlite:{}", rig.path("register.db").display());
    let seed = store::Seed { database: [0; 16], marker_key: [0; 32] };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store =
            store::open(&address, &InstanceName::new("faults"), &seed, start_of_time()).await.unwrap();
        store.load().await.unwrap()
    })
}

/// Does something to a rig's register that only somebody with another program can do.
pub(crate) fn shell(rig: &Rig, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut shell =
            SqliteConnection::connect_with(&connection::options(&rig.path("register.db"))).await.unwrap();
        shell.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        shell.close().await.unwrap();
    });
}

/// Runs cycles until one ends with this code.
#[track_caller]
pub(crate) fn sync_until(rig: &Rig, code: i32) -> Value {
    until(&format!("a cycle ends with {code}"), || {
        let ran = rig.sync();
        (ran.code == Some(code)).then(|| ran.json())
    })
}

/// Creates in the log, answered or not: how often each title was sent.
pub(crate) fn creates(rig: &Rig) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for entry in rig.log().iter().filter(|entry| entry["method"] == "POST") {
        let request = &entry["request"];
        let title = request["title"].as_str().or_else(|| request["fields"]["summary"].as_str());
        if let Some(title) = title {
            *sent.entry(title.to_owned()).or_default() += 1;
        }
    }
    sent
}

/// How often an event is in the history.
pub(crate) fn events(rig: &Rig, event: &str) -> usize {
    let history = rig.json(&["audit", "show", "--limit", "1000"]);
    history.as_array().unwrap().iter().filter(|entry| entry["event"] == event).count()
}

/// Reasons of the notes of a kind on a tracker.
pub(crate) fn notes(outcome: &Value, kind: &str, place: Place) -> Vec<String> {
    let of =
        |note: &&Value| note["kind"] == kind && (note["tracker"] == place.name || note["tracker"].is_null());
    let notes = outcome["notes"].as_array().unwrap().iter().filter(of);
    notes.map(|note| note["why"].as_str().unwrap().to_owned()).collect()
}

/// All is well again.
pub(crate) fn heal(rig: &Rig) {
    rig.control("DELETE", "/faults", &Value::Null);
}

const PEOPLE: &str = "\
ana: { name: Ana, github: ana, jira: 5b10a2844c20165700ed1002, jira_dc: ana }
bo: { name: Bo, github: bo, jira: 5b10a2844c20165700ed1003, jira_dc: bo }
chen: { name: Chen, github: chen, jira: 5b10a2844c20165700ed1004, jira_dc: chen }
eli: { name: Eli, reviewer: true }
";

const CONFIG: &str = r#"
instance: faults
store: sqlite:register.db
mode: full
schedule: { timezone: UTC }
listen: null
sources: [{ name: postmortems, files: ["postmortems/*"] }]
trackers:
  - { name: github, kind: github, url: "@GITHUB@", token: { file: secrets/github }, timeout: 1s }
  - { name: jira, kind: jira-cloud, url: "@JIRA@", email: bot@acme.example, token: { file: secrets/jira }, timeout: 1s }
  - { name: ops, kind: jira-dc, url: "@JIRA_DC@", token: { file: secrets/jira-dc }, timeout: 1s }
rules:
  - { name: payments, when: { team: payments }, create: { tracker: github, repository: acme/payments, max_tlp: AMBER } }
  - { name: platform, when: { team: platform }, create: { tracker: jira, project: PLAT, type: Task, max_tlp: AMBER } }
  - { name: operations, when: { team: operations }, create: { tracker: ops, project: OPS, type: Task, max_tlp: AMBER } }
limits: { changed_share: 1.0 }
settle: 1s
people: people.yaml
"#;
