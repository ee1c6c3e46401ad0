//! One action of a write-up: from its text to a finding or a candidate.
//!
//! Knows what an action says. Knows nothing of where in a write-up actions are found.

use std::collections::BTreeSet;

use super::{
    Fate, Reader, astray,
    audit::Weakness,
    block::{Block, Kind},
    detail::Details,
    parts::{Parts, fields_apart},
    phrase,
    text::Text,
};
use crate::{
    model::{
        fate::Aside,
        postmortem::{Candidate, DocumentFinding, Hints, Level, TrackerRef},
        terms::{Claimed, Column},
    },
    source::{
        reference::{self, Lead},
        words::{Rated, Standing, Vocabulary, squeeze},
    },
};

/// Longest title, in characters.
pub(in crate::source) const LONGEST_TITLE: usize = 200;
/// Longest text of a candidate, in characters.
const LONGEST_CANDIDATE: usize = 500;

/// One action as it stands in a document.
pub(super) struct Entry<'a> {
    /// Where it starts.
    pub(super) at: usize,
    /// Its checkbox.
    pub(super) ticked: Option<bool>,
    /// Its first line.
    pub(super) first: Text,
    /// Everything below that line.
    pub(super) rest: Vec<&'a Block>,
    /// How far its surroundings say that it is.
    pub(super) around: Standing,
    /// Words of the item above it that its title needs.
    pub(super) prefix: Option<String>,
}

/// Takes an action in: as a finding, as a candidate, or as word that there is none.
pub(super) fn take(reader: &mut Reader<'_>, entry: &Entry<'_>) {
    if !reader.has_room(entry.at) {
        return;
    }
    let place = reader.lines.place(entry.at);
    let plain = entry.first.plain();
    reader.account.owns(entry.at, entry.rest.iter().copied());
    if plain.is_empty() && entry.rest.is_empty() {
        return reader.account.aside(entry.at, Aside::Empty);
    }
    if entry.rest.is_empty() && reader.words().is_none(&plain) {
        return reader.explicit_none(entry.at);
    }
    if is_template(entry, reader.words()) {
        reader.account.aside(entry.at, Aside::Template);
        let message = format!("`{plain}` stands where an action is still to be written");
        return reader.notes.add(Level::Warning, "placeholder_title", place, message, "write the action");
    }
    let leads = leads(reader, &entry.first, &entry.rest);
    let trackers = issues(&leads);
    if trackers.is_empty() && leads.contains(&Lead::Collection) {
        reader.collection(entry.at);
        return candidate(reader, entry.at, &plain, "collection_link");
    }
    let (finding, standing) = finding(reader, entry, trackers);
    push(reader, entry.at, finding, standing);
    astray::below(reader, &entry.first, &entry.rest);
}

/// Whether an action is only a template of one: its first line, and what stands below it.
fn is_template(entry: &Entry<'_>, words: &Vocabulary) -> bool {
    let mut below = Vec::new();
    entry.rest.iter().for_each(|block| collect(block, &mut below));
    let nothing = |text: &str| words.is_template(text) || words.says_nothing(text.trim());
    words.is_template(&entry.first.with_gaps()) && below.iter().all(|text| nothing(&text.with_gaps()))
}

/// Keeps a finding, or asks a person about it: if its document says that nobody will do it, or not for sure that it is one.
pub(super) fn push(reader: &mut Reader<'_>, at: usize, finding: DocumentFinding, standing: Standing) {
    match reader.fate {
        _ if finding.title.is_empty() => {}
        Fate::Weaknesses { asks } => {
            reader.weaknesses.push(Weakness { at, finding, standing, asks });
        }
        _ if standing == Standing::Declined => candidate(reader, at, &finding.title, "declined"),
        Fate::Candidates => candidate(reader, at, &finding.title, "actions_elsewhere"),
        Fate::Findings => reader.find(at, finding),
    }
}

/// Keeps a text for a person to decide about.
pub(super) fn candidate(reader: &mut Reader<'_>, at: usize, plain: &str, reason: &str) {
    if !reader.has_room(at) {
        return;
    }
    let text = shorten(plain, LONGEST_CANDIDATE);
    let (line, column) = reader.lines.place(at);
    if reason != "collection_link" {
        let short = shorten(plain, 80);
        let (message, help) = match reason {
            "declined" => (
                format!("the write-up says that this is not to be done, or not now: {short}"),
                "let a reviewer decide, and take the remark away to have it followed",
            ),
            _ => (
                format!("this may be an action: {short}"),
                "write it as a list item or a table row of an action section to have it followed",
            ),
        };
        reader.notes.add(Level::Info, reason, (line, column), message, help);
    }
    reader.account.candidate(at, reason);
    reader.candidates.push(Candidate { text, reason: reason.to_owned(), marked: None, line });
}

/// What every link and reference of a text and the blocks below it leads to.
pub(super) fn leads(reader: &Reader<'_>, first: &Text, rest: &[&Block]) -> Vec<Lead> {
    let mut texts = vec![first];
    for block in rest {
        collect(block, &mut texts);
    }
    let mut leads = Vec::new();
    for span in texts.into_iter().flat_map(Text::visible).filter(|span| !span.mark.code) {
        match &span.link {
            Some(url) => leads.push(reference::of_url(url)),
            None => {
                let found = reference::in_text(&span.text, &reader.dialect.conventions);
                leads.extend(found.into_iter().map(|(_, lead)| lead));
            }
        }
    }
    leads
}

/// The issues among leads, each once.
pub(super) fn issues(leads: &[Lead]) -> Vec<TrackerRef> {
    let mut seen = BTreeSet::new();
    let issues = leads.iter().filter_map(|lead| match lead {
        Lead::Issue(issue) => Some(issue),
        Lead::Collection | Lead::Elsewhere => None,
    });
    issues.filter(|issue| seen.insert(*issue)).cloned().collect()
}

/// Every text of a block and the blocks inside it.
pub(super) fn collect<'a>(block: &'a Block, texts: &mut Vec<&'a Text>) {
    match &block.kind {
        Kind::Heading(_, text) | Kind::Paragraph(text) => texts.push(text),
        Kind::List(list) => {
            list.items.iter().flat_map(|item| &item.blocks).for_each(|block| collect(block, texts));
        }
        Kind::Table(table) => texts.extend(table.rows.iter().flat_map(|row| &row.cells)),
        Kind::Quote(blocks) => blocks.iter().for_each(|block| collect(block, texts)),
        Kind::Html(_) | Kind::Other => {}
    }
}

/// The id in a `<!-- finding: F3 -->` comment.
pub(super) fn comment_id(html: &str) -> Option<String> {
    let comment = html.split_once("<!--")?.1.split_once("-->")?.0.trim();
    let (label, id) = comment.split_once(':')?;
    label.trim().eq_ignore_ascii_case("finding").then(|| id.trim().to_owned())
}

/// Cuts a text at a word so that it has at most so many characters.
pub(in crate::source) fn shorten(text: &str, longest: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(longest) else { return text.to_owned() };
    let cut = text.get(..end).unwrap_or_default();
    let word = cut.rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
    format!("{}…", cut.get(..word).unwrap_or_default())
}

fn finding(
    reader: &mut Reader<'_>,
    entry: &Entry<'_>,
    trackers: Vec<TrackerRef>,
) -> (DocumentFinding, Standing) {
    let (written, first) = explicit_id(entry);
    let id = written.and_then(|id| reader.accept_id(id, entry.at));
    let (first, stated) = fields_apart(first, reader.words());
    let parts = Parts::of(reader, first);
    let mut title = parts.title.title.clone();
    if title.is_empty() {
        title = trackers.first().map_or_else(|| entry.first.plain(), reference::shortest);
    }
    if let Some(prefix) = &entry.prefix {
        title = format!("{prefix}: {title}");
    }
    let mut description = vec![parts.description, stated.markdown()];
    if title.chars().count() > LONGEST_TITLE {
        description.insert(0, title.clone());
        title = shorten(&title, LONGEST_TITLE);
    }
    description.extend(entry.rest.iter().map(|block| reader.source(block)));
    description.retain(|part| !part.trim().is_empty());
    let details = Details::of(&entry.rest, reader.words()).before(&stated, reader.words());
    let due = parts.title.due.or(parts.rest.due).or_else(|| details.due(reader.dialect));
    let written = details.value(Column::Status).and_then(|value| reader.standing(entry.at, value));
    let said = parts.title.standing.or(parts.rest.standing).or(written);
    let standing = match said {
        Some(Standing::Declined) => Standing::Declined,
        _ if entry.ticked == Some(true) => Standing::Done,
        said => said.unwrap_or(entry.around),
    };
    let rated = parts.severity.map(Rated::from);
    let rated = rated.or_else(|| Some(reader.severity(entry.at, details.value(Column::Severity)?)));
    let finding = DocumentFinding {
        id,
        title: squeeze(&title),
        description: (!description.is_empty()).then(|| description.join("\n\n")),
        kind: parts.kind.or_else(|| reader.words().action_kind(details.value(Column::Kind)?)),
        severity: rated.as_ref().map(|rated| rated.severity),
        severity_unclear: rated.and_then(|rated| rated.unclear),
        priority: parts.priority.or_else(|| {
            let words = reader.words();
            reader.known(entry.at, "priority", details.value(Column::Priority)?, |word| words.priority(word))
        }),
        owner: parts.title.owner.or(parts.rest.owner).or_else(|| details.owner(reader.words())),
        team: details.value(Column::Team).map(str::to_owned),
        criteria: details.value(Column::Criteria).map(str::to_owned),
        due: reader.date(due, entry.at),
        trackers,
        claimed: standing.claimed(),
        ..blank(reader.lines.place(entry.at).0)
    };
    (finding, standing)
}

/// A finding of which nothing is known but its line.
pub(in crate::source) fn blank(line: usize) -> DocumentFinding {
    DocumentFinding {
        id: None,
        title: String::new(),
        description: None,
        class: None,
        kind: None,
        work: None,
        route: None,
        severity: None,
        severity_unclear: None,
        priority: None,
        owner: None,
        team: None,
        due: None,
        criteria: None,
        trackers: Vec::new(),
        target: None,
        labels: Vec::new(),
        claimed: Claimed::None,
        replaces: Vec::new(),
        hints: Hints::default(),
        marked: None,
        line,
    }
}

/// The id an entry states, and its first line without it. A comment wins, because it survives rewording.
fn explicit_id(entry: &Entry<'_>) -> (Option<String>, Text) {
    let below = entry.rest.iter().filter_map(|block| match &block.kind {
        Kind::Html(html) => comment_id(html),
        Kind::Heading(..)
        | Kind::Paragraph(_)
        | Kind::List(_)
        | Kind::Table(_)
        | Kind::Quote(_)
        | Kind::Other => None,
    });
    let comment = entry.first.html().filter_map(comment_id).chain(below).next();
    let raw = entry.first.raw();
    match phrase::leading_id(&raw) {
        Some((id, length)) => (comment.or(Some(id)), entry.first.part(length..usize::MAX)),
        None => (comment, entry.first.clone()),
    }
}
