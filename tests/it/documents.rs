//! What the register keeps of documents: a row for each write-up, written when something about it changed and never else.

use std::{collections::BTreeMap, fs};

use chrono::TimeDelta;
use postmortem_sync::{
    app::{Documents, SystemClock},
    cycle::ports::Library as _,
    model::{
        clock::Clock as _,
        document::{DocumentKey, DocumentRecord},
        observed::Observed,
        postmortem::Document,
        register::Register,
        terms::Tlp,
    },
    plan::intake::{
        Listing,
        documents::{Records, changes},
    },
    settings::{Settings, secret::Environment},
    store::file,
};
use serde_json::{Value, json};

use super::{
    build,
    intake_rules::{document, item, read, with},
    rig::Rig,
    trouble::{GITHUB, register, report, shell, stage},
};

/// The register of the release whose schema was 0010, as text.
const SCHEMA_0010: &str = include_str!("../data/registers/0010.sql");

const TABLE: &str = "\
Postmortem,Action
PM-7,Rotate all keys
PM-8,Expire old tokens
PM-8,Mask secrets in logs
";

const NOTES: &str = "\
---
id: PM-9
date: 2026-11-20
team: payments
tlp: GREEN
---
# Tokens in logs

## Action items

- Mask the secrets in every build log
- Rotate the signing key of the gateway each quarter
";

/// A strict document of two findings, a table of two write-ups, a Markdown write-up and a broken file.
fn written() -> Rig {
    let rig = stage();
    rig.edit("postmortem-sync.yaml", "files: [\"postmortems/*\"]", "files: [\"postmortems/**/*\"]");
    report(&rig, GITHUB, 1, 2);
    rig.write("postmortems/all.csv", TABLE);
    rig.write("postmortems/pm-9.md", NOTES);
    rig.write("postmortems/broken.yaml", "format: [");
    rig.sync();
    rig
}

fn shown(rig: &Rig) -> Vec<Value> {
    rig.json(&["intake", "documents"]).as_array().unwrap().clone()
}

/// The one row of a document.
#[track_caller]
fn row(rig: &Rig, path: &str, id: Value) -> Value {
    let shown = shown(rig);
    let mut rows = shown.iter().filter(|row| row["path"] == path && row["id"] == id);
    let found = rows.next().unwrap_or_else(|| panic!("{path} {id} is not among {shown:?}")).clone();
    assert_eq!(rows.next(), None);
    found
}

fn part(row: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| row[*name].clone()).collect()
}

const CAME_TO: &[&str] = &["class", "coverage", "findings", "candidates", "taken_in", "gone"];

/// From now on, whoever writes to the table fails.
fn seal(rig: &Rig) {
    for what in ["INSERT", "UPDATE", "DELETE"] {
        shell(
            rig,
            &format!(
                "CREATE TRIGGER no_{what} BEFORE {what} ON document BEGIN SELECT RAISE(ABORT, 'written'); END"
            ),
        );
    }
}

#[test]
fn every_write_up_of_every_file_has_a_row_and_a_quiet_cycle_writes_none() {
    let rig = written();
    let ids: Vec<Value> =
        shown(&rig).iter().map(|row| json!([row["path"], row["id"], row["coverage"]])).collect();
    let expected = [
        json!(["postmortems/all.csv", "PM-7", "findings"]),
        json!(["postmortems/all.csv", "PM-8", "findings"]),
        json!(["postmortems/broken.yaml", null, "unreadable"]),
        json!(["postmortems/pm-1.yaml", "PM-1", "findings"]),
        json!(["postmortems/pm-9.md", "PM-9", "findings"]),
    ];
    assert_eq!(ids, expected);
    let strict = row(&rig, "postmortems/pm-1.yaml", json!("PM-1"));
    assert_eq!(
        part(&strict, CAME_TO),
        [json!("AMBER"), json!("findings"), json!(2), json!(0), json!(true), Value::Null]
    );
    let meta = fs::metadata(rig.path("postmortems/pm-1.yaml")).unwrap();
    let before = register(&rig).documents;
    let kept = before.values().find(|record| record.key.path.ends_with("pm-1.yaml")).unwrap();
    let stat = kept.same.stat.unwrap();
    assert_eq!((stat.size, kept.same.digest.len()), (meta.len(), 64));
    assert!(stat.inode > 0 && stat.modified_ns > 1_500_000_000_000_000_000, "{stat:?}");

    seal(&rig);
    rig.sync();
    assert_eq!(register(&rig).documents, before);
    let text = rig.run(&["intake", "documents"]).exits(0).stdout;
    assert!(text.starts_with("5 documents\n") && text.contains("TLP:AMBER"), "{text}");
    assert!(!text.contains("Rotate") && !text.contains("Tokens"), "no words of a document: {text}");
}

#[test]
fn a_write_to_the_table_would_be_noticed() {
    let rig = written();
    seal(&rig);
    rig.edit("postmortems/pm-9.md", "Mask the", "Mask all");
    assert!(rig.sync().stderr.contains("written"));
}

#[test]
fn what_is_edited_renamed_and_removed_shows_in_its_row() {
    let rig = written();
    let before = row(&rig, "postmortems/pm-9.md", json!("PM-9"));
    rig.write("postmortems/pm-9.md", &format!("{NOTES}- Train everybody who is on call\n"));
    rig.sync();
    let edited = row(&rig, "postmortems/pm-9.md", json!("PM-9"));
    assert_eq!((&edited["findings"], &edited["since"]), (&json!(3), &before["since"]));
    assert_ne!((&edited["digest"], &edited["changed"]), (&before["digest"], &before["changed"]));

    let from = rig.path("postmortems/pm-9.md");
    fs::create_dir_all(rig.path("postmortems/2026")).unwrap();
    fs::rename(from, rig.path("postmortems/2026/tokens.md")).unwrap();
    rig.sync();
    let moved = row(&rig, "postmortems/2026/tokens.md", json!("PM-9"));
    assert_eq!((&moved["since"], &moved["digest"]), (&edited["since"], &edited["digest"]));
    assert_eq!(shown(&rig).len(), 5, "the row went with it");

    fs::remove_file(rig.path("postmortems/2026/tokens.md")).unwrap();
    rig.sync();
    let gone = row(&rig, "postmortems/2026/tokens.md", json!("PM-9"));
    assert!(gone["gone"].is_string() && gone["taken_in"] == false, "{gone}");
    assert_eq!((&gone["class"], &gone["findings"]), (&json!("GREEN"), &json!(3)), "as it was last read");
    rig.sync();
    assert_eq!(row(&rig, "postmortems/2026/tokens.md", json!("PM-9")), gone);
    let text = rig.run(&["intake", "documents"]).exits(0).stdout;
    assert!(text.starts_with("5 documents, 1 of them gone\n"), "{text}");

    rig.write("postmortems/pm-9.md", NOTES);
    rig.sync();
    let back = row(&rig, "postmortems/pm-9.md", json!("PM-9"));
    assert_eq!((&back["gone"], &back["since"]), (&Value::Null, &before["since"]));
    assert_eq!(shown(&rig).len(), 5);
}

#[test]
fn a_touched_file_has_another_time_and_did_not_change() {
    let rig = written();
    let before = register(&rig).documents;
    rig.write("postmortems/pm-9.md", NOTES);
    rig.sync();
    let after = register(&rig).documents;
    let of = |records: &Records| {
        records.values().find(|record| record.key.path.ends_with("pm-9.md")).unwrap().clone()
    };
    let (before, after) = (of(&before), of(&after));
    assert_ne!(before.same.stat, after.same.stat);
    assert_eq!((before.same.digest, before.state), (after.same.digest, after.state));
}

#[test]
fn a_table_that_breaks_is_unreadable_in_each_of_its_write_ups_and_one_that_it_drops_is_gone() {
    let rig = written();
    rig.write("postmortems/all.csv", "Postmortem,Action\nPM-7,\"Rotate\n");
    rig.sync();
    for id in ["PM-7", "PM-8"] {
        let row = row(&rig, "postmortems/all.csv", json!(id));
        assert_eq!(
            part(&row, CAME_TO),
            [json!("AMBER"), json!("unreadable"), json!(0), json!(0), json!(false), Value::Null]
        );
    }
    rig.write("postmortems/all.csv", "Postmortem,Action\nPM-7,Rotate all keys\n");
    rig.sync();
    assert_eq!(row(&rig, "postmortems/all.csv", json!("PM-7"))["coverage"], "findings");
    assert!(row(&rig, "postmortems/all.csv", json!("PM-8"))["gone"].is_string());
    rig.write("postmortems/broken.yaml", &rig.read("postmortems/pm-1.yaml").replace("PM-1", "PM-4"));
    rig.sync();
    assert_eq!(row(&rig, "postmortems/broken.yaml", json!("PM-4"))["coverage"], "findings");
    assert_eq!(shown(&rig).len(), 5, "the row without a write-up became this one");
}

#[test]
fn a_folder_that_is_away_keeps_its_rows() {
    let rig = written();
    let before = shown(&rig);
    fs::rename(rig.path("postmortems"), rig.path("away")).unwrap();
    rig.sync();
    assert_eq!(shown(&rig), before);
}

#[test]
fn a_class_that_became_laxer_is_kept_until_a_reviewer_agrees() {
    let rig = written();
    rig.edit("postmortems/pm-9.md", "tlp: GREEN", "tlp: CLEAR");
    rig.sync();
    let kept = row(&rig, "postmortems/pm-9.md", json!("PM-9"));
    assert_eq!((&kept["class"], &kept["laxer"]), (&json!("GREEN"), &json!("CLEAR")));
    let text = rig.run(&["intake", "documents"]).exits(0).stdout;
    assert!(text.contains("says CLEAR"), "{text}");
    rig.run(&["intake", "approve", "PM-9", "--as", "eli"]).exits(0);
    rig.sync();
    let agreed = row(&rig, "postmortems/pm-9.md", json!("PM-9"));
    assert_eq!((&agreed["class"], &agreed["laxer"]), (&json!("CLEAR"), &Value::Null));
}

#[test]
fn a_register_of_the_release_before_fills_the_table_in_its_next_cycle() {
    let rig = Rig::start();
    rig.write("postmortem-sync.yaml", OBSERVING);
    rig.write("people.yaml", "eli: { name: Eli, reviewer: true }\n");
    file::prepare(&rig.path("register.db")).unwrap();
    shell(&rig, SCHEMA_0010);
    report(&rig, GITHUB, 5, 2);
    assert_eq!(shown(&rig), Vec::<Value>::new());
    rig.sync();
    assert_eq!(row(&rig, "postmortems/pm-5.yaml", json!("PM-5"))["findings"], 2);
    assert_eq!(rig.run(&["audit", "verify"]).exits(0).code, Some(0));
}

const OBSERVING: &str = "\
instance: acme-security
store: sqlite:register.db
mode: observe
schedule: { timezone: UTC }
listen: null
sources: [{ name: postmortems, files: [\"postmortems/*\"] }]
trackers: []
rules: []
people: people.yaml
";

/// What intake makes of the rows that are known.
fn next(known: &Records, documents: Vec<Document>, days: i64) -> Records {
    let intake = read(&BTreeMap::new(), documents.clone());
    let listing = Listing { source: "postmortems".into(), team: None, documents: Observed::Known(documents) };
    let now = build::now() + TimeDelta::days(days);
    let changes = changes(now, known, (&[listing], false), &intake);
    let mut after = known.clone();
    after.retain(|key, _| !changes.forgotten.contains(key));
    after.extend(changes.put.into_iter().map(|record| (record.key.clone(), record)));
    after
}

fn of<'a>(records: &'a Records, id: &str) -> Option<&'a DocumentRecord> {
    let named = |key: &DocumentKey| key.id.as_ref().is_some_and(|known| known.as_str() == id);
    records.values().find(|record| named(&record.key))
}

#[test]
fn a_document_that_is_gone_and_left_no_finding_is_forgotten_after_a_season() {
    let both = vec![document("PM-1", &[item("Rotate")]), document("PM-2", &[])];
    let known = next(&Records::new(), both, 0);
    let one = vec![document("PM-1", &[item("Rotate")])];
    let gone = next(&known, one.clone(), 1);
    assert!(of(&gone, "PM-2").unwrap().state.gone.is_some());
    assert_eq!(next(&gone, one.clone(), 90), gone, "nothing is written meanwhile");
    assert_eq!(of(&next(&gone, one, 92), "PM-2"), None);
}

#[test]
fn two_documents_that_share_an_id_have_a_row_each_and_are_not_taken_in() {
    let twin = Document { path: "postmortems/copy.md".to_owned(), ..document("PM-1", &[item("Rotate")]) };
    let rows = next(&Records::new(), vec![document("PM-1", &[item("Rotate")]), twin.clone()], 0);
    assert_eq!(rows.len(), 2);
    assert!(rows.values().all(|record| !record.state.taken_in));
    let again = next(&rows, vec![document("PM-1", &[item("Rotate")]), twin], 1);
    assert_eq!(again, rows);
}

#[test]
fn a_document_without_findings_has_the_class_that_it_says() {
    let red = with(document("PM-1", &[]), |postmortem| postmortem.tlp = Tlp::Red);
    let rows = next(&Records::new(), vec![red], 0);
    assert_eq!(of(&rows, "PM-1").unwrap().state.class, Some(Tlp::Red));
}

#[test]
fn a_row_says_how_much_of_its_document_was_read() {
    let rig = written();
    let counts = |rig: &Rig| {
        let row = row(rig, "postmortems/pm-9.md", json!("PM-9"));
        part(&row, &["items", "findings", "candidates", "set_aside"])
    };
    assert_eq!(counts(&rig), [2, 2, 0, 0].map(Value::from));
    let odds =
        format!("{NOTES}\n## Odds\n\n- the tool is slow\n- [ ] ask for more machines\n  - and discs\n");
    rig.write("postmortems/pm-9.md", &odds);
    rig.sync();
    assert_eq!(counts(&rig), [5, 2, 1, 1].map(Value::from));
    let text = rig.run(&["intake", "documents"]).exits(0).stdout;
    assert!(text.contains("1 of 5 items set aside"), "{text}");
}

/// Whether documents are still what the register knows, long after they were written.
fn is_still(rig: &Rig) -> bool {
    let settings = Settings::load(&rig.path("postmortem-sync.yaml"), Environment::new(|_| None)).unwrap();
    let documents = Documents::new(settings.sources.clone(), BTreeMap::new());
    let later = SystemClock.now() + TimeDelta::hours(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let altered = runtime.block_on(documents.altered(&register(rig).documents, later));
    altered.is_some_and(|altered| altered.is_empty() && altered.same.is_empty())
}

#[test]
fn a_folder_that_is_deployed_anew_and_says_the_same_is_known_after_one_cycle() {
    let rig = written();
    let before = register(&rig);
    for key in before.documents.keys() {
        let text = fs::read_to_string(rig.path(&key.path)).unwrap();
        fs::remove_file(rig.path(&key.path)).unwrap();
        rig.write(&key.path, &text);
    }
    assert!(!is_still(&rig), "the file system tells of other files");
    rig.sync();
    assert!(is_still(&rig));
    let after = register(&rig);
    let states = |register: &Register| -> Vec<_> {
        register.documents.values().map(|record| (record.key.clone(), record.state.clone())).collect()
    };
    assert_eq!(states(&after), states(&before), "nothing about them changed");
}

#[test]
fn documents_are_still_what_they_were_also_one_that_was_never_understood() {
    let rig = written();
    assert!(is_still(&rig));
    rig.write("postmortems/broken.yaml", "format: {");
    assert!(!is_still(&rig), "it may be understood now");
    rig.sync();
    assert!(is_still(&rig));
    rig.write("postmortems/pm-9.md", "---\nid: [\n---\n");
    assert!(!is_still(&rig));
    rig.sync();
    assert!(!is_still(&rig), "what was understood before has findings of which nobody knows what it says");
}
