//! Pauses that trackers ask for, and the pace that keeps them.

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use postmortem_sync::net::{
    limits::{asked_pause, exhausted, server_time},
    pace::{Allowances, Lane, Pace},
};

use crate::{github_rig::Hand, support::start_of_time};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn wait(pairs: &[(&'static str, &str)]) -> Option<TimeDelta> {
    let now = start_of_time();
    asked_pause(&headers(pairs), now).map(|until| until - now)
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    assert_eq!(wait(&[("retry-after", "17")]), Some(TimeDelta::seconds(17)));
    let date = [("date", "Mon, 23 Nov 2026 10:00:00 GMT"), ("retry-after", "Mon, 23 Nov 2026 10:02:00 GMT")];
    assert_eq!(wait(&date), Some(TimeDelta::minutes(2)));
}

#[test]
fn an_exhausted_allowance_is_counted_by_the_servers_clock() {
    let epoch = at("2026-11-23T10:30:00Z").timestamp().to_string();
    let date = ("date", "Mon, 23 Nov 2026 10:00:00 GMT");
    let github = [date, ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &epoch)];
    assert_eq!(wait(&github), Some(TimeDelta::minutes(30)));
    for iso in ["2026-11-23T10:30:00Z", "2026-11-23T10:30Z", "2026-11-23T11:30:00+01:00"] {
        let jira = [date, ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", iso)];
        assert_eq!(wait(&jira), Some(TimeDelta::minutes(30)), "{iso}");
    }
}

#[test]
fn an_allowance_with_something_left_asks_for_nothing() {
    let epoch = (start_of_time().timestamp() + 60).to_string();
    assert_eq!(wait(&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", &epoch)]), None);
    assert_eq!(exhausted(&headers(&[("x-ratelimit-remaining", "0")]), start_of_time()), None);
    assert_eq!(wait(&[]), None);
}

#[test]
fn absurd_times_neither_overflow_nor_last_for_ever() {
    for absurd in ["99999999999999999999", "18446744073709551615", "9223372036854775807"] {
        let asked = wait(&[("retry-after", absurd)]);
        assert!(asked.is_none_or(|wait| wait <= TimeDelta::days(1)), "{absurd}: {asked:?}");
    }
    assert_eq!(wait(&[("retry-after", "0")]), Some(TimeDelta::seconds(1)));
    assert_eq!(wait(&[("retry-after", "soon")]), None);
    assert_eq!(server_time(&headers(&[("date", "today")])), None);
}

#[test]
fn refusals_without_a_time_pause_twice_as_long_each_time_until_a_write_is_taken() {
    let clock = Hand::at(start_of_time());
    let pace = Pace::new(Allowances::GITHUB, clock.clone());
    for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
        let until = pace.pause_unnamed();
        assert_eq!(until - pace.now(), TimeDelta::minutes(minutes));
        assert!(pace.admit(Lane::Read).is_err());
        assert_eq!(pace.paused_until(), Some(until));
        clock.advance(TimeDelta::minutes(minutes));
        assert_eq!(pace.admit(Lane::Read), Ok(()));
    }
    pace.write_taken();
    assert_eq!(pace.pause_unnamed() - pace.now(), TimeDelta::minutes(1));
}

#[test]
fn creates_count_as_writes() {
    let few = Allowances { writes_per_minute: 1, creates_per_minute: 800, ..Allowances::GITHUB };
    let pace = Pace::new(few, Hand::at(start_of_time()));
    assert_eq!(pace.admit(Lane::Create), Ok(()));
    assert!(pace.admit(Lane::Write).is_err(), "the create was the only write of this minute");
    assert_eq!(pace.admit(Lane::Read), Ok(()));
}
