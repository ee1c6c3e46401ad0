//! Running the product's program as a process of its own, and what the kernel says that it cost.
//!
//! Time and memory are read from `/proc`, so they are known on Linux only; elsewhere they are missing, not zero.

use std::{
    fs,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Context as _;

const BINARY: &str = env!("CARGO_BIN_EXE_postmortem-sync");

/// How often a running process is looked at. Peak memory is kept by the kernel, so only growth in a process's very
/// last moment can be missed.
const TICK: Duration = Duration::from_millis(2);

/// Clock ticks in a second as `/proc` counts them: 100 on every Linux, whatever the kernel's own clock is.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process cost, and what it said.
pub(crate) struct Ran {
    /// Exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// Seconds of processor time in user and in system mode.
    pub(crate) cpu: Option<f64>,
    /// Most memory that was resident at once, in KiB.
    pub(crate) peak: Option<u64>,
}

/// Runs the program in a folder to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> anyhow::Result<Ran> {
    let begun = Instant::now();
    let mut child = program(folder, arguments).spawn().context("the program could not be started")?;
    let out = said(child.stdout.take());
    let err = said(child.stderr.take());
    let mut peak = None;
    while !has_ended(&child) {
        peak = peak_memory(&child).or(peak);
        thread::park_timeout(TICK);
    }
    // An ended process keeps its times until it is waited for.
    let cpu = cpu_seconds(child.id());
    let code = child.wait()?.code();
    let wall = begun.elapsed();
    let text = |pipe: JoinHandle<String>| pipe.join().unwrap_or_default();
    Ok(Ran { code, stdout: text(out), stderr: text(err), wall, cpu, peak })
}

/// The program with nothing of this machine's environment.
pub(crate) fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).current_dir(folder).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Reads a pipe to its end, so that the process never waits for us.
fn said(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        // What was read before a failure is still what the process said.
        let _ = pipe.map(|mut pipe| pipe.read_to_string(&mut text));
        text
    })
}

/// Whether a process has ended and only waits to be waited for. Without `/proc` it counts as ended at once, and the
/// wait for its end follows.
fn has_ended(child: &Child) -> bool {
    stat(child.id()).is_none_or(|fields| fields.first().is_none_or(|state| state == "Z"))
}

/// Seconds of processor time that a process took until now.
pub(crate) fn cpu_seconds(pid: u32) -> Option<f64> {
    let fields = stat(pid)?;
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    // Fields 14 and 15 of `man 5 proc_pid_stat`; the first two are gone.
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

/// The fields of `/proc/PID/stat` from the state on: the name before it may hold blanks and brackets.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

fn peak_memory(child: &Child) -> Option<u64> {
    status(child.id(), "VmHWM:")
}

/// A number of `/proc/PID/status`.
pub(crate) fn status(pid: u32, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
