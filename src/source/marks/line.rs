//! Words of handling: as the value of a label, as a cell beside or below one, or as a line of their own.
//!
//! Knows lines and tables of any format. Knows neither headings nor sections.

use super::{Found, How, plain::Line};
use crate::{
    model::terms::Tlp,
    source::words::{Handled, Vocabulary},
};

/// What stands between a label and its value.
const COLONS: [&str; 6] = [":", "=", " - ", " – ", " — ", " → "];
/// What stands between several labelled values of a line.
const APART: [char; 7] = [',', ';', '·', '•', '|', '、', '；'];
/// How much of a line is looked at, in bytes.
const LONGEST: usize = 16 << 10;
/// Most words of a label that has no colon.
const FEW: usize = 4;
/// Longest value that stands behind a label without a colon, in bytes.
const SHORT: usize = 60;

/// Finds every mark in some lines.
pub(super) fn find<'l>(lines: impl Iterator<Item = &'l Line>, words: &Vocabulary, found: &mut Vec<Found>) {
    let mut reader = Reader { words, found, label: None, table: None };
    for line in lines {
        reader.read(line);
    }
    reader.end_table();
}

struct Reader<'r> {
    words: &'r Vocabulary,
    found: &'r mut Vec<Found>,
    /// Set while the line before was nothing but a label; whether it ended with a colon, so that anything behind it is its value.
    label: Option<bool>,
    table: Option<Table>,
}

/// A table that is being read.
#[derive(Default)]
struct Table {
    /// Columns whose header is a label, and whether that label only means the Traffic Light Protocol.
    columns: Vec<(usize, bool)>,
    /// What stands beside a label in the header and is no class, with its place.
    beside: Option<(String, usize)>,
    /// How many rows there were below the header.
    rows: usize,
    /// What stands in those columns and is no class, with its place; whether the column is sure to hold classes.
    unclear: Vec<(String, usize, bool)>,
    /// Whether a class stood in one of them.
    understood: bool,
}

impl Reader<'_> {
    fn read(&mut self, line: &Line) {
        let text = line.text.get(..line.text.floor_char_boundary(LONGEST)).unwrap_or_default();
        let bare = unled(text);
        let at = text.len() - bare.len();
        let cells = bare.contains('|') || (text.trim_start().starts_with('|') && !bare.is_empty());
        match bare.trim() {
            "" => {
                if text.trim().is_empty() {
                    self.end_table();
                }
            }
            _ if cells => self.row(line, text),
            // A line without cells is a row of a table all the same, until a line says nothing.
            _ => self.line(line, at, bare.trim_end()),
        }
    }

    /// A line that is no row of a table.
    fn line(&mut self, line: &Line, at: usize, text: &str) {
        let label = text.trim_end_matches([':', ' ']);
        if self.words.is_handling(label) {
            self.label = Some(text.ends_with(':'));
            return;
        }
        if let Some(firm) = self.label.take() {
            return self.value(line, at, text, firm);
        }
        if !self.alone(line, at, text) {
            self.labelled(line, at, text);
        }
    }

    /// Reads values behind labels.
    fn labelled(&mut self, line: &Line, at: usize, text: &str) {
        let mut inside = false;
        let mut start = 0;
        for part in text.split(APART) {
            let within = at + start + (part.len() - part.trim_start().len());
            start += part.len()
                + text
                    .get(start + part.len()..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(0, char::len_utf8);
            let part = part.trim();
            let divided =
                COLONS.iter().filter_map(|colon| part.split_once(colon)).min_by_key(|(label, _)| label.len());
            match divided {
                Some((label, value)) if self.words.is_handling(label) => {
                    inside = true;
                    let value_at = within + (part.len() - value.trim_start().len());
                    match value.trim() {
                        "" => self.label = Some(true),
                        value => self.value(line, value_at, value, true),
                    }
                }
                _ if inside => {
                    if let Handled::Says(tlp) = self.words.handled(part) {
                        self.add(tlp, line.place(within), How::Declared);
                    }
                }
                _ => {}
            }
        }
        if !inside {
            self.unseparated(line, at, text);
        }
    }

    /// A label and a value without a colon between them, such as `**Classification** Restricted`: only if the value is nothing else.
    fn unseparated(&mut self, line: &Line, at: usize, text: &str) {
        if text.len() > SHORT {
            return;
        }
        let blanks = text.match_indices(' ').map(|(at, _)| at).take(FEW);
        let values = blanks.filter_map(|at| Some((text.get(..at)?, text.get(at + 1..)?)));
        let marked = values
            .filter(|(label, _)| self.words.is_handling(label))
            .find_map(|(_, value)| self.words.as_mark(value));
        marked.into_iter().for_each(|tlp| self.add(tlp, line.place(at), How::Declared));
    }

    /// What stands behind a label.
    fn value(&mut self, line: &Line, at: usize, text: &str, firm: bool) {
        match self.words.handled(text) {
            Handled::Says(tlp) => self.add(tlp, line.place(at), How::Declared),
            Handled::Unclear if firm => self.add_unclear(text.to_owned(), line.place(at)),
            Handled::Unclear | Handled::Nothing => {}
        }
    }

    /// A line that is nothing but a mark; false when it says more.
    fn alone(&mut self, line: &Line, at: usize, text: &str) -> bool {
        let alone = self.words.alone(text);
        alone.into_iter().for_each(|tlp| self.add(tlp, line.place(at), How::Alone));
        alone.is_some()
    }

    fn row(&mut self, line: &Line, text: &str) {
        if !text.contains(char::is_alphanumeric) {
            return;
        }
        let head = self.table.is_none();
        let mut table = self.table.take().unwrap_or_default();
        table.rows += usize::from(!head);
        let cells = cells(text);
        if let [(at, cell)] = said(&cells).as_slice() {
            self.line(line, *at, unled(cell).trim());
            self.table = Some(table);
            return;
        }
        self.label = None;
        for (n, (at, cell)) in cells.iter().enumerate() {
            let next = cells.get(n + 1..).unwrap_or_default().iter().find(|(_, cell)| !cell.is_empty());
            if self.words.is_handling(cell) {
                self.beside(line, &mut table, n, (cell, next), head);
            } else if let Some((_, sure)) = table.columns.iter().find(|(column, _)| *column == n).copied() {
                match self.words.handled(cell) {
                    Handled::Says(tlp) => {
                        table.understood = true;
                        self.add(tlp, line.place(*at), How::Declared);
                    }
                    Handled::Unclear => table.unclear.push((cell.to_string(), line.place(*at), sure)),
                    Handled::Nothing => {}
                }
            } else {
                self.labelled(line, *at, cell);
            }
        }
        self.table = Some(table);
    }

    /// A cell that is a label: its value stands beside it, or below it if it is a header.
    fn beside(
        &mut self,
        line: &Line,
        table: &mut Table,
        n: usize,
        (label, next): (&str, Option<&(usize, &str)>),
        head: bool,
    ) {
        let handled = next.map(|(_, value)| self.words.handled(value));
        match (next, handled) {
            (Some((at, _)), Some(Handled::Says(tlp))) => {
                return self.add(tlp, line.place(*at), How::Declared);
            }
            (Some((at, value)), Some(Handled::Unclear)) => {
                let header = self.words.is_handling(value) || self.words.column(value).is_some();
                match (head, header) {
                    (true, true) => {}
                    (true, false) => table.beside = Some(((*value).to_owned(), line.place(*at))),
                    (false, _) => return self.add_unclear((*value).to_owned(), line.place(*at)),
                }
            }
            (Some(_) | None, _) => {}
        }
        if head {
            table.columns.push((n, label.contains("tlp") || label.contains("traffic light")));
        }
    }

    /// Decides about a table that is over: what nobody understands counts where it can only be meant as a class.
    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        let only = table.rows == 1;
        if let Some((text, at)) = table.beside.filter(|_| !table.understood) {
            return self.add_unclear(text, at);
        }
        for (text, at, sure) in table.unclear {
            if sure || only || table.understood {
                self.add_unclear(text, at);
            }
        }
    }

    fn add(&mut self, tlp: Tlp, at: usize, how: How) {
        self.found.push(Found { tlp, at, how, unclear: None });
    }

    fn add_unclear(&mut self, text: String, at: usize) {
        self.found.push(Found { tlp: Tlp::Red, at, how: How::Declared, unclear: Some(text) });
    }
}

/// The cells of a row, trimmed, each with its place in the line.
fn cells(text: &str) -> Vec<(usize, &str)> {
    let mut cells = Vec::new();
    let mut start = 0;
    for cell in text.split('|') {
        cells.push((start + (cell.len() - cell.trim_start().len()), cell.trim()));
        start += cell.len() + 1;
    }
    cells
}

fn said<'c>(cells: &[(usize, &'c str)]) -> Vec<(usize, &'c str)> {
    cells.iter().filter(|(_, cell)| cell.contains(char::is_alphanumeric)).copied().collect()
}

/// A line without what makes it a heading, a quote, an item or a comment.
fn unled(text: &str) -> &str {
    let lead = |text: &str| -> usize {
        let rest = text.trim_start_matches(|c: char| {
            c.is_whitespace()
                || matches!(c, '>' | '#' | '-' | '+' | '•' | '◦' | '▪' | '!' | ';' | '%' | '⚠' | '🔒' | '🔴')
        });
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = digits.strip_prefix(['.', ')']).filter(|_| digits.len() < rest.len());
        let boxed = ["[ ]", "[x]"].iter().find_map(|open| rest.strip_prefix(open));
        text.len() - numbered.or(boxed).unwrap_or(rest).len()
    };
    let mut rest = text;
    for _ in 0..8 {
        match lead(rest) {
            0 => break,
            length => rest = rest.get(length..).unwrap_or_default(),
        }
    }
    rest
}
