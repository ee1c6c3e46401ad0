//! How the fields of an issue stand to what an edit of ours sent, whose outcome no cycle recorded.

use crate::{
    model::{
        edit_intent::{OwnerSent, StatusSent},
        ids::AccountId,
        issue::{Field, Issue, TrackerKind},
        observed::Observed,
        terms::Progress,
    },
    plan::snapshot::{Context, OpenEdit},
};

/// How a field of an issue stands to what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// As before: nothing came of it yet.
    Untouched,
    /// Between before and what was asked for, by our own steps.
    Between,
    /// As it was asked for.
    Reached,
    /// As neither we nor the past have it: somebody else's.
    Others,
    /// As before, and somebody else made it so since the edit was sent.
    Returned,
    /// It may be ours: whose it is could not be asked, or the read is behind what the history tells.
    Unsure,
    /// The answer does not show it: nothing is known of it now.
    Unseen,
}

pub(super) fn of_status(sent: &StatusSent, issue: &Issue, kind: TrackerKind) -> Standing {
    let alike = |status: &String| status.to_lowercase() == issue.status_text.to_lowercase();
    let asked = |asked: &Progress| kind.shows(*asked) == kind.shows(issue.progress);
    if !issue.shows(Field::Progress) {
        Standing::Unseen
    } else if alike(&sent.before) {
        Standing::Untouched
    } else if sent.asked.iter().any(asked) {
        Standing::Reached
    } else if sent.path.iter().any(alike) {
        Standing::Between
    } else {
        Standing::Others
    }
}

/// How the owner stands, and whom we assigned if it is reached.
pub(super) fn of_owner(sent: &OwnerSent, issue: &Issue) -> (Standing, Option<AccountId>) {
    let now = &issue.assignees;
    if !issue.shows(Field::Owner) {
        return (Standing::Unseen, None);
    }
    if alike(now, &sent.before) {
        return (Standing::Untouched, None);
    }
    let is_there = |account: &AccountId| has(now, account);
    let stays = sent.from.as_ref().is_some_and(is_there);
    for asked in sent.asked.iter().rev() {
        match asked {
            Some(to) if is_there(to) && stays && sent.from.as_ref().is_none_or(|from| !same(from, to)) => {
                if !has(&sent.before, to) {
                    return (Standing::Between, None);
                }
            }
            Some(to) if is_there(to) && (!has(&sent.before, to) || !stays) => {
                return (Standing::Reached, Some(to.clone()));
            }
            None if !stays && sent.from.is_some() => return (Standing::Reached, None),
            Some(_) | None => {}
        }
    }
    let between = sent.path.iter().any(|path| alike(path, now));
    (if between { Standing::Between } else { Standing::Others }, None)
}

/// The same, held against what the tracker's history says of the last change of the field: who made it, and whether the
/// read shows it at all.
pub(super) fn told(
    context: &Context,
    open: &OpenEdit,
    (field, issue): (Field, &Issue),
    standing: Standing,
) -> Standing {
    let theirs = match standing {
        Standing::Untouched => Standing::Returned,
        Standing::Between | Standing::Reached | Standing::Others => Standing::Others,
        Standing::Returned | Standing::Unsure | Standing::Unseen => return standing,
    };
    let mine = context.trackers.get(&open.intent.tracker).and_then(|facts| facts.account.known());
    match open.changes.get(&field) {
        Some(Observed::Known(change)) if change.is_later_than(issue) => Standing::Unsure,
        Some(Observed::Known(change)) => {
            let is_by = |author| mine.into_iter().chain(&open.intent.by).any(|account| same(account, author));
            if change.by.as_ref().is_none_or(is_by) { standing } else { theirs }
        }
        Some(Observed::Unknown { .. }) => Standing::Unsure,
        // The history does not say, or was not asked.
        Some(Observed::Missing) | None => standing,
    }
}

/// Accounts are told apart without regard to the case of their letters, as GitHub's logins are.
pub(super) fn same(one: &AccountId, other: &AccountId) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

pub(super) fn has(all: &[AccountId], account: &AccountId) -> bool {
    all.iter().any(|known| same(known, account))
}

pub(super) fn alike(one: &[AccountId], other: &[AccountId]) -> bool {
    one.len() == other.len() && one.iter().all(|account| has(other, account))
}
