//! A member of a JSON object: not there, null, or a value.
//!
//! Knows only that these are three things. A member that is not there tells nothing, and what a null tells is for whoever
//! reads it to say, by what the API documents of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};

use crate::model::issue::Field;

/// A member of an answer. A struct that holds one says `#[serde(default)]`, which stands for what is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown<T> {
    /// The answer does not have it.
    #[default]
    Absent,
    /// It is null.
    Null,
    /// It has a value.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shown<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Null, Self::Value))
    }
}

impl<T> Shown<T> {
    /// The value, if there is one.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, if there is one.
    pub(super) fn as_value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Whether the answer does not have it.
    pub(super) fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Null | Self::Value(_) => false,
        }
    }

    /// Whether there is a value. Nothing else tells where no meaning of a null is documented.
    pub(super) fn is_value(&self) -> bool {
        self.as_value().is_some()
    }
}

/// The fields of an issue that an answer did not show.
pub(super) fn unseen(fields: impl IntoIterator<Item = (Field, bool)>) -> BTreeSet<Field> {
    fields.into_iter().filter_map(|(field, is_shown)| (!is_shown).then_some(field)).collect()
}
