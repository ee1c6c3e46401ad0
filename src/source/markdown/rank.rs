//! How bad or how soon an action is: as the first word before its title (`[P2]`, `(High)`, `**SEV-1**`, `Critical:`), in brackets behind
//! it, or in the heading above it (`High priority`, `Next steps (Priority: HIGH)`).
//!
//! Knows where in a line a rank may stand. Which words are ranks is known by the vocabulary.

use std::ops::Range;

use super::text::{SOFT_BREAK, Text};
use crate::{
    model::terms::{Column, Priority, Severity},
    source::words::{Vocabulary, squeeze},
};

/// Longest rank, in bytes.
const LONGEST: usize = 24;

/// Where a labelled rank in running text ends.
const ENDS: [char; 14] = [',', ';', ')', ']', '|', '·', '–', '—', '→', '\n', SOFT_BREAK, '）', '，', '；'];

/// Most words of a heading that names a rank.
const MOST_WORDS: usize = 4;

/// What a line or a heading says; nothing where it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rank {
    /// How soon.
    pub(super) priority: Option<Priority>,
    /// How bad.
    pub(super) severity: Option<Severity>,
}

impl Rank {
    fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// The rank that a line begins with, or that stands in brackets at its end, and the line without it.
pub(super) fn taken(first: Text, words: &Vocabulary) -> (Rank, Text) {
    leading(&first, words).or_else(|| trailing(&first, words)).unwrap_or((Rank::default(), first))
}

/// `Rotate the keys (High)` and `Rotate the keys [P2]`.
fn trailing(first: &Text, words: &Vocabulary) -> Option<(Rank, Text)> {
    let raw = first.raw();
    let text = raw.trim_end_matches([' ', '.']);
    let (open, inner) =
        [('[', ']'), ('(', ')'), ('【', '】'), ('（', '）')].into_iter().find_map(|(open, close)| {
            let inner = text.strip_suffix(close)?;
            Some((open, inner.get(inner.rfind(open)? + open.len_utf8()..)?))
        })?;
    let rank = Some(inner).filter(|inner| !inner.contains([',', ';'])).map(|inner| of_group(inner, words))?;
    let kept = text.get(..text.rfind(open)?)?.trim_end();
    (!rank.is_empty() && kept.contains(char::is_alphanumeric)).then(|| (rank, first.part(0..kept.len())))
}

/// The rank behind a label in running text, and where: `severity: high`, `Priority: P1`.
pub(super) fn labelled(text: &str, words: &Vocabulary) -> Option<(Range<usize>, Rank)> {
    text.match_indices([':', '：']).find_map(|(colon, mark)| {
        let before = text.get(..colon)?;
        let start = before
            .rfind(|c: char| !c.is_alphabetic())
            .map_or(0, |at| at + before.get(at..).map_or(1, first_len));
        let column = words.label(before.get(start..)?)?;
        let soon = column == Column::Priority;
        if !soon && column != Column::Severity {
            return None;
        }
        let value = text.get(colon + mark.len()..)?;
        let value = value.get(..value.find(ENDS).unwrap_or(value.len()))?;
        let value = value.split(" - ").next().and_then(|value| value.split(". ").next()).unwrap_or_default();
        let word = value.trim().trim_end_matches('.');
        if word.len() > LONGEST {
            return None;
        }
        let priority = soon.then(|| words.priority(word)).flatten();
        let severity = (!soon).then(|| words.severity(word)).flatten();
        let rank = Rank { priority, severity };
        let end = colon + mark.len() + value.trim_end().len();
        (!rank.is_empty()).then_some((start..end, rank))
    })
}

/// How long the first character of a text is.
fn first_len(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// The rank that a heading or a label gives to everything below it; nothing where it names none, or two that differ.
pub(super) fn of_group(heading: &str, words: &Vocabulary) -> Rank {
    let parts = heading.split(['(', ')', '[', ']', '（', '）', '【', '】', '–', '—', ',', '|']);
    let ranks: Vec<Rank> = parts.map(|part| named_by(part, words)).filter(|rank| !rank.is_empty()).collect();
    match ranks.split_first() {
        Some((first, rest)) if rest.iter().all(|rank| rank == first) => *first,
        Some(_) | None => Rank::default(),
    }
}

/// The rank that a few words name: alone, beside a word for what it is the rank of, or before what has it, such as `Critical findings`.
fn named_by(part: &str, words: &Vocabulary) -> Rank {
    let part = squeeze(part);
    let tokens: Vec<&str> = part
        .split([' ', ':', '：'])
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let is = |token: &&str, column| words.label(token) == Some(column);
    let label = |column| tokens.iter().any(|token| is(token, column));
    let (soon, bad) = (label(Column::Priority), label(Column::Severity));
    let is_label = |token: &&&str| is(token, Column::Priority) || is(token, Column::Severity);
    let others: Vec<&str> = tokens.iter().filter(|token| !is_label(token)).copied().collect();
    let Some((first, more)) = others.split_first().filter(|_| tokens.len() <= MOST_WORDS) else {
        return Rank::default();
    };
    let apart = more.is_empty() || words.topic(&more.join(" ")).is_some();
    let priority = Priority::parse(first).or_else(|| words.priority(first).filter(|_| soon && !bad));
    let severity = words.severity(first).filter(|_| priority.is_none() && !soon);
    if apart { Rank { priority, severity } } else { Rank::default() }
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
