//! Plays the effects of a plan on the rows it was made from, as a cycle and two well-behaved trackers would.

use std::collections::BTreeMap;

use postmortem_sync::{
    model::{
        digest,
        edit_intent::EditIntent,
        ids::AccountId,
        issue::{Change, Edit, Field, Issue, IssueId, IssueRef, TrackerKind},
        link::{Agreed, Baseline, Link, LinkKind, Pushed, Seen},
        observed::Observed,
        terms::Progress,
    },
    plan::{
        action::{Action, CreateAction, EditAction, Plan},
        linked::{followed, followed_amid, owes_word},
        snapshot::{Context, OpenEdit, Row},
    },
};

use crate::build::now;

/// Whether an action writes to a tracker.
pub(crate) fn writes(plan: &Plan) -> usize {
    plan.actions.iter().filter(|action| action.writes_to().is_some()).count()
}

/// Plays every action, in order. Panics when an edit names a value that is not there: it would have been stale.
pub(crate) fn apply(context: &Context, row: &mut Row, plan: Plan) {
    for action in plan.actions {
        match action {
            Action::Record { finding, becomes, links, parts, edits, .. } => {
                for member in row.findings.iter_mut().filter(|member| member.finding.key == finding) {
                    member.parts.extend(parts.clone());
                    if let Some(becomes) = &becomes {
                        member.finding = (**becomes).clone();
                    }
                }
                links.into_iter().for_each(|link| record(row, link));
                edits.into_iter().for_each(|edit| reopen(row, edit));
            }
            Action::Adopt { finding, tracker, issue, kind, citation, .. } => {
                let link = fresh(finding.as_str(), tracker.as_str(), &issue, kind);
                for member in row.findings.iter_mut().filter(|member| member.finding.key == finding) {
                    member.intents.retain(|intent| issue.marker.as_ref() != Some(&intent.marker));
                    member.citations.retain(|cited| Some(&cited.written) != citation.as_ref());
                }
                row.links.push((link, Observed::Known(*issue)));
            }
            Action::EndIntent { finding, tracker, place, .. } => {
                for member in row.findings.iter_mut().filter(|member| member.finding.key == finding) {
                    member.intents.retain(|intent| intent.tracker != tracker || intent.place != place);
                }
            }
            Action::Break { finding, issue, tombstone } => {
                row.links.retain(|(link, _)| link.finding != finding || link.issue.id != issue);
                let mut members = row.findings.iter_mut();
                members.find(|member| member.finding.key == finding).unwrap().tombstones.push(tombstone);
            }
            Action::Rekey { finding, from, becomes, .. } => {
                let mut links = row.links.iter_mut();
                links.find(|(link, _)| link.finding == finding && link.issue.id == from).unwrap().0 =
                    *becomes;
            }
            Action::Restore { becomes, .. } => {
                row.links.push((*becomes, Observed::unknown("not read again")))
            }
            Action::Edit(edit) => apply_edit(context, row, &edit),
            Action::Create(create) => apply_create(context, row, create),
        }
    }
}

fn record(row: &mut Row, becomes: Link) {
    let same = |link: &Link| link.finding == becomes.finding && link.issue.id == becomes.issue.id;
    let at = row.links.iter().position(|(link, _)| same(link)).expect("only known links are recorded");
    row.links[at].0 = becomes;
}

/// An open edit as it becomes.
fn reopen(row: &mut Row, becomes: EditIntent) {
    for member in row.findings.iter_mut().filter(|member| member.finding.key == becomes.finding) {
        for open in member.edits.iter_mut().filter(|open| open.intent.issue == becomes.issue) {
            open.intent = becomes.clone();
        }
        member.edits.retain(|open| !open.intent.is_over());
    }
}

/// An edit that was answered leaves nothing open of what it asked for.
fn answer(row: &mut Row, action: &EditAction) {
    let edit = &action.edit;
    let fields = [
        (edit.owner.is_some() || !edit.unassign.is_empty(), Field::Owner),
        (edit.progress.is_some(), Field::Progress),
        (!edit.add_labels.is_empty() || !edit.remove_labels.is_empty(), Field::Labels),
        (edit.due.is_some(), Field::Due),
        (edit.block.is_some(), Field::Block),
        (edit.comment.is_some(), Field::Comment),
    ];
    for member in row.findings.iter_mut().filter(|member| member.finding.key == action.finding) {
        for open in member.edits.iter_mut().filter(|open| open.intent.issue == action.issue.id) {
            fields.iter().filter(|(written, _)| *written).for_each(|(_, field)| open.intent.settle(*field));
        }
        member.edits.retain(|open| !open.intent.is_over());
    }
}

/// The edit of a finding that is open on an issue.
fn open<'a>(row: &'a Row, link: &Link) -> Option<&'a EditIntent> {
    let of_link =
        |open: &&OpenEdit| open.intent.finding == link.finding && open.intent.issue == link.issue.id;
    row.open_edits().find(of_link).map(|open| &open.intent)
}

fn apply_edit(context: &Context, row: &mut Row, action: &EditAction) {
    let kind = context.trackers[&action.tracker].kind;
    let at = row
        .links
        .iter()
        .position(|(link, _)| link.finding == action.finding && link.issue.id == action.issue.id)
        .expect("only linked issues are changed");
    let (mut link, issue) = row.links[at].clone();
    action.overruled.agree(&mut link);
    let mut issue = issue.known().expect("only issues that were read are changed").clone();
    change((context, kind), (&link, open(row, &link)), &mut issue, &action.edit);
    let on_issue = followed(context, kind, &link, &issue).1;
    if let Some(owner) = &action.owner {
        link.baseline.owner = Some(Agreed { finding: owner.clone(), issue: on_issue });
    }
    if let Some(progress) = action.progress {
        link.baseline.progress = Some(Agreed { finding: progress, issue: issue.progress });
    }
    remember(&mut link, &action.edit, &issue);
    if let Some(mark) = &action.edit.comment_mark {
        link.told = Some(mark.since);
        let mut members = row.findings.iter_mut();
        let finding = &mut members.find(|member| member.finding.key == action.finding).unwrap().finding;
        let mut others =
            row.links.iter().map(|(other, _)| other).filter(|other| other.finding == action.finding);
        let owes =
            |other: &Link| other.issue.id != link.issue.id && owes_word(context, finding, other, mark.since);
        if !others.any(owes) {
            finding.leave_word(None, context.now);
        }
    }
    row.links[at].0 = link;
    answer(row, action);
    show(row, &issue);
}

/// Every link of an issue sees it as it is now.
fn show(row: &mut Row, issue: &Issue) {
    for (_, seen) in row.links.iter_mut().filter(|(link, _)| link.issue.id == issue.at.id) {
        *seen = Observed::Known(issue.clone());
    }
}

fn change(
    (context, kind): (&Context, TrackerKind),
    (link, open): (&Link, Option<&EditIntent>),
    issue: &mut Issue,
    edit: &Edit,
) {
    if let Some(Change { from, to }) = &edit.owner {
        assert_eq!(&followed_amid(context, kind, link, issue, open).0, from, "a stale owner");
        issue.assignees.retain(|account| Some(account) != from.as_ref() && Some(account) != to.as_ref());
        issue.assignees.extend(to.clone());
    }
    issue.assignees.retain(|account| !edit.unassign.contains(account));
    if let Some(Change { from, to }) = &edit.progress {
        assert_eq!(issue.progress, *from, "a stale status");
        issue.progress = kind.shows(*to);
        issue.status_text = issue.progress.to_string();
        issue.closed_by = issue.progress.is_closed().then(|| AccountId::from("pm-bot"));
    }
    if let Some(Change { from, to }) = &edit.due {
        assert_eq!(issue.due, *from, "a stale due date");
        issue.due = *to;
    }
    if let Some(Change { to, .. }) = &edit.block {
        issue.block = Some(digest::of_text(to));
    }
    issue.labels.extend(edit.add_labels.iter().cloned());
    issue.labels.retain(|label| !edit.remove_labels.contains(label));
}

fn remember(link: &mut Link, edit: &Edit, issue: &Issue) {
    link.pushed.labels.extend(edit.add_labels.iter().cloned());
    link.pushed.labels.retain(|label| !edit.remove_labels.contains(label));
    if edit.due.is_some() {
        link.pushed.due = issue.due;
    }
    if let Some(block) = &edit.block {
        link.pushed.block = Some(digest::of_text(&block.to));
    }
    link.seen = Seen { at: now(), status_text: issue.status_text.clone(), updated: issue.updated };
}

fn apply_create(context: &Context, row: &mut Row, action: CreateAction) {
    let draft = action.draft;
    let at = IssueRef {
        id: IssueId { host: context.trackers[&action.tracker].host.clone(), id: "5000".to_owned() },
        node: None,
        key: format!("{}#50", draft.place),
        url: String::new(),
        place: draft.place,
        place_id: draft.place_id,
    };
    let issue = Issue {
        at,
        title: draft.title,
        progress: Progress::Open,
        status_text: "open".to_owned(),
        assignees: draft.assignee.into_iter().collect(),
        labels: draft.labels,
        due: draft.due,
        author: context.trackers[&action.tracker].account.known().cloned(),
        closed_by: None,
        updated: now(),
        created: now(),
        read: None,
        marker: Some(draft.marker),
        block: Some(digest::of_text(&draft.body)),
        unseen: Default::default(),
        chosen: None,
    };
    let mut link = fresh(action.finding.as_str(), action.tracker.as_str(), &issue, LinkKind::Created);
    let on_issue = followed(context, context.trackers[&action.tracker].kind, &link, &issue).1;
    link.baseline.owner = Some(Agreed { finding: action.owner, issue: on_issue });
    let progress = row.findings.iter().find(|member| member.finding.key == action.finding).unwrap();
    let progress = progress.finding.progress().unwrap_or(Progress::Open);
    link.baseline.progress = Some(Agreed { finding: progress, issue: issue.progress });
    row.links.push((link, Observed::Known(issue)));
}

fn fresh(finding: &str, tracker: &str, issue: &Issue, kind: LinkKind) -> Link {
    Link {
        finding: finding.into(),
        tracker: tracker.into(),
        issue: issue.at.clone(),
        former_keys: Vec::new(),
        kind,
        destination: issue.at.place.clone(),
        since: now(),
        baseline: Baseline::default(),
        pushed: Pushed {
            labels: issue.labels.clone(),
            due: issue.due,
            block: issue.block.clone(),
            ..Pushed::default()
        },
        refused: BTreeMap::new(),
        failed_edits: None,
        seen: Seen { at: now(), status_text: issue.status_text.clone(), updated: issue.updated },
        absence: None,
        doubles: Vec::new(),
        written: Vec::new(),
        told: None,
    }
}
