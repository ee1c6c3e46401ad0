//! Texts of the strict format, each with the shape its schema demands.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $id:literal { $($key:literal : $value:expr),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(transparent)]
        pub(super) struct $name(String);

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                $id.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", $($key: $value),+ })
            }
        }
    )+};
}

texts! {
    /// An id.
    Slug = "slug" {
        "description": "Letters, digits, dots, hyphens and underscores, beginning with a letter or digit, 64 at most",
        "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
    }
    /// One line.
    Line = "line" { "minLength": 1, "maxLength": 500, "pattern": r"^[^\r\n]*$" }
    /// A web address.
    Url = "url" {
        "description": "A web address that begins with https:// or http://",
        "pattern": r"^https?://[^\s]+$", "maxLength": 2000,
    }
    /// A day.
    Day = "date" {
        "description": "A date such as 2026-03-04",
        "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$",
    }
    /// A day, or an instant with an offset.
    Moment = "when" {
        "description": "A date such as 2026-03-04, or a time with its offset such as 2026-03-04T09:00:00+01:00; a bare local time is refused",
        "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?$",
    }
    /// Somebody.
    Someone = "person" {
        "description": "A key of the people directory, an e-mail address, @github-login, or jira:accountId",
        "minLength": 1, "maxLength": 200,
    }
    /// An issue.
    Issue = "tracker_ref" {
        "description": "A web address, owner/repo#n, or ABC-123",
        "pattern": r"^(https?://[^\s]+|[A-Za-z0-9-]+/[A-Za-z0-9._-]+#[1-9]\d*|[A-Z][A-Z0-9_]+-[1-9]\d*)$",
    }
    /// Several paragraphs.
    Prose = "prose" { "maxLength": 20000 }
    /// A paragraph.
    Note = "note" { "maxLength": 4000 }
    /// Key of an earlier finding.
    Earlier = "earlier" { "maxLength": 130 }
}
