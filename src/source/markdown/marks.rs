//! Which part of a write-up a mark is about: a mark in the heading of a section or as its first line is the section's, any other
//! the write-up's.
//!
//! Knows headings. What a mark is, is known elsewhere. Where it cannot be told, the mark is the whole write-up's.

use std::collections::BTreeSet;

use super::block::{Block, Kind};
use crate::{
    model::postmortem::Mark,
    source::{
        marks::{self, Found, How, Shown},
        place::{Lines, Notes},
        words::Vocabulary,
    },
};

/// The marks of a write-up.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Those of the whole write-up.
    pub(super) document: Shown,
    sections: Vec<Section>,
}

/// A section with a mark of its own.
#[derive(Debug)]
struct Section {
    first: usize,
    last: usize,
    mark: Mark,
}

impl Marks {
    /// The strictest mark of the sections that a line stands in.
    pub(super) fn at(&self, line: usize) -> Option<Mark> {
        let around = self.sections.iter().filter(|section| (section.first..=section.last).contains(&line));
        around.map(|section| section.mark).max_by_key(|mark| mark.tlp)
    }
}

/// A heading, by lines.
struct Heading {
    level: u8,
    first: usize,
    last: usize,
    /// The first line below it that says something.
    below: usize,
}

/// Reads the marks of a write-up whose text begins `body` bytes into its file.
pub(super) fn read(
    lines: &Lines<'_>,
    blocks: &[Block],
    body: usize,
    words: &Vocabulary,
    notes: &mut Notes,
) -> Marks {
    let found = marks::find(lines.text(), body, words);
    let mut read = Marks::default();
    if found.is_empty() {
        return read;
    }
    let alone: BTreeSet<usize> = on_lines(&found, lines, How::Alone);
    let headings = headings(lines, blocks, &alone);
    let declared: BTreeSet<usize> = on_lines(&found, lines, How::Declared);
    if let Some((word, one)) = found.iter().find_map(|one| Some((worded(one, lines, words)?, one))) {
        marks::worded(word, one.tlp, lines.place(one.at), words, notes);
    }
    for one in &found {
        let mark = marks::place(one, lines);
        marks::tell(one, (mark.line, mark.column), notes);
        let section = headings.iter().position(|heading| {
            let in_heading = (heading.first..=heading.last).contains(&mark.line);
            let is_first = heading.below == mark.line && alone.contains(&mark.line);
            (in_heading || is_first) && !declared.contains(&mark.line)
        });
        match section.and_then(|n| Some((headings.get(n)?, headings.get(n + 1..)?))) {
            Some((heading, after)) => {
                let next = after.iter().find(|next| next.level <= heading.level);
                let last = next.map_or(usize::MAX, |next| next.first - 1);
                read.sections.push(Section { first: heading.first, last, mark });
            }
            None => read.document.add(mark, one.how),
        }
    }
    read
}

/// The word behind a label that is no class of the Traffic Light Protocol itself.
fn worded<'l>(found: &Found, lines: &Lines<'l>, words: &Vocabulary) -> Option<&'l str> {
    let rest =
        lines.text().get(found.at..).filter(|_| found.how == How::Declared && found.unclear.is_none())?;
    let word = rest.split(['\n', '|', ',', ';', '<', '*']).next()?.trim();
    Some(word).filter(|word| word.contains(char::is_alphanumeric) && !words.is_coloured(word))
}

fn on_lines(found: &[Found], lines: &Lines<'_>, how: How) -> BTreeSet<usize> {
    found.iter().filter(|mark| mark.how == how).map(|mark| lines.place(mark.at).0).collect()
}

/// The headings that begin a section. The one that gives the write-up its title is none: what it says holds for all of it.
/// Nor is one that is nothing but a mark, which is a banner.
fn headings(lines: &Lines<'_>, blocks: &[Block], alone: &BTreeSet<usize>) -> Vec<Heading> {
    let all: Vec<(u8, &Block)> = blocks
        .iter()
        .filter_map(|block| match &block.kind {
            Kind::Heading(level, text)
                if !text.is_blank() && !alone.contains(&lines.place(block.at.start).0) =>
            {
                Some((*level, block))
            }
            Kind::Heading(..)
            | Kind::Paragraph(_)
            | Kind::List(_)
            | Kind::Table(_)
            | Kind::Quote(_)
            | Kind::Html(_)
            | Kind::Other => None,
        })
        .collect();
    let title = all.iter().position(|(level, _)| *level == 1).or_else(|| all.first().map(|_| 0));
    let sections = all.iter().enumerate().filter(|(n, _)| Some(*n) != title);
    sections
        .map(|(_, (level, block))| {
            let text = lines.text().get(block.at.clone()).unwrap_or_default();
            let end = block.at.start + text.trim_end().len();
            let rest = lines.text().get(end..).unwrap_or_default();
            let below = end + (rest.len() - rest.trim_start().len());
            Heading {
                level: *level,
                first: lines.place(block.at.start).0,
                last: lines.place(end).0,
                below: lines.place(below).0,
            }
        })
        .collect()
}
