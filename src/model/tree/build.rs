//! Puts a tree together from what a notation's reader meets one after the other.
//!
//! Knows the limits of a tree. Knows no notation.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Complaint, Inside, Position, Spot, joined, words::quoted};

/// Deepest nesting: far beyond any that a person wrote, and harmless to code that descends.
const DEEPEST: usize = 64;

/// How much aliases may multiply: values, where a text also counts once for each 100 bytes.
const MOST_COPIED: usize = 20_000;

/// A finished value.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) spot: Spot,
    weight: usize,
}

/// What sort of collection is opened.
#[derive(Clone, Copy, Debug)]
pub(super) enum Opened {
    /// A list.
    List,
    /// A mapping.
    Mapping,
}

/// A tree being built.
#[derive(Debug, Default)]
pub(super) struct Builder {
    open: Vec<Frame>,
    done: Option<Node>,
    anchored: BTreeMap<usize, Node>,
    copied: usize,
    /// Keys that were there already; their first value stays.
    repeated: Vec<Complaint>,
}

#[derive(Debug)]
struct Frame {
    at: Position,
    /// Zero for none.
    anchor: usize,
    weight: usize,
    form: Form,
}

#[derive(Debug)]
enum Form {
    List(Vec<Value>, Vec<Spot>),
    Mapping { members: Map<String, Value>, spots: BTreeMap<String, Spot>, key: Option<(String, Position)> },
}

impl Builder {
    /// The whole value once all is read, with the keys that are repeated in it; nothing for a text without any.
    pub(super) fn finish(self) -> Option<(Node, Vec<Complaint>)> {
        Some((self.done?, self.repeated))
    }

    /// A collection begins.
    pub(super) fn open(&mut self, opened: Opened, at: Position, anchor: usize) -> Result<(), Complaint> {
        if self.expects_key() {
            return Err(self.nested_key(at));
        }
        if self.open.len() >= DEEPEST {
            let message = format!("this is nested more than {DEEPEST} deep");
            return Err(self.complaint(at, message, Some("flatten it")));
        }
        let form = match opened {
            Opened::List => Form::List(Vec::new(), Vec::new()),
            Opened::Mapping => Form::Mapping { members: Map::new(), spots: BTreeMap::new(), key: None },
        };
        self.open.push(Frame { at, anchor, weight: 1, form });
        Ok(())
    }

    /// The innermost open collection ends.
    pub(super) fn close(&mut self) -> Result<(), Complaint> {
        let Some(Frame { at, anchor, weight, form }) = self.open.pop() else { return Ok(()) };
        let (value, inside) = match form {
            Form::List(items, spots) => (Value::Array(items), Inside::Items(spots)),
            Form::Mapping { members, spots, key: _ } => (Value::Object(members), Inside::Members(spots)),
        };
        self.put(Node { value, spot: Spot { at, key: None, inside }, weight }, anchor)
    }

    /// A value that is no collection.
    pub(super) fn scalar(&mut self, value: Value, at: Position, anchor: usize) -> Result<(), Complaint> {
        let length = value.as_str().map_or(0, str::len);
        let spot = Spot { at, key: None, inside: Inside::Nothing };
        self.put(Node { value, spot, weight: 1 + length / 100 }, anchor)
    }

    /// An anchored value once more.
    pub(super) fn alias(&mut self, anchor: usize, at: Position) -> Result<(), Complaint> {
        let weight = self.anchored.get(&anchor).map_or(0, |node| node.weight);
        self.copied = self.copied.saturating_add(weight);
        if self.copied > MOST_COPIED {
            return Err(self.complaint(
                at,
                "aliases make this text too large".to_owned(),
                Some("write it out"),
            ));
        }
        let Some(mut node) = self.anchored.get(&anchor).cloned() else {
            let message = "this alias stands inside the value that it refers to".to_owned();
            return Err(self.complaint(at, message, Some("write the value out")));
        };
        node.spot.at = at;
        node.spot.key = None;
        self.put(node, 0)
    }

    /// A complaint about the value that is being read.
    pub(super) fn complaint(&self, at: Position, message: String, help: Option<&str>) -> Complaint {
        let (line, column) = at;
        Complaint { pointer: self.pointer(), line, column, message, help: help.map(str::to_owned) }
    }

    /// Whether the next scalar is a key.
    pub(super) fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Frame { form: Form::Mapping { key: None, .. }, .. }))
    }

    /// Whether the next value is the whole one.
    pub(super) fn is_outermost(&self) -> bool {
        self.open.is_empty()
    }

    /// Where the key of the next value stands, if it has one.
    pub(super) fn key_position(&self) -> Option<Position> {
        match &self.open.last()?.form {
            Form::Mapping { key, .. } => key.as_ref().map(|(_, at)| *at),
            Form::List(..) => None,
        }
    }

    /// A complaint about a key that is not text.
    fn wrong_key(&self, at: Position, noun: &str) -> Complaint {
        self.complaint(at, format!("a key must be text, not {noun}"), Some("write the key in quotes"))
    }

    /// A complaint about a key that is a list or a mapping, most often meant as text: `name: {{ value }}`.
    fn nested_key(&self, at: Position) -> Complaint {
        let help = "write the key in quotes, and so text that begins with `{` or `[`";
        self.complaint(at, "a key must be text, not a list or a mapping".to_owned(), Some(help))
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), Complaint> {
        if anchor != 0 && !self.expects_key() {
            // Each depth of nested anchors is a copy too.
            self.copied = self.copied.saturating_add(node.weight);
            if self.copied > MOST_COPIED {
                let message = "too much of this text is anchored".to_owned();
                return Err(self.complaint(node.spot.at, message, Some("write it out")));
            }
            self.anchored.insert(anchor, node.clone());
        }
        if self.expects_key() {
            return self.put_key(node);
        }
        match self.open.last_mut() {
            Some(frame) => frame.put(node),
            None => self.done = Some(node),
        }
        Ok(())
    }

    fn put_key(&mut self, node: Node) -> Result<(), Complaint> {
        let at = node.spot.at;
        let name = match node.value {
            Value::String(name) => name,
            Value::Null => return Err(self.wrong_key(at, "empty")),
            Value::Bool(_) | Value::Number(_) => {
                return Err(self.wrong_key(at, &quoted(&node.value)));
            }
            Value::Array(_) | Value::Object(_) => return Err(self.nested_key(at)),
        };
        if let Some(first) = self.member_line(&name) {
            let shown = quoted(&Value::from(name.as_str()));
            let message = format!("the key {shown} is already on line {first}");
            let mut complaint = self.complaint(at, message, Some("keep one of the two"));
            complaint.pointer = joined(&complaint.pointer, &name);
            self.repeated.push(complaint);
        }
        if let Some(Frame { form: Form::Mapping { key, .. }, .. }) = self.open.last_mut() {
            *key = Some((name, at));
        }
        Ok(())
    }

    /// Line of a key in the innermost mapping.
    fn member_line(&self, name: &str) -> Option<usize> {
        match &self.open.last()?.form {
            Form::Mapping { spots, .. } => spots.get(name)?.key.map(|(line, _)| line),
            Form::List(..) => None,
        }
    }

    fn pointer(&self) -> String {
        self.open.iter().fold(String::new(), |pointer, frame| match &frame.form {
            Form::List(items, _) => format!("{pointer}/{}", items.len()),
            Form::Mapping { key: Some((name, _)), .. } => joined(&pointer, name),
            Form::Mapping { key: None, .. } => pointer,
        })
    }
}

impl Frame {
    fn put(&mut self, mut node: Node) {
        self.weight = self.weight.saturating_add(node.weight);
        match &mut self.form {
            Form::List(items, spots) => {
                items.push(node.value);
                spots.push(node.spot);
            }
            Form::Mapping { members, spots, key } => {
                if let Some((name, at)) = key.take() {
                    node.spot.key = Some(at);
                    members.entry(name.clone()).or_insert(node.value);
                    spots.entry(name).or_insert(node.spot);
                }
            }
        }
    }
}
