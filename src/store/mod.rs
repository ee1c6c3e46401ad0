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
pub mod port;
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

use std::{collections::BTreeSet, fmt, io::Write as _, path::Path};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;

pub use error::StoreError;
pub use port::{Commits, Leases, Names, Pages, Rows, Store, Told, Turns};
use sqlite::backup::{Backup, Restored};

use crate::{
    disk,
    model::{
        ids::{FindingKey, InstanceName, PlaceName, PostmortemId, TrackerName},
        issue::IssueId,
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

/// Right to write, held by one process at a time. Every write is conditional on its fencing token.
#[derive(Debug)]
pub struct Lease {
    /// Grows by one whenever the lease changes hands.
    pub token: i64,
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
