//! Documents that came, went, or were edited, taken in without the others.
//!
//! Which write-up a document is, and what vanished, may depend on all documents and on the whole register; where it depends on more
//! than is at hand, nothing is said here, and everything is looked at. Must not know what is read when.

use std::collections::{BTreeMap, BTreeSet};

use super::{Intake, Listing, Terms, by_clock, class, documents::Records, take_in_beside};
use crate::{
    model::{
        document::{DocumentKey, DocumentRecord},
        finding::Finding,
        ids::{FindingKey, PostmortemId, SourceName},
        observed::Observed,
        postmortem::Document,
    },
    plan::identity::asks_for,
};

/// Files by the sources that list them, by their paths.
pub type Files = BTreeMap<SourceName, BTreeSet<String>>;

/// One finding in so many of a source may vanish without the others being counted: fewer than the brake lets pass.
const VANISHED: usize = 4;

/// Documents that are not as they were when they were taken in.
#[derive(Clone, Debug, Default)]
pub struct Altered {
    /// The files that were edited or came, by their sources; none of a source that only lost some.
    pub files: Files,
    /// What is known of whatever stands in these files, of what is gone, and of what else they are held against.
    pub known: Records,
    /// Other documents that say what they said, and of which the file system says something else, as they are known from now on.
    pub same: Vec<DocumentRecord>,
}

impl Altered {
    /// Whether every document is as it was.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.known.is_empty()
    }

    /// How many documents there are, of those that are read and of those that are gone.
    pub fn len(&self) -> usize {
        self.files.values().map(BTreeSet::len).sum::<usize>().max(self.known.len())
    }

    /// The write-ups that they were, and those that they say they are.
    pub fn write_ups(&self, listings: &[Listing]) -> BTreeSet<PostmortemId> {
        let said = read(listings).filter_map(|document| DocumentKey::as_written(document).id);
        self.known.keys().filter_map(|key| key.id.clone()).chain(said).collect()
    }

    /// Whether another source has a document at the same path as one of them: remarks name documents by their paths alone.
    pub fn shares_a_path(&self, all: &Records) -> bool {
        let is_there = |key: &DocumentKey| {
            let mut others = self.files.iter().filter(|(source, _)| **source != key.source);
            let mut known = self.known.keys().filter(|known| known.source != key.source);
            others.any(|(_, paths)| paths.contains(&key.path)) || known.any(|known| known.path == key.path)
        };
        all.keys().any(is_there)
    }

    /// Whether a document or a write-up came or went, and not only what one says; or one may be another write-up than it was, because
    /// nothing that it listed tells.
    pub fn is_shaken(&self, listings: &[Listing]) -> bool {
        let now: BTreeSet<DocumentKey> = read(listings).map(DocumentKey::as_written).collect();
        !now.iter().eq(self.known.keys()) || self.known.values().any(|record| record.state.findings == 0)
    }

    /// Documents as they are known of which it may depend on these which write-up they are, or the other way round: those that have an id
    /// which one of these has from now on, or had up to now, and those that listed nothing by which they are known and have such an id,
    /// or a numbered one like it.
    pub fn rivals(&self, all: &Records, listings: &[Listing]) -> Records {
        let now: BTreeSet<DocumentKey> = read(listings).map(DocumentKey::as_written).collect();
        let (new, stay): (Vec<&DocumentKey>, Vec<&DocumentKey>) =
            now.iter().partition(|key| !self.known.contains_key(key));
        let former = self.known.keys().filter(|key| !now.contains(key));
        let of = |key: &DocumentKey| key.id.clone();
        let changed: BTreeSet<PostmortemId> = new.into_iter().chain(former).filter_map(of).collect();
        let any: BTreeSet<PostmortemId> =
            stay.into_iter().filter_map(of).chain(changed.iter().cloned()).collect();
        let is_any =
            |id: &PostmortemId| any.contains(id) || unnumbered(id).is_some_and(|id| any.contains(&id));
        let is_rival = |key: &DocumentKey, record: &DocumentRecord| {
            key.id.as_ref().is_some_and(|id| changed.contains(id) || record.state.findings == 0 && is_any(id))
        };
        let others = all.iter().filter(|(key, record)| {
            record.state.gone.is_none() && !self.known.contains_key(key) && is_rival(key, record)
        });
        others.map(|(key, record)| (key.clone(), record.clone())).collect()
    }

    /// Reads these as well.
    pub fn add(&mut self, records: Records, all: &Records) {
        for key in records.into_keys() {
            // A file may hold several.
            let first = DocumentKey { id: None, ..key.clone() };
            let here = all
                .range(first..)
                .take_while(|(other, _)| other.path == key.path && other.source == key.source);
            self.known.extend(here.map(|(key, record)| (key.clone(), record.clone())));
            self.files.entry(key.source).or_default().insert(key.path);
        }
    }

    /// Whether something is known of what stood at a place.
    fn is_known(&self, source: &SourceName, path: &str) -> bool {
        let first = DocumentKey { source: source.clone(), path: path.to_owned(), id: None };
        self.known.range(first..).next().is_some_and(|(key, _)| key.source == *source && key.path == path)
    }

    /// Whether what is said of a finding's document is said of the one that it stands in.
    fn has_place_of(&self, finding: &Finding) -> bool {
        let (source, path) = (&finding.stated.source, &finding.stated.path);
        self.is_known(source, path) || self.files.get(source).is_some_and(|paths| paths.contains(path))
    }
}

/// What is known of documents that are as they were.
#[derive(Clone, Debug, Default)]
pub struct Others {
    /// The write-ups that they are.
    pub ids: BTreeSet<PostmortemId>,
    /// How many findings the documents of each source listed, the altered ones among them.
    pub listed: BTreeMap<SourceName, usize>,
}

impl Others {
    /// What is known of all documents but some.
    pub fn of(all: &Records, altered: &Altered) -> Self {
        let mut others = Self::default();
        for (key, record) in all.iter().filter(|(_, record)| record.state.gone.is_none()) {
            *others.listed.entry(key.source.clone()).or_default() += record.state.findings;
            if !altered.known.contains_key(key) {
                others.ids.extend(key.id.clone());
            }
        }
        others
    }
}

/// An id without the number that was given to it where its name was taken.
fn unnumbered(id: &PostmortemId) -> Option<PostmortemId> {
    let (id, number) = id.as_str().rsplit_once('-')?;
    number.bytes().all(|digit| digit.is_ascii_digit()).then(|| PostmortemId::new(id))
}

/// The documents of some listings.
fn read(listings: &[Listing]) -> impl Iterator<Item = &Document> {
    listings.iter().filter_map(|listing| listing.documents.known()).flatten()
}

/// Brings findings up to date with what these documents say now, and with the clock.
///
/// `opened` has all findings of their write-ups ([`Altered::write_ups`]), whatever else it has; of what a new finding asks for, all
/// that ask for the same have to be opened as well. None where what the documents come to depends on more than that.
pub fn take_in_altered(
    terms: Terms<'_>,
    opened: &BTreeMap<FindingKey, Finding>,
    altered: &Altered,
    listings: &[Listing],
    others: &Others,
) -> Option<Intake> {
    let is_read = |listing: &Listing| {
        listing.documents.known().is_some_and(|documents| {
            documents.iter().all(|document| matches!(document.postmortem, Observed::Known(_)))
        })
    };
    let present = altered.known.iter().filter(|(_, record)| record.state.gone.is_none());
    let mut of = present.map(|(key, _)| &key.source).chain(altered.files.keys());
    let sources: BTreeSet<&SourceName> = listings.iter().map(|listing| &listing.source).collect();
    if !listings.iter().all(is_read) || !of.all(|source| sources.contains(source)) {
        return None;
    }
    let ids = altered.write_ups(listings);
    let (theirs, beside): (BTreeMap<_, _>, BTreeMap<_, _>) =
        opened.clone().into_iter().partition(|(_, finding)| ids.contains(&finding.stated.postmortem));
    let stands = |finding: &Finding| {
        finding.source_missing || sources.contains(&finding.stated.source) && altered.has_place_of(finding)
    };
    if !theirs.values().all(stands) {
        return None;
    }
    // What vanished is counted here, against all that there is.
    let mut intake = take_in_beside(terms, &theirs, listings, &others.ids, |_| true);
    let is_taken = |document: &Document| intake.taken.contains_key(&DocumentKey::as_written(document));
    if !intake.unreadable.is_empty()
        || !read(listings).all(is_taken)
        || vanished(&theirs, &intake, &others.listed)
    {
        return None;
    }
    let new: Vec<FindingKey> = new(&intake, &theirs).map(|finding| finding.key.clone()).collect();
    let is_told = |key: &FindingKey| {
        !beside.contains_key(key)
            && intake
                .findings
                .get(key)
                .is_some_and(|finding| asks_for(&finding.stated.words_inside().title).is_some())
    };
    if !new.iter().all(is_told) {
        return None;
    }
    class::keep_beside(&beside, &new, &mut intake);
    let clock = by_clock(terms, &beside);
    intake.findings.extend(clock.findings);
    intake.changed.extend(clock.changed);
    intake.entries.extend(clock.entries);
    Some(intake)
}

/// The findings that an intake entered.
pub fn new<'a>(
    intake: &'a Intake,
    before: &'a BTreeMap<FindingKey, Finding>,
) -> impl Iterator<Item = &'a Finding> {
    intake.changed.iter().filter(|key| !before.contains_key(*key)).filter_map(|key| intake.findings.get(key))
}

/// Whether so much of a source vanished that all of it has to be counted.
fn vanished(
    before: &BTreeMap<FindingKey, Finding>,
    intake: &Intake,
    listed: &BTreeMap<SourceName, usize>,
) -> bool {
    let mut gone: BTreeMap<&SourceName, usize> = BTreeMap::new();
    let has_moved = |finding: &Finding| {
        before.get(&finding.key).is_some_and(|before| before.stated.source != finding.stated.source)
    };
    // What another source has from now on counts for none of the two.
    if intake.findings.values().any(has_moved) {
        return true;
    }
    let is_new = |key: &FindingKey| before.get(key).is_some_and(|before| !before.source_missing);
    for finding in intake.findings.values().filter(|finding| finding.source_missing && is_new(&finding.key)) {
        *gone.entry(&finding.stated.source).or_default() += 1;
    }
    gone.into_iter().any(|(source, n)| n * VANISHED > listed.get(source).copied().unwrap_or_default())
}
