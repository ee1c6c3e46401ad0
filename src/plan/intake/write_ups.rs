//! The findings of the register by their write-ups, and where each of these was last seen.

use std::collections::{BTreeMap, BTreeSet};

use super::Listed;
use crate::model::{
    finding::Finding,
    ids::{FindingKey, PostmortemId},
};

/// The write-ups of the register.
pub(super) struct WriteUps<'a> {
    pub(super) by_id: BTreeMap<&'a PostmortemId, Vec<&'a Finding>>,
    /// Which ones were seen where.
    at: BTreeMap<Listed<'a>, Seen<'a>>,
}

/// The write-ups that were seen at a place.
#[derive(Default)]
struct Seen<'a> {
    /// Those of which a document still lists something.
    listed: Vec<&'a PostmortemId>,
    /// Those of which everything vanished.
    vanished: Vec<&'a PostmortemId>,
}

impl<'a> WriteUps<'a> {
    /// Sorts the findings of the register by their write-ups.
    pub(super) fn of(register: &'a BTreeMap<FindingKey, Finding>) -> Self {
        let mut by_id: BTreeMap<&PostmortemId, Vec<&Finding>> = BTreeMap::new();
        for finding in register.values() {
            by_id.entry(&finding.stated.postmortem).or_default().push(finding);
        }
        let mut at: BTreeMap<Listed<'a>, Seen<'a>> = BTreeMap::new();
        for (id, findings) in &by_id {
            let is_listed = findings.iter().any(|finding| !finding.source_missing);
            for place in places(findings) {
                let seen = at.entry(place).or_default();
                if is_listed { &mut seen.listed } else { &mut seen.vanished }.push(*id);
            }
        }
        Self { by_id, at }
    }

    /// The one that stands at a place, of those that are free; none where several may.
    pub(super) fn standing_at(
        &self,
        place: &Listed<'a>,
        is_free: impl Fn(&PostmortemId) -> bool,
    ) -> Option<&'a PostmortemId> {
        let seen = self.at.get(place)?;
        let free = |ids: &[&'a PostmortemId]| -> Vec<&'a PostmortemId> {
            ids.iter().copied().filter(|id| is_free(id)).collect()
        };
        let listed = free(&seen.listed);
        let standing = if listed.is_empty() { free(&seen.vanished) } else { listed };
        match standing.as_slice() {
            [id] => Some(id),
            _ => None,
        }
    }

    /// The findings of a write-up.
    pub(super) fn findings(&self, id: &PostmortemId) -> &[&'a Finding] {
        self.by_id.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn knows(&self, id: &PostmortemId) -> bool {
        self.by_id.contains_key(id)
    }

    pub(super) fn is_derived(&self, id: &PostmortemId) -> bool {
        self.findings(id).iter().any(|finding| finding.stated.postmortem_derived)
    }
}

/// Where a write-up was last seen: where its document still lists findings, else where it listed any.
pub(super) fn places<'a>(findings: &[&'a Finding]) -> BTreeSet<Listed<'a>> {
    let place = |finding: &&'a Finding| (&finding.stated.source, finding.stated.path.as_str());
    let listed: BTreeSet<_> = findings.iter().filter(|finding| !finding.source_missing).map(place).collect();
    if listed.is_empty() { findings.iter().map(place).collect() } else { listed }
}
