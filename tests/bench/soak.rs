//! Whether a worker that runs for long stays as it is: memory, open files and the log of its register over many cycles.
//!
//! One `run` works against the sandbox, with a cycle in each second. Before every eleventh cycle a document names another owner
//! and a person hands an issue over. What the process holds is looked at ten times, and the second half must not exceed
//! the first by more than a little: that is a budget, and breaks the run.

use anyhow::{Context as _, ensure};
use comfy_table::{CellAlignment, Table};
use serde_json::json;

use super::{
    LATER,
    stage::{OWNERS, Stage},
    worker::{Held, Worker},
};

/// One cycle in so many has something to carry over.
const EACH: usize = 11;
/// How often the process is looked at.
const LOOKS: usize = 10;
/// By how much the second half may exceed the first: an allocator takes what it needs when it needs it.
const SLACK: f64 = 1.2;

/// What the worker held after so many cycles.
struct Look {
    cycles: usize,
    held: Held,
    log_bytes: u64,
}

/// Lets a worker run for so many cycles.
pub(crate) fn soak(stage: &mut Stage, cycles: usize) -> anyhow::Result<()> {
    ensure!(cycles >= 2 * LOOKS, "at least {} cycles are needed", 2 * LOOKS);
    stage.run(&["sync"])?;
    stage.control("POST", "/clock", &json!({"advance_ms": LATER}))?;
    stage.run(&["sync"])?;
    let issues = stage.issues("github")?;
    let mut worker = Worker::start(stage.folder.path())?;
    let mut looks = Vec::new();
    for cycle in 1..=cycles {
        if cycle % EACH == 0 {
            let n = cycle / EACH % stage.findings;
            stage.reassign(std::iter::once(n))?;
            let issue = issues.get(n % issues.len().max(1)).context("there is no issue")?;
            let assignee = format!("dev{:02}", cycle % OWNERS);
            let deed = json!({"as": "dev01", "tracker": "github", "issue": issue, "do": "assign", "assignee": assignee});
            stage.control("POST", "/act", &deed)?;
        }
        worker.wait_for_a_cycle()?;
        if cycle % (cycles / LOOKS) == 0 {
            let held = worker.held().context("what a process holds is not told here")?;
            looks.push(Look { cycles: cycle, held, log_bytes: stage.log_bytes() });
        }
    }
    print(stage.findings, &looks);
    judge(&looks)
}

fn print(findings: usize, looks: &[Look]) {
    let mut table = Table::new();
    table.set_header(["cycles", "resident MiB", "open files", "threads", "log of the register KiB"]);
    for Look { cycles, held, log_bytes } in looks {
        table.add_row(
            [*cycles as u64, held.resident_kib / 1024, held.files, held.threads, log_bytes / 1024]
                .map(|n| n.to_string()),
        );
    }
    for n in 0..5 {
        if let Some(column) = table.column_mut(n) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("A worker over {findings} findings:\n{table}");
    let rows: Vec<_> = looks
        .iter()
        .map(|look| json!({"cycles": look.cycles, "resident_kib": look.held.resident_kib, "files": look.held.files, "threads": look.held.threads, "log_bytes": look.log_bytes}))
        .collect();
    println!("{}", json!({"findings": findings, "looks": rows}));
}

/// The most of the second half is held against the most of the first.
fn judge(looks: &[Look]) -> anyhow::Result<()> {
    let (first, second) = looks.split_at(looks.len() / 2);
    let most = |looks: &[Look], of: &dyn Fn(&Look) -> u64| looks.iter().map(of).max().unwrap_or_default();
    for (what, of) in [
        ("resident memory", &(|look: &Look| look.held.resident_kib) as &dyn Fn(&Look) -> u64),
        ("open files", &|look| look.held.files),
        ("threads", &|look| look.held.threads),
        ("the log of the register", &|look| look.log_bytes),
    ] {
        let (before, after) = (most(first, of), most(second, of));
        #[expect(clippy::cast_precision_loss, reason = "these numbers are far below 2^52")]
        let grows = after as f64 > before as f64 * SLACK;
        ensure!(!grows, "{what} grows: {before} in the first half, {after} in the second");
    }
    Ok(())
}
