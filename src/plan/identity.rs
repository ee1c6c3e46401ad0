//! Which finding of the register an item of a document is: identity survives edits (`domain.md` 2.7).
//!
//! Explicit id, then the one issue cited, then the exact text, then a near-certain mutual match; what is merely
//! similar waits for a person, because no threshold tells a reworded item from a different one.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::model::{
    finding::Finding,
    ids::{FindingKey, PostmortemId},
    postmortem::DocumentFinding,
};

/// Similarity from which a mutual best match is taken as the same finding.
const CERTAIN: f64 = 0.92;
/// How far the second best must be behind.
const MARGIN: f64 = 0.15;
/// Similarity from which a person is asked.
const SIMILAR: f64 = 0.55;

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
    /// Perhaps this finding, reworded: a person must say, by adding an id to the document.
    Perhaps(FindingKey),
}

/// Matches the items of one postmortem with its findings in the register, item by item.
pub fn identify(postmortem: &PostmortemId, items: &[DocumentFinding], known: &[&Finding]) -> Vec<Match> {
    let mut free: BTreeMap<&FindingKey, &Finding> =
        known.iter().map(|finding| (&finding.key, *finding)).collect();
    let mut matches: Vec<Option<Match>> =
        items.iter().map(|item| explicit(postmortem, item, &mut free)).collect();
    for (item, slot) in items.iter().zip(&mut matches).filter(|(_, slot)| slot.is_none()) {
        *slot = new_id(postmortem, item, &mut free);
    }
    take(items, &mut matches, &mut free, same_issue, Several::Undecided);
    take(items, &mut matches, &mut free, same_text, Several::First);
    take_similar(items, &mut matches, &mut free);
    let mut next = next_number(known, &matches);
    matches.into_iter().map(|found| found.unwrap_or_else(|| allocate(postmortem, &mut next))).collect()
}

/// Text as it is compared: compatibility forms, case, markup and spacing do not count.
pub fn normalised(text: &str) -> String {
    let folded: String = text.nfkc().collect::<String>().to_lowercase();
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn explicit(
    postmortem: &PostmortemId,
    item: &DocumentFinding,
    free: &mut BTreeMap<&FindingKey, &Finding>,
) -> Option<Match> {
    let key = FindingKey::of(postmortem, item.id.as_deref()?);
    free.remove(&key).map(|_| Match::Known(key))
}

/// An item with an id that the register does not know is new, unless it says word for word what a finding says that
/// got its id from the register: then a second one would follow the same thing, and a person must say.
fn new_id(
    postmortem: &PostmortemId,
    item: &DocumentFinding,
    free: &mut BTreeMap<&FindingKey, &Finding>,
) -> Option<Match> {
    let key = FindingKey::of(postmortem, item.id.as_deref()?);
    let twin = free.values().find(|finding| finding.allocated && same_text(item, finding));
    let Some(twin) = twin.map(|finding| finding.key.clone()) else {
        return Some(Match::New { key, allocated: false });
    };
    free.remove(&twin);
    Some(Match::Perhaps(twin))
}

fn same_issue(item: &DocumentFinding, finding: &Finding) -> bool {
    item.trackers.len() == 1 && item.trackers == finding.stated.trackers
}

fn same_text(item: &DocumentFinding, finding: &Finding) -> bool {
    normalised(&item.title) == normalised(&finding.stated.title)
}

/// What several findings that fit one item mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Several {
    /// Another test must decide.
    Undecided,
    /// They are alike: the one allocated first is taken.
    First,
}

/// Takes the pairs that a test accepts. What several items or findings share tells them apart only if they are alike.
fn take(
    items: &[DocumentFinding],
    matches: &mut [Option<Match>],
    free: &mut BTreeMap<&FindingKey, &Finding>,
    test: fn(&DocumentFinding, &Finding) -> bool,
    several: Several,
) {
    let open: Vec<&DocumentFinding> =
        items.iter().zip(&*matches).filter(|(_, slot)| slot.is_none()).map(|(item, _)| item).collect();
    for (item, slot) in items.iter().zip(matches).filter(|(_, slot)| slot.is_none()) {
        let mut fitting: Vec<&FindingKey> =
            free.iter().filter(|(_, finding)| test(item, finding)).map(|(key, _)| *key).collect();
        fitting.sort_by_key(|key| number(key));
        let Some(key) = fitting.first() else { continue };
        let rivals =
            free.get(*key).map_or(0, |finding| open.iter().filter(|item| test(item, finding)).count());
        if several == Several::First || fitting.len() == 1 && rivals == 1 {
            free.remove(*key);
            *slot = Some(Match::Known((*key).clone()));
        }
    }
}

/// Takes mutual best matches that are near-certain; marks the merely similar ones.
fn take_similar(
    items: &[DocumentFinding],
    matches: &mut [Option<Match>],
    free: &mut BTreeMap<&FindingKey, &Finding>,
) {
    let open: Vec<usize> =
        (0..items.len()).filter(|n| matches.get(*n).is_some_and(Option::is_none)).collect();
    let mut pairs = Vec::new();
    for n in &open {
        for (key, finding) in free.iter() {
            let Some(item) = items.get(*n) else { continue };
            let score =
                strsim::normalized_levenshtein(&normalised(&item.title), &normalised(&finding.stated.title));
            pairs.push((score, *n, (*key).clone()));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, &a.2).cmp(&(b.1, &b.2))));
    let mut taken = BTreeSet::new();
    for (score, n, key) in pairs.iter().take_while(|(score, ..)| *score >= SIMILAR) {
        if matches.get(*n).is_none_or(Option::is_some) || taken.contains(key) {
            continue;
        }
        let rival = pairs
            .iter()
            .filter(|(_, m, k)| (m == n) != (k == key))
            .map(|(score, ..)| *score)
            .fold(0.0, f64::max);
        let certain = *score >= CERTAIN && rival <= score - MARGIN;
        taken.insert(key.clone());
        if let Some(slot) = matches.get_mut(*n) {
            *slot = Some(if certain { Match::Known(key.clone()) } else { Match::Perhaps(key.clone()) });
        }
    }
    free.retain(|key, _| !taken.contains(*key));
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

fn number(key: &FindingKey) -> Option<u64> {
    key.local().strip_prefix('F')?.parse().ok()
}
