//! What a heading or a label announces.

use serde::Deserialize;

use super::{Vocabulary, Words, hint::begins_word, is_unspaced, normal};

/// What stands between the parts of a heading, each of which may name actions.
const SEPARATORS: [&str; 8] = [" - ", " – ", " — ", ": ", " | ", " / ", " // ", " · "];

/// What stands between the words of a heading.
const BETWEEN: [char; 5] = [' ', '/', ',', '、', '・'];

/// Longest heading or label that announces anything, in bytes; anything longer is a text.
const LONGEST: usize = 300;

/// Most words of a label that hints at actions; anything longer is a sentence.
const MOST_WORDS: usize = 7;

/// Most words before those for actions in a label that is a name and no sentence, such as "security team action items".
const FEW: usize = 3;

/// What a heading or label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::source) enum Topic {
    /// Actions: its items are findings.
    Actions,
    /// One action: the prose behind it is a finding.
    Action,
    /// Something like actions: its items are candidates.
    Perhaps,
    /// What an audit or a test found: what is open of it is to be mended.
    Findings,
    /// Certainly something else, also inside a section of actions.
    Aside,
}

/// How a heading is composed of words for actions.
#[derive(Clone, Copy, Debug, Default)]
struct Composed {
    nouns: usize,
    weak: usize,
    qualifiers: usize,
    phases: usize,
    /// Whether the last noun means one action.
    single: bool,
}

impl Composed {
    fn names_actions(self) -> bool {
        self.nouns > 0 || (self.weak > 0 && self.qualifiers > 0)
    }
}

impl Vocabulary {
    /// What a heading or a label announces, if anything.
    pub(in crate::source) fn topic(&self, heading: &str) -> Option<Topic> {
        if heading.len() > LONGEST {
            return None;
        }
        let whole = normal(heading);
        let words = spaced(heading);
        let topic = self
            .named(&words)
            .or_else(|| parts(&whole).into_iter().find_map(|part| self.action_part(part)))
            .or_else(|| self.told(&words))
            .or_else(|| self.hinted(&words))
            .or_else(|| self.nearly_acts(&words).then_some(Topic::Perhaps))?;
        let acts = matches!(topic, Topic::Actions | Topic::Action);
        let past = acts && contains(&self.past, &words);
        Some(if past { Topic::Perhaps } else { topic })
    }

    /// What a label of its own line announces. Words for actions inside a sentence about something else announce nothing for sure.
    pub(in crate::source) fn label_topic(&self, label: &str) -> Option<Topic> {
        let words = spaced(label);
        let words_count = words.split(' ').count();
        let topic = self.topic(label)?;
        let certain = || {
            let known = self.named(&words).is_some()
                || parts(&normal(label)).into_iter().any(|part| self.action_part(part).is_some());
            known || self.introduces(&words)
        };
        match topic {
            Topic::Actions | Topic::Action if !certain() => Some(Topic::Perhaps),
            // A sentence that only hints at actions introduces whatever it likes.
            Topic::Perhaps if words_count > MOST_WORDS && self.named(&words).is_none() => None,
            Topic::Actions | Topic::Action | Topic::Perhaps | Topic::Findings | Topic::Aside => Some(topic),
        }
    }

    /// Whether a label announces actions by its own words.
    pub(in crate::source) fn acts(&self, label: &str) -> bool {
        matches!(self.label_topic(label), Some(Topic::Actions | Topic::Action))
    }

    /// Whether a sentence only introduces actions: words for actions, and such as "here are" and "we agreed on".
    fn introduces(&self, words: &str) -> bool {
        let telling = self.telling.iter().find(|word| has_words(words, word));
        let Some((before, after)) = telling.and_then(|word| words.split_once(word.as_str())) else {
            return false;
        };
        let known = |part: &str| {
            part.split(BETWEEN).filter(|word| !word.is_empty()).all(|word| {
                self.introducing.contains(word)
                    || self.fillers.contains(word)
                    || self.qualifiers.contains(word)
            })
        };
        let ends = self.endings.iter().any(|ending| begins(after.trim_start(), ending));
        let named = after.trim().is_empty()
            && before.split_whitespace().count() <= FEW
            && !self.asking.iter().any(|word| begins(before, word));
        named || (known(before) && (known(after) || ends))
    }

    /// A heading that contains a word for actions; one that asks or explains is only a hint.
    fn told(&self, words: &str) -> Option<Topic> {
        contains(&self.telling, words).then(|| {
            let asks = self.asking.iter().any(|word| begins(words, word));
            if asks { Topic::Perhaps } else { Topic::Actions }
        })
    }

    /// A heading that hints at actions, or is about something else.
    fn hinted(&self, words: &str) -> Option<Topic> {
        let phased =
            self.composed(words).is_some_and(|composed| composed.phases > 0 && composed.names_actions());
        let part = || self.hinting_parts.iter().any(|part| begins_word(words, part).is_some());
        if contains(&self.aside_words, words) {
            return Some(Topic::Aside);
        }
        if phased || contains(&self.hinting, words) || part() {
            return Some(Topic::Perhaps);
        }
        self.aside_beginnings.iter().any(|word| begins(words, word)).then_some(Topic::Aside)
    }

    /// Whether a title or a heading is one of the report of an audit or a test.
    pub(in crate::source) fn is_audit(&self, heading: &str) -> bool {
        heading.len() <= LONGEST && contains(&self.audits, &spaced(heading))
    }

    /// Whether a label inside a section of actions divides it, such as "short-term improvements", instead of naming one action.
    pub(in crate::source) fn divides(&self, label: &str) -> bool {
        if label.len() > LONGEST {
            return false;
        }
        let composed = self.composed(&spaced(&label.replace([':', '：', '–', '—'], " ")));
        self.topic(label) == Some(Topic::Actions)
            || composed.is_some_and(|composed| {
                let phased = Composed { qualifiers: composed.qualifiers + composed.phases, ..composed };
                phased.names_actions() || (composed.phases > 0 && composed.weak == 0)
            })
    }

    fn named(&self, words: &str) -> Option<Topic> {
        let listed = self.topics.iter().find(|(_, all)| all.contains(words));
        if let Some((topic, _)) = listed {
            return Some(*topic);
        }
        let composed =
            self.composed(words).filter(|composed| composed.phases == 0 && composed.names_actions())?;
        Some(if composed.single { Topic::Action } else { Topic::Actions })
    }

    fn action_part(&self, part: &str) -> Option<Topic> {
        self.named(&spaced(part)).filter(|topic| matches!(topic, Topic::Actions | Topic::Action))
    }

    /// Takes a heading apart that consists of nothing but words for actions, such as "corrective and preventive actions".
    fn composed(&self, words: &str) -> Option<Composed> {
        let mut composed = Composed::default();
        let mut rest = words;
        while !rest.is_empty() {
            if composed.names_actions() && self.endings.iter().any(|word| begins(rest, word)) {
                break;
            }
            let Some(word) = self.longest(rest) else {
                rest = self.numbered(rest).filter(|_| composed.phases > 0)?;
                continue;
            };
            let listed = self.topics.get(&Topic::Actions).is_some_and(|all| all.contains(word));
            let (noun, single) = (listed || self.nouns.contains(word), self.singular.contains(word));
            let weak = self.weak_nouns.contains(word);
            composed.nouns += usize::from(noun || single);
            composed.weak += usize::from(weak);
            composed.qualifiers += usize::from(self.qualifiers.contains(word));
            composed.phases += usize::from(self.phases.contains(word));
            if noun || single || weak {
                composed.single = single;
            }
            rest = rest.get(word.len()..).unwrap_or_default().trim_start_matches(BETWEEN);
        }
        Some(composed)
    }

    /// What follows the number of a phase, `2` or `two`; none when there is no number.
    fn numbered<'a>(&self, text: &'a str) -> Option<&'a str> {
        let end = text.find(BETWEEN).unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        let counts = number.chars().all(|c| c.is_ascii_digit()) || self.numbers.contains(number);
        counts.then(|| rest.trim_start_matches(BETWEEN))
    }

    /// The longest word of headings that a text begins with.
    fn longest(&self, text: &str) -> Option<&str> {
        let all =
            [&self.nouns, &self.singular, &self.weak_nouns, &self.qualifiers, &self.fillers, &self.phases];
        let listed = self.topics.get(&Topic::Actions);
        let words = all.into_iter().chain(listed).flatten().filter(|word| begins(text, word));
        words.max_by_key(|word| word.len()).map(String::as_str)
    }
}

/// The normal form with nothing but spaces between words.
pub(super) fn spaced(heading: &str) -> String {
    super::squeeze(&normal(heading).replace(" & ", " and ").replace(['-', '_'], " "))
}

fn parts(heading: &str) -> Vec<&str> {
    let mut parts = vec![heading];
    for separator in SEPARATORS {
        parts = parts.into_iter().flat_map(|part| part.split(separator)).collect();
    }
    if parts.len() > 1 { parts } else { Vec::new() }
}

/// Whether a text begins with a word that ends there; scripts without blanks have no ends of words.
fn begins(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| {
        let next = rest.chars().next();
        next.is_none_or(|next| " /,、・".contains(next)) || word.ends_with(' ') || is_joined(word, next)
    })
}

fn is_joined(word: &str, next: Option<char>) -> bool {
    word.chars().next_back().into_iter().chain(next).any(is_unspaced)
}

/// Whether a text contains one of some words.
fn contains(words: &Words, text: &str) -> bool {
    words.iter().any(|word| has_words(text, word))
}

/// Whether a text contains a word, or several, as words of their own.
fn has_words(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || is_unspaced(c));
        let unspaced = word.chars().any(is_unspaced);
        unspaced || (apart(before) && apart(after))
    })
}
