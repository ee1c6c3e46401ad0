//! What trackers and time may do to a finding's state. Deciding the rest is a reviewer's (`decision`).
//!
//! | state \ the issues are | open | in progress | done | declined |
//! |---|---|---|---|---|
//! | `open` | `open`; not declined any more | `in_progress` | `pending_verification`, claim | stays, `declined_upstream` |
//! | `in_progress` | `open`; not declined any more | `in_progress`; not declined any more | `pending_verification`, claim | stays, `declined_upstream` |
//! | `pending_verification` | `open`, claim withdrawn | `in_progress`, claim withdrawn | a claimant nobody knew gets known, else nothing | `in_progress`, claim withdrawn, `declined_upstream` |
//! | `resolved` | `open`, claim and resolution withdrawn | `in_progress`, likewise | nothing | nothing: it was verified |
//! | `risk_accepted` | nothing | nothing | nothing | nothing |
//! | `dismissed` | nothing | nothing | nothing | nothing |
//!
//! Every cell is total; "nothing" is `None`. The deadline never moves, except that a waiver leaves what was left of it.
//! GitHub cannot show "in progress": compare with the baseline first, so that an issue that merely cannot say so moves nothing.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::{
    calendar::{add_business_days, add_days, local_date},
    clock::waiver_ended,
    step::Step,
};
use crate::model::{
    deadline::Policy,
    finding::{Claim, Claimant, Finding},
    terms::{Progress, State},
};

/// Working days that the end of a waiver leaves at least.
const RESUME_BUSINESS_DAYS_MIN: u32 = 5;

/// All issues of a finding moved to `progress`, as the table above says. `claimant` matters for [`Progress::Done`] only.
pub fn tracker_progress(
    finding: &Finding,
    progress: Progress,
    claimant: Claimant,
    at: DateTime<Utc>,
) -> Option<Step> {
    match progress {
        Progress::Open => back_to(finding, State::Open, at),
        Progress::InProgress => back_to(finding, State::InProgress, at),
        Progress::Done => claimed(finding, claimant, at),
        Progress::Declined => declined(finding, at),
    }
}

/// Somebody says it is done, in a tracker or in the document.
pub fn claimed(finding: &Finding, claimant: Claimant, at: DateTime<Utc>) -> Option<Step> {
    match finding.state {
        State::Open | State::InProgress => {
            let mut after = changed(finding, at);
            let why = format!("claimed done by {}; a reviewer verifies it", named(&claimant));
            after.state = State::PendingVerification;
            after.claim = Some(Claim { at, by: claimant });
            after.declined_upstream = false;
            Some(Step::state(finding, after, "finding_claimed", why))
        }
        State::PendingVerification => claimant_learnt(finding, claimant, at),
        State::Resolved | State::RiskAccepted | State::Dismissed => None,
    }
}

/// The end of a waiver: the finding is open again, with what was left of its deadline, at least five working days.
pub fn waiver_expired(policy: &Policy, finding: &Finding, now: DateTime<Utc>) -> Option<Step> {
    if !waiver_ended(policy, finding, now) {
        return None;
    }
    let mut after = changed(finding, now);
    after.state = State::Open;
    after.waiver = None;
    if let (Some(waiver), Some(due)) = (&finding.waiver, finding.clock.due) {
        let left = (due - local_date(policy.zone, waiver.at)).num_days();
        let resumed = add_days(waiver.expires, u32::try_from(left).unwrap_or(0));
        let grace = add_business_days(&policy.calendar, waiver.expires, RESUME_BUSINESS_DAYS_MIN);
        after.clock.due = Some(due.max(resumed).max(grace));
    }
    let why = match &finding.waiver {
        Some(waiver) => {
            format!("the waiver ended on {}; the owner acts, or a reviewer decides anew", waiver.expires)
        }
        None => "no waiver is recorded for the accepted risk; a reviewer decides anew".to_owned(),
    };
    Some(Step::state(finding, after, "waiver_expired", why))
}

/// The finding as it counts at `now`, whether or not the end of a waiver has been recorded yet.
pub fn effective<'a>(policy: &Policy, finding: &'a Finding, now: DateTime<Utc>) -> Cow<'a, Finding> {
    match waiver_expired(policy, finding, now) {
        Some(step) => Cow::Owned(step.finding),
        None => Cow::Borrowed(finding),
    }
}

/// A claimant for people to read.
pub fn named(claimant: &Claimant) -> String {
    match claimant {
        Claimant::Person(person) => person.to_string(),
        Claimant::Account(account) => format!("the account `{account}`, which nobody has named yet"),
        Claimant::Document => "its document".to_owned(),
        Claimant::Unknown => "somebody the tracker does not name".to_owned(),
    }
}

fn back_to(finding: &Finding, state: State, at: DateTime<Utc>) -> Option<Step> {
    let mut after = changed(finding, at);
    after.state = state;
    after.declined_upstream = false;
    match finding.state {
        State::Open | State::InProgress if finding.state != state => {
            Some(Step::state(finding, after, "progress_pulled", "the tracker moved it".to_owned()))
        }
        State::Open | State::InProgress => finding.declined_upstream.then(|| Step {
            field: "declined_upstream",
            before: Some("true".to_owned()),
            after: Some("false".to_owned()),
            ..Step::state(finding, after, "decline_withdrawn", "its issue was reopened".to_owned())
        }),
        State::PendingVerification => {
            after.claim = None;
            Some(Step::state(
                finding,
                after,
                "claim_withdrawn",
                "its issue was reopened before it was verified".to_owned(),
            ))
        }
        State::Resolved => {
            after.claim = None;
            after.resolution = None;
            after.episode = finding.episode.saturating_add(1);
            let why = "its issue was reopened after it was verified; the first deadline holds".to_owned();
            Some(Step::state(finding, after, "finding_reopened", why))
        }
        State::RiskAccepted | State::Dismissed => None,
    }
}

fn declined(finding: &Finding, at: DateTime<Utc>) -> Option<Step> {
    let mut after = changed(finding, at);
    after.declined_upstream = true;
    let why =
        "its issue was closed without being done; a reviewer rejects that, waives or dismisses the finding";
    match finding.state {
        State::Open | State::InProgress => (!finding.declined_upstream).then(|| Step {
            field: "declined_upstream",
            before: Some("false".to_owned()),
            after: Some("true".to_owned()),
            ..Step::state(finding, after, "declined_upstream", why.to_owned())
        }),
        State::PendingVerification => {
            after.state = State::InProgress;
            after.claim = None;
            Some(Step::state(finding, after, "declined_upstream", why.to_owned()))
        }
        State::Resolved | State::RiskAccepted | State::Dismissed => None,
    }
}

/// Keeps the first claim, but fills in a claimant whom nobody knew.
fn claimant_learnt(finding: &Finding, claimant: Claimant, at: DateTime<Utc>) -> Option<Step> {
    let known = finding.claim.as_ref().map(|claim| &claim.by);
    let better = match (known, &claimant) {
        (None, _) => true,
        (Some(Claimant::Unknown), Claimant::Person(_) | Claimant::Account(_)) => true,
        (Some(Claimant::Account(_)), Claimant::Person(_)) => true,
        (Some(_), _) => false,
    };
    better.then(|| {
        let mut after = changed(finding, at);
        let since = finding.claim.as_ref().map_or(at, |claim| claim.at);
        let step_before = known.map(named);
        let step_after = Some(named(&claimant));
        after.claim = Some(Claim { at: since, by: claimant });
        Step {
            field: "claimant",
            before: step_before,
            after: step_after,
            ..Step::state(finding, after, "claimant_learnt", "the tracker says who closed it".to_owned())
        }
    })
}

fn changed(finding: &Finding, at: DateTime<Utc>) -> Finding {
    Finding { changed: at, ..finding.clone() }
}
