//! What nobody sees on a page: scripts, controls, what is hidden, what stands around the text. It is not read, except for marks
//! that say who may read the page.
//!
//! Knows how a page hides something. Knows no marks; it only keeps their words where they are looked for.

use std::ops::Range;

use super::{
    super::block::{Block, Kind},
    out::Out,
    walk::{Told, Walker},
};
use crate::{
    model::postmortem::Level,
    source::html::{self, Dom, Id, ROOT},
};

/// Elements whose text is no text of the page at all.
const SILENT: [&str; 17] = [
    "script", "style", "template", "svg", "math", "object", "embed", "audio", "video", "canvas", "map",
    "iframe", "noembed", "noframes", "noscript", "head", "col",
];
/// Elements that serve whoever uses the page.
const CONTROLS: [&str; 6] = ["nav", "button", "select", "textarea", "datalist", "ac:placeholder"];
/// Elements of Confluence that are not shown.
const PARAMETERS: [&str; 6] =
    ["ac:parameter", "ac:adf-attribute", "ac:adf-mark", "ac:task-id", "ac:task-uuid", "ac:task-status"];
/// Parts of a page of Confluence, by class or id, that are about the page.
const AROUND: [&str; 8] = [
    "page-metadata",
    "breadcrumb-section",
    "footer",
    "toc-macro",
    "headerlink",
    "sr-only",
    "visually-hidden",
    "expand-control-icon",
];
/// Longest text of one hidden part that is looked at for marks, in bytes.
const LONGEST: usize = 64 << 10;

/// Keeps what looks like a mark in scripts, in the head of a page and in attributes, none of which is ever shown.
pub(super) fn keep_marks(dom: &Dom, out: &mut Out) {
    let mut left = vec![(ROOT, false)];
    while let Some((id, silent)) = left.pop() {
        let silent = silent || SILENT.contains(&dom.name(id));
        let found: Vec<&str> = match dom.node(id).map(|node| &node.kind) {
            Some(html::Kind::Text(text) | html::Kind::Comment(text)) if silent => marked(text).collect(),
            Some(html::Kind::Element(_, attributes)) => {
                attributes.iter().flat_map(|(_, value)| marked(value)).collect()
            }
            Some(html::Kind::Text(_) | html::Kind::Comment(_) | html::Kind::Root) | None => Vec::new(),
        };
        if !found.is_empty() {
            let comment = format!("<!--\n{}\n-->", found.join("\n").replace("--", "- -"));
            out.push(dom.at(id), Kind::Html(comment));
        }
        left.extend(dom.children(id).iter().rev().map(|child| (*child, silent)));
    }
}

/// The lines of a text that name the Traffic Light Protocol.
fn marked(text: &str) -> impl Iterator<Item = &str> {
    let named = |line: &&str| line.as_bytes().windows(3).any(|word| word.eq_ignore_ascii_case(b"tlp"));
    text.lines().filter(named).map(|line| line.get(..line.floor_char_boundary(LONGEST)).unwrap_or(line))
}

impl Walker<'_> {
    /// Leaves an element out, if it is one that nobody sees. Its words stay where marks are looked for.
    pub(super) fn leave_out(&mut self, id: Id, name: &str, out: &mut Out) -> bool {
        if SILENT.contains(&name) || PARAMETERS.contains(&name) || self.is_note(id, name) {
            return true;
        }
        let aside = !self.roots.is_empty() && !self.around.contains(&id) && !self.is_inside_root(id);
        let about = self.dom.classes(id).chain(self.dom.attribute(id, "id")).any(|one| AROUND.contains(&one));
        let hidden = self.is_hidden(id);
        let doubled = name == "ac:adf-fallback" && self.has_content(id);
        // Inside Markdown such tags are shown as what stands in them.
        let control = CONTROLS.contains(&name) && self.inserted.is_empty();
        if !(aside || about || hidden || doubled || control) {
            return false;
        }
        let at = self.dom.at(id);
        if hidden && !aside {
            self.tell_hidden(id, at.start);
        }
        if !doubled {
            let words = self.words(id);
            self.unseen(&words, at, out);
        }
        true
    }

    /// Whether an element is left out wherever it stands.
    pub(super) fn is_left_out(&self, id: Id) -> bool {
        SILENT.contains(&self.dom.name(id)) || self.is_hidden(id)
    }

    /// Keeps words that nobody sees.
    pub(super) fn unseen(&mut self, words: &str, at: Range<usize>, out: &mut Out) {
        if words.trim().is_empty() {
            return;
        }
        let comment = format!("<!--{}-->", words.replace("--", "- -"));
        if out.run.is_empty() {
            out.flush();
            out.blocks.push(Block { at, kind: Kind::Html(comment) });
        } else {
            out.run.push_unseen(comment.replace('\n', " "), at);
        }
    }

    fn is_hidden(&self, id: Id) -> bool {
        let dom = self.dom;
        let said = dom.attribute(id, "hidden").is_some_and(|how| how != "until-found")
            || dom.attribute(id, "aria-hidden") == Some("true")
            || (dom.name(id) == "dialog" && dom.attribute(id, "open").is_none());
        said || self.is_unshown(id)
    }

    fn is_inside_root(&self, id: Id) -> bool {
        let mut above = Some(id);
        while let Some(one) = above {
            if self.roots.contains(&one) {
                return true;
            }
            above = self.dom.parent(one).filter(|one| *one != ROOT);
        }
        false
    }

    fn has_content(&self, id: Id) -> bool {
        self.dom.parent(id).is_some_and(|parent| self.dom.child(parent, "ac:adf-node").is_some())
    }

    /// Whether an element is a footnote or a comment of somebody in an export of Google Docs, or leads to one.
    fn is_note(&self, id: Id, name: &str) -> bool {
        if !self.exported || !matches!(name, "a" | "sup" | "div" | "p") {
            return false;
        }
        let first = match name {
            "a" => Some(id),
            "sup" => self.dom.child(id, "a"),
            _ => self.dom.inside(id).take(6).find(|one| self.dom.name(*one) == "a"),
        };
        let target = first.and_then(|first| self.dom.attribute(first, "href")).unwrap_or_default();
        let notes: &[&str] = match name {
            "a" | "sup" => &["#cmnt", "#ftnt"],
            _ => &["#cmnt_ref", "#ftnt_ref"],
        };
        notes.iter().any(|note| target.starts_with(note))
    }

    /// Tells of hidden text in which an action may stand.
    fn tell_hidden(&mut self, id: Id, at: usize) {
        let may_act = |one: Id| matches!(self.dom.name(one), "li" | "tr" | "ac:task" | "time");
        if self.dom.find(id, may_act).is_none() {
            return;
        }
        let words: Vec<String> = self.words(id).split_whitespace().take(12).map(str::to_owned).collect();
        self.told.push(Told {
            at,
            level: Level::Info,
            code: "hidden_text",
            message: format!("the page does not show this, so it is not read: {}", words.join(" ")),
            help: "show it on the page if it is meant",
        });
    }

    /// The words of an element by lines, without those of scripts and the like.
    fn words(&self, id: Id) -> String {
        let mut words = String::new();
        let mut left = vec![id];
        while let Some(one) = left.pop() {
            match self.dom.node(one).map(|node| &node.kind) {
                Some(html::Kind::Text(text) | html::Kind::Comment(text)) => words.push_str(text),
                Some(html::Kind::Element(name, _)) if SILENT.contains(&name.as_str()) => {}
                Some(html::Kind::Element(..) | html::Kind::Root) => {
                    let inline = matches!(self.dom.name(one), "a" | "b" | "i" | "em" | "span" | "strong");
                    words.push_str(if inline { "" } else { "\n" });
                    left.extend(self.dom.children(one).iter().rev());
                }
                None => {}
            }
            if words.len() > LONGEST {
                break;
            }
        }
        words
    }
}
