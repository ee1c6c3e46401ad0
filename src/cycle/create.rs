//! Creating an issue: prove the place, commit the intent, send once, record. At most one issue comes of it (I1).

use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::info;

use super::{
    CycleError,
    adopt::{Adoption, fresh_link},
    apply::Run,
    proofs::good_until,
    retry::{self, Next},
};
use crate::{
    model::{
        cycle::NoteKind,
        digest,
        failures::Failures,
        finding::{Finding, Owner},
        issue::{Change, Draft, Dropped, Edit, Field, Issue},
        link::{Agreed, Intent, Link, LinkKind, Refusal},
        observed::Observed,
        register::{PinnedPlace, Write},
        rule::{Destination, Outcome as RuleOutcome},
        terms::Progress,
    },
    plan::{
        action::CreateAction,
        clearance::{Withheld, refuse_place},
        linked::followed,
        outgoing::judge_draft,
        protocol::{IntentFirst, Protocol as _},
    },
    store::StoreError,
    tracker::{Created, TrackerError, TrackerWrite},
};

/// Creates the issue of one finding.
pub(super) async fn create(run: &mut Run<'_, '_>, mut action: CreateAction) -> Result<(), CycleError> {
    let Some(tracker) = run.ports.trackers.get(&action.tracker).cloned() else {
        let why = format!("`{}` is not a configured tracker", action.tracker);
        run.note(NoteKind::Failed, &action.finding, &action.tracker, None, why);
        return Ok(());
    };
    // Whatever the plan comes from.
    if let Err(why) = judge_draft(&mut action.draft) {
        run.note(NoteKind::Held, &action.finding, &action.tracker, None, why);
        return Ok(());
    }
    if let Err((kind, why)) = prove(run, &action, tracker.as_ref()).await {
        run.note(kind, &action.finding, &action.tracker, None, why);
        return Ok(());
    }
    let intent = intent(run, &action);
    let mut entry = run.ledger.entry("create_sent", &action.finding, None, action.why.clone());
    entry.after = Some(format!("{} in {}, attempt {}", intent.marker, intent.place, intent.epoch));
    match run.ledger.record(vec![Write::Intent(Box::new(intent)), Write::History(entry)]).await {
        Ok(()) => {}
        Err(StoreError::IntentTaken { .. }) => {
            let why = "another attempt to create it is recorded already";
            run.note(NoteKind::Waiting, &action.finding, &action.tracker, None, why);
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    let result = send(run, &action, tracker.as_ref()).await;
    match result {
        Ok(created) => created_one(run, &action, tracker.as_ref(), created).await,
        Err(outcome) => not_created(run, &action, outcome).await,
    }
}

/// Proves that the place may hold the finding, at most a minute before the create; the end of that minute.
async fn prove(
    run: &mut Run<'_, '_>,
    action: &CreateAction,
    tracker: &dyn TrackerWrite,
) -> Result<DateTime<Utc>, Withheld> {
    let place = &action.draft.place;
    let facts = run.proofs.fresh(tracker, place, run.ports.clock.now()).await?;
    let register = run.ledger.register();
    let pinned =
        register.places.iter().find(|pinned| pinned.tracker == action.tracker && pinned.place == *place);
    let finding = register.findings.get(&action.finding);
    let (Some(finding), Some(destination)) = (finding, destination(run, action)) else {
        return Err((NoteKind::Stale, "the finding or its rule is gone".to_owned()));
    };
    // The marker and the plan were made for the place with this id.
    let pinned = pinned.map_or(action.draft.place_id.as_str(), |pinned| pinned.id.as_str());
    if facts.id != action.draft.place_id {
        let why = format!("{place} is another place now ({} instead of {})", facts.id, action.draft.place_id);
        return Err((NoteKind::Held, why));
    }
    refuse_place(finding.stated.tlp, destination, &facts, Some(pinned))
        .map_err(|why| (NoteKind::Held, why))?;
    Ok(good_until(&facts))
}

fn destination<'a>(run: &'a Run<'_, '_>, action: &CreateAction) -> Option<&'a Destination> {
    let rule = run.config.rules.iter().find(|rule| rule.name == action.rule)?;
    match &rule.then {
        RuleOutcome::Create(destination) => Some(destination),
        RuleOutcome::Register { .. } => None,
    }
}

fn intent(run: &Run<'_, '_>, action: &CreateAction) -> Intent {
    Intent {
        finding: action.finding.clone(),
        tracker: action.tracker.clone(),
        place: action.draft.place.clone(),
        place_id: action.draft.place_id.clone(),
        marker: action.draft.marker.clone(),
        epoch: action.epoch,
        sent: run.ports.clock.now(),
        given_up: None,
        payload: digest::of_text(&format!("{}\n{}", action.draft.title, action.draft.body)),
    }
}

/// Why a create was not sent, or did not succeed.
enum NotCreated {
    /// The place may not hold the finding any more.
    Withheld(Withheld),
    /// What the tracker said.
    Failed(TrackerError),
}

/// Sends the create. It is sent again only after an answer that proves it was not executed, and the place is proven
/// again if that took long.
async fn send(
    run: &mut Run<'_, '_>,
    action: &CreateAction,
    tracker: &dyn TrackerWrite,
) -> Result<Created, NotCreated> {
    let mut left = run.config.patience;
    loop {
        // Recording the intent, or a wait, may have taken long.
        let before = prove(run, action, tracker).await.map_err(NotCreated::Withheld)?;
        let draft = Draft { before: Some(before), ..action.draft.clone() };
        let error = match tracker.create(&draft).await {
            Ok(created) => return Ok(created),
            Err(error) => error,
        };
        match retry::next(&error, run.ports.clock.now(), left) {
            Next::Wait(wait) => {
                run.ports.timer.wait(wait).await;
                left = left.saturating_sub(wait.max(Duration::from_millis(100)));
            }
            Next::Pause(_) | Next::Defer(_) | Next::Down(_) | Next::GiveUp(_) => {
                return Err(NotCreated::Failed(error));
            }
        }
        if run.ports.timer.stopping() {
            return Err(NotCreated::Failed(error));
        }
    }
}

/// Records the new issue and the end of its intent in one transaction.
async fn created_one(
    run: &mut Run<'_, '_>,
    action: &CreateAction,
    tracker: &dyn TrackerWrite,
    created: Created,
) -> Result<(), CycleError> {
    run.well(&action.tracker);
    let now = run.ports.clock.now();
    let link = link(run, action, tracker, &created);
    let key = link.issue.key.clone();
    info!(finding.key = %action.finding, issue.key = %key, rule = %action.rule, "issue created");
    let mut writes = vec![
        intent_done(action),
        Write::History(run.ledger.entry("issue_created", &action.finding, Some(&key), action.why.clone())),
    ];
    writes.extend(pin(run, action, tracker, now));
    writes.extend(counted(run, action, |_| None));
    for dropped in &created.dropped {
        let why = format!("{}: {}", dropped.field.as_str(), dropped.why);
        writes.push(Write::History(run.ledger.entry(
            "field_refused",
            &action.finding,
            Some(&key),
            why.clone(),
        )));
        run.note(NoteKind::Refused, &action.finding, &action.tracker, Some(&key), why);
    }
    if link.baseline.progress.is_none() {
        run.outcome.touched.insert(action.finding.clone());
    }
    writes.push(Write::Link(Box::new(link)));
    run.ledger.record(writes).await?;
    run.outcome.count("created");
    Ok(())
}

/// The link of a created issue. Both sides agree on what was sent and taken: whatever else is read back already, somebody
/// wrote since, and the next cycle takes it over.
fn link(run: &Run<'_, '_>, action: &CreateAction, tracker: &dyn TrackerWrite, created: &Created) -> Link {
    let now = run.ports.clock.now();
    let issue = match &created.issue {
        Observed::Known(issue) => issue.clone(),
        Observed::Missing | Observed::Unknown { .. } => unread(action, created, now),
    };
    let adoption = Adoption {
        finding: action.finding.clone(),
        tracker: action.tracker.clone(),
        issue,
        kind: LinkKind::Created,
        doubles: Vec::new(),
        why: String::new(),
    };
    let mut link = fresh_link(&adoption, now);
    link.destination = action.draft.place.clone();
    link.pushed.block = Some(digest::of_text(&action.draft.body));
    let owner = Some(Change { from: None, to: action.draft.assignee.clone() });
    let asked = Edit { owner, ..Edit::default() };
    for dropped in &created.dropped {
        link.refused.insert(dropped.field, refusal(dropped, &asked, now + run.config.cooldown));
    }
    if let Observed::Known(issue) = &created.issue {
        link.baseline.owner = Some(if link.refused.contains_key(&Field::Owner) {
            // An owner that was not taken stays owed: the finding counts as moved, and is tried again after the cool-down.
            let on_issue = followed(&run.gathered.context, tracker.kind(), &link, issue).1;
            Agreed { finding: Owner::Nobody, issue: on_issue }
        } else {
            let sent = action.draft.assignee.is_some();
            let issue = if sent { action.owner.clone() } else { Owner::Nobody };
            Agreed { finding: action.owner.clone(), issue }
        });
        let progress =
            run.ledger.register().findings.get(&action.finding).and_then(|finding| finding.progress());
        link.baseline.progress =
            Some(Agreed { finding: progress.unwrap_or(Progress::Open), issue: Progress::Open });
    }
    link
}

/// What is known of an issue that could not be read back: where it is, and what was asked for.
fn unread(action: &CreateAction, created: &Created, now: DateTime<Utc>) -> Issue {
    Issue {
        at: created.at.clone(),
        title: action.draft.title.clone(),
        progress: Progress::Open,
        status_text: "not read back yet".to_owned(),
        assignees: Vec::new(),
        labels: action.draft.labels.clone(),
        due: action.draft.due,
        author: None,
        closed_by: None,
        updated: now,
        created: now,
        marker: Some(action.draft.marker.clone()),
        block: None,
    }
}

/// What was refused is left alone until the cool-down is over.
pub(super) fn refusal(dropped: &Dropped, edit: &Edit, until: DateTime<Utc>) -> Refusal {
    Refusal { why: dropped.why.clone(), asked: edit.asks(dropped.field), until }
}

/// Pins the place by its id at the first create.
fn pin(
    run: &Run<'_, '_>,
    action: &CreateAction,
    tracker: &dyn TrackerWrite,
    now: DateTime<Utc>,
) -> Option<Write> {
    let known =
        |pinned: &&PinnedPlace| pinned.tracker == action.tracker && pinned.place == action.draft.place;
    if run.ledger.register().places.iter().any(|pinned| known(&pinned)) {
        return None;
    }
    Some(Write::Place(PinnedPlace {
        tracker: action.tracker.clone(),
        place: action.draft.place.clone(),
        host: tracker.host().clone(),
        id: action.draft.place_id.clone(),
        since: now,
        swept: None,
    }))
}

/// A create that certainly was not executed leaves nothing behind; an unclear one leaves its intent.
async fn not_created(
    run: &mut Run<'_, '_>,
    action: &CreateAction,
    outcome: NotCreated,
) -> Result<(), CycleError> {
    let error = match outcome {
        NotCreated::Failed(error) => error,
        NotCreated::Withheld((kind, why)) => {
            let writes = taken_back(run, action, true, &why);
            run.ledger.record(writes).await?;
            run.note(kind, &action.finding, &action.tracker, None, why);
            return Ok(());
        }
    };
    let why = error.to_string();
    let next = retry::next(&error, run.ports.clock.now(), Duration::ZERO);
    let mut writes = taken_back(run, action, error.is_certain(), &why);
    if !error.is_certain() {
        writes.extend(given_up(run, action));
    }
    let count = |finding: &Finding| {
        run.failures(&action.tracker, finding.failed_creates.as_ref(), &action.draft, &error)
    };
    writes.extend(counted(run, action, count));
    run.ledger.record(writes).await?;
    let kind = match (&next, error.is_certain()) {
        (_, false) => NoteKind::Waiting,
        (Next::GiveUp(_), true) => NoteKind::Failed,
        (Next::Wait(_) | Next::Pause(_) | Next::Defer(_) | Next::Down(_), true) => NoteKind::Deferred,
    };
    run.note(kind, &action.finding, &action.tracker, None, why);
    match next {
        Next::Pause(why) => run.pause(&action.tracker, &why),
        Next::Down(why) => run.down(&action.tracker, &why),
        Next::Defer(why) => run.strike(&action.tracker, &why),
        Next::Wait(_) | Next::GiveUp(_) => {}
    }
    Ok(())
}

/// Takes the intent back where the protocol says that nothing can come of it any more.
fn taken_back(run: &Run<'_, '_>, action: &CreateAction, certainly: bool, why: &str) -> Vec<Write> {
    if !IntentFirst.is_over(certainly, action.epoch) {
        return Vec::new();
    }
    let entry = run.ledger.entry("create_refused", &action.finding, None, why);
    vec![intent_done(action), Write::History(entry)]
}

/// However long the request was on its way so far, the time to settle begins now.
fn given_up(run: &Run<'_, '_>, action: &CreateAction) -> Option<Write> {
    let ours = |intent: &&Intent| {
        intent.finding == action.finding
            && intent.tracker == action.tracker
            && intent.place == action.draft.place
    };
    let intent = run.ledger.register().intents.iter().find(ours)?.clone();
    let given_up = Some(run.ports.clock.now());
    Some(Write::IntentUnclear(Box::new(Intent { given_up, ..intent })))
}

fn intent_done(action: &CreateAction) -> Write {
    Write::IntentDone {
        finding: action.finding.clone(),
        tracker: action.tracker.clone(),
        place: action.draft.place.clone(),
    }
}

/// The finding with another count of creates that came to nothing, if that changes it.
fn counted(
    run: &Run<'_, '_>,
    action: &CreateAction,
    count: impl FnOnce(&Finding) -> Option<Failures>,
) -> Option<Write> {
    let finding = run.ledger.register().findings.get(&action.finding)?;
    let failed_creates = count(finding);
    let differs = failed_creates != finding.failed_creates;
    differs.then(|| Write::Finding(Box::new(Finding { failed_creates, ..finding.clone() })))
}
