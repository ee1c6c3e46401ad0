//! Issues that carry our marker: which of them is ours, and which are doubles that somebody has to close (invariant 7).

use super::{
    action::{Action, Plan},
    identity::normalised,
    render::render,
    snapshot::{Context, FindingRow},
};
use crate::model::{
    cycle::{Note, NoteKind},
    finding::Finding,
    ids::{AccountId, FindingKey, Marker, TrackerName},
    issue::{Issue, IssueId, IssueRef},
    link::{Link, LinkKind},
    note::About,
    observed::Observed,
    rule::Outcome,
};

/// Links the oldest issue with our marker. A copy of the marker in what somebody else wrote is not ours
/// (invariant 5), and while there is nothing else, a person must say what it is. `is_sent`: a create of it is on record.
pub(super) fn adopt_marked(
    context: &Context,
    (finding, is_sent): (&Finding, bool),
    tracker: &TrackerName,
    issues: &[Issue],
    plan: &mut Plan,
) {
    // Numeric ids grow with time; as text, the shorter one is the lower.
    let age = |issue: &&Issue| (issue.created, issue.at.id.id.len(), issue.at.id.clone());
    let ours = issues.iter().filter(|issue| !is_foreign(context, tracker, issue));
    let Some(oldest) = ours.clone().min_by_key(age) else {
        for issue in issues {
            let author = issue.author.as_ref().map_or("somebody else", AccountId::as_str);
            let why = format!(
                "{} carries our marker, but was written by {author}, not by an account of ours; `link adopt` it if it is \
                 ours, else take the marker out of it",
                issue.at.key
            );
            plan.say(of_other(NoteKind::Held, (&finding.key, tracker), &issue.at, why));
        }
        return;
    };
    let unsure = (!is_sent).then(|| another_matter(context, finding, tracker, oldest)).flatten();
    if let Some(why) = unsure {
        return plan.say(of_other(NoteKind::Held, (&finding.key, tracker), &oldest.at, why));
    }
    let doubles = ours.filter(|issue| issue.at.id != oldest.at.id && !issue.progress.is_closed());
    let doubles: Vec<IssueRef> = doubles.map(|issue| issue.at.clone()).collect();
    plan.notes.extend(doubled((&finding.key, tracker, &oldest.at), &doubles, CLOSE));
    plan.actions.push(Action::Adopt {
        finding: finding.key.clone(),
        tracker: tracker.clone(),
        issue: Box::new(oldest.clone()),
        kind: LinkKind::Created,
        doubles,
        citation: None,
        why: "it carries our marker".to_owned(),
    });
}

/// Why an issue with the marker of a finding is perhaps not its: the register gave the finding its id by itself and
/// remembers no create, so that a lost register may have given the same id to something else. The titles have to agree.
fn another_matter(
    context: &Context,
    finding: &Finding,
    tracker: &TrackerName,
    issue: &Issue,
) -> Option<String> {
    if !finding.allocated {
        return None;
    }
    let alike = |title: &str| normalised(title) == normalised(&issue.title);
    let drafted = context.rules.iter().filter_map(|rule| match &rule.then {
        Outcome::Create(to) if to.tracker == *tracker => render(to, finding, &context.policy).ok(),
        Outcome::Create(_) | Outcome::Register { .. } => None,
    });
    if drafted.into_iter().any(|rendered| alike(&rendered.title)) {
        return None;
    }
    Some(format!(
        "{} carries the marker of {}, whose id the register gave by itself, and has another title; `link adopt` it if it \
         is about this finding",
        issue.at.key, finding.key
    ))
}

/// Whether an issue was written by another account than ours, present or former, as far as both are known.
fn is_foreign(context: &Context, tracker: &TrackerName, issue: &Issue) -> bool {
    let facts = context.trackers.get(tracker).filter(|facts| facts.account.known().is_some());
    match (&issue.author, facts) {
        (Some(author), Some(facts)) => !facts.is_ours(author),
        (None, _) | (_, None) => false,
    }
}

/// What a person is to do with a further issue.
pub(super) const CLOSE: &str = "; close one of them as a duplicate";
/// The same where the issue that is followed was not found.
pub(super) const ADOPT: &str = ", which was not found; `link adopt` it if the work goes on there";

/// Looks for further issues of a linked finding, where its place was swept in this cycle, and keeps reporting those
/// that are known until they are closed (invariant 7).
pub(super) fn watch_doubles(
    context: &Context,
    row: &FindingRow,
    link: &mut Link,
    (others, todo): (&[IssueId], &str),
    plan: &mut Plan,
) {
    // What is searched for because of an unclear create is that create's, and not all that is there.
    let is_unclear = |marker: &Marker| row.intents.iter().any(|intent| intent.marker == *marker);
    let marked = || row.marked.iter().filter(|(marker, _)| !is_unclear(marker)).map(|(_, found)| found);
    let swept: Vec<&Issue> = marked().filter_map(Observed::known).flatten().collect();
    let complete = marked().next().is_some() && marked().all(|found| found.known().is_some());
    if complete {
        let further = swept.into_iter().filter(|issue| {
            !others.contains(&issue.at.id)
                && !issue.progress.is_closed()
                && !is_foreign(context, &link.tracker, issue)
        });
        link.doubles = further.map(|issue| issue.at.clone()).collect();
    }
    plan.notes.extend(doubled((&link.finding, &link.tracker, &link.issue), &link.doubles, todo));
}

fn doubled(
    (finding, tracker, kept): (&FindingKey, &TrackerName, &IssueRef),
    doubles: &[IssueRef],
    todo: &str,
) -> Vec<Note> {
    let note = |other: &IssueRef| {
        let why = format!("{} carries the same marker as {}{todo}", other.key, kept.key);
        of_other(NoteKind::Duplicate, (finding, tracker), other, why).on(kept.key.as_str())
    };
    doubles.iter().map(note).collect()
}

/// A note about an issue that carries the marker of a finding and is not its own.
fn of_other(
    kind: NoteKind,
    (finding, tracker): (&FindingKey, &TrackerName),
    other: &IssueRef,
    why: String,
) -> Note {
    Note::new(kind, why).of(finding).at(tracker).about(About::Issue(other.key.clone()))
}
