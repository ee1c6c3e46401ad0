//! Lists of a page: items, checkboxes, tasks, and the levels that Google Docs writes as classes.
//!
//! Knows elements of lists. Items are read as every other part of a page.

use super::{
    super::{
        block::{Block, Item, Kind, List},
        boxes,
        text::Text,
    },
    out::{Out, Place},
    run::Style,
    walk::Walker,
};
use crate::source::html::Id;

/// Deepest level of a list of Google Docs.
const DEEPEST: usize = 9;

impl Walker<'_> {
    /// A list.
    pub(super) fn list(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        let numbered = self.dom.name(id) == "ol";
        let first = self.dom.attribute(id, "start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
        let mut list = List { start: numbered.then_some(first), items: Vec::new() };
        let tasks = self.dom.has_class(id, "inline-task-list");
        let dom = self.dom;
        for child in dom.children(id) {
            match dom.name(*child) {
                "li" if self.is_left_out(*child) => {}
                "li" => {
                    let place = if tasks { Place::Task } else { Place::Item };
                    let mut item = self.item(*child, place, style, depth);
                    item.ticked = item.ticked.or_else(|| self.ticked(*child, tasks));
                    list.items.push(item);
                }
                _ => self.between(*child, &mut list, style, depth),
            }
        }
        self.tick_by_sheet(id, &mut list);
        let block = Block { at: dom.at(id), kind: Kind::List(list) };
        out.flush();
        match self.exported_level(id) {
            Some((level, begins)) => attach(&mut out.blocks, block, level, begins),
            None => out.blocks.push(block),
        }
    }

    /// What stands in a list and is no item belongs to the item before it.
    fn between(&mut self, id: Id, list: &mut List, style: &Style, depth: usize) {
        let mut inner = Out::of(Place::Inside);
        self.visit(id, &mut inner, style, depth + 1);
        inner.flush();
        if inner.blocks.is_empty() {
            return;
        }
        match list.items.last_mut() {
            Some(item) => item.blocks.extend(inner.blocks),
            None => list.items.push(Item { at: self.dom.at(id), ticked: None, blocks: inner.blocks }),
        }
    }

    /// An item that stands in no list.
    pub(super) fn stray_item(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        let item = self.item(id, Place::Item, style, depth);
        out.flush();
        let list = List { start: None, items: vec![item] };
        attach(&mut out.blocks, Block { at: self.dom.at(id), kind: Kind::List(list) }, 0, false);
    }

    /// The tasks of a list of tasks in Confluence.
    pub(super) fn tasks(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        let dom = self.dom;
        let mut list = List { start: None, items: Vec::new() };
        for task in dom.children(id).iter().copied().filter(|child| dom.name(*child) == "ac:task") {
            let Some(body) = dom.child(task, "ac:task-body") else { continue };
            let mut item = self.item(body, Place::Task, style, depth);
            let status = dom.child(task, "ac:task-status").map(|status| dom.text(status));
            item.ticked = Some(status.is_some_and(|status| status.trim() == "complete"));
            item.at = dom.at(task);
            list.items.push(item);
        }
        out.push(dom.at(id), Kind::List(list));
    }

    fn item(&mut self, id: Id, place: Place, style: &Style, depth: usize) -> Item {
        let mut inner = Out::of(place);
        self.children(id, &mut inner, style, depth);
        inner.flush();
        let ticked = inner.ticked.or_else(|| boxes::take(&mut inner.blocks));
        Item { at: self.dom.at(id), ticked, blocks: inner.blocks }
    }

    /// Whether an item is ticked by what it is marked with.
    fn ticked(&self, id: Id, task: bool) -> Option<bool> {
        let said = ["data-checked", "aria-checked"].into_iter().find_map(|name| self.dom.attribute(id, name));
        said.map(|said| said == "true").or_else(|| task.then(|| self.dom.has_class(id, "checked")))
    }

    /// Items before which a style sheet draws boxes; what is struck out there is done.
    fn tick_by_sheet(&self, id: Id, list: &mut List) {
        let Some(ticked) = self.sheet.boxed(self.dom.classes(id)) else { return };
        for item in &mut list.items {
            let Some(Kind::Paragraph(text)) = item.blocks.first_mut().map(|block| &mut block.kind) else {
                continue;
            };
            let struck = is_struck(text);
            if struck {
                text.spans.iter_mut().for_each(|span| span.mark.struck = false);
            }
            item.ticked = item.ticked.or(Some(ticked || struck));
        }
    }

    /// The level of a list of Google Docs, and whether the list begins there.
    fn exported_level(&self, id: Id) -> Option<(usize, bool)> {
        let named = self.dom.classes(id).find(|class| class.starts_with("lst-kix_"))?;
        let level = named.rsplit('-').next()?.parse::<usize>().ok()?;
        Some((level.min(DEEPEST), self.dom.has_class(id, "start")))
    }
}

fn is_struck(text: &Text) -> bool {
    !text.is_blank() && text.visible().all(|span| span.mark.struck || span.text.trim().is_empty())
}

/// Puts a list below the last item of the list before it, as many levels deep; or goes on with that list.
fn attach(blocks: &mut Vec<Block>, mut block: Block, level: usize, begins: bool) {
    let mut blocks = blocks;
    for _ in 0..level {
        let Some(Kind::List(list)) = blocks.last().map(|block| &block.kind) else { break };
        if list.items.is_empty() {
            break;
        }
        let Some(last) = blocks.last_mut() else { return };
        last.at.end = last.at.end.max(block.at.end);
        let Kind::List(list) = &mut last.kind else { return };
        let Some(item) = list.items.last_mut() else { return };
        item.at.end = item.at.end.max(block.at.end);
        blocks = &mut item.blocks;
    }
    if let (Some(Block { at, kind: Kind::List(known) }), Kind::List(new)) =
        (blocks.last_mut(), &mut block.kind)
        && !begins
        && known.start.is_some() == new.start.is_some()
    {
        at.end = at.end.max(block.at.end);
        known.items.append(&mut new.items);
        return;
    }
    blocks.push(block);
}
