//! What became of each list item, table row and checkbox of a document: a finding, a candidate, a detail of one, a label, or nothing and why.
//!
//! Knows the reasons and how they are counted. Must not know how a document is read.

use std::{collections::BTreeMap, sync::Arc};

/// What became of one part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFate {
    /// Line it starts on, from 1.
    pub line: usize,
    /// Column it starts in, from 1.
    pub column: usize,
    /// Last line of it.
    pub end: usize,
    /// What it is.
    pub what: What,
    /// What became of it.
    pub came_to: CameTo,
}

/// A part of a document that has a fate of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An item of a list, without a checkbox.
    Item,
    /// An item of a list with a checkbox.
    Checkbox,
    /// A row of a table below its header.
    Row,
    /// An entry of a structured document.
    Entry,
    /// A paragraph or a heading; only those that came to something have a fate, and they are no items.
    Text,
}

impl What {
    /// Its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Checkbox => "checkbox",
            Self::Row => "row",
            Self::Entry => "entry",
            Self::Text => "text",
        }
    }
}

/// What a part of a document became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameTo {
    /// Findings, by their places among those of the document; a row may hold several.
    Findings(Vec<usize>),
    /// Something that waits for a person, with the stable code of the reason.
    Candidate(String),
    /// It says more about these findings; about a candidate or the write-up if there are none.
    Detail(Detail, Vec<usize>),
    /// It only announces what stands below it.
    Label,
    /// Nothing.
    SetAside(Aside),
}

impl CameTo {
    /// Its stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Findings(_) => "finding",
            Self::Candidate(_) => "candidate",
            Self::Detail(..) => "detail",
            Self::Label => "label",
            Self::SetAside(_) => "set_aside",
        }
    }
}

/// How something says more about a finding, a candidate or the write-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// It states a field, such as the owner.
    Field,
    /// It stands below it.
    Below,
    /// It tells the same again.
    Again,
    /// It says something about the write-up itself, such as its date.
    WriteUp,
}

impl Detail {
    /// Its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Below => "below",
            Self::Again => "again",
            Self::WriteUp => "write_up",
        }
    }
}

/// Why something became nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aside {
    /// It stands below a heading or label about something else, such as the timeline.
    SectionNotRead(Arc<str>),
    /// It stands below a heading of which nobody knows what it announces.
    UnknownHeading(Arc<str>),
    /// No heading but the title stands above it.
    NoHeading,
    /// It stands below a heading of actions or findings, or one that may be, and does not look like one.
    NoAction(Arc<str>),
    /// It says that there is nothing to do.
    SaysNone,
    /// It stands where an action is still to be written.
    Template,
    /// It holds nothing.
    Empty,
    /// A ticked checkbox outside of actions.
    Done,
    /// It is nothing but a link.
    Reference,
    /// No column of its table says what must be done.
    NoActionColumn,
    /// Its table has too many columns.
    TooWide,
    /// Its table tells what happened when.
    History,
    /// It stands above the header of its table.
    AboveHeader,
}

impl Aside {
    /// Its stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SectionNotRead(_) => "section_not_read",
            Self::UnknownHeading(_) => "unknown_heading",
            Self::NoHeading => "no_heading",
            Self::NoAction(_) => "no_action",
            Self::SaysNone => "says_none",
            Self::Template => "template",
            Self::Empty => "empty",
            Self::Done => "done",
            Self::Reference => "reference",
            Self::NoActionColumn => "no_action_column",
            Self::TooWide => "too_wide",
            Self::History => "history",
            Self::AboveHeader => "above_header",
        }
    }

    /// The heading or label that decided about it.
    pub fn heading(&self) -> Option<&Arc<str>> {
        match self {
            Self::SectionNotRead(heading) | Self::UnknownHeading(heading) | Self::NoAction(heading) => {
                Some(heading)
            }
            Self::NoHeading
            | Self::SaysNone
            | Self::Template
            | Self::Empty
            | Self::Done
            | Self::Reference
            | Self::NoActionColumn
            | Self::TooWide
            | Self::History
            | Self::AboveHeader => None,
        }
    }

    /// The reason in words that fit behind a number.
    pub fn words(&self) -> &'static str {
        match self {
            Self::SectionNotRead(_) => "in a section that is not read",
            Self::UnknownHeading(_) => "under an unknown heading",
            Self::NoHeading => "under no heading",
            Self::NoAction(_) => "not read as an action",
            Self::SaysNone => "saying that there is nothing to do",
            Self::Template => "left as a template",
            Self::Empty => "empty",
            Self::Done => "done already",
            Self::Reference => "only a link",
            Self::NoActionColumn => "in a table without a column of actions",
            Self::TooWide => "in a table with too many columns",
            Self::History => "in a table of what happened",
            Self::AboveHeader => "above the header of the table",
        }
    }

    /// Whether nothing is known of it but that nothing says that it is an action.
    pub fn is_unexplained(&self) -> bool {
        self.heading().is_some() || matches!(self, Self::NoHeading | Self::Empty)
    }
}

/// Most headings that are named for one reason.
const MOST_HEADINGS: usize = 20;

/// How many list items, table rows, checkboxes and entries of a document came to what. They add up: each is counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub items: usize,
    /// Those that became findings.
    pub findings: usize,
    /// Those that wait for a person.
    pub candidates: usize,
    /// Those that say more about one of these or the write-up, or announce what stands below them.
    pub details: usize,
    /// Those that were set aside, by the stable name of the reason.
    pub set_aside: BTreeMap<&'static str, AsideTally>,
    /// Paragraphs and headings that became findings; they are no items.
    pub findings_in_text: usize,
    /// Paragraphs and headings that wait for a person.
    pub candidates_in_text: usize,
}

/// How many parts of a document were set aside for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsideTally {
    /// How many.
    pub count: usize,
    /// The reason in words.
    pub words: &'static str,
    /// The headings that decided about them, each once, in their order; not all where there are very many.
    pub headings: Vec<Arc<str>>,
}

impl Tally {
    /// Counts fates.
    pub fn of<'a>(fates: impl IntoIterator<Item = &'a LineFate>) -> Self {
        let mut tally = Self::default();
        for fate in fates {
            let in_text = fate.what == What::Text;
            tally.items += usize::from(!in_text);
            match (&fate.came_to, in_text) {
                (CameTo::Findings(_), true) => tally.findings_in_text += 1,
                (CameTo::Candidate(_), true) => tally.candidates_in_text += 1,
                (CameTo::Detail(..) | CameTo::Label | CameTo::SetAside(_), true) => {}
                (CameTo::Findings(_), false) => tally.findings += 1,
                (CameTo::Candidate(_), false) => tally.candidates += 1,
                (CameTo::Detail(..) | CameTo::Label, false) => tally.details += 1,
                (CameTo::SetAside(why), false) => tally.aside(why),
            }
        }
        tally
    }

    fn aside(&mut self, why: &Aside) {
        let new = || AsideTally { count: 0, words: why.words(), headings: Vec::new() };
        let tally = self.set_aside.entry(why.code()).or_insert_with(new);
        tally.count += 1;
        let named = why.heading().filter(|heading| {
            tally.headings.len() < MOST_HEADINGS && !tally.headings.iter().any(|known| known == *heading)
        });
        tally.headings.extend(named.cloned());
    }

    /// How many were set aside.
    pub fn n_aside(&self) -> usize {
        self.set_aside.values().map(|aside| aside.count).sum()
    }

    /// How many were read.
    pub fn n_read(&self) -> usize {
        self.items.saturating_sub(self.n_aside())
    }
}
