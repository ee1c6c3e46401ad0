//! Tells the program the commit that it is built from, and its date, where there is a repository to ask.

#![expect(clippy::disallowed_methods, reason = "cargo tells a build script everything by the environment")]

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=POSTMORTEM_SYNC_COMMIT");
    let given = std::env::var("POSTMORTEM_SYNC_COMMIT").ok();
    let commit = given.or_else(released).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let version = if commit.is_empty() { version.to_owned() } else { format!("{version} ({commit})") };
    println!("cargo:rustc-env=POSTMORTEM_SYNC_VERSION={version}");
}

/// The commit of a build that is to be used; one for tests need not be made anew for each.
fn released() -> Option<String> {
    std::env::var("PROFILE").ok().filter(|profile| profile == "release")?;
    println!("cargo:rerun-if-changed=.git/HEAD");
    println!("cargo:rerun-if-changed=.git/refs/heads");
    let asked = Command::new("git").args(["log", "-1", "--format=%h %cs"]).output();
    let told = asked.ok().filter(|told| told.status.success())?;
    Some(String::from_utf8(told.stdout).ok()?.trim().to_owned())
}
