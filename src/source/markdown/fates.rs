//! What became of each list item, table row and checkbox of a write-up, once everything in it is read.
//!
//! Knows the account that the reader kept, and the headings under which everything stands. Takes nothing and decides nothing.
//! Every item and row of the block tree gets exactly one fate, and every finding belongs to exactly one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Reader,
    account::Taken,
    block::{self, Block, Item, Kind, Row},
    boxes, detail,
    outline::Section,
    section, shorten,
    text::{SOFT_BREAK, Text},
};
use crate::{
    model::fate::{Aside, CameTo, Detail, LineFate, What},
    source::words::{Topic, squeeze},
};

/// Longest heading that a reason names, in characters.
const LONGEST_HEADING: usize = 80;

/// The fates of a write-up, in its order.
pub(super) fn of(reader: &Reader<'_>, blocks: &[Block]) -> Vec<LineFate> {
    let mut numbers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, (at, _)) in reader.findings.iter().enumerate() {
        numbers.entry(*at).or_default().push(number);
    }
    let mut walk = Walk {
        reader,
        numbers,
        title: title(reader, blocks),
        headings: Vec::new(),
        given: BTreeSet::new(),
        fates: Vec::new(),
    };
    walk.blocks(blocks, &Around::default());
    walk.rest();
    walk.fates
}

/// Where the title of a write-up stands, and whether headings inside decide what it announces.
fn title(reader: &Reader<'_>, blocks: &[Block]) -> Option<(usize, bool)> {
    let whole = Section::of(blocks, reader.words());
    let first = blocks.first().is_some_and(|first| matches!(first.kind, Kind::Heading(1, _)));
    let alone = |only: &Section<'_>| first && whole.inner.len() == 1 && only.topic.is_none();
    let only = whole.inner.first().filter(|only| only.is_title(&whole) || alone(only))?;
    let elsewhere = reader.title.as_ref().is_some_and(|title| squeeze(title) != only.title());
    (!elsewhere).then(|| (only.at, only.holds_actions()))
}

/// A heading above something.
#[derive(Clone)]
struct Heading {
    level: u8,
    text: Arc<str>,
    topic: Option<Topic>,
    is_title: bool,
}

/// What something stands in besides sections.
#[derive(Clone, Default)]
struct Around {
    /// Why it is nothing, where a label says so.
    why: Option<Aside>,
    /// What it belongs to.
    owner: Option<usize>,
    /// Whether it stands in an item.
    inside: bool,
}

struct Walk<'r, 'a> {
    reader: &'r Reader<'a>,
    /// Findings by where they start.
    numbers: BTreeMap<usize, Vec<usize>>,
    title: Option<(usize, bool)>,
    /// Headings above what is looked at.
    headings: Vec<Heading>,
    /// Findings that belong to a fate already.
    given: BTreeSet<usize>,
    fates: Vec<LineFate>,
}

impl Walk<'_, '_> {
    fn blocks(&mut self, blocks: &[Block], around: &Around) {
        let mut labelled = None;
        for (number, block) in blocks.iter().enumerate() {
            let owner = self.reader.account.owner(block).or(around.owner);
            let here = Around { why: around.why.clone(), owner, ..*around };
            match &block.kind {
                Kind::Heading(level, text) => {
                    labelled = None;
                    if !around.inside {
                        self.heading(block.at.start, *level, text);
                        self.text(block, text, &here);
                    }
                }
                Kind::Paragraph(text) => {
                    self.relabel(&mut labelled, text, blocks.get(number + 1..).unwrap_or_default());
                    if !around.inside {
                        self.text(block, text, &here);
                    }
                }
                Kind::List(list) => {
                    let here = Around { why: labelled.clone().or(here.why), ..here };
                    list.items.iter().for_each(|item| self.item(item, &here));
                }
                Kind::Table(table) => {
                    let here = Around { why: labelled.clone().or(here.why), ..here };
                    table.rows.iter().for_each(|row| self.row(row, &here));
                }
                Kind::Quote(quoted) => {
                    // Headings in a quote divide the quote only.
                    let outer = self.headings.clone();
                    self.blocks(quoted, &here);
                    self.headings = outer;
                }
                Kind::Html(_) | Kind::Other => {}
            }
        }
    }

    /// A label above lists that says what else they are about holds until the next label.
    fn relabel(&self, labelled: &mut Option<Aside>, text: &Text, after: &[Block]) {
        if section::is_aside(text, after, self.reader.words()) {
            let label = text.plain();
            let label = label.trim_end_matches([':', '：']);
            *labelled = Some(Aside::SectionNotRead(shorten(label, LONGEST_HEADING).into()));
        } else if section::list_label(text, after).is_some() {
            *labelled = None;
        }
    }

    fn heading(&mut self, at: usize, level: u8, text: &Text) {
        while self.headings.pop_if(|above| above.level >= level).is_some() {}
        let plain = text.plain();
        if plain.is_empty() {
            // A box that was read as a part of its own ends here.
            return;
        }
        let title = self.title.filter(|(title, _)| *title == at);
        let decided = title.is_some_and(|(_, decided)| decided);
        let topic = self.reader.words().topic(&plain).filter(|topic| match topic {
            Topic::Actions | Topic::Action | Topic::Perhaps => !decided,
            Topic::Findings | Topic::Aside => true,
        });
        let text = shorten(&plain, LONGEST_HEADING).into();
        self.headings.push(Heading { level, text, topic, is_title: title.is_some() });
    }

    /// A paragraph or heading that came to something by itself; and each checkbox in it, which came to the same.
    fn text(&mut self, block: &Block, text: &Text, around: &Around) {
        let at = block.at.start;
        let came_to = self.own(&[at]).or_else(|| self.passed(&[at]));
        let boxes = self.boxes(block, text);
        let end = self.reader.account.end(at).max(block.end());
        if let Some(came_to) = came_to.clone() {
            let what = if boxes.is_empty() { What::Text } else { What::Checkbox };
            self.push(at, end, what, came_to);
        }
        for (at, ticked) in boxes.into_iter().skip(usize::from(came_to.is_some())) {
            let belongs = || self.belonging(around.owner?, &[text]);
            let stands = || CameTo::SetAside(if ticked { Aside::Done } else { self.why(&[text], around) });
            let came_to = match &came_to {
                Some(CameTo::Findings(numbers)) => CameTo::Detail(Detail::Below, numbers.clone()),
                Some(CameTo::Candidate(_)) => CameTo::Detail(Detail::Below, Vec::new()),
                Some(other @ (CameTo::Detail(..) | CameTo::Label | CameTo::SetAside(_))) => other.clone(),
                None => belongs().unwrap_or_else(stands),
            };
            self.push(at, at, What::Checkbox, came_to);
        }
    }

    /// Where the checkboxes of a text stand, and whether they are ticked.
    fn boxes(&self, block: &Block, text: &Text) -> Vec<(usize, bool)> {
        let start = block.at.start;
        let written = self.reader.lines.text().get(block.at.clone()).unwrap_or_default();
        let found = boxes::at_lines(written);
        if found.is_empty() {
            return boxes::ticked(&text.raw()).map(|ticked| (start, ticked)).into_iter().collect();
        }
        found.into_iter().map(|(at, ticked)| (start + at, ticked)).collect()
    }

    fn item(&mut self, item: &Item, around: &Around) {
        let owner = item.blocks.first().and_then(|first| self.reader.account.owner(first)).or(around.owner);
        let mut starts = vec![item.at.start];
        own_starts(&item.blocks, &mut starts);
        let text = item.blocks.iter().find_map(text_of);
        let empty = item.blocks.iter().all(is_empty);
        let texts: Vec<&Text> = text.into_iter().collect();
        let came_to = self.settle(&starts, owner, &texts, empty, around);
        let number = self.fates.len();
        let what = if item.ticked.is_some() { What::Checkbox } else { What::Item };
        let end = block::ends(&item.blocks).max(self.reader.account.end(item.at.start));
        self.push(item.at.start, end, what, came_to);
        let why = self.announced(item).or_else(|| around.why.clone());
        self.blocks(&item.blocks, &Around { why, owner, inside: true });
        let taken = |fate: &LineFate| matches!(fate.came_to, CameTo::Findings(_) | CameTo::Candidate(_));
        let below = self.fates.iter().skip(number + 1).any(taken);
        if let Some(fate) = self.fates.get_mut(number)
            && below
            && matches!(&fate.came_to, CameTo::SetAside(why) if why.is_unexplained())
        {
            fate.came_to = CameTo::Label;
        }
    }

    /// Why what stands below an item is nothing, where that announces something else.
    fn announced(&self, item: &Item) -> Option<Aside> {
        let (first, below) = item.blocks.split_first()?;
        let mut labelled = None;
        self.relabel(&mut labelled, text_of(first)?, below);
        labelled
    }

    fn row(&mut self, row: &Row, around: &Around) {
        let texts: Vec<&Text> = row.cells.iter().collect();
        let empty = row.cells.iter().all(Text::is_blank);
        let came_to = self.settle(&[row.at.start], around.owner, &texts, empty, around);
        let end = row.cells.iter().map(Text::end).max().unwrap_or_default();
        self.push(row.at.start, end, What::Row, came_to);
    }

    /// What became of an item or a row: what was taken of it, else what it belongs to, else why it was passed over, else where it
    /// stands.
    fn settle(
        &mut self,
        starts: &[usize],
        owner: Option<usize>,
        texts: &[&Text],
        empty: bool,
        around: &Around,
    ) -> CameTo {
        self.own(starts)
            .or_else(|| self.belonging(owner?, texts))
            .or_else(|| self.passed(starts))
            .unwrap_or_else(|| CameTo::SetAside(if empty { Aside::Empty } else { self.why(texts, around) }))
    }

    /// What the reader took of what starts at these places.
    fn own(&mut self, starts: &[usize]) -> Option<CameTo> {
        let account = &self.reader.account;
        let taken: Vec<(usize, &Taken)> =
            starts.iter().filter_map(|at| Some((*at, account.of(*at)?))).collect();
        let is_finding = |(_, taken): &&(usize, &Taken)| matches!(taken, Taken::Finding);
        let found: Vec<usize> =
            taken.iter().filter(is_finding).flat_map(|(at, _)| self.numbers_at(*at)).collect();
        if !found.is_empty() {
            let new: Vec<usize> = found.iter().copied().filter(|number| self.given.insert(*number)).collect();
            let again = new.is_empty();
            return Some(if again { CameTo::Detail(Detail::Again, found) } else { CameTo::Findings(new) });
        }
        let asked = taken.iter().find_map(|(_, taken)| match taken {
            Taken::Candidate(reason) => Some(CameTo::Candidate(reason.clone())),
            Taken::Finding | Taken::Stated | Taken::Label | Taken::Aside(_) => None,
        });
        let again = || starts.iter().find_map(|at| account.first(*at));
        asked.or_else(|| Some(CameTo::Detail(Detail::Again, self.numbers_at(again()?))))
    }

    /// What something is that belongs to what starts elsewhere.
    fn belonging(&self, owner: usize, texts: &[&Text]) -> Option<CameTo> {
        let account = &self.reader.account;
        let how = if self.states(texts) { Detail::Field } else { Detail::Below };
        match account.of(owner) {
            Some(Taken::Finding) => Some(CameTo::Detail(how, self.numbers_at(owner))),
            Some(Taken::Candidate(_)) => Some(CameTo::Detail(how, Vec::new())),
            Some(Taken::Stated) => Some(CameTo::Detail(Detail::WriteUp, Vec::new())),
            Some(Taken::Aside(why)) => Some(CameTo::SetAside(why.clone())),
            Some(Taken::Label) => None,
            None => Some(CameTo::Detail(how, self.numbers_at(account.first(owner)?))),
        }
    }

    /// What the reader says of what starts at these places and is no action.
    fn passed(&self, starts: &[usize]) -> Option<CameTo> {
        starts.iter().find_map(|at| match self.reader.account.of(*at)? {
            Taken::Stated => Some(CameTo::Detail(Detail::WriteUp, Vec::new())),
            Taken::Label => Some(CameTo::Label),
            Taken::Aside(why) => Some(CameTo::SetAside(why.clone())),
            Taken::Finding | Taken::Candidate(_) => None,
        })
    }

    /// Why something is nothing that the reader did not speak of: by where it stands.
    fn why(&self, texts: &[&Text], around: &Around) -> Aside {
        if let Some(why) = &around.why {
            return why.clone();
        }
        let innermost = self.headings.last();
        let decides = |above: &&Heading| above.topic.is_some();
        let deciding = self.headings.iter().rev().find(decides).map(|above| (above.topic, &above.text));
        let unknown = || match innermost.filter(|above| !above.is_title) {
            Some(above) => Aside::UnknownHeading(Arc::clone(&above.text)),
            None => Aside::NoHeading,
        };
        match deciding {
            Some((Some(Topic::Aside), text)) => Aside::SectionNotRead(Arc::clone(text)),
            _ if matches!(texts, [text] if is_link(text)) => Aside::Reference,
            Some((Some(Topic::Perhaps), text)) if innermost.is_some_and(|above| above.text != *text) => {
                unknown()
            }
            Some((_, text)) => Aside::NoAction(Arc::clone(text)),
            None => unknown(),
        }
    }

    /// Whether an item or a row states a field.
    fn states(&self, texts: &[&Text]) -> bool {
        let words = self.reader.words();
        match texts {
            [text] => {
                let raw = text.raw();
                raw.split([SOFT_BREAK, '\n']).any(|line| !detail::fields(line, words).is_empty())
            }
            [label, _] => words.label(&label.plain()).is_some(),
            _ => false,
        }
    }

    fn numbers_at(&self, at: usize) -> Vec<usize> {
        self.numbers.get(&at).cloned().unwrap_or_default()
    }

    fn push(&mut self, at: usize, end: usize, what: What, came_to: CameTo) {
        let text = self.reader.lines.text().get(at..end).unwrap_or_default();
        let last = at + text.trim_end().char_indices().next_back().map_or(0, |(last, _)| last);
        let (line, column) = self.reader.lines.place(at);
        let end = self.reader.lines.place(last).0.max(line);
        self.fates.push(LineFate { line, column, end, what, came_to });
    }

    /// Findings that start where the block tree has nothing of its own.
    fn rest(&mut self) {
        let numbers = std::mem::take(&mut self.numbers);
        for (at, found) in numbers {
            let left: Vec<usize> = found.into_iter().filter(|number| self.given.insert(*number)).collect();
            if !left.is_empty() {
                self.push(at, at, What::Text, CameTo::Findings(left));
            }
        }
    }
}

/// Where the texts of an item begin that are no items or rows themselves.
fn own_starts(blocks: &[Block], starts: &mut Vec<usize>) {
    for block in blocks {
        match &block.kind {
            Kind::Heading(..) | Kind::Paragraph(_) => starts.push(block.at.start),
            Kind::Quote(quoted) => own_starts(quoted, starts),
            Kind::List(_) | Kind::Table(_) | Kind::Html(_) | Kind::Other => {}
        }
    }
}

fn text_of(block: &Block) -> Option<&Text> {
    match &block.kind {
        Kind::Heading(_, text) | Kind::Paragraph(text) => Some(text),
        Kind::List(_) | Kind::Table(_) | Kind::Quote(_) | Kind::Html(_) | Kind::Other => None,
    }
}

fn is_empty(block: &Block) -> bool {
    match &block.kind {
        Kind::Heading(_, text) | Kind::Paragraph(text) => text.is_blank(),
        Kind::Html(_) => true,
        Kind::List(_) | Kind::Table(_) | Kind::Quote(_) | Kind::Other => false,
    }
}

/// Whether a text is nothing but links.
fn is_link(text: &Text) -> bool {
    let address = |word: &str| word.starts_with("http") || !word.contains(char::is_alphanumeric);
    text.visible().all(|span| span.link.is_some() || span.text.split_whitespace().all(address))
}
