//! What only we write, on issues that we created: labels, due date and our block of the body.
//!
//! Desired is compared with what we wrote last, never with what is there: a person who takes our label off an issue
//! is not argued with, only reported.

use std::collections::BTreeSet;

use super::{
    action::Plan,
    creation::{due, proven_place, refuse_class},
    render::render,
    route::route,
    snapshot::{Context, same_place},
};
use crate::{
    model::{
        cycle::NoteKind,
        digest,
        finding::Finding,
        issue::{Change, Edit, Field, Issue},
        link::{Link, LinkKind},
        rule::{Destination, Outcome},
        terms::State,
    },
    review::clock,
};

/// Adds to `edit` what our own fields of an issue need, and says why. What a person did already is only remembered
/// in the link.
pub fn push_oneway(
    context: &Context,
    finding: &Finding,
    (link, issue): (&mut Link, &Issue),
    (edit, why): (&mut Edit, &mut Vec<String>),
    plan: &mut Plan,
) {
    match link.kind {
        LinkKind::Cited => return,
        LinkKind::Created => {}
    }
    if free(context, link, Field::Labels) {
        push_labels(context, finding, (link, issue), (edit, why), plan);
    }
    if free(context, link, Field::Due) {
        push_due(context, finding, (link, issue), (edit, why), plan);
    }
    match home(context, finding, link) {
        Some(destination) if free(context, link, Field::Block) => {
            push_block(context, finding, destination, (link, issue), (edit, why), plan);
        }
        Some(_) => {}
        None => {
            let why = format!(
                "the rules no longer send it to {}; the link goes on, `link rebind` moves it",
                link.destination
            );
            plan.note_link(NoteKind::Rerouted, link, why);
        }
    }
}

/// Whether a field may be written: the tracker did not refuse it lately.
pub fn free(context: &Context, link: &Link, field: Field) -> bool {
    link.refused.get(&field).is_none_or(|refusal| refusal.until <= context.now)
}

/// Whether an issue may hold text of a finding: one that we created, in a place that a rule still clears for its class.
pub fn takes_text(context: &Context, finding: &Finding, link: &Link) -> bool {
    let clears = |to: &Destination| {
        to.tracker == link.tracker && to.place == link.destination && finding.stated.tlp <= to.max_tlp
    };
    let mut outcomes = context.rules.iter().map(|rule| &rule.then);
    link.kind == LinkKind::Created
        && outcomes.any(|outcome| match outcome {
            Outcome::Create(to) => clears(to),
            Outcome::Register { .. } => false,
        })
}

/// The labels of ours that say how a finding stands.
pub(super) fn standing(context: &Context, finding: &Finding) -> BTreeSet<String> {
    let labels = &context.labels;
    let overdue = clock::overdue(&context.policy, finding, context.now).then(|| labels.overdue.clone());
    let state = match finding.state {
        State::RiskAccepted => Some(labels.risk_accepted.clone()),
        State::Resolved => Some(labels.verified.clone()),
        State::Open | State::InProgress | State::PendingVerification | State::Dismissed => None,
    };
    overdue.into_iter().chain(state).collect()
}

fn push_labels(
    context: &Context,
    finding: &Finding,
    (link, issue): (&mut Link, &Issue),
    (edit, why): (&mut Edit, &mut Vec<String>),
    plan: &mut Plan,
) {
    let labels = &context.labels;
    let managed = BTreeSet::from([&labels.overdue, &labels.risk_accepted, &labels.verified]);
    let wanted = standing(context, finding);
    for label in managed {
        // GitHub keeps the letters of the first use of a label, whatever is written later.
        let there = issue.labels.iter().any(|present| present.eq_ignore_ascii_case(label));
        match (wanted.contains(label), link.pushed.labels.contains(label), there) {
            (true, false, _) => {
                why.push(format!("label `{label}` is due"));
                edit.add_labels.insert(label.clone());
            }
            (false, true, true) => {
                why.push(format!("label `{label}` is no longer due"));
                edit.remove_labels.insert(label.clone());
            }
            // Somebody took it off already.
            (false, true, false) => drop(link.pushed.labels.remove(label)),
            (true, true, false) => {
                let drift = format!("somebody took our label `{label}` off; it is not put back");
                plan.note_link(NoteKind::Drift, link, drift);
            }
            (true, true, true) | (false, false, _) => {}
        }
    }
}

fn push_due(
    context: &Context,
    finding: &Finding,
    (link, issue): (&mut Link, &Issue),
    (edit, why): (&mut Edit, &mut Vec<String>),
    plan: &mut Plan,
) {
    let Some(kind) = context.trackers.get(&link.tracker).map(|facts| facts.kind) else { return };
    let wanted = due(kind, finding);
    if issue.due == wanted {
        // Whoever set it: it is as we would have written it.
        link.pushed.due = wanted;
    } else if issue.due != link.pushed.due {
        let shown = |date: Option<chrono::NaiveDate>| date.map_or("none".to_owned(), |date| date.to_string());
        let drift = format!(
            "somebody changed the due date from {} to {}; it is left alone",
            shown(link.pushed.due),
            shown(issue.due)
        );
        plan.note_link(NoteKind::Drift, link, drift);
    } else {
        why.push("the deadline changed".to_owned());
        edit.due = Some(Change { from: issue.due, to: wanted });
    }
}

/// The destination that the rules name for a finding, while it is the place that a link is in, under its old name or
/// its new one.
fn home<'a>(context: &'a Context, finding: &Finding, link: &Link) -> Option<&'a Destination> {
    match &route(&context.rules, finding)?.then {
        Outcome::Create(to)
            if to.tracker == link.tracker
                && [&link.destination, &link.issue.place].into_iter().any(|is| same_place(is, &to.place)) =>
        {
            Some(to)
        }
        Outcome::Create(_) | Outcome::Register { .. } => None,
    }
}

fn push_block(
    context: &Context,
    finding: &Finding,
    destination: &Destination,
    (link, issue): (&Link, &Issue),
    (edit, why): (&mut Edit, &mut Vec<String>),
    plan: &mut Plan,
) {
    let Some(from) = &link.pushed.block else { return };
    let body = match render(destination, finding, &context.policy) {
        Ok(rendered) => rendered.body,
        Err(error) => return plan.note_link(NoteKind::Held, link, error),
    };
    if *from == digest::of_text(&body) {
        return;
    }
    if let Err((kind, held)) = still_cleared(context, finding, destination) {
        return plan.note_link(kind, link, format!("nothing new is written to the issue: {held}"));
    }
    if issue.block.as_ref().is_some_and(|present| present != from) {
        let drift = "somebody edited our part of the description; it is left alone, and out of date";
        return plan.note_link(NoteKind::Drift, link, drift);
    }
    why.push("what is asked changed".to_owned());
    edit.block = Some(Change { from: from.clone(), to: body });
}

/// What is classified above the place by now must not follow it there (invariant 13). Who can read the place is known
/// if it was looked at in this cycle.
fn still_cleared(
    context: &Context,
    finding: &Finding,
    destination: &Destination,
) -> Result<(), (NoteKind, String)> {
    match context.places.get(&(destination.tracker.clone(), destination.place.clone())) {
        None => refuse_class(finding.stated.tlp, destination.max_tlp, &destination.place)
            .map_err(|why| (NoteKind::Held, why)),
        Some(_) => proven_place(context, finding, destination).map(|_| ()),
    }
}
