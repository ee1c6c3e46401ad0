//! What reading costs: a table of 1,404 rows, a tree of 10,000 write-ups with 50,000 findings, and as many pages in HTML and in
//! Confluence's storage format. And what one finding costs in the register that the tree fills.
//!
//! `cargo bench --bench intake`, or with another number of write-ups:
//! `POSTMORTEM_SYNC_BENCH_DOCUMENTS=500 cargo bench --bench intake`.
//!
//! How many files are parsed is the same on every machine, so it is asserted and breaks the run. Time and memory are
//! printed and never asserted: they depend on the machine and on who else uses it.
//!
//! Prints a table for people, then one line of JSON for machines.

#![expect(clippy::print_stdout, reason = "the result of a benchmark is what it prints")]

mod process;

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use comfy_table::{CellAlignment, Table};
use postmortem_sync::{
    model::{conventions::Conventions, ids::SourceName},
    source::{Shelf, Source},
};
use serde_json::{Value, json};

/// Write-ups unless the environment says otherwise, and findings in each.
const DOCUMENTS: usize = 10_000;
const PER_DOCUMENT: usize = 5;
/// A finding that somebody asks for by its key.
const ONE: &str = "incident-00007/F3";
/// Write-ups that somebody edits between two readings.
const EDITED: usize = 10;
/// Rows of the table: as many as the list of exploited vulnerabilities had in September 2025.
const ROWS: usize = 1_404;
const MAX_BYTES: u64 = 1 << 20;

const CONFIG: &str = "\
instance: bench
store: sqlite:register.db
mode: observe
listen: null
sources: [{ name: tree, files: [\"tree/**/*.md\"] }]
people: people.yaml
rules: [{ name: all, register: { group: security } }]
";

/// One thing that was measured.
struct Measured {
    what: &'static str,
    wall: Duration,
    /// Most memory that was resident at once, in KiB; of the processes only.
    peak: Option<u64>,
    /// Seconds of processor time; of the processes only.
    cpu: Option<f64>,
    /// Files that were parsed.
    parsed: usize,
    findings: usize,
}

fn main() -> anyhow::Result<()> {
    let documents = documents()?;
    let folder = tempfile::tempdir()?;
    write_tree(folder.path(), documents)?;
    write_pages(folder.path(), documents)?;
    fs::write(folder.path().join("postmortem-sync.yaml"), CONFIG)?;
    fs::write(folder.path().join("people.yaml"), "eli: { name: Eli, github: eli, reviewer: true }\n")?;
    fs::write(folder.path().join("exploited.csv"), table())?;
    let mut measured = vec![
        scan(folder.path(), "intake scan of the table", "exploited.csv", ROWS)?,
        scan(folder.path(), "intake scan of the tree", "tree", documents * PER_DOCUMENT)?,
        scan(folder.path(), "intake scan of the pages", "pages", documents * PER_DOCUMENT)?,
        cycle(folder.path(), "first cycle over the tree", documents)?,
        cycle(folder.path(), "next cycle, another process", documents)?,
        one(folder.path(), "finding show, by its key", &["show", ONE])?,
        one(folder.path(), "finding show, by another spelling", &["show", &ONE.to_uppercase()])?,
        one(folder.path(), "a decision on one finding", &["assign", ONE, "eli", "--as", "eli"])?,
    ];
    measured.extend(readings(folder.path(), documents)?);
    print(documents, &measured);
    Ok(())
}

/// How many write-ups the environment asks for.
#[expect(clippy::disallowed_methods, reason = "a benchmark is told its size by the environment")]
fn documents() -> anyhow::Result<usize> {
    let Ok(text) = std::env::var("POSTMORTEM_SYNC_BENCH_DOCUMENTS") else { return Ok(DOCUMENTS) };
    let documents = text.parse().context("POSTMORTEM_SYNC_BENCH_DOCUMENTS is no number")?;
    ensure!(documents >= EDITED, "at least {EDITED} documents are needed");
    Ok(documents)
}

/// Lists, checkboxes and tables take turns, in folders of a hundred.
fn write_tree(folder: &Path, documents: usize) -> anyhow::Result<()> {
    for n in 0..documents {
        let below = folder.join(format!("tree/{:03}", n / 100));
        fs::create_dir_all(&below)?;
        fs::write(below.join(format!("incident-{n:05}.md")), write_up(n)?)?;
    }
    Ok(())
}

/// Pages of HTML and of Confluence's storage format take turns, in folders of a hundred.
fn write_pages(folder: &Path, documents: usize) -> anyhow::Result<()> {
    for n in 0..documents {
        let below = folder.join(format!("pages/{:03}", n / 100));
        fs::create_dir_all(&below)?;
        let extension = if n.is_multiple_of(2) { "html" } else { "xml" };
        fs::write(below.join(format!("incident-{n:05}.{extension}")), page(n)?)?;
    }
    Ok(())
}

fn page(n: usize) -> anyhow::Result<String> {
    let mut text = format!(
        "<h1>Incident {n}</h1>\n<h2>Summary</h2>\n<p>Requests to <b>service {n}</b> failed, because a certificate had expired.</p>\n\
         <h2>Timeline</h2><ul><li>10:00 the first alarm</li></ul>\n<h2>Action items</h2>\n"
    );
    text.push_str(if n.is_multiple_of(2) { "<ul>" } else { "<ac:task-list>" });
    for at in 0..PER_DOCUMENT {
        let action = format!("Renew certificate {at} of service {n} before it expires");
        match n % 2 {
            0 => writeln!(text, "<li class=\"c1\"><span class=\"c2\">{action}</span> (@ana)</li>")?,
            _ => writeln!(
                text,
                "<ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>{action} <time datetime=\"2027-01-01\" /></ac:task-body></ac:task>"
            )?,
        }
    }
    text.push_str(if n.is_multiple_of(2) { "</ul>\n" } else { "</ac:task-list>\n" });
    Ok(text)
}

fn write_up(n: usize) -> anyhow::Result<String> {
    let mut text = format!(
        "# Incident {n}\n\n## Summary\n\nRequests to service {n} failed for {} minutes, because a certificate had expired.\n\n\
         ## Timeline\n\n- 10:00 the first alarm\n- 10:20 the certificate is renewed\n\n## Action items\n\n",
        n % 90 + 5
    );
    if n % 3 == 2 {
        text.push_str("| Action | Owner | Due |\n|---|---|---|\n");
    }
    for at in 0..PER_DOCUMENT {
        let action = format!("Renew certificate {at} of service {n} before it expires");
        match n % 3 {
            0 => writeln!(text, "- {action} (@ana)")?,
            1 => writeln!(text, "- [ ] {action}")?,
            _ => writeln!(text, "| {action} | @bo | 2027-01-{:02} |", at + 1)?,
        }
    }
    Ok(text)
}

fn table() -> String {
    let mut text =
        "cveID,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,notes\n".to_owned();
    for n in 0..ROWS {
        let row = format!(
            "CVE-2026-{n:04},\"Gateway {n}, remote code execution\",2026-01-02,\"Gateway {n} takes a path from a request, \
             and runs what is there.\",\"Update, or take it out of service.\",2026-01-23,https://example.org/{n}\n"
        );
        text.push_str(&row);
    }
    text
}

fn scan(folder: &Path, what: &'static str, path: &str, expected: usize) -> anyhow::Result<Measured> {
    let ran = process::run(folder, &["intake", "scan", path, "--format", "json"])?;
    ensure!(ran.code == Some(0), "{what}: {}", ran.stderr);
    let documents: Vec<Value> = serde_json::from_str(&ran.stdout)?;
    let lists = documents.iter().filter_map(|document| document.get("findings")?.as_array());
    let findings = lists.map(Vec::len).sum();
    ensure!(findings == expected, "{what}: {findings} findings, not {expected}");
    Ok(Measured { what, wall: ran.wall, peak: ran.peak, cpu: ran.cpu, parsed: documents.len(), findings })
}

fn cycle(folder: &Path, what: &'static str, documents: usize) -> anyhow::Result<Measured> {
    let ran = process::run(folder, &["sync", "--format", "json"])?;
    ensure!(ran.code == Some(0), "{what}: {:?} {}", ran.code, ran.stderr);
    let findings = documents * PER_DOCUMENT;
    Ok(Measured { what, wall: ran.wall, peak: ran.peak, cpu: ran.cpu, parsed: documents, findings })
}

/// What a person asks of one finding, or decides on it: that costs the same however many there are.
fn one(folder: &Path, what: &'static str, verb: &[&str]) -> anyhow::Result<Measured> {
    let arguments = [&["finding"], verb, &["--format", "json"]].concat();
    let ran = process::run(folder, &arguments)?;
    ensure!(ran.code == Some(0), "{what}: {:?} {}", ran.code, ran.stderr);
    ensure!(ran.stdout.contains(ONE), "{what}: {}", ran.stdout);
    Ok(Measured { what, wall: ran.wall, peak: ran.peak, cpu: ran.cpu, parsed: 0, findings: 1 })
}

/// What a worker does in each of its cycles: the whole tree, the same again, and again after some edits.
fn readings(folder: &Path, documents: usize) -> anyhow::Result<Vec<Measured>> {
    let source = Source {
        name: SourceName::from("tree"),
        root: folder.to_owned(),
        files: vec!["tree/**/*.md".to_owned()],
        max_bytes: MAX_BYTES,
        conventions: Conventions::default(),
    };
    let mut shelf = Shelf::default();
    let mut read = |what, expected| {
        let (before, begun) = (shelf.parsed(), Instant::now());
        let read = source.read(&mut shelf);
        let (wall, parsed) = (begun.elapsed(), shelf.parsed() - before);
        let listed = read.known().context("the tree could not be read")?;
        let findings =
            listed.iter().filter_map(|document| Some(document.postmortem.known()?.findings.len())).sum();
        ensure!(findings == documents * PER_DOCUMENT, "{what}: {findings} findings");
        ensure!(parsed == expected, "{what}: {parsed} files were parsed, not {expected}");
        Ok(Measured { what, wall, peak: None, cpu: None, parsed, findings })
    };
    let first = read("a worker reads the tree", documents)?;
    let again = read("it reads the tree again", 0)?;
    for n in 0..EDITED {
        let path = folder.join(format!("tree/{:03}/incident-{n:05}.md", n / 100));
        let text = fs::read_to_string(&path)?;
        fs::write(&path, text.replace("before it expires", "a week before it expires"))?;
    }
    Ok(vec![first, again, read("it reads the tree after ten edits", EDITED)?])
}

fn print(documents: usize, measured: &[Measured]) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["", "findings", "wall s", "CPU s", "peak MiB", "parsed"]);
    for one in measured {
        table.add_row([
            one.what.to_owned(),
            one.findings.to_string(),
            format!("{:.2}", one.wall.as_secs_f64()),
            one.cpu.map_or_else(String::new, |cpu| format!("{cpu:.2}")),
            one.peak.map_or_else(String::new, |peak| (peak / 1024).to_string()),
            one.parsed.to_string(),
        ]);
    }
    for column in 1..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{documents} documents\n{table}");
    let values = measured.iter().map(|one| {
        json!({
            "what": one.what, "findings": one.findings, "wall_s": one.wall.as_secs_f64(), "cpu_s": one.cpu,
            "peak_kib": one.peak, "parsed": one.parsed,
        })
    });
    println!("{}", json!({"documents": documents, "measured": values.collect::<Vec<_>>()}));
}
