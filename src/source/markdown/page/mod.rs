//! Pages as write-ups: HTML and Confluence's storage format become the blocks that Markdown becomes, with a text in Markdown below
//! them, so that everything that reads blocks and lines reads pages as well.
//!
//! Knows what elements mean to a reader. Knows nothing of findings. Where each block stands in the page is kept beside the text.

mod confluence;
mod flat;
mod inline;
mod lists;
mod origin;
mod out;
mod run;
mod splice;
mod tables;
mod unseen;
mod walk;
mod written;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::{
    origin::Origin,
    splice::{Where, splice},
    walk::Told,
    written::as_markdown,
};
use self::{
    origin::Spot,
    out::{Out, Place},
    run::Style,
    walk::Walker,
};
use super::block::{Block, Kind};
use crate::source::{
    html::{self, Dom, Id, ROOT, Sheet, TooMuch},
    words::squeeze,
};

/// Names of what a page says about itself that may be who may read it.
const MARKED: [&str; 7] = ["classif", "confidential", "handling", "label", "marking", "sensitiv", "tlp"];

/// A page as a text with blocks.
#[derive(Debug)]
pub(super) struct Page {
    /// The text, which begins with the front matter as it stands in the file.
    pub(super) text: String,
    /// Its blocks, with their bytes in that text.
    pub(super) blocks: Vec<Block>,
    /// What the page is called, where it says so outside its text.
    pub(super) title: Option<String>,
    /// What is told about it.
    pub(super) told: Vec<Told>,
    spots: Vec<Spot>,
}

/// Reads the page that begins `body` bytes into a file; `people` are names by account. Whether it is in Confluence's storage format
/// may be known, else the page shows it.
pub(super) fn read(
    text: &str,
    body: usize,
    people: &BTreeMap<String, String>,
    is_storage: bool,
) -> Result<Page, TooMuch> {
    let markup = text.get(body..).unwrap_or_default();
    let is_storage = is_storage || html::is_storage(markup);
    let dom = if is_storage { html::storage(markup, body)? } else { html::page(markup, body)? };
    let roots = roots(&dom);
    let mut walker = Walker {
        dom: &dom,
        sheet: sheet(&dom),
        inserted: Vec::new(),
        around: around(&dom, &roots),
        people,
        exported: markup.contains("lst-kix_") || markup.contains("doc-content") || markup.contains("#cmnt"),
        codes: BTreeMap::new(),
        told: Vec::new(),
        level: 0,
        roots,
    };
    let mut out = Out::of(Place::Page);
    stated(&dom, &mut out);
    unseen::keep_marks(&dom, &mut out);
    walker.children(ROOT, &mut out, &Style::default(), 0);
    out.flush();
    let title = title(&dom, &walker.roots);
    let Walker { codes, told, .. } = walker;
    let (text, blocks, spots) = written::write(text.get(..body).unwrap_or_default(), out.blocks, &codes);
    Ok(Page { text, blocks, title, told: flattened(&dom, told), spots })
}

/// What is told, and that elements were nested too deep.
fn flattened(dom: &Dom, mut told: Vec<Told>) -> Vec<Told> {
    told.extend(dom.flattened.map(|at| Told {
        at,
        level: crate::model::postmortem::Level::Warning,
        code: "nested_too_deep",
        message:
            "elements are nested so deep here that their text is read as if it stood further out".to_owned(),
        help: "close what is left open, or take layers away",
    }));
    told
}

fn sheet(dom: &Dom) -> Sheet {
    let mut sheet = Sheet::default();
    let styles = dom.inside(ROOT).filter(|id| dom.name(*id) == "style");
    styles.for_each(|style| sheet.read(&dom.text(style)));
    sheet
}

/// The elements that hold the text of a page, where it says so: exports of Confluence, pages of GitHub, `<main>`.
fn roots(dom: &Dom) -> BTreeSet<Id> {
    if let Some(main) = dom.find(ROOT, |id| dom.attribute(id, "id") == Some("main-content")) {
        return BTreeSet::from([main]);
    }
    let named = |accepts: &dyn Fn(Id) -> bool| -> BTreeSet<Id> {
        let all: BTreeSet<Id> =
            dom.inside(ROOT).filter(|id| !dom.name(*id).is_empty() && accepts(*id)).collect();
        let above = |id: &Id| std::iter::successors(dom.parent(*id), |one| dom.parent(*one));
        all.iter().copied().filter(|id| !above(id).any(|one| all.contains(&one))).collect()
    };
    let bodies = named(&|id| dom.has_class(id, "markdown-body"));
    if !bodies.is_empty() {
        return bodies;
    }
    let mains = named(&|id| dom.name(id) == "main");
    if mains.len() == 1 { mains } else { BTreeSet::new() }
}

/// What some elements stand in.
fn around(dom: &Dom, roots: &BTreeSet<Id>) -> BTreeSet<Id> {
    roots.iter().flat_map(|root| std::iter::successors(dom.parent(*root), |one| dom.parent(*one))).collect()
}

/// Keeps what a page says about itself in its head, where marks are looked for.
fn stated(dom: &Dom, out: &mut Out) {
    for meta in dom.inside(ROOT).filter(|id| dom.name(*id) == "meta") {
        let name =
            dom.attribute(meta, "name").or_else(|| dom.attribute(meta, "property")).unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        let content = dom.attribute(meta, "content").unwrap_or_default().replace("--", "- -");
        if MARKED.iter().any(|mark| lower.contains(mark)) {
            let label = lower.rsplit([':', '.']).next().unwrap_or_default().to_owned();
            out.push(dom.at(meta), Kind::Html(format!("<!--\n{label}: {content}\n-->")));
        }
    }
}

/// What a page is called. An export of Confluence puts the name of the space before it; GitHub calls a page by its path.
fn title(dom: &Dom, roots: &BTreeSet<Id>) -> Option<String> {
    let text = |id: Id| squeeze(&dom.text(id));
    let shown = dom.find(ROOT, |id| dom.attribute(id, "id") == Some("title-text")).map(text);
    let is_head =
        |id: Id| dom.name(id) == "title" && dom.parent(id).is_some_and(|above| dom.name(above) == "head");
    let named = || dom.find(ROOT, is_head).map(text);
    let root = roots.iter().next().copied();
    let confluence = root.is_some_and(|root| dom.attribute(root, "id") == Some("main-content"));
    let github = root.is_some_and(|root| dom.has_class(root, "markdown-body"));
    let headed = roots.iter().any(|root| dom.find(*root, |id| dom.name(id) == "h1").is_some());
    let by_path = github && headed;
    let title = shown.or_else(named).filter(|title| !title.is_empty() && !by_path)?;
    let inner = title.split_once(" : ").filter(|_| confluence).map(|(_, inner)| inner.to_owned());
    Some(inner.unwrap_or(title))
}
