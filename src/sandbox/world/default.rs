//! The world that a demo starts with.
//!
//! Knows acme: its repositories, its projects, its people. Must not build anything.

use serde_json::json;

use super::seed::{Seed, StatusSeed};
use crate::sandbox::jira::data::{Category, FieldKind, FieldRule, Screen, Transition};

/// Acme, with a bot and five engineers.
pub(crate) fn seed() -> Seed {
    let people = json!([
        {"login": "acme-bot", "name": "Acme Bot", "email": "bot@acme.example", "bot": true},
        {"login": "ana", "name": "Ana Ruiz"},
        {"login": "bo", "name": "Bo Lindqvist"},
        {"login": "chen", "name": "Chen Wei"},
        {"login": "dara", "name": "Dara Okafor"},
        {"login": "eli", "name": "Eli Novak"},
    ]);
    let labels = json!(["security", "bug"]);
    let github = json!({
        "tokens": [{"token": "sandbox-github-token", "login": "acme-bot"}],
        "apps": [{
            "id": 4242, "slug": "postmortem-sync", "installation": 77, "account": "acme",
            "repositories": {"acme/payments": "push", "acme/platform": "push"},
        }],
        "repositories": [
            {"full_name": "acme/payments", "private": true, "labels": labels},
            {"full_name": "acme/platform", "private": true, "labels": labels},
            {"full_name": "acme/website", "private": false, "labels": labels, "permissions": {
                "acme-bot": "read", "ana": "admin", "bo": "push", "chen": "push", "dara": "push", "eli": "push",
            }},
        ],
    });
    let seed = json!({
        "people": people,
        "github": github,
        "jira": {
            "tokens": [{"token": "sandbox-jira-token", "login": "acme-bot"}],
            "projects": [{"key": "PLAT", "name": "Platform"}],
        },
        "jira_dc": {
            "tokens": [{"token": "sandbox-dc-token", "login": "acme-bot"}],
            "projects": [{"key": "OPS", "name": "Operations"}],
        },
    });
    // The document above is constant; a test keeps it readable.
    serde_json::from_value(seed).unwrap_or_default()
}

/// The statuses of the usual workflow.
pub(crate) fn statuses() -> Vec<StatusSeed> {
    let status = |name: &str, category| StatusSeed { name: name.to_owned(), category };
    vec![
        status("To Do", Category::New),
        status("In Progress", Category::Indeterminate),
        status("In Review", Category::Indeterminate),
        status("Done", Category::Done),
    ]
}

/// The transitions of the usual workflow: Done asks for a resolution.
pub(crate) fn transitions() -> Vec<Transition> {
    let transition = |id: u32, name: &str, from: &[&str], to: &str, resolution| Transition {
        id: id.to_string(),
        name: name.to_owned(),
        from: from.iter().map(|name| (*name).to_owned()).collect(),
        to: to.to_owned(),
        resolution,
        hides_resolution: false,
        refuses: None,
    };
    vec![
        transition(11, "To Do", &["In Progress", "In Review"], "To Do", Screen::Absent),
        transition(21, "Start progress", &["To Do", "In Review"], "In Progress", Screen::Absent),
        transition(31, "Ask for review", &["In Progress"], "In Review", Screen::Absent),
        transition(41, "Done", &["To Do", "In Progress", "In Review"], "Done", Screen::Required),
        transition(51, "Reopen", &["Done"], "To Do", Screen::Absent),
    ]
}

/// The fields that are on every screen unless a project says otherwise.
pub(crate) fn usual_fields() -> Vec<FieldRule> {
    let field = |id: &str, name: &str, kind, required| FieldRule {
        id: id.to_owned(),
        name: name.to_owned(),
        kind,
        required,
        allowed: Vec::new(),
        on_create: true,
        on_edit: true,
    };
    vec![
        field("summary", "Summary", FieldKind::String, true),
        field("description", "Description", FieldKind::Textarea, false),
        field("labels", "Labels", FieldKind::Labels, false),
        field("assignee", "Assignee", FieldKind::User, false),
        field("duedate", "Due date", FieldKind::Date, false),
        field("priority", "Priority", FieldKind::Priority, false),
    ]
}
