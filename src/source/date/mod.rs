//! Dates as documents write them: those that can be read in one way only.
//!
//! ISO 8601 is always read, and so is a day of a month that is written as a word. Numbers are read where they mean one day, or where the
//! source or another date of the document says in which order they stand; anything else would be a guess.

mod names;
mod numbers;
mod period;

use chrono::{DateTime, FixedOffset, Months, NaiveDate, NaiveTime, TimeZone};

use self::{
    names::{BEFORE, BEHIND, BETWEEN, CLOCK, MONTHS, ON, ORDINALS, WEEKDAYS},
    numbers::Numbers,
};
pub(super) use self::{numbers::Orders, period::is_period};
use super::dialect::Dialect;
use crate::model::postmortem::{Level, When};

/// Most words of a date, as in `Thursday, the 31st of December, 2026`.
const LONGEST: usize = 7;
/// Longest text that is shown in a message, in characters.
const SHOWN: usize = 80;

/// A deadline as a document states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// A day.
    On(NaiveDate),
    /// A day, and words behind it that were not read.
    Noted(NaiveDate),
    /// A quarter, in a source where that is only a wish.
    Wish,
    /// Either of two days, the earlier first.
    TwoWays(NaiveDate, NaiveDate),
    /// Numbers of a day that does not exist.
    Never,
    /// No date.
    Words,
}

impl Stated {
    /// The day, if there is one.
    pub(super) fn day(self) -> Option<NaiveDate> {
        match self {
            Self::On(day) | Self::Noted(day) => Some(day),
            Self::Wish | Self::TwoWays(..) | Self::Never | Self::Words => None,
        }
    }

    /// What is told of a deadline that was not read as a whole: level, code, message and help; none where nothing is lost.
    /// `what` says what the date is, such as `deadline`.
    pub(super) fn complaint(
        self,
        written: &str,
        what: &str,
    ) -> Option<(Level, &'static str, String, &'static str)> {
        let shown: String = written.chars().take(SHOWN).collect();
        match self {
            Self::On(_) => None,
            Self::Wish => Some((
                Level::Warning,
                "no_date",
                format!(
                    "`{shown}` is a quarter and no day, so there is no {what}; the words stay with the finding"
                ),
                "write the last day as YYYY-MM-DD, or say `quarter_is_due` for the source",
            )),
            Self::Noted(day) => Some((
                Level::Info,
                "noted_date",
                format!(
                    "of `{shown}` only the day {day} is read as the {what}; the words stay with the finding"
                ),
                "",
            )),
            Self::TwoWays(one, other) => Some((
                Level::Warning,
                "ambiguous_date",
                format!("`{shown}` may be {one} or {other}, so there is no {what}"),
                "write dates as YYYY-MM-DD, or say `date_order` for the source",
            )),
            Self::Never => Some((
                Level::Warning,
                "ambiguous_date",
                format!("`{shown}` is no day that exists, so there is no {what}"),
                "write dates as YYYY-MM-DD",
            )),
            Self::Words if is_yearless(written) => Some((
                Level::Warning,
                "no_date",
                format!("`{shown}` has no year, so there is no {what}; the words stay with the finding"),
                "write the last day as YYYY-MM-DD",
            )),
            Self::Words => Some((
                Level::Warning,
                "no_date",
                format!("`{shown}` is no date, so there is no {what}; the words stay with the finding"),
                "write the last day as YYYY-MM-DD",
            )),
        }
    }
}

/// Reads a deadline.
pub(super) fn stated(text: &str, dialect: &Dialect) -> Stated {
    let text = bare(text);
    match (exactly(text, dialect), quarter_end(text)) {
        (Some(stated), _) => stated,
        (None, Some(end)) if dialect.conventions.quarter_is_due => Stated::On(end),
        (None, Some(_)) => Stated::Wish,
        (None, None) => beginning(text, dialect),
    }
}

/// Whether a text is a day and a month by its name, and would be a date with a year.
pub(super) fn is_yearless(text: &str) -> bool {
    let text = bare(text);
    let day = without_weekday(text).trim_end_matches('.');
    let whole = format!("{day} 2000");
    let ends = |(_, end): (NaiveDate, usize)| end == whole.len();
    day.len() <= SHOWN && named(day).is_none() && named(&whole).is_some_and(ends)
}

/// Whether a word makes the day behind it the last one; `on` does so for a deadline only.
pub(super) fn is_limit(word: &str) -> bool {
    let word = word.to_lowercase();
    BEFORE.contains(&word.as_str()) && !ON.contains(&word.as_str())
}

/// Whether a text is a day and nothing else, and not the last day of something, as `by 3 May 2026` is.
pub(super) fn is_past_day(text: &str, dialect: &Dialect) -> bool {
    bare(text).len() == text.trim().len()
        && matches!(exactly(text.trim(), dialect), Some(Stated::On(_) | Stated::TwoWays(..)))
}

/// A text without the words that only say that a day is the last one.
fn bare(text: &str) -> &str {
    let mut rest = text.trim().trim_matches(['(', ')', '[', ']', '~', '*']).trim();
    let lower = rest.to_lowercase();
    if let Some(word) =
        BEFORE.iter().find(|word| lower.strip_prefix(*word).is_some_and(|rest| rest.starts_with([' ', ':'])))
        && lower.len() == rest.len()
    {
        rest = rest.get(word.len()..).unwrap_or_default().trim_start_matches([' ', ':']);
    }
    match BEHIND.iter().find_map(|word| rest.strip_suffix(word)) {
        Some(before) if before.ends_with(|c: char| !c.is_alphabetic() || !c.is_ascii()) => before.trim_end(),
        Some(_) | None => rest,
    }
}

/// A date and nothing else but the time of the day and the day of the week.
fn exactly(text: &str, dialect: &Dialect) -> Option<Stated> {
    let ends = |end: usize| text.get(end..).is_some_and(|rest| is_clock(rest) || is_weekday(rest));
    if let Some((day, _)) = named(text).filter(|(_, end)| ends(*end)) {
        return Some(Stated::On(day));
    }
    let text = without_weekday(text);
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, 'T' | 't' | ',')).unwrap_or(text.len());
    let (date, rest) = (text.get(..end)?, text.get(end..)?);
    let behind = rest.trim_start_matches(['T', 't', ',']);
    if !is_clock(behind) && !is_weekday(behind) {
        return None;
    }
    if let Some(day) = compact(date) {
        return Some(Stated::On(day));
    }
    Some(match numbers::read(date, dialect.conventions.date_order, &dialect.orders)? {
        Numbers::One(day) => Stated::On(day),
        Numbers::Two(one, other) => Stated::TwoWays(one, other),
        Numbers::Never => Stated::Never,
    })
}

/// A date that a text begins with, with words behind it.
fn beginning(text: &str, dialect: &Dialect) -> Stated {
    let word =
        text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ',' | ';')).next().unwrap_or_default();
    let end = named(text).map(|(_, end)| end).unwrap_or(word.len());
    let day = text.get(..end).and_then(|date| exactly(date, dialect)).and_then(Stated::day);
    let rest = text.get(end..).unwrap_or_default();
    // A second date: nobody can say which of them counts.
    let again = rest.split(|c: char| c.is_whitespace() || "(),;".contains(c)).any(|word| {
        let dated =
            |date: &str| compact(date).is_some() || numbers::read(date, None, &dialect.orders).is_some();
        dated(word) || named(word).is_some()
    });
    match day {
        // Words without punctuation may turn its meaning round, such as `or later`.
        Some(day) if !again && rest.trim_start().starts_with(['(', ',', ';', ':', '-', '–', '—', '[']) => {
            Stated::Noted(day)
        }
        Some(_) | None => Stated::Words,
    }
}

/// `20260603`, the basic form of ISO 8601, in this century.
fn compact(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 8 && text.starts_with("20") && text.bytes().all(|byte| byte.is_ascii_digit());
    shaped.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()
}

/// Whether nothing is left but the time of a day: `17:00`, `5 pm CET`, `17:00:00.5+0200`.
fn is_clock(text: &str) -> bool {
    let timed = |word: &str| {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = word.get(digits.len()..).unwrap_or_default().to_lowercase();
        let short = digits.len() <= 2 || digits.len() <= 6 && text.contains(':');
        let number = short && digits.bytes().all(|byte| byte.is_ascii_digit());
        number && (unit.is_empty() || CLOCK.contains(&unit.as_str()))
    };
    let plain = text.chars().all(|c| c.is_alphanumeric() || " :.+-,()".contains(c));
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    plain && text.matches('-').count() < 2 && words.all(timed)
}

fn is_weekday(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    WEEKDAYS.contains(&word.as_str())
}

/// A text without the day of the week that it begins with.
fn without_weekday(text: &str) -> &str {
    match text.split_once([' ', ',']) {
        Some((word, rest)) if is_weekday(word) => rest.trim_start_matches([' ', ',']),
        Some(_) | None => text,
    }
}

/// A day, a month by its name and a year, in any order, at the beginning of a text; and where it ends.
///
/// A year has four digits, or two where it is joined to the month as in `20/Aug/26`.
pub(super) fn named(text: &str) -> Option<(NaiveDate, usize)> {
    if let Some(date) = east_asian(text) {
        return Some(date);
    }
    let (mut day, mut month, mut year, mut at) = (None, None, None, 0);
    for _ in 0..LONGEST {
        let rest = text.get(at..)?;
        let start = rest.find(char::is_alphanumeric)?;
        let apart = rest.get(..start)?;
        if apart.contains(|c: char| !c.is_whitespace() && !matches!(c, '.' | ',' | '-' | '/' | '\'' | '’'))
        {
            return None;
        }
        let joined = matches!(apart, "-" | "/") || apart.ends_with(['\'', '’']);
        let rest = rest.get(start..)?;
        let word = rest.get(..rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()))?;
        at += start + word.len();
        let lower = word.to_lowercase();
        if let Some(found) = MONTHS.iter().zip(1..).find(|(names, _)| names.contains(&lower.as_str())) {
            month = month.xor(Some(found.1));
        } else if let Some(found) = year_of(word) {
            year = year.xor(Some(found));
        } else if day.is_some() && month.is_some() && joined && word.len() == 2 {
            year = year.xor(word.parse::<i32>().ok().map(|year| 2000 + year));
        } else if let Some(found) = day_of(&lower) {
            day = day.xor(Some(found));
        } else if !BETWEEN.contains(&lower.as_str()) && !WEEKDAYS.contains(&lower.as_str()) {
            return None;
        }
        if let (Some(day), Some(month), Some(year)) = (day, month, year) {
            return Some((NaiveDate::from_ymd_opt(year, month, day)?, at));
        }
    }
    None
}

fn year_of(word: &str) -> Option<i32> {
    (word.len() == 4).then(|| word.parse().ok()).flatten()
}

/// `31`, `1st`, `1er`.
fn day_of(word: &str) -> Option<u32> {
    let digits = ORDINALS.iter().find_map(|suffix| word.strip_suffix(suffix)).unwrap_or(word);
    (digits.len() <= 2).then(|| digits.parse().ok()).flatten()
}

/// `2026年12月31日`.
fn east_asian(text: &str) -> Option<(NaiveDate, usize)> {
    let (year, rest) = text.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, after) = rest.split_once(['日', '号'])?;
    let year = year_of(year.trim())?;
    let date = NaiveDate::from_ymd_opt(year, day_of(month.trim())?, day_of(day.trim())?)?;
    Some((date, text.len() - after.len()))
}

/// The last day of the last quarter that a text names, such as `Q3 2026` or `2026 Q3`, if it names nothing else.
fn quarter_end(text: &str) -> Option<NaiveDate> {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() || !words.len().is_multiple_of(2) {
        return None;
    }
    let ends: Option<Vec<NaiveDate>> = words.chunks(2).map(one_quarter_end).collect();
    ends?.into_iter().max()
}

fn one_quarter_end(words: &[&str]) -> Option<NaiveDate> {
    let number = |word: &str| word.strip_prefix(['Q', 'q']).and_then(|digit| digit.parse::<u32>().ok());
    let year = |word: &str| word.parse::<i32>().ok().filter(|_| word.len() == 4);
    let [first, second] = words else { return None };
    let (quarter, year) = match (number(first), number(second)) {
        (Some(quarter), None) => (quarter, year(second)?),
        (None, Some(quarter)) => (quarter, year(first)?),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    let begins = NaiveDate::from_ymd_opt(year, quarter.checked_sub(1)? * 3 + 1, 1)?;
    begins.checked_add_months(Months::new(3))?.pred_opt()
}

/// A date written `YYYY-MM-DD` that exists.
pub(super) fn iso(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// A date, or a date and time with an offset; a bare local time is none, because nobody can say which instant it is.
pub(super) fn when(text: &str) -> Option<When> {
    let date = iso(text.get(..10)?)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(When { date, instant: None });
    }
    let time = rest.strip_prefix(['T', 't', ' '])?;
    Some(When { date, instant: Some(instant(date, time)?) })
}

fn instant(date: NaiveDate, time: &str) -> Option<DateTime<FixedOffset>> {
    let (clock, offset) = match time.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, FixedOffset::east_opt(0)?),
        None => {
            let at = time.rfind(['+', '-'])?;
            (time.get(..at)?.trim_end(), offset(time.get(at..)?)?)
        }
    };
    let clock = NaiveTime::parse_from_str(clock, "%H:%M:%S%.f")
        .or_else(|_| NaiveTime::parse_from_str(clock, "%H:%M"))
        .ok()?;
    offset.from_local_datetime(&date.and_time(clock)).single()
}

/// `+01:00` or `+0100`.
fn offset(text: &str) -> Option<FixedOffset> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4)?.parse().ok()?;
    let seconds = hours * 3600 + minutes * 60;
    FixedOffset::east_opt(if text.starts_with('-') { -seconds } else { seconds })
}
