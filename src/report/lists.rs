//! Lists of findings in few bytes for each: the key once, and for each list in what order and which one.
//!
//! Knows how orders become numbers. Knows nothing of which finding belongs where.

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::{Serialize, Serializer, ser::SerializeSeq as _};

use super::{row::Row, sections::Unrouted};
use crate::model::ids::FindingKey;

/// Keys one after the other, in order.
#[derive(Debug, Default)]
pub(super) struct Keys {
    text: String,
    ends: Vec<usize>,
}

impl Keys {
    /// The number that the next key gets.
    pub(super) fn next(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    /// Adds a key that comes after all others.
    pub(super) fn add(&mut self, key: &FindingKey) {
        self.text.push_str(key.as_str());
        self.ends.push(self.text.len());
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &FindingKey) -> bool {
        let (mut from, mut until) = (0, self.ends.len());
        while from < until {
            let middle = usize::midpoint(from, until);
            match self.at(middle).cmp(key.as_str()) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => until = middle,
            }
        }
        false
    }

    fn at(&self, n: usize) -> &str {
        let end = |n: usize| self.ends.get(n).copied().unwrap_or_default();
        let from = n.checked_sub(1).map_or(0, end);
        self.text.get(from..end(n)).unwrap_or_default()
    }
}

/// In what order a finding stands in a list.
pub(super) type Place = [u32; 4];

/// A list that is not in order yet.
#[derive(Debug, Default)]
pub(super) struct List(Vec<(Place, u32)>);

impl List {
    /// Adds the finding with a number.
    pub(super) fn put(&mut self, place: Place, n: u32) {
        self.0.push((place, n));
    }

    /// In order; what has the same place in the order of keys.
    pub(super) fn sorted(mut self, keys: &Arc<Keys>) -> Listed {
        self.0.sort_unstable();
        Listed { keys: Arc::clone(keys), numbers: self.0.into_iter().map(|(_, n)| n).collect() }
    }
}

/// A list in order.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    keys: Arc<Keys>,
    numbers: Vec<u32>,
}

impl Listed {
    /// How many findings it has.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The keys.
    pub(super) fn keys(self) -> Vec<FindingKey> {
        self.texts().map(FindingKey::new).collect()
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.numbers.iter().map(|n| self.keys.at(usize::try_from(*n).unwrap_or(usize::MAX)))
    }
}

impl Serialize for Listed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.texts())
    }
}

/// Findings without a rule, each with why: most of them for one reason.
#[derive(Clone, Debug)]
pub(super) struct Strays {
    findings: Listed,
    whys: Vec<String>,
    why: Vec<u32>,
}

impl Strays {
    /// The findings with these numbers, each with the number of its reason.
    pub(super) fn of(keys: &Arc<Keys>, findings: Vec<(u32, u32)>, whys: Vec<String>) -> Self {
        let (numbers, why) = findings.into_iter().unzip();
        Self { findings: Listed { keys: Arc::clone(keys), numbers }, whys, why }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.why.len()
    }

    /// Each of them.
    pub(super) fn entries(&self) -> impl Iterator<Item = Unrouted> {
        let why =
            |n: &u32| usize::try_from(*n).ok().and_then(|n| self.whys.get(n)).cloned().unwrap_or_default();
        let each = self.findings.texts().zip(&self.why);
        each.map(move |(finding, n)| Unrouted { finding: FindingKey::new(finding), why: why(n) })
    }
}

impl Serialize for Strays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.len()))?;
        for entry in self.entries() {
            seq.serialize_element(&entry)?;
        }
        seq.end()
    }
}

/// Worst severity first, then longest overdue, then first due.
pub(super) fn by_urgency(row: &Row) -> Place {
    let [severity, days, due] = urgency(row);
    [severity, days, due, 0]
}

/// By a date, what has none first; then by urgency.
pub(super) fn by_day(day: Option<NaiveDate>, row: &Row) -> Place {
    let [severity, days, due] = urgency(row);
    [day.map_or(0, number), severity, days, due]
}

/// By the end of the waiver, what has none first.
pub(super) fn by_waiver(expires: Option<NaiveDate>) -> Place {
    [expires.map_or(0, number), 0, 0, 0]
}

/// By the deadline, what has none last; then by urgency.
pub(super) fn by_due(row: &Row) -> Place {
    let [severity, days, due] = urgency(row);
    [due, severity, days, due]
}

/// By the last day to verify, what has none first; then by severity.
pub(super) fn by_verification(row: &Row) -> Place {
    let day = row.verification.as_ref().and_then(|line| line.by);
    [day.map_or(0, number), row.severity as u32, 0, 0]
}

/// The latest first.
pub(super) fn by_end(at: DateTime<Utc>) -> Place {
    // The sign's bit is turned over, so that what is before 1970 comes first among numbers without a sign.
    let seconds = at.timestamp().cast_unsigned() ^ (1 << 63);
    let [a, b, c, d, e, f, g, h] = (!seconds).to_be_bytes();
    [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]), !at.timestamp_subsec_nanos(), 0]
}

fn urgency(row: &Row) -> [u32; 3] {
    let overdue = u32::try_from(row.days_overdue.max(0)).unwrap_or(u32::MAX);
    [row.severity as u32, !overdue, row.due.map_or(u32::MAX, number)]
}

/// Dates as numbers in the same order, between what no date is.
fn number(date: NaiveDate) -> u32 {
    date.num_days_from_ce().cast_unsigned() ^ (1 << 31)
}
