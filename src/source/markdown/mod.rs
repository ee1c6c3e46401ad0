//! Markdown write-ups: a block tree, front matter and a vocabulary become a postmortem.
//!
//! Knows headings, lists, tables, labels and status words. Knows no directory and no tracker; it reads a text it is handed.
//! Works on the block tree only, because rules about lines break on wrapping, nesting and code.

mod audit;
mod block;
mod detail;
mod elsewhere;
mod front;
mod head;
mod item;
mod label;
mod list;
mod marks;
mod outline;
mod page;
mod phrase;
mod prose;
mod rank;
mod section;
mod table;
mod text;
mod tidy;

use std::collections::BTreeMap;

use chrono::NaiveDate;

pub(super) use self::item::{LONGEST_TITLE, blank, shorten};
use self::{
    audit::Weakness,
    block::{Block, Kind},
    front::Front,
    label::Due,
    page::{Origin, Told},
};
use super::{
    MOST_FINDINGS, SPLIT, date,
    dialect::Dialect,
    identity,
    marks::{self as source_marks, How},
    place::{Lines, Notes},
    words::{Standing, Vocabulary, not_understood},
};
use crate::model::{
    postmortem::{Candidate, DocumentFinding, Level, Mark, Postmortem},
    terms::Severity,
};

/// What is known of a write-up besides its text; what the text says itself in its front matter wins.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// Its title.
    pub(super) title: Option<String>,
    /// Where people read it.
    pub(super) url: Option<String>,
    /// Names of people by their accounts, for pages that mention them by account.
    pub(super) people: BTreeMap<String, String>,
    /// Whether it is known to be in Confluence's storage format.
    pub(super) is_storage: bool,
}

/// Reads a write-up. Line breaks are `\n` and there is no byte order mark; `path` names the file.
pub(super) fn read(path: &str, text: &str, given: Given, dialect: &Dialect, notes: &mut Notes) -> Postmortem {
    let lines = Lines::of(text);
    let (matter, body) = front::split(text);
    let dialect = &dialect.in_document(text);
    let front = front::read(matter, &lines, dialect, notes);
    let (blocks, told) = block::read(&tidy::plain(text.get(body..).unwrap_or_default()), body);
    tell(told, &lines, notes);
    let document = Document { lines: &lines, blocks: &blocks, body, origin: None };
    whole(path, &document, front, given, dialect, notes)
}

/// Reads a page in HTML or in Confluence's storage format as a write-up; none if it is refused.
pub(super) fn read_page(
    path: &str,
    text: &str,
    mut given: Given,
    dialect: &Dialect,
    notes: &mut Notes,
) -> Option<Postmortem> {
    let lines = Lines::of(text);
    let (matter, body) = front::split(text);
    let dialect = &dialect.in_document(text);
    let front = front::read(matter, &lines, dialect, notes);
    let page = match page::read(text, body, &given.people, given.is_storage) {
        Ok(page) => page,
        Err(error) => {
            let message =
                "the page is nested or repeated beyond all bounds, so none of it is read".to_owned();
            let help = "save the text of the page by itself";
            notes.add(Level::Error, "html_too_large", lines.place(error.at), message, help);
            return None;
        }
    };
    given.title = given.title.take().or_else(|| page.title.as_deref().map(|title| shorten(title, 500)));
    let written = Lines::of(&page.text);
    let origin = Origin::of(&page, &lines);
    let document = Document { lines: &written, blocks: &page.blocks, body, origin: Some(&origin) };
    let mut inside = Notes::of(path);
    let mut postmortem = whole(path, &document, front, given, dialect, &mut inside);
    origin.restore(&mut postmortem);
    inside.move_to(notes, |place| origin.place(place));
    tell(page.told, &lines, notes);
    Some(postmortem)
}

/// A write-up as blocks, with the text in which they stand.
struct Document<'a> {
    lines: &'a Lines<'a>,
    blocks: &'a [Block],
    /// Where the text begins behind its front matter.
    body: usize,
    /// Where the text stands in the page it was written from.
    origin: Option<&'a Origin<'a>>,
}

/// Tells what was noticed while the blocks were read.
fn tell(told: Vec<Told>, lines: &Lines<'_>, notes: &mut Notes) {
    for Told { at, level, code, message, help } in told {
        notes.add(level, code, lines.place(at), message, help);
    }
}

fn whole(
    path: &str,
    document: &Document<'_>,
    front: Front,
    given: Given,
    dialect: &Dialect,
    notes: &mut Notes,
) -> Postmortem {
    let Document { lines, blocks, body, origin } = *document;
    let head = head::read(blocks, lines, dialect, notes);
    let marks = marks::read(lines, blocks, body, &dialect.words, notes);
    let mut reader = Reader { origin, ..Reader::of(lines, dialect, notes) };
    let titles = [front.title.as_deref(), given.title.as_deref()];
    reader.audit = titles.into_iter().flatten().any(|title| dialect.words.is_audit(title));
    section::read(&mut reader, blocks);
    audit::settle(&mut reader);
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
    titled.into_iter().for_each(|tlp| shown.add(Mark { tlp, line: 0, column: 0 }, How::Declared));
    let (tlp, marked) = shown.class();
    let title = front.title.or(given.title).or_else(|| first_heading(blocks));
    Postmortem {
        id_derived: front.id.is_none(),
        id: front.id.unwrap_or_else(|| identity::of_path(path)),
        title: title.unwrap_or_else(|| identity::stem(path).to_owned()),
        url: front.url.or(given.url),
        tlp,
        marked,
        draft: front.draft.or(head.draft).unwrap_or_default(),
        published: front.published.or(head.published),
        reviewers: front.reviewers,
        authors: front.authors,
        severity: front.severity.or(head.severity),
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

/// What becomes of the actions that are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Findings.
    Findings,
    /// Candidates: they stand where nobody said for sure that these are actions.
    Candidates,
    /// What an audit found: what is open of it, or asks for something, is a finding.
    Weaknesses {
        /// Whether each says what is to be done, or how far it is.
        asks: bool,
    },
}

/// A write-up that is being read, and what was found in it so far.
struct Reader<'a> {
    lines: &'a Lines<'a>,
    dialect: &'a Dialect,
    notes: &'a mut Notes,
    findings: Vec<DocumentFinding>,
    candidates: Vec<Candidate>,
    /// What an audit found, until all of it is known: a list and a chapter often tell the same twice.
    weaknesses: Vec<Weakness>,
    /// What becomes of what is read now.
    fate: Fate,
    /// Whether the write-up is the report of an audit or a test.
    audit: bool,
    /// Places where actions were announced.
    sections: usize,
    /// Places that say there is nothing.
    nones: usize,
    /// Whether there were more actions than are taken.
    full: bool,
    /// Ids that findings state, with their lines.
    ids: BTreeMap<String, usize>,
    /// Where the text stands in the page it was written from.
    origin: Option<&'a Origin<'a>>,
}

impl<'a> Reader<'a> {
    fn of(lines: &'a Lines<'a>, dialect: &'a Dialect, notes: &'a mut Notes) -> Self {
        Self {
            lines,
            dialect,
            notes,
            findings: Vec::new(),
            candidates: Vec::new(),
            weaknesses: Vec::new(),
            fate: Fate::Findings,
            audit: false,
            sections: 0,
            nones: 0,
            full: false,
            ids: BTreeMap::new(),
            origin: None,
        }
    }

    /// The words of the source.
    fn words(&self) -> &'a Vocabulary {
        &self.dialect.words
    }

    /// How much was found so far, to see whether a section adds to it.
    fn found(&self) -> usize {
        self.findings.len() + self.candidates.len() + self.weaknesses.len() + self.nones
    }

    /// Reads something whose actions have another fate.
    fn with_fate(&mut self, fate: Fate, read: impl FnOnce(&mut Self)) {
        // What stands inside something doubtful is doubtful, too.
        let fate = if self.fate == Fate::Candidates { Fate::Candidates } else { fate };
        let before = std::mem::replace(&mut self.fate, fate);
        read(self);
        self.fate = before;
    }

    /// Whether status words are read as the reports of audits mean them.
    fn audits(&self) -> bool {
        self.audit || matches!(self.fate, Fate::Weaknesses { .. })
    }

    /// A place where actions are announced.
    fn announce(&mut self) {
        self.sections += usize::from(self.fate == Fate::Findings);
    }

    /// Whether another finding or candidate may be taken; a document with too many is refused once.
    fn has_room(&mut self, at: usize) -> bool {
        let room = self.findings.len() + self.candidates.len() + self.weaknesses.len() < MOST_FINDINGS;
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
        if self.found() == before && self.fate == Fate::Findings {
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
        if self.fate == Fate::Candidates {
            return None;
        }
        let place = self.lines.place(at);
        if !identity::is_slug(&id) {
            let message = format!("`{id}` cannot be the id of a finding");
            let help = "use up to 64 letters, digits, dots, dashes and underscores, such as `F3`";
            self.notes.add(Level::Warning, "invalid_id", place, message, help);
            return None;
        }
        // What an audit found may be told twice; numbers of rows only count.
        let counts = id.bytes().all(|byte| byte.is_ascii_digit());
        let found = self.weaknesses.iter().any(|known| known.finding.id.as_deref() == Some(&id));
        if found && !counts {
            // What was found may be listed first and told again; what is to be done about it is something else.
            return matches!(self.fate, Fate::Weaknesses { .. }).then_some(id);
        }
        if let Some(line) = self.ids.get(&id).copied() {
            let line = self.origin.map_or(line, |origin| origin.line(line));
            if counts {
                let message = format!("`{id}` already counts on line {line}, so it is no id here");
                let help = "give every finding an id of its own if it is to keep its name";
                self.notes.add(Level::Info, "repeated_number", place, message, help);
                return None;
            }
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

    /// Takes an id as it is taken where actions have some fate.
    fn with_id(&mut self, fate: Fate, id: String, at: usize) -> Option<String> {
        let mut taken = None;
        self.with_fate(fate, |reader| taken = reader.accept_id(id, at));
        taken
    }

    /// Takes a deadline, and tells what of it cannot be read.
    fn date(&mut self, due: Option<Due>, at: usize) -> Option<NaiveDate> {
        match due? {
            Due::On(date) => Some(date),
            Due::Unclear(text) => {
                let stated = date::stated(&text, self.dialect);
                if let Some((level, code, message, help)) = stated.complaint(&text, "deadline") {
                    self.notes.add(level, code, self.lines.place(at), message, help);
                }
                stated.day()
            }
        }
    }

    /// A stated severity; one that nobody knows is told and counts as high.
    fn severity(&mut self, at: usize, word: &str) -> Severity {
        self.words().severity(word).unwrap_or_else(|| {
            let (code, message, help) = not_understood(word);
            self.notes.add(Level::Warning, code, self.lines.place(at), message, help);
            Severity::High
        })
    }

    /// What the value of a status says; warns when nobody knows.
    fn standing(&mut self, at: usize, value: &str) -> Option<Standing> {
        let standing = self.words().standing(value, self.audits());
        if standing.is_none() && !self.words().says_nothing(value) {
            let short = shorten(value, 80);
            let message =
                format!("nobody knows what the status `{short}` says, so the action counts as open");
            let help = "write done, in progress or open, or add the word to the source's `words`";
            self.notes.add(Level::Warning, "unknown_status", self.lines.place(at), message, help);
        }
        standing
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
        if self.origin.is_none() && begins_with_tag(text) && !matches!(block.kind, Kind::Other) {
            return page::as_markdown(block).trim().to_owned();
        }
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

/// Whether a text begins with a tag of HTML; an address in angle brackets is none.
fn begins_with_tag(text: &str) -> bool {
    let name = text.strip_prefix('<').unwrap_or_default();
    let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    rest.len() < name.len() && rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
}
