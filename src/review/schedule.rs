//! When the worker runs: cron expressions on the wall clock, with a stated daylight-saving policy.
//!
//! The `cron` crate counts weekdays from 1 = Sunday, joins both day fields with AND, and in a zone with daylight saving it
//! skips the spring run, repeats the autumn one and goes backwards in time. So it only ever sees
//! POSIX input that was translated, and local times without a zone; the mapping to instants is done here.
//! Knows nothing of jobs and does not know the time: `after` is handed in.

use std::{collections::BTreeSet, str::FromStr};

use chrono::{DateTime, LocalResult, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use cron::TimeUnitSpec;

/// Times of a cron expression in one zone.
///
/// A fixed hour runs once a day: an hour that the spring change skips runs right after the gap, an hour that the autumn
/// change repeats runs in the first pass. A schedule for every hour (`*`, `*/2`) follows real time: nothing in the gap,
/// both passes of the repeated hour.
#[derive(Clone, Debug)]
pub struct Schedule {
    expression: String,
    local: cron::Schedule,
    zone: Tz,
    every_hour: bool,
}

/// Why an expression is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Neither five nor six fields, nor a known shorthand.
    #[error(
        "a schedule has 5 fields (minute hour day month weekday) or 6 (with seconds in front); `{0}` has {1}"
    )]
    Fields(String, usize),
    /// A field that cannot be read.
    #[error("the {field} field `{text}` is not valid: {why}")]
    Field {
        /// Which field, such as `hour`.
        field: &'static str,
        /// The field's text.
        text: String,
        /// What it may hold.
        why: &'static str,
    },
    /// Both day fields are restricted: POSIX runs when either matches, many tools when both do.
    #[error(
        "day of month (`{0}`) and weekday (`{1}`) are both restricted, which cron tools read in different ways"
    )]
    BothDays(String, String),
    /// No day has ever matched it, such as 30 February.
    #[error("`{0}` never fires")]
    Never(String),
}

/// The shorthands that are accepted, and what they stand for.
const SHORTHANDS: &[(&str, &str)] = &[
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// The fields that the `cron` crate reads, with what they may hold.
const FIELDS: [(&str, &str); 5] = [
    ("second", "0-59, lists, ranges and steps such as `*/10`"),
    ("minute", "0-59, lists, ranges and steps such as `*/10`"),
    ("hour", "0-23; a range may not wrap around midnight: write `22-23,0-4` for `22-4`"),
    ("day of month", "1-31"),
    ("month", "1-12 or Jan-Dec; a range may not wrap around the year"),
];

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// Longest change of the wall clock that is looked for; the longest in use is two hours (Antarctica/Troll).
const LONGEST_CHANGE: TimeDelta = TimeDelta::hours(3);

impl Schedule {
    /// Reads an expression of five fields as in POSIX, or six with seconds in front; weekday 0 and 7 are Sunday.
    ///
    /// # Errors
    /// When it has a field that cannot be read, restricts both day fields, or never fires.
    pub fn parse(expression: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let fields = six_fields(expression)?;
        let [second, minute, hour, day, month, weekday] = &fields;
        if !is_any(day) && !is_any(weekday) {
            return Err(ScheduleError::BothDays(day.clone(), weekday.clone()));
        }
        let weekday = weekdays(weekday)?;
        let translated = [second, minute, hour, day, month, &weekday].map(String::as_str);
        let local = cron::Schedule::from_str(&translated.join(" ")).map_err(|_| wrong_field(&fields))?;
        let every_hour = hour.starts_with('*') || local.hours().count() == 24;
        if local.after(&DateTime::UNIX_EPOCH).next().is_none() {
            return Err(ScheduleError::Never(expression.trim().to_owned()));
        }
        Ok(Self { expression: expression.trim().to_owned(), local, zone, every_hour })
    }

    /// The expression as it was written.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The first time strictly after `after`; none when the calendar of the `cron` crate ends, in 2100.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut best: Option<DateTime<Utc>> = None;
        for local in self.local.after(&self.look_from(after).and_utc()) {
            let instants = self.instants(local.naive_utc());
            // First passes never go backwards, so nothing later can be sooner than what was found.
            if let (Some(found), Some(first)) = (best, instants.first())
                && *first >= found
            {
                break;
            }
            let sooner = instants.into_iter().filter(|at| *at > after).min();
            best = [best, sooner].into_iter().flatten().min();
        }
        best
    }

    /// Local time from which candidates are looked at: a little earlier when the clock changes nearby, because a
    /// local time before `after` may then come once more.
    fn look_from(&self, after: DateTime<Utc>) -> NaiveDateTime {
        let offset = |at: DateTime<Utc>| self.zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        let local = after.with_timezone(&self.zone).naive_local();
        if offset(after - LONGEST_CHANGE) == offset(after + LONGEST_CHANGE) {
            return local;
        }
        local - LONGEST_CHANGE
    }

    /// The instants at which a local time runs, in order.
    fn instants(&self, local: NaiveDateTime) -> Vec<DateTime<Utc>> {
        match self.zone.from_local_datetime(&local) {
            LocalResult::Single(at) => vec![at.to_utc()],
            LocalResult::Ambiguous(first, second) if self.every_hour => vec![first.to_utc(), second.to_utc()],
            LocalResult::Ambiguous(first, _) => vec![first.to_utc()],
            LocalResult::None if self.every_hour => Vec::new(),
            LocalResult::None => self.end_of_gap(local).into_iter().collect(),
        }
    }

    /// The first instant after the gap that swallows a local time. Clocks change on whole minutes.
    fn end_of_gap(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let minute = local.time().with_second(0).unwrap_or(NaiveTime::MIN);
        let local = local.date().and_time(minute);
        (1..=LONGEST_CHANGE.num_minutes())
            .find_map(|minutes| {
                self.zone.from_local_datetime(&(local + TimeDelta::minutes(minutes))).earliest()
            })
            .map(|at| at.to_utc())
    }
}

/// Splits an expression, replaces a shorthand and adds the seconds of a five-field one.
fn six_fields(expression: &str) -> Result<[String; 6], ScheduleError> {
    let trimmed = expression.trim();
    let known = SHORTHANDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(trimmed));
    let long = known.map_or(trimmed, |(_, long)| *long);
    let mut fields: Vec<String> = long.split_whitespace().map(str::to_owned).collect();
    let n_fields = fields.len();
    if n_fields == 5 {
        fields.insert(0, "0".to_owned());
    }
    fields.try_into().map_err(|_| ScheduleError::Fields(trimmed.to_owned(), n_fields))
}

fn is_any(field: &str) -> bool {
    matches!(field, "*" | "?")
}

/// The first field that the `cron` crate does not take on its own.
fn wrong_field(fields: &[String; 6]) -> ScheduleError {
    let wrong = fields.iter().zip(FIELDS).enumerate().find(|(n, (text, _))| {
        let alone: Vec<&str> = (0..6).map(|i| if i == *n { text.as_str() } else { "*" }).collect();
        cron::Schedule::from_str(&alone.join(" ")).is_err()
    });
    match wrong {
        Some((_, (text, (field, why)))) => ScheduleError::Field { field, text: text.clone(), why },
        None => ScheduleError::Fields(fields.join(" "), fields.len()),
    }
}

/// A weekday field as a list of names, so that nobody has to agree on a number for Sunday.
fn weekdays(field: &str) -> Result<String, ScheduleError> {
    if is_any(field) {
        return Ok("*".to_owned());
    }
    let mut days = BTreeSet::new();
    for part in field.split(',') {
        let part = weekday_part(part).ok_or_else(|| ScheduleError::Field {
            field: "weekday",
            text: field.to_owned(),
            why: "0-7 (0 and 7 are Sunday) or Sun-Sat, lists, ranges and steps",
        })?;
        days.extend(part);
    }
    let names: Vec<&str> = days.into_iter().filter_map(|day| WEEKDAYS.get(day).copied()).collect();
    Ok(names.join(","))
}

/// The days of one list element: `Mon`, `1-5`, `Fri-Mon`, `*/2`.
fn weekday_part(part: &str) -> Option<Vec<usize>> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
        None => (part, None),
    };
    let (first, last) = match (range, range.split_once('-')) {
        ("*", _) => (0, 6),
        (_, Some((first, last))) => (weekday(first)?, weekday(last)?),
        (_, None) if step.is_some() => (weekday(range)? % 7, 6),
        (_, None) => (weekday(range)?, weekday(range)?),
    };
    // A range that ends before it begins goes on into the next week; Sunday is 0 at its start and 7 at its end.
    let last = if last < first { last + 7 } else { last };
    Some((first..=last).step_by(step.unwrap_or(1)).map(|day| day % 7).collect())
}

fn weekday(text: &str) -> Option<usize> {
    match text.parse::<usize>() {
        Ok(day) => (day <= 7).then_some(day),
        Err(_) => WEEKDAYS.iter().position(|name| {
            let long = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
            name.eq_ignore_ascii_case(text)
                || long.iter().any(|long| long.starts_with(name) && long.eq_ignore_ascii_case(text))
        }),
    }
}
