//! Creates whose outcome is unclear: each is sent once by a process, and again only after it was looked for (invariant 7).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    rig::{Rig, until},
    trouble::{
        CLOUD, DATA_CENTER, GITHUB, HELD, PARTIAL, Place, assert_one_each, creates, events, intents, notes,
        register, report, stage, sync_until, title, title_of,
    },
};

/// Ways of losing a create, and whether it was applied.
fn losses() -> [(Value, bool); 6] {
    let status = |status: u16| json!({"status": status, "headers": {}, "body": {"message": "Bad gateway"}});
    [
        (json!("drop_after"), true),
        (json!("truncate"), true),
        (json!({"status_after": status(502)}), true),
        (json!({"status": status(500)}), false),
        (json!("drop_before"), false),
        (json!("hang"), false),
    ]
}

#[test]
fn a_github_create_without_a_clear_answer_becomes_one_issue() {
    loses_answers(GITHUB);
}

#[test]
fn a_jira_create_without_a_clear_answer_becomes_one_issue() {
    loses_answers(CLOUD);
}

#[test]
fn a_data_center_create_without_a_clear_answer_becomes_one_issue() {
    loses_answers(DATA_CENTER);
}

fn loses_answers(place: Place) {
    let rig = stage();
    let losses = losses();
    report(&rig, place, 1, losses.len());
    rig.control(
        "POST",
        "/settings",
        &json!({"github": {"list_lag_ms": 300}, "jira": {"search_lag_ms": 300}}),
    );
    for (at, (action, _)) in losses.iter().enumerate() {
        lose(&rig, place, at + 1, action);
    }
    let first = rig.sync().exits(PARTIAL).json();
    assert!(!notes(&first, "waiting", place).is_empty(), "{first}");
    assert!(creates(&rig).values().all(|n| *n == 1), "one process sends a create once: {:?}", creates(&rig));
    sync_until(&rig, 0);
    assert_one_each(&rig, place, 1, losses.len());
    assert_eq!(events(&rig, "issue_recovered"), losses.iter().filter(|(_, applied)| *applied).count());
    for (at, (action, applied)) in losses.iter().enumerate() {
        let title = title(place, 1, at + 1);
        let sent = sent(&rig, &title);
        assert_eq!(sent.len(), if *applied { 1 } else { 2 }, "{action}: {sent:?}");
        assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= TimeDelta::seconds(1)), "{action}: {sent:?}");
    }
    rig.quiet_sync(0);
}

/// The create of a finding goes wrong in this way, once.
fn lose(rig: &Rig, place: Place, at: usize, action: &Value) {
    let title = title(place, 1, at);
    rig.fault(&json!({"tracker": place.tracker, "method": "POST", "path": place.create, "body": title, "action": action}));
}

/// When a title was sent.
fn sent(rig: &Rig, title: &str) -> Vec<DateTime<Utc>> {
    let is_create = |entry: &&Value| {
        let request = &entry["request"];
        entry["method"] == "POST" && (request["title"] == title || request["fields"]["summary"] == title)
    };
    rig.log().iter().filter(is_create).map(|entry| entry["at"].as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn every_place_is_pinned_at_its_first_create_and_not_at_the_end_of_the_cycle() {
    let rig = stage();
    let second = "  - { name: more, when: { team: more }, create: { tracker: github, repository: acme/platform, max_tlp: AMBER } }";
    rig.edit("postmortem-sync.yaml", "rules:", &format!("rules:\n{second}"));
    report(&rig, GITHUB, 1, 2);
    report(&rig, Place { team: "more", ..GITHUB }, 2, 1);
    report(&rig, GITHUB, 3, 1);
    let mut worker = rig.poise(&["sync"]);
    rig.fault(
        &json!({"tracker": "github", "method": "POST", "path": GITHUB.create, "body": title(GITHUB, 3, 1),
        "action": {"kill": {"pid": worker.id(), "when": "before_apply"}}}),
    );
    worker.go();
    worker.wait();
    let killed = register(&rig);
    let pinned: Vec<&str> = killed.places.iter().map(|pinned| pinned.place.as_str()).collect();
    assert_eq!((killed.links.len(), pinned), (3, vec!["acme/payments", "acme/platform"]));
    let first = killed.links.iter().find(|link| link.finding.as_str() == "PM-1/F1").unwrap();
    assert!(killed.places[0].since <= first.since, "a later create does not pin it anew");
}

#[test]
fn a_create_that_was_certainly_not_executed_leaves_nothing_to_wait_for() {
    let rig = stage();
    rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 1h");
    report(&rig, GITHUB, 1, 1);
    let refusal =
        json!({"status": 410, "headers": {}, "body": {"message": "Issues are disabled for this repo"}});
    lose(&rig, GITHUB, 1, &json!({"status": refusal}));
    rig.sync().exits(PARTIAL);
    assert_eq!((intents(&rig), events(&rig, "create_refused")), (Vec::new(), 1));
    rig.sync().exits(0);
    assert_one_each(&rig, GITHUB, 1, 1);
}

#[test]
fn the_time_to_settle_begins_when_nobody_waits_for_the_answer_any_more() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    lose(&rig, GITHUB, 1, &json!("hang"));
    rig.sync().exits(PARTIAL);
    let intent = &register(&rig).intents[0];
    // The tracker's time-out is a second. What is searched for is what was made since it was sent.
    let (sent, given_up) = (intent.sent, intent.given_up.unwrap());
    assert!(given_up - sent >= TimeDelta::seconds(1), "sent {sent}, given up {given_up}");
    assert_eq!(intent.last_under_way(), given_up);
}

#[test]
fn an_unclear_create_is_held_for_a_person_where_the_configuration_says_so() {
    let rig = stage();
    rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 1s\non_unknown: hold");
    report(&rig, GITHUB, 1, 2);
    report(&rig, CLOUD, 2, 2);
    lose(&rig, GITHUB, 1, &json!("drop_before"));
    rig.fault(&json!({"tracker": "jira", "method": "POST", "path": CLOUD.create, "body": title(CLOUD, 2, 1),
        "action": "drop_after"}));
    rig.sync().exits(PARTIAL);
    let held = sync_until(&rig, HELD);
    let [why] = &*notes(&held, "held", GITHUB) else { panic!("one is held: {held}") };
    assert!(why.contains("on_unknown: hold"), "{why}");
    assert_eq!(intents(&rig), ["PM-1/F1"], "what was found again is adopted all the same");
    rig.quiet_sync(HELD);
}

#[test]
fn an_issue_that_was_transferred_before_its_create_was_clear_is_adopted_and_not_made_again() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    lose(&rig, GITHUB, 1, &json!("drop_after"));
    rig.sync().exits(PARTIAL);
    rig.act("dara", "acme/payments#1", json!({"do": "transfer", "to": "acme/platform"}));
    until("the outcome is clear", || {
        rig.sync();
        intents(&rig).is_empty().then_some(())
    });
    assert_eq!(events(&rig, "issue_recovered"), 1);
    let titles = rig.issues().into_iter().filter(|issue| title_of(issue) == title(GITHUB, 1, 1));
    let keys: Vec<Value> = titles.map(|issue| issue["key"].clone()).collect();
    assert_eq!(keys, ["acme/platform#1"]);
}

/// A finding of the payments team whose create in `acme/payments` was executed, and whose answer got lost; a person's issue
/// is `acme/platform#1`.
fn lost_create() -> Rig {
    let rig = stage();
    let open = json!({"as": "ana", "tracker": "github", "repo": "acme/platform", "do": "open_issue", "title": "x", "body": "b", "assignees": []});
    rig.control("POST", "/act", &open);
    report(&rig, GITHUB, 1, 1);
    lose(&rig, GITHUB, 1, &json!("drop_after"));
    rig.sync().exits(PARTIAL);
    assert_eq!(intents(&rig), ["PM-1/F1"]);
    rig
}

/// The create is found and linked whatever its finding wants by now; nothing else is made.
fn assert_found(rig: &Rig) {
    until("the create is clear", || {
        let ran = rig.sync();
        intents(rig).is_empty().then_some(ran)
    });
    let linked: Vec<String> = register(rig).links.iter().map(|link| link.issue.key.clone()).collect();
    assert!(linked.contains(&"acme/payments#1".to_owned()), "{linked:?}");
    assert_one_each(rig, GITHUB, 1, 1);
}

#[test]
fn an_unclear_create_is_found_after_its_finding_was_dismissed() {
    let rig = lost_create();
    rig.run(&["finding", "dismiss", "PM-1/F1", "--reason", "no finding", "--as", "eli"]).exits(0);
    assert_found(&rig);
}

#[test]
fn an_unclear_create_is_found_after_its_document_cites_another_issue() {
    let rig = lost_create();
    rig.edit("postmortems/pm-1.yaml", "team: payments", "team: payments, tracker: [\"acme/platform#1\"]");
    assert_found(&rig);
}

#[test]
fn an_unclear_create_is_found_after_its_finding_goes_elsewhere() {
    let rig = lost_create();
    rig.edit("postmortems/pm-1.yaml", "class: technical_lapse", "class: process_flaw");
    assert_found(&rig);
}

#[test]
fn an_unclear_create_is_found_after_another_rule_takes_its_finding() {
    let rig = lost_create();
    rig.edit("postmortems/pm-1.yaml", "team: payments", "team: platform");
    assert_found(&rig);
    assert_eq!(register(&rig).links.len(), 1, "nothing is made in the other place meanwhile");
}

#[test]
fn an_unclear_create_is_found_after_its_document_dropped_the_finding() {
    let rig = lost_create();
    rig.edit("postmortems/pm-1.yaml", "id: F1", "id: F2");
    rig.edit("postmortems/pm-1.yaml", &title(GITHUB, 1, 1), "Something else entirely, and a process");
    rig.edit("postmortems/pm-1.yaml", "class: technical_lapse", "class: process_flaw");
    assert_found(&rig);
}

#[test]
fn an_unclear_create_is_found_after_a_person_linked_another_issue_and_ended_by_the_right_one() {
    let rig = lost_create();
    rig.run(&["link", "adopt", "PM-1/F1", "acme/platform#1", "--as", "eli"]).exits(0);
    assert_eq!(intents(&rig), ["PM-1/F1"], "another issue answers nothing");
    assert_found(&rig);

    let rig = lost_create();
    rig.run(&["link", "adopt", "PM-1/F1", "acme/payments#1", "--as", "eli"]).exits(0);
    assert_eq!(intents(&rig), Vec::<String>::new());
    assert_found(&rig);
}

#[test]
fn an_unclear_create_that_left_nothing_ends_after_complete_searches() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    lose(&rig, GITHUB, 1, &json!("drop_before"));
    rig.sync().exits(PARTIAL);
    rig.run(&["finding", "dismiss", "PM-1/F1", "--reason", "no finding", "--as", "eli"]).exits(0);
    sync_until(&rig, 0);
    assert_eq!((intents(&rig), events(&rig, "create_cleared_up")), (Vec::new(), 1));
    assert_eq!(creates(&rig).values().sum::<usize>(), 1, "nothing is created for it again");
}
