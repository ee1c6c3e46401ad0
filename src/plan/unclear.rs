//! Creates whose outcome is unknown and that their finding does not wait for any more: it was dismissed, cites an issue by
//! now, was dropped by its document, goes elsewhere, or somebody linked it by hand.
//!
//! Whatever the finding wants, the issue may be there: it is looked for until it is linked, proven absent, or put before a
//! person (invariant 7). So is what a register that was put back may have made and does not know of any more.

use super::{
    action::{Action, Plan},
    creation::{awaits, leave, may_be_sent},
    marked::adopt_marked,
    protocol::{Attempt, Decision, IntentFirst, Known, Protocol as _},
    reads::{home, lacks_issue},
    snapshot::{Context, FindingRow, Row},
};
use crate::model::{
    cycle::{Note, NoteKind},
    issue::Issue,
    link::{Intent, Link, LinkKind},
    note::About,
    observed::Observed,
    rule::OnUnknown,
};

/// Plans every intent of a finding that [`plan_unlinked`](super::creation::plan_unlinked) does not see to.
pub(super) fn plan_unclear(context: &Context, row: &Row, member: &FindingRow, plan: &mut Plan) {
    let awaited = |intent: &Intent| !is_linked(row, member) && awaits(context, member, intent);
    for intent in member.intents.iter().filter(|intent| !awaited(intent)) {
        plan_one(context, row, member, intent, plan);
    }
    if !may_be_sent(&context.rules, member) && lacks_issue(row, member) {
        plan_forgotten(context, member, plan);
    }
}

/// An open issue with the marker of a finding that wants none, and of which the register knows none.
fn plan_forgotten(context: &Context, member: &FindingRow, plan: &mut Plan) {
    let Some((tracker, place)) = home(&context.rules, &member.finding) else { return };
    let found = member.marked.values().filter_map(Observed::known).flatten();
    let open: Vec<Issue> = found.filter(|issue| !issue.progress.is_closed()).cloned().collect();
    if !open.is_empty() {
        return adopt_marked(context, (&member.finding, false), tracker, &open, plan);
    }
    let is_searched = member.marked.values().any(|found| found.known().is_some());
    if member.forgotten && !is_searched {
        let why = format!(
            "whether {place} holds an issue of it that this register does not know of could not be told; it is looked for again"
        );
        plan.note(NoteKind::Unreachable, &member.finding.key, why);
    }
}

fn is_linked(row: &Row, member: &FindingRow) -> bool {
    links(row, member).next().is_some()
}

fn links<'a>(row: &'a Row, member: &'a FindingRow) -> impl Iterator<Item = &'a Link> {
    row.links.iter().map(|(link, _)| link).filter(|link| link.finding == member.finding.key)
}

fn plan_one(context: &Context, row: &Row, member: &FindingRow, intent: &Intent, plan: &mut Plan) {
    if !context.trackers.contains_key(&intent.tracker) {
        let why = format!(
            "the outcome of its create in {} is unknown, and `{}` is not configured any more; look there for an issue of \
             ours and link it with `link adopt`",
            intent.place, intent.tracker
        );
        return note(intent, NoteKind::Held, why, plan);
    }
    let decision = IntentFirst.decide(Known {
        attempt: Some(Attempt { number: intent.attempt, age: context.now - intent.last_under_way() }),
        found: member.marked.get(&intent.marker),
        settle: context.settle,
        on_unknown: context.on_unknown,
    });
    match decision {
        Decision::Adopt(issues) => plan_found(context, row, member, (intent, issues), plan),
        Decision::Create { .. } => {
            end(intent, "complete searches after the time to settle show no issue of it", plan);
        }
        Decision::Ask if context.on_unknown == OnUnknown::Hold => {
            let why = format!(
                "the outcome of its create in {} is unknown, and `on_unknown: hold` leaves it to a person to look there",
                intent.place
            );
            note(intent, NoteKind::Held, why, plan);
        }
        Decision::Ask | Decision::Unreadable(_) | Decision::Settling | Decision::Unsearched => {
            let (kind, why) = leave(decision, Some(intent), context.settle);
            note(intent, kind, why, plan);
        }
    }
}

/// Its issue is there: linked, unless it is already, or another one of ours follows the finding there.
fn plan_found(
    context: &Context,
    row: &Row,
    member: &FindingRow,
    (intent, issues): (&Intent, &[Issue]),
    plan: &mut Plan,
) {
    let is_followed = |issue: &Issue| links(row, member).any(|link| link.issue.id == issue.at.id);
    if issues.iter().any(is_followed) {
        return end(intent, "its issue is linked", plan);
    }
    let taken = links(row, member).find(|link| {
        link.kind == LinkKind::Created && link.tracker == intent.tracker && link.destination == intent.place
    });
    match taken {
        None => adopt_marked(context, (&member.finding, true), &intent.tracker, issues, plan),
        Some(link) => {
            let others: Vec<&str> = issues.iter().map(|issue| issue.at.key.as_str()).collect();
            let why = format!(
                "{} came of an earlier create, and {} follows the finding; close one of them as a duplicate",
                others.join(", "),
                link.issue.key
            );
            note(intent, NoteKind::Duplicate, why, plan);
        }
    }
}

fn end(intent: &Intent, why: &str, plan: &mut Plan) {
    plan.actions.push(Action::EndIntent {
        finding: intent.finding.clone(),
        tracker: intent.tracker.clone(),
        place: intent.place.clone(),
        why: why.to_owned(),
    });
}

fn note(intent: &Intent, kind: NoteKind, why: String, plan: &mut Plan) {
    let place = About::Place(intent.place_id.clone());
    plan.say(Note::new(kind, why).of(&intent.finding).at(&intent.tracker).about(place));
}
