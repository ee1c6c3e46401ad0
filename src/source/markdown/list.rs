//! The blocks of a part of an action section: which items are actions, which are details of one, which paragraphs are prose.

use super::{
    Reader,
    block::{Block, Item, Kind, List},
    item::{self, Entry},
    prose, section, table,
    text::Text,
};
use crate::source::words::{Standing, Vocabulary};

/// Reads a part of a section.
pub(super) fn read(reader: &mut Reader<'_>, blocks: &[Block], around: Standing) {
    read_introduced(reader, blocks, around, false);
}

/// Reads a part of a section. Paragraphs before its first list or table introduce it; all of them do so when `introduced`
/// (the lists follow in other parts).
pub(super) fn read_introduced(reader: &mut Reader<'_>, blocks: &[Block], around: Standing, introduced: bool) {
    let listing = |block: &Block| matches!(block.kind, Kind::List(_) | Kind::Table(_));
    let first = blocks.iter().position(listing).unwrap_or(if introduced { blocks.len() } else { 0 });
    let mut at = 0;
    let mut phased = around;
    while let Some(block) = blocks.get(at) {
        let after = blocks.get(at + 1..).unwrap_or_default();
        match &block.kind {
            Kind::List(list) => {
                let details = details_after(list, after);
                read_list(reader, list, after.get(..details).unwrap_or_default(), phased, None);
                at += details;
            }
            Kind::Table(found) => table::read(reader, block.at.start, found, phased),
            Kind::Paragraph(text) => match phase(text, after, reader.words()) {
                Some(standing) => phased = standing.within(around),
                None => at += paragraph(reader, block, text, after, around, at < first),
            },
            Kind::Quote(_) | Kind::Html(_) | Kind::Other | Kind::Heading(..) => {}
        }
        at += 1;
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
    match section::label(text, reader.words()) {
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

/// Reads a list: one item, one action. `details` belong to its last item.
fn read_list(
    reader: &mut Reader<'_>,
    list: &List,
    details: &[Block],
    around: Standing,
    prefix: Option<&str>,
) {
    let last = list.items.len().saturating_sub(1);
    for (number, item) in list.items.iter().enumerate() {
        let details = if number == last { details } else { &[] };
        read_item(reader, item, details, around, prefix);
    }
}

fn read_item(
    reader: &mut Reader<'_>,
    item: &Item,
    details: &[Block],
    around: Standing,
    prefix: Option<&str>,
) {
    // A comment may stand before the text; the text is the first line all the same.
    let at = item.blocks.iter().position(|block| !matches!(block.kind, Kind::Html(_)));
    let (first, rest) = match at.and_then(|at| item.blocks.get(at)).map(|block| &block.kind) {
        Some(Kind::Paragraph(text)) => (text.clone(), at),
        Some(Kind::List(inner)) => return read_list(reader, inner, &[], around, prefix),
        Some(Kind::Heading(_, text)) => (text.clone(), at),
        Some(Kind::Table(_) | Kind::Quote(_) | Kind::Html(_) | Kind::Other) | None => (Text::default(), None),
    };
    if let Some(checklist) = checklist(&first, item) {
        let above = first.plain();
        let above = above.trim_end_matches([':', '：']);
        return read_list(reader, checklist, &[], around, Some(above));
    }
    if let Some((divided, standing)) = divided(&first, item, reader.words()) {
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
