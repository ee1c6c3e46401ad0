//! The command line: one file for each group of verbs. It parses and prints, and decides nothing.

#[cfg(not(feature = "sandbox"))]
mod absent;
mod approve;
mod audit;
mod check;
mod context;
mod decide;
mod decide_words;
#[cfg(feature = "sandbox")]
mod demo;
mod documents;
mod explain;
mod fates;
mod finding;
mod finding_list;
mod init;
mod inscribe;
mod intake;
mod link;
mod link_list;
mod link_retry;
mod long;
mod named;
mod notes;
mod output;
mod packaging;
mod place;
mod place_accept;
mod plan;
mod plan_file;
mod proof;
mod relocate;
mod report;
mod retry;
mod routing;
mod run;
#[cfg(feature = "sandbox")]
mod sandbox;
mod store;
mod sync;
mod telemetry;
mod waiting;

use std::{io::ErrorKind, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use output::Output;

/// How a command ended. The numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done.
    Success = 0,
    /// Something unexpected went wrong.
    Failure = 1,
    /// The command line, the configuration or a document is wrong.
    Configuration = 2,
    /// Something could not be read or written; the rest was done.
    Partial = 3,
    /// Something waits for a person's decision.
    Held = 4,
    /// The plan no longer holds, or the finding changed since it was looked at; nothing was written.
    Stale = 5,
    /// A decision was refused.
    Refused = 6,
    /// There is something to do, and the command was asked to say so by its code.
    Due = 10,
    /// Another process holds the register; try again later.
    Locked = 75,
}

/// What ends a command early: the words for people, and the code.
#[derive(Debug)]
pub struct Failed {
    exit: Exit,
    error: anyhow::Error,
    /// Whether it is the register that cannot be used.
    is_of_register: bool,
}

impl Failed {
    /// Ends with a code of its own.
    fn with(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into(), is_of_register: false }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { exit: Exit::Failure, error: error.into(), is_of_register: false }
    }
}

/// What a command comes to.
type Done = Result<Exit, Failed>;

/// Follows the findings of security postmortems through GitHub and Jira until a reviewer has verified them.
#[derive(Debug, Parser)]
#[command(name = "postmortem-sync", version = env!("POSTMORTEM_SYNC_VERSION"), max_term_width = 110, after_help = AFTER)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "\
Begin here:
  postmortem-sync demo                      see it work, nothing to configure
  postmortem-sync init --github             write a first configuration
  postmortem-sync check                     is the configuration right?
  postmortem-sync plan                      what would happen now, and why
  postmortem-sync sync                      do it once
  postmortem-sync run                       do it by schedule
  postmortem-sync report                    what is not resolved yet

Exit codes:
  0   done
  1   unexpected error
  2   wrong command line, configuration or document
  3   something could not be read or written; the rest was done
  4   something waits for a person
  5   stale plan or finding, nothing was written
  6   decision refused
  10  there is something to do (`plan --detailed-exitcode`, `intake write-ids|write-back --check`)
  75  another process holds the register";

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
struct Global {
    /// The main configuration file.
    #[arg(
        long,
        short,
        global = true,
        env = "POSTMORTEM_SYNC_CONFIG",
        default_value = "postmortem-sync.yaml",
        value_name = "FILE"
    )]
    config: PathBuf,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    color: Colour,
    /// Least important messages on standard error; the configuration's for `run`, warnings for the others.
    #[arg(long, global = true, env = "POSTMORTEM_SYNC_LOG", value_name = "LEVEL",
        value_parser = ["error", "warn", "info", "debug", "trace"])]
    log: Option<String>,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
    /// GitHub-flavoured Markdown; reports only.
    Markdown,
    /// One self-contained page; reports only.
    Html,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// On terminals, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the whole thing on this machine: sandbox trackers, three postmortems, an engineer, a reviewer, a report.
    #[cfg(feature = "sandbox")]
    Demo(demo::Demo),
    /// Is not in this program.
    #[cfg(not(feature = "sandbox"))]
    #[command(hide = true, disable_help_flag = true)]
    Demo(absent::Absent),
    /// Writes a first configuration, with the places and people that the given tokens can see.
    Init(init::Init),
    /// Checks configuration, rules and documents; with --online also every credential and place, without writing.
    Check(check::Check),
    /// Says what the next cycle would do, and writes nothing.
    Plan(plan::PlanCommand),
    /// Applies a saved plan, and of it only what would be planned now as well.
    Apply(sync::Apply),
    /// Approves where the changed configuration sends findings; until then cycles write nothing to trackers.
    Approve(approve::Approve),
    /// Runs one cycle: reads everything, plans, applies, records.
    Sync(sync::Sync),
    /// Runs cycles by the schedule of the configuration until stopped.
    Run(run::Run),
    /// Prints the deadline report.
    Report(report::ReportCommand),
    /// Says which rule takes a finding, where its deadline comes from, and what the next cycle would do.
    Explain(explain::Explain),
    /// Lists, shows and decides on findings.
    Finding(finding::FindingCommand),
    /// Lists and changes which issue follows which finding.
    Link(link::LinkCommand),
    /// Lists the places that issues are in, takes over one that another register used, and gives up one that is gone.
    Place(place::PlaceCommand),
    /// Reads documents without storing anything; lists what waits for a person, and records what they decide.
    Intake(intake::IntakeCommand),
    /// Shows the history of decisions and writes.
    Audit(audit::AuditCommand),
    /// Backs the register up, and puts a backup back.
    Store(store::StoreCommand),
    /// Prints the JSON Schema of the configuration, the people file, the strict document format or the report.
    Schema(check::SchemaCommand),
    /// Prints a script that completes the command line in a shell.
    Completions(packaging::Completions),
    /// Prints a page of the manual, for `man`.
    Manual(packaging::Manual),
    /// Serves GitHub- and Jira-shaped trackers on loopback ports, for rehearsals and tests.
    #[cfg(feature = "sandbox")]
    Sandbox(sandbox::SandboxCommand),
    /// Is not in this program.
    #[cfg(not(feature = "sandbox"))]
    #[command(hide = true, disable_help_flag = true)]
    Sandbox(absent::Absent),
}

/// Parses the command line and runs it; the number is the process's exit code.
pub fn main() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not errors.
            if error.print().is_err_and(|failed| failed.kind() != ErrorKind::BrokenPipe) {
                return Exit::Failure as u8;
            }
            return u8::try_from(error.exit_code()).unwrap_or(Exit::Configuration as u8);
        }
    };
    let output = Output::new(&cli.global);
    let is_report = matches!(cli.command, Command::Report(_));
    if matches!(cli.global.format, Format::Markdown | Format::Html) && !is_report {
        let error = anyhow::anyhow!(
            "only `report` can be printed as Markdown or HTML; use `--format text` or `json`"
        );
        return output.fail(&Failed::with(Exit::Configuration, error));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&Failed::from(error)),
    };
    let done = runtime.block_on(dispatch(cli, &output));
    runtime.shutdown_background();
    match (done, output.broken()) {
        (Err(failed), _) => output.fail(&failed),
        (Ok(_), Some(error)) => {
            output.fail(&Failed::from(anyhow::anyhow!("the result could not be printed: {error}")))
        }
        (Ok(exit), None) => exit as u8,
    }
}

async fn dispatch(cli: Cli, output: &Output) -> Done {
    let global = &cli.global;
    match cli.command {
        #[cfg(feature = "sandbox")]
        Command::Demo(command) => demo::demo(command, global, output).await,
        Command::Init(command) => init::init(command, global, output).await,
        Command::Check(command) => check::check(command, global, output).await,
        Command::Plan(command) => plan::plan(command, global, output).await,
        Command::Apply(command) => sync::apply(command, global, output).await,
        Command::Approve(command) => approve::approve(command, global, output).await,
        Command::Sync(command) => sync::sync(command, global, output).await,
        Command::Run(command) => run::run(command, global, output).await,
        Command::Report(command) => report::report(command, global, output).await,
        Command::Explain(command) => explain::explain(command, global, output).await,
        Command::Finding(command) => finding::finding(command, global, output).await,
        Command::Link(command) => link::link(command, global, output).await,
        Command::Place(command) => place::place(command, global, output).await,
        Command::Intake(command) => intake::intake(command, global, output).await,
        Command::Audit(command) => audit::audit(command, global, output).await,
        Command::Store(command) => store::store(command, global, output).await,
        Command::Schema(command) => check::schema(&command, output),
        Command::Completions(command) => packaging::completions(&command, output),
        Command::Manual(command) => packaging::manual(&command, output),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(command) => sandbox::sandbox(command, global, output).await,
        #[cfg(not(feature = "sandbox"))]
        Command::Demo(_) | Command::Sandbox(_) => absent::absent(),
    }
}
