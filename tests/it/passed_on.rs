//! A reviewer's word reaches every issue of a finding that may hold it, each of them once, whenever that issue answers.

use postmortem_sync::{
    model::{ids::InstanceName, link::LinkKind, register::Write},
    store,
};
use serde_json::json;

use super::{
    rig::{Rig, until},
    support::start_of_time,
    trouble::{CLOUD, GITHUB, PARTIAL, Place, heal, notes, register, report, stage},
};

const FINDING: &str = "PM-1/F1";
const OURS: &str = "acme/payments#1";
const OTHER: &str = "PLAT-1";
const WORD: &str = "the alarm is still silent";

/// A finding that two issues follow, both of which we made.
fn two_issues() -> Rig {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    let opened = json!({
        "as": "chen", "tracker": "jira", "project": "PLAT", "do": "open_issue", "title": "y", "body": "b", "type": "Task",
    });
    rig.control("POST", "/act", &opened);
    rig.run(&["link", "adopt", FINDING, OTHER, "--as", "eli"]).exits(0);
    let link = register(&rig).links.into_iter().find(|link| link.issue.key == OTHER).unwrap();
    let made = postmortem_sync::model::link::Link { kind: LinkKind::Created, ..link };
    record(&rig, vec![Write::Link(Box::new(made))]);
    rig.sync();
    quiet(&rig);
    rig
}

/// A cycle that writes nothing. That the rule would not send the finding to the second issue is told in each.
fn quiet(rig: &Rig) {
    rig.forget();
    let outcome = rig.sync().json();
    assert_eq!(rig.writes(), Vec::<String>::new(), "{outcome}");
}

fn record(rig: &Rig, writes: Vec<Write>) {
    let address = format!("sqlite:{}", rig.path("register.db").display());
    let seed = store::Seed { database: [0; 16], marker_key: [0; 32] };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store =
            store::open(&address, &InstanceName::new("faults"), &seed, start_of_time()).await.unwrap();
        let lease = store.lease("test").await.unwrap();
        store.record(&lease, writes).await.unwrap();
        store.release(lease).await.unwrap();
    });
}

/// Both issues are closed as done, and a reviewer says no.
fn reject(rig: &Rig) {
    rig.act("ana", OURS, json!({"do": "close", "reason": "completed"}));
    rig.act("chen", OTHER, json!({"do": "transition", "to": "Done", "resolution": "Done"}));
    rig.sync();
    rig.run(&["finding", "reject", FINDING, "--reason", WORD, "--as", "eli"]).exits(0);
}

/// How often an issue was told the word.
fn told(rig: &Rig, key: &str) -> usize {
    let comments = rig.issue(key)["comments"].clone();
    comments.as_array().unwrap().iter().filter(|comment| comment.to_string().contains(WORD)).count()
}

/// A tracker that does not take comments for now.
fn deaf(rig: &Rig, place: Place) {
    let down = json!({"status": {"status": 502, "body": {}}});
    rig.fault(&json!({"tracker": place.tracker, "method": "POST", "path": "/comment", "times": null, "action": down}));
}

fn settled(rig: &Rig, what: &str) {
    // What had no answer is sent again once nothing can come of it any more.
    until(what, || {
        rig.sync();
        ((told(rig, OURS), told(rig, OTHER)) == (1, 1)).then_some(())
    });
    let finding = rig.json(&["finding", "show", FINDING]);
    assert_eq!(finding["finding"]["pending_comment"], json!(null), "{what}: {finding}");
    quiet(rig);
    assert_eq!((told(rig, OURS), told(rig, OTHER)), (1, 1), "{what}");
}

#[test]
fn a_word_reaches_both_issues_of_a_finding_also_when_one_of_them_takes_it_later() {
    for (place, first, second) in [(CLOUD, OURS, OTHER), (GITHUB, OTHER, OURS)] {
        let rig = two_issues();
        reject(&rig);
        deaf(&rig, place);
        let outcome = rig.sync().exits(PARTIAL).json();
        assert_eq!((told(&rig, first), told(&rig, second)), (1, 0), "{outcome}");
        assert!(!notes(&outcome, "failed", place).is_empty(), "{outcome}");
        heal(&rig);
        settled(&rig, second);
        // The next word is another one.
        rig.act("ana", OURS, json!({"do": "close", "reason": "completed"}));
        rig.act("chen", OTHER, json!({"do": "transition", "to": "Done", "resolution": "Done"}));
        rig.sync();
        rig.run(&["finding", "reject", FINDING, "--reason", WORD, "--as", "eli"]).exits(0);
        rig.sync();
        assert_eq!((told(&rig, OURS), told(&rig, OTHER)), (2, 2));
    }
}

#[test]
fn a_word_waits_for_an_issue_that_cannot_be_read_and_ends_with_its_link() {
    let rig = two_issues();
    reject(&rig);
    let down = json!({"status": {"status": 503, "body": {}}});
    rig.fault(&json!({"tracker": "jira", "times": null, "action": down}));
    rig.sync().exits(PARTIAL);
    assert_eq!((told(&rig, OURS), told(&rig, OTHER)), (1, 0));
    heal(&rig);
    settled(&rig, "it can be read again");

    let rig = two_issues();
    reject(&rig);
    rig.fault(&json!({"tracker": "jira", "times": null, "action": down}));
    rig.sync().exits(PARTIAL);
    heal(&rig);
    rig.run(&["link", "detach", FINDING, OTHER, "--reason", "another matter", "--as", "eli"]).exits(0);
    rig.sync();
    assert_eq!((told(&rig, OURS), told(&rig, OTHER)), (1, 0));
    assert_eq!(register(&rig).findings[&FINDING.into()].pending_comment, None, "nobody is left to tell");
    quiet(&rig);
}
