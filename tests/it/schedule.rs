//! When the worker runs: weekdays, daylight saving, refusals.

use chrono::{DateTime, Datelike, Duration, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use postmortem_sync::review::schedule::{Schedule, ScheduleError};
use proptest::prelude::*;

fn schedule(expression: &str, zone: Tz) -> Schedule {
    Schedule::parse(expression, zone).unwrap_or_else(|e| panic!("{expression}: {e}"))
}

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// The runs after `from` (exclusive) until `to` (inclusive), as UTC texts.
fn runs(expression: &str, zone: Tz, from: &str, to: &str) -> Vec<String> {
    let schedule = schedule(expression, zone);
    let mut found = Vec::new();
    let mut now = at(from);
    while let Some(next) = schedule.next(now).filter(|next| *next <= at(to)) {
        found.push(next.format("%d %H:%M").to_string());
        now = next;
    }
    found
}

#[test]
fn a_fixed_hour_inside_the_spring_gap_runs_right_after_it() {
    let berlin = runs("30 2 * * *", Tz::Europe__Berlin, "2027-03-27T00:00:00Z", "2027-03-29T12:00:00Z");
    assert_eq!(berlin, ["27 01:30", "28 01:00", "29 00:30"]);
    let odd = schedule("15 30 2 * * *", Tz::Europe__Berlin).next(at("2027-03-27T12:00:00Z"));
    assert_eq!(odd, Some(at("2027-03-28T01:00:00Z")), "seconds do not delay it");
    let london = runs("30 1 * * *", Tz::Europe__London, "2027-03-27T00:00:00Z", "2027-03-29T12:00:00Z");
    assert_eq!(london, ["27 01:30", "28 01:00", "29 00:30"]);
    let new_york = runs("15 2 * * *", Tz::America__New_York, "2027-03-13T00:00:00Z", "2027-03-15T12:00:00Z");
    assert_eq!(new_york, ["13 07:15", "14 07:00", "15 06:15"]);
}

#[test]
fn a_fixed_hour_that_autumn_repeats_runs_once() {
    let berlin = runs("30 2 * * *", Tz::Europe__Berlin, "2026-10-24T00:00:00Z", "2026-10-26T12:00:00Z");
    assert_eq!(berlin, ["24 00:30", "25 00:30", "26 01:30"]);
    let london = runs("30 1 * * *", Tz::Europe__London, "2026-10-24T00:00:00Z", "2026-10-26T12:00:00Z");
    assert_eq!(london, ["24 00:30", "25 00:30", "26 01:30"]);
    let new_york = runs("30 1 * * *", Tz::America__New_York, "2026-10-31T00:00:00Z", "2026-11-02T12:00:00Z");
    assert_eq!(new_york, ["31 05:30", "01 05:30", "02 06:30"]);
}

#[test]
fn a_schedule_of_every_hour_runs_through_both_passes_of_the_repeated_hour() {
    let expected = ["25 00:00", "25 00:30", "25 01:00", "25 01:30", "25 02:00"];
    let berlin = runs("*/30 * * * *", Tz::Europe__Berlin, "2026-10-24T23:59:00Z", "2026-10-25T02:00:00Z");
    assert_eq!(berlin, expected);
    let all_hours =
        runs("*/30 0-23 * * *", Tz::Europe__Berlin, "2026-10-24T23:59:00Z", "2026-10-25T02:00:00Z");
    assert_eq!(all_hours, expected);
}

#[test]
fn a_start_in_the_first_pass_does_not_drop_the_second() {
    // 00:45Z is 02:45 summer time; the clocks go back to 02:00 at 01:00Z.
    let berlin = runs("*/15 * * * *", Tz::Europe__Berlin, "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z");
    assert_eq!(berlin, ["25 01:00", "25 01:15", "25 01:30"]);
}

#[test]
fn a_schedule_of_every_hour_goes_on_across_the_spring_gap() {
    let berlin = runs("*/30 * * * *", Tz::Europe__Berlin, "2027-03-28T00:00:00Z", "2027-03-28T02:00:00Z");
    assert_eq!(berlin, ["28 00:30", "28 01:00", "28 01:30", "28 02:00"]);
}

#[test]
fn a_schedule_of_every_hour_leaves_out_what_the_spring_gap_swallows() {
    let berlin = runs("15 * * * *", Tz::Europe__Berlin, "2027-03-28T00:00:00Z", "2027-03-28T02:00:00Z");
    assert_eq!(berlin, ["28 00:15", "28 01:15"]);
}

#[test]
fn half_hour_changes_are_followed() {
    // Lord Howe moves by thirty minutes: from 02:00+11:00 back to 01:30+10:30 on 2027-04-04.
    let zone = Tz::Australia__Lord_Howe;
    assert_eq!(
        runs("45 1 * * *", zone, "2027-04-03T00:00:00Z", "2027-04-04T23:00:00Z"),
        ["03 14:45", "04 15:15"]
    );
    assert_eq!(
        runs("*/15 * * * *", zone, "2027-04-03T14:44:00Z", "2027-04-03T15:30:00Z"),
        ["03 14:45", "03 15:00", "03 15:15", "03 15:30"]
    );
}

#[test]
fn weekdays_count_from_sunday_as_zero_and_seven() {
    let days = |expression: &str| -> Vec<Weekday> {
        let schedule = schedule(expression, Tz::UTC);
        let mut now = at("2026-11-01T12:00:00Z"); // A Sunday.
        let mut found = Vec::new();
        while let Some(next) = schedule.next(now).filter(|next| *next < at("2026-11-09T00:00:00Z")) {
            found.push(next.weekday());
            now = next;
        }
        found
    };
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    assert_eq!(days("0 8 * * 0"), [Sun]);
    assert_eq!(days("0 8 * * 7"), [Sun]);
    assert_eq!(days("0 8 * * SUN"), [Sun]);
    assert_eq!(days("0 8 * * 1"), [Mon]);
    assert_eq!(days("0 8 * * 1-5"), [Mon, Tue, Wed, Thu, Fri]);
    assert_eq!(days("0 8 * * Mon-Fri"), [Mon, Tue, Wed, Thu, Fri]);
    assert_eq!(days("0 0 8 * * Mon-Fri"), [Mon, Tue, Wed, Thu, Fri]);
    assert_eq!(days("0 0 8 * * 1,thursday"), [Mon, Thu]);
    assert_eq!(days("0 8 * * 5-7"), [Fri, Sat, Sun]);
    assert_eq!(days("0 8 * * Fri-Mon"), [Mon, Fri, Sat, Sun]);
    assert_eq!(days("0 8 * * */2"), [Tue, Thu, Sat, Sun]);
    assert_eq!(days("0 8 * * Fri/1"), [Fri, Sat]);
    assert_eq!(days("0 8 * * 7/3"), [Wed, Sat, Sun]);
    assert_eq!(days("0 8 ? * 3"), [Wed]);
    assert_eq!(days("@weekly"), [Sun]);
}

#[test]
fn seconds_come_first_when_there_are_six_fields() {
    let five = schedule("*/5 * * * *", Tz::UTC).next(at("2026-11-23T10:00:00Z"));
    let six = schedule("30 */5 * * * *", Tz::UTC).next(at("2026-11-23T10:00:00Z"));
    assert_eq!(five, Some(at("2026-11-23T10:05:00Z")));
    assert_eq!(six, Some(at("2026-11-23T10:00:30Z")));
}

#[test]
fn a_wrong_expression_is_refused_with_the_field_that_is_wrong() {
    let refused = |expression: &str| Schedule::parse(expression, Tz::UTC).unwrap_err();
    assert_eq!(refused(""), ScheduleError::Fields(String::new(), 0));
    assert_eq!(refused("@every 5m"), ScheduleError::Fields("@every 5m".into(), 2));
    assert_eq!(refused("0 0 1 1 * * 2030"), ScheduleError::Fields("0 0 1 1 * * 2030".into(), 7));
    for (expression, field) in [
        ("60 * * * *", "the minute field `60` "),
        ("0 22-4 * * *", "the hour field `22-4` "),
        ("*/90 * * * *", "the minute field `*/90` "),
        ("0 0 L * *", "the day of month field `L` "),
        ("0 0 1 Foo *", "the month field `Foo` "),
        ("0 0 * * 8", "the weekday field `8` "),
        ("0 0 * * Mon#2", "the weekday field `Mon#2` "),
        ("0 0 * * Mon/0", "the weekday field `Mon/0` "),
        ("61 0 0 * * *", "the second field `61` "),
    ] {
        let message = refused(expression).to_string();
        assert!(message.starts_with(field), "{expression}: {message}");
    }
}

#[test]
fn both_day_fields_at_once_are_refused() {
    let error = Schedule::parse("0 0 13 * Fri", Tz::UTC).unwrap_err();
    assert_eq!(error, ScheduleError::BothDays("13".into(), "Fri".into()));
    assert!(Schedule::parse("0 0 0 13 * Fri", Tz::UTC).is_err());
}

#[test]
fn an_expression_that_never_fires_is_refused() {
    let error = Schedule::parse("0 0 30 2 *", Tz::UTC).unwrap_err();
    assert_eq!(error, ScheduleError::Never("0 0 30 2 *".into()));
    assert!(Schedule::parse("0 0 29 2 *", Tz::UTC).is_ok());
}

#[test]
fn every_expression_ends_with_the_calendar_and_not_with_a_panic() {
    let late = Utc.with_ymd_and_hms(2100, 12, 31, 23, 59, 59).unwrap();
    assert_eq!(schedule("0 0 * * *", Tz::UTC).next(late), None);
}

const ZONES: [Tz; 4] =
    [Tz::Europe__Berlin, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::America__Santiago];

const EXPRESSIONS: [&str; 7] = [
    "*/7 * * * *",
    "30 2 * * *",
    "0 */2 * * *",
    "15 0,1,2,3 * * *",
    "0 8 * * 1-5",
    "0 0 1 * *",
    "20 30 1 * * *",
];

proptest! {
    #[test]
    fn time_only_ever_goes_forward(
        zone in prop::sample::select(&ZONES[..]),
        expression in prop::sample::select(&EXPRESSIONS[..]),
        seconds in 0_i64..(3 * 365 * 86_400),
    ) {
        let schedule = schedule(expression, zone);
        let mut now = at("2026-01-01T00:00:00Z") + Duration::seconds(seconds);
        for _ in 0..40 {
            let next = schedule.next(now).unwrap();
            prop_assert!(next > now);
            // Nothing lies between: from any instant before it, the same run is next.
            let between = now + (next - now) / 2;
            prop_assert_eq!(schedule.next(between), Some(next));
            now = next;
        }
    }

    #[test]
    fn a_daily_job_runs_exactly_once_on_every_local_day(
        zone in prop::sample::select(&ZONES[..]),
        hour in 0_u32..24,
        minute in 0_u32..60,
        start in 0_i64..1000,
    ) {
        let schedule = schedule(&format!("{minute} {hour} * * *"), zone);
        let mut now = at("2026-01-01T12:00:00Z") + Duration::days(start);
        let mut day = None;
        for _ in 0..200 {
            now = schedule.next(now).unwrap();
            let today = now.with_timezone(&zone).date_naive();
            prop_assert!(day.is_none_or(|day: chrono::NaiveDate| day.succ_opt() == Some(today)), "{day:?} then {today}");
            day = Some(today);
        }
    }
}
