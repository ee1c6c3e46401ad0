//! Who had a part in a finding by what its issues show: everybody assigned to one, and whoever closed one.
//!
//! A finding has one owner, and an issue may have ten assignees: all of them had it in their hands.

use chrono::{DateTime, Utc};

use super::{Work, record::closer};
use crate::{
    model::{
        finding::Finding,
        ids::AccountId,
        involvement::{Involvement, Part, Party, implied},
        issue::{Field, Issue, TrackerKind},
        people::People,
    },
    plan::snapshot::{Context, Row},
};

impl Work<'_> {
    /// The parts that the issues show and that nobody recorded yet; each is told in the history.
    pub(super) fn new_parts(&mut self, row: &Row) -> Vec<Involvement> {
        if !self.finding.state.is_unresolved() {
            return Vec::new();
        }
        let members = row.findings.iter().filter(|member| member.finding.key == self.finding.key);
        let mut known: Vec<Involvement> = members.flat_map(|member| member.parts.iter().cloned()).collect();
        known.extend(implied(self.before).into_iter().chain(implied(&self.finding)));
        let mut new = Vec::new();
        for (n, part) in self.shown_parts() {
            if known.iter().any(|old| old.is_same(&part)) {
                continue;
            }
            self.tell_part(n, &part);
            known.push(part.clone());
            new.push(part);
        }
        new
    }

    /// Every part that the finding's issues show, with the place of the issue.
    fn shown_parts(&self) -> Vec<(usize, Involvement)> {
        let mut shown = Vec::new();
        let part = |part: Part, party: Party| Involvement::of(&self.finding, part, party, self.context.now);
        for (n, live) in self.live.iter().enumerate() {
            let (kind, issue) = (live.kind, live.issue);
            let assigned = assigned(self.context, &self.finding, (kind, issue), self.context.now);
            shown.extend(assigned.into_iter().map(|part| (n, part)));
            // Whoever closed an issue that is to be opened again did so in an episode that is over.
            let counts = self.finding.claim.is_some() || self.finding.declined_upstream;
            let is_ours = |account: &AccountId| is_ours(self.context, kind, account);
            let party = |account| party(&self.context.people, &is_ours, kind, account);
            let closer = closer(issue).filter(|_| counts).and_then(party);
            shown.extend(closer.map(|party| (n, part(Part::Claimed, party))));
        }
        // Whoever owned it when it was last seen may well have owned it when it was reopened.
        if self.finding.episode != self.before.episode
            && let Some(party) = Party::of_owner(&self.before.owner)
        {
            shown.push((0, part(Part::Owned, party)));
        }
        shown
    }

    fn tell_part(&mut self, n: usize, part: &Involvement) {
        let field = match part.part {
            Part::Claimed => Field::Progress,
            Part::Owned | Part::WroteClaim | Part::MovedAway | Part::NamedClaimant => Field::Owner,
        };
        let why = format!("{} {}", part.party, part.part.did());
        self.entry(n, "part_recorded", field, (String::new(), part.party.to_string()), &why);
        if let Some(entry) = self.entries.last_mut() {
            entry.before = None;
        }
    }
}

/// The parts of those whom an issue of a finding shows as assigned.
pub fn assigned(
    context: &Context,
    finding: &Finding,
    (kind, issue): (TrackerKind, &Issue),
    now: DateTime<Utc>,
) -> Vec<Involvement> {
    assigned_of(&context.people, |account| is_ours(context, kind, account), finding, (kind, issue), now)
}

/// The same without a cycle: all that it takes is who people are, and which accounts are our own.
pub fn assigned_of(
    people: &People,
    is_ours: impl Fn(&AccountId) -> bool,
    finding: &Finding,
    (kind, issue): (TrackerKind, &Issue),
    now: DateTime<Utc>,
) -> Vec<Involvement> {
    let parties = issue.assignees.iter().filter_map(|account| party(people, &is_ours, kind, account));
    parties.map(|party| Involvement::of(finding, Part::Owned, party, now)).collect()
}

/// Who an account is; nobody if it is our own.
fn party(
    people: &People,
    is_ours: &impl Fn(&AccountId) -> bool,
    kind: TrackerKind,
    account: &AccountId,
) -> Option<Party> {
    let party = Party::of_account(kind, account, &people.owner_of(kind, account));
    let is_own = matches!(party, Party::Account { .. }) && is_ours(account);
    (!is_own).then_some(party)
}

fn is_ours(context: &Context, kind: TrackerKind, account: &AccountId) -> bool {
    let mut trackers = context.trackers.values().filter(|tracker| tracker.kind == kind);
    trackers.any(|tracker| tracker.is_ours(account))
}
