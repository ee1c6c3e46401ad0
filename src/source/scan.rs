//! What `intake scan --format json` prints: one object for each document. The shape is public and only grows.

use chrono::NaiveDate;
use serde::Serialize;

use super::reference;
use crate::model::{
    fate::Tally,
    ids::FindingKey,
    observed::Observed,
    postmortem::{Candidate, Diagnostic, Document, DocumentFinding, Level, Postmortem, When},
    terms::{Claimed, Class, Kind, Priority, Severity, Tlp},
};

/// One document.
#[derive(Debug, Serialize)]
pub struct Scan<'a> {
    /// Its path.
    pub path: &'a str,
    /// The write-up; null when it could not be read.
    pub postmortem: Option<Head<'a>>,
    /// Its findings, in document order.
    pub findings: Vec<Row<'a>>,
    /// What waits for a person.
    pub candidates: &'a [Candidate],
    /// How many of its list items, table rows and checkboxes came to what; null when it could not be read.
    pub coverage: Option<Share>,
    /// What was noticed.
    pub diagnostics: Vec<Note<'a>>,
}

/// What a write-up says about itself.
#[derive(Debug, Serialize)]
pub struct Head<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// When it was published: a date, or an instant with its offset.
    pub date: Option<String>,
    /// Severity of the incident.
    pub severity: Option<Severity>,
    /// Whether it is still being written: then nothing of it is followed yet.
    pub draft: bool,
    /// Who may read it: the class of its strictest mark, AMBER when it has none.
    pub tlp: Tlp,
    /// Line of that mark; 0 when the name or the title says so, null when nothing does.
    pub tlp_line: Option<usize>,
}

/// One finding.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    /// Provisional key: the register allocates the ids that a document does not state.
    pub key: String,
    /// What must change.
    pub title: &'a str,
    /// More about it.
    pub description: Option<&'a str>,
    /// What went wrong.
    pub class: Option<Class>,
    /// What the action does.
    pub kind: Option<Kind>,
    /// Which of `class` and `kind` the document does not say; its words suggest them.
    pub inferred: Vec<&'static str>,
    /// How bad, as its document says.
    pub severity: Option<Severity>,
    /// How soon, as its document says.
    pub priority: Option<Priority>,
    /// Who is asked, as written.
    pub owner: Option<&'a str>,
    /// Explicit deadline.
    pub due: Option<NaiveDate>,
    /// What the document claims.
    pub claimed: Claimed,
    /// Issues it cites, as people write them.
    pub trackers: Vec<String>,
    /// Who may read it: as its write-up, or as its section where that is stricter.
    pub tlp: Tlp,
    /// Line of the mark that says so.
    pub tlp_line: Option<usize>,
    /// Line it starts on, from 1.
    pub line: usize,
}

/// How many list items, table rows, checkboxes and entries of a document came to what: `findings`, `candidates`, `details` and what
/// was set aside add up to `items`.
#[derive(Debug, Serialize)]
pub struct Share {
    /// All of them.
    pub items: usize,
    /// Those that became findings; a row that holds several actions is one.
    pub findings: usize,
    /// Those that wait for a person.
    pub candidates: usize,
    /// Those that say more about one of these or the write-up, or announce what stands below them.
    pub details: usize,
    /// Those that came to nothing, by the reason.
    pub set_aside: Vec<SetAside>,
    /// Paragraphs and headings that came to something; they are no items.
    pub text: InText,
}

/// How many parts of a document were set aside for one reason.
#[derive(Debug, Serialize)]
pub struct SetAside {
    /// A stable code.
    pub reason: &'static str,
    /// How many.
    pub count: usize,
    /// The headings or labels that decided about them, each once.
    pub headings: Vec<String>,
}

/// How many paragraphs and headings came to what.
#[derive(Debug, Serialize)]
pub struct InText {
    /// Those that became findings.
    pub findings: usize,
    /// Those that wait for a person.
    pub candidates: usize,
}

impl Share {
    /// Shows what was counted.
    pub fn of(tally: &Tally) -> Self {
        let set_aside = tally.set_aside.iter().map(|(reason, aside)| SetAside {
            reason,
            count: aside.count,
            headings: aside.headings.iter().map(ToString::to_string).collect(),
        });
        Self {
            items: tally.items,
            findings: tally.findings,
            candidates: tally.candidates,
            details: tally.details,
            set_aside: set_aside.collect(),
            text: InText { findings: tally.findings_in_text, candidates: tally.candidates_in_text },
        }
    }
}

/// One diagnostic.
#[derive(Debug, Serialize)]
pub struct Note<'a> {
    /// Stable code.
    pub code: &'a str,
    /// How much it matters.
    pub severity: Level,
    /// Line from 1; 0 for the whole file.
    pub line: usize,
    /// Column from 1; 0 for the whole line or file.
    pub column: usize,
    /// What is wrong.
    pub message: &'a str,
    /// What to do.
    pub help: Option<&'a str>,
}

impl<'a> Scan<'a> {
    /// Shows a document.
    pub fn of(document: &'a Document) -> Self {
        let known = match &document.postmortem {
            Observed::Known(postmortem) => Some(postmortem),
            Observed::Missing | Observed::Unknown { .. } => None,
        };
        let postmortem = known.map(Head::of);
        let findings = known.map(rows).unwrap_or_default();
        let candidates = known.map_or(&[] as &[Candidate], |known| known.candidates.as_slice());
        let coverage = known.map(|known| Share::of(&known.coverage));
        let diagnostics = document.diagnostics.iter().map(Note::of).collect();
        Self { path: &document.path, postmortem, findings, candidates, coverage, diagnostics }
    }
}

impl<'a> Head<'a> {
    fn of(postmortem: &'a Postmortem) -> Self {
        Self {
            id: postmortem.id.as_str(),
            title: &postmortem.title,
            date: postmortem.published.map(written),
            severity: postmortem.severity,
            draft: postmortem.draft,
            tlp: postmortem.tlp,
            tlp_line: postmortem.marked.map(|mark| mark.line),
        }
    }
}

impl<'a> Note<'a> {
    fn of(noted: &'a Diagnostic) -> Self {
        Self {
            code: &noted.code,
            severity: noted.level,
            line: noted.line,
            column: noted.column,
            message: &noted.message,
            help: noted.help.as_deref(),
        }
    }
}

fn written(when: When) -> String {
    when.instant.map_or_else(|| when.date.to_string(), |instant| instant.to_rfc3339())
}

/// Findings with provisional keys.
fn rows(postmortem: &Postmortem) -> Vec<Row<'_>> {
    let findings = keys(postmortem).into_iter().zip(&postmortem.findings);
    findings.map(|(key, finding)| row(postmortem, key, finding)).collect()
}

/// Provisional keys of findings: the stated id, else the first free number in order.
pub(super) fn keys(postmortem: &Postmortem) -> Vec<String> {
    let stated: Vec<&str> = postmortem.findings.iter().filter_map(|finding| finding.id.as_deref()).collect();
    let mut free = (1_u32..).map(|number| format!("F{number}")).filter(|id| !stated.contains(&id.as_str()));
    postmortem
        .findings
        .iter()
        .map(|finding| {
            let id = finding.id.clone().or_else(|| free.next()).unwrap_or_default();
            FindingKey::of(&postmortem.id, &id).to_string()
        })
        .collect()
}

fn inferred(finding: &DocumentFinding) -> Vec<&'static str> {
    let class = finding.class.is_none() && finding.hints.class.is_some();
    let kind = finding.kind.is_none() && finding.hints.kind.is_some();
    [(class, "class"), (kind, "kind")]
        .into_iter()
        .filter_map(|(inferred, name)| inferred.then_some(name))
        .collect()
}

fn row<'a>(postmortem: &Postmortem, key: String, finding: &'a DocumentFinding) -> Row<'a> {
    let own = finding.marked.filter(|mark| mark.tlp > postmortem.tlp);
    Row {
        key,
        title: &finding.title,
        description: finding.description.as_deref(),
        class: finding.class.or(finding.hints.class),
        kind: finding.kind.or(finding.hints.kind),
        inferred: inferred(finding),
        severity: finding.severity,
        priority: finding.priority,
        owner: finding.owner.as_deref(),
        due: finding.due,
        claimed: finding.claimed,
        trackers: finding.trackers.iter().map(reference::written).collect(),
        tlp: finding.tlp(postmortem.tlp),
        tlp_line: own.or(postmortem.marked).map(|mark| mark.line),
        line: finding.line,
    }
}
