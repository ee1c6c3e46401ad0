//! Pages: HTML as browsers read it, and Confluence's storage format, as a tree that knows where everything stands.
//!
//! Knows markup, style sheets and the encodings that pages declare. Knows no findings and nothing of what a page is about.
//! What a page may cost is bounded: depth, number of nodes, words of a tag.

mod charset;
mod dom;
mod grow;
mod parse;
mod sheet;

pub(super) use self::{
    charset::{Encoded, as_western, decode},
    dom::{Dom, Id, Kind, ROOT},
    parse::{INSERTED, Part, TooMuch, page, parts, storage},
    sheet::{Look, Sheet, look},
};

/// How much of a file is looked at to tell what it is, in bytes.
const BEGINNING: usize = 64 << 10;

/// Whether a text is in Confluence's storage format: elements of its name spaces stand in it, and it is no export of a whole space,
/// which is XML that only carries such texts.
pub(super) fn is_storage(text: &str) -> bool {
    let beginning = text.get(..text.floor_char_boundary(BEGINNING)).unwrap_or_default();
    let marked = ["<ac:", "<ri:", "xmlns:ac=", "xmlns:ri="].iter().any(|mark| beginning.contains(mark));
    marked && !beginning.contains("<hibernate-generic")
}

/// Whether a text begins as a page does, whatever its file is called.
pub(super) fn is_page(text: &str) -> bool {
    let beginning: String = text.trim_start().chars().take(20).collect();
    let beginning = beginning.to_ascii_lowercase();
    beginning.starts_with("<!doctype html")
        || beginning.starts_with("<html>")
        || beginning.starts_with("<html ")
}
