//! What trackers must not say back to us: the words of the findings, which their issues hold.
//!
//! Hands each tracker's door the words of all findings, so that no answer repeats them in an error, a log or a report. Keeps
//! nothing and judges nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    model::{
        finding::Finding,
        ids::{FindingKey, TrackerName},
    },
    net::foreign::Known,
    tracker::TrackerWrite,
};

/// Tells the doors of all trackers which words are ours.
pub fn guard(
    trackers: &BTreeMap<TrackerName, Arc<dyn TrackerWrite>>,
    findings: &BTreeMap<FindingKey, Finding>,
) {
    let mut incidents = BTreeSet::new();
    let mut texts = Vec::with_capacity(findings.len());
    for finding in findings.values() {
        let words = finding.stated.words_inside();
        incidents.insert(words.postmortem_title.as_str());
        let further = [&words.description, &words.criteria].into_iter().flatten().map(String::as_str);
        texts.push(std::iter::once(words.title.as_str()).chain(further).collect::<Vec<_>>().join("\n"));
    }
    texts.extend(incidents.into_iter().map(str::to_owned));
    let known = Arc::new(Known::of(texts));
    for tracker in trackers.values() {
        tracker.pace().guard(Arc::clone(&known));
    }
}
