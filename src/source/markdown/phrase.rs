//! One line of a write-up taken apart: what must be done, and the id, owner, deadline, claim and references around it.
//!
//! References, code and link texts are masked by private characters while the words around them are read, so that a status word inside
//! code claims nothing and a reference at the end is not part of the title.

use super::{
    ending,
    label::{Due, Mention, handle, labelled_due, labelled_owner, labelled_status, mention},
    rank::{self, Rank},
    text::{SOFT_BREAK, Span, Text},
};
use crate::source::{
    dialect::Dialect,
    reference::{self, Lead},
    words::{Standing, Vocabulary, squeeze},
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
/// How much of a line is looked at, in bytes; the rest only holds references.
const LONGEST: usize = 8 << 10;

/// Longest words in a bracket that only introduced a reference behind them, in bytes.
const LONGEST_REMNANT: usize = 60;

/// What may stand before something that is cut off the end of a title.
const OPENERS: [char; 23] = [
    ' ', SOFT_BREAK, '\n', '\t', '(', '[', '<', ':', ',', ';', '-', '–', '—', '→', '|', '（', '【', '「',
    '：', '，', '、', '；', '・',
];

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
    /// How bad or how soon, behind a label.
    pub(super) rank: Rank,
}

/// Takes a line apart.
pub(super) fn phrase(text: &Text, dialect: &Dialect) -> Phrase {
    let words = &*dialect.words;
    let mut masked = Masked::of(&text.beginning(LONGEST), dialect);
    let mut phrase = Phrase { standing: masked.standing, ..Phrase::default() };
    phrase.owner = labelled_owner(&masked.text, words).map(|(_, name)| name);
    phrase.due = labelled_due(&masked.text, dialect).map(|(_, due)| due);
    phrase.rank = rank::labelled(&masked.text, words).map(|(_, rank)| rank).unwrap_or_default();
    let stated = labelled_status(&masked.text, words, false).map(|(_, standing)| standing);
    phrase.standing = phrase.standing.or(stated);
    let done = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()) == "DONE";
    if masked.text.split_whitespace().any(done) {
        phrase.standing = Some(Standing::Done);
    }
    masked.trim_head(&mut phrase);
    for _ in 0..TAILS {
        if !masked.trim_tail(&mut phrase) {
            break;
        }
    }
    if phrase.standing.unwrap_or_default() == Standing::Open && is_struck(text, words) {
        phrase.standing = Some(Standing::Declined);
    }
    phrase.owner = phrase.owner.filter(|owner| !words.says_nothing(owner));
    phrase.title = squeeze(&masked.unmask())
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：'))
        .to_owned();
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

/// The id that the heading of something that was found begins with, such as `AU-1:`, and the heading without it or its number.
pub(super) fn audit_id(heading: &Text) -> (Option<String>, Text) {
    let raw = heading.raw();
    let text = raw.trim_start().trim_start_matches(['[', '(']);
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))
        .unwrap_or(text.len());
    let (id, rest) = text.split_at(end);
    let id = id.trim_end_matches(['.', '-']);
    let lettered = id.starts_with(|c: char| c.is_ascii_uppercase());
    // `S3 buckets` and `3 accounts` name no number: it stands before a stop, or has one inside.
    let stopped =
        id.len() < end || rest.trim_start().starts_with([':', '.', ')', ']', '-', '–', '—', '|', '：']);
    let named = !["CVE-", "CWE-", "GHSA-"].iter().any(|list| id.starts_with(list));
    let numbered_so = named && (stopped || id.contains(['-', '.']));
    let numbered =
        id.ends_with(|c: char| c.is_ascii_digit()) && !id.contains(|c: char| c.is_ascii_lowercase());
    let kept = rest.trim_start_matches(|c: char| c.is_whitespace() || ":.)]-–—|：".contains(c));
    if !numbered || !numbered_so || kept.is_empty() || kept.len() == rest.len() {
        return (None, heading.clone());
    }
    (lettered.then(|| id.to_owned()), heading.tail(raw.len() - kept.len()))
}

/// Where the first sentence ends, if another follows.
pub(super) fn sentence_end(raw: &str, words: &Vocabulary) -> Option<usize> {
    raw.char_indices().find_map(|(at, c)| {
        let rest = raw.get(at + c.len_utf8()..)?;
        match c {
            '。' | '！' | '？' => (!rest.trim().is_empty()).then_some(at + c.len_utf8()),
            '.' | '!' | '?' if rest.starts_with(char::is_whitespace) => {
                let next = rest.trim_start().trim_start_matches(['"', '\'', '“', '‘', '(', '*']);
                let before = raw.get(..at)?.rsplit(char::is_whitespace).next()?.to_lowercase();
                let ends = !words.abbreviations.contains(&before);
                (ends && next.starts_with(|c: char| !c.is_lowercase())).then_some(at + 1)
            }
            '\n' => (!rest.trim().is_empty()).then_some(at),
            _ => None,
        }
    })
}

/// Whether all that a text says is struck out, but for references and status words. A part that is struck out is not said.
fn is_struck(text: &Text, words: &Vocabulary) -> bool {
    let silent = |span: &Span| {
        let reference = span.link.is_some() || !span.text.contains(char::is_alphabetic);
        span.mark.struck || reference || words.status(span.text.trim_matches(['(', ')', ' '])).is_some()
    };
    text.visible().any(|span| span.mark.struck) && text.visible().all(silent)
}

/// A line whose references, code and links are single private characters.
struct Masked<'a> {
    dialect: &'a Dialect,
    text: String,
    hidden: Vec<String>,
    standing: Option<Standing>,
}

impl<'a> Masked<'a> {
    fn of(text: &Text, dialect: &'a Dialect) -> Self {
        let words = &*dialect.words;
        let mut masked = Self { dialect, text: String::new(), hidden: Vec::new(), standing: None };
        let struck = is_struck(text, words);
        let last = text.visible().filter(|span| !span.text.trim().is_empty()).last();
        for span in text.visible() {
            if !struck && span.mark.struck {
                continue;
            }
            let shouted = span.text.chars().all(|c| !c.is_lowercase());
            let ends = last.is_some_and(|last| std::ptr::eq(last, span));
            let token = span.mark.strong && span.link.is_none() && (shouted || ends);
            match words.status(&span.text).filter(|_| token && !span.text.trim().is_empty()) {
                Some(standing) => masked.standing = masked.standing.or(Some(standing)),
                None => masked.add(span),
            }
        }
        masked
    }

    fn add(&mut self, span: &Span) {
        if span.mark.code {
            return self.hide(OPAQUE, &span.text);
        }
        if let Some(url) = &span.link {
            let issue = matches!(reference::of_url(url), Lead::Issue(_))
                && self.dialect.words.is_link_word(&span.text);
            return self.hide(if issue { REFERENCE } else { OPAQUE }, &span.text);
        }
        let mut shown = 0;
        for (range, lead) in reference::in_text(&span.text, &self.dialect.conventions) {
            self.show(span.text.get(shown..range.start).unwrap_or_default());
            let first = if matches!(lead, Lead::Issue(_)) { REFERENCE } else { OPAQUE };
            self.hide(first, span.text.get(range.clone()).unwrap_or_default());
            shown = range.end;
        }
        self.show(span.text.get(shown..).unwrap_or_default());
    }

    fn show(&mut self, text: &str) {
        let private = |c: char| if is_mask(c) { char::REPLACEMENT_CHARACTER } else { c };
        self.text.extend(text.chars().map(private));
    }

    fn hide(&mut self, first: u32, text: &str) {
        let number = u32::try_from(self.hidden.len()).unwrap_or(u32::MAX);
        match char::from_u32(first.saturating_add(number)).filter(|_| self.hidden.len() < MASKS) {
            Some(mask) => {
                self.text.push(mask);
                self.hidden.push(text.to_owned());
            }
            None => self.show(text),
        }
    }

    fn unmask(&self) -> String {
        let mut text = String::new();
        for c in self.text.chars() {
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
        let whole = std::mem::take(&mut self.text);
        let text = whole.trim_start();
        let asked = handle(text);
        phrase.owner = phrase.owner.take().or_else(|| asked.map(str::to_owned));
        if let Some(rest) = asked.and_then(|handle| text.get(handle.len()..)?.strip_prefix(':')) {
            rest.trim_start().clone_into(&mut self.text);
            return;
        }
        for (head, rest, bracketed) in heads(text) {
            let Some(standing) = self.dialect.words.status(head) else { continue };
            if standing == Standing::Open && !bracketed && !self.dialect.words.is_to_do(head) {
                continue;
            }
            phrase.standing = phrase.standing.or(Some(standing));
            rest.trim_start_matches([':', '：', ' ', '-', '–', '—']).clone_into(&mut self.text);
            return;
        }
        self.text = whole;
    }

    /// Takes one thing off the end that is not what must be done; false when there is nothing more to take.
    fn trim_tail(&mut self, phrase: &mut Phrase) -> bool {
        let text = self.text.trim_end();
        let words = &*self.dialect.words;
        let from = tail_start(text);
        let tail = text.get(from..).unwrap_or_default();
        let reference = tail_reference(tail, words);
        let cut = reference
            .or_else(|| tail_label(tail, self.dialect))
            .or_else(|| tail_mention(tail, phrase))
            .or_else(|| ending::bracket(tail, phrase, self.dialect))
            .or_else(|| ending::listing(tail, phrase, self.dialect))
            .or_else(|| ending::dash(tail, phrase, self.dialect))
            .or_else(|| ending::ticked(tail, phrase, self.dialect))
            .or_else(|| ending::word(tail, from == 0, phrase, words));
        let Some(cut) = cut else { return false };
        let rest = text.get(..from + cut).unwrap_or_default();
        let rest = rest.trim_end_matches(OPENERS);
        if rest.len() == self.text.len() {
            return false;
        }
        let unclosed = reference.and_then(|_| remnant(rest));
        self.text.truncate(unclosed.unwrap_or(rest.len()));
        true
    }
}

/// Where the words end before a bracket that is open because the reference at its end was cut off, such as `(blocked by`.
fn remnant(text: &str) -> Option<usize> {
    let at = text.rfind('(').filter(|at| *at > 0 && text.len() - at <= LONGEST_REMNANT)?;
    let (before, inside) = text.split_at(at);
    (!inside.contains(')')).then(|| before.trim_end().len())
}

/// What may be a status at the beginning of a line, what follows it, and whether it stood in brackets: `[done]`, `Done:`, `Done - `, a tick.
fn heads(text: &str) -> impl Iterator<Item = (&str, &str, bool)> {
    let bracket = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let apart = [":", "：", " - ", " – ", " — "].into_iter().filter_map(|mark| text.split_once(mark));
    let symbol = text
        .split_once(char::is_whitespace)
        .filter(|(head, _)| !head.is_empty() && !head.contains(|c: char| c.is_alphanumeric() || is_mask(c)));
    let bracket = bracket.map(|(head, rest)| (head, rest, true));
    bracket.into_iter().chain(apart.chain(symbol).map(|(head, rest)| (head, rest, false)))
}

pub(super) fn is_mask(c: char) -> bool {
    c as u32 >= REFERENCE
}

fn is_reference(c: char) -> bool {
    (REFERENCE..OPAQUE).contains(&(c as u32))
}

pub(super) fn is_said(c: char) -> bool {
    c.is_alphanumeric() || (is_mask(c) && !is_reference(c))
}

/// Where the part of a line begins that is looked at for what stands at its end: at a blank.
fn tail_start(text: &str) -> usize {
    let Some(far) = text.len().checked_sub(TAIL) else { return 0 };
    let blank = |(at, c): (usize, char)| (at >= far && c.is_whitespace()).then_some(at);
    text.char_indices().rev().take(TAIL).filter_map(blank).last().unwrap_or(text.len())
}

/// References with nothing but punctuation behind them, and the words that only lead to them.
fn tail_reference(text: &str, words: &Vocabulary) -> Option<usize> {
    let at = text.rfind(is_reference)?;
    if text.get(at..)?.contains(is_said) {
        return None;
    }
    let before = text.get(..at)?.trim_end_matches(OPENERS);
    let lower = before.to_ascii_lowercase();
    let blanks = lower.replace('-', " ");
    let leading = words.left_over.iter().filter(|word| {
        let rest = blanks.strip_suffix(word.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '(', '[', '.']))
    });
    let naming = words.left_over_apart.iter().filter(|word| {
        let rest = lower.strip_suffix(word.as_str()).map(str::trim_end);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.ends_with(|c: char| !c.is_alphanumeric() && !is_mask(c))
        })
    });
    let left_over = leading.chain(naming).map(|word| word.len()).max();
    Some(before.len() - left_over.unwrap_or_default())
}

/// A labelled owner, deadline, status or rank with nothing behind it.
fn tail_label(text: &str, dialect: &Dialect) -> Option<usize> {
    let owner = labelled_owner(text, &dialect.words).map(|(range, _)| range);
    let due = labelled_due(text, dialect).map(|(range, _)| range);
    let status = labelled_status(text, &dialect.words, false).map(|(range, _)| range);
    let last =
        |range: &std::ops::Range<usize>| text.get(range.end..).is_some_and(|rest| !rest.contains(is_said));
    let rank = rank::labelled(text, &dialect.words).map(|(range, _)| range);
    [owner, due, status, rank].into_iter().flatten().find(last).map(|range| range.start)
}

/// A person or a day mentioned with an `@`.
fn tail_mention(text: &str, phrase: &mut Phrase) -> Option<usize> {
    let (at, mentioned) = mention(text)?;
    match mentioned {
        Mention::Person(name) => {
            let unnamed = phrase.owner.as_ref().is_none_or(|owner| owner.starts_with('@'));
            phrase.owner = if unnamed { Some(name) } else { phrase.owner.take() };
        }
        Mention::Day(day) => phrase.due = phrase.due.take().or(Some(Due::On(day))),
    }
    Some(at)
}
