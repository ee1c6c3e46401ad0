//! Inline text with its marks: what is bold, what is code, where links lead.
//!
//! Knows spans. Knows nothing of findings.

use std::ops::Range;

use crate::source::words::squeeze;

/// Stands for a line break that is nothing but wrapping.
pub(super) const SOFT_BREAK: char = '\u{2028}';

/// Elements of HTML that stand in texts.
const ELEMENTS: [&str; 30] = [
    "a", "abbr", "b", "big", "br", "center", "cite", "code", "del", "details", "div", "em", "font", "hr",
    "i", "img", "ins", "kbd", "mark", "p", "s", "small", "span", "strong", "sub", "summary", "sup", "tt",
    "u", "wbr",
];

/// How a span is marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bold.
    pub(super) strong: bool,
    /// Italic.
    pub(super) emphasis: bool,
    /// Struck out.
    pub(super) struck: bool,
    /// A code span: never read for references or status words.
    pub(super) code: bool,
    /// Raw HTML such as a comment or `<br>`: never part of what people read.
    pub(super) html: bool,
}

/// A run of text with one mark and at most one link.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// What it says.
    pub(super) text: String,
    /// How it is marked.
    pub(super) mark: Mark,
    /// Where it leads, with reference links resolved.
    pub(super) link: Option<String>,
    /// Byte offset in the document.
    pub(super) at: usize,
}

/// Inline text.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    /// Its spans, in order.
    pub(super) spans: Vec<Span>,
}

impl Text {
    /// Where its last words end; 0 when it holds nothing.
    pub(super) fn end(&self) -> usize {
        self.spans
            .last()
            .map_or(0, |span| span.at + span.text.trim_end_matches([SOFT_BREAK, '\n', ' ']).len())
    }

    /// Adds a span, merging it with the one before when nothing tells them apart.
    pub(super) fn push(&mut self, span: Span) {
        match self.spans.last_mut() {
            Some(last) if last.mark == span.mark && last.link == span.link && !span.mark.html => {
                last.text.push_str(&span.text);
            }
            _ => self.spans.push(span),
        }
    }

    /// What people read, without marks and with single spaces.
    pub(super) fn plain(&self) -> String {
        squeeze(&self.raw())
    }

    /// What people read, spaces and line breaks kept; offsets of [`Text::part`] count in it.
    pub(super) fn raw(&self) -> String {
        self.visible().map(|span| span.text.as_str()).collect()
    }

    /// What people read, and tags that no browser knows: in a template they stand for what is to be written.
    pub(super) fn with_gaps(&self) -> String {
        let unknown = |span: &&Span| !span.mark.html || is_gap(&span.text);
        squeeze(&self.spans.iter().filter(unknown).map(|span| span.text.as_str()).collect::<String>())
    }

    /// Whether people would see nothing.
    pub(super) fn is_blank(&self) -> bool {
        self.visible().all(|span| span.text.trim().is_empty())
    }

    /// Whether all of it is italic, as the help texts of templates are.
    pub(super) fn is_italic(&self) -> bool {
        !self.is_blank() && self.visible().all(|span| span.mark.emphasis || span.text.trim().is_empty())
    }

    /// What is left when something is struck out and something else is not: what was struck out is not said any more.
    pub(super) fn unstruck(&self) -> Self {
        let said = |span: &&Span| !span.mark.struck;
        let left: Vec<Span> = self.visible().filter(said).cloned().collect();
        let any = left.iter().any(|span| span.text.contains(char::is_alphanumeric));
        if any { Self { spans: left } } else { self.clone() }
    }

    /// The spans that people read.
    pub(super) fn visible(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter().filter(|span| !span.mark.html)
    }

    /// The raw HTML in it.
    pub(super) fn html(&self) -> impl Iterator<Item = &str> {
        self.spans.iter().filter(|span| span.mark.html).map(|span| span.text.as_str())
    }

    /// The part of [`Text::raw`] in a range, with its marks; the range must lie on character boundaries, else less is returned.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let mut part = Self::default();
        let mut start = 0;
        for span in self.visible() {
            let end = start + span.text.len();
            let from = range.start.clamp(start, end) - start;
            let to = range.end.clamp(start, end) - start;
            if let Some(text) = span.text.get(from..to).filter(|text| !text.is_empty()) {
                part.spans.push(Span { text: text.to_owned(), ..span.clone() });
            }
            start = end;
        }
        part
    }

    /// What follows some bytes of [`Text::raw`], with the raw HTML that stands anywhere in it.
    pub(super) fn tail(&self, from: usize) -> Self {
        let mut tail = self.part(from..usize::MAX);
        tail.spans.extend(self.spans.iter().filter(|span| span.mark.html).cloned());
        tail
    }

    /// As many of its spans as fit into some bytes; at least the beginning of the first.
    pub(super) fn beginning(&self, longest: usize) -> Self {
        let mut left = longest;
        let mut beginning = Self::default();
        for span in &self.spans {
            let end = span.text.floor_char_boundary(left);
            let text = span.text.get(..end).unwrap_or_default().to_owned();
            beginning.spans.push(Span { text, ..span.clone() });
            left -= end;
            if left == 0 || end < span.text.len() {
                break;
            }
        }
        beginning
    }

    /// The bold words it begins with, and what follows them.
    pub(super) fn bold_lead(&self) -> Option<(String, Self)> {
        let mut end = 0;
        let mut lead = String::new();
        for span in self.visible() {
            let bold = span.mark.strong || (span.text.trim().is_empty() && lead.is_empty());
            if !bold {
                break;
            }
            lead.push_str(&span.text);
            end += span.text.len();
        }
        (!lead.trim().is_empty()).then(|| (squeeze(&lead), self.part(end..usize::MAX)))
    }

    /// Itself as Markdown again.
    pub(super) fn markdown(&self) -> String {
        let written: String = self.visible().map(Span::markdown).collect();
        written.trim().replace(SOFT_BREAK, "\n")
    }

    /// Its parts between `<br>` tags.
    pub(super) fn lines(&self) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        for span in &self.spans {
            let tag: String = span.text.chars().filter(char::is_ascii_alphabetic).collect();
            match lines.last_mut() {
                Some(_) if span.mark.html && tag.eq_ignore_ascii_case("br") => lines.push(Self::default()),
                Some(line) => line.spans.push(span.clone()),
                None => {}
            }
        }
        lines
    }
}

/// Whether a tag is a gap such as `<action>`: it has no attributes, and HTML has no such element.
fn is_gap(tag: &str) -> bool {
    let name = tag.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or_default();
    let word = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    name.starts_with(char::is_alphabetic)
        && name.chars().all(word)
        && !ELEMENTS.contains(&name.to_lowercase().as_str())
}

impl Span {
    fn markdown(&self) -> String {
        let text = match (&self.link, self.mark.code, self.mark.strong) {
            (_, true, _) => format!("`{}`", self.text),
            (None, false, true) if !self.text.trim().is_empty() => format!("**{}**", self.text.trim()),
            _ => self.text.clone(),
        };
        match &self.link {
            Some(url) if *url == self.text => format!("<{url}>"),
            Some(url) => format!("[{text}]({url})"),
            None => text,
        }
    }
}
