//! Nothing in the repository names a place of one machine.

use super::{Files, assert_none, assert_told, everything, planted};

/// Folders that differ from machine to machine. Put together when used, so that this file has no such path.
const FOLDERS: &[&str] = &["work", "farm", "root", "home"];

fn breaches(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        for (n, line) in text.lines().enumerate() {
            if let Some(folder) = FOLDERS.iter().find(|folder| names(line, folder)) {
                found.push(format!("{path}:{}: a path below /{folder}", n + 1));
            }
        }
    }
    found
}

fn names(line: &str, folder: &str) -> bool {
    let needle = format!("/{folder}/");
    let mut follows = line.match_indices(&needle).map(|(at, _)| &line[at + needle.len()..]);
    follows.any(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

#[test]
fn no_path_of_one_machine_is_written_down() {
    assert_none(&breaches(&everything()));
}

#[test]
fn a_path_of_one_machine_is_found() {
    for folder in FOLDERS {
        let text = format!("first line\ninclude \"/{folder}/somebody/notes\"");
        assert_told(&breaches(&planted("config/a.yaml", &text)), &["config/a.yaml:2:", folder]);
    }
    assert_none(&breaches(&planted(
        "config/a.yaml",
        "ProtectHome: /homestead, at work/places, /root and /work/",
    )));
}
