//! One small write-up for each rule and language, with what it says written out beside it.

use std::{collections::BTreeMap, fs, path::Path};

use postmortem_sync::{
    model::{conventions::Conventions, ids::SourceName, postmortem::Document},
    source::{read_bytes, scan::Scan},
};
use serde_json::Value;

/// Columns of an expected row after its rule: line, what, title or text, owner, due, claimed, references.
type Row = Vec<String>;

/// Rules that every language has a write-up for.
const RULES: [&str; 9] =
    ["aside", "checkboxes", "fields", "label", "list", "none", "phases", "prose", "table"];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/writeups")
}

/// The rows of a language, by rule.
fn expected(language: &Path) -> BTreeMap<String, Vec<Row>> {
    let mut rules: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let text = fs::read_to_string(language.join("expected.tsv")).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (rule, row) = line.split_once('\t').unwrap();
        rules.entry(rule.to_owned()).or_default().push(row.split('\t').map(str::to_owned).collect());
    }
    rules
}

fn read(path: &Path) -> Document {
    let bytes = fs::read(path).unwrap();
    read_bytes(&SourceName::from("here"), path.to_str().unwrap(), &bytes, &Conventions::default())
}

/// What was read, in the same columns.
fn found(document: &Document) -> Vec<Row> {
    let scan = serde_json::to_value(Scan::of(document)).unwrap();
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(|one| one.as_str().unwrap()).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    let row = |value: &Value, what: &str, names: [&str; 5]| -> Row {
        let mut row = vec![text(&value["line"]), what.to_owned()];
        row.extend(names.map(|name| text(&value[name])));
        row
    };
    let list = |name: &str| scan[name].as_array().unwrap().clone();
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(
        list("findings")
            .iter()
            .map(|one| row(one, "finding", ["title", "owner", "due", "claimed", "trackers"])),
    );
    rows.extend(list("candidates").iter().map(|one| row(one, "candidate", ["text", "", "", "", ""])));
    let nones = list("diagnostics").into_iter().filter(|one| one["code"] == "explicit_none");
    rows.extend(nones.map(|one| row(&one, "none", [""; 5])));
    rows
}

#[test]
fn every_rule_is_read_in_every_language() {
    let mut languages = 0;
    for language in fs::read_dir(folder()).unwrap() {
        let language = language.unwrap().path();
        let expected = expected(&language);
        assert_eq!(expected.keys().map(String::as_str).collect::<Vec<_>>(), RULES, "{}", language.display());
        for (rule, rows) in expected {
            let document = read(&language.join(format!("{rule}.md")));
            assert_eq!(found(&document), rows, "{} {rule}: {:?}", language.display(), document.diagnostics);
        }
        languages += 1;
    }
    assert_eq!(languages, 7);
}

#[test]
fn a_day_is_read_where_its_month_is_a_word_and_never_guessed() {
    for (text, due) in [
        ("31 December 2026", Some("2026-12-31")),
        ("Dec 31, 2026", Some("2026-12-31")),
        ("December 31st, 2026", Some("2026-12-31")),
        ("1er août 2026", Some("2026-08-01")),
        ("2 de febrero de 2027", Some("2027-02-02")),
        ("3. März 2027", Some("2027-03-03")),
        ("2026年12月31日", Some("2026-12-31")),
        ("31-Dec-2026", Some("2026-12-31")),
        ("December 2026", None),
        ("31 December", None),
        ("31 February 2027", None),
        ("31 December 26", None),
        ("1 2 December 2026", None),
        ("May 2 June 2026", None),
        ("31 December 2026 or later", None),
        ("03/04/2026", None),
    ] {
        let document = format!(
            "# T\n\n## Action items\n\n| Action | Due |\n|---|---|\n| Rotate the signing keys | {text} |\n"
        );
        let read =
            read_bytes(&SourceName::from("here"), "a.md", document.as_bytes(), &Conventions::default());
        let finding = &read.postmortem.known().unwrap().findings[0];
        assert_eq!(finding.due.map(|due| due.to_string()).as_deref(), due, "{text}");
        let is_told =
            read.diagnostics.iter().any(|one| matches!(one.code.as_str(), "ambiguous_date" | "no_date"));
        assert_eq!(is_told, due.is_none(), "{text}");
    }
}
