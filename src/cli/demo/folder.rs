//! The demo's files: three postmortems, a configuration, the people, the trackers' tokens.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use chrono::NaiveDate;

use crate::{disk, sandbox::Addresses};

/// The world that the demo's trackers begin with.
pub(super) const WORLD: &str = include_str!("../../../config/demo/world.json");

/// Marks a folder as the demo's, so that nothing else is ever replaced.
const MARK: &str = ".postmortem-sync-demo";

const CONFIG: &str = include_str!("../../../config/demo/postmortem-sync.yaml");
const PEOPLE: &str = include_str!("../../../config/demo/people.yaml");
const POSTMORTEMS: &[(&str, &str)] = &[
    ("leaked-deploy-token.md", include_str!("../../../config/demo/postmortems/leaked-deploy-token.md")),
    ("phished-on-call.md", include_str!("../../../config/demo/postmortems/phished-on-call.md")),
    ("PM-2026-021.yaml", include_str!("../../../config/demo/postmortems/PM-2026-021.yaml")),
];

/// Makes the folder, or empties the one of an earlier demo.
///
/// # Errors
/// The folder holds something else.
pub(super) fn prepare(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        let is_empty = folder.read_dir().with_context(|| cannot(folder))?.next().is_none();
        if !is_empty && !folder.join(MARK).exists() {
            bail!("{} holds something else; name another folder with `--dir`", folder.display());
        }
        fs::remove_dir_all(folder).with_context(|| cannot(folder))?;
    }
    disk::folder(folder).with_context(|| cannot(folder))?;
    disk::replace(&folder.join(MARK), b"").with_context(|| cannot(folder))
}

/// Writes every file, with write-ups of the last weeks; gives the path of the configuration.
///
/// # Errors
/// A file cannot be written.
pub(super) fn write(folder: &Path, addresses: &Addresses, today: NaiveDate) -> anyhow::Result<PathBuf> {
    let documents = folder.join("postmortems");
    let secrets = folder.join("secrets");
    for made in [&documents, &secrets] {
        disk::folder(made).with_context(|| cannot(made))?;
    }
    for (name, text) in POSTMORTEMS {
        disk::replace(&documents.join(name), recent(text, today).as_bytes())
            .with_context(|| cannot(&documents))?;
    }
    secret(&secrets.join("github"), "sandbox-github-token")?;
    secret(&secrets.join("jira"), "sandbox-jira-token")?;
    disk::replace(&folder.join("people.yaml"), PEOPLE.as_bytes()).with_context(|| cannot(folder))?;
    let config = folder.join("postmortem-sync.yaml");
    let text = CONFIG.replace("@GITHUB@", &addresses.github).replace("@JIRA@", &addresses.jira);
    disk::replace(&config, text.as_bytes()).with_context(|| cannot(&config))?;
    Ok(config)
}

/// A write-up with its dates moved to before `today`: one that grows old would be overdue before anybody reads it.
fn recent(text: &str, today: NaiveDate) -> String {
    const WIDTH: usize = "2026-11-20".len();
    let age = today - NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or(today);
    let mut moved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let word = rest.get(..WIDTH).filter(|_| next.is_ascii_digit());
        let date = word.and_then(|word| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok());
        let taken = match date {
            Some(date) => {
                moved.push_str(&(date + age).to_string());
                WIDTH
            }
            None => {
                moved.push(next);
                next.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    moved
}

fn secret(path: &Path, token: &str) -> anyhow::Result<()> {
    disk::replace(path, format!("{token}\n").as_bytes()).with_context(|| cannot(path))
}

fn cannot(path: &Path) -> String {
    format!("{} cannot be used", path.display())
}
