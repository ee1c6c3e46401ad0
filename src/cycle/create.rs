//! Creating an issue: prove the place, commit the intent, send once, record. At most one issue comes of it (invariant 7).

use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::info;

use super::{
    CycleError,
    apply::Run,
    created::{is_default, link},
    marks, parts,
    proofs::fresh,
    retry::{self, Next},
    sending::{self, NotCreated},
};
use crate::{
    model::{
        cycle::{Note, NoteKind},
        digest,
        failures::Failures,
        finding::{Finding, Owner},
        issue::{Dropped, Edit, Field, PlaceFacts},
        link::{Agreed, Intent, Link, Refusal},
        note::About,
        observed::Observed,
        register::{PinnedPlace, Write},
        rule::{Destination, Outcome as RuleOutcome},
        sighting::Sighting,
    },
    net::pace::Lane,
    plan::{
        action::CreateAction,
        clearance::{Withheld, refuse_place},
        outgoing::judge_draft,
        protocol::{IntentFirst, Protocol as _},
    },
    store::StoreError,
    tracker::{Created, TrackerWrite},
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
    run.await_read(tracker.as_ref()).await;
    // A create never waits for its turn: the next cycle looks at everything again.
    if let Err(error) = run.reserve(tracker.as_ref(), Lane::Create) {
        let why = format!("its create is left for a later cycle: {error}");
        run.note(NoteKind::Deferred, &action.finding, &action.tracker, None, why);
        return Ok(());
    }
    let mut proof = match prove(run, &action, tracker.as_ref()).await {
        Ok(proof) => proof,
        Err((kind, why)) => {
            if kind == NoteKind::Deferred {
                run.opens_for_reads(tracker.as_ref());
            }
            run.note(kind, &action.finding, &action.tracker, None, why);
            return Ok(());
        }
    };
    let intent = intent(run, &action);
    let mut entry = run.ledger.entry("create_sent", &action.finding, None, action.why.clone());
    entry.after = Some(format!("{} in {}, attempt {}", intent.marker, intent.place, intent.attempt));
    match run.ledger.record(vec![Write::Intent(Box::new(intent)), Write::History(entry)]).await {
        Ok(()) => {}
        Err(StoreError::IntentTaken { .. }) => {
            let why = "another attempt to create it is recorded already";
            let note = Note::new(NoteKind::Waiting, why).of(&action.finding).at(&action.tracker);
            run.say(note.about(About::Place(action.draft.place_id.clone())));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    let result = sending::send(run, &action, tracker.as_ref(), &mut proof).await;
    match result {
        Ok(created) => created_one(run, &action, (tracker.as_ref(), &proof), created).await,
        Err(outcome) => not_created(run, &action, tracker.as_ref(), outcome).await,
    }
}

/// Proves that the place may hold the finding, by a request that is made for this create alone.
pub(super) async fn prove(
    run: &Run<'_, '_>,
    action: &CreateAction,
    tracker: &dyn TrackerWrite,
) -> Result<PlaceFacts, Withheld> {
    let place = &action.draft.place;
    let facts = fresh(tracker, place).await?;
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
    Ok(facts)
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
        attempt: action.attempt,
        sent: run.ports.clock.now(),
        given_up: None,
        payload: digest::of_text(&format!("{}\n{}", action.draft.title, action.draft.body)),
    }
}

/// Records the new issue and the end of its intent in one transaction.
async fn created_one(
    run: &mut Run<'_, '_>,
    action: &CreateAction,
    (tracker, proof): (&dyn TrackerWrite, &PlaceFacts),
    created: Created,
) -> Result<(), CycleError> {
    run.well(&action.tracker);
    let now = run.ports.clock.now();
    let is_default = is_default(action, tracker, &created).await;
    let link = link(run, action, (tracker.kind(), proof, is_default), &created);
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
        // An assignee who was dropped is asked for once more in this cycle, by a request that is about nothing else.
        if dropped.field != Field::Owner {
            run.say(refused(&link, dropped.field, why));
        }
    }
    let is_open = |agreed: &Agreed<Owner>| agreed.issue != Owner::Nobody && agreed.issue != agreed.finding;
    if link.baseline.progress.is_none() || link.baseline.owner.as_ref().is_none_or(is_open) {
        run.outcome.touched.insert(action.finding.clone());
    }
    if let Observed::Known(issue) = &created.issue {
        writes.push(Write::Issue(Box::new(Sighting::of(issue))));
        writes.extend(parts::shown_in(run, tracker.kind(), &action.finding, issue));
    }
    writes.extend(marks::created(run.ledger.register(), &link, &action.draft.place_id, &action.draft.marker));
    writes.push(Write::Link(Box::new(link)));
    run.ledger.record(writes).await?;
    run.outcome.count("created");
    Ok(())
}

/// That a field was refused, and until when it is left alone.
pub(super) fn refused(link: &Link, field: Field, why: String) -> Note {
    let until = link.refused.get(&field).map(|refusal| refusal.until);
    Note::of_link(NoteKind::Refused, link, why).about(About::Field(field)).until(until)
}

/// What was refused is left alone until the cool-down is over, or its place is not as it was.
pub(super) fn refusal(
    dropped: &Dropped,
    edit: &Edit,
    until: DateTime<Utc>,
    place: Option<&PlaceFacts>,
) -> Refusal {
    let facts = place.map(PlaceFacts::digest);
    Refusal { why: dropped.why.clone(), asked: edit.asks(dropped.field), until, facts }
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
    tracker: &dyn TrackerWrite,
    outcome: NotCreated,
) -> Result<(), CycleError> {
    let error = match outcome {
        NotCreated::Failed(error) => error,
        NotCreated::Withheld(withheld) => return withheld_create(run, action, withheld).await,
    };
    let place = match error.is_refusal() {
        true => run.explain(tracker, &action.draft.place).await,
        false => None,
    };
    if let Some(why) = place.as_ref().and_then(|place| place.closed.as_ref()) {
        let why = format!("{} takes no issues: {why}", action.draft.place);
        return withheld_create(run, action, (NoteKind::Held, why)).await;
    }
    let why = error.to_string();
    let next = retry::next(&error, run.ports.clock.now(), Duration::ZERO);
    let mut writes = taken_back(run, action, error.is_certain(), &why);
    if !error.is_certain() {
        writes.extend(sending::under_way(run, action));
    }
    let count = |finding: &Finding| {
        run.failures(
            &action.tracker,
            finding.failed_creates.as_ref(),
            &action.draft,
            (&error, place.as_ref()),
        )
    };
    writes.extend(counted(run, action, count));
    run.ledger.record(writes).await?;
    let kind = match (&next, error.is_certain()) {
        (_, false) => NoteKind::Waiting,
        (Next::GiveUp(_), true) => NoteKind::Failed,
        (Next::Wait(_) | Next::Pause(_) | Next::Defer(_) | Next::Down(_), true) => NoteKind::Deferred,
    };
    let note = Note::new(kind, why).of(&action.finding).at(&action.tracker);
    run.say(match error.is_certain() {
        true => note,
        false => note.about(About::Place(action.draft.place_id.clone())),
    });
    match next {
        Next::Pause(why) => run.pause(&action.tracker, &why),
        Next::Down(why) => run.down(&action.tracker, &why),
        Next::Defer(why) => run.strike(&action.tracker, &why),
        Next::Wait(_) | Next::GiveUp(_) => {}
    }
    Ok(())
}

/// The place may not take the finding: that is certain, and no failure of the create.
async fn withheld_create(
    run: &mut Run<'_, '_>,
    action: &CreateAction,
    (kind, why): Withheld,
) -> Result<(), CycleError> {
    let writes = taken_back(run, action, true, &why);
    run.ledger.record(writes).await?;
    run.note(kind, &action.finding, &action.tracker, None, why);
    Ok(())
}

/// Takes the intent back where the protocol says that nothing can come of it any more.
fn taken_back(run: &Run<'_, '_>, action: &CreateAction, certainly: bool, why: &str) -> Vec<Write> {
    if !IntentFirst.is_over(certainly, action.attempt) {
        return Vec::new();
    }
    let entry = run.ledger.entry("create_refused", &action.finding, None, why);
    vec![intent_done(action), Write::History(entry)]
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
