//! SQL is written in the store and in migrations only.

use proc_macro2::TokenTree;

use super::{Files, assert_none, assert_told, planted, sources, tokens};

/// How statements begin.
const BEGINNINGS: &[&str] = &[
    "select ",
    "insert into ",
    "insert or ",
    "update ",
    "delete from ",
    "create table ",
    "create index ",
    "drop table ",
    "alter table ",
    "pragma ",
    "begin immediate",
    "with recursive ",
];

/// What a statement has besides, where its beginning is also an English word.
const AND_THEN: &[(&str, &str)] = &[("select ", " from "), ("update ", " set ")];

fn breaches(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !path.starts_with("src/store")) {
        tokens::each_level(&tokens::read(path, text), &mut |level| {
            for token in level {
                let TokenTree::Literal(literal) = token else { continue };
                if is_statement(&literal.to_string()) {
                    found.push(format!("{path}:{}: SQL outside of the store", literal.span().start().line));
                }
            }
        });
    }
    found
}

/// Whether a literal, in its quotes, reads as SQL. Doc comments are literals too: a sentence there is no statement.
fn is_statement(literal: &str) -> bool {
    let text = literal.trim_start_matches(['r', '#', '"']).to_lowercase();
    let text: String = text.split_whitespace().filter(|word| *word != "\\").collect::<Vec<_>>().join(" ");
    let Some(beginning) = BEGINNINGS.iter().find(|beginning| text.starts_with(**beginning)) else {
        return false;
    };
    AND_THEN.iter().all(|(first, then)| first != beginning || text.contains(then))
}

#[test]
fn sql_stands_in_the_store_only() {
    assert_none(&breaches(&sources()));
}

#[test]
fn sql_elsewhere_is_found() {
    for statement in [
        "SELECT key FROM finding",
        "select key\n from finding",
        "INSERT INTO link VALUES (?)",
        "update finding set state = ?",
        "DELETE FROM intent",
        "PRAGMA wal_checkpoint",
    ] {
        let text = format!("fn f() {{\n    g(\"{statement}\", r#\"{statement}\"#)\n}}");
        let found = breaches(&planted("src/cycle/a.rs", &text));
        assert_eq!(found.len(), 2, "{statement}: {found:?}");
        assert_none(&breaches(&planted("src/store/a.rs", &text)));
    }
    assert_told(
        &breaches(&planted("src/cli/a.rs", "const A: &str = \"DROP TABLE x\";")),
        &["src/cli/a.rs:1:"],
    );
}

#[test]
fn sentences_are_no_sql() {
    let text = "/// Update the plan.\nfn f() { g(\"update your configuration\", \"select another rule\", \"created\") }";
    assert_none(&breaches(&planted("src/cli/a.rs", text)));
}
