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
    /// Collects it from the findings that the register knew, as they are now.
    pub(super) fn of(
        register: &BTreeMap<FindingKey, Finding>,
        now: &'a BTreeMap<FindingKey, Finding>,
        listed: &BTreeSet<FindingKey>,
    ) -> Self {
        let mut kept =
            Self { by_write_up: BTreeMap::new(), by_place: BTreeMap::new(), by_title: BTreeMap::new() };
        for finding in now.values().filter(|finding| register.contains_key(&finding.key)) {
            let stated = &finding.stated;
            let gone = !listed.contains(&finding.key) && finding.told.same_as.is_none();
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
        let read = stated.tlp;
        let title = normalised(&stated.words_inside().title);
        let known = [
            self.by_write_up.get(&stated.postmortem),
            self.by_place.get(&(stated.source.as_str(), stated.path.as_str())),
            self.by_title.get(&title),
        ];
        let tlp = known.into_iter().flatten().copied().fold(read, Tlp::max);
        put(finding, tlp, read);
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
    let kept = Kept::of(register, &now, &intake.listed);
    let strict: Vec<Finding> = new
        .iter()
        .filter_map(|key| now.get(key).cloned())
        .map(|mut finding| {
            kept.keep(&mut finding);
            finding
        })
        .collect();
    intake.findings = now;
    intake.findings.extend(strict.into_iter().map(|finding| (finding.key.clone(), finding)));
}
