//! Byte offsets of a text as places for people.

/// Bytes from one mark to the next.
const STRIDE: usize = 1024;

/// Lines of a text, to turn byte offsets into places for people. A place costs the same however long its line is.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    text: &'a str,
    /// Where each line begins.
    starts: Vec<usize>,
    /// How many characters begin before every 1024th byte.
    marks: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text.
    pub fn of(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        let begun = text.as_bytes().chunks(STRIDE).scan(0, |begun, chunk| {
            let before = *begun;
            *begun += characters(chunk);
            Some(before)
        });
        Self { text, starts, marks: begun.collect() }
    }

    /// Line and column, both from 1; columns count characters.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        (line, self.before(offset).saturating_sub(self.before(start)) + 1)
    }

    /// The text itself.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// How many characters begin before an offset.
    fn before(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        let mark = (offset / STRIDE).min(self.marks.len().saturating_sub(1));
        let begun = self.marks.get(mark).copied().unwrap_or_default();
        begun + self.text.as_bytes().get(mark * STRIDE..offset).map_or(0, characters)
    }
}

/// How many characters begin in some bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !matches!(**byte, 0x80..=0xBF)).count()
}
