//! `finding`: lists, shows and decides.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, Subcommand};

use anyhow::anyhow;
use tracing::warn;

use super::{
    Done, Exit, Failed, Global, audit,
    context::app,
    decide::{Decision, decide},
    finding_list,
    named::{meant, unknown},
    notes::standing_line,
    output::Output,
};
use crate::{
    app::{App, Reach, operator},
    cycle::{pauses, unsaid},
    model::{
        finding::Finding,
        ids::FindingKey,
        link::Link,
        note::Standing,
        register::{Register, Write},
        terms::State,
        words::WithWords,
    },
    plan::{identity::repeats, linked::text},
    review::{act::Act, clock, involvement::present, roles::nobody_may_verify},
    store::{HistoryQuery, Lease, StoreError},
};

/// Arguments of `finding`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync finding list --state pending_verification
  postmortem-sync finding show PM-2026-004/F1
  postmortem-sync finding assign PM-2026-004/F1 bo --as eli
  postmortem-sync finding verify PM-2026-004/F1 --evidence https://ci.example.org/runs/8812 --as eli
  postmortem-sync finding extend PM-2026-004/F1 --due 2026-06-30 --reason 'the vendor is late' --as eli")]
pub(super) struct FindingCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Lists findings that are not resolved yet.
    List(finding_list::List),
    /// Shows one finding with its issues and its history.
    #[command(after_help = "Example:\n  postmortem-sync finding show PM-2026-004/F1")]
    Show {
        /// The finding's key.
        finding: String,
    },
    #[command(flatten)]
    Decide(Decision),
}

/// What to say while no cycle has read any document.
pub(super) const EMPTY: &str = "the register holds no finding yet; `sync` reads the documents, in every mode";

/// Runs a verb.
pub(super) async fn finding(command: FindingCommand, global: &Global, output: &Output) -> Done {
    let app = app(global, output, Reach::Register).await?;
    match command.verb {
        Verb::List(list) => finding_list::list(&app, output, &list).await,
        Verb::Show { finding } => show(&app, output, &finding).await,
        Verb::Decide(decision) => decide(&app, output, &decision).await,
    }
}

async fn show(app: &App, output: &Output, name: &str) -> Done {
    let key = &meant(app.ports.store.as_ref(), name).await?;
    let register = rows(app, key).await?;
    let finding = known(app, &register, key).await?;
    let query = HistoryQuery { finding: Some(key.clone()), ..HistoryQuery::default() };
    let history = app.ports.store.history(&query).await.map_err(store_error)?;
    let links: Vec<_> = register.links.iter().filter(|link| link.finding == *key).collect();
    let alike = alike(app, finding).await?;
    let group = repeats(alike.values()).pop().unwrap_or_default();
    let repeats: Vec<&&Finding> = group.iter().filter(|other| other.key != *key).collect();
    let parts = present(finding, register.parts(key));
    let nobody = nobody_may(app, &register, finding);
    let notes = notes_of(app, &register, key);
    let version = register.versions.findings.get(key).copied().unwrap_or_default();
    let (team, beside) = (app.config.people.by_default_of(finding), app.config.people.beside(finding));
    if output.is_json() {
        let others: Vec<&FindingKey> = repeats.iter().map(|other| &other.key).collect();
        let links: Vec<_> = links.into_iter().map(|link| versioned(&register, link)).collect();
        output.json(&serde_json::json!({
            "finding": WithWords::from(finding), "version": version, "links": links, "history": history,
            "repeats": others, "parts": parts, "nobody_may_verify": nobody, "notes": notes,
            "default_of_team": team, "beside_owner": beside,
        }))?;
        return Ok(Exit::Success);
    }
    output.heading(format!("{key}  {}", finding.stated.words_inside().title));
    let of_team = team.map(|team| format!(" (the default of {team})")).unwrap_or_default();
    let owner = text(&finding.owner);
    output.line(format!("  {} · {} · owner {owner}{of_team}", finding.state, finding.severity));
    if !beside.is_empty() {
        output.line(format!("  named beside the owner: {}", beside.join(", ")));
    }
    let due = finding.clock.due.map_or("none".to_owned(), |due| due.to_string());
    let next =
        clock::next_review(&app.config.policy, finding).map_or("none".to_owned(), |next| next.to_string());
    let tlp = finding.stated.tlp;
    output.line(format!("  due {due} · next review {next} · TLP:{tlp} · version {version}"));
    if let Some(why) = &nobody {
        output.line(format!("  nobody may verify: {why}"));
    }
    for link in links {
        output.line(format!("  ↔ {} {} ({})", link.issue.key, link.issue.url, link.seen.status_text));
    }
    for part in parts {
        output.line(format!("  ⚑ {} {} ({})", part.party, part.part.did(), part.at.date_naive()));
    }
    notes.into_iter().for_each(|standing| output.line(standing_line(standing, output)));
    for other in repeats {
        output.line(format!("  ≈ {} asks for the same ({})", other.key, other.state));
    }
    audit::print(&history, output);
    Ok(Exit::Success)
}

/// Findings that ask for the same, and the finding itself.
async fn alike(app: &App, finding: &Finding) -> Result<BTreeMap<FindingKey, Finding>, Failed> {
    let store = &app.ports.store;
    let keys = store.alike(finding).await.map_err(store_error)?;
    let mut alike = store.rows(&keys).await.map_err(store_error)?.findings;
    alike.retain(|key, _| keys.contains(key));
    Ok(alike)
}

/// What stands of a finding.
fn notes_of<'a>(app: &App, register: &'a Register, key: &FindingKey) -> Vec<&'a Standing> {
    let now = app.ports.clock.now();
    let stands = |standing: &&Standing| standing.note.finding.as_ref() == Some(key) && !standing.is_over(now);
    register.notes.iter().filter(stands).collect()
}

/// A link with its version.
fn versioned(register: &Register, link: &Link) -> serde_json::Value {
    let version = register.versions.links.get(&(link.finding.clone(), link.issue.id.clone()));
    let mut shown = serde_json::json!(link);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("version".to_owned(), serde_json::json!(version));
    }
    shown
}

/// Why nobody may verify a claim that waits; none if somebody may.
fn nobody_may(app: &App, register: &Register, finding: &Finding) -> Option<String> {
    let (people, policy) = (&app.config.people, &app.config.policy);
    let by = people.0.keys().next().filter(|_| finding.state == State::PendingVerification)?;
    let parts = register.parts(&finding.key);
    nobody_may_verify(finding, Act { by, at: app.ports.clock.now(), people, policy, parts })
}

/// Loads the register. The pauses that it remembers hold for whatever is asked of trackers from now on.
pub(super) async fn load(app: &App) -> Result<Register, Failed> {
    let register = app.ports.store.load().await.map_err(store_error)?;
    pauses::restore(&app.ports.trackers, &register.pauses);
    unsaid::guard(&app.ports.trackers, &register.findings);
    Ok(register)
}

/// Loads what the register holds of a finding, and of what shares an issue with it; the rest as [`load`] does.
pub(super) async fn rows(app: &App, finding: &FindingKey) -> Result<Register, Failed> {
    of(app, &[finding.clone()].into()).await
}

/// Loads what belongs to no finding.
pub(super) async fn of_none(app: &App) -> Result<Register, Failed> {
    of(app, &BTreeSet::new()).await
}

async fn of(app: &App, findings: &BTreeSet<FindingKey>) -> Result<Register, Failed> {
    let register = app.ports.store.rows(findings).await.map_err(store_error)?;
    pauses::restore(&app.ports.trackers, &register.pauses);
    unsaid::guard(&app.ports.trackers, &register.findings);
    Ok(register)
}

/// Waits a little for the lease: a running cycle holds it for seconds.
pub(super) async fn lease(app: &App) -> Result<Lease, Failed> {
    const TRIES: u32 = 40;
    for n in 1..TRIES {
        match app.ports.store.lease(&app.config.holder).await {
            Err(error @ StoreError::Locked { .. }) => {
                if n == 1 {
                    warn!("{error}; waiting for it");
                }
                app.ports.timer.wait(std::time::Duration::from_millis(250)).await;
            }
            result => return result.map_err(store_error),
        }
    }
    app.ports.store.lease(&app.config.holder).await.map_err(store_error)
}

/// Takes the lease; where another process holds it, that may change the finding, whose version is read before the wait.
pub(super) async fn lease_after_a_look(app: &App, name: &str) -> Result<(Lease, Option<i64>), Failed> {
    match app.ports.store.lease(&app.config.holder).await {
        Ok(lease) => Ok((lease, None)),
        Err(StoreError::Locked { .. }) => {
            let key = meant(app.ports.store.as_ref(), name).await?;
            let version = rows(app, &key).await?.versions.findings.get(&key).copied();
            Ok((lease(app).await?, version))
        }
        Err(error) => Err(store_error(error)),
    }
}

/// Records what a person decided at the command line, with whose process it was that said so.
pub(super) async fn record(app: &App, lease: &Lease, mut writes: Vec<Write>) -> Result<(), Failed> {
    let known_by = operator();
    for write in &mut writes {
        if let Write::History(entry) = write {
            entry.known_by = Some(known_by.clone());
        }
    }
    app.ports.store.record(lease, writes).await.map_err(store_error)
}

/// The finding of a key.
async fn known<'a>(app: &App, register: &'a Register, key: &FindingKey) -> Result<&'a Finding, Failed> {
    match (register.findings.get(key), register.unfit(key)) {
        (Some(finding), _) => Ok(finding),
        (None, Some(misfit)) => Err(Failed::with(Exit::Held, anyhow!("{}", misfit.why()))),
        (None, None) => Err(unknown(app.ports.store.as_ref(), key.as_str()).await),
    }
}

/// The finding of a key, as long as everything that is recorded of it fits the history: else nobody decides on it.
pub(super) async fn fitting<'a>(
    app: &App,
    register: &'a Register,
    key: &FindingKey,
) -> Result<&'a Finding, Failed> {
    match register.unfit(key) {
        Some(misfit) => Err(Failed::with(Exit::Held, anyhow!("{}", misfit.why()))),
        None => known(app, register, key).await,
    }
}

/// A register error with its exit code.
pub(super) fn store_error(error: StoreError) -> Failed {
    super::context::store_failed(anyhow!("{error}"), &error)
}
