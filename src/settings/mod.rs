//! Configuration: files in, model types out, and every mistake told at once with its place and what to do.
//!
//! Knows the file format, the environment and where secrets are kept.
//! Knows nothing of trackers' wire formats, of the database or of what the settings are used for.

pub mod connection;
pub mod file;
pub mod general;
pub mod label;
pub mod secret;
pub mod source;
pub mod status;
pub mod tracker;
pub mod wiki;

mod address;
mod deadline;
mod known;
mod literal;
mod people;
mod reading;
mod rule;
mod shadow;
mod suggest;
mod surroundings;
mod template;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use chrono::TimeDelta;
use secrecy::SecretString;

use self::{
    connection::ConnectionSettings,
    file::{
        main::{LogEntry, MainFile},
        part::Part,
    },
    general::{ScheduleSettings, StoreAddress},
    known::Known,
    label::Labels,
    reading::{Place, Reading},
    secret::{Environment, SecretRef},
    source::SourceSettings,
    tracker::TrackerSettings,
    wiki::ConfluenceSettings,
};
use crate::{
    model::{
        deadline::Policy,
        ids::{InstanceName, TrackerName},
        people::People,
        postmortem::{Diagnostic, Level},
        rule::{Limits, OnUnknown, Outcome, Rule},
        terms::Mode,
        tree::Schema,
    },
    net::connecting::Connecting,
};

pub use self::{
    file::{people_schema, schema},
    secret::environment,
};

/// Everything that the configuration says. It holds references to secrets, never a secret.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The main file.
    pub path: PathBuf,
    /// SHA-256 over every file that was read, in hexadecimal; a plan names the one it was made from.
    pub digest: String,
    /// Name of this deployment.
    pub instance: InstanceName,
    /// Where the register is.
    pub store: StoreAddress,
    /// Where the key of the markers is kept; none where the register has its own.
    pub marker_key: Option<SecretRef>,
    /// What a cycle may write to trackers.
    pub mode: Mode,
    /// When the worker runs.
    pub schedule: ScheduleSettings,
    /// Loopback address of the health pages; none for off.
    pub listen: Option<SocketAddr>,
    /// What is logged and how.
    pub log: LogEntry,
    /// Where findings come from.
    pub sources: Vec<SourceSettings>,
    /// Where issues are created.
    pub trackers: Vec<TrackerSettings>,
    /// Which finding goes where; the first match wins.
    pub rules: Vec<Rule>,
    /// Labels that we own.
    pub labels: Labels,
    /// How long findings may take.
    pub policy: Policy,
    /// Brakes of one cycle.
    pub limits: Limits,
    /// How long an unclear create is left alone before it may be tried again.
    pub settle: TimeDelta,
    /// What happens to a create that stays unclear after that.
    pub on_unknown: OnUnknown,
    /// How long a field that a tracker refused, or a create that failed five times, is left alone.
    pub cooldown: TimeDelta,
    /// In which time every finding is looked at in full.
    pub audit: TimeDelta,
    /// For how long what was read of a tracker or a source counts as fresh.
    pub fresh_within: TimeDelta,
    /// Who is who.
    pub people: People,
    /// What a person should look at; nothing of it keeps the worker from running.
    pub warnings: Vec<Diagnostic>,
    environment: Environment,
    /// Where the calendar is named or written.
    calendar: Place,
    /// Where the store is named.
    register: Place,
}

impl Settings {
    /// Reads the main file and every file it names. No secret is read, so this works offline and without them.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of files and lines; warnings are among it.
    pub fn load(path: &Path, environment: Environment) -> Result<Self, Vec<Diagnostic>> {
        let page = Reading::open(path).map_err(|error| vec![with_advice(error)])?;
        Self::read(page, path, environment)
    }

    /// Reads a text as if it stood in the main file at a path, with every file it names.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn of(path: &Path, text: String, environment: Environment) -> Result<Self, Vec<Diagnostic>> {
        let page = Reading::of(path, text).map_err(|error| vec![error])?;
        Self::read(page, path, environment)
    }

    fn read(mut page: Reading, path: &Path, environment: Environment) -> Result<Self, Vec<Diagnostic>> {
        let file: Part<MainFile> = page.parse();
        page.check(&CHECKED);
        let settings = match page.part("", &file) {
            Some(file) => assemble(&mut page, file, path, environment),
            None => None,
        };
        literal::refuse(&mut page);
        let digest = page.digest();
        let noticed = page.into_noticed();
        let is_wrong = noticed.iter().any(|diagnostic| diagnostic.level == Level::Error);
        match settings {
            Some(settings) if !is_wrong => Ok(Self { digest, warnings: noticed, ..settings }),
            Some(_) | None => Err(noticed),
        }
    }

    /// Reads a secret. Nothing is kept: a file that is replaced is read anew the next time.
    ///
    /// # Errors
    /// When it is not there, empty or damaged; the error names the reference and where it is written, never the value.
    pub fn secret(&self, reference: &SecretRef) -> Result<SecretString, Diagnostic> {
        reference.read(&self.environment)
    }

    /// Every secret of some trackers that cannot be read now, in the order of the file, and the key of the markers.
    pub fn missing_secrets(&self, of: impl Fn(&TrackerName) -> bool) -> Vec<Diagnostic> {
        let trackers = self.trackers.iter().filter(|tracker| of(&tracker.name));
        let references = trackers.flat_map(TrackerSettings::secrets).chain(&self.marker_key);
        references.filter_map(|reference| self.secret(reference).err()).collect()
    }

    /// What to tell of the secrets of some trackers that others can read, in the order of the file, and of the key of the
    /// markers.
    pub fn exposed_secrets(&self, of: impl Fn(&TrackerName) -> bool) -> Vec<Diagnostic> {
        let trackers = self.trackers.iter().filter(|tracker| of(&tracker.name));
        let references = trackers.flat_map(TrackerSettings::secrets).chain(&self.marker_key);
        references.filter_map(SecretRef::exposed).collect()
    }

    /// Every secret of a source of its own that cannot be read now, in the order of the file.
    pub fn missing_source_secrets(&self) -> Vec<Diagnostic> {
        self.source_secrets().filter_map(|reference| self.secret(reference).err()).collect()
    }

    /// What to tell of the secrets of sources that others can read, in the order of the file.
    pub fn exposed_source_secrets(&self) -> Vec<Diagnostic> {
        self.source_secrets().filter_map(SecretRef::exposed).collect()
    }

    fn source_secrets(&self) -> impl Iterator<Item = &SecretRef> {
        self.sources.iter().filter_map(SourceSettings::wiki).flat_map(ConfluenceSettings::secrets)
    }

    /// How connections to a server are made, with certificates and proxies read.
    ///
    /// # Errors
    /// One of them is not there, or is not what it should be; the error names where it is written, never a secret.
    pub fn connecting(&self, connection: &ConnectionSettings) -> Result<Connecting, Diagnostic> {
        connection.connecting(&self.environment)
    }

    /// What keeps connections to some trackers, and to wikis where documents are read, from being made as they are configured. A
    /// secret that cannot be read is told elsewhere.
    pub fn unusable_connections(&self, of: impl Fn(&TrackerName) -> bool, wikis: bool) -> Vec<Diagnostic> {
        let trackers = self.trackers.iter().filter(|tracker| of(&tracker.name));
        let wikis = self.sources.iter().filter(|_| wikis).filter_map(SourceSettings::wiki);
        let all = trackers.map(|tracker| &tracker.connection).chain(wikis.map(|wiki| &wiki.connection));
        let is_told = |connection: &&ConnectionSettings| {
            connection.secrets().any(|reference| self.secret(reference).is_err())
        };
        all.filter(|connection| !is_told(connection))
            .filter_map(|connection| self.connecting(connection).err())
            .collect()
    }

    /// What the environment says of proxies and certificate authorities and cannot be used.
    pub fn wrong_surroundings(&self) -> Vec<Diagnostic> {
        surroundings::wrong(&self.environment)
    }

    /// What to tell when this program cannot use the store that is configured.
    pub fn unusable_store(&self) -> Option<Diagnostic> {
        let help = Some("write `sqlite:PATH`".to_owned());
        match self.store {
            StoreAddress::Sqlite(_) => None,
            StoreAddress::Postgres(_) => {
                Some(self.register.error("store", "PostgreSQL cannot be used yet".to_owned(), help))
            }
        }
    }

    /// What to tell when the calendar lists no holidays for a year that is near.
    pub fn without_holidays(&self, year: i32) -> Diagnostic {
        let name = &self.policy.calendar.name;
        let message = format!("the calendar `{name}` lists no holidays for {year}");
        let help = format!("list them; until then business days of {year} may come too early");
        self.calendar.warning("calendar", message, Some(help))
    }
}

/// What to do when there is no main file: most likely somebody begins.
fn with_advice(error: Diagnostic) -> Diagnostic {
    let advice = "`init` writes a first one; `--config FILE` names another; `config/postmortem-sync.yaml` is an example, and `demo` needs none";
    let is_missing = error.code == reading::MISSING;
    let help = error.help.or_else(|| is_missing.then(|| advice.to_owned()));
    Diagnostic { help, ..error }
}

/// The schema without what is told in other words.
static CHECKED: LazyLock<Schema> = LazyLock::new(|| {
    let mut schema = schema();
    if let Some(required) = schema.get_mut("required").and_then(serde_json::Value::as_array_mut) {
        required.retain(|key| key != "mode");
    }
    Schema::new(schema)
});

/// Every part of the settings is read even when an earlier one is wrong; only then is anything given up.
fn assemble(page: &mut Reading, file: &MainFile, path: &Path, environment: Environment) -> Option<Settings> {
    let people = people::people(page, file);
    let known = Known::collect(page, &people);
    let instance = general::instance(page, file);
    let mode = general::mode(page, file);
    let store = general::store(page, file);
    let marker_key =
        file.marker_key.as_ref().and_then(|entry| tracker::reference(page, "/marker_key", entry));
    let schedule = general::schedule(page, file);
    let listen = general::listen(page, file);
    let log = page.part("/log", &file.log).cloned();
    let trackers = tracker::trackers(page, file);
    let rules = rule::rules(page, file, &known);
    let projects = source::projects(&rules, |name| known.trackers.get(name).copied().flatten());
    let sources = source::sources(page, file, &known, &projects);
    let labels = label::labels(page, file, &known);
    let zone = schedule.as_ref().map_or(chrono_tz::Tz::UTC, |schedule| schedule.zone);
    let policy = deadline::policy(page, file, zone);
    let limits = general::limits(page, file);
    let settle = general::settle(page, file);
    let on_unknown = page.part("/on_unknown", &file.on_unknown).copied();
    let cooldown = general::cooldown(page, file);
    let audit = general::audit(page, file);
    let fresh_within = general::fresh_within(page, file);
    warn_of_idle_parts(page, &known, &rules, &sources);
    Some(Settings {
        path: path.to_owned(),
        digest: String::new(),
        instance: instance?,
        store: store?,
        marker_key,
        mode: mode?,
        schedule: schedule?,
        listen: listen?,
        log: log?,
        sources,
        trackers,
        rules,
        labels: labels?,
        policy: policy?,
        limits: limits?,
        settle: settle?,
        on_unknown: on_unknown?,
        cooldown: cooldown?,
        audit: audit?,
        fresh_within: fresh_within?,
        people,
        warnings: Vec::new(),
        environment,
        calendar: page.place("/deadlines/calendar"),
        register: page.place("/store"),
    })
}

/// Parts that are declared and never used are most likely a slip.
fn warn_of_idle_parts(page: &mut Reading, known: &Known, rules: &[Rule], sources: &[SourceSettings]) {
    if known.sources.is_empty() {
        let help = "add `sources` with the files of your postmortems".to_owned();
        page.warn(
            "",
            "no_sources",
            "there are no sources, so there will be no findings".to_owned(),
            Some(help),
        );
    }
    if page.value().pointer("/rules/0").is_none() {
        let help = "add `rules`; until then every finding is listed as unrouted".to_owned();
        page.warn("", "no_rules", "there are no rules, so no issue is ever created".to_owned(), Some(help));
    }
    let used = |tracker: &str| {
        let is_source =
            sources.iter().any(|source| source.tracker().is_some_and(|name| name.as_str() == tracker));
        is_source
            || rules.iter().any(|rule| match &rule.then {
                Outcome::Create(to) => to.tracker.as_str() == tracker,
                Outcome::Register { .. } => false,
            })
    };
    for (name, at) in known.tracker_places() {
        if !used(name) {
            let message = format!("no rule creates issues in the tracker `{name}`");
            page.warn(
                at,
                "unused_tracker",
                message,
                Some("issues that documents cite are followed even so".to_owned()),
            );
        }
    }
}
