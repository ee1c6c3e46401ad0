//! Changing an issue with the smallest writes, and reading back what came of them.
//!
//! Jira answers 204 and may not have changed a thing, so nothing counts but the issue as read afterwards. A
//! field that is refused does not stop the others; a tracker that is down stops everything.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Map, Value, json};

use super::{Jira, call::Failure, text, wire};
use crate::{
    model::{
        edit_intent::Comment,
        ids::AccountId,
        issue::{Change, Draft, Dropped, Edit, Field, Issue},
        sighting::is_older,
    },
    net::pace::Lane,
    tracker::{Edited, Steps, TrackerError},
};

impl Jira {
    pub(super) async fn edit_issue(
        &self,
        issue: &Issue,
        edit: &Edit,
        steps: &mut dyn Steps,
    ) -> Result<Edited, TrackerError> {
        let (mut dropped, mut unsaid) = (Vec::new(), BTreeSet::new());
        let closes = edit.progress.as_ref().is_some_and(|change| change.to.is_closed());
        // Workflows often forbid edits of a closed issue: it is closed last and reopened first.
        if !closes {
            self.put_progress((issue, edit), steps, &mut dropped).await?;
        }
        self.put_fields(issue, edit, &mut dropped).await?;
        self.put_owner(issue, edit, &mut dropped).await?;
        if let Some(block) = &edit.block {
            let result = self.put_block(&issue.at.id.id, &block.to, edit.text_before, steps).await;
            unsaid.extend((result == Ok(false)).then_some(Comment::Block));
            keep(result.map(drop), Field::Block, &mut dropped)?;
        }
        if let Some(comment) = &edit.comment {
            let mark = edit.comment_mark.as_ref();
            let result = self.say(&issue.at.id.id, (comment, mark), edit.text_before, steps).await;
            unsaid.extend((result == Ok(false)).then_some(Comment::Decision));
            keep(result.map(drop), Field::Comment, &mut dropped)?;
        }
        if closes {
            self.put_progress((issue, edit), steps, &mut dropped).await?;
        }
        let (shown, read) = self.read_back(issue, edit).await?;
        // A write that is repeated is refused where it has been made already: the issue decides, both ways.
        dropped.retain(|dropped| {
            is_unreadable(dropped.field)
                || !read.shows(dropped.field)
                || missed(&read, edit, dropped.field).is_some()
        });
        dropped.extend(unchanged(&read, edit, &dropped));
        Ok(Edited { issue: read, dropped, overtaken: self.overtaken(issue, edit, &shown).await, unsaid })
    }

    /// The issue after what was written. Jira answers writes with nothing: a read that shows the issue as old as before, and
    /// not as asked, may come from somewhere that is behind, and is made once more. One that is older than before tells
    /// nothing.
    async fn read_back(&self, before: &Issue, edit: &Edit) -> Result<(wire::Issue, Issue), TrackerError> {
        let mut shown = self.fetch_with_history(&before.at.id.id).await?;
        let mut read = self.issue(&shown)?;
        let as_asked =
            |read: &Issue| Issue::COMPARED.iter().all(|field| missed(read, edit, *field).is_none());
        if is_older(read.updated, before.updated) || read.updated == before.updated && !as_asked(&read) {
            shown = self.fetch_with_history(&before.at.id.id).await?;
            read = self.issue(&shown)?;
        }
        let is_behind = is_older(read.updated, before.updated);
        Ok((shown, if is_behind { read.outdated(before.updated) } else { read }))
    }

    async fn put_progress(
        &self,
        (issue, edit): (&Issue, &Edit),
        steps: &mut dyn Steps,
        dropped: &mut Vec<Dropped>,
    ) -> Result<(), TrackerError> {
        let Some(Change { to, .. }) = edit.progress else { return Ok(()) };
        // A transition to where it is already does not exist.
        if issue.progress == to {
            return Ok(());
        }
        match self.move_to(issue, to, steps).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(why)) => {
                dropped.push(Dropped { field: Field::Progress, why });
                Ok(())
            }
            Err(error) => keep(Err(error), Field::Progress, dropped),
        }
    }

    /// The assignee has an endpoint of its own, which needs the permission to assign and no screen.
    async fn put_owner(
        &self,
        issue: &Issue,
        edit: &Edit,
        dropped: &mut Vec<Dropped>,
    ) -> Result<(), TrackerError> {
        let Some(Change { to, .. }) = &edit.owner else { return Ok(()) };
        if issue.assignees.first() == to.as_ref() {
            return Ok(());
        }
        keep(self.assign(&issue.at.id.id, to.as_ref()).await, Field::Owner, dropped)
    }

    /// Gives an issue to somebody, or to nobody.
    pub(super) async fn assign(&self, id: &str, to: Option<&AccountId>) -> Result<(), TrackerError> {
        let path = self.api(&format!("issue/{id}/assignee"));
        self.channel.call(Lane::Write, Method::PUT, &path, Some(&self.person(to))).await?;
        Ok(())
    }

    /// Labels and due date go in one request. If one of them is refused, the other goes alone.
    async fn put_fields(
        &self,
        issue: &Issue,
        edit: &Edit,
        dropped: &mut Vec<Dropped>,
    ) -> Result<(), TrackerError> {
        let (mut labels, mut due) = (label_changes(issue, edit), edit.due.as_ref().map(|change| change.to));
        if due == Some(issue.due) {
            due = None;
        }
        let path = self.api(&format!("issue/{}", issue.at.id.id));
        while !labels.is_empty() || due.is_some() {
            let refusal =
                match self.channel.call(Lane::Write, Method::PUT, &path, Some(&body(&labels, due))).await {
                    Ok(_) => return Ok(()),
                    Err(Failure::Refused(refusal)) => refusal,
                    Err(failure) => {
                        let error = TrackerError::from(failure);
                        let fields = [(Field::Labels, !labels.is_empty()), (Field::Due, due.is_some())];
                        for (field, _) in fields.iter().filter(|(_, is_sent)| *is_sent) {
                            keep(Err(error.clone()), *field, dropped)?;
                        }
                        return Ok(());
                    }
                };
            // What is not about one of the two is about both.
            let is_labels = !labels.is_empty() && (due.is_none() || !refusal.is_only_about(&["duedate"]));
            let is_due = due.is_some() && (labels.is_empty() || !refusal.is_only_about(&["labels"]));
            let why = refusal.to_string();
            if is_labels {
                labels.clear();
                dropped.push(Dropped { field: Field::Labels, why: why.clone() });
            }
            if is_due {
                due = None;
                dropped.push(Dropped { field: Field::Due, why });
            }
        }
        Ok(())
    }
}

/// What a create asked for and the issue does not have, beyond what is known to be dropped.
pub(super) fn silently_dropped(read: &Issue, draft: &Draft, known: &[Dropped]) -> Vec<Dropped> {
    let edit = Edit {
        owner: draft.assignee.clone().map(|to| Change { from: None, to: Some(to) }),
        add_labels: text::labels(&draft.labels),
        due: draft.due.map(|to| Change { from: None, to: Some(to) }),
        ..Edit::default()
    };
    unchanged(read, &edit, known)
}

/// What an edit asked for and the issue does not show, beyond what is known to be dropped.
fn unchanged(read: &Issue, edit: &Edit, known: &[Dropped]) -> Vec<Dropped> {
    let fields = [Field::Owner, Field::Progress, Field::Labels, Field::Due];
    let silent = fields.into_iter().filter(|field| known.iter().all(|dropped| dropped.field != *field));
    let note = |field| {
        let what = missed(read, edit, field)?;
        let key = &read.at.key;
        let why = format!("{key} accepted the change without an error and did not make it: {what}");
        Some(Dropped { field, why })
    };
    silent.filter_map(note).collect()
}

/// Whether a read of an issue does not show whether a field was written.
fn is_unreadable(field: Field) -> bool {
    match field {
        Field::Block | Field::Comment => true,
        Field::Owner | Field::Progress | Field::Labels | Field::Due => false,
    }
}

/// How an issue differs from what an edit asked of a field; none when it does not, it does not show, or nothing was asked.
fn missed(read: &Issue, edit: &Edit, field: Field) -> Option<String> {
    if !read.shows(field) {
        return None;
    }
    match field {
        Field::Owner => {
            let (to, is) = (edit.owner.as_ref()?.to.as_ref(), read.assignees.first());
            let name =
                |account: Option<&AccountId>| account.map_or("nobody".to_owned(), AccountId::to_string);
            (to != is).then(|| format!("it is assigned to {}, not to {}", name(is), name(to)))
        }
        Field::Progress => {
            let to = edit.progress.as_ref()?.to;
            (to != read.progress).then(|| format!("it is in `{}`", read.status_text))
        }
        Field::Labels => {
            let has_added = text::labels(&edit.add_labels).is_subset(&read.labels);
            let has_removed = text::labels(&edit.remove_labels).is_disjoint(&read.labels);
            (!has_added || !has_removed).then(|| "its labels are not as asked".to_owned())
        }
        Field::Due => {
            let to = edit.due.as_ref()?.to;
            let is = || read.due.map_or("no due date".to_owned(), |due| format!("the due date {due}"));
            (to != read.due).then(|| format!("it has {}", is()))
        }
        Field::Block | Field::Comment => None,
    }
}

/// Sorts a failed write: what concerns this field is noted, what concerns the tracker or the credential goes on up.
fn keep(
    result: Result<(), TrackerError>,
    field: Field,
    dropped: &mut Vec<Dropped>,
) -> Result<(), TrackerError> {
    match result {
        Ok(()) => Ok(()),
        Err(
            error @ (TrackerError::Rejected { .. }
            | TrackerError::Forbidden { .. }
            | TrackerError::NotFound { .. }),
        ) => {
            dropped.push(Dropped { field, why: error.to_string() });
            Ok(())
        }
        Err(
            error @ (TrackerError::RateLimited { .. }
            | TrackerError::Expired
            | TrackerError::ClockOff { .. }
            | TrackerError::Unsent { .. }
            | TrackerError::Transient { .. }
            | TrackerError::Moved { .. }
            | TrackerError::Gone { .. }
            | TrackerError::Unauthorized { .. }
            | TrackerError::Malformed { .. }),
        ) => Err(error),
    }
}

/// Only labels that are not as asked, so that an edit without effect is not sent.
fn label_changes(issue: &Issue, edit: &Edit) -> Vec<Value> {
    let added = text::labels(&edit.add_labels).into_iter().filter(|label| !issue.labels.contains(label));
    let removed = text::labels(&edit.remove_labels).into_iter().filter(|label| issue.labels.contains(label));
    let added = added.map(|label| json!({ "add": label }));
    added.chain(removed.map(|label| json!({ "remove": label }))).collect()
}

fn body(labels: &[Value], due: Option<Option<chrono::NaiveDate>>) -> Value {
    let mut body = Map::new();
    if !labels.is_empty() {
        body.insert("update".to_owned(), json!({ "labels": labels }));
    }
    if let Some(due) = due {
        body.insert("fields".to_owned(), json!({ "duedate": due.map(|due| due.to_string()) }));
    }
    Value::Object(body)
}
