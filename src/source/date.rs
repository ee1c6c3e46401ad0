//! Dates as documents write them. ISO 8601 is always read, and so is a day of a month that is written as a word;
//! anything else would be a guess, unless the source says how its documents write dates.

use chrono::{DateTime, FixedOffset, Months, NaiveDate, NaiveTime, TimeZone};

use crate::model::{conventions::Conventions, postmortem::When, terms::DateOrder};

/// What each month is called in the languages that are read, whole and cut short.
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "janvier", "janv", "enero", "ene", "janeiro", "januar", "jänner"],
    &["february", "feb", "février", "févr", "fév", "febrero", "fevereiro", "fev", "februar"],
    &["march", "mar", "mars", "marzo", "março", "märz", "mär", "mrz"],
    &["april", "apr", "avril", "avr", "abril", "abr"],
    &["may", "mai", "mayo", "maio"],
    &["june", "jun", "juin", "junio", "junho", "juni"],
    &["july", "jul", "juillet", "juil", "julio", "julho", "juli"],
    &["august", "aug", "août", "agosto", "ago"],
    &["september", "sep", "sept", "septembre", "septiembre", "setembro", "set"],
    &["october", "oct", "octobre", "octubre", "outubro", "out", "oktober", "okt"],
    &["november", "nov", "novembre", "noviembre", "novembro"],
    &["december", "dec", "décembre", "déc", "diciembre", "dic", "dezembro", "dez", "dezember"],
];

/// Words between the parts of a date.
const BETWEEN: [&str; 6] = ["de", "del", "of", "the", "le", "den"];

/// What follows the number of a day.
const ORDINALS: [&str; 7] = ["st", "nd", "rd", "th", "er", "º", "ª"];

/// Most words of a date, as in `31 de diciembre de 2026`.
const LONGEST: usize = 5;

/// A deadline as a document states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// A day.
    On(NaiveDate),
    /// A quarter, in a source where that is only a wish.
    Wish,
    /// Something that may be read in more than one way, or not at all.
    Unclear,
}

/// Reads a deadline.
pub(super) fn stated(text: &str, conventions: &Conventions) -> Stated {
    let text = text.trim();
    let day = iso(text).or_else(|| when(text).map(|when| when.date));
    let day = day.or_else(|| numeric(text, conventions.date_order?));
    let day = day.or_else(|| named(text).filter(|(_, end)| *end == text.len()).map(|(day, _)| day));
    match (day, quarter_end(text)) {
        (Some(day), _) => Stated::On(day),
        (None, Some(end)) if conventions.quarter_is_due => Stated::On(end),
        (None, Some(_)) => Stated::Wish,
        (None, None) => Stated::Unclear,
    }
}

/// A date of three numbers, such as `24/07/2025` or `5.3.24`. A year of four digits may also stand first.
fn numeric(text: &str, order: DateOrder) -> Option<NaiveDate> {
    let parts: Vec<&str> = text.split(['/', '.', '-']).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let number = |text: &str| {
        let digits = matches!(text.len(), 1 | 2 | 4) && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (first_number, second_number, third_number) = (number(first)?, number(second)?, number(third)?);
    let (year, month, day) = match order {
        _ if first.len() == 4 => (first_number, second_number, third_number),
        DateOrder::DayFirst => (third_number, second_number, first_number),
        DateOrder::MonthFirst => (third_number, first_number, second_number),
    };
    let year = if year < 100 { 2000 + year } else { year };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// A day, a month by its name and a year of four digits, in any order, at the beginning of a text; and where it ends.
pub(super) fn named(text: &str) -> Option<(NaiveDate, usize)> {
    if let Some(date) = east_asian(text) {
        return Some(date);
    }
    let (mut day, mut month, mut year, mut at) = (None, None, None, 0);
    for _ in 0..LONGEST {
        let rest = text.get(at..)?;
        let start = rest.find(char::is_alphanumeric)?;
        if rest.get(..start)?.contains(|c: char| !c.is_whitespace() && !matches!(c, '.' | ',' | '-' | '/')) {
            return None;
        }
        let rest = rest.get(start..)?;
        let word = rest.get(..rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()))?;
        at += start + word.len();
        let lower = word.to_lowercase();
        if let Some(found) = MONTHS.iter().zip(1..).find(|(names, _)| names.contains(&lower.as_str())) {
            month = month.xor(Some(found.1));
        } else if let Some(found) = year_of(word) {
            year = year.xor(Some(found));
        } else if let Some(found) = day_of(&lower) {
            day = day.xor(Some(found));
        } else if !BETWEEN.contains(&lower.as_str()) {
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
