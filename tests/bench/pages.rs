//! What lists and reports cost over registers of 10,000 and 100,000 findings: the whole is read part by part, so memory does not grow
//! with it, and what is asked of a few is answered by an index.
//!
//! `cargo bench --bench pages`, or with other numbers of findings:
//! `POSTMORTEM_SYNC_BENCH_FINDINGS=1000000 cargo bench --bench pages`.
//!
//! How much is listed is asserted and breaks the run, and so is memory that grows with the register. Time is printed and never
//! asserted: it depends on the machine and on who else uses it.
//!
//! Prints a table for people, then one line of JSON for machines.

#![expect(clippy::print_stdout, reason = "the result of a benchmark is what it prints")]

mod process;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use comfy_table::{CellAlignment, Table};
use postmortem_sync::{
    model::{
        finding::{Finding, Owner},
        ids::{FindingKey, InstanceName, PostmortemId},
        link::Link,
        register::Write,
        terms::{Severity, State},
        words::{Sealed, Words},
    },
    store::{self, Seed, Store},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Findings unless the environment says otherwise.
const FINDINGS: [usize; 2] = [10_000, 100_000];
/// Findings that are recorded in one transaction.
const AT_ONCE: usize = 1_000;
/// Findings of one write-up.
const PER_WRITE_UP: usize = 20;
/// The instant that everything is asked for.
const NOW: &str = "2026-11-30T09:00:00Z";
/// The day before it.
const YESTERDAY: &str = "2026-11-29T09:00:00Z";
/// What a report may need at most, whatever it reports, in MiB; and beyond that for each million findings that its lists name.
const MOST: u64 = 96;
const MOST_FOR_A_MILLION: u64 = 96;

const CONFIG: &str = "\
instance: bench
store: sqlite:register.db
mode: observe
listen: null
sources: [{ name: docs, files: [\"docs/*.yaml\"] }]
people: people.yaml
rules: [{ name: all, register: { group: security } }]
";

const WRITE_UP: &str = "\
format: postmortem/1
id: PM-0
title: Outage of the payment platform
tlp: GREEN
published: 2026-10-01
incident: { id: INC-0, severity: high }
findings:
  - id: F1
    title: Harden the gateway against what happened
    class: technical_lapse
    route: engineering
    severity: high
    team: payments
    owner: ana
    description: |
      The incident showed that the gateway takes what it is sent without a check.
      Until it is mended, a single mistake upstream is enough to repeat what happened.
    evaluation_criteria: A replay of the incident in the test environment is refused and logged.
";

/// One thing that was measured.
struct Measured {
    findings: usize,
    what: &'static str,
    wall: Duration,
    peak: Option<u64>,
    cpu: Option<f64>,
    bytes: usize,
}

fn main() -> anyhow::Result<()> {
    let mut measured = Vec::new();
    for findings in sizes()? {
        measured.extend(of(findings)?);
    }
    print(&measured);
    Ok(())
}

/// How many findings the environment asks for.
#[expect(clippy::disallowed_methods, reason = "a benchmark is told its size by the environment")]
fn sizes() -> anyhow::Result<Vec<usize>> {
    let Ok(text) = std::env::var("POSTMORTEM_SYNC_BENCH_FINDINGS") else { return Ok(FINDINGS.to_vec()) };
    Ok(vec![text.parse().context("POSTMORTEM_SYNC_BENCH_FINDINGS is no number")?])
}

fn of(findings: usize) -> anyhow::Result<Vec<Measured>> {
    let folder = tempfile::tempdir()?;
    let begun = Instant::now();
    stage(folder.path(), findings)?;
    println!("{findings} findings were recorded in {:.1} s", begun.elapsed().as_secs_f64());
    let run = |what, verb: &[&str]| measure(folder.path(), findings, what, verb);
    let list = |more: &[&'static str]| [&["finding", "list", "--now", NOW], more].concat();
    let measured = vec![
        run("nothing: a verb that reads no finding", &["place", "list"])?,
        run("count", &list(&["--count"]))?,
        run("first page", &list(&["--limit", "20"]))?,
        run("first page by deadline", &list(&["--limit", "20", "--sort", "due"]))?,
        run("newly overdue, first page", &list(&["--overdue", "--since", YESTERDAY, "--limit", "20"]))?,
        run("list, streamed", &list(&["--all"]))?,
        run("links, streamed", &["link", "list"])?,
        run("report, JSON", &["report", "--now", NOW, "--format", "json", "--out", "report.json"])?,
    ];
    let written = usize::try_from(fs::metadata(folder.path().join("report.json"))?.len())?;
    println!("the report has {} MiB", written >> 20);
    let most = MOST + MOST_FOR_A_MILLION * u64::try_from(findings)? / 1_000_000;
    for one in &measured {
        let peak = one.peak.unwrap_or_default() >> 10;
        ensure!(peak <= most, "{}: {peak} MiB, more than {most}", one.what);
    }
    Ok(measured)
}

/// A register that the product made of one write-up, and many findings that differ from that one.
fn stage(folder: &Path, findings: usize) -> anyhow::Result<()> {
    fs::create_dir_all(folder.join("docs"))?;
    fs::write(folder.join("docs/PM-0.yaml"), WRITE_UP)?;
    fs::write(folder.join("postmortem-sync.yaml"), CONFIG)?;
    fs::write(
        folder.join("people.yaml"),
        "ana: { name: Ana, github: ana }\nrae: { name: Rae, reviewer: true }\n",
    )?;
    let ran = process::run(folder, &["sync"])?;
    ensure!(ran.code == Some(0), "{:?} {}", ran.code, ran.stderr);
    Runtime::new()?.block_on(fill(folder, findings))
}

async fn fill(folder: &Path, findings: usize) -> anyhow::Result<()> {
    let (address, now) = (format!("sqlite:{}", folder.join("register.db").display()), NOW.parse()?);
    let seed = Seed { database: [0; 16], marker_key: [0; 32] };
    let store: Box<dyn Store> = store::open(&address, &InstanceName::from("bench"), &seed, now).await?;
    let register = store.load().await?;
    let first = register.findings.values().next().context("the write-up has no finding")?;
    let lease = store.lease("bench").await?;
    for from in (1..findings).step_by(AT_ONCE) {
        let mut writes = Vec::new();
        for n in from..findings.min(from + AT_ONCE) {
            let finding = finding(first, n, now)?;
            if n % 2 == 0 {
                writes.push(Write::Link(Box::new(link(&finding.key, n)?)));
            }
            writes.push(Write::Finding(Box::new(finding)));
        }
        store.record(&lease, writes).await?;
    }
    store.release(lease).await?;
    Ok(())
}

/// A finding like another one: states, severities, owners and deadlines take turns.
fn finding(first: &Finding, n: usize, now: DateTime<Utc>) -> anyhow::Result<Finding> {
    let postmortem = PostmortemId::new(format!("PM-{:06}", n / PER_WRITE_UP));
    let mut finding = first.clone();
    finding.key = FindingKey::of(&postmortem, &format!("F{}", n % PER_WRITE_UP));
    finding.stated.postmortem = postmortem;
    finding.stated.path = format!("docs/PM-{:06}.yaml", n / PER_WRITE_UP);
    finding.stated.words = Sealed::from(Words {
        title: format!("Harden part {n} of the payment platform against what happened"),
        ..first.stated.words_inside().clone()
    });
    let cycle = |n: usize, of: usize| n.checked_rem(of).unwrap_or_default();
    finding.state = match cycle(n, 10) {
        0..4 => State::Open,
        4..6 => State::InProgress,
        _ => State::Resolved,
    };
    finding.severity = Severity::ALL.get(cycle(n / 3, Severity::ALL.len())).copied().unwrap_or(Severity::Low);
    if cycle(n, 7) == 0 {
        finding.owner = Owner::Nobody;
    }
    let base: NaiveDate = "2026-08-01".parse()?;
    finding.clock.due = base.checked_add_days(Days::new(u64::try_from(cycle(n, 700))?));
    finding.changed = now - TimeDelta::days(60);
    Ok(finding)
}

fn link(finding: &FindingKey, n: usize) -> anyhow::Result<Link> {
    let at = "2026-11-20T09:00:00Z";
    let link = json!({
        "finding": finding, "tracker": "github", "former_keys": [], "kind": "created",
        "issue": {
            "id": {"host": "api.github.com", "id": n.to_string()}, "node": format!("I_{n}"),
            "key": format!("acme/service-{}#{n}", n % 200), "place": format!("acme/service-{}", n % 200),
            "url": format!("https://github.com/acme/service-{}/issues/{n}", n % 200), "place_id": (n % 200).to_string(),
        },
        "destination": format!("acme/service-{}", n % 200), "since": at, "baseline": {"owner": null, "progress": null},
        "pushed": {"labels": ["security"], "due": null, "block": null}, "refused": {},
        "seen": {"at": at, "status_text": "open", "updated": at}, "absence": null,
    });
    Ok(serde_json::from_value(link)?)
}

fn measure(folder: &Path, findings: usize, what: &'static str, verb: &[&str]) -> anyhow::Result<Measured> {
    let ran = process::run(folder, verb)?;
    ensure!(ran.code == Some(0), "{what}: {:?} {}", ran.code, ran.stderr);
    let lines = ran.stdout.lines().count();
    let is_whole = what != "list, streamed" || lines == findings + 1;
    ensure!(is_whole, "{what}: {lines} lines");
    let bytes = ran.stdout.len();
    Ok(Measured { findings, what, wall: ran.wall, peak: ran.peak, cpu: ran.cpu, bytes })
}

fn print(measured: &[Measured]) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["findings", "", "wall ms", "CPU s", "peak MiB", "KiB printed"]);
    for one in measured {
        table.add_row([
            one.findings.to_string(),
            one.what.to_owned(),
            format!("{:.1}", one.wall.as_secs_f64() * 1000.0),
            one.cpu.map_or_else(String::new, |cpu| format!("{cpu:.2}")),
            one.peak.map_or_else(String::new, |peak| (peak / 1024).to_string()),
            (one.bytes / 1024).to_string(),
        ]);
    }
    for column in [0, 2, 3, 4, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{table}");
    let values: Vec<Value> = measured
        .iter()
        .map(|one| {
            json!({
                "findings": one.findings, "what": one.what, "wall_s": one.wall.as_secs_f64(), "cpu_s": one.cpu,
                "peak_kib": one.peak,
            })
        })
        .collect();
    println!("{}", json!({"measured": values}));
}
