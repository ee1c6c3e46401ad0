//! `store`: backups of the register, and putting one back.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{
    Done, Exit, Failed, Global,
    context::{not_built, settings},
    finding::store_error,
    output::{Output, Tone},
    relocate::{self, Says},
};
use crate::{
    app::{self, SystemClock},
    model::clock::Clock as _,
    store::{StoreError, sqlite::backup::Backup},
};

/// Arguments of `store`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync store backup /backups/register-2026-03-04.db
  postmortem-sync store restore /backups/register-2026-03-04.db --verify
  postmortem-sync store restore /backups/register-2026-03-04.db
  postmortem-sync store key export /safe/marker.key
  postmortem-sync store moved --as eli
  postmortem-sync sync                 recognises what was created since, and creates none of it again")]
pub(super) struct StoreCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Writes the register to a new file, also while a worker runs, and reads it again to prove that it is whole.
    ///
    /// Its SHA-256 goes beside it into FILE.sha256: keep both. They hold texts of findings and the key of the markers.
    #[command(after_help = "Example:\n  postmortem-sync store backup /backups/register-2026-03-04.db")]
    Backup {
        /// The file; one that is there is never replaced.
        file: PathBuf,
    },
    /// The key of the markers, by which our issues are found even when the register is lost.
    #[command(after_help = "Example:\n  postmortem-sync store key export /safe/marker.key")]
    Key {
        #[command(subcommand)]
        verb: KeyVerb,
    },
    /// Says that the register was moved here, and that the one it was copied from is given up. Needs a reviewer.
    ///
    /// A copied folder writes nothing until a person says what it is.
    #[command(after_help = "Example:\n  postmortem-sync store moved --as eli")]
    Moved(Says),
    /// Makes a copied register one of its own: its links end, and its findings wait for `link rebind`. Needs a reviewer.
    ///
    /// The configuration has to have another `instance` before. Nothing is written to trackers; findings, decisions and
    /// history stay.
    #[command(after_help = "Example:\n  postmortem-sync store fork --as eli")]
    Fork(Says),
    /// Puts a backup in the place of the register, and keeps the register that was there beside it.
    ///
    /// Refused while another process has the register open: stop the worker first.
    #[command(
        after_help = "Examples:\n  postmortem-sync store restore /backups/register-2026-03-04.db --verify\n  postmortem-sync store restore /backups/register-2026-03-04.db"
    )]
    Restore {
        /// A backup, with its FILE.sha256 beside it.
        file: PathBuf,
        /// Only proves that it could be put back: checksum, integrity, owner and history. Changes nothing.
        #[arg(long)]
        verify: bool,
    },
}

#[derive(Debug, Subcommand)]
enum KeyVerb {
    /// Writes the key to a new file that only its owner can read; it is never printed.
    ///
    /// A new register that is given it by `marker_key` in the configuration finds every issue of this one.
    #[command(after_help = "Example:\n  postmortem-sync store key export /safe/marker.key")]
    Export {
        /// The file; one that is there is never replaced.
        file: PathBuf,
    },
}

/// Runs a verb.
pub(super) async fn store(command: StoreCommand, global: &Global, output: &Output) -> Done {
    let settings = settings(global, output)?;
    match command.verb {
        Verb::Moved(says) => return relocate::moved(settings, says, output).await,
        Verb::Fork(says) => return relocate::fork(settings, says, output).await,
        Verb::Backup { file } => {
            let backup = app::back_up(&settings, &file).await.map_err(|error| of_file(error, &file))?;
            tell("written and read again", &backup, &backup, output)?;
        }
        Verb::Key { verb: KeyVerb::Export { file } } => {
            app::export_key(&settings, &file, SystemClock.now()).await.map_err(|error| {
                match error.downcast() {
                    Ok(error) => of_file(error, &file),
                    Err(error) => not_built(error),
                }
            })?;
            output.line(format!("{} {} written", output.paint(Tone::Good, "✓"), file.display()));
        }
        Verb::Restore { file, verify: true } => {
            let backup = app::verify_backup(&settings, &file).await.map_err(|error| of_file(error, &file))?;
            tell("can be put back", &backup, &backup, output)?;
        }
        Verb::Restore { file, verify: false } => {
            let restored = app::restore(&settings, &file, SystemClock.now()).await;
            let restored = restored.map_err(|error| of_file(error, &file))?;
            tell("put back", &restored.backup, &restored, output)?;
            if let (Some(replaced), false) = (&restored.replaced, output.is_json()) {
                output.line(format!("  what was there  {}", replaced.display()));
            }
        }
    }
    Ok(Exit::Success)
}

/// What is wrong with a file that the command line names is a slip of the pen.
fn of_file(error: StoreError, file: &Path) -> Failed {
    let (named, beside) = (file.display().to_string(), format!("{}.sha256", file.display()));
    // A backup is put together beside the register before it takes its place.
    let is_named = matches!(&error, StoreError::File { path, .. }
        if *path == named || *path == beside || path.ends_with(".restoring"));
    if is_named { Failed::with(Exit::Configuration, error) } else { store_error(error) }
}

fn tell(done: &str, backup: &Backup, result: &impl serde::Serialize, output: &Output) -> Result<(), Failed> {
    if output.is_json() {
        return Ok(output.json(result)?);
    }
    output.line(format!("{} {} {done}", output.paint(Tone::Good, "✓"), backup.file.display()));
    output.line(format!("  size            {} bytes, schema {}", backup.bytes, backup.schema));
    output.line(format!("  sha256          {}", backup.sha256));
    output.line(format!("  register        {}, {} transactions", backup.database, backup.version));
    if let Some(head) = &backup.head {
        output.line(format!("  history         {head}"));
    }
    for misfit in &backup.misfits {
        output.line(format!("  {} {misfit}", output.paint(Tone::Bad, "✗")));
    }
    Ok(())
}
