//! `report`: the deadline report, as text, page or data.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, Utc};
use clap::Args;

use super::{
    Done, Exit, Failed, Format, Global,
    context::{self, instant, settings, store_failed},
    output::Output,
};
use crate::{
    app::{self, SystemClock},
    disk,
    model::{clock::Clock as _, terms::Tlp},
    report::{self, Options, Report},
};

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync report                                     Markdown
  postmortem-sync report --format html --out report.html     one self-contained page
  postmortem-sync report --format json | jq .verdict
  postmortem-sync report --max-tlp GREEN                     without the text of what is classified above GREEN")]
pub(super) struct ReportCommand {
    /// Write to a file instead of printing.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// As of another instant.
    #[arg(long, value_parser = instant, value_name = "WHEN")]
    now: Option<DateTime<Utc>>,
    /// Highest class whose text is shown: CLEAR, GREEN, AMBER, AMBER+STRICT, RED.
    #[arg(long, value_parser = tlp, value_name = "TLP")]
    max_tlp: Option<Tlp>,
}

/// A class as it is written at a command line.
pub(super) fn tlp(text: &str) -> Result<Tlp, String> {
    Tlp::parse(text).ok_or_else(|| "known classes: CLEAR, GREEN, AMBER, AMBER+STRICT, RED".to_owned())
}

/// Prints the report.
pub(super) async fn report(command: ReportCommand, global: &Global, output: &Output) -> Done {
    let settings = settings(global, output)?;
    let now = command.now.unwrap_or_else(|| SystemClock.now());
    let store = context::register(&settings).await?;
    let register = store.load().await.map_err(|error| store_failed(anyhow!("{error}"), &error))?;
    let mut options = Options::default();
    options.max_tlp = command.max_tlp.unwrap_or(options.max_tlp);
    let text = render(&app::report(&settings, &register, now, options), global.format)?;
    match &command.out {
        Some(path) => {
            disk::replace(path, text.as_bytes())
                .with_context(|| format!("{} cannot be written", path.display()))?;
            output.aside(format!("written to {}", path.display()));
        }
        None => output.raw(&text),
    }
    Ok(Exit::Success)
}

/// The report in a format; text is Markdown.
pub(super) fn render(report: &Report, format: Format) -> Result<String, Failed> {
    Ok(match format {
        Format::Json => report::json::render(report)?,
        Format::Html => report::html::render(report)?,
        Format::Text | Format::Markdown => report::markdown::render(report)?,
    })
}
