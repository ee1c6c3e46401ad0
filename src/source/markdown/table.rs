//! Tables of actions: one row, one action; headers say which column holds what.

pub(super) use super::block::Table;
use super::{
    Fate, Reader, astray,
    block::Row,
    boxes, item,
    label::Due,
    phrase::{self, phrase},
    text::Text,
};
use crate::{
    model::{
        fate::Aside,
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

/// The headers of a table, as far as they are looked at.
pub(super) fn headers(table: &Table) -> Vec<String> {
    table.head.iter().take(WIDEST).map(Text::plain).collect()
}

/// Whether a column of a table says what must be done, or may say so.
pub(super) fn is_titled(table: &Table, words: &Vocabulary) -> bool {
    let titles = |header: &String| matches!(words.column(header), Some(Column::Title | Column::Description));
    headers(table).iter().any(titles)
}

/// Whether a table outside every section of actions is a plan of actions: it has a column of actions and one of what follows them,
/// and does not tell what happened when.
pub(super) fn is_plan(table: &Table, words: &Vocabulary) -> bool {
    let headers = headers(table);
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
        reader.account.rows_aside(table, &Aside::TooWide);
        let message = format!("a table with more than {WIDEST} columns is not read");
        let place = reader.lines.place(at);
        return reader.notes.add(Level::Warning, "unmapped_column", place, message, "split the table");
    }
    let columns = columns(reader, at, table);
    if !columns.contains(&Some(Column::Title)) {
        reader.account.rows_aside(table, &Aside::NoActionColumn);
        if reader.fate == Fate::Candidates {
            return;
        }
        let message = "no column of this table says what must be done".to_owned();
        let help = "call that column `Action`";
        let place = reader.lines.place(at);
        return reader.notes.add(Level::Warning, "unmapped_column", place, message, help);
    }
    for row in &table.rows {
        overlong(reader, row);
        if row.cells.iter().any(|cell| !cell.is_blank()) {
            let before = reader.found();
            read_row(reader, &columns, row, around);
            if reader.found() > before {
                astray::beside(reader, &columns, row);
            }
        } else {
            reader.account.aside(row.at.start, Aside::Empty);
        }
    }
}

/// What each column holds. A field that two columns claim belongs to the first; only actions may stand in two, sort by sort.
fn columns(reader: &mut Reader<'_>, at: usize, table: &Table) -> Vec<Option<Column>> {
    let words = reader.words();
    let mut columns: Vec<Option<Column>> = Vec::new();
    let sorted = |header: &Text| words.is_sort_of_actions(&header.plain());
    let titled = |header: &Text| words.column(&header.plain()) == Some(Column::Title);
    let strong = table.head.iter().any(|header| titled(header) && !words.is_weak_title(&header.plain()));
    let mut by_sort = false;
    for (number, header) in table.head.iter().enumerate() {
        let plain = header.plain();
        let mut field = words.column(&plain);
        if field == Some(Column::Severity) {
            let cells: Vec<String> =
                table.rows.iter().filter_map(|row| row.cells.get(number)).map(Text::plain).collect();
            let told = words.tells_risks(&plain, cells.iter().map(String::as_str));
            field = Some(if told { Column::Description } else { Column::Severity });
        }
        let cells: Vec<&Text> = table.rows.iter().filter_map(|row| row.cells.get(number)).collect();
        let ticks = field.is_none() && tick_boxes(&cells);
        let answers = field == Some(Column::Status) && words.is_weak_status(&plain);
        if ticks || answers {
            let cells: Vec<String> = cells.iter().map(|cell| cell.plain()).collect();
            let told = words.tells_answers(&plain, cells.iter().map(String::as_str));
            field = Some(if told { Column::Description } else { Column::Status });
        }
        if field == Some(Column::Title) && strong && words.is_weak_title(&plain) {
            let owned = table.head.iter().any(|header| words.column(&header.plain()) == Some(Column::Owner));
            field = Some(if words.is_name(&plain) && !owned { Column::Owner } else { Column::Description });
        }
        if field == Some(Column::Title) && columns.contains(&field) && !(by_sort && sorted(header)) {
            field = Some(Column::Description);
        }
        by_sort |= field == Some(Column::Title) && sorted(header);
        let repeated = columns.contains(&field)
            && !(ticks || answers || matches!(field, Some(Column::Ignore | Column::Title)));
        let unknown = field.is_none() || repeated;
        columns.push(field.filter(|_| !repeated));
        if unknown && !words.is_handling(&plain) && reader.fate != Fate::Candidates {
            let message = format!("nobody knows what the column `{plain}` holds, so it is not read");
            let help = "rename it, or leave it when it is only for people";
            let start = header.spans.first().map_or(at, |span| span.at);
            reader.notes.add(Level::Warning, "unmapped_column", reader.lines.place(start), message, help);
        }
    }
    let mut missing = |instead: Column| {
        let found = columns.iter().position(|column| *column == Some(instead));
        let absent = !columns.contains(&Some(Column::Title));
        if let Some(column) = found.filter(|_| absent).and_then(|at| columns.get_mut(at)) {
            *column = Some(Column::Title);
        }
    };
    missing(Column::Description);
    if matches!(reader.fate, Fate::Weaknesses { .. }) {
        missing(Column::Tracker);
    }
    columns
}

/// Whether a column holds nothing but checkboxes.
fn tick_boxes(cells: &[&Text]) -> bool {
    let mut said = cells.iter().filter(|cell| !cell.is_blank()).peekable();
    said.peek().is_some() && said.all(|cell| boxes::is_box(cell))
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
    let cells = columns.iter().zip(&row.cells);
    let titled: Vec<&Text> =
        cells.filter(|(field, _)| **field == Some(Column::Title)).map(|(_, cell)| cell).collect();
    let silent = |cell: &&Text| reader.words().says_nothing(&cell.plain());
    let spoken: Vec<&Text> = titled.iter().copied().filter(|cell| !silent(cell)).collect();
    let titles = if spoken.is_empty() { titled.into_iter().take(1).collect() } else { spoken };
    let titles: Vec<Text> = titles.into_iter().flat_map(listed).collect();
    for (number, title) in titles.iter().enumerate() {
        // An id is that of one action.
        let named = |column: &Option<Column>| column.filter(|field| number == 0 || *field != Column::Id);
        let columns: Vec<Option<Column>> = columns.iter().map(named).collect();
        read_action(reader, &columns, row, title, around);
    }
}

/// The actions in a cell: several where each of its lines is marked as an item of a list, without those marks.
fn listed(cell: &Text) -> Vec<Text> {
    let marked = |line: &Text| {
        if boxes::apart(line).is_some() {
            return Some(line.clone());
        }
        let raw = line.raw();
        let text = raw.trim_start();
        let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = digits.len() < text.len() && digits.starts_with(['.', ')']);
        let bullet = text.starts_with(['-', '*', '•', '–', '·', '▪', '◦', '・']);
        let end = if numbered { text.len() - digits.len() + 1 } else { text.chars().next()?.len_utf8() };
        let rest = text.get(end..).filter(|_| numbered || bullet)?;
        let apart = rest.starts_with(char::is_whitespace) || text.starts_with(['•', '・', '▪', '◦']);
        let kept = rest.trim_start();
        (apart && !kept.is_empty()).then(|| line.tail(raw.len() - kept.len()))
    };
    let lines: Vec<Text> = cell.lines().into_iter().filter(|line| !line.is_blank()).collect();
    let items: Option<Vec<Text>> = lines.iter().map(marked).collect();
    items.filter(|items| !items.is_empty()).unwrap_or_else(|| vec![cell.clone()])
}

fn read_action(
    reader: &mut Reader<'_>,
    columns: &[Option<Column>],
    row: &Row,
    title: &Text,
    around: Standing,
) {
    if !reader.has_room(row.at.start) {
        return;
    }
    let at = row.at.start;
    let (ticked, title) = match boxes::apart(title) {
        Some((ticked, title)) => (Some(ticked), title),
        None => (None, title.clone()),
    };
    let title = &title;
    let cells = |wanted: Column| -> Vec<Text> {
        let fields = columns.iter().zip(&row.cells).filter(|(field, _)| **field == Some(wanted));
        fields.map(|(_, cell)| cell.clone()).collect()
    };
    let cell = |wanted: Column| {
        let fields = columns.iter().zip(&row.cells).find(|(field, _)| **field == Some(wanted));
        fields.map(|(_, cell)| cell.clone()).unwrap_or_default()
    };
    let plain = title.plain();
    if plain.is_empty() || reader.words().is_template(&title.with_gaps()) {
        reader.account.aside(at, Aside::Template);
        let message = "this row does not say what must be done".to_owned();
        let place = reader.lines.place(at);
        return reader.notes.add(Level::Warning, "placeholder_title", place, message, "fill in the action");
    }
    if reader.words().is_none(&plain) {
        return reader.explicit_none(at);
    }
    let leads: Vec<Lead> = row.cells.iter().flat_map(|cell| item::leads(reader, cell, &[])).collect();
    let tracker = cell(Column::Tracker);
    let trackers = item::issues(&leads);
    if trackers.is_empty() && leads.contains(&Lead::Collection) {
        reader.collection(at);
        return item::candidate(reader, at, &plain, "collection_link");
    }
    let trackers = if trackers.is_empty() { other_links(&tracker) } else { trackers };
    let (more, stated) = (cells(Column::Description), cells(Column::Status));
    let row = Cells { reader, at, cell: &cell, more, stated, ticked };
    let (finding, standing) = row.finding(title, trackers, around);
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
    /// The first cell of each field.
    cell: &'r F,
    /// Every cell that says more.
    more: Vec<Text>,
    /// Every cell that says how far it is.
    stated: Vec<Text>,
    /// The checkbox before its title.
    ticked: Option<bool>,
}

impl<F: Fn(Column) -> Text> Cells<'_, '_, F> {
    fn finding(
        self,
        title: &Text,
        trackers: Vec<TrackerRef>,
        around: Standing,
    ) -> (DocumentFinding, Standing) {
        let Self { reader, at, cell, more, stated, ticked } = self;
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
        description.extend(more.iter().map(Text::markdown));
        description.retain(|part| !part.is_empty());
        let stated = stated_of(reader, at, &stated).or_else(|| beside(&cell(Column::Tracker), reader));
        let boxed = ticked.map(|ticked| if ticked { Standing::Done } else { Standing::Open });
        let standing = stated.or(phrase.standing).or(boxed).unwrap_or(around);
        let written = Some(cell(Column::Due).unstruck().plain())
            .filter(|text| !vocabulary.says_nothing(text) || date::is_period(text));
        let stated = written.as_deref().map(|text| date::stated(text, reader.dialect));
        if let (Some(Stated::Wish | Stated::Noted(_) | Stated::Words), Some(words)) = (stated, &written)
            && !vocabulary.says_nothing(words)
        {
            description.push(words.clone());
        }
        let due = written.map(Due::Unclear).or(phrase.due);
        let rated = text(Column::Severity).map(|word| reader.severity(at, &word));
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
            severity: rated.as_ref().map(|rated| rated.severity),
            severity_unclear: rated.and_then(|rated| rated.unclear),
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

/// What the status cells of a row say: what somebody declined is declined, whatever another cell says.
fn stated_of(reader: &mut Reader<'_>, at: usize, cells: &[Text]) -> Option<Standing> {
    let said: Vec<Standing> = cells.iter().filter_map(|cell| standing(reader, at, cell)).collect();
    let declined = said.contains(&Standing::Declined).then_some(Standing::Declined);
    declined.or_else(|| said.first().copied())
}

/// What a status cell says: a status, or a word such as **DONE** beside something else.
fn standing(reader: &mut Reader<'_>, at: usize, cell: &Text) -> Option<Standing> {
    let plain = cell.plain();
    if plain.is_empty() {
        return None;
    }
    let known = reader.words().standing(&plain, reader.audits());
    known.or_else(|| beside(cell, reader)).or_else(|| reader.standing(at, &plain))
}

/// What a status word beside something else says, such as `Bug 12 **DONE**`.
fn beside(cell: &Text, reader: &Reader<'_>) -> Option<Standing> {
    phrase(cell, reader.dialect).standing
}
