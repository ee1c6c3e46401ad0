//! The words of all findings, in whatever request they were sent: an answer about an issue may repeat what it holds.
//!
//! Knows which of many words tell something. They are sorted out only once an answer refuses something.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::OnceLock,
};

use super::sent::{Sent, is_common, small_words};

/// In how many texts a word may stand and still tell something by itself; one that stands in more is a word of the house.
const RARE: usize = 8;

/// The words of findings.
#[derive(Default)]
pub struct Known {
    texts: Vec<String>,
    words: OnceLock<Sent>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known")
    }
}

impl Known {
    /// Those of these texts, one for each finding, whose first line is its title.
    pub fn of(texts: Vec<String>) -> Self {
        Self { texts, words: OnceLock::new() }
    }

    /// A text without them.
    pub(super) fn taken_out(&self, text: &str) -> String {
        self.words.get_or_init(|| self.telling()).taken_out(text)
    }

    /// What tells something: words that few texts have, and neighbours in a title.
    fn telling(&self) -> Sent {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut pairs = BTreeSet::new();
        for text in &self.texts {
            let title: Vec<String> = small_words(text.lines().next().unwrap_or_default());
            let title: Vec<String> = title.into_iter().filter(|word| !is_common(word)).collect();
            let next = title.iter().skip(1);
            pairs.extend(title.iter().zip(next).map(|(word, next)| (word.clone(), next.clone())));
            for word in small_words(text).into_iter().collect::<BTreeSet<_>>() {
                *counts.entry(word).or_default() += 1;
            }
        }
        let rare = counts.into_iter().filter(|(_, n)| *n <= RARE).map(|(word, _)| word);
        Sent::known(rare.collect(), pairs)
    }
}
