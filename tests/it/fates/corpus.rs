//! Every document that there is: its fates are as many as the items that somebody else counts in it, and each finding is one of them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use postmortem_sync::{
    model::{
        conventions::Conventions,
        fate::{CameTo, What},
        ids::SourceName,
        observed::Observed,
        postmortem::{Document, Postmortem},
    },
    source::read_paths,
};
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::surroundings::shared;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Documents in which more or less is written than people see: an indented box that is a section, text that is hidden, comments, a
/// table within another.
const OTHERWISE: [(&str, usize); 4] = [
    ("43-quote-and-admonition.md", 4),
    ("confluence_export.html", 5),
    ("html_in_markdown.md", 8),
    ("unseen.html", 2),
];

/// Folders of documents.
fn folders() -> Vec<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/formats");
    ["intake-cases", "postmortems"].into_iter().filter_map(shared).chain([own]).collect()
}

fn documents() -> Vec<Document> {
    let source = SourceName::from("here");
    let read = |folder: PathBuf| read_paths(&source, &[folder], LARGEST, &Conventions::default());
    folders().into_iter().flat_map(read).collect()
}

fn known(document: &Document) -> Option<&Postmortem> {
    match &document.postmortem {
        Observed::Known(postmortem) => Some(postmortem),
        Observed::Missing | Observed::Unknown { .. } => None,
    }
}

#[test]
fn each_finding_is_one_fate_and_counts_add_up() {
    let mut n_findings = 0;
    for document in documents() {
        let Some(postmortem) = known(&document) else { continue };
        let path = &document.path;
        let mut numbers: Vec<usize> = Vec::new();
        let mut lines = BTreeSet::new();
        for fate in &postmortem.fates {
            assert!(fate.line > 0 && fate.column > 0 && fate.end >= fate.line, "{path}: {fate:?}");
            match &fate.came_to {
                CameTo::Findings(found) => {
                    assert!(!found.is_empty(), "{path}: {fate:?}");
                    assert!(
                        found.iter().all(|number| postmortem.findings[*number].line == fate.line),
                        "{path}: {fate:?}"
                    );
                    numbers.extend(found);
                }
                CameTo::Candidate(_) => {
                    lines.insert(fate.line);
                }
                CameTo::Detail(..) | CameTo::Label | CameTo::SetAside(_) => {}
            }
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (0..postmortem.findings.len()).collect::<Vec<_>>(), "{path}");
        n_findings += numbers.len();
        let found: BTreeSet<usize> = numbers.iter().map(|number| postmortem.findings[*number].line).collect();
        let asked: BTreeSet<usize> = postmortem.candidates.iter().map(|candidate| candidate.line).collect();
        let lost: Vec<&usize> = asked.difference(&lines).filter(|line| !found.contains(line)).collect();
        assert!(lost.is_empty(), "{path}: candidates without a fate on lines {lost:?}");
        let tally = &postmortem.coverage;
        let counted = tally.findings + tally.candidates + tally.details + tally.n_aside();
        let n_items = postmortem.fates.iter().filter(|fate| fate.what != What::Text).count();
        assert_eq!((tally.items, tally.items), (counted, n_items), "{path}");
    }
    assert!(n_findings > 50, "{n_findings}");
}

#[test]
fn fates_are_as_many_as_items_and_rows() {
    let mut wrong = Vec::new();
    let mut n_compared = 0;
    for document in documents() {
        let Some(postmortem) = known(&document) else { continue };
        let extension = Path::new(&document.path).extension().and_then(|end| end.to_str());
        let Ok(text) = fs::read_to_string(&document.path) else { continue };
        let count = match extension {
            Some("md" | "markdown" | "mdx" | "txt") if text.starts_with("<!DOCTYPE") => continue,
            Some("md" | "markdown" | "mdx") => in_markdown(&text),
            Some("html" | "htm" | "xhtml" | "xml") => in_page(&text),
            _ => continue,
        };
        let name = Path::new(&document.path).file_name().and_then(|name| name.to_str());
        let otherwise = OTHERWISE.iter().find(|(other, _)| Some(*other) == name);
        let count = otherwise.map_or(count, |(_, count)| *count);
        n_compared += 1;
        let counted = postmortem.coverage.items;
        if counted != count {
            wrong.push(format!("{}: {counted} fates of {count} items and rows", document.path));
        }
    }
    assert!(wrong.is_empty(), "{n_compared} compared\n{}", wrong.join("\n"));
    assert!(n_compared >= 10, "{n_compared}");
}

/// Items and rows of a text in Markdown, with those of HTML in it.
fn in_markdown(text: &str) -> usize {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text).replace("\r\n", "\n");
    let matter = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    let body = matter.map_or(text.as_str(), |(_, body)| body);
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut html = String::new();
    let mut n = 0;
    for event in Parser::new_ext(body, options) {
        match event {
            Event::Start(Tag::Item | Tag::TableRow) => n += 1,
            Event::Html(text) => html.push_str(&text),
            _ => {}
        }
    }
    n + in_page(&html)
}

/// Items, tasks, and rows below the first of each table of a page.
fn in_page(text: &str) -> usize {
    let text = text.to_ascii_lowercase();
    let tags = |name: &str| {
        let tag = format!("<{name}");
        let begins = text.match_indices(&tag).map(|(at, tag)| at + tag.len());
        begins.filter(|end| text[*end..].starts_with(['>', ' ', '\n', '\t'])).count()
    };
    tags("li") + tags("ac:task") + tags("tr").saturating_sub(tags("table"))
}
