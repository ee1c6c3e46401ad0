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
mod draft;
mod freshness;
mod lists;
mod notes;
mod template;
mod text;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::{
    data::Report,
    draft::{Builder, Draft, End, Named, build, row},
    json::schema,
    template::RenderError,
};
use crate::model::{
    deadline::Policy,
    ids::{GroupName, InstanceName, SourceName, TrackerName},
    people::People,
    register::Register,
    terms::Tlp,
};

/// What the report is made from, beside the findings.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The register, of which nothing is asked that belongs to a finding, but for what stands of it.
    pub register: &'a Register,
    /// Everybody we know.
    pub people: &'a People,
    /// The review policy.
    pub policy: &'a Policy,
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

/// Lists as they are before anybody needs their keys.
type Compact = sections::Sections<lists::Listed, lists::Strays>;

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
