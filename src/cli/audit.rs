//! `audit`: the history of decisions and writes.

use clap::{Args, Subcommand};

use super::{
    Done, Exit, Failed, Global,
    context::{register, settings},
    finding::store_error,
    output::{Output, Tone},
};
use crate::{
    model::{
        history::{Anchor, Entry, Inspection, KnownBy, Recorded},
        ids::FindingKey,
    },
    store::HistoryQuery,
};

/// Arguments of `audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync audit show
  postmortem-sync audit show PM-2026-004/F1 --format json
  postmortem-sync audit verify
  postmortem-sync audit verify --anchor \"$(cat /elsewhere/anchor)\"")]
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
    /// Reads the whole history again and proves that nothing in it was changed, removed, inserted or moved.
    #[command(
        after_help = "Examples:\n  postmortem-sync audit verify\n  postmortem-sync audit verify --anchor \"$(cat /elsewhere/anchor)\""
    )]
    Verify {
        /// A place in the history that was noted elsewhere earlier, as a cycle printed it; may be given several times.
        /// Without one, an end that was cut off cannot be told from one that never was.
        #[arg(long = "anchor", value_name = "SEQ:HASH")]
        anchors: Vec<Anchor>,
    },
}

/// Runs a verb.
pub(super) async fn audit(command: AuditCommand, global: &Global, output: &Output) -> Done {
    let settings = settings(global, output)?;
    let store = register(&settings).await?;
    match command.verb {
        Verb::Show { finding, limit } => {
            let query =
                HistoryQuery { finding: finding.map(FindingKey::new), cycle: None, limit: Some(limit) };
            let entries = store.history(&query).await.map_err(store_error)?;
            if output.is_json() {
                output.json(&entries)?;
            } else {
                print(&entries, output);
            }
            Ok(Exit::Success)
        }
        Verb::Verify { anchors } => {
            let inspection = store.inspect(&anchors).await.map_err(store_error)?;
            tell(&inspection, &anchors, output)?;
            Ok(if inspection.intact { Exit::Success } else { Exit::Failure })
        }
    }
}

fn tell(inspection: &Inspection, anchors: &[Anchor], output: &Output) -> Result<(), Failed> {
    if output.is_json() {
        return Ok(output.json(inspection)?);
    }
    for fault in &inspection.faults {
        output.line(format!("{} {fault}", output.paint(Tone::Bad, "✗")));
    }
    let entries = match inspection.entries {
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    };
    if !inspection.intact {
        output.line(format!("{entries} read; the history is not as it was recorded"));
        return Ok(());
    }
    output.line(format!("{} {entries}, each follows from the one before", output.paint(Tone::Good, "✓")));
    if anchors.is_empty() {
        output.line("What was cut off at the end, or rewritten as a whole, shows only against an anchor kept elsewhere.");
    } else {
        output.line(format!("{} every anchor given is in it", output.paint(Tone::Good, "✓")));
    }
    output.line(format!("The anchor now: {}", inspection.head));
    Ok(())
}

/// Prints entries as a table.
pub(super) fn print(entries: &[Recorded], output: &Output) {
    let shown = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = entries.iter().map(|Recorded { entry, .. }| {
        let change = match (&entry.before, &entry.after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (None, Some(after)) => after.clone(),
            (Some(before), None) => format!("{before} →"),
            (None, None) => String::new(),
        };
        let finding = entry.finding.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![
            entry.at.format("%Y-%m-%d %H:%M:%S").to_string(),
            who(entry),
            entry.event.replace('_', " "),
            [finding, shown(&entry.issue)].join(" ").trim().to_owned(),
            [shown(&entry.field), change].join(" ").trim().to_owned(),
            entry.why.clone(),
        ]
    });
    output.table(&["at (UTC)", "who", "what", "on", "change", "why"], rows);
}

/// Who did something, with whose process said so at a command line.
fn who(entry: &Entry) -> String {
    match &entry.known_by {
        Some(KnownBy::Shell { user, host, .. }) => format!("{} (by {user}@{host})", entry.actor),
        Some(KnownBy::Tracker { account: Some(account), .. }) => format!("{} ({account})", entry.actor),
        Some(KnownBy::Tracker { account: None, .. } | KnownBy::Worker) | None => entry.actor.clone(),
    }
}
