//! By what findings and issues are found, as columns hold it. Knows no database.

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::plan::identity::asks_for;

/// The digest of what a finding asks for, by its title, as texts are compared; empty where that is too short to tell.
pub fn alike(title: &str) -> String {
    let digest = |text: String| HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    let mut digest = asks_for(title).map(digest).unwrap_or_default();
    digest.truncate(32);
    digest
}

/// A name without regard to case.
pub fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// An address without its scheme, and without what leads to a place within the page; empty for what is no address.
pub fn page(url: &str) -> String {
    let Some((_, rest)) = url.split_once("://") else { return String::new() };
    let page = rest.split(['?', '#']).next().unwrap_or(rest);
    page.trim_end_matches('/').to_ascii_lowercase()
}
