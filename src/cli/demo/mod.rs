//! `demo`: the whole thing on this machine, with nothing to configure.

mod clock;
mod folder;
mod story;

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use self::clock::StoryClock;
use super::{
    Done, Exit, Failed, Global,
    output::Output,
    telemetry::{self, Audience},
};
use crate::{
    model::clock::Clock as _,
    sandbox::{self, Options, Ports},
};

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  postmortem-sync demo && open postmortem-sync-demo/report.html")]
pub(super) struct Demo {
    /// Folder for the demo's files; it is made anew.
    #[arg(long, default_value = "postmortem-sync-demo", value_name = "FOLDER")]
    dir: PathBuf,
}

/// Writes the files, starts the trackers, tells the story, and stops.
pub(super) async fn demo(command: Demo, global: &Global, output: &Output) -> Done {
    telemetry::start(global.log.as_deref(), None, Audience::Watcher, output);
    folder::prepare(&command.dir).map_err(|error| Failed::with(Exit::Configuration, error))?;
    let world = serde_json::from_str(folder::WORLD)?;
    let clock = Arc::new(StoryClock::new(story::DAYS));
    let base = Arc::clone(&clock);
    let options =
        Options { clock: Arc::new(move || base.now()), ports: Ports::default(), world: Some(world) };
    let sandbox = sandbox::start(options).await?;
    let written = folder::write(&command.dir, &sandbox.addresses, clock.now().date_naive());
    let told = match written {
        Ok(config) => story::tell(&config, &command.dir, (&sandbox.world(), clock), output).await,
        Err(error) => Err(Failed::from(error)),
    };
    sandbox.stop().await;
    told?;
    Ok(Exit::Success)
}
