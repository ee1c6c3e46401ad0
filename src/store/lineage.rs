//! How far a register had come, kept beside it: a copy from before, however it got there, is told by it.
//!
//! Knows one small file. It is written after each transaction and may be one behind, or missing: then a copy from before
//! is not told, and nothing else suffers.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::file;
use crate::disk;

/// How far a register had come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lineage {
    /// Transactions that were recorded.
    version: i64,
    /// The time from which on a copy that was put back knows nothing; of several, the earliest.
    put_back: Option<DateTime<Utc>>,
    /// The same of the copy that was put back last; absent in files that are older than this.
    #[serde(default)]
    newest_copy: Option<DateTime<Utc>>,
}

impl Lineage {
    /// What stands beside a register. A file that cannot be read tells nothing.
    pub(super) fn beside(register: &Path) -> Self {
        let text = disk::read(&path(register)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// From when on the register may know nothing, after all copies that were put back.
    pub(super) fn put_back(self) -> Option<DateTime<Utc>> {
        self.put_back
    }

    /// From when on the copy that was put back last knew nothing.
    pub(super) fn newest_copy(self) -> Option<DateTime<Utc>> {
        self.newest_copy.or(self.put_back)
    }

    /// The lineage of a register that is at `version` and was last used at `used`. One that is behind what stands beside
    /// it is a copy from before.
    pub(super) fn seen(self, version: i64, used: DateTime<Utc>) -> Self {
        if version >= self.version {
            return self.at(version);
        }
        let put_back = self.put_back.map_or(used, |earlier| earlier.min(used));
        Self { version, put_back: Some(put_back), newest_copy: Some(used) }
    }

    /// After a transaction.
    pub(super) fn at(self, version: i64) -> Self {
        Self { version, ..self }
    }

    /// Of a register that is about to be replaced by a copy from before: whatever comes is behind.
    pub(super) fn ending(self) -> Self {
        self.at(i64::MAX)
    }

    /// Writes it beside the register. Where it cannot be written, it stays behind, and the register is whole without it.
    pub(super) fn keep(self, register: &Path) {
        let text = serde_json::to_string(&self).map_err(std::io::Error::other);
        let _ = text.and_then(|text| disk::jot(&path(register), text.as_bytes()));
    }
}

fn path(register: &Path) -> PathBuf {
    file::beside(register, ".lineage")
}
