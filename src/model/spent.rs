//! What a credential was used for lately: trackers count it over all processes, and so does the register.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

/// What a credential was used for, as far as trackers limit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Something was created.
    Create,
    /// Something that exists was changed.
    Write,
    /// The tracker refused something because of too much traffic.
    Refused,
}

impl Use {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Create, Self::Write, Self::Refused];

    /// Its name in the register.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Write => "write",
            Self::Refused => "refused",
        }
    }

    /// The use of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// How often a credential was used for something in one second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// A digest that tells credentials apart; never the credential.
    pub credential: String,
    /// For what.
    pub kind: Use,
    /// The end of that second.
    pub at: DateTime<Utc>,
    /// How often.
    pub n: u32,
}

/// The second that an instant is counted in, by its end.
pub fn second(at: DateTime<Utc>) -> DateTime<Utc> {
    let begun = at.duration_trunc(TimeDelta::seconds(1)).unwrap_or(at);
    if begun == at { at } else { begun + TimeDelta::seconds(1) }
}
