//! What the words of a document mean. The words are data, in `vocabulary.yaml` and in the configuration; this is how
//! they are compared.
//!
//! Knows headings, columns, status words and labels. Knows no format.

mod column;
mod export;
mod field;
mod handling;
mod hint;
mod progress;
mod rank;
mod spelling;
mod standing;
mod template;
mod topic;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use serde::Deserialize;

use self::spelling::folded;
pub(super) use self::{
    export::{Exported, Flag},
    field::{Field, Likeness, Stage},
    handling::Handled,
    rank::{Rated, not_understood},
    spelling::opening,
    standing::Standing,
    topic::Topic,
};
use crate::model::{
    conventions::MoreWords,
    terms::{Class, Column, Kind, Priority, Severity, Tlp},
    tree::Tree,
};

/// Words that are compared as a whole.
type Words = BTreeSet<String>;

/// The words themselves, as `vocabulary.yaml` lists them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    topics: BTreeMap<Topic, Words>,
    telling: Words,
    hinting: Words,
    /// Parts of words that hint so, too.
    hinting_parts: Words,
    /// Words of a heading that is certainly about something else.
    aside_words: Words,
    /// Beginnings of headings and labels that are about something else.
    aside_beginnings: Words,
    /// Words that headings begin with which ask or explain.
    asking: Words,
    /// Words that may stand around the nouns in a label that introduces actions.
    introducing: Words,
    /// Words of a title of an audit or a penetration test.
    audits: Words,
    past: Words,
    nouns: Words,
    singular: Words,
    weak_nouns: Words,
    qualifiers: Words,
    fillers: Words,
    endings: Words,
    phases: Words,
    numbers: Words,
    columns: BTreeMap<Column, Words>,
    whole_columns: Words,
    /// What columns hold by their whole headers, as the configuration says.
    #[serde(skip)]
    named_columns: BTreeMap<String, Column>,
    kinds: BTreeMap<Kind, Words>,
    kind_hints: BTreeMap<Kind, Words>,
    class_hints: BTreeMap<Class, Words>,
    jira_columns: BTreeMap<Exported, Words>,
    dojo_columns: BTreeMap<Column, Words>,
    dojo_flags: BTreeMap<Flag, Words>,
    github_columns: BTreeMap<Column, Words>,
    fields: BTreeMap<Field, Words>,
    /// Keys of front matter that other tools read.
    other_keys: Words,
    stages: BTreeMap<Stage, Words>,
    severities: BTreeMap<Severity, Words>,
    priorities: BTreeMap<Priority, Words>,
    action_headers: Words,
    history_columns: Words,
    handling: Words,
    markings: BTreeMap<Tlp, Words>,
    colours: BTreeMap<Tlp, Words>,
    done: Words,
    in_progress: Words,
    not_begun: Words,
    declined: Words,
    /// Status words that ask for a person in the report of an audit only.
    accepted: Words,
    /// Words before a claim that make it a beginning.
    partly: Words,
    /// Words before a claim that deny it.
    negations: Words,
    /// Words behind a status that tell more about it.
    status_joins: Words,
    /// Words that may stand before a colon and say that work has not begun.
    to_do_labels: Words,
    none: Words,
    /// Words that give a reason for there being nothing.
    reasons: Words,
    placeholder: Words,
    /// Names of what is to be written, where they are a whole value.
    gap_names: Words,
    /// Words that stand around the gaps of a template.
    template_words: Words,
    /// Headers and labels of what somebody recommends.
    recommending: Words,
    /// Headers that name an action only where no other column does.
    weak_titles: Words,
    names: Words,
    weak_severities: Words,
    /// Headers and labels that may say how far something is, or hold what somebody answered.
    weak_statuses: Words,
    /// Labels before a status, longer ones first.
    pub(super) status_labels: Vec<String>,
    /// Labels before the name of an owner, longer ones first.
    pub(super) owner_labels: Vec<String>,
    /// Labels before a deadline, longer ones first.
    pub(super) due_labels: Vec<String>,
    link_words: Words,
    /// Words left over before a reference that was cut off the end of a title.
    pub(super) left_over: Vec<String>,
    /// Such words that are left over only behind punctuation.
    pub(super) left_over_apart: Vec<String>,
    /// What stands before a number in names that only look like the key of an issue.
    look_alikes: Words,
    /// Marks of actions at the beginning of running text.
    pub(super) inline_markers: Vec<String>,
    /// Words whose full stop ends no sentence.
    pub(super) abbreviations: Words,
}

/// What is built in. The file is part of the program; every test of the readers fails when it cannot be read.
static BUILT_IN: LazyLock<Arc<Vocabulary>> = LazyLock::new(|| {
    let tree = Tree::parse(include_str!("vocabulary.yaml")).ok();
    let words = tree.map(|tree| spelling::spelled(tree.value));
    Arc::new(words.and_then(|words| serde_json::from_value(words).ok()).unwrap_or_default())
});

impl Vocabulary {
    /// What is built in.
    pub(super) fn built_in() -> Arc<Self> {
        Arc::clone(&BUILT_IN)
    }

    /// What is built in, and the words of a source, which win.
    pub(super) fn with(more: &MoreWords, columns: &BTreeMap<String, Column>) -> Arc<Self> {
        if *more == MoreWords::default() && columns.is_empty() {
            return Self::built_in();
        }
        let mut all = Self::clone(&BUILT_IN);
        let headings = [
            (Topic::Actions, &more.actions),
            (Topic::Perhaps, &more.candidates),
            (Topic::Aside, &more.aside),
        ];
        for (topic, words) in headings {
            for word in words {
                let word = topic::spaced(word);
                forget(&mut all.topics, &word);
                all.topics.entry(topic).or_default().insert(word);
            }
        }
        all.named_columns = columns.iter().map(|(header, column)| (folded(header), *column)).collect();
        for (word, kind) in &more.kinds {
            all.kinds.entry(*kind).or_default().insert(normal(word));
            all.kind_hints.entry(*kind).or_default().insert(normal(word));
        }
        for (word, class) in &more.classes {
            all.class_hints.entry(*class).or_default().insert(normal(word));
        }
        for (word, severity) in &more.severities {
            forget(&mut all.severities, &normal(word));
            all.severities.entry(*severity).or_default().insert(normal(word));
        }
        for (word, priority) in &more.priorities {
            forget(&mut all.priorities, &normal(word));
            all.priorities.entry(*priority).or_default().insert(normal(word));
        }
        all.handling.extend(more.handling.iter().map(|word| topic::spaced(word)));
        for (word, tlp) in &more.markings {
            let word = topic::spaced(word);
            forget(&mut all.markings, &word);
            all.markings.entry(*tlp).or_default().insert(word);
        }
        all.done.extend(more.done.iter().map(|word| folded(word)));
        all.in_progress.extend(more.in_progress.iter().map(|word| folded(word)));
        all.declined.extend(more.declined.iter().map(|word| folded(word)));
        Arc::new(all)
    }
}

/// Takes a word out of every list: a source means something else by it.
fn forget<T>(lists: &mut BTreeMap<T, Words>, word: &str) {
    lists.values_mut().for_each(|known| {
        known.remove(word);
    });
}

/// One line of text with single spaces.
pub(super) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text without what may vary around words: numbering, ornaments, a final colon, a bracketed suffix.
pub(super) fn normal(text: &str) -> String {
    let folded = folded(text);
    let mut rest = unnumbered(plain_of(&folded));
    if let Some((before, _)) = rest.strip_suffix(')').and_then(|inner| inner.rsplit_once('('))
        && !before.trim().is_empty()
    {
        rest = plain_of(before);
    }
    rest.to_owned()
}

/// A text without the emoji, dashes, dots and colons around it.
fn plain_of(text: &str) -> &str {
    let ornament = |c: char| {
        c == ' '
            || "*~|-_:;.,=>?!".contains(c)
            || (!c.is_ascii() && !c.is_alphanumeric() && !"（）「」【】".contains(c))
    };
    let plain = text.trim_matches(ornament);
    if plain.is_empty() { text } else { plain }
}

/// A text without the number it begins with: `5. `, `3.1 `, `iv) `, `四、`.
fn unnumbered(text: &str) -> &str {
    let after = |numeral: fn(char) -> bool, ends: &[char]| {
        let rest = text.trim_start_matches(numeral);
        let mark = rest.trim_start_matches(ends);
        let numbered = rest.len() < text.len() && mark.len() < rest.len();
        let apart = mark.starts_with(' ') || rest.starts_with('、') || !rest.is_ascii();
        (numbered && apart && !mark.trim().is_empty()).then(|| mark.trim_start())
    };
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let apart = || {
        let rest = text.trim_start_matches(digits);
        (rest.len() < text.len() && rest.starts_with(' ')).then(|| rest.trim_start())
    };
    after(digits, &[')', ':', '、'])
        .or_else(apart)
        .or_else(|| after(|c| "ivxl".contains(c), &['.', ')']))
        .or_else(|| after(|c| "一二三四五六七八九十".contains(c), &['、', '.']))
        .unwrap_or(text)
}

/// Whether a character belongs to a script that puts no blanks between words.
fn is_unspaced(c: char) -> bool {
    (0x2E80..=0x9FFF).contains(&(c as u32)) || (0xF900..=0xFAFF).contains(&(c as u32))
}
