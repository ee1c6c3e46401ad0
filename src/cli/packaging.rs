//! `completions` and `manual`: what packages ship beside the program, printed by itself.

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::{Cli, Done, Exit, output::Output};

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync completions bash > /etc/bash_completion.d/postmortem-sync
  postmortem-sync completions zsh > ~/.zfunc/_postmortem-sync
  postmortem-sync completions fish > ~/.config/fish/completions/postmortem-sync.fish")]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints what completes the command line in a shell.
pub(super) fn completions(command: &Completions, output: &Output) -> Done {
    let mut script = Vec::new();
    generate(command.shell, &mut Cli::command(), "postmortem-sync", &mut script);
    output.raw(&String::from_utf8_lossy(&script));
    Ok(Exit::Success)
}

/// Arguments of `manual`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync manual | man -l -
  postmortem-sync manual > /usr/share/man/man1/postmortem-sync.1
  postmortem-sync manual finding verify | man -l -")]
pub(super) struct Manual {
    /// The page of a command, such as `finding verify`; without it, the page of the program.
    command: Vec<String>,
}

/// Prints a page of the manual.
pub(super) fn manual(manual: &Manual, output: &Output) -> Done {
    let mut root = Cli::command();
    root.build();
    let mut page = &root;
    for name in &manual.command {
        page = page.find_subcommand(name).ok_or_else(|| {
            let error =
                anyhow::anyhow!("there is no command `{}`; `--help` lists them", manual.command.join(" "));
            super::Failed::with(Exit::Configuration, error)
        })?;
    }
    let mut text = Vec::new();
    Man::new(page.clone()).render(&mut text)?;
    output.raw(&String::from_utf8_lossy(&text));
    Ok(Exit::Success)
}
