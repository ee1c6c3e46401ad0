//! Words of a status, and words that say nothing.

use super::{Vocabulary, folded, normal, plain_of};
use crate::model::terms::{Claimed, Kind};

/// Longest status word, in bytes; anything longer is a sentence.
const LONGEST: usize = 64;
/// Longest text that says nothing, in bytes.
const LONGEST_NOTHING: usize = 200;

/// How far an action is, as its document says. A claim of progress is a claim; what was declined waits for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::source) enum Standing {
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
    pub(in crate::source) fn claimed(self) -> Claimed {
        match self {
            Self::Open | Self::Declined => Claimed::None,
            Self::Begun => Claimed::InProgress,
            Self::Done => Claimed::Done,
        }
    }

    /// Itself, or what its surroundings say where it says nothing.
    pub(in crate::source) fn within(self, around: Self) -> Self {
        if self == Self::Open { around } else { self }
    }
}

impl Vocabulary {
    /// What a status word says; none when it is no status word.
    pub(in crate::source) fn status(&self, text: &str) -> Option<Standing> {
        if text.len() > LONGEST {
            return None;
        }
        let word = folded(text);
        let bare = word.trim_matches(['.', '!', '*', ' ', ':']);
        self.stated(bare).or_else(|| self.stated(plain_of(bare)))
    }

    fn stated(&self, word: &str) -> Option<Standing> {
        match word {
            _ if self.done.contains(word) => Some(Standing::Done),
            _ if self.in_progress.contains(word) => Some(Standing::Begun),
            _ if self.declined.contains(word) => Some(Standing::Declined),
            _ if self.not_begun.contains(word)
                || self.none.contains(word)
                || self.placeholder.contains(word) =>
            {
                Some(Standing::Open)
            }
            _ => None,
        }
    }

    /// Whether a word says before a colon that something is still to be done, as in `To do: rotate the keys`.
    pub(in crate::source) fn is_to_do(&self, text: &str) -> bool {
        text.len() <= LONGEST && self.to_do_labels.contains(plain_of(&folded(text)))
    }

    /// The kind of action that a word of a table or a label names.
    pub(in crate::source) fn action_kind(&self, text: &str) -> Option<Kind> {
        let words = normal(text);
        let first = words.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let of = |word: &str| self.kinds.iter().find(|(_, all)| all.contains(word)).map(|(kind, _)| *kind);
        of(&words).or_else(|| of(first))
    }

    /// Whether a cell says nothing: it is empty, says that there is nothing, or waits to be written.
    pub(in crate::source) fn says_nothing(&self, text: &str) -> bool {
        text.is_empty() || self.is_none(text) || self.is_placeholder(text)
    }

    /// Whether a text says that there is nothing.
    pub(in crate::source) fn is_none(&self, text: &str) -> bool {
        if text.len() > LONGEST_NOTHING {
            return false;
        }
        let word = folded(text);
        let word = word.trim_matches(['*', '_', ' ']);
        self.none.contains(word.trim_end_matches(['.', '!', '。', ' ']))
            || matches!(text.trim(), "-" | "–" | "—")
            || self
                .none
                .iter()
                .any(|none| word.strip_prefix(none.as_str()).is_some_and(|rest| self.is_reason(rest)))
    }

    /// Whether what stands behind a word for nothing only says why: behind a stop or a dash, or a word such as "because".
    fn is_reason(&self, rest: &str) -> bool {
        let apart = [" - ", " – ", " — ", "—", ":", " :", ",", ";", ". ", "(", " (", "。", "、"];
        let first = rest.strip_prefix(' ').map(|rest| rest.split(' ').next().unwrap_or_default());
        let two = rest.strip_prefix(' ').map(|rest| rest.split(' ').take(2).collect::<Vec<_>>().join(" "));
        apart.iter().any(|mark| rest.starts_with(mark))
            || first.is_some_and(|word| self.reasons.contains(word))
            || two.is_some_and(|words| self.reasons.contains(&words))
    }

    /// Whether what stands before a number, as in `SHA-256`, belongs to names that only look like keys of issues.
    pub(in crate::source) fn is_look_alike(&self, project: &str) -> bool {
        self.look_alikes.contains(&project.to_lowercase())
    }

    /// Whether the text of a link only says that it is a link: words for links, numbers and what joins them.
    pub(in crate::source) fn is_link_word(&self, text: &str) -> bool {
        let folded = folded(text);
        if folded.starts_with("http") {
            return true;
        }
        let mut words =
            folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
        let number = |word: &str| word.chars().all(|c| c.is_ascii_digit());
        let key = folded.trim_matches(|c: char| !c.is_alphanumeric());
        let keyed =
            key.rsplit_once(['#', '-']).is_some_and(|(before, end)| number(end) && !before.contains(' '));
        words.peek().is_some() && (keyed || words.all(|word| self.link_words.contains(word) || number(word)))
    }
}
