//! Deadlines as a pure function of recorded facts.
//!
//! Knows the policy, the stored anchor and what was approved since. Knows nothing of who is told about it.

use std::fmt;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::calendar::{add_business_days, add_days, day_end, local_date};
use crate::model::{
    deadline::Policy,
    finding::{AnchorKind, ClockRecord, Extension, Finding},
    postmortem::When,
    terms::{Severity, State},
};

/// A publication counts as day zero if the finding is first seen at most this many days after it.
const INTAKE_DAYS_MAX: i64 = 30;

/// Days of notice that a deadline leaves when a finding is reclassified.
const NOTICE_DAYS_MIN: u32 = 5;

/// Days within which an extension brings the next review forward.
const REVIEW_DAYS_AFTER_EXTENSION: u32 = 3;

/// Something about a finding's dates that a person should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The explicit deadline is later than the policy's and was ignored.
    LaterThanPolicy {
        /// The deadline that the document asks for.
        explicit: NaiveDate,
        /// The policy's, which holds.
        policy: NaiveDate,
    },
    /// The publication lies after first sight and was not taken as day zero, because that would lengthen the deadline.
    PublishedLater {
        /// The publication that the document states.
        published: NaiveDate,
        /// First sight, which is day zero.
        first_seen: NaiveDate,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LaterThanPolicy { explicit, policy } => write!(
                f,
                "the stated due date {explicit} is later than the policy allows ({policy}), which holds; \
                 a later date needs an approved extension"
            ),
            Self::PublishedLater { published, first_seen } => write!(
                f,
                "the stated publication {published} is after the finding was first seen ({first_seen}), \
                 so days are counted from first sight; correct the publication date"
            ),
        }
    }
}

/// Fixes day zero and the first deadline when a finding enters the register.
///
/// An explicit date can only shorten. A severity without a term gets a deadline only from an explicit date.
pub fn start(
    policy: &Policy,
    severity: Severity,
    published: Option<When>,
    first_seen: DateTime<Utc>,
    explicit: Option<NaiveDate>,
) -> (ClockRecord, Vec<Warning>) {
    let mut warnings = Vec::new();
    let (anchor, anchor_kind) = anchor(policy, published, first_seen, &mut warnings);
    let due = policy_due(policy, severity, anchor);
    if let (Some(explicit), Some(due)) = (explicit, due)
        && explicit > due
    {
        warnings.push(Warning::LaterThanPolicy { explicit, policy: due });
    }
    let due = earliest(due, explicit);
    (ClockRecord { anchor, anchor_kind, due_original: due, due, extensions: Vec::new() }, warnings)
}

/// The clock after a change of severity, policy or explicit date: counted from the stored anchor, never from today.
///
/// It can only bring the deadline forward, and leaves five days of notice; a later date is an extension, and needs its approval.
pub fn reclassified(
    policy: &Policy,
    clock: &ClockRecord,
    severity: Severity,
    explicit: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> ClockRecord {
    let floor = add_days(local_date(policy.zone, now), NOTICE_DAYS_MIN);
    let recomputed = earliest(policy_due(policy, severity, clock.anchor), explicit);
    let due = earliest(clock.due, recomputed.map(|due| due.max(floor)));
    ClockRecord { due, ..clock.clone() }
}

/// What a deadline in force comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis<'a> {
    /// The policy's term for the severity, counted from day zero.
    Term {
        /// The term in days.
        days: u32,
    },
    /// The document asks for that date.
    Asked,
    /// Somebody extended it.
    Extended(&'a Extension),
    /// It was brought forward when the severity, the policy or the document's date changed, or a waiver ended and left what was left.
    Moved,
}

/// What the deadline of a finding comes from; none without one.
pub fn basis<'a>(policy: &Policy, finding: &'a Finding) -> Option<Basis<'a>> {
    let clock = &finding.clock;
    let due = clock.due?;
    if let Some(extension) = clock.extensions.last().filter(|extension| extension.due == due) {
        return Some(Basis::Extended(extension));
    }
    // Where both come to the same day, the document did not have to ask for it.
    let term = policy.terms(finding.severity).remediate_days;
    match term.filter(|_| policy_due(policy, finding.severity, clock.anchor) == Some(due)) {
        Some(days) => Some(Basis::Term { days }),
        None if finding.stated.due == Some(due) => Some(Basis::Asked),
        None => Some(Basis::Moved),
    }
}

/// Whether the deadline in force has ended while somebody was still to act. Due today is not overdue.
pub fn overdue(policy: &Policy, finding: &Finding, now: DateTime<Utc>) -> bool {
    finding.state.is_running() && finding.clock.due.is_some_and(|due| now >= day_end(policy.zone, due))
}

/// The last day that has ended: whatever was due on it or before is overdue, while somebody is still to act.
pub fn last_ended(policy: &Policy, now: DateTime<Utc>) -> NaiveDate {
    let mut day = local_date(policy.zone, now);
    while now < day_end(policy.zone, day) {
        let Some(before) = day.pred_opt() else { return day };
        day = before;
    }
    day
}

/// Local dates after the deadline up to today; zero while it is not overdue.
pub fn days_overdue(policy: &Policy, finding: &Finding, now: DateTime<Utc>) -> i64 {
    match finding.clock.due {
        // A local date that happens twice may repeat the due date after its end: still at least one.
        Some(due) if overdue(policy, finding, now) => (local_date(policy.zone, now) - due).num_days().max(1),
        Some(_) | None => 0,
    }
}

/// Local dates from today to the deadline: zero on its day, negative after it; none without a deadline.
pub fn days_left(policy: &Policy, finding: &Finding, now: DateTime<Utc>) -> Option<i64> {
    finding.clock.due.map(|due| (due - local_date(policy.zone, now)).num_days())
}

/// Last day for a reviewer to verify the claim; none unless one waits. Charged to the reviewer, not to the owner.
pub fn verify_by(policy: &Policy, finding: &Finding) -> Option<NaiveDate> {
    if finding.state != State::PendingVerification {
        return None;
    }
    let since = finding.claim.as_ref().map_or(finding.changed, |claim| claim.at);
    Some(add_business_days(&policy.calendar, local_date(policy.zone, since), policy.verify_business_days))
}

/// Whether a claim waits past its verification deadline.
pub fn verification_overdue(policy: &Policy, finding: &Finding, now: DateTime<Utc>) -> bool {
    verify_by(policy, finding).is_some_and(|by| now >= day_end(policy.zone, by))
}

/// The day on which an unresolved finding is reviewed next; none once nobody has to.
///
/// The last review or first sight plus the severity's cadence, or the named date if that is sooner; an extension since then and the end of a
/// waiver bring it forward. A sync is not a review.
pub fn next_review(policy: &Policy, finding: &Finding) -> Option<NaiveDate> {
    if !finding.state.is_unresolved() {
        return None;
    }
    let reviewed = finding.last_review.as_ref().map_or(finding.first_seen, |review| review.at);
    let cadence = policy.terms(finding.severity).review_days;
    let usual = add_days(local_date(policy.zone, reviewed), cadence);
    let regular =
        finding.last_review.as_ref().and_then(|review| review.next).map_or(usual, |named| named.min(usual));
    let extended = finding.clock.extensions.iter().map(|extension| extension.at).filter(|at| *at > reviewed);
    let slip = extended.max().map(|at| add_days(local_date(policy.zone, at), REVIEW_DAYS_AFTER_EXTENSION));
    let waived = finding.waiver.as_ref().filter(|_| finding.state == State::RiskAccepted);
    [Some(regular), slip, waived.map(|waiver| waiver.expires)].into_iter().flatten().min()
}

/// Whether a review is due: on its day, and every day after until somebody reviews.
pub fn review_due(policy: &Policy, finding: &Finding, now: DateTime<Utc>) -> bool {
    next_review(policy, finding).is_some_and(|next| local_date(policy.zone, now) >= next)
}

/// Whether the waiver has ended although the finding still says that the risk is accepted. A missing waiver counts as ended.
pub fn waiver_ended(policy: &Policy, finding: &Finding, now: DateTime<Utc>) -> bool {
    finding.state == State::RiskAccepted
        && finding.waiver.as_ref().is_none_or(|waiver| now >= day_end(policy.zone, waiver.expires))
}

/// Whether it was claimed done before its first deadline ended: none unless it is resolved and had one.
pub fn met(policy: &Policy, finding: &Finding) -> Option<bool> {
    if finding.state != State::Resolved {
        return None;
    }
    let resolved = finding.resolution.as_ref().map(|verification| verification.at);
    let done = finding.claim.as_ref().map(|claim| claim.at).or(resolved)?;
    finding.clock.due_original.map(|due| done < day_end(policy.zone, due))
}

fn anchor(
    policy: &Policy,
    published: Option<When>,
    first_seen: DateTime<Utc>,
    warnings: &mut Vec<Warning>,
) -> (NaiveDate, AnchorKind) {
    let seen = local_date(policy.zone, first_seen);
    let Some(published) = published else { return (seen, AnchorKind::FirstSeen) };
    let day = published.instant.map_or(published.date, |at| local_date(policy.zone, at.with_timezone(&Utc)));
    let age = (seen - day).num_days();
    if age < 0 {
        warnings.push(Warning::PublishedLater { published: day, first_seen: seen });
        return (seen, AnchorKind::FirstSeen);
    }
    if age > INTAKE_DAYS_MAX { (seen, AnchorKind::LateIntake) } else { (day, AnchorKind::Published) }
}

fn policy_due(policy: &Policy, severity: Severity, anchor: NaiveDate) -> Option<NaiveDate> {
    let days = policy.terms(severity).remediate_days?;
    anchor.checked_add_days(Days::new(u64::from(days)))
}

fn earliest(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    [one, other].into_iter().flatten().min()
}
