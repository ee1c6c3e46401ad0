//! What the words of a write-up mean (`domain.md` 2.3). The words are data, in `vocabulary.yaml`; this is how they are compared.
//!
//! Knows headings, columns, status words and labels. Knows no block and no span.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::model::{
    terms::{Claimed, Kind, Priority, Severity},
    tree::Tree,
};

/// What a heading or label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Topic {
    /// Actions: its items are findings.
    Actions,
    /// One action: the prose behind it is a finding.
    Action,
    /// Something like actions: its items are candidates.
    Perhaps,
    /// Certainly something else, also inside a section of actions.
    Aside,
}

/// How far an action is, as its document says. A claim of progress is a claim; what was declined waits for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not begun, or nothing is said.
    #[default]
    Open,
    /// Begun.
    Begun,
    /// Done.
    Done,
    /// Nobody will do it.
    Declined,
}

impl Standing {
    /// What it claims.
    pub(super) fn claimed(self) -> Claimed {
        match self {
            Self::Open | Self::Declined => Claimed::None,
            Self::Begun => Claimed::InProgress,
            Self::Done => Claimed::Done,
        }
    }

    /// Itself, or what its surroundings say where it says nothing.
    pub(super) fn within(self, around: Self) -> Self {
        if self == Self::Open { around } else { self }
    }
}

/// What a column of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    /// What must be done.
    Title,
    /// More about it.
    Description,
    /// Kind of action.
    Kind,
    /// Class of finding.
    Class,
    /// Who is asked.
    Owner,
    /// The team.
    Team,
    /// How soon.
    Priority,
    /// How bad.
    Severity,
    /// Issues.
    Tracker,
    /// Deadline.
    Due,
    /// What is claimed.
    Status,
    /// How the reviewer will know.
    Criteria,
    /// Cause; kept in the document only.
    Cause,
    /// Id of the finding.
    Id,
}

/// The words themselves, as `vocabulary.yaml` lists them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    topics: BTreeMap<Topic, Vec<String>>,
    nouns: Vec<String>,
    weak_nouns: Vec<String>,
    qualifiers: Vec<String>,
    fillers: Vec<String>,
    phases: Vec<String>,
    columns: BTreeMap<Field, Vec<String>>,
    whole_columns: Vec<String>,
    kinds: BTreeMap<Kind, Vec<String>>,
    action_headers: Vec<String>,
    history_columns: Vec<String>,
    done: Vec<String>,
    in_progress: Vec<String>,
    not_begun: Vec<String>,
    declined: Vec<String>,
    none: Vec<String>,
    placeholder: Vec<String>,
    /// Labels before the name of an owner.
    pub(super) owner_labels: Vec<String>,
    /// Labels before a deadline.
    pub(super) due_labels: Vec<String>,
    link_words: Vec<String>,
    /// Words left over before a reference that was cut off the end of a title.
    pub(super) left_over: Vec<String>,
    /// Marks of actions at the beginning of running text.
    pub(super) inline_markers: Vec<String>,
    /// Words whose full stop ends no sentence.
    pub(super) abbreviations: Vec<String>,
}

/// The vocabulary. The file is part of the program; every test of this reader fails when it cannot be read.
pub(super) static WORDS: LazyLock<Vocabulary> = LazyLock::new(|| {
    let tree = Tree::parse(include_str!("vocabulary.yaml")).ok();
    tree.and_then(|tree| serde_json::from_value(tree.value).ok()).unwrap_or_default()
});

/// Whether a list has a word.
fn has(words: &[String], word: &str) -> bool {
    words.iter().any(|known| known == word)
}

/// What a heading or a label announces, if anything.
pub(super) fn topic(heading: &str) -> Option<Topic> {
    let words = spaced(heading);
    let known = WORDS.topics.iter().find(|(_, all)| has(all, &words));
    if let Some((topic, _)) = known {
        return Some(*topic);
    }
    if !names_actions(&words, &[]) {
        return words.contains("action items").then_some(Topic::Actions);
    }
    let plural = words.split(' ').any(|word| word.ends_with('s') && !has(&WORDS.fillers, word));
    Some(if plural || !words.contains("action") { Topic::Actions } else { Topic::Action })
}

/// Whether a label inside a section of actions divides it, such as "short-term improvements", instead of naming one action.
pub(super) fn divides(label: &str) -> bool {
    topic(label) == Some(Topic::Actions) || names_actions(&spaced(label), &WORDS.phases)
}

/// The normal form with nothing but spaces between words.
fn spaced(heading: &str) -> String {
    normal(heading).replace(" & ", " and ").replace('-', " ")
}

/// Whether a heading consists of nothing but words for actions, such as "corrective and preventive actions".
fn names_actions(words: &str, phases: &[String]) -> bool {
    let (mut nouns, mut weak, mut qualifiers) = (0, 0, 0);
    let mut rest = words;
    while !rest.is_empty() {
        let Some(word) = longest(rest, phases) else { return false };
        nouns += usize::from(has(&WORDS.nouns, word));
        weak += usize::from(has(&WORDS.weak_nouns, word));
        qualifiers += usize::from(has(&WORDS.qualifiers, word) || has(phases, word));
        rest = rest.get(word.len()..).unwrap_or_default().trim_start();
    }
    nouns > 0 || (weak > 0 && qualifiers > 0)
}

/// The longest word of headings that a text begins with.
fn longest<'a>(text: &str, phases: &'a [String]) -> Option<&'a str> {
    let begins = |word: &&'a String| {
        text.strip_prefix(word.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '/', ',']))
    };
    let all = [&WORDS.nouns, &WORDS.weak_nouns, &WORDS.qualifiers, &WORDS.fillers];
    let word = all.into_iter().flatten().chain(phases).filter(begins).max_by_key(|word| word.len())?;
    Some(word)
}

/// What a column holds: the longest synonym in its header decides. Two fields of equal claim, or none, decide nothing.
pub(super) fn column(header: &str) -> Option<Field> {
    let header = normal(header).replace('-', " ");
    let mut claims: Vec<(usize, Field)> = WORDS
        .columns
        .iter()
        .flat_map(|(field, words)| words.iter().map(move |word| (field, word)))
        .filter(|(_, word)| mentions(&header, word))
        .map(|(field, word)| (word.chars().count(), *field))
        .collect();
    claims.sort_by(|a, b| b.cmp(a));
    claims.dedup_by_key(|(_, field)| *field);
    match claims.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        [(_, field), ..] => Some(*field),
        [] => None,
    }
}

/// Whether a column tells what happened when.
pub(super) fn is_history(header: &str) -> bool {
    let header = normal(header);
    WORDS.history_columns.iter().any(|word| header == *word || header.starts_with(&format!("{word} ")))
}

/// Whether a header contains a synonym as words of its own; scripts without spaces match anywhere.
fn mentions(header: &str, word: &str) -> bool {
    if has(&WORDS.whole_columns, word) {
        return header == word;
    }
    header.match_indices(word).any(|(at, _)| {
        let spaced = word.is_ascii() || word.chars().all(|c| (c as u32) < 0x2E80);
        let before = header.get(..at).unwrap_or_default().chars().next_back();
        let after = header.get(at + word.len()..).unwrap_or_default().chars().next();
        !spaced || ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// What a status word says; none when it is no status word.
pub(super) fn status(text: &str) -> Option<Standing> {
    let word = normal(text);
    let bare = word.trim_matches(['.', '!', '*', ' ']);
    let is = |words: &[String]| has(words, bare);
    match () {
        () if is(&WORDS.done) => Some(Standing::Done),
        () if is(&WORDS.in_progress) => Some(Standing::Begun),
        () if is(&WORDS.declined) => Some(Standing::Declined),
        () if is(&WORDS.not_begun) || is(&WORDS.none) || is(&WORDS.placeholder) => Some(Standing::Open),
        () => None,
    }
}

/// The kind of action that a word of a table or a label names.
pub(super) fn action_kind(text: &str) -> Option<Kind> {
    let words = normal(text);
    let first = words.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    WORDS.kinds.iter().find(|(_, all)| has(all, first)).map(|(kind, _)| *kind)
}

/// The severity that a word names.
pub(super) fn severity(text: &str) -> Option<Severity> {
    Severity::parse(normal(text).trim_matches(['*', '.', ' ']))
}

/// The priority that a word names.
pub(super) fn priority(text: &str) -> Option<Priority> {
    let words = normal(text);
    Priority::parse(words.split([' ', ':', '-']).next().unwrap_or_default())
}

/// Whether a header names actions and nothing wider, such as "finding" or "item".
pub(super) fn is_action(header: &str) -> bool {
    let header = normal(header);
    WORDS.action_headers.iter().any(|word| header.contains(word.as_str()))
}

/// Whether a cell says nothing: it is empty, says that there is nothing, or waits to be written.
pub(super) fn says_nothing(text: &str) -> bool {
    text.is_empty() || is_none(text) || is_placeholder(text)
}

/// Whether a text says that there is nothing.
pub(super) fn is_none(text: &str) -> bool {
    let folded = text.nfkc().collect::<String>().to_lowercase();
    has(&WORDS.none, folded.trim().trim_end_matches(['.', '!']).trim())
        || matches!(text.trim(), "-" | "–" | "—")
}

/// Whether a text stands where something is still to be written.
pub(super) fn is_placeholder(text: &str) -> bool {
    let folded = text.nfkc().collect::<String>().to_lowercase();
    let bare = folded.trim().trim_matches(['[', ']', '<', '>', '*', '_', ' ']);
    has(&WORDS.placeholder, bare) || has(&WORDS.placeholder, text.trim())
}

/// Whether the text of a link only says that it is a link.
pub(super) fn is_link_word(text: &str) -> bool {
    let word = normal(text);
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let number = word.rsplit([' ', '#', '-']).next().is_some_and(|end| {
        !end.is_empty() && end.chars().all(|c| c.is_ascii_digit()) && word.split(' ').count() <= 2
    });
    has(&WORDS.link_words, word) || number || word.starts_with("http")
}

/// A text without what may vary: compatibility forms, case, numbering, a final colon, a bracketed suffix.
pub(super) fn normal(text: &str) -> String {
    let folded = text.nfkc().collect::<String>().to_lowercase().replace('’', "'");
    let squeezed = super::text::squeeze(&folded);
    let unnumbered = squeezed.trim_start_matches(|c: char| c.is_ascii_digit());
    let mut rest = match unnumbered.strip_prefix(['.', ')']) {
        Some(after) if unnumbered.len() < squeezed.len() => after.trim_start(),
        _ => squeezed.as_str(),
    };
    rest = rest.trim_end_matches([':', ' ']);
    if let Some((before, _)) = rest.strip_suffix(')').and_then(|inner| inner.rsplit_once('('))
        && !before.trim().is_empty()
    {
        rest = before;
    }
    rest.trim_end_matches([':', ' ']).to_owned()
}
