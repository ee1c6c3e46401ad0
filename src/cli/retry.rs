//! `link retry`: what was left alone for a time is tried again now, because a person says so.

use anyhow::anyhow;
use clap::Args;

use super::{
    Done, Exit, Failed, Global,
    context::{allowed, app, person},
    finding::{lease, load, record, store_error},
    output::Output,
};
use crate::{
    app::{App, Reach},
    model::{
        history::Entry,
        ids::{PersonId, TrackerName},
        register::{Register, Write},
    },
    review::roles::Verb,
};

/// Arguments of `link retry`.
#[derive(Debug, Args)]
pub(super) struct Retry {
    /// A tracker that asked for a pause: the pause is lifted.
    #[arg(long, value_name = "NAME", required = true)]
    tracker: String,
    /// Who decides.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
}

/// Lets the next cycle try again.
pub(super) async fn retry(command: Retry, global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Register).await?;
    let by = person(&app.config.people, command.person.as_deref())?;
    allowed(&app, &by, Verb::Retry)?;
    let tracker = TrackerName::new(command.tracker);
    let lease = lease(&app).await?;
    let recorded = match load(&app).await {
        Ok(register) => lift(&app, &lease, &register, &tracker, &by).await,
        Err(failed) => Err(failed),
    };
    app.ports.store.release(lease).await.map_err(store_error)?;
    output.line(recorded?);
    Ok(Exit::Success)
}

/// Ends a tracker's pause; in words.
async fn lift(
    app: &App,
    lease: &crate::store::Lease,
    register: &Register,
    tracker: &TrackerName,
    by: &PersonId,
) -> Result<String, Failed> {
    let now = app.ports.clock.now();
    let Some(until) = register.pauses.get(tracker).filter(|until| **until > now) else {
        let names: Vec<&str> = app.settings.trackers.iter().map(|known| known.name.as_str()).collect();
        if !names.contains(&tracker.as_str()) {
            let error = anyhow!("there is no tracker `{tracker}`; known: {}", names.join(", "));
            return Err(Failed::with(Exit::Configuration, error));
        }
        return Ok(format!("{tracker} is not paused; nothing to do"));
    };
    let until = until.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let entry = Entry {
        at: now,
        cycle: "command".to_owned(),
        event: "pause_lifted".to_owned(),
        finding: None,
        issue: None,
        actor: by.to_string(),
        known_by: None,
        field: None,
        before: Some(format!("{tracker} until {until}")),
        after: None,
        why: "a person wants it tried again".to_owned(),
    };
    let writes = vec![Write::Pause { tracker: tracker.clone(), until: None }, Write::History(entry)];
    record(app, lease, writes).await?;
    Ok(format!("{tracker}: the pause until {until} is lifted; the next cycle asks it again"))
}
