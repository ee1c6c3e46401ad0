//! Rich texts of issues: Atlassian documents and Jira's wiki text, written anew in Confluence's storage format, which is read as
//! every other page is.
//!
//! Knows both notations and what their parts are called in the storage format. Knows no findings and no tracker.
//! What stands in a line of its own for a reader stands in one here, so that places can be told.

mod adf;
mod wiki;
mod writer;

use std::collections::BTreeMap;

pub(super) use self::{adf::storage as of_adf, wiki::is_markdown, wiki::storage as of_wiki};

/// Names of people by account.
pub(super) type People = BTreeMap<String, String>;

/// A text in the storage format.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// The text.
    pub(super) page: String,
    /// Parts of a kind that is not known, each with the byte at which it begins; their text is kept.
    pub(super) unknown: Vec<(usize, String)>,
}
