//! What was seen of something outside: unreadable is never absent.

use serde::{Deserialize, Serialize};

/// Outcome of looking at something outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed<T> {
    /// It is there, and this is its value.
    Known(T),
    /// A complete, authorised look found nothing.
    Missing,
    /// It could not be looked at. No action ever follows from this.
    Unknown {
        /// Why not, for people.
        why: String,
    },
}

impl<T> Observed<T> {
    /// Shorthand for [`Observed::Unknown`].
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into() }
    }

    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Missing | Self::Unknown { .. } => None,
        }
    }

    /// Transforms a known value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Known(value) => Observed::Known(f(value)),
            Self::Missing => Observed::Missing,
            Self::Unknown { why } => Observed::Unknown { why },
        }
    }
}
