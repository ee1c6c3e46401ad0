//! Links that ended because their issue was not found: it is looked for, and the link goes on when it is found.
//!
//! Knows tombstones and what was found. A link that a person ended is no matter of this module.

use super::{
    action::{Action, Plan},
    snapshot::{Context, FindingRow, Row},
};
use crate::model::{
    cycle::{Note, NoteKind},
    ids::TrackerName,
    issue::Issue,
    link::{End, Link, LinkKind, Tombstone},
    observed::Observed,
};

/// Goes on with the links of a finding whose lost issues were found again, and says whether there are any.
///
/// | found | place | | result |
/// |---|---|---|---|
/// | no | | | nothing; it is looked for again tomorrow |
/// | yes | as before, or one that a rule names | linked again, with what was agreed before |
/// | yes | any other | | noted as moved, for a person |
pub(super) fn restore(context: &Context, row: &Row, member: &FindingRow, plan: &mut Plan) -> bool {
    let before = plan.actions.len();
    for (tombstone, tracker, issue) in &member.lost {
        let Observed::Known(issue) = issue else { continue };
        if tombstone.end() != End::Lost || is_linked(row, member, tombstone, issue) {
            continue;
        }
        let moved = issue.at.place_id != tombstone.issue.place_id;
        let home = context.sends_to(tracker, &issue.at).filter(|_| moved);
        if moved && home.is_none() {
            let why = format!(
                "{} was found again as {}, where no rule sends issues; `link adopt` it if it is the right one",
                tombstone.issue.key, issue.at.key
            );
            let note = Note::new(NoteKind::Moved, why).of(&member.finding.key).at(tracker);
            plan.say(note.on(tombstone.issue.key.as_str()));
            continue;
        }
        let why = format!("{} was found again", tombstone.issue.key);
        match &tombstone.link {
            Some(link) => {
                let destination = home.unwrap_or(&link.destination).clone();
                let becomes = Link { destination, ..again(link, issue) };
                plan.actions.push(Action::Restore {
                    finding: member.finding.key.clone(),
                    tombstone: tombstone.issue.id.clone(),
                    becomes: Box::new(becomes),
                    why,
                });
            }
            // What was agreed was not kept then: both sides are merged anew.
            None => plan.actions.push(adopt(context, tracker, member, (issue, why))),
        }
    }
    plan.actions.len() > before
}

/// Whether the finding follows that issue already, or another one of ours in the same place.
fn is_linked(row: &Row, member: &FindingRow, tombstone: &Tombstone, issue: &Issue) -> bool {
    let made = |link: &Link| link.kind == LinkKind::Created;
    let mut own = row.links.iter().map(|(link, _)| link).filter(|link| link.finding == member.finding.key);
    own.any(|link| {
        link.issue.id == issue.at.id
            || made(link)
                && match tombstone.link.as_deref() {
                    Some(lost) => made(lost) && lost.destination == link.destination,
                    None => link.destination == issue.at.place,
                }
    })
}

/// A link as it goes on.
fn again(link: &Link, issue: &Issue) -> Link {
    let mut becomes = Link { absence: None, issue: issue.at.clone(), ..link.clone() };
    if link.issue.key != issue.at.key {
        becomes.former_keys.push(link.issue.key.clone());
    }
    becomes
}

/// Links the issue of a tombstone that kept no link: as one of ours where our account wrote it with our label.
fn adopt(
    context: &Context,
    tracker: &TrackerName,
    member: &FindingRow,
    (issue, why): (&Issue, String),
) -> Action {
    let account = context.trackers.get(tracker).and_then(|facts| facts.account.known());
    let wrote = issue.author.as_ref().zip(account);
    let is_ours = wrote.is_some_and(|(author, us)| author.as_str().eq_ignore_ascii_case(us.as_str()))
        && issue.carries(&context.labels.ours);
    Action::Adopt {
        finding: member.finding.key.clone(),
        tracker: tracker.clone(),
        issue: Box::new(issue.clone()),
        kind: if is_ours { LinkKind::Created } else { LinkKind::Cited },
        doubles: Vec::new(),
        citation: None,
        why,
    }
}
