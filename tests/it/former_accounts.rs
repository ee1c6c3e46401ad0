//! A bot account that is replaced: what the account before wrote stays ours.

use serde_json::json;

use super::{
    rig::Rig,
    trouble::{
        CLOUD, DATA_CENTER, GITHUB, HELD, PARTIAL, Place, assert_one_each, creates, events, intents, report,
        stage, sync_until,
    },
};

/// Gives the worker the credentials of another account on each tracker.
pub(crate) fn rotate(rig: &Rig) {
    let token = |name: &str| json!([{"token": name, "login": "new-bot"}]);
    let everybody = json!({"ana": "write", "bo": "write", "eli": "write", "new-bot": "write"});
    let world = json!({
        "people": [{"login": "new-bot", "name": "New Bot", "email": "new-bot@acme.example", "bot": true}],
        "github": {"tokens": token("new-github"),
            "repositories": [{"full_name": "acme/payments", "permissions": {"new-bot": "push"}}]},
        "jira": {"tokens": token("new-jira"), "projects": [{"key": "PLAT", "access": everybody}]},
        "jira_dc": {"tokens": token("new-dc"), "projects": [{"key": "OPS", "access": everybody}]},
    });
    rig.control("POST", "/world/add", &world);
    rig.write("secrets/github", "new-github\n");
    rig.write("secrets/jira", "new-jira\n");
    rig.write("secrets/jira-dc", "new-dc\n");
    rig.edit("postmortem-sync.yaml", "email: bot@acme.example", "email: new-bot@acme.example");
}

/// A create of the account before whose answer was lost is the new account's to adopt.
fn adopts_what_the_account_before_made(place: Place) {
    let rig = stage();
    report(&rig, place, 1, 2);
    rig.fault(&json!({"tracker": place.tracker, "method": "POST", "path": place.create, "body": "gap 1-1",
        "action": "drop_after"}));
    rig.sync().exits(PARTIAL);
    assert_eq!(intents(&rig), ["PM-1/F1"]);
    rotate(&rig);
    sync_until(&rig, 0);
    assert_one_each(&rig, place, 1, 2);
    assert_eq!((events(&rig, "issue_recovered"), creates(&rig).values().sum::<usize>()), (1, 2));
    assert_eq!(events(&rig, "account_changed"), 3, "on three trackers");
    // New findings are the new account's; what the account before made is followed on.
    report(&rig, place, 2, 1);
    rig.sync().exits(0);
    assert_one_each(&rig, place, 2, 1);
    rig.quiet_sync(0);
    assert_eq!(events(&rig, "account_changed"), 3, "told once");
    rig.run(&["audit", "verify"]).exits(0);
}

#[test]
fn a_new_github_account_adopts_what_the_account_before_made() {
    adopts_what_the_account_before_made(GITHUB);
}

#[test]
fn a_new_jira_account_adopts_what_the_account_before_made() {
    adopts_what_the_account_before_made(CLOUD);
}

#[test]
fn a_new_data_center_account_adopts_what_the_account_before_made() {
    adopts_what_the_account_before_made(DATA_CENTER);
}

#[test]
fn an_account_that_the_register_never_acted_as_is_a_stranger() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    let links = rig.json(&["link", "list"]);
    let key = links[0]["issue"]["key"].as_str().unwrap().to_owned();
    rig.run(&["link", "rebind", "PM-1/F1", "--reason", "look again", "--as", "eli"]).exits(0);
    // By hand and by another program: the account that wrote it is not one of ours any more.
    super::trouble::shell(&rig, "DELETE FROM account; DELETE FROM stamp WHERE kind = 'account'");
    rotate(&rig);
    let outcome = rig.sync().exits(HELD).json();
    assert!(outcome.to_string().contains(&format!("{key} carries our marker")), "{outcome}");
    assert!(creates(&rig).values().all(|n| *n == 1));
}
