//! Backups of the register, and putting one back.
//!
//! A backup is a whole database in one file with its SHA-256 beside it in `FILE.sha256`, which is written last: a file
//! without it is not finished. It holds finding texts and the key of the markers, and is readable by its owner alone.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{connection, history, schema};
use crate::{
    disk,
    model::{history::Anchor, ids::InstanceName, misfit::Misfit},
    store::{StoreError, file, lineage::Lineage, statements},
};

/// A backup that was read again and found to be whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// The file.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of it in hexadecimal.
    pub sha256: String,
    /// Version of its schema.
    pub schema: i64,
    /// The database that it is of.
    pub database: String,
    /// Transactions that were recorded until it was made.
    pub version: i64,
    /// Where its history ends; none in a register of the first release.
    pub head: Option<Anchor>,
    /// Rows that are not as its history says: kept as they are, and left alone by every cycle.
    pub misfits: Vec<Misfit>,
}

/// A register that was put back.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// What was put back.
    pub backup: Backup,
    /// Where the register that was there is kept now; none when there was none.
    pub replaced: Option<PathBuf>,
}

/// Writes a backup of a register to a new file, and reads it again. Waits for nobody, and nobody waits for it: it is one
/// consistent read, also while a worker writes.
///
/// # Errors
/// [`StoreError::File`] if the register is not there, the backup is, or what was written is not whole; what the database says.
pub async fn backup(register: &Path, to: &Path, instance: &InstanceName) -> Result<Backup, StoreError> {
    let register = fs::canonicalize(register).map_err(|error| failed(register, error))?;
    let mut source = connection::first(&connection::options(&register)).await?;
    schema::belongs(&mut source, &register, instance).await?;
    let sum = file::beside(to, ".sha256");
    if sum.exists() {
        return Err(failed(&sum, "exists already; a backup never replaces another one"));
    }
    disk::create(to).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            failed(to, "exists already; a backup never replaces another one")
        } else {
            failed(to, error)
        }
    })?;
    let written = match fill(&mut source, to, &sum).await {
        Ok(()) => check(to, instance).await,
        Err(error) => Err(error),
    };
    if written.is_err() {
        // Ours, and of no use. Where not even this works, the missing sum says that it is not finished.
        let _ = fs::remove_file(&sum).and(fs::remove_file(to));
    }
    written
}

/// Fills a new file. Neither SQLite nor the file system has it on the disk before it is told to.
async fn fill(source: &mut SqliteConnection, to: &Path, sum: &Path) -> Result<(), StoreError> {
    let name = to.to_str().ok_or_else(|| failed(to, "its name is not UTF-8"))?;
    sqlx::query("VACUUM INTO $1").bind(name).execute(&mut *source).await?;
    let settle = || {
        let mut file = File::options().read(true).write(true).open(to)?;
        file.sync_all()?;
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        let mut out = disk::create(sum)?;
        // As `sha256sum --check` reads it.
        io::Write::write_all(&mut out, format!("{}  {name}\n", digest(&mut file)?).as_bytes())?;
        out.sync_all()?;
        file::sync_folder(to)
    };
    settle().map_err(|error| failed(to, error))
}

/// Reads a whole backup and proves that it can be put back for this instance. Changes nothing.
///
/// # Errors
/// What is wrong with it.
pub async fn check(backup: &Path, instance: &InstanceName) -> Result<Backup, StoreError> {
    inspect(backup, &recorded(backup)?, instance).await
}

async fn inspect(backup: &Path, sha256: &str, instance: &InstanceName) -> Result<Backup, StoreError> {
    let read = File::open(backup).and_then(|mut file| Ok((file.metadata()?.len(), digest(&mut file)?)));
    let (bytes, found) = read.map_err(|error| failed(backup, error))?;
    if found != sha256 {
        return Err(failed(backup, "its checksum is not the one that was noted when it was made"));
    }
    // Nothing else uses it: so SQLite puts no files beside it, and needs none.
    let options = SqliteConnectOptions::new().filename(backup).read_only(true).immutable(true);
    let mut connection = connection::first(&options).await?;
    let (schema, identity) = schema::belongs(&mut connection, backup, instance).await?;
    for (sql, what) in [
        ("PRAGMA integrity_check", "it is damaged"),
        ("PRAGMA foreign_key_check", "a row refers to one that is missing"),
    ] {
        let found: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await?;
        if let Some(first) = found.iter().find(|line| *line != "ok") {
            return Err(failed(backup, format!("{what}: {first}")));
        }
    }
    let version = sqlx::query_scalar(statements::VERSION_READ).fetch_one(&mut connection).await?;
    let (head, misfits) = if schema < schema::CHAINED {
        (None, Vec::new())
    } else {
        let inspection =
            history::inspect(&mut connection, &identity.database, &[], schema >= schema::STAMPED).await?;
        if let Some(fault) = inspection.faults.first() {
            return Err(failed(backup, format!("its history was tampered with: {fault}")));
        }
        (Some(inspection.head), inspection.misfits)
    };
    connection.close().await?;
    let (file, sha256) = (backup.to_owned(), found);
    Ok(Backup { file, bytes, sha256, schema, database: identity.database, version, head, misfits })
}

/// Puts a backup in the place of a register, and keeps what was there beside it. `holder` is for whoever is refused
/// meanwhile.
///
/// A kill at any instant leaves the former register, the restored one, or none where its lineage is still known.
///
/// # Errors
/// [`StoreError::Locked`] while anybody has the register open, and what is wrong with the backup: nothing is changed then.
pub async fn restore(
    register: &Path,
    from: &Path,
    instance: &InstanceName,
    holder: &str,
    now: DateTime<Utc>,
) -> Result<Restored, StoreError> {
    let register = file::locate(register)?;
    let _lock = file::lock(&register, holder)?;
    let fresh = file::beside(&register, ".restoring");
    let restored = async {
        // What is checked is what is put in place, whatever happens to the backup meanwhile.
        let sum = recorded(from)?;
        file::copy(from, &fresh).map_err(|error| failed(from, error))?;
        let backup = inspect(&fresh, &sum, instance).await?;
        alone(&register).await?;
        Lineage::beside(&register).ending().keep(&register);
        let replaced = replace(&register, &fresh, now).map_err(|error| failed(&register, error))?;
        Ok(Restored { backup: Backup { file: from.to_owned(), ..backup }, replaced })
    };
    let restored = restored.await;
    if restored.is_err() {
        // A copy that was not put in place is of no use; the next try begins with a new one.
        let _ = fs::remove_file(&fresh);
    }
    restored
}

/// Proves that nobody has a register open, and makes it one whole file. SQLite gives up the write-ahead log only for
/// whoever is alone. A register that is damaged proves nothing, and is replaced all the same.
async fn alone(register: &Path) -> Result<(), StoreError> {
    if !register.exists() {
        return Ok(());
    }
    let options = SqliteConnectOptions::new().filename(register).busy_timeout(std::time::Duration::ZERO);
    let alone = async {
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut connection).await?;
        connection.close().await
    };
    match alone.await {
        Err(error) if connection::is_busy(&error) => {
            Err(StoreError::Locked { holder: opened_by(&file::users(register)) })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Who has a register open without holding its lease, for people.
fn opened_by(users: &[u32]) -> String {
    let who = match users {
        [] => "a process that has it open".to_owned(),
        pids => format!("pid {}", pids.iter().map(u32::to_string).collect::<Vec<_>>().join(" and pid ")),
    };
    format!("{who}, such as a worker between two cycles; stop it first")
}

/// Moves what is there aside and the new file into its place.
fn replace(register: &Path, fresh: &Path, now: DateTime<Utc>) -> io::Result<Option<PathBuf>> {
    let aside = file::beside(register, &now.format(".replaced-%Y%m%dT%H%M%SZ").to_string());
    let mut replaced = None;
    // A log that is left beside the new file would be taken for its own.
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let (from, to) = (file::beside(register, suffix), file::beside(&aside, suffix));
        match fs::rename(&from, &to) {
            Ok(()) if suffix.is_empty() => replaced = Some(to),
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    fs::rename(fresh, register)?;
    file::sync_folder(register)?;
    Ok(replaced)
}

/// The checksum that was noted beside a backup.
fn recorded(backup: &Path) -> Result<String, StoreError> {
    let path = file::beside(backup, ".sha256");
    if !backup.is_file() {
        return Err(failed(backup, "there is no such backup"));
    }
    let text = fs::read_to_string(&path).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            failed(&path, "is missing: the backup was not finished, or was copied without it")
        } else {
            failed(&path, error)
        }
    })?;
    text.split_whitespace().next().map(str::to_owned).ok_or_else(|| failed(&path, "is empty"))
}

/// SHA-256 of a file in hexadecimal.
fn digest(file: &mut File) -> io::Result<String> {
    io::Seek::rewind(file)?;
    let mut digest = Sha256::new();
    io::copy(file, &mut digest)?;
    Ok(HEXLOWER.encode(&digest.finalize()))
}

fn failed(path: &Path, why: impl ToString) -> StoreError {
    StoreError::File { path: path.display().to_string(), why: why.to_string() }
}
