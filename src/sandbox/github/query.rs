//! GraphQL documents: enough of the language for queries with variables, aliases and fragments.
//!
//! Knows syntax only. Must not know what any field means.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A field that a query selects.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// The name in the answer.
    pub(crate) alias: String,
    pub(crate) name: String,
    pub(crate) arguments: BTreeMap<String, Value>,
    pub(crate) fields: Vec<Selection>,
}

/// What stands between braces.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selection {
    /// A field.
    Field(Field),
    /// `... on Type { … }`.
    Inline { on: Option<String>, fields: Vec<Selection> },
    /// `...Name`.
    Spread(String),
}

/// A parsed document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    pub(crate) is_mutation: bool,
    pub(crate) fields: Vec<Selection>,
    /// Named fragments: the type and what is selected.
    pub(crate) fragments: BTreeMap<String, (String, Vec<Selection>)>,
}

/// Parses a document, with variables put in their places.
pub(crate) fn parse(text: &str, variables: &Value) -> Result<Document, String> {
    let mut parser = Parser { tokens: tokens(text), at: 0, variables, defaults: BTreeMap::new() };
    let mut document = Document::default();
    while let Some(token) = parser.peek() {
        match token {
            "{" => document.fields = parser.selections()?,
            "fragment" => {
                parser.next()?;
                let name = parser.next()?;
                parser.expect("on")?;
                let on = parser.next()?;
                let fields = parser.selections()?;
                document.fragments.insert(name, (on, fields));
            }
            "query" | "mutation" => {
                document.is_mutation = parser.next()? == "mutation";
                parser.heading()?;
                document.fields = parser.selections()?;
            }
            other => return Err(format!("Expected a query, a mutation or a fragment, found `{other}`")),
        }
    }
    if document.fields.is_empty() { Err("A query selects nothing".to_owned()) } else { Ok(document) }
}

struct Parser<'a> {
    tokens: Vec<String>,
    at: usize,
    variables: &'a Value,
    defaults: BTreeMap<String, Value>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Result<String, String> {
        let token = self.tokens.get(self.at).cloned().ok_or("The query ends too early")?;
        self.at += 1;
        Ok(token)
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        let token = self.next()?;
        if token == wanted { Ok(()) } else { Err(format!("Expected `{wanted}`, found `{token}`")) }
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// The name and the variables between `query` and the first brace.
    fn heading(&mut self) -> Result<(), String> {
        if !matches!(self.peek(), Some("{" | "(")) {
            self.next()?;
        }
        if !self.accept("(") {
            return Ok(());
        }
        while !self.accept(")") {
            self.expect("$")?;
            let name = self.next()?;
            self.expect(":")?;
            while !matches!(self.peek(), Some("$" | ")" | "=") | None) {
                self.next()?;
            }
            if self.accept("=") {
                let value = self.value()?;
                self.defaults.insert(name, value);
            }
        }
        Ok(())
    }

    fn selections(&mut self) -> Result<Vec<Selection>, String> {
        self.expect("{")?;
        let mut list = Vec::new();
        while !self.accept("}") {
            list.push(self.selection()?);
        }
        Ok(list)
    }

    fn selection(&mut self) -> Result<Selection, String> {
        if self.accept("...") {
            if self.accept("on") {
                let on = Some(self.next()?);
                return Ok(Selection::Inline { on, fields: self.selections()? });
            }
            if self.peek() == Some("{") {
                return Ok(Selection::Inline { on: None, fields: self.selections()? });
            }
            return Ok(Selection::Spread(self.next()?));
        }
        let alias = self.next()?;
        let name = if self.accept(":") { self.next()? } else { alias.clone() };
        let mut arguments = BTreeMap::new();
        if self.accept("(") {
            while !self.accept(")") {
                let argument = self.next()?;
                self.expect(":")?;
                arguments.insert(argument, self.value()?);
            }
        }
        let fields = if self.peek() == Some("{") { self.selections()? } else { Vec::new() };
        Ok(Selection::Field(Field { alias, name, arguments, fields }))
    }

    fn value(&mut self) -> Result<Value, String> {
        let token = self.next()?;
        match token.as_str() {
            "$" => {
                let name = self.next()?;
                let given = self.variables.get(&name).or_else(|| self.defaults.get(&name));
                given.cloned().ok_or_else(|| format!("Variable ${name} was not provided"))
            }
            "[" => {
                let mut list = Vec::new();
                while !self.accept("]") {
                    list.push(self.value()?);
                }
                Ok(Value::Array(list))
            }
            "{" => {
                let mut object = Map::new();
                while !self.accept("}") {
                    let key = self.next()?;
                    self.expect(":")?;
                    let value = self.value()?;
                    object.insert(key, value);
                }
                Ok(Value::Object(object))
            }
            // Names of enums become strings; numbers, strings, true, false and null are JSON already.
            other => Ok(serde_json::from_str(other).unwrap_or_else(|_| Value::from(other))),
        }
    }
}

/// Names, numbers, strings with their quotes, and signs. Commas and comments are white space.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut token = String::from(c);
        match c {
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            '"' => {
                let mut is_escaped = false;
                for c in chars.by_ref() {
                    token.push(c);
                    if c == '"' && !is_escaped {
                        break;
                    }
                    is_escaped = c == '\\' && !is_escaped;
                }
                tokens.push(token);
            }
            '.' => {
                while let Some(dot) = chars.next_if_eq(&'.') {
                    token.push(dot);
                }
                tokens.push(token);
            }
            c if is_name(c) || c == '-' => {
                while let Some(more) = chars.next_if(|c| is_name(*c) || *c == '.') {
                    token.push(more);
                }
                tokens.push(token);
            }
            c if c.is_whitespace() || c == ',' => {}
            _ => tokens.push(token),
        }
    }
    tokens
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
