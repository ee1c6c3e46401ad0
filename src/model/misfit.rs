//! Rows of the register that are not as its history says they are.
//!
//! Knows tables and keys. Never holds what a row says.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    cycle::{Note, NoteKind},
    ids::{FindingKey, Host, PlaceName, TrackerName},
    issue::IssueId,
    note::About,
};

/// A row of the register, by its table and its primary key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowName {
    /// The table, such as `finding`.
    #[serde(rename = "kind")]
    pub table: String,
    /// The columns of its key.
    pub key: Vec<String>,
}

impl RowName {
    /// The row of a table with a key.
    pub fn of<'a>(table: &str, key: impl IntoIterator<Item = &'a str>) -> Self {
        Self { table: table.to_owned(), key: key.into_iter().map(str::to_owned).collect() }
    }

    /// The finding that it belongs to; none for what belongs to no finding.
    pub fn finding(&self) -> Option<FindingKey> {
        match self.table.as_str() {
            "meta" | "place" | "account" | "cycle" | "sight" => None,
            _ => self.key.first().map(|key| FindingKey::new(key.as_str())),
        }
    }
}

impl fmt::Display for RowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table, self.key.join(" "))
    }
}

/// How a row differs from the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// It says something else.
    Changed,
    /// It is not there.
    Missing,
    /// The history knows nothing of it.
    Added,
    /// It is as the history says, and this program cannot understand it.
    Unreadable,
    /// It is as the history says, and the register's list of last stamps says something else.
    Stamp,
}

/// A row that is not as the history says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Misfit {
    /// The row.
    #[serde(flatten)]
    pub row: RowName,
    /// How it differs.
    pub difference: Difference,
}

impl Misfit {
    /// Whether it says who the register itself is: then nothing in it can be relied on.
    pub fn is_of_register(&self) -> bool {
        self.row.table == "meta"
    }

    /// Whether it says which rules were approved: nothing is sent by them until a person approves anew.
    pub fn is_of_approval(&self) -> bool {
        self.row.table == "cycle"
    }

    /// Whether it says that a place was retired, which nothing follows from by itself.
    pub fn is_of_retirement(&self) -> bool {
        self.row.table == "sight"
    }

    /// The place whose pin it is.
    pub fn place(&self) -> Option<(TrackerName, PlaceName)> {
        match (self.row.table.as_str(), self.row.key.as_slice()) {
            ("place", [tracker, place]) => {
                Some((TrackerName::new(tracker.as_str()), PlaceName::new(place.as_str())))
            }
            _ => None,
        }
    }

    /// The issue that it names: of a link, or of one that ended.
    pub fn issue(&self) -> Option<IssueId> {
        match (self.row.table.as_str(), self.row.key.as_slice()) {
            ("link" | "tombstone", [_, host, id]) => {
                Some(IssueId { host: Host::new(host.as_str()), id: id.clone() })
            }
            _ => None,
        }
    }

    /// What is wrong and what to do, for people.
    pub fn why(&self) -> String {
        if self.is_of_approval() {
            return format!("{self}; nothing is written to trackers until a reviewer says `approve`");
        }
        format!("{self}; nothing is written for it until {WHAT_TO_DO}")
    }

    /// It as a note.
    pub fn note(&self) -> Note {
        Note {
            finding: self.row.finding(),
            tracker: self.place().map(|(tracker, _)| tracker),
            ..Note::new(NoteKind::Misfit, self.why()).about(About::Row(self.row.to_string()))
        }
    }
}

/// What ends a misfit.
pub const WHAT_TO_DO: &str = "a backup is restored, or a reviewer accepts it with `audit accept`; `audit verify` names \
                              everything that differs";

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = &self.row;
        match self.difference {
            Difference::Changed => {
                write!(f, "`{row}` does not fit its history: it was changed by other means")
            }
            Difference::Missing => write!(f, "`{row}` does not fit its history: it is missing"),
            Difference::Added => write!(f, "`{row}` does not fit its history, which knows nothing of it"),
            Difference::Stamp => {
                write!(f, "the stamp of `{row}` does not fit its history: it was changed by other means")
            }
            Difference::Unreadable => write!(f, "`{row}` cannot be understood by this program"),
        }
    }
}
