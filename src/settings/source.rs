//! Sources of the configuration: which files hold findings.

use std::{num::NonZeroU64, path::PathBuf};

use super::{
    file::main::{MainFile, SourceEntry},
    reading::{Place, Reading},
    rule::{is_project_key, is_repository},
};
use crate::model::{
    conventions::Conventions,
    ids::SourceName,
    issue::TrackerKind,
    postmortem::Diagnostic,
    rule::{Outcome, Rule},
};

/// One source of findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSettings {
    /// Its name.
    pub name: SourceName,
    /// Folder that the patterns start from.
    pub root: PathBuf,
    /// Which files, as patterns relative to `root`.
    pub files: Vec<String>,
    /// Team of findings whose document names none.
    pub team: Option<String>,
    /// How its documents are written.
    pub conventions: Conventions,
    /// Largest file that is read, in bytes.
    pub max_bytes: NonZeroU64,
    /// Where its patterns are written, for errors.
    place: Place,
}

impl SourceSettings {
    /// What to tell when its files cannot be listed.
    pub fn unlisted(&self, why: &str) -> Diagnostic {
        let help =
            "correct `files` or `root` of this source; paths are relative to this file's folder".to_owned();
        self.place.error("source_unreadable", format!("the source `{}`: {why}", self.name), Some(help))
    }
}

/// Reads every source of the main file. A source that names no Jira projects gets those of the rules.
pub(super) fn sources(page: &mut Reading, file: &MainFile, of_rules: &[String]) -> Vec<SourceSettings> {
    let items = page.items("/sources", &file.sources);
    items.into_iter().map(|(at, entry)| source(page, &at, entry, of_rules)).collect()
}

fn source(page: &mut Reading, at: &str, entry: &SourceEntry, of_rules: &[String]) -> SourceSettings {
    for (n, pattern) in entry.files.iter().enumerate() {
        check_pattern(page, &format!("{at}/files/{n}"), pattern);
    }
    let root = page.beside(entry.root.as_deref().unwrap_or("."));
    if entry.root.is_some() && !root.is_dir() {
        let message = format!("there is no folder `{}`", root.display());
        page.error(
            &format!("{at}/root"),
            "source",
            message,
            Some("paths are relative to this file's folder".to_owned()),
        );
    }
    if let Some(repository) = entry.default_repository.as_ref().filter(|text| !is_repository(text)) {
        let message = format!("`{repository}` is not a repository");
        let help = "write it as `owner/repository`".to_owned();
        page.error(&format!("{at}/default_repository"), "source", message, Some(help));
    }
    for (n, key) in entry.jira_projects.iter().flatten().enumerate().filter(|(_, key)| !is_project_key(key)) {
        let message = format!("`{key}` is not a Jira project key");
        page.error(
            &format!("{at}/jira_projects/{n}"),
            "source",
            message,
            Some("write it like `PLAT`".to_owned()),
        );
    }
    SourceSettings {
        name: SourceName::new(entry.name.clone()),
        root,
        files: entry.files.clone(),
        team: entry.team.clone(),
        conventions: Conventions {
            default_repository: entry.default_repository.clone(),
            jira_projects: entry.jira_projects.clone().unwrap_or_else(|| of_rules.to_vec()),
            date_order: entry.date_order,
            quarter_is_due: entry.quarter_is_due,
            columns: entry.columns.clone(),
            words: entry.words.clone(),
        },
        max_bytes: entry.max_bytes,
        place: page.place(&format!("{at}/files")),
    }
}

fn check_pattern(page: &mut Reading, at: &str, pattern: &str) {
    let (message, help) = match glob::Pattern::new(pattern) {
        Err(error) => {
            (format!("`{pattern}` is not a pattern: {}", error.msg), "write it like `postmortems/**/*.md`")
        }
        Ok(_) if pattern.starts_with('/') || pattern.split('/').any(|part| part == "..") => {
            (format!("`{pattern}` leaves the source's folder"), "name the folder with `root`")
        }
        Ok(_) => return,
    };
    page.error(at, "source", message, Some(help.to_owned()));
}

/// Jira projects that rules create issues in, in order and each once.
pub(super) fn projects(rules: &[Rule], is_jira: impl Fn(&str) -> Option<TrackerKind>) -> Vec<String> {
    let mut projects: Vec<String> = rules
        .iter()
        .filter_map(|rule| match &rule.then {
            Outcome::Create(to) => Some(to),
            Outcome::Register { .. } => None,
        })
        .filter(|to| is_jira(to.tracker.as_str()).is_some_and(|kind| kind != TrackerKind::Github))
        .map(|to| to.place.as_str().to_owned())
        .collect();
    projects.sort();
    projects.dedup();
    projects
}
