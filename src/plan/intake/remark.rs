//! What a person should know about a document: every remark with its place and what to do.

use super::{Listed, Listing, Terms, origin::Moved};
use crate::{
    model::{
        history::Entry,
        ids::{CandidateKey, FindingKey, PostmortemId},
        postmortem::{Diagnostic, Document, DocumentFinding, Level, Postmortem},
    },
    review::clock,
};

/// Two documents with one id.
pub(super) fn id_taken(
    listing: &Listing,
    document: &Document,
    id: &PostmortemId,
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
        message: format!("the postmortem id `{id}` is also used by {}", others.join(", ")),
        help: Some("give each write-up an `id` of its own; until then none of them is used".to_owned()),
    }
}

/// A write-up that is followed under the id by which it was first seen.
pub(super) fn id_kept(document: &Document, postmortem: &Postmortem, id: &PostmortemId) -> Diagnostic {
    Diagnostic {
        path: document.path.clone(),
        line: 0,
        column: 0,
        level: Level::Info,
        code: "id_kept".to_owned(),
        message: format!(
            "the write-up calls itself `{}`; it was first seen as `{id}` and stays that",
            postmortem.id
        ),
        help: Some(format!("write `id: {id}` into it, so that both say the same")),
    }
}

/// A document that may be one of the write-ups whose own document is gone.
pub(super) fn perhaps_moved(
    document: &Document,
    postmortem: &Postmortem,
    perhaps: &[&PostmortemId],
) -> Diagnostic {
    let known: Vec<String> = perhaps.iter().map(|id| format!("`{id}`")).collect();
    let first = perhaps.first().map_or("", |id| id.as_str());
    Diagnostic {
        path: document.path.clone(),
        line: 0,
        column: 0,
        level: Level::Warning,
        code: "similar_match_needs_confirmation".to_owned(),
        message: format!(
            "this may be {} under another name, because they have actions in common; nothing of it is taken in",
            known.join(" or ")
        ),
        help: Some(format!(
            "write `id: {first}` into its front matter if it is that write-up, or `id: {}` if it is new",
            postmortem.id
        )),
    }
}

/// Word that a write-up has another document than before.
pub(super) fn moved(terms: Terms<'_>, moved: &Moved) -> Entry {
    let Moved { id, from, to } = moved;
    Entry {
        at: terms.now,
        cycle: String::new(),
        event: "document_moved".to_owned(),
        finding: None,
        issue: None,
        actor: "worker".to_owned(),
        known_by: None,
        field: Some("document".to_owned()),
        before: from.clone(),
        after: Some(to.clone()),
        why: format!("it lists what `{id}` listed, whose own document is gone; the id stays"),
    }
}

/// An item that may be a known finding.
pub(super) fn similar(
    document: &Document,
    item: &DocumentFinding,
    key: &FindingKey,
    candidate: &CandidateKey,
) -> Diagnostic {
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
                "write `<!-- finding: {} -->` into the item or say `intake link {key} {candidate}` if it is the same, \
                 a new id or `intake accept {candidate}` if it is not",
                key.local()
            ),
            Some(id) => format!(
                "give it the id `{}` instead of `{id}` or say `intake link {key} {candidate}` if it is the same, \
                 `intake accept {candidate}` if it is not",
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
