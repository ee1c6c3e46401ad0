//! Issues that are missing or somewhere else: quarantined, given up after repeated reads, or followed (invariant 3).

use chrono::TimeDelta;

use super::{Live, shown::seen};
use crate::{
    model::{
        cycle::NoteKind,
        issue::{Issue, IssueId},
        link::{Absence, End, Link, LinkKind, Tombstone},
    },
    plan::{
        action::{Action, Plan},
        marked::{ADOPT, watch_doubles},
        snapshot::{Context, Row},
    },
};

/// Reads without the issue before a link is given up, and the time they must span (invariant 10 of `src/ARCHITECTURE.md`).
const ABSENT_READS: u32 = 3;
pub(in crate::plan) const ABSENT_FOR: TimeDelta = TimeDelta::hours(24);
/// Reads without the issue that count are this far apart.
pub(in crate::plan) const ABSENT_SPACING: TimeDelta = TimeDelta::hours(1);

/// Counts a read that did not find the issue; gives the link up after enough of them. Other issues with its marker are named as long
/// as it may come back.
pub(super) fn quarantine(context: &Context, row: &Row, known: &Link, plan: &mut Plan) {
    let mut link = known.clone();
    let member = row.findings.iter().find(|member| member.finding.key == link.finding);
    if let Some(member) = member.filter(|_| names_doubles(row, known)) {
        let followed: Vec<IssueId> = row.links.iter().map(|(link, _)| link.issue.id.clone()).collect();
        watch_doubles(context, member, &mut link, (&followed, ADOPT), plan);
    }
    let now = context.now;
    // What was counted before the place went out of sight does not add up with what is counted since.
    let back = context.sight(&link.tracker, &link.issue).and_then(|state| state.back);
    let counted = link.absence.as_ref().filter(|absence| back.is_none_or(|back| absence.first >= back));
    let first = counted.map_or(now, |absence| absence.first);
    let reads = counted.map_or(0, |absence| absence.reads) + 1;
    if reads >= ABSENT_READS && now - first >= ABSENT_FOR {
        let marked: Vec<&str> = link.doubles.iter().map(|double| double.key.as_str()).collect();
        let marked = match marked.as_slice() {
            [] => String::new(),
            keys => format!(", and {} has its marker", keys.join(", ")),
        };
        let why = format!("{} was not found in {reads} reads since {first}{marked}", link.issue.key);
        plan.note_link(NoteKind::Quarantined, &link, format!("{why}; the link is given up"));
        let tombstone = Tombstone {
            finding: link.finding.clone(),
            issue: link.issue.clone(),
            why,
            at: now,
            end: Some(End::Lost),
            link: Some(Box::new(Link { absence: None, ..known.clone() })),
            looked: None,
        };
        let action = Action::Break { finding: link.finding.clone(), issue: link.issue.id.clone(), tombstone };
        return plan.actions.push(action);
    }
    plan.note_link(
        NoteKind::Quarantined,
        &link,
        "not found, or no longer visible to this account; nothing is closed or created",
    );
    let spaced = counted.is_none_or(|absence| now - absence.last >= ABSENT_SPACING);
    if spaced {
        link.absence = Some(Absence { first, last: now, reads });
    }
    if link != *known {
        plan.actions.push(Action::Record {
            finding: link.finding.clone(),
            becomes: None,
            links: vec![link],
            entries: Vec::new(),
            parts: Vec::new(),
            edits: Vec::new(),
        });
    }
}

/// Whether further issues are named with this link, whose issue was not found: with the first of ours, where none was found.
fn names_doubles(row: &Row, link: &Link) -> bool {
    let is_ours = |other: &Link| other.finding == link.finding && other.kind == LinkKind::Created;
    let mut ours = row.links.iter().filter(|(other, _)| is_ours(other));
    let first = ours.clone().next().is_some_and(|(first, _)| first.issue.id == link.issue.id);
    first && ours.all(|(_, issue)| issue.known().is_none())
}

/// An issue that moved is followed inside the places that the rules name, whatever they are called by now; anywhere else
/// it is flagged.
pub(super) fn follow<'a>(
    context: &Context,
    link: Link,
    issue: &'a Issue,
    plan: &mut Plan,
) -> Option<Live<'a>> {
    let Some(place) = context.sends_to(&link.tracker, &issue.at) else {
        let why = format!(
            "it moved to {}, where no rule sends issues; it is not followed until a person decides",
            issue.at.key
        );
        plan.note_link(NoteKind::Moved, &link, why);
        return None;
    };
    let why = format!("{} moved to {}", link.issue.key, issue.at.key);
    let from = link.issue.id.clone();
    let mut becomes = link;
    becomes.former_keys.push(becomes.issue.key.clone());
    becomes.issue = issue.at.clone();
    becomes.destination = place.clone();
    becomes.absence = None;
    becomes.seen = seen(context, &becomes, issue);
    plan.actions.push(Action::Rekey {
        finding: becomes.finding.clone(),
        from,
        becomes: Box::new(becomes),
        why,
    });
    None
}
