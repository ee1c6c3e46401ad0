//! How a tree grows while a page is read: what the parser says becomes nodes with places and bounds.
//!
//! Knows the parser's door for whoever keeps the tree. Knows no element but by depth and number.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    rc::Rc,
};

use html5ever::{
    Attribute, QualName,
    interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
    local_name, ns,
    tendril::StrTendril,
};

use super::dom::{Dom, Id, Kind, Node, ROOT};

/// How deep elements may be nested.
pub(super) const DEPTH: usize = 200;
/// How many nodes every page may have; a long one has more in proportion.
const NODES: usize = 10_000;

/// A node as the parser holds it.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    pub(super) id: Id,
    name: Rc<QualName>,
}

/// A tree that grows.
#[derive(Debug)]
pub(super) struct Growth {
    nodes: RefCell<Vec<Node>>,
    /// Where the token begins that is being taken in.
    pub(super) begins: Cell<usize>,
    /// Where it ends.
    pub(super) ends: Cell<usize>,
    /// Whether it is an end tag, so that what it closes reaches to its end.
    pub(super) closes: Cell<bool>,
    /// How deep the next element will stand.
    pub(super) depth: Cell<usize>,
    /// Where elements were left out because they are too deep.
    pub(super) flattened: Cell<Option<usize>>,
    /// Most nodes that are made.
    most: usize,
    nameless: Rc<QualName>,
}

impl Growth {
    /// Nothing yet of a page of some bytes.
    pub(super) fn of(length: usize) -> Self {
        let root = Node { kind: Kind::Root, at: 0..length, parent: None, children: Vec::new(), depth: 0 };
        Self {
            nodes: RefCell::new(vec![root]),
            begins: Cell::new(0),
            ends: Cell::new(0),
            closes: Cell::new(false),
            depth: Cell::new(0),
            flattened: Cell::new(None),
            most: NODES + length / 2,
            nameless: Rc::new(QualName::new(None, ns!(), local_name!(""))),
        }
    }

    /// Whether no more nodes are made.
    pub(super) fn is_full(&self) -> bool {
        self.nodes.borrow().len() > self.most
    }

    /// The tree; what was never closed reaches to the end of the page.
    pub(super) fn finish(self, length: usize) -> Dom {
        let mut nodes = self.nodes.into_inner();
        for node in nodes.iter_mut().filter(|node| node.at.end == usize::MAX) {
            node.at.end = length.max(node.at.start);
        }
        Dom { nodes, flattened: self.flattened.get() }
    }

    /// Makes a node that stands nowhere yet.
    pub(super) fn make(&self, kind: Kind) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        let end = if matches!(kind, Kind::Element(..)) { usize::MAX } else { self.ends.get() };
        let at = self.begins.get()..end;
        nodes.push(Node { kind, at, parent: None, children: Vec::new(), depth: 0 });
        nodes.len() - 1
    }

    /// Makes an element.
    pub(super) fn element(&self, name: &str, attributes: &[Attribute]) -> Id {
        let attribute = |one: &Attribute| (one.name.local.to_string(), one.value.to_string());
        self.make(Kind::Element(name.to_owned(), attributes.iter().map(attribute).collect()))
    }

    /// Whether an element has a name.
    pub(super) fn is_named(&self, id: Id, name: &str) -> bool {
        matches!(self.nodes.borrow().get(id).map(|node| &node.kind), Some(Kind::Element(known, _)) if known == name)
    }

    /// Puts a node into another, as its last.
    pub(super) fn put(&self, parent: Id, child: Id) {
        let last = self.nodes.borrow().get(parent).map_or(0, |node| node.children.len());
        self.put_at(parent, last, child);
    }

    /// Adds text to a node, behind what is there.
    pub(super) fn put_text(&self, parent: Id, text: &str) {
        let last = self.nodes.borrow().get(parent).map_or(0, |node| node.children.len());
        self.put_text_at(parent, last, text);
    }

    /// Notes where an element ends.
    pub(super) fn close(&self, id: Id) {
        let end = if self.closes.get() { self.ends.get() } else { self.begins.get() };
        if let Some(node) = self.nodes.borrow_mut().get_mut(id) {
            node.at.end = end.max(node.at.start);
            self.depth.set(node.depth);
        }
    }

    fn put_at(&self, parent: Id, place: usize, child: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let depth = nodes.get(parent).map_or(0, |node| node.depth) + 1;
        if let Some(node) = nodes.get_mut(child) {
            (node.parent, node.depth) = (Some(parent), depth);
            let element = matches!(node.kind, Kind::Element(..));
            self.depth.set(if element { depth + 1 } else { depth });
        }
        if let Some(node) = nodes.get_mut(parent) {
            let place = place.min(node.children.len());
            node.children.insert(place, child);
        }
    }

    /// Adds text before the child at a place, to the text that is there already.
    fn put_text_at(&self, parent: Id, place: usize, text: &str) {
        let before = place.checked_sub(1).and_then(|place| {
            self.nodes.borrow().get(parent).and_then(|node| node.children.get(place).copied())
        });
        if let Some(before) = before
            && let Some(node) = self.nodes.borrow_mut().get_mut(before)
            && let Kind::Text(known) = &mut node.kind
        {
            known.push_str(text);
            node.at.end = self.ends.get();
            return;
        }
        let id = self.make(Kind::Text(text.to_owned()));
        self.put_at(parent, place, id);
    }

    fn take_out(&self, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let parent = nodes.get_mut(id).and_then(|node| node.parent.take());
        if let Some(node) = parent.and_then(|parent| nodes.get_mut(parent))
            && let Some(place) = node.children.iter().rposition(|child| *child == id)
        {
            node.children.remove(place);
        }
    }

    fn place_of(&self, id: Id) -> Option<(Id, usize)> {
        let nodes = self.nodes.borrow();
        let parent = nodes.get(id)?.parent?;
        let place = nodes.get(parent)?.children.iter().rposition(|child| *child == id)?;
        Some((parent, place))
    }

    fn handle(&self, id: Id) -> Handle {
        Handle { id, name: Rc::clone(&self.nameless) }
    }
}

/// The parser of pages keeps its tree here.
impl TreeSink for Growth {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = &'a QualName;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        self.handle(ROOT)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> &'a QualName {
        &target.name
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Handle {
        let id = self.element(&name.local, &attributes);
        Handle { id, name: Rc::new(name) }
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.handle(self.make(Kind::Comment(text.to_string())))
    }

    fn create_pi(&self, _: StrTendril, data: StrTendril) -> Handle {
        self.create_comment(data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        match child {
            NodeOrText::AppendNode(node) => self.put(parent.id, node.id),
            NodeOrText::AppendText(text) => self.put_text(parent.id, &text),
        }
    }

    fn append_based_on_parent_node(&self, element: &Handle, before: &Handle, child: NodeOrText<Handle>) {
        if self.place_of(element.id).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(before, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn pop(&self, node: &Handle) {
        self.close(node.id);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        self.handle(target.id)
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.id == other.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, new: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(node) = &new {
            self.take_out(node.id);
        }
        let Some((parent, place)) = self.place_of(sibling.id) else { return };
        match new {
            NodeOrText::AppendNode(node) => self.put_at(parent, place, node.id),
            NodeOrText::AppendText(text) => self.put_text_at(parent, place, &text),
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        let mut nodes = self.nodes.borrow_mut();
        if let Some(Kind::Element(_, known)) = nodes.get_mut(target.id).map(|node| &mut node.kind) {
            for new in attributes {
                let name = new.name.local.to_string();
                if known.len() < DEPTH && !known.iter().any(|(known, _)| *known == name) {
                    known.push((name, new.value.to_string()));
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.take_out(target.id);
    }

    fn reparent_children(&self, node: &Handle, parent: &Handle) {
        let moved = {
            let mut nodes = self.nodes.borrow_mut();
            nodes.get_mut(node.id).map(|node| std::mem::take(&mut node.children)).unwrap_or_default()
        };
        for child in moved {
            self.put(parent.id, child);
        }
    }
}
