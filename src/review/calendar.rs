//! Dates of people: local days, their ends, and working days.
//!
//! Knows zones and calendars. Knows nothing of findings. A deadline stays a civil date until the one place that asks
//! when it ends.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::model::deadline::Calendar;

/// Longest gap that a zone was ever set forward by: a whole day, when Samoa crossed the date line.
const GAP_MINUTES_MAX: i64 = 48 * 60;

/// Days searched beyond the plain count before a calendar is taken to have no working days at all.
const SEARCH_DAYS_EXTRA: usize = 2 * 366;

/// The date that clocks in `zone` show at `now`.
pub fn local_date(zone: Tz, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&zone).date_naive()
}

/// The first instant after the local day `date`: the first existing instant of the next local date.
///
/// Where midnight happens twice the first one counts; where it does not exist, the end of the gap.
pub fn day_end(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    let Some(next) = date.succ_opt() else { return DateTime::<Utc>::MAX_UTC };
    let midnight = next.and_time(NaiveTime::MIN);
    (0..=GAP_MINUTES_MAX)
        .filter_map(|minutes| midnight.checked_add_signed(TimeDelta::minutes(minutes)))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map_or_else(|| midnight.and_utc(), |instant| instant.with_timezone(&Utc))
}

/// `date` plus calendar days; the last date there is if that lies beyond the calendar.
pub fn add_days(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX)
}

/// Whether people work on `date`.
pub fn is_business_day(calendar: &Calendar, date: NaiveDate) -> bool {
    !calendar.weekend.contains(&date.weekday()) && !calendar.holidays.contains(&date)
}

/// The `count`-th working day after `date`; `date` itself is day zero and need not be a working day.
///
/// A calendar without any working day counts every day, so that nothing waits forever.
pub fn add_business_days(calendar: &Calendar, date: NaiveDate, count: u32) -> NaiveDate {
    let Some(last) = count.checked_sub(1) else { return date };
    let searched = 7_usize.saturating_mul(count as usize).saturating_add(SEARCH_DAYS_EXTRA);
    date.iter_days()
        .skip(1)
        .take(searched)
        .filter(|day| is_business_day(calendar, *day))
        .nth(last as usize)
        .unwrap_or_else(|| add_days(date, count))
}

/// Years from `from` to `to` for which the calendar lists no holiday although it lists some for other years:
/// business days in them are counted without holidays, which a report must say.
pub fn uncovered_years(calendar: &Calendar, from: NaiveDate, to: NaiveDate) -> BTreeSet<i32> {
    let covered: BTreeSet<i32> = calendar.holidays.iter().map(NaiveDate::year).collect();
    if covered.is_empty() {
        return BTreeSet::new();
    }
    (from.year()..=to.year()).filter(|year| !covered.contains(year)).collect()
}
