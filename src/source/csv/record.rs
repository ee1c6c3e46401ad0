//! Records and cells of comma-separated values (RFC 4180), each with its place.
//!
//! Knows quotes and delimiters. Knows nothing of what a cell means. What is not well-formed ends the reading, because from
//! there on nobody can tell one cell from the next.

/// Longest cell, in bytes: far beyond what a person wrote.
const LONGEST: usize = 64 * 1024;

/// One row.
#[derive(Debug)]
pub(super) struct Record {
    /// Where it begins, in bytes.
    pub(super) at: usize,
    /// Its cells.
    pub(super) cells: Vec<Cell>,
}

/// One cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    /// Where it begins, in bytes.
    pub(super) at: usize,
    /// Its text, without quotes and the blanks around it; line breaks inside are kept.
    pub(super) text: String,
}

/// Why the rest cannot be read.
#[derive(Debug)]
pub(super) struct Flaw {
    /// Where, in bytes.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) message: String,
    /// What to do.
    pub(super) help: &'static str,
}

/// The rows of a text, read one by one. Lines that hold nothing but blanks are left out.
#[derive(Clone, Debug)]
pub(super) struct Records<'t> {
    text: &'t str,
    at: usize,
    delimiter: char,
}

impl<'t> Records<'t> {
    /// The rows of a text whose line breaks are `\n`.
    pub(super) fn of(text: &'t str, delimiter: char) -> Self {
        Self { text, at: 0, delimiter }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes over empty lines.
    fn skip_empty_lines(&mut self) {
        while let Some((line, _)) = self.rest().split_once('\n').filter(|(line, _)| self.is_empty(line)) {
            self.at += line.len() + 1;
        }
        if self.is_empty(self.rest()) {
            self.at = self.text.len();
        }
    }

    fn is_empty(&self, line: &str) -> bool {
        line.chars().all(|c| c.is_whitespace() && c != self.delimiter && c != '\n')
    }

    /// The next cell, and whether another one follows in its row.
    fn cell(&mut self) -> Result<(Cell, bool), Flaw> {
        self.skip_blanks();
        let at = self.at;
        let text = match self.rest().strip_prefix('"') {
            Some(inner) => self.quoted(inner)?,
            None => {
                let end = self.rest().find([self.delimiter, '\n']).unwrap_or(self.rest().len());
                let text = self.rest().get(..end).unwrap_or_default();
                self.at += end;
                text.trim().to_owned()
            }
        };
        if text.len() > LONGEST {
            let message =
                format!("this cell has {} bytes, more than the {LONGEST} that are read", text.len());
            return Err(Flaw { at, message, help: "close the quotes of the cell, or shorten it" });
        }
        let next = self.rest().chars().next();
        self.at += next.map_or(0, char::len_utf8);
        Ok((Cell { at, text }, next == Some(self.delimiter)))
    }

    fn skip_blanks(&mut self) {
        let blank = |c: char| c.is_whitespace() && c != self.delimiter && c != '\n';
        self.at += self.rest().len() - self.rest().trim_start_matches(blank).len();
    }

    /// The text of a quoted cell, whose opening quote is behind us.
    fn quoted(&mut self, inner: &str) -> Result<String, Flaw> {
        let opening = self.at;
        let mut text = String::new();
        let mut rest = inner;
        loop {
            let Some((before, after)) = rest.split_once('"') else {
                let message = "the quotes of this cell are not closed".to_owned();
                return Err(Flaw { at: opening, message, help: "close them; write a quote inside as two" });
            };
            text.push_str(before);
            rest = after;
            match rest.strip_prefix('"') {
                Some(after) => rest = after,
                None => break,
            }
            text.push('"');
        }
        self.at = self.text.len() - rest.len();
        self.skip_blanks();
        if !self.rest().is_empty() && !self.rest().starts_with([self.delimiter, '\n']) {
            let message = "there is something after the closing quote of a cell".to_owned();
            return Err(Flaw { at: self.at, message, help: "write a quote inside a cell as two" });
        }
        Ok(text.trim().to_owned())
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_empty_lines();
        if self.rest().is_empty() {
            return None;
        }
        let mut record = Record { at: self.at, cells: Vec::new() };
        loop {
            match self.cell() {
                Ok((cell, more)) => {
                    record.cells.push(cell);
                    if !more {
                        return Some(Ok(record));
                    }
                }
                Err(flaw) => {
                    self.at = self.text.len();
                    return Some(Err(flaw));
                }
            }
        }
    }
}
