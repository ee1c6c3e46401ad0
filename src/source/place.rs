//! Where things stand in a file, and what was noticed there.
//!
//! Knows lines and diagnostics. Knows no format.

pub(super) use crate::model::tree::Lines;
use crate::{
    model::postmortem::{Diagnostic, Level},
    plan::secrets::without_passwords,
};

/// How much is noticed in one file, but for errors; somebody who has mended so much reads it again.
const MOST: usize = 1_000;

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
        if self.noted.len() >= MOST && level != Level::Error {
            return;
        }
        self.noted.push(Diagnostic {
            path: self.path.clone(),
            line: place.0,
            column: place.1,
            level,
            code: code.to_owned(),
            message: without_passwords(&message).into_owned(),
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
