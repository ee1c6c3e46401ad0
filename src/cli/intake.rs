//! `intake`: what is read from documents, and what waits for a person.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::anyhow;
use clap::{Args, Subcommand};

use super::{
    Done, Exit, Failed, Global,
    context::counted,
    documents, fates,
    inscribe::{self, Writing},
    output::{Output, Tone},
    waiting::{self, Rule},
};
use crate::{
    model::{
        conventions::Conventions,
        cycle::Coverage,
        ids::SourceName,
        observed::Observed,
        postmortem::{Diagnostic, Document, Level},
    },
    source::{
        explained::{self, Explained},
        read_paths,
        scan::Scan,
    },
};

/// Largest file that a scan reads, in bytes; the default of a configured source.
const MAX_BYTES: u64 = 1 << 20;
/// What `--deny` means without codes.
const EVERYTHING: &str = "warnings";

/// Arguments of `intake`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync intake scan postmortems
  postmortem-sync intake scan postmortems --deny=no_action_section,impossible_date
  postmortem-sync intake scan --explain postmortems/keys-leaked.md
  postmortem-sync intake list --candidates
  postmortem-sync intake documents
  postmortem-sync intake accept PM-2026-004/c-5e1f00ba --as eli
  postmortem-sync intake link PM-2026-004/F3 PM-2026-004/c-5e1f00ba --as eli
  postmortem-sync intake approve postmortems --as eli
  postmortem-sync intake write-ids --check")]
pub(super) struct IntakeCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Reads documents and prints what was found, without a configuration and without storing anything.
    #[command(
        after_help = "Examples:\n  postmortem-sync intake scan postmortems\n  postmortem-sync intake scan report.md --format json\n  postmortem-sync intake scan --explain report.md\n  postmortem-sync intake scan postmortems --deny"
    )]
    Scan {
        /// Files, or folders with files.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Shows each line with what became of it: a finding, a candidate, or set aside and why.
        #[arg(long)]
        explain: bool,
        /// Repository that a bare `#12` means, such as `acme/platform`.
        #[arg(long, value_name = "OWNER/REPO")]
        default_repository: Option<String>,
        /// Jira projects whose keys count as references.
        #[arg(long = "jira-project", value_name = "KEY")]
        jira_projects: Vec<String>,
        /// Fail when this is noticed: codes such as `no_action_section`; without any, every error and warning.
        #[arg(
            long,
            value_name = "CODE",
            value_delimiter = ',',
            num_args = 0..,
            require_equals = true,
            default_missing_value = EVERYTHING
        )]
        deny: Vec<String>,
    },
    /// Lists what the configured sources hold that is not certain to be a finding.
    #[command(
        after_help = "Examples:\n  postmortem-sync intake list\n  postmortem-sync intake list --candidates --format json"
    )]
    List {
        /// What waits for a person; the default.
        #[arg(long)]
        candidates: bool,
    },
    /// Lists what the register knows of each document: which write-up it is, its class, and what was found in it.
    #[command(
        after_help = "Examples:\n  postmortem-sync intake documents\n  postmortem-sync intake documents --format json"
    )]
    Documents {},
    #[command(flatten)]
    Rule(Rule),
    #[command(flatten)]
    Write(Writing),
}

/// Reads documents.
pub(super) async fn intake(command: IntakeCommand, global: &Global, output: &Output) -> Done {
    match command.verb {
        Verb::Scan { paths, explain, default_repository, jira_projects, deny } => {
            let conventions = Conventions { default_repository, jira_projects, ..Conventions::default() };
            scan(paths, conventions, explain, &deny, output).await
        }
        Verb::List { candidates: _ } => waiting::list(global, output).await,
        Verb::Documents {} => documents::list(global, output).await,
        Verb::Rule(rule) => waiting::rule(rule, global, output).await,
        Verb::Write(writing) => inscribe::write(&writing, global, output).await,
    }
}

async fn scan(
    paths: Vec<PathBuf>,
    conventions: Conventions,
    explained: bool,
    deny: &[String],
    output: &Output,
) -> Done {
    let source = SourceName::from("scan");
    let (documents, files) = tokio::task::spawn_blocking(move || {
        let documents = read_paths(&source, &paths, MAX_BYTES, &conventions);
        let files = explained.then(|| explained::explain(&documents, MAX_BYTES, &conventions));
        (documents, files)
    })
    .await?;
    let failed = documents.iter().any(|document| matches!(document.postmortem, Observed::Unknown { .. }));
    if let Some(files) = files {
        explain(&files, &documents, output)?;
    } else if output.is_json() {
        let scans: Vec<Scan<'_>> = documents.iter().map(Scan::of).collect();
        output.json(&scans)?;
    } else {
        for document in &documents {
            print(document, output);
        }
        output.heading(covered(&documents));
    }
    let is_denied = |noticed: &&Diagnostic| {
        deny.iter().any(|code| *code == noticed.code || code == EVERYTHING && noticed.level != Level::Info)
    };
    let denied: BTreeSet<&str> = documents
        .iter()
        .flat_map(|document| &document.diagnostics)
        .filter(is_denied)
        .map(|noticed| noticed.code.as_str())
        .collect();
    if !denied.is_empty() {
        let codes = denied.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Failed::with(Exit::Configuration, anyhow!("denied and noticed: {codes}")));
    }
    Ok(if failed { Exit::Configuration } else { Exit::Success })
}

/// Prints files line by line, each with what became of it.
fn explain(files: &[Explained], documents: &[Document], output: &Output) -> Result<(), Failed> {
    if output.is_json() {
        output.json(&files)?;
        return Ok(());
    }
    for (file, documents) in files.iter().zip(documents.chunk_by(|one, next| one.path == next.path)) {
        fates::print(file, output);
        documents.iter().filter_map(tally).for_each(|covered| output.line(format!("  {covered}")));
        documents.iter().for_each(|document| output.diagnostics(&document.diagnostics));
    }
    Ok(())
}

/// How many parts of a document came to what, in words.
fn tally(document: &Document) -> Option<String> {
    fates::covered(&document.postmortem.known()?.coverage)
}

/// How many documents came to what.
fn covered(documents: &[Document]) -> String {
    let mut counts: BTreeMap<Coverage, usize> = BTreeMap::new();
    for document in documents {
        *counts.entry(Coverage::of(document, Some(0))).or_default() += 1;
    }
    let parts = counts.into_iter().rev().map(|(coverage, n)| {
        let came_to = match coverage {
            Coverage::Unreadable => "unreadable",
            Coverage::Nothing => "with nothing found",
            Coverage::CandidatesOnly => "with candidates only",
            Coverage::NoneStated => "that say there is nothing to do",
            Coverage::Findings => "with findings",
        };
        format!("{n} {came_to}")
    });
    format!("{}: {}", counted(documents.len(), "document"), parts.collect::<Vec<_>>().join(", "))
}

/// Where a class was read.
fn said_at(line: Option<usize>) -> String {
    match line {
        None => " (it has no mark)".to_owned(),
        Some(0) => " (its name or title)".to_owned(),
        Some(line) => format!(" (line {line})"),
    }
}

fn print(document: &Document, output: &Output) {
    output.heading(&document.path);
    if let Observed::Known(postmortem) = &document.postmortem {
        let scan = Scan::of(document);
        let said = said_at(postmortem.marked.map(|mark| mark.line));
        output.line(format!("  {} {} · TLP:{}{said}", postmortem.id, postmortem.title, postmortem.tlp));
        for finding in &scan.findings {
            let owner = finding.owner.map(|owner| format!(" · {owner}")).unwrap_or_default();
            let cites: String = finding.trackers.iter().map(|reference| format!(" → {reference}")).collect();
            let own = (finding.tlp > postmortem.tlp)
                .then(|| format!(" · TLP:{}{}", finding.tlp, said_at(finding.tlp_line)));
            output.line(format!(
                "  {} {} {}{owner}{cites}{}",
                output.paint(Tone::Good, "•"),
                finding.key,
                finding.title,
                own.unwrap_or_default()
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
    tally(document).into_iter().for_each(|covered| output.line(format!("  {covered}")));
    let worth: Vec<_> =
        document.diagnostics.iter().filter(|noticed| noticed.level != Level::Info).cloned().collect();
    output.diagnostics(&worth);
}
