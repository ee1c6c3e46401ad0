//! A register whose folder was copied, moved or put back: only a copy is held, until a person says what it is.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    rig::{Ran, Rig, spawn, until},
    trouble::{GITHUB, HELD, creates, report, stage},
};

const N_FINDINGS: usize = 2;

/// A register that follows some findings, and a copy of its whole folder.
struct Pair {
    rig: Rig,
    elsewhere: TempDir,
}

impl Pair {
    fn new() -> Self {
        let rig = stage();
        report(&rig, GITHUB, 1, N_FINDINGS);
        rig.edit("people.yaml", "eli:", "gus: { name: Gus }\neli:");
        rig.sync().exits(0);
        let pair = Self { rig, elsewhere: tempfile::tempdir().unwrap() };
        copy(&pair.rig.path("."), &pair.copy());
        pair.rig.forget();
        pair
    }

    fn copy(&self) -> PathBuf {
        self.elsewhere.path().join("staging")
    }

    /// Runs the program in the copy.
    fn there(&self, arguments: &[&str]) -> Ran {
        spawn(&self.copy(), arguments).wait()
    }

    /// Gives the copy another instance, as `store fork` wants it.
    fn rename(&self) {
        let path = self.copy().join("postmortem-sync.yaml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace("instance: faults", "instance: staging")).unwrap();
    }

    #[track_caller]
    fn is_held(&self) {
        let held = self.there(&["sync"]).exits(HELD).stderr;
        for words in ["is a copy of the one at", "store moved --as", "store fork --as"] {
            assert!(held.contains(words), "{held}");
        }
    }
}

/// Copies a folder with everything that a careful administrator keeps.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(copied.success());
}

#[test]
fn a_copied_folder_writes_nothing_and_the_original_goes_on() {
    let pair = Pair::new();
    report(&pair.rig, GITHUB, 2, 1);
    fs::copy(pair.rig.path("postmortems/pm-2.yaml"), pair.copy().join("postmortems/pm-2.yaml")).unwrap();
    pair.is_held();
    let verify = ["finding", "assign", "PM-1/F1", "bo", "--as", "eli"];
    assert!(pair.there(&verify).exits(HELD).stderr.contains("is a copy"), "nor is anything decided");
    assert!(pair.rig.log().is_empty(), "{:?}", pair.rig.log());
    pair.rig.sync().exits(0);
    assert_eq!(creates(&pair.rig).len(), 1);
    pair.rig.quiet_sync(0);
    pair.is_held();
}

#[test]
fn a_copy_can_be_read() {
    let pair = Pair::new();
    for verb in [&["report"][..], &["finding", "list"], &["audit", "verify"], &["plan"], &["link", "list"]] {
        pair.there(verb).exits(0);
    }
    assert!(pair.rig.writes().is_empty());
}

#[test]
fn a_register_that_a_person_says_was_moved_goes_on() {
    let pair = Pair::new();
    assert!(pair.there(&["store", "moved", "--as", "gus"]).exits(6).stderr.contains("may not say where"));
    pair.is_held();
    let moved = pair.there(&["store", "moved", "--as", "eli"]).exits(0).stdout;
    assert!(moved.contains("staging"), "{moved}");
    pair.there(&["sync"]).exits(0);
    assert!(pair.rig.writes().is_empty(), "nothing has changed");
    let entry = entry(&pair, "register_moved");
    assert!(entry["actor"] == "eli" && entry["known_by"]["shell"].is_object(), "{entry}");
    pair.there(&["audit", "verify"]).exits(0);
    let again = pair.there(&["store", "moved", "--as", "eli"]).exits(0).stdout;
    assert!(again.contains("nothing to do"), "{again}");
}

/// The one entry of the copy's history with an event.
#[track_caller]
fn entry(pair: &Pair, event: &str) -> Value {
    let history = pair.there(&["audit", "show", "--limit", "1000", "--format", "json"]).exits(0).json();
    let found: Vec<&Value> =
        history.as_array().unwrap().iter().filter(|entry| entry["event"] == event).collect();
    assert_eq!(found.len(), 1, "{history}");
    found[0].clone()
}

#[test]
fn a_register_of_its_own_needs_an_instance_of_its_own() {
    let pair = Pair::new();
    let refused = pair.there(&["store", "fork", "--as", "eli"]).exits(2).stderr;
    assert!(refused.contains("give it another `instance` first"), "{refused}");
    pair.rename();
    pair.there(&["sync"]).exits(2);
    pair.there(&["store", "fork", "--as", "gus"]).exits(6);
    assert!(pair.rig.log().is_empty());
}

#[test]
fn the_register_itself_is_never_made_another_one() {
    let pair = Pair::new();
    pair.rig.edit("postmortem-sync.yaml", "instance: faults", "instance: staging");
    let refused = pair.rig.run(&["store", "fork", "--as", "eli"]).exits(2).stderr;
    assert!(refused.contains("is no copy"), "{refused}");
    pair.rig.edit("postmortem-sync.yaml", "instance: staging", "instance: faults");
    pair.rig.quiet_sync(0);
}

#[test]
fn a_copy_that_goes_its_own_way_keeps_what_was_decided_and_creates_nothing_by_itself() {
    let pair = Pair::new();
    // A finding whose create was cut off, one whose citation nobody followed yet, and one that nobody created yet.
    report(&pair.rig, GITHUB, 2, 1);
    pair.rig.fault(&serde_json::json!({"tracker": "github", "method": "POST", "path": "/issues",
        "action": "drop_before"}));
    pair.rig.sync().exits(3);
    report(&pair.rig, GITHUB, 3, 1);
    pair.rig.edit(
        "postmortems/pm-3.yaml",
        "team: payments }",
        "team: payments, tracker: [\"acme/payments#1\"] }",
    );
    report(&pair.rig, GITHUB, 4, 1);
    pair.rig.edit("postmortem-sync.yaml", "mode: full", "mode: observe");
    pair.rig.sync();
    pair.rig.edit("postmortem-sync.yaml", "mode: observe", "mode: full");
    fs::remove_dir_all(pair.copy()).unwrap();
    copy(&pair.rig.path("."), &pair.copy());
    pair.rig.forget();

    pair.rename();
    let forked = pair.there(&["store", "fork", "--as", "eli"]).exits(0).stdout;
    assert!(forked.contains("`staging`") && forked.contains(&(N_FINDINGS + 3).to_string()), "{forked}");
    assert!(pair.rig.log().is_empty(), "nothing is asked or written");
    assert_eq!(entry(&pair, "register_forked")["actor"], "eli");
    pair.there(&["audit", "verify"]).exits(0);
    for _ in 0..2 {
        let outcome = pair.there(&["sync", "--format", "json"]).exits(HELD).json();
        assert!(outcome.to_string().contains("followed by the register it was copied from"), "{outcome}");
    }
    assert!(pair.rig.writes().is_empty(), "{:?}", pair.rig.writes());
    let links = pair.there(&["link", "list", "--format", "json"]).exits(0).json();
    assert_eq!(links, serde_json::json!([]), "nor is a citation followed");
    let findings = pair.there(&["finding", "list", "--format", "json"]).exits(0).json();
    assert_eq!(findings.as_array().unwrap().len(), N_FINDINGS + 3);

    pair.there(&["link", "rebind", "PM-1/F1", "--reason", "staging follows it, too", "--as", "eli"]).exits(0);
    pair.there(&["sync"]).exits(HELD);
    assert_eq!(creates(&pair.rig).values().sum::<usize>(), 1, "{:?}", creates(&pair.rig));
    until("the original has what it lacked", || (pair.rig.sync().code == Some(0)).then_some(()));
    pair.rig.quiet_sync(0);
}

#[test]
fn a_person_who_is_cut_off_leaves_a_copy_that_is_held_or_settled() {
    for verb in ["moved", "fork"] {
        let pair = Pair::new();
        if verb == "fork" {
            pair.rename();
        }
        let arguments = ["store", verb, "--as", "eli"];
        let mut says = spawn(&pair.copy(), &arguments);
        let pid = format!("pid {} ", says.id());
        let lock = pair.copy().join("register.db.lock");
        until("it has the register", || {
            let holds = fs::read_to_string(&lock).is_ok_and(|holder| holder.starts_with(&pid));
            (holds || says.has_ended()).then_some(())
        });
        if !says.has_ended() {
            says.signal("KILL");
        }
        says.wait();
        let again = pair.there(&arguments);
        assert!(again.code == Some(0) || again.stderr.contains("give it another `instance`"), "{again:?}");
        pair.there(&["audit", "verify"]).exits(0);
        let outcome = pair.there(&["sync"]);
        assert_eq!(outcome.code, Some(if verb == "fork" { HELD } else { 0 }), "{outcome:?}");
        assert!(pair.rig.writes().is_empty());
    }
}

#[test]
fn a_backup_that_is_put_back_by_hand_goes_on() {
    let rig = stage();
    report(&rig, GITHUB, 1, N_FINDINGS);
    rig.sync().exits(0);
    rig.run(&["store", "backup", "kept.db"]).exits(0);
    report(&rig, GITHUB, 2, 1);
    rig.sync().exits(0);
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(rig.path(&format!("register.db{suffix}")));
    }
    // What is there first takes the number of the file that was removed, where the file system gives it out again.
    rig.write("first", "");
    fs::copy(rig.path("kept.db"), rig.path("register.db")).unwrap();
    rig.forget();
    rig.sync().exits(0);
    assert!(creates(&rig).is_empty(), "what was created since is found");
    rig.run(&["store", "backup", "again.db"]).exits(0);
    rig.run(&["store", "restore", "again.db"]).exits(0);
    rig.quiet_sync(0);
}

#[test]
fn a_folder_that_is_moved_goes_on() {
    let pair = Pair::new();
    pair.there(&["store", "moved", "--as", "eli"]).exits(0);
    let moved = pair.elsewhere.path().join("production");
    fs::rename(pair.copy(), &moved).unwrap();
    spawn(&moved, &["sync"]).wait().exits(0);
    // From now on it stands there: a copy in its former place is one.
    copy(&moved, &pair.copy());
    pair.is_held();
    spawn(&moved, &["sync"]).wait().exits(0);
    assert!(pair.rig.writes().is_empty());
}
