//! `check` and `schema`: is everything right before anything is written?

use clap::{Args, ValueEnum};

use super::{
    Done, Exit, Global,
    context::{build, counted, settings},
    output::{Output, Tone},
    telemetry,
};
use crate::{
    app::{self, App, Unwatched},
    model::{
        issue::Visibility,
        observed::Observed,
        postmortem::{Diagnostic, Document, Level},
        rule::Outcome,
        terms::Tlp,
    },
    settings::{self as configuration, Settings},
    source::strict,
};

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  postmortem-sync check\n  postmortem-sync check --online")]
pub(super) struct Check {
    /// Also prove every credential and every place that a rule names, without writing.
    #[arg(long)]
    online: bool,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  postmortem-sync schema config > schema.json")]
pub(super) struct SchemaCommand {
    /// Which schema.
    #[arg(value_enum)]
    of: Schema,
}

/// Which schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Schema {
    /// The main configuration file.
    Config,
    /// The people file.
    People,
    /// The strict document format, `postmortem/1`.
    Postmortem,
}

/// Prints a schema.
pub(super) fn schema(command: &SchemaCommand, output: &Output) -> Done {
    output.json(&match command.of {
        Schema::Config => configuration::schema(),
        Schema::People => configuration::people_schema(),
        Schema::Postmortem => strict::schema(),
    })?;
    Ok(Exit::Success)
}

/// Checks configuration and documents, and places if asked.
pub(super) async fn check(command: Check, global: &Global, output: &Output) -> Done {
    let settings = settings(global, output)?;
    telemetry::start(global.log.as_deref(), Some(&settings.log), true);
    let mut diagnostics = settings.warnings.clone();
    let (documents, unlisted) = documents(&settings).await;
    diagnostics.extend(unlisted);
    diagnostics.extend(documents.iter().flat_map(|document| document.diagnostics.clone()));
    let findings: usize = documents
        .iter()
        .filter_map(|document| document.postmortem.known())
        .map(|read| read.findings.len())
        .sum();
    let proven = if command.online { places(settings.clone()).await? } else { Vec::new() };
    let wrong = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    let unproven = proven.iter().any(|place| !place.well);
    if output.is_json() {
        let value = serde_json::json!({
            "documents": documents.len(), "findings": findings, "diagnostics": diagnostics, "places": proven,
            "ok": !wrong && !unproven,
        });
        output.json(&value)?;
    } else {
        output.diagnostics(&diagnostics);
        output.line(format!(
            "{}: {}, {}, {}; {} with {}",
            global.config.display(),
            counted(settings.rules.len(), "rule"),
            counted(settings.trackers.len(), "tracker"),
            counted(settings.sources.len(), "source"),
            counted(documents.len(), "document"),
            counted(findings, "finding"),
        ));
        for place in &proven {
            let mark =
                if place.well { output.paint(Tone::Good, "✓") } else { output.paint(Tone::Bad, "✗") };
            output.line(format!("{mark} {}: {}", place.name, place.says));
        }
    }
    Ok(match (wrong, unproven) {
        (true, _) => Exit::Configuration,
        (false, true) => Exit::Partial,
        (false, false) => Exit::Success,
    })
}

async fn documents(settings: &Settings) -> (Vec<Document>, Vec<Diagnostic>) {
    let mut documents = Vec::new();
    let mut unlisted = Vec::new();
    for source in &settings.sources {
        let reader = app::source(source);
        let read = tokio::task::spawn_blocking(move || reader.read()).await;
        match read.unwrap_or_else(|error| Observed::unknown(error.to_string())) {
            Observed::Known(read) => documents.extend(read),
            Observed::Missing => unlisted.push(cannot_list(source.name.as_str(), "it was not found")),
            Observed::Unknown { why } => unlisted.push(cannot_list(source.name.as_str(), &why)),
        }
    }
    (documents, unlisted)
}

fn cannot_list(source: &str, why: &str) -> Diagnostic {
    Diagnostic {
        path: format!("source `{source}`"),
        line: 0,
        column: 0,
        level: Level::Error,
        code: "source_unreadable".to_owned(),
        message: why.to_owned(),
        help: Some("correct `files` or `root` of this source".to_owned()),
    }
}

/// What was proven of one credential or place.
#[derive(Debug, serde::Serialize)]
struct Proven {
    name: String,
    well: bool,
    says: String,
}

/// Asks every tracker who we are, and every place that a rule names what it is.
async fn places(settings: Settings) -> Result<Vec<Proven>, super::Failed> {
    let app = build(settings, std::sync::Arc::new(Unwatched)).await?;
    let mut proven = Vec::new();
    for (name, tracker) in &app.ports.trackers {
        let (well, says) = match tracker.whoami().await {
            Ok(account) => (true, format!("acts as {account}")),
            Err(error) => (false, error.to_string()),
        };
        proven.push(Proven { name: name.to_string(), well, says });
    }
    for rule in &app.config.rules {
        if let Outcome::Create(to) = &rule.then {
            proven.push(place(&app, rule.name.as_str(), to).await);
        }
    }
    Ok(proven)
}

async fn place(app: &App, rule: &str, to: &crate::model::rule::Destination) -> Proven {
    let name = format!("rule `{rule}` → {} {}", to.tracker, to.place);
    let Some(tracker) = app.ports.trackers.get(&to.tracker) else {
        return Proven { name, well: false, says: "the tracker is not configured".to_owned() };
    };
    let (well, says) = match tracker.place(&to.place).await {
        Err(error) => (false, error.to_string()),
        Ok(facts) => {
            let (seen, most) = match facts.visibility {
                Visibility::Private => ("private", to.max_tlp),
                Visibility::Internal => ("internal", to.max_tlp.min(Tlp::Green)),
                Visibility::Public => ("public", Tlp::Clear),
            };
            match facts.closed {
                Some(why) => (false, why),
                None => (true, format!("id {}, {seen}, takes findings up to TLP:{most}", facts.id)),
            }
        }
    };
    Proven { name, well, says }
}
