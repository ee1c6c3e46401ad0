//! Applying an approved plan: one action after the other, each recorded before the next one begins.
//!
//! A row's failure stops no other row, a tracker's failure no other tracker (invariant 9).

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use serde::Serialize;
use tracing::{info, warn};

use super::{
    CycleError, adopt,
    config::Config,
    create, edit,
    gather::Gathered,
    intent,
    ledger::Ledger,
    outcome::Outcome,
    ports::Ports,
    proofs::Explained,
    reread::Fresh,
    retry::{self, Next},
};
use crate::{
    model::{
        cycle::{Note, NoteKind},
        edit_intent::EditIntent,
        failures::Failures,
        finding::Finding,
        history::Entry,
        ids::{FindingKey, TrackerName},
        involvement::Involvement,
        issue::PlaceFacts,
        link::{Link, LinkKind},
        register::Write,
    },
    net::pace::{Lane, Pace},
    plan::{action::Action, guard::ApprovedPlan, poison},
    tracker::{TrackerError, TrackerWrite},
};

/// Failures in a row after which a tracker is left alone for the rest of the cycle.
const STRIKES: u32 = 3;

/// What the actions of one cycle share.
pub struct Run<'a, 'l> {
    /// Everything outside.
    pub ports: &'a Ports,
    /// What the configuration asks.
    pub config: &'a Config,
    /// What was gathered.
    pub gathered: &'a Gathered,
    /// The register as it changes.
    pub ledger: &'a mut Ledger<'l>,
    /// What it comes to.
    pub outcome: Outcome,
    /// Issues that were read again a moment ago.
    pub fresh: Fresh,
    /// What places were found to be after they refused something.
    pub explained: Explained,
    strikes: BTreeMap<TrackerName, u32>,
}

/// Applies a plan.
///
/// # Errors
/// The register could not be written: nothing more is sent.
pub async fn apply(
    ports: &Ports,
    config: &Config,
    ledger: &mut Ledger<'_>,
    gathered: &Gathered,
    approved: ApprovedPlan,
) -> Result<Outcome, CycleError> {
    let plan = approved.into_plan();
    let outcome = Outcome { notes: plan.notes, ..Outcome::default() };
    let explained = Explained::new();
    let fresh = Fresh::new(&plan.actions);
    let mut run =
        Run { ports, config, gathered, ledger, outcome, fresh, explained, strikes: BTreeMap::new() };
    let total = plan.actions.len();
    for (n, action) in plan.actions.into_iter().enumerate() {
        ports.progress.step(n, total, &describe(&action));
        run.step(action).await?;
        run.ledger.remember_pauses().await?;
    }
    ports.progress.step(total, total, "");
    Ok(run.outcome)
}

/// One action in a few words, for people who watch.
fn describe(action: &Action) -> String {
    let verb = match action {
        Action::Record { .. } => "record",
        Action::Adopt { .. } => "adopt",
        Action::Break { .. } => "unlink",
        Action::Restore { .. } => "relink",
        Action::Rekey { .. } => "follow",
        Action::EndIntent { .. } => "clear up",
        Action::Edit(_) => "update",
        Action::Create(_) => "create",
    };
    format!("{verb} {}", action.finding())
}

/// That an action is not done.
fn left(kind: NoteKind, action: &Action, tracker: &TrackerName, why: &str) -> Note {
    let issue = match action {
        Action::Edit(edit) => Some(edit.issue.key.clone()),
        Action::Record { .. }
        | Action::Adopt { .. }
        | Action::Break { .. }
        | Action::Restore { .. }
        | Action::Rekey { .. }
        | Action::EndIntent { .. }
        | Action::Create(_) => None,
    };
    Note { issue, ..Note::new(kind, why).of(action.finding()).at(tracker) }
}

impl Run<'_, '_> {
    async fn step(&mut self, action: Action) -> Result<(), CycleError> {
        if let Some(tracker) = action.writes_to() {
            if self.ports.timer.stopping() {
                self.defer(&action, tracker, "it was asked to stop");
                self.outcome.unbegun += 1;
                return Ok(());
            }
            if let Some(why) = self.outcome.down.get(tracker).cloned() {
                self.defer(&action, tracker, &why);
                return Ok(());
            }
            if let Some(why) = self.outcome.paused.get(tracker).cloned() {
                let until = self.paused_until(tracker);
                until.into_iter().for_each(|until| self.outcome.opens(until));
                self.say(left(NoteKind::Deferred, &action, tracker, &why).until(until));
                return Ok(());
            }
            let pace = self.ports.trackers.get(tracker).map(|tracker| tracker.pace());
            if let Some(Err(error)) = pace.map(Pace::clock_agrees) {
                self.leave(NoteKind::Unreachable, &action, tracker, &error.to_string());
                return Ok(());
            }
        }
        match action {
            Action::Record { finding, becomes, links, entries, parts, edits } => {
                self.learn(&finding, becomes, links, (entries, parts, edits)).await
            }
            Action::Adopt { finding, tracker, issue, kind, doubles, citation, why } => {
                let issue = *issue;
                let adoption = adopt::Adoption { finding, tracker, issue, kind, doubles, citation, why };
                adopt::adopt(self, adoption).await
            }
            Action::Break { finding, issue, tombstone } => self.end_link(finding, issue, tombstone).await,
            Action::Rekey { finding, from, becomes, why } => {
                self.follow_link(finding, from, becomes, why).await
            }
            Action::EndIntent { finding, tracker, place, why } => {
                let mut entry = self.ledger.entry("create_cleared_up", &finding, None, why);
                entry.before = Some(format!("a create in {place} whose outcome was unknown"));
                self.outcome.count("cleared up");
                let done = Write::IntentDone { finding, tracker, place };
                Ok(self.ledger.record(vec![done, Write::History(entry)]).await?)
            }
            Action::Restore { finding, tombstone, becomes, why } => {
                self.restore_link(finding, tombstone, becomes, why).await
            }
            Action::Edit(action) => edit::edit(self, action).await,
            Action::Create(action) => create::create(self, action).await,
        }
    }

    /// Records what was learned.
    async fn learn(
        &mut self,
        finding: &FindingKey,
        becomes: Option<Box<Finding>>,
        links: Vec<Link>,
        (entries, parts, edits): (Vec<Entry>, Vec<Involvement>, Vec<EditIntent>),
    ) -> Result<(), CycleError> {
        if becomes.is_some() {
            self.outcome.count("pulled");
        }
        tracing::debug!(finding.key = %finding, links = links.len(), "recorded");
        let finding = becomes.map(Write::Finding);
        let links = links.into_iter().map(|link| Write::Link(Box::new(link)));
        let entries = entries.into_iter().map(Write::History);
        let parts = parts.into_iter().map(|part| Write::Involvement(Box::new(part)));
        let edits = edits.into_iter().map(intent::becoming);
        let writes = finding.into_iter().chain(links).chain(entries).chain(parts).chain(edits);
        Ok(self.ledger.record(writes.collect()).await?)
    }

    fn defer(&mut self, action: &Action, tracker: &TrackerName, why: &str) {
        self.leave(NoteKind::Deferred, action, tracker, why);
    }

    /// Says why an action is not done.
    fn leave(&mut self, kind: NoteKind, action: &Action, tracker: &TrackerName, why: &str) {
        self.say(left(kind, action, tracker, why));
    }

    /// Until when a tracker asked for a pause, if it did.
    pub fn paused_until(&self, tracker: &TrackerName) -> Option<DateTime<Utc>> {
        self.ports.trackers.get(tracker)?.pace().paused_until()
    }

    /// Adds a note about an action.
    pub fn note(
        &mut self,
        kind: NoteKind,
        finding: &FindingKey,
        tracker: &TrackerName,
        issue: Option<&str>,
        why: impl Into<String>,
    ) {
        let issue = issue.map(str::to_owned);
        self.say(Note { issue, ..Note::new(kind, why).of(finding).at(tracker) });
    }

    /// Adds a note.
    pub fn say(&mut self, note: Note) {
        self.outcome.notes.push(note);
    }

    /// Leaves a tracker alone for the rest of the cycle.
    pub fn down(&mut self, tracker: &TrackerName, why: &str) {
        warn!(tracker.name = %tracker, why, "tracker is left alone for the rest of this cycle");
        self.outcome.down.entry(tracker.clone()).or_insert_with(|| why.to_owned());
    }

    /// Leaves a tracker alone for the rest of the cycle because a limit is reached.
    pub fn pause(&mut self, tracker: &TrackerName, why: &str) {
        info!(tracker.name = %tracker, why, "a limit is reached; the rest is left for a later cycle");
        self.outcome.paused.entry(tracker.clone()).or_insert_with(|| why.to_owned());
    }

    /// Counts a failure that may be the tracker's; three in a row are taken as such.
    pub fn strike(&mut self, tracker: &TrackerName, why: &str) {
        let strikes = self.strikes.entry(tracker.clone()).or_default();
        *strikes += 1;
        if *strikes >= STRIKES {
            self.down(tracker, why);
        }
    }

    /// What is remembered of a write that failed once more (invariant 9). A refusal is about the write itself. Any other failure may
    /// be the tracker's, or a proxy's before it, unless that took something else since the write failed first; and what
    /// keeps everything from a tracker counts against nothing.
    pub fn failures(
        &self,
        tracker: &TrackerName,
        before: Option<&Failures>,
        sent: &impl Serialize,
        (error, place): (&TrackerError, Option<&PlaceFacts>),
    ) -> Option<Failures> {
        let now = self.ports.clock.now();
        let why = match retry::next(error, now, Duration::ZERO) {
            Next::GiveUp(why) | Next::Defer(why) => why,
            Next::Wait(_) | Next::Pause(_) | Next::Down(_) => return before.cloned(),
        };
        let failed = poison::failed(before, sent, why, now);
        let is_poison =
            error.is_certain() || failed.since.is_none_or(|since| self.took_since(tracker, since));
        let until = if is_poison { now + self.config.cooldown } else { now };
        Some(Failures { until, facts: place.map(PlaceFacts::digest), ..failed })
    }

    /// Whether a tracker took something that we wrote, at that time or later.
    fn took_since(&self, tracker: &TrackerName, since: DateTime<Utc>) -> bool {
        let created = |link: &Link| link.kind == LinkKind::Created && link.since >= since;
        let written = |link: &Link| link.written.last().is_some_and(|written| *written >= since);
        let mut links = self.ledger.register().links.iter().filter(|link| link.tracker == *tracker);
        links.any(|link| created(link) || written(link))
    }

    /// Counts a create or a write that is about to be put on record and sent, unless its credential has none left.
    pub fn reserve(&mut self, tracker: &dyn TrackerWrite, lane: Lane) -> Result<(), TrackerError> {
        let reserved = tracker.pace().reserve(lane);
        if let Err(TrackerError::RateLimited { until, .. }) = &reserved {
            self.outcome.opens(*until);
        }
        reserved
    }

    /// A success: the tracker is well.
    pub fn well(&mut self, tracker: &TrackerName) {
        self.strikes.remove(tracker);
    }
}
