//! Parts that reads in the middle of a cycle show: whoever was assigned to an issue just before or just after a write of
//! ours had its findings in their hands, also if the next cycle finds somebody else there.
//!
//! Knows what was read and what is on record. Must not know who may decide what.

use super::apply::Run;
use crate::{
    model::{
        finding::Finding,
        history::KnownBy,
        ids::FindingKey,
        involvement::Involvement,
        issue::{Field, Issue, TrackerKind},
        register::Write,
    },
    plan::linked::assigned,
};

/// The parts that an issue shows in all unresolved findings that follow it, as far as they are not on record.
pub(super) fn shown(run: &Run<'_, '_>, kind: TrackerKind, issue: &Issue) -> Vec<Write> {
    let links = run.ledger.register().links.iter().filter(|link| link.issue.id == issue.at.id);
    links.flat_map(|link| shown_in(run, kind, &link.finding, issue)).collect()
}

/// The same in one finding.
pub(super) fn shown_in(
    run: &Run<'_, '_>,
    kind: TrackerKind,
    finding: &FindingKey,
    issue: &Issue,
) -> Vec<Write> {
    let register = run.ledger.register();
    let unresolved = |finding: &&Finding| finding.state.is_unresolved();
    let Some(finding) = register.findings.get(finding).filter(unresolved) else { return Vec::new() };
    let now = run.ports.clock.now();
    let is_new = |part: &Involvement| !register.parts(&finding.key).iter().any(|known| known.is_same(part));
    let parts = assigned(&run.gathered.context, finding, (kind, issue), now).into_iter().filter(is_new);
    parts.flat_map(|part| [told(run, &part, issue), Write::Involvement(Box::new(part))]).collect()
}

fn told(run: &Run<'_, '_>, part: &Involvement, issue: &Issue) -> Write {
    let why = format!("{} {}", part.party, part.part.did());
    let mut entry = run.ledger.entry("part_recorded", &part.finding, Some(&issue.at.key), why);
    let host = &issue.at.id.host;
    let trackers = &run.gathered.context.trackers;
    let tracker = trackers.iter().find(|(_, facts)| facts.host == *host).map(|(name, _)| name.clone());
    entry.known_by = tracker.map(|tracker| KnownBy::Tracker { tracker, account: None });
    entry.actor = "tracker".to_owned();
    entry.field = Some(Field::Owner.as_str().to_owned());
    entry.after = Some(part.party.to_string());
    Write::History(entry)
}
