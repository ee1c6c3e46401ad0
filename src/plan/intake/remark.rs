//! What a person should know about a document: every remark with its place and what to do.

use super::{Listed, Listing};
use crate::{
    model::{
        ids::FindingKey,
        postmortem::{Diagnostic, Document, DocumentFinding, Level, Postmortem},
    },
    review::clock,
};

/// Two documents with one id.
pub(super) fn id_taken(
    listing: &Listing,
    document: &Document,
    postmortem: &Postmortem,
    uses: &[Listed<'_>],
) -> Diagnostic {
    let this = (&listing.source, document.path.as_str());
    let others = uses.iter().filter(|other| **other != this);
    let others: Vec<String> = others.map(|(source, path)| format!("{path} of source `{source}`")).collect();
    Diagnostic {
        path: document.path.clone(),
        line: 0,
        column: 0,
        level: Level::Error,
        code: "duplicate_postmortem".to_owned(),
        message: format!("the postmortem id `{}` is also used by {}", postmortem.id, others.join(", ")),
        help: Some("give each write-up an `id` of its own; until then none of them is used".to_owned()),
    }
}

/// An item that may be a known finding.
pub(super) fn similar(document: &Document, item: &DocumentFinding, key: &FindingKey) -> Diagnostic {
    Diagnostic {
        path: document.path.clone(),
        line: item.line,
        column: 0,
        level: Level::Warning,
        code: "similar_match_needs_confirmation".to_owned(),
        message: format!(
            "`{}` may be {key} reworded, or something new; nothing is created or changed for it",
            item.title
        ),
        help: Some(match &item.id {
            None => format!(
                "write `<!-- finding: {} -->` into the item if it is the same, or a new id if it is not",
                key.local()
            ),
            Some(id) => format!(
                "give it the id `{}` instead of `{id}` if it is the same, or say it in other words if it is not",
                key.local()
            ),
        }),
    }
}

/// A key that another item has already: taking it would overwrite what is known of that one.
pub(super) fn key_taken(document: &Document, item: &DocumentFinding, key: &FindingKey) -> Diagnostic {
    Diagnostic {
        path: document.path.clone(),
        line: item.line,
        column: 0,
        level: Level::Error,
        code: "duplicate_id".to_owned(),
        message: format!("`{}` would be {key}, which another item is already; it is left out", item.title),
        help: Some("give every finding of a write-up an id of its own".to_owned()),
    }
}

/// A date that was not taken as it is written.
pub(super) fn late(document: &Document, item: &DocumentFinding, warning: &clock::Warning) -> Diagnostic {
    Diagnostic {
        path: document.path.clone(),
        line: item.line,
        column: 0,
        level: Level::Warning,
        code: "deadline_after_policy".to_owned(),
        message: format!("`{}`: {warning}", item.title),
        help: None,
    }
}
