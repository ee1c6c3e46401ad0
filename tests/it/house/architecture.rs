//! The architecture page speaks of modules and tests that exist.

use std::collections::BTreeSet;

use super::{Files, assert_none, assert_told, everything, floors::declared, planted, tokens};

pub(super) const PAGE: &str = "src/ARCHITECTURE.md";

/// What the page says that is not so, and what it leaves out.
fn breaches(files: &Files) -> Vec<String> {
    let page = &files[PAGE];
    let mut found = unmapped(page, &files["src/lib.rs"]);
    found.extend(untested(page, files));
    found.extend(unknown_paths(page, files));
    found
}

/// Modules without a paragraph in the code map.
fn unmapped(page: &str, root: &str) -> Vec<String> {
    let declared = declared(root);
    let missing = declared.keys().filter(|name| !page.lines().any(|line| line == format!("## `{name}`")));
    missing.map(|name| format!("{PAGE}: `{name}` is not in the code map")).collect()
}

/// Tests that are named among the invariants and do not exist, and invariants that name neither a test nor say "not yet".
fn untested(page: &str, files: &Files) -> Vec<String> {
    let invariants = section(page, "# Invariants");
    let named = quoted(invariants).into_iter().filter(|word| is_test_path(word));
    let unknown = named.filter(|path| !exists(path, files));
    let mut found: Vec<String> =
        unknown.map(|path| format!("{PAGE}: the test `{path}` does not exist")).collect();
    for (n, invariant) in numbered(invariants).into_iter().enumerate() {
        if !quoted(&invariant).iter().any(|word| is_test_path(word)) && !invariant.contains("Not yet") {
            found.push(format!("{PAGE}: nothing keeps invariant {}", n + 1));
        }
    }
    found
}

/// Paths into a module, such as `cycle::gather`, that lead nowhere.
fn unknown_paths(page: &str, files: &Files) -> Vec<String> {
    let before = page.split("# Invariants").next().unwrap();
    let paths =
        quoted(before).into_iter().filter(|word| word.contains("::") && !word.contains(char::is_whitespace));
    let unknown = paths.filter(|path| {
        let words: Vec<&str> = path.split("::").collect();
        let folder = format!("src/{}", words[..words.len() - 1].join("/"));
        let last = words[words.len() - 1];
        let is_module = [format!("{folder}/{last}.rs"), format!("{folder}/{last}/mod.rs")];
        let is_item = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
        let has_item = |file: &String| files.get(file).is_some_and(|text| declares(file, text, last));
        !is_module.iter().any(|file| files.contains_key(file)) && !is_item.iter().any(has_item)
    });
    unknown.map(|path| format!("{PAGE}: `{path}` does not exist")).collect()
}

/// The text below a heading, up to the next one of its level.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let begin = page.find(heading).unwrap_or_else(|| panic!("no section {heading}")) + heading.len();
    let rest = &page[begin..];
    rest.find("\n# ").map_or(rest, |end| &rest[..end])
}

/// How many invariants the page has.
pub(super) fn invariants(page: &str) -> usize {
    numbered(section(page, "# Invariants")).len()
}

/// The items of a numbered list, each with its continuation lines.
fn numbered(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with(|c: char| c.is_ascii_digit()) {
            items.push(line.to_owned());
        } else if let Some(item) = items.last_mut() {
            item.push_str(line);
        }
    }
    items
}

/// What stands between backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether a word is written like a test: small words joined by `::`, the last of which is a sentence.
fn is_test_path(word: &str) -> bool {
    let is_small = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == ':');
    let is_sentence = word.rsplit("::").next().is_some_and(|last| last.matches('_').count() >= 2);
    word.contains("::") && is_small && is_sentence
}

fn exists(path: &str, files: &Files) -> bool {
    let (module, name) = path.rsplit_once("::").unwrap();
    let file = format!("tests/it/{}.rs", module.replace("::", "/"));
    files.get(&file).is_some_and(|text| declares(&file, text, name))
}

/// Whether a function, a type or a trait of this name is declared in a file.
fn declares(path: &str, text: &str, name: &str) -> bool {
    let mut found = false;
    tokens::each_level(&tokens::read(path, text), &mut |level| {
        for at in 0..level.len() {
            let is_item = tokens::ident(level, at)
                .is_some_and(|word| ["fn", "struct", "enum", "trait"].iter().any(|item| word == item));
            found |= is_item && tokens::ident(level, at + 1).is_some_and(|word| word == name);
        }
    });
    found
}

#[test]
fn the_page_tells_what_there_is() {
    assert_none(&breaches(&everything()));
}

#[test]
fn all_seventeen_invariants_are_there() {
    assert_eq!(invariants(&everything()[PAGE]), 17);
}

#[test]
fn the_page_is_the_documentation_of_the_crate() {
    assert!(everything()["src/lib.rs"].starts_with("#![doc = include_str!(\"ARCHITECTURE.md\")]"));
}

/// A page that tells what there is.
const TRUE_PAGE: &str = "# Code map\n## `one`\nSee `one::two` and `one::Three`.\n# Invariants\n1. Yes: `a::b::it_is_so`.\n2. Not yet.\n";

fn with(page: &str) -> Files {
    let mut files = planted(PAGE, page);
    for (path, text) in [
        ("src/lib.rs", "pub mod one;"),
        ("src/one/mod.rs", "pub struct Three;"),
        ("src/one/two.rs", ""),
        ("tests/it/a/b.rs", "#[test]\nfn it_is_so() {}"),
    ] {
        files.insert(path.to_owned(), text.to_owned());
    }
    files
}

#[test]
fn a_page_that_tells_something_else_is_found() {
    assert_none(&breaches(&with(TRUE_PAGE)));
    for (from, to, told) in [
        ("## `one`", "## One", "`one` is not in the code map"),
        ("one::two", "one::four", "`one::four` does not exist"),
        ("one::Three", "one::Five", "`one::Five` does not exist"),
        ("it_is_so`", "it_is_so` and `a::b::it_is_not_so`", "`a::b::it_is_not_so` does not exist"),
        ("Not yet", "Surely", "nothing keeps invariant 2"),
    ] {
        assert!(TRUE_PAGE.contains(from), "{from}");
        assert_told(&breaches(&with(&TRUE_PAGE.replace(from, to))), &[PAGE, told]);
    }
}
