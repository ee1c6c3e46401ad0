//! Backups by the real program.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _};

use serde_json::json;

use super::{
    rig::{Rig, until},
    trouble::{
        CLOUD, DATA_CENTER, GITHUB, HELD, PARTIAL, Place, assert_one_each, creates, heal, issue, report,
        shell, stage,
    },
};

/// Findings of each document.
const N_FINDINGS: usize = 4;

/// A register with the issues of one document on GitHub, nothing of which runs.
fn synced() -> Rig {
    let rig = stage();
    report(&rig, GITHUB, 1, N_FINDINGS);
    rig.sync().exits(0);
    rig
}

#[test]
fn a_backup_is_whole_private_and_says_what_it_is_of() {
    let rig = synced();
    let backup = rig.json(&["store", "backup", "copy.db"]);
    assert_eq!(backup["version"], rig.json(&["store", "restore", "copy.db", "--verify"])["version"]);
    assert!(
        backup["head"].as_str().unwrap().contains(':') && backup["bytes"].as_u64() > Some(10_000),
        "{backup}"
    );
    let sum = rig.read("copy.db.sha256");
    assert_eq!(sum, format!("{}  copy.db\n", backup["sha256"].as_str().unwrap()));
    for name in ["copy.db", "copy.db.sha256"] {
        assert_eq!(fs::metadata(rig.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    let text = rig.run(&["store", "restore", "copy.db", "--verify"]).exits(0).stdout;
    assert!(text.contains("copy.db can be put back"), "{text}");
}

#[test]
fn a_backup_never_replaces_a_file() {
    let rig = synced();
    for taken in ["taken.db", "register.db"] {
        if taken == "taken.db" {
            rig.write(taken, "mine");
        }
        let before = fs::read(rig.path(taken)).unwrap();
        let refused = rig.run(&["store", "backup", taken]).exits(2);
        assert!(refused.stderr.contains("exists already"), "{}", refused.stderr);
        assert_eq!(fs::read(rig.path(taken)).unwrap(), before);
    }
    rig.write("half.db.sha256", "mine");
    rig.run(&["store", "backup", "half.db"]).exits(2);
    assert!(!rig.path("half.db").exists() && rig.read("half.db.sha256") == "mine");
}

#[test]
fn a_backup_that_is_not_whole_is_never_put_back() {
    let rig = synced();
    rig.run(&["store", "backup", "good.db"]).exits(0);
    let register = fs::read(rig.path("register.db")).unwrap();
    let refused = |why: &str| {
        for verify in [&["--verify"][..], &[]] {
            let ran = rig.run(&[&["store", "restore", "bad.db"], verify].concat()).exits(2);
            assert!(ran.stderr.contains(why), "{}", ran.stderr);
        }
        assert_eq!(fs::read(rig.path("register.db")).unwrap(), register);
    };
    refused("there is no such backup");
    fs::copy(rig.path("good.db"), rig.path("bad.db")).unwrap();
    refused("was not finished, or was copied without it");
    let sum = rig.read("good.db.sha256");
    rig.write("bad.db.sha256", &sum);
    let mut bytes = fs::read(rig.path("good.db")).unwrap();
    bytes[5000] ^= 1;
    fs::write(rig.path("bad.db"), bytes).unwrap();
    refused("checksum is not the one");
    assert!(!rig.path("register.db.restoring").exists());
}

#[test]
fn the_backup_of_another_instance_is_not_put_back() {
    let rig = synced();
    rig.run(&["store", "backup", "copy.db"]).exits(0);
    rig.edit("postmortem-sync.yaml", "instance: faults", "instance: globex");
    let refused = rig.run(&["store", "restore", "copy.db", "--verify"]).exits(2);
    assert!(refused.stderr.contains("belongs to the instance `faults`"), "{}", refused.stderr);
}

#[test]
fn while_a_worker_has_the_register_it_is_backed_up_but_not_replaced() {
    let rig = synced();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    rig.edit("postmortem-sync.yaml", "listen: null", &format!("listen: {address}"));
    rig.edit("postmortem-sync.yaml", "{ timezone: UTC }", "{ sync: \"0 0 1 1 *\", timezone: UTC }");
    let worker = rig.spawn(&["run", "--now"]);
    until("a cycle has ended", || {
        let (_, page) = rig.get(&format!("http://{address}/readyz"))?;
        (!page["worker"]["last"].is_null()).then_some(())
    });
    rig.run(&["store", "backup", "copy.db"]).exits(0);
    let refused = rig.run(&["store", "restore", "copy.db"]).exits(75);
    assert!(refused.stderr.contains(&format!("in use by pid {}", worker.id())), "{}", refused.stderr);
    worker.terminate();
    worker.wait().exits(0);
    rig.run(&["store", "restore", "copy.db"]).exits(0);
    rig.sync().exits(0);
}

#[test]
fn a_cycle_in_progress_is_named_to_whoever_restores() {
    let rig = synced();
    rig.run(&["store", "backup", "copy.db"]).exits(0);
    rig.fault(&json!({"tracker": "github", "path": "/user", "action": {"delay": {"ms": 900}}}));
    rig.forget();
    let worker = rig.spawn(&["sync"]);
    until("the cycle has begun", || (!rig.log().is_empty()).then_some(()));
    let refused = rig.run(&["store", "restore", "copy.db"]).exits(75);
    assert!(refused.stderr.contains(&format!("in use by pid {}", worker.id())), "{}", refused.stderr);
    worker.wait().exits(0);
}

/// A register that was put back, from before a second document and its issues.
fn put_back() -> Rig {
    let rig = synced();
    rig.run(&["store", "backup", "copy.db"]).exits(0);
    report(&rig, GITHUB, 2, N_FINDINGS);
    rig.sync().exits(0);
    rig.run(&["store", "restore", "copy.db"]).exits(0);
    rig
}

#[test]
fn issues_made_after_the_backup_are_adopted_and_not_made_again() {
    let rig = put_back();
    let ran = rig.sync().exits(0);
    assert_eq!(rig.issues().len(), 2 * N_FINDINGS, "{}", ran.stdout);
    for document in [1, 2] {
        assert_one_each(&rig, GITHUB, document, N_FINDINGS);
    }
    rig.sync().exits(0);
    rig.forget();
    rig.sync().exits(0);
    assert!(rig.writes().is_empty(), "and then it is quiet: {:?}", rig.writes());
}

/// A register that knows a finding, and was put back from before its issue was made; nobody looked for that since.
fn forgotten(place: Place) -> Rig {
    let rig = stage();
    report(&rig, place, 1, 1);
    rig.edit("postmortem-sync.yaml", "mode: full", "mode: observe");
    rig.sync();
    rig.run(&["store", "backup", "copy.db"]).exits(0);
    rig.edit("postmortem-sync.yaml", "mode: observe", "mode: full");
    rig.sync().exits(0);
    assert_one_each(&rig, place, 1, 1);
    rig.run(&["store", "restore", "copy.db"]).exits(0);
    assert_eq!(rig.json(&["link", "list"]).as_array().unwrap().len(), 0);
    rig
}

#[test]
fn the_issue_of_a_finding_that_was_dismissed_after_the_register_was_put_back_is_found_again() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let rig = forgotten(place);
        rig.run(&["finding", "dismiss", "PM-1/F1", "--reason", "It is none.", "--as", "eli"]).exits(0);
        rig.forget();
        rig.sync();
        assert!(creates(&rig).is_empty(), "{:?}", creates(&rig));
        let links = rig.json(&["link", "list"]);
        let key = issue(&rig, place, 1, 1)["key"].clone();
        assert!(
            links.as_array().unwrap().len() == 1 && links.to_string().contains(&key.to_string()),
            "{links}"
        );
        rig.quiet_sync(0);
    }
}

#[test]
fn the_issue_of_a_finding_is_found_again_where_none_may_be_created_any_more() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let rig = forgotten(place);
        let classify = ["finding", "classify", "PM-1/F1", "--tlp", "red", "--reason", "It names people."];
        rig.run(&[&classify[..], &["--as", "eli"]].concat()).exits(0);
        rig.sync();
        assert_eq!(rig.json(&["link", "list"]).as_array().unwrap().len(), 1, "it was raised to TLP:RED");
    }
    let rig = forgotten(GITHUB);
    let read = json!({"as": "dara", "tracker": "github", "repo": "acme/payments", "do": "set_permission", "login": "acme-bot", "permission": "read"});
    rig.control("POST", "/act", &read);
    rig.sync();
    assert_eq!(rig.json(&["link", "list"]).as_array().unwrap().len(), 1, "the place takes no issues by now");
}

#[test]
fn while_a_place_cannot_be_searched_after_the_register_was_put_back_every_cycle_says_so() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let rig = forgotten(place);
        rig.run(&["finding", "dismiss", "PM-1/F1", "--reason", "It is none.", "--as", "eli"]).exits(0);
        rig.fault(&json!({"tracker": place.tracker, "path": "/", "times": null, "action": {"status": {"status": 502}}}));
        for _ in 0..2 {
            let outcome = rig.sync().exits(PARTIAL).json();
            assert!(outcome["notes"].to_string().contains("it is looked for again"), "{outcome}");
        }
        heal(&rig);
        rig.sync();
        assert_eq!(rig.json(&["link", "list"]).as_array().unwrap().len(), 1);
    }
}

#[test]
fn that_the_register_was_put_back_is_told_once_each_time() {
    let rig = put_back();
    let told = || {
        let history = rig.json(&["audit", "show"]);
        let told = |entry: &&serde_json::Value| entry["event"] == "register_put_back";
        history.as_array().unwrap().iter().filter(told).count()
    };
    assert_eq!(told(), 0);
    for _ in 0..2 {
        rig.sync();
        assert_eq!(told(), 1);
    }
    rig.run(&["store", "backup", "newer.db"]).exits(0);
    rig.sync();
    rig.run(&["store", "restore", "newer.db"]).exits(0);
    for _ in 0..2 {
        rig.sync();
        assert_eq!(told(), 2, "a copy from after the first one");
    }
    rig.run(&["store", "restore", "copy.db"]).exits(0);
    rig.sync();
    assert_eq!(told(), 1, "the first copy knows of no time before");
}

#[test]
fn what_another_account_made_is_held_in_every_cycle() {
    let rig = put_back();
    as_another_account(&rig);
    // A register that does not know which account it acted as takes what that one wrote for somebody else's.
    shell(&rig, "DELETE FROM account");
    for cycle in ["first", "second", "third"] {
        let notes = rig.sync().exits(HELD).json();
        let told = notes["notes"].to_string();
        assert_eq!(
            told.matches("carries our marker, but was written by acme-bot").count(),
            N_FINDINGS,
            "{told}"
        );
        assert_eq!(rig.issues().len(), 2 * N_FINDINGS, "nothing is made again in the {cycle} cycle");
    }
}

#[test]
fn what_the_account_before_made_is_found_after_a_backup_was_put_back() {
    let rig = put_back();
    as_another_account(&rig);
    rig.sync().exits(0);
    assert_eq!(rig.issues().len(), 2 * N_FINDINGS);
    assert_one_each(&rig, GITHUB, 2, N_FINDINGS);
    rig.forget();
    rig.sync().exits(0);
    assert!(rig.writes().iter().all(|write| write.contains("access_tokens")), "{:?}", rig.writes());
}

/// From now on the worker is an App.
fn as_another_account(rig: &Rig) {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/app-key.pem");
    let app = format!("app: {{ id: 4242, installation: 77, private_key: {{ file: {key} }} }}");
    rig.edit("postmortem-sync.yaml", "token: { file: secrets/github }", &app);
}

#[test]
fn a_document_that_is_away_while_the_register_is_put_back_makes_nothing_twice() {
    let rig = put_back();
    fs::rename(rig.path("postmortems/pm-2.yaml"), rig.path("pm-2.yaml")).unwrap();
    rig.sync().exits(0);
    fs::rename(rig.path("pm-2.yaml"), rig.path("postmortems/pm-2.yaml")).unwrap();
    rig.sync().exits(0);
    assert_eq!(rig.issues().len(), 2 * N_FINDINGS, "found again, not made again");
}

#[test]
fn an_issue_that_was_transferred_since_the_backup_is_not_made_again() {
    let rig = put_back();
    let made = rig.issues();
    let key = made.last().unwrap()["key"].as_str().unwrap();
    rig.act("dara", key, json!({"do": "transfer", "to": "acme/platform"}));
    // Its document comes back late, when a cycle has run on the old register already.
    fs::rename(rig.path("postmortems/pm-2.yaml"), rig.path("pm-2.yaml")).unwrap();
    rig.sync();
    fs::rename(rig.path("pm-2.yaml"), rig.path("postmortems/pm-2.yaml")).unwrap();
    rig.sync();
    let after = rig.issues();
    assert_eq!(after.len(), made.len(), "nothing is made again: {after:?}");
    assert_eq!(after.iter().filter(|issue| issue["place"] == "acme/platform").count(), 1);
}
