//! Cycles that follow lists of changes: what touches a finding is looked at in the next cycle, and in the time of an audit
//! everything is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::{
    cycle::outcome::Outcome,
    model::{
        cycle::NoteKind,
        finding::{Finding, Owner},
        ids::FindingKey,
        reading::Reading,
        register::{Register, Write},
    },
};
use serde_json::json;

use crate::{
    deep::DEEP,
    oracle::issues,
    people,
    stage::{End, Stage},
};

/// A seed whose cycles follow lists of changes, in quiet times.
const FOLLOWS: u64 = DEEP + 1;
const SOON: i64 = 300_000;

/// A write-up that nobody knew.
const ANOTHER: &str = "\
format: postmortem/1
id: PM-4
title: Another incident
tlp: AMBER
incident: { severity: high }
findings:
  - { id: F1, title: Close the other gap, class: technical_lapse, team: payments }
";

/// A stage on which everything is done.
async fn settled() -> Stage {
    let stage = Stage::new(FOLLOWS);
    stage.write_documents("");
    for _ in 0..8 {
        cycle(&stage, SOON).await;
    }
    stage
}

/// One cycle, some time after the one before.
async fn cycle(stage: &Stage, after: i64) -> Outcome {
    stage.gate.time.pass(after);
    stage.gate.follow();
    match stage.run().await {
        End::Done(outcome) => *outcome,
        End::Failed(error) => panic!("{error}"),
        End::Died => panic!("it died"),
    }
}

async fn register(stage: &Stage) -> Register {
    stage.look().await.0
}

/// The findings that the next cycle looks at, and what it comes to.
async fn next(stage: &Stage) -> (BTreeSet<String>, Outcome) {
    let at = |readings: BTreeMap<FindingKey, Reading>| -> BTreeMap<String, DateTime<Utc>> {
        readings.into_iter().map(|(key, reading)| (key.to_string(), reading.at)).collect()
    };
    let before = at(register(stage).await.readings);
    let outcome = cycle(stage, SOON).await;
    let after = register(stage).await;
    let readings = at(after.readings);
    let keys = after.findings.keys().map(ToString::to_string);
    // What has something left to be done keeps no reading.
    let is_left = |key: &String| readings.get(key).is_some_and(|at| before.get(key) == Some(at));
    let looked = keys.filter(|key| !is_left(key));
    (looked.collect(), outcome)
}

fn keys(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|key| (*key).to_owned()).collect()
}

/// Somebody does something to the issue of a finding.
async fn does(stage: &Stage, finding: &str, deed: serde_json::Value) {
    let register = register(stage).await;
    let link = register.links.iter().find(|link| link.finding.as_str() == finding).unwrap();
    let all = issues(&stage.gate.world.state());
    let issue = all.iter().find(|issue| issue.key == link.issue.key).unwrap();
    people::perform(&stage.gate, issue, ("dara", deed), None);
}

/// Changes a finding as a decision does.
async fn decide(stage: &Stage, finding: &str, change: impl FnOnce(Finding) -> Finding) {
    record(stage, finding, change, &[Write::DocumentsStand]).await;
}

/// Changes a finding, with other writes.
async fn record(stage: &Stage, finding: &str, change: impl FnOnce(Finding) -> Finding, others: &[Write]) {
    let store = stage.open_alone().await;
    let lease = store.lease("eli").await.unwrap();
    let known = store.load().await.unwrap().findings[&FindingKey::from(finding)].clone();
    let write = Write::Finding(Box::new(change(known)));
    store.record(&lease, [&[write], others].concat()).await.unwrap();
    store.release(lease).await.unwrap();
}

fn run(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(story);
}

/// How often a cycle opens the whole register.
async fn opened(stage: &Stage) -> usize {
    let before = stage.gate.state().whole;
    cycle(stage, SOON).await;
    stage.gate.state().whole - before
}

#[test]
fn only_what_something_touches_is_opened_while_documents_say_what_they_said() {
    run(async {
        let stage = settled().await;
        assert_eq!(opened(&stage).await, 0, "nothing happened");
        does(&stage, "PM-1/F1", json!({"do": "assign", "assignee": "bo"})).await;
        assert_eq!(opened(&stage).await, 0, "a person did something");
        let explained = stage.explained("PM-1/F1").await;
        assert_eq!(explained, ["PM-1/F1".into()].into(), "somebody asks about one");
        let other = stage.told(|config| config.digest = "another".to_owned());
        assert!(
            other.explained("PM-1/F1").await.len() > 1,
            "another configuration reads documents otherwise"
        );
        stage.write_documents("once more");
        assert!(stage.explained("PM-1/F1").await.len() > 1, "what its document says now is read");
        assert_eq!(opened(&stage).await, 0, "a document says something else of what it lists");
        stage.write_more(
            "PM-1",
            "  - { id: F9, title: Another one, class: technical_lapse, team: payments }\n",
        );
        assert_eq!(opened(&stage).await, 0, "a document lists something new");
        let is_linked =
            |register: &Register, key: &str| register.links.iter().any(|link| link.finding.as_str() == key);
        assert!(is_linked(&register(&stage).await, "PM-1/F9"));
        stage.write_documents("once more");
        assert_eq!(opened(&stage).await, 0, "a document lists something no more");
        assert!(register(&stage).await.findings[&"PM-1/F9".into()].source_missing);
        let another = stage.documents().join("pm-4.yaml");
        fs::write(&another, ANOTHER).unwrap();
        assert_eq!(opened(&stage).await, 0, "a document comes");
        assert!(is_linked(&register(&stage).await, "PM-4/F1"));
        let renamed = another.with_file_name("another.yaml");
        fs::rename(&another, &renamed).unwrap();
        assert_eq!(opened(&stage).await, 0, "a document stands elsewhere");
        let finding = register(&stage).await.findings[&"PM-4/F1".into()].clone();
        assert!(finding.stated.path.ends_with("another.yaml") && !finding.source_missing);
        fs::remove_file(&renamed).unwrap();
        assert_eq!(opened(&stage).await, 0, "a document goes");
        let after = register(&stage).await;
        assert!(after.findings[&"PM-4/F1".into()].source_missing && is_linked(&after, "PM-4/F1"));
        assert_eq!(opened(&stage).await, 0);
        decide(&stage, "PM-1/F1", |finding| Finding { owner: Owner::Nobody, ..finding }).await;
        assert_eq!(opened(&stage).await, 0, "somebody decided something");
        record(&stage, "PM-1/F1", |finding| Finding { draft: true, ..finding }, &[]).await;
        assert_eq!(opened(&stage).await, 1, "somebody recorded what documents may be held against");
        assert_eq!(opened(&stage).await, 0);
        assert_eq!(opened(&stage.full()).await, 1, "somebody asks for everything");
    });
}

#[test]
fn what_nothing_touched_is_left_alone() {
    run(async {
        let stage = settled().await;
        stage.gate.world.clear_log();
        let (looked, outcome) = next(&stage).await;
        assert_eq!((looked, outcome.done.len()), (BTreeSet::new(), 0));
        let log = stage.gate.world.log().to_string();
        assert!(!log.contains("/issues/") && !log.contains("nodes(ids"), "no issue is read: {log}");
    });
}

#[test]
fn what_people_change_is_looked_at_and_nothing_else_is() {
    for (finding, deed) in [
        ("PM-1/F1", json!({"do": "assign", "assignee": "bo"})),
        ("PM-2/F1", json!({"do": "assign", "assignee": "bo"})),
    ] {
        run(async {
            let stage = settled().await;
            does(&stage, finding, deed).await;
            let (looked, outcome) = next(&stage).await;
            assert_eq!(looked, keys(&[finding]), "{:?}", outcome.notes);
            let owner = register(&stage).await.findings[&FindingKey::from(finding)].owner.clone();
            assert_eq!(owner, Owner::Person("bo".into()));
            let (looked, _) = next(&stage).await;
            assert!(looked.is_subset(&keys(&[finding])), "{looked:?}");
            assert_eq!(next(&stage).await.0, BTreeSet::new(), "and then it is quiet");
        });
    }
}

#[test]
fn what_a_list_named_and_nobody_could_read_is_looked_at_when_it_can_be() {
    for finding in ["PM-1/F1", "PM-2/F1"] {
        run(async {
            let stage = settled().await;
            does(&stage, finding, json!({"do": "assign", "assignee": "bo"})).await;
            stage.gate.state().unread = true;
            // Lists go back a little, and name it no more in the end.
            for _ in 0..12 {
                cycle(&stage, SOON).await;
            }
            let owner =
                || async { register(&stage).await.findings[&FindingKey::from(finding)].owner.clone() };
            assert_ne!(owner().await, Owner::Person("bo".into()), "it could not be read");
            stage.gate.state().unread = false;
            cycle(&stage, SOON).await;
            assert_eq!(owner().await, Owner::Person("bo".into()), "{finding}");
        });
    }
}

#[test]
fn what_is_cited_is_not_believed_as_it_was_before_it_was_last_seen_with_another_finding() {
    run(async {
        let stage = settled().await;
        let key = register(&stage)
            .await
            .links
            .iter()
            .find(|link| link.finding.as_str() == "PM-1/F1")
            .unwrap()
            .issue
            .key
            .clone();
        stage.gate.time.pass(SOON);
        does(&stage, "PM-1/F1", json!({"do": "assign", "assignee": "bo"})).await;
        stage.run().await;
        let cites = format!("id: F1, tracker: [{key}],");
        stage.rewrite("PM-2", "id: F1,", &cites);
        stage.gate.state().behind = true;
        stage.gate.time.pass(SOON);
        let before = stage.gate.state().whole;
        let is_linked = || async {
            let links = register(&stage).await.links;
            links.iter().any(|link| link.finding.as_str() == "PM-2/F1" && link.issue.key == key)
        };
        stage.run().await;
        assert_eq!(stage.gate.state().whole, before, "an edit in place");
        assert!(!is_linked().await, "it is shown as it was before");
        stage.gate.state().behind = false;
        cycle(&stage, SOON).await;
        assert!(is_linked().await);
    });
}

#[test]
fn what_a_reviewer_decides_is_looked_at() {
    run(async {
        let stage = settled().await;
        decide(&stage, "PM-2/F2", |finding| Finding { owner: Owner::Person("chen".into()), ..finding }).await;
        let (looked, outcome) = next(&stage).await;
        assert_eq!(
            (looked, outcome.done.get("updated")),
            (keys(&["PM-2/F2"]), Some(&1)),
            "{:?}",
            outcome.notes
        );
    });
}

#[test]
fn what_a_document_says_anew_is_looked_at() {
    run(async {
        let stage = settled().await;
        stage.write_documents(", and more");
        let (looked, _) = next(&stage).await;
        let changed = ["PM-1/F1", "PM-1/F2", "PM-2/F1", "PM-2/F2", "PM-3/F1", "PM-3/F2"];
        assert_eq!(looked, keys(&changed), "not what says the same");
    });
}

#[test]
fn another_configuration_and_a_cycle_that_did_not_end_have_everything_looked_at() {
    run(async {
        let stage = settled().await;
        let all: BTreeSet<String> = register(&stage).await.findings.keys().map(ToString::to_string).collect();
        let other = stage.told(|config| "another".clone_into(&mut config.digest));
        assert_eq!(next(&other).await.0, all);
        assert_eq!(next(&other).await.0, BTreeSet::new());
        let dies_at = {
            let mut state = other.gate.state();
            state.dies_at = Some(state.passed + 30);
            state.passed
        };
        assert!(matches!(other.run().await, End::Died), "{dies_at}");
        other.gate.state().dies_at = None;
        assert_eq!(next(&other).await.0, all);
    });
}

#[test]
fn the_clock_touches_what_is_due() {
    run(async {
        let stage = settled().await;
        let stage = stage.told(|config| config.audit = TimeDelta::days(3650));
        cycle(&stage.full(), SOON).await;
        let all = register(&stage).await.readings;
        // Sweeps of places come daily; a deadline comes once.
        let soon = all.values().map(|reading| reading.due).min().unwrap();
        let left = (soon - stage.now()).num_milliseconds();
        stage.gate.time.pass(left - 2 * SOON);
        assert_eq!(next(&stage).await.0, BTreeSet::new(), "not before");
        let (looked, _) = next(&stage).await;
        let due =
            all.values().filter(|reading| reading.due == soon).map(|reading| reading.finding.to_string());
        assert!(due.clone().count() > 0 && due.into_iter().all(|key| looked.contains(&key)), "{looked:?}");
    });
}

#[test]
fn what_no_list_names_is_found_within_the_time_of_an_audit() {
    run(async {
        // Sweeps, which come daily, would find it as well.
        let stage = settled().await.told(|config| config.audit = TimeDelta::hours(2));
        cycle(&stage.full(), SOON).await;
        next(&stage).await;
        does(&stage, "PM-1/F1", json!({"do": "delete"})).await;
        let (mut missed, mut said) = (0, 0);
        for _ in 0..24 {
            let outcome = cycle(&stage, SOON).await;
            missed += outcome.missed;
            said +=
                usize::from(outcome.standing.iter().any(|stood| stood.note.kind == NoteKind::Quarantined));
        }
        assert!((1..24).contains(&said), "said {said}");
        assert_eq!(missed, 1);
    });
}

#[test]
fn whatever_is_told_to_look_at_everything_does() {
    run(async {
        let stage = settled().await;
        does(&stage, "PM-1/F1", json!({"do": "delete"})).await;
        let outcome = cycle(&stage.full(), SOON).await;
        let is_said =
            |standing: &postmortem_sync::model::note::Standing| standing.note.kind == NoteKind::Quarantined;
        assert!(outcome.standing.iter().any(is_said), "{:?}", outcome.standing);
    });
}
