//! The chain over the history: every entry's hash covers the entry and the hash of the one before it.
//!
//! `h(0)` is SHA-256 of `postmortem-sync history/1`, a line feed and the id of the database; `h(n)` is SHA-256 of `h(n-1)`
//! in hexadecimal, a line feed and the row as a JSON array of its columns. Anybody can compute it again with other tools.
//!
//! There is no secret in it: whoever can write the file can also compute a whole new chain, or cut its end off and move
//! the head back. That shows against an anchor only, which is kept somewhere else.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::model::history::{Anchor, Inspection};

/// A row of the history as it is stored, but for its number and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The cycle or command.
    pub cycle: String,
    /// What happened.
    pub event: String,
    /// The finding, when it concerns one.
    pub finding: Option<String>,
    /// The whole entry as JSON.
    pub data: String,
}

/// A row that was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub seq: i64,
    /// Its columns.
    pub row: Row,
    /// The hash stored with it.
    pub hash: String,
}

/// Where the chain of a database begins.
pub fn genesis(database: &str) -> Anchor {
    Anchor { seq: 0, hash: digest(&format!("postmortem-sync history/1\n{database}")) }
}

/// Where the chain stands after one more row.
pub fn next(before: &Anchor, row: &Row) -> Anchor {
    after(&before.hash, before.seq.saturating_add(1), row)
}

fn after(hash: &str, seq: i64, row: &Row) -> Anchor {
    let Row { at_ms, cycle, event, finding, data } = row;
    let columns = serde_json::json!([seq, at_ms, cycle, event, finding, data]);
    Anchor { seq, hash: digest(&format!("{hash}\n{columns}")) }
}

fn digest(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// A walk along the whole chain, row by row in order.
#[derive(Debug)]
pub struct Walk {
    /// Where it is.
    at: Anchor,
    entries: u64,
    /// Anchors that were not passed yet.
    anchors: Vec<Anchor>,
    faults: Vec<String>,
}

impl Walk {
    /// Begins where the chain of a database does. Each anchor has to be passed on the way.
    pub fn new(database: &str, anchors: &[Anchor]) -> Self {
        let mut walk =
            Self { at: genesis(database), entries: 0, anchors: anchors.to_vec(), faults: Vec::new() };
        walk.pass();
        walk
    }

    /// One row further. After a row that does not follow, the walk goes on from what the row itself says, so that one
    /// change is told once.
    pub fn step(&mut self, link: &Link) {
        let expected = after(&self.at.hash, link.seq, &link.row);
        if expected.hash != link.hash || link.seq <= self.at.seq {
            let why = match self.at.seq {
                0 => "does not follow from the beginning".to_owned(),
                before => format!("does not follow from entry {before}"),
            };
            self.faults.push(format!(
                "entry {} {why}: it was changed, or something between them was removed, inserted or moved",
                link.seq
            ));
        }
        self.at = Anchor { seq: link.seq, hash: link.hash.clone() };
        self.entries += 1;
        self.pass();
    }

    fn pass(&mut self) {
        let at = &self.at;
        self.anchors.retain(|anchor| anchor != at);
    }

    /// Ends at what the register says is the last entry.
    pub fn end(mut self, head: &Anchor) -> Inspection {
        if self.at != *head {
            self.faults.push(format!(
                "the history ends at {}, but was last recorded to end at {head}: its end was cut off, changed or added to",
                self.at
            ));
        }
        for anchor in &self.anchors {
            self.faults.push(format!(
                "the anchor {anchor} is not in it: the history was cut off before it or rewritten, or the anchor is of \
                 another register"
            ));
        }
        Inspection {
            intact: self.faults.is_empty(),
            entries: self.entries,
            head: head.clone(),
            faults: self.faults,
            misfits: Vec::new(),
            details: BTreeMap::new(),
        }
    }
}
