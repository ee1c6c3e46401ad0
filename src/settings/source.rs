//! Sources of the configuration: which files hold findings.

use std::{num::NonZeroU64, path::PathBuf};

use super::{
    file::main::{IssuesEntry, MainFile, SourceEntry},
    known::Known,
    reading::{Place, Reading},
    rule::{is_project_key, is_repository, tracker_kind},
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
    /// Issues of a Jira.
    Query {
        /// The tracker.
        tracker: TrackerName,
        /// The query that finds every write-up.
        jql: String,
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
            Contents::Issues { tracker, .. } | Contents::Query { tracker, .. } => Some(tracker),
        }
    }

    /// The wiki that its documents are pages of, if they are.
    pub fn wiki(&self) -> Option<&ConfluenceSettings> {
        match &self.contents {
            Contents::Files { .. } | Contents::Issues { .. } | Contents::Query { .. } => None,
            Contents::Confluence(wiki) => Some(wiki),
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
            Contents::Query { .. } => "correct `jql` of this source, or what its tracker lets us read",
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
            Contents::Files { .. } | Contents::Issues { .. } | Contents::Query { .. } => "in a tracker",
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
    let own = entry.issues.as_ref().and_then(|issues| issues.repository.clone());
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
            address: address(page, at, entry, named),
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

/// The address of files for people.
fn address(page: &mut Reading, at: &str, entry: &SourceEntry, named: &str) -> Option<String> {
    let address = entry.address.as_ref()?;
    let mut told = |message: &str, help: &str| {
        page.error(&format!("{at}/address"), "address", message.to_owned(), Some(help.to_owned()));
    };
    let is_web = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    if named != "files" {
        told("issues and pages have addresses of their own", "leave it out");
    } else if !is_web || !address.contains("{path}") {
        told(
            "this does not say where a file is",
            "write it like `https://git.example.org/postmortems/blob/main/{path}`",
        );
    }
    Some(address.clone())
}

fn files(page: &mut Reading, at: &str, entry: &SourceEntry) -> Option<Contents> {
    for (n, pattern) in entry.files.iter().enumerate() {
        check_pattern(page, &format!("{at}/files/{n}"), pattern);
    }
    if page.value().pointer(&format!("{at}/files")).is_none() {
        let message =
            format!("the source `{}` has neither `files` nor `issues` nor `confluence`", entry.name);
        let help =
            "give it one: `files` are read from a folder, `issues` from a tracker, `confluence` from a wiki"
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
    Some(match tracker_kind(page, &at, &issues.tracker, known) {
        Some(kind @ (TrackerKind::JiraCloud | TrackerKind::JiraDataCenter)) => {
            of_jira(page, &at, issues, kind)
        }
        None if issues.jql.is_some() => query(issues),
        None | Some(TrackerKind::Github) => of_github(page, &at, issues),
    })
}

fn of_github(page: &mut Reading, at: &str, issues: &IssuesEntry) -> Contents {
    if issues.jql.is_some() {
        let help = "name `repository` and `label` instead, or a Jira";
        misplaced(page, at, "jql", (&issues.tracker, TrackerKind::Github), help);
    }
    let carried = "name the label that every write-up carries, such as `postmortem`";
    match &issues.repository {
        Some(repository) if is_repository(repository) => {}
        Some(repository) => {
            let message = format!("`{repository}` is not a repository");
            let help = "write it as `owner/repository`".to_owned();
            page.error(&format!("{at}/repository"), "source", message, Some(help));
        }
        None => {
            let help = "name the repository that they are in, as `owner/repository`";
            missing(page, at, "repository", &issues.tracker, help);
        }
    }
    match &issues.label {
        Some(label) if !label.trim().is_empty() => {}
        Some(_) => {
            let help = Some(carried.to_owned());
            page.error(&format!("{at}/label"), "source", "the label is empty".to_owned(), help);
        }
        None => missing(page, at, "label", &issues.tracker, carried),
    }
    Contents::Issues {
        tracker: TrackerName::new(issues.tracker.clone()),
        repository: PlaceName::new(issues.repository.clone().unwrap_or_default()),
        label: issues.label.as_deref().unwrap_or_default().trim().to_owned(),
    }
}

fn of_jira(page: &mut Reading, at: &str, issues: &IssuesEntry, kind: TrackerKind) -> Contents {
    let help = "name the query that finds every write-up, such as `jql: project = PIR and issuetype = \"Post-incident review\"`";
    for (is_there, key) in [(issues.repository.is_some(), "repository"), (issues.label.is_some(), "label")] {
        if is_there {
            misplaced(
                page,
                at,
                key,
                (&issues.tracker, kind),
                "say with `jql` which issues are write-ups, or name a GitHub",
            );
        }
    }
    let is_misplaced = issues.repository.is_some() || issues.label.is_some();
    match &issues.jql {
        None if is_misplaced => {}
        None => missing(page, at, "jql", &issues.tracker, help),
        Some(jql) if jql.trim().is_empty() || jql.trim().to_ascii_lowercase().starts_with("order by") => {
            let message = "the query finds every issue".to_owned();
            page.error(&format!("{at}/jql"), "source", message, Some(help.to_owned()));
        }
        Some(_) => {}
    }
    query(issues)
}

fn query(issues: &IssuesEntry) -> Contents {
    let jql = issues.jql.as_deref().unwrap_or_default().trim().to_owned();
    Contents::Query { tracker: TrackerName::new(issues.tracker.clone()), jql }
}

/// Tells of a key that is for another kind of tracker.
fn misplaced(page: &mut Reading, at: &str, key: &str, (tracker, kind): (&str, TrackerKind), help: &str) {
    let other = if kind == TrackerKind::Github { "a Jira" } else { "a GitHub" };
    let message = format!("`{key}` is for {other}, and `{tracker}` is of kind {}", kind.as_str());
    page.error_at_key(&format!("{at}/{key}"), "source", message, Some(help.to_owned()));
}

/// Tells of a key that a kind of tracker needs.
fn missing(page: &mut Reading, at: &str, key: &str, tracker: &str, help: &str) {
    let message = format!("the issues of `{tracker}` need a `{key}`");
    page.error(at, "source", message, Some(help.to_owned()));
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
