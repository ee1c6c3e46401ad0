//! The words of a write-up are opened without a clearance only where they stay inside (invariant 13).

use proc_macro2::TokenTree;

use super::{Files, assert_none, assert_told, planted, sources, tokens};

/// What opens sealed words whatever their class.
const OPENS: &[&str] = &["words_inside", "WithWords"];

/// Where that may be: comparing and recording, what trackers must not say back, the register's own files, and the security
/// team's command line.
const INSIDE: &[&str] = &[
    "src/model/words.rs",
    "src/plan/action.rs",
    "src/plan/identity.rs",
    "src/plan/intake/",
    "src/cycle/unsaid.rs",
    "src/store/rows.rs",
    "src/cli/",
];

/// Every place elsewhere that opens them.
fn breaches(files: &Files) -> Vec<String> {
    let outside = files.iter().filter(|(path, _)| !INSIDE.iter().any(|inside| path.starts_with(inside)));
    outside.flat_map(|(path, text)| opened(path, text)).collect()
}

fn opened(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    tokens::each_level(&tokens::read(path, text), &mut |level| {
        for token in level {
            let TokenTree::Ident(word) = token else { continue };
            if OPENS.iter().any(|opens| word == opens) {
                let line = word.span().start().line;
                found.push(format!("{path}:{line}: `{word}` opens words without a clearance"));
            }
        }
    });
    found
}

#[test]
fn words_are_opened_without_a_clearance_only_inside() {
    assert_none(&breaches(&sources()));
}

#[test]
fn whatever_opens_words_elsewhere_is_found() {
    for (path, text, word) in [
        ("src/report/x.rs", "fn f(stated: &Stated) -> &str { &stated.words_inside().title }", "words_inside"),
        ("src/worker.rs", "use crate::{a, model::words::WithWords};", "WithWords"),
    ] {
        assert_told(&breaches(&planted(path, text)), &[&format!("{path}:1: `{word}`")]);
    }
    let cleared = "fn f(stated: &Stated) -> bool { stated.words_up_to(Tlp::Clear).is_some() }";
    assert_none(&breaches(&planted("src/report/x.rs", cleared)));
}
