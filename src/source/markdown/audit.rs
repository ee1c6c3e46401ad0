//! What an audit or a penetration test found: rows of a table, chapters or items of a list that state a severity and a status.
//!
//! Knows which of these say so. What is open of it, or asks for something, is a finding; what is mended claims so; what was accepted,
//! and what neither says how far it is nor asks for anything, waits for a person.

use super::{
    Fate, Reader,
    block::{Block, Kind, List, Table},
    detail::Details,
    item::{self, Entry},
    outline::Section,
    phrase, table,
    text::{SOFT_BREAK, Text},
};
use crate::{
    model::{postmortem::DocumentFinding, terms::Column},
    source::words::{Standing, Topic, Vocabulary, normal},
};

/// Something that was found, until the whole report is read.
#[derive(Debug)]
pub(super) struct Weakness {
    /// Where it starts.
    pub(super) at: usize,
    /// What is said of it.
    pub(super) finding: DocumentFinding,
    /// How far it is.
    pub(super) standing: Standing,
    /// Whether it says what is to be done, or how far it is.
    pub(super) asks: bool,
}

/// Where a table stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lists {
    /// Whether it stands below a heading of findings.
    pub(super) findings: bool,
    /// Whether the write-up is the report of an audit or a test.
    pub(super) report: bool,
}

/// Whether a table lists what was found: each with a severity and what became of it. In a report a severity is enough, and below a
/// heading of findings a status, too.
pub(super) fn is_table(table: &Table, lists: Lists, words: &Vocabulary) -> bool {
    let headers: Vec<String> = table::headers(table);
    let has = |column: Column| headers.iter().any(|header| words.column(header) == Some(column));
    let named =
        has(Column::Title) || headers.iter().any(|header| words.label(header) == Some(Column::Tracker));
    let followed =
        has(Column::Status) || recommends(&headers, words) || has(Column::Owner) || has(Column::Due);
    let history = headers.iter().any(|header| words.is_history(header));
    let rated = has(Column::Severity) && (followed || lists.report || lists.findings);
    named && !history && (rated || (lists.findings && has(Column::Status)))
}

fn recommends(headers: &[String], words: &Vocabulary) -> bool {
    headers.iter().any(|header| words.is_recommendation(header))
}

/// Reads such a table.
pub(super) fn read_table(reader: &mut Reader<'_>, at: usize, table: &Table) {
    let headers = table::headers(table);
    let words = reader.words();
    let has = |column: Column| headers.iter().any(|header| words.column(header) == Some(column));
    let asks = has(Column::Status) || has(Column::Owner) || has(Column::Due) || recommends(&headers, words);
    let fate = Fate::Weaknesses { asks };
    reader.with_fate(fate, |reader| table::read(reader, at, table, Standing::Open));
}

/// Whether each item of a list states below it how severe it is, or how far it is.
pub(super) fn is_list(list: &List, words: &Vocabulary) -> bool {
    let states = |blocks: &[Block]| {
        let below: Vec<&Block> = blocks.iter().skip(1).collect();
        let details = Details::of(&below, words);
        details.value(Column::Severity).is_some() || details.standing(words, true).is_some()
    };
    !list.items.is_empty() && list.items.iter().all(|item| states(&item.blocks))
}

/// Reads such a list.
pub(super) fn read_list(reader: &mut Reader<'_>, list: &List) {
    for item in &list.items {
        let Some((first, below)) = item.blocks.split_first() else { continue };
        let (Kind::Paragraph(text) | Kind::Heading(_, text)) = &first.kind else { continue };
        take(reader, item.at.start, text, below.iter().collect(), item.ticked);
    }
}

/// Reads a chapter about one thing that was found; false when it is none. Below a heading of findings a severity or a status is
/// enough; elsewhere in a report it takes both, or a severity and a recommendation.
pub(super) fn read_chapter(reader: &mut Reader<'_>, section: &Section<'_>, found: bool) -> bool {
    let words = reader.words();
    let Some(heading) = section.heading else { return false };
    let other = match section.topic {
        Some(Topic::Aside | Topic::Findings) => true,
        Some(Topic::Actions | Topic::Action) => !found,
        Some(Topic::Perhaps) | None => false,
    };
    if other {
        return false;
    }
    let below: Vec<&Block> = section.body.iter().filter(|block| !holds_rows(block, words)).collect();
    let details = Details::of(&below, words);
    let rated = details.value(Column::Severity).is_some();
    let stated = details.standing(words, true).is_some();
    let whole: Vec<&Block> = section.whole.iter().collect();
    let enough = if found { rated || stated } else { rated && (stated || asks(&whole, words)) };
    if enough {
        take(reader, section.at, heading, whole, None);
    }
    enough
}

/// Whether a block is a table or a list of several things, whose fields are not those of the chapter.
fn holds_rows(block: &Block, words: &Vocabulary) -> bool {
    match &block.kind {
        Kind::Table(table) => is_table(table, Lists { findings: true, report: true }, words),
        Kind::List(list) => is_list(list, words),
        Kind::Heading(..) | Kind::Paragraph(_) | Kind::Quote(_) | Kind::Html(_) | Kind::Other => false,
    }
}

/// Whether blocks say what is to be done: under a label, or under a heading of its own.
fn asks(blocks: &[&Block], words: &Vocabulary) -> bool {
    let mut texts = Vec::new();
    blocks.iter().for_each(|block| item::collect(block, &mut texts));
    let headed = |block: &&Block| matches!(&block.kind, Kind::Heading(_, text) if words.is_recommendation(&text.plain()));
    let labelled = |text: &&Text| {
        let raw = text.raw();
        let bold = text.bold_lead().is_some_and(|(lead, _)| words.is_recommendation(&lead));
        let label =
            |line: &str| line.split_once([':', '：']).map(|(label, _)| words.is_recommendation(label));
        bold || raw.split([SOFT_BREAK, '\n']).filter_map(label).any(|known| known)
    };
    blocks.iter().any(headed) || texts.iter().any(labelled)
}

fn take(reader: &mut Reader<'_>, at: usize, heading: &Text, rest: Vec<&Block>, ticked: Option<bool>) {
    let words = reader.words();
    let (id, first) = phrase::audit_id(heading);
    let said = Details::of(&rest, words).value(Column::Status).is_some() || ticked.is_some();
    let fate = Fate::Weaknesses { asks: said || asks(&rest, words) };
    let entry = Entry { at, ticked, first, rest, around: Standing::Open, prefix: None };
    let before = reader.weaknesses.len();
    reader.with_fate(fate, |reader| item::take(reader, &entry));
    if let Some(id) = id
        && reader.weaknesses.len() > before
    {
        let id = reader.with_id(fate, id, at);
        if let Some(weakness) = reader.weaknesses.last_mut() {
            weakness.finding.id = weakness.finding.id.take().or(id);
        }
    }
}

/// Decides about everything that was found, once all of it is known.
pub(super) fn settle(reader: &mut Reader<'_>) {
    let mut settled: Vec<Weakness> = Vec::new();
    for weakness in std::mem::take(&mut reader.weaknesses) {
        match settled.iter_mut().find(|known| is_same(known, &weakness)) {
            Some(known) => {
                reader.account.again(weakness.at, known.at);
                merge(known, weakness);
            }
            None => settled.push(weakness),
        }
    }
    if settled.is_empty() {
        return;
    }
    reader.sections += 1;
    for Weakness { at, finding, standing, asks } in settled {
        match standing {
            Standing::Declined => item::candidate(reader, at, &finding.title, "declined"),
            Standing::Open if !asks => item::candidate(reader, at, &finding.title, "actions_elsewhere"),
            Standing::Open | Standing::Begun | Standing::Done => reader.find(at, finding),
        }
    }
    reader.findings.sort_by_key(|(_, finding)| finding.line);
    reader.candidates.sort_by_key(|candidate| candidate.line);
}

/// Whether both are about one thing: a list of contents and a chapter.
fn is_same(known: &Weakness, other: &Weakness) -> bool {
    let named = known.finding.id.is_some() && known.finding.id == other.finding.id;
    named || normal(&known.finding.title) == normal(&other.finding.title)
}

fn merge(known: &mut Weakness, other: Weakness) {
    let finding = &mut known.finding;
    let more = other.finding;
    known.standing = other.standing.within(known.standing);
    finding.claimed = known.standing.claimed();
    known.asks |= other.asks;
    finding.id = finding.id.take().or(more.id);
    if finding.severity.is_none() {
        (finding.severity, finding.severity_unclear) = (more.severity, more.severity_unclear);
    }
    finding.priority = finding.priority.or(more.priority);
    finding.owner = finding.owner.take().or(more.owner);
    finding.due = finding.due.or(more.due);
    let parts = [finding.description.take(), more.description];
    let description: Vec<String> = parts.into_iter().flatten().collect();
    finding.description = (!description.is_empty()).then(|| description.join("\n\n"));
    for tracker in more.trackers {
        if !finding.trackers.contains(&tracker) {
            finding.trackers.push(tracker);
        }
    }
}
