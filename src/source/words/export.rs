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

/// What `DefectDojo`'s CSV export says of a finding with true or false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::source) enum Flag {
    /// It is still there.
    Active,
    /// Somebody mended it.
    Mitigated,
    /// It never was one.
    FalsePositive,
    /// Somebody lives with it.
    RiskAccepted,
    /// Nobody here is asked to mend it.
    OutOfScope,
    /// Another finding says the same.
    Duplicate,
}

/// What one column of `DefectDojo`'s CSV export holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Dojo {
    /// What other tables hold, too.
    Holds(Column),
    /// True or false.
    Says(Flag),
    /// What stays out.
    Other,
}

impl Dojo {
    /// The column of ours that holds the same.
    pub(in crate::source) fn column(self) -> Column {
        match self {
            Self::Holds(column) => column,
            Self::Says(_) | Self::Other => Column::Ignore,
        }
    }

    /// What it says with true or false.
    pub(in crate::source) fn flag(self) -> Option<Flag> {
        match self {
            Self::Says(flag) => Some(flag),
            Self::Holds(_) | Self::Other => None,
        }
    }
}

impl Vocabulary {
    /// What each header of a table holds if `DefectDojo` exported it: it has a title, a severity and flags of its own. None for any other.
    pub(in crate::source) fn of_dojo<'h>(&self, headers: impl Iterator<Item = &'h str>) -> Option<Vec<Dojo>> {
        let what = |header: &str| {
            let header = folded(header);
            let flag = self.dojo_flags.iter().find(|(_, words)| words.contains(&header));
            let column = self.dojo_columns.iter().find(|(_, words)| words.contains(&header));
            match (flag, column) {
                (Some((flag, _)), _) => Dojo::Says(*flag),
                (None, Some((column, _))) => Dojo::Holds(*column),
                (None, None) => Dojo::Other,
            }
        };
        let found: Vec<Dojo> = headers.map(what).collect();
        let wanted = [
            Dojo::Holds(Column::Title),
            Dojo::Holds(Column::Severity),
            Dojo::Says(Flag::FalsePositive),
            Dojo::Says(Flag::Active),
        ];
        wanted.iter().all(|what| found.contains(what)).then_some(found)
    }

    /// Whether GitHub exported a table from a view of a project: it has the title, the address and what a project says of each item.
    pub(in crate::source) fn is_of_github<'h>(&self, headers: impl Iterator<Item = &'h str>) -> bool {
        let headers: Vec<String> = headers.map(folded).collect();
        let has = |name: &str| headers.iter().any(|header| header == name);
        has("title") && has("url") && has("status") && has("assignees")
    }

    /// What a column of such a table holds that other tables do not have.
    pub(in crate::source) fn of_github(&self, header: &str) -> Option<Column> {
        let header = folded(header);
        self.github_columns.iter().find(|(_, words)| words.contains(&header)).map(|(column, _)| *column)
    }

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
