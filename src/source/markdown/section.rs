//! Where in a write-up the actions are: under headings, behind labels, in tables.
//!
//! Knows headings, labels and their scope. What an action says is read elsewhere.

use super::{
    Fate, Reader, audit,
    block::{Block, Kind, List},
    elsewhere, list,
    outline::Section,
    prose, rank, table,
    text::Text,
};
use crate::source::words::{Standing, Topic, Vocabulary, normal, squeeze};

/// Longest line without a stop that is the title of the list below it, in words.
pub(super) const SHORT: usize = 4;
/// Longest label of a list, in bytes; anything longer is a sentence.
const LONGEST_LABEL: usize = 160;

/// What the part of a write-up is about in which something stands that announces no actions itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    /// Nothing known.
    Plain,
    /// Certainly something else, such as the timeline.
    Aside,
    /// What an audit found.
    Findings,
    /// Something like actions: its items are candidates, and its paragraphs if it has no items.
    Perhaps {
        /// Whether its paragraphs are.
        prose: bool,
    },
}

/// Reads a whole write-up.
pub(super) fn read(reader: &mut Reader<'_>, blocks: &[Block]) {
    let whole = Section::of(blocks, reader.words());
    reader.audit |= whole.is_audit(reader.words());
    walk(reader, &whole, &whole, Around::Plain);
}

/// Reads a section: as actions if its heading announces them, else what may stand in it and the sections inside it.
fn walk(reader: &mut Reader<'_>, section: &Section<'_>, whole: &Section<'_>, outer: Around) {
    let elsewhere = reader.title.as_ref().is_some_and(|title| squeeze(title) != section.title());
    let title = section.is_title(whole) && !elsewhere;
    // Headings of actions inside decide over the title of the write-up, and over one that only may mean actions.
    let decided = section.holds_actions();
    let found = outer == Around::Findings;
    if !title && (found || reader.audit) && audit::read_chapter(reader, section, found) {
        return;
    }
    let around = match section.topic {
        Some(Topic::Actions | Topic::Action | Topic::Perhaps) if title && decided => Around::Plain,
        Some(Topic::Actions | Topic::Action) => return actions(reader, section),
        Some(Topic::Perhaps) => Around::Perhaps { prose: !decided && !lists(section.whole) },
        Some(Topic::Aside) => Around::Aside,
        Some(Topic::Findings) => Around::Findings,
        None => outer,
    };
    let decides = matches!(around, Around::Perhaps { .. }) && decided;
    reader.with_rank(rank::of_group(&section.title(), reader.words()), |reader| {
        read_blocks(reader, section.body, around);
        for inner in &section.inner {
            walk(reader, inner, whole, if decides { Around::Plain } else { around });
        }
    });
}

fn lists(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| matches!(block.kind, Kind::List(_) | Kind::Table(_)))
}

/// Reads blocks below a heading that announces no actions for sure.
fn read_blocks(reader: &mut Reader<'_>, blocks: &[Block], around: Around) {
    let mut at = 0;
    while let Some(block) = blocks.get(at) {
        let after = blocks.get(at + 1..).unwrap_or_default();
        at += 1;
        match &block.kind {
            Kind::Paragraph(text) => match label_above(text, after, reader.words()) {
                Some(label) => at += labelled(reader, block.at.start, &label, &[], after),
                None => read_prose(reader, block.at.start, text, around),
            },
            Kind::List(list) => at += read_list(reader, list, after, around),
            Kind::Table(found) => read_table(reader, block.at.start, found, around),
            Kind::Quote(quoted) => quote(reader, quoted, around),
            Kind::Heading(..) | Kind::Html(_) | Kind::Other => {}
        }
    }
}

fn read_prose(reader: &mut Reader<'_>, at: usize, text: &Text, around: Around) {
    match around {
        Around::Perhaps { prose: true } => prose::several(reader, at, text),
        Around::Perhaps { prose: false } | Around::Plain | Around::Aside | Around::Findings => {
            elsewhere::paragraph(reader, at, text);
        }
    }
}

fn read_table(reader: &mut Reader<'_>, at: usize, found: &table::Table, around: Around) {
    let words = reader.words();
    let lists = audit::Lists { findings: around == Around::Findings, report: reader.audit };
    let rated = audit::is_table(found, lists, words);
    let perhaps = matches!(around, Around::Perhaps { .. });
    if rated && (lists.findings || lists.report) {
        audit::read_table(reader, at, found);
    } else if around != Around::Aside && table::is_plan(found, words) {
        reader.announce();
        table::read(reader, at, found, Standing::Open);
    } else if perhaps && !table::is_titled(found, words) {
        elsewhere::rows(reader, found);
    } else if perhaps || (around == Around::Plain && rated) {
        reader.with_fate(Fate::Candidates, |reader| table::read(reader, at, found, Standing::Open));
    } else {
        elsewhere::table(reader, at, found, around == Around::Aside);
    }
}

/// Reads what a quote, a box or a panel holds: perhaps only what somebody said elsewhere, so a person decides.
fn quote(reader: &mut Reader<'_>, quoted: &[Block], around: Around) {
    let whole = Section::of(quoted, reader.words());
    reader.with_fate(Fate::Candidates, |reader| walk(reader, &whole, &whole, around));
}

/// Reads blocks about something else.
fn aside(reader: &mut Reader<'_>, section: &Section<'_>) {
    walk(reader, section, section, Around::Aside);
}

/// Reads a quote inside actions.
pub(super) fn quoted(reader: &mut Reader<'_>, blocks: &[Block]) {
    quote(reader, blocks, Around::Plain);
}

/// Reads a list of which nobody said that it holds actions, item by item: some may be labels. Tells how many blocks after it those took.
fn read_list(reader: &mut Reader<'_>, list: &List, after: &[Block], around: Around) -> usize {
    let weaknesses = around == Around::Findings || (reader.audit && around != Around::Aside);
    if weaknesses && audit::is_list(list, reader.words()) {
        audit::read_list(reader, list);
        return 0;
    }
    let mut taken = 0;
    for (number, item) in list.items.iter().enumerate() {
        let Some((first, inside)) = item.blocks.split_first() else { continue };
        let Kind::Paragraph(text) = &first.kind else {
            elsewhere::list_item(reader, item);
            continue;
        };
        if let Some(label) = label_above(text, inside, reader.words()) {
            let last = number + 1 == list.items.len();
            let below = if last { after.get(..after_list(list, after)).unwrap_or_default() } else { &[] };
            taken = labelled(reader, item.at.start, &label, inside, below);
        } else if matches!(around, Around::Perhaps { .. }) {
            prose::several(reader, item.at.start, text);
            reader.account.owns(item.at.start, inside);
        } else {
            elsewhere::list_item(reader, item);
        }
    }
    taken
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

/// The label that a text is, bold or right above what it announces.
fn label_above(text: &Text, after: &[Block], words: &Vocabulary) -> Option<Label> {
    label(text, words)
        .or_else(|| bare_label(text, after, words))
        .or_else(|| hinting_label(text, after, words))
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
    // Bold words are a title of their own, unless they are a sentence.
    let short = lead.split_whitespace().count() <= 2 * SHORT;
    match (if short { words.topic(&lead) } else { words.label_topic(&lead) })? {
        topic @ (Topic::Actions | Topic::Action) => {
            Some(Label { topic, standing: suffix_standing(&lead, words), rest })
        }
        Topic::Perhaps | Topic::Findings | Topic::Aside => None,
    }
}

/// The label that a whole text is, without being bold: nothing but words for actions and a colon, right before what it announces.
pub(super) fn bare_label(text: &Text, after: &[Block], words: &Vocabulary) -> Option<Label> {
    let plain = text.plain();
    let topic = words.label_topic(plain.strip_suffix([':', '：']).filter(|_| announces(after))?);
    let topic = topic.filter(|topic| matches!(topic, Topic::Actions | Topic::Action))?;
    Some(Label { topic, standing: suffix_standing(&plain, words), rest: Text::default() })
}

/// The label of a list that may hold actions.
fn hinting_label(text: &Text, after: &[Block], words: &Vocabulary) -> Option<Label> {
    let lead = list_label(text, after)?;
    let topic = words.label_topic(&lead).filter(|topic| *topic == Topic::Perhaps)?;
    Some(Label { topic, standing: suffix_standing(&lead, words), rest: Text::default() })
}

/// Whether blocks begin with a list or a table.
fn announces(after: &[Block]) -> bool {
    matches!(after.first().map(|block| &block.kind), Some(Kind::List(_) | Kind::Table(_)))
}

/// What a text right above a list or a table calls it: bold words, words before a colon, or a few words without a stop.
pub(super) fn list_label(text: &Text, after: &[Block]) -> Option<String> {
    let plain = text.plain();
    if !announces(after) || plain.len() > LONGEST_LABEL {
        return None;
    }
    let bold = text.bold_lead().filter(|(_, rest)| !rest.raw().contains(char::is_alphanumeric));
    let few =
        plain.split_whitespace().count() <= SHORT && !plain.ends_with(['.', '!', '?', '。', '！', '？']);
    let colon = plain.strip_suffix([':', '：']).map(str::to_owned);
    bold.map(|(lead, _)| lead).or(colon).or_else(|| few.then_some(plain))
}

/// Reads what belongs to a label: `inside` its own list item, else the blocks `after` it. Tells how many of those it took.
pub(super) fn labelled(
    reader: &mut Reader<'_>,
    at: usize,
    label: &Label,
    inside: &[Block],
    after: &[Block],
) -> usize {
    reader.account.label(at);
    if label.topic == Topic::Perhaps {
        return doubtful(reader, label, inside, after);
    }
    reader.announce();
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

/// Reads the list or table below a label that may mean actions. Tells how many of the blocks after the label it took.
fn doubtful(reader: &mut Reader<'_>, label: &Label, inside: &[Block], after: &[Block]) -> usize {
    let blocks = if inside.is_empty() { after.get(..1).unwrap_or_default() } else { inside };
    reader.with_fate(Fate::Candidates, |reader| list::read(reader, blocks, label.standing));
    usize::from(inside.is_empty())
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

/// How far a label reaches: to the next heading or bold label, or to words that announce something else.
fn scope_length(after: &[Block], words: &Vocabulary) -> usize {
    let ends = |(at, block): (usize, &Block)| match &block.kind {
        Kind::Heading(..) => true,
        Kind::Paragraph(text) => {
            let below = after.get(at + 1..).unwrap_or_default();
            is_bold_label(text) || names_topic(text, words) || is_aside(text, below, words)
        }
        Kind::List(_) | Kind::Table(_) | Kind::Quote(_) | Kind::Html(_) | Kind::Other => false,
    };
    after.iter().enumerate().position(ends).unwrap_or(after.len())
}

/// Whether a text is nothing but words that announce something, and a colon; words that only divide actions end nothing.
fn names_topic(text: &Text, words: &Vocabulary) -> bool {
    let plain = text.plain();
    let label = plain.strip_suffix([':', '：']);
    label.is_some_and(|label| {
        words.label_topic(label).is_some() && (words.acts(label) || !words.divides(label))
    })
}

/// Whether a text announces a list about something else.
pub(super) fn is_aside(text: &Text, after: &[Block], words: &Vocabulary) -> bool {
    list_label(text, after).is_some_and(|label| words.label_topic(&label) == Some(Topic::Aside))
}

/// Whether a text begins with bold words and a colon, or is nothing but bold words.
fn is_bold_label(text: &Text) -> bool {
    text.bold_lead().is_some_and(|(lead, rest)| {
        lead.ends_with([':', '：']) || rest.raw().trim_start().starts_with([':', '：']) || rest.is_blank()
    })
}

/// Reads a section of actions, part by part: each heading inside it begins a part.
fn actions(reader: &mut Reader<'_>, section: &Section<'_>) {
    reader.announce();
    let found = reader.found();
    let around = suffix_standing(&section.title(), reader.words());
    // The words between the heading and the first sub-heading introduce what the parts list.
    let listed = section.inner.iter().any(|inner| inner.topic != Some(Topic::Aside) && lists(inner.whole));
    reader.with_rank(rank::of_group(&section.title(), reader.words()), |reader| {
        list::read_introduced(reader, section.body, around, listed || lists(section.body));
        section.inner.iter().for_each(|inner| part(reader, inner, around));
    });
    reader.check_empty(section.at, found);
}

/// Reads a part of a section of actions: one action if its heading names one, else the actions below it.
fn part(reader: &mut Reader<'_>, section: &Section<'_>, around: Standing) {
    if section.topic == Some(Topic::Aside) {
        return aside(reader, section);
    }
    let around = suffix_standing(&section.title(), reader.words()).within(around);
    if list::read_headed(reader, section, around) {
        return;
    }
    reader.with_rank(rank::of_group(&section.title(), reader.words()), |reader| {
        list::read(reader, section.body, around);
        section.inner.iter().for_each(|inner| part(reader, inner, around));
    });
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
