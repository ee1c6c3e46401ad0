//! The mapping table: which issue follows which finding, and what both sides last agreed on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    failures::Failures,
    finding::Owner,
    ids::{FindingKey, Marker, PlaceName, TrackerName},
    issue::{Field, IssueRef},
    terms::Progress,
};

/// How an issue came to follow a finding; decides what we may write to it (invariant 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// We created it: it carries our marker, and everything one-way is allowed in our own block and labels.
    Created,
    /// The document, or a person, named it: owner and status are synced, nothing else.
    Cited,
}

/// One row of the mapping table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The finding.
    pub finding: FindingKey,
    /// The tracker that the issue is in, by its name in the configuration.
    pub tracker: TrackerName,
    /// The issue.
    pub issue: IssueRef,
    /// Keys it had before it was moved.
    pub former_keys: Vec<String>,
    /// How it came to be.
    pub kind: LinkKind,
    /// Place the rule named when it was linked.
    pub destination: PlaceName,
    /// When it was linked.
    pub since: DateTime<Utc>,
    /// What both sides last agreed on, per shared field.
    pub baseline: Baseline,
    /// What we last wrote to the one-way fields, as read back.
    pub pushed: Pushed,
    /// Fields that the tracker refused or dropped; the same is not tried again before the given time.
    pub refused: BTreeMap<Field, Refusal>,
    /// Tries to change it, with the same edit, that came to nothing since the last one that did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_edits: Option<Failures>,
    /// How the issue looked when it was last read.
    pub seen: Seen,
    /// Reads that did not find it, while it is in quarantine.
    pub absence: Option<Absence>,
    /// Further open issues of ours with its marker, as the last sweep of its place found them (invariant 7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubles: Vec<IssueRef>,
    /// When we last wrote to it, oldest first, as far as the budget of writes needs to know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<DateTime<Utc>>,
    /// When the decision was made whose word this issue was told last; none if it was told none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<DateTime<Utc>>,
}

/// What both sides last agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Owner.
    pub owner: Option<Agreed<Owner>>,
    /// Status.
    pub progress: Option<Agreed<Progress>>,
}

/// One agreed value, as each side expresses it. Each side is later compared with its own half.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed<T> {
    /// The finding's half.
    pub finding: T,
    /// The issue's half, as read back.
    pub issue: T,
}

/// What we last wrote to the one-way fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    /// Labels of ours.
    pub labels: BTreeSet<String>,
    /// Due date.
    pub due: Option<NaiveDate>,
    /// Digest of our block.
    pub block: Option<String>,
    /// When a comment to hold our block was last made, by our clock; none where it is in no comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<DateTime<Utc>>,
}

/// A field that the tracker refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Why.
    pub why: String,
    /// The value that was refused, as [`Edit::asks`](super::issue::Edit::asks) tells it; none where no value would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Not tried again before.
    pub until: DateTime<Utc>,
    /// Digest of the facts of its place at that time: under other facts it is tried at once. None where they were not
    /// known, and in refusals that are older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<String>,
}

/// How an issue looked when it was last read; for reports between cycles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When it was read.
    pub at: DateTime<Utc>,
    /// Status in the tracker's words.
    pub status_text: String,
    /// When the issue was last changed, by the tracker's clock.
    pub updated: DateTime<Utc>,
}

/// Reads that did not find an issue (invariant 10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// First read that did not find it.
    pub first: DateTime<Utc>,
    /// Last read that did not find it.
    pub last: DateTime<Utc>,
    /// How many reads counted.
    pub reads: u32,
}

/// A finding that was unlinked on purpose or lost its issue: nothing is created for it again without `link rebind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The finding.
    pub finding: FindingKey,
    /// The issue it was linked to.
    pub issue: IssueRef,
    /// Why the link ended.
    pub why: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How it ended; none in tombstones that are older than this, whose words tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// The link as it was, to go on with where it stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Box<Link>>,
    /// When a lost issue was last looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<DateTime<Utc>>,
}

/// How a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// A person ended it; only a person begins anew.
    Detached,
    /// Its issue was not found any more. It goes on by itself when the issue is found again.
    Lost,
}

/// For how long a lost issue is looked for.
pub const LOOKED_FOR: TimeDelta = TimeDelta::days(90);
/// How often.
const LOOKED_EVERY: TimeDelta = TimeDelta::hours(24);

impl Tombstone {
    /// How the link ended.
    pub fn end(&self) -> End {
        let gave_up = || self.why.contains(" was not found in ") && self.why.contains(" reads since ");
        self.end.unwrap_or(if gave_up() { End::Lost } else { End::Detached })
    }

    /// Until when its issue is looked for; none where a person ended the link.
    pub fn sought_until(&self) -> Option<DateTime<Utc>> {
        (self.end() == End::Lost).then(|| self.at + LOOKED_FOR)
    }

    /// Whether its issue is to be looked for now: once a day, for as long as it is sought.
    pub fn is_sought(&self, now: DateTime<Utc>) -> bool {
        let last = self.looked.unwrap_or(self.at);
        // A clock that was ahead must not keep it from being looked for.
        let is_due = now - last >= LOOKED_EVERY || last > now;
        is_due && self.sought_until().is_some_and(|until| now <= until)
    }

    /// When its issue is next to be looked for; none where it is not sought any more.
    pub fn next_sought(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.looked.unwrap_or(self.at) + LOOKED_EVERY;
        let next = if self.is_sought(now) { now } else { next };
        self.sought_until().is_some_and(|until| next <= until).then_some(next)
    }

    /// The same, to be looked for in the next cycle.
    #[must_use]
    pub fn to_be_sought(self) -> Self {
        Self { looked: Some(DateTime::UNIX_EPOCH), ..self }
    }
}

/// Committed before a create is sent: the outcome is unknown until it is gone (invariant 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The finding.
    pub finding: FindingKey,
    /// The tracker.
    pub tracker: TrackerName,
    /// The place.
    pub place: PlaceName,
    /// Numeric id of that place when the intent was committed.
    pub place_id: String,
    /// How the issue can be recognised.
    pub marker: Marker,
    /// Which attempt this is, from 1; an older attempt's outcome never counts as a newer one's.
    #[serde(rename = "epoch")]
    pub attempt: u32,
    /// When it was sent, by our clock. Nothing of it was made before.
    pub sent: DateTime<Utc>,
    /// When it was last known to be under way after that: just before it was sent again, or when whoever sent it no longer
    /// waited for the answer. None when they died, and in intents that are older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<DateTime<Utc>>,
    /// Digest of what was sent.
    pub payload: String,
}

impl Intent {
    /// When it was last known to be under way: the time to settle begins then.
    pub fn last_under_way(&self) -> DateTime<Utc> {
        self.given_up.map_or(self.sent, |given_up| given_up.max(self.sent))
    }
}
