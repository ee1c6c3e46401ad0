//! Building blocks of the file types: parts that are read on their own, and values that may also be lists.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A part of a file that is read on its own, so that a mistake in it does not hide the mistakes in others.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part<T> {
    /// It could be read.
    Read(T),
    /// It could not; the schema says why.
    Wrong(Value),
}

impl<T> Part<T> {
    /// What was read, if it could be.
    pub fn read(&self) -> Option<&T> {
        match self {
            Self::Read(part) => Some(part),
            Self::Wrong(_) => None,
        }
    }
}

impl<T: Default> Default for Part<T> {
    fn default() -> Self {
        Self::Read(T::default())
    }
}

impl<T: JsonSchema> JsonSchema for Part<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// One value, or a list of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        either("array", json_schema!({ "type": "array", "items": one, "minItems": 1 }), one)
    }
}

/// The schema of a value that has one form when it is of JSON type `kind` and another form when it is not.
/// Unlike `anyOf`, a violation then says what is wrong with the form that was chosen.
pub(super) fn either(kind: &str, then: Schema, otherwise: Schema) -> Schema {
    json_schema!({ "if": { "type": kind }, "then": then, "else": otherwise })
}
