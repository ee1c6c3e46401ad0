//! Files of a source: which ones its patterns name, and their bytes.
//!
//! Knows folders and patterns. Nothing outside the root is read, and what cannot be read is never taken for absent (invariant 3 of `src/ARCHITECTURE.md`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Shelf, Source, dialect::Dialect, format};
use crate::model::{
    conventions::Conventions, document::FileStat, ids::SourceName, observed::Observed, postmortem::Document,
};

/// Longest time that a file system calls one instant; the coarsest count in steps of two seconds.
const TICK: TimeDelta = TimeDelta::seconds(3);

/// What is said of a FIFO, a socket or a device where a file was expected.
const NO_FILE: &str = "it is a FIFO, a socket or a device, and not a file";

/// Files that are not as they were when they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Those that say something else now, or were not there.
    pub edited: BTreeSet<String>,
    /// Those that say the same, with what the file system says of them now.
    pub same: BTreeMap<String, FileStat>,
    /// Those that are not there any more.
    pub gone: BTreeSet<String>,
}

impl Source {
    /// Reads every file that the patterns name, sorted by path. Unknown when the root is not there or no file matches: an empty
    /// list would mean that every finding has disappeared. What the shelf holds of a file whose bytes are the same is not
    /// parsed again. Blocks on the file system.
    pub fn read(&self, shelf: &mut Shelf) -> Observed<Vec<Document>> {
        let root = match self.root.canonicalize() {
            Ok(root) if root.is_dir() => root,
            Ok(_) => return Observed::unknown(format!("`{}` is not a folder", self.root.display())),
            Err(error) => return Observed::unknown(format!("the folder `{}`: {error}", self.root.display())),
        };
        let mut found = BTreeMap::new();
        for pattern in &self.files {
            if let Err(why) = matching(&root, pattern, &mut found) {
                return Observed::unknown(why);
            }
        }
        let dialect = Dialect::of(&self.conventions);
        let mut documents = Vec::new();
        for (path, file) in &found {
            let found = self.documents(&root, path, file, &dialect, shelf);
            documents.extend(found.into_iter().map(Document::without_fates));
        }
        shelf.keep(&documents);
        if documents.is_empty() {
            let patterns = self.files.join(", ");
            return Observed::unknown(format!("no file in `{}` matches {patterns}", root.display()));
        }
        Observed::Known(documents)
    }

    /// The files that are not as they were when they were read, in a cycle that began at `since`. Where what the file system says of
    /// one is not what it said, or it was written to just before, which it may have been twice within one tick of its clock, its
    /// bytes are held against their digest. None where the patterns name no file, or one that cannot be reached. Blocks on the
    /// file system.
    pub fn altered(
        &self,
        mut known: BTreeMap<String, (FileStat, String)>,
        since: DateTime<Utc>,
    ) -> Option<Rewritten> {
        let root = self.root.canonicalize().ok()?;
        let mut found = BTreeMap::new();
        for pattern in &self.files {
            matching(&root, pattern, &mut found).ok()?;
        }
        let settled = (since - TICK).timestamp_nanos_opt().unwrap_or_default();
        let mut rewritten = Rewritten::default();
        let mut is_empty = true;
        for (path, file) in found {
            let real = file.ok()?.canonicalize().ok().filter(|real| real.starts_with(&root))?;
            let meta = fs::metadata(&real).ok()?;
            if meta.is_dir() {
                continue;
            }
            // Whoever opens a FIFO waits for somebody to write.
            if !meta.is_file() {
                return None;
            }
            is_empty = false;
            let Some((was, digest)) = known.remove(&path) else {
                rewritten.edited.insert(path);
                continue;
            };
            let is = stat(&meta);
            if was == is && is.changed_ns < settled {
                continue;
            }
            if !fs::read(&real).is_ok_and(|bytes| format::digest(&bytes) == digest) {
                rewritten.edited.insert(path);
            } else if was != is {
                rewritten.same.insert(path, is);
            }
        }
        rewritten.gone = known.into_keys().collect();
        (!is_empty).then_some(rewritten)
    }

    /// Reads some of the files again, as [`Self::read`] does. Blocks on the file system.
    pub fn read_again(&self, paths: &BTreeSet<String>, shelf: &mut Shelf) -> Observed<Vec<Document>> {
        let root = match self.root.canonicalize() {
            Ok(root) => root,
            Err(error) => return Observed::unknown(format!("the folder `{}`: {error}", self.root.display())),
        };
        let dialect = Dialect::of(&self.conventions);
        let read = |path: &String| self.documents(&root, path, &Ok(root.join(path)), &dialect, shelf);
        let documents: Vec<Document> = paths.iter().flat_map(read).map(Document::without_fates).collect();
        shelf.add(&documents);
        Observed::Known(documents)
    }

    /// The documents of one file; none when it is a folder.
    fn documents(
        &self,
        root: &Path,
        path: &str,
        file: &Found,
        dialect: &Dialect,
        shelf: &mut Shelf,
    ) -> Vec<Document> {
        let refuse = |code: &str, message: String, help: &str| {
            vec![format::unreadable(&self.name, path, code, message, help)]
        };
        let file = match file {
            Ok(file) => file,
            Err(why) => return refuse("unreadable", why.clone(), "check its permissions"),
        };
        match file.canonicalize() {
            Err(error) => refuse(
                "unreadable",
                format!("the file cannot be reached: {error}"),
                "mend or remove the link",
            ),
            Ok(real) if !real.starts_with(root) => {
                let help = "copy the file into the folder, or make its folder a source of its own";
                refuse("outside_root", "the file leads out of the folder of its source".to_owned(), help)
            }
            Ok(real) if real.is_dir() => Vec::new(),
            Ok(real) if !real.is_file() => {
                refuse("not_a_file", NO_FILE.to_owned(), "remove it, or put a file in its place")
            }
            Ok(real) => {
                let mut documents = load(&self.name, path, &real, self.max_bytes, dialect, shelf);
                documents.iter_mut().for_each(|document| self.locate(document));
                documents
            }
        }
    }

    /// Says where people find a document that does not say so itself.
    fn locate(&self, document: &mut Document) {
        let Some(address) = &self.conventions.address else { return };
        if let Observed::Known(postmortem) = &mut document.postmortem {
            let at = || address.replace("{path}", &encoded(&document.path));
            postmortem.url.get_or_insert_with(at);
        }
    }
}

/// A path as addresses have it (RFC 3986, 2.3).
fn encoded(path: &str) -> String {
    let mut encoded = String::new();
    for byte in path.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) => encoded.push(char::from(b)),
            b => encoded.push_str(&format!("%{b:02X}")),
        }
    }
    encoded
}

/// Reads the named files and all files in the named folders, hidden ones left out. Blocks on the file system.
pub fn read_paths(
    source: &SourceName,
    paths: &[PathBuf],
    max_bytes: u64,
    conventions: &Conventions,
) -> Vec<Document> {
    let mut found = BTreeMap::new();
    for path in paths {
        walk(path, &mut found);
    }
    let dialect = Dialect::of(conventions);
    found
        .iter()
        .flat_map(|(name, file)| match file {
            Ok(file) => load(source, name, file, max_bytes, &dialect, &mut Shelf::default()),
            Err(why) => vec![format::unreadable(
                source,
                name,
                "unreadable",
                why.clone(),
                "check the path and its permissions",
            )],
        })
        .collect()
}

/// The text of a file that was read already, with one kind of line breaks; none when it is another one now, or no text.
pub(super) fn text(file: &Path, hash: &str, max_bytes: u64, conventions: &Conventions) -> Option<String> {
    let size = fs::metadata(file).ok()?.len();
    if size > max_bytes {
        return None;
    }
    let bytes = fs::read(file).ok()?;
    let is_same = format::digest(&bytes) == hash;
    is_same.then(|| format::text(&slashed(file), &bytes, &Dialect::of(conventions))).flatten()
}

/// A file, or why it cannot be reached.
type Found = Result<PathBuf, String>;

fn matching(root: &Path, pattern: &str, found: &mut BTreeMap<String, Found>) -> Result<(), String> {
    let outside = Path::new(pattern).is_absolute() || pattern.split('/').any(|part| part == "..");
    if outside {
        return Err(format!("the pattern `{pattern}` leaves the folder of its source"));
    }
    let escaped = glob::Pattern::escape(&root.to_string_lossy());
    let whole = format!("{escaped}/{pattern}");
    let files = glob::glob(&whole)
        .map_err(|error| format!("the pattern `{pattern}` cannot be read: {}", error.msg))?;
    for file in files {
        match file {
            Ok(file) => found.insert(relative(root, &file), Ok(file)),
            Err(error) => {
                let why = format!("the folder cannot be read: {}", error.error());
                found.insert(relative(root, error.path()), Err(why))
            }
        };
    }
    Ok(())
}

/// A path below the root with `/` between its parts.
fn relative(root: &Path, file: &Path) -> String {
    slashed(file.strip_prefix(root).unwrap_or(file))
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

/// Collects a file, or the files below a folder. Links below a folder are not followed, so that no loop can form.
fn walk(path: &Path, found: &mut BTreeMap<String, Found>) {
    let mut waiting = vec![path.to_path_buf()];
    while let Some(next) = waiting.pop() {
        let named = next == path;
        let below = if named || !next.is_symlink() { fs::metadata(&next) } else { continue };
        match below {
            Ok(meta) if meta.is_dir() => match fs::read_dir(&next) {
                Ok(entries) => {
                    for entry in entries {
                        match entry.map(|entry| entry.path()) {
                            Ok(path) if is_hidden(&path) => {}
                            Ok(path) => waiting.push(path),
                            Err(error) => {
                                found.insert(
                                    slashed(&next),
                                    Err(format!("the folder cannot be read: {error}")),
                                );
                            }
                        }
                    }
                }
                Err(error) => {
                    found.insert(slashed(&next), Err(format!("the folder cannot be read: {error}")));
                }
            },
            Ok(meta) if meta.is_file() => {
                found.insert(slashed(&next), Ok(next));
            }
            Ok(_) => {
                found.insert(slashed(&next), Err(NO_FILE.to_owned()));
            }
            Err(error) => {
                found.insert(slashed(&next), Err(format!("the file cannot be reached: {error}")));
            }
        }
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn load(
    source: &SourceName,
    path: &str,
    file: &Path,
    max_bytes: u64,
    dialect: &Dialect,
    shelf: &mut Shelf,
) -> Vec<Document> {
    let refuse =
        |code: &str, message: String, help: &str| vec![format::unreadable(source, path, code, message, help)];
    let (size, stat) = match fs::metadata(file) {
        Ok(meta) => (meta.len(), stat(&meta)),
        Err(error) => {
            return refuse(
                "unreadable",
                format!("the file cannot be read: {error}"),
                "check its permissions",
            );
        }
    };
    if size > max_bytes {
        let message = format!("the file has {size} bytes, more than the {max_bytes} that are read");
        let refused = refuse("too_large", message, "split it, or raise `max_bytes` of its source");
        return with_stat(refused, stat);
    }
    let documents = match fs::read(file) {
        Ok(bytes) => {
            let kept = shelf.take(path, &bytes);
            let parse = || {
                shelf.count();
                let (first, others) = format::documents(source, path, &bytes, dialect);
                std::iter::once(first).chain(others).collect()
            };
            kept.unwrap_or_else(parse)
        }
        Err(error) => {
            refuse("unreadable", format!("the file cannot be read: {error}"), "check its permissions")
        }
    };
    with_stat(documents, stat)
}

/// The documents of one file with what the file system said of it: before it was read, so that what is written while it is
/// read shows the next time.
fn with_stat(mut documents: Vec<Document>, stat: FileStat) -> Vec<Document> {
    for document in &mut documents {
        document.stat = Some(stat);
    }
    documents
}

fn stat(meta: &fs::Metadata) -> FileStat {
    let modified = meta.modified().ok().map(DateTime::<Utc>::from);
    let modified_ns = modified.and_then(|at| at.timestamp_nanos_opt()).unwrap_or_default();
    let (changed_ns, inode) = numbers(meta).unwrap_or((modified_ns, 0));
    FileStat { size: meta.len(), modified_ns, changed_ns, inode }
}

/// When anything about a file last changed, and its number, where the system knows them.
#[cfg(unix)]
fn numbers(meta: &fs::Metadata) -> Option<(i64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec()), meta.ino()))
}

/// When anything about a file last changed, and its number, where the system knows them.
#[cfg(not(unix))]
fn numbers(_meta: &fs::Metadata) -> Option<(i64, u64)> {
    None
}
