//! What is remarkable about a finding right now: derived from its data and the time, never stored.
//!
//! Knows the finding, its links, the policy and the people directory. Knows nothing of who reads the flags.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    calendar::local_date,
    clock::{days_left, overdue, review_due, verification_overdue, waiver_ended},
    transition::effective,
};
use crate::model::{
    deadline::Policy,
    finding::{Claimant, Finding, Owner},
    link::Link,
    people::People,
    terms::State,
};

/// Days before the end of a waiver from which it is announced.
const WAIVER_NOTICE_DAYS: i64 = 14;

/// One remarkable thing. Ordered from most to least pressing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Its deadline has ended and somebody is still to act.
    Overdue,
    /// A claim waits past the reviewers' own deadline.
    VerificationOverdue,
    /// Its waiver has ended.
    WaiverExpired,
    /// Its issues were closed without being done.
    DeclinedUpstream,
    /// Nobody knows who claimed it done, so nobody can verify it.
    ClaimantUnknown,
    /// It is due within the policy's notice.
    DueSoon,
    /// Its next review is due.
    ReviewDue,
    /// Nobody owns it.
    Unowned,
    /// The people directory does not know its owner.
    UnmappedOwner,
    /// No rule says where it goes.
    Unrouted,
    /// An issue of it was not found at the last read.
    IssueMissing,
    /// Its document no longer lists it.
    SourceMissing,
    /// Its waiver ends within two weeks.
    WaiverExpiring,
    /// Nothing about it has changed for long.
    Stale,
    /// It has no deadline.
    NoDeadline,
    /// Its document is a draft, or was withdrawn.
    Draft,
}

impl Flag {
    /// The flag in the words of a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::VerificationOverdue => "verification overdue",
            Self::WaiverExpired => "waiver expired",
            Self::DeclinedUpstream => "declined upstream",
            Self::ClaimantUnknown => "claimant unknown",
            Self::DueSoon => "due soon",
            Self::ReviewDue => "review due",
            Self::Unowned => "no owner",
            Self::UnmappedOwner => "owner not in the directory",
            Self::Unrouted => "unrouted",
            Self::IssueMissing => "issue missing",
            Self::SourceMissing => "gone from its document",
            Self::WaiverExpiring => "waiver expiring",
            Self::Stale => "stale",
            Self::NoDeadline => "no deadline",
            Self::Draft => "draft",
        }
    }
}

/// What flags are derived from, besides the finding.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The review policy.
    pub policy: &'a Policy,
    /// Everybody we know.
    pub people: &'a People,
    /// The finding's links.
    pub links: &'a [&'a Link],
    /// Whether no rule matches it; the rules are the caller's.
    pub unrouted: bool,
    /// The present instant.
    pub now: DateTime<Utc>,
}

/// Every flag that holds for the finding at `now`. A finding whose waiver has ended counts as open again.
/// Nothing is remarkable about what is resolved or dismissed.
pub fn of(finding: &Finding, around: Circumstances<'_>) -> BTreeSet<Flag> {
    let Circumstances { policy, people, links, unrouted, now } = around;
    let waiver_over = waiver_ended(policy, finding, now);
    let finding = effective(policy, finding, now);
    let finding = finding.as_ref();
    if !finding.state.is_unresolved() {
        return BTreeSet::new();
    }
    let running = finding.state.is_running();
    let is_overdue = overdue(policy, finding, now);
    let owner_unmapped = match &finding.owner {
        Owner::Nobody => false,
        Owner::Person(person) => !people.0.contains_key(person),
        Owner::Unmapped(_) => true,
    };
    let checks = [
        (Flag::Overdue, is_overdue),
        (Flag::VerificationOverdue, verification_overdue(policy, finding, now)),
        (Flag::WaiverExpired, waiver_over),
        (Flag::DeclinedUpstream, finding.declined_upstream),
        (Flag::ClaimantUnknown, claimant_unknown(finding)),
        (Flag::DueSoon, running && !is_overdue && due_soon(policy, finding, now)),
        (Flag::ReviewDue, review_due(policy, finding, now)),
        (Flag::Unowned, finding.owner == Owner::Nobody),
        (Flag::UnmappedOwner, owner_unmapped),
        (Flag::Unrouted, unrouted),
        (Flag::IssueMissing, links.iter().any(|link| link.absence.is_some())),
        (Flag::SourceMissing, finding.source_missing),
        (Flag::WaiverExpiring, waiver_expiring(policy, finding, now)),
        (Flag::Stale, running && stale(policy, finding, links, now)),
        (Flag::NoDeadline, running && finding.clock.due.is_none()),
        (Flag::Draft, finding.draft),
    ];
    checks.into_iter().filter_map(|(flag, holds)| holds.then_some(flag)).collect()
}

fn due_soon(policy: &Policy, finding: &Finding, now: DateTime<Utc>) -> bool {
    days_left(policy, finding, now).is_some_and(|left| left <= i64::from(policy.due_soon_days))
}

/// Whether verifying waits because nobody knows who claimed the finding done.
pub fn claimant_unknown(finding: &Finding) -> bool {
    finding.state == State::PendingVerification
        && match finding.claim.as_ref().map(|claim| &claim.by) {
            Some(Claimant::Account(_) | Claimant::Unknown) | None => true,
            Some(Claimant::Person(_) | Claimant::Document) => false,
        }
}

fn waiver_expiring(policy: &Policy, finding: &Finding, now: DateTime<Utc>) -> bool {
    let today = local_date(policy.zone, now);
    finding.state == State::RiskAccepted
        && finding
            .waiver
            .as_ref()
            .is_some_and(|waiver| (waiver.expires - today).num_days() <= WAIVER_NOTICE_DAYS)
}

/// A sync is no activity; a change of the finding, of its issue, or a review is.
fn stale(policy: &Policy, finding: &Finding, links: &[&Link], now: DateTime<Utc>) -> bool {
    let issues = links.iter().map(|link| link.seen.updated);
    let reviewed = finding.last_review.iter().map(|review| review.at);
    let active = issues.chain(reviewed).fold(finding.changed, DateTime::max);
    now - active >= TimeDelta::days(i64::from(policy.stale_days))
}
