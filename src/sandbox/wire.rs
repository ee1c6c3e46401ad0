//! One HTTP request and its answer, as plain data.
//!
//! Knows how paths and queries are spelt. Must not know any tracker, nor touch a socket.

use std::str;

use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

/// Which of the listeners a request came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tracker {
    /// GitHub, both as github.com and as GitHub Enterprise Server shape it.
    Github,
    /// Jira Cloud.
    Jira,
    /// Jira Data Center.
    JiraDc,
}

impl Tracker {
    /// Every tracker, in the order of the documentation.
    pub(crate) const ALL: [Self; 3] = [Self::Github, Self::Jira, Self::JiraDc];

    /// The name used in the control interface.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Jira => "jira",
            Self::JiraDc => "jira_dc",
        }
    }

    /// The tracker with that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tracker| tracker.name() == name)
    }
}

/// A request, read completely.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Scheme, host and port of the listener.
    pub(crate) origin: String,
    /// Path as sent, still percent-encoded.
    pub(crate) path: String,
    /// Query as sent, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    /// The body as JSON, `Null` when there is none.
    pub(crate) body: Value,
    /// The body as text.
    pub(crate) text: String,
}

impl Call {
    /// Path segments, decoded.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path.split('/').filter(|part| !part.is_empty()).map(decoded).collect()
    }

    /// A query parameter, decoded.
    pub(crate) fn param(&self, name: &str) -> Option<String> {
        self.params(name).into_iter().next()
    }

    /// All values of a query parameter.
    pub(crate) fn params(&self, name: &str) -> Vec<String> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(key, _)| decoded(key) == name)
            .map(|(_, value)| decoded(&value.replace('+', " ")))
            .collect()
    }

    /// A query parameter that is a number.
    pub(crate) fn number(&self, name: &str, default: usize) -> usize {
        self.param(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether it asks for a change. Some reads are a POST, because their question is too long for a URL.
    pub(crate) fn writes(&self) -> bool {
        let reads = ["/graphql", "/search", "/search/jql", "/search/approximate-count", "/issue/bulkfetch"];
        let asks = self.method == Method::POST && reads.iter().any(|path| self.path.ends_with(path));
        self.method != Method::GET && self.method != Method::HEAD && !asks
    }
}

/// What is sent back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// `None` sends no body at all.
    pub(crate) body: Option<Value>,
}

/// An early answer is an error to the code that stops there.
pub(crate) type Outcome = Result<Answer, Answer>;

impl Answer {
    /// An answer with a body.
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    /// 200 with a body.
    pub(crate) fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    /// An error in GitHub's words.
    pub(crate) fn message(status: u16, message: &str) -> Self {
        let documentation = "https://docs.github.com/rest";
        Self::json(
            status,
            json!({"message": message, "documentation_url": documentation, "status": status.to_string()}),
        )
    }

    /// The same answer with one more header.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Whether the tracker did what it was asked.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Looking into JSON without a chance to panic.
pub(crate) trait At {
    /// The member of that name; null if there is none.
    fn at(&self, name: &str) -> &Value;
}

impl At for Value {
    fn at(&self, name: &str) -> &Value {
        const NULL: &Value = &Value::Null;
        self.get(name).unwrap_or(NULL)
    }
}

/// Percent-decoded text; what cannot be decoded stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).filter(|_| first == b'%').and_then(|two| str::from_utf8(two).ok());
        match escaped.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
