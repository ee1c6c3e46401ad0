//! Sending a create: only while it is on record that it is under way, and on a proof of its place, both of a moment ago.
//!
//! The time to settle counts from what is on record (invariant 7). A process that was frozen between its record and its request
//! would send something that every other one may take for long over.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    apply::Run,
    create::prove,
    proofs::good_until,
    retry::{self, Next},
};
use crate::{
    model::{
        issue::{Draft, PlaceFacts},
        link::Intent,
        register::Write,
    },
    plan::{action::CreateAction, clearance::Withheld},
    tracker::{Created, TrackerError, TrackerWrite},
};

/// How old the record that a create is under way may be when it is sent.
const RECORD_AGE: TimeDelta = TimeDelta::seconds(60);

/// How often the record and the proof are renewed before a create is left for a later cycle.
const RENEWALS: usize = 3;

/// Why a create was not sent, or did not succeed.
pub(super) enum NotCreated {
    /// The place may not hold the finding any more.
    Withheld(Withheld),
    /// What the tracker said.
    Failed(TrackerError),
}

/// Sends the create, to the place under the name that it has now. It is sent again only after an answer that proves it was
/// not executed; and each time on a record and a proof of its own.
pub(super) async fn send(
    run: &mut Run<'_, '_>,
    action: &CreateAction,
    tracker: &dyn TrackerWrite,
    proof: &mut PlaceFacts,
) -> Result<Created, NotCreated> {
    let mut left = run.config.patience;
    let mut recorded = intent(run, action).map(Intent::last_under_way);
    loop {
        let Some(before) = recorded.map(|recorded| fresh_until(recorded, proof)) else {
            let why = "it is not on record that it is under way".to_owned();
            return Err(NotCreated::Failed(TrackerError::Unsent { why }));
        };
        // Recording the intent, or a wait, may have taken long.
        if run.ports.clock.now() > before {
            let (renewed, at) = renew(run, action, tracker).await?;
            (*proof, recorded) = (renewed, Some(at));
            continue;
        }
        let draft = Draft { before: Some(before), place: proof.name.clone(), ..action.draft.clone() };
        let error = match tracker.create(&draft).await {
            Ok(created) => return Ok(created),
            Err(error) => error,
        };
        match retry::next(&error, run.ports.clock.now(), left) {
            Next::Wait(wait) => {
                if run.ledger.remember_pauses().await.is_err() {
                    return Err(NotCreated::Failed(error));
                }
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
        let (renewed, at) = renew(run, action, tracker).await?;
        (*proof, recorded) = (renewed, Some(at));
    }
}

/// Until when a create may be sent.
fn fresh_until(recorded: DateTime<Utc>, proof: &PlaceFacts) -> DateTime<Utc> {
    good_until(proof).min(recorded + RECORD_AGE)
}

/// Says on record that the create is under way, and proves its place again: both of a moment ago, or it is not sent.
async fn renew(
    run: &mut Run<'_, '_>,
    action: &CreateAction,
    tracker: &dyn TrackerWrite,
) -> Result<(PlaceFacts, DateTime<Utc>), NotCreated> {
    let unsent = |why: String| NotCreated::Failed(TrackerError::Unsent { why });
    for _ in 0..RENEWALS {
        let at = run.ports.clock.now();
        let writes: Vec<Write> = under_way(run, action).into_iter().collect();
        if let Err(error) = run.ledger.record(writes).await {
            return Err(unsent(format!("that it is under way could not be recorded: {error}")));
        }
        let proof = prove(run, action, tracker).await.map_err(NotCreated::Withheld)?;
        if run.ports.clock.now() <= fresh_until(at, &proof) {
            return Ok((proof, at));
        }
    }
    Err(unsent("each time, recording it and proving its place took too long".to_owned()))
}

/// However long the request was on its way so far, the time to settle begins now.
pub(super) fn under_way(run: &Run<'_, '_>, action: &CreateAction) -> Option<Write> {
    let intent = intent(run, action)?.clone();
    let given_up = Some(run.ports.clock.now());
    Some(Write::IntentUnclear(Box::new(Intent { given_up, ..intent })))
}

fn intent<'a>(run: &'a Run<'_, '_>, action: &CreateAction) -> Option<&'a Intent> {
    run.ledger.register().intents.iter().find(|intent| {
        intent.finding == action.finding
            && intent.tracker == action.tracker
            && intent.place == action.draft.place
    })
}
