//! Tables of findings in comma-separated values: one row, one finding; the header says which column holds what.
//!
//! Knows headers, rows and what makes a table unusable. A table in which cells may have shifted is refused as a whole, because a
//! deadline in the wrong row is worse than none. Rows are read one by one.

mod header;
mod mark;
mod record;
mod row;

use std::collections::{BTreeMap, BTreeSet};

use self::{
    mark::Marks,
    record::{Flaw, Record, Records},
};
use super::{
    MOST_FINDINGS, SPLIT,
    dialect::Dialect,
    identity,
    place::{Lines, Notes},
    words::{Exported, Flag},
};
use crate::model::{
    fate::{Aside, CameTo, LineFate, Tally, What},
    ids::PostmortemId,
    postmortem::{Level, Postmortem},
    terms::{Column, Tlp},
};

/// Most errors that are told of one table.
const MOST_ERRORS: usize = 20;

/// Whether a table's header proves that its bytes were decoded as they were written.
pub(super) fn proves(text: &str, dialect: &Dialect) -> bool {
    header::proves(text, dialect)
}

/// Reads a table: the write-ups that its rows belong to, in the order in which they are first named, or one for the whole file.
/// None, with errors noted, when it is unusable. Line breaks are `\n` and there is no byte order mark.
pub(super) fn read(
    path: &str,
    text: &str,
    delimiter: Option<char>,
    dialect: &Dialect,
    notes: &mut Notes,
) -> Vec<Postmortem> {
    let Some(delimiter) = delimiter.or_else(|| header::delimiter(text, dialect, notes)) else {
        return Vec::new();
    };
    let dialect = dialect.in_document(text);
    let mut records = Records::of(text, delimiter);
    let mut reader = Reader::of(path, text, &dialect, notes);
    let above = header::lines_above(text, delimiter, &dialect);
    for record in records.by_ref().take(above).flatten() {
        mark::read_head(&mut reader, &record);
        reader.aside(&record, Aside::AboveHeader);
        let message = "this line above the header is not read".to_owned();
        reader.notes.add(Level::Info, "above_header", reader.lines.place(record.at), message, "");
    }
    match records.next() {
        Some(Ok(head)) => {
            let sample: Vec<Record> = records.clone().take(header::SAMPLE).map_while(Result::ok).collect();
            reader.columns = header::columns(&mut reader, &head, &sample);
            mark::read_head(&mut reader, &head);
        }
        Some(Err(flaw)) => reader.flaw(&flaw),
        None => reader.error(
            "empty_table",
            0,
            "the table is empty".to_owned(),
            "write a header and one row for each finding",
        ),
    }
    let mut n_rows = 0;
    for record in records {
        if reader.n_errors >= MOST_ERRORS || reader.columns.is_empty() {
            break;
        }
        n_rows += 1;
        match record {
            Ok(record) if n_rows > MOST_FINDINGS => {
                let message =
                    format!("the table has more than the {MOST_FINDINGS} rows that are read of one table");
                reader.error("too_many_rows", record.at, message, SPLIT);
                break;
            }
            Ok(record) => reader.row(record),
            Err(flaw) => reader.flaw(&flaw),
        }
    }
    reader.finish()
}

/// The rows of one write-up.
struct Sheet {
    postmortem: Postmortem,
    /// Ids that its findings state, with their lines.
    ids: BTreeMap<String, usize>,
}

/// A table that is being read, and what was found in it so far.
struct Reader<'a> {
    path: &'a str,
    lines: Lines<'a>,
    dialect: &'a Dialect,
    notes: &'a mut Notes,
    /// What each column holds.
    columns: Vec<Column>,
    /// What each column holds if Jira exported the table.
    jira: Option<Vec<Option<Exported>>>,
    /// What each column says with true or false if `DefectDojo` exported the table; else empty.
    flags: Vec<Option<Flag>>,
    /// Columns of answers to an audit that are read as a status.
    answers: BTreeSet<usize>,
    /// Write-ups, each with its number in the order of first sight.
    sheets: BTreeMap<PostmortemId, (usize, Sheet)>,
    /// What became of rows that belong to no write-up.
    fates: Vec<LineFate>,
    /// Rows that say there is nothing.
    n_nones: usize,
    n_errors: usize,
    /// Columns whose cells say who may read the row.
    handling: Vec<usize>,
    /// Marks of the rows of each write-up, and those of the file.
    marks: Marks,
    /// Words that nobody knows and that were told already.
    told: BTreeSet<(Column, String)>,
}

impl<'a> Reader<'a> {
    fn of(path: &'a str, text: &'a str, dialect: &'a Dialect, notes: &'a mut Notes) -> Self {
        Self {
            path,
            lines: Lines::of(text),
            dialect,
            notes,
            columns: Vec::new(),
            jira: None,
            flags: Vec::new(),
            answers: BTreeSet::new(),
            sheets: BTreeMap::new(),
            fates: Vec::new(),
            n_nones: 0,
            n_errors: 0,
            handling: Vec::new(),
            marks: Marks::default(),
            told: BTreeSet::new(),
        }
    }

    fn error(&mut self, code: &str, at: usize, message: String, help: &str) {
        self.n_errors += 1;
        self.notes.add(Level::Error, code, self.lines.place(at), message, help);
    }

    fn warn(&mut self, code: &str, at: usize, message: String, help: &str) {
        self.notes.add(Level::Warning, code, self.lines.place(at), message, help);
    }

    fn flaw(&mut self, flaw: &Flaw) {
        self.error("invalid_csv", flaw.at, flaw.message.clone(), flaw.help);
    }

    /// One row. Cells beyond the header that hold nothing are a spreadsheet's habit; any other difference means that cells
    /// may have shifted.
    fn row(&mut self, mut record: Record) {
        if record.cells.iter().all(|cell| cell.text.is_empty()) {
            return self.aside(&record, Aside::Empty);
        }
        let wanted = self.columns.len();
        while record.cells.len() > wanted && record.cells.last().is_some_and(|cell| cell.text.is_empty()) {
            record.cells.pop();
        }
        if record.cells.len() == wanted {
            mark::read(self, &record);
            return row::read(self, &record);
        }
        let message = format!("this row has {} cells, but the header has {wanted}", record.cells.len());
        let help = "put cells that hold the delimiter in quotes, and leave none out";
        self.error("ragged_row", record.at, message, help);
    }

    /// What became of a row.
    fn fate(&self, record: &Record, came_to: CameTo) -> LineFate {
        let (line, column) = self.lines.place(record.at);
        let last = record
            .cells
            .last()
            .map_or(line, |cell| self.lines.place(cell.at).0 + cell.text.matches('\n').count());
        LineFate { line, column, end: last.max(line), what: What::Row, came_to }
    }

    /// Passes over a row.
    fn aside(&mut self, record: &Record, why: Aside) {
        let fate = self.fate(record, CameTo::SetAside(why));
        self.fates.push(fate);
    }

    /// The write-up that a row belongs to: the one that it names, or that of the whole file.
    fn sheet(&mut self, name: Option<&str>) -> &mut Sheet {
        let id = match name {
            Some(name) => PostmortemId::new(identity::slug(name)),
            None => identity::of_path(self.path),
        };
        let n = self.sheets.len();
        let title = name.unwrap_or_else(|| identity::stem(self.path)).to_owned();
        let (_, sheet) =
            self.sheets.entry(id).or_insert_with_key(|id| (n, Sheet::of(id.clone(), title, name.is_none())));
        sheet
    }

    fn finish(mut self) -> Vec<Postmortem> {
        if self.n_errors > 0 {
            return Vec::new();
        }
        let sheets = self.sheets.values().map(|(_, sheet)| &sheet.postmortem);
        let (found, asked) = sheets.fold((0, 0), |(found, asked), postmortem| {
            (found + postmortem.findings.len(), asked + postmortem.candidates.len())
        });
        if found + asked + self.n_nones == 0 {
            let message = "no row of this table could be read as a finding".to_owned();
            self.warn(
                "empty_action_section",
                0,
                message,
                "write one row for each finding, or `None` when there is none",
            );
        } else if found == 0 && asked > 0 {
            let message = format!(
                "nothing of this table is followed, and what may be actions waits for a person: {asked}"
            );
            let help = "rewrite the rows that must be followed";
            self.notes.add(Level::Warning, "only_candidates", (0, 0), message, help);
        }
        if self.sheets.is_empty() {
            self.sheet(None);
        }
        let mut sheets: Vec<(usize, Sheet)> = self.sheets.into_values().collect();
        sheets.sort_by_key(|(n, _)| *n);
        if let Some((_, first)) = sheets.first_mut() {
            first.postmortem.fates.append(&mut self.fates);
            first.postmortem.fates.sort_by_key(|fate| fate.line);
        }
        let marks = self.marks;
        let notes = self.notes;
        marks.finish(&self.lines, notes, sheets.into_iter().map(|(_, sheet)| sheet.postmortem).collect())
    }
}

impl Sheet {
    fn of(id: PostmortemId, title: String, id_derived: bool) -> Self {
        let postmortem = Postmortem {
            id,
            id_derived,
            title,
            url: None,
            tlp: Tlp::Amber,
            marked: None,
            draft: false,
            published: None,
            reviewers: Vec::new(),
            authors: Vec::new(),
            severity: None,
            severity_unclear: None,
            incident: None,
            owner: None,
            team: None,
            findings: Vec::new(),
            candidates: Vec::new(),
            coverage: Tally::default(),
            fates: Vec::new(),
        };
        Self { postmortem, ids: BTreeMap::new() }
    }
}
