//! The register while a cycle changes it: one transaction for each recorded action, and the same change in memory.

use std::collections::BTreeMap;

use crate::{
    model::{
        cycle::{Note, NoteKind},
        edit_intent::EditIntent,
        finding::Finding,
        history::{Entry, KnownBy},
        ids::{FindingKey, PlaceName, TrackerName},
        involvement::{Involvement, implied},
        issue::IssueId,
        link::{Intent, Link},
        marked::Watermark,
        register::{Register, Write},
    },
    plan::intake::documents::{self, Changes},
    store::{Lease, StoreError},
};

use super::{
    gather::Gathered,
    pauses,
    ports::Ports,
    recall::{Heard, PutBack},
    spent,
};

/// How many findings one transaction of intake takes in.
const INTAKE_BATCH: usize = 500;

/// The register while a cycle changes it.
pub struct Ledger<'a> {
    ports: &'a Ports,
    lease: &'a Lease,
    cycle: String,
    register: Register,
    /// Where each link stands in the register.
    links: BTreeMap<(FindingKey, IssueId), usize>,
}

impl<'a> Ledger<'a> {
    /// Opens the ledger on what was loaded.
    pub fn new(ports: &'a Ports, lease: &'a Lease, cycle: String, register: Register) -> Self {
        let links = positions(&register.links);
        Self { ports, lease, cycle, register, links }
    }

    /// Goes on with other rows of the register, as they are recorded by now.
    pub fn reopen(&mut self, rows: Register) {
        self.links = positions(&rows.links);
        self.register = rows;
    }

    /// The register as recorded so far.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// A link as recorded so far.
    pub fn link(&self, finding: &FindingKey, issue: &IssueId) -> Option<&Link> {
        let at = self.links.get(&(finding.clone(), issue.clone()))?;
        self.register.links.get(*at)
    }

    /// The edit of a link whose outcome is not recorded, if there is one.
    pub fn open_edit(&self, finding: &FindingKey, issue: &IssueId) -> Option<&EditIntent> {
        self.register.edits.iter().find(|open| open.finding == *finding && open.issue == *issue)
    }

    /// Records writes in one transaction, with whatever was sent since the last one, then applies them to the copy in memory.
    ///
    /// # Errors
    /// Nothing was written; nothing more may be sent.
    pub async fn record(&mut self, mut writes: Vec<Write>) -> Result<(), StoreError> {
        for write in &mut writes {
            if let Write::History(entry) = write {
                entry.cycle.clone_from(&self.cycle);
                entry.known_by.get_or_insert(KnownBy::Worker);
            }
        }
        let spent = spent::unrecorded(&self.ports.trackers);
        writes.extend(spent.iter().cloned().map(Write::Spent));
        self.ports.store.record(self.lease, writes.clone()).await?;
        spent::recorded(&self.ports.trackers, &spent);
        for write in writes {
            self.mirror(write);
        }
        Ok(())
    }

    /// Records every pause that a tracker asked for and that is not in the register yet.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub async fn remember_pauses(&mut self) -> Result<(), StoreError> {
        let Ports { store, trackers, .. } = self.ports;
        pauses::remember(store.as_ref(), trackers, self.lease, &mut self.register.pauses).await
    }

    /// Records what the documents brought, in batches: a finding and what the history says of it together.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub async fn take_in(&mut self, gathered: &Gathered) -> Result<(), StoreError> {
        let intake = &gathered.intake;
        let mut entries: BTreeMap<Option<&FindingKey>, Vec<Write>> = BTreeMap::new();
        for entry in &intake.entries {
            entries.entry(entry.finding.as_ref()).or_default().push(Write::History(entry.clone()));
        }
        let mut batch = Vec::new();
        for finding in intake.changed.iter().filter_map(|key| intake.findings.get(key)) {
            batch.push(Write::Finding(Box::new(finding.clone())));
            batch.extend(entries.remove(&Some(&finding.key)).unwrap_or_default());
            if batch.len() >= INTAKE_BATCH {
                self.record(std::mem::take(&mut batch)).await?;
            }
        }
        batch.extend(entries.into_values().flatten());
        // A document counts as taken in only after everything that it lists.
        let (now, known) = (gathered.context.now, &self.register.documents);
        let listed = (gathered.listings.as_slice(), gathered.is_part);
        let Changes { put, forgotten } = documents::changes(now, known, listed, intake);
        batch.extend(forgotten.into_iter().map(Write::DocumentForgotten));
        batch.extend(put.into_iter().map(|record| Write::Document(Box::new(record))));
        for writes in batch.chunks(INTAKE_BATCH) {
            self.record(writes.to_vec()).await?;
        }
        Ok(())
    }

    /// Records the parts that a register of an earlier release shows, as found: nobody recorded them while they happened.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub async fn take_parts(&mut self, found: Vec<Involvement>) -> Result<(), StoreError> {
        for batch in found.chunks(INTAKE_BATCH) {
            let why =
                format!("owners, claimants and assignees as found, not as they came about: {}", batch.len());
            let Some(first) = batch.first() else { continue };
            let entry = Entry { finding: None, ..self.entry("parts_found", &first.finding, None, why) };
            let parts = batch.iter().map(|part| Write::Involvement(Box::new(part.clone())));
            self.record(std::iter::once(Write::History(entry)).chain(parts).collect()).await?;
        }
        Ok(())
    }

    /// Records what reads taught of issues; returns what has to be said of it.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub async fn remember(&mut self, heard: &Heard) -> Result<Vec<Note>, StoreError> {
        let sightings = heard.sightings.values().map(|sighting| Write::Issue(Box::new(sighting.clone())));
        let entry = |put_back: &PutBack| {
            Write::History(Entry {
                at: self.ports.clock.now(),
                cycle: self.cycle.clone(),
                event: "issue_put_back".to_owned(),
                finding: None,
                issue: Some(put_back.issue.clone()),
                actor: "tracker".to_owned(),
                known_by: Some(KnownBy::Tracker { tracker: put_back.tracker.clone(), account: None }),
                field: None,
                before: Some(put_back.known.to_rfc3339()),
                after: Some(put_back.shown.to_rfc3339()),
                why: put_back.why(),
            })
        };
        let writes: Vec<Write> = sightings.chain(heard.put_back.iter().map(entry)).collect();
        for batch in writes.chunks(INTAKE_BATCH) {
            self.record(batch.to_vec()).await?;
        }
        let note = |put_back: &PutBack| {
            let note = Note::new(NoteKind::PutBack, put_back.why()).at(&put_back.tracker);
            note.on(put_back.issue.as_str())
        };
        Ok(heard.put_back.iter().map(note).collect())
    }

    /// A history entry about a finding, by the worker.
    pub fn entry(
        &self,
        event: &str,
        finding: &FindingKey,
        issue: Option<&str>,
        why: impl Into<String>,
    ) -> Entry {
        Entry {
            at: self.ports.clock.now(),
            cycle: self.cycle.clone(),
            event: event.to_owned(),
            finding: Some(finding.clone()),
            issue: issue.map(str::to_owned),
            actor: "worker".to_owned(),
            known_by: None,
            field: None,
            before: None,
            after: None,
            why: why.into(),
        }
    }

    /// What was spent is counted where it is sent.
    fn mirror(&mut self, write: Write) {
        let register = &mut self.register;
        match write {
            Write::Finding(finding) => self.mirror_finding(*finding),
            Write::Involvement(part) => register.involve(*part),
            Write::Link(link) => self.mirror_link(*link),
            Write::Unlink { finding, issue } => {
                register.links.retain(|link| link.finding != finding || link.issue.id != issue);
                self.links = positions(&register.links);
                register.edits.retain(|open| open.finding != finding || open.issue != issue);
            }
            Write::EditIntent(intent) => {
                replace(&mut register.edits, *intent, |old| (old.finding.clone(), old.issue.clone()));
            }
            Write::EditDone { finding, issue } => {
                register.edits.retain(|open| open.finding != finding || open.issue != issue);
            }
            Write::Intent(intent) | Write::IntentUnclear(intent) => {
                replace(&mut register.intents, *intent, intended);
            }
            Write::IntentDone { finding, tracker, place } => {
                let done = (finding, tracker, place);
                register.intents.retain(|old| intended(old) != done);
            }
            Write::Citation(citation) => {
                replace(&mut register.citations, *citation, |old| (old.finding.clone(), old.written.clone()));
            }
            Write::Tombstone(tombstone) => {
                replace(&mut register.tombstones, *tombstone, |old| {
                    (old.finding.clone(), old.issue.id.clone())
                });
            }
            Write::TombstonesCleared(finding) => register.tombstones.retain(|old| old.finding != finding),
            Write::TombstoneCleared { finding, issue } => {
                register.tombstones.retain(|old| old.finding != finding || old.issue.id != issue);
            }
            Write::Sight(state) => {
                replace(&mut register.sights, *state, |old| (old.tracker.clone(), old.id.clone()));
            }
            Write::Place(place) => {
                replace(&mut register.places, place, |old| (old.tracker.clone(), old.place.clone()));
            }
            Write::Marked(marking) => replace(&mut register.watermarks, marking.watermark, marked),
            Write::Unmarked { tracker, place_id } => {
                register.watermarks.retain(|known| marked(known) != (tracker.clone(), place_id.clone()));
            }
            Write::Issue(sighting) => drop(register.issues.insert(sighting.issue.clone(), *sighting)),
            Write::Pause { tracker, until: Some(until) } => drop(register.pauses.insert(tracker, until)),
            Write::Pause { tracker, until: None } => drop(register.pauses.remove(&tracker)),
            Write::Document(document) => drop(register.documents.insert(document.key.clone(), *document)),
            Write::DocumentForgotten(key) => drop(register.documents.remove(&key)),
            Write::Account(account) => register.accounts.push(account),
            Write::Mapping(mapping) => register.mapping = Some(*mapping),
            // A cycle asks what stood before it, and says what stands once, at its end.
            Write::Note(_)
            | Write::NoteEnded(_)
            | Write::Looked(_)
            | Write::Spent(_)
            | Write::SpentForgotten { .. }
            | Write::Cycle(_)
            | Write::History(_)
            | Write::Accepted(_)
            | Write::Instance(_)
            | Write::Moved
            | Write::DocumentsStand
            | Write::Unchanged { .. } => {}
        }
    }

    fn mirror_finding(&mut self, finding: Finding) {
        implied(&finding).into_iter().for_each(|part| self.register.involve(part));
        self.register.findings.insert(finding.key.clone(), finding);
    }

    fn mirror_link(&mut self, link: Link) {
        let links = &mut self.register.links;
        let at = self.links.entry((link.finding.clone(), link.issue.id.clone())).or_insert(links.len());
        match links.get_mut(*at) {
            Some(old) => *old = link,
            None => links.push(link),
        }
    }
}

/// Puts a row at the end of a table, in the place of one of the same name.
fn replace<T, N: PartialEq>(table: &mut Vec<T>, row: T, name: impl Fn(&T) -> N) {
    let new = name(&row);
    table.retain(|old| name(old) != new);
    table.push(row);
}

/// What names a watermark.
fn marked(known: &Watermark) -> (TrackerName, String) {
    (known.tracker.clone(), known.place_id.clone())
}

/// What names an intent.
fn intended(intent: &Intent) -> (FindingKey, TrackerName, PlaceName) {
    (intent.finding.clone(), intent.tracker.clone(), intent.place.clone())
}

fn positions(links: &[Link]) -> BTreeMap<(FindingKey, IssueId), usize> {
    links.iter().enumerate().map(|(n, link)| ((link.finding.clone(), link.issue.id.clone()), n)).collect()
}
