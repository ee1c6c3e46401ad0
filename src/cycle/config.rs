//! What the configuration asks of a cycle.

use std::time::Duration;

use chrono::TimeDelta;

use crate::{
    model::{
        deadline::Policy,
        ids::InstanceName,
        mapping::Mapping,
        people::People,
        rule::{Limits, OnUnknown, Rule},
        terms::Mode,
    },
    plan::snapshot::Labels,
};

/// What the configuration asks of a cycle.
#[derive(Clone, Debug)]
pub struct Config {
    /// This deployment.
    pub instance: InstanceName,
    /// Digest of all of the configuration, as it is written.
    pub digest: String,
    /// Who takes the lease, for whoever is refused: `pid 4711 on worker-1`.
    pub holder: String,
    /// What may be written to trackers.
    pub mode: Mode,
    /// Which finding goes where, as it stands now.
    pub mapping: Mapping,
    /// Ordered rules.
    pub rules: Vec<Rule>,
    /// Who is who.
    pub people: People,
    /// Deadlines.
    pub policy: Policy,
    /// Names of our labels.
    pub labels: Labels,
    /// Brakes.
    pub limits: Limits,
    /// How long an unclear create is left alone.
    pub settle: TimeDelta,
    /// What happens after that.
    pub on_unknown: OnUnknown,
    /// How long a field that a tracker refused, or a create that failed five times, is left alone.
    pub cooldown: TimeDelta,
    /// In which time every finding is looked at in full, whether or not anything hints at it.
    pub audit: TimeDelta,
    /// Whether everything is looked at in this cycle.
    pub full: bool,
    /// Up to how many linked issues of a tracker are all read in every cycle, and up to how many findings of all documents everything
    /// is opened: that costs no more than to ask what changed.
    pub read_all_upto: usize,
    /// Longest wait for a lane inside a cycle; anything longer is deferred to a later one.
    pub patience: Duration,
}
