//! Writing files that are nobody's but ours.
//!
//! Knows how a file is made that only its owner reads, how another one takes its place at once, and that somebody else
//! may have put a link where it is to be. Knows nothing of what is written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Creates a file that must not be there yet, be it as a link, readable by its owner alone.
///
/// # Errors
/// It is there already, or cannot be made.
pub fn create(path: &Path) -> io::Result<File> {
    private().read(true).write(true).create_new(true).open(path)
}

/// Creates a folder with those above it, for its owner alone; one that is there stays as it is.
///
/// # Errors
/// It cannot be made.
pub fn folder(path: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only unix has a mode to set"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Puts bytes into a file that is new, or in the place of the one that is there, onto the disk: whoever reads it finds
/// the old ones or these. It is readable by its owner alone, whatever the old one was.
///
/// # Errors
/// Nothing was changed.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    put(path, bytes, None, true)
}

/// As [`replace`], with the permissions of the file that is there.
///
/// # Errors
/// Nothing was changed.
pub fn rewrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    put(path, bytes, Some(fs::metadata(path)?.permissions()), true)
}

/// As [`replace`], for what may be lost when the power fails.
///
/// # Errors
/// Nothing was changed.
pub fn jot(path: &Path, bytes: &[u8]) -> io::Result<()> {
    put(path, bytes, None, false)
}

/// Opens a file that stays for good, or makes it. What stands there must be that file: neither a link nor the second
/// name of another one.
///
/// # Errors
/// It is something else, or cannot be opened.
pub fn open(path: &Path) -> io::Result<File> {
    let file = unfollowed(private().read(true).write(true).create(true).truncate(false)).open(path);
    let file = file.map_err(|error| if is_link(path) { link() } else { error })?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(io::Error::other("is not a file"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(&facts) > 1 {
        return Err(io::Error::other("has a second name (a hard link); remove the other one"));
    }
    Ok(file)
}

/// Reads a small file that we wrote; a link in its place is none.
///
/// # Errors
/// It is not there, is something else or is no text.
pub fn read(path: &Path) -> io::Result<String> {
    io::read_to_string(unfollowed(OpenOptions::new().read(true)).open(path)?)
}

/// Whether what stands at a path is a link, wherever it leads.
pub fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink())
}

/// Whether others than its owner can read a file. A file of the system's own that one group may read is how containers
/// are handed secrets.
pub fn is_exposed(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).is_ok_and(|facts| {
            facts.is_file() && (facts.mode() & 0o007 != 0 || facts.mode() & 0o070 != 0 && facts.uid() != 0)
        })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// A file that takes the place of another one once it is written: until then that one stands as it is.
#[derive(Debug)]
pub struct Replacement {
    file: File,
    fresh: PathBuf,
    path: PathBuf,
    is_kept: bool,
}

impl Replacement {
    /// Begins a file, readable by its owner alone, that is to stand at a path. It is written beside it, with the name of our process
    /// in its own, so that two of them do not meet; one that a dead process of the same name left behind is removed first, which
    /// follows no link.
    ///
    /// # Errors
    /// Something else than a file stands there, or the new one cannot be made.
    pub fn begin(path: &Path) -> io::Result<Self> {
        // A device or a pipe would be replaced by a file.
        if fs::metadata(path).is_ok_and(|facts| !facts.is_file()) {
            return Err(io::Error::other("is not a file"));
        }
        let fresh = beside(path)?;
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        Ok(Self { file: create(&fresh)?, fresh, path: path.to_owned(), is_kept: false })
    }

    /// Puts it onto the disk and in its place.
    ///
    /// # Errors
    /// Nothing was changed.
    pub fn keep(self) -> io::Result<()> {
        self.file.sync_all()?;
        self.rename()
    }

    fn rename(mut self) -> io::Result<()> {
        fs::rename(&self.fresh, &self.path)?;
        self.is_kept = true;
        Ok(())
    }
}

impl io::Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_kept {
            // Of no use to anybody; where it cannot be removed, its name says whose it is.
            let _ = fs::remove_file(&self.fresh);
        }
    }
}

fn put(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>, synced: bool) -> io::Result<()> {
    let mut fresh = Replacement::begin(path)?;
    if let Some(permissions) = permissions {
        fresh.file.set_permissions(permissions)?;
    }
    fresh.write_all(bytes)?;
    if synced { fresh.keep() } else { fresh.rename() }
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::other("is not the name of a file"))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    Ok(path.with_file_name(hidden))
}

fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only unix has a mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The options of an open that fails where a link stands, and does not wait for the other end of a pipe.
fn unfollowed(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            options,
            i32::try_from(flags.bits()).unwrap_or_default(),
        );
    }
    options
}

fn link() -> io::Error {
    io::Error::other("is a link, which is not followed; remove it")
}
