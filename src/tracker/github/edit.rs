//! Changing an issue with the smallest writes, and seeing what came of it.
//!
//! Knows that GitHub drops what an account may not set and says nothing. Never replaces a whole set: what
//! people added by hand stays.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    GitHub,
    address::encoded,
    call::{Call, issue_in, parsed, senseless},
    create::{BODY_MAX, cut, has_assignee, length, not_assignable},
    overtaken::newcomers,
    read::path_of,
    wire::{Account, Home, RestIssue, accounts, are_shown, place_path},
};
use crate::{
    model::{
        digest,
        edit_intent::{Comment, Step},
        ids::AccountId,
        issue::{Change, Dropped, Edit, Field, Issue, TrackerKind},
        terms::Progress,
    },
    net::http::Response,
    tracker::{Edited, Steps, TrackerError, block},
};

/// Most assignees of one issue; one more is refused or dropped (GitHub's REST reference, Add assignees to an issue).
const ASSIGNEES_MAX: usize = 10;

/// One issue being edited: where it is, how it was read, and what was refused so far.
pub(super) struct Work<'a> {
    path: String,
    pub(super) repository: String,
    issue: &'a Issue,
    dropped: Vec<Dropped>,
    /// When the issue was last changed, by the newest answer so far.
    newest: DateTime<Utc>,
    /// The issue as the answer to the last write shows it, if that shows all of it.
    shown: Option<RestIssue>,
}

/// What is needed of the answer to a change.
#[derive(Debug, Deserialize)]
struct Changed {
    assignees: Option<Vec<Option<Account>>>,
    updated_at: Option<DateTime<Utc>>,
}

impl Work<'_> {
    pub(super) fn drop(&mut self, field: Field, why: impl Into<String>) {
        self.dropped.push(Dropped { field, why: why.into() });
    }

    /// Remembers how new an answer to a write is, and the issue in it.
    fn heard(&mut self, response: &Response) {
        let updated = parsed::<Changed>(response).ok().and_then(|changed| changed.updated_at);
        self.newest = updated.map_or(self.newest, |updated| updated.max(self.newest));
        let is_it = |shown: &RestIssue| shown.id.to_string() == self.issue.at.id.id && shown.is_whole();
        self.shown = issue_in(response).ok().filter(is_it);
    }

    pub(super) fn has_dropped(&self, field: Field) -> bool {
        self.dropped.iter().any(|dropped| dropped.field == field)
    }

    /// A refusal of these fields is an outcome: it is said, and left alone for a while. Any other failure ends the
    /// edit, and the next cycle plans anew. "Not found" may be about an account or a missing right; whether the issue
    /// itself is still there, the read that follows tells.
    fn settle<T>(
        &mut self,
        fields: &[Field],
        result: Result<T, TrackerError>,
    ) -> Result<Option<T>, TrackerError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(
                error @ (TrackerError::Rejected { .. }
                | TrackerError::Forbidden { .. }
                | TrackerError::NotFound { .. }
                | TrackerError::Gone { .. }),
            ) => {
                for field in fields {
                    self.drop(*field, error.to_string());
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl GitHub {
    /// Writes each field by itself, reads the issue back, and comments last: a failed read must not make the next
    /// cycle comment again.
    pub(super) async fn edit_issue(
        &self,
        issue: &Issue,
        edit: &Edit,
        steps: &mut dyn Steps,
    ) -> Result<Edited, TrackerError> {
        let path = path_of(&issue.at).ok_or_else(|| TrackerError::NotFound { what: issue.at.key.clone() })?;
        let repository = place_path(&issue.at.place)?;
        let mut work =
            Work { path, repository, issue, dropped: Vec::new(), newest: issue.updated, shown: None };
        if edit.due.is_some() {
            work.drop(Field::Due, "GitHub issues have no due date");
        }
        if let Some(owner) = &edit.owner {
            self.write_owner(&mut work, owner, steps).await?;
        }
        self.unassign(&mut work, edit).await?;
        self.write_labels(&mut work, edit).await?;
        self.write_fields(&mut work, edit).await?;
        let (read, mut unsaid) = (self.as_written(&mut work).await?, BTreeSet::new());
        self.compare(&mut work, edit, &read).await?;
        let mut overtaken = newcomers(issue, edit, &read);
        if progress_to_write(issue, edit).is_some() {
            overtaken.extend(self.overtaken(&work.path, issue).await);
        }
        if let Some(comment) = &edit.comment {
            let mark = edit.comment_mark.as_ref();
            let result = self.say(&work.path, (comment, mark), edit.text_before, steps).await;
            let is_unsaid = work.settle(&[Field::Comment], result)? == Some(false);
            unsaid.extend(is_unsaid.then_some(Comment::Decision));
        }
        Ok(Edited { issue: read, dropped: work.dropped, overtaken, unsaid })
    }

    /// The new owner is added before the old one is removed: were the new one dropped, nobody would be left. Only
    /// where no further one has room it is the other way round, and the old one comes back if the new one does not.
    async fn write_owner(
        &self,
        work: &mut Work<'_>,
        owner: &Change<Option<AccountId>>,
        steps: &mut dyn Steps,
    ) -> Result<(), TrackerError> {
        let joiner = owner.to.as_ref().filter(|account| !has_assignee(work.issue, account));
        if let Some(joiner) = joiner
            && self.unassignable.has(&work.issue.at.place_id, joiner, self.pace.now())
        {
            work.drop(Field::Owner, not_assignable(joiner, &work.issue.at.place));
            return Ok(());
        }
        let leaver = leaver(owner).filter(|account| has_assignee(work.issue, account));
        match (joiner, leaver) {
            (Some(joiner), Some(leaver)) if work.issue.assignees.len() >= ASSIGNEES_MAX => {
                steps.next(Step::Assigned(without(work.issue, leaver))).await?;
                if self.assign(work, Method::DELETE, leaver).await?
                    && !self.assign(work, Method::POST, joiner).await?
                {
                    self.assign(work, Method::POST, leaver).await?;
                }
            }
            (Some(joiner), leaver) => {
                if leaver.is_some() {
                    let both = work.issue.assignees.iter().chain([joiner]).cloned();
                    steps.next(Step::Assigned(both.collect())).await?;
                }
                if self.assign(work, Method::POST, joiner).await?
                    && let Some(leaver) = leaver
                {
                    self.assign(work, Method::DELETE, leaver).await?;
                }
            }
            (None, Some(leaver)) => {
                self.assign(work, Method::DELETE, leaver).await?;
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Takes off whom an earlier edit of ours left there, unfinished.
    async fn unassign(&self, work: &mut Work<'_>, edit: &Edit) -> Result<(), TrackerError> {
        for account in edit.unassign.iter().filter(|account| has_assignee(work.issue, account)) {
            self.assign(work, Method::DELETE, account).await?;
        }
        Ok(())
    }

    /// Adds or removes one assignee. Whether GitHub did it, its answer shows, or else the issue.
    async fn assign(
        &self,
        work: &mut Work<'_>,
        method: Method,
        account: &AccountId,
    ) -> Result<bool, TrackerError> {
        let is_added = method == Method::POST;
        let call =
            Call::write(method, format!("{}/assignees", work.path), Some(json!({"assignees": [account]})));
        work.shown = None;
        let result = self.call(call).await;
        let Some(response) = work.settle(&[Field::Owner], result)? else { return Ok(false) };
        work.heard(&response);
        let changed = parsed::<Changed>(&response).ok();
        let shown = changed.and_then(|changed| changed.assignees).filter(|shown| are_shown(shown));
        let assigned = match shown {
            Some(shown) => accounts(shown),
            None => match self.read_back(work).await? {
                read if read.shows(Field::Owner) => read.assignees,
                _ => return Err(senseless("nothing shows who is assigned now".to_owned())),
            },
        };
        let is_there =
            assigned.iter().any(|assigned| assigned.as_str().eq_ignore_ascii_case(account.as_str()));
        Ok(is_there == is_added)
    }

    async fn write_labels(&self, work: &mut Work<'_>, edit: &Edit) -> Result<(), TrackerError> {
        let path = format!("{}/labels", work.path);
        let added: Vec<&String> = edit.add_labels.iter().filter(|label| !work.issue.carries(label)).collect();
        if !added.is_empty() {
            work.shown = None;
            let result =
                self.call(Call::write(Method::POST, path.clone(), Some(json!({"labels": added})))).await;
            work.settle(&[Field::Labels], result)?;
        }
        for label in edit.remove_labels.iter().filter(|label| work.issue.carries(label)) {
            // A path that ends in `/`, `/.` or `/..` is another path: without a name it would remove every label.
            if matches!(label.trim(), "" | "." | "..") {
                work.drop(Field::Labels, format!("the label `{label}` has no address of its own"));
                continue;
            }
            work.shown = None;
            let call = Call::write(Method::DELETE, format!("{path}/{}", encoded(label)), None);
            match self.call(call).await {
                Ok(_) | Err(TrackerError::NotFound { .. }) => {}
                Err(error) => {
                    work.settle::<()>(&[Field::Labels], Err(error))?;
                }
            }
        }
        Ok(())
    }

    /// State and body go in one request.
    async fn write_fields(&self, work: &mut Work<'_>, edit: &Edit) -> Result<(), TrackerError> {
        let (mut payload, mut fields) = (Map::new(), Vec::new());
        if let Some(to) = progress_to_write(work.issue, edit) {
            payload.extend(state(to, work.issue.progress));
            fields.push(Field::Progress);
        }
        if let Some(change) = &edit.block
            && let Some(body) = self.new_body(work, change).await?
        {
            payload.insert("body".to_owned(), Value::String(body));
            fields.push(Field::Block);
        }
        if fields.is_empty() {
            return Ok(());
        }
        if fields.contains(&Field::Block) {
            self.pace.in_time(edit.text_before)?;
        }
        let result =
            self.call(Call::write(Method::PATCH, work.path.clone(), Some(Value::Object(payload)))).await;
        work.shown = None;
        if let Some(response) = work.settle(&fields, result)? {
            work.heard(&response);
        }
        Ok(())
    }

    /// The body with our block in its place, or none when there is nothing to write or the block is not as we left
    /// it.
    async fn new_body(
        &self,
        work: &mut Work<'_>,
        change: &Change<String>,
    ) -> Result<Option<String>, TrackerError> {
        let read = self.read_again(work).await?;
        if !read.shows_body() {
            return Err(senseless("the issue is shown without its body".to_owned()));
        }
        let body = read.body.value().unwrap_or_default();
        let Some(present) = block::block_of(&body) else {
            work.drop(Field::Block, "edited by a person: our part of the description is no longer there");
            return Ok(None);
        };
        let frame = length(&body) - length(present) + 2;
        let text = cut(change.to.trim(), BODY_MAX.saturating_sub(frame));
        if digest::of_text(present) == digest::of_text(&text) {
            return Ok(None);
        }
        if digest::of_text(present) != change.from {
            work.drop(Field::Block, "edited by a person: our part of the description is not as we left it");
            return Ok(None);
        }
        Ok(block::with_block(&body, &text))
    }

    /// The issue with its body. A repository's name can be given to another one at any moment.
    async fn read_again(&self, work: &Work<'_>) -> Result<RestIssue, TrackerError> {
        let read = self.issue(&work.path).await?;
        if read.id.to_string() == work.issue.at.id.id {
            return Ok(read);
        }
        Err(senseless(format!("{} is another issue now", work.issue.at.key)))
    }

    /// The issue after everything that was written: as the answer to the last write shows it, or else as it is read back. No
    /// answer of a reader is newer.
    async fn as_written(&self, work: &mut Work<'_>) -> Result<Issue, TrackerError> {
        let shown = work.shown.take().filter(|shown| shown.updated_at >= work.newest);
        let at = &work.issue.at;
        let home = Home { name: at.place.clone(), id: at.place_id.clone() };
        match shown.and_then(|shown| shown.into_issue(&self.host, &home).ok()) {
            Some(issue) => Ok(issue),
            None => self.read_back(work).await,
        }
    }

    /// The issue after what was written so far. A read that is older than an answer to that, or than what was read before,
    /// comes from somewhere that is behind: it is asked for once more, and then tells nothing.
    async fn read_back(&self, work: &Work<'_>) -> Result<Issue, TrackerError> {
        let at = &work.issue.at;
        let home = Home { name: at.place.clone(), id: at.place_id.clone() };
        let mut read = self.read_again(work).await?;
        if read.updated_at < work.newest {
            read = self.read_again(work).await?;
        }
        let is_behind = read.updated_at < work.newest;
        let issue = read.into_issue(&self.host, &home).map_err(senseless)?;
        Ok(if is_behind { issue.outdated(work.newest) } else { issue })
    }
}

/// The state that is asked for, unless the issue has it already.
fn progress_to_write(issue: &Issue, edit: &Edit) -> Option<Progress> {
    let to = TrackerKind::Github.shows(edit.progress.as_ref()?.to);
    (to != issue.progress).then_some(to)
}

/// The account to remove, unless it stays. Logins ignore case.
pub(super) fn leaver(owner: &Change<Option<AccountId>>) -> Option<&AccountId> {
    let to = owner.to.as_ref().map(AccountId::as_str).unwrap_or_default();
    owner.from.as_ref().filter(|from| !from.as_str().eq_ignore_ascii_case(to))
}

/// Who is left once somebody is taken off. Logins ignore case.
fn without(issue: &Issue, leaver: &AccountId) -> Vec<AccountId> {
    let stays = |account: &&AccountId| !account.as_str().eq_ignore_ascii_case(leaver.as_str());
    issue.assignees.iter().filter(stays).cloned().collect()
}

/// State and reason. GitHub takes a reason only together with a change of the state.
fn state(to: Progress, from: Progress) -> Map<String, Value> {
    let (state, reason) = match to {
        Progress::Open | Progress::InProgress => ("open", from.is_closed().then_some("reopened")),
        Progress::Done => ("closed", Some("completed")),
        Progress::Declined => ("closed", Some("not_planned")),
    };
    let mut fields = Map::new();
    fields.insert("state".to_owned(), json!(state));
    if let Some(reason) = reason {
        fields.insert("state_reason".to_owned(), json!(reason));
    }
    fields
}
