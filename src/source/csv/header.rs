//! The header of a table: what stands between its cells, and what each column holds.

use std::collections::BTreeSet;

use super::{
    Reader,
    record::{Cell, Record, Records},
};
use crate::{
    model::{postmortem::Level, terms::Column},
    source::{
        dialect::Dialect,
        identity,
        markdown::shorten,
        place::Notes,
        words::{Exported, squeeze},
    },
};

/// What may stand between cells.
const DELIMITERS: [char; 3] = [',', ';', '\t'];
/// Most columns of a table.
const WIDEST: usize = 200;

/// What stands between the cells of a table: the only thing that divides its header, or the one that divides it into most
/// columns that are known. None, with an error noted, when that does not decide.
pub(super) fn delimiter(text: &str, dialect: &Dialect, notes: &mut Notes) -> Option<char> {
    let heads = DELIMITERS.iter().filter_map(|delimiter| {
        let head = Records::of(text, *delimiter).next()?.ok()?;
        (head.cells.len() > 1).then_some((*delimiter, head))
    });
    let divides = |text: &str| text.contains(DELIMITERS);
    let n_known = |head: &Record| {
        let whole = head.cells.iter().take(WIDEST).filter(|cell| !divides(&cell.text));
        whole.filter(|cell| dialect.words.column(&cell.text).is_some()).count()
    };
    let mut divided: Vec<(usize, char)> =
        heads.map(|(delimiter, head)| (n_known(&head), delimiter)).collect();
    divided.sort_by(|a, b| b.cmp(a));
    match divided.as_slice() {
        [] => Some(','),
        [(_, only)] => Some(*only),
        [(most, first), (next, _), ..] if most > next => Some(*first),
        _ => {
            let message =
                "commas, semicolons or tabs: more than one of them may divide this header".to_owned();
            let help = "put header cells that hold one of them in quotes";
            notes.add(Level::Error, "ambiguous_delimiter", (1, 1), message, help);
            None
        }
    }
}

/// How many rows below the header are looked at to tell what a column holds.
pub(super) const SAMPLE: usize = 50;
/// How many lines above a header are looked at.
const HIGHEST: usize = 30;
/// Columns that a header has at least which does not stand in the first line.
const CERTAIN: usize = 3;

/// How many lines stand above the header: none, unless the first line is no header and a later one certainly is.
pub(super) fn lines_above(text: &str, delimiter: char, dialect: &Dialect) -> usize {
    let fields = |record: &Record| -> BTreeSet<Column> {
        record.cells.iter().filter_map(|cell| dialect.words.column(&squeeze(&cell.text))).collect()
    };
    let certain = |fields: &BTreeSet<Column>| fields.contains(&Column::Title) && fields.len() >= CERTAIN;
    let heads: Vec<BTreeSet<Column>> =
        Records::of(text, delimiter).take(HIGHEST).map_while(Result::ok).map(|head| fields(&head)).collect();
    match heads.first() {
        Some(first) if !first.contains(&Column::Title) => heads.iter().position(certain).unwrap_or_default(),
        Some(_) | None => 0,
    }
}

/// Whether the header of a table proves that its bytes were decoded as they were written: it names an action, and a known word in it
/// has a letter that ASCII has not.
pub(super) fn proves(text: &str, dialect: &Dialect) -> bool {
    let foreign = |cell: &Cell| cell.text.contains(|c: char| !c.is_ascii() && c.is_alphabetic());
    let proves = |head: &Record| {
        let words = &dialect.words;
        let titled = head.cells.iter().any(|cell| words.column(&squeeze(&cell.text)) == Some(Column::Title));
        let known = head.cells.iter().any(|cell| foreign(cell) && words.is_column(&squeeze(&cell.text)));
        let jira = words.of_jira(head.cells.iter().map(|cell| cell.text.as_str()));
        let exported = jira.into_iter().flatten().zip(&head.cells);
        (titled && known) || exported.into_iter().any(|(what, cell)| what.is_some() && foreign(cell))
    };
    let heads = |delimiter: &char| {
        Records::of(text, *delimiter).take(HIGHEST).map_while(Result::ok).any(|head| proves(&head))
    };
    DELIMITERS.iter().any(heads)
}

/// What each column holds. None, with an error noted, when no column says what must be done.
pub(super) fn columns(reader: &mut Reader<'_>, head: &Record, sample: &[Record]) -> Vec<Column> {
    let n_named = head.cells.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
    if n_named > WIDEST {
        let message = format!("the table has {n_named} columns, more than the {WIDEST} that are read");
        reader.error("too_many_columns", head.at, message, "leave out what is only for people");
        return Vec::new();
    }
    let named = head.cells.get(..n_named).unwrap_or_default();
    reader.jira = reader.dialect.words.of_jira(named.iter().map(|cell| cell.text.as_str()));
    if let Some(jira) = &reader.jira {
        return jira.iter().map(|what| what.map_or(Column::Ignore, Exported::column)).collect();
    }
    let texts = || named.iter().map(|cell| cell.text.as_str());
    if let Some(dojo) = reader.dialect.words.of_dojo(texts()) {
        reader.flags = dojo.iter().map(|what| what.flag()).collect();
        return dojo.iter().map(|what| what.column()).collect();
    }
    let github = reader.dialect.words.is_of_github(texts());
    let mut columns: Vec<Column> = Vec::new();
    let mut unknown = Vec::new();
    for (number, cell) in named.iter().enumerate() {
        let header = squeeze(&cell.text);
        let of_github = reader.dialect.words.of_github(&header).filter(|_| github);
        let column = match of_github.or_else(|| reader.dialect.words.column(&header)) {
            Some(Column::Title) => titled(reader, &mut columns, named, (number, &header), sample),
            Some(column @ (Column::Description | Column::Tracker | Column::Ignore)) => column,
            Some(Column::Severity) if tells_risks(reader, number, &header, sample) => Column::Description,
            Some(Column::Status) if reader.dialect.words.is_weak_status(&header) => {
                answered(reader, number, &header, sample)
            }
            Some(column) if !columns.contains(&column) => column,
            Some(_) | None => {
                if !reader.dialect.words.is_handling(&cell.text) {
                    unknown.push(cell);
                }
                Column::Ignore
            }
        };
        columns.push(column);
    }
    if !columns.contains(&Column::Title) {
        let headers: Vec<String> =
            named.iter().map(|cell| format!("`{}`", shorten(&squeeze(&cell.text), 40))).collect();
        let message =
            format!("no column of this table says what must be done; it has {}", headers.join(", "));
        let help = "call that column `Action`, or name it under `columns` of its source, such as `columns: { Measure: title }`";
        reader.error("no_action_column", head.at, message, help);
        return Vec::new();
    }
    for cell in unknown {
        let header = shorten(&squeeze(&cell.text), 80);
        let message = format!("nobody knows what the column `{header}` holds, so it is not read");
        let help = "rename it or name it under `columns` of its source; leave it when it is only for people";
        reader.warn("unmapped_column", cell.at, message, help);
    }
    columns
}

fn tells_risks(reader: &Reader<'_>, number: usize, header: &str, sample: &[Record]) -> bool {
    let cells = sample.iter().filter_map(|record| record.cells.get(number)).map(|cell| cell.text.as_str());
    reader.dialect.words.tells_risks(header, cells)
}

/// What a column of answers holds: how far each thing is, or texts.
fn answered(reader: &mut Reader<'_>, number: usize, header: &str, sample: &[Record]) -> Column {
    let cells = sample.iter().filter_map(|record| record.cells.get(number)).map(|cell| cell.text.as_str());
    if reader.dialect.words.tells_answers(header, cells) {
        return Column::Description;
    }
    reader.answers.insert(number);
    Column::Status
}

/// What a column holds whose header may say what must be done. A table may name what is wrong and what must be done: the first is the
/// title, the others say more. A general header such as `Item` gives way to one that is plainer; then it holds ids, or says more.
fn titled(
    reader: &Reader<'_>,
    columns: &mut [Column],
    named: &[Cell],
    (number, header): (usize, &str),
    sample: &[Record],
) -> Column {
    let words = &reader.dialect.words;
    let beside = |number: usize| {
        let cells = sample.iter().filter_map(|record| record.cells.get(number));
        let mut ids = cells.filter(|cell| !cell.text.is_empty()).peekable();
        let numbered =
            |cell: &Cell| identity::is_slug(&cell.text) && cell.text.contains(|c: char| c.is_ascii_digit());
        if ids.peek().is_some() && ids.all(numbered) { Column::Id } else { Column::Description }
    };
    let Some(first) = columns.iter().position(|column| *column == Column::Title) else {
        return Column::Title;
    };
    let general = named.get(first).is_some_and(|cell| words.is_weak_title(&cell.text));
    if general && !words.is_weak_title(header) {
        let owned = named.iter().any(|cell| words.column(&squeeze(&cell.text)) == Some(Column::Owner));
        let person = !owned && named.get(first).is_some_and(|cell| words.is_name(&cell.text));
        let instead = if person { Column::Owner } else { beside(first) };
        let becomes = Some(instead).filter(|column| !columns.contains(column)).unwrap_or(Column::Description);
        columns.get_mut(first).into_iter().for_each(|column| *column = becomes);
        return Column::Title;
    }
    Some(beside(number))
        .filter(|column| *column == Column::Description || !columns.contains(column))
        .unwrap_or(Column::Description)
}
