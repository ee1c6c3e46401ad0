//! `run`: the scheduled worker with its health page.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use tokio::signal;
use tracing::info;

use super::{
    Done, Exit, Global,
    context::{build, settings},
    output::Output,
    telemetry::{self, Audience},
};
use crate::{
    app::{Reach, Unwatched},
    server::Server,
    worker,
};

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  postmortem-sync run --config /etc/postmortem-sync/postmortem-sync.yaml\n  curl -s http://127.0.0.1:8321/readyz"
)]
pub(super) struct Run {
    /// Run one cycle at once, before waiting for the schedule.
    #[arg(long)]
    now: bool,
}

/// Runs until SIGTERM or SIGINT.
pub(super) async fn run(command: Run, global: &Global, output: &Output) -> Done {
    let settings = settings(global, output)?;
    telemetry::start(global.log.as_deref(), Some(&settings.log), Audience::Operator, output);
    let listen = settings.listen;
    let app = build(settings, Reach::Trackers, Arc::new(Unwatched), output).await?;
    let status = worker::status(app.ports.clock.now());
    let server = match listen {
        Some(address) => {
            let server = Server::bind(address, Arc::clone(&status), Arc::clone(&app.ports.clock)).await;
            Some(server.with_context(|| format!("cannot listen on {address}"))?)
        }
        None => None,
    };
    if let Some(server) = &server {
        info!(address = %server.address()?, "listening");
    }
    let stop = app.stop.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        stop.cancel();
    });
    let served = server.map(|server| tokio::spawn(server.serve(app.stop.clone())));
    let opens = if command.now { worker::tick(&app, &status).await } else { None };
    worker::run(&app, &status, opens).await;
    app.stop.cancel();
    if let Some(served) = served {
        served.await?;
    }
    Ok(Exit::Success)
}

/// Returns when the process is asked to stop, with the name of the signal.
pub(super) async fn asked_to_stop() -> &'static str {
    #[cfg(unix)]
    {
        let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
            // Without a handler the system's own behaviour, to end the process, is what remains.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = signal::ctrl_c() => "SIGINT",
        }
    }
    #[cfg(not(unix))]
    {
        let _ = signal::ctrl_c().await;
        "Ctrl-C"
    }
}
