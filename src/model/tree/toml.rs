//! Reads TOML, and says in plain words where it is not well-formed.

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Error},
};

use super::{
    Complaint, Lines, Position,
    build::{Builder, Node, Opened},
    scalar,
};

/// The value of a TOML text.
pub(super) fn read(text: &str) -> Result<Node, Complaint> {
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| malformed(&lines, &error))?;
    if table.get_ref().is_empty() {
        return Err(empty());
    }
    let mut reading = Reading { lines: &lines, builder: Builder::default() };
    reading.table(table.get_ref(), (1, 1))?;
    let (node, repeated) = reading.builder.finish().ok_or_else(empty)?;
    // The parser refuses repeated keys itself; should it ever let one through, it is not lost here.
    repeated.into_iter().next().map_or(Ok(node), Err)
}

fn empty() -> Complaint {
    whole((1, 1), "the text is empty", "write `key = value` lines")
}

struct Reading<'l, 't> {
    lines: &'l Lines<'t>,
    builder: Builder,
}

impl Reading<'_, '_> {
    /// A table, its members in the order in which they are written.
    fn table(&mut self, table: &DeTable<'_>, at: Position) -> Result<(), Complaint> {
        self.builder.open(Opened::Mapping, at, 0)?;
        let mut members: Vec<_> = table.iter().collect();
        members.sort_by_key(|(key, value)| (key.span().start, value.span().start));
        for (key, value) in members {
            let place = self.lines.place(key.span().start);
            self.builder.scalar(Value::from(key.get_ref().as_ref()), place, 0)?;
            self.value(value)?;
        }
        self.builder.close()
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), Complaint> {
        let at = self.lines.place(value.span().start);
        let read = match value.get_ref() {
            DeValue::Table(table) => return self.table(table, at),
            DeValue::Array(items) => {
                self.builder.open(Opened::List, at, 0)?;
                for item in items.iter() {
                    self.value(item)?;
                }
                return self.builder.close();
            }
            DeValue::String(text) => Ok(Value::from(text.as_ref())),
            DeValue::Boolean(flag) => Ok(Value::from(*flag)),
            DeValue::Integer(number) => scalar::based(number.as_str(), number.radix()),
            DeValue::Float(number) => scalar::real(number.as_str()),
            // As it is written, so that the check for an offset sees what the writer wrote.
            DeValue::Datetime(_) => Ok(Value::from(self.lines.text().get(value.span()).unwrap_or_default())),
        };
        let read = read.map_err(|why| self.builder.complaint(at, format!("this {why}"), Some(QUOTE)))?;
        self.builder.scalar(read, at, 0)
    }
}

/// What to do about a number that cannot be kept.
const QUOTE: &str = "write it in quotes to keep it as text";

fn whole((line, column): Position, message: &str, help: &str) -> Complaint {
    let (message, help) = (message.to_owned(), Some(help.to_owned()));
    Complaint { pointer: String::new(), line, column, message, help }
}

/// What the parser says (a part of its words), what that means, and what to do.
const MEANINGS: [(&str, &str, &str); 19] = [
    ("duplicate key", "this key or table is there already", "keep one of the two"),
    ("cannot extend", "this adds to a value that is complete already", "write all its keys in one place"),
    ("recurs", "this is nested more than 64 deep", "flatten it"),
    ("string values must be quoted", "this is no value", "write text in quotes"),
    ("invalid boolean", "this is no value", "write `true` or `false` in lower case, and text in quotes"),
    (
        "key with no value",
        "a `=` is missing after the key before this",
        "write `key = \"value\"`, not `key: value`",
    ),
    ("invalid key-value pair", "a key is expected here", "write `key = \"value\"`"),
    ("unquoted key", "this cannot be a key without quotes", "write the key in quotes"),
    ("string, expected `\"", "a quoted text is not closed", "add the closing quote"),
    ("string, expected `'", "a quoted text is not closed", "add the closing quote"),
    (
        "missing escaped value",
        "this escape is not known",
        "use single quotes, where a backslash is just a backslash",
    ),
    ("unclosed array table", "`]]` is missing after the name of a table", "write `[[name]]`"),
    ("unclosed array", "a list is not closed", "add the `]`"),
    ("unclosed inline table", "a mapping is not closed", "add the `}`"),
    ("unclosed table", "`]` is missing after the name of a table", "write `[name]`"),
    ("missing comma", "a `,` is missing before this", "separate what stands in brackets by commas"),
    ("unexpected key or value", "there is something after the value", "put it on a line of its own"),
    ("invalid date", "this is no day that exists", "correct the date, or write it in quotes"),
    ("leading zero", "a number cannot begin with a zero", QUOTE),
];

fn malformed(lines: &Lines<'_>, error: &Error) -> Complaint {
    let at = lines.place(error.span().map_or(0, |span| span.start));
    let meaning = MEANINGS.iter().find(|(said, _, _)| error.message().contains(said));
    match meaning {
        Some((_, message, help)) => whole(at, message, help),
        None => {
            let message = format!("this is not well-formed TOML: {}", error.message());
            whole(at, &message, "write `key = \"value\"`, and tables as `[name]` or `[[name]]`")
        }
    }
}
