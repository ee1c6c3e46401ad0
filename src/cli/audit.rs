//! `audit`: the history of decisions and writes.

use anyhow::anyhow;
use clap::{Args, Subcommand};

use super::{
    Done, Exit, Global,
    context::{register, settings, store_failed},
    output::Output,
};
use crate::{
    model::{history::Entry, ids::FindingKey},
    store::HistoryQuery,
};

/// Arguments of `audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync audit show
  postmortem-sync audit show PM-2026-004/F1 --format json")]
pub(super) struct AuditCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Prints the history, oldest first, with before and after of every change.
    #[command(
        after_help = "Examples:\n  postmortem-sync audit show\n  postmortem-sync audit show PM-2026-004/F1 --limit 20"
    )]
    Show {
        /// Only this finding's.
        finding: Option<String>,
        /// At most this many entries, the newest.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

/// Prints the history.
pub(super) async fn audit(command: AuditCommand, global: &Global, output: &Output) -> Done {
    let Verb::Show { finding, limit } = command.verb;
    let settings = settings(global, output)?;
    let store = register(&settings).await?;
    let query = HistoryQuery { finding: finding.map(FindingKey::new), cycle: None, limit: Some(limit) };
    let entries = store.history(&query).await.map_err(|error| store_failed(anyhow!("{error}"), &error))?;
    if output.is_json() {
        output.json(&entries)?;
    } else {
        print(&entries, output);
    }
    Ok(Exit::Success)
}

/// Prints entries as a table.
pub(super) fn print(entries: &[Entry], output: &Output) {
    let shown = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = entries.iter().map(|entry| {
        let change = match (&entry.before, &entry.after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (None, Some(after)) => after.clone(),
            (Some(before), None) => format!("{before} →"),
            (None, None) => String::new(),
        };
        let finding = entry.finding.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![
            entry.at.format("%Y-%m-%d %H:%M:%S").to_string(),
            entry.actor.clone(),
            entry.event.replace('_', " "),
            [finding, shown(&entry.issue)].join(" ").trim().to_owned(),
            [shown(&entry.field), change].join(" ").trim().to_owned(),
            entry.why.clone(),
        ]
    });
    output.table(&["at (UTC)", "who", "what", "on", "change", "why"], rows);
}
