//! `report`: the deadline report, as text, page or data.

use std::{
    collections::BTreeSet,
    io::{self, BufWriter, ErrorKind, IntoInnerError, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, Utc};
use clap::Args;

use super::{
    Done, Exit, Failed, Format, Global,
    context::{self, instant, settings, store_failed},
    output::Output,
};
use crate::{
    app::{ReportError, Reporter, SystemClock},
    disk::Replacement,
    model::{clock::Clock as _, terms::Tlp},
    report::{self, Options, Report},
    store::Store,
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
    /// As of a later instant: what will be overdue then.
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
    if let Some(asked) = command.now {
        not_before(store.as_ref(), asked).await?;
    }
    let mut options = Options::default();
    options.max_tlp = command.max_tlp.unwrap_or(options.max_tlp);
    let reporter = Reporter::open(&settings, store.as_ref(), now, options).await;
    let mut reporter = reporter.map_err(|error| store_failed(anyhow!("{error}"), &error))?;
    let Some(path) = &command.out else {
        if global.format == Format::Json {
            return match reporter.json(BufWriter::with_capacity(AHEAD, io::stdout())).await {
                // A reader that went away, such as `head`, is no error of ours.
                Err(ReportError::Written(error)) if error.io_error_kind() == Some(ErrorKind::BrokenPipe) => {
                    Ok(Exit::Success)
                }
                written => written.map(|_| Exit::Success).map_err(failed),
            };
        }
        output.raw(&text(&mut reporter, global.format).await?);
        return Ok(Exit::Success);
    };
    let unwritten = || format!("{} cannot be written", path.display());
    let begun = Replacement::begin(path).with_context(unwritten).map_err(context::unwritten)?;
    let mut file = BufWriter::with_capacity(AHEAD, begun);
    if global.format == Format::Json {
        file = reporter.json(file).await.map_err(failed)?;
    } else {
        file.write_all(text(&mut reporter, global.format).await?.as_bytes()).with_context(unwritten)?;
    }
    let file = file.into_inner().map_err(IntoInnerError::into_error).with_context(unwritten)?;
    file.keep().with_context(unwritten)?;
    output.aside(format!("written to {}", path.display()));
    Ok(Exit::Success)
}

/// Refuses an instant before what the register knows: it holds how things are, and not how they were.
async fn not_before(store: &dyn Store, asked: DateTime<Utc>) -> Result<(), Failed> {
    let base = store.rows(&BTreeSet::new()).await;
    let base = base.map_err(|error| store_failed(anyhow!("{error}"), &error))?;
    let Some(known) = base.last_cycle.map(|cycle| cycle.started).filter(|known| asked < *known) else {
        return Ok(());
    };
    let shown = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC");
    let error = anyhow!(
        "--now {}: the register holds how things are since {}, when the last cycle began, and no report of an earlier instant \
         can be made of it; `audit show` prints what happened until then",
        shown(asked),
        shown(known),
    );
    Err(Failed::with(Exit::Configuration, error))
}

/// How much of what is written waits for more.
const AHEAD: usize = 1 << 16;

/// The report for people, in a format.
async fn text(reporter: &mut Reporter<'_>, format: Format) -> Result<String, Failed> {
    let report = reporter.whole().await.map_err(|error| store_failed(anyhow!("{error}"), &error))?;
    render(&report, format)
}

fn failed(error: ReportError) -> Failed {
    match &error {
        ReportError::Store(store) => store_failed(anyhow!("{error}"), store),
        ReportError::Written(_) => Failed::from(error),
    }
}

/// The report in a format; text is Markdown.
pub(super) fn render(report: &Report, format: Format) -> Result<String, Failed> {
    Ok(match format {
        Format::Json => report::json::render(report)?,
        Format::Html => report::html::render(report)?,
        Format::Text | Format::Markdown => report::markdown::render(report)?,
    })
}
