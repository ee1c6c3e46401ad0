//! Which finding of the register an item of a document is: identity survives edits.
//!
//! Explicit id, then the one issue cited, then the exact text, then a near-certain mutual match; what is merely
//! similar waits for a person, because no threshold tells a reworded item from a different one.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::similar::{self, Pair};
use crate::model::{
    finding::Finding,
    ids::{FindingKey, PostmortemId},
    postmortem::{DocumentFinding, TrackerRef},
};

/// Similarity from which a mutual best match is taken as the same finding.
const CERTAIN: f64 = 0.92;
/// How far the second best must be behind.
const MARGIN: f64 = 0.15;
/// Similarity from which a person is asked.
const SIMILAR: f64 = 0.55;
/// Numbers above this were never allocated, whatever a document calls its findings.
const HIGHEST: u64 = 999_999_999;

/// What an item turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// This finding of the register.
    Known(FindingKey),
    /// A new finding, with the key it is given; `allocated` when the document gives no id.
    New {
        /// The key.
        key: FindingKey,
        /// Whether the register allocated it.
        allocated: bool,
    },
    /// Perhaps this finding, reworded: a person must say, with an id in the document or a command.
    Perhaps(FindingKey),
}

/// Matches the items of one postmortem with its findings in the register, item by item.
pub fn identify(postmortem: &PostmortemId, items: &[DocumentFinding], known: &[&Finding]) -> Vec<Match> {
    let mut open = Open::of(items, known);
    open.explicit(postmortem);
    open.take(|item| cited(&item.trackers), |finding| cited(&finding.stated.trackers), Several::Undecided);
    open.take(
        |item| Some(normalised(&item.title)),
        |finding| Some(normalised(&finding.stated.words_inside().title)),
        Several::First,
    );
    open.take_similar();
    let mut next = next_number(known, &open.matches);
    open.matches.into_iter().map(|found| found.unwrap_or_else(|| allocate(postmortem, &mut next))).collect()
}

/// Text as it is compared: compatibility forms, case, markup and spacing do not count.
pub fn normalised(text: &str) -> String {
    let folded: String = text.nfkc().collect::<String>().to_lowercase();
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Shortest text, as it is compared, that is taken for the same action wherever it stands, in characters.
const SHORTEST_REPEAT: usize = 8;

/// What a title asks for, as it is compared; none where that is too short to tell.
pub fn asks_for(title: &str) -> Option<String> {
    Some(normalised(title)).filter(|text| text.chars().count() >= SHORTEST_REPEAT)
}

/// Findings of different postmortems that ask for the same, each group in the order of keys. They stay findings of their
/// own: whether one issue can follow them all is for a person to say.
pub fn repeats<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Vec<&'a Finding>> {
    let mut repeats = Repeats::default();
    findings.for_each(|finding| repeats.take(finding, finding));
    repeats.groups()
}

/// What is found out by looking at findings one after the other: which of them ask for the same.
#[derive(Debug)]
pub struct Repeats<T>(BTreeMap<String, Vec<(PostmortemId, T)>>);

impl<T> Default for Repeats<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Repeats<T> {
    /// Takes a finding, and what is to be known of it later.
    pub fn take(&mut self, finding: &Finding, known: T) {
        if let Some(text) = asks_for(&finding.stated.words_inside().title) {
            self.0.entry(text).or_default().push((finding.stated.postmortem.clone(), known));
        }
    }

    /// The groups of those that are of different postmortems, each in the order in which they were taken.
    pub fn groups(self) -> Vec<Vec<T>> {
        let repeated = |group: &Vec<(PostmortemId, T)>| {
            let first = group.first().map(|(postmortem, _)| postmortem);
            group.iter().any(|(postmortem, _)| Some(postmortem) != first)
        };
        let known = |group: Vec<(PostmortemId, T)>| group.into_iter().map(|(_, known)| known).collect();
        self.0.into_values().filter(repeated).map(known).collect()
    }
}

/// The one issue that is cited, in a form in which the short and the long way to write it are the same.
pub fn cited(trackers: &[TrackerRef]) -> Option<String> {
    let [tracker] = trackers else { return None };
    let web = |host: &Option<String>| host.as_deref().unwrap_or("github.com").to_lowercase();
    Some(match tracker {
        TrackerRef::Github { host, repository, number } => {
            format!("{}/{}#{number}", web(host), repository.to_lowercase())
        }
        TrackerRef::PullRequest { host, repository, number } => {
            format!("{}/{} pull {number}", web(host), repository.to_lowercase())
        }
        TrackerRef::Jira { key, .. } => key.clone(),
        TrackerRef::Other { url } => url.clone(),
    })
}

/// What several items or findings that fit each other mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Several {
    /// Another test must decide.
    Undecided,
    /// They are alike: the one allocated first is taken.
    First,
}

/// Items and findings that have not found each other yet.
struct Open<'a> {
    items: &'a [DocumentFinding],
    free: BTreeMap<&'a FindingKey, &'a Finding>,
    matches: Vec<Option<Match>>,
}

impl<'a> Open<'a> {
    fn of(items: &'a [DocumentFinding], known: &[&'a Finding]) -> Self {
        let own = known.iter().filter(|finding| finding.told.same_as.is_none());
        let free = own.map(|finding| (&finding.key, *finding)).collect();
        Self { items, free, matches: vec![None; items.len()] }
    }

    /// Items that found nothing so far, with their numbers.
    fn waiting(&self) -> Vec<(usize, &'a DocumentFinding)> {
        let all = self.items.iter().enumerate().zip(&self.matches);
        all.filter(|(_, found)| found.is_none()).map(|(item, _)| item).collect()
    }

    fn settle(&mut self, n: usize, found: Match) {
        match &found {
            Match::Known(key) | Match::Perhaps(key) => drop(self.free.remove(key)),
            Match::New { .. } => {}
        }
        if let Some(slot) = self.matches.get_mut(n) {
            *slot = Some(found);
        }
    }

    /// Items with an id. One that the register does not know is new, unless it says word for word what a finding says
    /// that got its id from the register: then a second one would follow the same thing, and a person must say.
    fn explicit(&mut self, postmortem: &PostmortemId) {
        let mut unknown = Vec::new();
        for (n, item) in self.waiting() {
            let Some(id) = item.id.as_deref() else { continue };
            match self.called(postmortem, id) {
                Some(key) => self.settle(n, Match::Known(key)),
                None => unknown.push((n, FindingKey::of(postmortem, id), normalised(&item.title))),
            }
        }
        let wanted: BTreeSet<&String> = unknown.iter().map(|(_, _, text)| text).collect();
        let allocated = self.free.values().filter(|finding| finding.allocated && !wanted.is_empty());
        let mut twins: BTreeMap<String, Vec<FindingKey>> = BTreeMap::new();
        for finding in allocated {
            let text = normalised(&finding.stated.words_inside().title);
            if wanted.contains(&text) {
                twins.entry(text).or_default().push(finding.key.clone());
            }
        }
        twins.values_mut().for_each(|keys| keys.reverse());
        for (n, key, text) in unknown {
            let found = match twins.get_mut(&text).and_then(Vec::pop) {
                Some(twin) => Match::Perhaps(twin),
                None => Match::New { key, allocated: false },
            };
            self.settle(n, found);
        }
    }

    /// The finding that a document means by an id: the one whose key has it, else the one that a person said is called so.
    fn called(&self, postmortem: &PostmortemId, id: &str) -> Option<FindingKey> {
        let key = FindingKey::of(postmortem, id);
        let alias = || self.free.values().find(|finding| finding.told.aliases.contains(id));
        match self.free.contains_key(&key) {
            true => Some(key),
            false => alias().map(|finding| finding.key.clone()),
        }
    }

    /// Takes the items and findings that have the same value. What several of them share tells them apart only if they are alike.
    fn take(
        &mut self,
        of_item: impl Fn(&DocumentFinding) -> Option<String>,
        of_finding: impl Fn(&Finding) -> Option<String>,
        several: Several,
    ) {
        let mut sides: BTreeMap<String, (Vec<usize>, Vec<&FindingKey>)> = BTreeMap::new();
        for (n, item) in self.waiting() {
            if let Some(value) = of_item(item) {
                sides.entry(value).or_default().0.push(n);
            }
        }
        for (key, finding) in &self.free {
            if let Some(side) = of_finding(finding).and_then(|value| sides.get_mut(&value)) {
                side.1.push(key);
            }
        }
        for (items, mut keys) in sides.into_values() {
            if several == Several::Undecided && (items.len(), keys.len()) != (1, 1) {
                continue;
            }
            keys.sort_by_key(|key| number(key));
            for (n, key) in items.into_iter().zip(keys) {
                self.settle(n, Match::Known(key.clone()));
            }
        }
    }

    /// Takes mutual best matches that are near-certain; marks the merely similar ones.
    fn take_similar(&mut self) {
        let waiting = self.waiting();
        let free: Vec<&FindingKey> = self.free.keys().copied().collect();
        let new: Vec<String> = waiting.iter().map(|(_, item)| normalised(&item.title)).collect();
        let old: Vec<String> =
            self.free.values().map(|finding| normalised(&finding.stated.words_inside().title)).collect();
        let pairs = similar::pairs(&new, &old, SIMILAR);
        let (mut taken_new, mut taken_old) = (BTreeSet::new(), BTreeSet::new());
        for Pair { new, old, score, rival } in pairs {
            let (Some((n, _)), Some(key)) = (waiting.get(new), free.get(old)) else { continue };
            if taken_new.contains(&new) || taken_old.contains(&old) {
                continue;
            }
            taken_new.insert(new);
            taken_old.insert(old);
            let key = (*key).clone();
            let certain = score >= CERTAIN && rival <= score - MARGIN;
            self.settle(*n, if certain { Match::Known(key) } else { Match::Perhaps(key) });
        }
    }
}

/// The key of a finding that is allocated beside what the items of its document are.
pub(super) fn next_key(postmortem: &PostmortemId, known: &[&Finding], items: &[&Match]) -> FindingKey {
    let items: Vec<Option<Match>> = items.iter().map(|found| Some((*found).clone())).collect();
    FindingKey::of(postmortem, &format!("F{}", next_number(known, &items)))
}

/// Ids are allocated once, `F1` upwards, and never given out again.
fn next_number(known: &[&Finding], matches: &[Option<Match>]) -> u64 {
    let given = matches.iter().flatten().filter_map(|found| match found {
        Match::Known(key) | Match::New { key, .. } | Match::Perhaps(key) => number(key),
    });
    known.iter().filter_map(|finding| number(&finding.key)).chain(given).max().unwrap_or(0) + 1
}

fn allocate(postmortem: &PostmortemId, next: &mut u64) -> Match {
    let key = FindingKey::of(postmortem, &format!("F{next}"));
    *next += 1;
    Match::New { key, allocated: true }
}

/// The number of an id that could have been allocated.
fn number(key: &FindingKey) -> Option<u64> {
    key.local().strip_prefix('F')?.parse().ok().filter(|number| *number <= HIGHEST)
}
