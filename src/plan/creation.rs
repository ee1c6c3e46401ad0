//! A finding without a link: adopt, create, wait, hold or leave it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    action::{Action, CreateAction, Plan},
    cited::plan_citations,
    clearance::{Withheld, profile, proven_place},
    marked::adopt_marked,
    marker::marker,
    oneway::standing,
    places::still_failing,
    poison,
    protocol::{Attempt, Decision, IntentFirst, Known, Protocol as _},
    render::render,
    route::route,
    snapshot::{Context, FindingRow, Row},
};
use crate::model::{
    cycle::{Note, NoteKind},
    finding::{Finding, Owner},
    ids::{Marker, TrackerName},
    issue::{Draft, Issue, PlaceFacts, TrackerKind},
    link::Intent,
    note::About,
    observed::Observed,
    rule::{Destination, Outcome, Rule},
    terms::{State, Work},
};

/// Plans a finding that has no link.
///
/// | finding | cites | intent | marker read | | result |
/// |---|---|---|---|---|---|
/// | resolved, dismissed | | | | | nothing |
/// | draft | | | | | nothing, whatever it cites |
/// | copied with its register | | | | | held |
/// | | an issue | | | | adopt it; named in every cycle while it cannot be read or is not there |
/// | waived | none | | | | nothing |
/// | tombstone | none | | | | held |
/// | claimed done | none | | | | register only |
/// | no rule | | | | | unrouted |
/// | register rule | | | | | register only |
/// | create rule | | in another place | | | waits until that is clear |
/// | create rule | | any | found | | adopt the oldest of ours, report the rest; hold when none is ours; even where nothing may be created |
/// | create rule | | any | incomplete | | wait |
/// | create rule | | younger than settle | none | | wait |
/// | create rule | | older | none | | create again, next attempt; or hold, by policy |
/// | create rule | | none | none | | create |
/// | create rule, failed too often | | none or older | none | | hold until the cool-down is over |
pub fn plan_unlinked(context: &Context, group: &Row, row: &FindingRow, plan: &mut Plan) {
    let finding = &row.finding;
    if !finding.state.is_unresolved() {
        return;
    }
    if finding.draft {
        return plan.note(
            NoteKind::Deferred,
            &finding.key,
            "its postmortem is not published; drafts create nothing",
        );
    }
    // A copy of a register follows nothing by itself, whatever is cited.
    if let Some(tombstone) = row.tombstones.iter().find(|stone| stone.issue.key.is_empty()) {
        let why = format!("{}; `link rebind` starts anew", tombstone.why);
        return plan.note(NoteKind::Held, &finding.key, why);
    }
    if !row.citations.is_empty() {
        return plan_citations(group, row, plan);
    }
    if finding.state == State::RiskAccepted {
        return;
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

fn plan_create(context: &Context, row: &FindingRow, rule: &Rule, destination: &Destination, plan: &mut Plan) {
    let finding = &row.finding;
    let note = |kind, why: String| Note::new(kind, why).of(&finding.key).at(&destination.tracker);
    let free = |facts| no_strangers(context, destination).map(|()| facts);
    let facts = match proven_place(context, finding, destination).and_then(free) {
        Ok(facts) => facts,
        Err((kind, why)) => match already_there(context, row, destination) {
            Some(issues) => {
                return adopt_marked(context, (finding, false), &destination.tracker, issues, plan);
            }
            None => return plan.say(note(kind, why)),
        },
    };
    let Some(marker) = marker_of(context, finding, &destination.tracker, &facts.id) else {
        let why = format!("`{}` is not a configured tracker", destination.tracker);
        return plan.say(note(NoteKind::Held, why));
    };
    let intent = row
        .intents
        .iter()
        .find(|intent| intent.tracker == destination.tracker && intent.place == destination.place);
    if let Some(other) = row.intents.iter().find(|other| Some(*other) != intent) {
        let why = format!(
            "the outcome of an earlier create in {} is unknown; until it is clear, nothing is created in {}",
            other.place, destination.place
        );
        let place = About::Place(other.place_id.clone());
        return plan.say(note(NoteKind::Waiting, why).about(place));
    }
    let marker = intent.map_or(marker, |intent| intent.marker.clone());
    let decision = IntentFirst.decide(Known {
        attempt: intent
            .map(|intent| Attempt { number: intent.attempt, age: context.now - intent.last_under_way() }),
        found: row.marked.get(&marker),
        settle: context.settle,
        on_unknown: context.on_unknown,
    });
    match decision {
        Decision::Adopt(issues) => {
            adopt_marked(context, (finding, intent.is_some()), &destination.tracker, issues, plan);
        }
        Decision::Unreadable(_) | Decision::Settling | Decision::Unsearched | Decision::Ask => {
            let (kind, why) = leave(decision, intent, context.settle);
            let about = intent.map(|intent| About::Place(intent.place_id.clone()));
            plan.say(Note { about, ..note(kind, why) });
        }
        Decision::Create { attempt } => {
            let draft = draft(context, finding, destination, facts, marker);
            let willing = |draft| match left_alone(context, (finding, facts), &draft) {
                Ok(again) => Ok((again, draft)),
                Err(left) => Err(left),
            };
            match draft.map_err(|why| (why, None)).and_then(willing) {
                Ok((again, draft)) => plan.actions.push(Action::Create(CreateAction {
                    finding: finding.key.clone(),
                    severity: finding.severity,
                    rule: rule.name.clone(),
                    tracker: destination.tracker.clone(),
                    draft,
                    owner: finding.owner.clone(),
                    attempt,
                    again,
                    why: format!("rule `{}`: {}", rule.name, why_now(attempt)),
                })),
                Err((why, until)) => plan.say(note(NoteKind::Held, why).until(until)),
            }
        }
    }
}

/// The issues with the finding's marker in a place where nothing may be created now: what is there already is followed,
/// whatever speaks against another one.
fn already_there<'a>(
    context: &Context,
    row: &'a FindingRow,
    destination: &Destination,
) -> Option<&'a [Issue]> {
    let key = (destination.tracker.clone(), destination.place.clone());
    let facts = context.places.get(&key)?.known()?;
    let marker = marker_of(context, &row.finding, &destination.tracker, &facts.id)?;
    let issues = row.marked.get(&marker)?.known()?;
    (!issues.is_empty()).then_some(issues)
}

/// Whether a create failed before, or why and until when it is left alone because it did too often.
fn left_alone(
    context: &Context,
    (finding, facts): (&Finding, &PlaceFacts),
    draft: &Draft,
) -> Result<bool, (String, Option<DateTime<Utc>>)> {
    let failed = still_failing(finding.failed_creates.as_ref(), Some(facts));
    let Some(failed) = poison::same(failed, draft) else { return Ok(false) };
    let anew = "when what it says or its rule changes, or after `link rebind`";
    match poison::left_alone(failed, context.now, "its create", anew) {
        Some(why) => Err((why, Some(failed.until))),
        None => Ok(true),
    }
}

/// Refuses a place that holds issues of this account with markers that are not this register's: it is new, and an older
/// one may have followed these findings there.
fn no_strangers(context: &Context, destination: &Destination) -> Result<(), Withheld> {
    let place = &destination.place;
    match context.strangers.get(&(destination.tracker.clone(), place.clone())) {
        None | Some(Observed::Missing) => Ok(()),
        Some(Observed::Unknown { why }) => Err((
            NoteKind::Unreachable,
            format!("what this account wrote in {place} could not be read: {why}"),
        )),
        Some(Observed::Known(keys)) if keys.is_empty() => Ok(()),
        Some(Observed::Known(keys)) => {
            let shown: Vec<&str> = keys.iter().take(3).map(String::as_str).collect();
            let more = if keys.len() > shown.len() { ", …" } else { "" };
            Err((
                NoteKind::Held,
                format!(
                    "{place} holds {} issues of this account with markers of another register ({}{more}): put the register \
                     back that made them, give this one their `marker_key`, let instances that share an account differ in \
                     `label`, or say with `place accept` that they are another matter",
                    keys.len(),
                    shown.join(", ")
                ),
            ))
        }
    }
}

fn why_now(attempt: u32) -> String {
    match attempt {
        1 => "it has no issue yet".to_owned(),
        _ => format!("attempt {} left no issue behind after complete searches", attempt - 1),
    }
}

/// Whether a finding without a link wants an issue of ours where its rule says, and its class lets it.
pub(super) fn may_be_sent(rules: &[Rule], row: &FindingRow) -> bool {
    let to = route(rules, &row.finding).map(|rule| &rule.then);
    let is_held = matches!(to, Some(Outcome::Create(to)) if profile(row.finding.stated.tlp, to).is_err());
    wants_issue(row) && !is_held
}

/// Whether a finding without a link wants an issue of ours; its rule says where, and its class whether.
pub fn wants_issue(row: &FindingRow) -> bool {
    let finding = &row.finding;
    let is_dropped = finding.source_missing || row.document == Observed::Missing;
    finding.state.is_running()
        && !finding.draft
        && !is_dropped
        && row.tombstones.is_empty()
        && row.citations.is_empty()
}

/// Whether what an intent came to is what a finding without a link waits for: its rule still sends it there.
pub(super) fn awaits(context: &Context, row: &FindingRow, intent: &Intent) -> bool {
    let is_known = !matches!(row.document, Observed::Unknown { .. });
    let to = route(&context.rules, &row.finding).map(|rule| &rule.then);
    is_known
        && wants_issue(row)
        && matches!(to, Some(Outcome::Create(to)) if to.tracker == intent.tracker && to.place == intent.place)
}

/// Says why nothing is sent.
pub(super) fn leave(
    decision: Decision<'_, Issue>,
    intent: Option<&Intent>,
    settle: TimeDelta,
) -> (NoteKind, String) {
    let attempt = intent.map_or(0, |intent| intent.attempt);
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
