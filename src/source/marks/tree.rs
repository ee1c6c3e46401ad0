//! Marks in structured text: in its strings, behind its keys and in its comments.
//!
//! Knows trees. Knows no format.

use serde_json::Value;

use super::{DEFAULT, How, Shown, find, of_name, unknown};
use crate::{
    model::{postmortem::Mark, terms::Tlp, tree::Tree},
    source::{
        place::{Lines, Notes},
        words::{Handled, Vocabulary},
    },
};

/// The marks of a tree, and those in the comments of its text.
pub(in crate::source) fn of_tree(tree: &Tree, text: &str, words: &Vocabulary, notes: &mut Notes) -> Shown {
    let mut reader = Reader { tree, words, notes, shown: Shown::default() };
    reader.read("", &tree.value);
    let mut shown = reader.shown;
    if of_name(text, words).is_some_and(|tlp| tlp > DEFAULT) {
        let lines = Lines::of(text);
        for mark in find(text, text.len(), words).iter().filter(|mark| mark.unclear.is_none()) {
            shown.add(super::place(mark, &lines), How::Mentioned);
        }
    }
    shown
}

struct Reader<'a> {
    tree: &'a Tree,
    words: &'a Vocabulary,
    notes: &'a mut Notes,
    shown: Shown,
}

impl Reader<'_> {
    fn read(&mut self, pointer: &str, value: &Value) {
        match value {
            Value::String(text) => self.text(pointer, text),
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    self.read(&format!("{pointer}/{n}"), item);
                }
            }
            Value::Object(members) => {
                let named = members.get("name").and_then(Value::as_str);
                for (key, value) in members {
                    let at = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                    let label = if key == "value" { named.unwrap_or(key) } else { key };
                    match value.as_str().filter(|_| self.words.is_handling(label)) {
                        Some(text) => self.labelled(&at, text),
                        None => self.read(&at, value),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, pointer: &str, text: &str) {
        // A value that is one word is no line of its own, such as a label.
        let prose = text.contains('\n');
        for mark in find(text, 0, self.words).into_iter().filter(|mark| prose || mark.how != How::Alone) {
            self.add(pointer, mark.tlp, How::Mentioned);
            if let Some(unclear) = mark.unclear {
                unknown(&unclear, self.tree.position(pointer), self.notes);
            }
        }
    }

    fn labelled(&mut self, pointer: &str, text: &str) {
        match self.words.handled(text) {
            Handled::Says(tlp) => self.add(pointer, tlp, How::Declared),
            Handled::Nothing => {}
            Handled::Unclear => {
                self.add(pointer, Tlp::Red, How::Declared);
                unknown(text, self.tree.position(pointer), self.notes);
            }
        }
    }

    fn add(&mut self, pointer: &str, tlp: Tlp, how: How) {
        let (line, column) = self.tree.position(pointer);
        self.shown.add(Mark { tlp, line, column }, how);
    }
}
