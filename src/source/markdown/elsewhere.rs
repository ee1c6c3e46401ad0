//! What may be an action although nothing around it says so: open checkboxes, marks in running text, items with an owner or a
//! deadline, tables of actions in parts about something else. A person decides about each.

use super::{
    Fate, Reader,
    block::{Block, Item, Kind, List, Table},
    detail::Details,
    item,
    label::{labelled_due, labelled_owner},
    phrase, table,
    text::{SOFT_BREAK, Text},
};
use crate::{
    model::{fate::Aside, terms::Column},
    source::words::{Standing, opening},
};

/// Longest name in the brackets of a mark, in bytes: `AI(ana):`.
const LONGEST_NAME: usize = 60;

/// Looks for marks of actions in running text.
pub(super) fn paragraph(reader: &mut Reader<'_>, at: usize, text: &Text) -> bool {
    let plain = text.plain();
    let raw = plain.as_str();
    let marks: Vec<usize> = starts(raw).filter(|start| is_mark(reader, raw.get(*start..))).collect();
    let ends = marks.iter().skip(1).copied().chain([raw.len()]);
    for (start, end) in marks.iter().zip(ends) {
        let said = raw.get(*start..end).unwrap_or_default();
        let sentence = phrase::sentence_end(said, reader.words()).unwrap_or(said.len());
        item::candidate(reader, at, said.get(..sentence).unwrap_or_default().trim(), "actions_elsewhere");
    }
    !marks.is_empty()
}

/// Where sentences of a text begin, behind signs that only adorn them.
fn starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    let ends = text.match_indices(['.', '!', '?', ';', '。', '—', '–', SOFT_BREAK]);
    let ends = ends.map(|(at, mark)| at + mark.len());
    [0].into_iter().chain(ends).filter_map(|end| {
        let rest = text.get(end..)?;
        let start = end + rest.find(|c: char| c.is_alphanumeric() || c == '[')?;
        (end == 0 || start > end).then_some(start)
    })
}

fn is_mark(reader: &Reader<'_>, text: Option<&str>) -> bool {
    let Some(text) = text else { return false };
    reader.words().inline_markers.iter().any(|mark| {
        let Some(rest) = opening(text, mark).and_then(|length| text.get(length..)) else { return false };
        !mark.ends_with('(') || rest.find(')').is_some_and(|at| at < LONGEST_NAME)
    })
}

/// Looks for what may be actions among the items of a list that announces none.
pub(super) fn list(reader: &mut Reader<'_>, list: &List) {
    list.items.iter().for_each(|item| list_item(reader, item));
}

/// Looks whether an item may be an action, else at the lists below it.
pub(super) fn list_item(reader: &mut Reader<'_>, item: &Item) {
    let (first, below) = match item.blocks.split_first() {
        Some((first, below)) => (first, below),
        None => return,
    };
    if let Kind::Paragraph(text) = &first.kind
        && takes(reader, item, text, below)
    {
        reader.account.owns(item.at.start, below);
        return;
    }
    for block in &item.blocks {
        match &block.kind {
            Kind::List(inner) => list(reader, inner),
            Kind::Table(found) => table(reader, block.at.start, found, false),
            Kind::Heading(..) | Kind::Paragraph(_) | Kind::Quote(_) | Kind::Html(_) | Kind::Other => {}
        }
    }
}

fn takes(reader: &mut Reader<'_>, item: &Item, text: &Text, below: &[Block]) -> bool {
    let plain = text.plain();
    let words = reader.words();
    let passed = match (item.ticked, words.is_none(&plain)) {
        _ if words.is_template(&text.with_gaps()) => Some(Aside::Template),
        (_, true) => Some(Aside::SaysNone),
        (Some(true), _) => Some(Aside::Done),
        (Some(false) | None, _) => None,
    };
    if let Some(why) = passed {
        reader.account.aside(item.at.start, why);
        return false;
    }
    if item.ticked == Some(false) || follows(reader, &plain, below) {
        item::candidate(reader, item.at.start, &plain, "actions_elsewhere");
        return true;
    }
    paragraph(reader, item.at.start, text)
}

/// Whether a line names an owner or a deadline behind a label, itself or right below it.
fn follows(reader: &Reader<'_>, plain: &str, below: &[Block]) -> bool {
    let below: Vec<&Block> = below.iter().collect();
    let details = Details::of(&below, reader.words());
    let labelled = labelled_owner(plain, reader.words()).filter(|(range, _)| range.start > 0);
    let due = labelled_due(plain, reader.dialect);
    let dated = due.is_some_and(|(range, _)| {
        range.start > 0 && plain.get(range).is_some_and(|said| said.contains([':', '：']))
    });
    let digits = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let nested = details.value(Column::Owner).is_some() || details.value(Column::Due).is_some_and(digits);
    labelled.is_some() || dated || nested
}

/// Looks at a table that is no plan for sure: one in a part about something else, or one of actions that nobody follows.
pub(super) fn table(reader: &mut Reader<'_>, at: usize, found: &Table, aside: bool) {
    let words = reader.words();
    let headers = table::headers(found);
    let has = |column: Column| headers.iter().any(|header| words.column(header) == Some(column));
    let planned = table::is_plan(found, words) && (has(Column::Due) || has(Column::Tracker));
    let acts =
        headers.iter().any(|header| words.column(header) == Some(Column::Title) && words.is_action(header));
    let history = headers.iter().any(|header| words.is_history(header));
    if planned || (!aside && acts && !history) {
        reader.with_fate(Fate::Candidates, |reader| table::read(reader, at, found, Standing::Open));
    } else if history && !aside {
        reader.account.rows_aside(found, &Aside::History);
    }
}

/// Takes each row of a table that may list actions although none of its columns is known to.
pub(super) fn rows(reader: &mut Reader<'_>, found: &Table) {
    for row in &found.rows {
        let cells: Vec<String> = row.cells.iter().map(Text::plain).filter(|cell| !cell.is_empty()).collect();
        let said = cells.join(" — ");
        if !cells.iter().all(|cell| reader.words().is_template(cell) || reader.words().says_nothing(cell)) {
            item::candidate(reader, row.at.start, &said, "prose_candidate");
        } else {
            reader.account.aside(row.at.start, Aside::Template);
        }
    }
}
