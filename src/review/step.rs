//! One change of a finding, together with what the history says about it.

use chrono::{DateTime, Utc};

use crate::model::{
    finding::Finding,
    history::Entry,
    ids::PersonId,
    involvement::{Involvement, Part, Party, implied},
    register::Write,
};

/// A changed finding and the words for its history. Nothing is stored by this; the caller records both in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The finding after the change.
    pub finding: Finding,
    /// Stable word for the change, such as `finding_verified`.
    pub event: &'static str,
    /// The field that changed most visibly.
    pub field: &'static str,
    /// Its value before.
    pub before: Option<String>,
    /// Its value after.
    pub after: Option<String>,
    /// Why, for people.
    pub why: String,
    /// Parts in the finding that somebody has by this change, besides those that the finding implies.
    pub parts: Vec<Involvement>,
}

impl Step {
    /// The entry for the history.
    ///
    /// `actor` is a person's key, `worker`, or an account; `cycle` the cycle or command that it belongs to.
    pub fn entry(&self, at: DateTime<Utc>, cycle: impl Into<String>, actor: impl Into<String>) -> Entry {
        Entry {
            at,
            cycle: cycle.into(),
            event: self.event.to_owned(),
            finding: Some(self.finding.key.clone()),
            issue: None,
            actor: actor.into(),
            known_by: None,
            field: Some(self.field.to_owned()),
            before: self.before.clone(),
            after: self.after.clone(),
            why: self.why.clone(),
        }
    }

    /// What is recorded of a person's decision, in one transaction: the finding, the history, and who had a part in it, also as it
    /// was before, lest a register of an earlier release forget it. What its document said of it stands, unless that was decided on.
    pub fn writes(&self, before: &Finding, at: DateTime<Utc>, by: &PersonId) -> Vec<Write> {
        let parts = implied(before).into_iter().chain(self.parts.iter().cloned());
        let parts = parts.map(|part| Write::Involvement(Box::new(part)));
        let entry = self.entry(at, "command", by.as_str());
        let writes = [Write::Finding(Box::new(self.finding.clone())), Write::History(entry)];
        let stand = (self.finding.stated == before.stated).then_some(Write::DocumentsStand);
        writes.into_iter().chain(parts).chain(stand).collect()
    }

    /// A step that moved the workflow state of `before` to that of `after`.
    pub(super) fn state(before: &Finding, after: Finding, event: &'static str, why: String) -> Self {
        Self {
            event,
            field: "state",
            before: Some(before.state.to_string()),
            after: Some(after.state.to_string()),
            why,
            finding: after,
            parts: Vec::new(),
        }
    }

    /// The same step, by which somebody has a part in the finding.
    pub(super) fn with_part(mut self, part: Part, person: &PersonId, at: DateTime<Utc>) -> Self {
        self.parts.push(Involvement::of(&self.finding, part, Party::Person(person.clone()), at));
        self
    }
}
