//! Keys that the history knows and the register has not: a finding of that key was removed by other means.
//!
//! No other finding is given such a key, and while a write-up lacks one, nothing of it is given a key at all: what its
//! document says may be the finding that is gone, and would get a second issue.

use std::collections::{BTreeMap, BTreeSet};

use super::Intake;
use crate::model::{
    finding::Finding,
    ids::FindingKey,
    postmortem::{Diagnostic, Level},
};

/// Takes back what an intake entered under a key that may be another finding's. Says of each what to do.
pub fn keep_out(
    intake: &mut Intake,
    before: &BTreeMap<FindingKey, Finding>,
    lost: &BTreeSet<FindingKey>,
) -> Vec<String> {
    let is_new = |key: &&FindingKey| !before.contains_key(*key);
    let new = intake.changed.iter().filter(is_new).filter_map(|key| intake.findings.get(key));
    let refused: BTreeMap<FindingKey, Diagnostic> =
        new.filter_map(|finding| Some((finding.key.clone(), refusal(finding, before, lost)?))).collect();
    intake.findings.retain(|key, _| !refused.contains_key(key));
    intake.changed.retain(|key| !refused.contains_key(key));
    intake.entries.retain(|entry| !entry.finding.as_ref().is_some_and(|key| refused.contains_key(key)));
    let told = |noted: &Diagnostic| {
        let help = noted.help.as_deref().unwrap_or_default();
        format!("{}:{}: {}; {help}", noted.path, noted.line, noted.message)
    };
    let told = refused.values().map(told).collect();
    intake.diagnostics.extend(refused.into_values());
    told
}

/// The lost keys for which a new finding may stand: its own, and where it was given one, all of its write-up.
fn claims<'a>(finding: &'a Finding, lost: &'a BTreeSet<FindingKey>) -> impl Iterator<Item = &'a FindingKey> {
    lost.iter()
        .filter(|key| **key == finding.key || (finding.allocated && write_up(key) == write_up(&finding.key)))
}

fn refusal(
    finding: &Finding,
    before: &BTreeMap<FindingKey, Finding>,
    lost: &BTreeSet<FindingKey>,
) -> Option<Diagnostic> {
    let claimed: Vec<&FindingKey> = claims(finding, lost).collect();
    if claimed.is_empty() {
        return None;
    }
    let names: Vec<&str> = claimed.iter().map(|key| key.as_str()).collect();
    let keys = names.join(", ");
    Some(Diagnostic {
        path: finding.stated.path.clone(),
        line: finding.stated.line,
        column: 0,
        level: Level::Error,
        code: "finding_lost".to_owned(),
        message: format!(
            "this may be {keys}, which the history knows and the register has not; it is not taken in"
        ),
        help: Some(format!(
            "restore a backup in which {keys} is there, or, if this is another finding, give it an id that none ever had, \
             such as `{}`",
            unused(&finding.key, before, lost)
        )),
    })
}

/// An id that no finding of a write-up ever had.
fn unused(key: &FindingKey, before: &BTreeMap<FindingKey, Finding>, lost: &BTreeSet<FindingKey>) -> String {
    let number = |key: &FindingKey| key.local().strip_prefix('F')?.parse::<u64>().ok();
    let known = before.keys().chain(lost).chain([key]).filter(|known| write_up(known) == write_up(key));
    format!("F{}", known.filter_map(number).max().unwrap_or(0).saturating_add(1))
}

/// The write-up of a finding, by its key.
fn write_up(finding: &FindingKey) -> &str {
    finding.as_str().rsplit_once('/').map_or(finding.as_str(), |(write_up, _)| write_up)
}
