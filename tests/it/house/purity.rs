//! `model`, `plan` and `review` do no I/O, read no clock and write no log (invariant 1).

use super::{Files, assert_none, assert_told, planted, sources, tokens};

/// Modules that only compute.
const PURE: &[&str] = &["src/model/", "src/plan/", "src/review/"];

/// What gives an impure module away. Not even a comment there needs these words.
const IMPURE: &[&str] = &[
    "async",
    "tokio",
    "sqlx",
    "octocrab",
    "reqwest",
    "axum",
    "tracing",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "std::io",
    "::now()",
    "println",
    "eprintln",
    "getrandom",
];

/// What gives it away when it is named by an import in pieces, such as `use std::{env, fs}`.
const IMPURE_PATHS: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "std::io",
    "std::time::Instant",
    "std::time::SystemTime",
    "core::time::Instant",
];

/// Every place of the pure modules that is not.
fn breaches(files: &Files) -> Vec<String> {
    let pure = files.iter().filter(|(path, _)| PURE.iter().any(|folder| path.starts_with(folder)));
    pure.flat_map(|(path, text)| [words(path, text), paths(path, text)].concat()).collect()
}

fn words(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (n, line) in text.lines().enumerate() {
        for word in IMPURE.iter().filter(|word| stands_alone(line, word)) {
            found.push(format!("{path}:{}: `{word}` in a pure module", n + 1));
        }
    }
    found
}

/// Whether a word is there that is not part of a longer one.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let is_part = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let begins_with_sign = word.starts_with(':');
        (begins_with_sign || !is_part(before)) && !is_part(after)
    })
}

fn paths(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for named in tokens::named(path, text) {
        let full = named.text();
        let hit = IMPURE_PATHS.iter().find(|word| full == **word || full.starts_with(&format!("{word}::")));
        let is_written_out = hit.is_some_and(|word| text.lines().any(|line| stands_alone(line, word)));
        if let (Some(word), false) = (hit, is_written_out) {
            found.push(format!("{path}:{}: `{word}` in a pure module", named.line));
        }
    }
    found
}

#[test]
fn the_core_is_pure() {
    let sources = sources();
    for folder in PURE {
        assert!(sources.keys().any(|path| path.starts_with(folder)), "no file below {folder}");
    }
    assert_none(&breaches(&sources));
}

#[test]
fn every_impurity_is_found() {
    for (text, word) in [
        ("async fn f() {}", "async"),
        ("use tokio::time;", "tokio"),
        ("use sqlx::Row;", "sqlx"),
        ("use octocrab::Octocrab;", "octocrab"),
        ("use reqwest::Client;", "reqwest"),
        ("tracing::info!(\"x\");", "tracing"),
        ("fn f() { std::fs::read(\"x\"); }", "std::fs"),
        ("use std::{collections::BTreeMap, fs};", "std::fs"),
        ("use std::{env::{self, var}};", "std::env"),
        ("fn f() { chrono::Utc::now(); }", "::now()"),
        ("fn f() { println!(\"x\"); }", "println"),
        ("use std::time::{Duration, Instant};", "std::time::Instant"),
    ] {
        for folder in PURE {
            let found = breaches(&planted(&format!("{folder}x.rs"), &format!("\n{text}")));
            assert!(
                found.iter().any(|breach| breach.contains(&format!(":2: `{word}`"))),
                "{text}: {found:?}"
            );
        }
    }
    assert_told(&breaches(&planted("src/plan/x.rs", "async fn f() {}")), &["src/plan/x.rs:1:"]);
}

#[test]
fn other_modules_and_longer_words_may_be() {
    assert_none(&breaches(&planted("src/cycle/x.rs", "async fn f() { tokio::time::sleep(x).await }")));
    assert_none(&breaches(&planted("src/plan/x.rs", "/// Keeps going asynchronously.\nfn f(now: u8) {}")));
}
