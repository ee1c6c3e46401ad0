//! What lines of an action state under a label: `Owner: Ann`, `Status: done`; on lines of their own, in lists, or in small tables.

use super::{
    block::{Block, Kind, Table},
    item::collect,
    label::{self, Due},
    text::{SOFT_BREAK, Text},
};
use crate::{
    model::terms::Column,
    source::{
        date::{self, Stated},
        dialect::Dialect,
        words::{Standing, Vocabulary},
    },
};

/// Longest line that states values, in bytes; anything longer is a text.
const LONGEST: usize = 300;
/// Most words of a label.
const WORDS: usize = 4;
/// What may stand between a value and the label behind it.
const BETWEEN: [char; 12] = ['.', ',', ';', '|', '·', '–', '—', '(', '（', '，', '；', '。'];

/// Values by what their labels mean; the first of each.
#[derive(Default)]
pub(super) struct Details(Vec<(Column, String)>);

impl Details {
    /// Reads the lines of the blocks below an action.
    pub(super) fn of(rest: &[&Block], words: &Vocabulary) -> Self {
        let mut texts = Vec::new();
        let mut values = Vec::new();
        for block in rest {
            collect(block, &mut texts);
            if let Kind::Table(table) = &block.kind {
                values.extend(pairs(table, words));
            }
        }
        for text in texts {
            let raw = text.raw();
            values.extend(raw.split([SOFT_BREAK, '\n']).flat_map(|line| fields(line, words)));
        }
        values.retain(|(column, value)| says(*column, value, words));
        Self(values)
    }

    /// With what some lines state, which win.
    pub(super) fn before(mut self, lines: &Text, words: &Vocabulary) -> Self {
        let raw = lines.raw();
        let mut values: Vec<(Column, String)> =
            raw.split([SOFT_BREAK, '\n']).flat_map(|line| fields(line, words)).collect();
        values.retain(|(column, value)| says(*column, value, words));
        values.append(&mut self.0);
        Self(values)
    }

    /// What is stated under a label.
    pub(super) fn value(&self, wanted: Column) -> Option<&str> {
        self.0.iter().find(|(column, _)| *column == wanted).map(|(_, value)| value.as_str())
    }

    /// The owner.
    pub(super) fn owner(&self, words: &Vocabulary) -> Option<String> {
        let value = self.value(Column::Owner)?;
        label::all_named(value, words).filter(|name| !words.says_nothing(name)).map(str::to_owned)
    }

    /// The deadline.
    pub(super) fn due(&self, dialect: &Dialect) -> Option<Due> {
        let value = self.value(Column::Due)?;
        match date::stated(value, dialect) {
            Stated::On(date) => Some(Due::On(date)),
            Stated::Wish | Stated::Noted(_) | Stated::TwoWays(..) | Stated::Never | Stated::Words => {
                Some(Due::Unclear(value.to_owned()))
            }
        }
    }

    /// How far it says that the action is.
    pub(super) fn standing(&self, words: &Vocabulary, audit: bool) -> Option<Standing> {
        words.standing(self.value(Column::Status)?, audit)
    }

    /// Whether it states what only an action has: who does it, until when, or how far it is.
    pub(super) fn follows(&self, words: &Vocabulary) -> bool {
        let owned = self.value(Column::Owner).is_some_and(|name| label::named(name).is_some());
        let dated = self.value(Column::Due).is_some_and(|due| due.contains(|c: char| c.is_ascii_digit()));
        owned || dated || self.standing(words, false).is_some()
    }
}

/// Whether a value says something; a deadline does, too, if it says that nobody has set one.
fn says(column: Column, value: &str, words: &Vocabulary) -> bool {
    !words.says_nothing(value) || (column == Column::Due && date::is_period(value))
}

/// The fields of a line that begins with a label: `Owner: Ann`, or several such as `Owner: Ann. Due: 2026-06-15.`
pub(super) fn fields(line: &str, words: &Vocabulary) -> Vec<(Column, String)> {
    if line.len() > LONGEST {
        return Vec::new();
    }
    // Where a label begins, where its value begins, and what it means.
    let mut found: Vec<(usize, usize, Column)> = Vec::new();
    for (at, colon) in line.match_indices([':', '：']) {
        let from = found.last().map_or(0, |(_, value, _)| *value);
        let before = line.get(from..at).unwrap_or_default();
        if let Some((start, column)) = label_at_end(before, found.is_empty(), words) {
            found.push((from + start, at + colon.len(), column));
        } else if found.is_empty() {
            return Vec::new();
        }
    }
    let ends = found.iter().skip(1).map(|(start, ..)| *start).chain([line.len()]);
    let value = |((start, from, column), end): (&(usize, usize, Column), usize)| {
        let text = line.get(*from..end).unwrap_or_default();
        let text = text.trim_end_matches(|c: char| c.is_whitespace() || BETWEEN.contains(&c) || c == '-');
        let label = line.get(*start..*from).unwrap_or_default().trim_end_matches([':', '：']);
        // What somebody answered stays a text.
        let answer = words.is_weak_status(label) && words.standing(text.trim_start(), true).is_none();
        (if answer { Column::Description } else { *column }, text.trim_start().to_owned())
    };
    found.iter().zip(ends).map(value).filter(|(_, value)| !value.is_empty()).collect()
}

/// Whether lines are those of a form: each has a label and a value, and at least one label is known.
pub(super) fn is_form<'l>(lines: impl Iterator<Item = &'l str>, words: &Vocabulary) -> bool {
    let mut any = false;
    let mut all = lines.map(|line| {
        let known = !fields(line, words).is_empty();
        any |= known;
        known || is_labelled(line)
    });
    all.all(|labelled| labelled) && any
}

/// Whether a line has a label and a value, whatever the label means.
fn is_labelled(line: &str) -> bool {
    let apart = line.len() <= LONGEST && line.starts_with(char::is_alphabetic);
    let Some((label, value)) = line.split_once([':', '：']).filter(|_| apart) else { return false };
    label.split_whitespace().count() < WORDS && !value.starts_with("//") && !value.trim().is_empty()
}

/// The label that a text ends with, and where it begins: the first is all of its text, another one stands behind a stop or is written
/// with a capital.
fn label_at_end(text: &str, first: bool, words: &Vocabulary) -> Option<(usize, Column)> {
    if first {
        return words.label(text).map(|column| (0, column));
    }
    let stop = text
        .rfind(BETWEEN)
        .map_or(0, |at| at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let dash = text.rfind(" - ").map_or(0, |at| at + 3);
    let from = stop.max(dash);
    let apart = text.get(from..)?;
    if from > 0
        && let Some(column) = words.label(apart)
    {
        return Some((from, column));
    }
    let starts = apart.match_indices(' ').map(|(at, _)| at + 1).collect::<Vec<_>>();
    starts.into_iter().rev().take(WORDS).find_map(|start| {
        let label = apart.get(start..)?;
        let column = words.label(label).filter(|_| label.starts_with(char::is_uppercase))?;
        Some((from + start, column))
    })
}

/// The pairs of a small table of fields: one with two columns, or with a single row below its labels.
fn pairs(table: &Table, words: &Vocabulary) -> Vec<(Column, String)> {
    let pair = |label: &Text, value: &Text| Some((words.label(&label.plain())?, value.plain()));
    let two = |cells: &[Text]| match cells {
        [label, value] => pair(label, value),
        _ => None,
    };
    let listed = || two(&table.head).into_iter().chain(table.rows.iter().filter_map(|row| two(&row.cells)));
    match table.rows.as_slice() {
        [row] if table.head.len() > 2 => {
            table.head.iter().zip(&row.cells).filter_map(|(label, value)| pair(label, value)).collect()
        }
        _ => listed().collect(),
    }
}
