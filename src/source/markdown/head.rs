//! What the text of a write-up says about itself: labels and tables before its first section, and headings that are a label.
//!
//! Knows dates, severities and states. Who may read it is read by `marks`; what front matter says wins.

use super::{
    block::{Block, Kind},
    table,
    text::{SOFT_BREAK, Text},
};
use crate::{
    model::postmortem::{Level, When},
    source::{
        date::{self, Stated},
        dialect::Dialect,
        place::{Lines, Notes},
        words::{Field, Rated, Stage, Vocabulary, not_understood},
    },
};

/// Longest line that states something, in bytes; anything longer is a text.
const LONGEST: usize = 200;

/// Most words of a label behind another one's value.
const LABEL_WORDS: usize = 3;

/// What the text says.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) published: Option<When>,
    pub(super) severity: Option<Rated>,
    pub(super) draft: Option<bool>,
    /// Where lines and rows begin that say something about the write-up.
    pub(super) stated: Vec<usize>,
}

/// Reads the beginning of a write-up: what stands before its second heading, and below headings that name a field.
pub(super) fn read(blocks: &[Block], lines: &Lines<'_>, dialect: &Dialect, notes: &mut Notes) -> Head {
    let mut reader = Reader { head: Head::default(), lines, dialect, notes };
    let mut headings = 0;
    for (number, block) in blocks.iter().enumerate() {
        match &block.kind {
            Kind::Heading(_, text) => {
                headings += 1;
                if let Some(field) = dialect.words.field(&text.plain()) {
                    reader.below(field, blocks.get(number + 1));
                }
            }
            _ if headings > 1 => {}
            Kind::Paragraph(text) => reader.text(block.at.start, text),
            Kind::List(list) => {
                for block in list.items.iter().flat_map(|item| item.blocks.first()) {
                    if let Kind::Paragraph(text) = &block.kind {
                        reader.text(block.at.start, text);
                    }
                }
            }
            // A table of actions says how far each of them is.
            Kind::Table(table) if table::is_plan(table, &dialect.words) => {}
            Kind::Table(table) => {
                let rows = table.rows.iter().map(|row| (row.at.start, &row.cells));
                for (at, cells) in [(block.at.start, &table.head)].into_iter().chain(rows) {
                    if let [label, value] = cells.as_slice() {
                        reader.pair(at, &label.plain(), &value.plain());
                    }
                }
                reader.columns(
                    block.at.start,
                    &table.head,
                    table.rows.first().map(|row| row.cells.as_slice()),
                );
            }
            Kind::Quote(_) | Kind::Html(_) | Kind::Other => {}
        }
    }
    reader.head
}

/// The label that the last words before a colon are, and the value that ends there; none where there is no value.
fn trailing_label<'a>(part: &'a str, words: &Vocabulary) -> Option<(&'a str, &'a str)> {
    let starts = part.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    let starts: Vec<usize> = starts.collect();
    starts.into_iter().rev().take(LABEL_WORDS).find_map(|at| {
        let (before, label) = part.split_at_checked(at)?;
        let known = words.field(label.trim()).is_some() && before.contains(char::is_alphanumeric);
        known.then(|| (before, label.trim()))
    })
}

struct Reader<'a, 'n> {
    head: Head,
    lines: &'a Lines<'a>,
    dialect: &'a Dialect,
    notes: &'n mut Notes,
}

impl Reader<'_, '_> {
    /// The short paragraph below a heading that names a field.
    fn below(&mut self, field: Field, block: Option<&Block>) {
        if let Some(Block { at, kind: Kind::Paragraph(text) }) = block {
            let plain = text.plain();
            let dated = field != Field::Date || date::stated(&plain, self.dialect).day().is_some();
            let staged = field != Field::Status || self.dialect.words.stage(&plain).is_some();
            if plain.len() <= LONGEST && !plain.contains(". ") && dated && staged {
                self.state(field, at.start, &plain);
            }
        }
    }

    /// `Label: value` lines.
    fn text(&mut self, at: usize, text: &Text) {
        for line in text.raw().split([SOFT_BREAK, '\n', '|', '·']) {
            if line.len() <= LONGEST {
                self.line(at, line);
            }
        }
    }

    /// `Severity: high` and, on one line, `Severity: high  Date: 3 May 2026`: the last words before a colon may be the next label.
    fn line(&mut self, at: usize, line: &str) {
        let mut parts = line.split([':', '：']);
        let mut label = parts.next().unwrap_or_default().trim();
        let mut value = String::new();
        for part in parts {
            let next = trailing_label(part, &self.dialect.words)
                .filter(|_| self.dialect.words.field(label).is_some());
            let Some((before, found)) = next else {
                value = if value.is_empty() { part.to_owned() } else { format!("{value}:{part}") };
                continue;
            };
            self.pair(at, label, &format!("{value}{before}"));
            (label, value) = (found, String::new());
        }
        self.pair(at, label, &value);
    }

    /// A table with one row of values below its headers.
    fn columns(&mut self, at: usize, head: &[Text], first: Option<&[Text]>) {
        if head.len() > 2 {
            for (label, value) in head.iter().zip(first.unwrap_or_default()) {
                self.pair(at, &label.plain(), &value.plain());
            }
        }
    }

    fn pair(&mut self, at: usize, label: &str, value: &str) {
        if self.dialect.words.is_handling(label) {
            self.head.stated.push(at);
        }
        if let Some(field) = self.dialect.words.field(label) {
            self.head.stated.push(at);
            self.state(field, at, value.trim());
        }
    }

    /// Takes what is said first; anything that is not understood is told.
    fn state(&mut self, field: Field, at: usize, value: &str) {
        let words = &self.dialect.words;
        if words.says_nothing(value) || value.len() > LONGEST {
            return;
        }
        match field {
            Field::Date if self.head.published.is_none() => {
                let stated = date::stated(value, self.dialect);
                let complaint = stated.complaint(value, "date of the write-up");
                // A label may be followed by a time or a sentence; only what looks like a day is worth a warning.
                let level = if stated == Stated::Words { Level::Info } else { Level::Warning };
                self.tell(at, complaint.map(|(_, code, message, help)| (level, code, message, help)));
                self.head.published = stated.day().map(|date| When { date, instant: None });
            }
            Field::Severity if self.head.severity.is_none() => {
                let rated = words.rated(value);
                if rated.unclear.is_some() {
                    let (code, message, help) = not_understood(value);
                    self.tell(at, Some((Level::Warning, code, message, help)));
                }
                self.head.severity = Some(rated);
            }
            Field::Status if self.head.draft.is_none() => {
                let stage = words.stage(value);
                if stage.is_none() {
                    let message = format!("`{value}` is no status that is known, so it is not used");
                    let help = "write draft, in_review, published or withdrawn";
                    self.tell(at, Some((Level::Warning, "unknown_status", message, help)));
                }
                self.head.draft = stage.map(|stage| stage == Stage::Draft);
            }
            Field::Date
            | Field::Severity
            | Field::Status
            | Field::Id
            | Field::IncidentId
            | Field::Incident
            | Field::Title
            | Field::Owner
            | Field::Team
            | Field::Url
            | Field::Reviewers
            | Field::Authors => {}
        }
    }

    fn tell(&mut self, at: usize, complaint: Option<(Level, &'static str, String, &'static str)>) {
        if let Some((level, code, message, help)) = complaint {
            self.notes.add(level, code, self.lines.place(at), message, help);
        }
    }
}
