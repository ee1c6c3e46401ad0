//! How much of what a document lists is what a write-up of the register listed: by the words of an item, or the one issue it cites.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{
        finding::Finding,
        ids::PostmortemId,
        postmortem::{Postmortem, TrackerRef},
    },
    plan::identity::{cited, normalised},
};

/// What write-ups list, to find those that a document has something in common with.
pub(super) struct Said<'a>(BTreeMap<String, BTreeSet<&'a PostmortemId>>);

impl<'a> Said<'a> {
    /// Collects what the write-ups list.
    pub(super) fn of<'f>(write_ups: impl Iterator<Item = (&'a PostmortemId, &'f [&'f Finding])>) -> Self {
        let mut said: BTreeMap<String, BTreeSet<&PostmortemId>> = BTreeMap::new();
        for (id, findings) in write_ups {
            for word in findings.iter().flat_map(|finding| of_finding(finding)) {
                said.entry(word).or_default().insert(id);
            }
        }
        Self(said)
    }

    /// Write-ups that list something that a document lists as well.
    pub(super) fn alike(&self, postmortem: &Postmortem) -> BTreeSet<&'a PostmortemId> {
        Self::words(postmortem).filter_map(|word| self.0.get(&word)).flatten().copied().collect()
    }

    /// What a document lists, in the form in which it is compared.
    pub(super) fn words(postmortem: &Postmortem) -> impl Iterator<Item = String> {
        postmortem.findings.iter().flat_map(|item| words(&item.title, &item.trackers))
    }
}

/// How alike a document and a write-up of the register are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Likeness {
    /// How many of their items are the same.
    pub(super) alike: usize,
    /// How many there are on the longer side.
    of: usize,
    /// Whether the write-up was listed until now.
    fresh: bool,
    /// Whether they have the same title.
    titled: bool,
}

impl Likeness {
    /// Compares both.
    pub(super) fn of(postmortem: &Postmortem, findings: &[&Finding]) -> Self {
        let listed: Vec<&&Finding> = findings.iter().filter(|finding| !finding.source_missing).collect();
        let live = if listed.is_empty() { findings.iter().collect() } else { listed.clone() };
        let here: BTreeSet<String> = Said::words(postmortem).collect();
        let there: BTreeSet<String> = live.iter().flat_map(|finding| of_finding(finding)).collect();
        let items = postmortem.findings.iter();
        let same_here =
            items.filter(|item| words(&item.title, &item.trackers).any(|word| there.contains(&word))).count();
        let same_there =
            live.iter().filter(|finding| of_finding(finding).any(|word| here.contains(&word))).count();
        let title = normalised(&postmortem.title);
        Self {
            alike: same_here.min(same_there),
            of: postmortem.findings.len().max(live.len()),
            fresh: !listed.is_empty(),
            titled: findings
                .iter()
                .any(|finding| normalised(&finding.stated.words_inside().postmortem_title) == title),
        }
    }

    /// Whether they are the same: most of both is, and for a write-up that is long gone a single item is not enough.
    pub(super) fn certain(&self) -> bool {
        self.alike * 2 > self.of && (self.fresh || self.titled || self.alike > 1)
    }

    /// Whether a person must say.
    pub(super) fn asks(&self) -> bool {
        self.certain() || (self.fresh && self.alike > 0)
    }
}

fn of_finding(finding: &Finding) -> impl Iterator<Item = String> {
    words(&finding.stated.words_inside().title, &finding.stated.trackers)
}

fn words(title: &str, trackers: &[TrackerRef]) -> impl Iterator<Item = String> {
    let title = Some(normalised(title)).filter(|title| !title.is_empty());
    // No title in normal form contains this character.
    let issue = cited(trackers).map(|issue| format!("→{issue}"));
    title.into_iter().chain(issue)
}
