//! `run`: the scheduled worker with its health page.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use tokio::signal;
use tracing::info;

use super::{
    Done, Exit, Global,
    context::{build, settings},
    finding::store_error,
    output::Output,
    telemetry::{self, Audience},
};
use crate::{
    app::{Reach, SystemClock},
    model::clock::Clock,
    server::Server,
    worker::{self, Beat},
};

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  postmortem-sync run --config /etc/postmortem-sync/postmortem-sync.yaml\n  curl -s http://127.0.0.1:8321/status\n\n/healthz answers 200 while the worker acts, /readyz while cycles can be run, and /status while every credential is honoured and every tracker and source was read within `fresh_within`; else 503, /status with the reasons."
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
    let (listen, fresh_within) = (settings.listen, settings.fresh_within);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let status = worker::status(clock.now());
    let beat = Beat { status: Arc::clone(&status), clock };
    let app = build(settings, Reach::Trackers, Arc::new(beat), output).await?;
    worker::look_up(&app, &status).await.map_err(store_error)?;
    let server = match listen {
        Some(address) => {
            let clock = Arc::clone(&app.ports.clock);
            let server = Server::bind(address, Arc::clone(&status), clock, fresh_within).await;
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
