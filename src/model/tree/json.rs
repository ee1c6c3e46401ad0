//! Reads strict JSON, which YAML does not quite contain: escaped surrogate pairs, long keys and some raw characters
//! differ.

use serde::de::IgnoredAny;

use super::{
    Complaint, Position,
    build::{Builder, Node, Opened},
    scalar,
};

/// The value of a JSON text, with the keys that are repeated in it; nothing if it is not one.
pub(super) fn read(text: &str) -> Option<Result<(Node, Vec<Complaint>), Complaint>> {
    let is_json =
        text.trim_start().starts_with(['{', '[', '"']) && serde_json::from_str::<IgnoredAny>(text).is_ok();
    if !is_json {
        return None;
    }
    let mut cursor = Cursor { rest: text, at: (1, 1) };
    let mut builder = Builder::default();
    while let Some(first) = cursor.next() {
        if let Err(complaint) = cursor.step(first, &mut builder) {
            return Some(Err(complaint));
        }
    }
    builder.finish().map(Ok)
}

struct Cursor<'t> {
    rest: &'t str,
    at: Position,
}

impl<'t> Cursor<'t> {
    /// The first character of the next token.
    fn next(&mut self) -> Option<char> {
        let is_between = |letter: char| letter.is_ascii_whitespace() || matches!(letter, ',' | ':');
        self.take(self.rest.len() - self.rest.trim_start_matches(is_between).len());
        self.rest.chars().next()
    }

    fn step(&mut self, first: char, builder: &mut Builder) -> Result<(), Complaint> {
        let at = self.at;
        match first {
            '{' | '[' => {
                self.take(1);
                builder.open(if first == '{' { Opened::Mapping } else { Opened::List }, at, 0)
            }
            '}' | ']' => {
                self.take(1);
                builder.close()
            }
            '"' => {
                let written = self.take(text_length(self.rest));
                match serde_json::from_str::<String>(written) {
                    Ok(text) => builder.scalar(text.into(), at, 0),
                    Err(_) => Err(builder.complaint(
                        at,
                        "this text holds an escape that stands for no character".to_owned(),
                        Some("a `\\ud800`…`\\udfff` needs its other half"),
                    )),
                }
            }
            _ => {
                let is_end = |letter: char| letter.is_ascii_whitespace() || matches!(letter, ',' | ']' | '}');
                let word = self.take(self.rest.find(is_end).unwrap_or(self.rest.len()));
                let value = scalar::plain(word).map_err(|why| {
                    builder.complaint(at, format!("this {why}"), Some("write it in quotes"))
                })?;
                builder.scalar(value, at, 0)
            }
        }
    }

    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        for letter in taken.chars() {
            let (line, column) = self.at;
            self.at = if letter == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        self.rest = rest;
        taken
    }
}

/// Bytes of the quoted text at the beginning, with its quotes.
fn text_length(text: &str) -> usize {
    let mut escaped = false;
    for (n, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return n + 1,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}
