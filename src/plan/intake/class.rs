//! The class of a finding as its document changes: what becomes stricter holds at once, what becomes laxer waits for a reviewer.
//!
//! Whoever may push to documents could else let out what a stricter mark keeps in, also by another name, another id or another
//! document for the same thing. A reviewer's word holds until the document becomes stricter than it was.

use std::collections::{BTreeMap, BTreeSet};

use super::Intake;
use crate::{
    model::{
        finding::Finding,
        ids::{FindingKey, PostmortemId},
        terms::Tlp,
    },
    plan::identity::normalised,
};

/// Settles the class of a known finding that was read again; what it reads as stands in `after`.
pub(super) fn settle(before: &Finding, after: &mut Finding) {
    let (kept, read) = (before.stated.tlp, after.stated.tlp);
    let tlp = if read > before.read_tlp() { kept.max(read) } else { kept };
    if tlp != kept {
        after.told.tlp = None;
    }
    put(after, tlp, read);
}

/// Gives a finding a class, and remembers what its document says.
pub(super) fn put(finding: &mut Finding, tlp: Tlp, read: Tlp) {
    finding.stated.tlp = tlp;
    finding.stated.read_tlp = (read != tlp).then_some(read);
}

/// What the register keeps strict although no document says so any more.
pub(super) struct Kept<'a> {
    by_write_up: BTreeMap<&'a PostmortemId, Tlp>,
    by_place: BTreeMap<(&'a str, &'a str), Tlp>,
    by_title: BTreeMap<String, Tlp>,
}

impl<'a> Kept<'a> {
    /// Collects it from the findings that the register knew, as an intake leaves them.
    pub(super) fn within(
        register: &BTreeMap<FindingKey, Finding>,
        now: &'a BTreeMap<FindingKey, Finding>,
        listed: &BTreeSet<FindingKey>,
    ) -> Self {
        let known = now.values().filter(|finding| register.contains_key(&finding.key));
        Self::of(known.map(|finding| (finding, listed.contains(&finding.key))))
    }

    /// Collects it from findings that the register knew, as they are now, each with whether a document lists it.
    fn of(known: impl Iterator<Item = (&'a Finding, bool)>) -> Self {
        let mut kept =
            Self { by_write_up: BTreeMap::new(), by_place: BTreeMap::new(), by_title: BTreeMap::new() };
        for (finding, is_listed) in known {
            let stated = &finding.stated;
            let gone = !is_listed && finding.told.same_as.is_none();
            if !gone && finding.laxer().is_none() {
                continue;
            }
            raise(&mut kept.by_title, normalised(&stated.words_inside().title), stated.tlp);
            if finding.told.tlp.is_none() || finding.laxer().is_some() {
                raise(&mut kept.by_write_up, &stated.postmortem, stated.tlp);
                raise(&mut kept.by_place, (stated.source.as_str(), stated.path.as_str()), stated.tlp);
            }
        }
        kept
    }

    /// Keeps a finding at first sight as strict as what it may have come from.
    pub(super) fn keep(&self, finding: &mut Finding) {
        let stated = &finding.stated;
        let read = finding.read_tlp();
        let title = normalised(&stated.words_inside().title);
        let known = [
            self.by_write_up.get(&stated.postmortem),
            self.by_place.get(&(stated.source.as_str(), stated.path.as_str())),
            self.by_title.get(&title),
        ];
        let tlp = known.into_iter().flatten().copied().fold(stated.tlp, Tlp::max);
        put(finding, tlp, read);
    }

    /// Some findings, as strict as they are kept.
    fn strict(&self, all: &BTreeMap<FindingKey, Finding>, new: &[FindingKey]) -> Vec<Finding> {
        let mut strict: Vec<Finding> = new.iter().filter_map(|key| all.get(key).cloned()).collect();
        strict.iter_mut().for_each(|finding| self.keep(finding));
        strict
    }
}

fn raise<K: Ord>(all: &mut BTreeMap<K, Tlp>, key: K, tlp: Tlp) {
    let known = all.entry(key).or_insert(tlp);
    *known = tlp.max(*known);
}

/// Keeps everything that is new as strict as what it may have come from.
pub(super) fn keep_new(register: &BTreeMap<FindingKey, Finding>, intake: &mut Intake) {
    let new: Vec<FindingKey> =
        intake.findings.keys().filter(|key| !register.contains_key(key)).cloned().collect();
    if new.is_empty() {
        return;
    }
    let now = std::mem::take(&mut intake.findings);
    let strict = Kept::within(register, &now, &intake.listed).strict(&now, &new);
    intake.findings = now;
    intake.findings.extend(strict.into_iter().map(|finding| (finding.key.clone(), finding)));
}

/// The same beside findings of documents that are as they were.
pub(super) fn keep_beside(others: &BTreeMap<FindingKey, Finding>, new: &[FindingKey], intake: &mut Intake) {
    let kept = Kept::of(others.values().map(|finding| (finding, !finding.source_missing)));
    let strict = kept.strict(&intake.findings, new);
    intake.findings.extend(strict.into_iter().map(|finding| (finding.key.clone(), finding)));
}
