//! The account of a write-up: what the reader took, what belongs to what it took, and what it passed over for a reason.
//!
//! Knows places only. The reader says everything; whatever nobody claimed is explained by where it stands, elsewhere.

use std::collections::BTreeMap;

use super::block::{Block, Table};
use crate::model::fate::Aside;

/// What the reader says of something by itself.
#[derive(Clone, Debug)]
pub(super) enum Taken {
    /// It is a finding, or holds several. Which ones is known at the end, when all are in order.
    Finding,
    /// It waits for a person, for this reason.
    Candidate(String),
    /// It says something about the write-up itself.
    Stated,
    /// It only announces what stands below it.
    Label,
    /// It is nothing.
    Aside(Aside),
}

/// What was taken so far, by where it starts in the text.
#[derive(Debug, Default)]
pub(super) struct Account {
    taken: BTreeMap<usize, Taken>,
    /// What tells again what was told before, with where.
    again: BTreeMap<usize, usize>,
    /// Whole blocks that belong to what starts elsewhere.
    owned: BTreeMap<(usize, usize), usize>,
    /// Where the last of them ends, by that.
    ends: BTreeMap<usize, usize>,
}

impl Account {
    /// Something became a finding.
    pub(super) fn finding(&mut self, at: usize) {
        self.taken.insert(at, Taken::Finding);
    }

    /// Something waits for a person.
    pub(super) fn candidate(&mut self, at: usize, reason: &str) {
        if !matches!(self.taken.get(&at), Some(Taken::Finding)) {
            self.taken.insert(at, Taken::Candidate(reason.to_owned()));
        }
    }

    /// Something says something about the write-up itself, unless more became of it.
    pub(super) fn stated(&mut self, at: usize) {
        self.taken.entry(at).or_insert(Taken::Stated);
    }

    /// Something announces what stands below it, unless more became of it.
    pub(super) fn label(&mut self, at: usize) {
        self.taken.entry(at).or_insert(Taken::Label);
    }

    /// Something was passed over, unless more became of it.
    pub(super) fn aside(&mut self, at: usize, why: Aside) {
        match self.taken.get(&at) {
            Some(Taken::Finding | Taken::Candidate(_) | Taken::Stated | Taken::Aside(_)) => {}
            Some(Taken::Label) | None => {
                self.taken.insert(at, Taken::Aside(why));
            }
        }
    }

    /// The rows of a table were passed over.
    pub(super) fn rows_aside(&mut self, table: &Table, why: &Aside) {
        table.rows.iter().for_each(|row| self.aside(row.at.start, why.clone()));
    }

    /// Something is told again that was told before.
    pub(super) fn again(&mut self, at: usize, first: usize) {
        if at != first {
            self.again.insert(at, first);
        }
    }

    /// Blocks belong to what starts at a place.
    pub(super) fn owns<'b>(&mut self, at: usize, blocks: impl IntoIterator<Item = &'b Block>) {
        for block in blocks {
            self.owned.insert((block.at.start, block.at.end), at);
            let end = self.ends.entry(at).or_default();
            *end = block.end().max(*end);
        }
    }

    /// To what a block belongs.
    pub(super) fn owner(&self, block: &Block) -> Option<usize> {
        self.owned.get(&(block.at.start, block.at.end)).copied()
    }

    /// Where that was told first which is told again at a place.
    pub(super) fn first(&self, at: usize) -> Option<usize> {
        self.again.get(&at).copied()
    }

    /// What the reader said of what starts at a place.
    pub(super) fn of(&self, at: usize) -> Option<&Taken> {
        self.taken.get(&at)
    }

    /// Where what belongs to something ends.
    pub(super) fn end(&self, at: usize) -> usize {
        self.ends.get(&at).copied().unwrap_or_default()
    }
}
