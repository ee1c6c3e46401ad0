//! `finding`: lists, shows and decides.

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand, ValueEnum};

use anyhow::anyhow;

use super::{
    Done, Exit, Failed, Global, audit,
    context::{app, instant, person},
    output::{Output, Tone},
};
use crate::{
    app::App,
    model::{
        finding::{Finding, Owner},
        ids::{FindingKey, PersonId},
        register::{Register, Write},
        terms::{State, Verdict},
    },
    plan::linked::text,
    review::{
        act::Act,
        clock, decision,
        refusal::Refusal,
        step::Step,
    },
    store::{HistoryQuery, Lease, StoreError},
};

/// Arguments of `finding`.
#[derive(Debug, Args)]
pub(super) struct FindingCommand {
    #[command(subcommand)]
    verb: Verb,
}

/// Who decides.
#[derive(Debug, Args)]
struct Decider {
    /// Who decides: a key of the people file, an e-mail address, or `@github-login`.
    #[arg(long = "as", id = "person", env = "POSTMORTEM_SYNC_AS", value_name = "PERSON")]
    person: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Lists findings that are not resolved yet.
    List {
        /// Only findings in this state.
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// Also those that are resolved or dismissed.
        #[arg(long)]
        all: bool,
        /// As of another instant.
        #[arg(long, value_parser = instant, value_name = "WHEN")]
        now: Option<DateTime<Utc>>,
    },
    /// Shows one finding with its issues and its history.
    Show {
        /// The finding's key.
        finding: String,
    },
    /// Gives a finding to somebody, or to nobody.
    Assign {
        /// The finding's key.
        finding: String,
        /// The new owner; `nobody` for none.
        owner: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Confirms that a claimed finding is done. Not by its owner, nor by whoever closed it.
    Verify {
        /// The finding's key.
        finding: String,
        /// What shows that it is done: a pull request, a test, a release. May be given several times.
        #[arg(long, required = true, value_name = "REFERENCE")]
        evidence: Vec<String>,
        /// The revised procedure; needed for process findings.
        #[arg(long, value_name = "REFERENCE")]
        procedure: Option<String>,
        #[command(flatten)]
        by: Decider,
    },
    /// Sends a claimed finding back to its owner; its issues are reopened with the reason.
    Reject {
        /// The finding's key.
        finding: String,
        /// Why, for the engineers to read.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Moves the deadline. Not by the owner; the original stays on record.
    Extend {
        /// The finding's key.
        finding: String,
        /// The new deadline.
        #[arg(long, value_name = "DATE")]
        due: NaiveDate,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Accepts the risk for a while.
    Waive {
        /// The finding's key.
        finding: String,
        /// Last day of the waiver.
        #[arg(long, value_name = "DATE")]
        expires: NaiveDate,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Takes a finding off the list: a duplicate, superseded, out of scope, or none.
    Dismiss {
        /// The finding's key.
        finding: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Opens a resolved, waived, dismissed or declined finding again.
    Reopen {
        /// The finding's key.
        finding: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: Decider,
    },
    /// Records a review; every unresolved finding has a next one.
    Review {
        /// The finding's key.
        finding: String,
        /// How it stands.
        #[arg(long, value_enum)]
        verdict: VerdictWord,
        /// What was said.
        #[arg(long)]
        note: Option<String>,
        /// When to review next, if sooner than usual.
        #[arg(long, value_name = "DATE")]
        next: Option<NaiveDate>,
        #[command(flatten)]
        by: Decider,
    },
    /// Says who closed the issue, where the tracker's account is nobody in the people file.
    Claimant {
        /// The finding's key.
        finding: String,
        /// Who it was.
        claimant: String,
        #[command(flatten)]
        by: Decider,
    },
}

/// A verdict on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum VerdictWord {
    /// It will be done in time.
    OnTrack,
    /// It may not be done in time.
    AtRisk,
    /// It will not be done in time.
    OffTrack,
    /// It cannot go on without somebody else.
    Blocked,
}

impl From<VerdictWord> for Verdict {
    fn from(word: VerdictWord) -> Self {
        match word {
            VerdictWord::OnTrack => Self::OnTrack,
            VerdictWord::AtRisk => Self::AtRisk,
            VerdictWord::OffTrack => Self::OffTrack,
            VerdictWord::Blocked => Self::Blocked,
        }
    }
}

fn state(text: &str) -> Result<State, String> {
    State::parse(text).ok_or_else(|| {
        let known: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
        format!("known states: {}", known.join(", "))
    })
}

/// Runs a verb.
pub(super) async fn finding(command: FindingCommand, global: &Global, output: &Output) -> Done {
    let app = app(global, output).await?;
    match command.verb {
        Verb::List { state, all, now } => list(&app, output, state, all, now).await,
        Verb::Show { finding } => show(&app, output, &FindingKey::new(finding)).await,
        verb => decide(&app, output, verb).await,
    }
}

async fn list(app: &App, output: &Output, state: Option<State>, all: bool, now: Option<DateTime<Utc>>) -> Done {
    let register = load(app).await?;
    let now = now.unwrap_or_else(|| app.ports.clock.now());
    let wanted = |finding: &&Finding| match state {
        Some(state) => finding.state == state,
        None => all || finding.state.is_unresolved(),
    };
    let findings: Vec<&Finding> = register.findings.values().filter(wanted).collect();
    if output.is_json() {
        output.json(&findings)?;
        return Ok(Exit::Success);
    }
    let rows = findings.iter().map(|finding| {
        let overdue = clock::overdue(&app.config.policy, finding, now);
        let due = finding.clock.due.map_or("none".to_owned(), |due| due.to_string());
        let issues: Vec<&str> = register
            .links
            .iter()
            .filter(|link| link.finding == finding.key)
            .map(|link| link.issue.key.as_str())
            .collect();
        vec![
            finding.key.to_string(),
            finding.state.to_string(),
            finding.severity.to_string(),
            if overdue { output.paint(Tone::Bad, format!("{due} overdue")) } else { due },
            text(&finding.owner),
            issues.join(" "),
            finding.stated.title.clone(),
        ]
    });
    output.table(&["finding", "state", "severity", "due", "owner", "issues", "title"], rows);
    Ok(Exit::Success)
}

async fn show(app: &App, output: &Output, key: &FindingKey) -> Done {
    let register = load(app).await?;
    let finding = known(&register, key)?;
    let query = HistoryQuery { finding: Some(key.clone()), cycle: None, limit: None };
    let history = app.ports.store.history(&query).await.map_err(store_error)?;
    let links: Vec<_> = register.links.iter().filter(|link| link.finding == *key).collect();
    if output.is_json() {
        output.json(&serde_json::json!({ "finding": finding, "links": links, "history": history }))?;
        return Ok(Exit::Success);
    }
    output.heading(format!("{key}  {}", finding.stated.title));
    output.line(format!("  {} · {} · owner {}", finding.state, finding.severity, text(&finding.owner)));
    let due = finding.clock.due.map_or("none".to_owned(), |due| due.to_string());
    let next = clock::next_review(&app.config.policy, finding).map_or("none".to_owned(), |next| next.to_string());
    output.line(format!("  due {due} · next review {next} · TLP:{}", finding.stated.tlp));
    for link in links {
        output.line(format!("  ↔ {} {} ({})", link.issue.key, link.issue.url, link.seen.status_text));
    }
    audit::print(&history, output);
    Ok(Exit::Success)
}

/// Takes the lease, lets the pure decision happen, records it with its history.
async fn decide(app: &App, output: &Output, verb: Verb) -> Done {
    let (key, by) = subject(&verb);
    let key = FindingKey::new(key);
    let by = person(&app.config.people, by)?;
    let lease = lease(app).await?;
    let decided = decide_under(app, &lease, &key, &by, &verb).await;
    app.ports.store.release(lease).await.map_err(store_error)?;
    let step = decided?;
    if output.is_json() {
        output.json(&step.finding)?;
    } else {
        let change = match (&step.before, &step.after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (_, after) => after.clone().unwrap_or_default(),
        };
        output.line(format!("{key} {}: {change}", step.field));
        output.line("The next cycle carries it to its issues.");
    }
    Ok(Exit::Success)
}

async fn decide_under(app: &App, lease: &Lease, key: &FindingKey, by: &PersonId, verb: &Verb) -> Result<Step, Failed> {
    let register = load(app).await?;
    let finding = known(&register, key)?;
    let at = app.ports.clock.now();
    let act = Act { by, at, people: &app.config.people, policy: &app.config.policy };
    let step = step(finding, act, verb).map_err(|refusal| Failed::with(Exit::Refused, anyhow!("{key}: {refusal}")))?;
    let entry = step.entry(at, "command", by.as_str());
    let writes = vec![Write::Finding(Box::new(step.finding.clone())), Write::History(entry)];
    app.ports.store.record(lease, writes).await.map_err(store_error)?;
    Ok(step)
}

/// The finding and the person of a deciding verb.
fn subject(verb: &Verb) -> (&str, Option<&str>) {
    match verb {
        Verb::List { .. } => ("", None),
        Verb::Show { finding } => (finding, None),
        Verb::Assign { finding, by, .. }
        | Verb::Verify { finding, by, .. }
        | Verb::Reject { finding, by, .. }
        | Verb::Extend { finding, by, .. }
        | Verb::Waive { finding, by, .. }
        | Verb::Dismiss { finding, by, .. }
        | Verb::Reopen { finding, by, .. }
        | Verb::Review { finding, by, .. }
        | Verb::Claimant { finding, by, .. } => (finding, by.person.as_deref()),
    }
}

fn step(finding: &Finding, act: Act<'_>, verb: &Verb) -> Result<Step, Refusal> {
    let people = act.people;
    match verb {
        Verb::Assign { owner, .. } if owner == "nobody" => decision::assign(finding, act, &Owner::Nobody),
        Verb::Assign { owner, .. } => decision::assign(finding, act, &people.owner_written(owner)),
        Verb::Verify { evidence, procedure, .. } => decision::verify(finding, act, evidence, procedure.as_deref()),
        Verb::Reject { reason, .. } => decision::reject(finding, act, reason),
        Verb::Extend { due, reason, .. } => decision::extend(finding, act, *due, reason),
        Verb::Waive { expires, reason, .. } => decision::waive(finding, act, *expires, reason),
        Verb::Dismiss { reason, .. } => decision::dismiss(finding, act, reason),
        Verb::Reopen { reason, .. } => decision::reopen(finding, act, reason),
        Verb::Review { verdict, note, next, .. } => {
            decision::review(finding, act, (*verdict).into(), note.as_deref(), *next)
        }
        Verb::Claimant { claimant, .. } => match people.owner_written(claimant) {
            Owner::Person(person) => decision::name_claimant(finding, act, &person),
            Owner::Nobody | Owner::Unmapped(_) => Err(Refusal::UnknownPerson(claimant.clone())),
        },
        Verb::List { .. } | Verb::Show { .. } => Err(Refusal::UnknownPerson(String::new())),
    }
}

/// Loads the register.
pub(super) async fn load(app: &App) -> Result<Register, Failed> {
    app.ports.store.load().await.map_err(store_error)
}

/// Waits a little for the lease: a running cycle holds it for seconds.
pub(super) async fn lease(app: &App) -> Result<Lease, Failed> {
    const TRIES: u32 = 40;
    for _ in 1..TRIES {
        match app.ports.store.lease(&app.config.holder).await {
            Err(StoreError::Locked { .. }) => app.ports.timer.wait(std::time::Duration::from_millis(250)).await,
            result => return result.map_err(store_error),
        }
    }
    app.ports.store.lease(&app.config.holder).await.map_err(store_error)
}

/// The finding of a key, or the nearest key that exists.
pub(super) fn known<'a>(register: &'a Register, key: &FindingKey) -> Result<&'a Finding, Failed> {
    register.findings.get(key).ok_or_else(|| {
        let similarity = |other: &FindingKey| strsim::jaro_winkler(other.as_str(), key.as_str());
        let nearest = register.findings.keys().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
        let help = nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
        Failed::with(Exit::Configuration, anyhow!("the register has no finding {key}{help}"))
    })
}

/// A register error with its exit code.
pub(super) fn store_error(error: StoreError) -> Failed {
    super::context::store_failed(anyhow!("{error}"), &error)
}
