//! Versions: the transaction that last changed what readers see of a row.
//!
//! Knows what readers see of what was merely observed. What was decided they see whole.

use chrono::{DateTime, Utc};

use super::{
    rows::{Step, Value, step, text},
    stamps, statements,
};
use crate::model::{link::Link, misfit::RowName};

/// What readers see of what was observed of a link: the status of its issue, and since when that is missing.
pub(super) fn shown(link: &Link) -> (&str, Option<DateTime<Utc>>) {
    (&link.seen.status_text, link.absence.as_ref().map(|absence| absence.first))
}

/// The statement that says that what readers see of a row changed, if it is of a table that counts that.
pub(super) fn touch(row: &RowName, version: i64) -> Option<Step> {
    let sql =
        [(stamps::FINDINGS.name, statements::FINDING_TOUCH), (stamps::LINKS.name, statements::LINK_TOUCH)];
    let (_, sql) = sql.into_iter().find(|(table, _)| *table == row.table)?;
    let values = row.key.iter().map(|key| text(key)).chain([Value::Number(version)]);
    Some(step(sql, values.collect()))
}
