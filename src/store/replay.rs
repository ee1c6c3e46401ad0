//! The history replayed: what every row of the register holds by its account.
//!
//! It begins with the entries that tell rows whole: what founded the register, or found it as an earlier release left it.
//! From then on each entry says what changed. Knows no database, and holds nothing against what is there: it only tells.

use std::collections::BTreeMap;

use super::{
    contents::Contents,
    stamps::{Column, FINDINGS, LINKS, Stamping, TOMBSTONES, Table},
};
use crate::model::{
    change::{Detail, Former},
    misfit::{Difference, Misfit, RowName},
};

/// What every row holds by the account of the history.
#[derive(Debug, Default)]
pub(super) struct Replay {
    /// The rows as texts, which are small; one without a text is known by its digest only.
    rows: BTreeMap<RowName, Option<String>>,
}

impl Replay {
    /// One entry further. The rows whose change does not follow from what the history said of them before: they stay as
    /// they were.
    pub(super) fn step<'a>(&mut self, stamping: &'a Stamping) -> Vec<&'a RowName> {
        let mut odd = Vec::new();
        for stamped in stamping.rows() {
            let row = &stamped.row;
            match (&stamped.digest, &stamped.whole, &stamped.change) {
                (None, ..) => drop(self.rows.remove(row)),
                (Some(_), Some(whole), _) => drop(self.rows.insert(row.clone(), whole.written())),
                (Some(_), None, Some(change)) => match self.told(row) {
                    Some(mut told) => {
                        if told.apply(change) {
                            self.rows.insert(row.clone(), told.written());
                        } else {
                            odd.push(row);
                        }
                    }
                    None => drop(self.rows.entry(row.clone()).or_default()),
                },
                (Some(_), None, None) => drop(self.rows.insert(row.clone(), None)),
            }
        }
        odd
    }

    /// What a row holds; none where the history does not tell.
    fn told(&self, row: &RowName) -> Option<Contents> {
        Contents::read(self.rows.get(row)?.as_deref()?)
    }

    /// What differs between the columns of a row that is there and what the history says of it; none where the history does
    /// not tell.
    pub(super) fn differences(
        &self,
        table: &Table,
        row: &RowName,
        columns: &[Column<'_>],
    ) -> Option<Vec<String>> {
        Some(self.told(row)?.differences(table, columns))
    }

    /// What a row was.
    fn former(&self, row: &RowName) -> Option<Former> {
        let told = self.told(row)?;
        if row.table == FINDINGS.name {
            let title = told.text("/stated/title")?.to_owned();
            return Some(Former::Finding { title, tlp: told.tlp() });
        }
        let is_about_issue = row.table == LINKS.name || row.table == TOMBSTONES.name;
        is_about_issue.then(|| told.text("/issue/key").map(str::to_owned)).flatten().map(Former::Issue)
    }

    /// What can be said of a row that does not fit; `members` are those that differ, if it is there.
    pub(super) fn detail(&self, misfit: &Misfit, members: Option<&[String]>) -> Detail {
        match misfit.difference {
            Difference::Missing => Detail { was: self.former(&misfit.row), ..Detail::default() },
            Difference::Changed => Detail { members: members.map(named).unwrap_or_default(), was: None },
            Difference::Added | Difference::Unreadable | Difference::Stamp => Detail::default(),
        }
    }
}

/// A row whose members are as they were differs all the same: in how they are written down.
fn named(members: &[String]) -> Vec<String> {
    if members.is_empty() { vec!["the form of its text".to_owned()] } else { members.to_vec() }
}
