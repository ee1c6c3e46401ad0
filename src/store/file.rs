//! The database's file and the lock beside it.
//!
//! Knows files, permissions and mounts. Knows no SQL. Never opens a database file that SQLite may have open:
//! closing it again would drop SQLite's own locks.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use super::StoreError;
use crate::disk;

/// Creates the file of a database unless it is there, readable by its owner alone, and returns its one true path.
/// SQLite gives the files it puts beside it the same permissions.
///
/// # Errors
/// [`StoreError::File`] if it cannot be created, is not a file, or stands where a register cannot be kept.
pub fn prepare(path: &Path) -> Result<PathBuf, StoreError> {
    match disk::create(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(failed(path, NO_FOLDER));
        }
        Err(error) => return Err(failed(path, error)),
    }
    let path = locate(path)?;
    if !path.is_file() {
        return Err(failed(&path, "is not a file"));
    }
    hide(&path).map_err(|error| failed(&path, error))?;
    Ok(path)
}

/// The one true path of a database, which need not be there.
///
/// # Errors
/// [`StoreError::File`] if its folder does not exist, or a register cannot be kept in it.
pub fn locate(path: &Path) -> Result<PathBuf, StoreError> {
    let path = match (fs::canonicalize(path), path.file_name()) {
        (Ok(path), _) => path,
        (Err(error), Some(name)) if error.kind() == io::ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
            folder.map_err(|_| failed(path, NO_FOLDER))?.join(name)
        }
        (Err(error), _) => return Err(failed(path, error)),
    };
    // Not every system has this table; where it is missing nothing can be said.
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    match misplaced(&mounts, &path) {
        Some(why) => Err(failed(&path, why)),
        None => Ok(path),
    }
}

const NO_FOLDER: &str = "its folder does not exist; create it first";

/// Copies a file into a new one that is readable by its owner alone, and onto the disk. What a copy that was cut off
/// left there is removed first, which follows no link.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    match fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut out = disk::create(to)?;
    io::copy(&mut File::open(from)?, &mut out)?;
    out.sync_all()
}

/// Brings the names in a file's folder onto the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Only unix opens folders.
    if cfg!(unix) { File::open(folder.unwrap_or(Path::new(".")))?.sync_all() } else { Ok(()) }
}

/// The lock beside a database, held until this is dropped or the process dies, however it dies.
#[derive(Debug)]
pub struct Lock(File);

impl Drop for Lock {
    /// Says it in so many words: a child between fork and exec has the file open as well, and closing ours alone would leave
    /// the lock with it for that moment (flock(2)).
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "the register's lock is freed by closing it");
        }
    }
}

/// Takes the lock beside a database, and writes the holder into it for whoever is refused.
///
/// The file itself stays: removing it would let two processes lock two files.
///
/// # Errors
/// [`StoreError::Locked`] if another holder has it, [`StoreError::File`] if the file cannot be used.
pub fn lock(database: &Path, holder: &str) -> Result<Lock, StoreError> {
    let path = beside(database, ".lock");
    let mut file = disk::open(&path).map_err(|error| failed(&path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { holder: named(&mut file) }),
        Err(TryLockError::Error(error)) => return Err(failed(&path, error)),
    }
    let mut lock = Lock(file);
    inscribe(&mut lock.0, holder).map_err(|error| failed(&path, error))?;
    Ok(lock)
}

/// Why a register cannot be kept at a path, by the text of `/proc/self/mountinfo`; none when it can.
///
/// On a network file system neither SQLite's locks nor ours are safe (sqlite.org/lockingv3.html, section 6).
/// A file that is mounted by itself, as containers do it with single files, has its write-ahead log in the folder of
/// each container: two of them would write one file with two logs.
pub fn misplaced(mounts: &str, path: &Path) -> Option<String> {
    let (point, kind) = mounts
        .lines()
        .filter_map(mount)
        .filter(|(point, _)| path.starts_with(point))
        // Of equally deep mounts the later one covers the earlier one, and `max_by_key` returns the last.
        .max_by_key(|(point, _)| point.components().count())?;
    if NETWORK.contains(&kind) {
        return Some(format!(
            "is on a network file system ({kind}), where locks and writes cannot be relied on; use a local disk"
        ));
    }
    let alone = "is mounted by itself; mount the folder that it is in, because SQLite keeps files beside it";
    (point == path).then(|| alone.to_owned())
}

/// Other processes that have a file open, as far as the system lets us see them (proc(5)); none where nobody can say.
pub(super) fn users(path: &Path) -> Vec<u32> {
    let is_open = |pid: &u32| {
        let opened = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        opened.filter_map(|file| fs::read_link(file.path()).ok()).any(|opened| opened == path)
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    let mut users: Vec<u32> = pids.filter(|pid| *pid != std::process::id()).filter(is_open).collect();
    users.sort_unstable();
    users
}

/// MiB that are free for us where a path is; none when nobody can say.
pub fn free(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        const MIB: u64 = 1 << 20;
        let facts = rustix::fs::statvfs(path).ok().filter(|facts| facts.f_blocks > 0)?;
        Some(facts.f_bavail.saturating_mul(facts.f_frsize) / MIB)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

const NETWORK: &[&str] = &[
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "fuse.blobfuse",
    "fuse.blobfuse2",
    "fuse.cephfs",
    "fuse.gcsfuse",
    "fuse.glusterfs",
    "fuse.grpcfuse",
    "fuse.juicefs",
    "fuse.mfs",
    "fuse.mountpoint-s3",
    "fuse.osxfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.seaweedfs",
    "fuse.sshfs",
    "fuse.vmhgfs-fuse",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "prl_fs",
    "smb3",
    "smbfs",
    "vboxsf",
];

/// Mount point and kind of a line such as `36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw` (proc(5)).
fn mount(line: &str) -> Option<(PathBuf, &str)> {
    let (place, kind) = line.split_once(" - ")?;
    let point = place.split(' ').nth(4)?;
    let point = point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    Some((PathBuf::from(point), kind.split(' ').next()?))
}

/// Takes a database from everybody but its owner: it holds finding texts and the key of the markers, whatever
/// permissions a copy came with. What SQLite left beside it gets the same ones, also where they were given when the
/// file itself could only be read. A second name would get a lock and a log of its own.
fn hide(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let facts = fs::metadata(path)?;
        if facts.nlink() > 1 {
            return Err(io::Error::other("has a second name (a hard link); remove the other one"));
        }
        let wanted = facts.mode() & 0o700;
        for path in [beside(path, "-wal"), beside(path, "-shm"), beside(path, "-journal")] {
            if disk::is_link(&path) {
                let name = path.display();
                return Err(io::Error::other(format!("{name} is a link, which is not followed; remove it")));
            }
        }
        for path in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
            match fs::metadata(&path) {
                Ok(facts) if facts.mode() & 0o777 == wanted => {}
                Ok(_) => fs::set_permissions(&path, fs::Permissions::from_mode(wanted))?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// The path of a file that belongs to a database and is beside it.
pub(super) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(suffix);
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

fn failed(path: &Path, why: impl ToString) -> StoreError {
    StoreError::File { path: path.display().to_string(), why: why.to_string() }
}
