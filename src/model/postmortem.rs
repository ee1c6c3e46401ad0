//! What a document says, before the register has seen it.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    document::FileStat,
    fate::{LineFate, Tally},
    ids::{PostmortemId, SourceName},
    observed::Observed,
    terms::{Claimed, Class, Kind, Priority, Route, Severity, Tlp, Work},
};

/// One document of a source, read or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The source that lists it.
    pub source: SourceName,
    /// Path as the source names it.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal; empty when it could not be read.
    pub hash: String,
    /// What the file system said of its file before it was read; none of what is no file.
    #[serde(default)]
    pub stat: Option<FileStat>,
    /// The version that its source gives it; none where sources give none.
    #[serde(default)]
    pub revision: Option<String>,
    /// What it says; `Unknown` when it could not be read or is invalid.
    pub postmortem: Observed<Postmortem>,
    /// Everything noticed while reading.
    pub diagnostics: Vec<Diagnostic>,
}

impl Document {
    /// The document for whoever only needs to know how many of its parts came to what.
    #[must_use]
    pub fn without_fates(mut self) -> Self {
        if let Observed::Known(postmortem) = &mut self.postmortem {
            postmortem.fates = Vec::new();
        }
        self
    }
}

/// One write-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Postmortem {
    /// Its id; from the document, else derived from the file's name.
    pub id: PostmortemId,
    /// Whether the id was derived: then the one under which the register first saw the write-up wins.
    pub id_derived: bool,
    /// Title.
    pub title: String,
    /// Where people read it.
    pub url: Option<String>,
    /// Classification: the strictest of its marks; AMBER when the document does not say.
    pub tlp: Tlp,
    /// The mark that says so; none when the document does not.
    #[serde(default)]
    pub marked: Option<Mark>,
    /// Whether it is still a draft; drafts create nothing.
    pub draft: bool,
    /// When it was published.
    pub published: Option<When>,
    /// Who is asked first to verify its findings, as written.
    pub reviewers: Vec<String>,
    /// Who wrote it, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Severity of the incident.
    pub severity: Option<Severity>,
    /// That severity as it is written, where nobody understands it: then it counts as high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_unclear: Option<String>,
    /// Id of the incident elsewhere.
    pub incident: Option<String>,
    /// Who is asked for whatever in it names nobody, as written.
    pub owner: Option<String>,
    /// The team of whatever in it names none.
    pub team: Option<String>,
    /// Its findings, in document order.
    pub findings: Vec<DocumentFinding>,
    /// What might be a finding and waits for a person; never creates an issue.
    pub candidates: Vec<Candidate>,
    /// How many of its list items, table rows and checkboxes came to what.
    #[serde(skip)]
    pub coverage: Tally,
    /// What became of each of them; only where a person looks at the document line by line, else none.
    #[serde(skip)]
    pub fates: Vec<LineFate>,
}

/// A class that a document shows, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The class.
    pub tlp: Tlp,
    /// Line from 1; 0 when the document's name or its title says so.
    pub line: usize,
    /// Column from 1; 0 when that is not known.
    pub column: usize,
}

/// A date, or an instant with an offset; a bare local time is refused when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// The date as written.
    pub date: NaiveDate,
    /// The instant, if a time was written.
    pub instant: Option<DateTime<FixedOffset>>,
}

/// One finding as a document states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentFinding {
    /// Id the document gives it, such as `F1`; none when the register must allocate one.
    pub id: Option<String>,
    /// What must change, in one line.
    pub title: String,
    /// More about it, as Markdown.
    pub description: Option<String>,
    /// What went wrong.
    pub class: Option<Class>,
    /// What the action does.
    pub kind: Option<Kind>,
    /// Bug or change request.
    pub work: Option<Work>,
    /// Where it is followed up.
    pub route: Option<Route>,
    /// How bad.
    pub severity: Option<Severity>,
    /// That severity as it is written, where nobody understands it: then it counts as high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_unclear: Option<String>,
    /// How soon.
    pub priority: Option<Priority>,
    /// Who is asked to do it, as written.
    pub owner: Option<String>,
    /// The team it belongs to.
    pub team: Option<String>,
    /// Explicit deadline; can only shorten the policy's.
    pub due: Option<NaiveDate>,
    /// How the reviewer will know that it worked.
    pub criteria: Option<String>,
    /// Issues it cites, to be adopted instead of creating one.
    pub trackers: Vec<TrackerRef>,
    /// Name of the rule it asks for; narrows the rules, never overrides them.
    pub target: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// What the document claims about its progress.
    pub claimed: Claimed,
    /// Earlier findings that it continues.
    pub replaces: Vec<String>,
    /// What its words suggest where the document does not say.
    #[serde(default)]
    pub hints: Hints,
    /// The strictest mark of the section it stands in; it may be stricter than its document.
    #[serde(default)]
    pub marked: Option<Mark>,
    /// Line it starts on, from 1.
    pub line: usize,
}

impl DocumentFinding {
    /// Its class in a document of a class: the strictest of both.
    pub fn tlp(&self, document: Tlp) -> Tlp {
        self.marked.map_or(document, |mark| mark.tlp.max(document))
    }
}

/// What the words of a finding suggest. Used only where its document does not say, and marked as inferred wherever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    /// What probably went wrong.
    pub class: Option<Class>,
    /// What the action probably does.
    pub kind: Option<Kind>,
}

/// Something that may be a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its text.
    pub text: String,
    /// Why a person must look: a stable code such as `prose_candidate`.
    pub reason: String,
    /// The strictest mark of the section it stands in.
    #[serde(default)]
    pub marked: Option<Mark>,
    /// Line it starts on, from 1.
    pub line: usize,
}

/// A reference to an issue, as a document writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackerRef {
    /// `owner/repo#n`, or a GitHub issue URL (then with its web host).
    Github {
        /// Web host, such as `github.com`; none when only `owner/repo#n` was written.
        host: Option<String>,
        /// `owner/repo`.
        repository: String,
        /// Issue number.
        number: u64,
    },
    /// A GitHub pull request: evidence, not an issue to follow.
    PullRequest {
        /// Web host, such as `github.com`; none when only a short form was written.
        host: Option<String>,
        /// `owner/repo`.
        repository: String,
        /// Pull request number.
        number: u64,
    },
    /// `ABC-123`, or a `/browse/ABC-123` URL (then with its host).
    Jira {
        /// Host of the site, when a URL was written.
        host: Option<String>,
        /// Issue key.
        key: String,
    },
    /// Any other link.
    Other {
        /// The URL.
        url: String,
    },
}

impl TrackerRef {
    /// Whether it means an issue; pull requests and other addresses are evidence.
    pub fn is_issue(&self) -> bool {
        match self {
            Self::Github { .. } | Self::Jira { .. } => true,
            Self::PullRequest { .. } | Self::Other { .. } => false,
        }
    }
}

impl fmt::Display for TrackerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Github { host: Some(host), repository, number } => {
                write!(f, "https://{host}/{repository}/issues/{number}")
            }
            Self::PullRequest { host: Some(host), repository, number } => {
                write!(f, "https://{host}/{repository}/pull/{number}")
            }
            Self::Github { host: None, repository, number }
            | Self::PullRequest { host: None, repository, number } => write!(f, "{repository}#{number}"),
            Self::Jira { host: Some(host), key } => write!(f, "https://{host}/browse/{key}"),
            Self::Jira { host: None, key } => f.write_str(key),
            Self::Other { url } => f.write_str(url),
        }
    }
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The document is not used.
    Error,
    /// A person should look.
    Warning,
    /// For information.
    Info,
}

/// Something noticed in a file, with its place and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Path of the file.
    pub path: String,
    /// Line from 1; 0 when it concerns the whole file.
    pub line: usize,
    /// Column from 1; 0 when it concerns the whole line or file.
    pub column: usize,
    /// How much it matters.
    #[serde(rename = "severity")]
    pub level: Level,
    /// Stable code, such as `no_action_section`.
    pub code: String,
    /// What is wrong, for people.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}
