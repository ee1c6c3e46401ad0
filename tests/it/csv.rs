//! Tables in CSV: what holds whatever they hold, how many rows are read, and what a table with several write-ups does to the
//! register.

use std::{collections::BTreeMap, fs, path::Path, time::Instant};

use postmortem_sync::{
    model::{
        conventions::Conventions,
        deadline::Policy,
        finding::Finding,
        ids::{FindingKey, SourceName},
        observed::Observed,
        postmortem::{Document, Level, Postmortem},
        terms::Column,
    },
    plan::intake::{Intake, Listing, Terms, take_in},
    source::{Shelf, Source, read_bytes},
};
use proptest::prelude::*;

use crate::{
    build::{now, people},
    surroundings::cases,
};

fn document(text: &str) -> Document {
    read_bytes(&SourceName::from("here"), "table.csv", text.as_bytes(), &Conventions::default())
}

fn read(text: &str) -> Postmortem {
    let document = document(text);
    document.postmortem.known().cloned().unwrap_or_else(|| panic!("{:?}", document.diagnostics))
}

fn codes(document: &Document) -> Vec<&str> {
    document.diagnostics.iter().map(|noted| noted.code.as_str()).collect()
}

/// A cell in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A table like a public catalogue of vulnerabilities, of which every hundredth is due before it was added.
fn catalogue(n_rows: usize) -> String {
    let rows = (1..=n_rows).map(|n| {
        let added = if n % 100 == 0 { "2026-03-01" } else { "2026-01-05" };
        let about = "A flaw, in \"quotes\" and — with dashes — long enough to be told. ".repeat(5);
        format!(
            "CVE-2026-{n},Vendor,Product {n},Flaw {n},{added},{},Apply updates.,2026-01-26,{}\n",
            quoted(&about),
            quoted("https://a.example/1 ; https://b.example/2")
        )
    });
    format!(
        "cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,notes\n{}",
        rows.collect::<String>()
    )
}

#[test]
fn a_catalogue_of_vulnerabilities_is_read_quickly_and_warned_about_where_dates_are_out_of_order() {
    let text = catalogue(1404);
    let began = Instant::now();
    let document = document(&text);
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    let post = document.postmortem.known().unwrap();
    assert_eq!(
        (post.findings.len(), post.findings.iter().filter(|finding| finding.due.is_some()).count()),
        (1404, 1404)
    );
    let last = post.findings.last().unwrap();
    assert_eq!(
        (last.id.as_deref(), last.title.as_str(), last.line),
        (Some("CVE-2026-1404"), "Flaw 1404", 1405)
    );
    assert!(last.description.as_ref().unwrap().contains("Apply updates."));
    assert_eq!(document.diagnostics.iter().filter(|noted| noted.code == "dates_out_of_order").count(), 14);
}

#[test]
fn a_table_with_too_many_rows_or_columns_or_too_long_a_cell_is_refused() {
    let rows = format!("Action\n{}", "Rotate\n".repeat(10_001));
    let columns = format!("Action{}\n", ",a".repeat(200));
    let cell = format!("Action\n{}\n", "a".repeat(65 * 1024));
    for (text, code) in [(rows, "too_many_rows"), (columns, "too_many_columns"), (cell, "invalid_csv")] {
        let document = document(&text);
        assert!(matches!(document.postmortem, Observed::Unknown { .. }), "{code}");
        assert_eq!(codes(&document), [code]);
    }
}

#[test]
fn a_table_full_of_errors_tells_twenty_of_them() {
    let document = document(&format!("Action,Owner\n{}", "Rotate\n".repeat(1000)));
    assert_eq!(codes(&document), ["ragged_row"; 20]);
}

#[test]
fn a_source_says_what_its_columns_hold() {
    let columns = [("Was tun", Column::Title), ("Wer macht's", Column::Owner), ("Action", Column::Ignore)];
    let columns = columns.map(|(header, column)| (header.to_owned(), column)).into_iter().collect();
    let conventions = Conventions { columns, ..Conventions::default() };
    let text = "Action,Was tun,wer macht's\nno,Rotate,ann\n";
    let document = read_bytes(&SourceName::from("here"), "a.csv", text.as_bytes(), &conventions);
    assert_eq!(codes(&document), Vec::<&str>::new());
    let post = document.postmortem.known().unwrap();
    assert_eq!((post.findings[0].title.as_str(), post.findings[0].owner.as_deref()), ("Rotate", Some("ann")));
}

#[test]
fn line_endings_and_marks_of_byte_order_change_nothing() {
    let text = include_str!("../data/formats/columns.csv");
    assert_eq!(read(&format!("\u{FEFF}{}", text.replace('\n', "\r\n"))), read(text));
    let utf16: Vec<u8> = format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let document = read_bytes(&SourceName::from("here"), "table.csv", &utf16, &Conventions::default());
    assert_eq!(document.postmortem.known(), Some(&read(text)));
}

type Register = BTreeMap<FindingKey, Finding>;

/// Takes in the tables of a folder.
fn taken_in(root: &Path, register: &Register) -> Intake {
    let source = Source {
        name: SourceName::from("tables"),
        root: root.to_owned(),
        files: vec!["*.csv".to_owned()],
        max_bytes: 1000,
        conventions: Conventions::default(),
    };
    let listing =
        Listing { source: source.name.clone(), team: None, documents: source.read(&mut Shelf::default()) };
    take_in(Terms { people: &people(), policy: &Policy::review_default(), now: now() }, register, &[listing])
}

#[test]
fn each_write_up_of_a_table_keeps_its_findings_when_rows_move_and_when_the_table_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let write =
        |rows: &str| fs::write(folder.path().join("all.csv"), format!("Postmortem,Action\n{rows}")).unwrap();
    write("PM-1,Rotate all keys\nPM-2,Expire old tokens\n,Train everybody\nPM-1,Mask secrets in logs\n");
    let first = taken_in(folder.path(), &Register::new());
    let keys: Vec<&str> = first.findings.keys().map(FindingKey::as_str).collect();
    assert_eq!(keys, ["PM-1/F1", "PM-1/F2", "PM-2/F1", "all/F1"]);
    write(",Train everybody\nPM-1,Mask secrets in logs\nPM-2,Expire old tokens\nPM-1,Rotate all keys\n");
    let moved = taken_in(folder.path(), &first.findings);
    let title = |key: &str| moved.findings[&FindingKey::from(key)].stated.words_inside().title.clone();
    assert_eq!(
        (title("PM-1/F1"), title("PM-2/F1")),
        ("Rotate all keys".to_owned(), "Expire old tokens".to_owned())
    );
    assert_eq!(moved.findings.len(), 4);
    write("PM-1,\"Rotate all keys\n");
    let broken = taken_in(folder.path(), &moved.findings);
    assert_eq!(broken.unreadable.len(), 4, "{:?}", broken.unreadable);
    assert!(broken.findings.values().all(|finding| !finding.source_missing));
    write("PM-1,Rotate all keys\nPM-2,Expire old tokens\n,Train everybody\n");
    let gone = taken_in(folder.path(), &moved.findings);
    let missing: Vec<&str> = gone
        .findings
        .values()
        .filter(|finding| finding.source_missing)
        .map(|finding| finding.key.as_str())
        .collect();
    assert_eq!(missing, ["PM-1/F2"]);
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn quoted_cells_are_read_as_they_were_written(titles in prop::collection::vec("Mend [a-z,;\"\n\t é]{0,30}[a-z]", 1..6)) {
        let rows: String = titles.iter().map(|title| format!("{},x\n", quoted(title))).collect();
        let post = read(&format!("Action,Ref no one knows\n{rows}"));
        let written = |title: &String| title.split_once('\n').map_or(title.clone(), |(first, _)| first.to_owned());
        let squeezed = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let expected: Vec<String> = titles.iter().map(written).map(squeezed).collect();
        let read: Vec<String> = post.findings.iter().map(|finding| finding.title.clone()).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn shuffled_rows_give_the_same_findings(order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle()) {
        let row = |n: usize| format!("F{n},Do thing number {n},2026-03-0{}\n", n + 1);
        let table = |order: &[usize]| format!("ID,Action,Due\n{}", order.iter().map(|n| row(*n)).collect::<String>());
        let sorted = |text: &str| {
            let mut findings = read(text).findings;
            findings.sort_by(|a, b| a.id.cmp(&b.id));
            findings.iter_mut().for_each(|finding| finding.line = 0);
            findings
        };
        prop_assert_eq!(sorted(&table(&order)), sorted(&table(&[0, 1, 2, 3, 4, 5, 6, 7])));
    }

    #[test]
    fn no_bytes_panic_a_reader_and_what_is_refused_says_why(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[a-c,;\t\n\" ActionDue:=\\[\\]{}'#+-]{0,200}".prop_map(String::into_bytes),
        ],
        name in prop::sample::select(vec!["a.csv", "a.tsv", "a.toml", "a.json", "a.yaml", "a.md", "a"]),
    ) {
        let document = read_bytes(&SourceName::from("here"), name, &bytes, &Conventions::default());
        let errors = document.diagnostics.iter().filter(|noted| noted.level == Level::Error).count();
        prop_assert_eq!(document.postmortem.known().is_some(), errors == 0);
    }
}
