//! Pages of a wiki as documents: each body is read as a page in a file is.
//!
//! Knows no wiki; it is handed what one says of a page. Who may see the page is for whoever hands it over to say with a label.

use std::collections::BTreeMap;

use super::{dialect::Dialect, format};
use crate::model::{conventions::Conventions, ids::SourceName, postmortem::Document};

/// A page as a wiki has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageText {
    /// What names it for good, however it is renamed and moved; the path of its document.
    pub key: String,
    /// The version that the wiki gives it; empty when it gives none.
    pub revision: String,
    /// Its title.
    pub title: String,
    /// Where people read it.
    pub url: String,
    /// Its text in Confluence's storage format.
    pub body: String,
    /// Its labels; one that names a class makes the page as strict.
    pub labels: Vec<String>,
    /// Names of the people whom it mentions, by account id, user key or login. Who is not among them is not named.
    pub people: BTreeMap<String, String>,
}

/// The documents that pages are. One whose body is longer than `max_bytes` is unknown, and spoils no other.
pub fn read_pages(
    source: &SourceName,
    pages: &[PageText],
    max_bytes: u64,
    conventions: &Conventions,
) -> Vec<Document> {
    let dialect = Dialect::of(conventions);
    let read = |page: &PageText| {
        let size = page.body.len();
        if size as u64 <= max_bytes {
            return format::of_page(source, page, &dialect);
        }
        let message = format!("the page has {size} bytes, more than the {max_bytes} that are read");
        let help = "split it, or raise `max_bytes` of its source";
        format::unreadable(source, &page.key, "too_large", message, help)
    };
    pages.iter().map(read).map(Document::without_fates).collect()
}
