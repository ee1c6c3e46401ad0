//! The answers of Confluence, as far as they are read.
//!
//! Knows shapes alone. What an answer leaves out is `None`, which is not the same as empty.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// A page of a listing.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    /// What it lists, each still to be understood: one that is odd spoils no other.
    pub(super) results: Vec<Value>,
    #[serde(rename = "_links", default)]
    pub(super) links: Links,
}

/// Where an answer leads on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Links {
    /// The rest of a listing; none when this is its end.
    #[serde(default)]
    pub(super) next: Option<String>,
    /// Where people find the site.
    #[serde(default)]
    pub(super) base: Option<String>,
}

/// The number of a content alone.
#[derive(Debug, Deserialize)]
pub(super) struct Numbered {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
}

/// A page, or something else that has a number.
#[derive(Debug, Deserialize)]
pub(super) struct Content {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    #[serde(rename = "type", default)]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) space: Option<Space>,
    #[serde(default)]
    pub(super) version: Option<Version>,
    #[serde(default)]
    pub(super) body: Option<Body>,
    #[serde(default)]
    pub(super) ancestors: Option<Vec<Numbered>>,
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    restrictions: Option<Restrictions>,
}

/// A space.
#[derive(Debug, Deserialize)]
pub(super) struct Space {
    #[serde(default)]
    pub(super) key: Option<String>,
}

/// A version.
#[derive(Debug, Deserialize)]
pub(super) struct Version {
    pub(super) number: u64,
}

/// A text.
#[derive(Debug, Deserialize)]
pub(super) struct Body {
    #[serde(default)]
    pub(super) storage: Option<Storage>,
}

/// A text in storage format.
#[derive(Debug, Deserialize)]
pub(super) struct Storage {
    pub(super) value: String,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    labels: Option<Shown<Label>>,
}

#[derive(Debug, Deserialize)]
struct Label {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Restrictions {
    #[serde(default)]
    read: Option<Restriction>,
}

/// To whom reading, or another operation, is restricted.
#[derive(Debug, Deserialize)]
pub(super) struct Restriction {
    #[serde(default)]
    restrictions: Option<Subjects>,
}

#[derive(Debug, Deserialize)]
struct Subjects {
    #[serde(default)]
    user: Option<Shown<Value>>,
    #[serde(default)]
    group: Option<Shown<Value>>,
}

/// A list within an answer, perhaps only its beginning.
#[derive(Debug, Deserialize)]
struct Shown<T> {
    results: Vec<T>,
}

/// What became of a page, by the second version of the interface or the first.
#[derive(Debug, Deserialize)]
pub(super) struct Fate {
    pub(super) status: String,
}

/// Somebody.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    #[serde(default)]
    pub(super) account_id: Option<String>,
    #[serde(default)]
    pub(super) username: Option<String>,
    #[serde(default)]
    pub(super) display_name: Option<String>,
}

/// Several of them.
#[derive(Debug, Deserialize)]
pub(super) struct Users {
    pub(super) results: Vec<User>,
}

impl Content {
    /// Names of its labels; none when they are not shown.
    pub(super) fn labels(&self) -> Option<Vec<String>> {
        let labels = self.metadata.as_ref()?.labels.as_ref()?;
        Some(labels.results.iter().map(|label| label.name.clone()).collect())
    }

    /// Whether it can be read by some only; none when that is not shown.
    pub(super) fn is_restricted(&self) -> Option<bool> {
        self.restrictions.as_ref()?.read.as_ref()?.is_set()
    }
}

impl Restriction {
    /// Whether anybody is named; none when that is not shown.
    pub(super) fn is_set(&self) -> Option<bool> {
        let subjects = self.restrictions.as_ref()?;
        let (user, group) = (subjects.user.as_ref()?, subjects.group.as_ref()?);
        Some(!user.results.is_empty() || !group.results.is_empty())
    }
}

/// A number, which the interface also writes as a text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    number.ok_or_else(|| D::Error::custom("this is no number of a content"))
}
