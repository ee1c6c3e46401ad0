//! The first line of an action, taken apart: its title, what else it says, and the fields on the lines behind it.
//!
//! Knows bold titles, labels and sentences. Knows nothing of what stands below the line.

use super::{
    Reader,
    detail::fields,
    phrase::{self, Phrase, phrase},
    rank,
    text::{SOFT_BREAK, Text},
};
use crate::{
    model::terms::{Column, Kind as ActionKind, Priority, Severity},
    source::words::{Topic, Vocabulary, normal},
};

/// Longest line that is a title as a whole.
const LONGEST_LINE: usize = 120;

/// A first line without the lines of fields behind it, and those: `Rotate the keys`, then `Owner: Ann` below it.
pub(super) fn fields_apart(first: Text, words: &Vocabulary) -> (Text, Text) {
    let raw = first.raw();
    let starts = raw.match_indices([SOFT_BREAK, '\n']).map(|(at, mark)| (at, at + mark.len()));
    let states = |from: usize| {
        let line = raw.get(from..).unwrap_or_default().split([SOFT_BREAK, '\n']).next().unwrap_or_default();
        !fields(line.trim_start_matches(['-', '*', '•', ' ']), words).is_empty()
    };
    match starts.into_iter().find(|(_, from)| states(*from)) {
        Some((end, from)) => (titled_by_label(first.part(0..end), words), first.part(from..usize::MAX)),
        None => (titled_by_label(first, words), Text::default()),
    }
}

/// A line without the label that says that an action follows: `Action: rotate the keys`.
fn titled_by_label(first: Text, words: &Vocabulary) -> Text {
    let raw = first.raw();
    let labelled = raw.split_once([':', '：']).filter(|(label, value)| {
        let single = words.label(label) == Some(Column::Title) && words.is_action(label);
        single && !value.trim().is_empty() && first.bold_lead().is_none()
    });
    match labelled {
        Some((_, value)) => first.part(raw.len() - value.trim_start().len()..usize::MAX),
        None => first,
    }
}

/// The first line of an entry, taken apart.
pub(super) struct Parts {
    /// Its title.
    pub(super) title: Phrase,
    /// What stands behind the title.
    pub(super) rest: Phrase,
    /// What stands behind the title, as it is written.
    pub(super) description: String,
    /// What sort of action its label says that it is.
    pub(super) kind: Option<ActionKind>,
    /// How soon.
    pub(super) priority: Option<Priority>,
    /// How bad.
    pub(super) severity: Option<Severity>,
}

impl Parts {
    pub(super) fn of(reader: &Reader<'_>, first: Text) -> Self {
        let mut parts = Self {
            title: Phrase::default(),
            rest: Phrase::default(),
            description: String::new(),
            kind: None,
            priority: None,
            severity: None,
        };
        let words = reader.words();
        let (rank, first) = rank::taken(first, words);
        (parts.priority, parts.severity) = (rank.priority, rank.severity);
        let (head, rest) = match titled(&first, words) {
            Some((lead, rest)) if !rest.is_blank() && parts.take_label(&lead, &rest, words) => {
                split_sentence(&rest, words)
            }
            Some((_, rest)) => (first.part(0..first.raw().len() - rest.raw().len()), strip_colon(&rest)),
            None => split_sentence(&first, words),
        };
        // A bold title is no status word, whatever it says.
        let mut unmarked = head;
        unmarked.spans.iter_mut().for_each(|span| span.mark.strong &= rest.is_blank());
        parts.title = phrase(&unmarked, reader.dialect);
        parts.rest = phrase(&rest, reader.dialect);
        for said in [parts.title.rank, parts.rest.rank] {
            parts.priority = parts.priority.or(said.priority);
            parts.severity = parts.severity.or(said.severity);
        }
        if parts.title.title.is_empty() {
            parts.title.title = std::mem::take(&mut parts.rest.title);
        }
        let said = parts.rest.title.chars().any(char::is_alphanumeric);
        parts.description = if said { rest.markdown() } else { String::new() };
        parts
    }

    /// Reads a bold lead that says what sort of action follows instead of naming it.
    fn take_label(&mut self, lead: &str, rest: &Text, words: &Vocabulary) -> bool {
        let colon = lead.ends_with([':', '：']) || rest.raw().trim_start().starts_with([':', '：']);
        if !colon {
            return false;
        }
        let word = normal(lead);
        let word = Some(word.as_str()).filter(|word| !word.contains(' ')).unwrap_or_default();
        self.kind = words.action_kind(word);
        self.kind.is_some()
            || words.topic(lead) == Some(Topic::Action)
            || words.label(lead) == Some(Column::Title)
    }
}

/// A bold title and what stands behind it; none when the bold words are only the beginning of a sentence.
fn titled(first: &Text, words: &Vocabulary) -> Option<(String, Text)> {
    let (lead, rest) = first.bold_lead()?;
    let after = rest.raw();
    let after = after.as_str();
    let closed = lead.ends_with([':', '：', '.', '!', '?']);
    let blank = |c: char| c.is_whitespace() && !matches!(c, SOFT_BREAK | '\n');
    let next = after.trim_start_matches(blank);
    let below =
        next.strip_prefix(SOFT_BREAK).is_some_and(|line| !line.trim_start().starts_with(char::is_lowercase));
    let apart =
        next.starts_with([':', '：', '–', '—', '\n', '.']) || after.starts_with(" - ") || next.is_empty();
    let status = words.status(&lead).is_some();
    (!status && (closed || apart || below)).then_some((lead, rest))
}

fn strip_colon(rest: &Text) -> Text {
    let raw = rest.raw();
    let kept = raw
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：' | '–' | '—' | '-' | '.'));
    rest.part(raw.len() - kept.len()..usize::MAX)
}

/// A whole line that is short enough for a title, else its first sentence and the others.
fn split_sentence(text: &Text, words: &Vocabulary) -> (Text, Text) {
    let raw = text.raw();
    let short = raw.chars().count() <= LONGEST_LINE;
    match phrase::sentence_end(&raw, words).filter(|_| !short) {
        Some(end) => (text.part(0..end), text.part(end..usize::MAX)),
        None => (text.clone(), Text::default()),
    }
}
