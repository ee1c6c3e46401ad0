//! Markdown write-ups: a block tree, front matter and a vocabulary become a postmortem.
//!
//! Knows headings, lists, tables, labels and status words. Knows no directory and no tracker; it reads a text it is handed.
//! Works on the block tree only, because rules about lines break on wrapping, nesting and code.

mod block;
mod detail;
mod front;
mod item;
mod label;
mod list;
mod marks;
mod phrase;
mod prose;
mod section;
mod table;
mod text;

use std::collections::BTreeMap;

use chrono::NaiveDate;

pub(super) use self::item::{LONGEST_TITLE, blank, shorten};
use self::{
    block::{Block, Kind},
    label::Due,
};
use super::{
    MOST_FINDINGS, SPLIT,
    dialect::Dialect,
    identity,
    marks::{self as source_marks, How},
    place::{Lines, Notes},
    words::Vocabulary,
};
use crate::model::{
    postmortem::{Candidate, DocumentFinding, Level, Mark, Postmortem},
    terms::Tlp,
};

/// What is known of a write-up besides its text; what the text says itself in its front matter wins.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// Its title.
    pub(super) title: Option<String>,
    /// Where people read it.
    pub(super) url: Option<String>,
    /// The class that is said beside its text.
    pub(super) tlp: Option<Tlp>,
}

/// Reads a write-up. Line breaks are `\n` and there is no byte order mark; `path` names the file.
pub(super) fn read(path: &str, text: &str, given: Given, dialect: &Dialect, notes: &mut Notes) -> Postmortem {
    let lines = Lines::of(text);
    let (matter, body) = front::split(text);
    let front = front::read(matter, &lines, &dialect.words, notes);
    let blocks = block::blocks(text.get(body..).unwrap_or_default(), body);
    let marks = marks::read(&lines, &blocks, body, &dialect.words, notes);
    let mut reader = Reader::of(&lines, dialect, notes);
    section::read(&mut reader, &blocks);
    reader.check_whole();
    let Reader { mut findings, mut candidates, .. } = reader;
    candidates.iter_mut().for_each(|candidate| candidate.marked = marks.at(candidate.line));
    for finding in &mut findings {
        finding.marked = marks.at(finding.line);
        finding.owner = finding.owner.take().or_else(|| front.owner.clone());
        finding.team = finding.team.take().or_else(|| front.team.clone());
    }
    let mut shown = marks.document;
    front.marked.into_iter().for_each(|mark| shown.add(mark, How::Declared));
    let titled = given.title.as_deref().and_then(|title| source_marks::of_name(title, &dialect.words));
    titled
        .into_iter()
        .chain(given.tlp)
        .for_each(|tlp| shown.add(Mark { tlp, line: 0, column: 0 }, How::Declared));
    let (tlp, marked) = shown.class();
    let title = front.title.or(given.title).or_else(|| first_heading(&blocks));
    Postmortem {
        id_derived: front.id.is_none(),
        id: front.id.unwrap_or_else(|| identity::of_path(path)),
        title: title.unwrap_or_else(|| identity::stem(path).to_owned()),
        url: front.url.or(given.url),
        tlp,
        marked,
        draft: front.draft,
        published: front.published,
        reviewers: front.reviewers,
        authors: front.authors,
        severity: front.severity,
        incident: front.incident,
        owner: front.owner,
        team: front.team,
        findings,
        candidates,
    }
}

fn first_heading(blocks: &[Block]) -> Option<String> {
    let headings = blocks.iter().filter_map(|block| match &block.kind {
        Kind::Heading(level, text) => Some((*level, text.plain())),
        Kind::Paragraph(_)
        | Kind::List(_)
        | Kind::Table(_)
        | Kind::Quote(_)
        | Kind::Html(_)
        | Kind::Other => None,
    });
    let named: Vec<(u8, String)> = headings.filter(|(_, text)| !text.is_empty()).collect();
    let top = named.iter().find(|(level, _)| *level == 1).or_else(|| named.first());
    top.map(|(_, text)| shorten(text, 500))
}

/// A write-up that is being read, and what was found in it so far.
struct Reader<'a> {
    lines: &'a Lines<'a>,
    dialect: &'a Dialect,
    notes: &'a mut Notes,
    findings: Vec<DocumentFinding>,
    candidates: Vec<Candidate>,
    /// Places where actions were announced.
    sections: usize,
    /// Places that say there is nothing.
    nones: usize,
    /// Whether there were more actions than are taken.
    full: bool,
    /// Ids that findings state, with their lines.
    ids: BTreeMap<String, usize>,
}

impl<'a> Reader<'a> {
    fn of(lines: &'a Lines<'a>, dialect: &'a Dialect, notes: &'a mut Notes) -> Self {
        Self {
            lines,
            dialect,
            notes,
            findings: Vec::new(),
            candidates: Vec::new(),
            sections: 0,
            nones: 0,
            full: false,
            ids: BTreeMap::new(),
        }
    }

    /// The words of the source.
    fn words(&self) -> &'a Vocabulary {
        &self.dialect.words
    }

    /// How much was found so far, to see whether a section adds to it.
    fn found(&self) -> usize {
        self.findings.len() + self.candidates.len() + self.nones
    }

    /// Whether another finding or candidate may be taken; a document with too many is refused once.
    fn has_room(&mut self, at: usize) -> bool {
        let room = self.findings.len() + self.candidates.len() < MOST_FINDINGS;
        if !room && !self.full {
            self.full = true;
            let message = format!(
                "the file holds more than the {MOST_FINDINGS} actions that are read of one, so none of them is read"
            );
            self.notes.add(Level::Error, "too_many_findings", self.lines.place(at), message, SPLIT);
        }
        room
    }

    /// Warns when nothing was found in a section since `before`.
    fn check_empty(&mut self, at: usize, before: usize) {
        if self.found() == before {
            let message = "an action section is announced here, but nothing in it could be read as an action"
                .to_owned();
            let help = "write each action as a list item or a table row, or `None` when there is none";
            self.notes.add(Level::Warning, "empty_action_section", self.lines.place(at), message, help);
        }
    }

    /// Warns when nothing will be followed: a write-up without findings is never passed over in silence.
    fn check_whole(&mut self) {
        if self.sections == 0 {
            let message =
                "no section, label or table of actions was found, so nothing of this write-up is followed"
                    .to_owned();
            let help = "add a heading `Action items` with one list item for each action, or `None`";
            self.notes.add(Level::Warning, "no_action_section", (0, 0), message, help);
        } else if self.findings.is_empty() && !self.candidates.is_empty() {
            let message = format!(
                "nothing of this write-up is followed, and what may be actions waits for a person: {}",
                self.candidates.len()
            );
            let help = "rewrite what must be followed as list items of the action section";
            self.notes.add(Level::Warning, "only_candidates", (0, 0), message, help);
        }
    }

    fn explicit_none(&mut self, at: usize) {
        self.nones += 1;
        let message = "the write-up says that there are no actions here".to_owned();
        self.notes.add(Level::Info, "explicit_none", self.lines.place(at), message, "");
    }

    fn collection(&mut self, at: usize) {
        let message = "the link leads to many issues, so none of them is followed".to_owned();
        let help = "link each issue by itself";
        self.notes.add(Level::Warning, "collection_link", self.lines.place(at), message, help);
    }

    /// Takes an id that a finding states. One that is stated twice spoils the document: nobody can tell which finding is meant.
    fn accept_id(&mut self, id: String, at: usize) -> Option<String> {
        let place = self.lines.place(at);
        if !identity::is_slug(&id) {
            let message = format!("`{id}` cannot be the id of a finding");
            let help = "use up to 64 letters, digits, dots, dashes and underscores, such as `F3`";
            self.notes.add(Level::Warning, "invalid_id", place, message, help);
            return None;
        }
        if let Some(line) = self.ids.get(&id) {
            let message = format!("the id `{id}` is already used on line {line}");
            self.notes.add(
                Level::Error,
                "duplicate_id",
                place,
                message,
                "give every finding an id of its own",
            );
            return None;
        }
        self.ids.insert(id.clone(), place.0);
        Some(id)
    }

    /// Takes a deadline, unless it could mean more than one day.
    fn date(&mut self, due: Option<Due>, at: usize) -> Option<NaiveDate> {
        match due? {
            Due::On(date) => Some(date),
            Due::Unclear(text) => {
                let message =
                    format!("`{text}` is not a date that can only be read in one way, so it is not used");
                let help = "write dates as YYYY-MM-DD";
                self.notes.add(Level::Warning, "ambiguous_date", self.lines.place(at), message, help);
                None
            }
        }
    }

    /// A value of a closed vocabulary; warns when the word is none of it.
    fn known<T>(
        &mut self,
        at: usize,
        field: &str,
        word: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(word);
        if value.is_none() {
            let message = format!("`{word}` is no {field} that is known, so it is not used");
            self.notes.add(Level::Warning, "unknown_value", self.lines.place(at), message, "");
        }
        value
    }

    /// A block as it is written, without the indentation of where it stands.
    fn source(&self, block: &Block) -> String {
        if let Kind::Html(_) = block.kind {
            return String::new();
        }
        let text = self.lines.text().get(block.at.clone()).unwrap_or_default();
        let blank = text.len() - text.trim_start().len();
        let indent = self.lines.place(block.at.start + blank).1 - 1;
        let text = text.trim_start();
        let dedented: Vec<&str> = text
            .lines()
            .enumerate()
            .map(|(number, line)| {
                let blank = line.len() - line.trim_start_matches(' ').len();
                let cut = if number == 0 { 0 } else { blank.min(indent) };
                line.get(cut..).unwrap_or(line).trim_end()
            })
            .collect();
        dedented.join("\n").trim().to_owned()
    }
}
