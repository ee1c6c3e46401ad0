//! A YAML or JSON text as a tree that remembers where everything stands, and the check of such a tree against a schema.

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
