//! Checkboxes that are written as characters: `[ ]`, `[x]`, `☐`, `☑`, at the beginning of an item, a cell or a line.
//!
//! Knows characters. Boxes that Markdown or HTML have as such are known elsewhere.

use super::{
    block::{Block, Kind},
    text::Text,
};

/// Boxes without brackets, and whether they are ticked.
const DRAWN: [(char, bool); 9] = [
    ('☐', false),
    ('⬜', false),
    ('▢', false),
    ('◻', false),
    ('🔲', false),
    ('☑', true),
    ('☒', true),
    ('🗹', true),
    ('🗷', true),
];

/// What may stand between a box and what it is for.
const BETWEEN: [char; 3] = ['\u{FE0F}', '\u{FE0E}', '\u{200B}'];

/// Takes the box off the beginning of an item, and says whether it is ticked; none where there is none.
pub(super) fn take(blocks: &mut [Block]) -> Option<bool> {
    let first = blocks.iter_mut().find(|block| !matches!(block.kind, Kind::Html(_)))?;
    let (Kind::Paragraph(text) | Kind::Heading(_, text)) = &mut first.kind else { return None };
    let (ticked, rest) = apart(text)?;
    *text = rest;
    Some(ticked)
}

/// Whether the box at the beginning of a text is ticked, and what stands behind it; none where there is none, or nothing else.
pub(super) fn apart(text: &Text) -> Option<(bool, Text)> {
    let raw = text.raw();
    let (ticked, rest) = begins(&raw)?;
    (!rest.is_empty()).then(|| (ticked, text.tail(raw.len() - rest.len())))
}

/// Where the lines of a text begin that begin with a box, and whether it is ticked.
pub(super) fn at_lines(text: &str) -> Vec<(usize, bool)> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let said = line.trim_start_matches([' ', '\t', '>']);
        found.extend(ticked(said).map(|ticked| (start + line.len() - said.len(), ticked)));
        start += line.len();
    }
    found
}

/// Whether the box is ticked with which a text begins; none if it begins with none.
pub(super) fn ticked(text: &str) -> Option<bool> {
    begins(text).map(|(ticked, _)| ticked)
}

/// Whether a text is nothing but a box.
pub(super) fn is_box(text: &Text) -> bool {
    begins(&text.raw()).is_some_and(|(_, rest)| rest.is_empty())
}

fn begins(raw: &str) -> Option<(bool, &str)> {
    let text = raw.trim_start();
    let drawn =
        DRAWN.iter().find_map(|(drawn, ticked)| text.strip_prefix(*drawn).map(|rest| (*ticked, rest)));
    let written = || {
        let (inside, rest) = text.strip_prefix('[')?.split_once(']')?;
        let ticked = match inside.trim() {
            "" if !inside.is_empty() => false,
            "x" | "X" | "✓" | "✔" => true,
            _ => return None,
        };
        (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some((ticked, rest))
    };
    let (ticked, rest) = drawn.or_else(written)?;
    Some((ticked, rest.trim_start_matches(|c: char| c.is_whitespace() || BETWEEN.contains(&c))))
}
