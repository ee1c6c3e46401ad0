//! A worker that runs beside the benchmark, and how many cycles it has ended.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};

use super::process::{program, status};

/// How often it is asked whether a cycle has ended, and how often at most.
const PATIENCE: Duration = Duration::from_millis(20);
const ASKED: usize = 15_000;

/// What a running process holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) resident_kib: u64,
    pub(crate) files: u64,
    pub(crate) threads: u64,
}

/// A worker in a process of its own; it ends with this value.
pub(crate) struct Worker {
    child: Child,
    ended: Arc<AtomicUsize>,
}

impl Worker {
    /// Starts one in a folder.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut child = program(folder, &["run", "--now"]).stdout(Stdio::null()).spawn()?;
        let log = child.stderr.take().context("the worker has no log")?;
        let ended = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ended);
        thread::spawn(move || {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                if line.contains("cycle finished") {
                    counted.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        Ok(Self { child, ended })
    }

    /// Waits until another cycle has come to its end.
    pub(crate) fn wait_for_a_cycle(&mut self) -> anyhow::Result<()> {
        let before = self.ended.load(Ordering::SeqCst);
        for _ in 0..ASKED {
            if self.ended.load(Ordering::SeqCst) > before {
                return Ok(());
            }
            ensure!(self.child.try_wait()?.is_none(), "the worker has ended");
            thread::park_timeout(PATIENCE);
        }
        bail!("no cycle came to its end in {:?}", PATIENCE.saturating_mul(ASKED as u32))
    }

    /// What it holds now.
    pub(crate) fn held(&self) -> Option<Held> {
        let pid = self.child.id();
        let files = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64;
        Some(Held { resident_kib: status(pid, "VmRSS:")?, files, threads: status(pid, "Threads:")? })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
