//! A finding with links: what each side owes the other, field by field.

use chrono::TimeDelta;

use super::{
    action::{Action, EditAction, Plan},
    inert::inert,
    merge::{Merge, merge},
    oneway::{free, push_oneway},
    route::route,
    snapshot::{Context, Row},
};
use crate::{
    model::{
        cycle::NoteKind,
        finding::{Claimant, Finding, Owner},
        history::Entry,
        ids::{AccountId, FindingKey},
        issue::{Change, Edit, Field, Issue, TrackerKind},
        link::{Absence, Agreed, Link, Seen, Tombstone},
        observed::Observed,
        rule::{ConflictPolicy, Outcome},
        terms::Progress,
    },
    review::transition,
};

/// Reads without the issue before a link is given up, and the time they must span (`design.md` 10, I9).
const ABSENT_READS: u32 = 3;
const ABSENT_FOR: TimeDelta = TimeDelta::hours(24);

/// A link whose issue was read and may be acted on.
struct Live<'a> {
    link: Link,
    issue: &'a Issue,
    kind: TrackerKind,
    /// Whether other findings follow the same issue.
    shared: bool,
    edit: Edit,
    why: Vec<String>,
    owner: Option<Owner>,
    progress: Option<Progress>,
}

/// The work on one finding: the finding as it becomes, its links as they become, and what is said about it.
struct Work<'a> {
    context: &'a Context,
    before: &'a Finding,
    finding: Finding,
    live: Vec<Live<'a>>,
    /// Whether every link of the finding is live; only then can its issues speak for it together.
    complete: bool,
    entries: Vec<Entry>,
}

/// Plans a finding that has links.
pub fn plan_linked<'a>(context: &'a Context, row: &'a Row, finding: &'a Finding, plan: &mut Plan) {
    let links = row.links.iter().filter(|(link, _)| link.finding == finding.key);
    let mut work =
        Work { context, before: finding, finding: finding.clone(), live: Vec::new(), complete: true, entries: Vec::new() };
    for (link, issue) in links {
        match look(context, row, link, issue, plan) {
            Some(live) => work.live.push(live),
            None => work.complete = false,
        }
    }
    work.merge_owner(plan);
    if work.complete {
        work.merge_progress(row, plan);
    }
    work.speak();
    work.finish(row, plan);
}

/// What can be done with a link: nothing while its issue is unreadable, missing or somewhere it may not be.
fn look<'a>(context: &Context, row: &Row, link: &Link, issue: &'a Observed<Issue>, plan: &mut Plan) -> Option<Live<'a>> {
    let Some(tracker) = context.trackers.get(&link.tracker) else {
        plan.note_link(NoteKind::Unreachable, link, format!("`{}` is not a configured tracker", link.tracker));
        return None;
    };
    let issue = match issue {
        Observed::Known(issue) => issue,
        Observed::Unknown { why } => {
            plan.note_link(NoteKind::Unreachable, link, why.clone());
            return None;
        }
        Observed::Missing => {
            quarantine(context, link, plan);
            return None;
        }
    };
    let mut link = link.clone();
    if issue.at.id != link.issue.id || issue.at.place_id != link.issue.place_id {
        return follow(context, link, issue, plan);
    }
    if issue.at.key != link.issue.key {
        link.former_keys.push(link.issue.key.clone());
    }
    link.issue = issue.at.clone();
    link.absence = None;
    link.seen = seen(context, &link, issue);
    let shared = row.links.iter().filter(|(other, _)| other.issue.id == link.issue.id).count() > 1;
    let kind = tracker.kind;
    Some(Live { link, issue, kind, shared, edit: Edit::default(), why: Vec::new(), owner: None, progress: None })
}

/// How the issue looks now; unchanged while nothing about it changed, so that a quiet cycle writes no rows.
fn seen(context: &Context, link: &Link, issue: &Issue) -> Seen {
    let same = link.seen.status_text == issue.status_text && link.seen.updated == issue.updated;
    if same {
        return link.seen.clone();
    }
    Seen { at: context.now, status_text: issue.status_text.clone(), updated: issue.updated }
}

fn quarantine(context: &Context, link: &Link, plan: &mut Plan) {
    let now = context.now;
    let first = link.absence.as_ref().map_or(now, |absence| absence.first);
    let reads = link.absence.as_ref().map_or(0, |absence| absence.reads) + 1;
    if reads >= ABSENT_READS && now - first >= ABSENT_FOR {
        let why = format!("{} was not found in {reads} reads since {first}", link.issue.key);
        plan.note_link(NoteKind::Quarantined, link, format!("{why}; the link is given up"));
        let tombstone = Tombstone { finding: link.finding.clone(), issue: link.issue.clone(), why, at: now };
        let action = Action::Break { finding: link.finding.clone(), issue: link.issue.id.clone(), tombstone };
        return plan.actions.push(action);
    }
    plan.note_link(NoteKind::Quarantined, link, "not found, or no longer visible to this account; nothing is closed or created");
    let spaced = link.absence.as_ref().is_none_or(|absence| now - absence.last >= TimeDelta::hours(1));
    if spaced {
        let absence = Some(Absence { first, last: now, reads });
        plan.actions.push(Action::Record {
            finding: link.finding.clone(),
            becomes: None,
            links: vec![Link { absence, ..link.clone() }],
            entries: Vec::new(),
        });
    }
}

/// An issue that moved is followed inside the places that the rules name; anywhere else it is flagged.
fn follow<'a>(context: &Context, link: Link, issue: &'a Issue, plan: &mut Plan) -> Option<Live<'a>> {
    let place = &issue.at.place;
    if !context.allowed_places().contains(&(&link.tracker, place)) {
        let why = format!("it moved to {}, where no rule sends issues; it is not followed until a person decides", issue.at.key);
        plan.note_link(NoteKind::Moved, &link, why);
        return None;
    }
    let why = format!("{} moved to {}", link.issue.key, issue.at.key);
    let from = link.issue.id.clone();
    let mut becomes = link;
    becomes.former_keys.push(becomes.issue.key.clone());
    becomes.issue = issue.at.clone();
    becomes.destination = place.clone();
    becomes.absence = None;
    becomes.seen = seen(context, &becomes, issue);
    plan.actions.push(Action::Rekey { finding: becomes.finding.clone(), from, becomes: Box::new(becomes), why });
    None
}

/// The account that is followed as an issue's owner: the agreed one while it is still assigned, else the first listed.
pub fn followed(context: &Context, kind: TrackerKind, link: &Link, issue: &Issue) -> (Option<AccountId>, Owner) {
    let owner_of = |account: &AccountId| context.people.owner_of(kind, account);
    let agreed = link.baseline.owner.as_ref().map(|agreed| &agreed.issue);
    let still = issue.assignees.iter().find(|account| Some(&owner_of(account)) == agreed);
    match still.or_else(|| issue.assignees.first()) {
        Some(account) => (Some(account.clone()), owner_of(account)),
        None => (None, Owner::Nobody),
    }
}

impl<'a> Work<'a> {
    /// Owner: read from the first link's issue, pushed to all of them; never pushed where several findings share an issue.
    fn merge_owner(&mut self, plan: &mut Plan) {
        for n in 0..self.live.len() {
            let Some(live) = self.live.get(n) else { continue };
            let (account, on_issue) = followed(self.context, live.kind, &live.link, live.issue);
            let agreed = live.link.baseline.owner.as_ref();
            let mut result =
                merge(agreed, &self.finding.owner, &on_issue, PartialEq::eq, |owner| *owner == Owner::Nobody);
            if n > 0 && result == Merge::ToFinding && agreed.is_some() {
                result = Merge::Same;
            }
            if result == Merge::Conflict {
                result = self.settle(n, Field::Owner, (&text(&self.before.owner), &text(&on_issue)), plan);
            }
            match result {
                Merge::Same => {}
                Merge::Agreed => self.agree_owner(n, on_issue),
                Merge::ToFinding => self.take_owner(n, on_issue),
                Merge::ToIssue => self.push_owner(n, account, &on_issue, plan),
                Merge::Conflict => {}
                Merge::Unsettled => self.note_conflict(n, Field::Owner, (&text(&self.before.owner), &text(&on_issue)), plan),
            }
            if let Owner::Unmapped(account) = followed_owner(self.context, self.live.get(n)) {
                let why = format!("`{account}` is assigned, and people.yaml knows no such account; nothing is overwritten");
                self.note(n, NoteKind::UnknownPerson, why, plan);
            }
        }
    }

    fn agree_owner(&mut self, n: usize, on_issue: Owner) {
        let finding = self.finding.owner.clone();
        if let Some(live) = self.live.get_mut(n) {
            live.link.baseline.owner = Some(Agreed { finding, issue: on_issue });
        }
    }

    fn take_owner(&mut self, n: usize, on_issue: Owner) {
        let why = "the assignee changed in the tracker";
        self.entry(n, "owner_pulled", Field::Owner, (text(&self.finding.owner), text(&on_issue)), why);
        self.finding.owner = on_issue.clone();
        self.agree_owner(n, on_issue);
    }

    fn push_owner(&mut self, n: usize, account: Option<AccountId>, on_issue: &Owner, plan: &mut Plan) {
        let Some(live) = self.live.get(n) else { return };
        if live.shared {
            return self.note(n, NoteKind::Deferred, "several findings follow this issue; its owner is read from the tracker only", plan);
        }
        if matches!(on_issue, Owner::Unmapped(_)) {
            return;
        }
        let to = match &self.finding.owner {
            Owner::Nobody => None,
            Owner::Person(person) => match self.context.people.account(live.kind, person) {
                Some(account) => Some(account.clone()),
                None => {
                    let why = format!("{person} has no {} account in people.yaml; the issue keeps its assignee", live.kind.as_str());
                    return self.note(n, NoteKind::UnknownPerson, why, plan);
                }
            },
            Owner::Unmapped(name) => {
                let why = format!("`{name}` is not in people.yaml; the issue keeps its assignee");
                return self.note(n, NoteKind::UnknownPerson, why, plan);
            }
        };
        if !self.may_write(n, Field::Owner, plan) {
            return;
        }
        let owner = self.finding.owner.clone();
        if let Some(live) = self.live.get_mut(n) {
            live.why.push(format!("the owner is {} now", text(&owner)));
            live.edit.owner = Some(Change { from: account, to });
            live.owner = Some(owner);
        }
    }

    /// Status: the issues speak together, register changes go to all of them.
    fn merge_progress(&mut self, row: &Row, plan: &mut Plan) {
        let Some(ours) = self.before.progress() else { return self.agree_progress() };
        let mut pulls = Vec::new();
        let mut pushes = Vec::new();
        for n in 0..self.live.len() {
            let Some(live) = self.live.get(n) else { continue };
            let (kind, theirs) = (live.kind, live.issue.progress);
            let agreed = live.link.baseline.progress.as_ref();
            let alike = |a: &Progress, b: &Progress| kind.shows(*a) == kind.shows(*b);
            let mut result = merge(agreed, &ours, &theirs, alike, |_| false);
            if result == Merge::Conflict {
                result = self.settle(n, Field::Progress, (ours.as_str(), theirs.as_str()), plan);
            }
            match result {
                Merge::Same | Merge::Conflict => {}
                Merge::Agreed => self.set_progress_baseline(n, ours, theirs),
                // Nothing was agreed yet: the tracker knows how far its issue is.
                Merge::ToFinding | Merge::Unsettled => pulls.push(n),
                Merge::ToIssue => pushes.push(n),
            }
        }
        if pulls.is_empty() {
            for n in pushes {
                self.push_progress(n, ours, row, plan);
            }
        } else {
            self.pull_progress(&pulls);
        }
    }

    /// While a status is the register's alone to say, what the issue does is only remembered.
    fn agree_progress(&mut self) {
        for live in &mut self.live {
            let theirs = live.issue.progress;
            if live.link.baseline.progress.as_ref().is_none_or(|agreed| agreed.issue != theirs) {
                live.link.baseline.progress = Some(Agreed { finding: theirs, issue: theirs });
            }
        }
    }

    fn pull_progress(&mut self, moved: &[usize]) {
        let together = together(self.live.iter().map(|live| live.issue.progress));
        let before = self.finding.state;
        let closer = moved.iter().rev().find_map(|n| self.live.get(*n)).map(|live| claimant(self.context, live));
        let claimant = closer.unwrap_or(Claimant::Unknown);
        if let Some(step) = transition::tracker_progress(&self.finding, together, claimant, self.context.now) {
            self.entries.push(step.entry(self.context.now, "", "tracker"));
            self.finding = step.finding;
        }
        for n in moved {
            let Some(live) = self.live.get(*n) else { continue };
            let was = live.link.baseline.progress.as_ref().map_or("unknown", |agreed| agreed.issue.as_str()).to_owned();
            let is = live.issue.progress.to_string();
            let why = format!("the tracker says `{}`; the finding was {before}, is {}", live.issue.status_text, self.finding.state);
            self.entry(*n, "status_pulled", Field::Progress, (was, is), &why);
        }
        for n in 0..self.live.len() {
            let Some(theirs) = self.live.get(n).map(|live| live.issue.progress) else { continue };
            self.set_progress_baseline(n, self.finding.progress().unwrap_or(theirs), theirs);
        }
    }

    fn set_progress_baseline(&mut self, n: usize, finding: Progress, issue: Progress) {
        if let Some(live) = self.live.get_mut(n) {
            live.link.baseline.progress = Some(Agreed { finding, issue });
        }
    }

    fn push_progress(&mut self, n: usize, ours: Progress, row: &Row, plan: &mut Plan) {
        let Some(live) = self.live.get(n) else { return };
        if live.shared && ours.is_closed() && !all_done(row, &live.link) {
            return self.note(n, NoteKind::Deferred, "another finding that follows this issue is still open", plan);
        }
        if !self.may_write(n, Field::Progress, plan) {
            return;
        }
        let state = self.finding.state;
        if let Some(live) = self.live.get_mut(n) {
            live.why.push(format!("the finding is {state} now"));
            live.edit.progress = Some(Change { from: live.issue.progress, to: ours });
            live.progress = Some(ours);
        }
    }

    /// A comment that waits goes out once, with the first edit that can carry it.
    fn speak(&mut self) {
        let Some(comment) = self.finding.pending_comment.clone() else { return };
        for live in &mut self.live {
            live.edit.comment = Some(inert(&comment));
            live.why.push("a reviewer's word is passed on".to_owned());
        }
    }

    /// Who wins where both sides changed a field to different values. The losing value stays in the history.
    fn settle(&mut self, n: usize, field: Field, (ours, theirs): (&str, &str), plan: &mut Plan) -> Merge {
        let (owner_policy, status_policy) = match route(&self.context.rules, self.before).map(|rule| &rule.then) {
            Some(Outcome::Create(to)) => (to.owner_conflict, to.status_conflict),
            Some(Outcome::Register { .. }) | None => (ConflictPolicy::Tracker, ConflictPolicy::Tracker),
        };
        let policy = if field == Field::Owner { owner_policy } else { status_policy };
        let (result, kept, lost) = match policy {
            ConflictPolicy::Tracker => (Merge::ToFinding, theirs, ours),
            ConflictPolicy::Finding => (Merge::ToIssue, ours, theirs),
            ConflictPolicy::Flag => {
                self.note_conflict(n, field, (ours, theirs), plan);
                return Merge::Conflict;
            }
        };
        let why = format!("both sides changed it; the rule's policy keeps `{kept}`, and `{lost}` is lost");
        self.note(n, NoteKind::Conflict, format!("{}: {why}", field.as_str()), plan);
        self.entry(n, "conflict", field, (lost.to_owned(), kept.to_owned()), &why);
        result
    }

    fn note_conflict(&mut self, n: usize, field: Field, (ours, theirs): (&str, &str), plan: &mut Plan) {
        let why = format!("{}: the finding says `{ours}`, the issue `{theirs}`; change either until they agree", field.as_str());
        self.note(n, NoteKind::Conflict, why, plan);
    }

    fn may_write(&mut self, n: usize, field: Field, plan: &mut Plan) -> bool {
        let Some(live) = self.live.get(n) else { return false };
        if free(self.context, &live.link, field) {
            return true;
        }
        if let Some(refusal) = live.link.refused.get(&field) {
            let why = format!("{}: {}; not tried again before {}", field.as_str(), refusal.why, refusal.until);
            self.note(n, NoteKind::Refused, why, plan);
        }
        false
    }

    fn note(&self, n: usize, kind: NoteKind, why: impl Into<String>, plan: &mut Plan) {
        if let Some(live) = self.live.get(n) {
            plan.note_link(kind, &live.link, why);
        }
    }

    fn entry(&mut self, n: usize, event: &str, field: Field, (before, after): (String, String), why: &str) {
        self.entries.push(Entry {
            at: self.context.now,
            cycle: String::new(),
            event: event.to_owned(),
            finding: Some(self.finding.key.clone()),
            issue: self.live.get(n).map(|live| live.link.issue.key.clone()),
            actor: "tracker".to_owned(),
            field: Some(field.as_str().to_owned()),
            before: Some(before),
            after: Some(after),
            why: why.to_owned(),
        });
    }

    /// Turns the work into actions: one record of what was learned, one edit an issue.
    fn finish(mut self, row: &Row, plan: &mut Plan) {
        for live in &mut self.live {
            let (at, into) = ((&live.link, live.issue), (&mut live.edit, &mut live.why));
            push_oneway(self.context, &self.finding, at, into, plan);
        }
        if self.finding != *self.before {
            self.finding.changed = self.context.now;
        }
        let becomes = (self.finding != *self.before).then(|| Box::new(self.finding.clone()));
        let links: Vec<Link> =
            self.live.iter().map(|live| &live.link).filter(|link| !row.links.iter().any(|(old, _)| old == *link)).cloned().collect();
        if becomes.is_some() || !links.is_empty() {
            let finding = self.finding.key.clone();
            plan.actions.push(Action::Record { finding, becomes, links, entries: self.entries });
        }
        let (finding, severity) = (self.finding.key, self.finding.severity);
        for live in self.live.into_iter().filter(|live| !live.edit.is_empty()) {
            plan.actions.push(Action::Edit(EditAction {
                finding: finding.clone(),
                severity,
                tracker: live.link.tracker,
                issue: live.link.issue,
                edit: live.edit,
                owner: live.owner,
                progress: live.progress,
                why: live.why,
            }));
        }
    }
}

/// Several issues of one finding: done when all are, declined when all are closed and one is declined.
fn together(progress: impl Iterator<Item = Progress> + Clone) -> Progress {
    let all = |test: fn(Progress) -> bool| progress.clone().all(test);
    if all(|progress| progress == Progress::Done) {
        Progress::Done
    } else if all(Progress::is_closed) {
        Progress::Declined
    } else if all(|progress| progress == Progress::Open) {
        Progress::Open
    } else {
        Progress::InProgress
    }
}

/// Several findings on one issue: it may be closed when all of them are claimed done.
fn all_done(row: &Row, link: &Link) -> bool {
    let followers: Vec<&FindingKey> = row
        .links
        .iter()
        .filter(|(other, _)| other.issue.id == link.issue.id)
        .map(|(other, _)| &other.finding)
        .collect();
    row.findings
        .iter()
        .filter(|member| followers.contains(&&member.finding.key))
        .all(|member| member.finding.progress() == Some(Progress::Done))
}

fn claimant(context: &Context, live: &Live<'_>) -> Claimant {
    match &live.issue.closed_by {
        Some(account) => match context.people.of_account(live.kind, account) {
            Some(person) => Claimant::Person(person.clone()),
            None => Claimant::Account(account.clone()),
        },
        None => Claimant::Unknown,
    }
}

fn followed_owner(context: &Context, live: Option<&Live<'_>>) -> Owner {
    live.map_or(Owner::Nobody, |live| followed(context, live.kind, &live.link, live.issue).1)
}

/// An owner for people to read.
pub fn text(owner: &Owner) -> String {
    match owner {
        Owner::Nobody => "nobody".to_owned(),
        Owner::Person(person) => person.to_string(),
        Owner::Unmapped(name) => name.clone(),
    }
}
