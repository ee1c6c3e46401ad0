//! Sources of the configuration: which files hold findings.

use std::{num::NonZeroU64, path::PathBuf};

use super::{
    file::main::{IssuesEntry, MainFile, SourceEntry},
    known::Known,
    reading::{Place, Reading},
    rule::{is_project_key, is_repository, tracker_kind},
    secret::SecretRef,
    wiki::{self, ConfluenceSettings},
};
use crate::model::{
    conventions::Conventions,
    ids::{PlaceName, SourceName, TrackerName},
    issue::TrackerKind,
    postmortem::{Diagnostic, Level},
    rule::{Outcome, Rule},
};

/// What a source holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Files below a folder.
    Files {
        /// Folder that the patterns start from.
        root: PathBuf,
        /// Which files, as patterns relative to `root`.
        patterns: Vec<String>,
    },
    /// Issues of a tracker.
    Issues {
        /// The tracker.
        tracker: TrackerName,
        /// The repository.
        repository: PlaceName,
        /// The label that every write-up carries.
        label: String,
    },
    /// Pages of a Confluence.
    Confluence(Box<ConfluenceSettings>),
}

/// One source of findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSettings {
    /// Its name.
    pub name: SourceName,
    /// What it holds.
    pub contents: Contents,
    /// Team of findings whose document names none.
    pub team: Option<String>,
    /// How its documents are written.
    pub conventions: Conventions,
    /// Largest file that is read, in bytes.
    pub max_bytes: NonZeroU64,
    /// Where its contents are named, for errors.
    place: Place,
}

impl SourceSettings {
    /// The tracker that its documents are in, if they are no files.
    pub fn tracker(&self) -> Option<&TrackerName> {
        match &self.contents {
            Contents::Files { .. } | Contents::Confluence(_) => None,
            Contents::Issues { tracker, .. } => Some(tracker),
        }
    }

    /// Where the secret is kept that it needs besides those of trackers, if it needs one.
    pub(super) fn secret(&self) -> Option<&SecretRef> {
        match &self.contents {
            Contents::Files { .. } | Contents::Issues { .. } => None,
            Contents::Confluence(wiki) => Some(wiki.credential.secret()),
        }
    }

    /// Whether its documents are asked for over the network.
    pub fn is_remote(&self) -> bool {
        !matches!(self.contents, Contents::Files { .. })
    }

    /// What to tell when its documents cannot be listed.
    pub fn unlisted(&self, why: &str) -> Diagnostic {
        let help = match &self.contents {
            Contents::Files { .. } => {
                "correct `files` or `root` of this source; paths are relative to this file's folder"
            }
            Contents::Issues { .. } => "correct `issues` of this source, or what its tracker lets us read",
            Contents::Confluence(_) => {
                "correct `confluence` of this source, or what its account may read; `token` belongs to `email` in the cloud"
            }
        };
        let message = format!("the source `{}`: {why}", self.name);
        self.place.error("source_unreadable", message, Some(help.to_owned()))
    }

    /// What to tell when its documents were not asked for.
    pub fn unasked(&self) -> Diagnostic {
        let place = match &self.contents {
            Contents::Files { .. } | Contents::Issues { .. } => "in a tracker",
            Contents::Confluence(_) => "in a Confluence",
        };
        let message = format!("the source `{}` is {place}, so its documents were not read", self.name);
        let warning = self.place.warning("source_unread", message, Some("add `--online`".to_owned()));
        Diagnostic { level: Level::Info, ..warning }
    }
}

/// Reads every source of the main file. A source that names no Jira projects gets those of the rules.
pub(super) fn sources(
    page: &mut Reading,
    file: &MainFile,
    known: &Known,
    of_rules: &[String],
) -> Vec<SourceSettings> {
    let items = page.items("/sources", &file.sources);
    items.into_iter().filter_map(|(at, entry)| source(page, &at, entry, known, of_rules)).collect()
}

fn source(
    page: &mut Reading,
    at: &str,
    entry: &SourceEntry,
    known: &Known,
    of_rules: &[String],
) -> Option<SourceSettings> {
    let contents = match (&entry.confluence, &entry.issues) {
        (Some(confluence), _) => wiki::confluence(page, at, entry, confluence)
            .map(|settings| Contents::Confluence(Box::new(settings))),
        (None, None) => files(page, at, entry),
        (None, Some(issues)) => issues_of(page, at, entry, issues, known),
    };
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
    // In an issue a bare `#12` means its own repository.
    let own = entry.issues.as_ref().map(|issues| issues.repository.clone());
    let named = match (&entry.confluence, &entry.issues) {
        (Some(_), _) => "confluence",
        (None, Some(_)) => "issues",
        (None, None) => "files",
    };
    Some(SourceSettings {
        name: SourceName::new(entry.name.clone()),
        contents: contents?,
        team: entry.team.clone(),
        conventions: Conventions {
            default_repository: entry.default_repository.clone().or(own),
            jira_projects: entry.jira_projects.clone().unwrap_or_else(|| of_rules.to_vec()),
            date_order: entry.date_order,
            quarter_is_due: entry.quarter_is_due,
            columns: entry.columns.clone(),
            words: entry.words.clone(),
        },
        max_bytes: entry.max_bytes,
        place: page.place(&format!("{at}/{named}")),
    })
}

fn files(page: &mut Reading, at: &str, entry: &SourceEntry) -> Option<Contents> {
    for (n, pattern) in entry.files.iter().enumerate() {
        check_pattern(page, &format!("{at}/files/{n}"), pattern);
    }
    if page.value().pointer(&format!("{at}/files")).is_none() {
        let message =
            format!("the source `{}` has neither `files` nor `issues` nor `confluence`", entry.name);
        let help =
            "give it one: `files` are read from a folder, `issues` from a GitHub repository, `confluence` from a wiki"
                .to_owned();
        page.error(at, "source", message, Some(help));
        return None;
    }
    let root = page.beside(entry.root.as_deref().unwrap_or("."));
    if entry.root.is_some() && !root.is_dir() {
        let message = format!("there is no folder `{}`", root.display());
        let help = "paths are relative to this file's folder".to_owned();
        page.error(&format!("{at}/root"), "source", message, Some(help));
    }
    Some(Contents::Files { root, patterns: entry.files.clone() })
}

fn issues_of(
    page: &mut Reading,
    at: &str,
    entry: &SourceEntry,
    issues: &IssuesEntry,
    known: &Known,
) -> Option<Contents> {
    for (is_there, key) in [(!entry.files.is_empty(), "files"), (entry.root.is_some(), "root")] {
        if is_there {
            let message = format!("the source `{}` has both `issues` and `{key}`", entry.name);
            let help = "make two sources of it".to_owned();
            page.error_at_key(&format!("{at}/{key}"), "source", message, Some(help));
        }
    }
    let at = format!("{at}/issues");
    let kind = tracker_kind(page, &at, &issues.tracker, known);
    if let Some(kind) = kind.filter(|kind| *kind != TrackerKind::Github) {
        let message = format!("`{}` is of kind {} and has no repositories", issues.tracker, kind.as_str());
        page.error(&format!("{at}/tracker"), "source", message, Some("name a GitHub".to_owned()));
    }
    if !is_repository(&issues.repository) {
        let message = format!("`{}` is not a repository", issues.repository);
        let help = "write it as `owner/repository`".to_owned();
        page.error(&format!("{at}/repository"), "source", message, Some(help));
    }
    if issues.label.trim().is_empty() {
        let help = "name the label that every write-up carries, such as `postmortem`".to_owned();
        page.error(&format!("{at}/label"), "source", "the label is empty".to_owned(), Some(help));
    }
    Some(Contents::Issues {
        tracker: TrackerName::new(issues.tracker.clone()),
        repository: PlaceName::new(issues.repository.clone()),
        label: issues.label.trim().to_owned(),
    })
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
