//! Why the register could not be used, in words for people.
//!
//! Each error tells everything itself: what caused it is part of its text, and nothing stands behind it that would tell
//! it again.

use sqlx::migrate::MigrateError;

use super::sqlite::connection;
use crate::model::{
    ids::FindingKey,
    misfit::{RowName, WHAT_TO_DO},
};

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the lease.
    #[error("the register is in use by {holder}")]
    Locked {
        /// Who holds it, such as `pid 4711 on worker-1`.
        holder: String,
    },
    /// The lease was lost: somebody else took over, and nothing was written.
    #[error("the lease was lost (token {ours}); nothing was written")]
    LeaseLost {
        /// Our fencing token.
        ours: i64,
    },
    /// The register belongs to another instance.
    #[error("the register belongs to the instance `{found}`, not `{wanted}`")]
    OtherInstance {
        /// Whose it is.
        found: String,
        /// Who asked.
        wanted: String,
    },
    /// The register is a copy of one that stands elsewhere: both would follow the same findings.
    #[error(
        "the register at {here} is a copy of the one at {home}, and nothing is written with it: if it was moved here and \
         the other one is given up, say `store moved --as PERSON`; if it goes its own way, give it another `instance` in \
         the configuration and say `store fork --as PERSON`"
    )]
    Copied {
        /// Where the register stood when it was last written to.
        home: String,
        /// Where this one is.
        here: String,
    },
    /// A newer program wrote this register.
    #[error(
        "the register has schema version {found}, newer than this program's {known}; use the newer program"
    )]
    Newer {
        /// Version found.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// An intent of the same or a later attempt is already there: somebody else is creating this issue.
    #[error("a newer attempt to create the issue of {finding} is recorded; nothing was sent")]
    IntentTaken {
        /// The finding.
        finding: FindingKey,
    },
    /// What a decision was made on is not what is there.
    #[error(
        "{finding} changed meanwhile: look again with `finding show {finding}`, then decide; nothing was written"
    )]
    Stale {
        /// The finding.
        finding: FindingKey,
    },
    /// A row is not as the history says. Nothing is written for it before a person has looked at it.
    #[error("`{row}` does not fit its history: nothing is written for it until {WHAT_TO_DO}")]
    Unfit {
        /// The row.
        row: RowName,
    },
    /// The register has another key than the one that is configured.
    #[error(
        "the register's marker key is not the one in `marker_key`: with it none of the issues that carry the register's \
         markers would be found; configure the key that `store key export` wrote for this register, or leave it out"
    )]
    OtherKey,
    /// The disk is nearly full. What is sent must be recorded, so nothing is begun.
    #[error(
        "only {free} MiB are free beside the register, and {needed} are kept in reserve; nothing was begun, make room"
    )]
    NearlyFull {
        /// MiB that are free.
        free: u64,
        /// MiB that must be.
        needed: u64,
    },
    /// A stored row cannot be understood.
    #[error("the register's row `{row}` cannot be read: {why}")]
    Corrupt {
        /// Which row.
        row: String,
        /// Why.
        why: String,
    },
    /// The configured address is of no use. The text never repeats it: an address may hold a password.
    #[error("the address of the store cannot be used: {why}")]
    Address {
        /// Why, and what to write instead.
        why: String,
    },
    /// The database said no.
    #[error("the register could not be used: {}{}", connection::told(.0), connection::advice(.0))]
    Database(sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the register's schema could not be brought up to date: {0}")]
    Migration(MigrateError),
    /// The file system said no.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        // The database's own trouble while migrating: what to do about it is the same.
        if let MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) = error {
            return Self::Database(error);
        }
        Self::Migration(error)
    }
}
