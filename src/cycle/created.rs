//! The link of an issue that was just created: what both sides agree on from the beginning.
//!
//! Knows what was asked for and what the tracker answered. Sends nothing but the question who assigned whom.

use super::{
    adopt::{Adoption, fresh_link, unread},
    apply::Run,
    create::refusal,
};
use crate::{
    model::{
        digest,
        finding::Owner,
        issue::{Edit, Field, PlaceFacts, TrackerKind},
        link::{Agreed, Link, LinkKind},
        observed::Observed,
        terms::Progress,
    },
    plan::{action::CreateAction, linked::followed},
    tracker::{Created, TrackerWrite},
};

/// Whether somebody is assigned to the new issue whom nobody chose: we asked for nobody, and its history has no assignment
/// by anybody else. Where it does not tell, what is read back right after the create is taken for the default.
pub(super) async fn is_default(action: &CreateAction, tracker: &dyn TrackerWrite, created: &Created) -> bool {
    let Observed::Known(issue) = &created.issue else { return false };
    if action.draft.assignee.is_some() || issue.assignees.is_empty() || !issue.shows(Field::Owner) {
        return false;
    }
    !tracker.is_assigned_by_others(issue).await.unwrap_or(false)
}

/// The link of a created issue. Both sides agree on what was sent and taken: whatever else is read back already, somebody
/// wrote since, and the next cycle takes it over. What a place assigned by itself is the issue's alone.
pub(super) fn link(
    run: &Run<'_, '_>,
    action: &CreateAction,
    (kind, proof, is_default): (TrackerKind, &PlaceFacts, bool),
    created: &Created,
) -> Link {
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
        citation: None,
        why: String::new(),
    };
    let mut link = fresh_link(&adoption, now);
    link.destination = action.draft.place.clone();
    link.pushed.block = Some(digest::of_text(&action.draft.body));
    for dropped in created.dropped.iter().filter(|dropped| dropped.field != Field::Owner) {
        let until = now + run.config.cooldown;
        link.refused.insert(dropped.field, refusal(dropped, &Edit::default(), until, Some(proof)));
    }
    if let Observed::Known(issue) = &created.issue {
        if !issue.shows(Field::Labels) {
            link.pushed.labels.clone_from(&action.draft.labels);
        }
        if !issue.shows(Field::Due) {
            link.pushed.due = action.draft.due;
        }
        // On an owner who was dropped, or whom the answer does not show, nothing is agreed: they are still owed.
        let is_dropped = created.dropped.iter().any(|dropped| dropped.field == Field::Owner);
        if !is_dropped && issue.shows(Field::Owner) {
            let on_issue = match (&action.draft.assignee, is_default) {
                (Some(_), _) => action.owner.clone(),
                (None, true) => followed(&run.gathered.context, kind, &link, issue).1,
                (None, false) => Owner::Nobody,
            };
            link.baseline.owner = Some(Agreed { finding: action.owner.clone(), issue: on_issue });
        }
        let progress =
            run.ledger.register().findings.get(&action.finding).and_then(|finding| finding.progress());
        link.baseline.progress =
            Some(Agreed { finding: progress.unwrap_or(Progress::Open), issue: Progress::Open });
    }
    link
}
