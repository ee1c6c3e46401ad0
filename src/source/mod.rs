//! Where findings live: documents on disk, read into `model::postmortem`.
//!
//! Knows files and formats: Markdown write-ups and the strict format `postmortem/1`. Knows no tracker, no register and no time of day.
//! What cannot be read is `Observed::Unknown` with a diagnostic, never an empty list (design, invariant 3).

mod date;
mod files;
mod format;
mod identity;
mod markdown;
mod place;
mod reference;
pub mod scan;
pub mod strict;

use std::path::PathBuf;

pub use self::files::read_paths;
use crate::model::{ids::SourceName, postmortem::Document};

/// A configured source: the files below a folder that some patterns name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: SourceName,
    /// Folder that the patterns start from; nothing outside it is read.
    pub root: PathBuf,
    /// Which files, as patterns relative to `root` such as `postmortems/**/*.md`.
    pub files: Vec<String>,
    /// Repository that a bare `#12` means.
    pub default_repository: Option<String>,
    /// Jira project keys that are recognised in text.
    pub jira_projects: Vec<String>,
    /// Largest file that is read, in bytes.
    pub max_bytes: u64,
}

/// What short forms of references mean in a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conventions {
    /// Repository that a bare `#12` means.
    pub default_repository: Option<String>,
    /// Jira project keys that are recognised in text; anything else that looks like a key is not one.
    pub jira_projects: Vec<String>,
}

impl Conventions {
    fn knows_project(&self, key: &str) -> bool {
        self.jira_projects.iter().any(|project| project == key)
    }
}

/// Reads a document that is already in memory, as if the file at `path` of the source held these bytes.
pub fn read_bytes(source: &SourceName, path: &str, bytes: &[u8], conventions: &Conventions) -> Document {
    format::document(source, path, bytes, conventions)
}
