//! The strict format `postmortem/1`, as YAML, JSON or TOML.
//!
//! Knows its shape, its schema and what the schema cannot say. Knows no files.

mod map;
mod shape;
mod text;

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

use self::shape::Sheet;
use super::{MOST_FINDINGS, SPLIT, date, format, place::Notes};
use crate::model::{
    postmortem::{Level, Postmortem},
    tree::{Complaint, Schema, Tree},
};

/// JSON Schema of the format, made from the types that read it.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Sheet).to_value();
    if let Some(map) = schema.as_object_mut() {
        map.insert("$id".to_owned(), Value::from("urn:postmortem-findings:v1"));
        map.insert("title".to_owned(), Value::from("Security postmortem with findings, v1"));
    }
    refuse_null(&mut schema);
    schema
}

/// The schema, made ready once.
static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::new(schema()));

/// What may be absent may not be null: a key without a value is a mistake, not a statement.
fn refuse_null(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
            }
            if let Some(Value::Array(forms)) = map.get_mut("anyOf") {
                forms.retain(|form| form.get("type").is_none_or(|name| name != "null"));
            }
            map.values_mut().for_each(refuse_null);
        }
        Value::Array(items) => items.iter_mut().for_each(refuse_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Reads a tree. None, with errors noted, when anything in it is wrong: one bad finding fails its file.
pub(super) fn read(tree: &Tree, notes: &mut Notes) -> Option<Postmortem> {
    let format = tree.value.get("format").and_then(Value::as_str);
    if format.is_none_or(|format| !format.starts_with("postmortem/")) {
        format::foreign(notes, format);
        return None;
    }
    let complaints = tree.check(&SCHEMA);
    for complaint in &complaints {
        complain(notes, "invalid_document", complaint);
    }
    if !complaints.is_empty() {
        return None;
    }
    let listed = tree.value.get("findings").and_then(Value::as_array).map_or(0, Vec::len);
    if listed > MOST_FINDINGS {
        let place = tree.position(&format!("/findings/{MOST_FINDINGS}"));
        let message =
            format!("the document has {listed} findings, more than the {MOST_FINDINGS} that are read of one");
        notes.add(Level::Error, "too_many_findings", place, message, SPLIT);
        return None;
    }
    match serde_json::from_value::<Sheet>(tree.value.clone()) {
        Ok(sheet) => {
            check(tree, &sheet, notes);
            notes.refused().is_none().then(|| map::postmortem(tree, sheet))
        }
        Err(error) => {
            let message = format!("the document cannot be read: {error}");
            notes.add(Level::Error, "invalid_document", (1, 1), message, "compare it with the schema");
            None
        }
    }
}

/// Notes a complaint as an error.
pub(super) fn complain(notes: &mut Notes, code: &str, complaint: &Complaint) {
    let place = (complaint.line, complaint.column);
    let message = match complaint.pointer.as_str() {
        "" => complaint.message.clone(),
        pointer => format!("{pointer}: {}", complaint.message),
    };
    notes.add(Level::Error, code, place, message, complaint.help.as_deref().unwrap_or_default());
}

/// Checks what a schema cannot say: ids that occur twice, causes that nobody defined, days that do not exist.
fn check(tree: &Tree, sheet: &Sheet, notes: &mut Notes) {
    let mut checks = Checks { tree, notes };
    let causes: Vec<&str> = sheet.causes.iter().map(|cause| cause.id.as_ref()).collect();
    let findings: Vec<&str> = sheet.findings.iter().map(|finding| finding.id.as_ref()).collect();
    checks.unique("/causes", &causes);
    checks.unique("/findings", &findings);
    for (n, finding) in sheet.findings.iter().enumerate() {
        for (m, cause) in finding.causes.iter().enumerate() {
            if !causes.contains(&cause.as_ref()) {
                let message = format!("no cause has the id `{}`", cause.as_ref());
                let help = "name one of the ids under `causes`, or add it there";
                checks.error("unknown_cause", &format!("/findings/{n}/causes/{m}"), message, help);
            }
        }
        checks.day(&format!("/findings/{n}/due"), finding.due.as_ref().map(|day| day.as_ref()));
    }
    for (pointer, when) in sheet.whens() {
        checks.day(&pointer, Some(when));
    }
}

struct Checks<'a> {
    tree: &'a Tree,
    notes: &'a mut Notes,
}

impl Checks<'_> {
    fn unique(&mut self, pointer: &str, ids: &[&str]) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (n, id) in ids.iter().enumerate() {
            let at = format!("{pointer}/{n}/id");
            let line = self.tree.position(&at).0;
            match seen.get(id) {
                Some(first) => {
                    let message = format!("the id `{id}` is already used on line {first}");
                    self.error(
                        "duplicate_id",
                        &at,
                        message,
                        "give it an id of its own; ids are never reused",
                    );
                }
                None => {
                    seen.insert(id, line);
                }
            }
        }
    }

    fn day(&mut self, pointer: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| date::when(text).is_none()) {
            let message = format!("`{text}` is no day that exists");
            self.error("impossible_date", pointer, message, "correct the date");
        }
    }

    fn error(&mut self, code: &str, pointer: &str, message: String, help: &str) {
        let place = self.tree.position(pointer);
        self.notes.add(Level::Error, code, place, format!("{pointer}: {message}"), help);
    }
}
