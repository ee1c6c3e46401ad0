//! Real write-ups: what each must yield, counted by hand.

mod by_hand;
mod shapes;

use std::{collections::BTreeMap, fs};

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        observed::Observed,
        postmortem::{Document, TrackerRef},
        terms::Claimed,
    },
    source::read_bytes,
};

use crate::surroundings::shared;

/// Files that are refused: each must be an error that says so.
const UNSUPPORTED: &[&str] = &["oscal__ifa_plan-of-action-and-milestones.xml"];

/// Write-ups whose counts do not match yet, with the reason.
const UNMATCHED: &[(&str, &str)] = &[];

/// Findings, candidates, claimed done, in progress, with issue, with owner, with due date.
type Counts = [usize; 7];

#[test]
fn real_write_ups_yield_what_people_counted() {
    let Some(folder) = shared("postmortems") else { return };
    let mut wrong = Vec::new();
    for (file, expected) in expected(&folder) {
        let document = read(&folder, &file);
        let reason = UNMATCHED.iter().find(|(name, _)| *name == file).map(|(_, reason)| *reason);
        match (&document.postmortem, reason) {
            _ if UNSUPPORTED.contains(&file.as_str()) => {
                let codes: Vec<&str> = document.diagnostics.iter().map(|noted| noted.code.as_str()).collect();
                if codes != ["unsupported_format"] {
                    wrong.push(format!("{file}: {codes:?} instead of unsupported_format"));
                }
            }
            (Observed::Known(_), Some(_)) if counts(&document) == expected => {
                wrong.push(format!("{file}: matches now, take it off the list"));
            }
            (Observed::Known(_), None) if counts(&document) != expected => {
                wrong.push(format!("{file}: {:?} instead of {expected:?}", counts(&document)));
            }
            (Observed::Known(_), _) => {}
            (unread, _) => wrong.push(format!("{file}: {unread:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn counts(document: &Document) -> Counts {
    let Observed::Known(postmortem) = &document.postmortem else { return [0; 7] };
    let findings = &postmortem.findings;
    let issue = |tracker: &TrackerRef| !matches!(tracker, TrackerRef::Other { .. });
    [
        findings.len(),
        postmortem.candidates.len(),
        findings.iter().filter(|finding| finding.claimed == Claimed::Done).count(),
        findings.iter().filter(|finding| finding.claimed == Claimed::InProgress).count(),
        findings.iter().filter(|finding| finding.trackers.iter().any(issue)).count(),
        findings.iter().filter(|finding| finding.owner.is_some()).count(),
        findings.iter().filter(|finding| finding.due.is_some()).count(),
    ]
}

fn read(folder: &std::path::Path, file: &str) -> Document {
    read_as(file, file, &fs::read(folder.join(file)).unwrap())
}

/// Reads the bytes of a file as if they stood at another path.
fn read_as(file: &str, path: &str, bytes: &[u8]) -> Document {
    // The one write-up that cites issues by number alone lives beside another repository than theirs.
    let default_repository = file.starts_with("2i2c__").then(|| "2i2c-org/infrastructure".to_owned());
    let conventions = Conventions { default_repository, ..Conventions::default() };
    read_bytes(&SourceName::from("corpus"), path, bytes, &conventions)
}

fn expected(folder: &std::path::Path) -> BTreeMap<String, Counts> {
    let table = fs::read_to_string(folder.join("EXPECTED.tsv")).unwrap();
    let rows = table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.map(|row| {
        let number = |column: usize| row[column + 1].parse().unwrap();
        (row[0].to_owned(), std::array::from_fn(number))
    })
    .collect()
}
