//! The register while a cycle changes it: one transaction for each recorded action, and the same change in memory.

use std::collections::BTreeMap;

use crate::{
    model::{
        citation::CitationRecord,
        history::{Entry, KnownBy},
        ids::FindingKey,
        involvement::{Involvement, implied},
        issue::IssueId,
        link::Link,
        register::{Register, Write},
    },
    store::{Lease, StoreError},
};

use super::{gather::Gathered, pauses, ports::Ports};

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

    /// The register as recorded so far.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// A link as recorded so far.
    pub fn link(&self, finding: &FindingKey, issue: &IssueId) -> Option<&Link> {
        let at = self.links.get(&(finding.clone(), issue.clone()))?;
        self.register.links.get(*at)
    }

    /// Records writes in one transaction, then applies them to the copy in memory.
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
        self.ports.store.record(self.lease, writes.clone()).await?;
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

    /// Records what the documents brought, in batches.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub async fn take_in(&mut self, gathered: &Gathered) -> Result<(), StoreError> {
        let findings = gathered.intake.changed.iter().filter_map(|key| gathered.intake.findings.get(key));
        let findings = findings.map(|finding| Write::Finding(Box::new(finding.clone())));
        let entries = gathered.intake.entries.iter().cloned().map(Write::History);
        let writes: Vec<Write> = findings.chain(entries).collect();
        for batch in writes.chunks(INTAKE_BATCH) {
            self.record(batch.to_vec()).await?;
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

    fn mirror(&mut self, write: Write) {
        let register = &mut self.register;
        match write {
            Write::Finding(finding) => {
                implied(&finding).into_iter().for_each(|part| register.involve(part));
                register.findings.insert(finding.key.clone(), *finding);
            }
            Write::Involvement(part) => register.involve(*part),
            Write::Link(link) => {
                let at = self
                    .links
                    .entry((link.finding.clone(), link.issue.id.clone()))
                    .or_insert(register.links.len());
                match register.links.get_mut(*at) {
                    Some(old) => *old = *link,
                    None => register.links.push(*link),
                }
            }
            Write::Unlink { finding, issue } => {
                register.links.retain(|link| link.finding != finding || link.issue.id != issue);
                self.links = positions(&register.links);
            }
            Write::Intent(intent) | Write::IntentUnclear(intent) => {
                let same = |old: &crate::model::link::Intent| {
                    old.finding == intent.finding
                        && old.tracker == intent.tracker
                        && old.place == intent.place
                };
                register.intents.retain(|old| !same(old));
                register.intents.push(*intent);
            }
            Write::IntentDone { finding, tracker, place } => {
                register
                    .intents
                    .retain(|old| old.finding != finding || old.tracker != tracker || old.place != place);
            }
            Write::Tombstone(tombstone) => register.tombstones.push(*tombstone),
            Write::Citation(citation) => {
                let same =
                    |old: &CitationRecord| old.finding == citation.finding && old.written == citation.written;
                register.citations.retain(|old| !same(old));
                register.citations.push(*citation);
            }
            Write::TombstonesCleared(finding) => register.tombstones.retain(|old| old.finding != finding),
            Write::Place(place) => {
                register.places.retain(|old| old.tracker != place.tracker || old.place != place.place);
                register.places.push(place);
            }
            Write::Pause { tracker, until } => match until {
                Some(until) => drop(register.pauses.insert(tracker, until)),
                None => drop(register.pauses.remove(&tracker)),
            },
            Write::Account(account) => register.accounts.push(account),
            Write::Cycle(_) | Write::History(_) | Write::Accepted(_) | Write::Instance(_) | Write::Moved => {}
        }
    }
}

fn positions(links: &[Link]) -> BTreeMap<(FindingKey, IssueId), usize> {
    links.iter().enumerate().map(|(n, link)| ((link.finding.clone(), link.issue.id.clone()), n)).collect()
}
