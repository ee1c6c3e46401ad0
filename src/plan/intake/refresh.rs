//! What an edit of a document changes in a finding, and what it does not.

use super::{Intake, Terms, class, entry, origin::Placed, remark::late, stated};
use crate::{
    model::{
        finding::{Claimant, Finding, Owner},
        history::Entry,
        ids::FindingKey,
        postmortem::DocumentFinding,
        terms::{Claimed, Severity, State},
    },
    plan::{infer, linked::text},
    review::{clock, transition},
};

/// Brings a known finding up to date with its document.
pub(super) fn refresh(
    terms: Terms<'_>,
    at: &Placed<'_>,
    item: &DocumentFinding,
    key: &FindingKey,
    intake: &mut Intake,
) {
    let Some(before) = intake.findings.get(key) else { return };
    let now_stated = stated(at, item);
    let mut after = before.clone();
    after.stated = now_stated;
    class::settle(before, &mut after);
    after.source_missing = false;
    after.draft = at.postmortem.draft;
    after.allocated = before.allocated && item.id.is_none();
    take_terms(terms, item, before, &mut after);
    let warnings = start_clock(terms, at, before, &mut after);
    take_owner_and_claim(terms, before, &mut after);
    // A finding that only moved within its file is the same finding: no row is written for a line number alone.
    let mut moved = before.clone();
    moved.stated.line = after.stated.line;
    if moved == after {
        return;
    }
    after.changed = terms.now;
    let entries = differences(terms, before, &after);
    intake.diagnostics.extend(warnings.iter().map(|warning| late(at.document, item, warning)));
    intake.entries.extend(entries);
    intake.changed.insert(key.clone());
    intake.findings.insert(key.clone(), after);
}

/// Class, work, route, severity and deadline follow the document, but for what somebody corrected; the anchor does not move.
fn take_terms(terms: Terms<'_>, item: &DocumentFinding, before: &Finding, after: &mut Finding) {
    after.class = before.told.class.unwrap_or_else(|| infer::class(item));
    after.class_inferred = before.told.class.or(item.class).is_none();
    after.work = before.told.work.unwrap_or_else(|| infer::work(item));
    after.work_inferred = before.told.work.or(item.work).is_none();
    after.route = item.route.unwrap_or_else(|| after.class.default_route());
    after.severity = after.stated.severity.unwrap_or(Severity::Medium);
    after.severity_assumed = after.stated.severity.is_none();
    if after.severity != before.severity || after.stated.due != before.stated.due {
        after.clock =
            clock::reclassified(terms.policy, &before.clock, after.severity, after.stated.due, terms.now);
    }
}

/// Nobody works off a draft: its clock starts when it is published. An extension that was approved meanwhile holds.
fn start_clock(
    terms: Terms<'_>,
    at: &Placed<'_>,
    before: &Finding,
    after: &mut Finding,
) -> Vec<clock::Warning> {
    let published = before.draft && !after.draft;
    if !published || !after.state.is_running() || !after.clock.extensions.is_empty() {
        return Vec::new();
    }
    let started =
        clock::start(terms.policy, after.severity, at.postmortem.published, terms.now, after.stated.due);
    after.clock = started.0;
    started.1
}

/// Owner and claim are taken only when the document's own value changed since it was last read. An owner who is not
/// stated any more stays: nobody is unassigned because something disappeared (invariant 10).
fn take_owner_and_claim(terms: Terms<'_>, before: &Finding, after: &mut Finding) {
    if let Some(written) = &after.stated.owner {
        // A text that nobody was known by may be a person's by now.
        let is_text = matches!(&after.owner, Owner::Unmapped(text) if text == written.trim());
        if is_text || after.stated.owner != before.stated.owner {
            after.owner = terms.people.owners_written(written).owner;
        }
    } else if after.owner == Owner::Nobody && after.stated.team != before.stated.team {
        after.owner = terms.people.owner_stated(None, after.stated.team.as_deref()).owner;
    }
    if after.stated.claimed == before.stated.claimed {
        return;
    }
    match after.stated.claimed {
        Claimed::Done => {
            if let Some(step) = transition::claimed(after, Claimant::Document, terms.now) {
                *after = step.finding;
            }
        }
        Claimed::InProgress if after.state == State::Open => after.state = State::InProgress,
        Claimed::InProgress | Claimed::None => {}
    }
}

/// One entry for each thing that a document changed.
fn differences(terms: Terms<'_>, before: &Finding, after: &Finding) -> Vec<Entry> {
    let title = |finding: &Finding| finding.stated.words_inside().title.clone();
    let due = |finding: &Finding| finding.clock.due.map_or("none".to_owned(), |due| due.to_string());
    let fields = [
        ("title", title(before), title(after)),
        ("severity", before.severity.to_string(), after.severity.to_string()),
        ("class", before.class.to_string(), after.class.to_string()),
        ("route", before.route.to_string(), after.route.to_string()),
        ("owner", text(&before.owner), text(&after.owner)),
        ("state", before.state.to_string(), after.state.to_string()),
        ("due date", due(before), due(after)),
        ("draft", before.draft.to_string(), after.draft.to_string()),
        ("tlp", before.stated.tlp.to_string(), after.stated.tlp.to_string()),
        ("reviewers", before.stated.reviewers.join(", "), after.stated.reviewers.join(", ")),
        ("authors", before.stated.authors.join(", "), after.stated.authors.join(", ")),
        ("tlp of the document", before.read_tlp().to_string(), after.read_tlp().to_string()),
        ("document", before.stated.path.clone(), after.stated.path.clone()),
    ];
    let mut entries: Vec<Entry> = fields
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, was, is)| {
            let mut entry =
                entry(terms, &after.key, "document_changed", Some(was), Some(is), "its document changed");
            entry.field = Some(field.to_owned());
            entry
        })
        .collect();
    if entries.is_empty() {
        entries.push(entry(terms, &after.key, "document_changed", None, None, "its document changed"));
    }
    entries
}
