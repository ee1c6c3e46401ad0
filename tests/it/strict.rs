//! The strict format: read, refused with a place, and the same accept or refuse as the shared schema.

use std::fs;

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        observed::Observed,
        postmortem::{Document, Level, Postmortem, TrackerRef},
        terms::{Claimed, Class, Kind, Route, Severity, Tlp},
    },
    source::{read_bytes, strict},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{build::date, surroundings::shared};

const DOCUMENT: &str = "\
format: postmortem/1
id: PM-2026-004
title: Cloud token leaked in a public branch
published: 2026-02-02
reviewers: [security-review]
incident:
  id: INC-1182
  severity: high
  detected: 2026-01-20T15:35:00+00:00
causes:
  - { id: C1, title: Plan files are not ignored by git }
findings:
  - id: F1
    title: Ignore plan files
    class: technical_lapse
    kind: prevent
    causes: [C1]
    owner: \"@octo-engineer\"
    team: platform
    tracker: [acme/infra#412, \"https://github.com/acme/infra/pull/7\", OPS-12]
    initial_status: done_claimed
  - id: F2
    title: Write a runbook
    class: procedural_failure
    route: process
    due: 2026-03-04
";

fn document(name: &str, text: &str) -> Document {
    read_bytes(&SourceName::from("here"), name, text.as_bytes(), &Conventions::default())
}

fn read(text: &str) -> Postmortem {
    let document = document("a.yaml", text);
    document.postmortem.known().cloned().unwrap_or_else(|| panic!("{:?}", document.diagnostics))
}

/// The only error of a document: code, line, column, message.
fn error(text: &str) -> (String, usize, usize, String) {
    let document = document("a.yaml", text);
    assert!(matches!(document.postmortem, Observed::Unknown { .. }));
    let [noted] = document.diagnostics.as_slice() else { panic!("{:#?}", document.diagnostics) };
    assert_eq!((noted.level, noted.path.as_str()), (Level::Error, "a.yaml"));
    (
        noted.code.clone(),
        noted.line,
        noted.column,
        format!("{} {}", noted.message, noted.help.as_deref().unwrap_or("")),
    )
}

#[test]
fn a_document_becomes_a_postmortem() {
    let post = read(DOCUMENT);
    assert_eq!((post.id.as_str(), post.tlp, post.draft), ("PM-2026-004", Tlp::Amber, false));
    assert_eq!((post.severity, post.incident.as_deref()), (Some(Severity::High), Some("INC-1182")));
    assert_eq!(post.published.unwrap().date, date("2026-02-02"));
    let [first, second] = post.findings.as_slice() else { panic!() };
    assert_eq!((first.id.as_deref(), first.line, first.class), (Some("F1"), 13, Some(Class::TechnicalLapse)));
    assert_eq!(
        (first.kind, first.claimed, first.owner.as_deref()),
        (Some(Kind::Prevent), Claimed::Done, Some("@octo-engineer"))
    );
    let repository = "acme/infra".to_owned();
    let expected = [
        TrackerRef::Github { host: None, repository: repository.clone(), number: 412 },
        TrackerRef::PullRequest { host: Some("github.com".to_owned()), repository, number: 7 },
        TrackerRef::Jira { host: None, key: "OPS-12".to_owned() },
    ];
    assert_eq!(first.trackers, expected);
    assert_eq!((second.route, second.due), (Some(Route::Process), Some(date("2026-03-04"))));
}

#[test]
fn json_and_yaml_are_the_same_document() {
    let value = postmortem_sync::model::tree::Tree::parse(DOCUMENT).unwrap().value;
    let json = serde_json::to_string_pretty(&value).unwrap();
    let (yaml, json) = (read(DOCUMENT), document("a.json", &json).postmortem.known().cloned().unwrap());
    assert_eq!(without_lines(yaml), without_lines(json));
}

fn without_lines(mut post: Postmortem) -> Postmortem {
    post.findings.iter_mut().for_each(|finding| finding.line = 0);
    post.fates.clear();
    post
}

#[test]
fn toml_and_yaml_are_the_same_document() {
    let text = include_str!("../data/formats/whole.toml");
    let toml = document("a.toml", text).postmortem.known().cloned().unwrap();
    let described = "title: Write a runbook\n    description: \"One page.\\n\\nWho does what.\"";
    let yaml = read(&DOCUMENT.replace("title: Write a runbook", described));
    assert_eq!(without_lines(toml), without_lines(yaml));
}

#[test]
fn line_endings_and_marks_of_byte_order_change_nothing() {
    assert_eq!(read(&format!("\u{FEFF}{}", DOCUMENT.replace('\n', "\r\n"))), read(DOCUMENT));
}

#[test]
fn what_is_not_final_is_a_draft() {
    for (status, draft) in [("draft", true), ("in_review", true), ("withdrawn", true), ("published", false)] {
        assert_eq!(
            read(&DOCUMENT.replace("published: 2026-02-02", &format!("status: {status}"))).draft,
            draft
        );
    }
}

#[test]
fn an_unknown_key_is_refused_where_it_stands_with_the_one_that_was_meant() {
    let (_, line, column, message) = error(&DOCUMENT.replace("    kind: prevent", "    knid: prevent"));
    assert_eq!((line, column), (16, 5));
    assert!(message.contains("knid") && message.contains("`kind`"), "{message}");
}

#[test]
fn an_id_used_twice_is_refused() {
    let (code, line, _, message) = error(&DOCUMENT.replace("id: F2", "id: F1"));
    assert_eq!((code.as_str(), line), ("duplicate_id", 22));
    assert!(message.contains("line 13"), "{message}");
}

#[test]
fn a_cause_nobody_defined_is_refused() {
    let (code, line, ..) = error(&DOCUMENT.replace("causes: [C1]", "causes: [C2]"));
    assert_eq!((code.as_str(), line), ("unknown_cause", 17));
}

#[test]
fn a_day_that_does_not_exist_is_refused() {
    for (from, to) in
        [("2026-03-04", "2026-02-30"), ("2026-02-02", "2026-02-31"), ("2026-01-20T", "2025-02-29T")]
    {
        assert_eq!(error(&DOCUMENT.replace(from, to)).0, "impossible_date", "{to}");
    }
}

#[test]
fn a_local_time_is_refused() {
    assert_eq!(error(&DOCUMENT.replace("15:35:00+00:00", "15:35:00")).0, "invalid_document");
}

#[test]
fn other_structured_files_are_refused_by_name() {
    for (name, text) in [
        ("a.json", "{\"plan-of-action-and-milestones\": {}}"),
        ("a.yaml", "format: postmortem/2\n"),
        ("a.xml", "<a/>"),
        ("a.docx", "a"),
        ("a.yml", "- 1\n"),
    ] {
        let read = document(name, text);
        assert!(matches!(read.postmortem, Observed::Unknown { .. }), "{name}");
        assert!(
            ["unsupported_format", "invalid_document"].contains(&read.diagnostics[0].code.as_str()),
            "{name}: {:?}",
            read.diagnostics
        );
    }
}

#[test]
fn the_shared_example_is_read() {
    let Some(folder) = shared("schema") else { return };
    let text = fs::read_to_string(folder.join("example.yaml")).unwrap();
    assert_eq!(read(&text).findings.len(), 2);
}

/// A document that uses every key.
fn full() -> Value {
    let mut value = postmortem_sync::model::tree::Tree::parse(DOCUMENT).unwrap().value;
    let more =
        json!({ "url": "https://a.example/x", "tlp": "GREEN", "status": "published", "authors": ["ann"] });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let incident = json!({ "began": "2026-01-20", "declared": "2026-01-20T15:35Z", "resolved": "2026-01-21", "actors": ["a"], "summary": "s",
        "response_execution": "r", "takeaways": ["t"], "timeline": [{ "at": "2026-01-20", "event": "e", "actor": "b" }] });
    value["incident"].as_object_mut().unwrap().extend(incident.as_object().unwrap().clone());
    value["causes"][0]["description"] = json!("d");
    let finding = json!({ "description": "d", "severity": "low", "priority": "P1", "evaluation_criteria": "c", "target": "t", "labels": ["l"],
        "replaces": ["PM-1/F1"], "sop": ["https://a.example/sop"], "due": "2026-03-04", "route": "cross_org" });
    value["findings"][0].as_object_mut().unwrap().extend(finding.as_object().unwrap().clone());
    value
}

/// JSON pointers of every value.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, inner)| pointers(inner, &format!("{at}/{key}"), all))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, inner)| pointers(inner, &format!("{at}/{n}"), all))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Values to put in the place of others.
fn others() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(7),
        json!(1.5),
        json!([]),
        json!({}),
        json!([null]),
        json!([{}]),
        json!(""),
        json!("x"),
        json!("a\nb"),
        json!("A".repeat(65)),
        json!("é".repeat(201)),
        json!("z".repeat(501)),
        json!("z".repeat(4001)),
        json!("z".repeat(20001)),
        json!("-a"),
        json!("high"),
        json!("HIGH"),
        json!("critical"),
        json!("AMBER+STRICT"),
        json!("P4"),
        json!("P5"),
        json!("open"),
        json!("in_progress"),
        json!("2026-01-02"),
        json!("2026-1-2"),
        json!("2026-13-01"),
        json!("2026-01-02T10:00"),
        json!("2026-01-02T10:00:00.5+01:00"),
        json!("2026-01-02 10:00z"),
        json!("２026-01-02"),
        json!("https://a.example"),
        json!("ftp://a.example"),
        json!("https://a b"),
        json!("acme/x#1"),
        json!("acme/x#0"),
        json!("#1"),
        json!("OPS-1"),
        json!("ops-1"),
        json!(["a", "b"]),
        json!(["a", 1]),
        json!("postmortem/1"),
        json!("postmortem/2"),
        json!("mitigate"),
        json!("cross_org"),
        json!("manual_error"),
        json!("in_review"),
    ]
}

/// Every mutation of the full document: each value removed, renamed, retyped, lengthened, or given another word.
fn mutations() -> Vec<(String, Value)> {
    let full = full();
    let mut all = Vec::new();
    pointers(&full, "", &mut all);
    let mut mutated = Vec::new();
    for pointer in &all {
        for (n, other) in others().iter().enumerate() {
            let mut value = full.clone();
            *value.pointer_mut(pointer).unwrap() = other.clone();
            mutated.push((format!("{pointer} = other {n}"), value));
        }
        let Some((parent, key)) = pointer.rsplit_once('/') else { continue };
        let mut removed = full.clone();
        let mut renamed = full.clone();
        let (Some(Value::Object(less)), Some(Value::Object(other))) =
            (removed.pointer_mut(parent), renamed.pointer_mut(parent))
        else {
            continue;
        };
        let inner = less.remove(key).unwrap();
        other.remove(key);
        other.insert(format!("{key}x"), inner);
        mutated.push((format!("{pointer} removed"), removed));
        mutated.push((format!("{pointer} renamed"), renamed));
    }
    mutated
}

#[test]
fn the_shared_schema_accepts_and_refuses_the_same_documents() {
    let Some(folder) = shared("schema") else { return };
    let schema: Value =
        serde_json::from_slice(&fs::read(folder.join("postmortem-v1.schema.json")).unwrap()).unwrap();
    let theirs = jsonschema::validator_for(&schema).unwrap();
    let ours = jsonschema::validator_for(&strict::schema()).unwrap();
    let mutations = mutations();
    assert!(mutations.len() > 1000, "{}", mutations.len());
    let (mut accepted, mut wrong) = (0, Vec::new());
    for (n, (what, value)) in mutations.iter().enumerate() {
        let expected = theirs.is_valid(value);
        accepted += usize::from(expected);
        if ours.is_valid(value) != expected {
            wrong.push(format!("{what}: our schema says {}", !expected));
        }
        // Reading checks the same schema, so a part of the refused ones is enough.
        if !expected && n % 11 != 0 {
            continue;
        }
        let read = document("a.json", &value.to_string());
        // What a schema cannot say is checked besides, and only besides.
        let beyond = ["duplicate_id", "unknown_cause", "impossible_date"];
        let refused = read.diagnostics.iter().any(|noted| !beyond.contains(&noted.code.as_str()));
        if refused == expected {
            wrong.push(format!("{what}: read says {:?}", read.diagnostics));
        }
    }
    assert!(accepted > 100 && wrong.is_empty(), "{accepted} accepted; {}", wrong.join("\n"));
}

proptest! {
    #[test]
    fn no_text_makes_reading_fail(text in "(?s).{0,200}") {
        document("a.yaml", &text);
        document("a.json", &text);
    }

    #[test]
    fn no_broken_document_makes_reading_fail(at in 0..DOCUMENT.len(), with in "[-:{}\\[\\]&*!|>'\"%@`#, \n a-z0-9]{0,5}") {
        let mut text = DOCUMENT.to_owned();
        text.insert_str(at, &with);
        let read = document("a.yaml", &text);
        prop_assert!(read.postmortem.known().is_some() || !read.diagnostics.is_empty());
    }
}

#[test]
fn the_schema_refuses_null_everywhere() {
    let text = strict::schema().to_string();
    assert!(!text.contains("\"null\""), "{text}");
}
