//! `sandbox`: trackers to rehearse with, on loopback ports.

use std::{fs, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use clap::Args;

use super::{
    Done, Exit, Failed, Global,
    output::Output,
    run::asked_to_stop,
    telemetry::{self, Audience},
};
use crate::{
    app::SystemClock,
    model::clock::Clock as _,
    sandbox::{self, Addresses, Options, Ports},
};

/// Arguments of `sandbox`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync sandbox --github-port 9001 --jira-port 9002 --jira-dc-port 9003 --control-port 9000
  curl -s http://127.0.0.1:9000/state
  curl -s http://127.0.0.1:9000/act -d '{\"as\":\"ana\",\"tracker\":\"github\",\"issue\":\"acme/payments#1\",\"do\":\"close\",\"reason\":\"completed\"}'")]
pub(super) struct SandboxCommand {
    /// Port of the GitHub; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    github_port: u16,
    /// Port of the Jira Cloud.
    #[arg(long, default_value_t = 0)]
    jira_port: u16,
    /// Port of the Jira Data Center.
    #[arg(long, default_value_t = 0)]
    jira_dc_port: u16,
    /// Port of the control interface.
    #[arg(long, default_value_t = 0)]
    control_port: u16,
    /// A JSON file with the world to begin with, instead of the demo's.
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
}

/// Serves until it is stopped. The first line on standard output says where, as JSON.
pub(super) async fn sandbox(command: SandboxCommand, global: &Global, output: &Output) -> Done {
    telemetry::start(global.log.as_deref(), None, Audience::Watcher, output);
    let world = match &command.world {
        None => None,
        Some(path) => {
            let text =
                fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
            let value =
                serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
            Some(value)
        }
    };
    let ports = Ports {
        github: command.github_port,
        jira: command.jira_port,
        jira_dc: command.jira_dc_port,
        control: command.control_port,
    };
    let options = Options { clock: Arc::new(|| SystemClock.now()), ports, world };
    let sandbox = sandbox::start(options).await.map_err(|error| Failed::with(Exit::Configuration, error))?;
    let Addresses { github, jira, jira_dc, control } = &sandbox.addresses;
    let line = serde_json::json!({ "github": github, "jira": jira, "jira_dc": jira_dc, "control": control });
    output.line(line.to_string());
    asked_to_stop().await;
    sandbox.stop().await;
    Ok(Exit::Success)
}
