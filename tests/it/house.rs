//! The house rules, kept over the repository's own files.
//!
//! Every check is a function from files to breaches, so that each is also shown to fail on a breach that was planted.

mod architecture;
mod attributes;
mod codes;
mod declared;
mod floors;
mod lengths;
mod machine;
mod purity;
mod references;
mod sql;
mod tokens;
mod top_level;
mod words;

use std::{collections::BTreeMap, fs, path::Path};

pub(crate) use codes::codes_of_the_readers;

/// Texts by their path from the repository's root, with `/` between the names.
type Files = BTreeMap<String, String>;

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is part of the repository: files and folders at its root.
///
/// Anything else there, such as a register or an editor's folder, belongs to whoever works on it.
const TREE: &[&str] = &[
    ".ci",
    ".clippy.toml",
    ".deny.toml",
    ".github",
    ".gitignore",
    ".rustfmt.toml",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "config",
    "deploy",
    "migrations",
    "src",
    "tests",
];

/// Every text of the repository.
fn everything() -> Files {
    let mut found = Files::new();
    for name in TREE {
        collect(&root().join(name), name, &mut found);
    }
    found
}

/// Every Rust file below `src`.
fn sources() -> Files {
    rust_below(&["src"])
}

/// Every Rust file below `src` and `tests`.
fn sources_and_tests() -> Files {
    rust_below(&["src", "tests"])
}

fn rust_below(names: &[&str]) -> Files {
    let mut found = Files::new();
    for name in names {
        collect(&root().join(name), name, &mut found);
    }
    found.retain(|path, _| is_rust(path));
    assert!(found.len() > names.len(), "hardly any Rust file below {names:?}");
    found
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

/// Adds the texts at and below a path. What is not UTF-8, such as an archive, is no text.
fn collect(path: &Path, name: &str, found: &mut Files) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            collect(&entry.path(), &format!("{name}/{}", entry.file_name().to_str().unwrap()), found);
        }
    } else if let Ok(text) = String::from_utf8(fs::read(path).unwrap_or_default()) {
        found.insert(name.to_owned(), text);
    }
}

/// One file that somebody might write.
fn planted(path: &str, text: &str) -> Files {
    Files::from([(path.to_owned(), text.to_owned())])
}

/// Fails with every breach, one a line.
#[track_caller]
fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

/// Fails unless there is exactly one breach and it tells all of this.
#[track_caller]
fn assert_told(breaches: &[String], told: &[&str]) {
    let [breach] = breaches else { panic!("expected one breach, found {breaches:?}") };
    for part in told {
        assert!(breach.contains(part), "`{breach}` does not say `{part}`");
    }
}
