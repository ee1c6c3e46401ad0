//! The root of the repository holds few names, so that everybody finds their way.

use std::{collections::BTreeSet, fs};

use super::{TREE, assert_none, assert_told, root};

/// Names that are there and not in the list, and names of the list that are not there.
///
/// What begins with a dot and is not in the list belongs to somebody's tools; what Git ignores is nobody's business.
fn breaches(names: &BTreeSet<String>, ignored: &str) -> Vec<String> {
    let is_known =
        |name: &&String| TREE.contains(&name.as_str()) || name.starts_with('.') || is_ignored(name, ignored);
    let unknown = names
        .iter()
        .filter(|name| !is_known(name))
        .map(|name| format!("`{name}` does not belong at the root"));
    let missing = TREE
        .iter()
        .filter(|name| !names.contains(**name))
        .map(|name| format!("`{name}` is missing at the root"));
    unknown.chain(missing).collect()
}

/// Whether a name is matched by a line of `.gitignore`: a name at the root, or a name with `*` for anything.
fn is_ignored(name: &str, ignored: &str) -> bool {
    ignored.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).any(|line| {
        let pattern = line.trim_start_matches('/').trim_end_matches('/');
        glob::Pattern::new(pattern).unwrap().matches(name)
    })
}

fn names() -> BTreeSet<String> {
    let entries = fs::read_dir(root()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn ignored() -> String {
    fs::read_to_string(root().join(".gitignore")).unwrap()
}

#[test]
fn the_root_holds_what_belongs_there() {
    assert_none(&breaches(&names(), &ignored()));
}

#[test]
fn a_name_that_does_not_belong_at_the_root_is_found() {
    let mut names: BTreeSet<String> = TREE.iter().map(|name| (*name).to_owned()).collect();
    names.extend(["target", "register.db", "register.db-wal", ".editor"].map(str::to_owned));
    let ignored = "/target\n*.db\n*.db-*\n";
    assert_none(&breaches(&names, ignored));
    names.insert("docs".to_owned());
    assert_told(&breaches(&names, ignored), &["`docs` does not belong"]);
}

#[test]
fn a_missing_licence_is_found() {
    let names: BTreeSet<String> =
        TREE.iter().filter(|name| **name != "LICENSE").map(|name| (*name).to_owned()).collect();
    assert_told(&breaches(&names, ""), &["`LICENSE` is missing"]);
}
