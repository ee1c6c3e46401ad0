//! How alike texts of two lists are: every pair that may be the same text reworded, the most alike first.
//!
//! Knows texts in normal form. Knows no finding. Short lists are compared completely; of long ones, each text is compared
//! with those that share the most words with it, so that the cost grows with the lists and not with their product.

use std::collections::BTreeMap;

/// How many pairs are compared completely.
const ALL_PAIRS: usize = 4096;
/// With how many texts each is compared beyond that.
const CLOSEST: usize = 16;
/// A word that more texts than this contain tells nothing.
const COMMON: usize = 256;

/// Two texts that are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    /// Number of the text in the new list.
    pub(super) new: usize,
    /// Number of the text in the old list.
    pub(super) old: usize,
    /// How alike they are, from 0 to 1.
    pub(super) score: f64,
    /// How alike the next best partner of either is.
    pub(super) rival: f64,
}

/// Pairs with at least a score, best first; pairs that are equally alike come in the order of the lists.
pub(super) fn pairs(new: &[String], old: &[String], least: f64) -> Vec<Pair> {
    let mut scored: Vec<(f64, usize, usize)> = candidates(new, old)
        .into_iter()
        .filter_map(|(n, m)| Some((strsim::normalized_levenshtein(new.get(n)?, old.get(m)?), n, m)))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    let best_of_new = best_two(scored.iter().map(|(score, n, m)| (*n, *m, *score)));
    let best_of_old = best_two(scored.iter().map(|(score, n, m)| (*m, *n, *score)));
    let rival = |best: &BTreeMap<usize, Vec<(usize, f64)>>, of: usize, partner: usize| {
        let others = best.get(&of).into_iter().flatten().filter(|(other, _)| *other != partner);
        others.map(|(_, score)| *score).fold(0.0, f64::max)
    };
    scored
        .iter()
        .take_while(|(score, ..)| *score >= least)
        .map(|(score, n, m)| Pair {
            new: *n,
            old: *m,
            score: *score,
            rival: rival(&best_of_new, *n, *m).max(rival(&best_of_old, *m, *n)),
        })
        .collect()
}

/// The two best partners of each text; `scored` comes best first.
fn best_two(scored: impl Iterator<Item = (usize, usize, f64)>) -> BTreeMap<usize, Vec<(usize, f64)>> {
    let mut best: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
    for (of, partner, score) in scored {
        let partners = best.entry(of).or_default();
        if partners.len() < 2 {
            partners.push((partner, score));
        }
    }
    best
}

/// The pairs that are worth comparing.
fn candidates(new: &[String], old: &[String]) -> Vec<(usize, usize)> {
    if new.len().saturating_mul(old.len()) <= ALL_PAIRS {
        return (0..new.len()).flat_map(|n| (0..old.len()).map(move |m| (n, m))).collect();
    }
    let mut having: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (m, text) in old.iter().enumerate() {
        for word in words(text) {
            having.entry(word).or_default().push(m);
        }
    }
    let mut found = Vec::new();
    for (n, text) in new.iter().enumerate() {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        let telling = words(text).into_iter().filter_map(|word| having.get(&word));
        for m in telling.filter(|texts| texts.len() <= COMMON).flatten() {
            *shared.entry(*m).or_default() += 1;
        }
        let mut closest: Vec<(usize, usize)> = shared.into_iter().map(|(m, count)| (count, m)).collect();
        closest.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        found.extend(closest.into_iter().take(CLOSEST).map(|(_, m)| (n, m)));
    }
    found
}

/// The words of a text, each once; of scripts that put no blanks between words, pairs of characters.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in text.split(' ') {
        let characters: Vec<char> = word.chars().collect();
        if word.is_ascii() || characters.len() < 2 {
            words.push(word.to_owned());
        } else {
            words.extend(characters.windows(2).map(|pair| pair.iter().collect::<String>()));
        }
    }
    words.sort();
    words.dedup();
    words
}
