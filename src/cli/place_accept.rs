//! `place accept`: what another register made in a place is another matter, because a person says so.

use anyhow::anyhow;
use clap::Args;

use super::{
    Done, Exit, Failed, Global,
    context::{allowed, app, person, remember_pauses},
    finding::{lease, of_none, record, store_error},
    output::{Output, Tone},
};
use crate::{
    app::{App, Reach},
    model::{
        history::Entry,
        ids::{PersonId, PlaceName, TrackerName},
        register::{PinnedPlace, Register, Write},
        rule::Outcome,
    },
    plan::snapshot::same_place,
    review::roles::Verb,
    store::Lease,
    tracker::TrackerError,
};

/// Arguments of `place accept`.
#[derive(Debug, Args)]
pub(super) struct Accept {
    /// The tracker's name and the repository or project: `github:acme/payments`, `jira:PLAT`.
    #[arg(value_name = "TRACKER:PLACE")]
    place: String,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Who decides; a reviewer.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
}

/// Lets findings be created in a place that holds issues of another register.
pub(super) async fn accept(command: Accept, global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Trackers).await?;
    let by = person(&app.config.people, command.person.as_deref())?;
    allowed(&app, &by, Verb::AcceptPlace)?;
    let at = destination(&app, &command.place)?;
    let lease = lease(&app).await?;
    let accepted = under_lease(&app, &lease, &at, (&by, &command.reason)).await;
    app.ports.store.release(lease).await.map_err(store_error)?;
    remember_pauses(app.ports.store.as_ref(), &app.ports.trackers, &app.config.holder).await;
    let said = if accepted? {
        "accepted; the next cycle creates what waits for it"
    } else {
        "is known to the register already; nothing to do"
    };
    output.line(format!("{} {} {said}", output.paint(Tone::Good, "✓"), command.place));
    Ok(Exit::Success)
}

/// Pins the place; whether it was not pinned yet.
async fn under_lease(
    app: &App,
    lease: &Lease,
    at: &(TrackerName, PlaceName),
    says: (&PersonId, &str),
) -> Result<bool, Failed> {
    let register = of_none(app).await?;
    let pin = proven(app, at).await?;
    match known(&register, at) {
        Some(known) if known.id == pin.id => Ok(false),
        Some(known) => {
            let error = anyhow!(
                "{}:{} is another place than the one in which findings were created before (its id was {}, and is {})",
                at.0,
                at.1,
                known.id,
                pin.id
            );
            Err(Failed::with(Exit::Configuration, error))
        }
        None => {
            let entry = entry(&pin, says);
            record(app, lease, vec![Write::Place(pin), Write::History(entry)]).await.map(|()| true)
        }
    }
}

fn known<'a>(register: &'a Register, (tracker, place): &(TrackerName, PlaceName)) -> Option<&'a PinnedPlace> {
    register.places.iter().find(|known| known.tracker == *tracker && known.place == *place)
}

fn entry(pin: &PinnedPlace, (by, reason): (&PersonId, &str)) -> Entry {
    Entry {
        at: pin.since,
        cycle: "command".to_owned(),
        event: "place_accepted".to_owned(),
        finding: None,
        issue: None,
        actor: by.to_string(),
        known_by: None,
        field: None,
        before: None,
        after: Some(format!("{}:{} (id {})", pin.tracker, pin.place, pin.id)),
        why: reason.to_owned(),
    }
}

/// The place as the tracker shows it now.
async fn proven(app: &App, (name, place): &(TrackerName, PlaceName)) -> Result<PinnedPlace, Failed> {
    let tracker = app.ports.trackers.get(name).ok_or_else(|| unknown_tracker(app, name.as_str()))?;
    let facts = tracker.place(place).await.map_err(|error| {
        let exit =
            if matches!(error, TrackerError::NotFound { .. }) { Exit::Configuration } else { Exit::Partial };
        Failed::with(exit, anyhow!("{name}:{place} could not be looked at: {error}"))
    })?;
    Ok(PinnedPlace {
        tracker: name.clone(),
        place: place.clone(),
        host: tracker.host().clone(),
        id: facts.id,
        since: app.ports.clock.now(),
        swept: None,
    })
}

/// The place that a text names, as a rule spells it: nothing is created anywhere else.
fn destination(app: &App, text: &str) -> Result<(TrackerName, PlaceName), Failed> {
    let wrong = |why: String| Failed::with(Exit::Configuration, anyhow!("{why}"));
    let (tracker, place) = text.split_once(':').ok_or_else(|| {
        wrong(format!(
            "`{text}` is no place; write the tracker's name and the place, such as `github:acme/payments`"
        ))
    })?;
    if !app.settings.trackers.iter().any(|known| known.name.as_str() == tracker) {
        return Err(unknown_tracker(app, tracker));
    }
    let place = PlaceName::new(place);
    let spelled = app.config.rules.iter().find_map(|rule| match &rule.then {
        Outcome::Create(to) if to.tracker.as_str() == tracker && same_place(&to.place, &place) => {
            Some((to.tracker.clone(), to.place.clone()))
        }
        Outcome::Create(_) | Outcome::Register { .. } => None,
    });
    spelled.ok_or_else(|| wrong(format!("no rule creates issues in {text}")))
}

fn unknown_tracker(app: &App, tracker: &str) -> Failed {
    let known: Vec<&str> = app.settings.trackers.iter().map(|tracker| tracker.name.as_str()).collect();
    let error = anyhow!("there is no tracker `{tracker}`; configured: {}", known.join(", "));
    Failed::with(Exit::Configuration, error)
}
