//! A finding without a link: adopt, create, wait, hold or leave it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    action::{Action, CreateAction, Plan},
    clearance::proven_place,
    marked::adopt_marked,
    marker::marker,
    oneway::standing,
    places::still_failing,
    poison,
    protocol::{Attempt, Decision, IntentFirst, Known, Protocol as _},
    render::render,
    route::route,
    snapshot::{Context, FindingRow},
};
use crate::model::{
    cycle::NoteKind,
    finding::{Finding, Owner},
    ids::{Marker, TrackerName},
    issue::{Draft, Issue, PlaceFacts, TrackerKind},
    link::{Intent, LinkKind},
    observed::Observed,
    rule::{Destination, Outcome, Rule},
    terms::{State, Work},
};

/// Plans a finding that has no link.
///
/// | finding | cites | intent | marker read | | result |
/// |---|---|---|---|---|---|
/// | resolved, waived, dismissed | | | | | nothing |
/// | draft | | | | | nothing, whatever it cites |
/// | tombstone | | | | | held |
/// | | an issue | | | | adopt it; hold when it cannot be read |
/// | claimed done | none | | | | register only |
/// | no rule | | | | | unrouted |
/// | register rule | | | | | register only |
/// | create rule | | any | found | | adopt the oldest of ours, report the rest; hold when none is ours |
/// | create rule | | any | incomplete | | wait |
/// | create rule | | younger than settle | none | | wait |
/// | create rule | | older | none | | create again, next epoch; or hold, by policy |
/// | create rule | | none | none | | create |
/// | create rule, failed too often | | none or older | none | | hold until the cool-down is over |
pub fn plan_unlinked(context: &Context, row: &FindingRow, plan: &mut Plan) {
    let finding = &row.finding;
    match finding.state {
        State::Open | State::InProgress | State::PendingVerification => {}
        State::Resolved | State::RiskAccepted | State::Dismissed => return,
    }
    if finding.draft {
        return plan.note(
            NoteKind::Deferred,
            &finding.key,
            "its postmortem is not published; drafts create nothing",
        );
    }
    if let Some(tombstone) = row.tombstones.first() {
        let sought = tombstone.sought_until().filter(|until| context.now <= *until);
        let sought = sought.map(|until| {
            format!(
                ", it is looked for daily until {} and goes on when it is found",
                until.format("%Y-%m-%d")
            )
        });
        let why = format!(
            "its link to {} ended: {}{}; `link rebind` starts anew",
            tombstone.issue.key,
            tombstone.why,
            sought.unwrap_or_default()
        );
        return plan.note(NoteKind::Held, &finding.key, why);
    }
    if !row.citations.is_empty() {
        return adopt_cited(row, plan);
    }
    if finding.state == State::PendingVerification {
        let why = "claimed done; no issue is created unless it is rejected";
        return plan.note(NoteKind::Register, &finding.key, why);
    }
    match route(&context.rules, finding) {
        None => plan.note(NoteKind::Unrouted, &finding.key, "no rule matches it; `explain` says why"),
        Some(Rule { then: Outcome::Register { group }, .. }) => {
            plan.note(NoteKind::Register, &finding.key, format!("followed up with {group}"));
        }
        Some(rule @ Rule { then: Outcome::Create(destination), .. }) => {
            plan_create(context, row, rule, destination, plan);
        }
    }
}

/// The marker of a finding's issue in a place.
pub fn marker_of(
    context: &Context,
    finding: &Finding,
    tracker: &TrackerName,
    place_id: &str,
) -> Option<Marker> {
    let host = &context.trackers.get(tracker)?.host;
    Some(marker(&context.marker_key, &context.instance, &finding.key, host, place_id))
}

fn adopt_cited(row: &FindingRow, plan: &mut Plan) {
    let finding = &row.finding;
    for citation in &row.citations {
        let cites = &citation.written;
        match (&citation.tracker, &citation.issue) {
            (Some(tracker), Observed::Known(issue)) => plan.actions.push(Action::Adopt {
                finding: finding.key.clone(),
                tracker: tracker.clone(),
                issue: Box::new(issue.clone()),
                kind: LinkKind::Cited,
                doubles: Vec::new(),
                why: format!("its document cites {cites}"),
            }),
            (Some(_), Observed::Missing) => {
                let why = format!(
                    "it cites {cites}, which does not exist or is not visible to this account; correct the document"
                );
                plan.note(NoteKind::Held, &finding.key, why);
            }
            (Some(_), Observed::Unknown { why }) => {
                plan.note(
                    NoteKind::Unreachable,
                    &finding.key,
                    format!("it cites {cites}, which could not be read: {why}"),
                );
            }
            (None, _) => {
                let why = format!(
                    "it cites {cites}, which no configured tracker serves; add the tracker, or take the citation out"
                );
                plan.note(NoteKind::Held, &finding.key, why);
            }
        }
    }
}

fn plan_create(context: &Context, row: &FindingRow, rule: &Rule, destination: &Destination, plan: &mut Plan) {
    let finding = &row.finding;
    let facts = match proven_place(context, finding, destination) {
        Ok(facts) => facts,
        Err((kind, why)) => return plan.note(kind, &finding.key, why),
    };
    let Some(marker) = marker_of(context, finding, &destination.tracker, &facts.id) else {
        return plan.note(
            NoteKind::Held,
            &finding.key,
            format!("`{}` is not a configured tracker", destination.tracker),
        );
    };
    let intent = row
        .intents
        .iter()
        .find(|intent| intent.tracker == destination.tracker && intent.place == destination.place);
    if let Some(other) = row.intents.iter().find(|other| Some(*other) != intent) {
        let why = format!(
            "the outcome of an earlier create in {} is unknown; look there before it is created in {}",
            other.place, destination.place
        );
        return plan.note(NoteKind::Held, &finding.key, why);
    }
    let marker = intent.map_or(marker, |intent| intent.marker.clone());
    let decision = IntentFirst.decide(Known {
        attempt: intent
            .map(|intent| Attempt { epoch: intent.epoch, age: context.now - intent.last_under_way() }),
        found: row.marked.get(&marker),
        settle: context.settle,
        on_unknown: context.on_unknown,
    });
    match decision {
        Decision::Adopt(issues) => adopt_marked(context, finding, &destination.tracker, issues, plan),
        Decision::Unreadable(_) | Decision::Settling | Decision::Unsearched | Decision::Ask => {
            let (kind, why) = leave(decision, intent, context.settle);
            plan.note(kind, &finding.key, why);
        }
        Decision::Create { epoch } => {
            let draft = draft(context, finding, destination, facts, marker);
            let willing = |draft| {
                let failed = still_failing(finding.failed_creates.as_ref(), Some(facts));
                let failed = poison::same(failed, &draft);
                let anew = "when what it says or its rule changes, or after `link rebind`";
                match failed.and_then(|failed| poison::left_alone(failed, context.now, "its create", anew)) {
                    Some(why) => Err(why),
                    None => Ok((failed.is_some(), draft)),
                }
            };
            match draft.and_then(willing) {
                Ok((again, draft)) => plan.actions.push(Action::Create(CreateAction {
                    finding: finding.key.clone(),
                    severity: finding.severity,
                    rule: rule.name.clone(),
                    tracker: destination.tracker.clone(),
                    draft,
                    owner: finding.owner.clone(),
                    epoch,
                    again,
                    why: format!("rule `{}`: {}", rule.name, why_now(epoch)),
                })),
                Err(why) => plan.note(NoteKind::Held, &finding.key, why),
            }
        }
    }
}

fn why_now(epoch: u32) -> String {
    match epoch {
        1 => "it has no issue yet".to_owned(),
        _ => format!("attempt {} left no issue behind after complete searches", epoch - 1),
    }
}

/// Says why nothing is sent.
fn leave(decision: Decision<'_, Issue>, intent: Option<&Intent>, settle: TimeDelta) -> (NoteKind, String) {
    let attempt = intent.map_or(0, |intent| intent.epoch);
    match decision {
        Decision::Unreadable(why) => {
            let kind = if intent.is_some() { NoteKind::Waiting } else { NoteKind::Unreachable };
            (kind, format!("it cannot be told whether its issue exists already: {why}"))
        }
        Decision::Unsearched => {
            (NoteKind::Waiting, "the search for its issue was not made in this cycle".to_owned())
        }
        Decision::Ask => (
            NoteKind::Held,
            format!(
                "attempt {attempt} left no issue behind; `on_unknown: hold` leaves the decision to a person"
            ),
        ),
        Decision::Settling | Decision::Adopt(_) | Decision::Create { .. } => {
            let time = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC");
            let at = |intent: &Intent| {
                format!(
                    "the outcome of its create at {} is unknown; looked at again after {}",
                    time(intent.sent),
                    time(intent.last_under_way() + settle)
                )
            };
            (NoteKind::Waiting, intent.map(at).unwrap_or_default())
        }
    }
}

fn draft(
    context: &Context,
    finding: &Finding,
    destination: &Destination,
    facts: &PlaceFacts,
    marker: Marker,
) -> Result<Draft, String> {
    let rendered = render(destination, finding, &context.policy)?;
    let mut labels = destination.labels.clone();
    labels.insert(context.labels.ours.clone());
    // What already holds at first sight is said at once, or the next cycle would have to write it.
    labels.extend(standing(context, finding));
    let kind = context.trackers.get(&destination.tracker).map(|facts| facts.kind);
    let assignee = match (&finding.owner, kind) {
        (Owner::Person(person), Some(kind)) => context.people.account(kind, person).cloned(),
        (Owner::Person(_) | Owner::Nobody | Owner::Unmapped(_), _) => None,
    };
    let issue_type = match finding.work {
        Work::Bug => destination.bug_type.clone(),
        Work::ChangeRequest => destination.change_type.clone(),
    };
    Ok(Draft {
        place: destination.place.clone(),
        place_id: facts.id.clone(),
        title: rendered.title,
        body: rendered.body,
        labels,
        issue_type,
        fields: rendered.fields,
        assignee,
        due: kind.and_then(|kind| due(kind, finding)),
        marker,
        before: None,
    })
}

/// The due date as a tracker of this kind shows it; GitHub has none.
pub fn due(kind: TrackerKind, finding: &Finding) -> Option<chrono::NaiveDate> {
    match kind {
        TrackerKind::Github => None,
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => finding.clock.due,
    }
}
