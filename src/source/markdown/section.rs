//! Where in a write-up the actions are: under headings, behind bold labels, in tables.
//!
//! Knows headings, labels and their scope. What an action says is read elsewhere.

use super::{
    Reader,
    block::{Block, Kind, List},
    list, prose, table,
    text::Text,
};
use crate::source::words::{Standing, Topic, Vocabulary, normal};

/// Reads a whole write-up.
pub(super) fn read(reader: &mut Reader<'_>, blocks: &[Block]) {
    let mut aside = Aside::default();
    let mut at = 0;
    while let Some(block) = blocks.get(at) {
        let after = blocks.get(at + 1..).unwrap_or_default();
        at += 1;
        match &block.kind {
            Kind::Heading(level, text) => {
                let topic = reader.words().topic(&text.plain());
                aside.enter(*level, topic);
                let length = section_length(after, *level);
                let inside = after.get(..length).unwrap_or_default();
                match topic {
                    Some(Topic::Actions | Topic::Action) => {
                        actions(
                            reader,
                            block.at.start,
                            inside,
                            suffix_standing(&text.plain(), reader.words()),
                        );
                        at += length;
                    }
                    Some(Topic::Perhaps) => {
                        perhaps(reader, inside);
                        at += length;
                    }
                    Some(Topic::Aside) | None => {}
                }
            }
            Kind::Paragraph(text) => {
                match label(text, reader.words()).or_else(|| bare_label(text, after, reader.words())) {
                    Some(label) => at += labelled(reader, block.at.start, &label, &[], after),
                    None => prose::marked(reader, block.at.start, text),
                }
            }
            Kind::List(list) => at += labelled_items(reader, list, after),
            Kind::Table(found) if !aside.inside() && table::is_plan(found, reader.words()) => {
                reader.sections += 1;
                table::read(reader, block.at.start, found, Standing::Open);
            }
            Kind::Table(_) | Kind::Quote(_) | Kind::Html(_) | Kind::Other => {}
        }
    }
}

/// Whether a part of the document is certainly not about actions, such as the timeline.
#[derive(Default)]
struct Aside(Option<u8>);

impl Aside {
    fn enter(&mut self, level: u8, topic: Option<Topic>) {
        if self.0.is_none_or(|top| level <= top) {
            self.0 = (topic == Some(Topic::Aside)).then_some(level);
        }
    }

    fn inside(&self) -> bool {
        self.0.is_some()
    }
}

/// A bold label that announces actions.
pub(super) struct Label {
    topic: Topic,
    standing: Standing,
    /// What stands behind it on the same line.
    rest: Text,
}

impl Label {
    /// The label inside a part of the document that says how far everything in it is.
    pub(super) fn within(self, around: Standing) -> Self {
        Self { standing: self.standing.within(around), ..self }
    }
}

/// The label that a text begins with.
pub(super) fn label(text: &Text, words: &Vocabulary) -> Option<Label> {
    let (lead, rest) = text.bold_lead()?;
    let raw = rest.raw();
    let colon = raw.trim_start().starts_with([':', '：']);
    if !colon && !lead.ends_with([':', '：']) && !rest.is_blank() {
        return None;
    }
    let kept = raw.trim_start().trim_start_matches([':', '：']).trim_start();
    let rest = rest.part(raw.len() - kept.len()..usize::MAX);
    match words.topic(&lead)? {
        topic @ (Topic::Actions | Topic::Action) => {
            Some(Label { topic, standing: suffix_standing(&lead, words), rest })
        }
        Topic::Perhaps | Topic::Aside => None,
    }
}

/// The label that a whole text is, without being bold: nothing but words for actions and a colon, right before what it announces.
pub(super) fn bare_label(text: &Text, after: &[Block], words: &Vocabulary) -> Option<Label> {
    let plain = text.plain();
    let announces = matches!(after.first().map(|block| &block.kind), Some(Kind::List(_) | Kind::Table(_)));
    let topic = words.topic(plain.strip_suffix([':', '：']).filter(|_| announces)?);
    let topic = topic.filter(|topic| matches!(topic, Topic::Actions | Topic::Action))?;
    Some(Label { topic, standing: suffix_standing(&plain, words), rest: Text::default() })
}

/// Reads what belongs to a label: `inside` its own list item, else the blocks `after` it. Tells how many of those it took.
pub(super) fn labelled(
    reader: &mut Reader<'_>,
    at: usize,
    label: &Label,
    inside: &[Block],
    after: &[Block],
) -> usize {
    reader.sections += 1;
    let found = reader.found();
    let single = label.topic == Topic::Action;
    let listed = |blocks: &[Block]| {
        matches!(blocks.first().map(|block| &block.kind), Some(Kind::List(_) | Kind::Table(_)))
    };
    // One action may take several paragraphs; several actions are a list, or prose for a person.
    let follows = inside.is_empty() && (label.rest.is_blank() || single || listed(after));
    let length = if follows { scope_length(after, reader.words()) } else { 0 };
    let blocks = if follows { after.get(..length).unwrap_or_default() } else { inside };
    let prose_first = matches!(blocks.first().map(|block| &block.kind), Some(Kind::Paragraph(_)));
    if single && !label.rest.is_blank() {
        prose::single(reader, at, &label.rest, details(blocks, inside), label.standing);
    } else if single && prose_first {
        prose::single_below(reader, blocks, label.standing);
    } else {
        // Words before a list only introduce it.
        if !label.rest.is_blank() && !listed(blocks) {
            prose::several(reader, at, &label.rest);
        }
        list::read(reader, blocks, label.standing);
    }
    reader.check_empty(at, found);
    if single && !label.rest.is_blank() && inside.is_empty() { details(blocks, inside).len() } else { length }
}

/// The details of an action that is written on the line of its label: a list right below it, nothing more.
fn details<'a>(blocks: &'a [Block], inside: &'a [Block]) -> &'a [Block] {
    if !inside.is_empty() {
        return inside;
    }
    let lists = blocks.iter().take_while(|block| matches!(block.kind, Kind::List(_))).count();
    blocks.get(..lists).unwrap_or_default()
}

/// Reads the items of a list that are labels. Tells how many of the blocks after the list they took.
fn labelled_items(reader: &mut Reader<'_>, list: &List, after: &[Block]) -> usize {
    let mut taken = 0;
    for (number, item) in list.items.iter().enumerate() {
        let Some((first, inside)) = item.blocks.split_first() else { continue };
        let Kind::Paragraph(text) = &first.kind else { continue };
        let Some(label) = label(text, reader.words()).or_else(|| bare_label(text, inside, reader.words()))
        else {
            prose::marked(reader, item.at.start, text);
            continue;
        };
        let last = number + 1 == list.items.len();
        let below = if last { after.get(..after_list(list, after)).unwrap_or_default() } else { &[] };
        taken = labelled(reader, item.at.start, &label, inside, below);
    }
    taken
}

/// How many blocks after a list of labels may belong to its last label: up to the next list of labels like it.
fn after_list(list: &List, after: &[Block]) -> usize {
    let alike = |block: &Block| {
        match &block.kind {
        Kind::List(other) => {
            other.start.is_some() == list.start.is_some()
                && other.items.first().is_some_and(|item| {
                    matches!(item.blocks.first().map(|block| &block.kind), Some(Kind::Paragraph(text)) if is_bold_label(text))
                })
        }
        Kind::Heading(..) | Kind::Paragraph(_) | Kind::Table(_) | Kind::Quote(_) | Kind::Html(_) | Kind::Other => false,
    }
    };
    after.iter().position(alike).unwrap_or(after.len())
}

/// How far a label reaches: to the next heading or bold label.
fn scope_length(after: &[Block], words: &Vocabulary) -> usize {
    let ends = |block: &Block| match &block.kind {
        Kind::Heading(..) => true,
        Kind::Paragraph(text) => is_bold_label(text) || names_topic(text, words),
        Kind::List(_) | Kind::Table(_) | Kind::Quote(_) | Kind::Html(_) | Kind::Other => false,
    };
    after.iter().position(ends).unwrap_or(after.len())
}

/// Whether a text is nothing but words that announce something, and a colon.
fn names_topic(text: &Text, words: &Vocabulary) -> bool {
    let plain = text.plain();
    plain.strip_suffix([':', '：']).is_some_and(|label| words.topic(label).is_some())
}

/// Whether a text begins with bold words and a colon, or is nothing but bold words.
fn is_bold_label(text: &Text) -> bool {
    text.bold_lead().is_some_and(|(lead, rest)| {
        lead.ends_with([':', '：']) || rest.raw().trim_start().starts_with([':', '：']) || rest.is_blank()
    })
}

/// How far a heading reaches: to the next one of the same or a higher level.
fn section_length(after: &[Block], level: u8) -> usize {
    let ends = |block: &Block| matches!(&block.kind, Kind::Heading(next, _) if *next <= level);
    after.iter().position(ends).unwrap_or(after.len())
}

/// Reads a section of actions, part by part: each heading inside it begins a part.
fn actions(reader: &mut Reader<'_>, at: usize, blocks: &[Block], around: Standing) {
    reader.sections += 1;
    let found = reader.found();
    let mut aside = Aside::default();
    let mut standing = around;
    let mut parts: Vec<(&[Block], Standing)> = Vec::new();
    let mut start = 0;
    let heading = |block: &Block| matches!(block.kind, Kind::Heading(..));
    while start <= blocks.len() {
        let rest = blocks.get(start..).unwrap_or_default();
        let length = rest.iter().position(heading).unwrap_or(rest.len());
        if !aside.inside() {
            parts.push((rest.get(..length).unwrap_or_default(), standing));
        }
        if let Some(Kind::Heading(level, text)) = rest.get(length).map(|block| &block.kind) {
            let plain = text.plain();
            aside.enter(*level, reader.words().topic(&plain));
            standing = suffix_standing(&plain, reader.words()).within(around);
        }
        start += length + 1;
    }
    // The words between the heading and the first sub-heading introduce what the parts list.
    let listed = parts
        .iter()
        .any(|(part, _)| part.iter().any(|block| matches!(block.kind, Kind::List(_) | Kind::Table(_))));
    for (number, (part, standing)) in parts.into_iter().enumerate() {
        let introduced = number == 0 && listed;
        list::read_introduced(reader, part, standing, introduced);
    }
    reader.check_empty(at, found);
}

/// Reads a section whose items may be actions, for a person to decide: its list items, or its paragraphs if it has none.
fn perhaps(reader: &mut Reader<'_>, blocks: &[Block]) {
    let lists: Vec<&List> = blocks
        .iter()
        .filter_map(|block| match &block.kind {
            Kind::List(list) => Some(list),
            Kind::Heading(..)
            | Kind::Paragraph(_)
            | Kind::Table(_)
            | Kind::Quote(_)
            | Kind::Html(_)
            | Kind::Other => None,
        })
        .collect();
    for item in lists.iter().flat_map(|list| &list.items) {
        if let Some(Kind::Paragraph(text)) = item.blocks.first().map(|block| &block.kind) {
            prose::several(reader, item.at.start, text);
        }
    }
    for block in blocks.iter().filter(|_| lists.is_empty()) {
        if let Kind::Paragraph(text) = &block.kind {
            prose::several(reader, block.at.start, text);
        }
    }
}

/// What a heading or label says about everything below it: `(completed)`, `: done`, or "actions taken".
pub(super) fn suffix_standing(heading: &str, words: &Vocabulary) -> Standing {
    let heading = heading.trim_end_matches([':', ' ']);
    let bracket = heading.strip_suffix(')').and_then(|inner| inner.rsplit_once('('));
    let suffix = bracket.or_else(|| heading.rsplit_once([':', '：', '–', '—']));
    let said = suffix.and_then(|(_, suffix)| words.status(suffix)).or_else(|| words.status(heading));
    let words = normal(heading);
    let taken = || (words.ends_with(" taken") && !words.ends_with("be taken")).then_some(Standing::Done);
    said.or_else(taken).unwrap_or_default()
}
