//! Where a register stands, by which a copy of its folder is told from the register itself.
//!
//! Knows files. A name of a machine is no part of it: a pod has another one after each start.

use std::path::Path;

/// Where a register stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    /// The one true path of its file.
    pub(super) path: String,
    /// The number of the file in its file system.
    pub(super) inode: String,
    /// The id of that file system.
    pub(super) filesystem: String,
}

impl Home {
    /// Where a file is; none where the system does not tell.
    pub(super) fn of(file: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let inode = std::fs::metadata(file).ok()?.ino().to_string();
            let filesystem = rustix::fs::statvfs(file).ok()?.f_fsid.to_string();
            Some(Self { path: file.display().to_string(), inode, filesystem })
        }
        #[cfg(not(unix))]
        {
            let _ = file;
            None
        }
    }

    /// Whether what stands here is a copy of what stood there.
    ///
    /// A file that was moved keeps its number. A backup that was put back has another one and stands where the register
    /// stood. A copy has neither.
    pub(super) fn is_copy_of(&self, before: &Self) -> bool {
        self.inode != before.inode && (self.path != before.path || self.filesystem != before.filesystem)
    }
}
