//! Deadlines: the worked examples of the field, and laws that hold across clock changes.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use postmortem_sync::{
    model::{
        finding::{AnchorKind, Claim, Claimant, Extension, Finding, Review},
        postmortem::When,
        terms::{Severity, State, Verdict},
    },
    review::{
        calendar::{add_business_days, day_end, local_date, uncovered_years},
        clock::{self, Basis, Warning},
    },
};
use proptest::prelude::*;

use super::review_build::{after_waiver, at, day, due, finding, pending, policy, waived};

fn published(date: &str) -> Option<When> {
    Some(When { date: day(date), instant: None })
}

#[test]
fn a_high_finding_is_due_thirty_days_after_publication() {
    let (clock, warnings) = clock::start(
        &policy("UTC"),
        Severity::High,
        published("2026-02-02"),
        at("2026-02-04T10:00:00Z"),
        None,
    );
    assert_eq!((clock.anchor, clock.anchor_kind), (day("2026-02-02"), AnchorKind::Published));
    assert_eq!((clock.due_original, clock.due), (Some(day("2026-03-04")), Some(day("2026-03-04"))));
    assert_eq!(warnings, []);
}

#[test]
fn a_medium_finding_is_due_sixty_days_after_publication() {
    let seen = at("2026-02-02T10:00:00Z");
    let (clock, _) = clock::start(&policy("UTC"), Severity::Medium, published("2026-02-02"), seen, None);
    assert_eq!(clock.due, Some(day("2026-04-03")));
}

#[test]
fn an_old_document_counts_from_first_sight_and_says_so() {
    let policy = policy("UTC");
    let seen = at("2026-03-05T10:00:00Z");
    for (date, anchor, kind) in [
        ("2026-03-05", "2026-03-05", AnchorKind::Published),
        ("2026-02-03", "2026-02-03", AnchorKind::Published),
        ("2026-02-02", "2026-03-05", AnchorKind::LateIntake),
        ("2019-05-01", "2026-03-05", AnchorKind::LateIntake),
    ] {
        let (clock, _) = clock::start(&policy, Severity::High, published(date), seen, None);
        assert_eq!((clock.anchor, clock.anchor_kind), (day(anchor), kind), "published {date}");
    }
}

#[test]
fn a_publication_with_an_offset_counts_on_the_date_of_the_policys_zone() {
    let instant = "2026-02-01T23:30:00-08:00".parse().unwrap();
    let when = Some(When { date: day("2026-02-01"), instant: Some(instant) });
    let (clock, _) =
        clock::start(&policy("Europe/London"), Severity::High, when, at("2026-02-04T10:00:00Z"), None);
    assert_eq!(clock.anchor, day("2026-02-02"));
}

#[test]
fn a_publication_in_the_future_lengthens_nothing() {
    let (clock, warnings) = clock::start(
        &policy("UTC"),
        Severity::High,
        published("2036-02-02"),
        at("2026-02-02T10:00:00Z"),
        None,
    );
    assert_eq!(clock.due, Some(day("2026-03-04")));
    assert!(matches!(warnings.as_slice(), [Warning::PublishedLater { .. }]), "{warnings:?}");
}

#[test]
fn an_explicit_date_shortens_and_a_later_one_is_ignored_with_a_warning() {
    let policy = policy("UTC");
    let seen = at("2026-02-02T10:00:00Z");
    let (shorter, none) = clock::start(&policy, Severity::High, None, seen, Some(day("2026-02-20")));
    assert_eq!((shorter.due, none), (Some(day("2026-02-20")), vec![]));
    let (same, none) = clock::start(&policy, Severity::High, None, seen, Some(day("2026-03-04")));
    assert_eq!((same.due, none), (Some(day("2026-03-04")), vec![]), "the policy's own date is not later");
    let (kept, warnings) = clock::start(&policy, Severity::High, None, seen, Some(day("2026-05-01")));
    assert_eq!(kept.due, Some(day("2026-03-04")));
    assert_eq!(
        warnings,
        [Warning::LaterThanPolicy { explicit: day("2026-05-01"), policy: day("2026-03-04") }]
    );
}

#[test]
fn an_info_finding_is_never_overdue() {
    let policy = policy("UTC");
    let (clock, _) = clock::start(&policy, Severity::Info, None, at("2020-01-01T00:00:00Z"), None);
    let mut finding = finding("PM-1/F1");
    finding.clock = clock;
    assert_eq!(finding.clock.due, None);
    assert!(!clock::overdue(&policy, &finding, at("2090-01-01T00:00:00Z")));
}

#[test]
fn a_due_date_ends_with_the_local_day_also_when_the_clocks_change() {
    for (zone, date, end) in [
        ("Europe/London", "2026-03-29", "2026-03-29T23:00:00Z"),
        ("America/Los_Angeles", "2026-03-08", "2026-03-09T07:00:00Z"),
        ("Asia/Tokyo", "2026-03-29", "2026-03-29T15:00:00Z"),
        // Midnight does not exist in Beirut on 29 March 2026: the day begins at 01:00.
        ("Asia/Beirut", "2026-03-28", "2026-03-28T22:00:00Z"),
        // Samoa skipped 30 December 2011.
        ("Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z"),
        // Midnight happened twice in St John's on 7 November 2010: the first one counts.
        ("America/St_Johns", "2010-11-06", "2010-11-07T02:30:00Z"),
        ("UTC", "2024-02-29", "2024-03-01T00:00:00Z"),
    ] {
        assert_eq!(day_end(zone.parse().unwrap(), day(date)), at(end), "{zone} {date}");
    }
}

#[test]
fn a_deadline_says_what_it_comes_from() {
    let policy = policy("Europe/London");
    let mut finding = due("PM-1/F1", "2026-03-04");
    let told = |finding: &Finding| format!("{:?}", clock::basis(&policy, finding).unwrap());
    assert_eq!(told(&finding), "Term { days: 30 }");
    finding.stated.due = Some(day("2026-03-04"));
    assert_eq!(told(&finding), "Term { days: 30 }", "it asks for what holds anyway");
    finding.clock.due = Some(day("2026-02-20"));
    finding.stated.due = finding.clock.due;
    assert_eq!(told(&finding), "Asked");
    finding.stated.due = None;
    assert_eq!(told(&finding), "Moved");
    let extension = Extension {
        due: day("2026-03-20"),
        reason: "the vendor is late".to_owned(),
        by: "eli".into(),
        at: at("2026-03-01T10:00:00Z"),
    };
    finding.clock.due = Some(extension.due);
    finding.clock.extensions.push(extension.clone());
    assert_eq!(clock::basis(&policy, &finding), Some(Basis::Extended(&extension)));
    finding.clock.due = None;
    assert_eq!(clock::basis(&policy, &finding), None);
}

#[test]
fn due_today_is_not_overdue_and_tomorrow_it_is_by_one_day() {
    let policy = policy("Europe/London");
    let finding = due("PM-1/F1", "2026-03-29");
    let last = at("2026-03-29T22:59:59Z");
    assert!(!clock::overdue(&policy, &finding, last));
    assert_eq!(clock::days_left(&policy, &finding, last), Some(0));
    let first = at("2026-03-29T23:00:00Z");
    assert!(clock::overdue(&policy, &finding, first));
    assert_eq!(clock::days_overdue(&policy, &finding, first), 1);
    assert_eq!(clock::days_left(&policy, &finding, first), Some(-1));
}

#[test]
fn only_findings_that_somebody_must_still_do_are_overdue() {
    let policy = policy("UTC");
    for state in State::ALL {
        let mut finding = due("PM-1/F1", "2026-03-01");
        finding.state = *state;
        let overdue = clock::overdue(&policy, &finding, at("2026-06-01T00:00:00Z"));
        assert_eq!(overdue, matches!(state, State::Open | State::InProgress), "{state}");
    }
}

#[test]
fn business_days_skip_weekends_and_holidays() {
    let mut calendar = policy("UTC").calendar;
    calendar.holidays = ["2025-12-25", "2025-12-26", "2026-01-01"].map(day).into();
    assert_eq!(add_business_days(&calendar, day("2025-12-23"), 5), day("2026-01-02"));
    assert_eq!(add_business_days(&calendar, day("2025-12-27"), 0), day("2025-12-27"));
    assert_eq!(add_business_days(&calendar, day("2025-12-27"), 1), day("2025-12-29"));
}

#[test]
fn a_calendar_without_working_days_counts_every_day() {
    let mut calendar = policy("UTC").calendar;
    calendar.weekend = (0..7).map(|n| chrono::Weekday::try_from(n).unwrap()).collect();
    assert_eq!(add_business_days(&calendar, day("2026-01-01"), 10), day("2026-01-11"));
}

#[test]
fn a_year_without_holidays_is_named() {
    let mut calendar = policy("UTC").calendar;
    assert!(uncovered_years(&calendar, day("2026-01-01"), day("2027-01-01")).is_empty());
    calendar.holidays = [day("2026-12-25")].into();
    assert_eq!(uncovered_years(&calendar, day("2026-01-01"), day("2027-06-01")), [2027].into());
}

#[test]
fn a_reviewer_has_ten_business_days_to_verify() {
    let policy = policy("UTC");
    let finding = pending("PM-1/F1", Claimant::Document);
    // Claimed on Friday 20 February.
    assert_eq!(clock::verify_by(&policy, &finding), Some(day("2026-03-06")));
    assert!(!clock::verification_overdue(&policy, &finding, at("2026-03-06T23:59:59Z")));
    assert!(clock::verification_overdue(&policy, &finding, at("2026-03-07T00:00:00Z")));
}

#[test]
fn the_next_review_follows_the_last_one_by_severity_or_by_name() {
    let policy = policy("UTC");
    let mut finding = finding("PM-1/F1");
    assert_eq!(clock::next_review(&policy, &finding), Some(day("2026-02-16")));
    let review = |next| {
        Some(Review {
            by: "rita".into(),
            at: at("2026-02-10T09:00:00Z"),
            verdict: Verdict::AtRisk,
            note: None,
            next,
        })
    };
    finding.last_review = review(None);
    assert_eq!(clock::next_review(&policy, &finding), Some(day("2026-02-24")));
    finding.last_review = review(Some(day("2026-02-13")));
    assert_eq!(clock::next_review(&policy, &finding), Some(day("2026-02-13")));
    assert!(!clock::review_due(&policy, &finding, at("2026-02-12T23:59:59Z")));
    assert!(clock::review_due(&policy, &finding, at("2026-02-13T00:00:00Z")));
    finding.state = State::Resolved;
    assert_eq!(clock::next_review(&policy, &finding), None);
}

#[test]
fn an_extension_and_the_end_of_a_waiver_bring_the_review_forward() {
    let policy = policy("UTC");
    let mut slipped = finding("PM-1/F1");
    slipped.clock.extensions.push(Extension {
        due: day("2026-05-01"),
        reason: "parts".to_owned(),
        by: "rita".into(),
        at: at("2026-02-05T09:00:00Z"),
    });
    assert_eq!(clock::next_review(&policy, &slipped), Some(day("2026-02-08")));
    let review = Review {
        by: "rita".into(),
        at: at("2026-02-05T09:00:00Z"),
        verdict: Verdict::AtRisk,
        note: None,
        next: None,
    };
    slipped.last_review = Some(review);
    assert_eq!(
        clock::next_review(&policy, &slipped),
        Some(day("2026-02-19")),
        "who extended has looked at it"
    );
    assert_eq!(clock::next_review(&policy, &waived("PM-1/F2", "2026-02-12")), Some(day("2026-02-12")));
}

#[test]
fn a_waiver_holds_on_its_last_day_and_then_leaves_what_was_left() {
    let finding = waived("PM-1/F1", "2026-03-31");
    assert_eq!(after_waiver(&finding, "2026-03-31T23:59:59Z"), None);
    let open = after_waiver(&finding, "2026-04-01T00:00:00Z").unwrap();
    assert_eq!(open.state, State::Open);
    // Due 4 March, waived on 10 February: 22 days were left.
    assert_eq!(open.clock.due, Some(day("2026-04-22")));
    assert_eq!(open.clock.due_original, Some(day("2026-03-04")), "the first deadline never changes");
}

#[test]
fn a_waiver_of_an_overdue_finding_ends_with_five_working_days_not_with_a_breach() {
    let mut finding = waived("PM-1/F1", "2026-03-31");
    finding.clock.due = Some(day("2026-02-05"));
    let open = after_waiver(&finding, "2026-04-01T00:00:00Z").unwrap();
    assert_eq!(open.clock.due, Some(day("2026-04-07")));
}

#[test]
fn an_accepted_risk_without_a_waiver_is_open() {
    let mut finding = waived("PM-1/F1", "2099-01-01");
    finding.waiver = None;
    assert_eq!(after_waiver(&finding, "2026-04-01T00:00:00Z").unwrap().state, State::Open);
}

#[test]
fn a_higher_severity_brings_the_deadline_forward_from_the_anchor_with_notice() {
    let policy = policy("UTC");
    let clock = finding("PM-1/F1").clock;
    let soon = clock::reclassified(&policy, &clock, Severity::Critical, None, at("2026-02-03T00:00:00Z"));
    assert_eq!(soon.due, Some(day("2026-02-17")));
    let late = clock::reclassified(&policy, &clock, Severity::Critical, None, at("2026-02-20T00:00:00Z"));
    assert_eq!(late.due, Some(day("2026-02-25")), "five days of notice");
    let lower = clock::reclassified(&policy, &clock, Severity::Low, None, at("2026-02-03T00:00:00Z"));
    assert_eq!(lower, clock, "a later date is an extension");
}

#[test]
fn in_time_is_measured_by_the_claim_not_by_the_verification() {
    let policy = policy("UTC");
    let mut finding = pending("PM-1/F1", Claimant::Document);
    assert_eq!(clock::met(&policy, &finding), None);
    finding.state = State::Resolved;
    assert_eq!(clock::met(&policy, &finding), Some(true));
    finding.clock.due_original = Some(day("2026-02-19"));
    assert_eq!(clock::met(&policy, &finding), Some(false));
    let claim_at = |text: &str| Some(Claim { at: at(text), by: Claimant::Document });
    finding.claim = claim_at("2026-02-19T23:59:59Z");
    assert_eq!(clock::met(&policy, &finding), Some(true));
    finding.claim = claim_at("2026-02-20T00:00:00Z");
    assert_eq!(clock::met(&policy, &finding), Some(false), "the next day is too late");
}

/// Hours before, and after, the due date that are stepped through.
const HOURS: i64 = 72;

fn zones() -> impl Strategy<Value = Tz> {
    proptest::sample::select(chrono_tz::TZ_VARIANTS.to_vec())
}

/// Due dates around clock changes, the year's end and 29 February.
fn dates() -> impl Strategy<Value = NaiveDate> {
    let special = proptest::sample::select(
        ["2024-02-28", "2024-02-29", "2025-12-31", "2026-01-01", "2026-03-08", "2026-03-29", "2026-10-25"]
            .map(day)
            .to_vec(),
    );
    let any = (0..3_650_i64).prop_map(|n| day("2020-01-01") + TimeDelta::days(n));
    prop_oneof![special, any]
}

fn hourly(zone: Tz, date: NaiveDate) -> Vec<DateTime<Utc>> {
    let end = day_end(zone, date);
    (-HOURS..=HOURS).map(|n| end + TimeDelta::hours(n)).collect()
}

proptest! {
    #[test]
    fn overdue_flips_exactly_once_and_at_the_first_instant_of_the_next_day(zone in zones(), date in dates()) {
        let policy = policy(zone.name());
        let finding = due("PM-1/F1", &date.to_string());
        let flips: Vec<bool> = hourly(zone, date).into_iter().map(|now| clock::overdue(&policy, &finding, now)).collect();
        prop_assert_eq!(flips.windows(2).filter(|pair| pair[0] != pair[1]).count(), 1);
        prop_assert!(!flips[0] && flips[HOURS as usize]);
        let end = day_end(zone, date);
        prop_assert!(local_date(zone, end) > date);
        prop_assert_eq!(local_date(zone, end - TimeDelta::seconds(1)), date);
    }

    #[test]
    fn days_overdue_never_fall_and_agree_with_overdue(zone in zones(), date in dates()) {
        let policy = policy(zone.name());
        let finding = due("PM-1/F1", &date.to_string());
        let mut before = 0;
        for now in hourly(zone, date) {
            let days = clock::days_overdue(&policy, &finding, now);
            prop_assert_eq!(days > 0, clock::overdue(&policy, &finding, now));
            prop_assert!(days >= before);
            before = days;
        }
    }

    #[test]
    fn the_nth_business_day_is_a_working_day_with_n_of_them_on_the_way(date in dates(), count in 1_u32..60) {
        let calendar = policy("UTC").calendar;
        let end = add_business_days(&calendar, date, count);
        let free = [chrono::Weekday::Sat, chrono::Weekday::Sun];
        let worked = date.iter_days().skip(1).take_while(|day| *day <= end).filter(|day| !free.contains(&day.weekday()));
        prop_assert_eq!(worked.count(), count as usize);
        prop_assert!(!free.contains(&end.weekday()));
    }
}
