//! Words that say who may read a document: labels before such a mark, marks in words, and the colours of the Traffic Light Protocol.
//!
//! Knows what a label and a value mean. Knows nothing of where in a document they stand.

use std::collections::BTreeMap;

use super::{Vocabulary, Words, folded, is_unspaced, topic::spaced};
use crate::model::terms::{Class, Tlp};

/// Longest label or mark, in bytes; anything longer is a text.
const LONGEST: usize = 300;
/// What stands between the parts of a value.
const BETWEEN: [&str; 15] =
    [" - ", " – ", " — ", " and ", " & ", ",", ";", "/", "(", ")", ".", "·", "|", "、", "・"];

/// What the value behind a label of handling says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Handled {
    /// A class.
    Says(Tlp),
    /// Nothing about who may read it.
    Nothing,
    /// Something that nobody knows: it has to count as the strictest class.
    Unclear,
}

impl Vocabulary {
    /// A text as marks are compared: one alphabet, small letters, no more than one blank.
    pub(in crate::source) fn folded(&self, text: &str) -> String {
        folded(text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default())
    }

    /// Whether a label or a header announces who may read a document.
    pub(in crate::source) fn is_handling(&self, label: &str) -> bool {
        label.len() <= LONGEST
            && self.handling.contains(&spaced(label))
            && !self.named_columns.contains_key(&folded(label))
    }

    /// What the value behind such a label says: the strictest of its parts, if its first one is known.
    pub(in crate::source) fn handled(&self, value: &str) -> Handled {
        let value = folded(value.get(..value.floor_char_boundary(LONGEST)).unwrap_or_default());
        let underscored = value.replace([' ', '-'], "_");
        if !value.contains(char::is_alphanumeric)
            || self.is_none(&value)
            || Class::parse(&underscored).is_some()
        {
            return Handled::Nothing;
        }
        if let Some(tlp) = self.mark(&value) {
            return Handled::Says(tlp);
        }
        let parts = parts(&value);
        let known: Vec<Option<Tlp>> = parts.iter().map(|part| self.mark(part)).collect();
        let begins = || parts.first().and_then(|first| self.beginning(first));
        match known.first().copied().flatten().or_else(begins) {
            Some(first) => Handled::Says(known.into_iter().flatten().fold(first, Tlp::max)),
            None => Handled::Unclear,
        }
    }

    /// The class that a line names that says nothing else: each of its parts is a mark. In words, only what makes nothing laxer.
    pub(in crate::source) fn alone(&self, line: &str) -> Option<Tlp> {
        if line.len() > LONGEST {
            return None;
        }
        let part = |text: &str| match trimmed(text) {
            text if text.starts_with("tlp") => self.mark(text),
            text => in_words(&self.markings, &spaced(text)).filter(|tlp| *tlp >= Tlp::Amber),
        };
        let all = || parts(line).into_iter().map(part).collect::<Option<Vec<Tlp>>>()?.into_iter().max();
        part(line).or_else(all)
    }

    /// Whether a text names a class of the Traffic Light Protocol itself, not by a word of handling.
    pub(in crate::source) fn is_coloured(&self, text: &str) -> bool {
        let text = folded(text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default());
        let of = |part: &str| {
            let bare = trimmed(part).trim_start_matches("tlp");
            self.colour(bare.trim_start_matches(|c: char| !c.is_alphanumeric())).is_some()
        };
        text.contains("tlp") || of(&text) || parts(&text).into_iter().any(of)
    }

    /// The class that a text is and nothing else: a colour, or a mark in words.
    pub(in crate::source) fn as_mark(&self, text: &str) -> Option<Tlp> {
        self.mark(&folded(text)).or_else(|| self.alone(text))
    }

    /// The class of the Traffic Light Protocol that a text begins with.
    pub(in crate::source) fn colour(&self, text: &str) -> Option<Tlp> {
        let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let joined = |all: &Words| {
            all.iter().any(|known| known.chars().all(is_unspaced) && word.starts_with(known.as_str()))
        };
        let tlp = in_words(&self.colours, word)
            .or_else(|| self.colours.iter().rev().find(|(_, all)| joined(all)).map(|(tlp, _)| *tlp))?;
        let strict = rest.trim_start_matches([' ', '+', '-', '_', '|', '%']).starts_with("strict");
        Some(if tlp == Tlp::Amber && strict { Tlp::AmberStrict } else { tlp })
    }

    /// The class that a text names as a whole: a colour or a mark in words.
    fn mark(&self, text: &str) -> Option<Tlp> {
        let text = trimmed(text);
        let coloured =
            text.strip_prefix("tlp").map(|rest| rest.trim_start_matches(|c: char| !c.is_alphanumeric()));
        let coloured = coloured.filter(|rest| !rest.is_empty()).unwrap_or(text);
        let squeezed: String =
            coloured.replace("strict", "").chars().filter(|c| c.is_alphanumeric()).collect();
        let whole = in_words(&self.colours, &squeezed).is_some().then(|| self.colour(coloured)).flatten();
        whole.or_else(|| in_words(&self.markings, &spaced(text)))
    }

    /// The class whose mark a text begins with, if it is one that lets nothing out that an unmarked document would keep.
    fn beginning(&self, text: &str) -> Option<Tlp> {
        let text = spaced(text);
        let begins = |word: &String| {
            text.strip_prefix(word.as_str())
                .is_some_and(|rest| rest.starts_with(' ') || word.chars().any(is_unspaced))
        };
        let strict = self.markings.range(Tlp::Amber..).rev();
        let found = strict.flat_map(|(tlp, all)| {
            all.iter().filter(|word| begins(word)).map(move |word| (word.len(), *tlp))
        });
        found.max().map(|(_, tlp)| tlp)
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

fn in_words(all: &BTreeMap<Tlp, Words>, word: &str) -> Option<Tlp> {
    all.iter().rev().find(|(_, words)| words.contains(word)).map(|(tlp, _)| *tlp)
}

/// The parts of a value that say something.
fn parts(value: &str) -> Vec<&str> {
    let mut parts = vec![value];
    for between in BETWEEN {
        parts = parts.into_iter().flat_map(|part| part.split(between)).collect();
    }
    parts.retain(|part| part.contains(char::is_alphanumeric));
    parts
}
