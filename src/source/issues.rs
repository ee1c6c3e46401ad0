//! Issues as documents: each body is read like a Markdown file.
//!
//! Knows no tracker; it is handed what people wrote there.

use super::{dialect::Dialect, format};
use crate::model::{conventions::Conventions, ids::SourceName, issue::IssueText, postmortem::Document};

/// The documents that issues are. One whose body is longer than `max_bytes` is unknown, and spoils no other.
pub fn read_issues(
    source: &SourceName,
    issues: &[IssueText],
    max_bytes: u64,
    conventions: &Conventions,
) -> Vec<Document> {
    let dialect = Dialect::of(conventions);
    let read = |issue: &IssueText| {
        let size = issue.body.len();
        if size as u64 <= max_bytes {
            return format::of_issue(source, issue, &dialect);
        }
        let message = format!("the issue has {size} bytes, more than the {max_bytes} that are read");
        let help = "split it, or raise `max_bytes` of its source";
        format::unreadable(source, &issue.key, "too_large", message, help)
    };
    issues.iter().map(read).map(Document::without_fates).collect()
}
