//! Marks in the cells of a table: those of a row are its write-up's, those of no write-up are everybody's.
//!
//! Knows cells. What a mark is, is known elsewhere.

use std::collections::BTreeMap;

use super::{Reader, record::Record};
use crate::{
    model::{
        ids::PostmortemId,
        postmortem::{Mark, Postmortem},
        terms::{Column, Tlp},
    },
    source::{
        identity,
        marks::{self, How, Shown},
        place::{Lines, Notes},
        words::{Handled, squeeze},
    },
};

/// The marks of a table, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Of rows that name no write-up, and of the header.
    file: Shown,
    /// Of rows that name one.
    named: BTreeMap<PostmortemId, Shown>,
    /// Cells of columns of handling that nobody understands, with their places in bytes and what they are about.
    unclear: Vec<(String, usize, Option<PostmortemId>)>,
    /// Whether a cell of such a column was understood.
    understood: bool,
    rows: usize,
    /// Whether a header only means the Traffic Light Protocol.
    sure: bool,
}

/// Most cells that nobody understands of which the place is kept; the first is enough to count.
const MOST: usize = 100;

/// Reads the header: which columns say who may read a row.
pub(super) fn read_head(reader: &mut Reader<'_>, head: &Record) {
    let words = &reader.dialect.words;
    for (n, cell) in head.cells.iter().enumerate() {
        if words.is_handling(&cell.text) {
            reader.handling.push(n);
            reader.marks.sure |= cell.text.to_lowercase().contains("tlp");
        }
    }
    let found: Vec<(Tlp, usize, How)> = cells(reader, head);
    for (tlp, at, how) in found {
        let (line, column) = reader.lines.place(at);
        reader.marks.file.add(Mark { tlp, line, column }, how);
    }
}

/// Reads the marks of a row.
pub(super) fn read(reader: &mut Reader<'_>, record: &Record) {
    reader.marks.rows += 1;
    let mut found = cells(reader, record);
    let id = name(reader, record).map(|name| PostmortemId::new(identity::slug(&name)));
    for n in reader.handling.clone() {
        let Some(cell) = record.cells.get(n) else { continue };
        match reader.dialect.words.handled(&cell.text) {
            Handled::Says(tlp) => {
                reader.marks.understood = true;
                found.push((tlp, cell.at, How::Declared));
                if reader.told.insert((Column::Ignore, cell.text.clone())) {
                    let place = reader.lines.place(cell.at);
                    marks::worded(&cell.text, tlp, place, &reader.dialect.words, reader.notes);
                }
            }
            Handled::Unclear if reader.marks.unclear.len() < MOST => {
                reader.marks.unclear.push((cell.text.clone(), cell.at, id.clone()));
            }
            Handled::Unclear | Handled::Nothing => {}
        }
    }
    for (tlp, at, how) in found {
        let (line, column) = reader.lines.place(at);
        reader.marks.of(id.clone()).add(Mark { tlp, line, column }, how);
    }
}

/// Every mark within the cells of a row. A text that nobody understands is told where it stands.
fn cells(reader: &mut Reader<'_>, record: &Record) -> Vec<(Tlp, usize, How)> {
    let mut all = Vec::new();
    for cell in record.cells.iter().filter(|cell| !cell.text.is_empty()) {
        for mark in marks::find(&cell.text, 0, &reader.dialect.words) {
            // A cell is no line of its own: what it says alone is what its column is about.
            let tagged = mark.how == How::Mentioned || mark.unclear.is_some();
            if let (Some(text), true) = (&mark.unclear, tagged) {
                marks::unknown(text, reader.lines.place(cell.at), reader.notes);
            }
            let how = if mark.how == How::Declared { How::Declared } else { How::Mentioned };
            if mark.how != How::Alone {
                all.push((mark.tlp, cell.at, how));
            }
        }
    }
    all
}

fn name(reader: &Reader<'_>, record: &Record) -> Option<String> {
    let n = reader.columns.iter().position(|column| *column == Column::Postmortem)?;
    let text = squeeze(&record.cells.get(n)?.text);
    (!reader.dialect.words.says_nothing(&text)).then_some(text)
}

impl Marks {
    fn of(&mut self, id: Option<PostmortemId>) -> &mut Shown {
        match id {
            Some(id) => self.named.entry(id).or_default(),
            None => &mut self.file,
        }
    }

    /// Gives each write-up its class. A cell that nobody understands counts where its column can only hold classes.
    pub(super) fn finish(
        mut self,
        lines: &Lines<'_>,
        notes: &mut Notes,
        mut postmortems: Vec<Postmortem>,
    ) -> Vec<Postmortem> {
        if self.sure || self.understood || self.rows == 1 {
            for (text, at, id) in std::mem::take(&mut self.unclear) {
                let (line, column) = lines.place(at);
                marks::unknown(&text, (line, column), notes);
                self.of(id).add(Mark { tlp: Tlp::Red, line, column }, How::Declared);
            }
        }
        for postmortem in &mut postmortems {
            let mut shown = self.file;
            self.named.get(&postmortem.id).into_iter().for_each(|named| shown.join(*named));
            shown.tighten(postmortem);
        }
        postmortems
    }
}
