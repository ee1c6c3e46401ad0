//! Texts in queries.
//!
//! Foreign text enters a query only through here.

/// A text as a string of Atlassian's query languages, JQL and CQL.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}
