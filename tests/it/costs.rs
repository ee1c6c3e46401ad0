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

/// What a cycle asks beyond a quiet one.
async fn beyond(stage: &Stage, app: &App, change: impl FnOnce(&Stage)) -> Vec<String> {
    let (_, mut quiet) = stage.cycle(app).await;
    stage.hand.advance(LATER);
    change(stage);
    let (outcome, mut asked) = stage.cycle(app).await;
    println!("quiet {quiet:#?}\nwith {asked:#?}\n{:?} {:?}", outcome.done, outcome.notes);
    asked.retain(|line| {
        let known = quiet.iter().position(|known| known == line);
        known.map(|at| quiet.remove(at)).is_none()
    });
    asked
}

#[tokio::test]
async fn an_owner_who_changed_in_a_document() {
    for (n, team) in [(1, "payments"), (2, "platform")] {
        let (stage, app) = linked().await;
        let owners = BTreeMap::from([(1, "bo"), (2, "ana")]);
        let beyond = beyond(&stage, &app, |stage| stage.document(n, team, 2, &owners)).await;
        println!("BEYOND owner {team} {beyond:#?}");
    }
}

#[tokio::test]
async fn an_issue_that_is_created() {
    for (n, team) in [(1, "payments"), (2, "platform")] {
        let (stage, app) = linked().await;
        let owners = BTreeMap::from([(1, "ana"), (2, "ana"), (3, "bo")]);
        let beyond = beyond(&stage, &app, |stage| stage.document(n, team, 3, &owners)).await;
        println!("BEYOND create {team} {beyond:#?}");
    }
}

#[tokio::test]
async fn what_a_person_changed() {
    let (stage, app) = linked().await;
    for (tracker, issue, deed) in [
        ("github", format!("{REPOSITORY}#1"), json!({"do": "assign", "assignee": "bo"})),
        ("github", format!("{REPOSITORY}#2"), json!({"do": "close", "reason": "completed"})),
        ("jira", format!("{PROJECT}-1"), json!({"do": "transition", "to": "In Progress"})),
        ("jira", format!("{PROJECT}-2"), json!({"do": "transition", "to": "Done", "resolution": "Done"})),
    ] {
        let mut act = json!({"as": "bo", "tracker": tracker, "issue": issue});
        act.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
        let beyond = beyond(&stage, &app, |stage| drop(stage.world.act(&act).unwrap())).await;
        println!("BEYOND {tracker} {issue} {beyond:#?}");
        stage.hand.advance(LATER);
    }
}
