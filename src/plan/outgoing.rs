//! The last look at what is sent, wherever it comes from: a plan that was made a moment ago, or one that was saved.
//!
//! Knows texts. Who may read them is looked at beside it (`plan::clearance`).

use std::collections::{BTreeMap, BTreeSet};

use super::{inert::BREAK, secrets::secret_in};
use crate::{
    model::issue::{Draft, Edit},
    review::inert::without_harm,
};

/// A text without what acts on readers or hides from them, but for the breaks that we put in.
pub fn clean(text: &str) -> String {
    let parts: Vec<String> = text.split(BREAK).map(without_harm).collect();
    parts.join(&BREAK.to_string())
}

/// Cleans every text of a draft, and says why it must not be sent at all.
pub fn judge_draft(draft: &mut Draft) -> Result<(), String> {
    let Draft { title, body, labels, issue_type, fields, .. } = draft;
    for text in [title, body].into_iter().chain(issue_type.as_mut()).chain(fields.values_mut()) {
        *text = clean(text);
    }
    *labels = cleaned(labels);
    let Draft { title, body, labels, issue_type, fields, .. } = &*draft;
    let texts = [title, body].into_iter().chain(labels).chain(issue_type).chain(names_and_values(fields));
    refuse(texts)
}

/// Cleans every text of an edit and takes out those that must not be sent; says why, where there were any.
pub fn judge_edit(edit: &mut Edit) -> Result<(), String> {
    if let Some(block) = &mut edit.block {
        block.to = clean(&block.to);
    }
    edit.comment = edit.comment.as_deref().map(clean);
    edit.add_labels = cleaned(&edit.add_labels);
    let block = refuse(edit.block.iter().map(|block| &block.to)).inspect_err(|_| edit.block = None);
    let comment =
        refuse(edit.comment.iter()).inspect_err(|_| (edit.comment, edit.comment_mark) = (None, None));
    let labels = refuse(edit.add_labels.iter()).inspect_err(|_| edit.add_labels.clear());
    block.and(comment).and(labels)
}

fn cleaned(labels: &BTreeSet<String>) -> BTreeSet<String> {
    labels.iter().map(|label| clean(label)).collect()
}

fn names_and_values(fields: &BTreeMap<String, String>) -> impl Iterator<Item = &String> {
    fields.keys().chain(fields.values())
}

fn refuse<'a>(texts: impl IntoIterator<Item = &'a String>) -> Result<(), String> {
    match texts.into_iter().find_map(|text| secret_in(text)) {
        Some(secret) => Err(format!(
            "its text holds what looks like {secret}, which must not get into a tracker; take it out of the document \
             and revoke it"
        )),
        None => Ok(()),
    }
}
