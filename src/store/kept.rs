//! Values that are kept as rows which are stamped: the name of each row, and the statement that writes it.

use serde::de::DeserializeOwned;

use super::{
    StoreError,
    rows::{self, Step},
    stamps::{ACCOUNTS, CITATIONS, FINDINGS, INTENTS, INVOLVEMENT, LINKS, PLACES, TOMBSTONES},
};
use crate::model::{
    citation::CitationRecord,
    finding::Finding,
    involvement::Involvement,
    link::{Intent, Link, Tombstone},
    misfit::RowName,
    register::{OwnAccount, PinnedPlace},
};

/// A value that is kept as a row which is stamped.
pub(super) trait Kept: DeserializeOwned {
    /// The row that it is kept as. One that is found elsewhere is no row of the register.
    fn row(&self) -> RowName;
    /// The statement that writes it, with every column.
    fn put(&self) -> Result<Step, StoreError>;
}

impl Kept for Finding {
    fn row(&self) -> RowName {
        RowName::of(FINDINGS.name, [self.key.as_str()])
    }

    fn put(&self) -> Result<Step, StoreError> {
        // One that is there keeps its version.
        rows::put_finding(self, 0)
    }
}

impl Kept for Link {
    fn row(&self) -> RowName {
        RowName::of(LINKS.name, [self.finding.as_str(), self.issue.id.host.as_str(), &self.issue.id.id])
    }

    fn put(&self) -> Result<Step, StoreError> {
        // One that is there keeps its place in the order of linking, and its version.
        rows::put_link(self, (0, 0))
    }
}

impl Kept for Intent {
    fn row(&self) -> RowName {
        RowName::of(INTENTS.name, [self.finding.as_str(), self.tracker.as_str(), self.place.as_str()])
    }

    fn put(&self) -> Result<Step, StoreError> {
        rows::put_intent(self)
    }
}

impl Kept for Tombstone {
    fn row(&self) -> RowName {
        RowName::of(TOMBSTONES.name, [self.finding.as_str(), self.issue.id.host.as_str(), &self.issue.id.id])
    }

    fn put(&self) -> Result<Step, StoreError> {
        rows::put_tombstone(self)
    }
}

impl Kept for CitationRecord {
    fn row(&self) -> RowName {
        RowName::of(CITATIONS.name, [self.finding.as_str(), &self.written])
    }

    fn put(&self) -> Result<Step, StoreError> {
        rows::put_citation(self)
    }
}

impl Kept for Involvement {
    fn row(&self) -> RowName {
        let (episode, party) = (self.episode.to_string(), self.party.key());
        RowName::of(INVOLVEMENT.name, [self.finding.as_str(), &episode, self.part.as_str(), &party])
    }

    fn put(&self) -> Result<Step, StoreError> {
        // One that is there stays as it is.
        rows::add_part(self, 0)
    }
}

impl Kept for PinnedPlace {
    fn row(&self) -> RowName {
        RowName::of(PLACES.name, [self.tracker.as_str(), self.place.as_str()])
    }

    fn put(&self) -> Result<Step, StoreError> {
        rows::put_place(self)
    }
}

impl Kept for OwnAccount {
    fn row(&self) -> RowName {
        RowName::of(ACCOUNTS.name, [self.tracker.as_str(), self.account.as_str()])
    }

    fn put(&self) -> Result<Step, StoreError> {
        rows::put_account(self)
    }
}
