//! What the register is asked for and told: small traits, each for one kind of question, and all of them together.
//!
//! Must not know any database.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{HistoryQuery, Lease, Named, StoreError, view::View};
use crate::model::{
    document::{DocumentKey, DocumentRecord},
    finding::Finding,
    history::{Anchor, Inspection, Recorded},
    ids::{FindingKey, Marker, PostmortemId, TrackerName},
    issue::IssueId,
    marked::Mark,
    outline::{Outline, Totals},
    register::{Identity, Register, Write},
    sighting::Sighting,
};

/// Who the register is, and who may write to it.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Who this register is.
    async fn identity(&self) -> Result<Identity, StoreError>;

    /// Takes the lease, or says who holds it. `holder` is for people, such as `pid 4711 on worker-1`.
    /// Dropping the lease gives it back as well, and so does the death of the process.
    ///
    /// # Errors
    /// [`StoreError::Locked`] at once if somebody holds it: nothing waits here. [`StoreError::Copied`] for the copy of a
    /// register that stands elsewhere.
    async fn lease(&self, holder: &str) -> Result<Lease, StoreError>;

    /// Takes the lease of a register wherever it stands, also of one that is the copy of another: for whoever says what it
    /// is, and records nothing else.
    ///
    /// # Errors
    /// As [`Self::lease`].
    async fn lease_anywhere(&self, holder: &str) -> Result<Lease, StoreError>;

    /// Gives the lease back.
    async fn release(&self, lease: Lease) -> Result<(), StoreError>;
}

/// Rows by what names them, and everything.
#[async_trait]
pub trait Rows: Send + Sync {
    /// Reads everything, in one consistent read. Rows that are not as the history says are left out and named.
    async fn load(&self) -> Result<Register, StoreError>;

    /// Reads everything about some findings, and about all that share an issue with them, at any remove, in one consistent
    /// read that looks at no other; with what belongs to no finding. Keys that the history knows and the register has not are
    /// named among those that were asked for only.
    async fn rows(&self, wanted: &BTreeSet<FindingKey>) -> Result<Register, StoreError>;

    /// What is known of documents, those that are gone among them.
    async fn documents(&self) -> Result<BTreeMap<DocumentKey, DocumentRecord>, StoreError>;

    /// Pauses that trackers asked for.
    async fn pauses(&self) -> Result<BTreeMap<TrackerName, DateTime<Utc>>, StoreError>;

    /// How new our last knowledge of an issue is.
    async fn sighting(&self, issue: &IssueId) -> Result<Option<Sighting>, StoreError>;

    /// The issues of a place, by its number, that carried one of these markers when it was searched.
    async fn marked(
        &self,
        tracker: &TrackerName,
        place_id: &str,
        markers: &[Marker],
    ) -> Result<Vec<Mark>, StoreError>;
}

/// What is looked at next, and how much there is. Indexes answer it.
#[async_trait]
pub trait Turns: Send + Sync {
    /// How many findings and notes the register holds. Indexes answer it.
    async fn totals(&self) -> Result<Totals, StoreError>;

    /// Where the issues are that the register follows; with the links that ended since an instant.
    async fn outline(&self, since: DateTime<Utc>) -> Result<Outline, StoreError>;

    /// The findings whose next look is due, under the present scope; in no order. An index answers it: what is not due is not read.
    async fn due(&self, now: DateTime<Utc>, scope: &str) -> Result<BTreeSet<FindingKey>, StoreError>;

    /// The findings that follow issues that are named, or that are in places of trackers that are, and those of write-ups.
    async fn followers(&self, named: &Named) -> Result<BTreeSet<FindingKey>, StoreError>;
}

/// Findings by what people call them.
#[async_trait]
pub trait Names: Send + Sync {
    /// Findings that may be called so beside their keys: by the case of letters, an issue, a citation, or a document. Of those that
    /// are, none is left out.
    async fn called(&self, name: &str) -> Result<BTreeSet<FindingKey>, StoreError>;

    /// Findings that ask for the same by their titles, the finding among them; none where the title is too short to tell.
    async fn alike(&self, finding: &Finding) -> Result<BTreeSet<FindingKey>, StoreError>;

    /// The ids of write-ups and the keys of their findings, in that order, as many as are asked for; those after one.
    async fn names(
        &self,
        after: (&PostmortemId, &FindingKey),
        most: u32,
    ) -> Result<Vec<(PostmortemId, FindingKey)>, StoreError>;
}

/// The register in parts.
#[async_trait]
pub trait Pages: Send + Sync {
    /// The register in parts, as it is now: whatever is recorded later is not in it. Hold it no longer than it takes to read, because
    /// what is recorded meanwhile stays in the log.
    async fn view(&self) -> Result<Box<dyn View>, StoreError>;
}

/// What is written.
#[async_trait]
pub trait Commits: Send + Sync {
    /// Applies all writes in one transaction, in order, durable when it returns; or none of them.
    /// Counts as one in [`Register::version`]; without any write it does nothing.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], [`StoreError::IntentTaken`], [`StoreError::Stale`], [`StoreError::Unfit`], or what the database says.
    async fn record(&self, lease: &Lease, writes: Vec<Write>) -> Result<(), StoreError>;
}

/// The history, and the proof that the register is as it says.
#[async_trait]
pub trait Told: Send + Sync {
    /// Reads the history, oldest first.
    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Recorded>, StoreError>;

    /// Where the history ends now; an anchor, once it is kept somewhere else.
    async fn head(&self) -> Result<Anchor, StoreError>;

    /// Reads the whole history again and says what is wrong with it, and which rows of the register are not as it says.
    /// Each of the anchors has to be in it.
    async fn inspect(&self, anchors: &[Anchor]) -> Result<Inspection, StoreError>;
}

/// The register behind a port, so that simulation and a second backend fit.
pub trait Store: Leases + Rows + Turns + Names + Pages + Commits + Told {}

impl<T: Leases + Rows + Turns + Names + Pages + Commits + Told> Store for T {}
