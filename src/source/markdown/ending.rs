//! A status, a tick or a handle at the end of a line, which says nothing of what must be done.
//!
//! Knows the end of a line. Tells where what it takes begins, and notes in the phrase what that says.

use super::{
    label::handle,
    phrase::{Phrase, is_mask, is_said},
};
use crate::source::{
    date,
    dialect::Dialect,
    words::{Standing, Vocabulary},
};

/// `(done)`, `(fixed on 3 May 2026)` and the like.
pub(super) fn bracket(text: &str, phrase: &mut Phrase, dialect: &Dialect) -> Option<usize> {
    let inner = text.trim_end_matches(['.', '。']).strip_suffix([')', ']', '）', '】'])?;
    let (at, open) = inner.char_indices().rfind(|(_, c)| matches!(c, '(' | '[' | '（' | '【'))?;
    let inner = inner.get(at + open.len_utf8()..)?;
    let standing = dialect.words.status(inner).or_else(|| dated(inner, dialect))?;
    phrase.standing = phrase.standing.or(Some(standing));
    Some(at)
}

/// A status behind a dash, such as `Rotate keys - done`; never one that only says that work has not begun.
pub(super) fn dash(text: &str, phrase: &mut Phrase, dialect: &Dialect) -> Option<usize> {
    let dashes = [" - ", " – ", " — ", "——"];
    let (at, dash) = dashes.into_iter().filter_map(|dash| Some((text.rfind(dash)?, dash))).max()?;
    text.get(..at).filter(|before| before.contains(is_said))?;
    let said = text.get(at + dash.len()..)?;
    let known = dialect.words.status(said).filter(|standing| *standing != Standing::Open);
    let standing = known.or_else(|| dated(said, dialect))?;
    phrase.standing = phrase.standing.or(Some(standing));
    Some(at)
}

/// A status that tells when it came to be, such as `done on 3 May 2026`; none where the day is the last one, as in `done by`.
fn dated(text: &str, dialect: &Dialect) -> Option<Standing> {
    let parts: Vec<&str> = text.trim_end_matches(['.', '。']).split_whitespace().collect();
    (1..parts.len()).rev().find_map(|count| {
        let (head, rest) = parts.split_at_checked(count)?;
        let head = head.join(" ");
        let standing = dialect.words.status(head.trim_end_matches([',', ':']));
        let standing = standing.filter(|standing| *standing != Standing::Open)?;
        let day = match rest {
            [join, day @ ..]
                if !day.is_empty() && dialect.words.joins_status(join) && !date::is_limit(join) =>
            {
                day
            }
            day => day,
        };
        date::is_past_day(&day.join(" "), dialect).then_some(standing)
    })
}

/// A shouted status word, a tick or a handle; never the only word of a `whole` line.
pub(super) fn word(text: &str, whole: bool, phrase: &mut Phrase, words: &Vocabulary) -> Option<usize> {
    let alone = |word: &&str| !whole || word.len() < text.len();
    let word = text.rsplit(char::is_whitespace).next().filter(alone)?;
    let at = text.len() - word.len();
    let bare = word.trim_matches(['(', ')', '.', ',']);
    if let Some(handle) = handle(bare).filter(|handle| handle.len() == bare.len()) {
        phrase.owner = phrase.owner.take().or_else(|| Some(handle.to_owned()));
        return Some(at);
    }
    let symbol =
        !bare.is_empty() && !bare.contains(|c: char| c.is_alphanumeric() || is_mask(c) || c.is_ascii());
    let shouted = matches!(bare, "DONE" | "FIXED" | "COMPLETED" | "WIP" | "TODO");
    let standing = words.status(bare).filter(|_| symbol || shouted)?;
    phrase.standing = phrase.standing.or(Some(standing));
    Some(at)
}
