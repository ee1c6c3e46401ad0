//! HTML inside Markdown: what stands in it, and the Markdown between its tags, become the blocks that both would be alone.
//!
//! Knows blocks of Markdown, of which some are raw HTML. Comments by themselves stay what they are.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::block::{Block, Kind},
    flattened,
    out::{Out, Place},
    run::Style,
    walk::{Told, Walker},
};
use crate::{
    model::postmortem::Level,
    source::html::{self, INSERTED, Part, ROOT, Sheet},
};

/// Blocks of one container with their HTML read; and whether it holds the checkbox of an item.
pub(in crate::source::markdown) fn splice(
    blocks: Vec<Block>,
    (text, base): (&str, usize),
    place: Where,
    told: &mut Vec<Told>,
) -> (Vec<Block>, Option<bool>) {
    if !blocks.iter().any(|block| matches!(&block.kind, Kind::Html(html) if is_markup(html))) {
        return (blocks, None);
    }
    let markup: Vec<Option<String>> = blocks.iter().map(|block| markup(block, text, base)).collect();
    let parts: Vec<Part<'_>> = blocks
        .iter()
        .zip(&markup)
        .enumerate()
        .map(|(number, (block, markup))| match markup {
            Some(markup) => Part::Markup(markup, block.at.start),
            None => Part::Inserted(number),
        })
        .collect();
    let dom = match html::parts(&parts, base + text.len()) {
        Ok(dom) => dom,
        Err(error) => {
            told.push(too_much(error.at));
            return (blocks, None);
        }
    };
    let people = BTreeMap::new();
    let mut walker = Walker {
        dom: &dom,
        sheet: Sheet::default(),
        inserted: blocks
            .into_iter()
            .zip(&markup)
            .map(|(block, markup)| Some(block).filter(|_| markup.is_none()))
            .collect(),
        roots: BTreeSet::new(),
        around: BTreeSet::new(),
        people: &people,
        exported: false,
        codes: BTreeMap::new(),
        told: Vec::new(),
        level: 0,
    };
    let mut out = Out::of(if place == Where::Page { Place::Page } else { Place::Item });
    walker.children(ROOT, &mut out, &Style::default(), 0);
    out.flush();
    let kept: BTreeSet<usize> = dom
        .inside(ROOT)
        .filter(|id| dom.name(*id) == INSERTED)
        .filter_map(|id| dom.attribute(id, "number")?.parse().ok())
        .collect();
    let Walker { mut inserted, told: noticed, .. } = walker;
    told.extend(flattened(&dom, noticed));
    for (number, block) in inserted.iter_mut().enumerate() {
        match block.take() {
            Some(block) if !kept.contains(&number) => out.blocks.push(block),
            Some(block) => told.extend(unshown(&block)),
            None => {}
        }
    }
    (out.blocks, out.ticked)
}

/// Where blocks stand whose HTML is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source::markdown) enum Where {
    /// In the document itself.
    Page,
    /// In an item or a quote.
    Inside,
}

/// The markup of a block, from its place in the text where nothing but blanks was taken out of it.
fn markup(block: &Block, text: &str, base: usize) -> Option<String> {
    let Kind::Html(html) = &block.kind else { return None };
    let range = block.at.start.checked_sub(base)?..block.at.end.checked_sub(base)?;
    let whole = text.get(range).unwrap_or_default();
    let trimmed = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let same = trimmed(whole) == trimmed(html);
    Some(if same { whole.to_owned() } else { html.clone() })
}

/// Whether raw HTML holds more than comments.
fn is_markup(html: &str) -> bool {
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        if after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
            return true;
        }
        rest = after;
    }
    false
}

/// What is told of Markdown between tags that hide it.
fn unshown(block: &Block) -> Option<Told> {
    matches!(block.kind, Kind::List(_) | Kind::Table(_)).then(|| Told {
        at: block.at.start,
        level: Level::Info,
        code: "hidden_text",
        message: "this stands between tags that hide it, so it is not read".to_owned(),
        help: "close the tag before it, or show it if it is meant",
    })
}

/// What is told where HTML is too much to be read.
fn too_much(at: usize) -> Told {
    Told {
        at,
        level: Level::Warning,
        code: "html_too_large",
        message: "the HTML here is nested or repeated beyond all bounds, so none of it is read".to_owned(),
        help: "write it as Markdown",
    }
}
