//! Our own part of an issue's body: where it begins and ends, and what stands in it.
//!
//! Knows the two lines around it and the marker in front. Knows nothing of any tracker; text outside the two lines
//! belongs to people and is never touched (invariant 5).

use std::ops::Range;

use crate::model::ids::Marker;

/// The line before our part.
pub const BEGIN: &str = "<!-- postmortem-sync:begin -->";

/// The line after our part.
pub const END: &str = "<!-- postmortem-sync:end -->";

/// The block of a body; none when its two lines are not there exactly once and in order.
pub fn block_of(body: &str) -> Option<&str> {
    body.get(range_of(body)?)
}

/// The body with another block in the place of its own; every byte outside is kept.
/// None when the body has no place for one.
pub fn with_block(body: &str, block: &str) -> Option<String> {
    let range = range_of(body)?;
    let (before, after) = (body.get(..range.start)?, body.get(range.end..)?);
    Some(format!("{before}\n{}\n{after}", block.trim()))
}

/// A whole new body: the marker first, so that no limit cuts it off, then the block between its lines.
pub fn new_body(marker: &Marker, block: &str) -> String {
    format!("<!-- {marker} -->\n{BEGIN}\n{}\n{END}", block.trim())
}

/// The first marker of a body. We write it on the first line, but people put text above it, and an issue that is not
/// recognised would be created again. Within a line it is a quotation.
pub fn marker_of(body: &str) -> Option<Marker> {
    body.lines().find_map(marker_in)
}

fn marker_in(line: &str) -> Option<Marker> {
    let text = line.trim().strip_prefix("<!--")?.strip_suffix("-->")?.trim();
    let is_marker = text.starts_with("pm1-") && !text.contains(char::is_whitespace);
    is_marker.then(|| Marker::new(text))
}

/// The bytes between the two lines. A body in which a line stands twice has been edited: nothing in it is ours to
/// replace.
fn range_of(body: &str) -> Option<Range<usize>> {
    let (begin, end) = (only(body, BEGIN)?, only(body, END)?);
    let start = begin + BEGIN.len();
    (start <= end).then_some(start..end)
}

fn only(body: &str, line: &str) -> Option<usize> {
    let mut found = body.match_indices(line);
    let (at, _) = found.next()?;
    found.next().is_none().then_some(at)
}
