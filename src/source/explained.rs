//! A document line by line, each with what became of it: what `intake scan --explain` prints.
//!
//! Knows fates and lines. Knows neither formats nor terminals. The shape of the JSON is public and only grows.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use super::{
    files,
    scan::{Share, keys},
};
use crate::model::{
    conventions::Conventions,
    fate::{Aside, CameTo, Detail, LineFate, Tally},
    observed::Observed,
    postmortem::{Document, Postmortem},
};

/// Longest text of a line that is shown, in characters; pages often are one line.
const LONGEST: usize = 300;

/// A file, line by line.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// Its path.
    pub path: String,
    /// How many of its parts came to what; null when it could not be read.
    pub coverage: Option<Share>,
    /// Its lines; none when its text cannot be read.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Its number, from 1.
    pub line: usize,
    /// What is written there, cut when it is very long.
    pub text: String,
    /// What became of what starts there, or goes on there; none for text that is only read around it.
    pub fates: Vec<Shown>,
}

/// What became of a part of a document.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Line it starts on, from 1.
    pub line: usize,
    /// Column it starts in, from 1.
    pub column: usize,
    /// `item`, `checkbox`, `row`, `entry`, or `text` for a paragraph or heading.
    pub what: &'static str,
    /// `finding`, `candidate`, `detail`, `label` or `set_aside`.
    pub fate: &'static str,
    /// Why it is no finding, or how it says more about one: a stable code.
    pub reason: Option<String>,
    /// The heading or label that decided about it.
    pub heading: Option<String>,
    /// The findings that it is, or that it says more about.
    pub findings: Vec<Named>,
    /// All of it in words.
    pub said: String,
    /// Whether the part started on an earlier line.
    pub continued: bool,
}

/// A finding, by name.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// Its provisional key.
    pub key: String,
    /// What must change.
    pub title: String,
}

/// Explains files; the documents of one file stand one behind the other. Reads them again, and blocks on the file system.
pub fn explain(documents: &[Document], max_bytes: u64, conventions: &Conventions) -> Vec<Explained> {
    let files = documents.chunk_by(|one, next| one.path == next.path);
    files.filter_map(|file| of_file(file, max_bytes, conventions)).collect()
}

fn of_file(documents: &[Document], max_bytes: u64, conventions: &Conventions) -> Option<Explained> {
    let first = documents.first()?;
    let read: Vec<&Postmortem> = documents.iter().filter_map(known).collect();
    let text = files::text(Path::new(&first.path), &first.hash, max_bytes, conventions).unwrap_or_default();
    let line = |(number, text): (usize, &str)| Line {
        line: number + 1,
        text: super::markdown::shorten(text, LONGEST),
        fates: Vec::new(),
    };
    let mut lines: Vec<Line> = text.lines().enumerate().map(line).collect();
    read.iter().for_each(|postmortem| put(&mut lines, postmortem, read.len() > 1));
    let fates = read.iter().flat_map(|postmortem| &postmortem.fates);
    let coverage = (!read.is_empty()).then(|| Share::of(&Tally::of(fates)));
    Some(Explained { path: first.path.clone(), coverage, lines })
}

fn known(document: &Document) -> Option<&Postmortem> {
    match &document.postmortem {
        Observed::Known(postmortem) => Some(postmortem),
        Observed::Missing | Observed::Unknown { .. } => None,
    }
}

/// Puts fates to the lines where they start, and the innermost of each to the lines where it goes on.
fn put(lines: &mut [Line], postmortem: &Postmortem, whole_keys: bool) {
    let named: Vec<Named> = keys(postmortem)
        .into_iter()
        .zip(&postmortem.findings)
        .map(|(key, finding)| Named { key, title: finding.title.clone() })
        .collect();
    let mut goes_on: BTreeMap<usize, &LineFate> = BTreeMap::new();
    for fate in &postmortem.fates {
        goes_on.extend((fate.line + 1..=fate.end.min(lines.len())).map(|line| (line, fate)));
        if let Some(line) = fate.line.checked_sub(1).and_then(|at| lines.get_mut(at)) {
            line.fates.push(Shown::of(fate, &named, whole_keys));
        }
    }
    for line in lines.iter_mut().filter(|line| line.fates.is_empty() && !line.text.trim().is_empty()) {
        let fate = goes_on.get(&line.line);
        line.fates.extend(fate.map(|fate| Shown { continued: true, ..Shown::of(fate, &named, whole_keys) }));
    }
}

impl Shown {
    fn of(fate: &LineFate, named: &[Named], whole_keys: bool) -> Self {
        let LineFate { line, column, what, ref came_to, .. } = *fate;
        let (numbers, reason) = match came_to {
            CameTo::Findings(numbers) => (numbers.as_slice(), None),
            CameTo::Candidate(reason) => (&[] as &[usize], Some(reason.as_str())),
            CameTo::Detail(how, numbers) => (numbers.as_slice(), Some(how.code())),
            CameTo::Label => (&[] as &[usize], None),
            CameTo::SetAside(why) => (&[] as &[usize], Some(why.code())),
        };
        let findings: Vec<Named> = numbers.iter().filter_map(|number| named.get(*number).cloned()).collect();
        let heading = match came_to {
            CameTo::SetAside(why) => why.heading().map(|heading| heading.to_string()),
            CameTo::Findings(_) | CameTo::Candidate(_) | CameTo::Detail(..) | CameTo::Label => None,
        };
        let said = said(came_to, &findings, whole_keys);
        let reason = reason.map(str::to_owned);
        Self {
            line,
            column,
            what: what.code(),
            fate: came_to.code(),
            reason,
            heading,
            findings,
            said,
            continued: false,
        }
    }
}

/// What became of something, in words.
fn said(came_to: &CameTo, findings: &[Named], whole_keys: bool) -> String {
    let ids: Vec<&str> = findings
        .iter()
        .map(|named| match named.key.rsplit_once('/') {
            Some((_, id)) if !whole_keys => id,
            Some(_) | None => named.key.as_str(),
        })
        .collect();
    let ids = if ids.is_empty() { "a candidate".to_owned() } else { ids.join(", ") };
    match came_to {
        CameTo::Findings(_) => format!("finding {ids}"),
        CameTo::Candidate(reason) => format!("candidate ({reason})"),
        CameTo::Detail(how, _) => match how {
            Detail::Field => format!("field of {ids}"),
            Detail::Below => format!("detail of {ids}"),
            Detail::Again => format!("again {ids}"),
            Detail::WriteUp => "about the write-up".to_owned(),
        },
        CameTo::Label => "label".to_owned(),
        CameTo::SetAside(Aside::SectionNotRead(heading)) => format!("set aside: `{heading}` is not read"),
        CameTo::SetAside(Aside::UnknownHeading(heading)) => format!("set aside: unknown heading `{heading}`"),
        CameTo::SetAside(why) => format!("set aside: {}", why.words()),
    }
}
