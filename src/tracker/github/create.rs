//! Creating an issue with one request that is sent once.
//!
//! Knows what GitHub takes, cuts and drops. Whether a create may be tried again is not decided here.

use std::collections::BTreeSet;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    GitHub,
    call::{Call, issue_in, parsed},
    wire::{Home, place_path},
};
use crate::{
    model::{
        ids::{AccountId, PlaceName},
        issue::{Draft, Dropped, Field, Issue, IssueId, IssueRef},
        observed::Observed,
    },
    net::http::Response,
    tracker::{Created, TrackerError, block},
};

/// Longest body; one more is refused (its message: "body is too long").
pub(super) const BODY_MAX: usize = 65_536;

/// Longest title.
const TITLE_MAX: usize = 256;

/// What stands at the end of a text that was cut.
const CUT: &str = "…";

/// What even the barest answer to a create tells of the new issue.
#[derive(Debug, Deserialize)]
struct Stub {
    id: u64,
    number: u64,
    node_id: Option<String>,
    html_url: Option<String>,
}

impl GitHub {
    /// Creates an issue in the repository of that name, which was proven to be the one that is meant.
    ///
    /// GitHub refuses a whole create for one assignee or label that it does not take. Such a refusal is certain, and
    /// the issue is worth more than the field: it is asked for once more without it.
    pub(super) async fn create_issue(&self, draft: &Draft) -> Result<Created, TrackerError> {
        let repository = place_path(&draft.place)?;
        let (mut asked, mut dropped) = (draft.clone(), unsupported(draft));
        let now = self.pace.now();
        asked.assignee.take_if(|account| {
            let refused = self.unassignable.has(&draft.place_id, account, now);
            if refused {
                dropped.push(Dropped { field: Field::Owner, why: not_assignable(account, &draft.place) });
            }
            refused
        });
        let tried = asked.assignee.clone();
        let response = loop {
            self.pace.in_time(draft.before)?;
            match self.call(Call::create(format!("{repository}/issues"), payload(&asked))).await {
                Ok(response) => break response,
                Err(TrackerError::Rejected { field, why }) => {
                    match without(&mut asked, field.as_deref(), &why) {
                        Some(lost) => dropped.push(lost),
                        None => return Err(TrackerError::Rejected { field, why }),
                    }
                }
                Err(error) => return Err(error),
            }
        };
        if let Some(account) = tried.filter(|_| asked.assignee.is_none()) {
            self.unassignable.learn(&draft.place_id, &account, now);
        }
        let (at, issue) = self.created(&response, draft).await?;
        if let Observed::Known(issue) = &issue {
            dropped.extend(self.missing(&repository, &asked, issue).await);
        }
        Ok(Created { at, issue, dropped })
    }

    /// The new issue in the answer, or by its number there. Without one, whether there is an issue is not known.
    async fn created(
        &self,
        response: &Response,
        draft: &Draft,
    ) -> Result<(IssueRef, Observed<Issue>), TrackerError> {
        let unclear = |why: String| TrackerError::Transient { why };
        if response.status() != StatusCode::CREATED {
            return Err(unclear(format!("a create was answered with {}", response.status())));
        }
        let stub: Stub = parsed(response).map_err(|error| unclear(error.to_string()))?;
        let home = Home { name: draft.place.clone(), id: draft.place_id.clone() };
        let whole = issue_in(response).ok().filter(|issue| !issue.is_pull_request());
        if let Some(Ok(issue)) = whole.map(|issue| issue.into_issue(&self.host, &home)) {
            if issue.marker.as_ref().is_some_and(|marker| *marker != draft.marker) {
                return Err(unclear("a create was answered with another issue".to_owned()));
            }
            return Ok((issue.at.clone(), Observed::Known(issue)));
        }
        let at = IssueRef {
            id: IssueId { host: self.host.clone(), id: stub.id.to_string() },
            node: stub.node_id,
            key: format!("{}#{}", draft.place, stub.number),
            url: stub.html_url.unwrap_or_default(),
            place: draft.place.clone(),
            place_id: draft.place_id.clone(),
        };
        let issue = match self.read_one(&at).await {
            Observed::Missing => Observed::unknown("it was created, and is not shown yet"),
            read @ (Observed::Known(_) | Observed::Unknown { .. }) => read,
        };
        Ok((at, issue))
    }

    /// What an issue does not show of what was asked for.
    async fn missing(&self, repository: &str, asked: &Draft, issue: &Issue) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        let unassigned = |account: &&AccountId| issue.shows(Field::Owner) && !has_assignee(issue, account);
        if let Some(account) = asked.assignee.as_ref().filter(unassigned) {
            let why = self.why_not_assigned(repository, &issue.at, account).await;
            dropped.push(Dropped { field: Field::Owner, why });
        }
        let lost = lost_labels(&asked.labels, issue);
        if !lost.is_empty() {
            let why = silently(&format!("the labels {}", lost.join(", ")));
            dropped.push(Dropped { field: Field::Labels, why });
        }
        dropped
    }

    /// Why an account is not among the assignees. Who certainly cannot be is remembered.
    pub(super) async fn why_not_assigned(
        &self,
        repository: &str,
        at: &IssueRef,
        account: &AccountId,
    ) -> String {
        match self.is_assignable(repository, account).await {
            Ok(false) => {
                self.unassignable.learn(&at.place_id, account, self.pace.now());
                not_assignable(account, &at.place)
            }
            Ok(true) | Err(_) => silently(&format!("the assignee `{account}`")),
        }
    }
}

/// How long a text is for GitHub. Whether it counts characters or the halves of those beyond the basic plane is not
/// documented, so the larger number counts.
pub(super) fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Cuts a text to so much, between graphemes, and marks the cut.
pub(super) fn cut(text: &str, max: usize) -> String {
    if length(text) <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(length(CUT));
    let (mut kept, mut so_far) = (String::new(), 0);
    for grapheme in text.graphemes(true) {
        so_far += length(grapheme);
        if so_far > room {
            break;
        }
        kept.push_str(grapheme);
    }
    kept + CUT
}

/// Why an account was not assigned, when GitHub says that it cannot be.
pub(super) fn not_assignable(account: &AccountId, place: &PlaceName) -> String {
    format!(
        "`{account}` cannot be assigned in {place}: GitHub wants a member or collaborator with read access"
    )
}

/// Why GitHub may drop a field without a word.
pub(super) fn silently(what: &str) -> String {
    format!("GitHub dropped {what} without a word; the credential probably lacks the triage role there")
}

/// Takes out of a create what GitHub refused, and says what was lost. A refusal that names no field is most likely
/// about the assignee, who may have left.
fn without(asked: &mut Draft, field: Option<&str>, why: &str) -> Option<Dropped> {
    match field {
        Some("assignees" | "assignee") | None => {
            let account = asked.assignee.take()?;
            Some(Dropped { field: Field::Owner, why: not_assignable(&account, &asked.place) })
        }
        // A label that GitHub cannot make complains of its own name.
        Some("labels" | "label" | "name") if !asked.labels.is_empty() => {
            asked.labels.clear();
            Some(Dropped { field: Field::Labels, why: why.to_owned() })
        }
        Some(_) => None,
    }
}

fn payload(draft: &Draft) -> Value {
    let frame = length(&block::new_body(&draft.marker, ""));
    let text = cut(draft.body.trim(), BODY_MAX - frame);
    let mut payload = Map::new();
    payload.insert("title".to_owned(), json!(cut(draft.title.trim(), TITLE_MAX)));
    payload.insert("body".to_owned(), json!(block::new_body(&draft.marker, &text)));
    if !draft.labels.is_empty() {
        payload.insert("labels".to_owned(), json!(draft.labels));
    }
    if let Some(assignee) = &draft.assignee {
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

/// Whether an account is among the assignees. Logins ignore case.
pub(super) fn has_assignee(issue: &Issue, account: &AccountId) -> bool {
    issue.assignees.iter().any(|assigned| assigned.as_str().eq_ignore_ascii_case(account.as_str()))
}

/// Labels that an issue does not have, as far as it shows them.
pub(super) fn lost_labels(wanted: &BTreeSet<String>, issue: &Issue) -> Vec<String> {
    let wanted = wanted.iter().filter(|_| issue.shows(Field::Labels));
    wanted.filter(|label| !issue.carries(label)).map(|label| format!("`{label}`")).collect()
}
