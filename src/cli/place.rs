//! `place`: the repositories and projects that issues are in.

use clap::{Args, Subcommand};

use super::{Done, Global, output::Output, place_accept};

/// Arguments of `place`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync place accept github:acme/payments --reason 'those are of the old tool' --as eli")]
pub(super) struct PlaceCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Says that what another register made in a place is another matter: findings may be created there.
    #[command(
        after_help = "Example:\n  postmortem-sync place accept github:acme/payments --reason 'those are of the old tool' --as eli\n\nNothing is written to trackers."
    )]
    Accept(place_accept::Accept),
}

/// Runs a verb.
pub(super) async fn place(command: PlaceCommand, global: &Global, output: &Output) -> Done {
    match command.verb {
        Verb::Accept(accept) => place_accept::accept(accept, global, output).await,
    }
}
