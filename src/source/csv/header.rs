//! The header of a table: what stands between its cells, and what each column holds.

use super::{
    Reader,
    record::{Record, Records},
};
use crate::{
    model::{postmortem::Level, terms::Column},
    source::{dialect::Dialect, markdown::shorten, place::Notes, words::squeeze},
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

/// What each column holds. None, with an error noted, when no column says what must be done.
pub(super) fn columns(reader: &mut Reader<'_>, head: &Record) -> Vec<Column> {
    let n_named = head.cells.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
    if n_named > WIDEST {
        let message = format!("the table has {n_named} columns, more than the {WIDEST} that are read");
        reader.error("too_many_columns", head.at, message, "leave out what is only for people");
        return Vec::new();
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut unknown = Vec::new();
    for cell in head.cells.iter().take(n_named) {
        let column = match reader.dialect.words.column(&squeeze(&cell.text)) {
            // A table may name what is wrong and what must be done: the first is the title, the others say more.
            Some(Column::Title) if columns.contains(&Column::Title) => Column::Description,
            Some(column @ (Column::Description | Column::Tracker | Column::Ignore)) => column,
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
    if !columns.contains(&Column::Title)
        && let Some(column) = columns.iter_mut().find(|column| **column == Column::Description)
    {
        *column = Column::Title;
    }
    if !columns.contains(&Column::Title) {
        let message = "no column of this table says what must be done".to_owned();
        let help = "call that column `Action`, or name it under `columns` of its source";
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
