//! What only we write, on issues that we created: labels, due date and our block of the body.
//!
//! Desired is compared with what we wrote last, never with what is there: a person who takes our label off an issue
//! is not argued with, only reported.

use std::collections::BTreeSet;

use super::{
    action::Plan,
    clearance::{exposed, is_home, takes_text},
    creation::due,
    places::still_refused,
    render::{former_body, render},
    route::route,
    snapshot::Context,
};
use crate::{
    model::{
        cycle::{Note, NoteKind},
        digest,
        finding::Finding,
        issue::{Change, Edit, Field, Issue},
        link::{Link, LinkKind},
        note::About,
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
    if let Some(why) = exposed(context, finding, link) {
        let place = About::Place(link.issue.place_id.clone());
        plan.say(Note::of_link(NoteKind::Exposed, link, why).about(place));
    }
    // What the answer does not show is unknown: whether our own is there, nobody can say.
    if issue.shows(Field::Labels) && free(context, link, Field::Labels, None) {
        push_labels(context, finding, (link, issue), (edit, why), plan);
    }
    if issue.shows(Field::Due) && free(context, link, Field::Due, None) {
        push_due(context, finding, (link, issue), (edit, why), plan);
    }
    match home(context, finding, link) {
        Some(destination) if free(context, link, Field::Block, None) => {
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

/// Whether a field may be written: the tracker did not lately refuse what is asked of it, or anything, under the facts
/// that its place still has.
pub fn free(context: &Context, link: &Link, field: Field, asked: Option<&str>) -> bool {
    let another = |refused: &Option<String>| refused.as_deref().is_some_and(|refused| asked != Some(refused));
    let facts = context.facts_of(&link.tracker, &link.issue);
    link.refused
        .get(&field)
        .is_none_or(|refusal| !still_refused(refusal, facts, context.now) || another(&refusal.asked))
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
        // GitHub keeps the letters of the first use of a label, whatever is written later, in any alphabet.
        let there = issue.carries(label);
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
                plan.say(of_field(NoteKind::Drift, link, Field::Labels, drift));
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
        plan.say(of_field(NoteKind::Drift, link, Field::Due, drift));
    } else {
        why.push("the deadline changed".to_owned());
        edit.due = Some(Change { from: issue.due, to: wanted });
    }
}

/// The destination that the rules name for a finding, while it is the place that a link is in.
fn home<'a>(context: &'a Context, finding: &Finding, link: &Link) -> Option<&'a Destination> {
    match &route(&context.rules, finding)?.then {
        Outcome::Create(to) if is_home(to, link) => Some(to),
        Outcome::Create(_) | Outcome::Register { .. } => None,
    }
}

fn of_field(kind: NoteKind, link: &Link, field: Field, why: impl Into<String>) -> Note {
    Note::of_link(kind, link, why).about(About::Field(field))
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
        Err(error) => return plan.say(of_field(NoteKind::Held, link, Field::Block, error)),
    };
    let says = |body: &str| *from == digest::of_text(body);
    if says(&body) || former_body(destination, finding, &context.policy).is_some_and(|body| says(&body)) {
        return;
    }
    if let Err((kind, held)) = takes_text(context, finding, link) {
        let why = format!("nothing new is written to the issue: {held}");
        return plan.say(of_field(kind, link, Field::Block, why));
    }
    if issue.block.as_ref().is_some_and(|present| present != from) {
        let drift = "somebody edited our part of the description; it is left alone, and out of date";
        return plan.say(of_field(NoteKind::Drift, link, Field::Block, drift));
    }
    why.push("what is asked changed".to_owned());
    edit.block = Some(Change { from: from.clone(), to: body });
}
