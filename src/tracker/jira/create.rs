//! Creating an issue: one request with everything in it, the marker first of all.
//!
//! Knows what a create needs and which refusals may be answered. A request that may have been executed is never sent
//! again; a refusal is certain, so leaving out a date and asking again makes no duplicate.

use http::Method;
use serde_json::{Map, Value, json};

use super::{
    Jira, PROPERTY,
    call::{Failure, Refusal},
    text, wire,
};
use crate::{
    model::{
        issue::{Draft, Dropped, Field, IssueId, IssueRef},
        observed::Observed,
    },
    net::pace::Lane,
    tracker::{Created, TrackerError},
};

/// Fields that an issue can do without, and a word by which a message that names no field means them. Labels are not
/// among them: without the marker's label a lost answer could not be found again, and a duplicate would follow
/// (invariant 7).
const OPTIONAL: [(&str, Field, &str); 2] =
    [("assignee", Field::Owner, "assign"), ("duedate", Field::Due, "due date")];

impl Jira {
    pub(super) async fn create_issue(&self, draft: &Draft) -> Result<Created, TrackerError> {
        let mut fields = self.create_fields(draft).await.map_err(before_sending)?;
        let mut dropped = Vec::new();
        let made = loop {
            match self.post_issue(draft, &fields).await {
                Ok(made) => break made,
                Err(Failure::Refused(refusal)) => {
                    self.forget_shapes(&draft.place_id);
                    if !leave_out(&mut fields, &refusal, &mut dropped) {
                        return Err(Failure::Refused(refusal).into());
                    }
                }
                Err(failure) => return Err(failure.into()),
            }
        };
        self.assign_left_out(draft, &made, &mut dropped).await;
        Ok(self.created(draft, made, dropped).await)
    }

    /// An assignee that has no place on the create screen can still be set through the endpoint that needs none.
    async fn assign_left_out(&self, draft: &Draft, made: &wire::Created, dropped: &mut Vec<Dropped>) {
        let is_left_out = dropped.iter().any(|dropped| dropped.field == Field::Owner);
        if is_left_out && self.assign(&made.id, draft.assignee.as_ref()).await.is_ok() {
            dropped.retain(|dropped| dropped.field != Field::Owner);
        }
    }

    async fn create_fields(&self, draft: &Draft) -> Result<Map<String, Value>, TrackerError> {
        let kind = self.kind(draft).await?;
        let mut fields: Map<String, Value> = self.shaped(draft, &kind).await?.into_iter().collect();
        let mut labels = text::labels(&draft.labels);
        labels.insert(draft.marker.to_string());
        fields.insert("project".to_owned(), json!({ "id": draft.place_id }));
        fields.insert("issuetype".to_owned(), kind.reference());
        fields.insert("summary".to_owned(), json!(text::summary(&draft.title)));
        fields.insert("description".to_owned(), text::rich(self.settings.kind, &draft.body));
        fields.insert("labels".to_owned(), json!(labels));
        if let Some(due) = draft.due {
            fields.insert("duedate".to_owned(), json!(due.to_string()));
        }
        if draft.assignee.is_some() {
            fields.insert("assignee".to_owned(), self.person(draft.assignee.as_ref()));
        }
        Ok(fields)
    }

    async fn post_issue(&self, draft: &Draft, fields: &Map<String, Value>) -> Result<wire::Created, Failure> {
        self.channel.pace().in_time(draft.before).map_err(Failure::Other)?;
        let properties = json!([{ "key": PROPERTY, "value": { "marker": draft.marker } }]);
        let body = json!({ "fields": fields, "properties": properties });
        let answer = self.channel.call(Lane::Create, Method::POST, &self.api("issue"), Some(&body)).await?;
        let made: wire::Created = answer.parse().map_err(Failure::Other)?;
        if made.id.is_empty() || !made.id.chars().all(|c| c.is_ascii_digit()) {
            return Err(Failure::Other(TrackerError::Malformed {
                why: "a create answered without an id".to_owned(),
            }));
        }
        Ok(made)
    }

    /// The create stands whatever its reading back brings.
    async fn created(&self, draft: &Draft, made: wire::Created, mut dropped: Vec<Dropped>) -> Created {
        let key = made.key.unwrap_or_else(|| made.id.clone());
        let read = match self.fetch(&made.id).await {
            Ok(issue) => self.issue(&issue),
            Err(error) => Err(error),
        };
        let at = read.as_ref().map_or_else(
            |_| IssueRef {
                id: IssueId { host: self.host.clone(), id: made.id.clone() },
                node: None,
                key: key.clone(),
                url: self.browse(&key),
                place: draft.place.clone(),
                place_id: draft.place_id.clone(),
            },
            |issue| issue.at.clone(),
        );
        if let Ok(issue) = &read {
            dropped.extend(super::edit::silently_dropped(issue, draft, &dropped));
        }
        let issue = read.map_or_else(|error| Observed::unknown(error.to_string()), Observed::Known);
        Created { at, issue, dropped }
    }
}

/// Leaves out the optional fields that a refusal is about, if it is about nothing else. Each can go once, so a create
/// is sent three times at most.
fn leave_out(fields: &mut Map<String, Value>, refusal: &Refusal, dropped: &mut Vec<Dropped>) -> bool {
    let is_about_others = refusal.errors.keys().any(|id| OPTIONAL.iter().all(|(known, ..)| known != id));
    if is_about_others {
        return false;
    }
    let n_before = dropped.len();
    for (id, field, word) in OPTIONAL {
        if fields.contains_key(id) && (refusal.mentions(id) || refusal.mentions(word)) {
            let why = refusal.errors.get(id).cloned().unwrap_or_else(|| refusal.to_string());
            dropped.push(Dropped { field, why });
            fields.remove(id);
        }
    }
    dropped.len() > n_before
}

/// What goes wrong before the create is sent leaves no doubt about the create.
fn before_sending(error: TrackerError) -> TrackerError {
    if error.is_certain() {
        return error;
    }
    TrackerError::Unsent { why: format!("the create was not sent, because preparing it failed: {error}") }
}
