//! Where findings live: documents on disk, read into `model::postmortem`.
//!
//! Knows files and formats: write-ups in Markdown and HTML, tables in CSV, OSCAL plans and the strict format `postmortem/1`. Knows no tracker, no register and no time of day.
//! What cannot be read is `Observed::Unknown` with a diagnostic, never an empty list (invariant 3 of `src/ARCHITECTURE.md`).

mod astray;
pub mod confluence;
mod csv;
mod date;
mod dialect;
mod entries;
pub mod explained;
mod files;
mod format;
mod html;
mod identity;
pub mod inscribe;
pub mod issues;
mod markdown;
mod marks;
mod markup;
mod oscal;
pub mod pages;
mod place;
mod reference;
mod rich;
pub mod scan;
mod shelf;
pub mod strict;
mod words;

use std::path::PathBuf;

use self::dialect::Dialect;
pub use self::{
    files::{Rewritten, read_paths},
    shelf::Shelf,
};
use crate::model::{conventions::Conventions, ids::SourceName, postmortem::Document};

/// Most findings and candidates of one document. With all that a cycle keeps of each, as many fit well into the memory that the
/// shipped services allow; a file with more is an export of a whole tracker and not a write-up.
const MOST_FINDINGS: usize = 10_000;
/// What to do about a document with more.
const SPLIT: &str = "split the file into several, such as one for each incident or year";

/// A configured source: the files below a folder that some patterns name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: SourceName,
    /// Folder that the patterns start from; nothing outside it is read.
    pub root: PathBuf,
    /// Which files, as patterns relative to `root` such as `postmortems/**/*.md`.
    pub files: Vec<String>,
    /// Largest file that is read, in bytes.
    pub max_bytes: u64,
    /// How its documents are written.
    pub conventions: Conventions,
}

/// Reads a document that is already in memory, as if the file at `path` of the source held these bytes.
///
/// Of a table that names several write-ups this is the first; [`read_paths`] and [`Source::read`] give all.
pub fn read_bytes(source: &SourceName, path: &str, bytes: &[u8], conventions: &Conventions) -> Document {
    let (first, _) = format::documents(source, path, bytes, &Dialect::of(conventions));
    first
}
