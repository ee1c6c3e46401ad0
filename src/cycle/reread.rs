//! Reading again what is about to be changed, some issues at a time, through what the register remembers of them.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use super::recall::{Heard, Recall};
use crate::{
    model::{
        ids::TrackerName,
        issue::{Issue, IssueId, IssueRef},
        observed::Observed,
        sighting::Sighting,
    },
    plan::action::Action,
    tracker::{TrackerRead as _, TrackerWrite},
};

/// How many issues are read again at once, and how old such a read may be when its issue is written.
const BATCH: usize = 20;
const READ_AGE: TimeDelta = TimeDelta::seconds(20);

/// Issues that were read again a moment ago, and those whose turn comes.
pub struct Fresh {
    read: BTreeMap<IssueId, (Observed<Issue>, DateTime<Utc>)>,
    queue: BTreeMap<TrackerName, VecDeque<IssueRef>>,
    heard: Heard,
}

impl Fresh {
    /// The issues that a plan changes, in its order.
    pub fn new(actions: &[Action]) -> Self {
        let mut queue: BTreeMap<TrackerName, VecDeque<IssueRef>> = BTreeMap::new();
        for action in actions {
            if let Action::Edit(edit) = action {
                queue.entry(edit.tracker.clone()).or_default().push_back(IssueRef::clone(&edit.issue));
            }
        }
        Self { read: BTreeMap::new(), queue, heard: Heard::default() }
    }

    /// What the reads since the last call taught.
    pub(super) fn heard(&mut self) -> Heard {
        std::mem::take(&mut self.heard)
    }

    /// The issue as it is now: from a read that is seconds old, or from a new one that takes the next few along.
    pub(super) async fn get(
        &mut self,
        tracker: &dyn TrackerWrite,
        at: &IssueRef,
        now: DateTime<Utc>,
        known: &BTreeMap<IssueId, Sighting>,
    ) -> Observed<Issue> {
        let queue = self.queue.entry(tracker.name().clone()).or_default();
        if let Some((issue, read)) = self.read.remove(&at.id)
            && now - read <= READ_AGE
        {
            queue.retain(|next| next.id != at.id);
            return issue;
        }
        queue.retain(|next| next.id != at.id);
        let batch: Vec<IssueRef> = std::iter::once(at).chain(queue.iter()).take(BATCH).cloned().collect();
        let tracker = Recall::new(tracker, known);
        for (at, issue) in batch.iter().zip(tracker.read(&batch).await) {
            self.read.insert(at.id.clone(), (issue, now));
        }
        self.heard.absorb(tracker.heard());
        self.read.remove(&at.id).map_or_else(|| Observed::unknown("it was not answered"), |(issue, _)| issue)
    }
}
