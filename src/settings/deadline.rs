//! Deadlines of the configuration: a shipped set of terms, changed where the file says so, and a calendar.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;

use super::{
    file::{
        CALENDAR,
        deadlines::{BySeverity, CalendarEntry, CalendarFile, DeadlinesEntry, Preset, TermsEntry},
        main::MainFile,
        part::Part,
    },
    literal,
    reading::{MISSING, Reading, member},
    suggest::nearest,
};
use crate::model::{
    deadline::{Calendar, Policy, Terms},
    terms::Severity,
};

/// Reads the review policy of the main file.
pub(super) fn policy(page: &mut Reading, file: &MainFile, zone: Tz) -> Option<Policy> {
    let at = "/deadlines";
    let entry = page.part(at, &file.deadlines)?;
    let mut policy = preset(entry.policy);
    override_terms(&mut policy.terms, &entry.overrides);
    check_terms(page, at, entry, &policy);
    policy.calendar = calendar(page, &format!("{at}/calendar"), entry.calendar.as_ref())?;
    policy.zone = zone;
    policy.due_soon_days = entry.due_soon_days.unwrap_or(policy.due_soon_days);
    policy.stale_days = entry.stale_days.map_or(policy.stale_days, |days| days.get());
    policy.verify_business_days =
        entry.verify_business_days.map_or(policy.verify_business_days, |days| days.get());
    Some(policy)
}

/// A shipped set of terms. Those of others name days to remediate only; the rest is that of `review-default`.
fn preset(preset: Preset) -> Policy {
    // Days from critical to low.
    let (name, days) = match preset {
        Preset::ReviewDefault => return Policy::review_default(),
        Preset::Pagerduty => ("pagerduty", [15, 30, 60, 90]),
        Preset::AtlassianFourWeeks => ("atlassian-4w", [28; 4]),
        Preset::AtlassianEightWeeks => ("atlassian-8w", [56; 4]),
        Preset::Defectdojo => ("defectdojo", [7, 30, 90, 120]),
        Preset::Gitlab => ("gitlab", [30, 30, 90, 180]),
    };
    let mut policy = Policy { name: name.to_owned(), ..Policy::review_default() };
    for (severity, days) in Severity::ALL.iter().zip(days) {
        if let Some(terms) = policy.terms.get_mut(severity) {
            terms.remediate_days = Some(days);
        }
    }
    policy
}

fn override_terms(terms: &mut BTreeMap<Severity, Terms>, overrides: &BySeverity) {
    for (severity, entry) in by_severity(overrides) {
        let Some(terms) = terms.get_mut(&severity) else { continue };
        let TermsEntry { remediate_days, review_days, waiver_days, extension_days } = entry;
        *terms = Terms {
            remediate_days: remediate_days.map_or(terms.remediate_days, |days| days.count()),
            review_days: review_days.map_or(terms.review_days, |days| days.get()),
            waiver_days: waiver_days.map_or(terms.waiver_days, |days| days.count()),
            extension_days: extension_days.map_or(terms.extension_days, |days| days.count()),
        };
    }
}

fn by_severity(overrides: &BySeverity) -> Vec<(Severity, &TermsEntry)> {
    let BySeverity { critical, high, medium, low, info } = overrides;
    let all = [
        (Severity::Critical, critical),
        (Severity::High, high),
        (Severity::Medium, medium),
        (Severity::Low, low),
        (Severity::Info, info),
    ];
    all.into_iter().filter_map(|(severity, entry)| Some((severity, entry.as_ref()?))).collect()
}

/// A worse severity that may take longer than a lesser one is most likely a slip.
fn check_terms(page: &mut Reading, at: &str, entry: &DeadlinesEntry, policy: &Policy) {
    let days = |severity: Severity| policy.terms(severity).remediate_days.unwrap_or(u32::MAX);
    for (severity, _) in by_severity(&entry.overrides) {
        let worse =
            Severity::ALL.iter().rev().find(|&&worse| worse < severity && days(worse) > days(severity));
        let lesser = Severity::ALL.iter().find(|&&lesser| lesser > severity && days(lesser) < days(severity));
        let pair = match (worse, lesser) {
            (Some(worse), _) => (*worse, severity),
            (None, Some(lesser)) => (severity, *lesser),
            (None, None) => continue,
        };
        let message = format!("findings of severity {} get longer than those of severity {}", pair.0, pair.1);
        page.warn(&format!("{at}/overrides/{severity}"), "deadlines", message, None);
    }
}

fn calendar(page: &mut Reading, at: &str, entry: Option<&CalendarEntry>) -> Option<Calendar> {
    match entry {
        None => Some(Policy::review_default().calendar),
        Some(CalendarEntry::Inline(calendar)) => calendar_of(page, at, "inline", calendar),
        Some(CalendarEntry::Named(name)) => named(page, at, name),
    }
}

/// Calendars that are shipped, by name.
const SHIPPED: [(&str, &str); 1] = [("uk", include_str!("../../config/calendars/uk.yaml"))];

/// The calendar of a file beside the main one, or else a shipped one. What is wrong in it is noticed there.
fn named(page: &mut Reading, at: &str, name: &str) -> Option<Calendar> {
    let path = page.beside(&format!("calendars/{name}.yaml"));
    let opened = match Reading::open(&path) {
        Err(error) if error.code == MISSING => match SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
            Some((_, text)) => {
                Reading::of(Path::new(&format!("shipped calendar {name}")), (*text).to_owned())
            }
            None => {
                let message = format!("there is no calendar `{name}`: {} is not there", error.path);
                page.error(at, "calendar", message, Some(no_calendar(name)));
                return None;
            }
        },
        opened => opened,
    };
    let mut other = match opened {
        Ok(other) => other,
        Err(error) => {
            page.notice([error]);
            return None;
        }
    };
    other.check(&CALENDAR);
    let file: Part<CalendarFile> = other.parse();
    let calendar = match other.part("", &file) {
        Some(file) => calendar_of(&mut other, "", name, file),
        None => None,
    };
    literal::refuse_all(&mut other);
    page.consulted(other.text());
    page.notice(other.into_noticed());
    calendar
}

/// What to do about a calendar that is not there.
fn no_calendar(name: &str) -> String {
    if let Some(near) = nearest(name, SHIPPED.iter().map(|(shipped, _)| *shipped)) {
        return format!("did you mean `{near}`, which is shipped?");
    }
    "create the file, or write the calendar here: `{ weekend: [Sat, Sun], holidays: [] }`".to_owned()
}

fn calendar_of(page: &mut Reading, at: &str, name: &str, entry: &CalendarFile) -> Option<Calendar> {
    let mut holidays = BTreeSet::new();
    for (n, text) in entry.holidays.iter().enumerate() {
        let pointer = format!("{}/{n}", member(at, "holidays"));
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(date) => {
                holidays.insert(date);
            }
            Err(_) => {
                let help = "write an existing date as year-month-day, such as `2026-12-25`".to_owned();
                page.error(&pointer, "calendar", format!("`{text}` is not a date"), Some(help));
            }
        }
    }
    let mut weekend: Vec<Weekday> = entry.weekend.clone();
    weekend.sort_by_key(Weekday::num_days_from_monday);
    weekend.dedup();
    if weekend.len() == 7 {
        let message =
            "no day of the week is a working day, so no deadline in business days would ever come".to_owned();
        page.error(&member(at, "weekend"), "calendar", message, None);
        return None;
    }
    Some(Calendar { name: name.to_owned(), weekend, holidays })
}
