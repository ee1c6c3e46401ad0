//! Where the parts of a written text stand in the page that it was written from.
//!
//! Knows lines and columns of both. Knows neither markup nor findings.

use super::{super::super::place::Lines, Page};
use crate::model::postmortem::{Candidate, Mark, Postmortem};

/// Where a part of the text begins, and where it stands in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Where it begins in the text.
    pub(super) text: usize,
    /// Where it begins in the page, and ends.
    pub(super) page: (usize, usize),
}

/// Places of a text as places of its page.
pub(in crate::source::markdown) struct Origin<'a> {
    text: &'a str,
    starts: Vec<usize>,
    spots: &'a [Spot],
    page: &'a Lines<'a>,
}

impl<'a> Origin<'a> {
    /// The places of a page whose file has these lines.
    pub(in crate::source::markdown) fn of(page: &'a Page, lines: &'a Lines<'a>) -> Self {
        let breaks = page.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { text: &page.text, starts, spots: &page.spots, page: lines }
    }

    /// A place of the page; a line without column stays one.
    pub(in crate::source::markdown) fn place(&self, (line, column): (usize, usize)) -> (usize, usize) {
        let Some(start) = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied() else {
            return (line, column);
        };
        let end = self.starts.get(line).map_or(self.text.len(), |next| next - 1);
        let whole = self.text.get(start..end).unwrap_or_default();
        let within = whole.char_indices().nth(column.saturating_sub(1)).map_or(whole.len(), |(at, _)| at);
        let (line, found) = self.page.place(self.offset(start, start + within, end));
        (line, if column == 0 { 0 } else { found })
    }

    /// The line of the page that a line of the text stands for.
    pub(in crate::source::markdown) fn line(&self, line: usize) -> usize {
        self.place((line, 0)).0
    }

    /// Puts a write-up that was read from the text back into the page.
    pub(in crate::source::markdown) fn restore(&self, postmortem: &mut Postmortem) {
        let mark = |mark: &mut Option<Mark>| {
            if let Some(mark) = mark {
                (mark.line, mark.column) = self.place((mark.line, mark.column));
            }
        };
        mark(&mut postmortem.marked);
        for finding in &mut postmortem.findings {
            finding.line = self.line(finding.line);
            mark(&mut finding.marked);
        }
        for Candidate { line, marked, .. } in &mut postmortem.candidates {
            *line = self.line(*line);
            mark(marked);
        }
        for fate in &mut postmortem.fates {
            (fate.line, fate.column) = self.place((fate.line, fate.column));
            fate.end = self.line(fate.end).max(fate.line);
        }
    }

    fn offset(&self, start: usize, at: usize, end: usize) -> usize {
        let after = self.spots.partition_point(|spot| spot.text <= at);
        let before = after.checked_sub(1).and_then(|before| self.spots.get(before));
        let next = self.spots.get(after).filter(|next| next.text <= end);
        match (before, next) {
            (Some(before), Some(next)) if before.text < start => next.page.0,
            (Some(before), _) => {
                let last = before.page.1.saturating_sub(1).max(before.page.0);
                (before.page.0 + (at - before.text)).min(last)
            }
            (None, next) => next.map_or(0, |next| next.page.0),
        }
    }
}
