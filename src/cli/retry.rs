//! Lifting the pause that a tracker asked for, because a person says so.

use anyhow::anyhow;

use super::{
    Done, Exit, Failed,
    finding::{lease, record, store_error},
    output::Output,
};
use crate::{
    app::App,
    cycle::pauses::Pauses,
    model::{
        history::Entry,
        ids::{PersonId, TrackerName},
        register::Write,
    },
};

/// Lifts the pause of a tracker, so that the next cycle asks it again.
pub(super) async fn lift(app: &App, tracker: TrackerName, by: &PersonId, output: &Output) -> Done {
    let lease = lease(app).await?;
    let recorded = match app.ports.store.pauses().await {
        Ok(pauses) => lifted(app, &lease, &pauses, &tracker, by).await,
        Err(error) => Err(store_error(error)),
    };
    app.ports.store.release(lease).await.map_err(store_error)?;
    output.line(recorded?);
    Ok(Exit::Success)
}

/// Ends a tracker's pause; in words.
async fn lifted(
    app: &App,
    lease: &crate::store::Lease,
    pauses: &Pauses,
    tracker: &TrackerName,
    by: &PersonId,
) -> Result<String, Failed> {
    let now = app.ports.clock.now();
    let Some(until) = pauses.get(tracker).filter(|until| **until > now) else {
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
