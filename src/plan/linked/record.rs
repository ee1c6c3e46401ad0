//! What the history says about a finding and its issues, and how that is known.

use super::Work;
use crate::model::{
    history::{Entry, KnownBy},
    ids::AccountId,
    issue::{Field, Issue},
};

impl Work<'_> {
    /// The tracker that said so, with whoever closed the issue where that is what it says.
    pub(super) fn known_by(&self, n: usize, field: Field) -> Option<KnownBy> {
        let live = self.live.get(n)?;
        let account = closer(live.issue).filter(|_| field == Field::Progress).cloned();
        Some(KnownBy::Tracker { tracker: live.link.tracker.clone(), account })
    }

    /// Adds an entry about a field of an issue, as its tracker told it.
    pub(super) fn entry(&mut self, n: usize, event: &str, field: Field, values: (String, String), why: &str) {
        let entry = self.told(n, event, field, values, why);
        self.entries.push(entry);
    }

    /// An entry about a field of an issue, as its tracker told it.
    pub(super) fn told(
        &self,
        n: usize,
        event: &str,
        field: Field,
        (before, after): (String, String),
        why: &str,
    ) -> Entry {
        Entry {
            at: self.context.now,
            cycle: String::new(),
            event: event.to_owned(),
            finding: Some(self.finding.key.clone()),
            issue: self.live.get(n).map(|live| live.link.issue.key.clone()),
            actor: "tracker".to_owned(),
            known_by: self.known_by(n, field),
            field: Some(field.as_str().to_owned()),
            before: Some(before),
            after: Some(after),
            why: why.to_owned(),
        }
    }
}

/// The account that closed an issue, while it is closed.
pub(super) fn closer(issue: &Issue) -> Option<&AccountId> {
    issue.closed_by.as_ref().filter(|_| issue.progress.is_closed())
}
