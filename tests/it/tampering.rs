//! A register that somebody changed by other means: what differs is named, nothing is done for it, and the rest goes on.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::{
    rig::Rig,
    trouble::{CLOUD, DATA_CENTER, GITHUB, HELD, notes, report, shell, stage},
};

/// Findings of each document.
const N_FINDINGS: usize = 3;

/// A register with the issues of two documents, nothing of which runs.
fn synced() -> Rig {
    let rig = stage();
    report(&rig, GITHUB, 1, N_FINDINGS);
    report(&rig, CLOUD, 2, 1);
    rig.sync().exits(0);
    rig.quiet_sync(0);
    rig
}

/// What `audit verify` names, each as `difference kind key`.
fn misfits(rig: &Rig) -> Vec<String> {
    let verified = rig.run(&["audit", "verify", "--format", "json"]).exits(HELD).json();
    assert_eq!(
        (verified["intact"].as_bool(), verified["faults"].as_array().unwrap().len()),
        (Some(false), 0)
    );
    let name = |misfit: &Value| {
        let key: Vec<&str> = misfit["key"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        format!(
            "{} {} {}",
            misfit["difference"].as_str().unwrap(),
            misfit["kind"].as_str().unwrap(),
            key.join(" ")
        )
    };
    verified["misfits"].as_array().unwrap().iter().map(name).collect()
}

const RESOLVED: &str = "UPDATE finding SET state = 'resolved', data = replace(data, '\"state\":\"open\"', '\"state\":\"resolved\"') \
                        WHERE key = 'PM-1/F1'";

const TAMPERS: &[(&str, &str)] = &[
    (RESOLVED, "changed finding PM-1/F1"),
    ("UPDATE finding SET state = 'resolved' WHERE key = 'PM-1/F1'", "changed finding PM-1/F1"),
    ("UPDATE finding SET due = '2030-01-01' WHERE key = 'PM-1/F1'", "changed finding PM-1/F1"),
    ("UPDATE finding SET data = '{broken' WHERE key = 'PM-1/F1'", "changed finding PM-1/F1"),
    ("DELETE FROM link WHERE finding = 'PM-1/F1'", "missing link PM-1/F1"),
    (
        "DELETE FROM link WHERE finding = 'PM-1/F1'; DELETE FROM finding WHERE key = 'PM-1/F1'",
        "missing finding PM-1/F1",
    ),
    (
        "INSERT INTO link (finding, host, issue, tracker, destination, kind, since_ms, data, observed, seq) \
         SELECT 'PM-1/F1', host, issue, tracker, destination, 'cited', since_ms, data, observed, seq FROM link \
         WHERE finding = 'PM-1/F2'",
        "added link PM-1/F1",
    ),
    (
        "UPDATE place SET data = replace(data, '\"id\":\"', '\"id\":\"9') WHERE tracker = 'github'",
        "changed place github",
    ),
    ("UPDATE meta SET value = '00' || substr(value, 3) WHERE key = 'marker_key'", "changed meta marker_key"),
];

#[test]
fn what_was_changed_by_other_means_is_named_and_nothing_is_written_for_it() {
    for (sql, misfit) in TAMPERS {
        let rig = synced();
        shell(&rig, sql);
        let before = rig.issues();
        let named = misfits(&rig);
        assert!(named.iter().any(|named| named.starts_with(misfit)), "{sql}: {named:?}");
        rig.forget();
        let outcome = rig.sync().exits(HELD).json();
        assert!(!notes(&outcome, "misfit", GITHUB).is_empty(), "{sql}: {outcome}");
        assert_eq!(rig.writes(), Vec::<String>::new(), "{sql}");
        assert_eq!(rig.issues().len(), before.len(), "{sql}: nothing is made a second time");
        assert_eq!(misfits(&rig), named, "{sql}: a cycle writes nothing for it");
        let report = rig.json(&["report"]);
        assert_eq!(report["verdict"]["complete"], false, "{sql}");
        assert!(report.to_string().contains("does not fit its history"), "{sql}");
        // A pin is no part of a finding: only what would be sent there waits.
        if !misfit.contains("place") {
            rig.run(&["finding", "verify", "PM-1/F1", "--evidence", "x", "--as", "eli"]).exits(HELD);
            rig.run(&["link", "rebind", "PM-1/F1", "--reason", "x", "--as", "eli"]).exits(HELD);
        }
        if !misfit.contains("meta") {
            rig.run(&["finding", "assign", "PM-2/F1", "bo", "--as", "eli"]).exits(0);
            rig.sync().exits(HELD);
            assert!(!rig.writes().is_empty(), "{sql}: its neighbours go on");
        }
    }
}

#[test]
fn a_register_that_was_given_to_another_instance_is_told_as_tampered_with() {
    let rig = synced();
    shell(&rig, "UPDATE meta SET value = 'globex' WHERE key = 'instance'");
    for verb in [&["audit", "verify"][..], &["sync"]] {
        let refused = rig.run(verb).exits(HELD).stderr;
        assert!(refused.contains("`meta instance` does not fit its history"), "{refused}");
    }
}

#[test]
fn what_is_listed_leaves_out_what_does_not_fit_and_says_so() {
    let rig = synced();
    shell(&rig, "UPDATE finding SET data = '{broken' WHERE key = 'PM-1/F1'");
    let listed = rig.run(&["finding", "list"]).exits(HELD);
    assert!(listed.stdout.contains("PM-1/F2") && !listed.stdout.contains("PM-1/F1"), "{}", listed.stdout);
    assert!(listed.stderr.contains("`finding PM-1/F1` does not fit its history"), "{}", listed.stderr);
    let shown = rig.run(&["finding", "show", "PM-1/F1"]).exits(HELD).stderr;
    assert!(shown.contains("`audit verify` names everything that differs"), "{shown}");
    let plan = rig.run(&["plan", "--format", "json"]).stdout;
    assert!(plan.contains("does not fit its history"), "{plan}");
}

#[test]
fn a_saved_plan_does_nothing_for_a_row_that_was_changed_since() {
    let rig = synced();
    rig.run(&["finding", "assign", "PM-1/F1", "bo", "--as", "eli"]).exits(0);
    rig.run(&["plan", "--out", "plan.json"]);
    shell(&rig, RESOLVED);
    rig.forget();
    let stale = rig.run(&["apply", "plan.json"]).exits(3).stdout;
    assert!(stale.contains("misfit PM-1/F1") && stale.contains("stale PM-1/F1"), "{stale}");
    assert_eq!(rig.writes(), Vec::<String>::new());
}

#[test]
fn a_reviewer_accepts_a_row_as_it_is_and_it_goes_on() {
    let rig = synced();
    shell(
        &rig,
        "UPDATE finding SET data = replace(data, '\"rejections\":0', '\"rejections\":1') WHERE key = 'PM-1/F1'",
    );
    let why = ["--reason", "mended by hand", "--as"];
    let accept = |row, by| rig.run(&[&["audit", "accept", row][..], &why, &[by]].concat());
    accept("PM-1/F1", "bo").exits(6);
    accept("PM-1/F2", "eli").exits(6);
    accept("PM-1/F1", "eli").exits(0);
    let verified = rig.run(&["audit", "verify"]).exits(0).stdout;
    assert!(verified.contains("every row of the register is as they say"), "{verified}");
    let history = rig.json(&["audit", "show", "PM-1/F1"]).to_string();
    assert!(history.contains("misfit_accepted") && history.contains("mended by hand"), "{history}");
    rig.sync().exits(0);
    shell(&rig, "UPDATE meta SET value = '00' || substr(value, 3) WHERE key = 'marker_key'");
    let refused = accept("meta marker_key", "eli").exits(6).stderr;
    assert!(refused.contains("restore a backup"), "{refused}");
}

#[test]
fn a_backup_fits_and_so_does_what_is_put_back() {
    let rig = synced();
    let backup = rig.json(&["store", "backup", "copy.db"]);
    assert_eq!(backup["misfits"], serde_json::json!([]));
    shell(&rig, RESOLVED);
    assert_eq!(rig.json(&["store", "backup", "evidence.db"])["misfits"].as_array().unwrap().len(), 1);
    rig.run(&["store", "restore", "copy.db"]).exits(0);
    rig.run(&["audit", "verify"]).exits(0);
    rig.sync().exits(0);
    rig.run(&["audit", "verify"]).exits(0);
}

#[test]
fn the_key_of_the_markers_goes_to_a_private_file_and_a_new_register_finds_every_issue_by_it() {
    let rig = synced();
    let exported = rig.run(&["store", "key", "export", "marker.key"]).exits(0);
    let key = rig.read("marker.key");
    assert_eq!((key.trim().len(), key.lines().count()), (64, 1));
    assert!(!format!("{}{}", exported.stdout, exported.stderr).contains(key.trim()));
    let mode = std::fs::metadata(rig.path("marker.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    rig.run(&["store", "key", "export", "marker.key"]).exits(2);
    let before = rig.issues().len();

    rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 1s\nmarker_key: { file: marker.key }");
    rig.sync().exits(0);
    for suffix in ["", "-wal", "-shm", ".lineage"] {
        let _ = std::fs::remove_file(rig.path(&format!("register.db{suffix}")));
    }
    rig.sync();
    assert_eq!(rig.issues().len(), before, "nothing is made a second time");
    assert_eq!(rig.json(&["link", "list"]).as_array().unwrap().len(), N_FINDINGS + 1);

    rig.write("marker.key", &"ab".repeat(32));
    let refused = rig.run(&["sync"]).exits(2).stderr;
    assert!(
        refused.contains("marker key is not the one in `marker_key`") && !refused.contains("abab"),
        "{refused}"
    );
    rig.write("marker.key", "too short");
    let refused = rig.run(&["sync"]).exits(2).stderr;
    assert!(refused.contains("64 hexadecimal digits") && !refused.contains("too short"), "{refused}");
    std::fs::remove_file(rig.path("marker.key")).unwrap();
    let refused = rig.run(&["sync"]).exits(2).stderr;
    assert!(refused.contains("is not there"), "{refused}");
}

/// A register with a decision of every kind that is no finding and no link: a citation set aside, parts, links that ended,
/// and a place that was given up.
fn decided() -> Rig {
    let rig = stage();
    report(&rig, GITHUB, 1, N_FINDINGS);
    report(&rig, DATA_CENTER, 2, 1);
    report(&rig, GITHUB, 3, 1);
    rig.edit("postmortems/pm-3.yaml", "team: payments", "team: none, tracker: [\"acme/platform#99\"]");
    rig.sync();
    rig.run(&["finding", "assign", "PM-1/F1", "bo", "--as", "eli"]).exits(0);
    let issue = super::trouble::issue(&rig, GITHUB, 1, 3)["key"].as_str().unwrap().to_owned();
    let reviewer = |arguments: &[&str]| rig.run(&[arguments, &["--as", "eli"]].concat()).exits(0);
    reviewer(&["link", "detach", "PM-1/F3", &issue, "--reason", "another matter"]);
    reviewer(&["link", "ignore", "PM-3/F1", "acme/platform#99", "--reason", "a typing mistake"]);
    reviewer(&["place", "retire", "ops:OPS", "--reason", "sold"]);
    rig.sync();
    rig.run(&["audit", "verify"]).exits(0);
    rig
}

const DECIDED: &[(&str, &str)] = &[
    ("UPDATE citation SET data = replace(data, 'a typing mistake', 'x')", "changed citation PM-3/F1"),
    ("DELETE FROM citation", "missing citation PM-3/F1"),
    (
        "INSERT INTO citation SELECT finding, 'acme/platform#98', at_ms, replace(data, '#99', '#98') FROM citation",
        "added citation PM-3/F1",
    ),
    ("UPDATE involvement SET data = replace(data, '\"bo\"', '\"chen\"')", "changed involvement PM-1/F1"),
    ("DELETE FROM involvement WHERE finding = 'PM-1/F1'", "missing involvement PM-1/F1"),
    (
        "INSERT INTO involvement SELECT finding, episode, 'claimed', party, seq, at_ms, replace(data, '\"owned\"', '\"claimed\"') \
         FROM involvement WHERE finding = 'PM-1/F1'",
        "added involvement PM-1/F1",
    ),
    ("UPDATE tombstone SET data = replace(data, 'another matter', 'x')", "changed tombstone PM-1/F3"),
    ("DELETE FROM tombstone WHERE finding = 'PM-1/F3'", "missing tombstone PM-1/F3"),
    (
        "INSERT INTO tombstone SELECT 'PM-1/F1', host, issue, at_ms, data FROM tombstone WHERE finding = 'PM-1/F3'",
        "added tombstone PM-1/F1",
    ),
    (
        "UPDATE account SET data = replace(data, '\"account\":\"', '\"account\":\"x')",
        "changed account github",
    ),
    ("DELETE FROM account", "missing account github"),
    (
        "INSERT INTO account SELECT tracker, 'mallory', since_ms, data FROM account WHERE tracker = 'github'",
        "added account github mallory",
    ),
    ("UPDATE place SET data = replace(data, '\"id\":\"', '\"id\":\"9')", "changed place github"),
    ("DELETE FROM place", "missing place github"),
    (
        "INSERT INTO place SELECT tracker, 'acme/x', data, observed FROM place WHERE tracker = 'github'",
        "added place github",
    ),
    ("UPDATE sight SET data = replace(data, 'sold', 'bought')", "changed sight ops"),
    ("UPDATE sight SET data = replace(data, '\"retired\":{', '\"was\":{')", "changed sight ops"),
    ("DELETE FROM sight WHERE tracker = 'ops'", "missing sight ops:OPS"),
    (
        "UPDATE sight SET data = replace(data, '\"tracker\":\"github\"', '\"tracker\":\"github\",\"retired\":{\"by\":\"eli\",\
         \"at\":\"2026-01-01T00:00:00Z\",\"reason\":\"x\"}') WHERE tracker = 'github'",
        "added sight github",
    ),
    ("UPDATE mapping SET data = replace(data, 'acme/payments', 'acme/platform')", "changed mapping approved"),
    ("DELETE FROM mapping", "missing mapping approved"),
    ("DELETE FROM mapping; DELETE FROM cycle", "missing mapping approved"),
    ("INSERT INTO mapping SELECT 'another', data FROM mapping", "added mapping another"),
    ("UPDATE meta SET value = '2020-01-01T00:00:00+00:00' WHERE key = 'founded'", "changed meta founded"),
];

#[test]
fn whatever_a_reviewer_decided_cannot_be_changed_added_or_removed_unseen() {
    let rig = decided();
    let files = ["register.db", "register.db.lineage"];
    let kept: Vec<Vec<u8>> = files.iter().map(|name| std::fs::read(rig.path(name)).unwrap()).collect();
    for (sql, misfit) in DECIDED {
        shell(&rig, sql);
        let named = misfits(&rig);
        assert!(named.iter().any(|named| named.starts_with(misfit)), "{sql}: {named:?}");
        rig.forget();
        let ran = rig.sync();
        // From what is merely shown of a retired place nothing follows.
        if !misfit.contains("sight") {
            let told = ran.clone().exits(HELD).json();
            assert!(told.to_string().contains("not fit"), "{sql}: {told}");
        }
        assert_eq!(rig.writes(), Vec::<String>::new(), "{sql}");
        assert_eq!(misfits(&rig), named, "{sql}: a cycle mends nothing");
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(rig.path(&format!("register.db{suffix}")));
        }
        files.iter().zip(&kept).for_each(|(name, bytes)| std::fs::write(rig.path(name), bytes).unwrap());
    }
    rig.run(&["audit", "verify"]).exits(0);
}
