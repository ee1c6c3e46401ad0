//! Reading JSON that somebody else wrote: what is not needed may be missing, null or of another form.
//!
//! Knows forms only. What is needed is required where it is read, so that an error page is never an empty list.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// An id: a text, which some servers write as a number.
pub(super) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Text(String),
        Number(u64),
    }
    Ok(match Id::deserialize(from)? {
        Id::Text(text) => text,
        Id::Number(number) => number.to_string(),
    })
}

/// A value whose absence, null and unexpected forms all mean that nothing is told.
pub(super) fn or_nothing<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    Ok(T::deserialize(Value::deserialize(from)?).unwrap_or_default())
}

/// The members of a list, with none in the place of each that cannot be read.
pub(super) fn each<'de, D, T>(from: D) -> Result<Vec<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(Vec::<Value>::deserialize(from)?.into_iter().map(|item| T::deserialize(item).ok()).collect())
}

/// The members of a map that can be read.
pub(super) fn readable_map<'de, D, T>(from: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let all: BTreeMap<String, Value> = or_nothing(from)?;
    Ok(all.into_iter().filter_map(|(key, value)| Some((key, T::deserialize(value).ok()?))).collect())
}
