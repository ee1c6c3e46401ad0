//! Documents that were edited where they stand, taken in without the others.
//!
//! Which write-up a document is, and what vanished, may depend on all documents and on the whole register; where it does, nothing
//! is said here, and everything is looked at. Must not know what is read when.

use std::collections::{BTreeMap, BTreeSet};

use super::{Intake, Listing, Terms, by_clock, documents::Records, take_in};
use crate::model::{
    document::{DocumentKey, DocumentRecord},
    finding::Finding,
    ids::{FindingKey, PostmortemId, SourceName},
    observed::Observed,
    postmortem::Document,
};

/// Files by the sources that list them, by their paths.
pub type Files = BTreeMap<SourceName, BTreeSet<String>>;

/// Documents that may have been edited since they were taken in, while no other came or went.
#[derive(Clone, Debug, Default)]
pub struct Edited {
    /// Their files.
    pub files: Files,
    /// What is known of them.
    pub known: Records,
    /// Other documents that say what they said, and of which the file system says something else, as they are known from now on.
    pub same: Vec<DocumentRecord>,
}

impl Edited {
    /// The write-ups that they are.
    pub fn write_ups(&self) -> BTreeSet<PostmortemId> {
        self.known.keys().filter_map(|key| key.id.clone()).collect()
    }

    /// Whether another source has a document at the same path as one of them: remarks name documents by their paths alone.
    pub fn shares_a_path(&self, all: &Records) -> bool {
        let is_there = |key: &DocumentKey| {
            let mut others = self.files.iter().filter(|(source, _)| **source != key.source);
            others.any(|(_, paths)| paths.contains(&key.path))
        };
        all.keys().any(is_there)
    }

    /// Whether each of them was read, and is the write-up that it was, by what it says itself.
    fn are_read(&self, listings: &[Listing]) -> bool {
        let documents = listings.iter().map(|listing| listing.documents.known());
        let read = |document: &Document| matches!(document.postmortem, Observed::Known(_));
        let mut now = BTreeSet::new();
        for documents in documents {
            let Some(documents) = documents.filter(|documents| documents.iter().all(read)) else {
                return false;
            };
            now.extend(documents.iter().map(DocumentKey::as_written));
        }
        now.iter().eq(self.known.keys())
    }
}

/// Brings findings up to date with what edited documents say now, and with the clock.
///
/// `opened` has all findings of their write-ups, whatever else it has. None where what the documents come to depends on more than that.
pub fn take_in_edited(
    terms: Terms<'_>,
    opened: &BTreeMap<FindingKey, Finding>,
    edited: &Edited,
    listings: &[Listing],
) -> Option<Intake> {
    if !edited.are_read(listings) {
        return None;
    }
    let ids = edited.write_ups();
    let is_theirs = |finding: &Finding| ids.contains(&finding.stated.postmortem);
    let (theirs, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        opened.clone().into_iter().partition(|(_, finding)| is_theirs(finding));
    let stands = |finding: &Finding| {
        let paths = edited.files.get(&finding.stated.source);
        finding.source_missing || paths.is_some_and(|paths| paths.contains(&finding.stated.path))
    };
    if !theirs.values().all(stands) {
        return None;
    }
    let mut intake = take_in(terms, &theirs, listings);
    let clock = by_clock(terms, &others);
    let is_same =
        |key: &DocumentKey| intake.taken.get(key).is_some_and(|taken| key.id.as_ref() == Some(&taken.id));
    let is_lost = |(key, finding): (&FindingKey, &Finding)| {
        theirs.get(key).is_none_or(|before| finding.source_missing && !before.source_missing)
    };
    if !intake.unreadable.is_empty()
        || !edited.known.keys().all(is_same)
        || intake.findings.iter().any(is_lost)
    {
        return None;
    }
    intake.findings.extend(clock.findings);
    intake.changed.extend(clock.changed);
    intake.entries.extend(clock.entries);
    Some(intake)
}
