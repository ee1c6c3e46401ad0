//! The stage: a sandbox without limits, and a folder with findings, people and two configurations.
//!
//! Half of the findings go to GitHub repositories, half to Jira projects; class, severity, owner and team vary.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use anyhow::{Context as _, bail};
use chrono::{Days, NaiveDate, Utc};
use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{
    process::{self, Ran},
    sandbox::Sandbox,
};

/// Repositories that half of the findings are spread over.
pub(crate) const REPOSITORIES: usize = 20;
/// Projects that the other half is spread over.
pub(crate) const PROJECTS: usize = 5;
/// People who own findings.
pub(crate) const OWNERS: usize = 20;
/// Findings of one postmortem.
const PER_POSTMORTEM: usize = 25;

/// Classes, severities and owners take turns.
const CLASSES: [&str; 6] = [
    "technical_lapse",
    "manual_error",
    "unknown_attack_vector",
    "procedural_failure",
    "process_flaw",
    "communication_glitch",
];
const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// A pace that holds up nothing.
const LIFTED: &str = "    pace: { reads_per_minute: 600000000, writes_per_minute: 600000000, \
                      creates_per_minute: 600000000, creates_per_hour: 600000000 }\n";

/// The configuration that keeps to the published limits, for the time that a plan tells.
pub(crate) const REAL: &str = "real.yaml";

/// Requests that the sandbox counted since the last look.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) github: Requests,
    pub(crate) jira: Requests,
}

/// Requests to one tracker.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requests {
    /// All of them that changed nothing.
    pub(crate) reads: u64,
    /// Those that were to change something.
    pub(crate) writes: u64,
}

impl Counts {
    /// Writes to both trackers.
    pub(crate) fn writes(&self) -> u64 {
        self.github.writes + self.jira.writes
    }
}

/// A sandbox and a folder; both are gone with this value.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) sandbox: Sandbox,
    control: String,
    client: Client,
    runtime: Runtime,
    /// How many findings there are.
    pub(crate) findings: usize,
    /// Findings whose documents name another owner than at first.
    moved: BTreeSet<usize>,
    published: NaiveDate,
}

impl Stage {
    /// Starts the sandbox and writes the folder.
    #[expect(clippy::disallowed_methods, reason = "the worker in its own process reads the real clock")]
    pub(crate) fn set(findings: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let sandbox = Sandbox::start(folder.path())?;
        let addresses: Value =
            serde_json::from_str(&sandbox.line).context("the sandbox told no addresses")?;
        let address = |name: &str| addresses.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let stage = Self {
            control: address("control"),
            client: Client::builder().redirect(Policy::none()).no_proxy().build()?,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            folder,
            sandbox,
            findings,
            moved: BTreeSet::new(),
            published: Utc::now().date_naive() - Days::new(1),
        };
        let unlimited = json!({
            "github": {"primary_limit": 1_000_000_000, "graphql_limit": 1_000_000_000,
                "content_per_minute": null, "content_per_hour": null},
            "log": {"counts_only": true},
        });
        stage.control("POST", "/settings", &unlimited)?;
        stage.control("POST", "/world/add", &world())?;
        stage.write("secrets/github", "sandbox-github-token\n")?;
        stage.write("secrets/jira", "sandbox-jira-token\n")?;
        stage.write("people.yaml", &people())?;
        let config = config(&address("github"), &address("jira"));
        stage.write("postmortem-sync.yaml", &config.replace("@PACE@\n", LIFTED))?;
        stage.write(REAL, &config.replace("@PACE@\n", ""))?;
        stage.documents()?;
        Ok(stage)
    }

    /// Runs the program, which must end with 0.
    pub(crate) fn run(&self, arguments: &[&str]) -> anyhow::Result<Ran> {
        let ran = process::run(self.folder.path(), arguments)?;
        if ran.code != Some(0) {
            let end = |text: &str| text.lines().take(20).collect::<Vec<_>>().join("\n");
            bail!("{arguments:?} ended with {:?}\n{}\n{}", ran.code, end(&ran.stdout), end(&ran.stderr));
        }
        Ok(ran)
    }

    /// Lets the documents name the next person as the owner of these findings.
    pub(crate) fn reassign(&mut self, findings: impl Iterator<Item = usize>) -> anyhow::Result<()> {
        self.moved.extend(findings);
        self.documents()
    }

    /// What was asked since the last time, by tracker.
    pub(crate) fn counts(&self) -> anyhow::Result<Counts> {
        let counted = self.control("GET", "/log/counts", &Value::Null)?;
        self.control("DELETE", "/log", &Value::Null)?;
        let of = |tracker: &str| {
            let methods = counted.pointer(&format!("/by_tracker/{tracker}")).and_then(Value::as_object);
            let total: u64 =
                methods.into_iter().flat_map(|methods| methods.values()).filter_map(Value::as_u64).sum();
            let writes = counted
                .pointer(&format!("/writes_applied_by_tracker/{tracker}"))
                .and_then(Value::as_u64)
                .unwrap_or(0);
            Requests { reads: total - writes, writes }
        };
        Ok(Counts { github: of("github"), jira: of("jira") })
    }

    /// Keys of every issue of a tracker's places, in the order of their creation in each.
    pub(crate) fn issues(&self, tracker: &str) -> anyhow::Result<Vec<String>> {
        let state = self.control("GET", &format!("/state/{tracker}"), &Value::Null)?;
        let (places, key) = if tracker == "github" { ("repositories", "issue") } else { ("projects", "key") };
        let places = state.get(places).and_then(Value::as_array).into_iter().flatten();
        let issues = places.filter_map(|place| place.get("issues")?.as_array()).flatten();
        Ok(issues.filter_map(|issue| Some(issue.get(key)?.as_str()?.to_owned())).collect())
    }

    /// A request to the sandbox's control interface.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let mut request = self.client.request(method.parse()?, format!("{}{path}", self.control));
        if !body.is_null() {
            request = request.json(body);
        }
        let answered = async {
            let response = request.send().await?;
            let status = response.status();
            let text = response.text().await?;
            if !status.is_success() {
                bail!("{method} {path}: {status} {text}");
            }
            Ok(serde_json::from_str(&text).unwrap_or_default())
        };
        self.runtime.block_on(answered)
    }

    /// Rows of the register's tables.
    pub(crate) fn rows(&self) -> anyhow::Result<Vec<(&'static str, i64)>> {
        let options =
            sqlx::sqlite::SqliteConnectOptions::new().filename(self.path("register.db")).read_only(true);
        self.runtime.block_on(async {
            let pool = sqlx::SqlitePool::connect_with(options).await?;
            let mut rows = Vec::new();
            for (table, count) in [
                ("finding", "SELECT COUNT(*) FROM finding"),
                ("link", "SELECT COUNT(*) FROM link"),
                ("intent", "SELECT COUNT(*) FROM intent"),
                ("history", "SELECT COUNT(*) FROM history"),
            ] {
                rows.push((table, sqlx::query_scalar(count).fetch_one(&pool).await?));
            }
            pool.close().await;
            Ok(rows)
        })
    }

    /// Bytes of the register with its log.
    pub(crate) fn register_bytes(&self) -> u64 {
        self.bytes("register.db") + self.log_bytes()
    }

    /// Bytes of the register's log.
    pub(crate) fn log_bytes(&self) -> u64 {
        self.bytes("register.db-wal")
    }

    fn bytes(&self, name: &str) -> u64 {
        fs::metadata(self.path(name)).map(|data| data.len()).unwrap_or_default()
    }

    /// Writes every postmortem that says something else now.
    fn documents(&self) -> anyhow::Result<()> {
        for postmortem in 0..self.findings.div_ceil(PER_POSTMORTEM) {
            let first = postmortem * PER_POSTMORTEM;
            let findings = first..self.findings.min(first + PER_POSTMORTEM);
            let mut text = format!(
                "format: postmortem/1\nid: PM-{postmortem:05}\ntitle: Outage {postmortem} of the payment platform\n\
                 tlp: GREEN\npublished: {}\nreviewers: [rae]\nincident: {{ id: INC-{postmortem}, severity: high }}\nfindings:\n",
                self.published
            );
            for n in findings {
                self.finding(&mut text, n)?;
            }
            self.write(&format!("postmortems/{:02}/PM-{postmortem:05}.yaml", postmortem % 50), &text)?;
        }
        Ok(())
    }

    fn finding(&self, text: &mut String, n: usize) -> anyhow::Result<()> {
        let class = CLASSES.get(n / 2 % CLASSES.len()).copied().unwrap_or_default();
        let severity = SEVERITIES.get(n / 3 % SEVERITIES.len()).copied().unwrap_or_default();
        // Everybody owns something everywhere.
        let owner = (n / 2 + n / 2 / REPOSITORIES + usize::from(self.moved.contains(&n))) % OWNERS;
        let (team, id) = (team(n), n % PER_POSTMORTEM + 1);
        writeln!(
            text,
            "  - id: F{id}\n    title: Harden part {n} of {team} against what happened\n    class: {class}\n    \
             route: engineering\n    severity: {severity}\n    team: {team}\n    owner: dev{owner:02}\n    \
             description: |\n      The incident showed that part {n} takes what it is sent without a check.\n      \
             Until it is mended, a single mistake upstream is enough to repeat what happened.\n    \
             evaluation_criteria: A replay of the incident in the test environment is refused and logged."
        )?;
        Ok(())
    }

    /// Writes a file, unless it says so already.
    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.path(name);
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&path, text).with_context(|| format!("{} could not be written", path.display()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Team of a finding, which the rules send to its place.
fn team(n: usize) -> String {
    if n.is_multiple_of(2) {
        format!("service-{:02}", n / 2 % REPOSITORIES)
    } else {
        format!("squad-{}", n / 2 % PROJECTS + 1)
    }
}

fn account(n: usize) -> String {
    format!("557058:dev{n:02}")
}

fn world() -> Value {
    let people: Vec<Value> =
        (0..OWNERS).map(|n| json!({"login": format!("dev{n:02}"), "account_id": account(n)})).collect();
    let repositories: Vec<Value> = (0..REPOSITORIES)
        .map(|n| json!({"full_name": format!("acme/service-{n:02}"), "private": true}))
        .collect();
    let projects: Vec<Value> = (1..=PROJECTS).map(|n| json!({"key": format!("SQUAD{n}")})).collect();
    json!({"people": people, "github": {"repositories": repositories}, "jira": {"projects": projects}})
}

fn people() -> String {
    let mut text = "rae: { name: Rae Moss, reviewer: true }\n".to_owned();
    for n in 0..OWNERS {
        text +=
            &format!("dev{n:02}: {{ name: Developer {n}, github: dev{n:02}, jira: \"{}\" }}\n", account(n));
    }
    text
}

fn config(github: &str, jira: &str) -> String {
    let mut text = format!(
        "instance: benchmark\nstore: sqlite:register.db\nmode: full\nschedule: {{ timezone: UTC, sync: \"* * * * * *\" }}\nlisten: null\n\
         sources:\n  - {{ name: postmortems, files: [\"postmortems/**/*.yaml\"] }}\n\
         trackers:\n  - name: github\n    kind: github\n    url: {github}\n    token: {{ file: secrets/github }}\n@PACE@\n  \
         - name: jira\n    kind: jira-cloud\n    url: {jira}\n    email: bot@acme.example\n    \
         token: {{ file: secrets/jira }}\n@PACE@\nrules:\n"
    );
    for n in 0..REPOSITORIES {
        text += &format!(
            "  - name: service-{n:02}\n    when: {{ team: service-{n:02}, route: engineering }}\n    \
             create: {{ tracker: github, repository: acme/service-{n:02}, labels: [security], max_tlp: AMBER }}\n"
        );
    }
    for n in 1..=PROJECTS {
        text += &format!(
            "  - name: squad-{n}\n    when: {{ team: squad-{n}, route: engineering }}\n    create: {{ tracker: jira, \
             project: SQUAD{n}, type: {{ bug: Bug, change_request: Story }}, labels: [security], max_tlp: AMBER }}\n"
        );
    }
    text + "limits: { creates: 1000000, closes: 1000000, changed_share: 1.0 }\npeople: people.yaml\n"
}
