//! The part of the main file that says how long findings may take, and calendar files.

use std::{borrow::Cow, num::NonZeroU32};

use chrono::Weekday;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::part::either;

/// How long findings may take. Days are calendar days in the schedule's time zone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct DeadlinesEntry {
    /// The set of terms to start from.
    pub policy: Preset,
    /// Other terms for single severities.
    pub overrides: BySeverity,
    /// Which days are working days: the name of a file `calendars/NAME.yaml`, or of a shipped calendar (`uk`), or the
    /// calendar itself. Left out: all but Saturday and Sunday.
    pub calendar: Option<CalendarEntry>,
    /// Days before a deadline from which a finding counts as due soon. Left out: 7.
    pub due_soon_days: Option<u32>,
    /// Days without change after which a finding counts as stale. Left out: 30.
    pub stale_days: Option<NonZeroU32>,
    /// Business days a reviewer has to verify a claim. Left out: 10.
    pub verify_business_days: Option<NonZeroU32>,
}

/// Sets of terms that are shipped. Review intervals and waivers are those of `review-default`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// 15, 30, 60 and 90 days from critical to low.
    #[default]
    ReviewDefault,
    /// `PagerDuty`: 15 days for critical, 30 for high; it names none below, so those of `review-default`.
    Pagerduty,
    /// Atlassian's shorter objective for priority actions: 4 weeks.
    #[serde(rename = "atlassian-4w")]
    AtlassianFourWeeks,
    /// Atlassian's longer objective for priority actions: 8 weeks.
    #[serde(rename = "atlassian-8w")]
    AtlassianEightWeeks,
    /// `DefectDojo`'s defaults: 7, 30, 90 and 120 days.
    Defectdojo,
    /// GitLab's terms for vulnerabilities: 30, 30, 90 and 180 days.
    Gitlab,
}

/// Other terms for single severities.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct BySeverity {
    /// Must be dealt with at once.
    pub critical: Option<TermsEntry>,
    /// Serious.
    pub high: Option<TermsEntry>,
    /// Ordinary.
    pub medium: Option<TermsEntry>,
    /// Minor.
    pub low: Option<TermsEntry>,
    /// Tracked, never overdue.
    pub info: Option<TermsEntry>,
}

/// Other terms; what is left out stays as in the policy.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct TermsEntry {
    /// Days to remediate, or `never` for never overdue.
    pub remediate_days: Option<Days>,
    /// Days between reviews.
    pub review_days: Option<NonZeroU32>,
    /// Longest waiver in days, or `never` for no waivers.
    pub waiver_days: Option<Days>,
    /// Longest extension in days from the day it is approved, or `never` for none. Left out: 30, 90, 180 and 365 days from critical to
    /// low, and 365 for info.
    pub extension_days: Option<Days>,
}

/// A number of days, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Days {
    /// So many.
    After(NonZeroU32),
    /// Never.
    Never(Never),
}

/// The word `never`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Never {
    /// Never.
    #[serde(rename = "never")]
    Never,
}

impl Days {
    /// How many; none for never.
    pub fn count(self) -> Option<u32> {
        match self {
            Self::After(days) => Some(days.get()),
            Self::Never(Never::Never) => None,
        }
    }
}

impl JsonSchema for Days {
    fn schema_name() -> Cow<'static, str> {
        "Days".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        either(
            "string",
            json_schema!({ "enum": ["never"] }),
            json_schema!({ "type": "integer", "minimum": 1 }),
        )
    }
}

/// A calendar: by name, or written out.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum CalendarEntry {
    /// `calendars/NAME.yaml` beside the main file, or a shipped one.
    Named(String),
    /// Written out.
    Inline(CalendarFile),
}

impl JsonSchema for CalendarEntry {
    fn schema_name() -> Cow<'static, str> {
        "Calendar".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        either("string", json_schema!({ "minLength": 1 }), CalendarFile::json_schema(generator))
    }
}

/// Which days are working days.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct CalendarFile {
    /// Free days of the week: `Mon` to `Sun`.
    pub weekend: Vec<Weekday>,
    /// Free dates: `2026-12-25`.
    pub holidays: Vec<String>,
}

impl Default for CalendarFile {
    fn default() -> Self {
        Self { weekend: vec![Weekday::Sat, Weekday::Sun], holidays: Vec::new() }
    }
}
