//! Dates as documents write them. Only ISO 8601 is read; anything else is somebody's guess (`domain.md` 2.3).

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone};

use crate::model::postmortem::When;

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
