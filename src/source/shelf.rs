//! What was read of a folder before, so that a file is read once for as long as it stays the same.

use std::collections::BTreeMap;

use super::format::digest;
use crate::model::postmortem::Document;

/// The documents of a folder as they were read last, by the paths of their files. One shelf belongs to one source, whose
/// conventions do not change; it is empty again when the process ends.
#[derive(Debug, Default)]
pub struct Shelf {
    documents: BTreeMap<String, Vec<Document>>,
    parsed: usize,
}

impl Shelf {
    /// How many files were parsed since the shelf was made.
    pub fn parsed(&self) -> usize {
        self.parsed
    }

    /// Takes away what was read of a file, if it held these bytes.
    pub(super) fn take(&mut self, path: &str, bytes: &[u8]) -> Option<Vec<Document>> {
        let kept = self.documents.remove(path)?;
        let is_same = kept.first().is_some_and(|first| first.hash == digest(bytes));
        is_same.then_some(kept)
    }

    /// Counts a file that is parsed.
    pub(super) fn count(&mut self) {
        self.parsed += 1;
    }

    /// Keeps what the folder holds now, and forgets the rest.
    pub(super) fn keep(&mut self, documents: &[Document]) {
        self.documents.clear();
        self.add(documents);
    }

    /// Keeps what some files hold now, beside the rest.
    pub(super) fn add(&mut self, documents: &[Document]) {
        for document in documents {
            self.documents.entry(document.path.clone()).or_default().push(document.clone());
        }
    }
}
