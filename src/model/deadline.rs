//! Review policy and calendar: the data that deadlines are computed from.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::terms::Severity;

/// How long each severity may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name, as printed in reports.
    pub name: String,
    /// Terms by severity; every severity has one.
    pub terms: BTreeMap<Severity, Terms>,
    /// Business days a reviewer has to verify a claim.
    pub verify_business_days: u32,
    /// Days before a deadline from which a finding counts as due soon.
    pub due_soon_days: u32,
    /// Days without change after which a finding counts as stale.
    pub stale_days: u32,
    /// Zone that dates are read in.
    pub zone: Tz,
    /// Which days are working days.
    pub calendar: Calendar,
}

/// Terms of one severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Calendar days to remediate; none for never overdue.
    pub remediate_days: Option<u32>,
    /// Days between reviews.
    pub review_days: u32,
    /// Longest waiver in days; none when waivers make no sense.
    pub waiver_days: Option<u32>,
    /// Longest extension in days from the day it is approved; none when no deadline is extended.
    pub extension_days: Option<u32>,
}

/// Which days are working days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Its name.
    pub name: String,
    /// Days of the week that are free.
    pub weekend: Vec<Weekday>,
    /// Free dates.
    pub holidays: BTreeSet<NaiveDate>,
}

impl Policy {
    /// The shipped default, `review-default`.
    pub fn review_default() -> Self {
        let terms = |remediate, review_days, waiver_days, extension| Terms {
            remediate_days: remediate,
            review_days,
            waiver_days,
            extension_days: Some(extension),
        };
        Self {
            name: "review-default".to_owned(),
            terms: BTreeMap::from([
                (Severity::Critical, terms(Some(15), 7, Some(30), 30)),
                (Severity::High, terms(Some(30), 14, Some(90), 90)),
                (Severity::Medium, terms(Some(60), 30, Some(180), 180)),
                (Severity::Low, terms(Some(90), 90, Some(365), 365)),
                (Severity::Info, terms(None, 180, None, 365)),
            ]),
            verify_business_days: 10,
            due_soon_days: 7,
            stale_days: 30,
            zone: Tz::UTC,
            calendar: Calendar {
                name: "weekends".to_owned(),
                weekend: vec![Weekday::Sat, Weekday::Sun],
                holidays: BTreeSet::new(),
            },
        }
    }

    /// Terms of a severity; those of medium if the policy lacks it.
    pub fn terms(&self, severity: Severity) -> Terms {
        self.terms.get(&severity).or_else(|| self.terms.get(&Severity::Medium)).copied().unwrap_or(Terms {
            remediate_days: Some(60),
            review_days: 30,
            waiver_days: Some(180),
            extension_days: Some(180),
        })
    }
}
