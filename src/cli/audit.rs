//! `audit`: the history of decisions and writes.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    Done, Exit, Failed, Global,
    context::{counted, person, register, settings},
    finding::store_error,
    named::{meant_or_written, unknown},
    output::{Output, Tone},
    report::tlp,
};
use crate::{
    app::{SystemClock, operator},
    model::{
        change::ShownChange,
        clock::Clock as _,
        history::{Anchor, Entry, Inspection, KnownBy, Recorded},
        ids::{FindingKey, PersonId},
        misfit::{Difference, Misfit, WHAT_TO_DO},
        register::Write,
        terms::Tlp,
    },
    review::roles::{self, permitted},
    store::{HistoryQuery, Lease, Store},
};

/// Arguments of `audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync audit show
  postmortem-sync audit show PM-2026-004/F1 --format json
  postmortem-sync audit verify
  postmortem-sync audit accept PM-2026-004/F1 --reason 'mended by hand' --as eli
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
        /// Also the entries that only name rows of the register with their digests.
        #[arg(long)]
        stamps: bool,
        /// Highest class whose text `--format json` shows in the changes of rows: CLEAR, GREEN, AMBER, AMBER+STRICT, RED.
        #[arg(long, value_parser = tlp, value_name = "TLP", default_value = "AMBER+STRICT")]
        max_tlp: Tlp,
    },
    /// Takes what the register says of a finding or a place as it is now, although it does not fit the history.
    ///
    /// Look at `audit verify` first, and prefer a backup: what was done to the row by other means becomes the register's
    /// word. It needs a reviewer, and is recorded.
    #[command(
        after_help = "Examples:\n  postmortem-sync audit accept PM-2026-004/F1 --reason 'mended by hand after the disk failed' --as eli\n  postmortem-sync audit accept 'place github acme/payments' --reason 'pinned anew' --as eli"
    )]
    Accept {
        /// A finding's key, for every row of it, or one row as `audit verify` names it.
        row: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Who decides.
        #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
        person: Option<String>,
    },
    /// Reads the whole history again and proves that nothing in it was changed, removed, inserted or moved, and that the
    /// register is as it says.
    #[command(
        after_help = "Exit codes: 0 all is well; 1 the history was tampered with; 4 the register is not as the history says\n\nExamples:\n  postmortem-sync audit verify\n  postmortem-sync audit verify --anchor \"$(cat /elsewhere/anchor)\""
    )]
    Verify {
        /// A place in the history that was noted elsewhere earlier, as a cycle printed it; may be given several times.
        /// Without one, an end that was cut off cannot be told from one that never was.
        #[arg(long = "anchor", value_name = "SEQ:HASH")]
        anchors: Vec<Anchor>,
        /// Highest class of which the title of a finding that is gone is shown: CLEAR, GREEN, AMBER, AMBER+STRICT, RED.
        #[arg(long, value_parser = tlp, value_name = "TLP", default_value = "AMBER+STRICT")]
        max_tlp: Tlp,
    },
}

/// Runs a verb.
pub(super) async fn audit(command: AuditCommand, global: &Global, output: &Output) -> Done {
    let settings = settings(global, output)?;
    let store = register(&settings).await?;
    match command.verb {
        Verb::Show { finding, limit, stamps, max_tlp } => {
            let finding = match finding {
                Some(name) => Some(meant_or_written(&*store, &name).await?),
                None => None,
            };
            let changes = output.is_json();
            let query = HistoryQuery { finding, cycle: None, limit: Some(limit), stamps, changes };
            let entries = store.history(&query).await.map_err(store_error)?;
            if let (true, Some(key)) = (entries.is_empty(), &query.finding) {
                return Err(unknown(&*store, key.as_str()).await);
            }
            if output.is_json() {
                output.json(&entries.iter().map(|entry| Shown::of(entry, max_tlp)).collect::<Vec<_>>())?;
            } else {
                print(&entries, output);
            }
            Ok(Exit::Success)
        }
        Verb::Verify { anchors, max_tlp } => {
            let inspection = store.inspect(&anchors).await.map_err(store_error)?;
            tell(&inspection, &anchors, max_tlp, output)?;
            Ok(match (inspection.faults.is_empty(), inspection.misfits.is_empty()) {
                (true, true) => Exit::Success,
                (true, false) => Exit::Held,
                (false, _) => Exit::Failure,
            })
        }
        Verb::Accept { row, reason, person: by } => {
            let by = person(&settings.people, by.as_deref())?;
            permitted(roles::Verb::AcceptRow, &by, &settings.people)
                .map_err(|refusal| Failed::with(Exit::Refused, anyhow!("{refusal}")))?;
            let lease = store.lease("audit accept").await.map_err(store_error)?;
            let accepted = accept(&*store, &lease, &row, &reason, &by).await;
            store.release(lease).await.map_err(store_error)?;
            for misfit in accepted? {
                output.line(format!("{misfit}: accepted as it is now"));
            }
            Ok(Exit::Success)
        }
    }
}

/// An entry with what became of rows, for a reader of some class.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    recorded: &'a Recorded,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ShownChange<'a>>,
}

impl<'a> Shown<'a> {
    fn of(recorded: &'a Recorded, most: Tlp) -> Self {
        Self { recorded, changes: recorded.changes.iter().map(|change| change.up_to(most)).collect() }
    }
}

/// What is wrong with the history and the register, with what differs of each row.
#[derive(Serialize)]
struct Inspected<'a> {
    #[serde(flatten)]
    inspection: &'a Inspection,
    misfits: Vec<Named<'a>>,
}

/// A row that does not fit, with the names of the members that differ, or with what it was.
#[derive(Serialize)]
struct Named<'a> {
    #[serde(flatten)]
    misfit: &'a Misfit,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    members: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<String>,
}

impl<'a> Named<'a> {
    fn of(inspection: &'a Inspection, misfit: &'a Misfit, most: Tlp) -> Self {
        let detail = inspection.details.get(&misfit.row);
        let members = detail.map(|detail| detail.members.as_slice()).unwrap_or_default();
        let was = detail.and_then(|detail| detail.was.as_ref()).map(|was| was.up_to(most));
        Self { misfit, members, was }
    }

    /// In one line.
    fn told(&self) -> String {
        let members =
            if self.members.is_empty() { String::new() } else { format!(": {}", self.members.join(", ")) };
        let was = self.was.as_ref().map(|was| format!(": {was}")).unwrap_or_default();
        format!("{}{members}{was}", self.misfit)
    }
}

/// Stamps every row anew that a finding's key or a row's name means.
async fn accept(
    store: &dyn Store,
    lease: &Lease,
    named: &str,
    reason: &str,
    by: &PersonId,
) -> Result<Vec<Misfit>, Failed> {
    let refused = |why: String| Err(Failed::with(Exit::Refused, anyhow!("{named}: {why}")));
    let inspection = store.inspect(&[]).await.map_err(store_error)?;
    if !inspection.faults.is_empty() {
        return refused("the history itself was tampered with; restore a backup".to_owned());
    }
    let key = match inspection.misfits.iter().any(|misfit| is_named(misfit, named)) {
        true => FindingKey::new(named),
        false => meant_or_written(store, named).await?,
    };
    let is_meant = |misfit: &Misfit| is_named(misfit, named) || misfit.row.finding().as_ref() == Some(&key);
    let meant: Vec<Misfit> = inspection.misfits.into_iter().filter(is_meant).collect();
    if let Some(misfit) = meant.iter().find(|misfit| misfit.is_of_register()) {
        return refused(format!("{misfit}; who the register is cannot be accepted, restore a backup"));
    }
    if let Some(misfit) =
        meant.iter().find(|misfit| misfit.is_of_mapping() && misfit.difference != Difference::Stamp)
    {
        return refused(format!("{misfit}; look at `plan` and say `approve`"));
    }
    if let Some(misfit) = meant.iter().find(|misfit| misfit.difference == Difference::Unreadable) {
        return refused(format!("{misfit}; restore a backup, or use the program that wrote it"));
    }
    if let Some(misfit) = meant.iter().find(|misfit| misfit.is_of_retirement()) {
        return refused(format!("{misfit}; nothing follows from it, restore a backup to mend it"));
    }
    if meant.is_empty() {
        return refused(
            "nothing of that name differs from the history; `audit verify` names what does".to_owned(),
        );
    }
    let at = SystemClock.now();
    let entry = |misfit: &Misfit| Entry {
        at,
        cycle: "command".to_owned(),
        event: "misfit_accepted".to_owned(),
        finding: misfit.row.finding(),
        issue: None,
        actor: by.to_string(),
        known_by: Some(operator()),
        field: None,
        before: None,
        after: Some(misfit.to_string()),
        why: reason.to_owned(),
    };
    let entries = meant.iter().map(|misfit| Write::History(entry(misfit)));
    let rows = meant.iter().map(|misfit| Write::Accepted(misfit.row.clone()));
    store.record(lease, rows.chain(entries).collect()).await.map_err(store_error)?;
    Ok(meant)
}

/// Whether a row, or the finding that it is of, is called so.
fn is_named(misfit: &Misfit, name: &str) -> bool {
    misfit.row.to_string() == name || misfit.row.finding().is_some_and(|key| key.as_str() == name)
}

fn tell(inspection: &Inspection, anchors: &[Anchor], most: Tlp, output: &Output) -> Result<(), Failed> {
    let misfits: Vec<_> =
        inspection.misfits.iter().map(|misfit| Named::of(inspection, misfit, most)).collect();
    if output.is_json() {
        return Ok(output.json(&Inspected { inspection, misfits })?);
    }
    let faults = inspection.faults.iter().cloned();
    for fault in faults.chain(misfits.iter().map(Named::told)) {
        output.line(format!("{} {fault}", output.paint(Tone::Bad, "✗")));
    }
    let entries = match inspection.entries {
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    };
    if !inspection.faults.is_empty() {
        output.line(format!("{entries} read; the history is not as it was recorded"));
        return Ok(());
    }
    if !inspection.misfits.is_empty() {
        let rows = counted(inspection.misfits.len(), "row");
        output.line(format!("{entries} read; {rows} of the register differ, and nothing is done for them"));
        output.line(format!("That holds until {WHAT_TO_DO}."));
        return Ok(());
    }
    output.line(format!("{} {entries}, each follows from the one before", output.paint(Tone::Good, "✓")));
    output.line(format!("{} every row of the register is as they say", output.paint(Tone::Good, "✓")));
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
