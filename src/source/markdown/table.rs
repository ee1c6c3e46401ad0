//! Tables of actions: one row, one action; headers say which column holds what.

use super::{
    Reader,
    block::{Row, Table},
    item,
    label::Due,
    phrase::{self, phrase},
    text::Text,
};
use crate::{
    model::{
        postmortem::{DocumentFinding, Level, TrackerRef},
        terms::{Class, Column, Work},
    },
    source::{
        date::{self, Stated},
        reference::Lead,
        words::{Standing, Vocabulary},
    },
};

/// Most columns that a table of actions may have.
const WIDEST: usize = 100;

/// Whether a table outside every section of actions is a plan of actions: it has a column of actions and one of what follows them,
/// and does not tell what happened when.
pub(super) fn is_plan(table: &Table, words: &Vocabulary) -> bool {
    let headers: Vec<String> = table.head.iter().take(WIDEST).map(Text::plain).collect();
    let fields: Vec<Column> = headers.iter().filter_map(|header| words.column(header)).collect();
    let acts =
        headers.iter().any(|header| words.column(header) == Some(Column::Title) && words.is_action(header));
    let followed = fields.iter().any(|field| {
        matches!(
            field,
            Column::Owner | Column::Due | Column::Status | Column::Tracker | Column::Priority | Column::Kind
        )
    });
    acts && followed && !headers.iter().any(|header| words.is_history(header))
}

/// Reads a table of actions.
pub(super) fn read(reader: &mut Reader<'_>, at: usize, table: &Table, around: Standing) {
    if table.head.len() > WIDEST {
        let message = format!("a table with more than {WIDEST} columns is not read");
        let place = reader.lines.place(at);
        return reader.notes.add(Level::Warning, "unmapped_column", place, message, "split the table");
    }
    let columns = columns(reader, at, table);
    if !columns.contains(&Some(Column::Title)) {
        let message = "no column of this table says what must be done".to_owned();
        let help = "call that column `Action`";
        let place = reader.lines.place(at);
        return reader.notes.add(Level::Warning, "unmapped_column", place, message, help);
    }
    for row in &table.rows {
        overlong(reader, row);
        if row.cells.iter().any(|cell| !cell.is_blank()) {
            read_row(reader, &columns, row, around);
        }
    }
}

/// What each column holds. A field that two columns claim belongs to the first.
fn columns(reader: &mut Reader<'_>, at: usize, table: &Table) -> Vec<Option<Column>> {
    let mut columns: Vec<Option<Column>> = Vec::new();
    for header in &table.head {
        let plain = header.plain();
        let mut field = reader.words().column(&plain);
        if field == Some(Column::Title) && columns.contains(&field) {
            field = Some(Column::Description);
        }
        let repeated = columns.contains(&field) && field != Some(Column::Ignore);
        if field.is_none() && reader.words().is_handling(&plain) {
            columns.push(None);
            continue;
        }
        if field.is_none() || repeated {
            let message = format!("nobody knows what the column `{plain}` holds, so it is not read");
            let help = "rename it, or leave it when it is only for people";
            let start = header.spans.first().map_or(at, |span| span.at);
            reader.notes.add(Level::Warning, "unmapped_column", reader.lines.place(start), message, help);
            field = None;
        }
        columns.push(field);
    }
    if !columns.contains(&Some(Column::Title))
        && let Some(column) = columns.iter_mut().find(|column| **column == Some(Column::Description))
    {
        *column = Some(Column::Title);
    }
    columns
}

/// Warns of a row with more cells than the header: what stands in them is not read.
fn overlong(reader: &mut Reader<'_>, row: &Row) {
    let end = row.cells.iter().flat_map(|cell| &cell.spans).map(|span| span.at + span.text.len()).max();
    let tail = end.and_then(|end| reader.lines.text().get(end..row.at.end)).unwrap_or_default();
    let full = row.cells.last().is_some_and(|cell| !cell.is_blank());
    let beyond = tail.split_once('|').is_some_and(|(_, beyond)| beyond.contains(char::is_alphanumeric));
    if full && beyond {
        let message = "this row has more cells than the header, so the last ones are not read".to_owned();
        let help = "escape a `|` inside a cell as `\\|`";
        reader.notes.add(Level::Warning, "long_row", reader.lines.place(row.at.start), message, help);
    }
}

fn read_row(reader: &mut Reader<'_>, columns: &[Option<Column>], row: &Row, around: Standing) {
    if !reader.has_room(row.at.start) {
        return;
    }
    let at = row.at.start;
    let cell = |wanted: Column| {
        let fields = columns.iter().zip(&row.cells).find(|(field, _)| **field == Some(wanted));
        fields.map(|(_, cell)| cell.clone()).unwrap_or_default()
    };
    let title = cell(Column::Title);
    let plain = title.plain();
    if plain.is_empty() || reader.words().is_placeholder(&plain) {
        let message = "this row does not say what must be done".to_owned();
        let place = reader.lines.place(at);
        return reader.notes.add(Level::Warning, "placeholder_title", place, message, "fill in the action");
    }
    if reader.words().is_none(&plain) {
        return reader.explicit_none(at);
    }
    let all: Vec<&Text> = row.cells.iter().collect();
    let mut leads: Vec<Lead> = all.iter().flat_map(|cell| item::leads(reader, cell, &[])).collect();
    let tracker = cell(Column::Tracker);
    let trackers = item::issues(&leads);
    if trackers.is_empty() && leads.contains(&Lead::Collection) {
        reader.collection(at);
        return item::candidate(reader, at, &plain, "collection_link");
    }
    leads.clear();
    let trackers = if trackers.is_empty() { other_links(&tracker) } else { trackers };
    let (finding, standing) = Cells { reader, at, cell: &cell }.finding(&title, trackers, around);
    item::push(reader, at, finding, standing);
}

/// A link in the tracker column that no rule recognises is kept as it is.
fn other_links(tracker: &Text) -> Vec<TrackerRef> {
    let links = tracker.visible().filter_map(|span| span.link.clone());
    links.filter(|url| url.starts_with("http")).map(|url| TrackerRef::Other { url }).collect()
}

/// One row, by field.
struct Cells<'r, 'a, F> {
    reader: &'r mut Reader<'a>,
    at: usize,
    cell: &'r F,
}

impl<F: Fn(Column) -> Text> Cells<'_, '_, F> {
    fn finding(
        self,
        title: &Text,
        trackers: Vec<TrackerRef>,
        around: Standing,
    ) -> (DocumentFinding, Standing) {
        let Self { reader, at, cell } = self;
        let vocabulary = reader.words();
        let text = |field: Column| Some(cell(field).plain()).filter(|text| !vocabulary.says_nothing(text));
        let mut lines = title.lines().into_iter();
        let first = lines.next().unwrap_or_default();
        let raw = first.raw();
        let leading = phrase::leading_id(&raw);
        let first = first.part(leading.as_ref().map_or(0, |(_, length)| *length)..usize::MAX);
        let comment = title.html().filter_map(item::comment_id).next();
        let id = text(Column::Id)
            .or(comment)
            .or(leading.map(|(id, _)| id))
            .and_then(|id| reader.accept_id(id, at));
        let phrase = phrase(&first, reader.dialect);
        let mut description: Vec<String> = lines.map(|line| line.markdown()).collect();
        description.push(cell(Column::Description).markdown());
        description.retain(|part| !part.is_empty());
        let stated =
            standing(&cell(Column::Status), reader).or_else(|| beside(&cell(Column::Tracker), reader));
        let standing = stated.or(phrase.standing).unwrap_or(around);
        let written =
            Some(cell(Column::Due).unstruck().plain()).filter(|text| !vocabulary.says_nothing(text));
        let stated = written.as_deref().map(|text| date::stated(text, reader.dialect));
        if let (Some(Stated::Wish | Stated::Noted(_) | Stated::Words), Some(words)) = (stated, &written) {
            description.push(words.clone());
        }
        let due = match (stated, written) {
            (Some(Stated::Wish), _) => None,
            (_, Some(written)) => Some(Due::Unclear(written)),
            (_, None) => phrase.due,
        };
        let finding = DocumentFinding {
            id,
            title: if phrase.title.is_empty() { first.plain() } else { phrase.title },
            description: (!description.is_empty()).then(|| description.join("\n\n")),
            class: text(Column::Class).and_then(|word| {
                reader.known(at, "class", &word, |word| Class::parse(&word.replace([' ', '-'], "_")))
            }),
            kind: text(Column::Kind)
                .filter(|word| work(word).is_none())
                .and_then(|word| reader.known(at, "kind", &word, |word| vocabulary.action_kind(word))),
            work: text(Column::Kind).and_then(|word| work(&word)),
            severity: text(Column::Severity).map(|word| reader.severity(at, &word)),
            priority: text(Column::Priority)
                .and_then(|word| reader.known(at, "priority", &word, |word| vocabulary.priority(word))),
            owner: text(Column::Owner).or(phrase.owner),
            team: text(Column::Team),
            due: reader.date(due, at),
            criteria: text(Column::Criteria),
            trackers,
            claimed: standing.claimed(),
            ..item::blank(reader.lines.place(at).0)
        };
        (finding, standing)
    }
}

/// A column called "type" may hold the work kind instead of the action's.
fn work(word: &str) -> Option<Work> {
    Work::parse(&word.trim().replace([' ', '-'], "_"))
}

/// What a status cell says: a status word, or one before more words.
fn standing(cell: &Text, reader: &Reader<'_>) -> Option<Standing> {
    let plain = cell.plain();
    if plain.is_empty() {
        return None;
    }
    let first = plain.split([',', ';', '(', ':']).next().unwrap_or_default();
    let words = reader.words();
    words.status(&plain).or_else(|| words.status(first)).or_else(|| beside(cell, reader))
}

/// What a status word beside something else says, such as `Bug 12 **DONE**`.
fn beside(cell: &Text, reader: &Reader<'_>) -> Option<Standing> {
    phrase(cell, reader.dialect).standing
}
