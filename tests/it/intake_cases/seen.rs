//! What a scan shows of one document, as the JSON that it prints.

use std::path::{Path, PathBuf};

use postmortem_sync::{
    model::{conventions::Conventions, ids::SourceName},
    source::{read_paths, scan::Scan},
};
use serde_json::Value;

/// What a scan shows of one file, which may hold several documents.
pub(super) struct Seen {
    documents: Vec<Value>,
}

impl Seen {
    /// Scans a file with the options of the command.
    pub(super) fn read(file: &Path, options: &Value) -> Self {
        let mut conventions = Conventions::default();
        let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for option in options.chunks(2) {
            match option {
                ["--jira-project", key] => conventions.jira_projects.push((*key).to_owned()),
                ["--default-repository", name] => conventions.default_repository = Some((*name).to_owned()),
                other => panic!("an option that is not known: {other:?}"),
            }
        }
        let documents = read_paths(&SourceName::from("scan"), &[PathBuf::from(file)], 1 << 20, &conventions);
        Self { documents: documents.iter().map(|it| serde_json::to_value(Scan::of(it)).unwrap()).collect() }
    }

    /// Its findings.
    pub(super) fn findings(&self) -> Vec<&Value> {
        self.all("findings").collect()
    }

    /// The texts of its candidates.
    pub(super) fn candidates(&self) -> Vec<&str> {
        self.all("candidates").filter_map(|candidate| candidate["text"].as_str()).collect()
    }

    /// The first of its write-ups; null when nothing was read.
    pub(super) fn postmortem(&self) -> &Value {
        self.documents.first().map_or(&Value::Null, |document| &document["postmortem"])
    }

    /// Everything that is told, from a level on: what is noticed, and what to do.
    pub(super) fn told(&self, levels: &[&str]) -> Vec<String> {
        self.all("diagnostics")
            .filter(|noted| noted["severity"].as_str().is_some_and(|level| levels.contains(&level)))
            .map(|noted| {
                format!("{} {}", noted["message"].as_str().unwrap(), noted["help"].as_str().unwrap_or(""))
            })
            .collect()
    }

    fn all<'a>(&'a self, part: &'a str) -> impl Iterator<Item = &'a Value> {
        self.documents.iter().flat_map(move |document| document[part].as_array().into_iter().flatten())
    }
}
