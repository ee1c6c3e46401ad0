//! What was about to be written to an issue: committed before the first request of an edit, gone once its outcome is
//! recorded.
//!
//! An open one is evidence, not an order: what it asked for, and every state in between that its own steps led to, was
//! written by us and is no word of a person. Nothing is ever repeated because of it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    digest,
    ids::{AccountId, FindingKey, TrackerName},
    issue::{Change, Edit, Field, Issue, IssueId},
    terms::Progress,
};

/// An edit whose outcome is not recorded, field by field. Each field is what was sent since its outcome was last known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditIntent {
    /// The finding whose link names the issue.
    pub finding: FindingKey,
    /// The tracker.
    pub tracker: TrackerName,
    /// The issue.
    pub issue: IssueId,
    /// When its last step was about to be sent, by our clock.
    pub sent: DateTime<Utc>,
    /// When the issue was last changed before that, by the tracker's clock.
    pub updated: DateTime<Utc>,
    /// The account that it was sent as, if it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// Status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusSent>,
    /// Owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerSent>,
    /// Labels of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelsSent>,
    /// Due date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<ValueSent<Option<NaiveDate>>>,
    /// Our block, by digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<ValueSent<String>>,
    /// The comment, by its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When that comment was last about to be sent, by our clock; none while it certainly was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<DateTime<Utc>>,
    /// The same of a new comment that is to hold our block, on trackers that keep it in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<DateTime<Utc>>,
}

/// A status that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusSent {
    /// The status before, in the tracker's words.
    pub before: String,
    /// What was asked for, the oldest first.
    pub asked: Vec<Progress>,
    /// Statuses on the way, in the tracker's words: each is recorded before the step to it is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
}

/// An owner that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerSent {
    /// Who was assigned before.
    pub before: Vec<AccountId>,
    /// The account that was to be replaced.
    pub from: Option<AccountId>,
    /// Who was asked for, the oldest first; none is nobody.
    pub asked: Vec<Option<AccountId>>,
    /// Who is assigned after a step on the way: each is recorded before that step is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<Vec<AccountId>>,
}

/// Labels that were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelsSent {
    /// Added.
    pub added: BTreeSet<String>,
    /// Removed.
    pub removed: BTreeSet<String>,
}

/// A value that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueSent<T> {
    /// The value before.
    pub before: T,
    /// What was asked for, the oldest first.
    pub asked: Vec<T>,
}

/// One step of an edit, told before the request that takes it is sent: what the issue shows once it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A status on the way, in the tracker's words.
    Status(String),
    /// Everybody who is assigned then.
    Assigned(Vec<AccountId>),
    /// A new comment of ours is there then.
    Said(Comment),
    /// The comment that was sent certainly did not come to be.
    Unsaid(Comment),
}

/// What a new comment of ours is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comment {
    /// To hold our block from now on.
    Block,
    /// To tell a decision, once.
    Decision,
}

impl Comment {
    /// The field of an edit that it is written for.
    pub fn field(self) -> Field {
        match self {
            Self::Block => Field::Block,
            Self::Decision => Field::Comment,
        }
    }
}

impl EditIntent {
    /// An edit of an issue as it was just read, after what is still open there.
    pub fn new(
        (finding, tracker): (&FindingKey, &TrackerName),
        issue: &Issue,
        edit: &Edit,
        by: Option<AccountId>,
        sent: DateTime<Utc>,
    ) -> Self {
        Self {
            finding: finding.clone(),
            tracker: tracker.clone(),
            issue: issue.at.id.clone(),
            sent,
            updated: issue.updated,
            by,
            status: edit.progress.as_ref().map(|change| StatusSent {
                before: issue.status_text.clone(),
                asked: vec![change.to],
                path: Vec::new(),
            }),
            owner: owner_sent(issue, edit),
            labels: labels_sent(edit),
            due: edit.due.as_ref().map(|change| ValueSent { before: change.from, asked: vec![change.to] }),
            block: edit.block.as_ref().map(|Change { from, to }| ValueSent {
                before: from.clone(),
                asked: vec![digest::of_text(to)],
            }),
            comment: edit.comment.as_deref().map(digest::of_text),
            said: None,
            stated: None,
        }
    }

    /// The same after another one whose outcome is not known either: whatever it asked for may still come.
    pub fn after(mut self, before: &Self) -> Self {
        self.status = match (self.status.take(), &before.status) {
            (Some(mut new), Some(old)) => {
                new.asked = joined(&old.asked, new.asked);
                new.path = joined(&old.path, new.path);
                Some(new)
            }
            (new, old) => new.or_else(|| old.clone()),
        };
        self.owner = match (self.owner.take(), &before.owner) {
            (Some(mut new), Some(old)) => {
                new.asked = joined(&old.asked, new.asked);
                new.path = joined(&old.path, new.path);
                new.before.clone_from(&old.before);
                Some(new)
            }
            (new, old) => new.or_else(|| old.clone()),
        };
        self.labels = match (self.labels.take(), &before.labels) {
            (Some(new), Some(old)) => {
                Some(LabelsSent { added: &old.added | &new.added, removed: &old.removed | &new.removed })
            }
            (new, old) => new.or_else(|| old.clone()),
        };
        self.due = following(self.due.take(), before.due.as_ref());
        self.block = following(self.block.take(), before.block.as_ref());
        self.comment = self.comment.take().or_else(|| before.comment.clone());
        self.said = self.said.or(before.said);
        self.stated = self.stated.or(before.stated);
        self.updated = self.updated.min(before.updated);
        self
    }

    /// Takes in a step that is about to be sent. Whether that is news.
    pub fn takes(&mut self, step: Step, now: DateTime<Utc>) -> bool {
        let is_news = match step {
            Step::Status(status) => self.status.as_mut().is_some_and(|sent| news(&mut sent.path, status)),
            Step::Assigned(accounts) => {
                self.owner.as_mut().is_some_and(|sent| news(&mut sent.path, accounts))
            }
            Step::Said(comment) => self.told(comment).replace(now) != Some(now),
            Step::Unsaid(comment) => self.told(comment).take().is_some(),
        };
        if is_news {
            self.sent = now;
        }
        is_news
    }

    fn told(&mut self, comment: Comment) -> &mut Option<DateTime<Utc>> {
        match comment {
            Comment::Block => &mut self.stated,
            Comment::Decision => &mut self.said,
        }
    }

    /// Whether a comment may be there although no list of comments shows it yet: it was sent less than `settle` ago.
    pub fn may_be_said(&self, comment: Comment, now: DateTime<Utc>, settle: TimeDelta) -> bool {
        let sent = match comment {
            Comment::Block => self.stated,
            Comment::Decision => self.said,
        };
        // A clock that was put back must not keep it for ever.
        sent.is_some_and(|sent| (now - sent).abs() < settle)
    }

    /// Whether the outcome of a field is not known.
    pub fn asks(&self, field: Field) -> bool {
        match field {
            Field::Owner => self.owner.is_some(),
            Field::Progress => self.status.is_some(),
            Field::Labels => self.labels.is_some(),
            Field::Due => self.due.is_some(),
            Field::Block => self.block.is_some(),
            Field::Comment => self.comment.is_some(),
        }
    }

    /// Forgets one field: its outcome is known.
    pub fn settle(&mut self, field: Field) {
        match field {
            Field::Owner => self.owner = None,
            Field::Progress => self.status = None,
            Field::Labels => self.labels = None,
            Field::Due => self.due = None,
            Field::Block => (self.block, self.stated) = (None, None),
            Field::Comment => (self.comment, self.said) = (None, None),
        }
    }

    /// Whether nothing is open any more.
    pub fn is_over(&self) -> bool {
        !Field::ALL.into_iter().any(|field| self.asks(field))
    }
}

fn owner_sent(issue: &Issue, edit: &Edit) -> Option<OwnerSent> {
    let from = edit.owner.as_ref().and_then(|change| change.from.clone());
    let asked = edit.owner.as_ref().map(|change| change.to.clone());
    let is_written = asked.is_some() || !edit.unassign.is_empty();
    is_written.then(|| OwnerSent {
        before: issue.assignees.clone(),
        from,
        asked: asked.into_iter().collect(),
        path: Vec::new(),
    })
}

fn labels_sent(edit: &Edit) -> Option<LabelsSent> {
    let sent = LabelsSent { added: edit.add_labels.clone(), removed: edit.remove_labels.clone() };
    (sent != LabelsSent::default()).then_some(sent)
}

fn following<T: Clone + PartialEq>(
    new: Option<ValueSent<T>>,
    old: Option<&ValueSent<T>>,
) -> Option<ValueSent<T>> {
    match (new, old) {
        (Some(new), Some(old)) => {
            Some(ValueSent { before: new.before, asked: joined(&old.asked, new.asked) })
        }
        (new, old) => new.or_else(|| old.cloned()),
    }
}

/// The older ones first, each once.
fn joined<T: Clone + PartialEq>(old: &[T], new: Vec<T>) -> Vec<T> {
    let older = old.iter().filter(|value| !new.contains(value)).cloned();
    let mut all: Vec<T> = older.collect();
    all.extend(new);
    all
}

fn news<T: PartialEq>(path: &mut Vec<T>, step: T) -> bool {
    let is_news = !path.contains(&step);
    if is_news {
        path.push(step);
    }
    is_news
}
