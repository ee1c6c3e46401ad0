//! What a write-up says about itself under a key, a label or a heading: `Date`, `Severity`, `Status`.

use serde::Deserialize;

use super::{Vocabulary, folded, normal};
use crate::model::terms::Column;

/// Longest label, in bytes.
const LONGEST: usize = 64;

/// Shortest word for actions that a heading may be a slip away from, where it is nothing else.
const LONG_NOUN: usize = 7;
/// Longest heading that may be a slip away from another, in characters.
const LONGEST_HEADING: usize = 40;
/// Shortest key that may be a slip away from another.
const SHORTEST: usize = 4;
/// Columns that say something of one action, where front matter is about all of them.
const ABOUT_ACTIONS: [Column; 5] =
    [Column::Due, Column::Owner, Column::Priority, Column::Severity, Column::Tracker];

/// What a key looks like that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum Likeness {
    /// A key that is read.
    Of(String),
    /// A word in it does.
    Partly(String),
    /// Something that an action says.
    Action(Column),
}

/// Something that a write-up says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::source) enum Field {
    /// Its id.
    Id,
    /// The incident's id elsewhere, which is its own where it states none.
    IncidentId,
    /// The incident: an id, or more about it.
    Incident,
    /// Its title.
    Title,
    /// When it happened or was published.
    Date,
    /// How bad the incident was.
    Severity,
    /// How far the write-up or the incident is.
    Status,
    /// Who is asked for whatever in it names nobody.
    Owner,
    /// The team of whatever in it names none.
    Team,
    /// Where people read it.
    Url,
    /// Who is asked first to verify its findings.
    Reviewers,
    /// Who wrote it.
    Authors,
}

/// What the status of a write-up says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::source) enum Stage {
    /// It is not final yet.
    Draft,
    /// It is final.
    Final,
    /// How far the incident is, not the write-up.
    Incident,
}

impl Vocabulary {
    /// What a key, a label or a heading names, in any case, with dashes, underscores or blanks.
    pub(in crate::source) fn field(&self, name: &str) -> Option<Field> {
        if name.len() > LONGEST {
            return None;
        }
        let name = normal(&name.replace(['_', '-'], " "));
        let of =
            |name: &str| self.fields.iter().find(|(_, words)| words.contains(name)).map(|(field, _)| *field);
        of(&name)
    }

    /// What a key of front matter names, also where its words are joined: `incidentDate`, `incidentdate`.
    pub(in crate::source) fn key(&self, key: &str) -> Option<Field> {
        let joined = joined(&key.to_lowercase());
        let known = |word: &String| word.contains(' ') && joined == word.replace(' ', "");
        let of_joined =
            || self.fields.iter().find(|(_, words)| words.iter().any(known)).map(|(field, _)| *field);
        self.field(key).or_else(|| of_joined().filter(|_| key.len() <= LONGEST))
    }

    /// What a key of front matter that nobody knows looks like; none where it is another tool's.
    pub(in crate::source) fn likeness(&self, key: &str) -> Option<Likeness> {
        let name = normal(&key.replace(['_', '-'], " "));
        if key.len() > LONGEST || self.other_keys.contains(&name) || self.other_keys.contains(&joined(&name))
        {
            return None;
        }
        let fields = self.fields.values().flatten().chain(&self.handling);
        let written = joined(&name);
        let near = fields.filter_map(|word| Some((slips(&written, word)?, word)));
        if let Some((_, word)) = near.min() {
            return Some(Likeness::Of(word.clone()));
        }
        let parts: Vec<&str> = name.split(' ').collect();
        let column = |word: &str| self.label(word).filter(|column| ABOUT_ACTIONS.contains(column));
        let of_action = column(&name).or_else(|| {
            let near = |word: &&String| slips(&written, word).is_some();
            let about = self.columns.iter().filter(|(column, _)| ABOUT_ACTIONS.contains(column));
            about.filter(|(_, words)| words.iter().find(near).is_some()).map(|(column, _)| *column).next()
        });
        of_action.map(Likeness::Action).or_else(|| {
            let part = parts.iter().find(|part| self.fields_named(part))?;
            (parts.len() > 1).then(|| Likeness::Partly((*part).to_owned()))
        })
    }

    /// Whether a key of front matter is another tool's.
    pub(in crate::source) fn is_other_key(&self, key: &str) -> bool {
        let name = normal(&key.replace(['_', '-'], " "));
        self.other_keys.contains(&name) || self.label(&name).is_some()
    }

    /// The label that one that nobody knows is a slip away from.
    pub(in crate::source) fn near_label(&self, label: &str) -> Option<&str> {
        let name = joined(&normal(label));
        let about = self
            .columns
            .iter()
            .filter(|(column, _)| ABOUT_ACTIONS.contains(column) || **column == Column::Status);
        let near = about.flat_map(|(_, words)| words).filter_map(|word| Some((slips(&name, word)?, word)));
        near.min().map(|(_, word)| word.as_str())
    }

    /// Whether a heading is a slip away from one that announces actions.
    pub(super) fn nearly_acts(&self, words: &str) -> bool {
        let name = joined(words);
        if !(SHORTEST..=LONGEST_HEADING).contains(&name.chars().count()) {
            return false;
        }
        let near = |written: &str, known: &String| distance(written, known).is_some();
        let named = self.topics.get(&super::Topic::Actions).into_iter().flatten();
        let nouns = self.nouns.iter().filter(|noun| Letters::of(noun).count >= LONG_NOUN);
        named.chain(&self.telling).chain(nouns).any(|known| near(&name, known)) || {
            let parts = |noun: &String| {
                let length = joined(noun).len();
                let lengths = [length.saturating_sub(1), length, length + 1];
                lengths.into_iter().filter(|length| *length >= SHORTEST).any(|length| {
                    let behind = name.len().checked_sub(length).and_then(|at| name.split_at_checked(at));
                    let before = name.split_at_checked(length).map(|(noun, rest)| (rest, noun));
                    [behind, before].into_iter().flatten().any(|(rest, written)| {
                        near(written, noun)
                            && rest.len() >= SHORTEST
                            && self.qualifiers.iter().any(|word| near(rest, word))
                    })
                })
            };
            self.nouns.iter().chain(&self.weak_nouns).any(parts)
        }
    }

    /// Whether a word names when something happened, how bad it was, or who may read it.
    fn fields_named(&self, word: &str) -> bool {
        let named = |field: Field| self.fields.get(&field).is_some_and(|words| words.contains(word));
        named(Field::Date) || named(Field::Severity) || self.handling.contains(word)
    }

    /// What a status of a write-up says; none when nobody knows the word.
    pub(in crate::source) fn stage(&self, text: &str) -> Option<Stage> {
        let whole = folded(&text.replace(['_', '-'], " "));
        let first = whole.split([',', ';', '(', '.', ':']).next().unwrap_or_default().trim().to_owned();
        let of =
            |word: &str| self.stages.iter().find(|(_, words)| words.contains(word)).map(|(stage, _)| *stage);
        of(&normal(&whole)).or_else(|| of(&normal(&first)))
    }
}

/// A name without what may stand between its words.
fn joined(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// How many slips of the pen one word is away from another; none when they are too many for its length, or it is the same.
fn slips(written: &str, known: &str) -> Option<usize> {
    distance(written, known).filter(|edits| *edits > 0)
}

/// The same, where none is one of the answers. What may stand between the words of what is known does not count.
fn distance(written: &str, known: &str) -> Option<usize> {
    let (ours, theirs) = (Letters::of(written), Letters::of(known));
    let most = match theirs.count {
        ..SHORTEST => 0,
        SHORTEST..8 => 1,
        _ => 2,
    };
    if !ours.may_become(theirs, most) {
        return None;
    }
    let known = joined(known);
    let first = written.chars().next() == known.chars().next();
    let edits = (first || theirs.count > SHORTEST).then(|| strsim::damerau_levenshtein(written, &known));
    edits.filter(|edits| *edits <= most)
}

/// Which letters and digits a word has, and how many: that tells most words apart, for a fraction of what their distance costs.
#[derive(Clone, Copy)]
struct Letters {
    set: u64,
    count: usize,
}

impl Letters {
    fn of(word: &str) -> Self {
        let letters = word.chars().filter(|c| c.is_alphanumeric());
        letters.fold(Self { set: 0, count: 0 }, |Self { set, count }, c| Self {
            set: set | 1 << (u32::from(c) % u64::BITS),
            count: count + 1,
        })
    }

    /// Whether so many edits may be enough: each of them takes one letter at most and brings one at most.
    fn may_become(self, other: Self, edits: usize) -> bool {
        let changed = (self.set ^ other.set).count_ones() as usize;
        self.count.abs_diff(other.count) <= edits && changed <= 2 * edits
    }
}
