//! Where things stand in a file, and what was noticed there.
//!
//! Knows offsets, lines and diagnostics. Knows no format.

use crate::model::postmortem::{Diagnostic, Level};

/// Lines of a text, to turn byte offsets into places for people.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text.
    pub(super) fn of(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and column, both from 1; columns count characters.
    pub(super) fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// The text itself.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }
}

/// Everything noticed in one file.
pub(super) struct Notes {
    path: String,
    noted: Vec<Diagnostic>,
}

impl Notes {
    /// Nothing noticed yet in the file at a path.
    pub(super) fn of(path: &str) -> Self {
        Self { path: path.to_owned(), noted: Vec::new() }
    }

    /// Notes something at a line and column; 0 for the whole file or line.
    pub(super) fn add(
        &mut self,
        level: Level,
        code: &str,
        place: (usize, usize),
        message: String,
        help: &str,
    ) {
        self.noted.push(Diagnostic {
            path: self.path.clone(),
            line: place.0,
            column: place.1,
            level,
            code: code.to_owned(),
            message,
            help: (!help.is_empty()).then(|| help.to_owned()),
        });
    }

    /// Whether the file must not be used.
    pub(super) fn refused(&self) -> Option<&Diagnostic> {
        self.noted.iter().find(|diagnostic| diagnostic.level == Level::Error)
    }

    /// Everything noticed, in the order of the file.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.noted.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        self.noted
    }
}
