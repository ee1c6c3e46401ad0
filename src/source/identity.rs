//! Ids of write-ups from the names of their files: the folder does not matter, so moving a file changes nothing.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::model::ids::PostmortemId;

/// Longest id.
const LONGEST: usize = 64;
/// Longest suffix that is taken for a file extension.
const LONGEST_EXTENSION: usize = 8;

/// The id that a file's name gives.
pub(super) fn of_path(path: &str) -> PostmortemId {
    PostmortemId::new(slug(stem(path)))
}

/// A file's name without its folder and all its extensions.
pub(super) fn stem(path: &str) -> &str {
    let mut name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    while let Some((before, extension)) = name.rsplit_once('.') {
        let plain = extension.starts_with(|c: char| c.is_ascii_alphabetic())
            && extension.chars().all(|c| c.is_ascii_alphanumeric())
            && extension.len() <= LONGEST_EXTENSION;
        if !plain || before.is_empty() {
            break;
        }
        name = before;
    }
    name
}

/// Whether a text is an id as the strict format allows it.
pub(super) fn is_slug(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// A text in the alphabet of ids. What the alphabet cannot tell apart, a digest of the whole text does.
pub(super) fn slug(text: &str) -> String {
    if is_slug(text) {
        return text.to_owned();
    }
    let mut slug = String::new();
    for c in text.nfkc() {
        match c {
            _ if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') => slug.push(c),
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    let slug = slug.trim_matches(['-', '.', '_']);
    let lost = text.nfkc().any(|c| !c.is_ascii() && c.is_alphanumeric());
    if !lost && !slug.is_empty() && slug.len() <= LONGEST {
        return slug.to_owned();
    }
    let digest = HEXLOWER.encode(&Sha256::digest(text.nfkc().collect::<String>().as_bytes()));
    let digest = digest.get(..8).unwrap_or_default();
    let head: String = slug.chars().take(LONGEST - 1 - digest.len()).collect();
    match head.trim_end_matches(['-', '.', '_']) {
        "" => format!("doc-{digest}"),
        head => format!("{head}-{digest}"),
    }
}
