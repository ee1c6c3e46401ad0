//! `demo` and `sandbox` in a program that was built without its sandbox: they say so, and how to get one that has it.

use anyhow::anyhow;
use clap::Args;

use super::{Done, Exit, Failed};

/// Whatever a command would have taken.
#[derive(Debug, Args)]
pub(super) struct Absent {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _arguments: Vec<String>,
}

/// Says what is not here.
pub(super) fn absent() -> Done {
    let why = "this program was built without the trackers to rehearse with, which `demo` and `sandbox` need; \
               build it with the feature `sandbox`, which is on unless `--no-default-features` is given";
    Err(Failed::with(Exit::Configuration, anyhow!(why)))
}
