//! The demo's files: three postmortems, a configuration, the people, the trackers' tokens.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use crate::sandbox::Addresses;

/// The world that the demo's trackers begin with.
pub(super) const WORLD: &str = include_str!("../../../config/demo/world.json");

/// Marks a folder as the demo's, so that nothing else is ever replaced.
const MARK: &str = ".postmortem-sync-demo";

const CONFIG: &str = include_str!("../../../config/demo/postmortem-sync.yaml");
const PEOPLE: &str = include_str!("../../../config/demo/people.yaml");
const POSTMORTEMS: &[(&str, &str)] = &[
    (
        "2026-10-19-leaked-deploy-token.md",
        include_str!("../../../config/demo/postmortems/2026-10-19-leaked-deploy-token.md"),
    ),
    (
        "2026-11-05-phished-on-call.md",
        include_str!("../../../config/demo/postmortems/2026-11-05-phished-on-call.md"),
    ),
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
    fs::create_dir_all(folder).with_context(|| cannot(folder))?;
    fs::write(folder.join(MARK), "").with_context(|| cannot(folder))
}

/// Writes every file; gives the path of the configuration.
///
/// # Errors
/// A file cannot be written.
pub(super) fn write(folder: &Path, addresses: &Addresses) -> anyhow::Result<PathBuf> {
    let documents = folder.join("postmortems");
    let secrets = folder.join("secrets");
    for made in [&documents, &secrets] {
        fs::create_dir_all(made).with_context(|| cannot(made))?;
    }
    for (name, text) in POSTMORTEMS {
        fs::write(documents.join(name), text).with_context(|| cannot(&documents))?;
    }
    secret(&secrets.join("github"), "sandbox-github-token")?;
    secret(&secrets.join("jira"), "sandbox-jira-token")?;
    fs::write(folder.join("people.yaml"), PEOPLE).with_context(|| cannot(folder))?;
    let config = folder.join("postmortem-sync.yaml");
    let text = CONFIG.replace("@GITHUB@", &addresses.github).replace("@JIRA@", &addresses.jira);
    fs::write(&config, text).with_context(|| cannot(&config))?;
    Ok(config)
}

fn secret(path: &Path, token: &str) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| writeln!(file, "{token}"));
    written.with_context(|| cannot(path))
}

fn cannot(path: &Path) -> String {
    format!("{} cannot be used", path.display())
}
