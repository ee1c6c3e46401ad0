//! What stands behind a label in running text: an owner, a deadline; and handles, which need no label.
//!
//! Knows plain text. Knows no spans.

use chrono::NaiveDate;

use super::text::SOFT_BREAK;
use crate::source::{
    date::{self, Stated},
    dialect::Dialect,
    words::{Standing, Vocabulary, opening},
};

/// Longest name of an owner, in characters.
const LONGEST_NAME: usize = 60;
/// Most words of a deadline behind its label.
const MOST_WORDS: usize = 6;

/// Most words of a name that has no label.
const LONGEST_NAMES: usize = 4;

/// What is mentioned behind an `@`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mention {
    /// A person's name.
    Person(String),
    /// A day.
    Day(NaiveDate),
}

/// A deadline as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A date.
    On(NaiveDate),
    /// Something that may be read in more than one way, or not at all.
    Unclear(String),
}

/// An owner named behind a label, and where.
pub(super) fn labelled_owner(text: &str, words: &Vocabulary) -> Option<(std::ops::Range<usize>, String)> {
    labels(text, &words.owner_labels).find_map(|(at, value_at)| {
        let rest = text.get(value_at..)?;
        // In French a blank stands before a colon.
        let value = rest.trim_start().strip_prefix([':', '：'])?;
        let colon = rest.len() - value.len();
        let skipped = value.len() - value.trim_start().len();
        let value = value.trim_start();
        let name = all_named(value, words)?;
        let end = value_at + colon + skipped + name.len();
        let before = text.get(..at)?.trim_end();
        let apart = before.is_empty() || before.ends_with(|c: char| !c.is_alphanumeric());
        let marked = name.starts_with('@') || text.get(at..)?.starts_with(char::is_uppercase);
        (apart || marked).then(|| (at..end, name.trim().to_owned()))
    })
}

/// A deadline named behind a label, and where. A period that is only a wish stays where it is.
pub(super) fn labelled_due(text: &str, dialect: &Dialect) -> Option<(std::ops::Range<usize>, Due)> {
    labels(text, &dialect.words.due_labels).find_map(|(at, value_at)| {
        let rest = text.get(value_at..)?;
        let label = text.get(at..value_at)?;
        let colon = rest.trim_start().starts_with([':', '：']);
        let whole = rest.trim_start().trim_start_matches([':', '：']).trim_start();
        let stop =
            |c: char| matches!(c, ')' | ']' | ',' | ';' | '→' | '）' | '】' | '，' | '、' | '；' | '。');
        let value = whole.split(stop).next().unwrap_or_default();
        let start = text.len() - whole.len();
        if let Some((day, length)) = date::named(whole) {
            return Some((at..start + length, Due::On(day)));
        }
        // A day in numbers is one word, a quarter two, a day with its name and the time more.
        let blanks = value.match_indices(char::is_whitespace).map(|(at, _)| at);
        let mut ends: Vec<usize> = blanks.chain([value.len()]).take(MOST_WORDS).collect();
        ends.reverse();
        for end in ends {
            let text = value.get(..end)?.trim_end_matches('.');
            match date::stated(text, dialect) {
                Stated::On(date) => return Some((at..start + text.len(), Due::On(date))),
                Stated::Wish => return Some((at..at, Due::Unclear(text.to_owned()))),
                Stated::TwoWays(..) | Stated::Never => {
                    return Some((at..start + text.len(), Due::Unclear(text.to_owned())));
                }
                Stated::Noted(_) | Stated::Words => {}
            }
        }
        // Words that are no date stay where they are.
        let stated = colon && !label.eq_ignore_ascii_case("by") || label == "📅";
        let told = stated && !value.is_empty() && !dialect.words.says_nothing(value);
        let wished = value.trim().trim_end_matches('.');
        let told = told || date::is_period(wished) || date::is_yearless(wished);
        told.then(|| (at..at, Due::Unclear(wished.to_owned())))
    })
}

/// A status named behind a label, and where.
pub(super) fn labelled_status(
    text: &str,
    words: &Vocabulary,
    audit: bool,
) -> Option<(std::ops::Range<usize>, Standing)> {
    labels(text, &words.status_labels).find_map(|(at, value_at)| {
        let rest = text.get(value_at..)?;
        let value = rest.trim_start().strip_prefix([':', '：'])?;
        let stop = |c: char| {
            matches!(c, ')' | ']' | ',' | ';' | '|' | '）' | '】' | '，' | '；' | SOFT_BREAK | '\n')
        };
        let end = value.find(stop).unwrap_or(value.len());
        let standing = words.standing(value.get(..end)?, audit)?;
        Some((at..text.len() - value.len() + end, standing))
    })
}

/// Places of labels as words of their own: where each begins and ends.
fn labels<'a>(text: &'a str, all: &'a [String]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let places = text.char_indices().map(|(at, _)| at);
    places.filter_map(move |at| {
        if text.get(..at)?.chars().next_back().is_some_and(char::is_alphanumeric) {
            return None;
        }
        let rest = text.get(at..)?;
        let length = all.iter().find_map(|label| opening(rest, label))?;
        let after = rest.get(length..)?;
        (!after.starts_with(char::is_alphanumeric)).then_some((at, at + length))
    })
}

/// A person or a day mentioned at the end of a text, as editors of documents write them: `@Ana Ruiz`, `@June 1, 2026`; and where.
pub(super) fn mention(text: &str) -> Option<(usize, Mention)> {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | ')'));
    let (before, after) = text.rsplit_once('@')?;
    let apart = before.is_empty() || before.ends_with(|c: char| c.is_whitespace() || c == '(');
    if !apart {
        return None;
    }
    if let Some((day, _)) = date::named(after).filter(|(_, end)| *end == after.len()) {
        return Some((before.len(), Mention::Day(day)));
    }
    let person = after.contains(' ') && is_name(after);
    person.then(|| (before.len(), Mention::Person(after.to_owned())))
}

/// Whether a text is a name that needs no label: up to four words that begin with capitals.
pub(super) fn is_name(text: &str) -> bool {
    let named = |word: &str| {
        word.starts_with(char::is_uppercase) && word.chars().all(|c| c.is_alphabetic() || "-'’.".contains(c))
    };
    text.split(' ').count() <= LONGEST_NAMES && text.split(' ').all(named)
}

/// `@login` or `@organisation/team` at the beginning of a text.
pub(super) fn handle(text: &str) -> Option<&str> {
    let login = text.strip_prefix('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let length = login.find(|c| !plain(c)).unwrap_or(login.len());
    let end = text.get(..=length)?.trim_end_matches(['.', '-', '/']).len();
    text.get(..end).filter(|handle| handle.len() > 1)
}

/// The handle or name at the beginning of a value.
pub(super) fn named(value: &str) -> Option<&str> {
    handle(value).or_else(|| name(value))
}

/// The handle or name at the beginning of a value, and every further one behind it: `Ana Ruiz, Bo Chen`, `@cy / @dee`.
pub(super) fn all_named<'a>(value: &'a str, words: &Vocabulary) -> Option<&'a str> {
    let mut end = named(value)?.len();
    while let Some(length) = further(value.get(end..)?, words) {
        end += length;
    }
    value.get(..end)
}

/// How long the beginning of a text is that names somebody else: a separator, and a handle, an address or a name.
fn further(text: &str, words: &Vocabulary) -> Option<usize> {
    let behind = text.trim_start().strip_prefix([',', ';', '/', '&', '+', '，', '；', '、'])?.trim_start();
    let before = text.len() - behind.len();
    if let Some(handle) = handle(behind) {
        return Some(before + handle.len());
    }
    let part = name(behind)?;
    let labels = [&words.owner_labels, &words.due_labels, &words.status_labels];
    let is_label = labels.into_iter().any(|all| self::labels(part, all).next().is_some());
    let says =
        words.status(part).is_some() || words.severity(part).is_some() || words.priority(part).is_some();
    let day = date::named(part).is_some() || part.contains(|c: char| c.is_ascii_digit());
    let named = |word: &str| word.starts_with(char::is_uppercase) || word.contains('@');
    let names = part.split(' ').count() <= LONGEST_NAMES && part.split(' ').all(named);
    let ends = !behind.get(part.len()..)?.trim_start().starts_with([':', '：']);
    (names && ends && !is_label && !says && !day).then_some(before + part.len())
}

/// Whether the words up to the next punctuation are a label.
fn labelled(text: &str) -> bool {
    text.find([':', ',', ';', '.']).is_some_and(|at| text.get(at..).is_some_and(|rest| rest.starts_with(':')))
}

/// A person's name or address at the beginning of a text.
fn name(text: &str) -> Option<&str> {
    let stop = |(at, c): (usize, char)| match c {
        ',' | ';' | ')' | ']' | '(' | '|' | '\n' | '—' | '–' | '·' | '→' => true,
        '）' | '（' | '】' | '，' | '、' | '；' | '。' => true,
        // The next line, or what stands behind a dash, is not the name if it has a label of its own.
        SOFT_BREAK => labelled(text.get(at..).unwrap_or_default()),
        '-' => {
            text.get(at..).is_some_and(|rest| rest.starts_with("- "))
                && text.get(..at).is_some_and(|name| name.ends_with(' '))
        }
        '.' => text.get(at + 1..).is_none_or(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace)),
        _ => false,
    };
    let mut start = text.char_indices().take(LONGEST_NAME + 2);
    let end = start.find(|at| stop(*at)).map_or(text.len(), |(at, _)| at);
    let name = text.get(..end)?.trim_end();
    let fits = !name.is_empty() && name.chars().nth(LONGEST_NAME).is_none() && !name.contains(':');
    fits.then_some(name)
}
