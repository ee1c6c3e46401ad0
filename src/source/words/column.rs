//! What a column of a table holds, and what a label before a value means.

use super::{Vocabulary, folded, is_unspaced, normal};
use crate::model::terms::Column;

/// Longest header of a column that is known, in bytes.
const LONGEST: usize = 200;

impl Vocabulary {
    /// What a column holds: the longest synonym in its header decides. Two columns of equal claim, or none, decide nothing.
    pub(in crate::source) fn column(&self, header: &str) -> Option<Column> {
        if header.len() > LONGEST {
            return None;
        }
        if let Some(column) = self.named_columns.get(&folded(header)) {
            return Some(*column);
        }
        self.column_of(&words_of(header)).or_else(|| self.column_of(&words_of(&unjoined(header)?))).or_else(
            || {
                let words = words_of(header);
                self.column_of(self.undated(&words)?)
            },
        )
    }

    /// A header without the day behind it: `Status as of 2026-09-15`.
    fn undated<'h>(&self, header: &'h str) -> Option<&'h str> {
        let (before, day) = header.split_at_checked(header.find(|c: char| c.is_ascii_digit())?)?;
        let digits = day.chars().filter(char::is_ascii_digit).count();
        let dated = digits >= 3 && day.chars().all(|c| c.is_ascii_digit() || " ./:-".contains(c));
        let mut rest = before.trim_end().trim_end_matches(['(', ',', ':']).trim_end();
        while let Some((head, _)) = rest.rsplit_once(' ').filter(|(_, last)| self.joins(last)) {
            rest = head;
        }
        (dated && !rest.is_empty()).then_some(rest)
    }

    /// Whether a word joins a day to what stands before it.
    fn joins(&self, word: &str) -> bool {
        self.status_joins.contains(word) || ["as", "of", "al", "au", "zum", "del", "du"].contains(&word)
    }

    fn column_of(&self, header: &str) -> Option<Column> {
        let all =
            self.columns.iter().flat_map(|(column, words)| words.iter().map(move |word| (column, word)));
        let mut claims: Vec<(usize, Column)> = all
            .filter(|(_, word)| self.mentions(header, word))
            .map(|(column, word)| (word.chars().count(), *column))
            .collect();
        claims.sort_by(|a, b| b.cmp(a));
        claims.dedup_by_key(|(_, column)| *column);
        match claims.as_slice() {
            [(first, _), (second, _), ..] if first == second => None,
            [(_, column), ..] => Some(*column),
            [] => None,
        }
    }

    /// What a label before a value means: it is a synonym as a whole.
    pub(in crate::source) fn label(&self, label: &str) -> Option<Column> {
        let words = words_of(label);
        self.columns.iter().find(|(_, all)| all.contains(&words)).map(|(column, _)| *column)
    }

    /// Whether a header is known as a whole.
    pub(in crate::source) fn is_column(&self, header: &str) -> bool {
        self.named_columns.contains_key(&folded(header)) || self.label(header).is_some()
    }

    /// Whether a header contains a synonym as words of its own; scripts without blanks match anywhere.
    fn mentions(&self, header: &str, word: &str) -> bool {
        if self.whole_columns.contains(word) {
            return header == word;
        }
        header.match_indices(word).any(|(at, _)| {
            let before = header.get(..at).unwrap_or_default().chars().next_back();
            let after = header.get(at + word.len()..).unwrap_or_default().chars().next();
            let unspaced = word.chars().any(is_unspaced);
            unspaced || ![before, after].into_iter().flatten().any(char::is_alphanumeric)
        })
    }

    /// Whether a column tells what happened when.
    pub(in crate::source) fn is_history(&self, header: &str) -> bool {
        let header = normal(header);
        let begins =
            |word: &String| header.strip_prefix(word.as_str()).is_some_and(|rest| rest.starts_with(' '));
        self.history_columns.contains(&header) || self.history_columns.iter().any(begins)
    }

    /// Whether a header names actions and nothing wider, such as "finding" or "item".
    pub(in crate::source) fn is_action(&self, header: &str) -> bool {
        if self.named_columns.contains_key(&folded(header)) {
            return true;
        }
        let header = normal(header);
        self.action_headers.iter().any(|word| header.contains(word.as_str()))
    }

    /// Whether a header or a label announces what somebody recommends.
    pub(in crate::source) fn is_recommendation(&self, header: &str) -> bool {
        self.recommending.contains(&words_of(header))
    }

    /// Whether a header names actions only where no other column does, such as "name".
    pub(in crate::source) fn is_weak_title(&self, header: &str) -> bool {
        self.weak_titles.contains(&words_of(header))
    }

    /// Whether such a header names a person where another column names an action.
    pub(in crate::source) fn is_name(&self, header: &str) -> bool {
        self.names.contains(&words_of(header))
    }

    /// Whether a column that may rate a risk tells it instead, because none of its cells is a severity.
    pub(in crate::source) fn tells_risks<'c>(
        &self,
        header: &str,
        mut cells: impl Iterator<Item = &'c str>,
    ) -> bool {
        self.weak_severities.contains(&words_of(header)) && !cells.any(|cell| self.severity(cell).is_some())
    }

    /// Whether a column or a label may say how far something is, or hold what somebody answered.
    pub(in crate::source) fn is_weak_status(&self, header: &str) -> bool {
        self.weak_statuses.contains(&words_of(header))
    }

    /// Whether such a column holds answers, because none of its cells is a status.
    pub(in crate::source) fn tells_answers<'c>(
        &self,
        header: &str,
        mut cells: impl Iterator<Item = &'c str>,
    ) -> bool {
        let states = |cell: &str| !self.says_nothing(cell) && self.standing(cell, true).is_some();
        self.is_weak_status(header) && !cells.any(states)
    }

    /// Whether a header names one of several sorts of actions, such as "preventive action", so that another column may name others.
    pub(in crate::source) fn is_sort_of_actions(&self, header: &str) -> bool {
        let words = words_of(header);
        let plain = |word: &String| self.nouns.contains(word) || self.singular.contains(word);
        let sorts = |all: &super::Words| all.iter().any(|word| !plain(word) && self.mentions(&words, word));
        self.is_action(header)
            && (sorts(&self.qualifiers) || sorts(&self.phases) || self.kinds.values().any(sorts))
    }
}

fn words_of(header: &str) -> String {
    let words = normal(header).replace(['-', '_'], " ");
    // A header that is nothing but a sign, such as `#`, has no other form.
    if words.chars().any(char::is_alphanumeric) { words } else { folded(header) }
}

/// A header that is written as one word with capitals inside, such as `dueDate`, as words; none when it is not.
fn unjoined(header: &str) -> Option<String> {
    let mut words = String::new();
    let mut before = ' ';
    for c in header.trim().chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            words.push(' ');
        }
        words.push(c);
        before = c;
    }
    (words.len() > header.trim().len()).then_some(words)
}
