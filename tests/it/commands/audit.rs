//! The history on the command line: shown with its chain, and proven against an anchor that was kept elsewhere.

use serde_json::{Value, json};

use super::super::{
    rig::Rig,
    story::{HELD, synced},
    trouble::shell,
};

/// The anchor as a cycle prints it.
fn anchor(rig: &Rig) -> String {
    rig.sync().exits(HELD).json()["history"].as_str().unwrap().to_owned()
}

#[test]
fn a_cycle_prints_the_anchor_and_the_history_shows_each_place_in_the_chain() {
    let rig = synced();
    let anchor = anchor(&rig);
    let shown = rig.json(&["audit", "show", "--limit", "2", "--stamps"]);
    let last = &shown[1];
    assert_eq!(format!("{}:{}", last["seq"], last["hash"].as_str().unwrap()), anchor);
    assert_eq!(shown[0]["seq"].as_i64().unwrap() + 1, last["seq"].as_i64().unwrap());
    assert!(last["event"].is_string() && last["why"].is_string(), "{last}");
    let text = rig.run(&["sync"]).exits(HELD).stdout;
    assert!(text.ends_with(&format!("history {anchor}\n")), "{text}");
    let logged = rig.run(&["sync", "--log", "info"]).exits(HELD).stderr;
    assert!(logged.contains("history.head") && logged.contains(&anchor), "{logged}");
}

#[test]
fn a_history_that_is_as_it_was_recorded_verifies() {
    let rig = synced();
    let anchor = anchor(&rig);
    rig.run(&["finding", "assign", "PM-2026-101/F4", "bo", "--as", "eli"]).exits(0);
    let text = rig.run(&["audit", "verify"]).exits(0).stdout;
    assert!(text.contains("each follows from the one before"), "{text}");
    assert!(
        text.contains("cut off at the end, or rewritten as a whole, shows only against an anchor"),
        "{text}"
    );
    let verified = rig.json(&["audit", "verify", "--anchor", &anchor]);
    assert_eq!((&verified["intact"], &verified["faults"]), (&json!(true), &json!([])));
    assert_ne!(verified["head"], json!(anchor), "a decision is in the history");
    rig.run(&["audit", "verify", "--anchor", &anchor[1..]]).exits(1);
    let wrong = rig.run(&["audit", "verify", "--anchor", "17"]).exits(2);
    assert!(wrong.stderr.contains("64 hexadecimal digits"), "{}", wrong.stderr);
}

#[test]
fn a_changed_configuration_is_in_the_history_once() {
    let rig = synced();
    let changes = || {
        let history = rig.json(&["audit", "show", "--limit", "1000"]);
        let changed = |entry: &&Value| entry["event"] == "configuration_changed";
        history.as_array().unwrap().iter().filter(changed).cloned().collect::<Vec<_>>()
    };
    let first = changes();
    assert_eq!(first.len(), 1, "the first one");
    rig.edit("people.yaml", "ana:", "# still the same people\nana:");
    rig.sync().exits(HELD);
    rig.sync().exits(HELD);
    let both = changes();
    assert_eq!(both.len(), 2, "{both:?}");
    assert_eq!(both[1]["before"], first[0]["after"]);
    assert_ne!(both[1]["after"], first[0]["after"]);
}

#[test]
fn a_history_that_somebody_changed_exits_1_and_says_where() {
    let rig = synced();
    let anchor = anchor(&rig);
    shell(&rig, "UPDATE history SET finding = 'PM-2026-101/F2' WHERE seq = 7");
    let found = rig.run(&["audit", "verify"]).exits(1);
    assert!(
        found.stdout.contains("✗ entry 7 does not follow from entry 6: it was changed"),
        "{}",
        found.stdout
    );
    assert_eq!(rig.run(&["audit", "verify", "--format", "json"]).exits(1).json()["intact"], false);

    // Cut off, with the register's own note of the end moved back: that only the anchor shows.
    shell(&rig, "DELETE FROM history WHERE seq >= 7");
    shell(&rig, "UPDATE chain SET seq = 6, hash = (SELECT hash FROM history WHERE seq = 6)");
    let found = rig.run(&["audit", "verify"]).exits(4).stdout;
    assert!(!found.contains("does not follow") && found.contains("differ"), "only the rows tell: {found}");
    let found = rig.run(&["audit", "verify", "--anchor", &anchor]).exits(1);
    assert!(found.stdout.contains("is not in it: the history was cut off"), "{}", found.stdout);
}
