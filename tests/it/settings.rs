//! The configuration: what the shipped example says, and what wrong ones are told.

use std::{fs, path::Path};

use chrono::{TimeDelta, Weekday};
use postmortem_sync::{
    model::{
        ids::{AccountId, PersonId},
        issue::TrackerKind,
        postmortem::{Diagnostic, Level},
        rule::{ConflictPolicy, OnUnknown, Outcome},
        terms::{Class, Mode, Progress, Route, Severity, Tlp},
    },
    settings::{
        Settings,
        general::StoreAddress,
        people_schema, schema,
        secret::{Environment, Kept},
        source::Contents,
        tracker::Credential,
    },
};
use tempfile::TempDir;

/// A folder with these files; the main one is `main.yaml`.
pub(super) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

pub(super) fn load_in(folder: &Path) -> Result<Settings, Vec<Diagnostic>> {
    let environment = Environment::new(|name| (name == "TOKEN").then(|| "s3cret-value\n".to_owned()));
    Settings::load(&folder.join("main.yaml"), environment)
}

pub(super) fn load(main: &str) -> Result<Settings, Vec<Diagnostic>> {
    load_in(folder(&[("main.yaml", main), ("people.yaml", PEOPLE)]).path())
}

/// Diagnostics as `file:line:column: message | help`.
pub(super) fn lines(diagnostics: &[Diagnostic], level: Level) -> Vec<String> {
    let line = |d: &Diagnostic| {
        let file = d.path.rsplit('/').next().unwrap().to_owned();
        let help = d.help.as_deref().map(|help| format!(" | {help}")).unwrap_or_default();
        format!("{file}:{}:{}: {}{help}", d.line, d.column, d.message)
    };
    diagnostics.iter().filter(|d| d.level == level).map(line).collect()
}

#[track_caller]
pub(super) fn refused(main: &str, expected: &[&str]) {
    let noticed = load(main).expect_err("this configuration should be refused");
    assert_eq!(lines(&noticed, Level::Error), expected);
}

pub(super) const PEOPLE: &str =
    "alice:\n  email: alice@acme.example\n  github: Alice\n  team: payments\n  reviewer: true\n";

/// Eight correct lines; the tests append to them, so that what they append begins on line 9.
pub(super) const BASE: &str = "\
instance: acme
mode: full
sources:
  - { name: docs, files: [\"*.md\"] }
trackers:
  - { name: github, kind: github, token: { env: TOKEN } }
  - { name: jira, kind: jira-cloud, url: \"https://acme.atlassian.net\", email: bot@acme.example, token: { env: TOKEN } }
rules:
";

pub(super) const CREATE: &str = "    create: { tracker: github, repository: acme/x, max_tlp: AMBER }\n";

pub(super) fn with_rules(rules: &str) -> String {
    format!("{BASE}{rules}")
}

pub(super) fn with(more: &str) -> String {
    format!("{BASE}  - name: all\n{CREATE}{more}")
}

// -- the shipped example ------------------------------------------------------------------------------------------

fn example() -> Settings {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/postmortem-sync.yaml");
    Settings::load(&path, Environment::new(|_| None)).unwrap_or_else(|noticed| panic!("{:#?}", noticed))
}

#[test]
fn the_shipped_example_has_neither_errors_nor_warnings() {
    assert_eq!(example().warnings, []);
}

#[test]
fn the_shipped_example_means_what_its_comments_say() {
    let settings = example();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    assert_eq!(settings.instance.as_str(), "acme-security");
    assert_eq!(settings.store, StoreAddress::Sqlite(config.join("postmortem-sync.db")));
    assert_eq!(settings.mode, Mode::Observe);
    assert_eq!(settings.schedule.zone, chrono_tz::Tz::Europe__London);
    assert_eq!(settings.schedule.sync.expression(), "0 */5 * * * *");
    assert_eq!(
        settings.schedule.review.map(|review| review.expression().to_owned()).unwrap(),
        "0 0 8 * * Mon-Fri"
    );
    assert_eq!(settings.listen, Some("127.0.0.1:8321".parse().unwrap()));
    assert_eq!(settings.sources.len(), 1);
    let Contents::Files { root, .. } = &settings.sources[0].contents else { panic!("no files") };
    assert_eq!(*root, config.join("."));
    assert_eq!(settings.sources[0].conventions.jira_projects, ["PLAT", "SEC"]);
    assert_eq!(settings.labels.overdue, "postmortem-overdue");
    assert_eq!(settings.limits.creates, 50);
    assert_eq!(settings.settle, TimeDelta::minutes(20));
    assert_eq!(settings.cooldown, TimeDelta::hours(24));
    assert_eq!(settings.on_unknown, OnUnknown::Retry);
    assert_eq!(settings.digest.len(), 64);
}

#[test]
fn the_shipped_trackers_are_read_whole() {
    let settings = example();
    let [github, jira] = settings.trackers.as_slice() else { panic!("two trackers") };
    assert_eq!((github.kind, github.host.as_str()), (TrackerKind::Github, "api.github.com"));
    assert_eq!(github.pace.creates_per_minute, Some(40));
    let Credential::Token(token) = &github.credential else { panic!("a token") };
    assert_eq!(token.kept, Kept::Env("GITHUB_TOKEN".into()));
    assert_eq!((jira.kind, jira.url.as_str()), (TrackerKind::JiraCloud, "https://acme.atlassian.net"));
    let Credential::Basic { email, token } = &jira.credential else { panic!("an account") };
    assert_eq!(email, "bot@acme.example");
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    assert_eq!(token.kept, Kept::File(config.join("secrets/jira-token")));
    assert_eq!(jira.statuses.named("in review"), Some(Progress::InProgress));
    assert_eq!(jira.statuses.named("To Do"), None);
    assert_eq!(jira.statuses.targets[&Progress::Declined], ["Done"]);
    assert!(jira.statuses.is_declined("won't do") && !jira.statuses.is_declined("Done"));
}

#[test]
fn the_shipped_rules_are_read_whole() {
    let settings = example();
    let [payments, platform, process] = settings.rules.as_slice() else { panic!("three rules") };
    assert_eq!(payments.when.class.len(), 3);
    assert!(payments.when.class.contains(&Class::ManualError));
    let medium_up = [Severity::Critical, Severity::High, Severity::Medium];
    assert_eq!(payments.when.severity.iter().copied().collect::<Vec<_>>(), medium_up);
    let Outcome::Create(to) = &payments.then else { panic!("a destination") };
    assert_eq!((to.place.as_str(), to.max_tlp), ("acme/payments", Tlp::Amber));
    assert_eq!((to.owner_conflict, to.status_conflict), (ConflictPolicy::Tracker, ConflictPolicy::Flag));
    let Outcome::Create(to) = &platform.then else { panic!("a destination") };
    assert_eq!((to.bug_type.as_deref(), to.change_type.as_deref()), (Some("Bug"), Some("Story")));
    assert_eq!(to.fields["customfield_10050"], "{{ finding.severity }}");
    assert_eq!(to.max_tlp, Tlp::AmberStrict);
    assert!(process.when.route.contains(&Route::CrossOrg));
    assert!(matches!(&process.then, Outcome::Register { group } if group.as_str() == "security-response"));
}

#[test]
fn the_shipped_deadlines_and_people_are_read_whole() {
    let settings = example();
    let policy = &settings.policy;
    assert_eq!(policy.name, "review-default");
    assert_eq!(policy.terms(Severity::Critical).remediate_days, Some(10));
    assert_eq!(policy.terms(Severity::Critical).waiver_days, Some(30));
    assert_eq!(policy.terms(Severity::High).remediate_days, Some(30));
    assert_eq!(policy.zone, chrono_tz::Tz::Europe__London);
    assert_eq!(policy.calendar.name, "uk");
    assert_eq!(policy.calendar.weekend, [Weekday::Sat, Weekday::Sun]);
    assert!(policy.calendar.holidays.contains(&"2026-12-28".parse().unwrap()));
    let alice = settings.people.of_account(TrackerKind::Github, &AccountId::from("Alice-Acme"));
    assert_eq!(alice, Some(&PersonId::from("alice")));
    assert!(settings.people.0[&PersonId::from("carol")].reviewer);
}

#[test]
fn the_committed_schemas_are_current() {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    for (name, schema) in [("schema.json", schema()), ("people.schema.json", people_schema())] {
        let printed = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let committed = fs::read_to_string(config.join(name)).unwrap_or_default();
        assert!(
            committed == printed,
            "config/{name} is out of date: print it again with `postmortem-sync schema config` or `schema people`\n{printed}"
        );
    }
}

#[test]
fn every_key_of_the_schemas_is_described() {
    fn check(path: &str, schema: &serde_json::Value) {
        for (key, property) in schema.get("properties").and_then(|p| p.as_object()).into_iter().flatten() {
            let path = format!("{path}/{key}");
            let small =
                ["/bug", "/change_request", "/file", "/at_least"].iter().any(|end| path.ends_with(end));
            assert!(small || property.get("description").is_some(), "{path} has no description");
            check(&path, property);
        }
        for inner in ["items", "then", "else"] {
            if let Some(inner) = schema.get(inner) {
                check(path, inner);
            }
        }
    }
    check("", &schema());
    check("", &people_schema());
}

// -- defaults -----------------------------------------------------------------------------------------------------

#[test]
fn what_is_left_out_has_the_documented_default() {
    let settings = load(&with("")).unwrap();
    assert_eq!(settings.warnings.len(), 1, "{:#?}", settings.warnings);
    assert_eq!(settings.schedule.sync.expression(), "0 */5 * * * *");
    assert_eq!(settings.listen, Some("127.0.0.1:8321".parse().unwrap()));
    assert_eq!(settings.labels.general, "postmortem-sync");
    assert_eq!(settings.policy.name, "review-default");
    assert_eq!((settings.limits.creates, settings.limits.closes), (50, 25));
    assert_eq!(settings.settle, TimeDelta::minutes(20));
    assert_eq!(settings.trackers[0].url, "https://api.github.com");
    assert!(settings.trackers[1].statuses.is_declined("Won't Fix"));
    assert_eq!(settings.sources[0].max_bytes.get(), 1 << 20);
    let alice = &settings.people.0[&PersonId::from("alice")];
    assert_eq!(alice.github, Some(AccountId::from("alice")), "logins are kept in lower case");
}

#[test]
fn health_can_be_switched_off() {
    assert_eq!(load(&with("listen: null\n")).unwrap().listen, None);
}

#[test]
fn a_source_recognises_the_projects_of_the_rules() {
    let rules = "  - name: a\n    create: { tracker: jira, project: PLAT, max_tlp: AMBER }\n";
    assert_eq!(load(&with_rules(rules)).unwrap().sources[0].conventions.jira_projects, ["PLAT"]);
}

#[test]
fn every_preset_names_days_for_every_severity() {
    for (name, days) in [
        ("review-default", [15, 30, 60, 90]),
        ("pagerduty", [15, 30, 60, 90]),
        ("atlassian-4w", [28, 28, 28, 28]),
        ("atlassian-8w", [56, 56, 56, 56]),
        ("defectdojo", [7, 30, 90, 120]),
        ("gitlab", [30, 30, 90, 180]),
    ] {
        let policy = load(&with(&format!("deadlines: {{ policy: {name} }}\n"))).unwrap().policy;
        let found: Vec<u32> =
            Severity::ALL.iter().filter_map(|severity| policy.terms(*severity).remediate_days).collect();
        assert_eq!(found, days, "{name}");
        assert_eq!(policy.name, name);
    }
}
