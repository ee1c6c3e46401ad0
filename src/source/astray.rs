//! What is written like a reference to an issue and leads nowhere.
//!
//! Knows short forms and where in a text they stand. Knows no format, and asks no tracker.

use std::{collections::BTreeSet, ops::Range};

use super::{
    dialect::Dialect,
    reference::{Piece, is_key, pieces, positive},
    words::Vocabulary,
};
use crate::model::{postmortem::Level, terms::Column};

/// Stands for a line break that is nothing but wrapping.
const SOFT_BREAK: char = '\u{2028}';

/// Why something that is written like a reference leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// `#55` without a repository that it could be of.
    NoRepository,
    /// `api#55`, which names no owner of the repository.
    NoOwner,
    /// A key of a Jira project that nobody named.
    NoProject,
    /// The cell of a column of references that holds none that is known.
    Unread,
}

/// Something that is written like a reference and leads nowhere.
#[derive(Clone, Debug)]
pub(super) struct Astray {
    /// Where it stands in its text, in bytes.
    pub(super) at: Range<usize>,
    text: String,
    why: Why,
    /// Whether it stands where only a reference stands.
    firm: bool,
}

impl Astray {
    /// The project that it names, if it is a key.
    pub(super) fn project(&self) -> Option<&str> {
        (self.why == Why::NoProject).then(|| project(&self.text)).flatten()
    }

    /// What is told of it: how loudly, the message, and what to do.
    pub(super) fn complaint(&self) -> (Level, String, &'static str) {
        let text = &self.text;
        let (message, help) = match self.why {
            Why::NoRepository => (
                format!("`{text}` leads nowhere: no default repository is known"),
                "write owner/repository#number, or name the repository under `default_repository` of the source or with --default-repository",
            ),
            Why::NoOwner => (
                format!("`{text}` leads nowhere: it does not say whose repository it means"),
                "write owner/repository#number",
            ),
            Why::NoProject => (
                format!("`{text}` is of no Jira project that is known"),
                "name its project under `jira_projects` of the source or with --jira-project; leave it if it is no issue",
            ),
            Why::Unread => (
                format!("`{text}` names no issue that could be found"),
                "write owner/repository#number, a key such as SEC-12, or an address",
            ),
        };
        (if self.firm { Level::Warning } else { Level::Info }, message, help)
    }
}

/// The project of a key.
pub(super) fn project(key: &str) -> Option<&str> {
    key.rsplit_once('-').map(|(project, _)| project)
}

/// Everything of the kind in a text, each once; `tracks` says that it is the cell of a column of references.
pub(super) fn find(text: &str, tracks: bool, dialect: &Dialect) -> Vec<Astray> {
    let words = &dialect.words;
    let single = tracks && !text.trim().is_empty() && !text.trim().contains(char::is_whitespace);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (at, why) in all(text, dialect) {
        let named = text.get(at.clone()).unwrap_or_default();
        let firm = tracks || is_apart(text, &at, words);
        let is_meant = match why {
            Why::NoRepository | Why::Unread => true,
            Why::NoOwner => firm,
            // Without known projects a key in the middle of a text is as likely something else.
            Why::NoProject => {
                let looks = project(named).is_some_and(|project| words.is_look_alike(project));
                single || (!looks && (firm || !dialect.conventions.jira_projects.is_empty()))
            }
        };
        if is_meant && seen.insert(named.to_owned()) {
            let firm = firm || (why == Why::NoRepository && text.trim_start().starts_with(named));
            found.push(Astray { at, text: named.to_owned(), why, firm });
        }
    }
    let silent =
        found.is_empty() && single && super::reference::in_text(text, &dialect.conventions).is_empty();
    if silent && text.contains(|c: char| c.is_ascii_digit()) {
        let start = text.len() - text.trim_start().len();
        let named = text.trim().to_owned();
        found.push(Astray { at: start..start + named.len(), text: named, why: Why::Unread, firm: false });
    }
    found
}

fn all(text: &str, dialect: &Dialect) -> Vec<(Range<usize>, Why)> {
    let mut found = Vec::new();
    for piece in pieces(text) {
        let Piece::Word(at, token) = piece else { continue };
        let token = token.trim_end_matches(['.', '-', '/', '_']);
        match token.split_once('#') {
            Some((before, number)) => {
                let why = numbered(before, dialect).filter(|_| positive(number).is_some());
                found.extend(why.map(|why| (at..at + token.len(), why)));
            }
            None => keys(at, token, dialect, &mut found),
        }
    }
    found
}

/// What is wrong with a number behind a `#`, and what stands before that.
fn numbered(before: &str, dialect: &Dialect) -> Option<Why> {
    match before {
        "" => dialect.conventions.default_repository.is_none().then_some(Why::NoRepository),
        name if name.contains(['/', '.']) => None,
        name => name.starts_with(|c: char| c.is_ascii_lowercase()).then_some(Why::NoOwner),
    }
}

fn keys(at: usize, token: &str, dialect: &Dialect, found: &mut Vec<(Range<usize>, Why)>) {
    let conventions = &dialect.conventions;
    let mut start = at;
    for piece in token.split('/') {
        let why = match project(piece).filter(|_| is_key(piece)) {
            Some(project) if conventions.knows_project(project) => None,
            Some("GH") => conventions.default_repository.is_none().then_some(Why::NoRepository),
            Some(_) => Some(Why::NoProject),
            None => None,
        };
        found.extend(why.map(|why| (start..start + piece.len(), why)));
        start += piece.len() + 1;
    }
}

/// Whether something stands alone in brackets, behind a label of references, or behind a dash at the end of a line.
fn is_apart(text: &str, at: &Range<usize>, words: &Vocabulary) -> bool {
    let before = text.get(..at.start).unwrap_or_default();
    let after = text.get(at.end..).unwrap_or_default();
    let bracketed = before.ends_with(['(', '[', '（', '【']) && after.starts_with([')', ']', '）', '】']);
    let line = before.rsplit([SOFT_BREAK, '\n']).next().unwrap_or_default().trim_end();
    let label = line.strip_suffix([':', '：']).unwrap_or_default();
    let label = label.rsplit(['.', ',', ';', '(', '|']).next().unwrap_or_default();
    let last = after.trim_start_matches(['.', ' ']);
    let ends = last.is_empty() || last.starts_with([SOFT_BREAK, '\n']);
    let dashed = ends && [" -", "—", "–", "→"].iter().any(|dash| line.ends_with(dash));
    bracketed || dashed || words.label(label) == Some(Column::Tracker)
}
