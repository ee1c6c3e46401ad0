//! A write-up that is being read: what was found in it so far, and what is told about it.
//!
//! Knows fates of actions, ids and the values of closed vocabularies. Knows nothing of where in a write-up actions stand.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    account::Account,
    astray::Lost,
    audit::Weakness,
    block::{Block, Kind},
    label::Due,
    page::{self, Origin},
    rank::Rank,
    shorten,
};
use crate::{
    model::{
        fate::Aside,
        postmortem::{Candidate, DocumentFinding, Level},
    },
    source::{
        MOST_FINDINGS, SPLIT, date,
        dialect::Dialect,
        identity,
        place::{Lines, Notes},
        words::{Rated, Standing, Vocabulary, not_understood},
    },
};

/// What becomes of the actions that are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
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
pub(super) struct Reader<'a> {
    pub(super) lines: &'a Lines<'a>,
    pub(super) dialect: &'a Dialect,
    pub(super) notes: &'a mut Notes,
    /// Findings, each with where it starts.
    pub(super) findings: Vec<(usize, DocumentFinding)>,
    pub(super) candidates: Vec<Candidate>,
    /// What an audit found, until all of it is known: a list and a chapter often tell the same twice.
    pub(super) weaknesses: Vec<Weakness>,
    /// What becomes of what is read now.
    pub(super) fate: Fate,
    /// Whether the write-up is the report of an audit or a test.
    pub(super) audit: bool,
    /// Its title, where that stands outside its text: then no other heading is the title.
    pub(super) title: Option<String>,
    /// Places where actions were announced.
    pub(super) sections: usize,
    /// Places that say there is nothing.
    pub(super) nones: usize,
    /// Whether there were more actions than are taken.
    pub(super) full: bool,
    /// Ids that findings state, with their lines.
    pub(super) ids: BTreeMap<String, usize>,
    /// What was taken and what was passed over.
    pub(super) account: Account,
    /// What is written like a reference and leads nowhere, until all ids of the write-up are known.
    pub(super) lost: Vec<Lost>,
    /// Where the text stands in the page it was written from.
    pub(super) origin: Option<&'a Origin<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) fn of(lines: &'a Lines<'a>, dialect: &'a Dialect, notes: &'a mut Notes) -> Self {
        Self {
            lines,
            dialect,
            notes,
            findings: Vec::new(),
            candidates: Vec::new(),
            weaknesses: Vec::new(),
            fate: Fate::Findings,
            audit: false,
            title: None,
            sections: 0,
            nones: 0,
            full: false,
            ids: BTreeMap::new(),
            account: Account::default(),
            lost: Vec::new(),
            origin: None,
        }
    }

    /// The words of the source.
    pub(super) fn words(&self) -> &'a Vocabulary {
        &self.dialect.words
    }

    /// How much was found so far, to see whether a section adds to it.
    pub(super) fn found(&self) -> usize {
        self.findings.len() + self.candidates.len() + self.weaknesses.len() + self.nones
    }

    /// Reads something whose actions have another fate.
    pub(super) fn with_fate(&mut self, fate: Fate, read: impl FnOnce(&mut Self)) {
        // What stands inside something doubtful is doubtful, too.
        let fate = if self.fate == Fate::Candidates { Fate::Candidates } else { fate };
        let before = std::mem::replace(&mut self.fate, fate);
        read(self);
        self.fate = before;
    }

    /// Reads something whose actions have a rank where they state none themselves.
    pub(super) fn with_rank(&mut self, rank: Rank, read: impl FnOnce(&mut Self)) {
        let (findings, weaknesses) = (self.findings.len(), self.weaknesses.len());
        read(self);
        let found = self.findings.iter_mut().skip(findings).map(|(_, finding)| finding);
        let weak = self.weaknesses.iter_mut().skip(weaknesses).map(|weakness| &mut weakness.finding);
        for finding in
            found.chain(weak).filter(|finding| finding.severity.is_none() && finding.priority.is_none())
        {
            (finding.severity, finding.priority) = (rank.severity, rank.priority);
        }
    }

    /// Whether status words are read as the reports of audits mean them.
    pub(super) fn audits(&self) -> bool {
        self.audit || matches!(self.fate, Fate::Weaknesses { .. })
    }

    /// A place where actions are announced.
    pub(super) fn announce(&mut self) {
        self.sections += usize::from(self.fate == Fate::Findings);
    }

    /// Whether another finding or candidate may be taken; a document with too many is refused once.
    pub(super) fn has_room(&mut self, at: usize) -> bool {
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

    /// Keeps a finding that starts at a place.
    pub(super) fn find(&mut self, at: usize, finding: DocumentFinding) {
        self.account.finding(at);
        self.findings.push((at, finding));
    }

    /// Warns when nothing was found in a section since `before`.
    pub(super) fn check_empty(&mut self, at: usize, before: usize) {
        if self.found() == before && self.fate == Fate::Findings {
            let message = "an action section is announced here, but nothing in it could be read as an action"
                .to_owned();
            let help = "write each action as a list item or a table row, or `None` when there is none";
            self.notes.add(Level::Warning, "empty_action_section", self.lines.place(at), message, help);
        }
    }

    /// Warns when nothing will be followed: a write-up without findings is never passed over in silence.
    pub(super) fn check_whole(&mut self) {
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

    pub(super) fn explicit_none(&mut self, at: usize) {
        self.nones += 1;
        self.account.aside(at, Aside::SaysNone);
        let message = "the write-up says that there are no actions here".to_owned();
        self.notes.add(Level::Info, "explicit_none", self.lines.place(at), message, "");
    }

    pub(super) fn collection(&mut self, at: usize) {
        let message = "the link leads to many issues, so none of them is followed".to_owned();
        let help = "link each issue by itself";
        self.notes.add(Level::Warning, "collection_link", self.lines.place(at), message, help);
    }

    /// Takes an id that a finding states. One that is stated twice spoils the document: nobody can tell which finding is meant.
    pub(super) fn accept_id(&mut self, id: String, at: usize) -> Option<String> {
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
    pub(super) fn with_id(&mut self, fate: Fate, id: String, at: usize) -> Option<String> {
        let mut taken = None;
        self.with_fate(fate, |reader| taken = reader.accept_id(id, at));
        taken
    }

    /// Takes a deadline, and tells what of it cannot be read.
    pub(super) fn date(&mut self, due: Option<Due>, at: usize) -> Option<NaiveDate> {
        match due? {
            Due::On(date) => Some(date),
            Due::Unclear(text) => {
                let stated = date::stated(&text, self.dialect);
                if let Some((level, code, message, help)) = stated.complaint(&text, "deadline") {
                    // Nobody has decided yet: that is no slip.
                    let level = if self.words().says_nothing(&text) { Level::Info } else { level };
                    self.notes.add(level, code, self.lines.place(at), message, help);
                }
                stated.day()
            }
        }
    }

    /// A stated severity; one that nobody knows is told and counts as high.
    pub(super) fn severity(&mut self, at: usize, word: &str) -> Rated {
        let rated = self.words().rated(word);
        if rated.unclear.is_some() {
            let (code, message, help) = not_understood(word);
            self.notes.add(Level::Warning, code, self.lines.place(at), message, help);
        }
        rated
    }

    /// What the value of a status says; warns when nobody knows.
    pub(super) fn standing(&mut self, at: usize, value: &str) -> Option<Standing> {
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
    pub(super) fn known<T>(
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
    pub(super) fn source(&self, block: &Block) -> String {
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
