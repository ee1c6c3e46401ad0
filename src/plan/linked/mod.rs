//! A finding with links: what each side owes the other, field by field.

mod absent;
mod default;
mod owner;
mod parts;
mod policy;
mod progress;
mod record;
mod replaced;
mod shared;
mod shown;
mod standing;
mod unfinished;
mod word;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

pub(super) use absent::{ABSENT_FOR, ABSENT_SPACING};
pub use owner::{followed, text};
pub use parts::{assigned, assigned_of};
use policy::policy;
pub use replaced::{Replaced, replaced};
use shared::Together;
use shown::seen;
pub use unfinished::{doubtful, followed_amid};
pub use word::owes_word;

use super::{
    action::{Action, EditAction, Overruled, Plan},
    cited::unheard,
    marked::{CLOSE, watch_doubles},
    oneway::{free, push_oneway},
    places::{out_of_sight, still_failing},
    poison,
    snapshot::{Context, Row},
};
use crate::model::{
    cycle::{Note, NoteKind},
    edit_intent::EditIntent,
    failures::Failures,
    finding::{Finding, Owner},
    history::Entry,
    ids::AccountId,
    involvement::Involvement,
    issue::{Edit, Field, Issue, IssueId, TrackerKind},
    link::{Link, LinkKind},
    note::About,
    observed::Observed,
    rule::ConflictPolicy,
    terms::Progress,
};

/// Most writes to one issue within a time; people do not come near it.
pub const WRITES: usize = 6;
pub(super) const WRITES_IN: TimeDelta = TimeDelta::hours(1);

/// A link whose issue was read.
struct Live<'a> {
    link: Link,
    issue: &'a Issue,
    kind: TrackerKind,
    /// Whether it is the finding's first link: its issue says who owns the finding.
    first: bool,
    /// Whether other findings follow the same issue.
    shared: bool,
    edit: Edit,
    why: Vec<String>,
    owner: Option<Owner>,
    progress: Option<Progress>,
    /// What the edit overrules.
    overruled: Overruled,
    /// The edit of ours that left its owner halfway.
    open: Option<EditIntent>,
    /// Accounts that such an edit assigned beside the owner.
    unwanted: Vec<AccountId>,
    /// Fields of which nobody can say now whether they are our own doing.
    doubtful: BTreeSet<Field>,
}

/// The work on one finding: the finding as it becomes, its links as they become, and what is said about it.
struct Work<'a> {
    context: &'a Context,
    before: &'a Finding,
    finding: Finding,
    live: Vec<Live<'a>>,
    /// Whether every link of the finding is live; only then can its issues speak for it together.
    complete: bool,
    /// Citations that are not settled: until they are, the finding is not claimed done.
    unsettled: Vec<&'a str>,
    /// The links whose issues are to be told the finding's status.
    owed: Vec<usize>,
    /// Fields on which the two sides are still apart once this plan is made.
    contested: BTreeSet<Field>,
    entries: Vec<Entry>,
    /// What is left of open edits, where that changes.
    edits: Vec<EditIntent>,
    /// Parts that people had in it whom our own writes replaced.
    parts: Vec<Involvement>,
}

/// Plans the findings of a row that have links: each of them listens to its issues before any of them speaks, because
/// what one takes over may decide what another may write to an issue that both follow.
pub fn plan_linked(context: &Context, row: &Row, findings: &[&Finding], plan: &mut Plan) {
    let mut works: Vec<Work<'_>> =
        findings.iter().map(|finding| Work::listen(context, row, finding, plan)).collect();
    let together = Together::of(row, &works);
    let left = unfinished::left(context, row, &works);
    works.iter_mut().for_each(|work| work.tell_replaced(row, &left, plan));
    if let Some(last) = works.last_mut() {
        last.edits = left;
    }
    for mut work in works {
        work.push_progress(&together, plan);
        work.speak(plan);
        work.finish(row, plan);
    }
}

/// What can be done with a link: nothing while its issue is unreadable, missing or somewhere it may not be.
fn look<'a>(
    context: &Context,
    row: &Row,
    link: &Link,
    issue: &'a Observed<Issue>,
    plan: &mut Plan,
) -> Option<Live<'a>> {
    let Some(tracker) = context.trackers.get(&link.tracker) else {
        plan.note_link(
            NoteKind::Unreachable,
            link,
            format!("`{}` is not a configured tracker", link.tracker),
        );
        return None;
    };
    let issue = match issue {
        Observed::Known(issue) => issue,
        Observed::Unknown { why } => {
            // Of a place that is out of sight is said once what holds for all its issues.
            if out_of_sight(context, &link.tracker, &link.issue).is_none() {
                plan.note_link(NoteKind::Unreachable, link, why.clone());
            }
            return None;
        }
        // What an account that is not honoured cannot see is not missing (invariant 3).
        Observed::Missing => {
            match &tracker.account {
                Observed::Unknown { why } => plan.note_link(NoteKind::Unreachable, link, why.clone()),
                Observed::Known(_) | Observed::Missing => absent::quarantine(context, row, link, plan),
            }
            return None;
        }
    };
    shown::note_unseen(link, issue, plan);
    let mut link = link.clone();
    if issue.at.id != link.issue.id || issue.at.place_id != link.issue.place_id {
        return absent::follow(context, link, issue, plan);
    }
    if issue.at.key != link.issue.key {
        link.former_keys.push(link.issue.key.clone());
    }
    link.issue = shown::at(&link, issue);
    link.absence = None;
    link.seen = seen(context, &link, issue);
    let shared = row.links.iter().filter(|(other, _)| other.issue.id == link.issue.id).count() > 1;
    let kind = tracker.kind;
    Some(Live {
        link,
        issue,
        kind,
        first: false,
        shared,
        edit: Edit::default(),
        why: Vec::new(),
        owner: None,
        progress: None,
        overruled: Overruled::default(),
        open: None,
        unwanted: Vec::new(),
        doubtful: BTreeSet::new(),
    })
}

impl<'a> Work<'a> {
    /// Looks at the finding's issues and takes over what they say.
    fn listen(context: &'a Context, row: &'a Row, finding: &'a Finding, plan: &mut Plan) -> Self {
        let mut work = Self {
            context,
            before: finding,
            finding: finding.clone(),
            live: Vec::new(),
            complete: true,
            unsettled: unheard(row, &finding.key),
            owed: Vec::new(),
            contested: BTreeSet::new(),
            entries: Vec::new(),
            edits: Vec::new(),
            parts: Vec::new(),
        };
        let links = row.links.iter().filter(|(link, _)| link.finding == finding.key).enumerate();
        for (n, (link, issue)) in links {
            match look(context, row, link, issue, plan) {
                Some(live) => work.live.push(Live { first: n == 0, ..live }),
                None => work.complete = false,
            }
        }
        work.take_in_edits(row);
        work.watch_doubles(row, plan);
        work.merge_owner(plan);
        if work.complete && work.live.iter().all(|live| live.issue.shows(Field::Progress)) {
            work.hear_progress(row, plan);
            work.forget_rulings();
        }
        work
    }

    /// Doubles belong to the first issue of ours: they carry its marker.
    fn watch_doubles(&mut self, row: &Row, plan: &mut Plan) {
        let Some(member) = row.findings.iter().find(|member| member.finding.key == self.before.key) else {
            return;
        };
        let linked: Vec<IssueId> = row.links.iter().map(|(link, _)| link.issue.id.clone()).collect();
        let first = self.live.iter_mut().find(|live| live.link.kind == LinkKind::Created);
        if let Some(live) = first {
            watch_doubles(self.context, member, &mut live.link, (&linked, CLOSE), plan);
        }
    }

    fn policy(&self, field: Field) -> ConflictPolicy {
        policy(self.context, self.before, field)
    }

    /// A ruling ends with the conflict it was made for: it says nothing about the next one.
    fn forget_rulings(&mut self) {
        let contested = &self.contested;
        self.finding.rulings.retain(|field, _| contested.contains(field));
    }

    /// Who decided a conflict, for people.
    fn judge(&self, field: Field) -> &'static str {
        if self.before.rulings.contains_key(&field) { "a reviewer" } else { "the rule's policy" }
    }

    /// The tracker wins: the finding's value stays in the history.
    fn lose(&mut self, n: usize, field: Field, (ours, theirs): (&str, &str), plan: &mut Plan) {
        plan.notes.extend(self.winner(n, field, (theirs, ours)));
        let why = format!("both sides changed it, and {} keeps the tracker's value", self.judge(field));
        self.entry(n, "conflict", field, (ours.to_owned(), theirs.to_owned()), &why);
    }

    /// The finding wins, and is written. The write brings the tracker's value into the history first, and counts it as agreed.
    fn win(&mut self, n: usize, field: Field, (ours, theirs): (&str, &str)) {
        let note = self.winner(n, field, (ours, theirs));
        let why = format!("both sides changed it, and {} keeps the finding's value", self.judge(field));
        let entry = self.told(n, "conflict", field, (theirs.to_owned(), ours.to_owned()), &why);
        if let Some(live) = self.live.get_mut(n) {
            live.why.extend(note.iter().map(|note| note.why.clone()));
            live.overruled.notes.extend(note);
            live.overruled.entries.push(entry);
        }
    }

    /// Both sides say the same, and the issue did not before: a write of which no cycle heard the answer, or a person's.
    fn meet(&mut self, n: usize, field: Field, (before, after): (&str, &str)) {
        let why = "the finding says so too; no cycle heard an answer to a write of it";
        self.entry(n, "agreed", field, (before.to_owned(), after.to_owned()), why);
    }

    fn winner(&self, n: usize, field: Field, (kept, lost): (&str, &str)) -> Option<Note> {
        let (name, judge) = (field.as_str(), self.judge(field));
        let why = format!("{name}: both sides changed it; {judge} keeps `{kept}`, and `{lost}` is lost");
        let link = &self.live.get(n)?.link;
        Some(Note::of_link(NoteKind::Overruled, link, why).about(About::Field(field)))
    }

    fn note_conflict(&mut self, n: usize, field: Field, (ours, theirs): (&str, &str), plan: &mut Plan) {
        self.contested.insert(field);
        let why = format!(
            "{}: the finding says `{ours}`, the issue `{theirs}`; `finding settle` says which one holds",
            field.as_str()
        );
        self.note(n, (NoteKind::Conflict, field), why, plan);
    }

    fn may_write(&self, n: usize, field: Field, edit: &Edit, plan: &mut Plan) -> bool {
        let Some(live) = self.live.get(n) else { return false };
        if free(self.context, &live.link, field, edit.asks(field).as_deref()) {
            return true;
        }
        if let Some(refusal) = live.link.refused.get(&field) {
            let until = refusal.until.format("%Y-%m-%d %H:%M UTC");
            let why = format!(
                "{}: {}; not tried again before {until}, unless its place changes or after `link retry`",
                field.as_str(),
                refusal.why
            );
            let note = Note::of_link(NoteKind::Refused, &live.link, why).about(About::Field(field));
            plan.say(note.until(Some(refusal.until)));
        }
        false
    }

    /// Adds a note about a field of an issue.
    fn note(&self, n: usize, (kind, field): (NoteKind, Field), why: impl Into<String>, plan: &mut Plan) {
        if let Some(live) = self.live.get(n) {
            plan.say(Note::of_link(kind, &live.link, why).about(About::Field(field)));
        }
    }

    /// Turns the work into actions: one record of what was learned, one edit an issue.
    fn finish(mut self, row: &Row, plan: &mut Plan) {
        for live in &mut self.live {
            let (at, into) = ((&mut live.link, live.issue), (&mut live.edit, &mut live.why));
            push_oneway(self.context, &self.finding, at, into, plan);
            if live.edit.is_empty() {
                live.link.failed_edits = None;
            }
        }
        if self.finding != *self.before {
            self.finding.changed = self.context.now;
        }
        let becomes = (self.finding != *self.before).then(|| Box::new(self.finding.clone()));
        let links: Vec<Link> = self
            .live
            .iter()
            .map(|live| &live.link)
            .filter(|link| !row.links.iter().any(|(old, _)| old == *link))
            .cloned()
            .collect();
        let yields = [Field::Owner, Field::Progress].into_iter();
        let yields: BTreeSet<Field> =
            yields.filter(|field| self.policy(*field) == ConflictPolicy::Tracker).collect();
        let mut parts = self.new_parts(row);
        parts.append(&mut self.parts);
        if becomes.is_some() || !links.is_empty() || !parts.is_empty() || !self.edits.is_empty() {
            let finding = self.finding.key.clone();
            plan.actions.push(Action::Record {
                finding,
                becomes,
                links,
                entries: self.entries,
                parts,
                edits: self.edits,
            });
        }
        let (finding, severity) = (self.finding.key, self.finding.severity);
        for live in self.live.into_iter().filter(|live| !live.edit.is_empty()) {
            let facts = self.context.facts_of(&live.link.tracker, &live.link.issue);
            let failed = poison::same(still_failing(live.link.failed_edits.as_ref(), facts), &live.edit);
            if let Some((why, until)) = spent(&live.link, failed, self.context.now) {
                plan.say(Note::of_link(NoteKind::Held, &live.link, why).until(until));
                continue;
            }
            let again = failed.is_some();
            let first = never_agreed(&live.link);
            plan.actions.push(Action::Edit(EditAction {
                finding: finding.clone(),
                severity,
                tracker: live.link.tracker,
                issue: Box::new(live.link.issue),
                edit: live.edit,
                owner: live.owner,
                progress: live.progress,
                again,
                first,
                overruled: live.overruled,
                yields: yields.clone(),
                why: live.why,
            }));
        }
    }
}

/// Why an issue is not written for a while, and until when: what was written so often lately that two machines seem to undo each other's
/// work, and what failed too often (invariant 9).
fn spent(link: &Link, failed: Option<&Failures>, now: DateTime<Utc>) -> Option<Spent> {
    let lately = || link.written.iter().filter(|written| now - **written < WRITES_IN);
    if lately().count() >= WRITES {
        let why = format!(
            "written {WRITES} times within an hour: something undoes what is written there; it is left alone for a while"
        );
        return Some((why, lately().min().map(|first| *first + WRITES_IN)));
    }
    let failed = failed?;
    let anew = "or when there is something else to write";
    let why = poison::left_alone(failed, now, "the change of this issue", anew)?;
    Some((why, Some(failed.until)))
}

/// Fields on which a finding and its issue have agreed on nothing yet.
fn never_agreed(link: &Link) -> BTreeSet<Field> {
    let agreed =
        [(Field::Owner, link.baseline.owner.is_some()), (Field::Progress, link.baseline.progress.is_some())];
    agreed.into_iter().filter_map(|(field, agreed)| (!agreed).then_some(field)).collect()
}

/// Why an issue is not written, and until when.
type Spent = (String, Option<DateTime<Utc>>);
