//! The main file, `postmortem-sync.yaml`.

use std::{collections::BTreeMap, num::NonZeroU64};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{
    deadlines::DeadlinesEntry,
    part::{Part, either},
    rule::{RuleEntry, TemplateEntry},
    tracker::{SecretEntry, TrackerEntry},
    wiki::ConfluenceEntry,
};
use crate::model::{
    conventions::MoreWords,
    rule::OnUnknown,
    terms::{Column, DateOrder, Mode},
};

/// The main file. Paths in it are relative to its folder.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MainFile {
    /// Name of this deployment: lower-case letters, digits and hyphens. It is part of every marker, so it must never
    /// change once issues were created.
    #[schemars(required)]
    pub instance: Option<Part<String>>,
    /// Where the register is: `sqlite:FILE`. A PostgreSQL address without a password is accepted as well; the password
    /// then comes from `PGPASSWORD` or a password file.
    #[serde(default = "default_store")]
    pub store: Part<String>,
    /// Key of the markers by which our issues are found, 64 hexadecimal digits, as `store key export` wrote it: a new
    /// register takes it, and one that has another key is refused. Left out: a new register draws its own.
    #[serde(default)]
    pub marker_key: Option<Part<SecretEntry>>,
    /// What a cycle may write to the trackers. There is no default: somebody must choose.
    #[schemars(required)]
    pub mode: Option<Part<Mode>>,
    /// When the worker runs.
    #[serde(default)]
    pub schedule: Part<ScheduleEntry>,
    /// Loopback address of the health pages; `null` for none.
    #[serde(default = "default_listen")]
    #[schemars(schema_with = "listen_schema")]
    pub listen: Option<Part<String>>,
    /// What is logged and how.
    #[serde(default)]
    pub log: Part<LogEntry>,
    /// Where findings come from.
    #[serde(default)]
    pub sources: Part<Vec<Part<SourceEntry>>>,
    /// Where issues are created.
    #[serde(default)]
    pub trackers: Part<Vec<Part<TrackerEntry>>>,
    /// Which finding goes where; the first match wins.
    #[serde(default)]
    pub rules: Part<Vec<Part<RuleEntry>>>,
    /// Templates for every rule that has none of its own.
    #[serde(default)]
    pub templates: Part<TemplatesEntry>,
    /// Label of every issue we create.
    #[serde(default = "default_label")]
    pub label: Part<String>,
    /// Labels that show a finding's state on its issues.
    #[serde(default)]
    pub labels: Part<LabelsEntry>,
    /// How long findings may take.
    #[serde(default)]
    pub deadlines: Part<DeadlinesEntry>,
    /// Brakes of one cycle.
    #[serde(default)]
    pub limits: Part<LimitsEntry>,
    /// How long an unclear create is left alone before it may be tried again, such as `20m`. It must be longer than a
    /// frozen worker plus a slow tracker can take.
    #[serde(default = "default_settle")]
    pub settle: Part<String>,
    /// What happens to a create that stays unclear after that.
    #[serde(default)]
    pub on_unknown: Part<OnUnknown>,
    /// How long a field that a tracker refused, or a create that failed five times, is left alone, such as `24h`.
    #[serde(default = "default_cooldown")]
    pub cooldown: Part<String>,
    /// In which time every finding is looked at in full, whether or not its tracker's list of changes names it, such as
    /// `24h`.
    #[serde(default = "default_audit")]
    pub audit: Part<String>,
    /// For how long what was read of a tracker or a source counts as fresh, such as `24h`: after it `/status` answers 503.
    #[serde(default = "default_fresh_within")]
    pub fresh_within: Part<String>,
    /// The people directory. Left out: `people.yaml`, if it exists.
    #[serde(default)]
    pub people: Option<Part<String>>,
}

/// When the worker runs: five cron fields (minute hour day month weekday), or six with seconds in front.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ScheduleEntry {
    /// When a cycle runs.
    pub sync: String,
    /// When reviewers are notified; left out for never.
    pub review: Option<String>,
    /// Time zone of schedules, dates and deadlines, such as `Europe/London`.
    pub timezone: String,
}

impl Default for ScheduleEntry {
    fn default() -> Self {
        Self { sync: "0 */5 * * * *".to_owned(), review: None, timezone: "UTC".to_owned() }
    }
}

/// What is logged and how.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct LogEntry {
    /// Text for people or JSON for machines.
    pub format: LogFormat,
    /// Least important level that is logged.
    pub level: LogLevel,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Least important level that is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Failures only.
    Error,
    /// Also what a person should look at.
    Warn,
    /// Also what was done.
    #[default]
    Info,
    /// Also why.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The name in the configuration, which is also the directive of the log filter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// One place where findings come from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SourceEntry {
    /// Its name, as rules and reports call it.
    pub name: String,
    /// Which files, as patterns relative to `root`: `postmortems/**/*.md`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub files: Vec<String>,
    /// Issues of a GitHub repository or of a Jira whose texts are write-ups, instead of files.
    #[serde(default)]
    pub issues: Option<IssuesEntry>,
    /// Pages of a Confluence that are write-ups, instead of files.
    #[serde(default)]
    pub confluence: Option<ConfluenceEntry>,
    /// Folder that the patterns start from; the folder of this file when left out.
    #[serde(default)]
    pub root: Option<String>,
    /// Address under which people open a file, with `{path}` for its path from `root`, such as
    /// `https://git.example.org/postmortems/blob/main/{path}`. Issues link there unless the document names its own address as `url`.
    #[serde(default)]
    pub address: Option<String>,
    /// Repository that a bare `#12` in a document means: `owner/repository`.
    #[serde(default)]
    pub default_repository: Option<String>,
    /// Team of findings whose document names none.
    #[serde(default)]
    pub team: Option<String>,
    /// Jira project keys whose issue keys are recognised in documents; the projects of the rules when left out.
    #[serde(default)]
    pub jira_projects: Option<Vec<String>>,
    /// Largest file that is read, in bytes.
    #[serde(default = "default_max_bytes")]
    pub max_bytes: NonZeroU64,
    /// What comes first in dates such as `24/07/2025`; they are not read without it.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// Whether `Q3 2026` is a deadline, the last day of the quarter; else it is a wish.
    #[serde(default)]
    pub quarter_is_due: bool,
    /// What columns of tables hold, by header; before everything that is built in.
    #[serde(default)]
    pub columns: BTreeMap<String, Column>,
    /// Words of these documents besides those that are built in.
    #[serde(default)]
    pub words: MoreWords,
}

/// Issues whose bodies are write-ups.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct IssuesEntry {
    /// The tracker, by its name.
    pub tracker: String,
    /// On GitHub: `owner/repository`.
    #[serde(default)]
    pub repository: Option<String>,
    /// On GitHub: the label that every write-up carries, open or closed.
    #[serde(default)]
    pub label: Option<String>,
    /// On Jira: the query that finds every write-up, such as `project = PIR and issuetype = "Post-incident review"`.
    #[serde(default)]
    pub jql: Option<String>,
}

/// Templates for every rule that has none of its own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct TemplatesEntry {
    /// Title of an issue.
    pub title: Option<TemplateEntry>,
    /// Body of an issue.
    pub body: Option<TemplateEntry>,
}

/// Labels that show a finding's state on its issues.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct LabelsEntry {
    /// While it is past its deadline.
    pub overdue: String,
    /// While a waiver is in force.
    pub risk_accepted: String,
    /// Once a reviewer verified it.
    pub verified: String,
}

impl Default for LabelsEntry {
    fn default() -> Self {
        Self {
            overdue: "postmortem-overdue".to_owned(),
            risk_accepted: "postmortem-risk-accepted".to_owned(),
            verified: "postmortem-verified".to_owned(),
        }
    }
}

/// Brakes of one cycle.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct LimitsEntry {
    /// Most issues created in one cycle; the most severe go first, the rest follow later. Left out: 50.
    pub creates: Option<usize>,
    /// Most issues closed in one cycle. Left out: 25.
    pub closes: Option<usize>,
    /// Largest share of a tracker's linked issues that one cycle may change, above 0 and up to 1. Left out: 0.3.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub changed_share: Option<f64>,
}

fn default_store() -> Part<String> {
    Part::Read("sqlite:postmortem-sync.db".to_owned())
}

fn default_listen() -> Option<Part<String>> {
    Some(Part::Read("127.0.0.1:8321".to_owned()))
}

fn default_label() -> Part<String> {
    Part::Read("postmortem-sync".to_owned())
}

fn default_settle() -> Part<String> {
    Part::Read("20m".to_owned())
}

fn default_cooldown() -> Part<String> {
    Part::Read("24h".to_owned())
}

fn default_audit() -> Part<String> {
    Part::Read("24h".to_owned())
}

fn default_fresh_within() -> Part<String> {
    Part::Read("24h".to_owned())
}

fn default_max_bytes() -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add((1 << 20) - 1)
}

fn listen_schema(_: &mut SchemaGenerator) -> Schema {
    either("null", json_schema!({}), json_schema!({ "type": "string" }))
}
