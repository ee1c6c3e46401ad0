//! `approve`: a person says that findings may go where the changed configuration sends them.

use clap::Args;

use super::{
    Done, Exit, Failed, Global,
    context::{allowed, app, person},
    finding::{lease, of_none, record, store_error},
    output::Output,
};
use crate::{
    app::{App, Reach, operator},
    cycle,
    model::{ids::PersonId, register::Write},
    review::roles::Verb,
    store::Lease,
};

/// Arguments of `approve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  postmortem-sync plan\n  postmortem-sync approve --as eli\n\nWhen a rule or a tracker of the configuration changes, cycles write nothing to trackers until somebody approves. What is only added, such as a rule behind all others, needs no approval."
)]
pub(super) struct Approve {
    /// Who decides: a key of the people file, an e-mail address, or `@github-login`.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
}

/// Approves the mapping of the configuration as it is now.
pub(super) async fn approve(command: Approve, global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Register).await?;
    let by = person(&app.config.people, command.person.as_deref())?;
    allowed(&app, &by, Verb::ApproveConfiguration)?;
    let lease = lease(&app).await?;
    let approved = under_lease(&app, &lease, &by).await;
    app.ports.store.release(lease).await.map_err(store_error)?;
    let approved = approved?;
    if output.is_json() {
        output.json(&serde_json::json!({ "approved": approved }))?;
    } else {
        output.line(approved.unwrap_or_else(|| "nothing waits for approval".to_owned()));
    }
    Ok(Exit::Success)
}

/// What was approved; nothing when nothing waited.
async fn under_lease(app: &App, lease: &Lease, by: &PersonId) -> Result<Option<String>, Failed> {
    let register = of_none(app).await?;
    let Some(why) = cycle::unapproved(&register, &app.config) else { return Ok(None) };
    let entry =
        cycle::approved_by((app.ports.clock.now(), "command"), (by.clone(), operator()), &app.config, &why);
    let writes = cycle::approved_anew(&register, &app.config).chain([Write::History(entry)]).collect();
    record(app, lease, writes).await?;
    Ok(Some(format!("approved: {why}")))
}
