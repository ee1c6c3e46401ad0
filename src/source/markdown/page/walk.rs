//! Elements into blocks: headings, paragraphs, lists, quotes, boxes with a title, and running text with its marks.
//!
//! Knows elements of HTML. Macros of Confluence, tables and what nobody sees are read beside it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    super::{
        block::{Block, Kind},
        text::{Mark, Text},
    },
    flat,
    inline::styled,
    out::{Out, Place},
    run::Style,
};
use crate::{
    model::postmortem::Level,
    source::html::{self, Dom, INSERTED, Id, Look, Sheet},
};

/// How deep elements are followed; the parser puts none deeper, but may move some.
const DEPTH: usize = 400;
/// Elements that begin and end a paragraph.
const BLOCKS: [&str; 41] = [
    "ac:adf-content",
    "ac:adf-extension",
    "ac:adf-node",
    "ac:layout",
    "ac:layout-cell",
    "ac:layout-section",
    "ac:rich-text-body",
    "ac:task-list",
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hgroup",
    "html",
    "legend",
    "li",
    "main",
    "p",
    "search",
    "section",
    "summary",
    "tbody",
    "td",
    "th",
    "tr",
    "optgroup",
];

/// Something that is told about a page.
#[derive(Clone, Debug)]
pub(in crate::source::markdown) struct Told {
    /// Where it stands.
    pub(in crate::source::markdown) at: usize,
    /// How much it matters.
    pub(in crate::source::markdown) level: Level,
    /// Its stable code.
    pub(in crate::source::markdown) code: &'static str,
    /// What it is.
    pub(in crate::source::markdown) message: String,
    /// What to do about it.
    pub(in crate::source::markdown) help: &'static str,
}

/// Reads a tree.
pub(super) struct Walker<'a> {
    pub(super) dom: &'a Dom,
    pub(super) sheet: Sheet,
    /// Blocks that are no HTML, by number; each is taken once.
    pub(super) inserted: Vec<Option<Block>>,
    /// Elements of which the content is read; all of it when there are none.
    pub(super) roots: BTreeSet<Id>,
    /// What those elements stand in.
    pub(super) around: BTreeSet<Id>,
    /// Names of people by their account.
    pub(super) people: &'a BTreeMap<String, String>,
    /// Whether it is an export of Google Docs.
    pub(super) exported: bool,
    /// Code and rules as they are written in Markdown, by where they stand.
    pub(super) codes: BTreeMap<usize, String>,
    pub(super) told: Vec<Told>,
    /// Level of the last heading of the page.
    pub(super) level: u8,
}

impl Walker<'_> {
    /// Reads what stands in an element.
    pub(super) fn children(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        if depth > DEPTH {
            let text = self.dom.text(id);
            return out.run.push(&text, self.dom.at(id).start, style);
        }
        let dom = self.dom;
        for child in dom.children(id) {
            self.visit(*child, out, style, depth + 1);
        }
    }

    pub(super) fn visit(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        let dom = self.dom;
        let Some(node) = dom.node(id) else { return };
        match &node.kind {
            html::Kind::Text(text) => out.run.push(text, node.at.start, style),
            html::Kind::Comment(text) => self.unseen(text, node.at.clone(), out),
            html::Kind::Root => self.children(id, out, style, depth),
            html::Kind::Element(name, _) => {
                if self.leave_out(id, name, out) {
                    return;
                }
                let look = self.look(id);
                let style = styled(name, look, style);
                self.element(id, name, out, &style, depth);
            }
        }
    }

    fn look(&self, id: Id) -> Look {
        let by_class = self.sheet.look(self.dom.classes(id));
        self.dom.attribute(id, "style").map_or(by_class, |own| by_class.then(html::look(own)))
    }

    /// Whether an element is hidden by how it looks.
    pub(super) fn is_unshown(&self, id: Id) -> bool {
        self.look(id).hidden
    }

    fn element(&mut self, id: Id, name: &str, out: &mut Out, style: &Style, depth: usize) {
        let at = self.dom.at(id);
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name.as_bytes().get(1).map_or(1, |digit| digit - b'0');
                self.heading(id, level, out, style, depth);
            }
            "p" if self.exported && self.dom.has_class(id, "title") => self.heading(id, 1, out, style, depth),
            "ul" | "ol" | "menu" | "dir" => self.list(id, out, style, depth),
            "li" => self.stray_item(id, out, style, depth),
            "table" => self.table(id, out, style, depth),
            "tr" if out.place != Place::Cell => self.table(id, out, style, depth),
            "blockquote" => {
                let blocks = self.inside(id, Place::Inside, style, depth);
                out.push(at, Kind::Quote(blocks));
            }
            "details" => self.details(id, out, style, depth),
            "dl" => self.terms(id, out, style, depth),
            "pre" | "listing" | "plaintext" => {
                let text = self.dom.text(id);
                self.code(&text, at, out);
            }
            "hr" => {
                self.codes.insert(at.start, "---".to_owned());
                out.push(at, Kind::Other);
            }
            "br" => {
                if !out.run.end_line(at) && out.place != Place::Cell {
                    out.flush();
                }
            }
            "img" => self.image(id, out, style),
            "input" => self.input(id, out, style),
            "a" => self.anchor(id, out, style, depth),
            "time" => self.time(id, out, style, depth),
            INSERTED => self.inserted(id, out),
            _ if name.starts_with("ac:") || name.starts_with("ri:") => {
                self.confluence(id, name, out, style, depth);
            }
            _ => self.plain(id, name, out, style, depth),
        }
    }

    /// An element that means nothing but where it begins and ends, unless an export of Confluence says more.
    fn plain(&mut self, id: Id, name: &str, out: &mut Out, style: &Style, depth: usize) {
        if self.exported_macro(id, out, style, depth) {
            return;
        }
        let is_block = BLOCKS.contains(&name);
        if is_block {
            out.flush();
        }
        if self.dom.has_class(id, "checkbox-on") || self.dom.has_class(id, "checkbox-off") {
            out.ticked = Some(self.dom.has_class(id, "checkbox-on"));
        }
        self.children(id, out, style, depth);
        if is_block {
            out.flush();
        }
    }

    /// The blocks in an element that stand by themselves.
    pub(super) fn inside(&mut self, id: Id, place: Place, style: &Style, depth: usize) -> Vec<Block> {
        let mut inner = Out::of(place);
        self.children(id, &mut inner, style, depth);
        inner.flush();
        inner.blocks
    }

    fn heading(&mut self, id: Id, level: u8, out: &mut Out, style: &Style, depth: usize) {
        let text = flat::heading(self.inside(id, Place::Inside, style, depth));
        if text.spans.is_empty() {
            return;
        }
        if out.place == Place::Page && !text.is_blank() {
            self.level = level;
        }
        out.push(self.dom.at(id), Kind::Heading(level, text));
    }

    fn details(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        let summary = self.dom.child(id, "summary");
        let title = summary.map(|summary| flat::heading(self.inside(summary, Place::Inside, style, depth)));
        let place = summary.map_or_else(|| self.dom.at(id), |summary| self.dom.at(summary));
        let inside: Vec<Id> =
            self.dom.children(id).iter().copied().filter(|child| Some(*child) != summary).collect();
        self.box_of((title.unwrap_or_default(), place), &inside, self.dom.at(id).end, out, (style, depth));
    }

    /// A box with a title, which is read as a part of the page with a heading that ends where the box does.
    pub(super) fn box_of(
        &mut self,
        (title, at): (Text, Range<usize>),
        inside: &[Id],
        end: usize,
        out: &mut Out,
        (style, depth): (&Style, usize),
    ) {
        out.flush();
        let heads = out.place == Place::Page && !title.is_blank();
        let (around, level) = (self.level, self.level.saturating_add(1));
        if heads {
            self.level = level;
            out.push(at, Kind::Heading(level, title));
        } else if !title.is_blank() {
            out.push(at, Kind::Paragraph(title));
        }
        let begun = out.blocks.len();
        inside.iter().for_each(|child| self.visit(*child, out, style, depth + 1));
        out.flush();
        if heads {
            let added = out.blocks.get(begun..).unwrap_or_default();
            let mut highest = level;
            for block in added {
                if let Kind::Heading(inner, _) = &block.kind {
                    highest = highest.min(*inner);
                }
            }
            out.push(end..end, Kind::Heading(highest, Text::default()));
            self.level = around.min(highest);
        }
    }

    /// Terms and what they mean: each pair is a label and its value.
    fn terms(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        out.flush();
        let bold = Style { mark: Mark { strong: true, ..style.mark }, ..style.clone() };
        let pairs = self.dom.inside(id).filter(|one| matches!(self.dom.name(*one), "dt" | "dd"));
        let mine: Vec<Id> = pairs.filter(|one| self.nearest(*one, "dl") == Some(id)).collect();
        for one in mine {
            if self.dom.name(one) == "dd" {
                self.children(one, out, style, depth);
                out.flush();
                continue;
            }
            out.flush();
            self.children(one, out, &bold, depth);
            if !out.run.is_empty() && out.run.last() != Some(':') {
                out.run.push(":", self.dom.at(one).end, &bold);
            }
            out.run.space();
        }
    }

    fn nearest(&self, id: Id, name: &str) -> Option<Id> {
        let mut above = self.dom.parent(id);
        while let Some(one) = above.filter(|one| self.dom.name(*one) != name) {
            above = self.dom.parent(one);
        }
        above
    }

    /// Code is never read; it is kept for descriptions.
    pub(super) fn code(&mut self, text: &str, at: Range<usize>, out: &mut Out) {
        let fence = if text.contains("```") { "~~~~" } else { "```" };
        self.codes.insert(at.start, format!("{fence}\n{}\n{fence}", text.trim_matches('\n')));
        out.push(at, Kind::Other);
    }

    fn inserted(&mut self, id: Id, out: &mut Out) {
        let number = self.dom.attribute(id, "number").and_then(|number| number.parse::<usize>().ok());
        let Some(block) = number.and_then(|number| self.inserted.get_mut(number)?.take()) else { return };
        out.flush();
        if let (Kind::Heading(level, _), Place::Page) = (&block.kind, out.place) {
            self.level = *level;
        }
        out.blocks.push(block);
    }
}
