//! Jira's JSON, as far as it is read. Lenient: only what identifies a thing must be there, the rest may be missing
//! or new. A list that must be there is required, so that an error page is never an empty list.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// An issue, with the fields that we ask for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Issue {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) fields: Fields,
    #[serde(default)]
    pub(super) properties: BTreeMap<String, Value>,
    pub(super) changelog: Option<Histories>,
}

/// Fields of an issue.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Fields {
    pub(super) summary: Option<String>,
    pub(super) status: Option<Status>,
    pub(super) resolution: Option<Named>,
    pub(super) assignee: Option<User>,
    pub(super) creator: Option<User>,
    pub(super) labels: Option<Vec<String>>,
    pub(super) duedate: Option<String>,
    pub(super) created: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) project: Option<Project>,
}

/// A status.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Status {
    pub(super) name: String,
    #[serde(rename = "statusCategory")]
    pub(super) category: Option<Category>,
}

/// `new`, `indeterminate`, `done` or `undefined`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Category {
    pub(super) key: String,
}

/// Something with a name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

/// An account: by id on Cloud, by name on Data Center.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct User {
    #[serde(rename = "accountId")]
    pub(super) account_id: Option<String>,
    pub(super) name: Option<String>,
}

/// A project.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) key: String,
    #[serde(default)]
    pub(super) archived: bool,
}

/// Our permissions, by key.
#[derive(Debug, Deserialize)]
pub(super) struct Permissions {
    pub(super) permissions: BTreeMap<String, Permission>,
}

/// One permission.
#[derive(Debug, Deserialize)]
pub(super) struct Permission {
    #[serde(rename = "havePermission", default)]
    pub(super) is_granted: bool,
}

/// Answer of bulkfetch.
#[derive(Debug, Deserialize)]
pub(super) struct Fetched {
    pub(super) issues: Vec<Issue>,
}

/// A page of a Cloud search.
#[derive(Debug, Deserialize)]
pub(super) struct TokenPage {
    pub(super) issues: Vec<Issue>,
    #[serde(rename = "nextPageToken")]
    pub(super) next: Option<String>,
    #[serde(rename = "isLast")]
    pub(super) is_last: Option<bool>,
}

/// A page of a Data Center search.
#[derive(Debug, Deserialize)]
pub(super) struct NumberedPage {
    pub(super) issues: Vec<Issue>,
    pub(super) total: usize,
}

/// Answer of a create.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub(super) id: String,
    pub(super) key: String,
}

/// A page of a list that is read by number.
pub(super) trait Page: DeserializeOwned {
    /// What is listed.
    type Item;

    /// What is on the page, and how much there is altogether where the answer says so.
    fn parts(self) -> (Vec<Self::Item>, Option<usize>);
}

/// A page of issue types: Cloud and Data Center name the list differently.
#[derive(Debug, Deserialize)]
pub(super) struct KindPage {
    #[serde(alias = "issueTypes")]
    values: Vec<Kind>,
    total: Option<usize>,
}

impl Page for KindPage {
    type Item = Kind;

    fn parts(self) -> (Vec<Kind>, Option<usize>) {
        (self.values, self.total)
    }
}

/// An issue type.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Kind {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) subtask: bool,
}

/// A page of the fields of an issue type.
#[derive(Debug, Deserialize)]
pub(super) struct FieldPage {
    #[serde(alias = "fields")]
    values: Vec<FieldMeta>,
    total: Option<usize>,
}

impl Page for FieldPage {
    type Item = FieldMeta;

    fn parts(self) -> (Vec<FieldMeta>, Option<usize>) {
        (self.values, self.total)
    }
}

/// A field on a screen.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct FieldMeta {
    #[serde(rename = "fieldId")]
    pub(super) id: Option<String>,
    pub(super) key: Option<String>,
    pub(super) schema: Option<Schema>,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(rename = "hasDefaultValue", default)]
    pub(super) has_default: bool,
    #[serde(rename = "allowedValues", default)]
    pub(super) allowed: Vec<Value>,
}

/// What a field takes.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Schema {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) items: Option<String>,
    pub(super) custom: Option<String>,
}

/// Transitions that are open to us.
#[derive(Debug, Deserialize)]
pub(super) struct Transitions {
    pub(super) transitions: Vec<Transition>,
}

/// A transition.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Transition {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) to: Status,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, FieldMeta>,
    #[serde(rename = "isAvailable")]
    pub(super) is_available: Option<bool>,
}

/// A page of comments.
#[derive(Debug, Deserialize)]
pub(super) struct CommentPage {
    comments: Vec<Comment>,
    total: Option<usize>,
}

impl Page for CommentPage {
    type Item = Comment;

    fn parts(self) -> (Vec<Comment>, Option<usize>) {
        (self.comments, self.total)
    }
}

/// A comment. Its body is a document on Cloud and wiki text on Data Center.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Comment {
    pub(super) id: String,
    pub(super) author: Option<User>,
    #[serde(default)]
    pub(super) body: Value,
    pub(super) created: Option<String>,
}

/// A page of the changelog on Cloud.
#[derive(Debug, Deserialize)]
pub(super) struct HistoryPage {
    values: Vec<History>,
    total: Option<usize>,
}

impl Page for HistoryPage {
    type Item = History;

    fn parts(self) -> (Vec<History>, Option<usize>) {
        (self.values, self.total)
    }
}

/// The changelog within an issue on Data Center.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Histories {
    pub(super) histories: Vec<History>,
}

/// What one person changed at one time.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct History {
    pub(super) author: Option<User>,
    pub(super) created: String,
    #[serde(default)]
    pub(super) items: Vec<HistoryItem>,
}

/// One field's change.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct HistoryItem {
    #[serde(default)]
    pub(super) field: Option<String>,
    #[serde(rename = "toString", default)]
    pub(super) to: Option<String>,
}

/// An instant: `2026-03-01T10:00:00.000+0000`, or RFC 3339.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let own = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    own.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|at| at.with_timezone(&Utc))
}
