//! The register and mapping table on disk.
//!
//! Knows SQL and one database file. Knows nothing of trackers, rules or documents: it keeps what it is handed.

mod buckets;
pub mod chain;
mod contents;
pub mod error;
pub mod file;
mod home;
mod kept;
mod lineage;
pub mod names;
mod replay;
mod retirement;
mod root;
pub mod rows;
mod seen;
mod split;
pub mod sqlite;
pub mod stamps;
pub mod statements;
mod told;
mod versions;
pub mod view;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::Write as _,
    path::Path,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;

pub use error::StoreError;
use sqlite::backup::{Backup, Restored};
use view::View;

use crate::{
    disk,
    model::{
        document::{DocumentKey, DocumentRecord},
        finding::Finding,
        history::{Anchor, Inspection, Recorded},
        ids::{FindingKey, InstanceName, Marker, PlaceName, PostmortemId, TrackerName},
        issue::IssueId,
        marked::Mark,
        outline::{Outline, Totals},
        register::{Identity, Register, Write},
        sighting::Sighting,
    },
};

/// Opens the register at an address, `sqlite:PATH`; a file that is not there is created, with the given seed.
/// Brings the schema up to date first.
///
/// # Errors
/// [`StoreError::Address`] for an address it cannot use, [`StoreError::OtherInstance`] and [`StoreError::Newer`] for a
/// register that is not ours to use, and whatever the file, the database or the schema say.
pub async fn open(
    address: &str,
    instance: &InstanceName,
    seed: &Seed,
    now: DateTime<Utc>,
) -> Result<Box<dyn Store>, StoreError> {
    let path = file::prepare(Path::new(sqlite_path(address)?))?;
    Ok(Box::new(sqlite::SqliteStore::open(sqlite::connection::options(&path), instance, seed, now).await?))
}

/// Writes a backup of the register at an address to a new file, as [`sqlite::backup::backup`] does.
///
/// # Errors
/// [`StoreError::Address`] for an address it cannot use; what is in the way of the backup.
pub async fn back_up(address: &str, to: &Path, instance: &InstanceName) -> Result<Backup, StoreError> {
    sqlite::backup::backup(Path::new(sqlite_path(address)?), to, instance).await
}

/// Puts a backup in the place of the register at an address, as [`sqlite::backup::restore`] does.
///
/// # Errors
/// [`StoreError::Address`] for an address it cannot use; what is in the way of the backup.
pub async fn restore(
    address: &str,
    from: &Path,
    instance: &InstanceName,
    holder: &str,
    now: DateTime<Utc>,
) -> Result<Restored, StoreError> {
    sqlite::backup::restore(Path::new(sqlite_path(address)?), from, instance, holder, now).await
}

/// Writes the key of the markers to a new file that only its owner can read, as 64 hexadecimal digits.
///
/// # Errors
/// [`StoreError::File`] if the file is there already or cannot be written.
pub fn export_key(to: &Path, key: &[u8]) -> Result<(), StoreError> {
    let write = || {
        let mut file = disk::create(to)?;
        writeln!(file, "{}", HEXLOWER.encode(key))?;
        file.sync_all()
    };
    write().map_err(|error| StoreError::File { path: to.display().to_string(), why: error.to_string() })
}

/// Random bytes for a register that is created; not used for one that is there.
pub struct Seed {
    /// Becomes the id of the database.
    pub database: [u8; 16],
    /// Becomes the key of the markers. Secret.
    pub marker_key: [u8; 32],
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(secret)")
    }
}

/// Right to write, held by one process at a time. Every write is conditional on its epoch.
#[derive(Debug)]
pub struct Lease {
    /// Grows by one whenever the lease changes hands.
    pub epoch: i64,
    /// Held for as long as the lease is; the system frees it when the process dies.
    pub(crate) _lock: Option<file::Lock>,
}

/// Which entries of the history to read.
#[derive(Clone, Debug, Default)]
pub struct HistoryQuery {
    /// Only this finding's.
    pub finding: Option<FindingKey>,
    /// Only this cycle's.
    pub cycle: Option<String>,
    /// At most this many, the newest.
    pub limit: Option<u32>,
    /// Also those that stamp rows of the register.
    pub stamps: bool,
    /// With what became of rows of the register.
    pub changes: bool,
}

/// What findings may follow, or be of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// These issues.
    pub issues: BTreeSet<IssueId>,
    /// Whatever is in these places.
    pub places: BTreeSet<(TrackerName, PlaceName)>,
    /// Nothing, but they are of these write-ups.
    pub write_ups: BTreeSet<PostmortemId>,
}

/// The register behind a port, so that simulation and a second backend fit.
#[async_trait]
pub trait Store: Send + Sync {
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

    /// Reads everything, in one consistent read. Rows that are not as the history says are left out and named.
    async fn load(&self) -> Result<Register, StoreError>;

    /// How many findings and notes the register holds. Indexes answer it.
    async fn totals(&self) -> Result<Totals, StoreError>;

    /// Where the issues are that the register follows; with the links that ended since an instant.
    async fn outline(&self, since: DateTime<Utc>) -> Result<Outline, StoreError>;

    /// The findings whose next look is due, under the present scope; in no order. An index answers it: what is not due is not read.
    async fn due(&self, now: DateTime<Utc>, scope: &str) -> Result<BTreeSet<FindingKey>, StoreError>;

    /// The findings that follow issues that are named, or that are in places of trackers that are, and those of write-ups.
    async fn followers(&self, named: &Named) -> Result<BTreeSet<FindingKey>, StoreError>;

    /// Reads everything about some findings, and about all that share an issue with them, at any remove, in one consistent
    /// read that looks at no other; with what belongs to no finding. Keys that the history knows and the register has not are
    /// named among those that were asked for only.
    async fn rows(&self, wanted: &BTreeSet<FindingKey>) -> Result<Register, StoreError>;

    /// The register in parts, as it is now: whatever is recorded later is not in it. Hold it no longer than it takes to read, because
    /// what is recorded meanwhile stays in the log.
    async fn view(&self) -> Result<Box<dyn View>, StoreError>;

    /// What is known of documents, those that are gone among them.
    async fn documents(&self) -> Result<BTreeMap<DocumentKey, DocumentRecord>, StoreError>;

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

    /// Applies all writes in one transaction, in order, durable when it returns; or none of them.
    /// Counts as one in [`Register::version`]; without any write it does nothing.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], [`StoreError::IntentTaken`], [`StoreError::Stale`], [`StoreError::Unfit`], or what the database says.
    async fn record(&self, lease: &Lease, writes: Vec<Write>) -> Result<(), StoreError>;

    /// Reads the history, oldest first.
    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Recorded>, StoreError>;

    /// Where the history ends now; an anchor, once it is kept somewhere else.
    async fn head(&self) -> Result<Anchor, StoreError>;

    /// Reads the whole history again and says what is wrong with it, and which rows of the register are not as it says.
    /// Each of the anchors has to be in it.
    async fn inspect(&self, anchors: &[Anchor]) -> Result<Inspection, StoreError>;
}

/// The path in `sqlite:PATH` or `sqlite://PATH`.
fn sqlite_path(address: &str) -> Result<&str, StoreError> {
    let refused = |why: &str| Err(StoreError::Address { why: why.to_owned() });
    let Some(rest) = address.strip_prefix("sqlite:") else {
        return match address.split_once(':') {
            Some(("postgres" | "postgresql", _)) => refused("PostgreSQL comes later; write `sqlite:PATH`"),
            Some(_) | None => refused("it does not begin with `sqlite:`; write `sqlite:PATH`"),
        };
    };
    match rest.strip_prefix("//").unwrap_or(rest) {
        "" => refused("it names no file; write `sqlite:PATH`"),
        ":memory:" => refused("a register in memory would be lost; write `sqlite:PATH`"),
        path if path.contains('?') => {
            refused("it has options after `?`; how the file is used is not configurable, write `sqlite:PATH`")
        }
        path => Ok(path),
    }
}
