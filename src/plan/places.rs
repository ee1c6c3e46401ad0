//! What is said and done about whole places: those out of sight, those that take no changes, and those that were renamed.
//!
//! Knows the facts of this cycle and what is remembered. Looks at no single issue: what is said here is said once for a
//! place, however many issues are in it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    action::{Action, EditAction, Plan},
    snapshot::{Context, same_place},
};
use crate::model::{
    cycle::{Note, NoteKind},
    failures::Failures,
    ids::TrackerName,
    issue::{IssueRef, PlaceFacts},
    link::Refusal,
    note::About,
    observed::Observed,
    place::PlaceState,
    rule::Outcome,
};

/// Says of every place in which links are, and that is out of sight, how many there are and since when.
pub fn note_unseen<'a>(
    context: &Context,
    links: impl Iterator<Item = (&'a TrackerName, &'a IssueRef)>,
    plan: &mut Plan,
) {
    let mut unseen: BTreeMap<(&TrackerName, &str), (&PlaceState, usize)> = BTreeMap::new();
    for (tracker, at) in links {
        if let Some(state) = out_of_sight(context, tracker, at) {
            unseen.entry((tracker, &state.id)).or_insert((state, 0)).1 += 1;
        }
    }
    for ((tracker, _), (state, links)) in unseen {
        let Some(gone) = &state.unseen else { continue };
        let why = format!(
            "{} is out of sight since {}: {}; of its {links} linked {} nothing is known now, nothing is counted against \
             them, and they go on when it is back. Give this account its access back, or `place retire {tracker}:{}` \
             if it is gone for good",
            state.name,
            time(gone.since),
            gone.why,
            if links == 1 { "issue" } else { "issues" },
            state.name
        );
        plan.say(of_place(NoteKind::Unreachable, (tracker, &state.id), why));
    }
}

/// What is remembered of the place that an issue is in, while it is out of sight.
pub fn out_of_sight<'a>(
    context: &'a Context,
    tracker: &TrackerName,
    at: &IssueRef,
) -> Option<&'a PlaceState> {
    context.sight(tracker, at).filter(|state| state.unseen.is_some())
}

/// Says which places have other names now than the rules give them.
pub fn note_renamed(context: &Context, plan: &mut Plan) {
    for rule in &context.rules {
        let Outcome::Create(to) = &rule.then else { continue };
        let key = (to.tracker.clone(), to.place.clone());
        let Some(pinned) = context.pinned.get(&key) else { continue };
        // Another place that took over the name is refused wherever something would be created.
        let is_taken =
            matches!(context.places.get(&key), Some(Observed::Known(facts)) if facts.id != pinned.id);
        let Some(state) = context.sights.get(&(to.tracker.clone(), pinned.id.clone())) else { continue };
        if is_taken || state.unseen.is_some() || same_place(&state.name, &to.place) {
            continue;
        }
        let why = format!(
            "{} is called {} now; it is the same place (id {}), and the rule `{}` goes on there: write the new name \
             into the rule",
            to.place, state.name, pinned.id, rule.name
        );
        plan.say(of_place(NoteKind::Renamed, (&to.tracker, &pinned.id), why));
    }
}

/// Takes out of a plan what would be changed in places that take no changes, and says so once for each.
///
/// Whatever is owed there is planned again in every cycle, so it goes on at once when the place takes changes again.
pub fn withhold_frozen(context: &Context, plan: &mut Plan) {
    let mut withheld: BTreeMap<(TrackerName, String, String), usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for action in std::mem::take(&mut plan.actions) {
        match &action {
            Action::Edit(edit) => match frozen(context, edit) {
                Some((place, why)) => {
                    let said = format!("{} takes no changes: {why}", place.name);
                    *withheld.entry((edit.tracker.clone(), place.id.clone(), said)).or_default() += 1;
                }
                None => kept.push(action),
            },
            Action::Create(_)
            | Action::Record { .. }
            | Action::Adopt { .. }
            | Action::Break { .. }
            | Action::Restore { .. }
            | Action::EndIntent { .. }
            | Action::Rekey { .. } => kept.push(action),
        }
    }
    plan.actions = kept;
    for ((tracker, id, said), changes) in withheld {
        let why = format!(
            "{said}; {changes} {} there, and go out in the cycle after it takes them again",
            if changes == 1 { "change waits" } else { "changes wait" }
        );
        plan.say(of_place(NoteKind::Held, (&tracker, &id), why));
    }
}

/// The place of an edit and why it takes no changes.
fn frozen<'a>(context: &'a Context, edit: &EditAction) -> Option<(&'a PlaceFacts, &'a str)> {
    let facts = context.facts_of(&edit.tracker, &edit.issue)?;
    Some((facts, facts.frozen.as_deref()?))
}

/// Whether a refusal still holds: it ends with its time, and with the facts of the place that it was met under.
pub fn still_refused(refusal: &Refusal, facts: Option<&PlaceFacts>, now: DateTime<Utc>) -> bool {
    refusal.until > now && !has_changed(refusal.facts.as_deref(), facts)
}

/// What is remembered of failures, unless the place has changed since.
pub fn still_failing<'a>(failures: Option<&'a Failures>, facts: Option<&PlaceFacts>) -> Option<&'a Failures> {
    failures.filter(|failures| !has_changed(failures.facts.as_deref(), facts))
}

fn has_changed(before: Option<&str>, now: Option<&PlaceFacts>) -> bool {
    match (before, now) {
        (Some(before), Some(now)) => now.digest() != before,
        (None, _) | (_, None) => false,
    }
}

/// A note about a place.
fn of_place(kind: NoteKind, (tracker, id): (&TrackerName, &str), why: String) -> Note {
    Note::new(kind, why).at(tracker).about(About::Place(id.to_owned()))
}

fn time(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y-%m-%d %H:%M UTC")
}
