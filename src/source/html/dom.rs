//! A page as a tree of elements, texts and comments, each with its bytes in the file.
//!
//! Knows names, attributes and places. Knows neither what an element means nor how a page becomes a tree.

use std::ops::Range;

/// Number of a node in its tree.
pub(in crate::source) type Id = usize;

/// What a node is.
#[derive(Clone, Debug)]
pub(in crate::source) enum Kind {
    /// The whole page.
    Root,
    /// An element with its attributes; both names in lower case.
    Element(String, Vec<(String, String)>),
    /// Text without entities.
    Text(String),
    /// A comment.
    Comment(String),
}

/// A node and where it stands.
#[derive(Clone, Debug)]
pub(in crate::source) struct Node {
    /// What it is.
    pub(in crate::source) kind: Kind,
    /// Its bytes in the file.
    pub(in crate::source) at: Range<usize>,
    /// What it stands in.
    pub(in crate::source) parent: Option<Id>,
    /// What stands in it, in order.
    pub(in crate::source) children: Vec<Id>,
    /// How deep it was put.
    pub(super) depth: usize,
}

/// A page.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct Dom {
    pub(super) nodes: Vec<Node>,
    /// Where elements were left out because they were nested too deep; their text is there.
    pub(in crate::source) flattened: Option<usize>,
}

/// The node that is the whole page.
pub(in crate::source) const ROOT: Id = 0;

impl Dom {
    /// A node.
    pub(in crate::source) fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// Bytes of a node.
    pub(in crate::source) fn at(&self, id: Id) -> Range<usize> {
        self.node(id).map(|node| node.at.clone()).unwrap_or_default()
    }

    /// Name of an element; empty for anything else.
    pub(in crate::source) fn name(&self, id: Id) -> &str {
        match self.node(id).map(|node| &node.kind) {
            Some(Kind::Element(name, _)) => name,
            Some(Kind::Root | Kind::Text(_) | Kind::Comment(_)) | None => "",
        }
    }

    /// Attributes of an element.
    pub(in crate::source) fn attributes(&self, id: Id) -> &[(String, String)] {
        match self.node(id).map(|node| &node.kind) {
            Some(Kind::Element(_, attributes)) => attributes,
            Some(Kind::Root | Kind::Text(_) | Kind::Comment(_)) | None => &[],
        }
    }

    /// An attribute of an element.
    pub(in crate::source) fn attribute(&self, id: Id, name: &str) -> Option<&str> {
        let found = self.attributes(id).iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Classes of an element.
    pub(in crate::source) fn classes(&self, id: Id) -> impl Iterator<Item = &str> {
        self.attribute(id, "class").unwrap_or_default().split_ascii_whitespace()
    }

    /// Whether an element has a class.
    pub(in crate::source) fn has_class(&self, id: Id, class: &str) -> bool {
        self.classes(id).any(|known| known == class)
    }

    /// What stands in a node.
    pub(in crate::source) fn children(&self, id: Id) -> &[Id] {
        self.node(id).map(|node| node.children.as_slice()).unwrap_or_default()
    }

    /// What a node stands in.
    pub(in crate::source) fn parent(&self, id: Id) -> Option<Id> {
        self.node(id).and_then(|node| node.parent)
    }

    /// Everything in a node, in the order of the page; not the node itself.
    pub(in crate::source) fn inside(&self, id: Id) -> Inside<'_> {
        Inside { dom: self, left: self.children(id).iter().rev().copied().collect() }
    }

    /// The first element in a node that a test accepts.
    pub(in crate::source) fn find(&self, id: Id, accepts: impl Fn(Id) -> bool) -> Option<Id> {
        self.inside(id).find(|inner| !self.name(*inner).is_empty() && accepts(*inner))
    }

    /// The first child with a name.
    pub(in crate::source) fn child(&self, id: Id, name: &str) -> Option<Id> {
        self.children(id).iter().copied().find(|child| self.name(*child) == name)
    }

    /// All text in a node, without comments.
    pub(in crate::source) fn text(&self, id: Id) -> String {
        let texts = self.inside(id).filter_map(|inner| match self.node(inner).map(|node| &node.kind) {
            Some(Kind::Text(text)) => Some(text.as_str()),
            Some(Kind::Root | Kind::Element(..) | Kind::Comment(_)) | None => None,
        });
        texts.collect()
    }
}

/// Everything in a node, in the order of the page.
pub(in crate::source) struct Inside<'a> {
    dom: &'a Dom,
    left: Vec<Id>,
}

impl Iterator for Inside<'_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        let id = self.left.pop()?;
        self.left.extend(self.dom.children(id).iter().rev());
        Some(id)
    }
}
