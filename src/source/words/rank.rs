//! Words for how bad something is and how soon it is to be done, in the scales that people use: names, `SEV-1`, `S2`, `P0`.

use std::collections::BTreeMap;

use super::{Vocabulary, Words, folded, normal};
use crate::model::terms::{Priority, Severity};

/// Longest text that is looked at, in bytes; anything longer is a sentence.
const LONGEST: usize = 64;

/// A severity as a document states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct Rated {
    /// What it counts as.
    pub(in crate::source) severity: Severity,
    /// How it is written, where nobody understands it.
    pub(in crate::source) unclear: Option<String>,
}

impl From<Severity> for Rated {
    fn from(severity: Severity) -> Self {
        Self { severity, unclear: None }
    }
}

impl Vocabulary {
    /// The severity that a word names, alone or with more about it: `High`, `SEV-1`, `9.8 (Critical)`.
    pub(in crate::source) fn severity(&self, text: &str) -> Option<Severity> {
        ranked(&self.severities, text)
    }

    /// What a stated severity counts as: one that nobody knows is high until a person says otherwise.
    pub(in crate::source) fn rated(&self, text: &str) -> Rated {
        match self.severity(text) {
            Some(severity) => severity.into(),
            None => Rated { severity: Severity::High, unclear: Some(text.chars().take(LONGEST).collect()) },
        }
    }

    /// The priority that a word names, alone or with more about it: `P1`, `High`, `P1 - urgent`.
    pub(in crate::source) fn priority(&self, text: &str) -> Option<Priority> {
        let words = normal(text);
        let first = words.split([' ', ':', '-', '(', '/']).next().unwrap_or_default();
        Priority::parse(first).or_else(|| ranked(&self.priorities, text))
    }
}

/// What is told of a stated severity that nobody knows: code, message and help. It counts as high until a person says otherwise, because
/// a write-up that states one wants it to be seen.
pub(in crate::source) fn not_understood(word: &str) -> (&'static str, String, &'static str) {
    let shown: String = word.chars().take(LONGEST).collect();
    (
        "unknown_severity",
        format!("`{shown}` is no severity that is known, so it counts as high until a person says otherwise"),
        "write critical, high, medium, low or info, or name the word under `words.severities` of the source",
    )
}

/// What a text names as a whole, else what the only word in it names that is known. Two that differ name nothing.
fn ranked<T: Copy + Ord>(scale: &BTreeMap<T, Words>, text: &str) -> Option<T> {
    if text.len() > LONGEST {
        return None;
    }
    let of = |word: &str| {
        let joined: String = word.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).collect();
        let known = |words: &Words| words.contains(word) || words.contains(&joined);
        scale.iter().find(|(_, words)| known(words)).map(|(rank, _)| *rank)
    };
    let whole = folded(text);
    let parts = || whole.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_'));
    of(&whole).or_else(|| of(&normal(text))).or_else(|| {
        let named: Vec<T> = parts().filter_map(of).collect();
        let (first, rest) = named.split_first()?;
        rest.iter().all(|rank| rank == first).then_some(*first)
    })
}
