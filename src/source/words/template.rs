//! Templates: words and forms that stand where something is still to be written.

use super::{Vocabulary, folded};

/// Longest text that is a placeholder, in bytes.
const LONGEST: usize = 200;
/// Most words of a name for what is to be filled in.
const FEW: usize = 4;
/// Most digits of the number of an example.
const DIGITS: usize = 2;

impl Vocabulary {
    /// Whether a text stands where something is still to be written: a word for it, or a form to fill in.
    pub(in crate::source) fn is_placeholder(&self, text: &str) -> bool {
        if text.len() > LONGEST {
            return false;
        }
        let word = folded(text);
        let bare = word.trim_matches(['[', ']', '<', '>', '*', '_', '{', '}', ' ']);
        let listed = |word: &str| self.placeholder.contains(word) || self.gap_names.contains(word);
        listed(bare) || listed(text.trim()) || self.is_form(text)
    }

    /// Whether a text is a line of a template: gaps with labels around them, such as `[what] (owner: NAME)`, or a name that only
    /// counts, such as `Action 1`.
    pub(in crate::source) fn is_template(&self, text: &str) -> bool {
        if self.is_placeholder(text) || text.len() > LONGEST {
            return text.len() <= LONGEST;
        }
        let (mut gaps, left) = filled(text);
        let left = folded(&left);
        let mut words = Vec::new();
        for word in left.split(|c: char| c.is_whitespace() || ",;:()[]<>{}|='".contains(c)) {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
            let named = self.placeholder.contains(word) || self.gap_names.contains(word);
            if is_blank(word) || (named && word.len() > 1 && !self.is_noun(word)) {
                gaps += 1;
            } else if word.contains(char::is_alphanumeric) {
                words.push(word);
            }
        }
        let labels =
            || words.iter().all(|word| self.labels_field(word) || self.template_words.contains(*word));
        (gaps > 0 && (words.is_empty() || labels())) || self.only_counts(&words)
    }

    /// Whether a word is a label before a value.
    fn labels_field(&self, word: &str) -> bool {
        self.label(word).is_some() || self.link_words.contains(word)
    }

    /// Whether words name an action and its number and nothing else, or say that one is to be written.
    fn only_counts(&self, words: &[&str]) -> bool {
        let number = |word: &str| {
            let digits = word.trim_start_matches('#');
            (1..=DIGITS).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
        };
        let spelled = |word: &str| word.chars().count() > 1 && self.numbers.contains(word);
        let filler = |word: &str| number(word) || spelled(word) || self.template_words.contains(word);
        words.len() <= FEW + 1
            && words.iter().all(|word| self.is_noun(word) || filler(word))
            && words.iter().any(|word| filler(word))
            && words.iter().any(|word| self.is_noun(word))
    }

    fn is_noun(&self, word: &str) -> bool {
        [&self.nouns, &self.singular, &self.weak_nouns, &self.telling]
            .into_iter()
            .any(|nouns| nouns.contains(word))
    }

    /// Whether a text is nothing but gaps to fill in, such as `{{ summary }}`, `<name>`, `[Action]` or `____`.
    fn is_form(&self, text: &str) -> bool {
        let (gaps, left) = filled(text);
        gaps > 0 && !left.contains(char::is_alphanumeric)
    }
}

/// How many gaps a text has, and what is left without them.
fn filled(text: &str) -> (usize, String) {
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
        } else {
            left.push(' ');
        }
        rest = rest.get(length.max(first.len_utf8())..).unwrap_or_default();
    }
    (gaps, left)
}

/// Whether what stands between brackets is to be replaced. People fill in `{{ }}` and leave it, so there only a few words are.
fn is_gap(bracket: char, inner: &str) -> bool {
    let few = inner.split_whitespace().count() <= FEW || bracket != '{';
    few && inner.contains(char::is_alphabetic) && !inner.contains(['#', '/']) && !is_key(inner)
}

/// Whether a text is the key of an issue, such as `SEC-12`.
fn is_key(text: &str) -> bool {
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    text.rsplit_once('-').is_some_and(|(project, number)| {
        project.len() > 1
            && project.chars().all(upper)
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Whether a word holds the place of a number or a date: `#xxx`, `yyyy-mm-dd`, `jj/mm/aaaa`.
fn is_blank(word: &str) -> bool {
    let bare = word.trim_start_matches('#');
    let crossed = |text: &str| text.len() > 1 && text.chars().all(|c| c == 'x');
    let parts: Vec<&str> = bare.split(['-', '/', '.']).collect();
    let dated = parts.len() == 3
        && parts.iter().all(|part| {
            let first = part.chars().next();
            (1..=4).contains(&part.len())
                && first.is_some_and(|first| "dmyjat".contains(first))
                && part.chars().all(|c| Some(c) == first)
        });
    dated || crossed(bare) || bare.rsplit_once('-').is_some_and(|(_, number)| crossed(number))
}
