//! What cycles over thousands of findings cost: requests, time, processor time and memory.
//!
//! `cargo bench --bench cycle`, or with another number of findings:
//! `POSTMORTEM_SYNC_BENCH_FINDINGS=200 cargo bench --bench cycle`. With `POSTMORTEM_SYNC_BENCH_CYCLES=550`, a worker runs for so many
//! cycles instead.
//!
//! The worker and the trackers are processes of their own. Requests are counted by the sandbox, which has its rate
//! limits lifted, as has the worker; only `plan` runs with the published limits, for the time that it tells. Numbers
//! of requests are the same on every machine, so budgets are asserted on them and break the run. Time and memory are
//! printed and never asserted: they depend on the machine and on who else uses it.
//!
//! Prints a table for people, then one line of JSON for machines.

#![expect(clippy::print_stdout, reason = "the result of a benchmark is what it prints")]

mod process;
mod sandbox;
mod soak;
mod stage;
mod worker;

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use comfy_table::{CellAlignment, Table};
use serde_json::{Value, json};

use process::Ran;
use stage::{Counts, PROJECTS, REAL, REPOSITORIES, Stage};

/// Findings unless the environment says otherwise.
const FINDINGS: usize = 5000;
/// Changes that people make in trackers, and then in documents; half for each tracker.
const CHANGES: usize = 50;
/// Reads that prove who can read a place, for each create, and that read the issue back where its answer does not show it.
const PER_GITHUB_CREATE: usize = 1;
const PER_JIRA_CREATE: usize = 2;
/// What is asked of a Jira project again in every minute in which something is created there: what it is, and what we may do.
const PER_MINUTE: usize = 2;
/// Issues in one GraphQL request, and in one of Jira's bulk reads.
const GITHUB_BATCH: usize = 300;
const JIRA_BATCH: usize = 100;
/// Reads of what kinds of issues a project has, and which fields two of them take.
const PER_SHAPES: usize = 3;
/// Markers in one Jira search.
const MARKERS: usize = 50;
/// Requests of a cycle that depend on nothing: who we are, and the like.
const FEW: usize = 4;
/// Repositories of which one request tells who can read them.
const REPOSITORY_BATCH: usize = 100;
/// Reads that tell who can read a project.
const PER_PROJECT: usize = 3;
/// Reads of a place before something is first created in it: what it is, who may read it, what of ours it holds.
const PER_PLACE: usize = 6;
/// Issues that are read again together before they are written.
const AGAIN_BATCH: usize = 20;
/// Milliseconds; longer than what lists of changes look back.
const LATER: u64 = 1_200_000;
/// Repositories in one question for what changed.
const LISTED: usize = 25;
/// Up to how many linked issues of a tracker are all read in every cycle.
const READ_ALL_UPTO: usize = 300;
/// Projects from which on their readers are told together.
const READERS_TOGETHER: usize = 3;
/// Requests for the findings whose turn it is.
const ONES_TURN: usize = 2;
/// Requests for each owner who is written, besides the reads of many issues together: on GitHub one is added and one taken off,
/// in Jira one is set and the issue read back.
const PER_EDIT: usize = 2;
/// Requests for each issue that a person changed, besides those reads: GitHub tells who closed it along the way.
const PER_DEED: usize = 0;

/// One process that was measured.
struct Measured {
    what: String,
    ran: Ran,
    counts: Counts,
    /// Issues created, changes carried over, or findings read: what a request is divided by.
    per: usize,
    /// What it printed that matters, or what it measured besides.
    note: String,
}

/// A number of requests that must not be exceeded.
struct Budget {
    what: String,
    most: usize,
    found: u64,
}

/// Everything that is measured.
#[derive(Default)]
struct Book {
    measured: Vec<Measured>,
    budgets: Vec<Budget>,
}

fn main() -> anyhow::Result<()> {
    let findings = findings()?;
    let mut stage = Stage::set(findings)?;
    if let Some(cycles) = number("POSTMORTEM_SYNC_BENCH_CYCLES")? {
        return soak::soak(&mut stage, cycles);
    }
    let mut book = Book::default();
    plan(&stage, &mut book)?;
    first(&stage, &mut book)?;
    // Lists of changes name for a while what was just created.
    stage.control("POST", "/clock", &json!({"advance_ms": LATER}))?;
    whole(&stage, &mut book, &["sync"], "sync after it, which looks at everything")?;
    quiet(&stage, &mut book, "quiet sync")?;
    whole(&stage, &mut book, &["sync", "--full"], "full sync")?;
    by_people(&stage, &mut book)?;
    by_documents(&mut stage, &mut book)?;
    whole(&stage, &mut book, &["sync"], "sync after the changes")?;
    quiet(&stage, &mut book, "quiet sync after the changes")?;
    reports(&stage, &mut book)?;
    let rows = stage.rows()?;
    print(&stage, &book, &rows);
    let broken: Vec<String> =
        book.budgets.iter().filter(|budget| budget.is_broken()).map(Budget::told).collect();
    ensure!(broken.is_empty(), "over budget:\n{}", broken.join("\n"));
    Ok(())
}

/// A number of the environment's.
#[expect(clippy::disallowed_methods, reason = "a benchmark is told its size by the environment")]
fn number(name: &str) -> anyhow::Result<Option<usize>> {
    let Ok(text) = std::env::var(name) else { return Ok(None) };
    Ok(Some(text.parse().with_context(|| format!("{name} is no number"))?))
}

/// How many findings the environment asks for.
fn findings() -> anyhow::Result<usize> {
    let findings = number("POSTMORTEM_SYNC_BENCH_FINDINGS")?.unwrap_or(FINDINGS);
    ensure!(findings >= 2 * CHANGES, "at least {} findings are needed", 2 * CHANGES);
    Ok(findings)
}

/// The plan at the published limits: nothing is written, and it says how long the first import will take.
fn plan(stage: &Stage, book: &mut Book) -> anyhow::Result<()> {
    stage.counts()?;
    let ran = stage.run(&["plan", "--config", REAL])?;
    let told = ran.stdout.lines().filter(|line| line.contains("at the allowed pace"));
    let note = told.map(|line| line.split(" at the").next().unwrap_or(line)).collect::<Vec<_>>().join(", ");
    let counts = stage.counts()?;
    book.budget("plan: writes", 0, counts.writes());
    book.add("plan", ran, counts, stage.findings, note);
    Ok(())
}

fn first(stage: &Stage, book: &mut Book) -> anyhow::Result<()> {
    stage.counts()?;
    let before = stage.sandbox.cpu();
    let ran = stage.run(&["sync", "--format", "json"])?;
    let counts = stage.counts()?;
    let beside = stage.sandbox.cpu().zip(before).map(|(after, before)| after - before);
    let (github, jira) = halves(stage.findings);
    ensure!(
        (counts.github.writes, counts.jira.writes) == (github as u64, jira as u64),
        "{} and {} writes for {github} and {jira} findings",
        counts.github.writes,
        counts.jira.writes
    );
    book.budget(
        "first sync: GitHub reads",
        PER_PLACE * REPOSITORIES + PER_GITHUB_CREATE * github + FEW,
        counts.github.reads,
    );
    book.budget(
        "first sync: Jira reads",
        PER_JIRA_CREATE * jira
            + (PER_PLACE + PER_SHAPES) * PROJECTS
            + jira.div_ceil(MARKERS)
            + PROJECTS
            + PER_MINUTE * PROJECTS * usize::try_from(ran.wall.as_secs() / 60).unwrap_or_default()
            + FEW,
        counts.jira.reads,
    );
    let note = beside.map_or_else(String::new, |beside| format!("sandbox {beside:.1} s CPU"));
    book.add("first sync", ran, counts, stage.findings, note);
    Ok(())
}

/// Nothing changed, and everything is looked at: nothing is written, and issues are read in batches.
fn whole(stage: &Stage, book: &mut Book, verb: &[&str], what: &str) -> anyhow::Result<()> {
    unchanged(stage, book, (verb, what), audit(stage.findings))
}

/// Nothing changed, and nothing is looked at but what changed: the number of findings does not matter, apart from those whose
/// turn it is within a day.
fn quiet(stage: &Stage, book: &mut Book, what: &str) -> anyhow::Result<()> {
    unchanged(stage, book, (&["sync"], what), least(stage.findings))
}

/// The most reads of a cycle in which nothing changed, on GitHub and in Jira.
fn least(findings: usize) -> (usize, usize) {
    let (github, jira) = halves(findings);
    let lists = REPOSITORIES.div_ceil(LISTED) + REPOSITORIES.div_ceil(REPOSITORY_BATCH) + FEW;
    let few = (lists + ONES_TURN, PER_PROJECT * PROJECTS.min(READERS_TOGETHER) + FEW + ONES_TURN);
    // A tracker with so few issues is read whole.
    let all = audit(findings);
    let most = |linked: usize, few: usize, all: usize| if linked > READ_ALL_UPTO { few } else { all };
    (most(github, few.0, all.0), most(jira, few.1, all.1))
}

fn unchanged(
    stage: &Stage,
    book: &mut Book,
    (verb, what): (&[&str], &str),
    (github, jira): (usize, usize),
) -> anyhow::Result<()> {
    let ran = stage.run(&[verb, &["--format", "json"]].concat())?;
    let counts = stage.counts()?;
    book.budget(&format!("{what}: writes"), 0, counts.writes());
    book.budget(&format!("{what}: GitHub reads"), github, counts.github.reads);
    book.budget(&format!("{what}: Jira reads"), jira, counts.jira.reads);
    book.add(what, ran, counts, stage.findings, String::new());
    Ok(())
}

/// People close issues on GitHub and begin work in Jira.
fn by_people(stage: &Stage, book: &mut Book) -> anyhow::Result<()> {
    let half = CHANGES / 2;
    for (tracker, deed) in [
        ("github", json!({"do": "close", "reason": "completed"})),
        ("jira", json!({"do": "transition", "to": "In Progress"})),
    ] {
        let issues = stage.issues(tracker)?;
        ensure!(issues.len() >= half, "{tracker} holds {} issues only", issues.len());
        for issue in issues.iter().take(half) {
            let mut act = json!({"as": "dev01", "tracker": tracker, "issue": issue});
            act.as_object_mut()
                .into_iter()
                .for_each(|act| act.extend(deed.as_object().cloned().unwrap_or_default()));
            stage.control("POST", "/act", &act)?;
        }
    }
    changed(stage, book, "50 changes by people", PER_DEED)
}

/// Documents name other owners.
fn by_documents(stage: &mut Stage, book: &mut Book) -> anyhow::Result<()> {
    let last = stage.findings - CHANGES..stage.findings;
    stage.reassign(last)?;
    changed(stage, book, "50 changes in documents", PER_EDIT)?;
    let Some(counts) = book.measured.last().map(|measured| measured.counts) else {
        bail!("nothing measured")
    };
    ensure!(counts.writes() >= CHANGES as u64, "only {} of {CHANGES} owners were written", counts.writes());
    Ok(())
}

/// A cycle that carries over [`CHANGES`] changes.
fn changed(stage: &Stage, book: &mut Book, what: &str, each: usize) -> anyhow::Result<()> {
    stage.counts()?;
    let ran = stage.run(&["sync", "--format", "json"])?;
    let counts = stage.counts()?;
    let (github, jira) = least(stage.findings);
    // What changed is read once, and again before it is written.
    let again = 1 + CHANGES.div_ceil(2 * AGAIN_BATCH) + each * CHANGES / 2;
    book.budget(
        &format!("{what}: GitHub requests"),
        github + again,
        counts.github.reads + counts.github.writes,
    );
    book.budget(&format!("{what}: Jira requests"), jira + again, counts.jira.reads + counts.jira.writes);
    let done: Value = serde_json::from_str(&ran.stdout)?;
    let note = done.get("done").map(Value::to_string).unwrap_or_default();
    book.add(what, ran, counts, CHANGES, note);
    Ok(())
}

fn reports(stage: &Stage, book: &mut Book) -> anyhow::Result<()> {
    for format in ["markdown", "html", "json"] {
        let ran = stage.run(&["report", "--format", format])?;
        let note = format!("{} KiB", ran.stdout.len() / 1024);
        book.add(&format!("report as {format}"), ran, stage.counts()?, stage.findings, note);
    }
    Ok(())
}

/// Findings for GitHub and for Jira: they take turns.
fn halves(findings: usize) -> (usize, usize) {
    (findings.div_ceil(2), findings / 2)
}

/// The most reads that a look at every issue may take, on GitHub and in Jira: they grow with the issues only by the batch.
/// Besides, who can read a place is looked at in every cycle, because text of ours is there.
fn audit(findings: usize) -> (usize, usize) {
    let (github, jira) = halves(findings);
    (
        github.div_ceil(GITHUB_BATCH) + REPOSITORIES.div_ceil(REPOSITORY_BATCH) + FEW,
        jira.div_ceil(JIRA_BATCH) + PER_PROJECT * PROJECTS + FEW,
    )
}

impl Budget {
    fn is_broken(&self) -> bool {
        self.found > self.most as u64
    }

    fn told(&self) -> String {
        format!("{}: {} of at most {}", self.what, self.found, self.most)
    }
}

impl Book {
    fn add(&mut self, what: &str, ran: Ran, counts: Counts, per: usize, note: String) {
        self.measured.push(Measured { what: what.to_owned(), ran, counts, per, note });
    }

    fn budget(&mut self, what: &str, most: usize, found: u64) {
        self.budgets.push(Budget { what: what.to_owned(), most, found });
    }
}

impl Measured {
    #[expect(clippy::cast_precision_loss, reason = "numbers of requests are far below 2^52")]
    fn per_finding(&self) -> f64 {
        let Counts { github, jira } = self.counts;
        (github.reads + github.writes + jira.reads + jira.writes) as f64 / self.per as f64
    }

    fn row(&self) -> Vec<String> {
        let Counts { github, jira } = self.counts;
        vec![
            self.what.clone(),
            seconds(self.ran.wall),
            self.ran.cpu.map_or("?".to_owned(), |cpu| format!("{cpu:.2}")),
            self.ran.peak.map_or("?".to_owned(), |peak| format!("{}", peak / 1024)),
            format!("{} + {}", github.reads, github.writes),
            format!("{} + {}", jira.reads, jira.writes),
            format!("{:.2}", self.per_finding()),
            self.note.clone(),
        ]
    }

    fn value(&self) -> Value {
        let Counts { github, jira } = self.counts;
        json!({
            "what": self.what,
            "wall_s": self.ran.wall.as_secs_f64(),
            "cpu_s": self.ran.cpu,
            "peak_kib": self.ran.peak,
            "github": {"reads": github.reads, "writes": github.writes},
            "jira": {"reads": jira.reads, "writes": jira.writes},
            "requests_per": self.per_finding(),
            "note": self.note,
        })
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64())
}

fn print(stage: &Stage, book: &Book, rows: &[(&str, i64)]) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "",
        "wall s",
        "CPU s",
        "peak MiB",
        "GitHub reads + writes",
        "Jira reads + writes",
        "requests per finding or change",
        "",
    ]);
    table.add_rows(book.measured.iter().map(Measured::row));
    for column in 1..7 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let rows_told: Vec<String> = rows.iter().map(|(table, n)| format!("{n} {table}")).collect();
    println!("{} findings\n{table}", stage.findings);
    println!("register: {} KiB; rows: {}", stage.register_bytes() / 1024, rows_told.join(", "));
    for budget in &book.budgets {
        println!("{} {}", if budget.is_broken() { "BROKEN" } else { "ok" }, budget.told());
    }
    let budgets = book
        .budgets
        .iter()
        .map(|budget| json!({"what": budget.what, "most": budget.most, "found": budget.found}));
    let value = json!({
        "findings": stage.findings,
        "measured": book.measured.iter().map(Measured::value).collect::<Vec<_>>(),
        "budgets": budgets.collect::<Vec<_>>(),
        "register": {"bytes": stage.register_bytes(), "rows": rows.iter().cloned().collect::<std::collections::BTreeMap<_, _>>()},
    });
    println!("{value}");
}
