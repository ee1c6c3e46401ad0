//! What is written like a reference and leads nowhere: told once for each action, with its place.
//!
//! Knows the texts of actions. What a reference looks like is known elsewhere.

use std::collections::BTreeSet;

use super::{
    Fate, Reader,
    block::{Block, Row},
    detail::fields,
    item::collect,
    text::{SOFT_BREAK, Text},
};
use crate::{
    model::{postmortem::Level, terms::Column},
    source::astray::{self, Astray},
};

/// Longest line that states something, in bytes.
const LONGEST: usize = 300;
/// Most words of a label.
const WORDS: usize = 3;
/// Columns whose cells are never references.
const OTHERS: [Column; 9] = [
    Column::Id,
    Column::Severity,
    Column::Priority,
    Column::Due,
    Column::Class,
    Column::Kind,
    Column::Owner,
    Column::Team,
    Column::Postmortem,
];

/// Something that is written like a reference and leads nowhere, and where it stands in the document.
pub(super) type Lost = (usize, Astray);

/// Looks through the text of an action and the blocks below it.
pub(super) fn below(reader: &mut Reader<'_>, first: &Text, rest: &[&Block]) {
    let mut texts = vec![first];
    rest.iter().for_each(|block| collect(block, &mut texts));
    labels(reader, &texts);
    keep(reader, texts.into_iter().map(|text| (text, false)));
}

/// Tells labels below an action that nobody knows: those that are a slip away from one, and those beside others that are known.
fn labels(reader: &mut Reader<'_>, texts: &[&Text]) {
    if reader.fate == Fate::Candidates {
        return;
    }
    let words = reader.words();
    let document = reader.lines.text();
    let lines = texts.iter().flat_map(|text| {
        let raw = text.raw();
        let starts = raw.match_indices([SOFT_BREAK, '\n']).map(|(at, mark)| at + mark.len());
        let starts: Vec<usize> = std::iter::once(0).chain(starts).collect();
        let line = |start: usize| raw.get(start..)?.split([SOFT_BREAK, '\n']).next().map(str::to_owned);
        let at = |start: usize| Some((offset(text, start, document), line(start)?));
        starts.into_iter().filter_map(at).collect::<Vec<_>>()
    });
    let lines: Vec<(usize, String)> = lines.skip(1).filter(|(_, line)| line.len() <= LONGEST).collect();
    let known = lines.iter().any(|(_, line)| !fields(line, words).is_empty());
    for (at, line) in &lines {
        let Some((label, value)) = line.split_once([':', '：']) else { continue };
        let label = label.trim();
        let is_label = label.starts_with(char::is_alphabetic) && label.split(' ').count() <= WORDS;
        if !is_label || value.starts_with("//") || value.trim().is_empty() || words.label(label).is_some() {
            continue;
        }
        let near = words.near_label(label);
        if near.is_some() || (known && !words.is_recommendation(label)) {
            let message = format!("nobody knows the label `{label}`, so what stands behind it is only text");
            let help = near.map_or_else(
                || "leave it if it is only for people".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let level = if near.is_some() { Level::Warning } else { Level::Info };
            reader.notes.add(level, "unknown_label", reader.lines.place(*at), message, &help);
        }
    }
}

/// Looks through the cells of a row.
pub(super) fn beside(reader: &mut Reader<'_>, columns: &[Option<Column>], row: &Row) {
    let cells = columns.iter().zip(&row.cells);
    let may = cells.filter(|(column, _)| !column.is_some_and(|column| OTHERS.contains(&column)));
    keep(reader, may.map(|(column, cell)| (cell, *column == Some(Column::Tracker))));
}

/// Tells what leads nowhere, now that every id of the write-up is known: `AU-2` may be one of them.
pub(super) fn settle(reader: &mut Reader<'_>) {
    let found = reader.findings.iter().filter_map(|(_, finding)| finding.id.as_deref());
    let ids = found.chain(reader.ids.keys().map(String::as_str));
    let own: BTreeSet<String> = ids.filter_map(astray::project).map(str::to_owned).collect();
    for (at, lost) in std::mem::take(&mut reader.lost) {
        if !lost.project().is_some_and(|project| own.contains(project)) {
            let (level, message, help) = lost.complaint();
            reader.notes.add(level, "unknown_reference", reader.lines.place(at), message, help);
        }
    }
}

fn keep<'t>(reader: &mut Reader<'_>, texts: impl Iterator<Item = (&'t Text, bool)>) {
    if reader.fate == Fate::Candidates {
        return;
    }
    for (text, tracks) in texts {
        let linked = text.visible().any(|span| span.link.is_some());
        let found = astray::find(&readable(text), tracks && !linked, reader.dialect);
        let document = reader.lines.text();
        let placed = found.into_iter().map(|lost| (offset(text, lost.at.start, document), lost));
        reader.lost.extend(placed.collect::<Vec<_>>());
    }
}

/// What people read, with blanks for code and links.
fn readable(text: &Text) -> String {
    let mut said = String::new();
    for span in text.visible() {
        if span.mark.code || span.link.is_some() {
            said.extend(std::iter::repeat_n(' ', span.text.len()));
        } else {
            said.push_str(&span.text);
        }
    }
    said
}

/// Where something that people read stands in the document. A line break in a span is one of the document, however its lines begin.
fn offset(text: &Text, at: usize, document: &str) -> usize {
    let mut start = 0;
    for span in text.visible() {
        if at < start + span.text.len() {
            let before = span.text.get(..at - start).unwrap_or_default();
            let (above, line) = before.rsplit_once([SOFT_BREAK, '\n']).unwrap_or(("", before));
            let breaks = before.matches([SOFT_BREAK, '\n']).count();
            let whole = document.get(span.at..).unwrap_or_default();
            let found = breaks.checked_sub(1).and_then(|n| whole.match_indices('\n').nth(n));
            return match found {
                Some((end, _)) => {
                    let next = whole.get(end + 1..).unwrap_or_default();
                    let blank = next.len() - next.trim_start_matches([' ', '\t', '>']).len();
                    span.at + end + 1 + blank + line.len()
                }
                None => span.at + above.len() + line.len(),
            };
        }
        start += span.text.len();
    }
    text.spans.first().map_or(0, |span| span.at)
}
