//! The database's file and the lock beside it.
//!
//! Knows files, permissions and mounts. Knows no SQL. Never opens a database file that SQLite may have open:
//! closing it again would drop SQLite's own locks.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use super::StoreError;

/// Creates the file of a database unless it is there, readable by its owner alone, and returns its one true path.
/// SQLite gives the files it puts beside it the same permissions.
///
/// # Errors
/// [`StoreError::File`] if it cannot be created, is not a file, or is on a network file system (I15).
pub fn prepare(path: &Path) -> Result<PathBuf, StoreError> {
    match private().write(true).create_new(true).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(path, error)),
    }
    let path = fs::canonicalize(path).map_err(|error| failed(path, error))?;
    if !path.is_file() {
        return Err(failed(&path, io::Error::new(io::ErrorKind::InvalidInput, "is not a file")));
    }
    // Not every system has this table; where it is missing nothing can be said.
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    match network_mount(&mounts, &path) {
        None => Ok(path),
        Some(kind) => Err(failed(&path, io::Error::new(io::ErrorKind::Unsupported, refusal(&kind)))),
    }
}

/// Takes the lock beside a database, and writes the holder into it for whoever is refused.
///
/// Dropping the file frees it, and so does the system when the process dies, however it dies (I14).
/// The file itself stays: removing it would let two processes lock two files.
///
/// # Errors
/// [`StoreError::Locked`] if another holder has it, [`StoreError::File`] if the file cannot be used.
pub fn lock(database: &Path, holder: &str) -> Result<File, StoreError> {
    let path = lock_path(database);
    let open = private().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = open.map_err(|error| failed(&path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { holder: named(&mut file) }),
        Err(TryLockError::Error(error)) => return Err(failed(&path, error)),
    }
    inscribe(&mut file, holder).map_err(|error| failed(&path, error))?;
    Ok(file)
}

/// The kind of the network file system that a path is on, by the text of `/proc/self/mountinfo`.
///
/// None when it is local. SQLite's locks are not safe there, and nor is ours (`reliability.md`, "What we must not promise").
pub fn network_mount(mounts: &str, path: &Path) -> Option<String> {
    let (_, kind) = mounts
        .lines()
        .filter_map(mount)
        .filter(|(point, _)| path.starts_with(point))
        // Of equally deep mounts the later one covers the earlier one, and `max_by_key` returns the last.
        .max_by_key(|(point, _)| point.components().count())?;
    NETWORK.contains(&kind).then(|| kind.to_owned())
}

const NETWORK: &[&str] = &[
    "afs",
    "ceph",
    "cifs",
    "fuse.cephfs",
    "fuse.glusterfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "smb3",
    "smbfs",
];

/// Mount point and kind of a line such as `36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw` (proc(5)).
fn mount(line: &str) -> Option<(PathBuf, &str)> {
    let (place, kind) = line.split_once(" - ")?;
    let point = place.split(' ').nth(4)?;
    let point = point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    Some((PathBuf::from(point), kind.split(' ').next()?))
}

fn refusal(kind: &str) -> String {
    format!(
        "is on a network file system ({kind}), where locks and writes cannot be relied on; use a local disk"
    )
}

fn lock_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    PathBuf::from(path)
}

fn inscribe(file: &mut File, holder: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(holder.as_bytes())
}

/// The name in a lock file. It is for people: an empty or unreadable one is no error.
fn named(file: &mut File) -> String {
    let mut name = String::new();
    let read = file.take(200).read_to_string(&mut name);
    match read {
        Ok(_) if !name.trim().is_empty() => name.trim().to_owned(),
        Ok(_) | Err(_) => "another process".to_owned(),
    }
}

fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only unix has a mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn failed(path: &Path, source: io::Error) -> StoreError {
    StoreError::File { path: path.display().to_string(), source }
}
