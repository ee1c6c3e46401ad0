//! `place`: the repositories and projects that issues are in.

use std::{collections::BTreeSet, fmt};

use anyhow::anyhow;
use clap::{Args, Subcommand};

use super::{
    Done, Exit, Failed, Global,
    context::{allowed, app, counted, person},
    finding::{lease, load, of_none, record, store_error},
    link::{detached, unlink},
    output::Output,
    place_accept,
};
use crate::{
    app::{App, Reach},
    model::{
        history::Entry,
        ids::{FindingKey, PersonId, PlaceName, TrackerName},
        issue::IssueRef,
        link::{End, Tombstone},
        place::{PlaceState, Retired},
        register::{Register, Write},
    },
    plan::snapshot::same_place,
    review::roles,
};

/// Arguments of `place`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync place list
  postmortem-sync place accept github:acme/payments --reason 'those are of the old tool' --as eli
  postmortem-sync place retire github:acme/old-shop --reason 'the shop was sold' --as eli")]
pub(super) struct PlaceCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Says that what another register made in a place is another matter: findings may be created there.
    #[command(
        after_help = "Example:\n  postmortem-sync place accept github:acme/payments --reason 'those are of the old tool' --as eli\n\nNothing is written to trackers."
    )]
    Accept(place_accept::Accept),
    /// Lists the places that issues are in, and since when one is out of sight.
    #[command(
        after_help = "Examples:\n  postmortem-sync place list\n  postmortem-sync place list --format json"
    )]
    List {},
    /// Gives a place up that is gone for good: its links end, and its findings wait for `link rebind`.
    #[command(
        after_help = "Example:\n  postmortem-sync place retire github:acme/old-shop --reason 'the shop was sold' --as eli\n\nNothing is written to trackers."
    )]
    Retire {
        /// The tracker's name and the repository or project: `github:acme/payments`, `jira:PLAT`.
        #[arg(value_name = "TRACKER:PLACE")]
        place: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Who decides; a reviewer.
        #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
        person: Option<String>,
    },
}

/// A place as a person names it.
#[derive(Debug)]
pub(super) struct Named {
    /// The tracker.
    pub(super) tracker: TrackerName,
    /// The name of the place, present or former.
    pub(super) place: PlaceName,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tracker, self.place)
    }
}

impl Named {
    /// Numbers of the places that are known by that name; of several, those that issues of ours are in.
    fn numbers<'a>(&self, register: &'a Register) -> BTreeSet<&'a str> {
        let sights = register.sights.iter().filter(|state| state.tracker == self.tracker);
        let seen = sights.filter(|state| state.is_called(&self.place)).map(|state| state.id.as_str());
        let pinned = register
            .places
            .iter()
            .filter(|pinned| pinned.tracker == self.tracker && same_place(&pinned.place, &self.place));
        seen.chain(pinned.map(|pinned| pinned.id.as_str())).collect()
    }

    /// Whether an issue is in that place.
    pub(super) fn holds(&self, register: &Register, tracker: &TrackerName, at: &IssueRef) -> bool {
        *tracker == self.tracker
            && (same_place(&at.place, &self.place) || self.numbers(register).contains(at.place_id.as_str()))
    }

    /// Whether the issue of a link that ended was in that place.
    pub(super) fn is_home_of(&self, register: &Register, stone: &Tombstone) -> bool {
        let host = &stone.issue.id.host;
        let pinned = register.places.iter().map(|pinned| (&pinned.tracker, &pinned.host));
        let linked = register.links.iter().map(|link| (&link.tracker, &link.issue.id.host));
        let serves = || pinned.chain(linked).any(|known| known == (&self.tracker, host));
        let is_its = stone.link.as_deref().map_or_else(serves, |link| link.tracker == self.tracker);
        is_its && self.holds(register, &self.tracker, &stone.issue)
    }
}

/// The place that a text names; its tracker must be configured.
pub(super) fn named(app: &App, text: &str) -> Result<Named, Failed> {
    let wrong = |why: String| Failed::with(Exit::Configuration, anyhow!("{why}"));
    let (tracker, place) = text.split_once(':').ok_or_else(|| {
        wrong(format!(
            "`{text}` is no place; write the tracker's name and the place, such as `github:acme/payments`"
        ))
    })?;
    let known: Vec<&str> = app.settings.trackers.iter().map(|tracker| tracker.name.as_str()).collect();
    if !known.contains(&tracker) {
        return Err(wrong(format!("there is no tracker `{tracker}`; configured: {}", known.join(", "))));
    }
    Ok(Named { tracker: TrackerName::new(tracker), place: PlaceName::new(place) })
}

/// Runs a verb.
pub(super) async fn place(command: PlaceCommand, global: &Global, output: &Output) -> Done {
    match command.verb {
        Verb::Accept(command) => place_accept::accept(command, global, output).await,
        Verb::List {} => list(&app(global, output, Reach::Register).await?, output).await,
        Verb::Retire { place, reason, person } => {
            let app = app(global, output, Reach::Register).await?;
            retire(&app, (&place, &reason), person.as_deref(), output).await
        }
    }
}

/// Gives a place up.
async fn retire(app: &App, (place, reason): (&str, &str), by: Option<&str>, output: &Output) -> Done {
    let by = person(&app.config.people, by)?;
    allowed(app, &by, roles::Verb::RetirePlace)?;
    let place = named(app, place)?;
    let lease = lease(app).await?;
    let recorded = match load(app).await.and_then(|register| retired(app, &register, &place, (&by, reason))) {
        Ok((writes, ended)) => record(app, &lease, writes).await.map(|()| ended),
        Err(failed) => Err(failed),
    };
    app.ports.store.release(lease).await.map_err(store_error)?;
    let ended = recorded?;
    if output.is_json() {
        output.json(&serde_json::json!({ "retired": place.to_string(), "ended": ended }))?;
    } else {
        let links = counted(ended, "link");
        output.line(format!(
            "{place}: retired, {links} ended; `link rebind` lets a finding follow the rules anew"
        ));
    }
    Ok(Exit::Success)
}

/// What giving a place up writes, and how many links it ends.
fn retired(
    app: &App,
    register: &Register,
    place: &Named,
    (by, reason): (&PersonId, &str),
) -> Result<(Vec<Write>, usize), Failed> {
    let at = app.ports.clock.now();
    let entry = |event: &str, finding: Option<&FindingKey>, issue: Option<&str>| {
        Write::History(Entry {
            at,
            cycle: "command".to_owned(),
            event: event.to_owned(),
            finding: finding.cloned(),
            issue: issue.map(str::to_owned),
            actor: by.to_string(),
            known_by: None,
            field: None,
            before: None,
            after: Some(place.to_string()),
            why: reason.to_owned(),
        })
    };
    let links: Vec<_> =
        register.links.iter().filter(|link| place.holds(register, &link.tracker, &link.issue)).collect();
    let lost = |stone: &&Tombstone| stone.end() == End::Lost && place.is_home_of(register, stone);
    let lost: Vec<&Tombstone> = register.tombstones.iter().filter(lost).collect();
    let numbers = links.iter().map(|link| link.issue.place_id.as_str()).chain(place.numbers(register));
    let numbers: BTreeSet<&str> = numbers.filter(|number| !number.is_empty()).collect();
    if links.is_empty() && lost.is_empty() {
        let error = anyhow!("no issue of ours is in {place}; `place list` says which places there are");
        return Err(Failed::with(Exit::Configuration, error));
    }
    let ended = links.len();
    let mut writes = vec![entry("place_retired", None, None)];
    for link in links {
        let why = format!("{place} was retired: {reason}");
        writes.push(unlink(link));
        writes.push(Write::Tombstone(Box::new(detached(link, &why, at))));
        writes.push(entry("link_detached", Some(&link.finding), Some(&link.issue.key)));
    }
    for stone in lost {
        let given_up = Tombstone { end: Some(End::Detached), link: None, ..stone.clone() };
        writes.push(Write::Tombstone(Box::new(given_up)));
        writes.push(entry("link_detached", Some(&stone.finding), Some(&stone.issue.key)));
    }
    let retired = Retired { by: by.clone(), at, reason: reason.to_owned() };
    for number in numbers {
        let known = register.sights.iter().find(|state| state.tracker == place.tracker && state.id == number);
        let new = || PlaceState::new(place.tracker.clone(), number.to_owned(), place.place.clone());
        let state = known.cloned().unwrap_or_else(new);
        writes.push(Write::Sight(Box::new(PlaceState { retired: Some(retired.clone()), ..state })));
    }
    Ok((writes, ended))
}

async fn list(app: &App, output: &Output) -> Done {
    let register = of_none(app).await?;
    if output.is_json() {
        output.json(&register.sights)?;
        return Ok(Exit::Success);
    }
    let outline = app.ports.store.outline(app.ports.clock.now()).await.map_err(store_error)?;
    let rows = register.sights.iter().map(|state| {
        let there = outline.places.iter();
        let there = there.filter(|there| there.tracker == state.tracker && there.place_id == state.id);
        let links: usize = there.map(|there| there.links).sum();
        let seen = state
            .unseen
            .as_ref()
            .map(|gone| format!("out of sight since {}", gone.since.format("%Y-%m-%d %H:%M UTC")));
        let retired =
            state.retired.as_ref().filter(|_| links == 0).map(|retired| format!("retired by {}", retired.by));
        let former: Vec<&str> = state.former.iter().map(PlaceName::as_str).collect();
        vec![
            format!("{}:{}", state.tracker, state.name),
            state.id.clone(),
            links.to_string(),
            retired.or(seen).unwrap_or_else(|| "in sight".to_owned()),
            former.join(" "),
        ]
    });
    output.table(&["place", "id", "links", "sight", "former names"], rows);
    Ok(Exit::Success)
}
