//! `intake write-ids` and `intake write-back`: what the register knows, written into documents as invisible comments.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    Done, Exit, Failed, Global,
    context::{app, counted},
    finding::{lease, load, store_error},
    output::{Output, Tone},
};
use crate::{
    app::{self as root, App, Reach},
    model::{
        finding::Finding,
        postmortem::{Document, DocumentFinding},
        register::Register,
    },
    plan::intake::{Terms, take_in},
    source::{
        Source,
        inscribe::{Comment, inscribe, replace, unchanged},
    },
};

/// What is written.
#[derive(Debug, Subcommand)]
pub(super) enum Writing {
    /// Writes the ids of findings into Markdown documents as invisible comments, so that any rewording keeps them.
    #[command(
        after_help = "Examples:\n  postmortem-sync intake write-ids --check\n  postmortem-sync intake write-ids postmortems/2026"
    )]
    WriteIds(Where),
    /// Writes into Markdown documents, as invisible comments, which issue follows a finding and how it stands there.
    #[command(
        after_help = "Examples:\n  postmortem-sync intake write-back --check\n  postmortem-sync intake write-back postmortems/login.md"
    )]
    WriteBack(Where),
}

/// Which documents.
#[derive(Debug, Args)]
pub(super) struct Where {
    /// Files, or folders; without any, every document of the configured sources.
    paths: Vec<PathBuf>,
    /// Tells what would be written, and writes nothing; exits with 10 where there is something.
    #[arg(long)]
    check: bool,
}

/// What became of one document.
#[derive(Debug, Serialize)]
struct Told {
    path: String,
    /// Comments that were written, or would be.
    written: usize,
    /// Lines that could not take one.
    refused: Vec<usize>,
    /// Findings that no cycle has recorded yet.
    unrecorded: usize,
    error: Option<String>,
}

/// Writes into every document that is asked for, each on its own.
pub(super) async fn write(writing: &Writing, global: &Global, output: &Output) -> Done {
    let (Writing::WriteIds(asked) | Writing::WriteBack(asked)) = writing;
    let wanted = asked.paths.iter().map(|path| path.canonicalize().map_err(|error| (path, error)));
    let wanted: Vec<PathBuf> = wanted.collect::<Result<_, _>>().map_err(|(path, error)| {
        Failed::with(Exit::Configuration, anyhow::anyhow!("`{}`: {error}", path.display()))
    })?;
    let app = app(global, output, Reach::Documents).await?;
    // No cycle reads a document while it is replaced.
    let lease = lease(&app).await?;
    let told = write_all(&app, writing, &wanted).await;
    app.ports.store.release(lease).await.map_err(store_error)?;
    print(&told?, asked.check, output)
}

/// Writes into every document of the sources that is one of these files or below one of these folders; all, without any.
async fn write_all(app: &App, writing: &Writing, wanted: &[PathBuf]) -> Result<Vec<Told>, Failed> {
    let register = load(app).await?;
    let listings = app.ports.library.listings().await;
    let terms = Terms { people: &app.config.people, policy: &app.config.policy, now: app.ports.clock.now() };
    let findings = take_in(terms, &register.findings, &listings).findings;
    let mut told = Vec::new();
    // What stands in a tracker is not ours to write into.
    for source in app.settings.sources.iter().filter_map(root::folder) {
        let listed = listings.iter().filter(|listing| listing.source == source.name);
        for document in listed.filter_map(|listing| listing.documents.known()).flatten() {
            let file = source.root.join(&document.path).canonicalize().unwrap_or_default();
            if wanted.is_empty() || wanted.iter().any(|wanted| file.starts_with(wanted)) {
                let known: Vec<&Finding> =
                    findings.values().filter(|finding| is_of(finding, document)).collect();
                told.extend(write_one(writing, &register, (&source, document), &known));
            }
        }
    }
    Ok(told)
}

fn is_of(finding: &Finding, document: &Document) -> bool {
    finding.stated.source == document.source && finding.stated.path == document.path
}

fn write_one(
    writing: &Writing,
    register: &Register,
    (source, document): (&Source, &Document),
    known: &[&Finding],
) -> Option<Told> {
    let postmortem = document.postmortem.known()?;
    let mut told =
        Told { path: document.path.clone(), written: 0, refused: Vec::new(), unrecorded: 0, error: None };
    let mut comments = Vec::new();
    for item in &postmortem.findings {
        let finding = known.iter().find(|finding| finding.stated.line == item.line);
        let recorded = finding.filter(|finding| register.findings.contains_key(&finding.key));
        match recorded {
            Some(finding) => comments.extend(comment(writing, register, finding, item)),
            None => told.unrecorded += 1,
        }
    }
    let Where { check, .. } = match writing {
        Writing::WriteIds(asked) | Writing::WriteBack(asked) => asked,
    };
    let written = unchanged(source, document).and_then(|(file, bytes)| {
        let done = inscribe(source, &document.path, &bytes, &comments);
        told.written = done.written.len();
        told.refused = done.refused;
        if *check || done.bytes == bytes { Ok(()) } else { replace(&file, &done.bytes) }
    });
    if let Err(error) = written {
        told.written = 0;
        told.error = Some(error.to_string());
    }
    Some(told)
}

/// The comment that an action lacks.
fn comment(
    writing: &Writing,
    register: &Register,
    finding: &Finding,
    item: &DocumentFinding,
) -> Option<(usize, Comment)> {
    match writing {
        Writing::WriteIds(_) if item.id.is_some() => None,
        Writing::WriteIds(_) => Some((item.line, Comment::Id(finding.key.local().to_owned()))),
        Writing::WriteBack(_) => {
            let link = register.links.iter().find(|link| link.finding == finding.key)?;
            Some((item.line, Comment::Issue(format!("{} {}", link.issue.key, finding.state))))
        }
    }
}

fn print(told: &[Told], check: bool, output: &Output) -> Done {
    let failed = told.iter().any(|one| one.error.is_some());
    if output.is_json() {
        output.json(&told)?;
    } else {
        for one in told {
            let path = &one.path;
            let verb = if check { "to be written" } else { "written" };
            if one.written > 0 {
                output.line(format!(
                    "{} {path}: {} {verb}",
                    output.paint(Tone::Good, "✓"),
                    counted(one.written, "comment")
                ));
            }
            for line in &one.refused {
                output.line(format!("  {path}:{line}: a comment there would change what the document says; only Markdown takes them"));
            }
            if one.unrecorded > 0 {
                output.line(format!(
                    "  {path}: {} not recorded yet; run `sync` first",
                    counted(one.unrecorded, "finding")
                ));
            }
            if let Some(error) = &one.error {
                output.line(format!("{} {path}: {error}", output.paint(Tone::Bad, "✗")));
            }
        }
        let written: usize = told.iter().map(|one| one.written).sum();
        if written == 0 && !failed {
            output.line("nothing to write");
        }
    }
    let is_due = check && told.iter().any(|one| one.written > 0);
    Ok(if failed {
        Exit::Partial
    } else if is_due {
        Exit::Due
    } else {
        Exit::Success
    })
}
