//! Issues as documents: each body is read like a Markdown file, or like a page where its tracker keeps rich text.
//!
//! Knows no tracker; it is handed what people wrote there.

use std::collections::BTreeMap;

use super::{dialect::Dialect, format};
use crate::model::{conventions::Conventions, ids::SourceName, issue::IssueText, postmortem::Document};

/// The documents that issues are. One whose body is longer than `max_bytes` is unknown, and spoils no other.
pub fn read_issues(
    source: &SourceName,
    issues: &[IssueText],
    max_bytes: u64,
    conventions: &Conventions,
) -> Vec<Document> {
    read_issues_of(source, issues, &BTreeMap::new(), max_bytes, conventions)
}

/// The same, with the names of people by the accounts by which issues mention them.
pub fn read_issues_of(
    source: &SourceName,
    issues: &[IssueText],
    people: &BTreeMap<String, String>,
    max_bytes: u64,
    conventions: &Conventions,
) -> Vec<Document> {
    let dialect = Dialect::of(conventions);
    let read = |issue: &IssueText| {
        let size = issue.body.len();
        if size as u64 <= max_bytes {
            return format::of_issue(source, issue, people, &dialect);
        }
        let message = format!("the issue has {size} bytes, more than the {max_bytes} that are read");
        let help = "split it, or raise `max_bytes` of its source";
        format::unreadable(source, issue.path(), "too_large", message, help)
    };
    issues.iter().map(read).map(Document::without_fates).collect()
}
