//! What the register keeps of a document between cycles: which write-up it is, by what it is known to be the same, and what
//! reading it came to.
//!
//! None of its words: those are in the findings, sealed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    cycle::{Coverage, SourceHealth},
    ids::{PostmortemId, SourceName},
    postmortem::Document,
    terms::Tlp,
};

/// What names a document in the register. A file that holds several write-ups is a document for each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentKey {
    /// The source that lists it.
    pub source: SourceName,
    /// Path as the source names it.
    pub path: String,
    /// The write-up that it is; none while it was never understood.
    pub id: Option<PostmortemId>,
}

impl DocumentKey {
    /// The name of a document under the id that it states itself.
    pub fn as_written(document: &Document) -> Self {
        let id = document.postmortem.known().map(|postmortem| postmortem.id.clone());
        Self { source: document.source.clone(), path: document.path.clone(), id }
    }
}

/// What the file system says of a file. A file of which all of it is the same is taken for the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStat {
    /// Size in bytes.
    pub size: u64,
    /// When its bytes were last written, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// When anything about it last changed, in nanoseconds since 1970; nobody can set this one back.
    pub changed_ns: i64,
    /// Its number in its file system; 0 where files have none.
    pub inode: u64,
}

/// By what a document is known to be the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sameness {
    /// What the file system says; none of what is no file, or could not be asked.
    pub stat: Option<FileStat>,
    /// SHA-256 of what it says, in hexadecimal; empty when that could not be read.
    pub digest: String,
    /// The version that its source gives it; none where sources give none.
    pub revision: Option<String>,
}

/// What reading a document came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentState {
    /// Its class; none while it was never understood. One that became laxer is kept while a finding waits for a reviewer.
    pub class: Option<Tlp>,
    /// The laxer class that it says now, while that waits for a reviewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laxer: Option<Tlp>,
    /// What was found, in a word.
    pub coverage: Coverage,
    /// Findings, accepted candidates among them.
    pub findings: usize,
    /// Candidates that wait for a person.
    pub candidates: usize,
    /// Its list items, table rows, checkboxes and entries.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub items: usize,
    /// Those of them that became neither a finding nor a candidate, and say nothing about one.
    pub set_aside: usize,
    /// Whether the register holds what it lists; not while a person has to say which write-up it is, or it cannot be read.
    pub taken_in: bool,
    /// When it was first seen.
    pub since: DateTime<Utc>,
    /// When what it says, where it stands, or what became of it last changed.
    pub changed: DateTime<Utc>,
    /// Since when its source does not list it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<DateTime<Utc>>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What the register keeps of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRecord {
    /// Its name.
    pub key: DocumentKey,
    /// By what it is known to be the same.
    pub same: Sameness,
    /// What reading it came to.
    pub state: DocumentState,
}

/// What documents came to, as it is remembered.
pub fn health<'a>(records: impl Iterator<Item = &'a DocumentRecord>) -> SourceHealth {
    let mut health = SourceHealth::default();
    for DocumentRecord { state, .. } in records {
        health.count(state.coverage);
        health.findings += state.findings;
        health.candidates += state.candidates;
    }
    health
}
