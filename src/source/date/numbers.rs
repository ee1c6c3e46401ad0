//! Dates of three numbers. One that has a single reading is read; and it proves how the others of its document are written.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::model::terms::DateOrder;

/// What stands between the numbers of a date.
const MARKS: [char; 3] = ['/', '.', '-'];

/// What a date of three numbers may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// One day.
    One(NaiveDate),
    /// Either of two days, the earlier first.
    Two(NaiveDate, NaiveDate),
    /// No day that exists.
    Never,
}

/// In which order a document writes the numbers of its dates, by what stands between them. A document that writes both ways proves
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Orders(BTreeMap<char, Option<DateOrder>>);

impl Orders {
    /// What the dates of a text prove.
    pub(in crate::source) fn of(text: &str) -> Self {
        let mut orders = Self::default();
        let apart = |c: char| !c.is_alphanumeric() && !MARKS.contains(&c);
        for word in text.split(apart).map(|word| word.trim_matches(MARKS)) {
            let Some(date) = Date::of(word) else { continue };
            let readings = date.readings();
            let [(order @ (Some(DateOrder::DayFirst) | Some(DateOrder::MonthFirst)), _)] =
                readings.as_slice()
            else {
                continue;
            };
            let known = orders.0.entry(date.mark).or_insert(*order);
            *known = known.filter(|known| Some(*known) == *order);
        }
        orders
    }

    fn order(&self, mark: char) -> Option<DateOrder> {
        self.0.get(&mark).copied().flatten()
    }
}

/// Reads a date of three numbers, such as `24/07/2025` or `5.3.24`; none when it is written otherwise.
///
/// A year of four digits may stand first. What is agreed on decides between several readings, else what the document proves.
pub(super) fn read(text: &str, agreed: Option<DateOrder>, orders: &Orders) -> Option<Numbers> {
    let date = Date::of(text)?;
    let readings = date.readings();
    let decided = agreed.or_else(|| orders.order(date.mark));
    let decided = readings.iter().find(|(order, _)| order.is_some() && *order == decided);
    let days: BTreeSet<NaiveDate> = readings.iter().map(|(_, day)| *day).collect();
    Some(match (decided, days.first(), days.last()) {
        (Some((_, day)), _, _) => Numbers::One(*day),
        (None, Some(first), Some(last)) if first == last => Numbers::One(*first),
        (None, Some(first), Some(last)) => Numbers::Two(*first, *last),
        (None, _, _) => Numbers::Never,
    })
}

/// Three numbers with the same mark between them.
struct Date<'t> {
    parts: [&'t str; 3],
    mark: char,
}

impl<'t> Date<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let mark = text.chars().find(|c| MARKS.contains(c))?;
        let parts: Vec<&str> = text.split(mark).collect();
        let [first, second, third] = parts.as_slice() else { return None };
        let digits = |part: &&str, lengths: &[usize]| {
            lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let ends =
            digits(first, &[4]) && digits(third, &[1, 2]) || digits(first, &[1, 2]) && digits(third, &[2, 4]);
        (ends && digits(second, &[1, 2])).then_some(Self { parts: [first, second, third], mark })
    }

    /// Every day that the numbers may mean, and in which order; none where the year stands first.
    fn readings(&self) -> Vec<(Option<DateOrder>, NaiveDate)> {
        let [first, second, third] = self.parts;
        let year_first = first.len() == 4 || third.len() == 2;
        let year_last = first.len() != 4;
        [
            (year_last, Some(DateOrder::DayFirst), [third, second, first]),
            (year_last, Some(DateOrder::MonthFirst), [third, first, second]),
            (year_first, None, [first, second, third]),
        ]
        .into_iter()
        .filter(|(may, _, _)| *may)
        .filter_map(|(_, order, [year, month, day])| Some((order, day_of(year, month, day)?)))
        .collect()
    }
}

fn day_of(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let number: i32 = year.parse().ok()?;
    let year = if year.len() == 2 { 2000 + number } else { number };
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}
