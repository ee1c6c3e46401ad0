//! Words of a status, and words that say nothing.

use super::{Vocabulary, folded, normal, plain_of};
use crate::model::terms::{Claimed, Kind};

/// Longest status word, in bytes; anything longer is a sentence.
const LONGEST: usize = 64;
/// Longest text that says nothing, in bytes.
const LONGEST_NOTHING: usize = 200;
/// Most words of a name for what is to be filled in.
const FEW: usize = 4;

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
        self.none.contains(word.trim_end_matches(['.', '!', '。', ' ']))
            || matches!(text.trim(), "-" | "–" | "—")
    }

    /// Whether a text stands where something is still to be written: a word for it, or a form to fill in.
    pub(in crate::source) fn is_placeholder(&self, text: &str) -> bool {
        if text.len() > LONGEST_NOTHING {
            return false;
        }
        let word = folded(text);
        let bare = word.trim_matches(['[', ']', '<', '>', '*', '_', '{', '}', ' ']);
        self.placeholder.contains(bare) || self.placeholder.contains(text.trim()) || self.is_form(text)
    }

    /// Whether a text is nothing but gaps to fill in, such as `{{ summary }}`, `<name>`, `[Action]` or `____`.
    fn is_form(&self, text: &str) -> bool {
        let mut gaps = 0_usize;
        let mut left = String::new();
        let mut rest = text.trim();
        while let Some(first) = rest.chars().next() {
            let closing = match first {
                '{' => Some('}'),
                '<' => Some('>'),
                '[' => Some(']'),
                _ => None,
            };
            let end = closing.and_then(|closing| rest.find(closing));
            let gap = end.filter(|end| rest.get(1..*end).is_some_and(|inner| is_gap(first, inner)));
            let blank = rest.len() - rest.trim_start_matches('_').len();
            let length = gap.map_or(if blank > 2 { blank } else { 0 }, |end| end + 1);
            gaps += usize::from(length > 0);
            if length == 0 {
                left.push(first);
            }
            rest = rest.get(length.max(first.len_utf8())..).unwrap_or_default();
        }
        gaps > 0 && !left.contains(char::is_alphanumeric)
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

/// Whether what stands between brackets is to be replaced. People fill in `{{ }}` and leave it, so there only a few words are.
fn is_gap(bracket: char, inner: &str) -> bool {
    let few = inner.split_whitespace().count() <= FEW || bracket != '{';
    few && inner.contains(char::is_alphabetic) && !inner.contains(['#', '/'])
}
