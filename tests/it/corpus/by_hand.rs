//! Every finding of some real write-ups, as people read them there: line, beginning of the title, owner, claim and references.

use std::collections::BTreeMap;

use postmortem_sync::source::scan::Scan;

use super::read;
use crate::surroundings::shared;

/// How much of a title is compared, in characters.
const BEGINNING: usize = 40;

#[test]
fn real_write_ups_yield_what_people_read_in_them() {
    let Some(folder) = shared("postmortems") else { return };
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in include_str!("../../data/corpus/findings.tsv").lines().skip(1) {
        let (file, finding) = row.split_once('\t').unwrap();
        files.entry(file).or_default().push(finding.to_owned());
    }
    assert!(files.len() >= 12);
    for (file, expected) in files {
        let document = read(&folder, file);
        let found: Vec<String> = Scan::of(&document)
            .findings
            .iter()
            .map(|finding| {
                let title: String = finding.title.chars().take(BEGINNING).collect();
                let references =
                    if finding.trackers.is_empty() { "-".to_owned() } else { finding.trackers.join(" ") };
                let owner = finding.owner.unwrap_or("-");
                format!("{}\t{title}\t{owner}\t{}\t{references}", finding.line, finding.claimed)
            })
            .collect();
        assert_eq!(found, expected, "{file}");
    }
}
