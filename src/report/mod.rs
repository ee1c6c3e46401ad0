//! The deadline report: the register as data for reviewers, and as JSON, Markdown and HTML.
//!
//! Knows who must act next on what, and how fresh the data is. It never says that nothing is overdue while something could not be
//! read. Knows nothing of files, trackers, rules or the time of day: all of that is handed in.

pub mod data;
pub mod html;
pub mod json;
pub mod markdown;
pub mod row;
pub mod sections;

mod arrange;
mod describe;
mod freshness;
mod template;
mod text;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::{data::Report, json::schema, template::RenderError};
use crate::model::{
    deadline::Policy,
    ids::{FindingKey, GroupName, InstanceName, SourceName, TrackerName},
    people::People,
    register::Register,
    terms::Tlp,
};

/// What the report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The register.
    pub register: &'a Register,
    /// Everybody we know.
    pub people: &'a People,
    /// The review policy.
    pub policy: &'a Policy,
    /// Where the rules send each finding.
    pub routed: &'a BTreeMap<FindingKey, Routed>,
    /// The configured trackers, each with a description such as `GitHub, api.github.com`.
    pub trackers: &'a [(TrackerName, String)],
    /// The configured sources.
    pub sources: &'a [SourceName],
    /// The deployment.
    pub instance: &'a InstanceName,
    /// Digest of the configuration.
    pub config: &'a str,
    /// The present instant.
    pub now: DateTime<Utc>,
    /// What the reader may see.
    pub options: Options,
}

/// Where the rules send a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routed {
    /// It stays in the register, followed up with a group.
    Group(GroupName),
    /// An issue is created there, in words such as `github acme/payments`.
    Destination(String),
    /// No rule matches.
    Unrouted {
        /// Why not, for people.
        why: String,
    },
}

/// What the reader may see, and what counts as fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Findings above this class appear without their text.
    pub max_tlp: Tlp,
    /// A tracker read longer ago than this counts as not read.
    pub fresh_for: TimeDelta,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_tlp: Tlp::AmberStrict, fresh_for: TimeDelta::hours(24) }
    }
}

/// Builds the report. The same input gives the same report.
pub fn build(input: &Input<'_>) -> Report {
    let rows = describe::rows(input);
    let sections = arrange::sections(input, &rows);
    let counts = arrange::counts(&rows);
    let trackers = freshness::trackers(input);
    let sources = freshness::sources(input);
    let verdict = freshness::verdict(input, &counts, &sections, &trackers, &sources);
    let named = arrange::named(&sections);
    let findings: BTreeMap<FindingKey, row::Row> =
        rows.into_iter().filter(|(key, _)| named.contains(key)).collect();
    Report {
        format: data::FORMAT,
        as_of: input.now,
        zone: input.policy.zone.name().to_owned(),
        instance: input.instance.clone(),
        config: input.config.to_owned(),
        register_version: input.register.version,
        policy: input.policy.name.clone(),
        calendar: input.policy.calendar.name.clone(),
        tlp: arrange::banner(&findings, &sections),
        withheld: findings.values().filter(|row| row.withheld).count(),
        definitions: freshness::definitions(input, &findings),
        verdict,
        trackers,
        sources,
        counts,
        sections,
        findings,
    }
}
