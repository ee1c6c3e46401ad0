//! Texts within Jira's limits (32,767 characters of a text, as its refusals say): cut on grapheme boundaries, never in the middle of a mark.

use std::collections::BTreeSet;

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation as _;

use super::{adf, markdown::printable, wiki};
use crate::model::issue::TrackerKind;

/// Jira's limit is "less than 255".
const SUMMARY: usize = 254;

/// Longest label.
const LABEL: usize = 255;

/// Jira's limit is 32,767 characters of the *converted* text; this leaves room for what a site's own converters add.
const RENDERED: usize = 28_000;

/// A title as a summary: one line, not empty, within the limit.
pub(super) fn summary(title: &str) -> String {
    let line = printable(title).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "(no title)".to_owned();
    }
    if line.encode_utf16().count() <= SUMMARY {
        return line;
    }
    format!("{}\u{2026}", prefix(&line, SUMMARY - 1).trim_end())
}

/// Labels as Jira takes them: without white space, which makes it refuse the whole request.
pub(super) fn labels<'a>(labels: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    let slug = |label: &String| {
        let joined = printable(label).split_whitespace().collect::<Vec<_>>().join("-");
        prefix(&joined, LABEL).to_owned()
    };
    labels.into_iter().map(slug).filter(|label| !label.is_empty()).collect()
}

/// Markdown as the rich text of an edition, within the limit. What is cut off is said to be cut off.
pub(super) fn rich(kind: TrackerKind, markdown: &str) -> Value {
    let mut kept = markdown.len();
    let mut rendered = render(kind, markdown);
    // The rendered length grows with the source, so shrinking in proportion ends after a few rounds.
    while size(&rendered) > RENDERED && kept > 0 {
        let fitting = kept.saturating_mul(RENDERED) / size(&rendered).max(1);
        kept = fitting.min(kept - 1) / 50 * 49;
        let cut = prefix(markdown, kept);
        kept = cut.len().min(kept);
        rendered = render(kind, &format!("{cut}\n\n\u{2026} (cut: the full text is in the postmortem)"));
    }
    rendered
}

fn render(kind: TrackerKind, markdown: &str) -> Value {
    match kind {
        TrackerKind::JiraDataCenter => Value::String(wiki::text(markdown)),
        TrackerKind::JiraCloud | TrackerKind::Github => adf::document(markdown),
    }
}

fn size(rendered: &Value) -> usize {
    rendered
        .as_str()
        .map_or_else(|| rendered.to_string().encode_utf16().count(), |text| text.encode_utf16().count())
}

/// The longest prefix of whole graphemes that has at most so many UTF-16 units, which is how Java counts.
fn prefix(text: &str, units: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.encode_utf16().count();
        if used > units {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}
