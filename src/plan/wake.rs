//! When the clock alone changes what is planned for a row.

use chrono::{DateTime, Days, Utc};

use super::{
    linked::{ABSENT_FOR, ABSENT_SPACING, WRITES_IN},
    reads::next_sweep,
    snapshot::{Context, Row},
};
use crate::{
    model::{finding::Finding, link::Link},
    review::{calendar::day_end, clock},
};

/// The earliest instant after now at which the row would be planned otherwise although nothing else happened.
///
/// It is a deadline, a review, the end of a waiver, of a time to settle, of a cool-down or of a quarantine, or a sweep of its
/// place. None while only somebody's deed can change anything.
pub fn wake(context: &Context, row: &Row) -> Option<DateTime<Utc>> {
    let mut instants: Vec<DateTime<Utc>> = Vec::new();
    for member in &row.findings {
        instants.extend(of_finding(context, &member.finding));
        instants.extend(member.intents.iter().map(|intent| intent.last_under_way() + context.settle));
    }
    for (link, _) in &row.links {
        instants.extend(of_link(context, link));
    }
    instants.into_iter().filter(|instant| *instant > context.now).min()
}

fn of_finding(context: &Context, finding: &Finding) -> impl Iterator<Item = DateTime<Utc>> {
    let policy = &context.policy;
    let unresolved = finding.state.is_unresolved();
    let due = finding.clock.due;
    let soon = due.and_then(|due| due.checked_sub_days(Days::new(u64::from(policy.due_soon_days) + 1)));
    let review = clock::next_review(policy, finding).and_then(|day| day.checked_sub_days(Days::new(1)));
    let waiver = finding.waiver.as_ref().map(|waiver| waiver.expires);
    let days = [due, soon, clock::verify_by(policy, finding), review, waiver];
    let ends = days.into_iter().flatten().map(|day| day_end(policy.zone, day));
    let retry = finding.failed_creates.as_ref().map(|failed| failed.until);
    ends.filter(move |_| unresolved).chain(retry)
}

fn of_link(context: &Context, link: &Link) -> impl Iterator<Item = DateTime<Utc>> {
    let refused = link.refused.values().map(|refusal| refusal.until);
    let retry = link.failed_edits.as_ref().map(|failed| failed.until);
    let written = link.written.iter().map(|written| *written + WRITES_IN);
    let absence = link.absence.as_ref();
    let absent =
        absence.into_iter().flat_map(|absence| [absence.first + ABSENT_FOR, absence.last + ABSENT_SPACING]);
    let swept = context
        .pinned
        .get(&(link.tracker.clone(), link.issue.place.clone()))
        .and_then(|pinned| pinned.swept)
        .map(|swept| next_sweep(link, swept));
    let of_link: Vec<DateTime<Utc>> =
        refused.chain(retry).chain(written).chain(absent).chain(swept).collect();
    of_link.into_iter()
}
