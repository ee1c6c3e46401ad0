//! Results that may be long: printed part by part, and never held as a whole.

use serde::Serialize;

use super::{Failed, output::Output};
use crate::review::inert::escaped_json;

/// How many rows are read and printed at once.
pub(super) const AT_ONCE: u32 = 500;

/// A value of JSON on lines of its own, each behind an indent.
pub(super) fn indented(value: &impl Serialize, indent: &str) -> Result<String, Failed> {
    let lines = serde_json::to_string_pretty(value)?;
    Ok(lines.lines().map(|line| format!("\n{indent}{line}")).collect())
}

/// A list that is printed part by part: an array of JSON, or a table whose first rows say how wide it is.
pub(super) struct Long<'a> {
    output: &'a Output,
    header: &'a [&'a str],
    widths: Option<(Vec<usize>, Vec<usize>)>,
    rows: usize,
    is_read: bool,
}

impl<'a> Long<'a> {
    /// A list under a header, which JSON has none of.
    pub(super) fn new(output: &'a Output, header: &'a [&'a str]) -> Self {
        Self { output, header, widths: None, rows: 0, is_read: true }
    }

    /// How many rows were printed.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether anybody still reads it.
    pub(super) fn is_read(&self) -> bool {
        self.is_read
    }

    /// Prints more values, as elements of an array or as rows of a table.
    pub(super) fn print<T: Serialize>(
        &mut self,
        values: &[T],
        row: impl Fn(&T) -> Vec<String>,
    ) -> Result<(), Failed> {
        if values.is_empty() {
            return Ok(());
        }
        let text = if self.output.is_json() { self.elements(values)? } else { self.table(values, row) };
        self.rows += values.len();
        self.is_read = self.is_read && self.output.part(&text);
        Ok(())
    }

    /// Ends an array. A table needs no end.
    pub(super) fn end(&mut self) {
        if self.output.is_json() {
            self.is_read = self.is_read && self.output.part(if self.rows == 0 { "[]\n" } else { "\n]\n" });
        }
    }

    fn elements<T: Serialize>(&self, values: &[T]) -> Result<String, Failed> {
        let mut text = String::new();
        for (n, value) in values.iter().enumerate() {
            text.push_str(if self.rows + n == 0 { "[" } else { "," });
            text.push_str(&indented(value, "  ")?);
        }
        Ok(escaped_json(&text))
    }

    fn table<T>(&mut self, values: &[T], row: impl Fn(&T) -> Vec<String>) -> String {
        let header = self.widths.is_none().then_some(self.header);
        let mut columns = self.output.columns(header, values.iter().map(row));
        let (first, words) =
            self.widths.get_or_insert_with(|| (columns.widths.clone(), columns.words.clone()));
        // Where nothing has to fit, what is longer than on the first page is not cut.
        let wide: Vec<usize> =
            first.iter().zip(&columns.widths).map(|(first, wide)| *first.max(wide)).collect();
        let widths = self.output.fitting(if self.output.is_narrow() { first } else { &wide }, words);
        columns.lines(&widths) + "\n"
    }
}
