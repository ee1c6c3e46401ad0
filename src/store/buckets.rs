//! Buckets of last stamps: what the history says of the rows of a finding stands in one of them, and each has a sum over its
//! stamps.
//!
//! The sums of all buckets add up to the sum that the history names, and the stamps of a bucket to its own. So a few findings are
//! proven by reading their buckets, and the list as a whole only by whoever reads it as a whole: what was changed in the list and
//! in several of its sums, so that they still add up, shows then and not before. Knows no database.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::root::Root;
use crate::model::{ids::FindingKey, misfit::RowName};

/// How many buckets the findings have: at a million findings one has some thousand stamps, and there are as many sums.
const BUCKETS: u16 = 2048;

/// The bucket of what belongs to no finding.
pub(super) const OF_NONE: i64 = BUCKETS as i64;

/// The bucket of a finding.
pub(super) fn of(finding: &FindingKey) -> i64 {
    let digest: [u8; 32] = Sha256::digest(finding.as_str()).into();
    let [first, second, ..] = digest;
    i64::from(u16::from_be_bytes([first, second]) % BUCKETS)
}

/// The bucket of a row.
pub(super) fn of_row(row: &RowName) -> i64 {
    row.finding().map_or(OF_NONE, |finding| of(&finding))
}

/// What changes of the sums.
#[derive(Debug, Default)]
pub(super) struct Sums(BTreeMap<i64, Root>);

impl Sums {
    /// A row has another digest than before, or none.
    pub(super) fn change(&mut self, row: &RowName, was: Option<&String>, is: Option<&String>) {
        let sum = self.0.entry(of_row(row)).or_default();
        *sum = was.map_or(*sum, |was| sum.without(row, was));
        *sum = is.map_or(*sum, |is| sum.with(row, is));
    }
}

impl IntoIterator for Sums {
    type Item = (i64, Root);
    type IntoIter = std::collections::btree_map::IntoIter<i64, Root>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
