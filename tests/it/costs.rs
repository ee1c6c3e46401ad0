//! What one change costs in requests, beyond what a quiet cycle asks.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use postmortem_sync::app::App;
use serde_json::json;

use super::clockwork::{PROJECT, REPOSITORY, Stage};

/// Longer than lists of changes look back.
const LATER: TimeDelta = TimeDelta::minutes(20);

/// A stage on which two findings of each tracker are followed by issues, and all is quiet.
async fn linked() -> (Stage, App) {
    let stage = Stage::new();
    let owners = BTreeMap::from([(1, "ana"), (2, "ana")]);
    stage.document(1, "payments", 2, &owners);
    stage.document(2, "platform", 2, &owners);
    let app = stage.process().await;
    for _ in 0..3 {
        stage.cycle(&app).await;
        stage.hand.advance(LATER);
    }
    (stage, app)
}

/// What a cycle asks beyond a quiet one, in order.
async fn beyond(stage: &Stage, app: &App, change: impl FnOnce(&Stage)) -> Vec<String> {
    let (_, mut quiet) = stage.cycle(app).await;
    stage.hand.advance(LATER);
    change(stage);
    let (_, mut asked) = stage.cycle(app).await;
    asked.retain(|line| {
        let known = quiet.iter().position(|known| known == line);
        known.map(|at| quiet.remove(at)).is_none()
    });
    stage.hand.advance(LATER);
    asked
}

#[tokio::test]
async fn an_owner_who_changed_in_a_document_is_written_by_what_the_tracker_needs_and_no_more() {
    let owners = BTreeMap::from([(1, "bo"), (2, "ana")]);
    let (stage, app) = linked().await;
    let asked = beyond(&stage, &app, |stage| stage.document(1, "payments", 2, &owners)).await;
    // Looked at, and read again; the last answer shows what came of it.
    let issue = format!("github POST /repos/{REPOSITORY}/issues/1/assignees");
    let off = issue.replace("POST", "DELETE");
    assert_eq!(asked, ["github POST /graphql", "github POST /graphql", &issue, &off]);
    let asked = beyond(&stage, &app, |stage| stage.document(2, "platform", 2, &owners)).await;
    // Jira's answer shows nothing, so that the issue is read back.
    assert_eq!(paths(&asked), ["bulkfetch", "bulkfetch", "assignee", "10001"]);
}

#[tokio::test]
async fn an_issue_costs_its_proof_and_its_create_once_its_place_was_looked_at() {
    let (stage, app) = linked().await;
    for (n_findings, n_new) in [(3, 1), (5, 2)] {
        let owners = (1..=n_findings).map(|at| (at, "ana")).collect();
        let asked = beyond(&stage, &app, |stage| stage.document(1, "payments", n_findings, &owners)).await;
        // What the place is, and what of ours came since; then who can read it now, before each create.
        let look = ["payments", "issues"];
        assert_eq!(paths(&asked), [&look[..], &["payments", "issues"].repeat(n_new)].concat());
        let asked = beyond(&stage, &app, |stage| stage.document(2, "platform", n_findings, &owners)).await;
        // What the project is, who can read it, and what we may do; what of ours came since, and that nobody takes us for a
        // visitor. Then who can read it now, the create, and the issue as it came to be.
        let (look, creates) = asked.split_at(asked.len() - 3 * n_new);
        assert!(look.len() <= 5, "{look:?}");
        for each in creates.chunks(3) {
            assert!(each[0].ends_with("/project/10000"), "{each:?}");
            assert!(each[1].ends_with("POST /rest/api/3/issue"), "{each:?}");
            assert!(each[2].contains("GET /rest/api/3/issue/"), "{each:?}");
        }
    }
}

#[tokio::test]
async fn what_a_person_changes_costs_one_read_and_in_jira_who_closed_it_another() {
    let (stage, app) = linked().await;
    for (tracker, issue, deed, cost) in [
        ("github", format!("{REPOSITORY}#1"), json!({"do": "assign", "assignee": "bo"}), 1),
        ("github", format!("{REPOSITORY}#2"), json!({"do": "close", "reason": "completed"}), 1),
        ("jira", format!("{PROJECT}-1"), json!({"do": "transition", "to": "In Progress"}), 1),
        ("jira", format!("{PROJECT}-2"), json!({"do": "transition", "to": "Done", "resolution": "Done"}), 2),
    ] {
        let mut act = json!({"as": "bo", "tracker": tracker, "issue": issue});
        act.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
        let asked = beyond(&stage, &app, |stage| drop(stage.world.act(&act).unwrap())).await;
        assert_eq!(asked.len(), cost, "{issue}: {asked:?}");
    }
}

/// The last part of each path.
fn paths(asked: &[String]) -> Vec<&str> {
    asked.iter().filter_map(|line| line.rsplit('/').next()).collect()
}
