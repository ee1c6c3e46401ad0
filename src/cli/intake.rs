//! `intake`: what is read from documents, and what waits for a person.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{
    Done, Exit, Global,
    context::{counted, settings},
    output::{Output, Tone},
};
use crate::{
    app,
    model::{
        ids::SourceName,
        observed::Observed,
        postmortem::{Document, Level},
    },
    source::{Conventions, read_paths, scan::Scan},
};

/// Largest file that a scan reads, in bytes; the default of a configured source.
const MAX_BYTES: u64 = 1 << 20;

/// Arguments of `intake`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync intake scan postmortems
  postmortem-sync intake list")]
pub(super) struct IntakeCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Reads documents and prints what was found, without a configuration and without storing anything.
    #[command(
        after_help = "Examples:\n  postmortem-sync intake scan postmortems\n  postmortem-sync intake scan report.md --format json"
    )]
    Scan {
        /// Files, or folders with files.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Repository that a bare `#12` means, such as `acme/platform`.
        #[arg(long, value_name = "OWNER/REPO")]
        default_repository: Option<String>,
        /// Jira projects whose keys count as references.
        #[arg(long = "jira-project", value_name = "KEY")]
        jira_projects: Vec<String>,
    },
    /// Lists what the configured sources hold that is not certain to be a finding.
    #[command(after_help = "Example:\n  postmortem-sync intake list")]
    List {},
}

/// Reads documents.
pub(super) async fn intake(command: IntakeCommand, global: &Global, output: &Output) -> Done {
    let documents = match command.verb {
        Verb::Scan { paths, default_repository, jira_projects } => {
            let conventions = Conventions { default_repository, jira_projects };
            let source = SourceName::from("scan");
            tokio::task::spawn_blocking(move || read_paths(&source, &paths, MAX_BYTES, &conventions)).await?
        }
        Verb::List {} => return list(global, output).await,
    };
    let failed = documents.iter().any(|document| matches!(document.postmortem, Observed::Unknown { .. }));
    if output.is_json() {
        let scans: Vec<Scan<'_>> = documents.iter().map(Scan::of).collect();
        output.json(&scans)?;
    } else {
        for document in &documents {
            print(document, output);
        }
    }
    Ok(if failed { Exit::Configuration } else { Exit::Success })
}

fn print(document: &Document, output: &Output) {
    output.heading(&document.path);
    if let Observed::Known(postmortem) = &document.postmortem {
        let scan = Scan::of(document);
        output.line(format!("  {} {} · TLP:{}", postmortem.id, postmortem.title, postmortem.tlp));
        for finding in &scan.findings {
            let owner = finding.owner.map(|owner| format!(" · {owner}")).unwrap_or_default();
            let cites: String = finding.trackers.iter().map(|reference| format!(" → {reference}")).collect();
            output.line(format!(
                "  {} {} {}{owner}{cites}",
                output.paint(Tone::Good, "•"),
                finding.key,
                finding.title
            ));
        }
        for candidate in &postmortem.candidates {
            let text: String = candidate.text.chars().take(100).collect();
            output.line(format!(
                "  {} line {} ({}): {text}",
                output.paint(Tone::Warning, "?"),
                candidate.line,
                candidate.reason
            ));
        }
    }
    let worth: Vec<_> =
        document.diagnostics.iter().filter(|noticed| noticed.level != Level::Info).cloned().collect();
    output.diagnostics(&worth);
}

/// Candidates of every configured source.
async fn list(global: &Global, output: &Output) -> Done {
    let settings = settings(global, output)?;
    let mut candidates = Vec::new();
    for source in &settings.sources {
        let reader = app::source(source);
        let read = tokio::task::spawn_blocking(move || reader.read()).await?;
        for document in read.known().into_iter().flatten() {
            let found = document
                .postmortem
                .known()
                .map(|postmortem| postmortem.candidates.clone())
                .unwrap_or_default();
            candidates.extend(found.into_iter().map(|candidate| (document.path.clone(), candidate)));
        }
    }
    if output.is_json() {
        let values: Vec<_> = candidates
            .iter()
            .map(|(path, candidate)| serde_json::json!({"path": path, "line": candidate.line, "reason": candidate.reason, "text": candidate.text}))
            .collect();
        output.json(&values)?;
    } else {
        output.heading(counted(candidates.len(), "candidate"));
        output.table(
            &["where", "why", "text"],
            candidates.iter().map(|(path, candidate)| {
                vec![format!("{path}:{}", candidate.line), candidate.reason.clone(), candidate.text.clone()]
            }),
        );
    }
    Ok(Exit::Success)
}
