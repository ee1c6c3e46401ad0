//! A text as plain lines: without markup, tags, entities and characters that nobody sees, in lower case.
//!
//! Knows how people hide a word from a search without hiding it from a reader. Knows no words.

use unicode_normalization::UnicodeNormalization as _;

/// Longest tag that is taken for one, in bytes.
const LONGEST_TAG: usize = 2_000;
/// Longest entity, in bytes.
const LONGEST_ENTITY: usize = 10;
/// Tags that end a line.
const BLOCKS: [&str; 32] = [
    "address",
    "article",
    "blockquote",
    "br",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
];

/// One line, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// What it says.
    pub(super) text: String,
    /// Where parts of it stand: bytes of the line, bytes of the text.
    spots: Vec<(usize, usize)>,
}

impl Line {
    /// Where it begins.
    pub(super) fn at(&self) -> usize {
        self.place(0)
    }

    /// Where a byte of it stands.
    pub(super) fn place(&self, within: usize) -> usize {
        let after = self.spots.partition_point(|(line, _)| *line <= within);
        let (line, text) =
            after.checked_sub(1).and_then(|at| self.spots.get(at)).copied().unwrap_or_default();
        text + within.saturating_sub(line)
    }
}

/// The lines of a text that say something; tags are left out when `untagged`, else they are text.
pub(super) fn lines(text: &str, untagged: bool) -> Vec<Line> {
    let mut builder = Builder::default();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        at += builder.take(rest, at, untagged);
    }
    builder.end();
    builder.lines
}

#[derive(Default)]
struct Builder {
    lines: Vec<Line>,
    text: String,
    spots: Vec<(usize, usize)>,
    /// Whether a tag or a comment divided this line of the text.
    divided: bool,
}

impl Builder {
    /// Takes what a text begins with; tells how many bytes that was.
    fn take(&mut self, rest: &str, at: usize, untagged: bool) -> usize {
        let Some(first) = rest.chars().next() else { return 1 };
        match first {
            '\n' => {
                if !self.divided || !self.text.trim().is_empty() {
                    self.end();
                }
                self.divided = false;
            }
            '<' if rest.starts_with("<!--") => {
                self.divide();
                return 4;
            }
            '-' if rest.starts_with("-->") => {
                self.divide();
                return 3;
            }
            '<' if untagged => {
                if let Some(length) = tag(rest) {
                    self.take_tag(rest.get(1..length - 1).unwrap_or_default(), at);
                    return length;
                }
                self.push(first, at);
            }
            '&' => {
                if let Some((c, length)) = entity(rest) {
                    self.push(c, at);
                    return length;
                }
                self.push(first, at);
            }
            _ => self.push(first, at),
        }
        first.len_utf8()
    }

    fn take_tag(&mut self, tag: &str, at: usize) {
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "td" | "th" => self.push('|', at),
            _ if BLOCKS.contains(&name.as_str()) => self.divide(),
            _ => {}
        }
    }

    fn push(&mut self, c: char, at: usize) {
        let c = match c {
            '*' | '`' | '~' | '\\' | '"' => return,
            _ if is_unseen(c) => return,
            '_' => ' ',
            _ if c.is_whitespace() => ' ',
            _ => c,
        };
        let begun = self.text.len();
        let expected = self.spots.last().map(|(line, text)| text + (begun - line));
        if expected != Some(at) {
            self.spots.push((begun, at));
        }
        if c.is_ascii() {
            self.text.push(c.to_ascii_lowercase());
        } else {
            self.text.extend(std::iter::once(c).nfkc().flat_map(char::to_lowercase));
        }
    }

    /// Ends a line within a line of the text.
    fn divide(&mut self) {
        self.divided = true;
        if !self.text.trim().is_empty() {
            self.end();
        }
    }

    /// Ends a line; one that says nothing stays as an empty one, because it ends what stands before it.
    fn end(&mut self) {
        self.lines
            .push(Line { text: std::mem::take(&mut self.text), spots: std::mem::take(&mut self.spots) });
    }
}

/// How long the tag is that a text begins with, if it is one.
fn tag(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('<')?;
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let end = inside.get(..inside.floor_char_boundary(LONGEST_TAG))?.find('>')?;
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(end + 2)
}

/// The character that an entity stands for, and how long the entity is.
fn entity(text: &str) -> Option<(char, usize)> {
    let inside = text.strip_prefix('&')?;
    let end = inside.get(..inside.floor_char_boundary(LONGEST_ENTITY))?.find(';')?;
    let name = inside.get(..end)?;
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    });
    let named = match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" => Some(' '),
        "colon" => Some(':'),
        "plus" => Some('+'),
        "lowbar" => Some('_'),
        "hyphen" | "ndash" | "mdash" => Some('-'),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "shy" | "zwnj" | "zwj" => Some('\u{AD}'),
        _ => None,
    };
    Some((number.and_then(char::from_u32).or(named)?, end + 2))
}

/// Whether nobody sees a character.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}'
    ) || (c.is_control() && !c.is_whitespace())
}
