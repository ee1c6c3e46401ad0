//! `check` and `schema`: is everything right before anything is written?

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Days, Utc};
use clap::{Args, ValueEnum};

use super::{
    Done, Exit, Failed, Global,
    context::{counted, load, remember_pauses, unusable},
    output::{Output, Tone},
    proof::{self, Proven},
    routing::{self, Routing},
    telemetry::{self, Audience},
};
use crate::{
    app::{self, Documents, Reach, SystemClock},
    cycle::{pauses, ports::Library as _, unsaid},
    model::{
        clock::Clock,
        deadline::Policy,
        finding::{Finding, Owner},
        ids::TrackerName,
        observed::Observed,
        owner::Written,
        people::People,
        postmortem::{Diagnostic, Level},
        rule::Rule,
    },
    plan::{
        intake::{Intake, Listing, Terms, take_in},
        linked::text,
    },
    review::calendar::{local_date, uncovered_years},
    settings::{self as configuration, Settings, general::StoreAddress},
    source::strict,
    store::Store,
    tracker::TrackerWrite,
};

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync check
  postmortem-sync check --online
  postmortem-sync check --format json | jq .unrouted

Exit codes: 0 all is well; 2 something is wrong in a file; 3 a credential or a place could not be proven")]
pub(super) struct Check {
    /// Also prove every credential and every place that a rule names, without writing.
    #[arg(long)]
    online: bool,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postmortem-sync schema config > schema.json
  postmortem-sync schema report")]
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
    /// What `report --format json` prints.
    Report,
}

/// Prints a schema.
pub(super) fn schema(command: &SchemaCommand, output: &Output) -> Done {
    output.json(&match command.of {
        Schema::Config => configuration::schema(),
        Schema::People => configuration::people_schema(),
        Schema::Postmortem => strict::schema(),
        Schema::Report => crate::report::schema(),
    })?;
    Ok(Exit::Success)
}

/// Days for which the calendar has to know its holidays: reviewers have deadlines in business days.
const CALENDAR_DAYS: u64 = 60;

/// Checks configuration and documents, and places if asked.
pub(super) async fn check(command: Check, global: &Global, output: &Output) -> Done {
    let settings = match load(global) {
        Ok(settings) => settings,
        Err(wrong) => {
            if output.is_json() {
                output.json(&serde_json::json!({ "diagnostics": wrong, "ok": false }))?;
            }
            return Err(unusable(global, output, &wrong));
        }
    };
    telemetry::start(global.log.as_deref(), Some(&settings.log), Audience::Watcher, output);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let now = clock.now();
    let can_ask = command.online && no_secret_is_missing(&settings);
    let reach = if can_ask { Reach::Trackers } else { Reach::Register };
    let trackers =
        app::trackers(&settings, reach, &clock).map_err(|error| Failed::with(Exit::Configuration, error))?;
    let register = if can_ask { remembered(&settings, now, &trackers, output).await } else { None };
    let wikis = app::wikis(&settings, reach).map_err(|error| Failed::with(Exit::Configuration, error))?;
    let library = Documents::new(settings.sources.clone(), trackers.clone());
    let library = library.knowing(&settings.people).with_wikis(wikis);
    let listings = library.listings().await;
    let terms = Terms { people: &settings.people, policy: &settings.policy, now };
    let intake = take_in(terms, &BTreeMap::new(), &listings);
    unsaid::guard(&trackers, &intake.findings);
    let routing = routing::of(&settings.rules, &intake);
    let diagnostics = diagnostics(&settings, &listings, &intake, now, command.online);
    let proven = if can_ask { proof::places(&settings, &trackers, &routing).await } else { Vec::new() };
    if let Some(register) = &register {
        remember_pauses(register.as_ref(), &trackers, &app::config(&settings).holder).await;
    }
    let is_wrong = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    let is_unproven = proven.iter().any(|place| !place.well);
    if output.is_json() {
        let value = serde_json::json!({
            "documents": documents(&listings), "findings": intake.findings.len(), "diagnostics": diagnostics,
            "rules": routing.rules, "unrouted": routing.unrouted, "places": proven, "ok": !is_wrong && !is_unproven,
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
            counted(documents(&listings), "document"),
            counted(intake.findings.len(), "finding"),
        ));
        print(&routing, &proven, output);
    }
    Ok(match (is_wrong, is_unproven) {
        (true, _) => Exit::Configuration,
        (false, true) => Exit::Partial,
        (false, false) => Exit::Success,
    })
}

/// Whether every secret can be read.
fn no_secret_is_missing(settings: &Settings) -> bool {
    settings.missing_secrets(|_| true).is_empty() && settings.missing_source_secrets().is_empty()
}

/// The register, if there is one, once the pauses that it remembers hold.
async fn remembered(
    settings: &Settings,
    now: DateTime<Utc>,
    trackers: &BTreeMap<TrackerName, Arc<dyn TrackerWrite>>,
    output: &Output,
) -> Option<Arc<dyn Store>> {
    let opened = async {
        let store = app::open_store(settings, now).await?;
        let held = store.pauses().await?;
        pauses::restore(trackers, &held);
        anyhow::Ok(store)
    };
    let is_there = matches!(&settings.store, StoreAddress::Sqlite(path) if path.exists());
    let opened = if is_there { opened.await.map(Some) } else { Ok(None) };
    opened.unwrap_or_else(|error| {
        output.aside(format!("warning: pauses that trackers asked for are not known: {error:#}"));
        None
    })
}

fn print(routing: &Routing, proven: &[Proven], output: &Output) {
    routing::print(routing, output);
    for place in proven {
        let mark = if place.well { output.paint(Tone::Good, "✓") } else { output.paint(Tone::Bad, "✗") };
        output.line(format!("{mark} {}: {}", place.name, place.says));
        for lack in &place.lacks {
            output.line(format!("    {lack}"));
        }
        if let Some(help) = place.help {
            output.line(format!("    help: {help}"));
        }
    }
}

fn documents(listings: &[Listing]) -> usize {
    listings.iter().filter_map(|listing| listing.documents.known()).map(Vec::len).sum()
}

/// Everything noticed in files, in the order in which somebody would mend it: configuration, then documents.
fn diagnostics(
    settings: &Settings,
    listings: &[Listing],
    intake: &Intake,
    now: DateTime<Utc>,
    online: bool,
) -> Vec<Diagnostic> {
    // Where the worker runs is not always where its configuration is checked.
    let secret = |missing: Diagnostic| match online {
        true => missing,
        false => Diagnostic { level: Level::Warning, ..missing },
    };
    let unlisted =
        settings.sources.iter().zip(listings).filter_map(|(source, listing)| match &listing.documents {
            Observed::Known(_) => None,
            _ if !online && source.is_remote() => Some(source.unasked()),
            Observed::Missing => Some(source.unlisted("its folder was not found")),
            Observed::Unknown { why } => Some(source.unlisted(why)),
        });
    let documents = listings.iter().filter_map(|listing| listing.documents.known()).flatten();
    let mut all = settings.warnings.clone();
    all.extend(settings.unusable_store());
    if online {
        all.extend(settings.wrong_surroundings());
    }
    all.extend(settings.missing_secrets(|_| true).into_iter().map(secret));
    all.extend(settings.missing_source_secrets().into_iter().map(secret));
    all.extend(settings.unusable_connections(|_| true, true));
    all.extend(settings.exposed_secrets(|_| true));
    all.extend(settings.exposed_source_secrets());
    all.extend(calendar(settings, now));
    all.extend(unlisted);
    all.extend(documents.flat_map(|document| document.diagnostics.clone()));
    all.extend(intake.diagnostics.iter().cloned());
    all.extend(strangers(&settings.people, intake));
    all.extend(intake.findings.values().filter_map(|finding| unknown_target(&settings.rules, finding)));
    all
}

/// Years soon to come for which the calendar lists no holidays.
fn calendar(settings: &Settings, now: DateTime<Utc>) -> Vec<Diagnostic> {
    let Policy { zone, calendar, .. } = &settings.policy;
    let today = local_date(*zone, now);
    let last = today.checked_add_days(Days::new(CALENDAR_DAYS)).unwrap_or(today);
    uncovered_years(calendar, today, last).into_iter().map(|year| settings.without_holidays(year)).collect()
}

/// Owners and reviewers whom the people directory does not know, once for each document.
fn strangers(people: &People, intake: &Intake) -> Vec<Diagnostic> {
    if people.0.is_empty() {
        // One warning says that already.
        return Vec::new();
    }
    let mut told: Vec<Diagnostic> =
        intake.findings.values().flat_map(|finding| unknown(people, finding)).collect();
    told.sort_by(|a, b| (&a.path, &a.message, a.line).cmp(&(&b.path, &b.message, b.line)));
    told.dedup_by(|later, first| (&later.path, &later.message) == (&first.path, &first.message));
    told.sort();
    told
}

fn unknown(people: &People, finding: &Finding) -> Vec<Diagnostic> {
    let stated = &finding.stated;
    let warning = |line: usize, code: &str, what: &str, text: &str| Diagnostic {
        path: stated.path.clone(),
        line,
        column: 0,
        level: Level::Warning,
        code: code.to_owned(),
        message: format!("the {what} `{text}` is nobody of the people directory"),
        help: Some(people.advice(text).unwrap_or_else(|| {
            "add them, or write a name, a key, an e-mail address, `@github-login` or `jira:accountId`"
                .to_owned()
        })),
    };
    let is_stranger = |text: &&String| matches!(people.owner_written(text), Owner::Unmapped(_));
    let owner = match people.owners_written(stated.owner.as_deref().unwrap_or_default()) {
        Written { owner: Owner::Unmapped(text), .. } => vec![text],
        Written { .. } => people.beside(finding),
    };
    let owner = owner.iter().filter(is_stranger);
    let owner = owner.map(|text| warning(stated.line, "owner_unresolved", "owner", text));
    let reviewers = stated.reviewers.iter().filter(is_stranger);
    let reviewers = reviewers.map(|text| warning(0, "reviewer_unresolved", "reviewer", text));
    owner.chain(reviewers).chain(several(people, finding)).collect()
}

/// That somebody is named beside the owner: nobody is lost in silence.
fn several(people: &People, finding: &Finding) -> Option<Diagnostic> {
    let others = people.beside(finding);
    let written = finding.stated.owner.as_deref().filter(|_| !others.is_empty())?;
    let owner = text(&finding.owner);
    Some(Diagnostic {
        path: finding.stated.path.clone(),
        line: finding.stated.line,
        column: 0,
        level: Level::Info,
        code: "several_owners".to_owned(),
        message: format!(
            "`{written}` names several: `{owner}` owns it, and {} is kept beside",
            others.join(", ")
        ),
        help: Some(
            "name one owner; whoever stands beside is on record, is assigned nothing and verifies nothing"
                .to_owned(),
        ),
    })
}

/// What to tell of a finding that asks for a rule which is not there: no rule takes it.
fn unknown_target(rules: &[Rule], finding: &Finding) -> Option<Diagnostic> {
    let stated = &finding.stated;
    let target =
        stated.target.as_ref().filter(|target| !rules.iter().any(|rule| rule.name.as_str() == *target))?;
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    Some(Diagnostic {
        path: stated.path.clone(),
        line: stated.line,
        column: 0,
        level: Level::Warning,
        code: "target_unknown".to_owned(),
        message: format!("{} asks for the rule `{target}`, which does not exist", finding.key),
        help: Some(format!("name one of {}, or take `target` out", names.join(", "))),
    })
}
