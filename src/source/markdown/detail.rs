//! What lines below an action state under a label: `Owner: Ann`, `Status: done`.

use super::{
    block::Block,
    item::collect,
    label::{self, Due},
    text::SOFT_BREAK,
};
use crate::{
    model::terms::Column,
    source::{
        date::{self, Stated},
        dialect::Dialect,
        words::{Standing, Vocabulary},
    },
};

/// Longest line that states a value, in bytes; anything longer is a text.
const LONGEST: usize = 200;

/// Values by what their labels mean; the first of each.
pub(super) struct Details(Vec<(Column, String)>);

impl Details {
    /// Reads the lines of the blocks below an action.
    pub(super) fn of(rest: &[&Block], words: &Vocabulary) -> Self {
        let mut texts = Vec::new();
        for block in rest {
            collect(block, &mut texts);
        }
        let mut values = Vec::new();
        for text in texts {
            let raw = text.raw();
            values.extend(raw.split([SOFT_BREAK, '\n']).filter_map(|line| value(line, words)));
        }
        Self(values)
    }

    /// What is stated under a label.
    pub(super) fn value(&self, wanted: Column) -> Option<&str> {
        self.0.iter().find(|(column, _)| *column == wanted).map(|(_, value)| value.as_str())
    }

    /// The owner.
    pub(super) fn owner(&self, words: &Vocabulary) -> Option<String> {
        let value = self.value(Column::Owner)?;
        label::named(value).filter(|name| !words.says_nothing(name)).map(str::to_owned)
    }

    /// The deadline.
    pub(super) fn due(&self, dialect: &Dialect) -> Option<Due> {
        let value = self.value(Column::Due)?;
        match date::stated(value, dialect) {
            Stated::On(date) => Some(Due::On(date)),
            Stated::Wish => None,
            Stated::Noted(_) | Stated::TwoWays(..) | Stated::Never | Stated::Words => {
                Some(Due::Unclear(value.to_owned()))
            }
        }
    }

    /// How far it says that the action is.
    pub(super) fn standing(&self, words: &Vocabulary) -> Option<Standing> {
        words.status(self.value(Column::Status)?)
    }
}

fn value(line: &str, words: &Vocabulary) -> Option<(Column, String)> {
    let (label, value) = line.split_once([':', '：']).filter(|_| line.len() <= LONGEST)?;
    let value = value.trim().trim_end_matches('.');
    let column = words.label(label)?;
    (!words.says_nothing(value)).then(|| (column, value.to_owned()))
}
