//! The Jira of the sandbox, as Cloud and as Data Center.

pub(crate) mod change;
pub(crate) mod data;
pub(crate) mod state;

use chrono::{DateTime, Utc};

use self::data::Site;
use super::{
    people::People,
    settings::JiraSettings,
    wire::{Answer, Call},
};

/// What a Jira needs from the world around it.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) people: &'a People,
    pub(crate) settings: &'a JiraSettings,
    pub(crate) now: DateTime<Utc>,
}

/// Answers a request, and says who asked.
pub(crate) fn answer(_site: &mut Site, _around: Around<'_>, _call: &Call) -> (Answer, Option<String>) {
    (Answer::empty(404), None)
}
