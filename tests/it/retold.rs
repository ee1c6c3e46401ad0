//! What the history tells of the register's rows: they can be built again from it, and what differs or is gone is named.
//!
//! The fold is written here once more, so that the product is not held against itself.

use std::collections::BTreeMap;

use postmortem_sync::{model::digest, store::sqlite::connection};
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};

use super::{
    draws::Dice,
    rig::Rig,
    trouble::{CLOUD, GITHUB, HELD, issue, report, shell, stage},
};

type Rows = BTreeMap<(String, Vec<String>), Value>;

/// The first two columns of what a statement finds.
fn asked(rig: &Rig, sql: &'static str) -> Vec<(String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = connection::options(&rig.path("register.db"));
        let mut shell = SqliteConnection::connect_with(&options).await.unwrap();
        let found = sqlx::query_as(sql).fetch_all(&mut shell).await.unwrap();
        shell.close().await.unwrap();
        found
    })
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// What the entries of the history say of every row, one after the other.
fn retold(rig: &Rig) -> Rows {
    let mut rows = Rows::new();
    for (seq, data) in
        asked(rig, "SELECT CAST(seq AS TEXT), data FROM history WHERE event = 'stamped' ORDER BY history.seq")
    {
        for said in parsed(&data)["rows"].as_array().unwrap() {
            let key = said["key"].as_array().unwrap().iter().map(|part| part.as_str().unwrap().to_owned());
            let name = (said["kind"].as_str().unwrap().to_owned(), key.collect::<Vec<_>>());
            if said["digest"].is_null() {
                rows.remove(&name);
            } else if let Some(change) = said["change"].as_object() {
                let row = rows.get_mut(&name).unwrap();
                change.iter().for_each(|(at, pair)| set(row, at, pair, &seq));
            } else {
                rows.insert(name, said["whole"].clone());
            }
        }
    }
    rows.retain(|(kind, _), _| kind != "meta");
    rows
}

/// Gives a member its new value; it had the old one.
fn set(row: &mut Value, at: &str, pair: &Value, seq: &str) {
    let was = row.pointer(at).cloned().unwrap_or_default();
    assert_eq!(was, pair[0], "entry {seq}, {at}");
    let (parent, name) = at.rsplit_once('/').unwrap();
    let members = row.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if pair[1].is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), pair[1].clone());
    }
}

/// Every row that is stamped, by a text of its key, with its own text.
const PRESENT: &str = "\
    SELECT json_array('finding', key), data FROM finding \
    UNION ALL SELECT json_array('link', finding, host, issue), data FROM link \
    UNION ALL SELECT json_array('intent', finding, tracker, place), data FROM intent \
    UNION ALL SELECT json_array('tombstone', finding, host, issue), data FROM tombstone \
    UNION ALL SELECT json_array('citation', finding, written), data FROM citation \
    UNION ALL SELECT json_array('involvement', finding, CAST(episode AS TEXT), part, party), data FROM involvement \
    UNION ALL SELECT json_array('place', tracker, place), data FROM place \
    UNION ALL SELECT json_array('account', tracker, account), data FROM account \
    UNION ALL SELECT json_array('mapping', name), data FROM mapping";

/// What is there, as the history tells it: without what is null, and without names that somebody wrote.
fn present(rig: &Rig) -> Rows {
    let row = |(name, data): (String, String)| {
        let mut name: Vec<String> = serde_json::from_str(&name).unwrap();
        let kind = name.remove(0);
        let mut row = parsed(&data);
        prune(&mut row);
        for at in [
            "/owner/unmapped",
            "/stated/owner",
            "/stated/reviewers",
            "/stated/authors",
            "/baseline/owner/finding/unmapped",
            "/baseline/owner/issue/unmapped",
            "/link/baseline/owner/finding/unmapped",
            "/link/baseline/owner/issue/unmapped",
            "/party/written",
        ] {
            row.pointer_mut(at).into_iter().for_each(hide);
        }
        ((kind, name), row)
    };
    asked(rig, PRESENT).into_iter().map(row).collect()
}

fn prune(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(prune);
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(prune);
    }
}

fn hide(value: &mut Value) {
    if let Value::Array(names) = value {
        names.iter_mut().for_each(hide);
    } else if let Value::String(name) = value {
        let is_account = ["github:", "jira-cloud:", "jira-dc:"].iter().any(|kind| name.starts_with(kind));
        if !is_account {
            *name = format!("written:{}", digest::of_text(name));
        }
    }
}

#[track_caller]
fn assert_retold(rig: &Rig, after: &str) {
    let (told, found) = (retold(rig), present(rig));
    let names: Vec<_> = told.keys().chain(found.keys()).collect();
    for name in names {
        assert_eq!(told.get(name), found.get(name), "after {after}: {name:?}");
    }
    let verified = rig.run(&["audit", "verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["intact"], true, "after {after}: {verified}");
}

/// A write-up that names people as it likes.
const WRITTEN: &str = "\
format: postmortem/1
id: PM-9
title: Another incident
tlp: RED
incident: { severity: high }
reviewers: [\"Eli Elm <eli@acme.example>\"]
findings:
  - { id: F1, title: Rotate the vault key, class: technical_lapse, team: payments, owner: \"Zoë Zander <zoe@acme.example>\" }
";

/// Something that happens; most of it is refused in some states, which changes nothing.
fn deed(rig: &Rig, dice: &mut Dice, n: usize) -> String {
    let at = dice.below(3) + 1;
    let finding = format!("PM-1/F{at}");
    let person = ["ana", "bo", "eli"][dice.below(3) as usize];
    let say = |words: &[&str]| {
        rig.run(&[words, &["--as", "eli"]].concat());
        words.join(" ")
    };
    match dice.below(12) {
        0 => say(&["finding", "assign", &finding, person]),
        1 => say(&["finding", "dismiss", &finding, "--reason", "not ours"]),
        2 => say(&["finding", "reopen", &finding, "--reason", "it is"]),
        3 => say(&["finding", "waive", &finding, "--expires", "2999-01-01", "--reason", "x"]),
        4 => say(&["finding", "extend", &finding, "--due", "2999-01-01", "--reason", "x"]),
        5 => say(&["link", "detach", &finding, "--reason", "x"]),
        6 => say(&["link", "rebind", &finding, "--reason", "x"]),
        7 => say(&["finding", "verify", &finding, "--evidence", "x"]),
        8 => {
            let key = issue(rig, GITHUB, 1, at as usize)["key"].as_str().unwrap().to_owned();
            rig.act(person, &key, json!({"do": "assign", "assignee": person}));
            rig.sync();
            format!("{person} assigns {key}")
        }
        9 => {
            let text = rig.read("postmortems/pm-1.yaml");
            rig.write("postmortems/pm-1.yaml", &text.replace("Close gap", &format!("Close the {n}. gap")));
            rig.sync();
            rig.write("postmortems/pm-1.yaml", &text);
            "the document is reworded".to_owned()
        }
        10 => {
            rig.write("postmortems/pm-9.yaml", WRITTEN);
            "a write-up of other people".to_owned()
        }
        _ => {
            rig.sync();
            "a cycle".to_owned()
        }
    }
}

#[test]
fn replaying_the_history_gives_every_row_that_was_decided_on() {
    for seed in 0..3 {
        let rig = stage();
        report(&rig, GITHUB, 1, 3);
        report(&rig, CLOUD, 2, 1);
        rig.sync().exits(0);
        assert_retold(&rig, "the first cycle");
        let mut dice = Dice(seed);
        for n in 0..10 {
            let done = deed(&rig, &mut dice, n);
            assert_retold(&rig, &format!("deed {n} of {seed}, {done}"));
        }
        rig.sync();
        assert_retold(&rig, "the last cycle");
    }
}

#[test]
fn the_history_holds_ids_only_of_people_and_says_what_changed() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.write("postmortems/pm-9.yaml", WRITTEN);
    rig.sync();
    rig.run(&["finding", "assign", "PM-1/F1", "bo", "--as", "eli"]).exits(0);
    let stamped = asked(&rig, "SELECT event, data FROM history WHERE event = 'stamped'");
    for name in ["Zander", "zoe@", "eli@acme", "Eli Elm"] {
        assert!(!stamped.iter().any(|(_, data)| data.contains(name)), "{name}: {stamped:?}");
    }
    let entry_of = |finding: &str, event: &str, more: &[&str]| {
        let history = rig.json(&[&["audit", "show", finding][..], more].concat());
        let found = history.as_array().unwrap().iter().find(|entry| entry["event"] == event).cloned();
        found.unwrap_or_else(|| panic!("no {event} in {history}"))
    };
    let assigned = entry_of("PM-1/F1", "owner_assigned", &[]);
    let change = assigned["changes"].as_array().unwrap().iter().find(|change| change["kind"] == "finding");
    let members = change.unwrap()["members"].as_array().unwrap().clone();
    let owner = members.iter().find(|member| member["member"] == "owner").unwrap();
    assert_eq!(
        (&owner["before"], &owner["after"]),
        (&json!("nobody"), &json!({"person": "bo"})),
        "{assigned}"
    );
    let names: Vec<&str> = members.iter().map(|member| member["member"].as_str().unwrap()).collect();
    assert_eq!(names, ["changed", "owner"], "nothing else is told");

    let title = |entry: &Value| {
        let rows = entry["changes"].as_array().unwrap();
        let members = rows.iter().flat_map(|row| row["members"].as_array().into_iter().flatten());
        members.into_iter().find(|member| member["member"] == "stated.title").cloned().unwrap()
    };
    let entered = title(&entry_of("PM-9/F1", "finding_entered", &[]));
    assert_eq!(entered, json!({"member": "stated.title", "withheld": "RED"}));
    let entered = title(&entry_of("PM-9/F1", "finding_entered", &["--max-tlp", "RED"]));
    assert_eq!(entered["after"], "Rotate the vault key");
    let entered = title(&entry_of("PM-1/F1", "finding_entered", &[]));
    assert_eq!(entered["after"], "Close gap 1-1 of payments");
}

/// A register that is in step with its trackers.
fn synced() -> Rig {
    let rig = stage();
    report(&rig, GITHUB, 1, 2);
    rig.sync().exits(0);
    rig
}

#[test]
fn what_was_changed_by_other_means_is_named_by_its_members() {
    for (sql, row, members) in [
        (
            "UPDATE finding SET data = json_set(data, '$.state', 'resolved'), state = 'resolved' WHERE key = 'PM-1/F1'",
            "finding PM-1/F1",
            &["state"][..],
        ),
        ("UPDATE finding SET state = 'resolved' WHERE key = 'PM-1/F1'", "finding PM-1/F1", &["state"]),
        ("UPDATE finding SET due = '2030-01-01' WHERE key = 'PM-1/F1'", "finding PM-1/F1", &["due"]),
        (
            "UPDATE finding SET data = json_set(data, '$.clock.due', '2030-01-01', '$.rejections', 7) WHERE key = 'PM-1/F1'",
            "finding PM-1/F1",
            &["clock.due", "rejections"],
        ),
        (
            "UPDATE finding SET data = json_set(data, '$.stated.title', 'Nothing') WHERE key = 'PM-1/F1'",
            "finding PM-1/F1",
            &["stated.title"],
        ),
        (
            "UPDATE finding SET data = json_set(data, '$.stated.tlp', 'CLEAR', '$.more', 1) WHERE key = 'PM-1/F1'",
            "finding PM-1/F1",
            &["more", "stated.tlp"],
        ),
        ("UPDATE finding SET data = '{broken' WHERE key = 'PM-1/F1'", "finding PM-1/F1", &["data"]),
        (
            "UPDATE finding SET data = data || ' ' WHERE key = 'PM-1/F1'",
            "finding PM-1/F1",
            &["the form of its text"],
        ),
        (
            "UPDATE link SET data = json_set(data, '$.baseline.progress.issue', 'done') WHERE finding = 'PM-1/F1'",
            "link PM-1/F1",
            &["baseline.progress.issue"],
        ),
        ("UPDATE place SET data = json_set(data, '$.id', '9')", "place github", &["id"]),
        (
            "UPDATE mapping SET data = json_set(data, '$.trackers.github', 'x')",
            "mapping approved",
            &["trackers.github"],
        ),
        (
            "UPDATE meta SET value = '2020-01-01T00:00:00+00:00' WHERE key = 'founded'",
            "meta founded",
            &["value"],
        ),
        ("UPDATE meta SET value = '00' || substr(value, 3) WHERE key = 'marker_key'", "meta marker_key", &[]),
    ] {
        let rig = synced();
        shell(&rig, sql);
        let verified = rig.run(&["audit", "verify", "--format", "json"]).exits(HELD).json();
        let misfits = verified["misfits"].as_array().unwrap();
        assert_eq!(
            (misfits.len(), verified["faults"].as_array().unwrap().len()),
            (1, 0),
            "{sql}: {verified}"
        );
        assert_eq!(misfits[0]["difference"], "changed");
        let named = misfits[0]["members"].as_array().cloned().unwrap_or_default();
        assert_eq!(named, members, "{sql}: {verified}");
        let told = rig.run(&["audit", "verify"]).exits(HELD).stdout;
        let line = told.lines().find(|line| line.contains(row)).unwrap_or_else(|| panic!("{sql}: {told}"));
        assert!(line.ends_with(&members.join(", ")), "{sql}: {line}");
        assert!(!told.contains("2030-01-01") && !told.contains("Nothing"), "names, no values: {told}");
    }
}

#[test]
fn a_row_that_is_gone_is_named_with_what_it_was() {
    let rig = synced();
    rig.write("postmortems/pm-9.yaml", WRITTEN);
    rig.sync();
    shell(
        &rig,
        "PRAGMA foreign_keys = OFF; DELETE FROM link WHERE finding = 'PM-1/F1'; DELETE FROM finding WHERE key IN ('PM-1/F1', 'PM-9/F1')",
    );
    let told = rig.run(&["audit", "verify"]).exits(HELD).stdout;
    for was in [
        "`finding PM-1/F1` does not fit its history: it is missing: it was \"Close gap 1-1 of payments\" (TLP:AMBER)",
        "`finding PM-9/F1` does not fit its history: it is missing: it was a finding whose title is withheld (TLP:RED)",
        "it was about acme/payments#1",
    ] {
        assert!(told.contains(was), "{was}\n{told}");
    }
    assert!(!told.contains("vault"), "{told}");
    let strict = rig.run(&["audit", "verify", "--max-tlp", "GREEN"]).exits(HELD).stdout;
    assert!(!strict.contains("Close gap"), "{strict}");
    let all = rig.run(&["audit", "verify", "--max-tlp", "RED", "--format", "json"]).exits(HELD).stdout;
    assert!(all.contains("Rotate the vault key"), "{all}");
}

/// A write-up that gives no ids but those that are written into its items.
fn without_ids(rig: &Rig, items: &[&str]) {
    let items: String = items.iter().map(|item| format!("- {item}\n")).collect();
    rig.write("postmortems/pm-5.md", &format!("# An incident\n\n## Action items\n\n{items}"));
}

/// Takes a finding out by other means, and its traces, and a reviewer agrees.
fn lose(rig: &Rig, finding: &'static str) {
    for table in ["link", "intent", "citation", "involvement"] {
        shell(rig, Box::leak(format!("DELETE FROM {table} WHERE finding = '{finding}'").into_boxed_str()));
    }
    shell(rig, Box::leak(format!("DELETE FROM finding WHERE key = '{finding}'").into_boxed_str()));
    rig.run(&["audit", "accept", finding, "--reason", "gone", "--as", "eli"]).exits(0);
    rig.run(&["audit", "verify"]).exits(0);
}

#[test]
fn no_other_finding_is_given_the_key_of_one_that_is_gone() {
    for lost in ["pm-5/F1", "pm-5/F2"] {
        let rig = stage();
        rig.edit("postmortem-sync.yaml", "files: [", "team: payments, files: [");
        without_ids(&rig, &["Limit the tokens", "Rotate the keys"]);
        rig.sync().exits(0);
        let before = rig.issues().len();
        lose(&rig, lost);
        rig.forget();
        let held = rig.sync().exits(HELD).json();
        let notes = held["notes"].to_string();
        assert!(
            notes.contains(&format!("this may be {lost}, which the history knows and the register has not"))
                && notes.contains("such as `F"),
            "{notes}"
        );
        assert_eq!(rig.writes(), Vec::<String>::new());
        // Another one that is new is not taken for one that is either, until somebody gives it an id.
        without_ids(&rig, &["Limit the tokens", "Rotate the keys", "Log every login"]);
        rig.sync().exits(HELD);
        assert_eq!(rig.issues().len(), before);
        without_ids(&rig, &["Limit the tokens", "Rotate the keys", "Log every login <!-- finding: LOG -->"]);
        rig.sync().exits(HELD);
        assert_eq!(rig.issues().len(), before + 1, "what has an id of its own goes on");
        rig.json(&["finding", "show", "pm-5/LOG"]);
    }
}

#[test]
fn a_document_does_not_give_the_id_of_a_finding_that_is_gone_to_another_one() {
    let rig = synced();
    let before = rig.issues().len();
    lose(&rig, "PM-1/F2");
    let held = rig.sync().exits(HELD).json();
    let notes = held["notes"].to_string();
    assert!(notes.contains("pm-1.yaml:") && notes.contains("this may be PM-1/F2"), "{notes}");
    assert_eq!(rig.issues().len(), before);
    let text = rig.read("postmortems/pm-1.yaml").replace("id: F2", "id: F3");
    rig.write("postmortems/pm-1.yaml", &text);
    rig.sync().exits(0);
    assert_eq!(rig.issues().len(), before + 1);
}

#[test]
fn what_was_approved_by_other_means_is_not_approved() {
    let rig = synced();
    let elsewhere = "repository: acme/platform, max_tlp: AMBER";
    rig.edit("postmortem-sync.yaml", "repository: acme/payments, max_tlp: AMBER", elsewhere);
    report(&rig, GITHUB, 1, 3);
    // What the changed configuration says is written where the approved one stands; and the cycles are forgotten.
    shell(
        &rig,
        "UPDATE mapping SET data = replace(data, 'acme/payments', 'acme/platform'); DELETE FROM cycle",
    );
    rig.forget();
    let held = rig.sync().exits(HELD).json();
    assert!(held["notes"].to_string().contains("`mapping approved` does not fit its history"), "{held}");
    assert_eq!(rig.writes(), Vec::<String>::new());
    let refused =
        rig.run(&["audit", "accept", "mapping approved", "--reason", "x", "--as", "eli"]).exits(6).stderr;
    assert!(refused.contains("say `approve`"), "{refused}");
    let approved = rig.run(&["approve", "--as", "eli"]).exits(0).stdout;
    assert!(approved.contains("approved: "), "{approved}");
    rig.sync();
    assert!(!rig.writes().is_empty());
    assert_retold(&rig, "an approval");

    shell(&rig, "DELETE FROM mapping; DELETE FROM cycle");
    report(&rig, GITHUB, 1, 4);
    rig.forget();
    rig.sync().exits(HELD);
    assert_eq!(rig.writes(), Vec::<String>::new());
    shell(&rig, "INSERT INTO mapping VALUES ('approved', '{broken')");
    rig.sync().exits(HELD);
    assert_eq!(rig.writes(), Vec::<String>::new());
    rig.run(&["approve", "--as", "eli"]).exits(0);
    rig.sync();
    assert!(!rig.writes().is_empty());
    assert_retold(&rig, "another approval");
}
