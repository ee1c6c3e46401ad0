//! The main job from end to end: postmortems in, issues in GitHub and Jira, owner and status both ways.
//!
//! The worker and the trackers are processes of their own; what is asserted is what the trackers hold and were asked.

mod both_ways;
mod classification;
mod deadlines;
mod first_sync;

use std::fs;

use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};

use super::{rig::Rig, surroundings::shared};

/// Documents of the strict format, with `@PUBLISHED` and `@PAST` for dates.
const STRICT: [(&str, &str); 6] = [
    ("PM-2026-101.yaml", include_str!("../data/story/strict/PM-2026-101.yaml")),
    ("PM-2026-102.yaml", include_str!("../data/story/strict/PM-2026-102.yaml")),
    ("PM-2026-103.yaml", include_str!("../data/story/strict/PM-2026-103.yaml")),
    ("PM-2026-104.yaml", include_str!("../data/story/strict/PM-2026-104.yaml")),
    ("PM-2026-105.yaml", include_str!("../data/story/strict/PM-2026-105.yaml")),
    ("PM-2026-106.json", include_str!("../data/story/strict/PM-2026-106.json")),
];
const CONFIG: &str = include_str!("../data/story/postmortem-sync.yaml");
/// Sources for real write-ups, in the place of `@WRITEUPS@`.
const WRITEUPS: &str = include_str!("../data/story/writeups.yaml");
/// Findings in the strict documents.
const STRICT_FINDINGS: usize = 13 + 7 + 2 + 1 + 1 + 1;
/// Exit code of a cycle that leaves something to a person: here always the classified and the wrongly cited.
pub(super) const HELD: i32 = 4;

/// A rig with the story's configuration, people and strict documents, and the two issues that these cite.
pub(super) fn stage() -> Rig {
    let rig = Rig::start();
    rig.configure(&CONFIG.replace("@WRITEUPS@", ""));
    rig.write("people.yaml", include_str!("../data/story/people.yaml"));
    for (name, text) in STRICT {
        let text = text.replace("@PUBLISHED", &days_ago(20).to_string());
        rig.write(&format!("strict/{name}"), &text.replace("@PAST", &days_ago(3).to_string()));
    }
    let deeds = [
        json!({"as": "dara", "tracker": "github", "repo": "acme/platform", "do": "open_issue",
            "title": "Script that revokes every session", "body": "Half done.", "assignees": ["dara"]}),
        json!({"as": "chen", "tracker": "jira", "project": "PLAT", "do": "open_issue",
            "title": "Session inventory", "body": "Half done.", "type": "Task"}),
    ];
    for deed in deeds {
        rig.control("POST", "/act", &deed);
    }
    rig
}

/// A stage on which the first cycle has run.
pub(super) fn synced() -> Rig {
    let rig = stage();
    rig.sync().exits(HELD);
    rig
}

/// A date before today by the real clock, which is the worker's.
#[expect(clippy::disallowed_methods, reason = "the worker in its own process reads the real clock")]
pub(crate) fn days_ago(days: u64) -> NaiveDate {
    Utc::now().date_naive() - Days::new(days)
}

/// A date that an extension may reach whatever the severity.
pub(super) fn soon() -> String {
    #[expect(clippy::disallowed_methods, reason = "the worker in its own process reads the real clock")]
    let today = Utc::now().date_naive();
    (today + Days::new(25)).to_string()
}

/// Copies real write-ups into the folder; whether there are any.
fn with_writeups(rig: &Rig) -> bool {
    let Some((writeups, strict)) = shared("postmortems").zip(shared("schema")) else { return false };
    for entry in fs::read_dir(writeups).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_markdown = !["tsv", "csv", "json", "yaml", "xml"].iter().any(|end| name.ends_with(end));
        if is_markdown {
            rig.write(&format!("writeups/{name}"), &fs::read_to_string(&path).unwrap());
        }
    }
    rig.configure(&CONFIG.replace("@WRITEUPS@", WRITEUPS));
    rig.write("strict/example.yaml", &fs::read_to_string(strict.join("example.yaml")).unwrap());
    true
}

/// The finding in the register.
#[track_caller]
pub(super) fn finding(rig: &Rig, key: &str) -> Value {
    rig.json(&["finding", "show", key])["finding"].clone()
}

/// Key of the one issue that follows a finding.
#[track_caller]
pub(super) fn issue_of(rig: &Rig, key: &str) -> String {
    let shown = rig.json(&["finding", "show", key]);
    let links = shown["links"].as_array().unwrap();
    assert_eq!(links.len(), 1, "{key} has one link: {links:?}");
    links[0]["issue"]["key"].as_str().unwrap().to_owned()
}

/// The one issue that follows a finding, as the tracker holds it.
#[track_caller]
pub(super) fn followed(rig: &Rig, key: &str) -> Value {
    rig.issue(&issue_of(rig, key))
}

/// History of a finding: event, field, before, after.
#[track_caller]
fn history(rig: &Rig, key: &str) -> Vec<[String; 4]> {
    let entries = rig.json(&["audit", "show", key, "--limit", "1000"]);
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or("").to_owned();
    let row = |entry: &Value| ["event", "field", "before", "after"].map(|name| text(entry, name));
    entries.as_array().unwrap().iter().map(row).collect()
}

/// Notes of a cycle on a finding: kind and reason.
pub(super) fn notes(outcome: &Value, key: &str) -> Vec<(String, String)> {
    let of = |note: &&Value| note["finding"] == key;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let notes = outcome["notes"].as_array().unwrap().iter().filter(of);
    notes.map(|note| (text(&note["kind"]), text(&note["why"]))).collect()
}

/// Labels of an issue.
pub(super) fn labels(issue: &Value) -> Vec<&str> {
    issue["labels"].as_array().unwrap().iter().map(|label| label.as_str().unwrap()).collect()
}
