//! How bad or how soon an action is, as the first word before its title: `[P2]`, `(High)`, `**SEV-1**`, `Critical:`.
//!
//! Knows the beginning of a line. Which words are ranks is known by the vocabulary.

use super::text::Text;
use crate::{
    model::terms::{Priority, Severity},
    source::words::Vocabulary,
};

/// Longest rank, in bytes.
const LONGEST: usize = 24;

/// What stands before a title; nothing where it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rank {
    /// How soon.
    pub(super) priority: Option<Priority>,
    /// How bad.
    pub(super) severity: Option<Severity>,
}

/// The rank that a line begins with, and the line without it.
pub(super) fn taken(first: Text, words: &Vocabulary) -> (Rank, Text) {
    leading(&first, words).unwrap_or((Rank::default(), first))
}

/// The rank that a line begins with, and the line without it. A word that may begin a sentence counts only where brackets, a colon or
/// capital letters in bold set it apart.
fn leading(first: &Text, words: &Vocabulary) -> Option<(Rank, Text)> {
    let raw = first.raw();
    let text = raw.trim_start();
    let bracket = bracketed(text).map(|(word, rest)| (word, rest, false));
    let bold = first.bold_lead().map(|(_, rest)| {
        let (lead, rest) = raw.split_at(raw.len() - rest.raw().len());
        (lead.trim(), rest)
    });
    let bold = bold.map(|(word, rest)| {
        (word, rest, !rest.trim_start().starts_with([':', '：']) && !word.ends_with([':', '：']))
    });
    let colon = text.split_once([':', '：']).map(|(word, rest)| (word, rest, false));
    let found = [bracket, bold, colon].into_iter().flatten().find_map(|(word, rest, sentence)| {
        let word = word.trim_matches([':', '：', ' ', '[', ']', '(', ')']);
        let apart = !sentence || !word.contains(char::is_lowercase);
        let rank = rank(word, words).filter(|_| apart && rest.contains(char::is_alphanumeric))?;
        Some((rank, rest.len()))
    });
    let (rank, left) = found?;
    let rest = raw.get(raw.len() - left..)?;
    let kept = rest.trim_start_matches([' ', ':', '：', '-', '–', '—', '\t']);
    Some((rank, first.part(raw.len() - kept.len()..usize::MAX)))
}

/// `[P2] rest` and `(High) rest`.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    [('[', ']'), ('(', ')'), ('【', '】'), ('（', '）')]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.split_once(close))
}

/// What a single word names.
fn rank(word: &str, words: &Vocabulary) -> Option<Rank> {
    if word.is_empty() || word.len() > LONGEST || word.contains(' ') {
        return None;
    }
    let priority = Priority::parse(word);
    let severity = words.severity(word).filter(|_| priority.is_none());
    (priority.is_some() || severity.is_some()).then_some(Rank { priority, severity })
}
