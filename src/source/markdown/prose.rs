//! Paragraphs: one that is labelled as an action is a finding, any other is left to a person.

use super::{
    Reader,
    block::{Block, Kind},
    item::{self, Entry},
    text::Text,
};
use crate::{
    model::fate::Aside,
    source::{reference::Lead, words::Standing},
};

/// Reads the prose behind a label for a single action; `details` explain it.
pub(super) fn single(reader: &mut Reader<'_>, at: usize, text: &Text, details: &[Block], around: Standing) {
    let rest = details.iter().collect();
    let entry = Entry { at, ticked: None, first: text.clone(), rest, around, prefix: None };
    item::take(reader, &entry);
}

/// Reads the blocks below a label for a single action: the first paragraph says it, the others explain it.
pub(super) fn single_below(reader: &mut Reader<'_>, blocks: &[Block], around: Standing) {
    if let Some((first, rest)) = blocks.split_first()
        && let Kind::Paragraph(text) = &first.kind
    {
        single(reader, first.at.start, text, rest, around);
    }
}

/// Reads prose where several actions were announced: nobody but a person can tell them apart.
pub(super) fn several(reader: &mut Reader<'_>, at: usize, text: &Text) {
    let plain = text.plain();
    let label = plain.ends_with([':', '：']) && item::leads(reader, text, &[]).is_empty();
    if reader.words().is_none(&plain) {
        return reader.explicit_none(at);
    }
    if reader.words().is_template(&text.with_gaps()) {
        return reader.account.aside(at, Aside::Template);
    }
    if text.is_italic() || label || plain.is_empty() {
        return;
    }
    let collects = item::leads(reader, text, &[]).contains(&Lead::Collection);
    if collects {
        reader.collection(at);
    }
    item::candidate(reader, at, &plain, if collects { "collection_link" } else { "prose_candidate" });
}
