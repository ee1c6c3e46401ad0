//! Small documents, one fault or contrast each: what a scan must show of every one.

mod case;
mod seen;

use std::fs;

use postmortem_sync::model::tree::Tree;
use serde_json::Value;

use self::{case::faults, seen::Seen};
use crate::surroundings::shared;

/// Documents of which something is not read yet. One that comes out whole must leave the list.
const UNMATCHED: &[&str] = &[];

#[test]
fn small_documents_come_out_whole() {
    let Some(folder) = shared("intake-cases") else { return };
    let expected = Tree::parse(&fs::read_to_string(folder.join("EXPECTED.yaml")).unwrap()).unwrap().value;
    let mut wrong = Vec::new();
    for (file, case) in expected.as_object().unwrap() {
        let seen = Seen::read(&folder.join(file), &case["options"]);
        let faults = outcomes(case).map(|outcome| faults(outcome, &seen)).min_by_key(Vec::len).unwrap();
        match (faults.is_empty(), UNMATCHED.contains(&file.as_str())) {
            (true, true) => wrong.push(format!("{file}: comes out whole now, take it off the list")),
            (false, false) => wrong.extend(faults.into_iter().map(|fault| format!("{file}: {fault}"))),
            (true, false) | (false, true) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is expected, and what is as good.
fn outcomes(case: &Value) -> impl Iterator<Item = &Value> {
    let others = case["or"].as_array().map(Vec::as_slice).unwrap_or_default();
    std::iter::once(case).chain(others)
}
