//! OSCAL plans of action and milestones: the same in every notation, and none that makes reading fail.

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        postmortem::{Document, Level, Postmortem},
        terms::Severity,
        tree::Tree,
    },
    source::read_bytes,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::surroundings::cases;

const PLAN: &str = include_str!("../data/formats/plan.json");

fn document(name: &str, text: &str) -> Document {
    read_bytes(&SourceName::from("here"), name, text.as_bytes(), &Conventions::default())
}

fn read(name: &str, text: &str) -> Postmortem {
    let document = document(name, text);
    let mut post =
        document.postmortem.known().cloned().unwrap_or_else(|| panic!("{:?}", document.diagnostics));
    post.findings.iter_mut().for_each(|finding| finding.line = 0);
    post.fates.clear();
    post
}

#[test]
fn a_plan_is_the_same_in_one_line_and_in_capitals() {
    let value: Value = serde_json::from_str(PLAN).unwrap();
    let plan = read("plan.json", PLAN);
    assert_eq!(read("plan.json", &value.to_string()), plan);
    // JSON is YAML.
    assert_eq!(read("plan.yaml", &serde_json::to_string_pretty(&value).unwrap()), plan);
    let mut shouted = value;
    for item in shouted["plan-of-action-and-milestones"]["poam-items"].as_array_mut().unwrap() {
        item["uuid"] = json!(item["uuid"].as_str().unwrap().to_uppercase());
    }
    assert_eq!(read("plan.json", &shouted.to_string()), plan);
}

#[test]
fn an_adjusted_rating_counts_once_it_is_approved() {
    let severity = |text: &str| read("plan.json", text).findings[0].severity;
    assert_eq!(severity(PLAN), Some(Severity::Medium));
    assert_eq!(severity(&PLAN.replace("\"approved\"", "\"pending\"")), Some(Severity::High));
    assert_eq!(severity(&PLAN.replace("\"name\": \"risk\"", "\"name\": \"other\"")), Some(Severity::Low));
}

#[test]
fn versions_from_1_0_4_to_1_1_are_read() {
    for (version, is_read) in [
        ("1.0.3", false),
        ("1.0.4", true),
        ("1.0.10", true),
        ("1.1.0", true),
        ("1.1.3", true),
        ("1.2.0", false),
        ("2.0.0", false),
        ("1.1", false),
        ("", false),
    ] {
        let text = PLAN.replace("\"1.1.2\"", &format!("\"{version}\""));
        assert_eq!(document("plan.json", &text).postmortem.known().is_some(), is_read, "{version}");
    }
}

#[test]
fn a_file_that_is_xml_by_name_or_by_content_is_refused_with_the_way_out() {
    for name in ["plan.xml", "plan", "plan.oscal"] {
        let document = document(name, "<?xml version=\"1.0\"?>\n<plan-of-action-and-milestones/>");
        let [noted] = document.diagnostics.as_slice() else { panic!("{:?}", document.diagnostics) };
        assert_eq!((noted.code.as_str(), noted.level), ("unsupported_format", Level::Error));
        assert!(noted.help.as_ref().unwrap().contains("JSON or YAML"));
    }
}

/// JSON pointers of every value.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, inner)| pointers(inner, &format!("{at}/{key}"), all))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, inner)| pointers(inner, &format!("{at}/{n}"), all));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_plan_with_anything_in_the_place_of_anything_is_read_or_refused_with_a_place(
        at in any::<prop::sample::Index>(),
        other in prop::sample::select(vec![json!(null), json!(7), json!(""), json!("x"), json!([]), json!({}), json!([null]), json!("2026-02-30"), json!("A".repeat(5000))]),
    ) {
        let mut value: Value = serde_json::from_str(PLAN).unwrap();
        let mut all = Vec::new();
        pointers(&value, "", &mut all);
        let pointer = at.get(&all).clone();
        *value.pointer_mut(&pointer).unwrap() = other;
        prop_assume!(Tree::parse(&value.to_string()).is_ok());
        let document = document("plan.json", &value.to_string());
        let errors: Vec<_> = document.diagnostics.iter().filter(|noted| noted.level == Level::Error).collect();
        prop_assert_eq!(document.postmortem.known().is_some(), errors.is_empty(), "{}", pointer);
        prop_assert!(errors.iter().all(|noted| noted.line >= 1 && noted.column >= 1), "{errors:?}");
    }
}
