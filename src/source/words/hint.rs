//! What the words of an action suggest where its document does not say: a class and a kind. A suggestion, never a fact.

use std::collections::BTreeMap;

use super::{Vocabulary, Words, folded, is_unspaced};
use crate::model::postmortem::Hints;

/// How much of a title is looked at, in bytes.
const LONGEST: usize = 300;

impl Vocabulary {
    /// What a title suggests.
    pub(in crate::source) fn hints(&self, title: &str) -> Hints {
        let title = folded(title.get(..title.floor_char_boundary(LONGEST)).unwrap_or_default());
        Hints { class: strongest(&self.class_hints, &title), kind: strongest(&self.kind_hints, &title) }
    }
}

/// The term with the longest hint in a title; of equal ones the earliest in it.
fn strongest<T: Copy + Ord>(hints: &BTreeMap<T, Words>, title: &str) -> Option<T> {
    let all = hints.iter().flat_map(|(term, words)| words.iter().map(move |word| (*term, word)));
    let found = all.filter_map(|(term, word)| {
        Some((word.chars().count(), std::cmp::Reverse(begins_word(title, word)?), term))
    });
    found.max().map(|(_, _, term)| term)
}

/// Where a hint begins a word of a text; scripts without blanks have no beginnings.
pub(super) fn begins_word(text: &str, hint: &str) -> Option<usize> {
    text.match_indices(hint).map(|(at, _)| at).find(|at| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        hint.chars().any(is_unspaced) || !before.is_some_and(char::is_alphanumeric)
    })
}
