//! The trackers, as a process beside the one that is measured.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use anyhow::bail;

use super::process::{cpu_seconds, program};

/// A sandbox in a process of its own; it ends with this value.
pub(crate) struct Sandbox {
    child: Child,
    /// The first line that it printed.
    pub(crate) line: String,
}

impl Sandbox {
    /// Starts one.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut child = program(folder, &["sandbox"]).stderr(Stdio::null()).spawn()?;
        let Some(stdout) = child.stdout.take() else { bail!("the sandbox has no standard output") };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(Self { child, line })
    }

    /// Seconds of processor time that it took until now.
    pub(crate) fn cpu(&self) -> Option<f64> {
        cpu_seconds(self.child.id())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
