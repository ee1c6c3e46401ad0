//! A test file that nobody declares is a test that nobody runs.

use super::{Files, assert_none, assert_told, planted, sources_and_tests, tokens};

/// Test files that their parent does not declare.
fn breaches(files: &Files) -> Vec<String> {
    let tests =
        files.keys().filter_map(|path| path.strip_prefix("tests/it/")).filter(|name| *name != "main.rs");
    let mut found = Vec::new();
    for name in tests {
        let name = name.trim_end_matches(".rs");
        let (parent, module) = name.rsplit_once('/').unwrap_or(("main", name));
        let parent = format!("tests/it/{parent}.rs");
        let is_declared = files.get(&parent).is_some_and(|text| declares(&parent, text, module));
        if !is_declared {
            found.push(format!("tests/it/{name}.rs: {parent} does not declare it"));
        }
    }
    found
}

fn declares(path: &str, text: &str, module: &str) -> bool {
    let mut found = false;
    tokens::each_level(&tokens::read(path, text), &mut |level| {
        for at in 0..level.len() {
            let is_module = tokens::ident(level, at).is_some_and(|word| word == "mod");
            found |= is_module && tokens::ident(level, at + 1).is_some_and(|word| word == module);
        }
    });
    found
}

#[test]
fn every_test_file_is_declared() {
    assert_none(&breaches(&sources_and_tests()));
}

#[test]
fn a_test_file_that_nobody_declares_is_found() {
    let mut files = planted("tests/it/main.rs", "#[cfg(test)]\nmod one;\n// mod two;");
    files.insert("tests/it/one.rs".to_owned(), "mod three;".to_owned());
    files.insert("tests/it/one/three.rs".to_owned(), String::new());
    assert_none(&breaches(&files));
    files.insert("tests/it/two.rs".to_owned(), String::new());
    assert_told(&breaches(&files), &["tests/it/two.rs", "tests/it/main.rs does not declare it"]);
    files.remove("tests/it/two.rs");
    files.insert("tests/it/one/four.rs".to_owned(), String::new());
    assert_told(&breaches(&files), &["tests/it/one/four.rs", "tests/it/one.rs does not declare it"]);
}
