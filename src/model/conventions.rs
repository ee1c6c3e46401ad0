//! How the documents of a source are written: what short forms mean in them, and which words they use.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::terms::{Class, Column, DateOrder, Kind, Priority, Severity, Tlp};

/// What is agreed on for the documents of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conventions {
    /// Address of a document for people, with `{path}` for its path; documents that name none are found there.
    pub address: Option<String>,
    /// Repository that a bare `#12` means.
    pub default_repository: Option<String>,
    /// Jira project keys that are recognised in text; anything else that looks like a key is not one.
    pub jira_projects: Vec<String>,
    /// What `24/07/2025` means; such dates are not read without it.
    pub date_order: Option<DateOrder>,
    /// Whether `Q3 2026` is a deadline, its last day; else it is a wish.
    pub quarter_is_due: bool,
    /// What a column holds, by its header; before every synonym.
    pub columns: BTreeMap<String, Column>,
    /// Words besides those that are built in.
    pub words: MoreWords,
}

/// Words that the documents of a source use besides those that are built in. They win where both know a word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct MoreWords {
    /// Headings and labels of actions.
    pub actions: Vec<String>,
    /// Headings of what may be actions, for a person to decide.
    pub candidates: Vec<String>,
    /// Headings of something else.
    pub aside: Vec<String>,
    /// Claims that work is done.
    pub done: Vec<String>,
    /// Claims that work has begun.
    pub in_progress: Vec<String>,
    /// Says that nobody will do it.
    pub declined: Vec<String>,
    /// Words, or beginnings of words, that hint at a class of finding.
    pub classes: BTreeMap<String, Class>,
    /// Words, or beginnings of words, that hint at a kind of action; they also name it.
    pub kinds: BTreeMap<String, Kind>,
    /// Words for how bad something is, and the severity that each means.
    pub severities: BTreeMap<String, Severity>,
    /// Words for how soon something is to be done, and the priority that each means.
    pub priorities: BTreeMap<String, Priority>,
    /// Labels and headers before a mark that says who may read a document, such as `Classification`.
    pub handling: Vec<String>,
    /// Marks that say who may read a document, such as `strictly confidential`, and the class that each means.
    pub markings: BTreeMap<String, Tlp>,
}

impl Conventions {
    /// Whether keys of a Jira project are recognised.
    pub fn knows_project(&self, key: &str) -> bool {
        self.jira_projects.iter().any(|project| project == key)
    }
}
