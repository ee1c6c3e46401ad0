//! Creating an issue with one request that is sent once.
//!
//! Knows what GitHub takes, cuts and drops. Whether a create may be tried again is not decided here.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Map, Value, json};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    GitHub,
    address::encoded,
    call::{Call, parsed},
    wire::RestIssue,
};
use crate::{
    model::{
        ids::AccountId,
        issue::{Draft, Dropped, Field, Issue},
        observed::Observed,
    },
    tracker::{Created, TrackerError, block, http::Response},
};

/// Longest body, in characters; one more is refused (`trackers.md` 1.6).
pub(super) const BODY_MAX: usize = 65_536;

/// Longest title, in characters.
const TITLE_MAX: usize = 256;

/// What stands at the end of a text that was cut.
const CUT: &str = "…";

impl GitHub {
    /// Creates an issue in a repository by its number: a name could meanwhile belong to another one.
    pub(super) async fn create_issue(&self, draft: &Draft) -> Result<Created, TrackerError> {
        let place = format!("/repositories/{}", encoded(&draft.place_id));
        let mut dropped = unsupported(draft);
        let assignee = match &draft.assignee {
            Some(account) if self.can_own(&place, account).await? => Some(account),
            Some(account) => {
                dropped.push(Dropped {
                    field: Field::Owner,
                    why: not_assignable(account, &draft.place.to_string()),
                });
                None
            }
            None => None,
        };
        let call = Call::create(format!("{place}/issues"), payload(draft, assignee));
        let response = self.call(call).await.inspect_err(|error| {
            if matches!(error, TrackerError::Rejected { .. }) {
                self.assignable.forget(&place);
            }
        })?;
        let issue = self.created(&response, draft)?;
        let lost = missing(draft, assignee, &issue);
        if lost.iter().any(|dropped| dropped.field == Field::Owner) {
            self.assignable.forget(&place);
        }
        dropped.extend(lost);
        Ok(Created { at: issue.at.clone(), issue: Observed::Known(issue), dropped })
    }

    /// The new issue in the answer. Without one, whether there is an issue is not known.
    fn created(&self, response: &Response, draft: &Draft) -> Result<Issue, TrackerError> {
        let unclear = |why: String| TrackerError::Transient { why };
        if response.status() != StatusCode::CREATED {
            return Err(unclear(format!("a create was answered with {}", response.status())));
        }
        let issue: RestIssue = parsed(response).map_err(|error| unclear(error.to_string()))?;
        issue.into_issue(&self.host, &draft.place_id).map_err(unclear)
    }
}

/// Cuts a text to so many characters, between graphemes, and marks the cut.
pub(super) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(CUT.chars().count());
    let (mut kept, mut length) = (String::new(), 0);
    for grapheme in text.graphemes(true) {
        length += grapheme.chars().count();
        if length > room {
            break;
        }
        kept.push_str(grapheme);
    }
    kept + CUT
}

/// Why an account was not assigned, when GitHub says that it cannot be.
pub(super) fn not_assignable(account: &AccountId, place: &str) -> String {
    format!(
        "`{account}` cannot be assigned in {place}: GitHub wants a member or collaborator with read access"
    )
}

/// Why GitHub may drop a field without a word.
pub(super) fn silently(what: &str) -> String {
    format!("GitHub dropped {what} without a word; the credential probably lacks the triage role there")
}

fn payload(draft: &Draft, assignee: Option<&AccountId>) -> Value {
    let frame = block::new_body(&draft.marker, "").chars().count();
    let text = cut(draft.body.trim(), BODY_MAX - frame);
    let mut payload = Map::new();
    payload.insert("title".to_owned(), json!(cut(draft.title.trim(), TITLE_MAX)));
    payload.insert("body".to_owned(), json!(block::new_body(&draft.marker, &text)));
    if !draft.labels.is_empty() {
        payload.insert("labels".to_owned(), json!(draft.labels));
    }
    if let Some(assignee) = assignee {
        payload.insert("assignees".to_owned(), json!([assignee]));
    }
    if let Some(kind) = &draft.issue_type {
        payload.insert("type".to_owned(), json!(kind));
    }
    Value::Object(payload)
}

fn unsupported(draft: &Draft) -> Vec<Dropped> {
    let due =
        draft.due.map(|_| Dropped { field: Field::Due, why: "GitHub issues have no due date".to_owned() });
    due.into_iter().collect()
}

/// What the answer does not show of what was asked for.
fn missing(draft: &Draft, assignee: Option<&AccountId>, issue: &Issue) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    if let Some(account) = assignee.filter(|account| !has_assignee(issue, account)) {
        dropped.push(Dropped { field: Field::Owner, why: silently(&format!("the assignee `{account}`")) });
    }
    let lost = lost_labels(&draft.labels, issue);
    if !lost.is_empty() {
        dropped.push(Dropped {
            field: Field::Labels,
            why: silently(&format!("the labels {}", lost.join(", "))),
        });
    }
    dropped
}

/// Whether an account is among the assignees. Logins ignore case.
pub(super) fn has_assignee(issue: &Issue, account: &AccountId) -> bool {
    issue.assignees.iter().any(|assigned| assigned.as_str().eq_ignore_ascii_case(account.as_str()))
}

/// Whether an issue has a label. Labels ignore case.
pub(super) fn has_label(issue: &Issue, label: &str) -> bool {
    issue.labels.iter().any(|present| present.to_lowercase() == label.to_lowercase())
}

/// Labels that an issue does not have.
pub(super) fn lost_labels(wanted: &BTreeSet<String>, issue: &Issue) -> Vec<String> {
    wanted.iter().filter(|label| !has_label(issue, label)).map(|label| format!("`{label}`")).collect()
}
