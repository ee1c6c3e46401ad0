//! An issue in our own terms, and what is asked of a tracker.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    digest,
    ids::{AccountId, Host, Marker, PlaceName},
    terms::Progress,
};

/// An issue as a text that people wrote, to be read like a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueText {
    /// How people name it: `acme/postmortems#3`.
    pub key: String,
    /// Where people read it.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its body.
    pub body: String,
    /// Its labels: one may say who may read it.
    pub labels: BTreeSet<String>,
    /// What its body is written in.
    pub markup: Markup,
    /// What names it for good, where its key changes when it is moved.
    pub lasting: Option<String>,
    /// When it was last changed, as its tracker says; none where that is not told.
    pub revision: Option<String>,
    /// The security level that narrows who may see it, by its name.
    pub level: Option<String>,
}

impl IssueText {
    /// The path of its document: what names it for good, else its key.
    pub fn path(&self) -> &str {
        self.lasting.as_deref().unwrap_or(&self.key)
    }
}

/// What the body of an issue is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Markup {
    /// Markdown, as on GitHub.
    #[default]
    Markdown,
    /// An Atlassian document, as JSON, as in Jira Cloud.
    Adf,
    /// Wiki text, as in Jira Data Center.
    Wiki,
    /// The tracker did not show the body.
    Unshown,
}

/// Which tracker it is; decides what statuses and owners it can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum TrackerKind {
    /// GitHub.com or GitHub Enterprise Server.
    #[serde(rename = "github")]
    Github,
    /// Jira Cloud, REST v3.
    #[serde(rename = "jira-cloud")]
    JiraCloud,
    /// Jira Data Center, REST v2.
    #[serde(rename = "jira-dc")]
    JiraDataCenter,
}

impl TrackerKind {
    /// The value as this tracker can show it: GitHub has no "in progress".
    pub fn shows(self, progress: Progress) -> Progress {
        match (self, progress) {
            (Self::Github, Progress::InProgress) => Progress::Open,
            (Self::Github | Self::JiraCloud | Self::JiraDataCenter, progress) => progress,
        }
    }

    /// The name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::JiraCloud => "jira-cloud",
            Self::JiraDataCenter => "jira-dc",
        }
    }
}

/// Identity of an issue: it survives renames and moves within a host (Jira's REST reference, Get issue).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IssueId {
    /// The tracker's host.
    pub host: Host,
    /// The tracker's numeric id, as text.
    pub id: String,
}

/// Where to find an issue: its identity, and the handles that trackers read faster by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IssueRef {
    /// Identity.
    pub id: IssueId,
    /// GitHub's GraphQL node id.
    pub node: Option<String>,
    /// `acme/payments#3` or `PLAT-7`; for people and paths, refreshed at each read.
    pub key: String,
    /// Page for people.
    pub url: String,
    /// Place it was last seen in.
    pub place: PlaceName,
    /// Numeric id of that place.
    pub place_id: String,
}

/// An issue as read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Where it is.
    pub at: IssueRef,
    /// Title.
    pub title: String,
    /// How far it is.
    pub progress: Progress,
    /// How far it is, in the tracker's words: `closed (not planned)`, `In Review`.
    pub status_text: String,
    /// Assigned accounts, in the tracker's order.
    pub assignees: Vec<AccountId>,
    /// Labels.
    pub labels: BTreeSet<String>,
    /// Due date, where the tracker has one.
    pub due: Option<NaiveDate>,
    /// Account that created it.
    pub author: Option<AccountId>,
    /// Account that closed it, when it is closed and the tracker says so.
    pub closed_by: Option<AccountId>,
    /// When it was last changed, by the tracker's clock.
    pub updated: DateTime<Utc>,
    /// When it was created, by the tracker's clock.
    pub created: DateTime<Utc>,
    /// When the tracker gave this answer, by its own clock, where it tells the time.
    #[serde(skip)]
    pub read: Option<DateTime<Utc>>,
    /// Our marker, where the read shows it.
    pub marker: Option<Marker>,
    /// Digest of our own block in the body, where the read shows it.
    pub block: Option<String>,
    /// Compared fields that the answer did not show. What stands here in their place means nothing: nothing is taken over,
    /// written or called changed because of it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unseen: BTreeSet<Field>,
    /// Whether somebody else than us chose the assignees, by the tracker's history; none where nobody asked, or it does not
    /// tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<bool>,
}

impl Issue {
    /// The fields that both sides, or we alone, write and that a read can show.
    pub const COMPARED: [Field; 4] = [Field::Owner, Field::Progress, Field::Labels, Field::Due];

    /// Whether the answer showed a field.
    pub fn shows(&self, field: Field) -> bool {
        !self.unseen.contains(&field)
    }

    /// Whether it carries a label: GitHub tells labels apart without regard to case, in any alphabet, and keeps the letters of the
    /// first use.
    pub fn carries(&self, label: &str) -> bool {
        let folded = label.to_lowercase();
        self.labels.iter().any(|present| present.to_lowercase() == folded)
    }

    /// What an answer tells that is older than another one: where the issue is, and nothing of what it holds. It was changed
    /// at `newest` at the latest.
    #[must_use]
    pub fn outdated(mut self, newest: DateTime<Utc>) -> Self {
        self.unseen.extend(Self::COMPARED);
        self.unseen.insert(Field::Block);
        self.updated = self.updated.max(newest);
        self.read = None;
        self
    }
}

/// An issue to be created: one request, with the marker in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Where.
    pub place: PlaceName,
    /// Numeric id of that place, as proven.
    pub place_id: String,
    /// Title, within the tracker's limits.
    pub title: String,
    /// Our block, as Markdown, already inert.
    pub body: String,
    /// Labels, ours among them.
    pub labels: BTreeSet<String>,
    /// Issue type by name, where the tracker has types.
    pub issue_type: Option<String>,
    /// Further fields by the tracker's field id.
    pub fields: BTreeMap<String, String>,
    /// Account to assign.
    pub assignee: Option<AccountId>,
    /// Due date.
    pub due: Option<NaiveDate>,
    /// How it will be recognised.
    pub marker: Marker,
    /// When it is too late to send it, because who can read the place was proven too long before (invariant 13); said right before
    /// it is sent.
    #[serde(skip)]
    pub before: Option<DateTime<Utc>>,
}

/// A value and what it replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// The value that must still be there when it is written.
    pub from: T,
    /// The new value.
    pub to: T,
}

/// What is to be changed in one issue. Empty members change nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The one account that we follow as owner.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<Change<Option<AccountId>>>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub progress: Option<Change<Progress>>,
    /// Accounts that an unfinished edit of ours assigned, and that nobody wants any more; they are taken off.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub unassign: BTreeSet<AccountId>,
    /// Labels of ours to add.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub add_labels: BTreeSet<String>,
    /// Labels of ours to remove.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub remove_labels: BTreeSet<String>,
    /// Due date.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<Change<Option<NaiveDate>>>,
    /// Our block in the body, as Markdown; `from` is the digest of the block that we wrote last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub block: Option<Change<String>>,
    /// A comment to add.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// How that comment is recognised, should it be there already.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment_mark: Option<CommentMark>,
    /// When it is too late to send `block` and `comment`, as for [`Draft::before`].
    #[serde(skip)]
    pub text_before: Option<DateTime<Utc>>,
}

/// How a comment is recognised, so that one decision is told once: an answer may get lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentMark {
    /// Of the decision that it tells; the tracker keeps it with the comment, out of sight. It says nothing to others.
    pub id: String,
    /// When that was decided, by our clock: the comment is no older.
    pub since: DateTime<Utc>,
}

impl Edit {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        let Self { text_before, comment_mark, .. } = self;
        *self == Self { text_before: *text_before, comment_mark: comment_mark.clone(), ..Self::default() }
    }

    /// The value that is asked of a shared field or said in a comment, to recognise it when it is refused: another one may
    /// be taken. None for the fields that are ours alone, whose refusal is hardly about the value.
    pub fn asks(&self, field: Field) -> Option<String> {
        match field {
            Field::Owner => {
                let to = self.owner.as_ref()?.to.as_ref();
                Some(to.map_or_else(String::new, AccountId::to_string))
            }
            Field::Progress => Some(self.progress.as_ref()?.to.to_string()),
            Field::Comment => self.comment.as_deref().map(digest::of_text),
            Field::Labels | Field::Due | Field::Block => None,
        }
    }
}

/// A field of an issue that we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Assignee.
    Owner,
    /// State, status, resolution.
    Progress,
    /// Labels.
    Labels,
    /// Due date.
    Due,
    /// Our block in the body.
    Block,
    /// A comment.
    Comment,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 6] =
        [Self::Owner, Self::Progress, Self::Labels, Self::Due, Self::Block, Self::Comment];

    /// The name in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Progress => "status",
            Self::Labels => "labels",
            Self::Due => "due date",
            Self::Block => "description",
            Self::Comment => "comment",
        }
    }
}

/// A field that the tracker did not take, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The field.
    pub field: Field,
    /// Why, as far as the tracker says.
    pub why: String,
}

/// What somebody else made of a field between our read and our write, so that our write replaced it unseen.
///
/// Neither tracker offers a conditional write (invariant 4 of `src/ARCHITECTURE.md`): what the field held in between is in its history
/// only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overtaken {
    /// The field.
    pub field: Field,
    /// Who changed it, as the tracker names them.
    pub by: String,
    /// What it was changed to, for people.
    pub value: String,
    /// The account that it was assigned to, if the tracker tells.
    pub assignee: Option<AccountId>,
}

/// Who can read a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Only those who were let in.
    Private,
    /// Everybody in the enterprise.
    Internal,
    /// Everybody, or everybody who asks.
    Public,
}

/// What is known of a place at one instant; proof before a create (invariant 13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceFacts {
    /// Numeric id.
    pub id: String,
    /// Its name now.
    pub name: PlaceName,
    /// Who can read it.
    pub visibility: Visibility,
    /// Whether it takes no new issues, and why.
    pub closed: Option<String>,
    /// Whether the issues that are there cannot be changed, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<String>,
    /// What this account may do there, as far as the tracker shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub powers: Option<String>,
    /// When this was read.
    pub read: DateTime<Utc>,
}

impl PlaceFacts {
    /// Digest of everything that can explain a refusal: what was refused under other facts is tried anew.
    pub fn digest(&self) -> String {
        let Self { id, name: _, visibility, closed, frozen, powers, read: _ } = self;
        digest::of_text(&format!("{id}\n{visibility:?}\n{closed:?}\n{frozen:?}\n{powers:?}"))
    }

    /// Digest of what every look at a place shows: with another one, all that is there is looked at anew.
    pub fn outside(&self) -> String {
        let Self { id, name: _, visibility, closed: _, frozen, powers: _, read: _ } = self;
        digest::of_text(&format!("{id}\n{visibility:?}\n{frozen:?}"))
    }
}
