//! Running text of a page: spaces as a reader sees them, marks, and who and when is mentioned in it.
//!
//! Knows spans. Knows no element.

use std::ops::Range;

use super::super::text::{Mark, SOFT_BREAK, Span, Text};

/// How text is marked where it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Style {
    /// Bold and the like.
    pub(super) mark: Mark,
    /// Where it leads.
    pub(super) link: Option<String>,
    /// Whether it is what a macro shows of an issue, whose state is the issue's word.
    pub(super) of_issue: bool,
}

/// Text that is being collected.
#[derive(Debug, Default)]
pub(super) struct Run {
    text: Text,
    at: Option<Range<usize>>,
    /// The blank that stands before the next character.
    blank: Option<char>,
    /// How many bytes people read so far, and the last character of them.
    length: usize,
    last: Option<char>,
    /// People who are mentioned, by where their names stand.
    people: Vec<(Range<usize>, String)>,
    /// Dates that are more than words, by where they stand.
    dates: Vec<(Range<usize>, String)>,
}

impl Run {
    /// Whether people read nothing so far.
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The last character that people read.
    pub(super) fn last(&self) -> Option<char> {
        self.last
    }

    /// Adds text as it stands in a page.
    pub(super) fn push(&mut self, text: &str, at: usize, style: &Style) {
        let mut piece = String::new();
        for c in text.chars() {
            match c {
                '\n' | '\r' => self.blank = Some(SOFT_BREAK),
                _ if c.is_whitespace() && c != '\u{3000}' => self.blank = self.blank.or(Some(' ')),
                '\u{200B}' | '\u{FEFF}' | '\u{AD}' => {}
                _ => {
                    let begun = piece.chars().next_back().or(self.last).is_some_and(|last| last != '\n');
                    piece.extend(self.blank.take().filter(|_| begun));
                    piece.push(c);
                }
            }
        }
        if !piece.is_empty() {
            self.add(piece, at, at + text.len(), style);
        }
    }

    /// Adds a space before the next character.
    pub(super) fn space(&mut self) {
        self.blank = self.blank.or(Some(' '));
    }

    /// Ends a line. False if it was ended already, so that a paragraph ends here.
    pub(super) fn end_line(&mut self, at: Range<usize>) -> bool {
        self.blank = None;
        if self.last == Some('\n') {
            return false;
        }
        if self.length > 0 {
            self.add("\n".to_owned(), at.start, at.end, &Style::default());
        }
        true
    }

    /// Adds what people do not see.
    pub(super) fn push_unseen(&mut self, html: String, at: Range<usize>) {
        let mark = Mark { html: true, ..Mark::default() };
        self.text.push(Span { text: html, mark, link: None, at: at.start });
        self.widen(at.start, at.end);
    }

    /// Adds the name of somebody who is mentioned.
    pub(super) fn push_person(&mut self, name: &str, at: usize, style: &Style) {
        let range = self.push_measured(name, at, style);
        self.people.push((range, name.to_owned()));
    }

    /// Adds a date that is more than words.
    pub(super) fn push_date(&mut self, date: &str, at: usize, style: &Style) {
        let range = self.push_measured(date, at, style);
        self.dates.push((range, date.to_owned()));
    }

    /// The text and where it stands, if there is any.
    pub(super) fn finish(mut self) -> Option<(Text, Range<usize>)> {
        if let Some(last) = self.text.spans.last_mut().filter(|span| !span.mark.html) {
            let kept = last.text.trim_end_matches('\n').len();
            last.text.truncate(kept);
        }
        self.text.spans.retain(|span| !span.text.is_empty());
        (!self.text.spans.is_empty()).then_some((self.text, self.at.unwrap_or_default()))
    }

    /// The same for an item of a list: who is mentioned at its beginning or end is asked to do it. In a `task` the first one is,
    /// wherever the name stands, and the first date is the deadline.
    pub(super) fn finish_item(self, task: bool) -> Option<(Text, Range<usize>)> {
        let (people, dates) = (self.people.clone(), self.dates.clone());
        let (text, at) = self.finish()?;
        if people.is_empty() && (dates.is_empty() || !task) {
            return Some((text, at));
        }
        let raw = text.raw();
        let due = dates.first().filter(|_| task);
        let mut left = 0..raw.len();
        let mut edge = Vec::new();
        while let Some((range, name)) =
            people.iter().chain(due).find(|(range, _)| stands_at_edge(&raw, &left, range))
        {
            edge.push(name);
            left = if raw.get(left.start..range.start).is_some_and(is_apart) {
                range.end..left.end
            } else {
                left.start..range.start
            };
        }
        let owner = people.iter().find(|(_, name)| task || edge.contains(&name)).map(|(_, name)| name);
        let inside = raw.get(left.clone()).unwrap_or_default();
        if !inside.contains(char::is_alphanumeric) {
            return Some((text, at));
        }
        let from = left.start + (inside.len() - inside.trim_start_matches(APART).len());
        let to = left.start + inside.trim_end_matches(|c| c != '.' && APART.contains(&c)).len();
        let mut kept = text.part(from..to);
        kept.spans.extend(text.spans.into_iter().filter(|span| span.mark.html));
        let owner = owner.map(|name| format!("Owner: {}", name.replace([',', ';', '(', ')'], " ")));
        let due = due.map(|(_, date)| format!("Due: {date}"));
        let stated: Vec<String> = owner.into_iter().chain(due).collect();
        if !stated.is_empty() {
            let text = format!(" ({})", stated.join(", "));
            kept.push(Span { text, mark: Mark::default(), link: None, at: at.end.saturating_sub(1) });
        }
        Some((kept, at))
    }

    fn push_measured(&mut self, text: &str, at: usize, style: &Style) -> Range<usize> {
        let before = self.length;
        self.push(text, at, style);
        let blank = usize::from(before > 0 && self.length > before + text.len());
        before + blank..self.length
    }

    fn add(&mut self, text: String, at: usize, end: usize, style: &Style) {
        self.length += text.len();
        self.last = text.chars().next_back();
        let code = style.mark.code;
        self.text.push(Span { text, mark: Mark { code, ..style.mark }, link: style.link.clone(), at });
        self.widen(at, end);
    }

    fn widen(&mut self, start: usize, end: usize) {
        let known = self.at.take().unwrap_or(start..end);
        self.at = Some(known.start.min(start)..known.end.max(end));
    }
}

/// What may stand between a name at the edge of an item and its text.
const APART: [char; 12] = [' ', SOFT_BREAK, '\n', ':', ',', ';', '-', '–', '—', '.', '(', ')'];

fn is_apart(text: &str) -> bool {
    text.chars().all(|c| APART.contains(&c) || c == '@')
}

/// Whether a name is the value of a label of one or two words, such as `(owner: Bo)`, which is read as such.
fn is_labelled(raw: &str, range: &Range<usize>) -> bool {
    let before = raw.get(..range.start).unwrap_or_default().trim_end_matches([' ', '@']);
    let Some(before) = before.strip_suffix([':', '：']) else { return false };
    let Some((_, label)) = before.rsplit_once(['(', '.', ',', ';', '\n', SOFT_BREAK]) else { return false };
    (1..=2).contains(&label.split_whitespace().count())
}

/// Whether nothing but punctuation stands between a name and one end of what is left of a text.
fn stands_at_edge(raw: &str, left: &Range<usize>, range: &Range<usize>) -> bool {
    let inside = range.start >= left.start && range.end <= left.end && !is_labelled(raw, range);
    let before = raw.get(left.start..range.start);
    let after = raw.get(range.end..left.end.max(range.end));
    inside && !range.is_empty() && (before.is_some_and(is_apart) || after.is_some_and(is_apart))
}
