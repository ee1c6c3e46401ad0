//! What a Jira's own words for status and resolution mean, and which of them are written.

use std::collections::BTreeMap;

use super::terms::Progress;

/// Names that close an issue without doing it, as resolution or as status. They never mean resolved.
const DECLINED: &[&str] = &[
    "Won't Do",
    "Won't Fix",
    "Wont Do",
    "Wont Fix",
    "Will Not Do",
    "Will Not Fix",
    "Duplicate",
    "Cannot Reproduce",
    "Can't Reproduce",
    "Incomplete",
    "Declined",
    "Not a Bug",
    "Not an Issue",
    "Invalid",
    "Works as Designed",
    "Rejected",
    "Cancelled",
    "Canceled",
    "Abandoned",
    "Obsolete",
    "Out of Scope",
    "Known Error",
];

/// What statuses and resolutions mean. Names ignore case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusMap {
    /// Meaning of statuses by name; all others follow their category.
    pub names: BTreeMap<String, Progress>,
    /// Resolutions, and names of closed statuses, that decline an issue.
    pub declined: Vec<String>,
    /// Statuses to aim for, the best first; without an entry any status with that meaning.
    pub targets: BTreeMap<Progress, Vec<String>>,
    /// Resolution to set with a closing status, even if the transition's screen does not list the field.
    pub resolutions: BTreeMap<Progress, String>,
}

impl Default for StatusMap {
    fn default() -> Self {
        Self {
            names: BTreeMap::new(),
            declined: DECLINED.iter().map(|name| (*name).to_owned()).collect(),
            targets: BTreeMap::new(),
            resolutions: BTreeMap::new(),
        }
    }
}

impl StatusMap {
    /// What a status means by its name; none leaves it to the status's category.
    pub fn named(&self, status: &str) -> Option<Progress> {
        let known = self.names.iter().find(|(name, _)| same(name, status));
        known.map(|(_, progress)| *progress)
    }

    /// Whether a resolution, or the name of a closed status, means won't do, not planned or duplicate.
    pub fn is_declined(&self, name: &str) -> bool {
        self.declined.iter().any(|declined| same(declined, name))
    }
}

/// Whether two names are the same to Jira: it ignores case, and people type either apostrophe.
pub fn same(a: &str, b: &str) -> bool {
    let plain = |name: &str| name.trim().to_lowercase().replace('\u{2019}', "'");
    plain(a) == plain(b)
}
