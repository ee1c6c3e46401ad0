//! Labels that people put on an issue, as marks: `TLP:RED`, `tlp-amber`, `confidential`, `classification/restricted`.
//!
//! Knows how labels are written: without blanks, and with whatever stands between a name and its value.

use super::of_name;
use crate::{
    model::terms::Tlp,
    source::words::{Handled, Vocabulary},
};

/// What stands between the name and the value of a label and nowhere else.
const PLAIN: [char; 3] = [':', '=', '/'];

/// What also stands between words.
const SOFT: [char; 3] = ['-', '_', ' '];

/// What a label says of who may read its issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum Tag {
    /// A class.
    Says(Tlp),
    /// Something about it that nobody understands: it counts as the strictest class.
    Unclear,
}

/// Reads a label as a mark; none where it says nothing about who may read its issue.
pub(in crate::source) fn of_label(label: &str, words: &Vocabulary) -> Option<Tag> {
    let text = words.folded(label);
    let plain = text.replace(SOFT, " ");
    let alone = || [&text, &plain].into_iter().filter_map(|text| words.alone(text)).max();
    let is_spelled = text.contains("tlp");
    let said = valued(&text, words);
    let spelled = || of_name(&plain, words).or_else(|| of_name(&text, words));
    match (said, alone().or_else(|| if is_spelled { spelled() } else { None })) {
        (Some(Tag::Says(one)), Some(other)) => Some(Tag::Says(one.max(other))),
        (Some(Tag::Unclear) | None, Some(tlp)) => Some(Tag::Says(tlp)),
        (Some(tag), None) => Some(tag),
        (None, None) => is_written(&text).then_some(Tag::Unclear),
    }
}

/// The value behind the name of a handling, such as `classification: restricted`.
fn valued(text: &str, words: &Vocabulary) -> Option<Tag> {
    let splits = text.char_indices().filter(|(_, c)| PLAIN.contains(c) || SOFT.contains(c));
    for (at, between) in splits {
        let (name, value) = (
            text.get(..at)?,
            text.get(at..)?.trim_start_matches(|c| PLAIN.contains(&c) || SOFT.contains(&c)),
        );
        if !words.is_handling(name) {
            continue;
        }
        match words.handled(value) {
            Handled::Says(tlp) => return Some(Tag::Says(tlp)),
            // Between words a blank or a hyphen stands as well: `classification-needed` is no class.
            Handled::Unclear if PLAIN.contains(&between) => return Some(Tag::Unclear),
            Handled::Unclear | Handled::Nothing => {}
        }
    }
    None
}

/// Whether a label is written like a mark of the Traffic Light Protocol, whatever it says.
fn is_written(text: &str) -> bool {
    let rest = text.strip_prefix("tlp").map(|rest| rest.trim_start_matches(SOFT));
    rest.is_some_and(|rest| rest.starts_with(PLAIN) && rest.contains(char::is_alphabetic))
}
