//! Markdown write-ups: a block tree, front matter and a vocabulary become a postmortem.
//!
//! Knows headings, lists, tables, labels and status words. Knows no directory and no tracker; it reads a text it is handed.
//! Works on the block tree only, because rules about lines break on wrapping, nesting and code.

mod account;
mod astray;
mod audit;
mod block;
mod boxes;
mod detail;
mod elsewhere;
mod ending;
mod fates;
mod front;
mod head;
mod item;
mod label;
mod list;
mod marks;
mod outline;
mod page;
mod parts;
mod phrase;
mod prose;
mod rank;
mod reader;
mod section;
mod table;
mod text;
mod tidy;

use std::collections::BTreeMap;

pub(super) use self::item::{LONGEST_TITLE, blank, shorten};
use self::{
    block::{Block, Kind},
    front::Front,
    page::{Origin, Told},
    reader::{Fate, Reader},
};
use super::{
    dialect::Dialect,
    identity,
    marks::{self as source_marks, How},
    place::{Lines, Notes},
};
use crate::model::{
    fate::Tally,
    postmortem::{DocumentFinding, Level, Mark, Postmortem},
    terms::Tlp,
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
    /// The class that is said beside its text.
    pub(super) tlp: Option<Tlp>,
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
    let owner_at = front.owner_at;
    let mut postmortem = whole(path, &document, front, given, dialect, notes);
    own(&mut postmortem, owner_at, notes);
    postmortem
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
    let owner_at = front.owner_at;
    let mut inside = Notes::of(path);
    let mut postmortem = whole(path, &document, front, given, dialect, &mut inside);
    origin.restore(&mut postmortem);
    inside.move_to(notes, |place| origin.place(place));
    tell(page.told, &lines, notes);
    own(&mut postmortem, owner_at, notes);
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

/// Gives the actions that name nobody to the owner of the write-up, and tells so.
fn own(postmortem: &mut Postmortem, at: (usize, usize), notes: &mut Notes) {
    let Some(owner) = &postmortem.owner else { return };
    let unowned: Vec<&mut DocumentFinding> =
        postmortem.findings.iter_mut().filter(|finding| finding.owner.is_none()).collect();
    if unowned.is_empty() {
        return;
    }
    let actions = if unowned.len() == 1 { "action that names" } else { "actions that name" };
    let message = format!(
        "`{owner}`, the owner of the write-up, counts as the owner of {} {actions} nobody",
        unowned.len()
    );
    let help = "name an owner at each action, or call the key `authors` if it only says who wrote this";
    notes.add(Level::Info, "document_owner", at, message, help);
    unowned.into_iter().for_each(|finding| finding.owner = Some(owner.clone()));
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
    reader.title = front.title.clone().or_else(|| given.title.clone());
    head.stated.iter().for_each(|at| reader.account.stated(*at));
    section::read(&mut reader, blocks);
    audit::settle(&mut reader);
    reader.check_whole();
    astray::settle(&mut reader);
    let fates = fates::of(&reader, blocks);
    let Reader { findings, mut candidates, .. } = reader;
    let mut findings: Vec<DocumentFinding> = findings.into_iter().map(|(_, finding)| finding).collect();
    candidates.iter_mut().for_each(|candidate| candidate.marked = marks.at(candidate.line));
    for finding in &mut findings {
        finding.marked = marks.at(finding.line);
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
    let title = front.title.or(given.title).or_else(|| first_heading(blocks));
    let rated = front.severity.or(head.severity);
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
        severity: rated.as_ref().map(|rated| rated.severity),
        severity_unclear: rated.and_then(|rated| rated.unclear),
        incident: front.incident,
        owner: front.owner,
        team: front.team,
        findings,
        candidates,
        coverage: Tally::default(),
        fates,
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
