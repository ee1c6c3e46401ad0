//! Jira's JSON, as far as it is read. Lenient: only what identifies a thing must be there, the rest may be missing
//! or new. A list that must be there is required, so that an error page is never an empty list.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::lenient;
use crate::tracker::shown::Shown;

/// An issue, with the fields that we ask for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Issue {
    #[serde(deserialize_with = "lenient::id")]
    pub(super) id: String,
    pub(super) key: String,
    #[serde(default)]
    pub(super) fields: Fields,
    #[serde(default, deserialize_with = "lenient::or_nothing")]
    pub(super) properties: BTreeMap<String, Value>,
    /// A history of another form is none: it says nothing against the issue itself.
    #[serde(default, deserialize_with = "lenient::or_nothing")]
    pub(super) changelog: Option<Histories>,
    /// When the answer was given, by the site's clock.
    #[serde(skip)]
    pub(super) read: Option<DateTime<Utc>>,
}

/// Fields of an issue. Without its project and the time of its last change it is none, and the whole of it is unknown.
///
/// | field | not there | null |
/// |---|---|---|
/// | `assignee` | the owner is not shown; nor is it by an account without its id | nobody |
/// | `status` | the status is not shown | the same: every issue has one |
/// | `resolution` | of a closed issue, the status is not shown | none |
/// | `labels` | the labels are not shown | the same: none is an empty list |
/// | `duedate` | the due date is not shown | none |
/// | `creator` | nothing is told of whose it is | a visitor's |
/// | `created` | the last change bounds it | the same |
/// | `summary` | not compared | the same |
/// | `description` | not shown, so that the issue is no document | none was written |
/// | `security` | the site has no levels | none |
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    pub(super) summary: Option<String>,
    pub(super) status: Shown<Status>,
    pub(super) resolution: Shown<Resolution>,
    pub(super) assignee: Shown<User>,
    pub(super) creator: Shown<User>,
    pub(super) labels: Shown<Vec<String>>,
    pub(super) duedate: Shown<String>,
    pub(super) created: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) project: Option<Project>,
    pub(super) description: Shown<Value>,
    pub(super) security: Shown<Value>,
}

/// One member of a list of issues. One that cannot be read hides no other.
#[derive(Clone, Debug)]
pub(super) enum Listed {
    /// As Jira shows issues.
    Issue(Box<Issue>),
    /// Anything else, with its id where it has one.
    Odd(Option<String>),
}

impl Listed {
    /// The same, with the time of its answer.
    pub(super) fn answered(self, at: Option<DateTime<Utc>>) -> Self {
        match self {
            Self::Issue(issue) => Self::Issue(Box::new(Issue { read: at, ..*issue })),
            Self::Odd(id) => Self::Odd(id),
        }
    }
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let id = || value.get("id").and_then(|id| lenient::id(id).ok());
        Ok(Issue::deserialize(&value).map_or_else(|_| Self::Odd(id()), |issue| Self::Issue(Box::new(issue))))
    }
}

/// A status.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Status {
    pub(super) name: String,
    #[serde(default, rename = "statusCategory", deserialize_with = "lenient::or_nothing")]
    pub(super) category: Option<Category>,
}

/// `new`, `indeterminate`, `done` or `undefined`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Category {
    pub(super) key: String,
}

/// How an issue ended.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Resolution {
    pub(super) name: String,
}

/// An account: by id on Cloud, by name on Data Center.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct User {
    #[serde(rename = "accountId")]
    pub(super) account_id: Option<String>,
    pub(super) name: Option<String>,
}

/// A project. One that does not say that it is archived may take issues: a create that is refused says so, and makes
/// nothing. So it is with a permission that is not told.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Project {
    #[serde(deserialize_with = "lenient::id")]
    pub(super) id: String,
    pub(super) key: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_nothing")]
    pub(super) archived: bool,
    #[serde(default, rename = "issueTypes", deserialize_with = "lenient::or_nothing")]
    pub(super) kinds: Vec<Kind>,
}

/// Where a site says it is.
#[derive(Debug, Deserialize)]
pub(super) struct ServerInfo {
    #[serde(rename = "baseUrl")]
    pub(super) base_url: String,
}

/// Our permissions, by key.
#[derive(Debug, Deserialize)]
pub(super) struct Permissions {
    pub(super) permissions: BTreeMap<String, Permission>,
}

/// One permission.
#[derive(Debug, Deserialize)]
pub(super) struct Permission {
    #[serde(rename = "havePermission")]
    pub(super) is_granted: Option<bool>,
}

/// Answer of bulkfetch.
#[derive(Debug, Deserialize)]
pub(super) struct Fetched {
    pub(super) issues: Vec<Listed>,
}

/// A page of a Cloud search.
#[derive(Debug, Deserialize)]
pub(super) struct TokenPage {
    pub(super) issues: Vec<Listed>,
    #[serde(rename = "nextPageToken")]
    pub(super) next: Option<String>,
    #[serde(rename = "isLast")]
    pub(super) is_last: Option<bool>,
    #[serde(default, rename = "warningMessages", deserialize_with = "lenient::or_nothing")]
    pub(super) warnings: Vec<String>,
}

/// A page of a Data Center search.
#[derive(Debug, Deserialize)]
pub(super) struct NumberedPage {
    pub(super) issues: Vec<Listed>,
    pub(super) total: Option<usize>,
    /// What the site could not make of a query: then what it found may not be all.
    #[serde(default, rename = "warningMessages", deserialize_with = "lenient::or_nothing")]
    pub(super) warnings: Vec<String>,
}

/// Answer of a create.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    #[serde(deserialize_with = "lenient::id")]
    pub(super) id: String,
    pub(super) key: Option<String>,
}

/// What is listed in pages that are read by number.
pub(super) trait Item: serde::de::DeserializeOwned {
    /// Names of the member that holds the list: the editions differ, and so do versions.
    const MEMBERS: &'static [&'static str];
}

impl Item for Kind {
    const MEMBERS: &'static [&'static str] = &["issueTypes", "values", "createMetaIssueType"];
}

impl Item for FieldMeta {
    const MEMBERS: &'static [&'static str] = &["fields", "values", "results"];
}

impl Item for Comment {
    const MEMBERS: &'static [&'static str] = &["comments"];
}

impl Item for Project {
    const MEMBERS: &'static [&'static str] = &["values"];
}

impl Item for History {
    const MEMBERS: &'static [&'static str] = &["values"];
}

/// A page that is read by number.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// How much there is altogether.
    pub(super) total: Option<usize>,
    /// Whether nothing follows.
    pub(super) is_last: Option<bool>,
    /// How much fits on a page: less than that was the last of it.
    pub(super) size: Option<usize>,
}

impl<T: Item> Page<T> {
    /// The page that an answer holds; none if it has no such list.
    pub(super) fn of(mut answer: Value) -> Option<Self> {
        let number = |name: &str| answer.get(name)?.as_u64().and_then(|n| usize::try_from(n).ok());
        let (total, size) = (number("total"), number("maxResults"));
        let is_last = answer.get("isLast").and_then(Value::as_bool);
        let member = T::MEMBERS.iter().find(|name| answer.get(**name).is_some_and(Value::is_array))?;
        let list = answer.get_mut(*member)?;
        Some(Self { items: serde_json::from_value(list.take()).ok()?, total, is_last, size })
    }
}

/// An issue type.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Kind {
    #[serde(deserialize_with = "lenient::id")]
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default, deserialize_with = "lenient::or_nothing")]
    pub(super) subtask: bool,
    /// -1 for sub-tasks, 0 for issues, more for epics and what is above them; Cloud only.
    #[serde(default, rename = "hierarchyLevel", deserialize_with = "lenient::or_nothing")]
    pub(super) level: i64,
}

/// A field on a screen.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct FieldMeta {
    #[serde(rename = "fieldId")]
    pub(super) id: Option<String>,
    pub(super) key: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_nothing")]
    pub(super) schema: Option<Schema>,
    #[serde(default, deserialize_with = "lenient::or_nothing")]
    pub(super) required: bool,
    #[serde(default, rename = "hasDefaultValue", deserialize_with = "lenient::or_nothing")]
    pub(super) has_default: bool,
    #[serde(default, rename = "allowedValues", deserialize_with = "lenient::or_nothing")]
    pub(super) allowed: Vec<Value>,
}

/// What a field takes.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Schema {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) items: Option<String>,
    pub(super) custom: Option<String>,
    pub(super) system: Option<String>,
}

/// Transitions that are open to us. One that cannot be read cannot be taken; whether it would have been the one, nobody knows.
#[derive(Debug, Deserialize)]
pub(super) struct Transitions {
    #[serde(deserialize_with = "lenient::each")]
    pub(super) transitions: Vec<Option<Transition>>,
}

/// A transition.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Transition {
    #[serde(deserialize_with = "lenient::id")]
    pub(super) id: String,
    #[serde(default, deserialize_with = "lenient::or_nothing")]
    pub(super) name: String,
    pub(super) to: Status,
    #[serde(default, deserialize_with = "lenient::readable_map")]
    pub(super) fields: BTreeMap<String, FieldMeta>,
    #[serde(rename = "isAvailable")]
    pub(super) is_available: Option<bool>,
}

/// A comment. Its body is a document on Cloud and wiki text on Data Center.
///
/// | member | not there | null |
/// |---|---|---|
/// | `author` | nothing is told of whose it is | a visitor's |
/// | `body`, `created` | nothing is told of it | the same: every comment has them |
/// | `properties` | told by author and text | the same |
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Comment {
    #[serde(deserialize_with = "lenient::id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) author: Shown<User>,
    #[serde(default)]
    pub(super) body: Value,
    pub(super) created: Option<String>,
    /// Shown where they are asked for, and the site tells them.
    #[serde(default)]
    properties: Value,
}

impl Comment {
    /// A text within one of its properties.
    pub(super) fn value_of(&self, property: &str, member: &str) -> Option<&str> {
        let mut all = self.properties.as_array()?.iter();
        let found = all.find(|known| known.get("key").and_then(Value::as_str) == Some(property))?;
        found.get("value")?.get(member)?.as_str()
    }
}

/// The changelog within an issue: the newest changes in Cloud, all of them in Data Center.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Histories {
    pub(super) histories: Vec<History>,
}

/// What one person changed at one time. Of nothing less than that anything is concluded: a change that is not shown may be
/// the last word. An author that is not there is nobody whom it tells of; null is a visitor, or an account that is no more.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct History {
    #[serde(default)]
    pub(super) author: Shown<User>,
    pub(super) created: String,
    #[serde(default = "untold", deserialize_with = "items")]
    pub(super) items: Vec<HistoryItem>,
}

/// A change to something that is not told of something that is not told.
fn untold() -> Vec<HistoryItem> {
    vec![HistoryItem { field: None, to_id: None, to: Some(String::new()) }]
}

/// The changes, of which one that cannot be read does not say of what it is.
fn items<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<HistoryItem>, D::Error> {
    let Value::Array(items) = Value::deserialize(from)? else { return Ok(untold()) };
    let read = |item| HistoryItem::deserialize(item).map_or_else(|_| untold(), |item| vec![item]);
    Ok(items.into_iter().flat_map(read).collect())
}

impl HistoryItem {
    /// Whether it says of what it is, or at least changes nothing to anything.
    pub(super) fn is_told(&self) -> bool {
        self.field.is_some() || self.to_id.is_none() && self.to.is_none()
    }
}

impl History {
    /// Whether it changes a field.
    pub(super) fn changes(&self, field: &str) -> bool {
        self.items.iter().any(|item| item.field.as_deref() == Some(field))
    }
}

/// One field's change.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct HistoryItem {
    pub(super) field: Option<String>,
    /// For a person: the account in Cloud, the user's key in Data Center.
    #[serde(rename = "to")]
    pub(super) to_id: Option<String>,
    #[serde(rename = "toString")]
    pub(super) to: Option<String>,
}

/// An instant: `2026-03-01T10:00:00.000+0000`, or RFC 3339.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let own = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    own.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|at| at.with_timezone(&Utc))
}
