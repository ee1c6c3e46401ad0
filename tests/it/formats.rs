//! Documents of every format, one file for each rule in `tests/data/formats`, and what a scan says about it beside it.

use std::{collections::BTreeSet, fs, path::PathBuf};

use postmortem_sync::{
    model::{conventions::Conventions, ids::SourceName, postmortem::Document},
    source::{read_paths, scan::Scan},
};
use serde_json::Value;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/formats")
}

/// What a scan says about the file of the folder: an object for each write-up in it.
fn scanned(name: &str) -> Vec<Value> {
    let documents =
        read_paths(&SourceName::from("here"), &[folder().join(name)], LARGEST, &Conventions::default());
    let scan = |document: &Document| {
        let mut scan = serde_json::to_value(Scan::of(document)).unwrap();
        scan["path"] = Value::from(scan["path"].as_str().unwrap().rsplit('/').next().unwrap());
        scan
    };
    documents.iter().map(scan).collect()
}

/// Codes of everything that is noticed in the examples.
pub(crate) fn codes() -> BTreeSet<String> {
    let names =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let scans = names.filter(|name| !name.ends_with(".scan.json")).flat_map(|name| scanned(&name));
    let noted = scans.flat_map(|scan| scan["diagnostics"].as_array().unwrap().clone());
    noted.map(|noted| noted["code"].as_str().unwrap().to_owned()).collect()
}

/// Whether a value has everything that is expected of it; objects may have more members, because the shape of a scan grows.
fn holds(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Object(value), Value::Object(expected)) => {
            expected.iter().all(|(key, inner)| value.get(key).is_some_and(|value| holds(value, inner)))
        }
        (Value::Array(values), Value::Array(expected)) => {
            values.len() == expected.len()
                && values.iter().zip(expected).all(|(value, inner)| holds(value, inner))
        }
        _ => value == expected,
    }
}

#[test]
fn every_example_is_read_as_written_beside_it() {
    let names =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut wrong = Vec::new();
    let mut n_compared = 0;
    for name in names.filter(|name| !name.ends_with(".scan.json")) {
        n_compared += 1;
        let scan = Value::from(scanned(&name));
        let expected = fs::read_to_string(folder().join(format!("{name}.scan.json"))).unwrap_or_default();
        if !serde_json::from_str::<Value>(&expected).is_ok_and(|expected| holds(&scan, &expected)) {
            wrong.push(format!("{name}:\n{scan:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_compared >= 8, "{n_compared}");
}
