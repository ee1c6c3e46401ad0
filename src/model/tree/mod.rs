//! A YAML, JSON or TOML text as a tree that remembers where everything stands, and the check of such a tree against a schema.
//!
//! Knows the notation and the words in which to complain about it. Knows nothing of what a text means.

use std::collections::BTreeMap;

use serde_json::Value;

mod branches;
mod build;
mod check;
mod json;
mod lines;
mod read;
mod scalar;
mod schema;
mod toml;
mod words;

pub use self::{lines::Lines, schema::Schema};

/// A text that was read.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The whole value, members in their written order.
    pub value: Value,
    spot: Spot,
}

/// Something wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// JSON pointer of the value concerned; empty for the whole text.
    pub pointer: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do, such as ``did you mean `severity`?``.
    pub help: Option<String>,
}

/// Line and column, both from 1; columns count characters.
type Position = (usize, usize);

/// Where a value stands.
#[derive(Clone, Debug)]
struct Spot {
    at: Position,
    key: Option<Position>,
    inside: Inside,
}

/// Where the values inside a value stand.
#[derive(Clone, Debug)]
enum Inside {
    Nothing,
    Items(Vec<Spot>),
    Members(BTreeMap<String, Spot>),
}

impl Tree {
    /// Reads a text in YAML 1.2 (core schema) or JSON. A byte order mark is ignored.
    ///
    /// # Errors
    /// When the text is empty, is not one well-formed document, repeats a key, has a key that is not text, is nested
    /// more than 64 deep, or holds a number that cannot be kept exactly enough.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        let (tree, repeated) = Self::parse_all(text)?;
        repeated.into_iter().next().map_or(Ok(tree), Err)
    }

    /// As [`parse`](Self::parse), but repeated keys are told beside the tree, so that everything else can be checked
    /// as well; their first value stays.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse), except for repeated keys.
    pub fn parse_all(text: &str) -> Result<(Self, Vec<Complaint>), Complaint> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (node, repeated) = match json::read(text) {
            Some(read) => read?,
            None => read::yaml(text)?,
        };
        Ok((Self::of(node), repeated))
    }

    /// Reads a text in TOML 1.1. A byte order mark is ignored; dates and times become text as they are written.
    ///
    /// # Errors
    /// When the text is empty, is not well-formed, repeats a key, is nested more than 64 deep, or holds a number that
    /// cannot be kept exactly enough.
    pub fn parse_toml(text: &str) -> Result<Self, Complaint> {
        toml::read(text.strip_prefix('\u{feff}').unwrap_or(text)).map(Self::of)
    }

    fn of(node: build::Node) -> Self {
        Self { value: node.value, spot: node.spot }
    }

    /// Line and column, both from 1, of the value at a JSON pointer, or of its nearest ancestor that is there.
    #[must_use]
    pub fn position(&self, pointer: &str) -> (usize, usize) {
        self.nearest(pointer).0.at
    }

    /// Line and column, both from 1, of the key of the value at a JSON pointer.
    ///
    /// A value without a key, such as an item of a list, counts as its own key; one that is not there counts as its
    /// nearest ancestor.
    #[must_use]
    pub fn key_position(&self, pointer: &str) -> (usize, usize) {
        match self.nearest(pointer) {
            (spot, true) => spot.key.unwrap_or(spot.at),
            (ancestor, false) => ancestor.at,
        }
    }

    /// The value's spot, or its nearest ancestor's; and whether it is the value's own.
    fn nearest(&self, pointer: &str) -> (&Spot, bool) {
        let mut spot = &self.spot;
        for segment in pointer.split('/').skip(1) {
            match spot.child(&unescaped(segment)) {
                Some(child) => spot = child,
                None => return (spot, false),
            }
        }
        (spot, true)
    }
}

impl Spot {
    fn child(&self, segment: &str) -> Option<&Self> {
        match &self.inside {
            Inside::Nothing => None,
            Inside::Items(items) => items.get(segment.parse::<usize>().ok()?),
            Inside::Members(members) => members.get(segment),
        }
    }
}

/// A segment of a JSON pointer as the name it stands for (RFC 6901, section 4).
fn unescaped(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

/// The pointer of a member.
fn joined(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
