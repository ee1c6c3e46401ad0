//! What the register keeps of each document after an intake, and what of that has to be written.
//!
//! A document that is gone is kept with since when: for as long as the register has findings of it, and for a while without.
//! What could not be listed keeps what is known of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Intake, Listing};
use crate::model::{
    cycle::Coverage,
    document::{DocumentKey, DocumentRecord, DocumentState, Sameness},
    finding::Finding,
    ids::{FindingKey, PostmortemId, SourceName},
    observed::Observed,
    postmortem::{Document, Postmortem},
    terms::Tlp,
};

/// For how long a document is remembered that is gone and of which the register has no finding.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

/// What the register keeps of documents, by their names.
pub type Records = BTreeMap<DocumentKey, DocumentRecord>;

/// What has to be written so that the register knows the documents as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that are new or changed.
    pub put: Vec<DocumentRecord>,
    /// Rows that end: their document stands elsewhere now, or is forgotten.
    pub forgotten: Vec<DocumentKey>,
}

/// Says what changed in what is known of documents. Where nothing did, nothing is written. In part, `known` and what is listed are
/// some of all documents, and nothing is said of others.
pub fn changes(
    now: DateTime<Utc>,
    known: &Records,
    (listings, is_part): (&[Listing], bool),
    intake: &Intake,
) -> Changes {
    let kept = kept_classes(&intake.findings);
    let present = Present { now, known, kept, intake, moved: by_write_up(known) };
    let there: Records = listings
        .iter()
        .filter_map(|listing| listing.documents.known())
        .flatten()
        .flat_map(|document| present.records(document))
        .map(|record| (record.key.clone(), record))
        .collect();
    let mut changes = Changes::default();
    changes.put.extend(there.values().filter(|record| known.get(&record.key) != Some(*record)).cloned());
    let ids: BTreeSet<&PostmortemId> = there.keys().filter_map(|key| key.id.as_ref()).collect();
    let unlisted: BTreeSet<&SourceName> = listings
        .iter()
        .filter(|listing| listing.documents.known().is_none())
        .map(|listing| &listing.source)
        .collect();
    let of_findings: BTreeSet<&PostmortemId> =
        intake.findings.values().map(|finding| &finding.stated.postmortem).collect();
    for (key, record) in known {
        if there.contains_key(key) || unlisted.contains(&key.source) {
            continue;
        }
        let stays = key.id.as_ref().filter(|id| !ids.contains(id));
        let Some(id) = stays else {
            changes.forgotten.push(key.clone());
            continue;
        };
        match record.state.gone {
            None => changes.put.push(gone(record, now)),
            Some(since) if now - since > REMEMBERED && !of_findings.contains(id) => {
                changes.forgotten.push(key.clone());
            }
            Some(_) => {}
        }
    }
    if !is_part {
        let told: BTreeSet<&PostmortemId> =
            known.keys().filter_map(|key| key.id.as_ref()).chain(ids).collect();
        let untold = intake.findings.values().filter(|finding| {
            !told.contains(&finding.stated.postmortem) && !unlisted.contains(&finding.stated.source)
        });
        let gone = untold.map(|finding| gone_before(finding, now));
        let gone: Records = gone.map(|record| (record.key.clone(), record)).collect();
        changes.put.extend(gone.into_values());
    }
    changes
}

/// The document of a finding that was gone before documents were remembered.
fn gone_before(finding: &Finding, now: DateTime<Utc>) -> DocumentRecord {
    let stated = &finding.stated;
    let id = Some(stated.postmortem.clone());
    let key = DocumentKey { source: stated.source.clone(), path: stated.path.clone(), id };
    let state = DocumentState { class: Some(stated.tlp), gone: Some(now), ..unknown(now) };
    DocumentRecord { key, same: Sameness::default(), state }
}

/// Nothing is known of a document.
fn unknown(now: DateTime<Utc>) -> DocumentState {
    DocumentState {
        class: None,
        laxer: None,
        coverage: Coverage::Unreadable,
        findings: 0,
        candidates: 0,
        items: 0,
        set_aside: 0,
        taken_in: false,
        since: now,
        changed: now,
        gone: None,
    }
}

/// The strictest class that each write-up keeps although it says a laxer one, until a reviewer agrees.
fn kept_classes(findings: &BTreeMap<FindingKey, Finding>) -> BTreeMap<&PostmortemId, Tlp> {
    let mut kept: BTreeMap<&PostmortemId, Tlp> = BTreeMap::new();
    for finding in findings.values().filter(|finding| finding.laxer().is_some()) {
        let class = kept.entry(&finding.stated.postmortem).or_insert(finding.stated.tlp);
        *class = finding.stated.tlp.max(*class);
    }
    kept
}

/// One row of each write-up, to know one again that stands elsewhere; the one that is there rather than one that is gone.
fn by_write_up(known: &Records) -> BTreeMap<&PostmortemId, &DocumentRecord> {
    let mut rows: BTreeMap<&PostmortemId, &DocumentRecord> = BTreeMap::new();
    for record in known.values() {
        let Some(id) = &record.key.id else { continue };
        let row = rows.entry(id).or_insert(record);
        if row.state.gone.is_some() && record.state.gone.is_none() {
            *row = record;
        }
    }
    rows
}

fn gone(record: &DocumentRecord, now: DateTime<Utc>) -> DocumentRecord {
    let state = DocumentState { gone: Some(now), changed: now, taken_in: false, ..record.state.clone() };
    DocumentRecord { state, ..record.clone() }
}

/// What documents are measured against.
struct Present<'a> {
    now: DateTime<Utc>,
    known: &'a Records,
    kept: BTreeMap<&'a PostmortemId, Tlp>,
    intake: &'a Intake,
    moved: BTreeMap<&'a PostmortemId, &'a DocumentRecord>,
}

impl Present<'_> {
    /// The rows of a listed document; one that cannot be read is every write-up that it was.
    fn records(&self, document: &Document) -> Vec<DocumentRecord> {
        if let Observed::Known(postmortem) = &document.postmortem {
            return vec![self.read(document, postmortem)];
        }
        let first = DocumentKey::as_written(document);
        let is_here = |key: &DocumentKey| (&key.source, &key.path) == (&first.source, &first.path);
        let here = self.known.range(first.clone()..).take_while(|(key, _)| is_here(key));
        let present = here.filter(|(key, record)| key.id.is_some() && record.state.gone.is_none());
        let understood: Vec<&DocumentKey> = present.map(|(key, _)| key).collect();
        if understood.is_empty() {
            return vec![self.unread(document, first)];
        }
        understood.into_iter().map(|key| self.unread(document, key.clone())).collect()
    }

    fn read(&self, document: &Document, postmortem: &Postmortem) -> DocumentRecord {
        let written = DocumentKey::as_written(document);
        let taken = self.intake.taken.get(&written);
        let id = taken.map_or(&postmortem.id, |taken| &taken.id);
        let accepted = taken.map_or(0, |taken| taken.recognised);
        let kept = self.kept.get(id).copied().filter(|kept| *kept > postmortem.tlp);
        let state = DocumentState {
            class: Some(kept.unwrap_or(postmortem.tlp)),
            laxer: kept.is_some().then_some(postmortem.tlp),
            coverage: Coverage::of(document, taken.map(|taken| taken.recognised)),
            findings: postmortem.findings.len() + accepted,
            candidates: postmortem.candidates.len().saturating_sub(accepted),
            items: postmortem.coverage.items,
            set_aside: postmortem.coverage.n_aside(),
            taken_in: taken.is_some_and(|taken| !taken.held),
            ..unknown(self.now)
        };
        let key = DocumentKey { id: Some(id.clone()), ..written };
        self.dated(DocumentRecord { key, same: sameness(document), state })
    }

    /// A document that cannot be read is as strict as it was.
    fn unread(&self, document: &Document, key: DocumentKey) -> DocumentRecord {
        let before = self.known.get(&key).map(|record| &record.state);
        let state = DocumentState {
            class: before.and_then(|before| before.class),
            laxer: before.and_then(|before| before.laxer),
            ..unknown(self.now)
        };
        self.dated(DocumentRecord { key, same: sameness(document), state })
    }

    /// With its times: since when it is known, wherever it stood, and when it last changed. A file that was only touched did
    /// not change.
    fn dated(&self, mut record: DocumentRecord) -> DocumentRecord {
        let elsewhere = || record.key.id.as_ref().and_then(|id| self.moved.get(id)).copied();
        let here = self.known.get(&record.key);
        let Some(before) = here.or_else(elsewhere) else { return record };
        record.state.since = before.state.since;
        let changed = record.state.changed;
        record.state.changed = before.state.changed;
        let is_as_before = record.key == before.key
            && record.state == before.state
            && (&record.same.digest, &record.same.revision) == (&before.same.digest, &before.same.revision);
        if !is_as_before {
            record.state.changed = changed;
        }
        record
    }
}

fn sameness(document: &Document) -> Sameness {
    Sameness { stat: document.stat, digest: document.hash.clone(), revision: document.revision.clone() }
}
