//! The blocks of a part of an action section: which items are actions, which are details of one, which paragraphs are prose.

use super::{
    Fate, Reader,
    block::{Block, Item, Kind, List},
    detail::{self, Details},
    elsewhere,
    item::{self, Entry},
    outline::Section,
    phrase, prose,
    rank::{self, Rank},
    section::{self, SHORT},
    table,
    text::{SOFT_BREAK, Text},
};
use crate::{
    model::terms::Column,
    source::words::{Standing, Vocabulary},
};

/// Reads a part of a section.
pub(super) fn read(reader: &mut Reader<'_>, blocks: &[Block], around: Standing) {
    read_introduced(reader, blocks, around, false);
}

/// What a label above a list says about it and what follows.
#[derive(Clone, Copy, Debug)]
struct Region {
    /// How far the lists are.
    standing: Standing,
    /// What becomes of their items; none for what is about something else.
    fate: Option<Fate>,
    /// Whether there was a list.
    listed: bool,
    /// Whether the first list had a title of its own, so that others have, too.
    grouped: bool,
    /// How bad or how soon everything in it is.
    rank: Rank,
}

/// Reads a part of a section. Paragraphs before its first list or table introduce it; all of them do so when `introduced`
/// (the lists follow in other parts).
pub(super) fn read_introduced(reader: &mut Reader<'_>, blocks: &[Block], around: Standing, introduced: bool) {
    let listing = |block: &Block| matches!(block.kind, Kind::List(_) | Kind::Table(_));
    let first = blocks.iter().position(listing).unwrap_or(if introduced { blocks.len() } else { 0 });
    let mut region = Region::of(around);
    let mut at = 0;
    while let Some(block) = blocks.get(at) {
        let after = blocks.get(at + 1..).unwrap_or_default();
        match &block.kind {
            Kind::List(list) => {
                let details = details_after(list, after);
                let below = after.get(..details).unwrap_or_default();
                match region.fate {
                    Some(fate) => reader.with_rank(region.rank, |reader| {
                        reader
                            .with_fate(fate, |reader| read_list(reader, list, below, region.standing, None));
                    }),
                    None => elsewhere::list(reader, list),
                }
                region.listed = true;
                at += details;
            }
            Kind::Table(found) => {
                let (at, standing) = (block.at.start, region.standing);
                match region.fate {
                    Some(fate) => reader.with_rank(region.rank, |reader| {
                        reader.with_fate(fate, |reader| table::read(reader, at, found, standing));
                    }),
                    None => elsewhere::table(reader, at, found, true),
                }
                region.listed = true;
            }
            Kind::Paragraph(text) => match region.after(text, after, around, reader.words()) {
                Some(next) => region = next,
                None => at += paragraph(reader, block, text, after, around, at < first),
            },
            Kind::Quote(quoted) => section::quoted(reader, quoted),
            Kind::Html(_) | Kind::Other | Kind::Heading(..) => {}
        }
        at += 1;
    }
}

impl Region {
    fn of(standing: Standing) -> Self {
        Self { standing, fate: Some(Fate::Findings), listed: false, grouped: false, rank: Rank::default() }
    }

    /// What a label right above a list or a table changes; none when a text is no such label, or announces actions by itself.
    fn after(self, text: &Text, after: &[Block], around: Standing, words: &Vocabulary) -> Option<Self> {
        let rank = |label: &str| rank::of_group(label, words);
        if let Some(standing) = phase(text, after, words) {
            let (fate, rank) = (Some(Fate::Findings), rank(&text.plain()));
            return Some(Self { standing: standing.within(around), fate, grouped: true, rank, ..self });
        }
        let label = section::list_label(text, after)?;
        let rank = rank(&label);
        let acts = section::label(text, words).or_else(|| section::bare_label(text, after, words)).is_some();
        if acts {
            return None;
        }
        if section::is_aside(text, after, words) {
            return Some(Self { fate: None, ..self });
        }
        let known = rank != Rank::default() || words.divides(&label) || words.label_topic(&label).is_some();
        let title = label.split_whitespace().count() <= SHORT;
        if !self.listed {
            return (title || rank != Rank::default()).then_some(Self { grouped: true, rank, ..self });
        }
        let bold = text.bold_lead().is_some();
        let fate = if known || bold || self.grouped { Fate::Findings } else { Fate::Candidates };
        Some(Self { fate: Some(fate), standing: around, rank, ..self })
    }
}

/// What a bold line right above a list or table says about it, such as "Phase 1 (complete)"; none when it is something else.
fn phase(text: &Text, after: &[Block], words: &Vocabulary) -> Option<Standing> {
    let lists = matches!(after.first().map(|block| &block.kind), Some(Kind::List(_) | Kind::Table(_)));
    let (lead, rest) = text.bold_lead().filter(|_| lists)?;
    let whole = !rest.raw().contains(char::is_alphanumeric);
    (whole && words.topic(&lead).is_none() && words.divides(&lead))
        .then(|| section::suffix_standing(&lead, words))
}

/// Reads a paragraph of an action section. Tells how many of the blocks after it belong to it.
fn paragraph(
    reader: &mut Reader<'_>,
    block: &Block,
    text: &Text,
    after: &[Block],
    around: Standing,
    introduces: bool,
) -> usize {
    let words = reader.words();
    match section::label(text, words).or_else(|| section::bare_label(text, after, words)) {
        Some(label) => section::labelled(reader, block.at.start, &label.within(around), &[], after),
        None if !introduces => {
            prose::several(reader, block.at.start, text);
            0
        }
        None => 0,
    }
}

/// How many blocks after a numbered list are details of its last item: everything until the numbering goes on, or a bulleted
/// list when the item has a bold title or ends with a colon.
fn details_after(list: &List, after: &[Block]) -> usize {
    let Some(start) = list.start else { return 0 };
    let next = start.saturating_add(u64::try_from(list.items.len()).unwrap_or(u64::MAX));
    let goes_on =
        after.iter().position(|block| matches!(&block.kind, Kind::List(other) if other.start.is_some()));
    if let Some(at) = goes_on
        && matches!(after.get(at).map(|block| &block.kind), Some(Kind::List(other)) if other.start == Some(next))
    {
        return at;
    }
    let first = list.items.last().and_then(|item| item.blocks.first());
    let opens = match first.map(|block| &block.kind) {
        Some(Kind::Paragraph(text)) => text.bold_lead().is_some() || text.plain().ends_with([':', '：']),
        Some(
            Kind::Heading(..) | Kind::List(_) | Kind::Table(_) | Kind::Quote(_) | Kind::Html(_) | Kind::Other,
        )
        | None => false,
    };
    let bulleted =
        matches!(after.first().map(|block| &block.kind), Some(Kind::List(other)) if other.start.is_none());
    usize::from(opens && bulleted)
}

/// Reads a list: one item, one action, with the items behind it that only state a field of it. `details` belong to its last item.
fn read_list(
    reader: &mut Reader<'_>,
    list: &List,
    details: &[Block],
    around: Standing,
    prefix: Option<&str>,
) {
    let mut items = list.items.as_slice();
    while let Some((item, rest)) = items.split_first() {
        let stating = rest.iter().take_while(|next| states(next, reader.words())).count();
        let stating = if states(item, reader.words()) { 0 } else { stating };
        let (fields, rest) = rest.split_at(stating);
        let below = if rest.is_empty() { details } else { &[] };
        let details: Vec<&Block> = fields.iter().flat_map(|item| &item.blocks).chain(below).collect();
        read_item(reader, item, details, around, prefix);
        items = rest;
    }
}

/// Whether an item is nothing but a field of the action above it, such as `Owner: Ann`.
fn states(item: &Item, words: &Vocabulary) -> bool {
    let [Block { kind: Kind::Paragraph(text), .. }] = item.blocks.as_slice() else { return false };
    let fields = detail::fields(&text.plain(), words);
    let titled = fields.first().is_none_or(|(column, _)| *column == Column::Title);
    let blocks: Vec<&Block> = item.blocks.iter().collect();
    item.ticked.is_none() && !titled && Details::of(&blocks, words).follows(words)
}

/// Reads a part whose heading is itself an action, because fields of one stand below it, or because it is numbered and only prose
/// does; false when it is none.
pub(super) fn read_headed(reader: &mut Reader<'_>, section: &Section<'_>, around: Standing) -> bool {
    let words = reader.words();
    let Some(heading) = section.heading else { return false };
    let first = numberless(heading, words);
    let numbered = first.raw().len() < heading.raw().len();
    let stating: Vec<&Block> = section.body.iter().filter(|block| states_block(block, words)).collect();
    let fielded = Details::of(&stating, words).follows(words);
    let listing = |block: &Block| matches!(block.kind, Kind::List(_) | Kind::Table(_) | Kind::Heading(..));
    let told = numbered && !section.whole.is_empty() && !section.whole.iter().any(listing);
    if !(fielded || told) || words.divides(&first.plain()) {
        return false;
    }
    let rest = section.whole.iter().collect();
    item::take(reader, &Entry { at: section.at, ticked: None, first, rest, around, prefix: None });
    true
}

/// Whether a block holds nothing but fields: a list or a table of them, or a paragraph that begins with one.
fn states_block(block: &Block, words: &Vocabulary) -> bool {
    match &block.kind {
        Kind::Paragraph(text) => {
            let raw = text.raw();
            let lines: Vec<&str> = raw.split([SOFT_BREAK, '\n']).collect();
            let first = lines.first().is_some_and(|line| !detail::fields(line, words).is_empty());
            first || detail::is_form(lines.iter().copied(), words)
        }
        Kind::List(list) => {
            let lines = list.items.iter().map(|item| match item.blocks.first().map(|block| &block.kind) {
                Some(Kind::Paragraph(text)) => text.plain(),
                Some(
                    Kind::Heading(..)
                    | Kind::List(_)
                    | Kind::Table(_)
                    | Kind::Quote(_)
                    | Kind::Html(_)
                    | Kind::Other,
                )
                | None => String::new(),
            });
            let lines: Vec<String> = lines.collect();
            detail::is_form(lines.iter().map(String::as_str), words)
        }
        Kind::Table(table) => table.head.len() == 2 || table.rows.len() == 1,
        Kind::Heading(..) | Kind::Quote(_) | Kind::Html(_) | Kind::Other => false,
    }
}

/// A heading without the number of its action: `1.`, `AI-1:`, `Action 2 -`.
fn numberless(heading: &Text, words: &Vocabulary) -> Text {
    let raw = heading.raw();
    let cut = raw
        .split_once([':', '：', '–', '—'])
        .filter(|(label, value)| words.is_template(label.trim()) && value.contains(char::is_alphanumeric));
    match cut {
        Some((_, value)) => heading.tail(raw.len() - value.trim_start().len()),
        None => phrase::audit_id(heading).1,
    }
}

fn read_item(
    reader: &mut Reader<'_>,
    item: &Item,
    details: Vec<&Block>,
    around: Standing,
    prefix: Option<&str>,
) {
    // A comment may stand before the text; the text is the first line all the same.
    let at = item.blocks.iter().position(|block| !matches!(block.kind, Kind::Html(_)));
    let (first, rest) = match at.and_then(|at| item.blocks.get(at)).map(|block| &block.kind) {
        Some(Kind::Paragraph(text)) => (text.clone(), at),
        Some(Kind::List(inner)) => return read_list(reader, inner, &[], around, prefix),
        Some(Kind::Heading(_, text)) => (text.clone(), at),
        Some(Kind::Quote(inner)) => return section::quoted(reader, inner),
        Some(Kind::Table(_) | Kind::Html(_) | Kind::Other) | None => (Text::default(), None),
    };
    if let Some(checklist) = checklist(&first, item) {
        reader.account.label(item.at.start);
        let above = first.plain();
        let above = above.trim_end_matches([':', '：']);
        return read_list(reader, checklist, &[], around, Some(above));
    }
    if let Some((divided, standing)) = divided(&first, item, reader.words()) {
        reader.account.label(item.at.start);
        return read_list(reader, divided, &[], standing.within(around), prefix);
    }
    let below =
        item.blocks.iter().enumerate().filter(|(number, _)| Some(*number) != rest).map(|(_, block)| block);
    let entry = Entry {
        at: item.at.start,
        ticked: item.ticked,
        first,
        rest: below.chain(details).collect(),
        around,
        prefix: prefix.map(str::to_owned),
    };
    item::take(reader, &entry);
}

/// The list below an item that is nothing but a label for actions, such as "short-term improvements": bold, or with a colon;
/// and what the label says about them.
fn divided<'a>(first: &Text, item: &'a Item, words: &Vocabulary) -> Option<(&'a List, Standing)> {
    let bold = first.bold_lead().filter(|(_, rest)| !rest.raw().contains(char::is_alphanumeric));
    let plain = first.plain();
    let label = match &bold {
        Some((lead, _)) => lead.as_str(),
        None => plain.strip_suffix([':', '：'])?,
    };
    let list = inner_lists(item).next().filter(|_| words.divides(label))?;
    Some((list, section::suffix_standing(label, words)))
}

fn inner_lists(item: &Item) -> impl Iterator<Item = &List> {
    item.blocks.iter().filter_map(|block| match &block.kind {
        Kind::List(list) => Some(list),
        Kind::Heading(..)
        | Kind::Paragraph(_)
        | Kind::Table(_)
        | Kind::Quote(_)
        | Kind::Html(_)
        | Kind::Other => None,
    })
}

/// The checkboxes below an item that only announces them: it ends with a colon, and each of them is an action of its own.
fn checklist<'a>(first: &Text, item: &'a Item) -> Option<&'a List> {
    let announces = first.plain().ends_with([':', '：']);
    let mut boxed = inner_lists(item).filter(|list| list.items.iter().all(|item| item.ticked.is_some()));
    boxed.next().filter(|_| announces)
}
