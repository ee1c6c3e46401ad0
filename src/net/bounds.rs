//! How much a listing may be, and all listings of a cycle: a tracker that sends without end is not read without end.
//!
//! Knows pages, bytes and time. What is beyond a bound makes the whole listing an error; a part of it is never taken for
//! the whole.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::NetError;

/// What a listing, or all listings of a cycle, may come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Pages.
    pub pages: usize,
    /// Bytes of all pages together.
    pub bytes: usize,
    /// From the first page on.
    pub time: Duration,
}

impl Bounds {
    /// One listing: fifty thousand issues of ten kilobytes, as an issue of ours with all that GitHub says of it is.
    pub const LISTING: Self =
        Self { pages: 3000, bytes: 512 * 1024 * 1024, time: Duration::from_secs(15 * 60) };

    /// All listings that one cycle reads from one tracker.
    pub const CYCLE: Self =
        Self { pages: 20_000, bytes: 2048 * 1024 * 1024, time: Duration::from_secs(60 * 60) };
}

/// What was read so far.
#[derive(Clone, Copy, Debug)]
struct Read {
    pages: usize,
    bytes: usize,
    begun: Instant,
}

impl Read {
    fn new() -> Self {
        Self { pages: 0, bytes: 0, begun: Instant::now() }
    }

    fn count(&mut self, bytes: usize) {
        self.pages += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// What is beyond the bounds; none when all is within them.
    fn excess(&self, bounds: Bounds) -> Option<String> {
        let mib = bounds.bytes / (1024 * 1024);
        match self {
            Self { bytes, .. } if *bytes > bounds.bytes => Some(format!("{mib} MiB")),
            Self { pages, .. } if *pages > bounds.pages => Some(format!("{} pages", bounds.pages)),
            Self { begun, .. } if begun.elapsed() > bounds.time => {
                Some(format!("{} minutes", bounds.time.as_secs() / 60))
            }
            Self { .. } => None,
        }
    }
}

/// What all listings of a cycle came to so far.
#[derive(Debug)]
pub struct Spent(Mutex<Read>);

impl Default for Spent {
    fn default() -> Self {
        Self(Mutex::new(Read::new()))
    }
}

impl Spent {
    /// A cycle begins.
    pub fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Read::new();
    }

    /// A listing begins.
    pub fn listing(&self) -> Listing<'_> {
        Listing { spent: self, bounds: Bounds::LISTING, read: Read::new() }
    }

    fn count(&self, bytes: usize) -> Option<String> {
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        read.count(bytes);
        read.excess(Bounds::CYCLE)
    }
}

/// One listing while it is read.
#[derive(Debug)]
pub struct Listing<'a> {
    spent: &'a Spent,
    bounds: Bounds,
    read: Read,
}

impl Listing<'_> {
    /// Counts one more page of so many bytes.
    ///
    /// # Errors
    /// [`NetError::Malformed`] once the listing, or all of this cycle together, is more than it may be.
    pub fn page(&mut self, bytes: usize) -> Result<(), NetError> {
        self.read.count(bytes);
        let beyond = |what: &str, most: String| NetError::Malformed {
            why: format!(
                "{what} more than {most}; it is not read to its end, and nothing is concluded from it"
            ),
        };
        if let Some(most) = self.read.excess(self.bounds) {
            return Err(beyond("a list comes to", most));
        }
        match self.spent.count(bytes) {
            Some(most) => Err(beyond("the lists that this cycle reads come to", most)),
            None => Ok(()),
        }
    }
}
