//! What changes nothing: line ends, bullets, indentation, the pipes around tables, the order of rows, the folder. Held against every
//! real write-up, from reading to the keys in the register.

use std::{collections::BTreeMap, fs, ops::Range, path::Path};

use postmortem_sync::{
    model::{deadline::Policy, finding::Finding, ids::FindingKey, observed::Observed, postmortem::Document},
    plan::intake::{Listing, Terms, take_in},
};

use super::read_as;
use crate::{
    build::{now, people},
    surroundings::shared,
};

/// A finding without what may differ: its line, and its description, which keeps the text as written.
type Essence = (String, Option<String>, String, Vec<String>);

#[test]
fn line_ends_and_a_mark_of_byte_order_change_nothing() {
    each_write_up(|text| vec![text.replace('\n', "\r\n"), format!("\u{FEFF}{text}")]);
}

#[test]
fn the_sort_of_bullet_changes_nothing() {
    each_write_up(|text| vec![by_line(text, other_bullet)]);
}

#[test]
fn indentation_of_the_whole_changes_nothing() {
    each_write_up(|text| {
        vec![by_line(text, |line| format!("  {line}")), by_line(text, |line| format!(" {line}"))]
    });
}

#[test]
fn pipes_around_tables_change_nothing() {
    each_write_up(|text| vec![in_tables(text, bare), in_tables(text, piped)]);
}

#[test]
fn the_order_of_rows_changes_nothing() {
    each_write_up(|text| vec![in_tables(text, reversed), in_tables(text, rotated)]);
}

#[test]
fn the_folder_of_a_file_changes_nothing() {
    for_each(|folder, file| {
        let bytes = fs::read(folder.join(file)).unwrap();
        let (here, there) =
            (read_as(file, file, &bytes), read_as(file, &format!("2026/archive/{file}"), &bytes));
        assert_eq!(here.postmortem, there.postmortem, "{file}");
        let register = taken(&BTreeMap::new(), here);
        assert_eq!(keys(&taken(&register, there)), keys(&register), "{file}");
    });
}

/// Reads every real write-up and its changed texts, and takes both in through one register.
fn each_write_up(change: impl Fn(&str) -> Vec<String>) {
    for_each(|folder, file| {
        let Ok(text) = fs::read_to_string(folder.join(file)) else { panic!("{file}") };
        let text = text.replace("\r\n", "\n");
        let before = read_as(file, file, text.as_bytes());
        let register = taken(&BTreeMap::new(), before.clone());
        for (number, changed) in change(&text).into_iter().enumerate() {
            let after = read_as(file, file, changed.as_bytes());
            assert_eq!(essence(&after), essence(&before), "{file}, change {number}");
            let mut later = register.clone();
            later.extend(taken(&register, after));
            assert_eq!(keys(&later), keys(&register), "{file}, change {number}");
        }
    });
}

fn for_each(check: impl Fn(&Path, &str)) {
    let Some(folder) = shared("postmortems") else { return };
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if !["tsv", "csv", "json", "yaml", "xml"].iter().any(|other| file.ends_with(other)) {
            check(&folder, &file);
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} write-ups");
}

fn essence(document: &Document) -> Vec<Essence> {
    let Observed::Known(postmortem) = &document.postmortem else { panic!("{:?}", document.diagnostics) };
    let mut found: Vec<Essence> = postmortem
        .findings
        .iter()
        .map(|finding| {
            let issues = finding.trackers.iter().map(|issue| format!("{issue:?}")).collect();
            (finding.title.clone(), finding.owner.clone(), finding.claimed.to_string(), issues)
        })
        .collect();
    found.extend(
        postmortem
            .candidates
            .iter()
            .map(|found| (found.text.clone(), None, found.reason.clone(), Vec::new())),
    );
    found.sort();
    found
}

fn taken(register: &BTreeMap<FindingKey, Finding>, document: Document) -> BTreeMap<FindingKey, Finding> {
    let terms = Terms { people: &people(), policy: &Policy::review_default(), now: now() };
    let listing =
        Listing { source: document.source.clone(), team: None, documents: Observed::Known(vec![document]) };
    take_in(terms, register, &[listing]).findings
}

/// Each key with its title, and whether its document still has it.
fn keys(register: &BTreeMap<FindingKey, Finding>) -> Vec<(&str, &str, bool)> {
    register
        .iter()
        .map(|(key, finding)| {
            (key.as_str(), finding.stated.words_inside().title.as_str(), finding.source_missing)
        })
        .collect()
}

/// Changes every line behind the front matter and outside code.
fn by_line(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut fenced = false;
    let mut matter = text.starts_with("---\n");
    let lines = text.lines().enumerate().map(|(number, line)| {
        let begins_matter = matter;
        matter &= number == 0 || line.trim_end() != "---";
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if begins_matter || fenced || fence || line.trim().is_empty() {
            line.to_owned()
        } else {
            change(line)
        }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn other_bullet(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    let (blank, rest) = line.split_at(indent);
    match rest.split_at_checked(2) {
        Some(("- ", item)) => format!("{blank}* {item}"),
        Some(("* ", item)) => format!("{blank}- {item}"),
        _ => line.to_owned(),
    }
}

/// Changes the tables of a text: their rows, of which the first is the header and the second the rule below it.
fn in_tables(text: &str, change: impl Fn(&mut [String])) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for range in tables(&lines).into_iter().rev() {
        let mut rows = lines[range.clone()].to_vec();
        change(&mut rows);
        lines.splice(range, rows);
    }
    lines.join("\n") + "\n"
}

fn tables(lines: &[String]) -> Vec<Range<usize>> {
    let is_rule = |line: &str| {
        line.contains("|") && line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
    };
    let rules = (1..lines.len()).filter(|at| is_rule(&lines[*at]));
    rules
        .map(|at| {
            let body = lines[at..].iter().position(|line| line.trim().is_empty()).unwrap_or(lines.len() - at);
            at - 1..at + body
        })
        .collect()
}

fn is_piped(row: &str) -> bool {
    row.trim().starts_with('|') && row.trim().ends_with('|')
}

/// Takes the outer pipes away, where no row begins or ends with an empty cell.
fn bare(rows: &mut [String]) {
    let inner = |row: &str| row.trim().trim_matches('|').to_owned();
    let full = |row: &String| is_piped(row) && !inner(row).split('|').any(|cell| cell.trim().is_empty());
    if rows.iter().all(full) {
        rows.iter_mut().for_each(|row| *row = inner(row).trim().to_owned());
    }
}

/// Adds the outer pipes.
fn piped(rows: &mut [String]) {
    if !rows.iter().any(|row| row.trim().starts_with('|')) {
        rows.iter_mut().for_each(|row| *row = format!("| {} |", row.trim()));
    }
}

fn reversed(rows: &mut [String]) {
    rows[2..].reverse();
}

fn rotated(rows: &mut [String]) {
    if rows.len() > 3 {
        rows[2..].rotate_left(1);
    }
}
