//! One line of a write-up taken apart: what must be done, and the id, owner, deadline, claim and references around it.
//!
//! References, code and link texts are masked by private characters while the words around them are read, so that a status word inside
//! code claims nothing and a reference at the end is not part of the title.

use chrono::NaiveDate;

use super::{
    text::{SOFT_BREAK, Span, Text, squeeze},
    words::{self, Standing},
};
use crate::source::{
    Conventions, date,
    reference::{self, Lead},
};

/// First private character for a reference, which a title may lose at its end.
const REFERENCE: u32 = 0xF_0000;
/// First private character for code and other links, which a title keeps.
const OPAQUE: u32 = 0x10_0000;
/// How many of each are masked; more are left as they are.
const MASKS: usize = 0xFF00;
/// How many things are taken off the end of a line, so that no line takes long.
const TAILS: usize = 32;
/// How much of the end of a line is looked at for such things, in bytes.
const TAIL: usize = 400;
/// Longest name of an owner.
const LONGEST_NAME: usize = 60;

/// What may stand before something that is cut off the end of a title.
const OPENERS: [char; 14] = [' ', SOFT_BREAK, '\n', '\t', '(', '[', '<', ':', ',', ';', '-', '–', '—', '|'];

/// A deadline as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A date.
    On(NaiveDate),
    /// Something that may be read in more than one way, or not at all.
    Unclear(String),
}

/// What a line says.
#[derive(Clone, Debug, Default)]
pub(super) struct Phrase {
    /// What must be done; empty when the line holds nothing but references.
    pub(super) title: String,
    /// Who is asked, as written.
    pub(super) owner: Option<String>,
    /// Until when.
    pub(super) due: Option<Due>,
    /// How far it says that it is, if it does.
    pub(super) standing: Option<Standing>,
}

/// Takes a line apart.
pub(super) fn phrase(text: &Text, conventions: &Conventions) -> Phrase {
    let mut masked = Masked::of(text, conventions);
    let mut phrase = Phrase { standing: masked.standing, ..Phrase::default() };
    phrase.owner = labelled_owner(&masked.words).map(|(_, name)| name);
    phrase.due = labelled_due(&masked.words).map(|(_, due)| due);
    let done = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()) == "DONE";
    if masked.words.split_whitespace().any(done) {
        phrase.standing = Some(Standing::Done);
    }
    masked.trim_head(&mut phrase);
    for _ in 0..TAILS {
        if !masked.trim_tail(&mut phrase) {
            break;
        }
    }
    if phrase.standing.unwrap_or_default() == Standing::Open && is_struck(text) {
        phrase.standing = Some(Standing::Declined);
    }
    let name = |owner: &String| !words::is_none(owner) && !words::is_placeholder(owner);
    phrase.owner = phrase.owner.filter(name);
    phrase.title = squeeze(&masked.unmask()).trim_end_matches([':', '：', ' ']).to_owned();
    phrase
}

/// The id that a line begins with, `F3:` or `[F3]`, and how many bytes of it are not the title.
pub(super) fn leading_id(raw: &str) -> Option<(String, usize)> {
    let text = raw.trim_start();
    let bracketed = text.strip_prefix('[');
    let inner = bracketed.unwrap_or(text);
    let digits = inner.strip_prefix('F')?;
    let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let close = if bracketed.is_some() { ']' } else { ':' };
    let rest = digits.get(length..)?.strip_prefix(close).filter(|_| (1..=6).contains(&length))?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    Some((format!("F{}", digits.get(..length)?), raw.len() - rest.trim_start().len()))
}

/// Where the first sentence ends, if another follows.
pub(super) fn sentence_end(raw: &str) -> Option<usize> {
    raw.char_indices().find_map(|(at, c)| {
        let rest = raw.get(at + c.len_utf8()..)?;
        match c {
            '。' | '！' | '？' => (!rest.trim().is_empty()).then_some(at + c.len_utf8()),
            '.' | '!' | '?' if rest.starts_with(char::is_whitespace) => {
                let next = rest.trim_start().trim_start_matches(['"', '\'', '“', '‘', '(', '*']);
                let before = raw.get(..at)?.rsplit(char::is_whitespace).next()?.to_lowercase();
                let ends = !words::WORDS.abbreviations.contains(&before);
                (ends && next.starts_with(|c: char| !c.is_lowercase())).then_some(at + 1)
            }
            '\n' => (!rest.trim().is_empty()).then_some(at),
            _ => None,
        }
    })
}

/// An owner named behind a label, and where.
pub(super) fn labelled_owner(text: &str) -> Option<(std::ops::Range<usize>, String)> {
    labels(text, &words::WORDS.owner_labels).find_map(|(at, value_at)| {
        let value = text.get(value_at..)?.strip_prefix(':')?;
        let skipped = value.len() - value.trim_start().len();
        let value = value.trim_start();
        let name = match handle(value) {
            Some(handle) => handle,
            None => name(value)?,
        };
        let end = value_at + 1 + skipped + name.len();
        let before = text.get(..at)?.trim_end();
        let apart = before.is_empty() || before.ends_with(|c: char| !c.is_alphanumeric());
        let marked = name.starts_with('@') || text.get(at..)?.starts_with(char::is_uppercase);
        (apart || marked).then(|| (at..end, name.trim().to_owned()))
    })
}

/// A deadline named behind a label, and where.
pub(super) fn labelled_due(text: &str) -> Option<(std::ops::Range<usize>, Due)> {
    labels(text, &words::WORDS.due_labels).find_map(|(at, value_at)| {
        let rest = text.get(value_at..)?;
        let label = text.get(at..value_at)?;
        let colon = rest.trim_start().starts_with(':');
        let value = rest.trim_start().trim_start_matches(':').trim_start();
        let length = value.find(|c: char| c.is_whitespace() || matches!(c, ')' | ']' | ',' | ';'));
        let word = value.get(..length.unwrap_or(value.len()))?.trim_end_matches('.');
        let end = text.len() - value.len() + word.len();
        if let Some(date) = date::iso(word) {
            return Some((at..end, Due::On(date)));
        }
        let stated = colon || label == "📅";
        let dated = word.contains(|c: char| c.is_ascii_digit()) && !label.eq_ignore_ascii_case("by");
        (stated && dated).then(|| (at..end, Due::Unclear(word.to_owned())))
    })
}

/// Places of labels as words of their own: where each begins and ends.
fn labels<'a>(text: &'a str, all: &'a [String]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let lower = text.to_ascii_lowercase();
    let places = text.char_indices().map(|(at, _)| at);
    places.filter_map(move |at| {
        let apart = !text.get(..at)?.chars().next_back().is_some_and(char::is_alphanumeric);
        let rest = lower.get(at..)?;
        let label = all.iter().find(|label| apart && rest.starts_with(label.as_str()))?;
        let after = rest.get(label.len()..)?;
        (!after.starts_with(char::is_alphanumeric)).then_some((at, at + label.len()))
    })
}

/// `@login` or `@organisation/team` at the beginning of a text.
fn handle(text: &str) -> Option<&str> {
    let login = text.strip_prefix('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let length = login.find(|c| !plain(c)).unwrap_or(login.len());
    let end = text.get(..=length)?.trim_end_matches(['.', '-', '/']).len();
    text.get(..end).filter(|handle| handle.len() > 1)
}

/// A person's name or address at the beginning of a text.
fn name(text: &str) -> Option<&str> {
    let stop = |(at, c): (usize, char)| match c {
        ',' | ';' | ')' | ']' | '(' | '|' | '\n' => true,
        '.' => text.get(at + 1..).is_none_or(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace)),
        _ => false,
    };
    let mut start = text.char_indices().take(LONGEST_NAME + 2);
    let end = start.find(|at| stop(*at)).map_or(text.len(), |(at, _)| at);
    let name = text.get(..end)?.trim_end();
    let fits = !name.is_empty() && name.chars().nth(LONGEST_NAME).is_none() && !name.contains(':');
    fits.then_some(name)
}

/// Whether all that a text says is struck out, but for references and status words. A part that is struck out is not said.
fn is_struck(text: &Text) -> bool {
    let silent = |span: &Span| {
        let reference = span.link.is_some() || !span.text.contains(char::is_alphabetic);
        span.mark.struck || reference || words::status(span.text.trim_matches(['(', ')', ' '])).is_some()
    };
    text.visible().any(|span| span.mark.struck) && text.visible().all(silent)
}

/// A line whose references, code and links are single private characters.
struct Masked {
    words: String,
    hidden: Vec<String>,
    standing: Option<Standing>,
}

impl Masked {
    fn of(text: &Text, conventions: &Conventions) -> Self {
        let mut masked = Self { words: String::new(), hidden: Vec::new(), standing: None };
        let struck = is_struck(text);
        let last = text.visible().filter(|span| !span.text.trim().is_empty()).last();
        for span in text.visible() {
            if !struck && span.mark.struck {
                continue;
            }
            let shouted = span.text.chars().all(|c| !c.is_lowercase());
            let ends = last.is_some_and(|last| std::ptr::eq(last, span));
            let token = span.mark.strong && span.link.is_none() && (shouted || ends);
            match words::status(&span.text).filter(|_| token && !span.text.trim().is_empty()) {
                Some(standing) => masked.standing = masked.standing.or(Some(standing)),
                None => masked.add(span, conventions),
            }
        }
        masked
    }

    fn add(&mut self, span: &Span, conventions: &Conventions) {
        if span.mark.code {
            return self.hide(OPAQUE, &span.text);
        }
        if let Some(url) = &span.link {
            let issue = matches!(reference::of_url(url), Lead::Issue(_)) && words::is_link_word(&span.text);
            return self.hide(if issue { REFERENCE } else { OPAQUE }, &span.text);
        }
        let mut shown = 0;
        for (range, lead) in reference::in_text(&span.text, conventions) {
            self.show(span.text.get(shown..range.start).unwrap_or_default());
            let first = if matches!(lead, Lead::Issue(_)) { REFERENCE } else { OPAQUE };
            self.hide(first, span.text.get(range.clone()).unwrap_or_default());
            shown = range.end;
        }
        self.show(span.text.get(shown..).unwrap_or_default());
    }

    fn show(&mut self, text: &str) {
        let private = |c: char| if is_mask(c) { char::REPLACEMENT_CHARACTER } else { c };
        self.words.extend(text.chars().map(private));
    }

    fn hide(&mut self, first: u32, text: &str) {
        let number = u32::try_from(self.hidden.len()).unwrap_or(u32::MAX);
        match char::from_u32(first.saturating_add(number)).filter(|_| self.hidden.len() < MASKS) {
            Some(mask) => {
                self.words.push(mask);
                self.hidden.push(text.to_owned());
            }
            None => self.show(text),
        }
    }

    fn unmask(&self) -> String {
        let mut text = String::new();
        for c in self.words.chars() {
            let number = (c as u32).checked_sub(if c as u32 >= OPAQUE { OPAQUE } else { REFERENCE });
            let hidden = number.and_then(|number| self.hidden.get(usize::try_from(number).ok()?));
            match hidden {
                Some(hidden) if is_mask(c) => text.push_str(hidden),
                _ => text.push(c),
            }
        }
        text
    }

    /// Takes a tick, `[done]` or `Done:` off the beginning, and reads a handle there.
    fn trim_head(&mut self, phrase: &mut Phrase) {
        let words = std::mem::take(&mut self.words);
        let text = words.trim_start();
        phrase.owner = phrase.owner.take().or_else(|| handle(text).map(str::to_owned));
        let bracket = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let word = text.split_once(|c: char| c.is_whitespace() || c == ':');
        for (head, rest) in [bracket, word].into_iter().flatten() {
            let marked =
                bracket.is_some() || text.get(head.len()..).is_some_and(|rest| rest.starts_with(':'));
            let symbol = !head.is_empty() && !head.contains(|c: char| c.is_alphanumeric() || is_mask(c));
            let Some(standing) = words::status(head).filter(|_| marked || symbol) else { continue };
            if standing == Standing::Open && bracket.is_none() {
                continue;
            }
            phrase.standing = phrase.standing.or(Some(standing));
            rest.trim_start_matches([':', ' ', '-']).clone_into(&mut self.words);
            return;
        }
        self.words = words;
    }

    /// Takes one thing off the end that is not what must be done; false when there is nothing more to take.
    fn trim_tail(&mut self, phrase: &mut Phrase) -> bool {
        let text = self.words.trim_end();
        let from = tail_start(text);
        let tail = text.get(from..).unwrap_or_default();
        let cut = tail_reference(tail)
            .or_else(|| tail_label(tail))
            .or_else(|| tail_bracket(tail, phrase))
            .or_else(|| tail_word(tail, from == 0, phrase));
        let Some(cut) = cut else { return false };
        let rest = text.get(..from + cut).unwrap_or_default();
        let rest = rest.trim_end_matches(OPENERS);
        if rest.len() == self.words.len() {
            return false;
        }
        self.words.truncate(rest.len());
        true
    }
}

fn is_mask(c: char) -> bool {
    c as u32 >= REFERENCE
}

fn is_reference(c: char) -> bool {
    (REFERENCE..OPAQUE).contains(&(c as u32))
}

fn is_said(c: char) -> bool {
    c.is_alphanumeric() || (is_mask(c) && !is_reference(c))
}

/// Where the part of a line begins that is looked at for what stands at its end: at a blank.
fn tail_start(text: &str) -> usize {
    let Some(far) = text.len().checked_sub(TAIL) else { return 0 };
    let blank = |(at, c): (usize, char)| (at >= far && c.is_whitespace()).then_some(at);
    text.char_indices().rev().take(TAIL).filter_map(blank).last().unwrap_or(text.len())
}

/// References with nothing but punctuation behind them, and the words that only lead to them.
fn tail_reference(text: &str) -> Option<usize> {
    let at = text.rfind(is_reference)?;
    if text.get(at..)?.contains(is_said) {
        return None;
    }
    let before = text.get(..at)?.trim_end_matches(OPENERS);
    let lower = before.to_ascii_lowercase();
    let left_over = words::WORDS.left_over.iter().filter(|word| {
        lower
            .strip_suffix(word.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '(', '[', '.']))
    });
    Some(before.len() - left_over.map(|word| word.len()).max().unwrap_or_default())
}

/// A labelled owner or deadline with nothing behind it.
fn tail_label(text: &str) -> Option<usize> {
    let owner = labelled_owner(text).map(|(range, _)| range);
    let due = labelled_due(text).map(|(range, _)| range);
    let last =
        |range: &std::ops::Range<usize>| text.get(range.end..).is_some_and(|rest| !rest.contains(is_said));
    [owner, due].into_iter().flatten().find(last).map(|range| range.start)
}

/// `(done)` and the like.
fn tail_bracket(text: &str, phrase: &mut Phrase) -> Option<usize> {
    let inner = text.trim_end_matches('.').strip_suffix([')', ']'])?;
    let at = inner.rfind(['(', '['])?;
    let standing = words::status(inner.get(at + 1..)?)?;
    phrase.standing = phrase.standing.or(Some(standing));
    Some(at)
}

/// A shouted status word, a tick or a handle; never the only word of a `whole` line.
fn tail_word(text: &str, whole: bool, phrase: &mut Phrase) -> Option<usize> {
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
    let standing = words::status(bare).filter(|_| symbol || shouted)?;
    phrase.standing = phrase.standing.or(Some(standing));
    Some(at)
}
