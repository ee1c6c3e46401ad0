//! What the columns of tables that other tools export are called, in the languages of those tools.

use serde::Deserialize;

use super::{Vocabulary, Words, folded};
use crate::model::terms::Column;

/// What one column of Jira's CSV export holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::source) enum Exported {
    /// The key of the issue.
    Key,
    /// What must be done.
    Summary,
    /// More about it.
    Description,
    /// Who is asked to do it.
    Assignee,
    /// Until when.
    Due,
    /// How soon.
    Priority,
    /// How far it is.
    Status,
    /// How it ended.
    Resolution,
}

impl Exported {
    /// The column of ours that holds the same.
    pub(in crate::source) fn column(self) -> Column {
        match self {
            Self::Key => Column::Tracker,
            Self::Summary => Column::Title,
            Self::Description => Column::Description,
            Self::Assignee => Column::Owner,
            Self::Due => Column::Due,
            Self::Priority => Column::Priority,
            Self::Status | Self::Resolution => Column::Status,
        }
    }
}

impl Vocabulary {
    /// What each header of a table holds if Jira exported it: it has a column of keys and one of summaries. None for any other table.
    pub(in crate::source) fn of_jira<'h>(
        &self,
        headers: impl Iterator<Item = &'h str>,
    ) -> Option<Vec<Option<Exported>>> {
        let mut found: Vec<Option<Exported>> = Vec::new();
        for header in headers {
            let header = folded(header);
            let is = |(_, words): &(&Exported, &Words)| words.contains(&header);
            let what = self.jira_columns.iter().find(is).map(|(what, _)| *what);
            found.push(what.filter(|what| !found.contains(&Some(*what))));
        }
        (found.contains(&Some(Exported::Key)) && found.contains(&Some(Exported::Summary))).then_some(found)
    }
}
