//! Bytes of a file into documents, by what they hold: strict YAML, JSON or TOML, an OSCAL plan, a table in CSV, or a Markdown write-up.
//!
//! Knows which formats are read. What cannot be read comes back as unknown with an error, never as an empty document.

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{
    csv,
    dialect::Dialect,
    entries, html,
    markdown::{self, Given},
    marks, markup, oscal,
    pages::PageText,
    place::{Lines, Notes},
    rich, strict,
};
use crate::model::{
    fate::Tally,
    ids::SourceName,
    issue::{IssueText, Markup},
    observed::Observed,
    postmortem::{Document, Level, Mark, Postmortem},
    terms::Tlp,
    tree::{Complaint, Tree},
};

/// Extensions of pages.
const PAGES: &[&str] = &["html", "htm"];
/// What to do about a table that is no UTF-8.
const SAVE_TABLE: &str = "save it as UTF-8; spreadsheets call that `CSV UTF-8`";
/// What to do about a format that is not read.
const FORMATS: &str = "this reads write-ups in Markdown, HTML and Confluence's storage format, tables in CSV, OSCAL plans of action and milestones in JSON or YAML, and \
                       YAML, JSON or TOML that says `format: postmortem/1`";

/// Reads a file's bytes. `path` is how the source names it. A table may list findings of several write-ups: then there is
/// a document for each, all at the same path, and the first, which holds what was noticed, comes before the others.
pub(super) fn documents(
    source: &SourceName,
    path: &str,
    bytes: &[u8],
    dialect: &Dialect,
) -> (Document, Vec<Document>) {
    let mut notes = Notes::of(path);
    if let Some(other) = markup::of_extension(&extension(path)) {
        refuse(path, other, &mut notes);
        return finished(source, path, &digest(bytes), Vec::new(), notes, dialect);
    }
    let read = match page_or_text(path, bytes) {
        Ok(text) => read(path, &unify(&text), dialect, &mut notes),
        Err(message) => match proven_western(path, bytes, dialect) {
            Some(text) => {
                let message = "this table is read as Windows-1252, as its header proves".to_owned();
                notes.add(Level::Info, "windows_1252", (0, 0), message, SAVE_TABLE);
                read(path, &unify(&text), dialect, &mut notes)
            }
            None => {
                let help = if is_table(path) { SAVE_TABLE } else { "save it as UTF-8" };
                notes.add(Level::Error, "not_text", (0, 0), message, help);
                Vec::new()
            }
        },
    };
    finished(source, path, &digest(bytes), read, notes, dialect)
}

/// Reads the body of an issue as a write-up, for which the issue gives a title, an address and a class. What is noticed is told of
/// its key, which people know it by.
pub(super) fn of_issue(
    source: &SourceName,
    issue: &IssueText,
    people: &rich::People,
    dialect: &Dialect,
) -> Document {
    let mut notes = Notes::of(&issue.key);
    let tlp = labelled(&issue.labels, dialect, &mut notes).max(narrowed(issue, &mut notes));
    let given = Given {
        title: Some(issue.title.trim().to_owned()).filter(|title| !title.is_empty()),
        url: Some(issue.url.clone()).filter(|url| !url.is_empty()),
        tlp,
        ..Given::default()
    };
    let tlp = given.tlp.map(|tlp| format!("\n{tlp}")).unwrap_or_default();
    let read = body(issue, given, people, dialect, &mut notes);
    let hash = digest(format!("{}\n{}{tlp}", issue.title, issue.body).as_bytes());
    let read = read.into_iter().collect();
    let document = finished(source, issue.path(), &hash, read, notes, dialect).0;
    Document { revision: issue.revision.clone(), ..document }
}

/// The body of an issue as what it is written in.
fn body(
    issue: &IssueText,
    given: Given,
    people: &rich::People,
    dialect: &Dialect,
    notes: &mut Notes,
) -> Option<Postmortem> {
    let text = unify(&issue.body);
    let rendered = match issue.markup {
        Markup::Wiki if rich::is_markdown(&text) => {
            let message = "this is Markdown in a field for wiki text, and is read as Markdown".to_owned();
            notes.add(Level::Info, "markdown_in_wiki", (0, 0), message, "");
            return Some(markdown::read(&issue.key, &text, given, dialect, notes));
        }
        Markup::Markdown => return Some(markdown::read(&issue.key, &text, given, dialect, notes)),
        Markup::Unshown => Err("its tracker does not show it".to_owned()),
        Markup::Wiki => Ok(rich::of_wiki(&text, people)),
        Markup::Adf => rich::of_adf(&text, people),
    };
    let rendered = match rendered {
        Ok(rendered) => rendered,
        Err(why) => {
            let message = format!("the description cannot be read: {why}");
            let help = "see that the account may see it, or leave the issue out of the query";
            notes.add(Level::Error, "unreadable_description", (0, 0), message, help);
            return None;
        }
    };
    let given = Given { people: people.clone(), is_storage: true, ..given };
    let mut inside = Notes::of(&issue.key);
    let lines = Lines::of(&rendered.page);
    for (at, name) in &rendered.unknown {
        let message = format!("`{name}` is not known here; its text, if it has any, is read as a paragraph");
        let help = "write the actions as text, a list, tasks or a table";
        inside.add(Level::Warning, "unknown_node", lines.place(*at), message, help);
    }
    let read = markdown::read_page(&issue.key, &rendered.page, given, dialect, &mut inside);
    // People see no columns of the text that was written anew.
    inside.move_to(notes, |(line, _)| (line, 0));
    read
}

/// The class of an issue that only some of those who see its project may see.
fn narrowed(issue: &IssueText, notes: &mut Notes) -> Option<Tlp> {
    let level = issue.level.as_ref()?;
    let message =
        format!("its security level `{}` narrows who may see it, so it counts as {}", level, Tlp::Red);
    let help = "take the level off if others may know of it";
    notes.add(Level::Info, "security_level", (0, 0), message, help);
    Some(Tlp::Red)
}

/// Reads a page of a wiki, which has a title and an address, and labels that may say who may read it.
pub(super) fn of_page(source: &SourceName, page: &PageText, dialect: &Dialect) -> Document {
    let path = &page.key;
    let mut notes = Notes::of(path);
    let given = Given {
        title: Some(page.title.trim().to_owned()).filter(|title| !title.is_empty()),
        url: Some(page.url.clone()).filter(|url| !url.is_empty()),
        people: page.people.clone(),
        is_storage: true,
        tlp: labelled(&page.labels, dialect, &mut notes),
    };
    let read = markdown::read_page(path, &unify(&page.body), given, dialect, &mut notes);
    let read = read.into_iter().collect();
    let hash = digest(format!("{}\n{}\n{}", page.title, page.labels.join("\n"), page.body).as_bytes());
    let revision = Some(page.revision.clone()).filter(|revision| !revision.is_empty());
    Document { revision, ..finished(source, path, &hash, read, notes, dialect).0 }
}

/// The strictest class that the labels of an issue or a page name.
fn labelled<'l>(
    labels: impl IntoIterator<Item = &'l String>,
    dialect: &Dialect,
    notes: &mut Notes,
) -> Option<Tlp> {
    let class = |label: &String| {
        Some(match marks::of_label(label, &dialect.words)? {
            marks::Tag::Says(tlp) => tlp,
            marks::Tag::Unclear => {
                marks::unknown(label, (0, 0), notes);
                Tlp::Red
            }
        })
    };
    labels.into_iter().filter_map(class).max()
}

/// What was read of one file, as documents.
fn finished(
    source: &SourceName,
    path: &str,
    hash: &str,
    read: Vec<Postmortem>,
    notes: Notes,
    dialect: &Dialect,
) -> (Document, Vec<Document>) {
    let document = |postmortem, diagnostics| Document {
        source: source.clone(),
        path: path.to_owned(),
        hash: hash.to_owned(),
        stat: None,
        revision: None,
        postmortem,
        diagnostics,
    };
    let refusal = notes.refused().map(|first| first.message.clone());
    let named = marks::of_name(path, &dialect.words);
    let mut known = read.into_iter().map(|mut postmortem| {
        postmortem.coverage = Tally::of(&postmortem.fates);
        Observed::Known(named_so(hinted(postmortem, dialect), named))
    });
    match (refusal, known.next()) {
        (None, Some(first)) => {
            let others = known.map(|postmortem| document(postmortem, Vec::new())).collect();
            (document(first, notes.finish()), others)
        }
        (why, _) => {
            let why = why.unwrap_or_else(|| "the file could not be read".to_owned());
            (document(Observed::unknown(why), notes.finish()), Vec::new())
        }
    }
}

/// A write-up with what the words of its findings suggest.
fn hinted(mut postmortem: Postmortem, dialect: &Dialect) -> Postmortem {
    for finding in &mut postmortem.findings {
        finding.hints = dialect.words.hints(&finding.title);
    }
    postmortem
}

/// A write-up that is as strict as its file's name says.
fn named_so(mut postmortem: Postmortem, named: Option<Tlp>) -> Postmortem {
    if let Some(tlp) = named.filter(|tlp| *tlp > postmortem.tlp) {
        postmortem.tlp = tlp;
        postmortem.marked = Some(Mark { tlp, line: 0, column: 0 });
    }
    postmortem
}

/// A document of which nothing is known but why.
pub(super) fn unreadable(
    source: &SourceName,
    path: &str,
    code: &str,
    message: String,
    help: &str,
) -> Document {
    let mut notes = Notes::of(path);
    notes.add(Level::Error, code, (0, 0), message.clone(), help);
    Document {
        source: source.clone(),
        path: path.to_owned(),
        hash: String::new(),
        stat: None,
        revision: None,
        postmortem: Observed::unknown(message),
        diagnostics: notes.finish(),
    }
}

fn read(path: &str, text: &str, dialect: &Dialect, notes: &mut Notes) -> Vec<Postmortem> {
    let extension = extension(path);
    let page = PAGES.contains(&extension.as_str())
        || (["xml", "xhtml"].contains(&extension.as_str()) && html::is_storage(text))
        || (is_markdown(&extension) && html::is_page(text));
    match extension.as_str() {
        _ if page => {
            let given = Given::default();
            markdown::read_page(path, text, given, dialect, notes).into_iter().collect()
        }
        _ if extension == "xml" || text.trim_start().starts_with("<?xml") => {
            let help = "save it as JSON or YAML; OSCAL comes in all three";
            notes.add(Level::Error, "unsupported_format", (0, 0), "XML is not read".to_owned(), help);
            Vec::new()
        }
        "txt" | "" if markup::is_wiki(text) => {
            refuse(path, markup::WIKI, notes);
            Vec::new()
        }
        "yaml" | "yml" | "json" => {
            structured((path, text), Tree::parse(text), "invalid_yaml", dialect, notes)
        }
        "toml" => structured((path, text), Tree::parse_toml(text), "invalid_toml", dialect, notes),
        _ if text.contains('\0') => {
            notes.add(Level::Error, "not_text", (0, 0), "the file is not text".to_owned(), FORMATS);
            Vec::new()
        }
        "csv" => csv::read(path, text, None, dialect, notes),
        "tsv" => csv::read(path, text, Some('\t'), dialect, notes),
        _ => vec![markdown::read(path, text, Given::default(), dialect, notes)],
    }
}

/// The extension of a file in small letters; empty when it has none.
fn extension(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Refuses a file by the name of what it is written in.
fn refuse(path: &str, other: markup::Other, notes: &mut Notes) {
    let name = path.rsplit('/').next().unwrap_or(path);
    let message = format!("{} is not read (`{name}`)", other.name);
    notes.add(Level::Error, "unsupported_format", (0, 0), message, other.instead);
}

fn structured(
    (path, text): (&str, &str),
    read: Result<Tree, Complaint>,
    code: &str,
    dialect: &Dialect,
    notes: &mut Notes,
) -> Vec<Postmortem> {
    let tree = match read {
        Ok(tree) => tree,
        Err(complaint) => {
            strict::complain(notes, code, &complaint);
            return Vec::new();
        }
    };
    let read =
        if oscal::is_plan(&tree) { oscal::read(path, &tree, notes) } else { strict::read(&tree, notes) };
    let tighten = |mut postmortem: Postmortem| {
        marks::of_tree(&tree, text, &dialect.words, notes).tighten(&mut postmortem);
        postmortem.fates = entries::fates(&postmortem, text);
        postmortem
    };
    read.map(tighten).into_iter().collect()
}

/// Whether a file with an extension is read as Markdown, unless it begins as something else.
fn is_markdown(extension: &str) -> bool {
    !["yaml", "yml", "json", "toml", "csv", "tsv", "xml"].contains(&extension)
        && markup::of_extension(extension).is_none()
}

/// Whether a path is that of a table.
fn is_table(path: &str) -> bool {
    ["csv", "tsv"].contains(&extension(path).as_str())
}

/// A table in Windows-1252, as spreadsheets save it, where its header proves that it is nothing else.
fn proven_western(path: &str, bytes: &[u8], dialect: &Dialect) -> Option<String> {
    let text = html::as_western(bytes).filter(|_| is_table(path))?;
    csv::proves(&unify(&text), dialect).then_some(text)
}

/// Bytes as text; those of a page in the encoding that it declares.
fn page_or_text<'a>(path: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, String> {
    let name = path.to_ascii_lowercase();
    let page =
        PAGES.iter().chain(&["xml", "xhtml"]).any(|extension| name.ends_with(&format!(".{extension}")));
    match html::decode(bytes) {
        html::Encoded::Text(text) if page => Ok(Cow::Owned(text)),
        html::Encoded::Foreign(name) if page => {
            Err(format!("the page says that it is in `{name}`, which is not read"))
        }
        html::Encoded::Text(_) | html::Encoded::Foreign(_) | html::Encoded::AsEver => decode(bytes),
    }
}

/// Bytes as text: UTF-8, or UTF-16 that says so with its first two bytes, as spreadsheets save it.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let from_units = |unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().skip(1).map(|pair| unit(*pair)).collect();
        let text = Some(units).filter(|_| rest.is_empty()).and_then(|units| String::from_utf16(&units).ok());
        text.map(Cow::Owned).ok_or_else(|| "the file is not the UTF-16 text that it says to be".to_owned())
    };
    match bytes {
        [0xFF, 0xFE, ..] => from_units(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => from_units(u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
            format!("the file is not UTF-8 text: byte {} begins no character", error.valid_up_to() + 1)
        }),
    }
}

/// By which a file is known to be the same: its SHA-256 in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The text of a file's bytes as it is read; none when they are no text.
pub(super) fn text(path: &str, bytes: &[u8], dialect: &Dialect) -> Option<String> {
    let read = page_or_text(path, bytes).map(Cow::into_owned).ok();
    read.or_else(|| proven_western(path, bytes, dialect)).map(|text| unify(&text))
}

/// One kind of line break and no byte order mark, so that neither changes what is read.
fn unify(text: &str) -> String {
    text.strip_prefix('\u{FEFF}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n")
}

/// The error for structured text that is not ours.
pub(super) fn foreign(notes: &mut Notes, format: Option<&str>) {
    let message = match format {
        Some(format) => format!("`{format}` is no format that is read"),
        None => "the file does not say `format: postmortem/1`".to_owned(),
    };
    notes.add(Level::Error, "unsupported_format", (1, 1), message, FORMATS);
}
